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
    "sec-8.1",
    "The gradient: steepest, and perpendicular to the level set",
    try_it="mathdl.Polynomial({(2, 0): 1, (0, 2): 2}).exact_gradient([3, '1/2'])",
)
def steepest() -> Findings:
    """The slope of L at a in the direction g is grad L(a) . g = |grad L(a)| |g| cos(theta), theta the angle of both.

    So among directions of one length it is largest along the gradient and smallest against it, which is why gradient
    descent steps from a to a - tau grad L(a), with a small learning rate tau > 0. And the gradient at a_0 is at right
    angles to every curve r(t) with r(0) = a_0 in the level set of all a with L(a) = L(a_0), as L(r(t)) does not change.
    """
    f = mathdl.Polynomial({(2, 0): 1, (0, 2): 2}, ["a1", "a2"])
    slopes = [Fraction(k, 7) for k in (-9, -2, 1, 5, 12)]
    on_level = [((1 - 2 * m * m) / (1 + 2 * m * m), 2 * m / (1 + 2 * m * m)) for m in slopes]
    yield equals(f"L = {f} at points of its level set of 1", [f.exact(a) for a in on_level], [1] * 5)
    across = [
        -2 * a2 * g1 + a1 * g2 for (a1, a2), (g1, g2) in zip(on_level, map(f.exact_gradient, on_level), strict=True)
    ]
    yield equals("grad L . (-2 a2, a1), the tangent of the ellipse, there", across, [0] * 5)
    a, g = (Fraction(3, 4), Fraction(-1, 2)), f.exact_gradient([Fraction(3, 4), Fraction(-1, 2)])
    turns = [
        (Fraction(p * p - q * q, p * p + q * q), Fraction(2 * p * q, p * p + q * q))
        for p in range(9)
        for q in range(1, 9)
    ]
    along = [(c * g[0] - s * g[1]) * g[0] + (s * g[0] + c * g[1]) * g[1] for c, s in turns]
    length = g[0] ** 2 + g[1] ** 2
    yield equals(
        "grad L . (grad L turned by theta) / |grad L|^2, less cos(theta), for 72 angles",
        {v / length - c for v, (c, _) in zip(along, turns, strict=True)},
        {0},
    )
    step = [
        [u - tau * v for u, v in zip(a, g, strict=True)] for tau in (Fraction(1, 4), Fraction(1, 40), Fraction(1, 400))
    ]
    off = [
        (f.exact(b) - f.exact(a) + tau * length) / tau**2
        for b, tau in zip(step, (Fraction(1, 4), Fraction(1, 40), Fraction(1, 400)), strict=True)
    ]
    yield equals(
        "(L(a - tau g) - L(a) + tau |g|^2) / tau^2, g = grad L(a), for three tau: the O(tau^2)",
        off,
        [Fraction(41, 4)] * 3,
    )
    yield shows("Each of these three steps against the gradient lowers L.", all(f.exact(b) < f.exact(a) for b in step))
    other = f.exact_gradient([1, 1])
    yield erratum(
        "The derivative of L(r(t)) at t = 0 ends as grad L(a) . r'(0), at a point a that is not said (8.5).",
        "It is grad L(a_0) . r'(0), at a_0 = r(0).",
        refutes(
            "With the gradient at (1, 1) in place of that at a_0 the product with the tangent is 0 nowhere there.",
            all(-2 * a2 * other[0] + a1 * other[1] != 0 for a1, a2 in on_level),
        ),
        equals("largest |grad L(a_0) . tangent|", max(map(abs, across)), 0),
    )


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
    for rate, colour, line in zip(RATES, COLOURS, ("-", "-.", ":", "-", (0, (5, 1))), strict=False):
        trace = distances(rate)
        n = np.unique(np.geomspace(1, len(trace), 200).astype(int))
        n = n[trace[n - 1] > 1e-5]
        name = f"tau = {float(rate):g}" + (" (x_1 = 0)" if rate == Fraction(1, 2) else "")
        ax.plot(n, trace[n - 1], linestyle=line, color=colour, marker="o" if len(n) == 1 else None, label=name)
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
    "def-8.1.1",
    "Convex function",
    try_it="mathdl.find_chord_below(mathdl.Polynomial({(4,): 0.25, (2,): -0.5, (1,): 0.1}), [-1.6], [1.6])",
)
def convex_function(seed: int = 0) -> Findings:
    """L is convex if L(t a + (1 - t) b) <= t L(a) + (1 - t) L(b) for all points a and b and all t from 0 to 1 (8.6).

    That is to say that no chord, the segment from (a, L(a)) to (b, L(b)), passes below the graph. One chord that does
    shows that L is not convex; its gap is the left side less the right.
    """
    convex = {"|x|^2": _own(lambda x: x @ x), "|x|": _own(np.linalg.norm), "log of the sum of exp(x_i)": _own(_log_sum)}
    convex["largest of x1, -x2, x1 + x3"] = _own(lambda x: max(x[0], -x[1], x[0] + x[2]))
    generator = np.random.default_rng(seed)
    for name, function in convex.items():
        ends = generator.normal(size=(500, 2, 3))
        gaps = [mathdl.chord(function, a, b, generator.uniform()).gap for a, b in ends]
        yield shows(f"No gap of 500 chords of {name} is above 0 by more than rounding.", max(gaps) <= 1e-12)
    wave = mathdl.Function(lambda x: float(np.cos(x[0])), lambda x: -np.sin(x))
    yield near(
        "gap of the chord of cos from -pi/2 to pi/2 at t = 1/2",
        mathdl.chord(wave, [-np.pi / 2], [np.pi / 2]).gap,
        1,
        1e-15,
    )
    f = mathdl.Polynomial({(2,): 1})
    found = [mathdl.chord(f, [a], [b], t).gap for a, b, t in ((0, 1, Fraction(1, 3)), (-2, 5, Fraction(1, 4)))]
    yield equals(
        "gaps of x^2 from 0 to 1 at t = 1/3 and from -2 to 5 at t = 1/4: -t (1 - t) (a - b)^2",
        found,
        (Fraction(-2, 9), Fraction(-147, 16)),
    )
    yield equals(
        "whether a1^2 + a1 a2 + a2^2 and a1^2 + 4 a1 a2 + a2^2 are convex",
        [mathdl.Quadratic(Q).convex for Q in ([[2.0, 1.0], [1.0, 2.0]], [[2.0, 4.0], [4.0, 2.0]])],
        (True, False),
    )


def _own(value: Any) -> mathdl.Function:
    """Return a function of which only values are asked."""
    return mathdl.Function(lambda x: float(value(x)), lambda x: 0 * x)


def _log_sum(x: Any) -> Any:
    return np.log(np.exp(x).sum())


def quartic() -> mathdl.Polynomial:
    """Return x^4/4 - x^2/2 + x/10, which is not convex."""
    return mathdl.Polynomial({(4,): Fraction(1, 4), (2,): Fraction(-1, 2), (1,): Fraction(1, 10)})


@item(
    "thm-8.1.1",
    "A local minimum of a convex function is global",
    try_it="mathdl.gradient_descent(mathdl.Polynomial({(4,): 0.25, (2,): -0.5, (1,): 0.1}), [2], mathdl.SGD(.1)).point",
)
def local_is_global() -> Findings:
    """If x is a local minimum of a convex L, then L(y) >= L(x) for every y.

    For if L(y) < L(x), then by convexity L(x + t (y - x)) <= (1 - t) L(x) + t L(y) < L(x) for 0 < t <= 1, so there
    are points as near to x as one likes with less than L(x), and x is no local minimum.
    """
    bowl = mathdl.Polynomial({(2, 0): 1, (1, 1): 1, (0, 2): 1})
    pairs = [((u, v), (w, z)) for u in range(-2, 3) for v in range(-2, 3) for w in range(-2, 3) for z in range(-2, 3)]
    uphill = [(x, y) for x, y in pairs if bowl.exact(y) < bowl.exact(x)]
    yield equals(f"whether {bowl} is convex", bowl.convex, True)
    yield equals(f"pairs x, y of whole points from -2 to 2 with L(y) < L(x), L = {bowl}", len(uphill), 248)
    shares = [Fraction(1, 10**k) for k in range(7)]
    lower = all(bowl.exact(_between(x, y, t)) < bowl.exact(x) for x, y in uphill for t in shares)
    yield shows("For each of them L(x + t (y - x)) < L(x) for t = 1, 1/10, ..., 1/10^6.", lower)
    f = quartic()
    ends = [mathdl.gradient_descent(f, [start], mathdl.SGD(0.1), steps=2000) for start in (-2.0, 2.0)]
    yield near(
        f"local minima of {f}, which is not convex", [run.point[0] for run in ends], [-1.0466805, 0.9456493], 1e-7
    )
    yield near("values there: the second is not global", [run.value for run in ends], [-0.3523861, -0.1526394], 1e-7)
    kinds = [mathdl.second_derivative_test(f, run.point, tolerance=1e-7).kind for run in ends]
    yield equals("what the second-derivative test says of both", kinds, ("minimum", "minimum"))
    yield shows("The chord between them passes below the graph.", mathdl.chord(f, ends[0].point, ends[1].point).gap > 0)


def _between(x: Any, y: Any, t: Fraction) -> list[Fraction]:
    """Return x + t (y - x)."""
    return [u + t * (v - u) for u, v in zip(x, y, strict=True)]


CHORDS = {"x^2": ("-1.2", "0.9"), "quartic": ("-1.0466805", "0.9456493")}


@item(
    "fig-8.2",
    "A convex graph below its chords, and one that is not",
    try_it="mathdl.chord(mathdl.Polynomial({(4,): 0.25, (2,): -0.5, (1,): 0.1}), [-1.0466805], [0.9456493])",
)
def chords() -> Findings:
    """The graphs of x^2, which is convex, and of x^4/4 - x^2/2 + x/10, which is not, each with a chord.

    The book does not say which functions it draws. Every chord of a convex function lies on or above the graph; the one
    drawn for the other function, between its two minima, passes below it.
    """
    square, other = mathdl.Polynomial({(2,): 1}), quartic()
    grid = [Fraction(k, 10) for k in range(-16, 17)]
    above = [mathdl.chord(square, [a], [b]).gap for a in grid for b in grid]
    yield equals(
        "largest gap of the chords of x^2 between 33 points, the graph less the chord at the middle", max(above), 0
    )
    drawn = [mathdl.chord(square, ["-1.2"], ["0.9"], Fraction(k, 200)).gap for k in range(201)]
    yield equals("largest gap of the chord drawn for x^2, along all of it", max(drawn), 0)
    left, right = CHORDS["quartic"]
    gaps = [float(mathdl.chord(other, [left], [right], Fraction(k, 200)).gap) for k in range(201)]
    yield near("largest gap of the chord drawn for the quartic", max(gaps), 0.24745, 1e-5)
    found = mathdl.find_chord_below(other, [-1.6], [1.6])
    yield shows("A search of the library finds a chord below the graph, too.", found is not None and found.gap > 0)


def _draw_chord(f: mathdl.Polynomial, ends: tuple[str, str], name: str, ax: Any) -> None:
    x, chord = np.linspace(-1.6, 1.6, 129), np.array(ends, float)
    ax.plot(x, [f.value_and_gradient(np.array([each]))[0] for each in x], color=COLOURS[0], label="graph")
    at_ends = [f.value_and_gradient(np.array([each]))[0] for each in chord]
    ax.plot(chord, at_ends, "--", color=COLOURS[1], marker="o", markersize=4, label="chord")
    ax.set(xlabel="x", ylabel=f"{f}, {name}")
    legend(ax)


@chords.figure("the graph of x^2 under a chord")
def _draw_convex(ax: Any) -> None:
    _draw_chord(mathdl.Polynomial({(2,): 1}), CHORDS["x^2"], "convex", ax)


@chords.figure("the graph of x^4/4 - x^2/2 + x/10 above a chord")
def _draw_not_convex(ax: Any) -> None:
    _draw_chord(quartic(), CHORDS["quartic"], "not convex", ax)


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
    held = mathdl.gradient_descent(_convex_losses()[2], [3.0, -3.0], steps=40, tolerance=0.0).guarantee()
    k = np.arange(1, len(held.gaps))
    ax.plot(k, held.bounds[1:], "--", color=COLOURS[1], label="|a_0 - a|^2 / (2 tau k)")
    ax.plot(k, held.tight_bounds[1:], ":", color=COLOURS[2], label="|a_0 - a|^2 / (4 tau k + 2/d)")
    ax.plot(k, held.gaps[1:], color=COLOURS[0], label="L(a_k) - min L, logistic loss")
    ax.set(xlabel="step k", ylabel="above the minimum")
    log_axes(ax, x=True, y=True)
    legend(ax)


@item(
    "claim-8.1-rates",
    "A learning rate of its own for every step",
    try_it="mathdl.gradient_descent(mathdl.Quadratic([[2]]), [1], mathdl.SGD(0.5), "
    "schedule=lambda k, steps: 1 / (k + 2)).points",
)
def rates_of_steps() -> Findings:
    """Gradient descent may take another learning rate tau_k in each step: a_(k+1) = a_k - tau_k grad L(a_k).

    On L(a) = a^2 a step multiplies a by 1 - 2 tau_k. With rates that fall as 1/k descent still comes to the minimum,
    as the sum of the rates grows beyond all bounds; where the sum stays bounded, descent stops short of it.
    """
    x = Fraction(1)
    exact = [x := x * (1 - 2 * Fraction(1, 2 * (k + 2))) for k in range(8)]
    yield equals(
        "a_1, ..., a_8 for tau_k = 1 / (2 (k + 2)) from a_0 = 1, in fractions",
        exact,
        [Fraction(1, k + 2) for k in range(8)],
    )
    square = mathdl.Quadratic([[2.0]])
    run = mathdl.gradient_descent(square, [1.0], mathdl.SGD(0.5), 8, 0.0, schedule=lambda k, steps: 1 / (k + 2))
    yield near("the same by gradient descent", run.points[1:, 0], [float(a) for a in exact], 1e-15)
    steady = mathdl.gradient_descent(square, [1.0], mathdl.SGD(0.25), 8, 0.0).points[:, 0]
    yield equals(
        "a_0, ..., a_8 for tau_k = 1/4", [Fraction(a) for a in steady.tolist()], [Fraction(1, 2**k) for k in range(9)]
    )
    once = mathdl.gradient_descent(
        square, [1.0], mathdl.SGD(0.5), 8, 0.0, schedule=lambda k, steps: 1.0 if k == 0 else 0.1
    )
    yield equals("all points where tau_0 = 1/2", once.points[:, 0], (1, 0))
    short = mathdl.gradient_descent(square, [1.0], mathdl.SGD(0.125), 60, 0.0, schedule=lambda k, steps: 2.0**-k)
    yield near("a_60 for tau_k = 1 / (8 2^k), whose sum is 1/4: not the minimum 0", short.point[0], 0.577576, 1e-6)
    held = mathdl.gradient_descent(
        square, [1.0], mathdl.SGD(0.5), 100, 0.0, schedule=lambda k, steps: 1 / (k + 1)
    ).guarantee()
    yield shows("Theorem 8.1.2 holds with the sum of the rates of the first k steps in place of tau k.", held.holds)


@rates_of_steps.figure("|a_k| on a^2 for three schedules of learning rates", size=(3.9, 2.5))
def _draw_rates(ax: Any) -> None:
    square, k = mathdl.Quadratic([[2.0]]), np.arange(1, 41)
    for name, style, schedule in (
        ("1/20 in every step", "-", lambda k, steps: 0.1),
        ("1 / (2 (k + 2))", "--", lambda k, steps: 1 / (k + 2)),
        ("1 / (4 2^k)", ":", lambda k, steps: 0.5 * 2.0**-k),
    ):
        run = mathdl.gradient_descent(square, [1.0], mathdl.SGD(0.5), 40, 0.0, schedule=schedule)
        ax.plot(k, np.abs(run.points[1:, 0]), style, label=f"tau_k = {name}")
    ax.set(xlabel="step", ylabel="|a_k|")
    log_axes(ax, y=True)
    legend(ax)
