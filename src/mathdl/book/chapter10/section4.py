"""Section 10.4: pooling layers."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import EDGE, WHITE_TO_BLACK, drawn, image_map, max_pooled, network
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, differs, equals, erratum, shows
from mathdl.book.item import item
from mathdl.errors import InputError


@item(
    "def-10.4.1",
    "Maximum of all entries",
    try_it="mathdl.Network([mathdl.GlobalMaxPool2D()], input_shape=(1, 2, 2))([[[[3, -1], [4, 2]]]])",
)
def entrywise_maximum() -> Findings:
    """The function max of a matrix X gives its largest entry, wherever it stands."""
    matrix = drawn(4, 4)
    largest = max(entry for row in matrix.tolist() for entry in row)
    net = network([mathdl.GlobalMaxPool2D()], (1, 4, 4))
    shuffled = [np.random.default_rng(seed).permutation(matrix.ravel()).reshape(1, 4, 4) for seed in range(3)]
    yield equals("maximum of a drawn 4 x 4 matrix with entries from -5 to 5", net(matrix[None, None]).item(), largest)
    yield equals("maximum of the same entries in three other orders", net(np.array(shuffled)).ravel(), [largest] * 3)
    yield equals("maximum of (-3 -1, -7 -2)", max_pooled([[-3, -1], [-7, -2]], 2).item(), -1, "it may be negative")


@item(
    "def-10.4.2",
    "Max pooling layer function",
    try_it="mathdl.Network([mathdl.MaxPool2D(2)], input_shape=(1, 2, 4))([[[[1, 2, 3, 4], [5, 6, 7, 8]]]])",
)
def max_pooling() -> Findings:
    """Max pooling p cuts an N x M matrix X into blocks of D x D entries and keeps the largest entry of each.

    D divides N and M; p(X) is N/D x M/D. The block of p(X)'s entry (i, j) is X[(i-1)D + 1, (j-1)D + 1; D], the part
    with that top left entry. There are other ways to pool: average pooling keeps the mean of each block.
    """
    matrix = drawn(4, 6)
    blocks = [[mathdl.submatrix(matrix, 2 * i - 1, 2 * j - 1, 2) for j in (1, 2, 3)] for i in (1, 2)]
    yield equals("with D = 2, p(X) of a drawn 4 x 6 matrix X", max_pooled(matrix, 2), np.max(blocks, axis=(2, 3)))
    yield equals("with D = 3, size of p(X) for a 6 x 9 matrix X", max_pooled(drawn(6, 9), 3).shape, (2, 3))
    means = image_map(mathdl.AveragePool2D(2), [[1, 2, 0, 0], [3, 6, 0, 8]])
    yield equals("means of the blocks of (1 2 0 0, 3 6 0 8)", means, ((3, 2),), "by average pooling")
    yield equals("maxima of the blocks of (1 2 0 0, 3 6 0 8)", max_pooled([[1, 2, 0, 0], [3, 6, 0, 8]], 2), ((6, 8),))
    yield shows("A layer with D = 2 refuses 6 x 9 matrices, as 2 does not divide 9.", refused(2, 6, 9))
    pooled, printed = max_pooled(matrix, 2)[0, 1], mathdl.submatrix(matrix, 1, 2, 2).max()
    yield erratum(
        "The blocks are X[i, j; D] with i = 1, ..., N/D and j = 1, ..., M/D.",
        "They are X[(i-1)D + 1, (j-1)D + 1; D]: the others overlap and leave out entries.",
        differs("entry (1, 2) of p(X) of the 4 x 6 matrix, where X[1, 2; 2] has the maximum 2", pooled, printed),
        equals("the maximum of X[1, 3; 2] there", mathdl.submatrix(matrix, 1, 3, 2).max(), pooled),
        equals(
            "entries in X[1, 1; 2] and in X[1, 3; 2], both blocks, together", len({*places(1, 1), *places(1, 3)}), 8
        ),
        equals(
            "entries in X[1, 1; 2] and in X[1, 2; 2] together", len({*places(1, 1), *places(1, 2)}), 6, "two in both"
        ),
    )


def places(i: int, j: int) -> list[tuple[int, int]]:
    """Return the places of the entries of X[i, j; 2]."""
    return [(r, q) for r in (i, i + 1) for q in (j, j + 1)]


def refused(size: int, rows: int, columns: int) -> bool:
    """Whether pictures of rows x columns cannot be pooled in blocks of a size."""
    try:
        network([mathdl.MaxPool2D(size)], (1, rows, columns))
    except InputError:
        return True
    return False


@max_pooling.figure("a drawn 4 x 6 matrix X", size=(2.8, 2.0))
def _draw_unpooled(ax: Any) -> None:
    draw_matrix(ax, drawn(4, 6), "X", block=2)


@max_pooling.figure("its maxima over blocks of 2 x 2 entries", size=(2.8, 2.0))
def _draw_pooled(ax: Any) -> None:
    draw_matrix(ax, max_pooled(drawn(4, 6), 2), "p(X), D = 2")


@item(
    "ex-10.4.1",
    "Pooling the edge",
    try_it="mathdl.Network([mathdl.MaxPool2D(2)], input_shape=(1, 4, 4))([[[[0, 2, 0, 0]] * 4]])",
)
def pooled_edge() -> Findings:
    """The response B of Example 10.1.4's edge kernel has four rows 0 2 0 0; pooling by D = 2 leaves (2 0, 2 0).

    The edge is still seen in the left half, but no longer where in it.
    """
    b = mathdl.convolve(EDGE, WHITE_TO_BLACK)
    yield equals("B = K * A of Example 10.1.4", b, [[0, 2, 0, 0]] * 4)
    yield equals("p(B)", max_pooled(b, 2), ((2, 0), (2, 0)))
    earlier = mathdl.convolve(EDGE, [[0, 1, 1, 1, 1]] * 5)
    yield equals("response to a picture whose edge comes one column earlier", earlier, [[2, 0, 0, 0]] * 4)
    yield equals(
        "the same, pooled", max_pooled(earlier, 2), max_pooled(b, 2), "pooling does not tell the two edges apart"
    )
    later = mathdl.convolve(EDGE, [[0, 0, 0, 1, 1]] * 5)
    yield equals("response to an edge one column later, pooled", max_pooled(later, 2), ((0, 2), (0, 2)))


@pooled_edge.figure("the response B", size=(2.4, 2.4))
def _draw_response(ax: Any) -> None:
    draw_matrix(ax, mathdl.convolve(EDGE, WHITE_TO_BLACK), "B", block=2)


@pooled_edge.figure("the response after max pooling with D = 2", size=(2.4, 2.4))
def _draw_pooled_response(ax: Any) -> None:
    draw_matrix(ax, max_pooled(mathdl.convolve(EDGE, WHITE_TO_BLACK), 2), "p(B)")
