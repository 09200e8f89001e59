"""Section 10.6, second part: answers that stay where a picture moves."""

from __future__ import annotations

from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import difference, drawn, network
from mathdl.book.chapter10.moving import DOWN, RIGHT, to_the_right
from mathdl.book.chapter10.pictures import draw_matrix
from mathdl.book.chapter10.shift_networks import (
    CORNER,
    before_and_after,
    biases_matter,
    one,
    padded_by,
    repaired_by_padding,
    shift_invariant,
)
from mathdl.book.chapter10.shifted_digits import EPOCHS, TRAINING, trained
from mathdl.book.finding import Findings, at_least, at_most, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item


@item(
    "def-10.6.3",
    "Invariance: the answer stays",
    try_it="mathdl.decide_invariance(mathdl.Network([mathdl.GlobalMaxPool2D()], (1, 4, 4)), (0, 1))",
)
def invariance() -> Findings:
    """A classifier f of matrices is translationally invariant if f(T_h A) = f(A) and f(T_v A) = f(A) for all A.

    What it finds does not hang on where it is. A classifier that thresholds outputs is invariant where these are.
    """
    heads: dict[str, list[Any]] = {
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
    yield equals("the answers to the matrix found and to T_h of it", [part[0] for part in found.outputs or ()], (1, 0))


@item(
    "ex-10.6.3",
    "A network whose answer does not change under a shift",
    try_it="mathdl.decide_invariance(mathdl.invariant_network(2, (1, 8, 8), (3, 5)), (0, 1), border=(0, 0, 0, 1))",
)
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
    proof = mathdl.decide_invariance(net, RIGHT, border=(0, 0, 0, 1))
    yield equals(
        "the decision for all M with a blank last column",
        proof.verdict,
        "proved",
        "each layer moves what may differ from 0 by one column, and it stays off the border",
    )
    yield equals(
        "rows and columns from and up to which P_1, c_1 and c_2 may differ from 0: top, bottom, left, right",
        [fact["support"] for fact in facts_of(proof)[:5:2]],
        [[2, 8, 2, 7], [0, 8, 0, 7], [0, 10, 0, 9]],
        "the last columns, 8 of 8 and 10 of 10, stay blank behind ReLU",
    )
    yield equals("the decision for all M", mathdl.decide_invariance(net, RIGHT).verdict, "refuted")
    yield from _trained_on_digits()
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
        "They are where all biases but the last are 0 and lambda(0) = 0, or where layer k is padded by what "
        "the layers before make of a blank picture; no bias may depend on the place.",
        *biases_matter(),
        *repaired_by_padding(),
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


def facts_of(proof: mathdl.ShiftDecision) -> list[Any]:
    """Return what the certificate says of each step of the network."""
    assert proof.certificate is not None
    found: list[Any] = proof.certificate.numbers["facts"]
    return found


def _trained_on_digits() -> Findings:
    """Find how two networks, trained on digits in the middle, do on digits elsewhere."""
    moves, ordinary = trained("invariant"), trained("ordinary")
    yield equals(
        "test digits (of 450) to which a network of this kind, trained on others, gives one class at all 25 places of "
        "an 8 x 8 digit in 12 x 12 blank pixels",
        int((moves.classes == moves.classes[0, 0]).all(axis=(0, 1)).sum()),
        450,
        f"trained for {EPOCHS} epochs on {TRAINING:,} digits in the middle alone",
    )
    yield at_least("its accuracy at each place, the least", moves.accuracy.min(), 0.95)
    yield equals(
        "the decision for the trained weights, pictures with blank borders of 3, up 2 and left 3",
        mathdl.decide_invariance(moves.network, (-2, -3), border=3).verdict,
        "proved",
    )
    yield at_least("an ordinary network's accuracy in the middle", ordinary.accuracy[2, 2], 0.85)
    yield at_most("its accuracy at the worst place", ordinary.accuracy.min(), 0.3)
    yield equals(
        "test digits to which the ordinary network gives one class at all places",
        int((ordinary.classes == ordinary.classes[0, 0]).all(axis=(0, 1)).sum()),
        0,
    )
    yield equals(
        "its decision for (0, 1)", mathdl.decide_invariance(ordinary.network, RIGHT, border=4).verdict, "refuted"
    )


@invariant_network.figure("share of test digits that the invariant network recognises, by place", size=(3.2, 2.8))
def _draw_invariant(ax: Any) -> None:
    _draw_accuracy(ax, "invariant")


@invariant_network.figure("the same for an ordinary network: it knows the middle alone", size=(3.2, 2.8))
def _draw_ordinary(ax: Any) -> None:
    _draw_accuracy(ax, "ordinary")


def _draw_accuracy(ax: Any, kind: str) -> None:
    """Draw how many of a hundred digits are recognised, by how far they stand from the middle."""
    found = np.rint(100 * trained(kind).accuracy).astype(int)
    draw_matrix(ax, found, f"{kind}, per cent", axes=("row of the digit's corner", "column"), shades=(0, 100))


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
    yield equals(
        "up, down, left and right: all shifts with which it is proved that the scores stay, with one blank row and "
        "column on every side",
        mathdl.decide_shifts(net, 2, border=1).largest,
        (1, 1, 1, 1),
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
        border = (0, 0, 0, n)
        verdicts = [mathdl.decide_invariance(net, (0, shifts), border=border).verdict for shifts in range(1, n + 2)]
        yield equals(
            f"the decisions for 1, ..., {n + 1} shifts of all pictures with {n} blank columns",
            verdicts,
            ["proved"] * n + ["refuted"],
        )
    yield equals(
        "blank rows and columns (above, below, left, right) that 2 shifts down and 3 to the left need",
        mathdl.smallest_border(net, (2, -3)),
        (0, 2, 3, 0),
    )
