"""The beginning of section 10.1: convolution of functions."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, at_most, differs, equals, erratum, near
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

HAT = mathdl.PiecewisePolynomial([-1, 0, 1], [[1, 1], [1, -1]])
"""max(0, 1 - |x|)."""
LINE = mathdl.PiecewisePolynomial([-4, 4], [[0, 1]])
"""x from -4 to 4."""


def box(width: Any) -> Any:
    """Return the function that is 1 / width from 0 to width."""
    return mathdl.PiecewisePolynomial([0, width], [[1 / Fraction(width)]])


def draw_functions(ax: Any, functions: Any, start: float, end: float) -> None:
    """Draw piecewise polynomials, each with its name."""
    x = np.linspace(start, end, 161)
    for k, (name, f) in enumerate(functions.items()):
        ax.plot(x, [float(f(at)) for at in x], ("-", "--", ":")[k], color=COLOURS[k], label=name)
    ax.set(xlabel="x", ylabel="value")
    legend(ax)


@item(
    "def-10.1.1",
    "Convolution of functions",
    try_it="(hat := mathdl.PiecewisePolynomial([-1, 0, 1], [[1, 1], [1, -1]])).convolve(hat)",
)
def convolution_of_functions() -> Findings:
    """The convolution f * g of two functions is the function of x that integrates f(y) g(x - y) over all y in R^n.

    f and g are continuous and 0 outside of a bounded set, so that the integral is finite. For piecewise polynomials
    it is a piecewise polynomial again and computed exactly; for other functions the library gives a number with a bound
    of its error, which follows from how fast f and g change (their Lipschitz constants).
    """
    twice = HAT.convolve(HAT)
    values = [twice(x) for x in (0, "1/2", 1)]
    yield equals(
        "(f * f)(0), (f * f)(1/2) and (f * f)(1) for the hat f(x) = max(0, 1 - |x|)",
        values,
        (Fraction(2, 3), Fraction(23, 48), Fraction(1, 6)),
    )
    yield equals("where f * f is not 0: from and to", (twice.breaks[0], twice.breaks[-1]), (-2, 2), "sums of ends of f")
    yield equals("integral of f * f, for f with integral 1", twice.integral(), HAT.integral() ** 2, "1 times 1")
    hat = mathdl.CompactFunction(lambda y: 1 - np.abs(y), (-1, 1), lipschitz=1)
    found = hat.convolve(hat, 0.5, tolerance=1e-4)
    yield near("(f * f)(1/2) by the midpoint rule", found.value, 23 / 48, found.error, "within the bound it states")
    yield at_most("that bound", found.error, 1e-4)


@convolution_of_functions.figure("the hat f and f * f, which is smoother and lower, and twice as wide")
def _draw_hats(ax: Any) -> None:
    draw_functions(ax, {"f": HAT, "f * f": HAT.convolve(HAT)}, -2.5, 2.5)


@item(
    "ex-10.1.1",
    "The mean over an interval, by a box function",
    try_it="mathdl.PiecewisePolynomial([0, 0.5], [[2]]).convolve(mathdl.PiecewisePolynomial([-4, 4], [[0, 1]]))(1)",
)
def local_means() -> Findings:
    """The box function g is 1 from 0 to e and 0 elsewhere; (f * g / e)(x) is the mean of f from x - e to x.

    e > 0 is the width. Hence the value at x depends only on what f is in this interval, and f * g / e is a smoothed f.
    """
    e = Fraction(1, 2)
    mean = box(e).convolve(HAT)
    places = [Fraction(k, 4) for k in range(-5, 8)]
    yield equals(
        "with e = 1/2, largest difference from the mean of the hat f over [x - e, x] for x = -5/4, ..., 7/4",
        max(abs(mean(x) - HAT.integral(x - e, x) / e) for x in places),
        0,
    )
    cut = mathdl.PiecewisePolynomial(["1/2", 1], [[1, -1]])
    yield equals(
        "(f * g / e)(1) for the hat and for a function that equals it from x - e = 1/2 to 1 alone",
        (mean(1), box(e).convolve(cut)(1)),
        (Fraction(1, 4),) * 2,
    )
    slope = [box(w).convolve(LINE)(1) for w in (1, e, Fraction(1, 10))]
    yield erratum(
        "(10.5) and what follows take the mean over [x, x + e].",
        "By (10.1) it is the mean over [x - e, x]: for y from 0 to e, t = x - y goes from x down to x - e.",
        differs(
            "with f(t) = t, (f * g / e)(1) for e = 1, 1/2, 1/10", slope, [1 + w / 2 for w in (1, e, Fraction(1, 10))]
        ),
        equals("the same, compared with x - e/2", slope, [1 - w / 2 for w in (1, e, Fraction(1, 10))]),
    )
    by_place = sum(int(0 <= x < e) * LINE.integral(x - e, x) / e for x in [Fraction(1)])
    yield erratum(
        "(10.4) has the box function at x in the integral.",
        "It is the box function at y, the variable of integration; at x it would be a factor, 0 outside of [0, e).",
        differs("with f(t) = t, e = 1/2 and the box at x = 1, the value there", by_place, slope[1]),
        equals("with the box at y", slope[1], 1 - e / 2),
    )
    outside = HAT.convolve(box(e))(0), box(e).convolve(mathdl.PiecewisePolynomial([-1, 0], [[1, 1]]))(0)
    inside = box(e).convolve(mathdl.PiecewisePolynomial([-1, 0], [[2, 1]]))(0)
    yield erratum(
        "The value at x stays the same even if the two functions differ for t in the interval.",
        "It stays the same if they differ only for t outside of the interval.",
        differs("value at 0 after the hat is raised by 1 in [-1, 0), for e = 1/2", inside, outside[0]),
        equals("value at 0 after the hat is set to 0 outside of [-1, 0)", outside[1], outside[0]),
    )


@local_means.figure("the hat f and its mean over [x - e, x] for e = 1/2: smoother, and moved to the right by e/2")
def _draw_means(ax: Any) -> None:
    draw_functions(ax, {"f": HAT, "f * g / e": box(Fraction(1, 2)).convolve(HAT)}, -1.5, 2)


@item(
    "rem-10.1.1",
    "What convolution is used for elsewhere",
    try_it="(die := [1 / 6] * 6) and mathdl.convolve(die, [0] * 5 + die + [0] * 5, flip=True)",
)
def elsewhere() -> Findings:
    """Convolution stands in many places of mathematics and physics; two of them are computed here.

    The sum of two independent random numbers with densities f and g has the density f * g. And a filter that treats all
    times alike answers a signal f by f * g, where g is what it answers to a short pulse: a later signal gives the same
    answer, later.
    """
    die = [Fraction(1, 6)] * 6
    both = mathdl.convolve(die, [0] * 5 + die + [0] * 5, flip=True)
    counted = [sum(a + b == total for a in range(1, 7) for b in range(1, 7)) for total in range(2, 13)]
    yield equals("36 times the probabilities of 2, ..., 12 as the sum of two dice", 36 * both, counted, "counted")
    unit = box(1)
    three = unit.convolve(unit).convolve(unit)
    yield equals(
        "probability that the sum of three numbers from [0, 1] is at most 1",
        three.integral(0, 1),
        Fraction(1, 6),
        "1/3!",
    )
    later = mathdl.PiecewisePolynomial([2, 3, 4], [[-2, 1], [4, -1]])
    g = mathdl.PiecewisePolynomial([0, 1], [[1, -1]])
    places = [Fraction(k, 3) for k in range(-3, 12)]
    yield equals(
        "largest difference between (f * g)(x) for the hat f and the answer to f moved by 3, at x + 3",
        max(abs(HAT.convolve(g)(x) - later.convolve(g)(x + 3)) for x in places),
        0,
    )


@item("def-10.1.2", "Convolution of functions of two variables")
def two_variables() -> Findings:
    """For functions of two variables, (f * g)(x, y) integrates f(x', y') g(x - x', y - y') over all x' and y'.

    For products f(x, y) = f_1(x) f_2(y) and g(x, y) = g_1(x) g_2(y) it is the product of (f_1 * g_1)(x) and
    (f_2 * g_2)(y). The pyramid max(0, 1 - |x|) max(0, 1 - |y|) is such a product.
    """
    pyramid = mathdl.CompactFunction(
        lambda x, y: (1 - np.abs(x)) * (1 - np.abs(y)), [(-1, 1), (-1, 1)], lipschitz=np.sqrt(2)
    )
    twice = HAT.convolve(HAT)
    yield equals(
        "product of (h * h)(0) and (h * h)(0) for the hat h(x) = max(0, 1 - |x|)", twice(0) ** 2, Fraction(4, 9)
    )
    for x, y in ((0, 0), (0.5, -1)):
        found = pyramid.convolve(pyramid, (x, y), tolerance=1e-2)
        yield near(
            f"(f * f)({x}, {y}) for the pyramid f, by the midpoint rule",
            found.value,
            float(twice(x) * twice(y)),
            found.error,
            "within the bound it states",
        )
        yield at_most("that bound", found.error, 1e-2)
