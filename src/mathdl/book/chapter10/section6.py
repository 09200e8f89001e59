"""Section 10.6: what moves with a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import convolved, difference, drawn, image_map, max_pooled, network, unit_images
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.chapter10.shifted_digits import ROOM, trained
from mathdl.book.finding import Finding, Findings, at_least, at_most, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT


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


@item(
    "sec-10.6",
    "A convolutional layer almost moves with its input",
    try_it="mathdl.decide_equivariance(mathdl.Network([mathdl.Conv2D(1, 3)], (1, 5, 6)), (0, 1))",
)
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
    net = network([layer], (1, 5, 6), kernel, [2])
    decision = mathdl.decide_equivariance(net, (0, 1))
    yield equals(
        "the decision whether c(T_h X) = T_h c(X) for all 5 x 6 matrices X, and the pixels of the smallest X found",
        (decision.verdict, int(np.count_nonzero(decision.picture))),
        ("refuted", 1),
        "one pixel in the last column of X is enough: it comes in at the front",
    )
    yield equals(
        "rows and columns of zeros around X (above, below, left, right) with which it is proved",
        mathdl.smallest_border(net, (0, 1), "equivariance"),
        (0, 0, 2, 3),
        "then no response to the pixels touches column 1 of c(T_h X) or of T_h c(X)",
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
    one_channel = network([mathdl.Conv2D(1, 2, bias=None)], (1, 8, 12), SLANTED)
    yield equals(
        "the decision whether the response moves as the picture does, for all pictures blank in 1 column on the left and 6 "
        "on the right",
        mathdl.decide_equivariance(one_channel, (0, 5), border=(0, 0, 1, 6)).verdict,
        "proved",
        "not for these two bars alone",
    )
    dense = network([mathdl.Flatten(), mathdl.Dense(5)], (1, 8, 12))
    answers = dense(np.array([[bar(1)], [bar(6)]]))
    both = (dense.layers[1].weights != 0).reshape(5, 8, 12)
    shared = int((both[0] & (bar(1) == 1) & (bar(6) == 1)).sum())
    yield equals("weights of a dense neuron that the bar meets at both places", shared, 0)
    yield shows(
        "A dense layer with weights drawn at random gives different answers to both.", (answers[0] != answers[1]).all()
    )
    yield equals(
        "the decision whether the dense layer's answer stays, for the same pictures",
        mathdl.decide_invariance(dense, (0, 5), border=(0, 0, 1, 6)).verdict,
        "refuted",
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


def ball(row: int, column: int, radius: int) -> set[tuple[int, int]]:
    """Return the pixels within a radius of a pixel."""
    sides = range(-radius, radius + 1)
    return {(row + i, column + j) for i in sides for j in sides if i * i + j * j <= radius * radius}


def centre(pixels: set[tuple[int, int]]) -> tuple[Fraction, Fraction]:
    """Return the mean of the pixels' places."""
    rows, columns = zip(*pixels, strict=True)
    return Fraction(sum(rows), len(pixels)), Fraction(sum(columns), len(pixels))


@item("fig-10.6", "The centre of a ball moves with the ball")
def centre_of_a_ball() -> Findings:
    """C(B) is the centre of a ball B, the mean of its points; T moves every point of the plane by the same amount.

    Whether one moves the ball and takes its centre, or takes the centre and moves it, is the same: C(T B) = T C(B).
    """
    found = ball(4, 5, 3)
    yield equals("points of the ball of radius 3 around (4, 5), on the grid of whole numbers", len(found), 29)
    yield equals("its centre, the mean of the points", centre(found), (4, 5))
    moves = [(k, q) for k in range(-3, 4) for q in range(-3, 4)]
    yield equals(
        "for the 49 translations by up to 3 down or up, right or left: how many have C(T B) = T C(B)",
        sum(centre({(i + k, j + q) for i, j in found}) == (4 + k, 5 + q) for k, q in moves),
        49,
    )
    parts = found - {(4, 8), (7, 5)}
    moved = centre({(i + 2, j - 3) for i, j in parts})
    yield equals(
        "the same for a ball that lacks two points: centre of the moved set less centre of the set",
        [a - b for a, b in zip(moved, centre(parts), strict=True)],
        (2, -3),
        "the mean of any points moves as they do",
    )


@centre_of_a_ball.figure("a ball B and its centre, and both moved by T", size=(3.6, 2.6))
def _draw_balls(ax: Any) -> None:
    for (row, column), colour, marker, name in (((4, 4), SOFT, "o", "B"), ((6, 12), COLOURS[0], "s", "T B")):
        rows, columns = zip(*sorted(ball(row, column, 3)), strict=True)
        ax.scatter(columns, rows, color=colour, marker=marker, s=26, label=name)
        ax.scatter([column], [row], color=COLOURS[1], marker="X", s=70, zorder=3, edgecolor=INK)
    ax.annotate("", (12, 6), (4, 4), arrowprops={"arrowstyle": "->", "color": INK, "linewidth": 1.4})
    ax.set(xlim=(0, 17), ylim=(10.5, -0.5), xlabel="column j", ylabel="row i", aspect="equal")
    ax.legend(loc="upper right")


@item("def-10.6.1", "The shifts of rows and columns, round in a circle")
def shift_operators() -> Findings:
    """T_h moves each column of an N x M matrix to the next one, and the last column to the first.

    T_v does the same with rows. Both only change the places of entries.
    """
    a = np.array([[1, 2, 3], [4, 5, 6]])
    yield equals("T_h A for A with the rows 1 2 3 and 4 5 6", to_the_right(a), ((3, 1, 2), (6, 4, 5)))
    yield equals("T_v A", down(a), ((4, 5, 6), (1, 2, 3)))
    yield equals("T_h T_h T_h A: after M = 3 shifts", to_the_right(to_the_right(to_the_right(a))), a, "A is back")
    yield equals("T_v T_v A: after N = 2 shifts", down(down(a)), a)
    yield equals("T_h T_v A", to_the_right(down(a)), ((6, 4, 5), (3, 1, 2)))
    yield equals("T_v T_h A", down(to_the_right(a)), ((6, 4, 5), (3, 1, 2)), "the two shifts commute")


@shift_operators.figure("A", size=(2.2, 1.8))
def _draw_matrix(ax: Any) -> None:
    draw_matrix(ax, [[1, 2, 3], [4, 5, 6]], "A")


@shift_operators.figure("T_h A", size=(2.2, 1.8))
def _draw_columns_moved(ax: Any) -> None:
    draw_matrix(ax, to_the_right(np.array([[1, 2, 3], [4, 5, 6]])), "T_h A")


@shift_operators.figure("T_v A", size=(2.2, 1.8))
def _draw_rows_moved(ax: Any) -> None:
    draw_matrix(ax, down(np.array([[1, 2, 3], [4, 5, 6]])), "T_v A")


RIGHT, DOWN = (0, 1), (1, 0)
"""T_h and T_v as shifts, down and to the right."""


@item(
    "def-10.6.2",
    "Equivariance: the answer moves with the picture",
    try_it="mathdl.decide_equivariance(mathdl.Network([mathdl.Conv2D(1, 1, activation='relu')], (1, 4, 4)), (0, 1))",
)
def equivariance() -> Findings:
    """A function f of matrices is translationally equivariant if f(T_h A) = T_h f(A) and f(T_v A) = T_v f(A) for all A.

    Every move by whole pixels is made of T_h and T_v, so such an f moves its answer as its argument moves.
    """
    entrywise = network([mathdl.Conv2D(1, 1, activation="relu")], (1, 4, 4), [-3], [2])
    yield equals(
        "the decision for the function max(0, 2 - 3a) of every entry a, under T_h and T_v",
        [mathdl.decide_equivariance(entrywise, shift).verdict for shift in (RIGHT, DOWN)],
        ["proved"] * 2,
        "each entry of the answer hangs on one entry, wherever it is",
    )
    both = mathdl.decide_equivariance(entrywise, (3, -2))
    yield equals("the same for 3 shifts down and 2 to the left at once", both.verdict, "proved")
    yield shows("The certificate of this proof passes the checker.", mathdl.verify(both.certificate, both.data))
    layers = {
        "a convolution, K * A for a 2 x 2 kernel of 1s": network([mathdl.Conv2D(1, 2, bias=None)], (1, 4, 4), [1] * 4),
        "max pooling of 2 x 2 blocks": network([mathdl.MaxPool2D(2)], (1, 4, 4)),
    }
    for name, net in layers.items():
        decision = mathdl.decide_equivariance(net, RIGHT)
        yield equals(
            f"{name}: the decision under T_h, and the pixels of a counterexample",
            (decision.verdict, int(np.count_nonzero(decision.picture))),
            ("refuted", 1),
        )
        picture = decision.picture[None].astype(float)
        yield shows(
            "For it f(T_h A) and T_h f(A) differ.", (net(to_the_right(picture)) != to_the_right(net(picture))).any()
        )


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
    pooled = network([mathdl.MaxPool2D((1, 2))], (1, 1, 8))
    row = np.array([[[[0, 0, 1, 1, 0, 0, 1, 1]]]])
    yield equals("p of the row 0 0 1 1 0 0 1 1, for blocks of two", pooled(row).ravel(), (0, 1, 0, 1))
    yield equals("p of it moved by one", pooled(to_the_right(row)).ravel(), (1, 1, 1, 1), "no shift of 0 1 0 1")
    net = network([mathdl.MaxPool2D(2)], (1, 4, 4))
    yield equals(
        "the decision whether p moves by 1 column as X does; by 1 where X moves by 2",
        [mathdl.decide_equivariance(net, shift, output_shift=RIGHT).verdict for shift in (RIGHT, (0, 2))],
        ("refuted", "proved"),
        "a shift by whole blocks moves the maxima by as many places",
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
    by_row = network(
        [mathdl.ZeroPad2D(0), mathdl.Flatten(), mathdl.Dense(3, bias=False)], (1, 3, 1), np.diag([1, 2, 3])
    )
    decision = mathdl.decide_invariance(by_row, DOWN)
    yield equals(
        "the decision whether A (T_v v) = A v, with v as a 3 x 1 picture, and the pixels of a counterexample",
        (decision.verdict, int(np.count_nonzero(decision.picture))),
        ("refuted", 1),
        "so the map is not invariant either",
    )


@item(
    "def-10.6.3",
    "Invariance: the answer stays",
    try_it="mathdl.decide_invariance(mathdl.Network([mathdl.GlobalMaxPool2D()], (1, 4, 4)), (0, 1))",
)
def invariance() -> Findings:
    """A classifier f of matrices is translationally invariant if f(T_h A) = f(A) and f(T_v A) = f(A) for all A.

    What it finds does not hang on where it is. A classifier that thresholds outputs is invariant where these are.
    """
    heads = {
        "the largest entry": [mathdl.GlobalMaxPool2D()],
        "the mean of the entries": [mathdl.GlobalAveragePool2D()],
    }
    for name, layers in heads.items():
        net = network(layers, (1, 4, 4))
        verdicts = [mathdl.decide_invariance(net, shift).verdict for shift in (RIGHT, DOWN, (3, -2))]
        yield equals(f"{name} of a 4 x 4 matrix, under T_h, T_v and both at once", verdicts, ["proved"] * 3)
    corner = network([mathdl.Flatten(), mathdl.Dense(1, bias=False)], (1, 4, 4), one(1, 16))
    found = mathdl.decide_invariance(corner, RIGHT)
    yield equals("the entry (1, 1) alone: the decision", found.verdict, "refuted")
    yield equals("the answers to the matrix found and to T_h of it", [part[0] for part in found.outputs], (1, 0))


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
