"""The solution of a symmetric system of linear equations that is nearest to a point, in rational numbers."""

from __future__ import annotations

from fractions import Fraction
from operator import mul

from mathdl.exact.linear_algebra import independent_rows, solve
from mathdl.exact.whole_numbers import over_one_denominator

Vector = list[Fraction]


def nearest_solution(matrix: list[list[int]], right: Vector, start: Vector) -> Vector | None:
    """Return the solution of a symmetric system that is nearest to ``start``; None where there is none."""
    residual, denominator = over_one_denominator(
        [b - sum(map(mul, row, start), Fraction(0)) for row, b in zip(matrix, right, strict=True)]
    )
    solution = solve(matrix, [[v] for v in residual])
    change = [v for (v,) in solution] if solution else _shortest_solution(matrix, residual)
    return None if change is None else [v + c / denominator for v, c in zip(start, change, strict=True)]


def _shortest_solution(matrix: list[list[int]], right: list[int]) -> Vector | None:
    """Return the shortest solution of a singular system, a combination of independent rows; None without one."""
    rows, change = independent_rows(matrix), [Fraction(0)] * len(matrix)
    while True:
        if rows:
            gram = [[sum(map(mul, matrix[i], matrix[j])) for j in rows] for i in rows]
            factors = solve(gram, [[right[i]] for i in rows])
            if factors is None:  # the row that was added depends on the others, and its number is another one
                return None
            change = [
                sum((matrix[i][j] * v for i, (v,) in zip(rows, factors, strict=True)), Fraction(0))
                for j in range(len(matrix))
            ]
        wrong = (i for i, row in enumerate(matrix) if sum(map(mul, row, change)) != right[i])
        failing = next(wrong, None)
        if failing is None:
            return change
        rows.append(failing)
