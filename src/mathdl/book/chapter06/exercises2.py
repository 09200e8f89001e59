"""Section 6.4: exercise 6, on cross-entropy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.chapter06.models import cross_entropy, fitted, logistic, probability
from mathdl.book.finding import Findings, Table, at_least, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, INK, legend

HOURS = np.arange(7.0)
PASSED = np.array([0, 1, 2, 5, 8, 9, 10])  # n(x): students who studied x hours and passed
FAILED = PASSED[::-1]  # f(x)
BOTH = PASSED + FAILED  # m(x)
LOSS, LEAST = 23.9829199796, 23.4411797442  # of the best logistic curve, and of any probabilities


def by_hours() -> tuple[Any, Any, Any]:
    """Return hours, outcomes and how many students each stands for."""
    return np.concatenate([HOURS, HOURS]), np.repeat([1, 0], 7), np.concatenate([PASSED, FAILED]).astype(float)


def best() -> tuple[float, float]:
    """Return (a, b) of the logistic curve with the least cross-entropy."""
    x, r, counts = by_hours()
    model = fitted(x, r, counts)
    return float(model.coef_[0, 0]), float(model.intercept_[0])


def parts(q: Any) -> Any:
    """Split the cross-entropy of probabilities q(x) to pass into entropy and divergence."""
    return mathdl.cross_entropy(np.column_stack([PASSED, FAILED]), np.column_stack([q, 1 - q]))


def divergence(a: Any, b: Any) -> Any:
    """Return a log(a/b) + b - a."""
    return a * np.log(a / b) + b - a


@item("exercise-6.6a", "Cross-entropy by hours of study")
def grouped() -> Findings:
    """Write the loss L of all students as a sum over the hours x, with n(x) who passed, f(x) who failed, m(x) = n + f.

    q(x) is the model's probability to pass after x hours: L = -sum n(x) log q(x) - sum f(x) log(1 - q(x)).
    """
    generator = np.random.default_rng(66)
    hours = generator.integers(0, 7, 100)
    r = (generator.random(100) < probability(logistic(1.6, -4.8), hours)).astype(int)
    n, f = (np.array([int(((hours == x) & (r == k)).sum()) for x in range(7)]) for k in (1, 0))
    yield Table({"hours x": range(7), "n(x)": n.tolist(), "f(x)": f.tolist()})
    yield equals("sum of n(x), less the number k of students who passed", n.sum() - r.sum(), 0, "Each is counted once.")
    q = [Fraction(value) for value in probability(logistic(1.5, -4.0), range(7)).tolist()]
    terms = [(-Fraction(math.log(value)), -Fraction(math.log(1 - value))) for value in q]
    single = sum(terms[x][1 - k] for x, k in zip(hours.tolist(), r.tolist(), strict=True))
    grouped_terms = sum(int(n[x]) * terms[x][0] + int(f[x]) * terms[x][1] for x in range(7))
    yield equals(
        "sum of 100 terms, less the sum by hours, as fractions, for q(x) = sigma(1.5 x - 4)",
        single - grouped_terms,
        0,
        "Students with the same hours and result have the same term, so it is multiplied by their number.",
    )
    total = mathdl.cross_entropy(np.column_stack([n, f]), np.array([[float(v), float(1 - v)] for v in q]))
    yield near(
        "L by hours, less the sum", total.loss - float(single), 0, 1e-11, "A group without students adds nothing."
    )
    once, every = fitted(hours, r), fitted(np.concatenate([HOURS, HOURS]), np.repeat([1, 0], 7), [*n, *f])
    yield near(
        "b of the best logistic curve, from 100 students less from 14 groups",
        once.intercept_[0] - every.intercept_[0],
        0,
        1e-7,
        "It is the same function L, so it has the same minimiser.",
    )
    odd = np.array([0.5, 1.0, 2.0])
    yield erratum(
        "The hours are x = 0, 1, 2, ...",
        "The sum runs over the hours that were observed; students need not study whole hours.",
        differs("students with 0.5, 1 and 2 hours whom a sum over whole hours counts", (odd % 1 == 0).sum(), 3),
        equals("students whom the sum over observed hours counts", len(np.unique(odd)), 3),
    )


@item(
    "exercise-6.6b",
    "Cross-entropy is entropy plus divergence",
    try_it="mathdl.cross_entropy([[3, 1], [1, 1]], [[0.5, 0.5], [0.5, 0.5]])",
)
def entropy_and_divergence() -> Findings:
    """Write L as a constant, the entropy of the data, and what depends on the model, its divergence from the data.

    p(x) = n(x)/m(x) is the share of those with x hours who passed, q(x) the model's probability. With 0 log 0 = 0,
    h(p) = -p log p - (1 - p) log(1 - p) and d(p, q) = p log(p/q) + (1 - p) log((1 - p)/(1 - q)):
    L = sum m(x) h(p(x)) + sum m(x) d(p(x), q(x)).
    """
    q = probability(logistic(*best()), HOURS)
    found = parts(q)
    yield near(
        "L of the best logistic curve",
        found.loss,
        LOSS,
        5e-10,
        "n = m p and f = m (1 - p): L = -sum m (p log q + (1 - p) log(1 - q)).",
    )
    yield near(
        "entropy of the data, sum m h(p)",
        found.entropy,
        LEAST,
        5e-10,
        "Add and subtract sum m (p log p + (1 - p) log(1 - p)): this does not depend on the model.",
    )
    yield near("sum m d(p, q)", found.divergence, 0.5417402354, 5e-10, "What remains: p log(p/q), and 1 - p likewise.")
    yield near(
        "L - entropy - divergence", found.loss - found.entropy - found.divergence, 0, 1e-11, "So L is their sum."
    )
    p = PASSED / BOTH
    added = sum(BOTH * (q - p)) + sum(BOTH * ((1 - q) - (1 - p)))
    yield near("sum of the terms q - p and (1 - q) - (1 - p) of (6.10)", added, 0, 1e-12, "They cancel each other.")
    with_them = sum(m * (_term(s, t) + _term(1 - s, 1 - t)) for m, s, t in zip(BOTH, p, q, strict=True))
    yield near(
        "the divergence with them", with_them, 0.5417402354, 5e-10, "Each summand is then not negative (part c)."
    )


def _term(a: float, b: float) -> float:
    """Return a log(a/b) + b - a, for a = 0 too."""
    return float(divergence(a, b)) if a > 0 else b


@entropy_and_divergence.figure("shares p(x) of students who passed, and the best logistic curve q(x)")
def _draw_shares(ax: Any) -> None:
    x = np.linspace(-0.3, 6.3, 200)
    ax.plot(x, probability(logistic(*best()), x), color=COLOURS[0], label="q(x)")
    ax.plot(HOURS, PASSED / BOTH, "o", color=COLOURS[1], markersize=5, label="p(x)")
    ax.set(xlabel="hours x", ylabel="probability")
    legend(ax)


@item("exercise-6.6c", "The inequality of Gibbs, and when it is an equality")
def gibbs() -> Findings:
    """Prove a log(a/b) + b - a >= 0 for a, b > 0; conclude that no model's loss is below the entropy of the data.

    p(x) are the shares in the data, q(x) the model's probabilities; L is least where q = p wherever there are students.
    """
    grid = np.arange(1, 31) / 10
    values = divergence(grid[:, None], grid[None, :])
    yield at_least(
        "least t - 1 - log t for t = 0.1, 0.2, ..., 3",
        (grid - 1 - np.log(grid)).min(),
        0,
        "Its derivative 1 - 1/t is negative before t = 1 and positive after it, and its value at 1 is 0.",
    )
    yield at_least(
        "least a log(a/b) + b - a for a, b = 0.1, ..., 3, plus rounding",
        values.min() + 1e-15,
        0,
        "It is a (t - 1 - log t) with t = b/a.",
    )
    yield equals(
        "pairs of these where it is below 10^-12 although a and b differ",
        ((values < 1e-12) & ~np.eye(30, dtype=bool)).sum(),
        0,
        "t - 1 - log t is 0 at t = 1 only, so there is equality only for a = b.",
    )
    generator = np.random.default_rng(0)
    least = min(parts(generator.uniform(0.01, 0.99, 7)).loss for _ in range(200))
    yield near(
        "least L of 200 random models q, less the entropy",
        least - LEAST,
        4.4603,
        1e-4,
        "Every summand of (6.10) is m times such terms, with a = p, b = q and a = 1 - p, b = 1 - q.",
    )
    own = parts(PASSED / BOTH)
    yield near(
        "L of q = p, less the entropy", own.loss - own.entropy, 0, 1e-12, "Then, and only then, all terms are 0."
    )
    q = probability(logistic(*best()), HOURS)
    yield erratum(
        "The inequality, for a, b > 0, is used for all p(x).",
        "p(x) can be 0 or 1: for a = 0 the value is b >= 0, which a logistic curve never makes 0.",
        refutes("p(0) = 0 and p(6) = 1 in the table, where log is not defined.", (PASSED[0], FAILED[6]) == (0, 0)),
        near("the terms of p(0) = 0: 0 + q(0), and those of 1 - p(0)", _term(0.0, q[0]) + _term(1.0, 1 - q[0]),
             -math.log(1 - q[0]), 1e-12),
        shows("They are above 0.", -math.log(1 - q[0]) > 0),
    )  # fmt: skip


@gibbs.figure("a log(a/b) + b - a by b for a = 1/2, 1, 2: it touches 0 at b = a")
def _draw_gibbs(ax: Any) -> None:
    b = np.linspace(0.05, 4, 200)
    for k, (a, dashes) in enumerate(((0.5, "-"), (1.0, "--"), (2.0, ":"))):
        ax.plot(b, divergence(a, b), dashes, color=COLOURS[k], label=f"a = {a:g}")
        ax.plot(a, 0, "o", color=INK, markersize=4)
    ax.set(xlabel="b", ylabel="a log(a/b) + b - a", ylim=(-0.1, 2.5))
    legend(ax)


@item("exercise-6.6d", "The equations of the best logistic curve")
def stationary() -> Findings:
    """Find the equations that the (a, b) with the least cross-entropy satisfies, for q(x) = sigma(a x + b).

    n(x), f(x): numbers of students with x hours who passed, and failed.
    """
    x, r, counts = by_hours()
    a, b = best()
    yield near("a of the minimiser", a, 1.32026527, 5e-9, "L is convex and has a minimum, as no threshold separates.")
    yield near(
        "b of the minimiser, plus 3 a", b + 3 * a, 0, 1e-8, "The table is symmetric about three hours: q(3) = 1/2."
    )
    points = [(a, b), (0.5, -1.0), (2.0, -5.0)]
    gaps = []
    for s, t in points:
        slopes = [cross_entropy(s + e, t + f, x, r, counts)[0] - cross_entropy(s - e, t - f, x, r, counts)[0]
                  for e, f in ((1e-5, 0), (0, 1e-5))]  # fmt: skip
        q = probability(logistic(s, t), HOURS)
        gaps.append([(-PASSED * (1 - q) + FAILED * q) @ (HOURS**k) - slopes[1 - k] / 2e-5 for k in (1, 0)])
    yield near(
        "-sum n x (1 - q) + sum f x q, and without x, less the derivatives of L by differences, at three points",
        gaps,
        0,
        1e-6,
        "The derivative of -log sigma(t) is -(1 - sigma(t)), that of -log(1 - sigma(t)) is sigma(t); t = a x + b.",
    )
    q = probability(logistic(a, b), HOURS)
    yield near(
        "-sum n x (1 - q) + sum f x q at the minimiser", (-PASSED * (1 - q) + FAILED * q) @ HOURS, 0, 1e-8,
        "The derivative by a is 0.",
    )  # fmt: skip
    yield near(
        "-sum n (1 - q) + sum f q at the minimiser", (-PASSED * (1 - q) + FAILED * q).sum(), 0, 1e-8,
        "The derivative by b is 0. 1 - q is exp(-(ax + b))/(1 + exp(-(ax + b))), as in (6.11).",
    )  # fmt: skip


@item("exercise-6.6e", "The best curve has the moments of the data")
def moments() -> Findings:
    """Rewrite the equations of part d, with m = n + f, as equalities of sums of the data and of q(x) = sigma(a x + b).

    n(x), f(x): numbers of students with x hours who passed, and failed; k students passed.
    """
    q = probability(logistic(*best()), HOURS)
    yield equals("sum n x", int(PASSED @ HOURS), 157, "Hours of those who passed.")
    yield near(
        "sum m x q",
        BOTH * q @ HOURS,
        157,
        1e-8,
        "-n x (1 - q) + f x q = -n x + (n + f) x q: the first equation says that sum n x = sum m x q.",
    )
    yield equals("sum n, which is k", PASSED.sum(), 35, "Of 70 students.")
    yield near("sum m q", (BOTH * q).sum(), 35, 1e-8, "The second equation, without x: the expected number is k.")
    yield erratum(
        "k = sum m(x) x q(x).",
        "k = sum m(x) q(x), without the factor x.",
        differs("sum m x q, printed as k, which is 35", BOTH * q @ HOURS, 35, 1),
        near("sum m q", (BOTH * q).sum(), 35, 1e-8),
    )


@item("exercise-6.6f", "Two minimisers cannot be ordered")
def not_ordered() -> Findings:
    """Deduce that of two minimisers (a1, b1) and (a2, b2) of L it cannot be that a1 < a2 and b1 < b2."""
    generator, rises, eigenvalues = np.random.default_rng(0), [], []
    for a, b in generator.normal(size=(50, 2)):
        larger = probability(logistic(a + generator.uniform(0.01, 1), b + generator.uniform(0.01, 1)), HOURS)
        q = probability(logistic(a, b), HOURS)
        rises.append(BOTH @ larger - BOTH @ q)
        rows = np.stack([HOURS, np.ones(7)])
        eigenvalues.append(np.linalg.eigvalsh((rows * BOTH * q * (1 - q)) @ rows.T).min())
    yield near(
        "least rise of sum m q, over 50 pairs with a1 < a2 and b1 < b2",
        min(rises),
        0.71677,
        1e-5,
        "a x + b rises at every x >= 0, and with it the sigmoid, and where m(x) > 0 the sum.",
    )
    yield near(
        "sum m q at the minimiser",
        (BOTH * probability(logistic(*best()), HOURS)).sum(),
        35,
        1e-8,
        "By part e it is k at every minimiser, so it cannot be larger at one of two: they are not ordered.",
    )
    yield near(
        "least eigenvalue of the second derivatives of L at these 50 points",
        min(eigenvalues),
        0.55876,
        1e-5,
        "More is true: with two different x, L is strictly convex, and there is one minimiser only.",
    )
    x, r, counts = by_hours()
    shifts, a, b = (-2.0, 0.5, 3.0), *best()
    moved = [fitted(x + shift, r, counts) for shift in shifts]
    yield near(
        "a from hours counted from another time, less a",
        [model.coef_[0, 0] - a for model in moved],
        0,
        1e-7,
        "The curve is the same wherever the solver starts.",
    )
    yield near(
        "b + a * shift, less b, from these",
        [model.intercept_[0] + model.coef_[0, 0] * shift - b for model, shift in zip(moved, shifts, strict=True)],
        0,
        1e-7,
        "Only the constant changes, by -a times the shift.",
    )
