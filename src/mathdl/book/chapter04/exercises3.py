"""Section 4.5: the parts of exercise 4.4 about what networks of one variable are."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter04.networks import network
from mathdl.book.finding import Findings, Table, at_most, equals, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

HALF, EIGHTH = Fraction(1, 2), Fraction(1, 8)
ROUNDING = 1e-10


def _tent_of_tents() -> Any:
    """Return T o T o T for the tent T(x) = 2 ReLU(x) - 4 ReLU(x - 1/2), with ReLU at the output, too."""
    later = [[2, -4], [2, -4]], [0, -0.5]
    return network(([[1], [1]], [0, -0.5]), later, later, ([[2, -4]], [0]))


def _drawn(seed: int) -> Any:
    """Return a network of three layers whose parameters are multiples of 1/4, with ReLU on all neurons."""
    draw = np.random.default_rng(seed)

    def numbers(count: int) -> list[float]:
        return [int(draw.integers(-8, 9)) / 4 for _ in range(count)]

    return network(
        ([[w] for w in numbers(4)], numbers(4)),
        ([numbers(4) for _ in range(3)], numbers(3)),
        ([numbers(3)], numbers(1)),
    )


def _exact(net: Any, x: Fraction) -> Fraction:
    """Return a network's output at a point, in fractions."""
    value: Fraction = mathdl.evaluate_exactly(net, [x]).value[0]
    return value


@item(
    "exercise-4.4c.ii",
    "ReLU networks on R are piecewise affine",
    try_it="mathdl.min_max_form([[0], [0.5], [1]], [0, 1, 0]).network().formula()",
)
def networks_are_piecewise_affine() -> Findings:
    """Show that a ReLU network on R is piecewise affine, which x^2 is not.

    That is: continuous, and affine on each of finitely many intervals.
    """
    tents = mathdl.PiecewiseAffine.of_network(_tent_of_tents(), (-1, 2))
    pieces = len(tents.kinks) + 1
    yield equals("pieces of three tents one after another", pieces, 10, "Eight on [0, 1], and 0 on either side.")
    yield equals("where they meet", [x for x, _ in tents.kinks], tuple(Fraction(j, 8) for j in range(9)))
    values = [_exact(_tent_of_tents(), j * EIGHTH) for j in range(9)]
    yield equals("values at j/8, j = 0..8", values, (0, 1, 0, 1, 0, 1, 0, 1, 0))
    draw, wrong = np.random.default_rng(0), 0
    for seed in range(30):
        net = _drawn(seed)
        pieces_of_net = mathdl.PiecewiseAffine.of_network(net, (-10, 10))
        for _ in range(20):
            x = Fraction(int(draw.integers(-640, 641)), 64)
            wrong += pieces_of_net(x) != _exact(net, x)
    yield equals(
        "of 600 points of 30 networks, those at which a continuous function of few pieces differs from the layers",
        wrong,
        0,
        "Sums of affine pieces are affine pieces, and ReLU cuts each at one point at most.",
    )
    most = []
    for k in range(1, 7):
        signs = [[(-1) ** j * 2 * (1 + (j > 0)) for j in range(k)]]
        net = network(([[1]] * k, [-j for j in range(k)]), (signs, [-0.5]))
        most.append(len(mathdl.PiecewiseAffine.of_network(net, (-9, 9)).kinks) + 1 - 2 * (k + 1))
    yield shows("Networks with k = 1..6 neurons before the output's ReLU have at most 2(k + 1) pieces.", max(most) <= 0)
    errors = []
    for p in (1, 2, 4, 8):
        knots = [Fraction(j, p) for j in range(p + 1)]
        middles = [(a + b) / 2 for a, b in pairwise(knots)]
        lowered = Fraction(1, 8 * p * p)
        chords = [(a * a + b * b) / 2 - lowered - m * m for a, b, m in zip(knots, knots[1:], middles, strict=False)]
        errors.append(max(*map(abs, chords), lowered))
    yield equals(
        "error of x^2 by p = 1, 2, 4, 8 equal pieces on [0, 1], lowered by half of what they are too high",
        errors,
        (EIGHTH, Fraction(1, 32), Fraction(1, 128), Fraction(1, 512)),
        "On an interval of length h the best line is h^2 / 8 off; p intervals are at best 1/p long: 1 / (8 p^2).",
    )
    near = mathdl.approximate(mathdl.variables("x") ** 2, (0, 1), 1 / 513)
    yield equals(
        "breaks that every piecewise affine function within 1/513 of x^2 has at least, certified",
        near.least_neurons,
        8,
        "Nine pieces then: none is x^2 itself, which would need infinitely many.",
    )


@networks_are_piecewise_affine.figure("three tents one after another")
def _tents(ax: Any) -> None:
    x = np.linspace(-0.25, 1.25, 1201)
    ax.plot(x, _tent_of_tents()(x[:, None])[:, 0], color=COLOURS[0])
    ax.set(xlabel="x", ylabel="T(T(T(x)))")


def _hat() -> Any:
    """Return ReLU(ReLU(x) - 2 ReLU(x - 1) + ReLU(x - 2))."""
    return network(([[1]] * 3, [0, -1, -2]), ([[1, -2, 1]], [0]))


@item(
    "exercise-4.4d",
    "Which piecewise linear functions are networks",
    try_it="mathdl.without_biases(mathdl.min_max_form([[-1], [0], [1]], [1, 0, 1])).holds",
)
def which_functions_are_networks() -> Findings:
    """Decide whether every piecewise linear function on R is a ReLU network.

    All neurons have ReLU in the exercise, the output as well; with an affine output the answer is another one.
    """
    at = [Fraction(k, 2) for k in range(-1, 6)]
    yield equals(
        "the hat ReLU(ReLU(x) - 2 ReLU(x - 1) + ReLU(x - 2)) at -1/2, 0, ..., 5/2",
        [_exact(_hat(), x) for x in at],
        (0, 0, HALF, 1, HALF, 0, 0),
        "One neuron for each knot, weighted with the change of slope there.",
    )
    draw, rows = np.random.default_rng(3), []
    for _ in range(40):
        count = int(draw.integers(2, 7))
        knots = sorted(draw.choice(np.arange(-8, 9), count, replace=False).tolist())
        heights = [int(draw.integers(-6, 7)) for _ in knots]
        form = mathdl.min_max_form([[t] for t in knots], heights)
        net = form.network()
        grid = np.linspace(knots[0], knots[-1], 65)
        away = float(np.max(np.abs(net(grid[:, None])[:, 0] - np.interp(grid, knots, heights))))
        rows.append((count, len(form.pieces), len(form.groups), away))
    names = ("knots", "affine maps", "groups", "largest difference")
    yield Table(dict(zip(names, map(list, zip(*rows[:6], strict=True)), strict=True)))
    yield at_most(
        "largest difference of 40 interpolants from their networks, with affine output",
        max(row[3] for row in rows),
        ROUNDING,
        "A continuous function of finitely many affine pieces is a maximum of minima of them, and "
        "max(a, b) = b + ReLU(a - b).",
    )
    outputs = [min(float(np.min(_hat()(np.linspace(-4, 4, 33)[:, None]))), 0.0)]
    yield equals(
        "least output of the hat's network",
        outputs[0],
        0.0,
        "With ReLU at the output f(x) = x and f(x) = -1 are no networks: outputs are never negative. So the answer "
        "is no; those that are not negative are networks.",
    )
    steps = [abs(_exact(_hat(), x + Fraction(1, 2**k)) - _exact(_hat(), x)) for k in (8, 16) for x in at]
    yield equals(
        "largest change of the hat over a step of 1/256 or less",
        max(steps),
        Fraction(1, 256),
        "No network jumps, so a step is none.",
    )
    bent = mathdl.without_biases(mathdl.min_max_form([[-1], [0], [1]], [1, 0, 1]))
    yield equals(
        "whether |x| is a network without biases", bent.holds, True, "It is affine on either side of 0, and 0 there."
    )
    hat = mathdl.without_biases(mathdl.min_max_form([[0], [1], [2]], [0, 1, 0]))
    yield equals("whether the hat is one", hat.holds, False, hat.reason)
    yield refutes(
        "The hat's witness shows it: f(t x) and t f(x) differ for the point x and the factor t.",
        hat.factor is not None
        and hat.point is not None
        and _exact(_hat(), hat.factor * hat.point[0]) != hat.factor * _exact(_hat(), hat.point[0]),
    )
    yield shows("x and -1 are networks with an affine output and without ReLU at it.", all(map(_is_affine, (1, -1))))


def _is_affine(slope: int) -> bool:
    """Whether a line is exactly the network that min_max_form makes of it."""
    net = mathdl.min_max_form([[0], [1]], [0, slope]).network()
    return bool(np.array_equal(net([[-3.0], [5.0]])[:, 0], [-3.0 * slope, 5.0 * slope]))


@which_functions_are_networks.figure("the hat, and the three neurons it is made of")
def _hats(ax: Any) -> None:
    x = np.linspace(-0.5, 2.5, 601)
    for k, (weight, knot) in enumerate(((1, 0), (-2, 1), (1, 2)), 1):
        says = f"{'-' if weight < 0 else ''}{'' if abs(weight) == 1 else abs(weight)} ReLU(x - {knot})".replace(
            " - 0", ""
        ).strip()
        ax.plot(x, weight * np.maximum(x - knot, 0), ":", color=COLOURS[k], label=says)
    ax.plot(x, _hat()(x[:, None])[:, 0], color=COLOURS[0], label="sum")
    ax.set(xlabel="x", ylabel="value", ylim=(-1.2, 2.2))
    legend(ax)
