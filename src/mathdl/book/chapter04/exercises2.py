"""Section 4.5: exercises 4.4 and 4.5."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter04.networks import exact, network, points, value
from mathdl.book.finding import Findings, at_least, equals, erratum, refutes, shows
from mathdl.book.item import item
from mathdl.plots import plot_network_diagram
from mathdl.plots.style import COLOURS, INK, legend

ALPHA, BETA = (3, -2), 1
OTHER_ALPHA, OTHER_BETA = (1, 4), -2


def absolute_value(n: int) -> Any:
    """Make the ReLU network of the absolute values of n numbers."""
    identity = np.eye(n, dtype=int)
    return network((np.vstack([identity, -identity]).tolist(), None), (np.hstack([identity, identity]).tolist(), None))


@item(
    "exercise-4.4a",
    "Absolute value as ReLU network, width two",
    try_it="mathdl.Network([mathdl.Dense(2, 'relu', bias=False), mathdl.Dense(1, 'relu', bias=False)], (1,))",
)
def absolute_value_of_one() -> Findings:
    """Find a ReLU network from R to R with one hidden layer that is f(x) = |x|, and the least width of that layer."""
    net, given = absolute_value(1), points(100, 1)
    yield equals(
        "the network",
        net.formula().splitlines(),
        ("h1 = relu(x1)", "h2 = relu(-x1)", "y1 = relu(h1 + h2)"),
        "For x > 0 the first neuron gives x and the second 0, for x < 0 they give 0 and -x.",
    )
    wrong = sum(y != [abs(x)] for (x,), y in zip(given, exact(net(np.array(given, float))), strict=True))
    yield equals("of 100 points, those where it is not |x|", wrong, 0)
    yield equals("|x| at -1, 0 and 1", [value(net, x)[0] for x in (-1, 0, 1)], (1, 0, 1), "It falls, and then rises.")
    turning = 0
    for weights in product((-2, -1, 0, 1, 2), repeat=4):
        low, middle, high = _narrow(weights)
        turning += not (low <= middle <= high or low >= middle >= high)
    yield equals(
        "of 625 networks with one hidden neuron, those that are not monotone at -1, 0 and 1",
        turning,
        0,
        "One hidden neuron gives ReLU(a2 ReLU(a1 x + b1) + b2): monotone functions, one after the other, are "
        "monotone. |x| is not.",
    )
    yield equals("least width of the hidden layer", net.widths[0], 2, "One neuron is not enough, and two are.")


def _narrow(weights: tuple[int, ...]) -> list[int]:
    """Return ReLU(a2 ReLU(a1 x + b1) + b2) at x = -1, 0 and 1."""
    a1, b1, a2, b2 = weights
    return [max(a2 * max(a1 * x + b1, 0) + b2, 0) for x in (-1, 0, 1)]


@absolute_value_of_one.figure("a ReLU network that is |x|, at x = -3", size=(4.2, 2.0))
def _draw_absolute_value(ax: Any) -> None:
    plot_network_diagram(absolute_value(1), [-3.0], ax=ax)


@item(
    "exercise-4.4b",
    "Componentwise absolute value network",
    try_it="mathdl.Network([mathdl.Dense(4, 'relu', bias=False), mathdl.Dense(2, 'relu', bias=False)], (2,))",
)
def absolute_values() -> Findings:
    """Extend it to f(x) = (|x_1|, ..., |x_n|) for x in R^n."""
    yield equals(
        "the network for n = 2",
        absolute_value(2).formula().splitlines(),
        (
            "h1 = relu(x1)",
            "h2 = relu(x2)",
            "h3 = relu(-x1)",
            "h4 = relu(-x2)",
            "y1 = relu(h1 + h3)",
            "y2 = relu(h2 + h4)",
        ),
        "A^1 is the identity matrix I above -I, and A^2 is I beside I: the network of part a for each entry.",
    )
    wrongs = []
    for n in range(1, 7):
        net, given = absolute_value(n), points(20, n, seed=n)
        values = exact(net(np.array(given, float)))
        wrongs.append(sum(y != list(map(abs, x)) for x, y in zip(given, values, strict=True)))
    yield equals("for n = 1, ..., 6, of 20 points of R^n those where it is not |x_1|, ..., |x_n|", wrongs, (0,) * 6)
    yield equals(
        "hidden neurons for n = 1, ..., 6",
        [absolute_value(n).widths[0] for n in range(1, 7)],
        (2, 4, 6, 8, 10, 12),
        "2n neurons, two for each entry.",
    )


@item(
    "exercise-4.4c.i",
    "Bias-free ReLU nets are positively homogeneous",
    try_it="mathdl.Network([mathdl.Dense(7, 'relu', bias=False), mathdl.Dense(1, bias=False)], input_shape=(1,))",
)
def homogeneous_networks() -> Findings:
    """Show that a ReLU network without biases, from R to R, is not the function x^2.

    t is a number that stretches the input: compare f(t x) with f(x).
    """
    draw, wrongs = np.random.default_rng(1), []
    for depth in (1, 2, 3):
        widths = (*(1, 7, 5)[:depth], 1)
        layers = [(draw.integers(-5, 6, (m, n)).tolist(), None) for n, m in pairwise(widths)]
        net, xs = network(*layers), [x for (x,) in points(20, 1, seed=depth)]
        stretched = [(x, t) for x in xs for t in (0, 1, 2, Fraction(5, 2), 8)]
        wrongs.append(sum(value(net, t * x)[0] != t * value(net, x)[0] for x, t in stretched))
    yield equals(
        "of 100 pairs x and t >= 0, those where f(t x) is not t f(x), for networks of depth 1, 2 and 3",
        wrongs,
        (0, 0, 0),
        "ReLU(t z) = t ReLU(z) for t >= 0, and matrices are linear: t goes through layer by layer.",
    )
    yield equals(
        "f(2) and 2 f(1) for f(x) = ReLU(3 x)",
        (value(network(([[3]], None)), 2)[0], 2 * value(network(([[3]], None)), 1)[0]),
        (6, 6),
    )
    yield equals("2^2 and 2 * 1^2", (2**2, 2 * 1**2), (4, 2), "x^2 does not do so: it is not such a network.")
    yield erratum(
        "f(t x) = |t| f(x) for every number t.",
        "f(t x) = t f(x) for t >= 0; for negative t there is no such rule.",
        refutes(
            "For f(x) = ReLU(x), t = -1 and x = 1: f(t x) = 0, and |t| f(x) = 1.",
            (value(network(([[1]], None)), -1), value(network(([[1]], None)), 1)) == ((0,), (1,)),
        ),
        equals(
            "f(-1), f(0), f(1), f(2) for f(x) = ReLU(x)",
            [value(network(([[1]], None)), x)[0] for x in (-1, 0, 1, 2)],
            (0, 0, 1, 2),
        ),
    )


def plane(alpha: Any, beta: Any) -> Any:
    """Return the hyperplane alpha.x + beta = 0."""
    return mathdl.Hyperplane(np.array([Fraction(a) for a in alpha]), Fraction(-beta))


@item(
    "exercise-4.5a",
    "Two-class network from a separating hyperplane",
    try_it="mathdl.network_from_hyperplanes(mathdl.separate([[0.0, 0.0]], [[2.0, 0.0]])).formula()",
)
def network_of_two_classes() -> Findings:
    """Two classes lie on the sides alpha.x + beta < 0 and alpha.x + beta > 0 of a hyperplane in R^n.

    Find a network f = (f_1, f_2) with f_1 > f_2 on the first side and f_2 > f_1 on the second.
    """
    net = mathdl.network_from_hyperplanes(plane(ALPHA, BETA))
    yield equals(
        "the network for alpha = (3, -2), beta = 1",
        net.formula().splitlines(),
        ("y1 = relu(-3 x1 + 2 x2 - 1)", "y2 = relu(3 x1 - 2 x2 + 1)"),
        "With u = alpha.x + beta take f = (ReLU(-u), ReLU(u)): the one is |u| and the other 0.",
    )
    given = points(200, 2)
    found = exact(net(np.array(given, float)))
    sides = [3 * x - 2 * y + 1 for x, y in given]
    wrong = sum(second - first != u for u, (first, second) in zip(sides, found, strict=True))
    yield equals("of 200 points, those where f_2 - f_1 is not alpha.x + beta", wrong, 0)
    yield equals("f on the hyperplane, at (1, 2)", value(net, 1, 2), (0, 0), "Only there the two are equal.")
    apart = mathdl.separate([[0.0, 0.0], [1.0, 0.0]], [[3.0, 1.0], [4.0, 0.0]])
    hard = mathdl.HardMarginSVM().fit([[0.0, 0.0], [1.0, 0.0], [3.0, 1.0], [4.0, 0.0]], [1, 1, 2, 2])
    answers = [
        mathdl.network_from_hyperplanes(m)([[0, 0], [1, 0], [3, 1], [4, 0]]).argmax(axis=1) for m in (apart, hard)
    ]
    yield equals(
        "classes of four points by the networks of separate() and of the widest margin",
        answers,
        ((0, 0, 1, 1), (0, 0, 1, 1)),
    )
    constant = network(([[0, 0], [0, 0]], [1, 0]))
    yield erratum(
        "f_1 > f_2 is asked for on both sides.",
        "f_1 > f_2 on the first side, and f_1 < f_2 on the second.",
        refutes(
            "The constant network f = (1, 0) does what is printed, and tells no classes apart.",
            all(value(constant, *x) == (1, 0) for x in given),
        ),
        equals(
            "of 200 points, those off the hyperplane where the network above is on the wrong side",
            sum((second > first) != (u > 0) for u, (first, second) in zip(sides, found, strict=True) if u),
            0,
        ),
    )


@item(
    "exercise-4.5b",
    "Four-class network from two hyperplanes",
    try_it="mathdl.network_from_hyperplanes([mathdl.Hyperplane([1.0, 0.0], 0.0), mathdl.Hyperplane([0.0, 1.0], 0.0)])",
)
def network_of_four_classes() -> Findings:
    """Four classes lie in the four parts into which two hyperplanes that are not parallel cut R^n.

    u = alpha.x + beta and v = alpha~.x + beta~ have the signs - -, + -, - + and + + on the classes 1 to 4. Find a
    network with four outputs of which the largest tells the class.
    """
    net = mathdl.network_from_hyperplanes([plane(ALPHA, BETA), plane(OTHER_ALPHA, OTHER_BETA)])
    yield equals(
        "the network for u = 3 x1 - 2 x2 + 1 and v = x1 + 4 x2 - 2",
        net.formula().splitlines(),
        (
            "y1 = relu(-4 x1 - 2 x2 + 1)",
            "y2 = relu(2 x1 - 6 x2 + 3)",
            "y3 = relu(-2 x1 + 6 x2 - 3)",
            "y4 = relu(4 x1 + 2 x2 - 1)",
        ),
        "One layer is enough: f = (ReLU(-u-v), ReLU(u-v), ReLU(-u+v), ReLU(u+v)).",
    )
    given = points(500, 2)
    found = exact(net(np.array(given, float)))
    wrong, leads = 0, []
    for (x, y), outputs in zip(given, found, strict=True):
        u, v = 3 * x - 2 * y + 1, x + 4 * y - 2
        if u and v:
            largest = max(outputs)
            wrong += outputs.index(largest) != (u > 0) + 2 * (v > 0)
            leads.append(largest - sorted(outputs)[-2] - 2 * min(abs(u), abs(v)))
    yield equals(
        "of 500 points, those off both lines whose largest output is not that of their class",
        wrong,
        0,
        "With the signs of u and v themselves the sum is |u| + |v|; any other choice loses 2|u|, 2|v| or both.",
    )
    yield at_least("smallest lead of the largest output, less 2 min(|u|, |v|)", min(leads), 0)
    yield equals("the largest such difference", max(leads), 0, "The lead is twice the smaller of |u| and |v|.")
    yield shows("All four classes occur among the points.", len({max(range(4), key=o.__getitem__) for o in found}) == 4)


@network_of_four_classes.figure("the class with the largest of the four outputs, and the two lines")
def _draw_four_classes(ax: Any) -> None:
    net = mathdl.network_from_hyperplanes([plane(ALPHA, BETA), plane(OTHER_ALPHA, OTHER_BETA)])
    grid = np.stack(np.meshgrid(np.linspace(-2, 2, 14), np.linspace(-2, 2, 14)), axis=-1).reshape(-1, 2)
    answers = net(grid).argmax(axis=1)
    for k, marker in enumerate("os^D"):
        ax.plot(*grid[answers == k].T, marker, color=COLOURS[k], markersize=3.5, label=f"class {k + 1}")
    x = np.array([-2.0, 2.0])
    for (a, b), beta in ((ALPHA, BETA), (OTHER_ALPHA, OTHER_BETA)):
        ax.plot(x, -(a * x + beta) / b, color=INK)
    ax.set(xlabel="x1", ylabel="x2", xlim=(-2.1, 2.1), ylim=(-2.1, 2.1))
    legend(ax)
