"""Section 4.3: what networks can approximate, what polynomials cannot, and what depth saves."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from itertools import combinations, pairwise
from math import ceil, comb, pi, sqrt
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, at_least, at_most, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

X, Y = mathdl.variables("x y")
CHAIN: Any = mathdl.chain
SINE, COSINE = CHAIN.sin(pi * X), CHAIN.cos(X)
ERRORS = (0.1, 0.01, 0.001)
HALF = Fraction(1, 2)
MOST_FOR_A_PRODUCT, SMALL = 16, 1e-3
GRID = np.linspace(0, 4 * pi, 4001)


@cache
def _near(f: Any, sides: tuple[Any, ...], error: float) -> Any:
    """Return a network near to a function; the same for findings and figure."""
    return mathdl.approximate(f, sides, error)


@item(
    "thm-4.3.1",
    "Universal approximation, non-negative targets, two ReLU layers",
    try_it="mathdl.approximate(mathdl.variables('x') ** 2, (0, 1), error=0.01)",
)
def approximation_by_two_layers() -> Findings:
    """Networks of two layers, both with ReLU, come as near as one likes to a continuous function that is not negative.

    K is closed and bounded, f: K -> R^m is continuous with f_i >= 0. For every eps > 0 there is a network h of two
    layer functions with the activation ReLU such that the supremum of |h - f| over K is below eps (4.26).
    """
    points = np.linspace(0, 1, 4001)
    rows: list[tuple[Any, ...]] = []
    for error in ERRORS:
        knots = ceil(pi / sqrt(8 * error))
        t = np.linspace(0, 1, knots + 1)
        equal = float(np.max(np.abs(np.interp(points, t, np.sin(pi * t)) - np.sin(pi * points))))
        found = _near(SINE, (0.0, 1.0), error)
        outputs = np.maximum(found.network(points[:, None])[:, 0], 0)
        rows.append(
            (error, knots, equal, found.neurons, found.least_neurons, np.max(np.abs(outputs - np.sin(pi * points))))
        )
    names = ("eps", "equal knots N", "error with N", "neurons", "least", "measured")
    yield Table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))
    yield equals(
        "N = ceil(pi / sqrt(8 eps)) equal pieces for sin(pi x), eps = 0.1, 0.01, 0.001",
        [r[1] for r in rows],
        (4, 12, 36),
    )
    yield near("errors of the interpolants", [r[2] for r in rows], (0.070378, 0.008482, 0.000951), 2e-6)
    yield equals(
        "hidden neurons of certified networks, with knots where they are needed",
        [r[3] for r in rows],
        (3, 7, 20),
        "Each break of a network with one hidden layer is one neuron.",
    )
    yield shows(
        "No network with one hidden layer and as small an error has two neurons fewer, as the certificates show.",
        all(row[3] - row[4] <= 1 for row in rows),
    )
    yield shows(
        "ReLU at the output leaves the error within eps, as the function is not negative.",
        all(row[5] <= row[0] for row in rows),
        "|max(a, 0) - f| <= |a - f| for f >= 0.",
    )
    square = _near(X * Y, ((0.0, 1.0), (0.0, 1.0)), 0.01)
    yield at_most(
        "hidden neurons, in one layer, of a certified network for x y on the unit square, error 0.01",
        square.neurons,
        MOST_FOR_A_PRODUCT,
        "x y = ((x + y)^2 - (x - y)^2) / 4: squares of one number each.",
    )
    ridges = [_ridge_error(pieces) for pieces in (8, 16, 32)]
    yield near(
        "errors of x y with knots 2/N apart for either square, N = 8, 16, 32",
        ridges,
        (0.00390625, 0.0009765625, 0.000244140625),
        1e-6,
        "(2/N)^2 / 16",
    )
    below = min(max(k, 0) + 1 for k in range(-80, 81))
    yield equals("least distance of max(a, 0) from -1", below, 1, "So the sign is needed: f = -1 is not approximated.")
    yield erratum(
        "The text after the theorem speaks of positive functions.",
        "The theorem is about functions that are not negative, and zeros do no harm.",
        refutes(
            "sin(pi x) is 0 at x = 0, and within 0.001 of a network with ReLU at the output.", rows[-1][5] <= 0.001
        ),
        equals("smallest value of sin(pi x) at 0, 1/2 and 1", min(float(np.sin(pi * t)) for t in (0.0, 0.5)), 0.0),
    )


def _ridge_error(pieces: int) -> float:
    """Return the error of x y on the unit square by interpolants of (x + y)^2 and (x - y)^2, knots 2/pieces apart."""
    grid = np.linspace(0, 1, 257)
    x, y = np.meshgrid(grid, grid)
    t = np.linspace(-1, 2, 3 * pieces // 2 + 1)
    squares = [np.interp(side, t, t * t) for side in (x + y, x - y)]
    return float(np.max(np.abs((squares[0] - squares[1]) / 4 - x * y)))


@approximation_by_two_layers.figure("hidden neurons against 1/error for sin(pi x)", size=(4.2, 2.7))
def _sizes(ax: Any) -> None:
    errors = [10.0**-k for k in (1, 1.5, 2, 2.5, 3)]
    found = [_near(SINE, (0.0, 1.0), error) for error in errors]
    mathdl.plots.plot_approximations(found, ax=ax)
    equal = [ceil(pi / sqrt(8 * error)) for error in errors]
    ax.plot([1 / error for error in errors], equal, linestyle=":", color=COLOURS[2], label="equal knots")
    legend(ax)


@item(
    "thm-4.3.2",
    "Universal approximation, non-polynomial activation",
    try_it="mathdl.approximate(mathdl.chain.cos(mathdl.variables('x')), (0, 6.28), error=0.05)",
)
def approximation_by_other_activations() -> Findings:
    """One hidden layer of any activation that is no polynomial, and an affine output, approximate continuous functions.

    L_1 and L_2 are affine maps, the activation lambda is continuous and no polynomial, K closed and bounded. For every
    eps > 0 there are L_1 and L_2 with sup over K of |f - L_2 o lambda o L_1| below eps (4.28).
    """
    t = np.linspace(0, 4 * pi, 64)
    equal = float(np.max(np.abs(np.interp(GRID, t, np.cos(t)) - np.cos(GRID))))
    yield near("error of 63 equal pieces for cos on [0, 4 pi], with ReLU", equal, 0.004969, 5e-6, "(4 pi / 63)^2 / 8")
    found = _near(COSINE, (0.0, 4 * pi), 0.02)
    yield equals("hidden neurons of a certified network with error 0.02", found.neurons, 17)
    yield shows("Its certificate verifies.", mathdl.verify(found.certificate, found.data))
    units = np.linspace(-1, 4 * pi + 1, 40)
    features = np.column_stack([np.tanh(GRID[:, None] - units), np.ones(len(GRID))])
    fitted = features @ np.linalg.lstsq(features, np.cos(GRID), rcond=None)[0]
    yield at_most(
        "error of 40 units of tanh, output weights by least squares",
        float(np.max(np.abs(fitted - np.cos(GRID)))),
        SMALL,
    )
    draw = np.random.default_rng(0)
    cubes = [(1, 0, 0, 0)]
    for _ in range(50):
        w, b = int(draw.integers(-9, 10)), int(draw.integers(-9, 10))
        cubes.append((b**3, 3 * b * b * w, 3 * b * w * w, w**3))
    yield equals(
        "rank of 1 and 50 units (w t + b)^3 in the powers of t",
        int(np.linalg.matrix_rank(np.array(cubes, dtype=float))),
        4,
        "A polynomial activation gives polynomials of its own degree only, however many units there are.",
    )
    best = mathdl.best_polynomial(COSINE, (0, 4 * pi), 3)
    yield at_least("what every network with the activation t^3 is off by", best.least_error, 0.999999)
    ends = {abs(value - target) for value, target in ((HALF, 0), (HALF, 1))}
    yield erratum(
        "It is enough that the activation is not linear and no polynomial.",
        "It has to be continuous, as an activation is by its definition, or not much less.",
        refutes(
            "With lambda(t) = 1 at t = 0 and 0 elsewhere every L_2 o lambda o L_1 is constant at all but finitely many "
            "points, so that f(x) = x on [0, 1] is off by 1/2 near an end.",
            min(max(Fraction(k, 64), 1 - Fraction(k, 64)) for k in range(65)) >= HALF,
        ),
        equals("distances of the best constant from x at both ends", ends, {HALF}),
    )


@cache
def _minimax(degree: int) -> Any:
    """Return the best polynomial of the cosine over two periods."""
    return mathdl.best_polynomial(COSINE, (0, 4 * pi), degree)


@item(
    "eq-4.29",
    "Cubics cannot approximate cosine on [0,4pi]",
    try_it="mathdl.best_polynomial(mathdl.chain.cos(mathdl.variables('x')), (0, 12.566370614359172), degree=3)",
)
def cubics_fail() -> Findings:
    """No polynomial p of degree at most 3 has |cos x - p(x)| < eps on K = [0, 4 pi] for eps = 1/2, nor for any up to 1.

    At the five points i pi the cosine is 1 and -1 in turn.
    """
    draw = np.random.default_rng(1)
    sums = set()
    for _ in range(200):
        c = [Fraction(int(draw.integers(-99, 100)), 7) for _ in range(4)]
        sums.add(sum((-1) ** i * comb(4, i) * sum(a * i**k for k, a in enumerate(c)) for i in range(5)))
    yield equals(
        "sums of (-1)^i C(4, i) p(i pi) over i = 0..4 for 200 cubics p",
        sums,
        {0},
        "The fourth difference of a cubic at equal steps is 0.",
    )
    yield equals(
        "the same sum for the cosine",
        sum(comb(4, i) for i in range(5)),
        16,
        "cos(i pi) = (-1)^i. As the C(4, i) add up to 16, cos - p is 1 or more at one of the points.",
    )
    best = _minimax(3)
    yield near("largest difference of the best cubic", best.error, 1, 1e-9, "p = 0 has it: |cos x| <= 1.")
    yield at_least("what a certificate shows of all cubics, from five points", best.least_error, 0.999999)
    yield shows("The certificate verifies.", mathdl.verify(best.certificate, best.data))
    degrees = (0, 1, 2, 3, 4, 5, 6, 12)
    errors = [_minimax(d).error for d in degrees]
    yield Table(
        {"degree": degrees, "least possible error": errors, "certified": [_minimax(d).least_error for d in degrees]}
    )
    yield near("least errors for degree 0 to 6", errors[:7], (1, 1, 1, 1, 0.59359, 0.59359, 0.14940), 1e-4)
    yield near("least error for degree 12", errors[7], 1.0706e-4, 1e-7)
    longer = mathdl.best_polynomial(COSINE, (0, 6 * pi), 5)
    yield at_least(
        "of degree 5 on [0, 6 pi]", longer.least_error, 0.999999, "d + 2 points alternate on [0, (d + 1) pi]."
    )
    faster = mathdl.best_polynomial(CHAIN.cos(1.5 * X), (0, 4 * pi), 5)
    yield at_least("of degree 5, for cos(3x/2) on [0, 4 pi]", faster.least_error, 0.999999)
    yield erratum(
        "A cubic p with (4.29) has at most three roots in K.",
        "It may also be 0 everywhere; and p(s_i) >= 0 is all that is known, and enough: the gap is 1 and not only 1/2.",
        refutes("p = 0 has every point of K as a root, and no cubic is nearer to the cosine.", best.error > 1 - 1e-9),
        at_least("least error of all cubics, certified", best.least_error, 0.999999),
    )


@cubics_fail.figure("the cosine and its best polynomials of degree 5 and 6")
def _polynomials(ax: Any) -> None:
    ax.plot(GRID, np.cos(GRID), color=COLOURS[0], label="cos x")
    for k, degree in enumerate((5, 6), 1):
        ax.plot(
            GRID, _minimax(degree).polynomial(GRID), "--" if k == 1 else ":", color=COLOURS[k], label=f"degree {degree}"
        )
    ax.set(xlabel="x", ylabel="value")
    legend(ax)


def _pieces(roots: tuple[Fraction, ...]) -> list[tuple[Fraction, Fraction]]:
    """Return the pieces into which roots divide [0, 4], in units of pi."""
    return list(pairwise([Fraction(0), *roots, Fraction(4)]))


@item("eq-4.30", "Split the interval at the cubic roots")
def split_at_the_roots() -> Findings:
    """Three roots r1 < r2 < r3 divide [0, 4 pi] into four pieces; one of them holds two extrema of the cosine in a row.

    The pieces are K_1 = [0, r1), K_2 = [r1, r2), K_3 = [r2, r3) and K_4 = [r3, 4 pi]; the extrema are i pi, i = 0..4.
    """
    places = [Fraction(k, 6) for k in range(1, 24)]
    partitions = holding = 0
    chosen = list(combinations(places, 3))
    for roots in chosen:
        pieces = _pieces(roots)
        inside = [[i for i in range(5) if a <= i < b or (b == i == 4)] for a, b in pieces]
        partitions += sorted(i for each in inside for i in each) == list(range(5))
        holding += any(b - a == 1 for each in inside for a, b in pairwise(each))
    yield equals("choices of three roots among the multiples of pi/6 between 0 and 4 pi", len(chosen), 1771)
    yield equals("of them, those for which each of the five extrema lies in exactly one piece", partitions, 1771)
    yield equals(
        "those for which one piece holds two extrema in a row",
        holding,
        1771,
        "Five points in four pieces: two share one, and what lies between them is in it as well.",
    )
    yield erratum(
        "The first piece is [-4 pi, r1).",
        "It is [0, r1): the pieces divide K = [0, 4 pi].",
        refutes("-pi lies in [-4 pi, r1) and not in K.", -4 <= -1 < places[0] and not 0 <= -1 <= 4),
        equals(
            "union of the four pieces, in units of pi",
            (_pieces((HALF, Fraction(1), Fraction(2)))[0][0], _pieces((HALF, Fraction(1), Fraction(2)))[-1][1]),
            (0, 4),
        ),
    )


def _tents(m: int) -> Any:
    """Return the network of m tents one after another: 2 m hidden neurons."""
    net = mathdl.Network([*(mathdl.Dense(2, "relu") for _ in range(m)), mathdl.Dense(1)], (1,), dtype="float64")
    first, later = [1, 1, 0, -0.5], [2, -4, 2, -4, 0, -0.5]
    net.parameters[:] = [*first, *later * (m - 1), 2, -4, 0]
    return net


@item(
    "claim-4.3-depth",
    "Deep networks need far fewer neurons than wide ones",
    try_it="mathdl.approximate(mathdl.variables('x') ** 2, (0, 1), error=0.001).least_neurons",
)
def depth_beats_width() -> Findings:
    """Functions that deep networks compute with few neurons may need very many in one hidden layer.

    The tent T(x) = 2 ReLU(x) - 4 ReLU(x - 1/2) goes from 0 up to 1 and back on [0, 1]; m of them are composed.
    """
    depths = range(1, 10)
    counts, neurons = [], []
    for m in depths:
        net = _tents(m)
        counts.append(len(mathdl.PiecewiseAffine.of_network(net, (0, 1)).kinks) + 1)
        neurons.append(sum(net.widths[:-1]))
    yield Table(
        {"m": depths, "neurons, deep": neurons, "pieces": counts, "neurons, one layer": [c - 1 for c in counts]}
    )
    yield equals("hidden neurons of m tents, m = 1..9", neurons, tuple(2 * m for m in range(1, 10)))
    yield equals(
        "their affine pieces on [0, 1], in fractions",
        counts,
        (2, 4, 8, 16, 32, 64, 128, 256, 512),
        "Each tent runs through all of the next one twice.",
    )
    widths = []
    for k in range(1, 7):
        net = mathdl.Network([mathdl.Dense(k, "relu"), mathdl.Dense(1)], (1,), dtype="float64", seed=k)
        net.parameters[k : 2 * k] = [j / 8 for j in range(k)]
        widths.append(len(mathdl.PiecewiseAffine.of_network(net, (-9, 9)).kinks) + 1 - k)
    yield equals(
        "most pieces beyond k of networks with k = 1..6 neurons in one hidden layer",
        max(widths),
        1,
        "Each neuron bends at one point: at most k + 1 pieces, so that 2^m pieces need 2^m - 1 neurons.",
    )
    yield equals("neurons for 9 tents: deep, and in one layer at least", (neurons[-1], counts[-1] - 1), (18, 511))


@depth_beats_width.figure("three tents one after another: 8 pieces from 6 neurons")
def _three_tents(ax: Any) -> None:
    x = np.linspace(0, 1, 801)
    ax.plot(x, _tents(3)(x[:, None])[:, 0], color=COLOURS[0])
    ax.set(xlabel="x", ylabel="T(T(T(x)))")
