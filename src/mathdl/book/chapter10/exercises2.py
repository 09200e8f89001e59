"""Exercises 10.7 to 10.10: padding, pooling and translation."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import difference, drawn, max_pooled, network, padded
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, differs, equals, erratum, refutes, shows
from mathdl.book.item import item


@item(
    "exercise-10.7",
    "Padding is linear",
    try_it="mathdl.Network([mathdl.ZeroPad2D(1)], input_shape=(1, 2, 2))([[[[1, 2], [3, 4]]], [[[2, 4], [6, 8]]]])",
)
def padding_is_linear() -> Findings:
    """P pads N x N matrices by s zeros on every side. Show P(A + t B) = P(A) + t P(B) for all A, B and numbers t."""
    a, b, t, s = drawn(3, 3), drawn(3, 3, seed=1), -3, 2
    left, right = padded(a + t * b, s), padded(a, s) + t * padded(b, s)
    yield equals(
        "with t = -3, s = 2 and drawn matrices, largest difference in the middle, rows and columns s + 1 to s + N",
        difference(left[2:5, 2:5], right[2:5, 2:5]),
        0,
        "There both sides are a_ij + t b_ij with i, j moved by s.",
    )
    border = np.pad(np.zeros((3, 3)), s, constant_values=1) == 1
    yield equals(
        "the different entries in the border, on both sides",
        np.unique([left[border], right[border]]),
        [0],
        "There P(A + t B) is 0, and P(A) + t P(B) = 0 + t 0 = 0.",
    )
    layer = network([mathdl.ZeroPad2D(s)], (1, 3, 3))
    yield equals(
        "beside: the decision whether P moves as A does, T_h and T_v, for all A with a blank last row and column",
        [mathdl.decide_equivariance(layer, shift, border=(0, 1, 0, 1)).verdict for shift in ((0, 1), (1, 0))],
        ["proved"] * 2,
        "P is not only linear: what moves in A moves in P(A), as long as nothing comes in from the other side.",
    )
    yield equals("largest difference altogether", difference(left, right), 0, "Middle and border are the whole matrix.")


@item("exercise-10.8i", "What pools to 0 is 0 where nothing is negative")
def pooled_to_zero() -> Findings:
    """M is N x N with m_ij >= 0, N = S D, and p pools blocks of D x D entries. Show that p(M) = 0 only for M = 0."""
    matrix = np.abs(drawn(4, 4))
    pooled = max_pooled(matrix, 2)
    over = np.kron(pooled, np.ones((2, 2)))
    yield shows(
        "Each entry of a drawn non-negative 4 x 4 matrix is at most the entry of p(M) for its block.",
        (matrix <= over).all(),
        "The largest entry of a block is no smaller than any entry of it: 0 <= m_ij <= p(M) of its block.",
    )
    units = np.eye(16).reshape(16, 4, 4)
    yield equals(
        "largest entry of p(M) for each of the 16 matrices M with a single 1",
        [max_pooled(unit, 2).max() for unit in units],
        [1] * 16,
        "A positive entry anywhere shows in p(M), as each entry is in a block.",
    )
    yield equals(
        "p(0) for the 4 x 4 matrix 0",
        max_pooled(np.zeros((4, 4)), 2),
        ((0, 0), (0, 0)),
        "So p(M) = 0 gives 0 <= m_ij <= 0 for all i and j, that is M = 0; and p(0) = 0.",
    )


@item(
    "exercise-10.8ii",
    "A matrix that pools to 0",
    try_it="mathdl.Network([mathdl.MaxPool2D(2)], input_shape=(1, 6, 6))([[[[-1, 0, 0, 0, 0, 0]] + [[0] * 6] * 5]])",
)
def lost_entries() -> Findings:
    """Give a 6 x 6 matrix M that is not 0 and has p(M) = 0, for max pooling p from 6 x 6 to 3 x 3."""
    matrix = np.zeros((6, 6))
    matrix[0, 0] = -1
    yield equals(
        "p(M) for m_11 = -1 and all others 0", max_pooled(matrix, 2), np.zeros((3, 3)), "The 0s beside it are larger."
    )
    yield equals("entries of M that are not 0", np.count_nonzero(matrix), 1, "So M is not 0; pooling lost its entry.")


@item("exercise-10.9i", "A positive factor can be taken out of pooling")
def positive_factor() -> Findings:
    """Show p(t M) = t p(M) for max pooling p, each N x N matrix M and each number t >= 0."""
    matrix = drawn(4, 4)
    block = mathdl.submatrix(matrix, 1, 1, 2)
    yield equals(
        "largest entry of 3 times a block of a drawn matrix",
        (3 * block).max(),
        3 * block.max(),
        "For t >= 0, a <= b gives t a <= t b: the largest entry of t times a block is t times the largest.",
    )
    yield equals(
        "largest differences between p(t M) and t p(M) for t = 0, 1, 3",
        [difference(max_pooled(t * matrix, 2), t * max_pooled(matrix, 2)) for t in (0, 1, 3)],
        (0, 0, 0),
        "This holds in each block, so that p(t M) = t p(M).",
    )
    m = np.array([[0, 1], [0, 0]])
    yield equals(
        "p(t M) and t p(M) for t = -1 and M = (0 1, 0 0)",
        (max_pooled(-m, 2).item(), -max_pooled(m, 2).item()),
        (0, -1),
        "A negative factor turns the order of the entries round: t >= 0 is needed.",
    )


@item("exercise-10.9ii", "When -M pools as M")
def opposite() -> Findings:
    """Show p(-M) = p(M) only if min m_ij = -max m_ij, where p pools the whole N x N matrix M, D = N."""
    matrix, symmetric = drawn(4, 4) + 1, np.array([[-3, 1], [0, 3]])
    yield equals(
        "p(-M) for a drawn 4 x 4 matrix M",
        max_pooled(-matrix, 4).item(),
        -matrix.min(),
        "The largest of the numbers -m_ij is minus the smallest of the m_ij: p(-M) = -min m_ij.",
    )
    yield equals("p(M)", max_pooled(matrix, 4).item(), matrix.max(), "p(M) = max m_ij by definition.")
    cases = [symmetric, np.array([[-2, 1], [0, 3]]), np.array([[1, 2], [3, 4]]), np.array([[-1, -1], [1, 1]])]
    yield equals(
        "whether p(-M) = p(M), for (-3 1, 0 3), (-2 1, 0 3), (1 2, 3 4) and (-1 -1, 1 1)",
        [bool(max_pooled(-m, 2) == max_pooled(m, 2)) for m in cases],
        [m.min() == -m.max() for m in cases],
        "So p(-M) = p(M) says -min m_ij = max m_ij, which is what was to be shown; it is also enough.",
    )


@item("exercise-10.9iii", "Pooling is not additive")
def not_additive() -> Findings:
    """Find 4 x 4 matrices A and B with p(A + B) different from p(A) + p(B), for max pooling p with D = 2."""
    a, b = np.zeros((4, 4)), np.zeros((4, 4))
    a[0, 0] = b[0, 1] = 1
    yield equals("p(A) for a_11 = 1 alone", max_pooled(a, 2), ((1, 0), (0, 0)), "The 1 is in the first block.")
    yield equals("p(B) for b_12 = 1 alone", max_pooled(b, 2), ((1, 0), (0, 0)), "So is this one, at another place.")
    yield equals("p(A + B)", max_pooled(a + b, 2), ((1, 0), (0, 0)), "The first block of A + B is 1 1, 0 0.")
    yield equals("p(A) + p(B)", max_pooled(a, 2) + max_pooled(b, 2), ((2, 0), (0, 0)), "2 is not 1: p is not linear.")


@item(
    "exercise-10.10i",
    "Size of a convolution",
    try_it="mathdl.Network([mathdl.Conv2D(1, 3)], input_shape=(1, 5, 5)).output_shape",
)
def size_of_convolution() -> Findings:
    """Explain how K * A is formed from an s x s kernel K and an N x N picture A, and give its size."""
    kernel, a = drawn(3, 3), drawn(5, 5, seed=1)
    b = mathdl.convolve(kernel, a)
    yield equals(
        "with s = 3, N = 5 and drawn numbers, b_23 of B = K * A",
        b[1, 2],
        mathdl.frobenius_product(kernel, mathdl.submatrix(a, 2, 3, 3)),
        "K is laid over A with its top left entry at (i, j); b_ij is the sum of the products of the entries that meet.",
    )
    yield equals(
        "with N = 5 and s = 1, 2, 3, rows and columns of B",
        [mathdl.convolve(np.ones((s, s)), a).shape for s in (1, 2, 3)],
        [(6 - s, 6 - s) for s in (1, 2, 3)],
        "K stays inside of A for i, j = 1, ..., N - s + 1: B is (N - s + 1) x (N - s + 1).",
    )


@item(
    "exercise-10.10ii",
    "Padding to a given size",
    try_it="mathdl.Network([mathdl.ZeroPad2D(2)], input_shape=(1, 4, 4)).output_shape",
)
def padded_to_size() -> Findings:
    """Make an M x M matrix D into an N x N matrix C by zeros, in a symmetric way, where N - M = 2t."""
    d = drawn(4, 4)
    c = padded(d, 2)
    yield equals(
        "with M = 4 and t = 2, size of C", c.shape, (8, 8), "t zeros on every side: M + 2t = N rows and columns."
    )
    yield equals(
        "largest difference between c_(i+t, j+t) and d_ij", difference(c[2:6, 2:6], d), 0, "D is in the middle of C."
    )
    yield equals(
        "entries of C that are not 0, less those of D",
        np.count_nonzero(c) - np.count_nonzero(d),
        0,
        "All others are 0.",
    )


def translated(matrix: Any, k: int, q: int) -> Any:
    """Return the matrix moved by k rows down and q columns to the right; zeros come in, and what leaves is lost."""
    rows, columns = np.shape(matrix)
    moved = np.zeros((rows, columns))
    for i in range(max(0, k), min(rows, rows + k)):
        for j in range(max(0, q), min(columns, columns + q)):
            moved[i, j] = matrix[i - k][j - q]
    return moved


def allowed(net: Any, t: int, border: int) -> Any:
    """Decide for which moves by at most t, zeros coming in, the answer to pictures with a blank border moves too."""
    return mathdl.decide_shifts(net, t, "equivariance", "zeros", border)


@item(
    "exercise-10.10iii",
    "Translation of a padded picture",
    try_it="mathdl.decide_equivariance(mathdl.Network([mathdl.ZeroPad2D(1)], (1, 4, 4)), (1, -2), 'zeros', border=2)",
)
def translation() -> Findings:
    """The matrix tau A has the entries a_(i-k, j-l), and 0 where there are none; A is N x N.

    A comes from a matrix D by padding with t zeros on every side, and |k|, |l| <= t. Explain why the picture of tau A
    is the picture of A, moved by k rows down and l columns to the right.
    """
    d, t = drawn(2, 2), 2
    a = padded(d, t)
    moves = [(k, q) for k in range(-t, t + 1) for q in range(-t, t + 1)]
    yield equals(
        "with k = 1, l = -2, N = 6 and t = 2, place of d_11 in tau A",
        [int(place) + 1 for place in np.argwhere(translated(a, 1, -2) == d[0, 0])[0]],
        (t + 1 + 1, t + 1 - 2),
        "Row i of A comes to row i + k, column j to j + l.",
    )
    yield equals(
        "with t = 2, non-zero entries lost by the 25 moves",
        sum(np.count_nonzero(a) - np.count_nonzero(translated(a, *move)) for move in moves),
        0,
        "D is in the rows and columns t + 1 to N - t; moved by at most t, these stay in 1 to N.",
    )
    yield equals(
        "largest difference between tau A and A with rows and columns moved round in a circle, over the 25 moves",
        max(difference(translated(a, *move), np.roll(a, move, axis=(0, 1))) for move in moves),
        0,
        "What leaves on one side is 0, as is what comes in on the other: only the place of the picture has changed.",
    )
    frame = network([mathdl.ZeroPad2D(1)], (1, 6, 6))
    yield equals(
        "largest moves up, down, left, right that commute with one more frame of zeros, decided for all A, t = 2 and 1",
        [allowed(frame, 2, border).largest for border in (2, 1)],
        [(2, 2, 2, 2), (1, 1, 1, 1)],
        "Within the larger frame A could go on moving; in its own it may by t, without losing anything.",
    )
    first = translated(np.ones((3, 3)), 1, 0)
    yield erratum(
        "The entries with max(0, k) <= i <= min(m, m + k) are a_(i-k, j-l), likewise for j; m and n are not defined.",
        "max(1, 1 + k) <= i <= min(N, N + k), and max(1, 1 + l) <= j <= min(N, N + l).",
        refutes(
            "For N = 3, k = 1 the printed range holds i = 1, which needs row i - k = 0 of A: there is none.",
            max(0, 1) <= 1 <= min(3, 3 + 1) and 1 - 1 not in (1, 2, 3),
        ),
        equals(
            "with k = 1 and an A of nine 1s, rows i of tau A that are not 0",
            [i for i in (1, 2, 3) if first[i - 1].any()],
            (2, 3),
        ),
        equals("the rows of the corrected range", list(range(max(1, 1 + 1), min(3, 3 + 1) + 1)), (2, 3)),
    )


def commutes(kernel: Any, picture: Any, t: int) -> bool:
    """Whether K * (tau A) = tau (K * A) for all moves by at most t, where A is the picture padded by t."""
    a = padded(picture, t)
    moves = [(k, q) for k in range(-t, t + 1) for q in range(-t, t + 1)]
    images = [translated(mathdl.convolve(kernel, a), *move) for move in moves]
    return not any(
        difference(mathdl.convolve(kernel, translated(a, *move)), image)
        for move, image in zip(moves, images, strict=True)
    )


@item(
    "exercise-10.10iv",
    "Convolution of a moved picture",
    try_it="mathdl.decide_shifts(mathdl.Network([mathdl.Conv2D(1, 3)], (1, 6, 6)), 2, 'equivariance', 'zeros', 2)",
)
def moved_convolution() -> Findings:
    """Show K * (tau A) = tau (K * A) for an s x s kernel K, and A and tau as in part iii: |k|, |l| <= t.

    Explain why that is useful for pictures. It needs a kernel that is not too large: s <= t + 1.
    """
    kernel, d, t = drawn(3, 3), drawn(2, 2, seed=1), 2
    a = padded(d, t)
    moved, answer = translated(a, 1, -2), mathdl.convolve(kernel, a)
    yield equals(
        "with s = 3, t = 2, k = 1, l = -2 and drawn matrices, entry (3, 2) of K * (tau A)",
        mathdl.convolve(kernel, moved)[2, 1],
        answer[1, 3],
        "Where row i - k and column j - l of K * A exist, the sum of k_nm a_(i-k+n-1, j-l+m-1) is (K * A)_(i-k, j-l).",
    )
    yield equals(
        "where tau (K * A) is 0, in row 1 and in columns 3 and 4: the different entries of K * (tau A)",
        np.unique([*mathdl.convolve(kernel, moved)[0], *mathdl.convolve(kernel, moved)[:, 2:].ravel()]),
        [0],
        "Elsewhere tau (K * A) is 0. So is K * (tau A), for k > 0 and i <= k say: the kernel lies on rows up to "
        "k + s - 1 <= k + t, and the first k + t rows of tau A are 0.",
    )
    yield equals(
        "sizes s = 1, 2, 3 with K * (tau A) = tau (K * A) for all moves, t = 2, for drawn kernels",
        [s for s in (1, 2, 3) if commutes(drawn(s, s, seed=s), d, t)],
        (1, 2, 3),
        "So a feature that moves in a picture moves in the response, and is found by the same kernel wherever it is.",
    )
    extents = [allowed(network([mathdl.Conv2D(1, s, bias=None)], (1, 6, 6), np.ones(s * s)), t, t) for s in (3, 4)]
    yield equals(
        "decided for all pictures of 2 x 2 pixels padded by t = 2, kernels of 1s with s = 3 and 4: how many of the 25 "
        "moves are proved, and refuted",
        [(len(extent.proved), len(extent.refuted)) for extent in extents],
        [(25, 0), (1, 24)],
        "s = t + 1 is the largest size; with s = t + 2 only the move by nothing is left.",
    )
    ones = np.ones((3, 3))
    one = padded([[1]], 1)
    yield erratum(
        "K * (tau A) = tau (K * A) for kernels of any size s.",
        "It holds for s <= t + 1; otherwise the kernel may reach the picture where tau (K * A) is 0.",
        differs(
            "with D = (1), t = 1, a 3 x 3 kernel K of 1s, k = 1, l = 0: tau (K * A), beside K * (tau A)",
            translated(mathdl.convolve(ones, one), 1, 0).item(),
            mathdl.convolve(ones, translated(one, 1, 0)).item(),
        ),
        equals("K * (tau A) there", mathdl.convolve(ones, translated(one, 1, 0)).item(), 1),
        shows(
            "With the 2 x 2 kernel of 1s, s = t + 1, both sides are equal for all |k|, |l| <= 1.",
            commutes(ones[:2, :2], [[1]], 1),
        ),
    )


@moved_convolution.figure("a padded picture A", size=(2.4, 2.4))
def _draw_still(ax: Any) -> None:
    draw_matrix(ax, padded(np.array([[1, 2], [3, 4]]), 2), "A, t = 2")


@moved_convolution.figure("tau A: moved by k = 1 row down and l = 2 columns to the right", size=(2.4, 2.4))
def _draw_moved(ax: Any) -> None:
    draw_matrix(ax, translated(padded(np.array([[1, 2], [3, 4]]), 2), 1, 2), "tau A, k = 1, l = 2")
