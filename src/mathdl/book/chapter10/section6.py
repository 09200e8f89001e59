"""Section 10.6: what moves with a picture."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import difference, drawn, image_map, max_pooled, network, unit_images
from mathdl.book.chapter10.moving import DOWN, RIGHT, SLANTED, ball, bar, centre, down, places, to_the_right
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.finding import Findings, differs, equals, erratum, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, SOFT


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
    one_channel = network([mathdl.Conv2D(1, 2, bias=None)], (1, 8, 12), SLANTED)
    yield equals(
        "the decision whether the response moves as the picture does, for pictures with 1 blank column on the left and "
        "6 on the right",
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


@two_places.figure("the bar on the left", size=(3.4, 2.4))
def _draw_left(ax: Any) -> None:
    draw_matrix(ax, bar(1), "X with the bar on the left", numbers=False)


@two_places.figure("the bar on the right", size=(3.4, 2.4))
def _draw_right(ax: Any) -> None:
    draw_matrix(ax, bar(6), "X with the bar on the right", numbers=False)


@two_places.figure("the sum of the responses K * X to both: the same numbers at two places", size=(3.4, 2.4))
def _draw_responses(ax: Any) -> None:
    draw_matrix(ax, mathdl.convolve(SLANTED, bar(1)) + mathdl.convolve(SLANTED, bar(6)), "K * X of both, added")


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
        sum(list(centre({(i + k, j + q) for i, j in found})) == [4 + k, 5 + q] for k, q in moves),
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


def circular(a: Any) -> Any:
    """Return the convolution with the kernel (1 2, 3 4) that goes on at the other side."""
    terms = (((0, 0), 1), ((0, 1), 2), ((1, 0), 3), ((1, 1), 4))
    return sum(weight * np.roll(a, (-i, -j), axis=(-2, -1)) for (i, j), weight in terms)


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
    yield shows(
        "The certificate of this proof passes the checker.",
        both.certificate is not None and mathdl.verify(both.certificate, both.data),
    )
    units = unit_images(4, 4)
    yield equals(
        "a convolution with the kernel (1 2, 3 4) that runs round in a circle: largest difference under T_h and T_v, "
        "for the 16 unit matrices",
        [difference(circular(shift(units)), shift(circular(units))) for shift in (to_the_right, down)],
        (0, 0),
        "it is linear, so that the unit matrices decide it for all A",
    )
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
