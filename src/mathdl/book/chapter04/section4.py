"""Section 4.4: why networks need non-linear activations."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter04.networks import affine, exact, network, points, value
from mathdl.book.data import stacked_zeros
from mathdl.book.finding import Findings, Table, differs, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.plots import plot_pictures

EIGHT = 8


def ring(top: int) -> Any:
    """Return a picture of 16 by 10 pixels with a ring of white pixels that begins in a row."""
    picture = np.zeros((16, 10), int)
    picture[top : top + 8, 1:9] = 1
    picture[top + 2 : top + 6, 3:7] = 0
    return picture


def holes(picture: Any) -> int:
    """Return how many dark regions a light figure encloses: 0 has one hole, 8 has two."""
    from scipy.ndimage import label

    return int(label(np.pad(picture, 1) < 0.5)[1]) - 1


@cache
def readers() -> tuple[Any, Any, Any, Any]:
    """Train a network with a hidden layer and a linear one on digits and on small zeros; return both and other zeros.

    Of 178 small zeros half are for training, with the label 0; no sum of two is. The others are returned as vectors,
    in the upper half of the picture and in the lower.
    """
    upper, lower, digits, labels = (each.reshape(len(each), -1) for each in stacked_zeros())
    half = len(upper) // 2
    X = np.vstack([digits, upper[:half], lower[:half]])
    y = np.concatenate([labels.ravel(), np.zeros(2 * half, int)])
    deep = mathdl.Network([mathdl.Dense(64, "relu"), mathdl.Dense(10)], input_shape=(64,), seed=1)
    linear = mathdl.Network([mathdl.Dense(10, bias=False)], input_shape=(64,), seed=1)
    for net in (deep, linear):
        net.fit(X, y, loss="cross_entropy", rule=mathdl.Adam(0.005), epochs=30)
    return deep, linear, upper[half:], lower[half:]


@item("fig-4.5", "Two zero images add to an eight", try_it="mathdl.plots.plot_pictures([[[[0, 255, 0]]]])")
def two_zeros_add_to_an_eight() -> Findings:
    """The picture of a zero in the upper half, plus that of a zero in the lower half, is the picture of an eight.

    Pictures are added pixel by pixel; a pixel is a number from 0 (black) to 1 (white), and the strokes are white.
    """
    first, second = ring(0), ring(8)
    yield equals("holes of two rings, and of their sum", [holes(s) for s in (first, second, first + second)], (1, 1, 2))
    yield equals(
        "smallest and largest pixel of the sum", (int((first + second).min()), int((first + second).max())), (0, 1)
    )
    upper, lower, _, _ = stacked_zeros()
    yield equals("handwritten zeros, pressed to half of their height", len(upper), 178)
    pictures = [holes(s) for s in (upper[0], lower[0], upper[0] + lower[0])]
    yield equals("holes of the first of them above, below, and of the sum", pictures, (1, 1, 2))
    dark = [1 - first, 1 - second]
    yield erratum(
        "Pictures of digits are added pixel by pixel, and the sum is a picture.",
        "That needs light strokes on black, which do not overlap: pixels are numbers from 0 to 1, and 1 is white.",
        differs("largest pixel of the sum of two pictures with dark strokes on white", int(sum(dark).max()), 1),
        equals("largest pixel of the sum of two with light strokes on black", int((first + second).max()), 1),
    )


@two_zeros_add_to_an_eight.figure(
    "two handwritten zeros above and below, and their sum, as a network of equation (4.31) reads them", size=(4.6, 1.9)
)
def _draw_zeros(ax: Any) -> None:
    deep, _, upper, lower = readers()
    pictures = np.array([upper[0], lower[0], upper[0] + lower[0]])
    answers = deep(pictures).argmax(axis=1)
    names = [f"{name}, read as {k}" for name, k in zip(("s1", "s2", "s1+s2"), answers, strict=True)]
    plot_pictures(np.rint(pictures.reshape(3, 1, 8, 8) * 255), names, columns=3, ax=ax)


@item(
    "eq-4.31",
    "Digit class is not additive",
    try_it="mathdl.Network([mathdl.Dense(64, 'relu'), mathdl.Dense(10)], input_shape=(64,))",
)
def zero_plus_zero_is_eight() -> Findings:
    """0 + 0 = 8: the classifier phi of digits has phi(s1 + s2) = 8 for the two zeros s1 and s2 of figure 4.5.

    phi(s1) + phi(s2) is 0, so phi is not linear. A linear network without biases (largest entry of W s, with a matrix
    W) can indeed not learn it: where class 0 has the largest score for s1 and for s2, it has so for s1 + s2.
    """
    deep, linear, first, second = readers()
    names = ("s1", "s2", "s1 + s2")
    answers = {
        kind: [net(x).argmax(axis=1) for x in (first, second, first + second)]
        for kind, net in (("with a hidden layer of ReLU", deep), ("linear", linear))
    }
    for kind, found in answers.items():
        yield Table(
            {
                f"network {kind}": names,
                "answers 0": [int((each == 0).sum()) for each in found],
                "answers 8": [int((each == EIGHT).sum()) for each in found],
                "pictures": [len(each) for each in found],
            }
        )
    top, bottom, both = answers["with a hidden layer of ReLU"]
    right = int(((top == 0) & (bottom == 0) & (both == EIGHT)).sum())
    yield shows(
        f"Of {len(top)} pairs of zeros not trained on, {right} have the answers 0, 0 and 8 for s1, s2 and s1 + s2 by a "
        "network with ReLU: at least 80.",
        right >= 80,
    )
    top, bottom, both = answers["linear"]
    zeros = (top == 0) & (bottom == 0)
    yield shows(f"The linear network says 0 to both in {zeros.sum()} of them: at least 75.", zeros.sum() >= 75)
    yield equals(
        "of these, those to whose sum it does not say 0",
        int((both[zeros] != 0).sum()),
        0,
        "Scores add: W (s1 + s2) = W s1 + W s2, and what is the largest in both is the largest in the sum.",
    )
    yield erratum(
        "phi is not linear, as 0 + 0 is not 8: the classes' numbers do not add up.",
        "The numbers are mere names. What adds up are linear scores without biases; with biases they need not.",
        refutes(
            "If the zeros are called 4 and the eights 8, the names do add up, for the same pictures.", EIGHT == 4 + 4
        ),
        equals(
            "signs of the affine score s_1 + s_2 - 3/2 at (1, 0), (0, 1) and at their sum (1, 1)",
            [np.sign(s + t - 1.5) for s, t in ((1, 0), (0, 1), (1, 1))],
            (-1, -1, 1),
        ),
    )


@item(
    "eq-4.36",
    "Affine layers collapse to one",
    try_it="mathdl.collapse(mathdl.Network([mathdl.Dense(5), mathdl.Dense(2)], input_shape=(3,)))",
)
def affine_layers_collapse() -> Findings:
    """Without activations a network of M layers is one affine function h(x) = A x + b.

    With the matrices A^1, ..., A^M and the biases b^1, ..., b^M of the layers, A = A^M ... A^1 and
    b = b^M + A^M b^(M-1) + ... + A^M ... A^2 b^1. The hidden layers are of no use.
    """
    draw = np.random.default_rng(0)
    widths, found = (3, 5, 2, 4, 3, 2), []
    for M in range(1, 6):
        layers = [
            (draw.integers(-5, 6, (m, n)).tolist(), draw.integers(-5, 6, m).tolist())
            for n, m in pairwise(widths[: M + 1])
        ]
        net = network(*layers, activation="identity")
        A, b = mathdl.collapse(net)
        product, constant = np.eye(3, dtype=int), np.zeros(3, int)
        for matrix, bias in layers:
            product, constant = np.array(matrix) @ product, np.array(matrix) @ constant + bias
        given = points(20, 3, seed=M)
        values = exact(net(np.array(given, float)))
        wrong = sum(affine(exact(A), exact([b])[0], x) != y for x, y in zip(given, values, strict=True))
        found.append((int(np.abs(A - product).max()), int(np.abs(b - constant).max()), wrong))
    off_A, off_b, wrongs = zip(*found, strict=True)
    whole = "for M = 1, ..., 5 layers of random whole numbers"
    yield equals(f"largest difference between A and the product of the layers' matrices, {whole}", off_A, (0,) * 5)
    yield equals(f"largest difference between b and the sum above, {whole}", off_b, (0,) * 5)
    yield equals(f"of 20 points, those where A x + b is not the network's value, {whole}", wrongs, (0,) * 5)
    kinked = network(([[1], [-1]], None), ([[1, 1]], None))
    ends, middle = value(kinked, -1) + value(kinked, 1), value(kinked, 0)
    yield equals("values at -1, 0 and 1 of a network of two layers with ReLU", (ends[0], middle[0], ends[1]), (1, 0, 1))
    yield shows("So it is not affine: the value half-way is not half the sum.", 2 * middle[0] != sum(ends))
