"""Section 10.3: padding layers."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import drawn, image_map, network, padded
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, differs, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.errors import InputError


def uses(rows: int, columns: int, d: int, padding: int = 0) -> Any:
    """Return how many entries of K * A each entry of A enters, for a kernel of d x d numbers that are not 0."""
    return mathdl.pixel_uses(network([mathdl.ZeroPad2D(padding), mathdl.Conv2D(1, d)], (1, rows, columns)))


def counted(size: int, d: int) -> list[int]:
    """Return min(i, D, N - i + 1, N - D + 1) for i = 1, ..., N: how many places of the kernel meet row i."""
    return [min(i, d, size - i + 1, size - d + 1) for i in range(1, size + 1)]


@item(
    "sec-10.3",
    "How often each pixel is used",
    try_it="mathdl.pixel_uses(mathdl.Network([mathdl.Conv2D(1, 3)], input_shape=(1, 7, 8)))",
)
def pixel_uses() -> Findings:
    """In K * A, an entry a_ij of the N x M matrix A is used once for each place of the D x D kernel K that covers it.

    That is u_i v_j times with u_i = min(i, D, N - i + 1, N - D + 1) and v_j = min(j, D, M - j + 1, M - D + 1): once in
    a corner, D^2 times in the middle. So a network sees less of what is near the border. Zeros around A move the border
    outwards.
    """
    count = uses(7, 8, 3)
    yield equals(
        "with D = 3, uses of each entry of a 7 x 8 matrix", count, np.outer(counted(7, 3), counted(8, 3)), "u_i v_j"
    )
    yield equals("uses of the four corners", count[[0, 0, -1, -1], [0, -1, 0, -1]], (1, 1, 1, 1))
    yield equals("uses in the middle, D <= i <= N - D + 1 and D <= j <= M - D + 1", np.unique(count[2:5, 2:6]), [3**2])
    yield equals(
        "uses of each entry after padding by D - 1 = 2 zeros on every side", np.unique(uses(7, 8, 3, 2)), [3**2]
    )
    yield erratum(
        "Entries of the first row or column other than corners, a_1j and a_i1, are used D times.",
        "They are used v_j and u_i times: D times for D <= j <= M - D + 1, and fewer times near the corners.",
        differs("with D = 3, uses of a_12", int(count[0, 1]), 3),
        equals("with D = 3, uses of a_11, ..., a_18", count[0], (1, 2, 3, 3, 3, 3, 2, 1)),
    )
    low, wide = uses(7, 5, 3), uses(5, 7, 3)
    yield erratum(
        "Rows and columns have the same ranges: a_i1 for 1 < i < M, and the middle D <= i, j <= N - D + 1.",
        "a_i1 has 1 < i < N, and the middle has D <= i <= N - D + 1 and D <= j <= M - D + 1.",
        differs("with D = 3, uses of a_55 in the printed middle of a 7 x 5 matrix", int(low[4, 4]), 3**2),
        differs("with D = 3, uses of a_51 in a 5 x 7 matrix, whose row is between 1 and M", int(wide[4, 0]), 3),
        equals("with D = 3, uses of a_33, a_43 and a_53, the middle of the 7 x 5 matrix", low[2:5, 2], (9, 9, 9)),
        equals("with D = 3, uses of a_31 in the 5 x 7 matrix", int(wide[2, 0]), 3),
    )


@pixel_uses.figure(
    "uses of each pixel of a 7 x 7 picture by a 3 x 3 kernel: 1 in the corners, 9 in the middle", size=(2.8, 2.8)
)
def _draw_uses(ax: Any) -> None:
    draw_matrix(ax, uses(7, 7, 3), "uses for D = 3")


@pixel_uses.figure("the same after padding by 2 zeros on every side: 9 everywhere", size=(2.8, 2.8))
def _draw_padded_uses(ax: Any) -> None:
    draw_matrix(ax, uses(7, 7, 3, 2), "uses after padding by 2", shades=(1, 9))


@item(
    "def-10.3.1",
    "Zero padding layer",
    try_it="mathdl.Network([mathdl.ZeroPad2D(1)], input_shape=(1, 2, 2))([[[[1, 2], [3, 4]]]])",
)
def zero_padding() -> Findings:
    """A padding layer P of size 2s puts an n x n matrix M into the middle of an (n + 2s) x (n + 2s) matrix of zeros.

    So P(M) has M's entry (i, j) at (i + s, j + s), and 0 in its first and last s rows and columns. ZeroPad2D(s) takes
    any N x M.
    """
    yield equals(
        "with s = 1, P(M) for the matrix M of rows 1 2 and 3 4",
        padded([[1, 2], [3, 4]], 1),
        ((0, 0, 0, 0), (0, 1, 2, 0), (0, 3, 4, 0), (0, 0, 0, 0)),
    )
    matrix = drawn(4, 4)
    for s in (1, 3):
        yield equals(
            f"with s = {s}, size of P(M) for a 4 x 4 matrix M", padded(matrix, s).shape, (4 + 2 * s, 4 + 2 * s)
        )
    wide = padded(matrix, 3)
    yield equals(
        "with s = 3, rows and columns 4 to 7 of P(M) for a drawn 4 x 4 matrix M", wide[3:7, 3:7], matrix, "M unchanged"
    )
    yield equals("entries of P(M) that are not 0 outside of them", np.count_nonzero(wide) - np.count_nonzero(matrix), 0)
    yield equals("with s = 1, size of P(M) for a 3 x 5 matrix M", padded(drawn(3, 5), 1).shape, (5, 7))


def framed(matrix: Any, top: int, bottom: int, left: int, right: int, value: int) -> Any:
    """Pad with so many rows and columns of a value on each side."""
    return image_map(mathdl.ZeroPad2D((top, bottom, left, right), value=value), matrix)


@item(
    "claim-10.3-sizes",
    "Padding gives pictures of different sizes one size",
    try_it="mathdl.Network([mathdl.ZeroPad2D((0, 1, 0, 0), value=7)], input_shape=(1, 3, 5)).output_shape",
)
def same_sizes() -> Findings:
    """Pictures of different sizes can be padded to one size, by zeros or another value, on any sides.

    A dense layer needs inputs of one size. Each picture keeps all of its pixels, only at another place. A padding layer
    that adds s rows and columns on every side is not enough for that; ZeroPad2D takes a number for each side too.
    """
    low, square = drawn(3, 5), drawn(4, 4, seed=1)
    first, second = framed(low, 0, 1, 0, 0, 7), framed(square, 0, 0, 1, 0, 7)
    yield equals(
        "sizes of a 3 x 5 and a 4 x 4 picture, padded below and on the left",
        (first.shape, second.shape),
        ((4, 5), (4, 5)),
    )
    yield equals(
        "the first, of drawn whole numbers, padded by 7", first, np.pad(low, ((0, 1), (0, 0)), constant_values=7)
    )
    yield equals("the second, padded by 7", second, np.pad(square, ((0, 0), (1, 0)), constant_values=7))
    yield equals("the first 3 rows of the padded first picture", first[:3], low, "nothing is lost")
    net = network([mathdl.Flatten(), mathdl.Dense(2)], (1, 4, 5))
    yield equals(
        "answers of one dense layer to both, two numbers each", net(np.array([[first], [second]])).shape, (2, 2)
    )
    yield shows("The dense layer refuses the 3 x 5 picture without padding.", refuses(net, low))
    symmetric = [(3 + 2 * s, 5 + 2 * s) == (4 + 2 * t, 4 + 2 * t) for s in range(10) for t in range(10)]
    yield erratum(
        "Padding as in Definition 10.3.1, by s on every side, makes pictures of any sizes alike.",
        "It keeps the difference of height and width, so sides have to be padded differently.",
        refutes(
            "A 3 x 5 picture padded by s and a 4 x 4 one padded by t differ for all s, t < 10: 3 + 2s is odd.",
            not any(symmetric),
        ),
        equals("size of both when padded differently", first.shape, second.shape),
    )


def refuses(net: Any, matrix: Any) -> bool:
    """Whether a network does not take a matrix."""
    try:
        net(matrix[None, None])
    except InputError:
        return True
    return False


@same_sizes.figure("a 3 x 5 picture, padded by a row of 7s below", size=(2.6, 2.2))
def _draw_low(ax: Any) -> None:
    draw_matrix(ax, framed(drawn(3, 5), 0, 1, 0, 0, 7), "3 x 5, padded by 7")


@same_sizes.figure("a 4 x 4 picture, padded by a column of 7s on the left", size=(2.6, 2.2))
def _draw_square(ax: Any) -> None:
    draw_matrix(ax, framed(drawn(4, 4, seed=1), 0, 0, 1, 0, 7), "4 x 4, padded by 7")
