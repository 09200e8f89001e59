"""Section 8.1: gradient descent."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, SOFT, legend, log_axes

LEVELS = (0.25, 0.5, 1.0, 2.0)
ANGLES = np.pi * (np.arange(6) / 3 + 1 / 8)  # of an arrow's beginning on each level set
ARROW = 0.06  # of the gradient, so that arrows do not touch
RATES = (Fraction(1, 1000), Fraction(1, 100), Fraction(1, 10), Fraction(1, 2), Fraction(1))


def distances(rate: Fraction) -> Any:
    """Return |x_n| along gradient descent on x^2 from x_0 = 1."""
    square = mathdl.Quadratic([[2.0]])
    descent = mathdl.gradient_descent(square, [1.0], mathdl.SGD(float(rate)), steps=4000, tolerance=0.0)
    return np.abs(descent.points[:, 0])


def first_near(rate: Fraction) -> int | None:
    """Return the first n with |1 - 2 tau|^n < 1/1000, in whole numbers; None where there is none."""
    factor = abs(1 - 2 * rate)
    if factor >= 1:
        return None
    over, under, n = 1, 1, 0
    while 1000 * over >= under:
        over, under, n = over * factor.numerator, under * factor.denominator, n + 1
    return n


@item(
    "ex-8.1.1",
    "The learning rate on x^2",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[2.0]]), [1.0], mathdl.SGD(0.25), steps=5, tolerance=0.0).points",
)
def rate_on_square() -> Findings:
    """Gradient descent on f(x) = x^2 from x_0 = 1 for several learning rates tau.

    Since f'(x) = 2 x, a step is x_(n+1) = (1 - 2 tau) x_n, so x_n = (1 - 2 tau)^n: small tau is slow, tau = 1/2
    is there after one step, and from tau = 1 on descent does not come to the minimum 0.
    """
    square = mathdl.Quadratic([[2.0]])
    for tau in (Fraction(1, 8), Fraction(1, 4), Fraction(3, 4), Fraction(9, 8)):
        trace = mathdl.gradient_descent(square, [1.0], mathdl.SGD(float(tau)), steps=5, tolerance=0.0).points[:, 0]
        powers = [(1 - 2 * tau) ** n for n in range(6)]
        yield equals(f"x_0, ..., x_5 for tau = {tau}", [Fraction(x) for x in trace.tolist()], powers)
    half = mathdl.gradient_descent(square, [1.0], mathdl.SGD(0.5), steps=5, tolerance=0.0)
    yield equals("all points for tau = 1/2", half.points[:, 0], (1, 0))
    one = mathdl.gradient_descent(square, [1.0], mathdl.SGD(1.0), steps=5, tolerance=0.0)
    yield equals("x_0, ..., x_5 for tau = 1", one.points[:, 0], (1, -1, 1, -1, 1, -1))
    ends = {
        tau: str(mathdl.gradient_descent(square, [1.0], mathdl.SGD(tau), steps=3000).status)
        for tau in (0.01, 0.99, 1.0, 1.01)
    }
    yield equals(
        "how descent ends for tau = 0.01, 0.99, 1 and 1.01",
        list(ends.values()),
        ("converged", "converged", "limit", "diverged"),
        "|1 - 2 tau| < 1 exactly for 0 < tau < 1; for tau = 1 it swings for ever, beyond that x_n grows.",
    )


@item(
    "tab-8.1",
    "Gradient descent on x^2: steps by learning rate",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[2.0]]), [1.0], mathdl.SGD(0.1), steps=31, tolerance=0.0).point",
)
def steps_by_rate() -> Findings:
    """Gradient descent x_(n+1) = x_n - tau f'(x_n) on f(x) = x^2 from x_0 = 1 multiplies x by 1 - 2 tau in every step.

    The table has, for five learning rates tau, the number of steps until |x_n| < 0.001.
    """
    traces = [distances(rate) for rate in RATES]
    first = [int(np.argmax(trace < 0.001)) if (trace < 0.001).any() else None for trace in traces]
    last_far = [None if trace[-1] >= 0.001 else int(np.flatnonzero(trace >= 0.001)[-1]) for trace in traces]
    yield Table({"tau": [float(rate) for rate in RATES], "first n": first, "smallest N": last_far})
    yield equals("first n with |x_n| < 0.001, by tau", first, (3451, 342, 31, 1, None))
    yield equals("the same in whole numbers, without rounding", [first_near(rate) for rate in RATES], first)
    yield shows("With tau = 1, |x_n| stays 1 for ever.", (traces[-1] == 1).all())
    yield erratum(
        "The table gives the smallest N with |x_n| < 0.001 for all n > N.",
        "It gives the first n with |x_n| < 0.001; the smallest such N is one less.",
        differs("smallest N with |x_n| < 0.001 for all n > N, by tau", last_far, (3451, 342, 31, 1, None)),
        equals("the same", last_far, (3450, 341, 30, 0, None)),
    )


@steps_by_rate.figure("the distance |x_n| from the minimum of x^2, for five learning rates tau", size=(7.0, 3.0))
def _draw_distances(ax: Any) -> None:
    for rate, colour in zip(RATES, COLOURS, strict=False):
        trace = distances(rate)
        n = np.unique(np.geomspace(1, len(trace), 200).astype(int))
        n = n[trace[n - 1] > 1e-5]
        name = f"tau = {float(rate):g}" + (" (x_1 = 0)" if rate == Fraction(1, 2) else "")
        ax.plot(n, trace[n - 1], color=colour, marker="o" if len(n) == 1 else None, label=name)
    ax.axhline(1e-3, linestyle="--", color=SOFT, label="0.001")
    ax.set(xlabel="n + 1", ylabel="|x_n|")
    log_axes(ax, x=True, y=True)
    legend(ax)


@item(
    "fig-8.1",
    "Level sets and the steps across them",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[2, 0], [0, 4]]), [-1.25, -0.45], mathdl.SGD(0.1)).points",
)
def level_sets() -> Findings:
    """Level sets of L(a) = a1^2 + 2 a2^2, arrows against the gradient, and a path of gradient descent.

    The book does not say which function it draws. The level set of c is the ellipse of the points with L(a) = c. Every
    arrow begins on one of them and points along -grad L, at right angles to the ellipse.
    """
    bases, tangents = on_levels()
    gradients = np.array([bowl().value_and_gradient(base)[1] for base in bases])
    values = [bowl().value_and_gradient(base)[0] for base in bases]
    yield near("L at the beginnings of the arrows", values, np.repeat(LEVELS, len(ANGLES)), 1e-14)
    along = np.abs(np.einsum("ij,ij->i", gradients, tangents)).max()
    yield near("largest |grad L . unit tangent| at the arrows", along, 0, 1e-14)
    downhill = [bowl().value_and_gradient(base - ARROW * g)[0] for base, g in zip(bases, gradients, strict=True)]
    yield shows("L is lower at the head of every arrow than at its beginning.", np.less(downhill, values).all())
    lengths = np.linalg.norm(bases, axis=1).reshape(len(LEVELS), len(ANGLES))
    yield shows("On every ray from the centre the lower levels come first.", (np.diff(lengths, axis=0) > 0).all())
    path = downhill_path()
    yield shows("Along the path of gradient descent L falls with every step.", (np.diff(path.values) < 0).all())
    steps, before = np.diff(path.points, axis=0), path.points[:-1]
    across = np.abs(steps[:, 1] * before[:, 0] - 2 * steps[:, 0] * before[:, 1]).max()
    yield near("largest |step . tangent| of the path, tangent (-2 a2, a1)", across, 0, 1e-14)


def bowl() -> mathdl.Quadratic:
    """Return a1^2 + 2 a2^2."""
    return mathdl.Quadratic([[2.0, 0.0], [0.0, 4.0]])


def on_levels() -> tuple[Any, Any]:
    """Return points sqrt(c) (cos t, sin t / sqrt 2) of the levels c, and unit tangents, the derivatives in t."""
    c, t = np.repeat(LEVELS, len(ANGLES)), np.tile(ANGLES, len(LEVELS))
    points = np.sqrt(c)[:, None] * np.column_stack([np.cos(t), np.sin(t) / np.sqrt(2)])
    tangents = np.column_stack([-np.sin(t), np.cos(t) / np.sqrt(2)])
    return points, tangents / np.linalg.norm(tangents, axis=1, keepdims=True)


def downhill_path() -> mathdl.Descent:
    """Return the path of the figure."""
    return mathdl.gradient_descent(bowl(), (-1.25, -0.45), mathdl.SGD(0.08), steps=20, tolerance=0.0)


@level_sets.figure("level sets of a1^2 + 2 a2^2, arrows against the gradient, and a path of descent", size=(6.4, 4.4))
def _draw_level_sets(ax: Any) -> None:
    from mathdl.plots.level_sets import plot_level_sets

    bases, _ = on_levels()
    arrows = -ARROW * np.array([bowl().value_and_gradient(base)[1] for base in bases])
    across, up = np.linspace(-1.6, 1.6, 161), np.linspace(-1.1, 1.1, 111)
    look = {"color": COLOURS[1], "width": 0.004, "label": "against the gradient"}
    ax.quiver(*bases.T, *arrows.T, angles="xy", scale_units="xy", scale=1.0, **look)
    values, path = across**2 + 2 * up[:, None] ** 2, downhill_path().points
    plot_level_sets(values, across, up, LEVELS, path=path, path_name="descent, tau = 0.08", ax=ax)


@item(
    "thm-8.1.2",
    "Gradient descent comes within |a_0 - a|^2 / (2 tau k) of the minimum",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[2.0]]), [1.0], mathdl.SGD(0.25), steps=8).guarantee()",
)
def convergence() -> Findings:
    """Gradient descent a_(k+1) = a_k - tau grad L(a_k) on a convex L with a minimiser a.

    If the gradient has the Lipschitz constant d, which means |grad L(u) - grad L(v)| <= d |u - v| for all u and v, and
    0 < tau <= 1/d, then L(a_k) - L(a) <= |a_0 - a|^2 / (2 tau k) after every number k >= 1 of steps (8.7).
    """
    for loss in _convex_losses():
        for share in (0.1, 0.5, 0.999):
            run = mathdl.gradient_descent(loss, [3.0, -3.0], mathdl.SGD(share / loss.lipschitz), steps=50)
            name, held = type(loss).__name__, run.guarantee()
            yield shows(f"{name}, tau = {share} / d: within the bound after each of 50 steps", held.holds)
    tight = [(k, _huber_gap(k), Fraction(4) / (4 * Fraction(1, 3) * k + Fraction(2, 3))) for k in (1, 2, 5, 30)]
    yield erratum(
        "The bound is |a_0 - a|^2 / (2 tau k).",
        "|a_0 - a|^2 / (4 tau k + 2/d) is a bound too, less than half as large, and cannot be improved upon.",
        refutes(
            "Under the same hypotheses the gap is never above half of the printed bound, even in the worst case.",
            all(2 * gap < Fraction(4) / (2 * Fraction(1, 3) * k) for k, gap, _ in tight),
        ),
        *(
            equals(
                f"gap after k = {k} steps of rate 1/d on Huber's function of threshold |a_0 - a| / (2 k + 1)",
                gap,
                bound,
            )
            for k, gap, bound in tight
        ),
    )
    run = mathdl.gradient_descent(mathdl.Quadratic([[3.0]]), [2.0], mathdl.SGD(0.6), steps=1)
    yield near("L - min L after a step of rate 1.8/d from 2 on (d/2) x^2, d = 3", run.value, 3.84, 1e-14)
    yield shows("That is above 2^2 / (2 tau) = 10/3, so the hypothesis tau <= 1/d is needed.", run.value > 10 / 3)


def _convex_losses() -> list[Any]:
    generator = np.random.default_rng(7)
    X, y = generator.normal(size=(12, 2)), generator.normal(size=12)
    labels = generator.choice([-1, 1], size=12)
    quadratic = mathdl.Quadratic([[2.0, 1.0], [1.0, 3.0]], [1.0, -1.0])
    return [quadratic, mathdl.Huber(X, y), mathdl.LogisticLoss(X, labels), mathdl.LeastSquares(X, y)]


def _huber_gap(k: int) -> Fraction:
    """Return L - min L after k steps in fractions: d = 3, tau = 1/d, from 2, threshold t = 2 / (2 k + 1).

    L has the slope d a up to |a| = t and d t beyond.
    """
    d, a = Fraction(3), Fraction(2)
    t = a / (2 * k + 1)
    for _ in range(k):
        a -= min(a, t)
    return d * min(a, t) * (2 * a - min(a, t)) / 2


@convergence.figure("how far L is above its minimum by step, and both bounds, on logarithmic axes")
def _draw_convergence(ax: Any) -> None:
    held = mathdl.gradient_descent(_convex_losses()[2], [3.0, -3.0], steps=200, tolerance=0.0).guarantee()
    k = np.arange(1, len(held.gaps))
    ax.plot(k, held.bounds[1:], "--", color=COLOURS[1], label="|a_0 - a|^2 / (2 tau k)")
    ax.plot(k, held.tight_bounds[1:], ":", color=COLOURS[2], label="|a_0 - a|^2 / (4 tau k + 2/d)")
    ax.plot(k, held.gaps[1:], color=COLOURS[0], label="L(a_k) - min L, logistic loss")
    ax.set(xlabel="step k", ylabel="above the minimum")
    log_axes(ax, x=True, y=True)
    legend(ax)
