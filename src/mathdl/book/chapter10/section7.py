"""Section 10.7: what convolutional networks are good for."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter10.matrices import network, unit_images
from mathdl.book.finding import Findings, Table, at_least, equals
from mathdl.book.item import Progress, item
from mathdl.plots.style import COLOURS, INK, legend

SEEDS = range(5)
TESTS = ("training digits", "test digits", "test digits, moved")
SHAPES = {"dense": (64,), "convolutional": (1, 8, 8)}


@cache
def trained(kind: str, seed: int) -> tuple[float, ...]:
    """Train on 500 digits; return the % right of these, of the other 1,297, and of those moved by a column."""
    from sklearn.datasets import load_digits

    pictures, digits = load_digits(return_X_y=True)
    order = np.random.default_rng(seed).permutation(len(pictures))
    pictures, digits, shape = pictures[order] / 16, digits[order], SHAPES[kind]
    net = mathdl.Network(layers(kind), shape, seed=seed)
    given = pictures.reshape(-1, *shape)
    net.fit(given[:500], digits[:500], loss="cross_entropy", rule=mathdl.Adam(0.005), epochs=60, seed=seed)
    moved = np.zeros((len(pictures), 8, 8))
    moved[:, :, 1:] = pictures.reshape(-1, 8, 8)[:, :, :-1]
    tests = [(given[:500], digits[:500]), (given[500:], digits[500:]), (moved.reshape(-1, *shape)[500:], digits[500:])]
    return tuple(100 * float(net.evaluate(*test)[1]) for test in tests)


def layers(kind: str) -> list[Any]:
    """Return the layers of one of the two networks that have 1,210 parameters each."""
    if kind == "dense":
        return [mathdl.Dense(16, activation="relu"), mathdl.Dense(10)]
    return [mathdl.Conv2D(12, 3, activation="relu"), mathdl.MaxPool2D(2), mathdl.Flatten(), mathdl.Dense(10)]


@item(
    "claim-10.7-summary",
    "What convolutional networks are good for",
    try_it="mathdl.Network([mathdl.Conv2D(8, 5)], (1, 28, 28)).size, mathdl.Network([mathdl.Dense(4608)], (784,)).size",
)
def summary(progress: Progress) -> Findings:
    """Convolutional layers alternate with others; they share weights, respond to local features, and follow shifts.

    Shared weights are few, which saves computation and makes overfitting less likely. Here five times 500 of
    scikit-learn's digits (8 x 8 pixels), drawn at random, train a dense network and a convolutional one of as many
    parameters. The other 1,297 test both, once as they are and once moved to the right by a column.
    """
    layer = network([mathdl.Conv2D(8, 5)], (1, 28, 28))
    outputs = int(np.prod(layer.output_shape))
    yield equals("outputs of 8 kernels of 5 x 5 on a picture of 28 x 28 pixels", outputs, 8 * 24 * 24)
    yield equals("parameters of this layer", layer.size, 8 * 25 + 8)
    yield equals("parameters of a dense layer with as many outputs", dense_size(784, outputs), 784 * 4608 + 4608)
    products = (outputs * 5 * 5, outputs * 784)
    yield equals(
        "products of a weight and a number for one picture, by the one and the other", products, (115200, 3612672)
    )
    seen = network([mathdl.Conv2D(1, 3, bias=None), mathdl.Flatten()], (1, 8, 8), np.ones(9))(unit_images(8, 8)) != 0
    yield equals(
        "pixels of 64 that an output of a 3 x 3 kernel depends on", np.unique(seen.sum(axis=0)), [9], "locality"
    )
    sizes = {kind: network(layers(kind), shape).size for kind, shape in SHAPES.items()}
    yield equals("parameters of both networks for the digits", list(sizes.values()), (1210, 1210))
    scores = {}
    for place, kind in enumerate(SHAPES):
        for seed in SEEDS:
            trained(kind, seed)
            progress(place * len(SEEDS) + seed + 1, 2 * len(SEEDS))
        scores[kind] = np.mean([trained(kind, seed) for seed in SEEDS], axis=0)
    columns = {f"% right, {test}": [float(scores[kind][k]) for kind in scores] for k, test in enumerate(TESTS)}
    yield Table({"network": list(scores), **columns})
    yield at_least("% of training digits that the worse of both has right", min(scores[kind][0] for kind in scores), 99)
    gained, followed = (scores["convolutional"] - scores["dense"])[1:]
    yield at_least(
        "percentage points by which the convolutional network is better on the test digits",
        gained,
        1,
        "mean of five; less overfitting, as both have learnt the training digits",
    )
    yield at_least(
        "percentage points by which it is better on the moved test digits",
        followed,
        10,
        "robust, but only in part: it has a dense layer too",
    )


def dense_size(inputs: int, outputs: int) -> int:
    """Return the number of parameters of a dense layer."""
    return mathdl.Network([mathdl.Dense(outputs)], (inputs,)).size


@summary.figure(
    "% of digits that both networks have right: convolutions are better on test digits, more so on moved ones",
    size=(5.0, 2.6),
)
def _draw_scores(ax: Any) -> None:
    for k, (kind, hatch) in enumerate(zip(SHAPES, ("", "///"), strict=True)):
        means = np.mean([trained(kind, seed) for seed in SEEDS], axis=0)
        places = np.arange(3) + 0.4 * (k - 0.5)
        ax.bar(
            places, means, 0.36, color=COLOURS[k], hatch=hatch, edgecolor="#fefefe", label=f"{kind}, 1,210 parameters"
        )
        for place, mean in zip(places, means, strict=True):
            ax.text(place, mean + 1, f"{mean:.1f}", ha="center", va="bottom", color=INK)
    ax.set(xticks=range(3), ylim=(0, 112), ylabel="% right", yticks=range(0, 101, 25))
    ax.set_xticklabels(TESTS)
    ax.grid(False, axis="x")
    legend(ax)
