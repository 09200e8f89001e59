"""Exercise 4 of chapter 8: what the weight of an object does."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend, log_axes

OBJECTS = (0.0, 0.01, 1.0)
WEIGHTS = tuple(Fraction(v) for v in ("1/1000000", "1/99", "1/10", "1", "99/50", "10", "100", "1000000"))


def loss() -> mathdl.Polynomial:
    """Return a^2 + (a - 1/100)^2 + v (a - 1)^2 as a polynomial of a and v."""
    constant = Fraction(1, 10**4)
    terms = {(2, 0): 2, (1, 0): Fraction(-1, 50), (2, 1): 1, (1, 1): -2, (0, 1): 1, (0, 0): constant}
    return mathdl.Polynomial(terms, ["a", "v"])


def minimiser(v: float) -> float:
    """Return where descent on the weighted loss ends; its scale, 1 / (2 + v), changes nothing."""
    weighted = mathdl.LeastSquares(np.ones((3, 1)), OBJECTS, sample_weight=[1.0, 1.0, v])
    return float(mathdl.gradient_descent(weighted, [0.5], mathdl.SGD(0.25), steps=100, tolerance=1e-15).point[0])


def formula(v: Any) -> Any:
    """Return (v + 0.01) / (v + 2)."""
    return (v + Fraction(1, 100)) / (v + 2)


TRY = "mathdl.gradient_descent(mathdl.LeastSquares([[1]] * 3, [0, 0.01, 1], sample_weight=[1, 1, 1.98]), [0]).point"


@item("exercise-8.4a", "The derivative of a weighted loss of three objects", try_it=TRY)
def derivative() -> Findings:
    """Calculate the derivative of L(a) = (a - s1)^2 + (a - s2)^2 + v (a - s3)^2.

    The three objects are s1 = 0, s2 = 0.01 and s3 = 1, and v > 0 is the weight of the third.
    """
    points = [(Fraction(a, 8), Fraction(v, 4)) for a in range(-9, 9, 4) for v in (1, 4, 30)]
    plain = [a**2 + (a - Fraction(1, 100)) ** 2 + v * (a - 1) ** 2 for a, v in points]
    yield equals(
        "L(a) at 15 pairs a, v, multiplied out, less its definition",
        {loss().exact(p) - q for p, q in zip(points, plain, strict=True)},
        {0},
        "The squares multiplied out are 2 a^2 - a/50 + 1/10^4 + v a^2 - 2 v a + v.",
    )
    yield equals(
        "L'(a)",
        str(loss().derivative(0)),
        "4 a - 1/50 + 2 a v - 2 v",
        "Term by term; taken together, (4 + 2 v) a - 2 v - 0.02.",
    )
    slopes = {loss().derivative(0).exact((a, v)) - ((4 + 2 * v) * a - 2 * v - Fraction(1, 50)) for a, v in points}
    yield equals(
        "L'(a) less (4 + 2 v) a - 2 v - 0.02 at these pairs", slopes, {0}, "So L' is a straight line of slope 4 + 2 v."
    )
    weighted = mathdl.LeastSquares(np.ones((3, 1)), OBJECTS, sample_weight=[1.0, 1.0, 2.0])
    found = 4 * weighted.value_and_gradient(np.array([0.5]))[1][0]
    yield near(
        "L'(1/2) for v = 2 by the library", found, -0.02, 1e-14, "8/2 - 4 - 0.02; the library's loss is L / (2 + v)."
    )


@item("exercise-8.4b", "The minimiser by the weight of the third object", try_it=TRY)
def minimiser_by_weight() -> Findings:
    """For each weight v > 0 find the a_v that minimises L(a) = a^2 + (a - 0.01)^2 + v (a - 1)^2."""
    exact = [formula(v) for v in WEIGHTS]
    zero = [loss().derivative(0).exact((a, v)) for a, v in zip(exact, WEIGHTS, strict=True)]
    yield equals(
        "L' at a_v = (v + 0.01) / (v + 2) for eight weights",
        zero,
        [0] * 8,
        "L'(a) = (4 + 2 v) a - 2 v - 0.02 is 0 there.",
    )
    curved = [loss().derivative(0).derivative(0).exact((0, v)) - 4 - 2 * v for v in WEIGHTS]
    yield equals("L'' - (4 + 2 v)", curved, [0] * 8, "L'' is positive, so L is convex and a_v its only minimum.")
    found = [minimiser(float(v)) for v in WEIGHTS]
    yield near(
        "end of gradient descent, less a_v",
        [a - float(b) for a, b in zip(found, exact, strict=True)],
        [0] * 8,
        1e-12,
        "Descent comes to the same.",
    )
    yield equals(
        "a_v for v = 1 and v = 1.98",
        [formula(Fraction(1)), formula(Fraction(99, 50))],
        (Fraction(101, 300), Fraction(1, 2)),
        "The formula in fractions.",
    )
    slopes = [loss().derivative(0).exact((a, 1)) for a in (0, -10, -1000, -(10**6))]
    yield erratum(
        "The a_v that minimises L' is asked for.",
        "It has to be L: the derivative L' is a straight line of positive slope and has no minimum.",
        refutes(
            "For v = 1 the values of L' at 0, -10, -1000 and -10^6 fall without end.",
            slopes == sorted(slopes, reverse=True),
        ),
        equals("L'(1) - L'(0) for v = 1, its slope", loss().derivative(0).exact((1, 1)) - slopes[0], 6),
        equals("a_v for v = 1, where L has its minimum", formula(Fraction(1)), Fraction(101, 300)),
    )


@item("exercise-8.4c", "What the weight does to each object", try_it=TRY)
def effect_of_weight() -> Findings:
    """Explain how the minimiser a_v = (v + 0.01) / (v + 2) changes with the weight v of the third object, s3 = 1.

    How near a_v is to s1 = 0, s2 = 0.01 and s3 = 1 says how well each of the objects is met.
    """
    yield Table(
        {
            "v": [float(v) for v in WEIGHTS],
            **{
                f"|a_v - s{i}|": [float(abs(formula(v) - s)) for v in WEIGHTS]
                for i, s in ((1, 0), (2, Fraction(1, 100)), (3, 1))
            },
        }
    )
    step = Fraction(1, 10**6)
    slopes = [(formula(v + step) - formula(v)) / step * (v + 2) * (v + step + 2) for v in WEIGHTS]
    yield equals(
        "(a_w - a_v) / (w - v) times (v + 2)(w + 2), w = v + 10^-6",
        slopes,
        [Fraction(199, 100)] * 8,
        "So a_v has the derivative 1.99 / (v + 2)^2 > 0 and rises with v.",
    )
    yield near(
        "a_v for v = 10^-6 and 10^6",
        [minimiser(1e-6), minimiser(1e6)],
        [0.005, 1],
        2e-6,
        "It rises from 0.005, the mean of s1 and s2, to s3 = 1.",
    )
    away = [(v + 2) * (1 - formula(v)) for v in WEIGHTS]
    yield equals(
        "(v + 2) |a_v - s3|",
        away,
        [Fraction(199, 100)] * 8,
        "The third object's distance 1.99 / (v + 2) falls to 0: the more weight, the better it is met.",
    )
    first = [(v + 2) * formula(v) - v for v in WEIGHTS]
    yield equals(
        "(v + 2) |a_v - s1| - v",
        first,
        [Fraction(1, 100)] * 8,
        "The first one's distance (v + 0.01) / (v + 2) rises to 1.",
    )
    second = [abs(formula(v) - Fraction(1, 100)) * (v + 2) - abs(99 * v - 1) / 100 for v in WEIGHTS]
    yield equals(
        "(v + 2) |a_v - s2| - |0.99 v - 0.01|",
        second,
        [0] * 8,
        "The second one's falls until v = 1/99, and rises then to 0.99.",
    )
    yield equals(
        "a_v for v = 1/99", formula(Fraction(1, 99)), Fraction(1, 100), "There the second object is met exactly."
    )
    many = np.array([minimiser(float(v)) for v in np.geomspace(1e-4, 1e4, 41)])
    yield shows(
        "Descent's minimisers rise with v, from 10^-4 to 10^4.",
        (np.diff(many) > 0).all(),
        "As the derivative says: weight draws a_v to its object, away from the others.",
    )


@effect_of_weight.figure("the minimiser a_v by the weight v of the third object")
def _draw_minimiser(ax: Any) -> None:
    v = np.geomspace(1e-4, 1e4, 161)
    ax.plot(v, [minimiser(float(each)) for each in v], color=COLOURS[0])
    ax.set(xlabel="weight v of the third object", ylabel="minimiser a_v")
    log_axes(ax, x=True)


@effect_of_weight.figure("the distance of each object from a_v by the weight v")
def _draw_distances(ax: Any) -> None:
    v = np.geomspace(1e-4, 1e4, 161)
    found = np.array([minimiser(float(each)) for each in v])
    for i, (s, colour, style) in enumerate(zip(OBJECTS, COLOURS, ("-", "--", ":"), strict=False)):
        ax.plot(v, np.abs(found - s), style, color=colour, label=f"object {i + 1} at {s:g}")
    ax.set(xlabel="weight v of the third object", ylabel="distance of each object")
    log_axes(ax, x=True)
    legend(ax)
