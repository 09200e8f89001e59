"""Section 10.6: what moves with a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import difference, drawn, image_map, max_pooled, network, unit_images
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Finding, Findings, differs, equals, erratum, near, refutes, shows
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
        "with ReLU and b = 2, largest difference of c(T_h X) and T_h c(X) in columns 2 to 4, for a drawn X",
        difference(moved[:, 1:], to_the_right(answer)[:, 1:]),
        0,
    )
    yield equals(
        "the same in column 1",
        difference(moved[:, 0], to_the_right(answer)[:, 0]),
        75,
        "where X's last column comes in",
    )
    position, peak = mathdl.Conv2D(1, 3, bias="position"), [0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0]
    by_place = [image_map(position, to_the_right(x), kernel, peak), to_the_right(image_map(position, x, kernel, peak))]
    yield erratum(
        "(10.45) holds for the layer of Definition 10.2.1, with a bias matrix b.",
        "It holds where all entries of b are equal.",
        differs(
            "with b_22 = 7 and all other biases 0, entry (2, 2) of c(T_h X), beside that of T_h c(X)",
            by_place[0][1, 1],
            by_place[1][1, 1],
        ),
        equals(
            "with one bias b = 7, largest difference in columns 2 to 4",
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
    first, second = mathdl.convolve(SLANTED, bar(1)), mathdl.convolve(SLANTED, bar(6))
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
    draw_matrix(ax, mathdl.convolve(SLANTED, bar(1)) + mathdl.convolve(SLANTED, bar(6)), "K * X of both, added")


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


def shift_invariant(sizes: Sequence[int], channels: int = 1) -> list[Any]:
    """List the layers of example 10.6.3: for each D_k padding by D_k - 1 and a convolution, then the maximum."""
    layers: list[Any] = []
    for place, d in enumerate(sizes, 1):
        count = channels if place == len(sizes) else 1
        layers += [mathdl.ZeroPad2D(d - 1), mathdl.Conv2D(count, d, activation="relu", bias=None)]
    return [*layers, mathdl.GlobalMaxPool2D()]


def before_and_after(layers: Sequence[Any], matrix: Any, *parameters: Any) -> tuple[float, float]:
    """Return the largest response to a picture and to T_h of it."""
    picture = np.array(matrix)[None, None]
    net = network([*layers, mathdl.GlobalMaxPool2D()], picture.shape[1:], *parameters)
    return net(picture).item(), net(to_the_right(picture)).item()


def one(place: int, size: int = 4) -> Any:
    """Return a vector with a 1 at a place, counted from 1, and else 0: the entries of a kernel, row by row."""
    return np.eye(size, dtype=int)[place - 1]


CORNER = ((1, 0), (0, 0))
"""A picture with one pixel that is not 0."""


@item("ex-10.6.3", "A network whose answer does not change under a shift")
def invariant_network() -> Findings:
    """A network pads a picture M, convolves it, and so on d times; its outputs are the maxima of the last responses.

    Layer k pads by s_k zeros on every side and has D_k x D_k kernels, an activation function lambda and biases b_k. The
    last one has a channel for each class; the maximum q_i of channel i is the score of class i, and softmax makes
    probabilities of the scores. If M's last column is 0, then T_h M, its columns moved to the right, gets the same
    scores, provided s_k >= D_k - 1, b_k = 0 and lambda(0) = 0: what moves stays within the zeros, and a maximum
    does not tell where it is.
    """
    net = network(shift_invariant((3, 3), 2), (1, 6, 6), drawn(9), drawn(2, 9, seed=1))
    pictures = drawn(20, 1, 6, 6, seed=2)
    pictures[..., -1] = 0
    yield equals(
        "shapes after padding, convolution, padding, convolution, maximum",
        [str(layer.output_shape) for layer in net.layers],
        ("(1, 10, 10)", "(1, 8, 8)", "(1, 12, 12)", "(2, 10, 10)", "(2,)"),
    )
    scores = net(pictures)
    yield equals(
        "with d = 2 and D_k = 3, largest difference between the scores of M and T_h M, for 20 drawn M",
        difference(net(to_the_right(pictures)), scores),
        0,
    )
    yield equals("number of different scores among the 40", len(np.unique(scores)), 40, "the network is not constant")
    row = np.zeros((3, 3))
    row[1] = [0, 1, 1]
    found = before_and_after(padded_by(2, 2), row, [1, 1, 0, 0])
    yield equals(
        "q for M with a row 0 1 1 and for T_h M with 1 0 1, K with the row 1 1",
        found,
        (2, 1),
        "the last column has to be 0",
    )
    yield erratum(
        "Border responses are 0 with any biases and activation function.",
        "They are where all biases but the last are 0 and lambda(0) = 0; no bias may depend on the place.",
        *_biases(),
    )
    yield erratum(
        "Padding with s_k >= D_k is critical.",
        "s_k = D_k - 1 is enough when the last column of M is 0, and D_k - 2 is not.",
        refutes(
            "M = (1 0, 0 0), K = (0 1, 0 0), D = 2 and s = 1 < D: q is 1 for M and for T_h M.",
            before_and_after(padded_by(1, 2), CORNER, one(2)) == (1, 1),
        ),
        equals("with s = D - 2, q of M and of T_h M", before_and_after(padded_by(0, 2), CORNER, one(2)), (0, 1)),
    )
    low, enough = ([*padded_by(1, 1), *padded_by(s, 3)] for s in (0, 2))
    before, after = before_and_after(low, CORNER, [1], one(3, 9))
    yield erratum(
        "(10.58) asks for padding in layers 1 to kappa, the number of classes.",
        "It is needed in layers 1 to d, the number of convolutions.",
        differs(
            "with kappa = 1, d = 2, D = 1 and 3, s = 1 and 0, M = (1 0, 0 0): q of T_h M, beside q of M", after, before
        ),
        equals("q of M and of T_h M with s = 1 and 2", before_and_after(enough, CORNER, [1], one(3, 9)), (1, 1)),
    )


def padded_by(s: int, d: int) -> list[Any]:
    """Return padding by s zeros and a convolution with a d x d kernel."""
    return [mathdl.ZeroPad2D(s), mathdl.Conv2D(1, d, bias=None)]


def _biases() -> Iterator[Finding]:
    """Find that biases and the activation function matter."""
    layers = {name: [mathdl.ZeroPad2D(3), mathdl.Conv2D(1, 3, activation=name)] * 2 for name in ("relu", "sigmoid")}
    with_bias, without = ((one(1, 9), [bias], one(1, 9) - one(3, 9), [0]) for bias in (1, 0))
    kernels = "kernels 1 at (1, 1), and 1 at (1, 1), -1 at (1, 3)"
    before, after = before_and_after(layers["relu"], CORNER, *with_bias)
    what = f"with M = (1 0, 0 0), ReLU, b_1 = 1, s = 3 and {kernels}: q of T_h M, beside q of M"
    yield differs(what, after, before)
    before, after = before_and_after(layers["sigmoid"], CORNER, *without)
    yield differs("the same with b_1 = 0 and sigmoid", after, before, 0.01)
    by_place, peak = [mathdl.ZeroPad2D(1), mathdl.Conv2D(1, 2, bias="position")], np.zeros((3, 3))
    peak[0, 0] = 5
    before, after = before_and_after(by_place, CORNER, one(4), peak)
    yield differs("with a bias of 5 at the place (1, 1) alone: q of T_h M, beside q of M", after, before)
    yield equals(
        "with ReLU and b_1 = 0, q of M and of T_h M", before_and_after(layers["relu"], CORNER, *without), (1, 1)
    )


@item("fig-10.7", "The invariant network for two classes")
def invariant_two_classes() -> Findings:
    """The network of example 10.6.3 for 6 x 6 pictures and two classes, with two padded convolutions, D_k = 3, s_k = 2.

    The maxima of both channels of the last convolution are the scores; softmax makes probabilities of them.
    """
    net = network(shift_invariant((3, 3), 2), (1, 6, 6), drawn(9), drawn(2, 9, seed=1))
    sides = [layer.output_shape[1] for layer in net.layers[:4]]
    yield equals("rows after padding by 2, 3 x 3 kernels, padding, kernels, for 6 rows", sides, (10, 8, 12, 10))
    yield near(
        "probabilities of both classes for a drawn picture, summed",
        net.predict_proba(drawn(1, 1, 6, 6, seed=2)).sum(),
        1,
        1e-12,
    )


@invariant_two_classes.figure(
    "the network: padding, convolution, padding, convolution, global maximum", size=(6.6, 2.6)
)
def _draw_network(ax: Any) -> None:
    mathdl.plots.plot_network_diagram(network(shift_invariant((3, 3), 2), (1, 6, 6)), ax=ax)


@item("claim-10.6-shifts", "Several shifts need as many blank columns")
def several_shifts() -> Findings:
    """The answer of example 10.6.3's network stays the same under n shifts T_h if the last n columns of M are 0.

    T_h moves the columns of the picture M to the right, the last to the front. With one shift more, a column that is
    not 0 comes in from the other side, and the answer may change.
    """
    net = network(shift_invariant((3, 3), 2), (1, 6, 6), drawn(9), drawn(2, 9, seed=1))
    for n in (1, 2, 3):
        picture = drawn(1, 1, 6, 6, seed=2)
        picture[..., 6 - n :] = 0
        moved = [net(np.roll(picture, shifts, axis=-1))[0] for shifts in range(n + 2)]
        away = [difference(answer, moved[0]) for answer in moved]
        yield equals(
            f"largest change of the scores by 0, ..., {n} shifts, with {n} blank columns", max(away[: n + 1]), 0
        )
        yield shows(f"After {n + 1} shifts the scores of this picture have changed.", away[-1] > 0)
