"""The book's statements about the hard margin (sections 7.3 and 7.9), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from math import sqrt
from typing import Any

import numpy as np
import pytest

from geometry.naive_hulls import exact, inner
from mathdl import HardMarginSVM, Hyperplane, separate, verify
from mathdl.errors import InputError, NotSeparableError
from mathdl.exact.linear_algebra import solve
from mathdl.geometry.points import fractions

X_2A, Y_2A = [[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1]
X_2B, Y_2B = [*X_2A, [-1, 1]], [*Y_2A, -1]
X_2C, Y_2C = [*X_2B, [0.5, 1]], [*Y_2B, 1]
X_3 = [[0, 0], [1, 0], [1, 1], [2, 1]]
Y_3B = [1, 1, -1, -1]
RED, BLUE = [[0, 0], [0, 1]], [[2, 0], [2, 1]]
SIX_B = ([[0, 0], [-1, 0], [0, -1], [2, 2], [3, 2], [2, 3]], [-1, -1, -1, 1, 1, 1])


def repeated(n: int) -> tuple[list[list[float]], list[int]]:
    return [[0.0, 0.0]] * n + [[1.0, 0.0]] * n, [-1] * n + [1] * n


DATA: dict[str, tuple[Any, Any]] = {
    "2a": (X_2A, Y_2A),
    "2b": (X_2B, Y_2B),
    "2c": (X_2C, Y_2C),
    "3b": (X_3, Y_3B),
    "5a": repeated(4),
    "5c": ([*repeated(4)[0], [0.5, 0.0]], [*repeated(4)[1], -1]),
    "6b": SIX_B,
}
for SEED in range(12):
    POINTS = np.random.default_rng(SEED).integers(-9, 10, size=(14, 1 + SEED % 4)) / 4
    SIDES = POINTS[:, 0] + 0.03 * POINTS.sum(axis=1) > 0.26
    if 0 < SIDES.sum() < 14:
        DATA[f"random {SEED}"] = (POINTS, np.where(SIDES, 1, -1))


def fitted(X: Any, y: Any) -> HardMarginSVM:
    model = HardMarginSVM().fit(X, y)
    assert model.exact_solution_ is not None
    return model


def solution(X: Any, y: Any) -> tuple[list[Fraction], Fraction]:
    found = fitted(X, y).exact_solution_
    return list(found.normal), found.offset


def values(X: Any, y: Any) -> list[Fraction]:
    w, b = solution(X, y)
    return [inner(w, x) - b for x in exact(np.array(X, dtype=float))]


def test_fig_7_4() -> None:
    bad, best = Hyperplane(fractions([10, 0]), Fraction(19)), fitted(RED + BLUE, [-1, -1, 1, 1])
    for plane in (bad, best.decision_boundary_):
        assert plane.strictly_separates(RED, BLUE)
    assert bad.distance(BLUE) == pytest.approx([0.1, 0.1])
    assert best.decision_boundary_.distance(BLUE).tolist() == [1, 1]
    new = [[1.7, 0.5]]
    assert bad.value(new) < 0 < best.decision_boundary_.value(new)
    assert best.predict(new) == [1]


def test_fig_7_5() -> None:
    for k in range(1, 64):
        assert Hyperplane(fractions([1, 0]), Fraction(k, 32)).strictly_separates(RED, BLUE)
        offset = Fraction(1, 4) + Fraction(7 * k, 256)
        assert Hyperplane(fractions([1, 0.25]), offset).strictly_separates(RED, BLUE)
    assert solution(RED + BLUE, [-1, -1, 1, 1]) == ([1, 0], 1)


def test_fig_7_6() -> None:
    model = fitted(X_2C, Y_2C)
    assert (model.coef_.tolist(), model.intercept_.tolist()) == ([[2, 1]], [-1])
    assert model.margin_ == pytest.approx(2 / sqrt(5), rel=1e-15)
    assert model.support_.tolist() == [1, 2, 5]
    assert min(abs(value) for value in values(X_2C, Y_2C)) == 1


@pytest.mark.parametrize("name", DATA)
def test_eq_7_9(name: str) -> None:
    X, y = DATA[name]
    found = fitted(X, y).exact_solution_
    rows = exact(np.array(X, dtype=float))
    assert all(sign * (inner(found.normal, x) - found.offset) >= 1 for sign, x in zip(y, rows, strict=True))
    assert all(a >= 0 for a in found.multipliers.values())
    assert sum(int(y[i]) * a for i, a in found.multipliers.items()) == 0
    for j, value in enumerate(found.normal):
        assert value == sum(int(y[i]) * a * rows[i][j] for i, a in found.multipliers.items())
    square = inner(found.normal, found.normal)
    assert sum(found.multipliers.values()) - square / 2 == square / 2
    printed = {"2a": {1: 2, 2: 2}, "2c": {1: Fraction(3, 2), 2: Fraction(5, 2), 5: 1}}
    assert found.multipliers == printed.get(name, found.multipliers)


def test_eq_7_9_needs_both_classes() -> None:
    with pytest.raises(InputError, match="holds 1 class"):
        HardMarginSVM().fit(X_2A, [1, 1, 1, 1])


@pytest.mark.parametrize("name", DATA)
def test_eq_7_10(name: str) -> None:
    X, y = np.array(DATA[name][0], dtype=float), np.array(DATA[name][1])
    model, (w, b) = fitted(X, y), solution(X, y)
    # The shortest w with equality at the support vectors, by its own conditions.
    rows, labels = exact(X[model.support_]), [Fraction(int(label)) for label in y[model.support_]]
    p = X.shape[1]
    assert all(inner(w, row) - b == label for row, label in zip(rows, labels, strict=True))
    basis: list[int] = []
    for k in range(len(rows)):  # equations that do not depend on one another
        chosen = [[*rows[i], Fraction(-1)] for i in [*basis, k]]
        gram = [[int(64 * inner(a, c)) for c in chosen] for a in chosen]
        if solve(gram, [[0]] * len(chosen)) is not None:
            basis.append(k)
    size = p + 1 + len(basis)
    system = [[0] * size for _ in range(size)]
    right = [[0] for _ in range(size)]
    for j in range(p):
        system[j][j] = 1
    for e, k in enumerate(basis):
        for j, value in enumerate([*rows[k], Fraction(-1)]):
            system[j][p + 1 + e] = system[p + 1 + e][j] = int(4 * value)
        right[p + 1 + e] = [int(4 * labels[k])]
    shortest = solve(system, right)
    assert shortest is not None
    assert [value for (value,) in shortest[: p + 1]] == [*w, b]
    # Without any of the other points nothing changes; y is the label of each support vector z.
    for drop in sorted(set(range(len(X))) - set(model.support_)):
        kept = np.arange(len(X)) != drop
        assert solution(X[kept], y[kept]) == (w, b)
    assert solution(X[model.support_], y[model.support_]) == (w, b)


def test_exercise_7_2a() -> None:
    model = fitted(X_2A, Y_2A)
    assert solution(X_2A, Y_2A) == ([2, 0], 1)
    assert model.margin_ == 1
    assert model.support_.tolist() == [1, 2]  # two, where the book asks for one
    assert values(X_2A, Y_2A) == [-3, 1, -1, 3]
    assert model.dual_coef_.tolist() == [[2, -2]]


def test_exercise_7_2b() -> None:
    assert solution(X_2B, Y_2B) == ([2, 0], 1)
    assert values(X_2B, Y_2B)[4] == -3
    assert fitted(X_2B, Y_2B).support_.tolist() == [1, 2]


def test_exercise_7_2c() -> None:
    assert fitted(X_2A, Y_2A).decision_function([[0.5, 1]]) == [0]
    model = fitted(X_2C, Y_2C)
    assert solution(X_2C, Y_2C) == ([2, 1], 1)
    assert values(X_2C, Y_2C) == [-3, 1, -1, 3, -2, 1]
    assert model.dual_coef_.tolist() == [[1.5, -2.5, 1]]
    found = model.exact_solution_
    nearest = [
        [sum(a * Fraction(X_2C[i][j]) for i, a in found.multipliers.items() if Y_2C[i] == s) for j in (0, 1)]
        for s in (-1, 1)
    ]
    assert [[x / found.half_square for x in point] for point in nearest] == [[0, 0], [Fraction(4, 5), Fraction(2, 5)]]


def test_exercise_7_3a_1() -> None:
    labels = [1, -1, -1, 1]
    with pytest.raises(NotSeparableError) as caught:
        HardMarginSVM().fit(X_3, labels)
    found = caught.value.separation
    assert verify(found.certificate, [*X_3[1:3], X_3[0], X_3[3]], ["A", "A", "B", "B"])
    # Added with these multipliers, the constraints would say 2 <= -2.
    assert found.weights[0].tolist() == found.weights[1].tolist() == [0.5, 0.5]
    assert np.add(X_3[0], X_3[3]).tolist() == np.add(X_3[1], X_3[2]).tolist() == [2, 1]


def test_exercise_7_3a_2() -> None:
    found = separate([X_3[0], X_3[3]], [X_3[1], X_3[2]])
    assert found.common_point.tolist() == [1, 0.5]
    # Two segments that are not parallel meet in one point.
    assert np.linalg.det(np.subtract([X_3[3], X_3[2]], [X_3[0], X_3[1]])) != 0


def test_exercise_7_3b_1() -> None:
    model = fitted(X_3, Y_3B)
    assert solution(X_3, Y_3B) == ([0, -2], -1)
    assert model.margin_ == 1
    assert model.support_.tolist() == [0, 1, 2, 3]


def test_exercise_7_3b_2() -> None:
    found = separate(X_3[:2], X_3[2:])
    assert found.separable
    assert fitted(X_3, Y_3B).margin_ == 1
    assert np.subtract(X_3[2], X_3[1]).tolist() == [0, 1]


def test_exercise_7_3c() -> None:
    squares: dict[tuple[int, ...], Any] = {}
    for labels in product((1, -1), repeat=4):
        if len(set(labels)) == 1:  # w = 0 satisfies the constraints, but there is no boundary
            with pytest.raises(InputError, match="holds 1 class"):
                HardMarginSVM().fit(X_3, labels)
            continue
        classes = [[x for x, label in zip(X_3, labels, strict=True) if label == s] for s in (1, -1)]
        try:
            squares[labels] = 2 * fitted(X_3, labels).exact_solution_.half_square
        except NotSeparableError:
            squares[labels] = None
        assert separate(*classes).separable == (squares[labels] is not None)
    assert {k for k, v in squares.items() if v is None} == {(1, -1, -1, 1), (-1, 1, 1, -1)}
    half = {(1, 1, -1, -1): 4, (1, 1, 1, -1): 4, (1, -1, -1, -1): 4}
    half |= {(1, 1, -1, 1): 20, (1, -1, 1, 1): 20, (1, -1, 1, -1): 8}
    for labels, square in half.items():
        assert squares[labels] == squares[tuple(-label for label in labels)] == square
    assert len(squares) == 14
    assert fitted(X_3, [1, -1, 1, -1]).support_.tolist() == [0, 1, 2, 3]


@pytest.mark.parametrize("n", [1, 2, 50])
def test_exercise_7_5a(n: int) -> None:
    model = fitted(*repeated(n))
    assert solution(*repeated(n)) == ([2, 0], 1)
    assert model.margin_ == 1
    assert model.support_.tolist() == list(range(2 * n))


@pytest.mark.parametrize("n", [1, 2, 50])
def test_exercise_7_5c(n: int) -> None:
    X, y = repeated(n)
    model = fitted([*X, [0.5, 0.0]], [*y, -1])
    assert solution([*X, [0.5, 0.0]], [*y, -1]) == ([4, 0], 3)
    assert model.margin_ == 0.5
    assert sorted(model.exact_solution_.multipliers.values()) == [8, 8]


def test_exercise_7_6a_1() -> None:
    for x3, normal in [((2, 0), [1, 0]), ((-2, 0), [-1, 0])]:  # the third point fixes the sign
        assert solution([(0, 0), (0, 1), x3], [-1, -1, 1]) == (normal, 1)


def test_exercise_7_6a_2() -> None:
    generator, unique = np.random.default_rng(76), 0
    for _ in range(60):
        x1, x2, x3 = generator.integers(-2, 3, size=(3, 2)).tolist()
        area = (x2[0] - x1[0]) * (x3[1] - x1[1]) - (x2[1] - x1[1]) * (x3[0] - x1[0])
        found = solve([[*x1, -1], [*x2, -1], [*x3, -1]], [[-1], [-1], [1]])
        assert (found is None) == (area == 0)
        unique += found is not None
        if found is not None and len(model := fitted([x1, x2, x3], [-1, -1, 1]).support_) == 3:
            assert [value for (value,) in found] == [*solution([x1, x2, x3], [-1, -1, 1])[0], found[2][0]]
            assert model.tolist() == [0, 1, 2]
    assert 20 < unique < 60


def test_exercise_7_6b_1() -> None:
    x1, x2 = [Fraction(0), Fraction(0)], [Fraction(2), Fraction(2)]
    for s in (Fraction(-7), Fraction(0), Fraction(1, 3), Fraction(10**9)):
        w, b = [Fraction(1, 2) + s, Fraction(1, 2) - s], 1
        assert (inner(w, x1) - b, inner(w, x2) - b) == (-1, 1)


def test_exercise_7_6b_2() -> None:
    assert solution([(0, 0), (2, 2)], [-1, 1]) == ([0.5, 0.5], 1)
    for seed in range(20):
        x1, x2 = np.random.default_rng(seed).integers(-5, 6, size=(2, 2))
        if (x1 == x2).all():
            continue
        d, w0 = x2 - x1, 2 * fractions(x2 - x1) / int((x2 - x1) @ (x2 - x1))
        assert solution([x1, x2], [-1, 1]) == (list(w0), w0 @ (x1 + x2) / 2)
        square = np.array([-d[1], d[0]])
        for s in (Fraction(-3), Fraction(1, 7)):
            other = w0 + s * square
            assert other @ other == w0 @ w0 + s**2 * int(square @ square)


def test_exercise_7_6b_3() -> None:
    X, y = SIX_B
    for s, separates in [(0, True), (0.25, True), (-0.25, True), (0.5, True), (0.5 + 2**-40, False), (-0.75, False)]:
        plane = Hyperplane(fractions([0.5 + s, 0.5 - s]), Fraction(1))
        tight = [sign * value for sign, value in zip(y, plane.value(X), strict=True)]
        assert (min(tight) >= 1) == separates
        if abs(s) < 0.5:
            assert [i for i, value in enumerate(tight) if value == 1] == [0, 3]


def test_exercise_7_6b_4() -> None:
    assert solution(*SIX_B) == ([0.5, 0.5], 1)
    assert fitted(*SIX_B).exact_solution_.half_square == Fraction(1, 4)  # that of (1/2 + s, 1/2 - s) is 1/4 + s^2


def test_exercise_7_6b_5() -> None:
    seen = 0
    for seed in range(60):
        generator = np.random.default_rng(seed)
        X = np.vstack([generator.integers(-9, 0, size=(4, 2)), generator.integers(1, 10, size=(4, 2))])
        y = np.repeat([-1, 1], 4)
        model = fitted(X, y)
        if len(model.support_) == 2:
            seen += 1
            x1, x2 = X[model.support_]
            w = 2 * fractions(x2 - x1) / int((x2 - x1) @ (x2 - x1))
            assert solution(X, y) == (list(w), w @ (x1 + x2) / 2)
    assert seen > 10


@pytest.mark.parametrize("name", DATA)
def test_exercise_7_6c(name: str) -> None:
    X, y = DATA[name]
    assert set(np.asarray(y)[fitted(X, y).support_].tolist()) == {-1, 1}


def test_exercise_7_6c_four_support_vectors() -> None:
    for X, y in [(X_3, Y_3B), (RED + BLUE, [-1, -1, 1, 1])]:
        assert fitted(X, y).support_.tolist() == [0, 1, 2, 3]
    assert solution(RED + BLUE, [-1, -1, 1, 1]) == ([1, 0], 1)
