"""Section 10.6: what moves with a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import convolved, difference, drawn, image_map, max_pooled, network, unit_images
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, at_least, differs, equals, erratum, shows
from mathdl.book.item import item


def to_the_right(matrix: Any) -> Any:
    """Return T_h: all columns moved to the next one, the last to the first."""
    return np.roll(matrix, 1, axis=-1)


def down(matrix: Any) -> Any:
    """Return T_v: all rows moved to the next one, the last to the first."""
    return np.roll(matrix, 1, axis=-2)


def broken(shift: Any) -> Any:
    """Return at which entries of c(X) the shift and K * X do not commute, for some 5 x 6 X and some 3 x 3 kernel K.

    Both sides are linear in X and in K, so that unit matrices for both decide it.
    """
    pictures = unit_images(5, 6)
    layer = mathdl.Conv2D(9, 3, bias=None)
    net = network([layer], (1, 5, 6), np.eye(9))  # the nine unit kernels
    return (net(shift(pictures)) != shift(net(pictures))).any(axis=(0, 1))


@item("sec-10.6", "A convolutional layer almost moves with its input")
def almost_equivariant() -> Findings:
    """T_h moves every column of a matrix to the next one, and the last to the first; T_v does so with rows.

    A convolutional layer c(X) = lambda(K * X + b) with one bias b and an activation function lambda commutes with both
    but at the border: c(T_h X) and T_h c(X) have the same entries (i, j) with j >= 2, and c(T_v X) and T_v c(X) those
    with i >= 2. So where a feature moves in X, the response to it moves in c(X).
    """
    columns, rows = broken(to_the_right), broken(down)
    why = "K * X is linear in K and X, so that 9 unit kernels and 30 unit pictures decide it for all of 3 x 3 and 5 x 6"
    yield equals(
        "columns j in which K * (T_h X) and T_h (K * X) may differ",
        (np.flatnonzero(columns.any(axis=0)) + 1).tolist(),
        [1],
        why,
    )
    yield equals(
        "rows i in which K * (T_v X) and T_v (K * X) may differ", (np.flatnonzero(rows.any(axis=1)) + 1).tolist(), [1]
    )
    x, kernel = drawn(5, 6), drawn(3, 3, seed=1)
    layer = mathdl.Conv2D(1, 3, activation="relu")
    moved, answer = image_map(layer, to_the_right(x), kernel, [2]), image_map(layer, x, kernel, [2])
    yield equals(
        "largest difference of c(T_h X) and T_h c(X) in columns 2 to 4, for a drawn X, ReLU, b = 2",
        difference(moved[:, 1:], to_the_right(answer)[:, 1:]),
        0,
    )
    yield at_least(
        "the same in column 1",
        difference(moved[:, 0], to_the_right(answer)[:, 0]),
        1,
        "the column that comes in from the other side",
    )
    position, peak = mathdl.Conv2D(1, 3, bias="position"), [0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0]
    by_place = [image_map(position, to_the_right(x), kernel, peak), to_the_right(image_map(position, x, kernel, peak))]
    yield erratum(
        "(10.45) holds for the layer of Definition 10.2.1, with a bias matrix b.",
        "It holds where all entries of b are equal.",
        differs(
            "entry (2, 2) of c(T_h X) for a matrix b with b_22 = 7 and else 0; T_h c(X) has -2",
            by_place[0][1, 1],
            by_place[1][1, 1],
        ),
        equals(
            "largest difference in columns 2 to 4 with one bias b = 7",
            difference(*(part[:, 1:] for part in one_bias(x, kernel))),
            0,
        ),
    )


@almost_equivariant.figure("how much c(T_h X) and T_h c(X) differ: only in column 1", size=(2.8, 2.2))
def _draw_broken(ax: Any) -> None:
    c_of_moved, moved_c = one_bias(drawn(5, 6), drawn(3, 3, seed=1))
    draw_matrix(ax, np.abs(c_of_moved - moved_c), "|c(T_h X) - T_h c(X)|")


def one_bias(x: Any, kernel: Any) -> tuple[Any, Any]:
    """Return c(T_h X) and T_h c(X) for a layer with the bias 7."""
    layer = mathdl.Conv2D(1, 3)
    return image_map(layer, to_the_right(x), kernel, [7]), to_the_right(image_map(layer, x, kernel, [7]))


def bar(column: int) -> Any:
    """Return a picture of 8 x 12 pixels with a slanted bar of four pixels that begins in a column."""
    picture = np.zeros((8, 12), int)
    picture[range(2, 6), range(column, column + 4)] = 1
    return picture


SLANTED = ((1, 0), (0, 1))
"""A kernel that looks like the bar."""


@item("fig-10.5", "The same object at two places")
def two_places() -> Findings:
    """Two pictures show the same slanted bar, the second five columns further to the right.

    A convolution responds to both alike, five columns further. A dense neuron has other weights at the other place: to
    it the pictures have nothing to do with one another.
    """
    first, second = convolved(SLANTED, bar(1)), convolved(SLANTED, bar(6))
    yield equals(
        "largest response to each picture of a 2 x 2 kernel that looks like the bar",
        (first.max(), second.max()),
        (2, 2),
    )
    yield equals(
        "where it is, as (row, column)",
        [places(first), places(second)],
        [[(k, k - 1 + s) for k in (3, 4, 5)] for s in (0, 5)],
    )
    yield equals(
        "largest difference between the second response and the first, moved by 5 columns",
        difference(second, np.roll(first, 5, axis=1)),
        0,
    )
    dense = network([mathdl.Flatten(), mathdl.Dense(5)], (1, 8, 12))
    answers = dense(np.array([[bar(1)], [bar(6)]]))
    both = (dense.layers[1].weights != 0).reshape(5, 8, 12)
    shared = int((both[0] & (bar(1) == 1) & (bar(6) == 1)).sum())
    yield equals("weights of a dense neuron that the bar meets at both places", shared, 0)
    yield shows(
        "A dense layer with weights drawn at random gives different answers to both.", (answers[0] != answers[1]).all()
    )


def places(response: Any) -> list[tuple[int, int]]:
    """Return the places of the largest entries, counted from 1."""
    return [(int(i) + 1, int(j) + 1) for i, j in np.argwhere(response == response.max())]


@two_places.figure("the bar on the left", size=(3.4, 2.4))
def _draw_left(ax: Any) -> None:
    draw_matrix(ax, bar(1), "X with the bar on the left", numbers=False)


@two_places.figure("the bar on the right", size=(3.4, 2.4))
def _draw_right(ax: Any) -> None:
    draw_matrix(ax, bar(6), "X with the bar on the right", numbers=False)


@two_places.figure("the sum of the responses K * X to both: the same numbers at two places", size=(3.4, 2.4))
def _draw_responses(ax: Any) -> None:
    draw_matrix(ax, convolved(SLANTED, bar(1)) + convolved(SLANTED, bar(6)), "K * X of both, added")


@item(
    "ex-10.6.1",
    "Pooling does not move with its input",
    try_it="mathdl.Network([mathdl.MaxPool2D(2)], (1, 4, 4))([[[[2, 2, 0, 1]] * 4], [[[1, 2, 2, 0]] * 4]])",
)
def pooling_does_not_move() -> Findings:
    """X has four rows 2 2 0 1; p pools blocks of 2 x 2 entries; T_h moves columns to the right, the last to the front.

    p(T_h X) and T_h p(X) differ: pooling does not commute with shifts (it is not equivariant).
    """
    x = np.array([[2, 2, 0, 1]] * 4)
    yield equals("p(X)", max_pooled(x, 2), ((2, 1), (2, 1)))
    yield equals("T_h X, row by row", to_the_right(x), [[1, 2, 2, 0]] * 4)
    yield equals("p(T_h X)", max_pooled(to_the_right(x), 2), ((2, 2), (2, 2)))
    yield equals("T_h p(X)", to_the_right(max_pooled(x, 2)), ((1, 2), (1, 2)))
    yield equals(
        "p(T_v X), for the shift T_v of rows",
        max_pooled(down(x), 2),
        down(max_pooled(x, 2)),
        "T_v changes nothing here, as all rows of X are equal",
    )


@item(
    "ex-10.6.2",
    "A dense map does not move with its input",
    try_it="mathdl.Network([mathdl.Dense(3)], input_shape=(3,))([[1, 0, 0], [0, 1, 0]])",
)
def dense_does_not_move() -> Findings:
    """A is the 3 x 3 matrix with 1, 2, 3 on its diagonal and else 0; v = (1, 0, 0); T_v moves a vector's entries down.

    A (T_v v) and T_v (A v) differ, so that dense layers in general do not commute with shifts.
    """
    net = network([mathdl.Dense(3, bias=False)], (3,), np.diag([1, 2, 3]))
    v = np.array([[1, 0, 0]])
    yield equals("A v", net(v)[0], (1, 0, 0))
    yield equals("A (T_v v)", net(np.roll(v, 1))[0], (0, 2, 0))
    yield equals("T_v (A v)", np.roll(net(v), 1)[0], (0, 1, 0))
