"""Section 9.6: exercises 9.1 to 9.5."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import cos, exp, sin
from typing import Any

import numpy as np

import mathdl
from mathdl import chain
from mathdl.book.chapter09.products import sparse_product
from mathdl.book.finding import Findings, differs, equals, erratum, near, refutes
from mathdl.book.item import item
from mathdl.errors import InputError
from mathdl.plots import plot_expression

TRY_COUNT = "mathdl.count_operations(mathdl.chain.exp(x := mathdl.variables('x')) + 6 * mathdl.chain.exp(3 * x) - 5)"


class Called:
    """The function f(t) = t^2 + t + 1 that counts how often it is computed."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, t: Fraction) -> Fraction:
        """Compute f."""
        self.calls += 1
        return t * t + t + 1


def calls(g: Callable[[Any, Fraction], Fraction]) -> tuple[int, Fraction]:
    """Return how often g computes f, and g(1/2)."""
    f = Called()
    value = g(f, Fraction(1, 2))
    return f.calls, value


def direct(f: Any, x: Fraction) -> Fraction:
    """Return the sum of (2 + k) f(k^2 x) over k = -5, ..., 5 term by term."""
    return sum(((2 + k) * f(k * k * x) for k in range(-5, 6)), Fraction(0))


def without_zero(f: Any, x: Fraction) -> Fraction:
    """Return the same without the term k = -2, whose factor is 0."""
    return sum(((2 + k) * f(k * k * x) for k in range(-5, 6) if k != -2), Fraction(0))


def by_symmetry(f: Any, x: Fraction) -> Fraction:
    """Return the same as 2 f(0) + 4 (f(x) + f(4x) + f(9x) + f(16x) + f(25x))."""
    total: Fraction = 2 * f(0 * x) + 4 * sum((f(k * k * x) for k in range(1, 6)), Fraction(0))
    return total


def sparse(rows: list[dict[int, float]], n: int) -> tuple[int, int]:
    """Return the products and the sums of M u for n entries of u."""
    found = mathdl.count_operations(lambda u: sparse_product(rows, u), np.arange(1.0, n + 1))
    return found["multiplications"], found["additions"]


def nested() -> Any:
    """Return cos(x + 2 sin(z + e^-y))."""
    x, y, z = mathdl.variables("x y z")
    return chain.cos(x + 2 * chain.sin(z + chain.exp(-y)))


@item("exercise-9.1", "Count the operations of e^x + 6 e^(3x) - 5", try_it=TRY_COUNT)
def count_a_formula() -> Findings:
    """Count the operations that f(x) = e^x + 6 e^(3x) - 5 takes; an exponentiation is one."""
    x = mathdl.variables("x")
    found = mathdl.count_operations(chain.exp(x) + 6 * chain.exp(3 * x) - 5)
    yield equals("exponentiations", found["exponentials"], 2, "One for e^x, one for e^(3x).")
    yield equals("products", found["multiplications"], 2, "3x, and 6 times e^(3x).")
    yield equals(
        "sums and differences", found["additions"] + found["subtractions"], 2, "One of each, from left to right."
    )
    yield equals("operations", found["total"], 6, "2 + 2 + 2 as it is written.")
    e = chain.exp(x)
    fewer = mathdl.count_operations(e + 6 * e**3 - 5)["total"]
    yield equals("operations with e^(3x) as the third power of e^x", fewer, 5, "3x need not be computed any more.")


@item("exercise-9.2a", "Compute f once instead of twice")
def one_evaluation() -> Findings:
    """For a costly f, compute g(x) = f(x) + 2 (3 + f(x)) in two ways: with f once, and with f twice."""
    twice = calls(lambda f, x: f(x) + 2 * (3 + f(x)))
    once = calls(lambda f, x: 3 * f(x) + 6)
    yield equals("evaluations of f as it is written", twice[0], 2, "f(x) stands there twice.")
    yield equals("evaluations with g = 3 f + 6", once[0], 1, "f + 6 + 2f are collected.")
    yield equals("g(1/2) in both ways for f(t) = t^2 + t + 1", (twice[1], once[1]), (Fraction(45, 4),) * 2, "3 7/4 + 6")


@item("exercise-9.2b.i", "Eleven evaluations of f")
def eleven_evaluations() -> Findings:
    """Say why the direct computation of g(x), the sum of (2 + k) f(k^2 x) over k = -5, ..., 5, takes f eleven times."""
    count, value = calls(direct)
    yield equals("evaluations of f", count, 11, "One for each k from -5 to 5, if nothing is known of the terms.")
    yield erratum(
        "f must be calculated eleven times.",
        "Ten times are enough without any regrouping: the factor of k = -2 is 0.",
        differs("evaluations without that term", calls(without_zero)[0], 11),
        equals("the same", calls(without_zero)[0], 10),
        equals("difference of the sums", calls(without_zero)[1] - value, 0),
    )


@item("exercise-9.2b.ii", "Six evaluations of f")
def six_evaluations() -> Findings:
    """Compute the same g(x) with only six evaluations of f."""
    factors = [(2 + k) + (2 - k) for k in range(1, 6)]
    yield equals(
        "(2 + k) + (2 - k) for k = 1, ..., 5", factors, (4,) * 5, "k and -k have the same k^2, so they share f."
    )
    count, value = calls(by_symmetry)
    yield equals("evaluations of f for 2 f(0) + 4 (f(x) + f(4x) + ... + f(25x))", count, 6, "f(0) and five more.")
    yield equals("its value less the direct sum, for x = 1/2", value - calls(direct)[1], 0)


@item("exercise-9.3a", "Products of a sparse matrix and a vector")
def sparse_products() -> Findings:
    """M is an N x N matrix with n entries that are not 0, n much less than N; show that M u takes n products."""
    rows = [{k: 2.0} if k < 7 else {} for k in range(50)]
    yield equals(
        "products for n = 7, N = 50 on the diagonal", sparse(rows, 50)[0], 7, "One for each entry that is stored."
    )
    spread = [{(7 * k + j) % 50: 1.0 for j in range(k % 3)} for k in range(50)]
    entries = sum(map(len, spread))
    yield equals("products of another matrix, less its entries", sparse(spread, 50)[0] - entries, 0, "n again.")
    dense = mathdl.count_operations(np.matmul, np.eye(8), np.ones(8))["multiplications"]
    yield erratum(
        "The straightforward calculation of M u always takes n products.",
        "It does if entries that are 0 are skipped; a loop over all of them takes N^2.",
        differs("products of the loop over all entries for the 8 x 8 unit matrix, n = 8", dense, 8),
        equals("the same", dense, 64),
        equals("products without the zeros", sparse([{k: 1.0} for k in range(8)], 8)[0], 8),
    )


@item("exercise-9.3b", "Sums of a sparse matrix and a vector")
def sparse_sums() -> Findings:
    """Give two N x N matrices with n entries that are not 0 for which M u takes different numbers of sums."""
    diagonal = [{k: 1.0} if k < 5 else {} for k in range(20)]
    one_row: list[dict[int, float]] = [dict.fromkeys(range(5), 1.0), *({} for _ in range(19))]
    yield equals("sums, five entries on the diagonal", sparse(diagonal, 20)[1], 0, "Each row has one product at most.")
    yield equals("sums, five entries in one row", sparse(one_row, 20)[1], 4, "Five products are added up: n - 1 sums.")
    pairs = [{0: 1.0, 3: 2.0}, {1: 1.0}, {2: 1.0, 4: 1.0}, *({} for _ in range(17))]
    yield equals(
        "sums, five entries in three rows", sparse(pairs, 20)[1], 2, "n less the number of rows that have any."
    )


@item(
    "exercise-9.4",
    "Efficient derivatives of a nested function",
    try_it="mathdl.gradient(mathdl.chain.cos(2 * mathdl.chain.sin(mathdl.variables('z'))), [1.0])",
)
def nested_function() -> Findings:
    """Compute the derivatives of sigma(x, y, z) = cos(x + 2 sin(z + e^-y)) efficiently, as section 9.3 does."""
    f = nested()
    x, y, z = point = (0.3, 0.2, -0.4)
    inner = z + exp(-y)
    g = x + 2 * sin(inner)
    values = mathdl.gradient(f, point)
    yield near(
        "sigma_x",
        values[0],
        -sin(g),
        1e-15,
        "Forward: e^-y, z + e^-y, its sine, g = x + 2 sin, cos g; then back: -sin g.",
    )
    yield near("sigma_z", values[2], -2 * sin(g) * cos(inner), 1e-14, "sigma_x times 2 cos(z + e^-y), which is kept.")
    yield near("sigma_y", values[1], 2 * exp(-y) * sin(g) * cos(inner), 1e-14, "sigma_z times -e^-y: one product more.")
    naive, backward = chain.counts_by_paths(f), chain.counts_backward(f)
    yield equals("derivatives and products, path by path", naive[:2], (14, 11), "Paths of 2, 7 and 5 edges.")
    yield equals("derivatives and products, backward", backward[:2], (9, 8), "Each edge once.")


@nested_function.figure("the diagram of cos(x + 2 sin(z + e^-y)) with values and derivatives", size=(9.0, 3.0))
def _draw_nested(ax: Any) -> None:
    plot_expression(nested(), [0.3, 0.2, -0.4], backward=True, ax=ax)


@item("exercise-9.5", "A sum of functions of one variable each")
def separable_sum() -> Findings:
    """For sigma = w^2 + 2 x^4 + 5 y + 3 z^3, say why the order of the derivatives does not change their cost."""
    x, w, y, z = mathdl.variables("x w y z")
    f = chain.total([w**2, 2 * x**4, 5 * y, 3 * z**3])
    gradient = mathdl.gradient(f, [Fraction(1, 2), Fraction(3), Fraction(7), Fraction(-2)])
    yield equals("gradient in x, w, y, z at (1/2, 3, 7, -2)", gradient, (1, 6, 5, 36), "(8x^3, 2w, 5, 9z^2)")
    naive, backward = chain.counts_by_paths(f), chain.counts_backward(f)
    yield equals("derivatives and products, path by path", naive[:2], (10, 6), "Four paths of 3, 2, 2 and 3 edges.")
    yield equals(
        "derivatives, backward", backward.derivatives, 10, "No edge lies on two paths, so nothing is used twice."
    )
    yield equals("products, backward", backward.multiplications, 6, "As many: any order costs the same.")
    yield erratum(
        "sigma is a function on R^3.",
        "It is a function on R^4: it has four variables.",
        refutes("Three numbers do not give it a value.", not takes(f, 3)),
        equals("whether four do", takes(f, 4), True),
    )


def takes(f: Any, count: int) -> bool:
    """Whether so many numbers give an expression a value."""
    try:
        chain.evaluate(f, [1.0] * count)
    except InputError:
        return False
    return True
