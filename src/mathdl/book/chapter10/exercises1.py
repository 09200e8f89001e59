"""Exercises 10.1 to 10.6: convolutions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import difference, drawn, network
from mathdl.book.finding import Findings, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.errors import InputError


def size_of(d: int, rows: int, columns: int) -> tuple[int, ...] | None:
    """Return the size of K * A for a d x d kernel and a rows x columns matrix; None where there is none."""
    try:
        shape: tuple[int, ...] = network([mathdl.Conv2D(1, d, bias=None)], (1, rows, columns)).output_shape
    except InputError:
        return None
    return shape[1:]


@item(
    "exercise-10.1",
    "When a convolution can be formed",
    try_it="mathdl.Network([mathdl.Conv2D(1, 3)], input_shape=(1, 3, 5)).output_shape",
)
def when_it_can_be_formed() -> Findings:
    """Recall the convolution K * A of a D x D matrix K and an N x M matrix A, and which D, N and M it needs."""
    kernel, matrix = drawn(3, 3), drawn(4, 5, seed=1)
    b = [[mathdl.frobenius_product(kernel, mathdl.submatrix(matrix, i, j, 3)) for j in (1, 2, 3)] for i in (1, 2)]
    yield equals(
        "K * A by the layer, for a drawn 3 x 3 kernel and 4 x 5 matrix",
        mathdl.convolve(kernel, matrix),
        b,
        "(K * A)_ij is the sum over n, m = 1, ..., D of k_nm a_(i+n-1, j+m-1): the product of K and the "
        "part of A whose top left entry is a_ij.",
    )
    yield equals(
        "size of K * A for D = 3 and sizes 3 x 3, 3 x 5, 4 x 5, 2 x 5, 5 x 2 of A",
        [str(size_of(3, *size)) for size in ((3, 3), (3, 5), (4, 5), (2, 5), (5, 2))],
        ("(1, 1)", "(1, 3)", "(2, 3)", "None", "None"),
        "The part has to lie in A: i + D - 1 <= N leaves i = 1, ..., N - D + 1, and j = 1, ..., M - D + 1 likewise.",
    )
    yield equals(
        "which D = 1, ..., 6 have a K * A for a 4 x 5 matrix A",
        [d for d in range(1, 7) if size_of(d, 4, 5)],
        (1, 2, 3, 4),
        "There is a place for the kernel if and only if D <= N and D <= M; then K * A is (N - D + 1) x (M - D + 1).",
    )


@item(
    "exercise-10.2a",
    "A 2 x 2 kernel on a 3 x 3 matrix",
    try_it="(net := mathdl.Network([mathdl.Conv2D(1, 2, bias=None)], (1, 3, 3))).parameters"
    ".put(range(4), [1, -1, -1, 1]) or net([[[[2, 2, -2], [2, 2, -2], [-2, -2, -2]]]])",
)
def two_by_two_kernel() -> Findings:
    """Compute K * M for K with the rows 1 -1 and -1 1, and M with the rows 2 2 -2, 2 2 -2 and -2 -2 -2."""
    kernel, matrix = [[1, -1], [-1, 1]], [[2, 2, -2], [2, 2, -2], [-2, -2, -2]]
    parts = {(i, j): mathdl.submatrix(matrix, i, j, 2) for i in (1, 2) for j in (1, 2)}
    steps = [((1, 1), 0, "all four are 2"), ((1, 2), 0, "both rows are 2 -2"), ((2, 1), 0, "both columns are 2, -2")]
    for place, stated, why in [*steps, ((2, 2), 4, "it is 2 -2, -2 -2, so 2 + 2 + 2 - 2")]:
        what = f"product of K and the part of M at {place}: a - b - c + d for its entries a, b, c, d"
        yield equals(what, mathdl.frobenius_product(kernel, parts[place]), stated, f"In this part, {why}.")
    yield equals(
        "K * M", mathdl.convolve(kernel, matrix), ((0, 0), (0, 4)), "It has (3 - 2 + 1) x (3 - 2 + 1) entries."
    )


@item(
    "exercise-10.2b",
    "A 3 x 3 kernel on a 4 x 5 matrix",
    try_it="mathdl.Network([mathdl.Conv2D(1, 3, bias=None)], input_shape=(1, 4, 5)).output_shape",
)
def three_by_three_kernel() -> Findings:
    """Compute K * M for K with the rows 2 -1 -1, -2 1 1 and 0 0 0.

    M has the rows 2 2 2 -2 -2, then 2 2 2 2 -2, then 2 2 2 2 2, then 100 five times.
    """
    kernel = [[2, -1, -1], [-2, 1, 1], [0, 0, 0]]
    matrix = [[2, 2, 2, -2, -2], [2, 2, 2, 2, -2], [2] * 5, [100] * 5]
    rows = [[mathdl.frobenius_product([2, -1, -1], row[j : j + 3]) for j in range(3)] for row in matrix]
    yield equals(
        "r_ij = 2 m_ij - m_i,j+1 - m_i,j+2 for the rows i of M",
        rows,
        ((0, 4, 8), (0, 0, 4), (0, 0, 0), (0, 0, 0)),
        "The first row of K gives these, and the second row is minus the first. So (K * M)_ij = r_ij - r_i+1,j.",
    )
    yield equals("r_1j - r_2j", np.subtract(rows[0], rows[1]), (0, 4, 4), "The first row of K * M.")
    yield equals("r_2j - r_3j", np.subtract(rows[1], rows[2]), (0, 0, 4), "The second row of K * M.")
    yield equals(
        "K * M",
        mathdl.convolve(kernel, matrix),
        ((0, 4, 4), (0, 0, 4)),
        "It has (4 - 3 + 1) x (5 - 3 + 1) entries; the last row of M meets only the zeros of K.",
    )


@item("exercise-10.3a", "Convolution is additive in both arguments")
def additive() -> Findings:
    """Show (K + L) * A = K * A + L * A and K * (A + B) = K * A + K * B.

    K and L are D x D kernels, A and B are N x M matrices.
    """
    k, other, a, b = drawn(3, 3), drawn(3, 3, seed=1), drawn(5, 6, seed=2), drawn(5, 6, seed=3)
    part_a, part_b = mathdl.submatrix(a, 2, 3, 3), mathdl.submatrix(b, 2, 3, 3)
    yield equals(
        "product of K + L and the part of A at (2, 3), for drawn whole numbers",
        mathdl.frobenius_product(k + other, part_a),
        mathdl.frobenius_product(k, part_a) + mathdl.frobenius_product(other, part_a),
        "(k_nm + l_nm) a = k_nm a + l_nm a for each of the D^2 terms; the sum of sums is the sum of both.",
    )
    yield equals(
        "largest difference between (K + L) * A and K * A + L * A",
        difference(mathdl.convolve(k + other, a), mathdl.convolve(k, a) + mathdl.convolve(other, a)),
        0,
        "Each entry is such a product, so that the same holds at each place (i, j).",
    )
    yield equals(
        "product of K and the part of A + B at (2, 3)",
        mathdl.frobenius_product(k, mathdl.submatrix(a + b, 2, 3, 3)),
        mathdl.frobenius_product(k, part_a) + mathdl.frobenius_product(k, part_b),
        "The part of A + B is the sum of the parts, and k_nm (a + b) = k_nm a + k_nm b.",
    )
    yield equals(
        "largest difference between K * (A + B) and K * A + K * B",
        difference(mathdl.convolve(k, a + b), mathdl.convolve(k, a) + mathdl.convolve(k, b)),
        0,
        "Again at each place (i, j).",
    )


@item("exercise-10.3b", "A factor can be taken out of a convolution")
def homogeneous() -> Findings:
    """Show (t K) * A = K * (t A) = t (K * A) for each number t, a D x D kernel K and an N x M matrix A."""
    k, a, t = drawn(3, 3), drawn(5, 6, seed=1), -7
    part = mathdl.submatrix(a, 1, 1, 3)
    yield equals(
        "with t = -7 and drawn numbers, product of t K and the first part of A, and of K and t times it",
        (mathdl.frobenius_product(t * k, part), mathdl.frobenius_product(k, t * part)),
        (t * mathdl.frobenius_product(k, part),) * 2,
        "(t k_nm) a = k_nm (t a) = t (k_nm a) for each of the D^2 terms, and t can be taken out of their sum.",
    )
    yield equals(
        "largest differences of (t K) * A and of K * (t A) from t (K * A)",
        [
            difference(mathdl.convolve(t * k, a), t * mathdl.convolve(k, a)),
            difference(mathdl.convolve(k, t * a), t * mathdl.convolve(k, a)),
        ],
        (0, 0),
        "The same holds at each place (i, j).",
    )


@item(
    "exercise-10.4a",
    "Convolution of functions commutes",
    try_it="(f := mathdl.PiecewisePolynomial([0, 1], [[1]])).convolve("
    "g := mathdl.PiecewisePolynomial([0, 2], [[0, 1]])) == g.convolve(f)",
)
def commuting_functions() -> Findings:
    """Show f * g = g * f for continuous functions f and g on the line that are 0 outside of bounded intervals."""
    f = mathdl.PiecewisePolynomial([-1, 0, 1], [[1, 1], [1, -1]])
    g = mathdl.PiecewisePolynomial([0, 2, 3], [[0, 2, -1], [0]])
    x = Fraction(3, 2)
    mirrored = mathdl.PiecewisePolynomial([x - 2, x], [[2 * x - x**2, 2 * x - 2, -1]])
    yield equals(
        "at x = 3/2, g(x - y) for y = 0, 1/2, 1 with the hat f and g(t) = t (2 - t) from 0 to 2",
        [g(x - y) for y in (0, Fraction(1, 2), 1)],
        [mirrored(y) for y in (0, Fraction(1, 2), 1)],
        "(f * g)(x) is the integral of f(y) g(x - y) over y.",
    )
    moved = mathdl.PiecewisePolynomial([x - 1, x, x + 1], [[1 - x, 1], [1 + x, -1]])
    yield equals(
        "f(x - t) for t = 1, 3/2, 2",
        [f(x - t) for t in (1, x, 2)],
        [moved(t) for t in (1, x, 2)],
        "Substitute t = x - y, so that y = x - t and dy = -dt: the integrand becomes f(x - t) g(t).",
    )
    yield equals(
        "(f * g)(x) and (g * f)(x) there",
        (f.convolve(g)(x), g.convolve(f)(x)),
        (Fraction(11, 64) + Fraction(11, 24),) * 2,
        "The limits -inf and inf change places, and the minus of dy = -dt turns them back: what is left is the "
        "integral of g(t) f(x - t) over all t, (g * f)(x). Here it is 11/64 over y < 0 plus 11/24 over y > 0.",
    )
    yield shows("f * g and g * f are the same piecewise polynomial.", f.convolve(g) == g.convolve(f), "So for each x.")


@item("exercise-10.4b", "Both orders only for equal sizes")
def both_orders() -> Findings:
    """A is N x N and B is D x D. Show that A * B and B * A can both be formed only if N = D."""
    pairs = [(n, d) for n in range(1, 6) for d in range(1, 6)]
    first = {(n, d) for n, d in pairs if size_of(n, d, d)}
    second = {(n, d) for n, d in pairs if size_of(d, n, n)}
    yield shows(
        "A * B can be formed for exactly those N, D = 1, ..., 5 with N <= D.",
        first == {(n, d) for n, d in pairs if n <= d},
        "A is the kernel here, and has to fit into B (exercise 10.1).",
    )
    yield shows(
        "B * A can be formed for exactly those with D <= N.",
        second == {(n, d) for n, d in pairs if d <= n},
        "Now B is the kernel, and has to fit into A.",
    )
    yield equals(
        "sizes N, D from 1 to 5 for which both can be formed",
        sorted(first & second),
        [(n, n) for n in range(1, 6)],
        "N <= D and D <= N mean N = D.",
    )
    yield erratum(
        "Definition 10.1.3 asks for kernels that are smaller than the matrix, N < D for A * B and D < N for B * A.",
        "A kernel may be as large as the matrix; then both are formed for N = D.",
        refutes("N < D and D < N for no N, D, also not for N = D.", not [n for n, d in pairs if n < d and d < n]),
        equals("with N = D = 3, size of A * B", size_of(3, 3, 3), (1, 1)),
    )


@item("exercise-10.4c", "Matrices of one size commute")
def equal_sizes() -> Findings:
    """Show for N x N matrices A and B that A * B is a number and A * B = B * A."""
    a, b = drawn(3, 3), drawn(3, 3, seed=1)
    yield equals(
        "with N = 3, size of A * B",
        mathdl.convolve(a, b).shape,
        (1, 1),
        "N - N + 1 = 1 row and column: a single number.",
    )
    yield equals(
        "A * B for drawn whole numbers",
        mathdl.convolve(a, b).item(),
        sum(a[n, m] * b[n, m] for n in range(3) for m in range(3)),
        "The only place is i = j = 1, so that A * B is the sum of a_nm b_nm over all n and m.",
    )
    yield equals(
        "B * A", mathdl.convolve(b, a).item(), mathdl.convolve(a, b).item(), "a_nm b_nm = b_nm a_nm in each term."
    )


@item("exercise-10.5i", "A 1 x 1 kernel multiplies")
def one_number() -> Findings:
    """Show K * M = t M for the 1 x 1 kernel K = (t) and an N x N matrix M."""
    matrix = drawn(4, 4)
    yield equals(
        "with N = 4, size of K * M",
        mathdl.convolve([[3]], matrix).shape,
        (4, 4),
        "D = 1: N - 1 + 1 = N rows and columns.",
    )
    yield equals(
        "with K = (3) and a drawn M that has m_23 = -5, the entry (K * M)_23",
        mathdl.convolve([[3]], matrix)[1, 2],
        3 * -5,
        "The sum has one term, k_11 m_ij.",
    )
    yield equals(
        "largest difference between K * M and 3 M",
        difference(mathdl.convolve([[3]], matrix), 3 * matrix),
        0,
        "So it is at each place.",
    )


@item("exercise-10.5ii", "Which kernels change nothing")
def identity_kernel() -> Findings:
    """Show that K * M = M holds for the 1 x 1 kernel K = (1) and for no other D x D kernel; M is an N x N matrix.

    As stated this needs a matrix M that is not 0.
    """
    matrix = drawn(4, 4)
    yield equals(
        "with K = (1), largest difference between K * M and M",
        difference(mathdl.convolve([[1]], matrix), matrix),
        0,
        "K * M = 1 M by part i.",
    )
    yield equals(
        "D = 1, ..., 4 for which K * M has the size 4 x 4 of M",
        [d for d in range(1, 5) if size_of(d, 4, 4) == (4, 4)],
        [1],
        "Its size is N - D + 1 = N only for D = 1.",
    )
    scaled = [t for t in range(-5, 6) if not difference(mathdl.convolve([[t]], matrix), matrix)]
    yield equals(
        "whole t from -5 to 5 for which K = (t) changes nothing in a drawn M",
        scaled,
        [1],
        "Where m_ij is not 0, t m_ij = m_ij gives t = 1 on dividing by m_ij.",
    )
    zero = np.zeros((4, 4))
    yield erratum(
        "It holds for every matrix M.",
        "It holds for every M that is not 0.",
        refutes("For M = 0 also K = (5) gives K * M = M.", not difference(mathdl.convolve([[5]], zero), zero)),
        equals(
            "largest difference between (5) * M and M for M with m_44 = 1 alone",
            difference(mathdl.convolve([[5]], unit()), unit()),
            4,
        ),
    )


def unit() -> Any:
    """Return the 4 x 4 matrix whose last entry is 1 and whose others are 0."""
    matrix = np.zeros((4, 4))
    matrix[3, 3] = 1
    return matrix


@item("exercise-10.5iii", "A kernel that cuts off a row and a column")
def cropping_kernel() -> Findings:
    """K has the rows 1 0 and 0 0. Show that K * M is M without its last row and column."""
    matrix, kernel = drawn(5, 5), [[1, 0], [0, 0]]
    cut = mathdl.convolve(kernel, matrix)
    yield equals("size of K * M for a 5 x 5 matrix M", cut.shape, (4, 4), "N - 2 + 1 = N - 1 rows and columns.")
    yield equals(
        "(K * M)_44",
        cut[3, 3],
        matrix[3, 3],
        "Of the four terms only k_11 m_ij = m_ij is not 0: the entry is m_ij itself.",
    )
    yield equals(
        "largest difference between K * M and the rows and columns 1 to 4 of M",
        difference(cut, matrix[:4, :4]),
        0,
        "for all i and j",
    )


@item("exercise-10.6", "The identity matrix as a kernel")
def identity_matrix() -> Findings:
    """I is the D x D identity matrix, D > 1. Give I * M for a matrix M, and show that it always differs from M."""
    matrix = drawn(5, 6, seed=2)
    answer = mathdl.convolve(np.eye(3), matrix)
    yield equals(
        "(I * M)_12 for D = 3 and a drawn 5 x 6 matrix",
        answer[0, 1],
        matrix[0, 1] + matrix[1, 2] + matrix[2, 3],
        "i_nm is 1 for n = m and 0 otherwise, so that of the D^2 terms D are left: m_(i+n-1, j+n-1) for n = 1, ..., D.",
    )
    diagonals = sum(matrix[n : n + 3, n : n + 4] for n in range(3))
    yield equals(
        "largest difference between I * M and the sums of three entries down a diagonal",
        difference(answer, diagonals),
        0,
        "(I * M)_ij = m_ij + m_(i+1, j+1) + ... + m_(i+D-1, j+D-1) at each place.",
    )
    sizes = [size_of(d, 5, 6) for d in (2, 3, 4, 5)]
    yield equals(
        "sizes of I * M for D = 2, 3, 4, 5", sizes, ((4, 5), (3, 4), (2, 3), (1, 2)), "All are smaller than 5 x 6."
    )
    yield shows(
        "None of them is the size of the matrix itself.",
        (5, 6) not in sizes,
        "N - D + 1 < N for D > 1: they cannot be equal.",
    )
