"""Exercises 1 to 4 of chapter 8: learning rates, directions, oscillations, weights."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend

VALUES = (Fraction(1, 2), Fraction(1), Fraction(3), Fraction(-5, 4))


def parabola() -> mathdl.Polynomial:
    """Return lambda x^2 as a polynomial of lambda and x."""
    return mathdl.Polynomial({(1, 2): 1}, ["lambda", "x"])


@item(
    "exercise-8.1a",
    "The derivative of lambda x^2",
    try_it="mathdl.Polynomial({(1, 2): 1}, ['lambda', 'x']).derivative(1)",
)
def derivative() -> Findings:
    """Calculate the derivative of f(x) = lambda x^2 for a constant lambda > 0."""
    yield equals(
        "f'(x)", str(parabola().derivative(1)), "2 lambda x", "x^2 has the derivative 2 x, and lambda is constant."
    )
    slope = mathdl.Quadratic([[6.0]]).value_and_gradient(np.array([1.25]))[1][0]
    yield equals("f'(5/4) for lambda = 3 in floating point", slope, 7.5, "The formula gives 2 * 3 * 5/4.")


@item(
    "exercise-8.1b",
    "A step of gradient descent on lambda x^2",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[6.0]]), [1.0], mathdl.SGD(0.125), steps=1).points",
)
def one_step() -> Findings:
    """Calculate y = x - tau f'(x) for f(x) = lambda x^2, a learning rate tau > 0 and a point x."""
    slope = parabola().derivative(1)
    steps = {(c, x, tau): x - tau * slope.exact([c, x]) for c in VALUES[:3] for x in VALUES for tau in VALUES[:3]}
    factors = [y / x - 1 + 2 * c * tau for (c, x, tau), y in steps.items()]
    yield equals(
        "y / x - (1 - 2 lambda tau) for 36 triples of lambda, x and tau",
        set(factors),
        {0},
        "y = x - tau * 2 lambda x, and x can be taken out: y = (1 - 2 lambda tau) x.",
    )
    point = mathdl.gradient_descent(mathdl.Quadratic([[6.0]]), [1.0], mathdl.SGD(0.125), steps=1).point
    yield equals("y for lambda = 3, x = 1 and tau = 1/8 by the library", point[0], 0.25, "1 - 2 * 3 / 8 = 1/4.")


@item(
    "exercise-8.1c",
    "Learning rates that lower lambda x^2",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[6.0]]), [1.0], mathdl.SGD(0.25), steps=3).values",
)
def lowering_rates() -> Findings:
    """Find the learning rates tau > 0 with f(y) < f(x), for f(x) = lambda x^2 and y = x - tau f'(x)."""
    f, slope = parabola(), parabola().derivative(1)
    cases = [(c, x, Fraction(k, 12) / c) for c in VALUES[:3] for x in VALUES for k in range(1, 30)]
    change = [f.exact([c, x - tau * slope.exact([c, x])]) - f.exact([c, x]) for c, x, tau in cases]
    by_formula = [4 * c * c * tau * x * x * (c * tau - 1) for c, x, tau in cases]
    yield equals(
        "f(y) - f(x) less 4 lambda^2 tau x^2 (lambda tau - 1), in 348 cases",
        {a - b for a, b in zip(change, by_formula, strict=True)},
        {0},
        "f(y) = (1 - 2 lambda tau)^2 f(x), and (1 - 2 lambda tau)^2 - 1 = 4 lambda tau (lambda tau - 1).",
    )
    lower = {c * tau for (c, _, tau), d in zip(cases, change, strict=True) if d < 0}
    yield equals(
        "the lambda tau from 1/12 to 29/12 in steps of 1/12 with f(y) < f(x)",
        sorted(lower),
        [Fraction(k, 12) for k in range(1, 12)],
        "For x other than 0 the first factors are positive, so the sign is that of lambda tau - 1: 0 < tau < 1/lambda.",
    )
    equal = {c * tau for (c, _, tau), d in zip(cases, change, strict=True) if d == 0}
    yield equals("the lambda tau with f(y) = f(x)", equal, {1}, "Then y = -x.")
    yield erratum(
        "The learning rates with f(y) < f(x) are asked for without a condition on x.",
        "They are those with 0 < tau < 1/lambda if x is not 0; at x = 0 there is none.",
        refutes(
            "At x = 0, with lambda = 1 and tau = 1/2 < 1/lambda, y is 0 and f(y) = f(x).", slope.exact([1, 0]) == 0
        ),
        equals(
            "f(y) - f(x) at x = 1/2 for the same lambda and tau", Fraction(0) - f.exact([1, "1/2"]), Fraction(-1, 4)
        ),
    )


CASES = ((1, 1, 0.001), (1, 1, 0.01), (1, 1, 0.1), (1, 1, 0.5), (1, 0, 0.1), (0, 1, 0.1), (0, 1, 3.0))


def bowl() -> mathdl.Polynomial:
    """Return x1^2 + 2 x2^2."""
    return mathdl.Polynomial({(2, 0): 1, (0, 2): 2})


def units(angles: Any) -> Any:
    """Return the unit vectors of some angles, by rows."""
    return np.column_stack([np.cos(angles), np.sin(angles)])


def value(x: Any, tau: float, y: Any) -> Any:
    """Return f(x - tau y) for x1^2 + 2 x2^2."""
    moved = np.asarray(x, float) - tau * np.asarray(y)
    return moved[..., 0] ** 2 + 2 * moved[..., 1] ** 2


def best(x: Any, tau: float) -> Any:
    """Return the unit vector y with the least f(x - tau y): the best of many angles, bettered by gradient descent."""

    def slope(t: Any) -> Any:
        y1, y2 = np.cos(t), np.sin(t)
        return 2 * (x[0] * y2 - 2 * x[1] * y1 + tau * y1 * y2)

    loss = mathdl.Function(lambda t: float(value(x, tau, units(t))[0]) / tau, slope)
    angles = np.linspace(-np.pi, np.pi, 721)
    start = angles[int(np.argmin(value(x, tau, units(angles))))]
    return units(mathdl.gradient_descent(loss, [start], mathdl.SGD(0.05), steps=2000, tolerance=1e-13).point)[0]


def sine(y: Any, x: Any) -> float:
    """Return the size of the sine of the angle between y and the gradient (2 x1, 4 x2)."""
    g = np.array([2.0, 4.0]) * x
    return float(abs(g[0] * y[1] - g[1] * y[0]) / np.linalg.norm(g))


def condition(x: Any, tau: Any, y: Any) -> Any:
    """Return x1 y2 - 2 x2 y1 + tau y1 y2, which is 0 for the best y."""
    return x[0] * y[1] - 2 * x[1] * y[0] + tau * y[0] * y[1]


def circle() -> list[tuple[Fraction, Fraction]]:
    """Return rational points of the unit circle."""
    return [((1 - u * u) / (1 + u * u), 2 * u / (1 + u * u)) for u in (Fraction(k, 5) for k in range(-12, 13))]


@item("exercise-8.2a", "A unit vector is an angle")
def directions_as_angles(seed: int = 0) -> Findings:
    """For f(x) = x1^2 + 2 x2^2 the best direction y at x is the one of length 1 with the least f(x - tau y).

    Explain why it is enough to look at y = (cos theta, sin theta), and so at g(theta) = f(x - tau y), a function of the
    angle theta alone.
    """
    angles = [(np.arctan2(float(v), float(u)), u, v) for u, v in circle()]
    off = max(abs(np.cos(t) - float(u)) + abs(np.sin(t) - float(v)) for t, u, v in angles)
    yield near(
        "largest distance of (cos theta, sin theta) from 25 unit vectors y, theta the angle of y",
        off,
        0,
        1e-15,
        "Every y of length 1 has an angle theta with y = (cos theta, sin theta), and those have length 1.",
    )
    y = np.random.default_rng(seed).normal(size=(20_000, 2))
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    for x, tau in (((1.0, 1.0), 0.1), ((1.0, -0.3), 0.7), ((0.2, 0.1), 2.0)):
        least = value(x, tau, best(x, tau))
        yield near(
            f"least f(x - tau y) of 20,000 unit vectors, less the least g, x = {x}, tau = {tau}",
            value(x, tau, y).min() - least,
            0,
            1e-6,
            "So both have the same minimum.",
        )


@item("exercise-8.2b", "What the best direction satisfies")
def stationary_direction() -> Findings:
    """Calculate g'(theta) for g(theta) = f(x - tau y), y = (cos theta, sin theta), and show what the best y satisfies.

    Here f(x) = x1^2 + 2 x2^2 and tau > 0 is the length of the step.
    """
    slopes = []
    for x, tau in (((1, 1), Fraction(1, 10)), ((Fraction(-3, 4), 2), Fraction(5, 2)), ((2, 0), Fraction(1))):
        for y in circle():
            g1, g2 = bowl().exact_gradient([x[0] - tau * y[0], x[1] - tau * y[1]])
            slopes.append(-tau * (g1 * -y[1] + g2 * y[0]) - 2 * tau * condition(x, tau, y))
    yield equals(
        "g'(theta) - 2 tau (x1 y2 - 2 x2 y1 + tau y1 y2) in 75 cases",
        set(slopes),
        {0},
        "By the chain rule g'(theta) = -tau grad f(x - tau y) . (-y2, y1), with grad f = (2 x1, 4 x2).",
    )
    yield near(
        "largest |y1 (2 x2 - tau y2) - x1 y2| of the best y in seven cases",
        max(abs(condition(x, tau, best(x, tau))) for *x, tau in CASES),
        0,
        1e-12,
        "At the minimum g' is 0; as tau is not 0, y1 (2 x2 - tau y2) = x1 y2.",
    )
    two = [best((1, 1), tau) for tau in (0.1, 0.5)]
    yield near("best y at x = (1, 1) for tau = 0.1", two[0], [0.46357, 0.88606], 1e-5, "Its angle solves g' = 0.")
    yield near("best y at x = (1, 1) for tau = 0.5", two[1], [0.53536, 0.84463], 1e-5)
    yield near(
        "x1 y2 / (2 x2 - tau y2) for both, less y1",
        [v[1] / (2 - t * v[1]) - v[0] for v, t in zip(two, (0.1, 0.5), strict=True)],
        [0, 0],
        1e-12,
        "Divided by 2 x2 - tau y2 this is the printed form.",
    )
    far = best((0, 1), 3.0)
    yield erratum(
        "The minimum has y1 = x1 y2 / (2 x2 - tau y2).",
        "It has y1 (2 x2 - tau y2) = x1 y2, which does not divide by what may be 0.",
        refutes(
            "At x = (0, 1) with tau = 3 numerator and denominator of the best y are 0.",
            abs(2 - 3 * far[1]) < 1e-9 and 0 * far[1] == 0,
        ),
        near("best y there, up to the sign of y1", np.abs(far), [0.745356, 2 / 3], 1e-6),
        near("y1 (2 x2 - tau y2) - x1 y2 there", far[0] * (2 - 3 * far[1]), 0, 1e-9),
    )
    yield erratum(
        "The condition is said to give the minimum.",
        "It says g' = 0, which holds at maxima, too; the minimum is the best of the solutions.",
        refutes(
            "At x = (0, 1), tau = 1/10, the worst direction (0, -1) satisfies it.", condition((0, 1), 0.1, (0, -1)) == 0
        ),
        equals(
            "f(x - tau y) for y = (0, 1) and (0, -1)",
            [bowl().exact([0, 1 - Fraction(s, 10)]) for s in (1, -1)],
            (Fraction(81, 50), Fraction(121, 50)),
        ),
    )


@item(
    "exercise-8.2c",
    "The gradient of x1^2 + 2 x2^2",
    try_it="mathdl.Polynomial({(2, 0): 1, (0, 2): 2}).exact_gradient([1, 1])",
)
def gradient_of_bowl() -> Findings:
    """Calculate the gradient of f(x) = x1^2 + 2 x2^2."""
    parts = [str(bowl().derivative(i)) for i in range(2)]
    yield equals(
        "grad f", parts, ("2 x1", "4 x2"), "Each part is the derivative by one variable, the other held constant."
    )
    yield equals("grad f at (1, 1)", bowl().exact_gradient([1, 1]), (2, 4), "The formula at that point.")


@item("exercise-8.2d", "The best direction is not that of the gradient")
def not_the_gradient() -> Findings:
    """Show that for tau > 0 the best direction y is not parallel to grad f(x) = (2 x1, 4 x2), but tends to it with tau.

    The best y of length 1 has the least f(x - tau y), f(x) = x1^2 + 2 x2^2.
    """
    points = [(Fraction(a, 7), Fraction(b, 5), Fraction(c, 3)) for a in (-3, 1, 4) for b in (-2, 5) for c in (1, 2)]
    left = {
        condition((a, b), Fraction(3, 11), (c * a, c * 2 * b)) - Fraction(3, 11) * c * c * 2 * a * b
        for a, b, c in points
    }
    yield equals(
        "x1 y2 - 2 x2 y1 + tau y1 y2 for y = c (x1, 2 x2), less 2 tau c^2 x1 x2, in 12 cases",
        left,
        {0},
        "With y = c (x1, 2 x2) the first two terms of the condition of part b cancel. What is left is 0 for tau"
        " = 0, so y "
        "may be parallel to the gradient; for tau > 0 it is not 0 unless x1 x2 = 0.",
    )
    sines = [sine(best((1, 1), tau), (1, 1)) for tau in (0.1, 0.01, 0.001)]
    yield near(
        "|sin| of the angle from grad f to the best y at x = (1, 1), tau = 0.1",
        sines[0],
        0.01837,
        5e-6,
        "So it is not parallel there,",
    )
    yield near(
        "ratios of that to the next for tau = 0.01 and 0.001",
        [sines[0] / sines[1], sines[1] / sines[2]],
        [10, 10],
        0.5,
        "and the angle falls with tau.",
    )
    along = np.array([1.0, 2.0]) / np.sqrt(5)
    yield shows(
        "Of steps of length 1/2 from (1, 1), the one along the best y goes lower than the one along the gradient.",
        value((1, 1), 0.5, best((1, 1), 0.5)) < value((1, 1), 0.5, along),
    )
    axes = [sine(best(x, tau), x) for x in ((1.0, 0.0), (0.0, 1.0)) for tau in (0.1, 0.5, 0.9)]
    yield erratum(
        "For tau > 0 the best y and the gradient are not collinear.",
        "They are not if x1 x2 is not 0; on the axes they are, for 0 < tau < 1.",
        refutes(
            "At (1, 0) and (0, 1), for tau = 0.1, 0.5 and 0.9, |sin| of their angle is below 10^-12.", max(axes) < 1e-12
        ),
        near("|sin| at (1, 1) for tau = 0.5", sine(best((1, 1), 0.5), (1, 1)), 0.101, 1e-3),
    )


@not_the_gradient.figure("the angle between the best direction and the gradient by the length tau of the step")
def _draw_angles(ax: Any) -> None:
    taus = np.linspace(0.02, 0.9, 45)
    for x, style, colour in (
        ((1.0, 1.0), "-", COLOURS[0]),
        ((1.0, 0.3), "--", COLOURS[1]),
        ((1.0, 0.0), ":", COLOURS[2]),
    ):
        degrees = [np.degrees(np.arcsin(sine(best(x, float(tau)), x))) for tau in taus]
        ax.plot(taus, degrees, style, color=colour, label=f"x = ({x[0]:g}, {x[1]:g})")
    ax.set(xlabel="tau", ylabel="degrees from gradient to best")
    legend(ax)


@not_the_gradient.figure("f after a step of length 1/2 from (1, 1) by its direction, with the best and the gradient's")
def _draw_directions(ax: Any) -> None:
    turns = np.linspace(0, 180, 181)
    ax.plot(turns, value((1, 1), 0.5, units(np.radians(turns))), color=COLOURS[0], label="f(x - y / 2), x = (1, 1)")
    along = np.array([1.0, 2.0]) / np.sqrt(5)
    for y, name, marker, colour in ((best((1, 1), 0.5), "best", "o", COLOURS[1]), (along, "gradient", "s", COLOURS[2])):
        ax.plot(np.degrees(np.arctan2(y[1], y[0])), value((1, 1), 0.5, y), marker, color=colour, label=name)
    ax.set(xlabel="direction of y in degrees", ylabel="f after the step")
    legend(ax)


WELL = np.pi / 20  # 0 is the only minimum between the maxima -pi/20 and pi/20 of sin(10 x)^2


def trace(rates: Any, starts: Any, steps: int) -> Any:
    """Return the points of gradient descent on sin(10 x)^2 for many learning rates at once, (steps + 1, rates).

    Descent with rate 1 on the sum of tau_i sin(10 x_i)^2 takes a step of rate tau_i in each x_i.
    """
    rates = np.asarray(rates, float)
    loss = mathdl.Function(lambda a: float(rates @ np.sin(10 * a) ** 2), lambda a: 10 * rates * np.sin(20 * a))
    return mathdl.gradient_descent(loss, starts, mathdl.SGD(1.0), steps=steps, tolerance=0.0).points


def wave() -> mathdl.Function:
    """Return sin(10 x)^2."""
    return mathdl.Function(lambda a: float(np.sin(10 * a[0]) ** 2), lambda a: 10 * np.sin(20 * a))


@item(
    "exercise-8.3a",
    "Above which learning rate descent on sin(10 x)^2 does not converge",
    try_it="mathdl.gradient_descent(mathdl.Polynomial({(2,): 100}), [0.001], mathdl.SGD(0.0101), steps=9).points",
)
def threshold(seed: int = 0) -> Findings:
    """Explain why gradient descent on f(x) = sin(10 x)^2 may miss its minimum 0 for large learning rates tau."""
    found = mathdl.second_derivative_test(wave(), [0.0])
    yield near("f''(0)", found.hessian[0, 0], 200, 1e-4, "f'(x) = 10 sin(20 x), so f''(x) = 200 cos(20 x).")
    rates = (0.001, 0.0099, 0.0101, 1 / 19)
    factors = [
        mathdl.gradient_descent(wave(), [1e-7], mathdl.SGD(tau), steps=1, tolerance=0.0).point[0] / 1e-7
        for tau in rates
    ]
    yield near(
        "x_1 / x_0 for x_0 = 10^-7 and tau = 0.001, 0.0099, 0.0101, 1/19",
        factors,
        [0.8, -0.98, -1.02, -181 / 19],
        1e-9,
        "Near 0 a step multiplies x by 1 - 200 tau. Where that is beyond 1 in size, points near 0 are driven away.",
    )
    yield equals(
        "tau from which 1 - 200 tau is -1",
        Fraction(2, 200),
        Fraction(1, 100),
        "|1 - 200 tau| > 1 exactly for tau > 1/100.",
    )
    generator = np.random.default_rng(seed)
    starts = generator.uniform(-0.999 * WELL, 0.999 * WELL, 200)
    paths = np.abs(trace(np.append(generator.uniform(0.001, 0.01, 190), np.full(10, 0.01)), starts, 3000))
    falls = bool((np.diff(paths, axis=0)[paths[:-1] > 1e-8] < 0).all() and paths[-1].max() < 0.01)
    yield shows("For tau <= 1/100, |x| falls with every step from each of 200 starts between the maxima.", falls)
    slow = trace([0.01, 0.01], [0.01, 0.001], 20_000)
    yield near(
        "x_1 from 0.001 for tau = 1/100, less -x + (400/3) x^3",
        slow[1, 1] + 0.001 - 400 / 3 * 1e-9,
        0,
        1e-11,
        "There sin's third-order term decides.",
    )
    yield near(
        "|x_n| sqrt(800 n / 3) after n = 20,000 steps of it",
        abs(slow[-1, 0]) * np.sqrt(800 * 20_000 / 3),
        1,
        0.01,
        "So it converges, but slowly.",
    )
    away = np.abs(trace([0.0101, 0.0105, 0.02, 0.05], [1e-3] * 4, 3000)[-100:]).max(axis=0)
    yield erratum(
        "Convergence to 0 is not to be expected in general for tau > 1/19.",
        "It is not for tau > 1/100, and for tau <= 1/100 descent does converge from every start between the maxima.",
        refutes(
            "For tau = 0.0101, 0.0105, 0.02 and 0.05, all below 1/19, descent from 0.001 stays away from 0.",
            away.min() > 0.005,
        ),
        shows("For tau up to 1/100 it came near 0 from all of the 200 starts.", falls),
    )


@item("exercise-8.3b", "Oscillation on sin(10 x)^2, by experiment")
def oscillation() -> Findings:
    """Verify by experiment for which learning rates tau gradient descent on f(x) = sin(10 x)^2 comes to 0.

    Where it does not, it may end in a cycle x, -x: a step leads from x to -x if 10 tau sin(20 x) = 2 x.
    """
    rates = (0.0099, 0.0101, 0.011, 0.012, 1 / 19)
    paths = trace(rates, [1e-3] * 5, 6000)
    last, farthest = paths[-1], np.abs(paths).max(axis=0)
    yield Table(
        {
            "tau": list(rates),
            "1 - 200 tau": [1 - 200 * t for t in rates],
            "last |x|": np.abs(last).tolist(),
            "farthest |x|": farthest.tolist(),
        }
    )
    yield near("x after 6000 steps from 0.001 for tau = 0.0099", last[0], 0, 1e-9, "It converges, as 0.0099 < 1/100.")
    yield near(
        "|x| after 6000 steps for tau = 0.0101, 0.011, 0.012",
        np.abs(last[1:4]),
        [0.0122048, 0.0374493, 0.0513369],
        1e-7,
        "Above 1/100 it does not come to 0,",
    )
    yield near("x_6000 + x_5999 for these", (last + paths[-2])[1:4], [0, 0, 0], 1e-9, "but swings between x and -x,")
    left = 5 * np.array(rates[1:4]) * np.sin(20 * np.abs(last[1:4])) - np.abs(last[1:4])
    yield near(
        "5 tau sin(20 x) - x for these", left, [0, 0, 0], 1e-9, "with the positive root x of 5 tau sin(20 x) = x."
    )
    yield shows(
        "For tau = 1/19 descent leaves the interval from -pi/20 to pi/20 between the maxima.", farthest[4] > WELL
    )


@oscillation.figure("points between which descent on sin(10 x)^2 ends up going, by learning rate", size=(7.0, 3.0))
def _draw_attractor(ax: Any) -> None:
    rates = np.linspace(0.005, 0.056, 256)
    paths = trace(rates, np.full(256, 1e-3), 1500)[-32:]
    x = (paths - 2 * WELL * np.round(paths / (2 * WELL))).round(4)
    dots = np.unique(np.column_stack([np.tile(rates, 32), x.reshape(-1)]), axis=0)
    # Thousands of points as one path, of very short lines: each as a marker would make a file of a megabyte.
    gap = np.full(len(dots), np.nan)
    across = np.column_stack([dots[:, 0] - 5e-5, dots[:, 0] + 5e-5, gap]).reshape(-1)
    up = np.column_stack([dots[:, 1], dots[:, 1], gap]).reshape(-1)
    (line,) = ax.plot(across, up, color=COLOURS[0], linewidth=1.2, solid_capstyle="round", label="modulo pi/10")
    line.get_path().should_simplify = False
    ax.axvline(1 / 100, linestyle="--", color=COLOURS[1], label="1/100")
    ax.axvline(1 / 19, linestyle=":", color=COLOURS[2], label="1/19, as printed")
    ax.set(xlabel="learning rate tau", ylabel="x after many steps")
    legend(ax)
