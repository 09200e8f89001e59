"""Exercises 5 and 6 of chapter 8: functions that are not convex, and stochastic gradient descent."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, differs, equals, erratum, near, refutes, shows
from mathdl.book.item import item
from mathdl.plots.style import COLOURS, legend, log_axes

NEURON = "mathdl.NeuronLoss([[1.0], [2.0]], [0, 1])"


def neurons(regularization: float = 0.0) -> list[mathdl.NeuronLoss]:
    """Return some losses that are not convex, of one sigmoid neuron."""
    losses = []
    for seed in range(5):
        generator = np.random.default_rng(seed)
        X, y = generator.normal(size=(9, 2)), generator.integers(0, 2, size=9)
        losses.append(mathdl.NeuronLoss(X, y, regularization=regularization))
    return losses


def falling(k: int, steps: int) -> float:
    """Return factors of the learning rate whose sum has no bound."""
    return 1 / float(np.sqrt(k + 1))


@item(
    "exercise-8.5a",
    "By how much a step lowers a smooth function",
    try_it=f"mathdl.gradient_descent({NEURON}, [0.0], steps=50).decrease()",
)
def fall_of_a_step() -> Findings:
    """Let |f(b) - f(a) - (b - a) . grad f(a)| <= kappa |b - a|^2 for all a and b (8.19), f not convex.

    Show that gradient descent a_(k+1) = a_k - tau_k grad f(a_k) with tau_k kappa <= 1/2 never raises f, and by how much
    at least it lowers it.
    """
    f, cases = mathdl.Polynomial({(1, 2): 1}, ["kappa", "a"]), []
    for kappa, a, share in ((1, 1, 2), (3, Fraction(1, 2), 4), (Fraction(1, 2), -2, 10)):
        tau = Fraction(1, share) / kappa
        slope = f.derivative(1).exact([kappa, a])
        cases.append((f.exact([kappa, a]) - f.exact([kappa, a - tau * slope]), tau, kappa, slope**2))
    yield equals(
        "f(a_k) - f(a_(k+1)) less tau (1 - kappa tau) |grad f|^2, for f = kappa a^2 in three cases",
        [fall - tau * (1 - kappa * tau) * square for fall, tau, kappa, square in cases],
        [0] * 3,
        "Put b = a_(k+1) into (8.19): b - a = -tau grad f(a), so f(b) <= f(a) - tau |grad f|^2 + kappa tau^2 "
        "|grad f|^2. "
        "For kappa a^2 this is an equality.",
    )
    yield shows(
        "There 1 - kappa tau >= 1/2, so f falls by at least (tau / 2) |grad f|^2.",
        all(fall >= tau / 2 * square for fall, tau, _, square in cases),
        "This is where tau kappa <= 1/2 is needed.",
    )
    slacks = [
        mathdl.gradient_descent(loss, [4.0, -4.0], steps=400, schedule=falling).decrease().slacks.min()
        for loss in neurons()
    ]
    yield shows(
        "On five losses of a neuron, with 400 learning rates that fall, every step lowers f by at least that much.",
        min(slacks) > -1e-14,
        "The library computes the least fall of every step; kappa is half of the gradient's Lipschitz constant.",
    )
    run = mathdl.gradient_descent(mathdl.Quadratic([[2.0]]), [1.0], mathdl.SGD(0.25), steps=1)
    yield erratum(
        "f falls by at least tau_k |grad f(a_k)|^2.",
        "It falls by at least tau_k (1 - kappa tau_k) |grad f(a_k)|^2, and so by half of the printed amount.",
        refutes(
            "For f = kappa a^2 it falls by less than printed in all three cases.",
            all(fall < tau * square for fall, tau, _, square in cases),
        ),
        differs(
            "f after a step of rate 1/4 from 1 on a^2", run.value, run.values[0] - 0.25 * run.gradient_norms[0] ** 2
        ),
        equals("the same", run.value, Fraction(1, 4)),
        equals("slack of the corrected inequality there", run.decrease().slacks, [0]),
    )


@item(
    "exercise-8.5b",
    "The squares of the gradients have a finite sum",
    try_it=f"mathdl.gradient_descent({NEURON}, [0.0], steps=50).decrease().sums",
)
def finite_sum() -> Findings:
    """Let f >= 0 satisfy (8.19) and tau_k kappa <= 1/2. Deduce that the sum of all tau_k |grad f(a_k)|^2 is finite.

    The points a_k are those of gradient descent with the learning rates tau_k.
    """
    runs = [
        mathdl.gradient_descent(loss, [4.0, -4.0], steps=400, tolerance=0.0, schedule=falling) for loss in neurons()
    ]
    known = [run.decrease() for run in runs]
    yield shows(
        "On five losses of a neuron the sum up to every step is at most 2 (f(a_0) - f(a_k)).",
        all((each.sums <= each.limits + 1e-14).all() for each in known),
        "By part a, (tau_k / 2) |grad f(a_k)|^2 <= f(a_k) - f(a_(k+1)). Added up, the right sides leave only "
        "the first and "
        "the last value.",
    )
    yield shows(
        "It is at most 2 f(a_0) for every number of steps.",
        all(each.sums[-1] <= 2 * run.values[0] for each, run in zip(known, runs, strict=True)),
        "As f >= 0. A growing sequence with a bound converges: the sum is finite.",
    )
    square = mathdl.gradient_descent(
        mathdl.Quadratic([[2.0]]), [1.0], mathdl.SGD(0.25), steps=30, tolerance=0.0
    ).decrease()
    yield near(
        "the sum for a^2 from 1, tau = 1/4",
        square.sums[-1],
        Fraction(4, 3),
        1e-15,
        "It is the sum of 1/4^k: above f(a_0) = 1, so that the factor 2 cannot be left out.",
    )


@item(
    "exercise-8.5c",
    "The gradients tend to zero",
    try_it=f"mathdl.gradient_descent({NEURON}, [0.0], steps=50).decrease().smallest",
)
def gradients_vanish() -> Findings:
    """Let also the sum of all tau_k be infinite. Deduce that |grad f(a_k)| tends to 0.

    As before, f >= 0 satisfies (8.19) with kappa, tau_k kappa <= 1/2, and a_k are the points of gradient descent.
    """
    runs = [
        mathdl.gradient_descent(loss, [4.0, -4.0], steps=2000, tolerance=1e-12, schedule=falling)
        for loss in neurons(0.01)
    ]
    bounded, slow = [], []
    for run, loss in zip(runs, neurons(0.01), strict=True):
        rates, norms = np.asarray(run.rates), run.gradient_norms[:-1]
        bounded.append((run.decrease().smallest <= 2 * run.values[0] / np.cumsum(rates)).all())
        slopes = np.array([loss.value_and_gradient(point)[1] for point in run.points])
        changes = np.linalg.norm(np.diff(slopes, axis=0), axis=1)
        slow.append((changes <= loss.lipschitz * rates * norms * (1 + 1e-9) + 1e-15).all())
    yield shows(
        "The least |grad f(a_j)|^2 of the first k steps is at most 2 f(a_0) / (tau_0 + ... + tau_(k-1)) in five runs.",
        all(bounded),
        "It times the sum of the rates is at most the sum of part b, 2 f(a_0). So some gradients become as "
        "small as one likes.",
    )
    lengths = [1 / k if k & (k - 1) else 1.0 for k in range(1, 2**12 + 1)]
    yield near(
        "sum of tau_k g_k^2 for tau_k = 1/k and g_k = 1 at k = 1, 2, 4, 8, ..., 1/k elsewhere, to k = 4096",
        sum(g**2 / k for k, g in enumerate(lengths, 1)),
        2.05895,
        1e-5,
        "Sums alone do not show that all become small: here tau_k has an infinite sum, this one is finite, and g_k "
        "does not tend to 0.",
    )
    yield shows(
        "|grad f(a_(k+1)) - grad f(a_k)| <= 2 kappa tau_k |grad f(a_k)| in each step of the five runs.",
        all(slow),
        "(8.19) implies that the gradient has the Lipschitz constant 2 kappa, and a step is tau_k |grad f(a_k)|"
        " long. So to fall from 2 e to e the gradient's length uses up more than e^2 / (2 kappa) of the finite "
        "sum of part b; it can do so only finitely often, and from then on stays below 2 e.",
    )
    yield near(
        "|grad f| at the ends of the five runs",
        [run.gradient_norms[-1] for run in runs],
        [0] * 5,
        1e-3,
        "It tends to 0.",
    )


def hill() -> mathdl.Function:
    """Return 1 / (1 + x^2)."""
    return mathdl.Function(lambda a: 1 / (1 + a[0] ** 2), lambda a: -2 * a / (1 + a**2) ** 2, lipschitz=2.0)


@item(
    "exercise-8.5d",
    "Convergence to one of finitely many critical points",
    try_it="mathdl.gradient_descent(mathdl.Polynomial({(4,): 0.25, (2,): -0.5}), [1.5], mathdl.SGD(0.1)).point",
)
def one_limit() -> Findings:
    """Let f have only finitely many critical points. Conclude that a_k converges to one of them.

    As before, f >= 0 satisfies (8.19), tau_k kappa <= 1/2, the tau_k have an infinite sum, and a_k are the points of
    gradient descent with these learning rates.
    """
    well = mathdl.Polynomial({(4,): Fraction(1, 4), (2,): Fraction(-1, 2), (0,): Fraction(1, 4)})
    starts = np.linspace(-1.5, 1.5, 7)
    runs = [mathdl.gradient_descent(well, [start], mathdl.SGD(0.1), steps=3000, tolerance=1e-12) for start in starts]
    yield equals(
        "f' of (x^2 - 1)^2 / 4 at -1, 0 and 1, its critical points",
        [well.exact_gradient([x])[0] for x in (-1, 0, 1)],
        (0, 0, 0),
        "f' = x^3 - x has no other zeros, and f grows on both sides, so that descent cannot leave a bounded set.",
    )
    lengths = [float(np.abs(np.diff(run.points[-3:], axis=0)).max()) for run in runs if len(run.points) > 1]
    yield near(
        "largest of the last two steps of runs from 7 starts",
        max(lengths),
        0,
        1e-12,
        "Steps are tau_k |grad f(a_k)| long and tend to 0 by part c. In a bounded set a_k has limit points, all"
        " critical; with steps that tend to 0 it cannot go to and fro between two of finitely many.",
    )
    yield near(
        "ends of descent from -1.5, -1, -0.5, 0, 0.5, 1, 1.5",
        [run.point[0] for run in runs],
        [-1, -1, -1, 0, 1, 1, 1],
        1e-9,
        "So it converges to one of them.",
    )
    run = mathdl.gradient_descent(hill(), [1.0], mathdl.SGD(0.25), steps=10_000, tolerance=0.0)
    yield erratum(
        "The sequence must converge to one of the critical points.",
        "It does if it stays bounded, for example where f grows beyond all bounds in every direction.",
        refutes(
            "On 1 / (1 + x^2), with kappa = 1 and tau = 1/4, |x_k| grows in each of 10,000 steps; the only "
            "critical point is 0.",
            (np.diff(run.points[:, 0]) > 0).all(),
        ),
        near("x_100 and x_10000 there from x_0 = 1", run.points[[100, 10_000], 0], [3.517, 11.81], 5e-3),
        shows("All else holds there: every step lowers f as part a says.", (run.decrease().slacks > -1e-15).all()),
        near("end of descent from 1.5 on (x^2 - 1)^2 / 4, which is bounded", runs[-1].point[0], 1, 1e-9),
    )


@one_limit.figure("descent on 1 / (1 + x^2), which goes away for ever, and on (x^2 - 1)^2 / 4, which converges")
def _draw_escape(ax: Any) -> None:
    away = mathdl.gradient_descent(hill(), [1.0], mathdl.SGD(0.25), steps=3000, tolerance=0.0)
    well = mathdl.Polynomial({(4,): Fraction(1, 4), (2,): Fraction(-1, 2)})
    held = mathdl.gradient_descent(well, [2.0], mathdl.SGD(0.1), steps=3000, tolerance=0.0)
    for run, style, name in ((away, "-", "1 / (1 + x^2)"), (held, "--", "(x^2 - 1)^2 / 4")):
        ax.plot(np.arange(1, len(run.points) + 1), run.points[:, 0], style, color=COLOURS[style == "--"], label=name)
    ax.set(xlabel="k + 1", ylabel="x_k")
    log_axes(ax, x=True)
    legend(ax)


X, Y = np.array([[1.0, 2.0], [3.0, -1.0], [2.0, 2.0], [0.0, 1.0]]), np.array([1.0, 2.0, 3.0, 4.0])


def batch_step(a: Any, tau: float, batch: Any) -> Any:
    """Return a - (tau / S) times the sum of grad l_i(a) over a batch of S objects, l_i = (x_i . a - y_i)^2."""
    return a - tau / len(batch) * sum(2 * (X[i] @ a - Y[i]) * X[i] for i in batch)


@item(
    "exercise-8.6a",
    "Stochastic gradient descent again",
    try_it="mathdl.gradient_descent(mathdl.LeastSquares([[1], [2]], [2, 1]), [0], batch_size=1, steps=9).points",
)
def definition() -> Findings:
    """Recall the definition of stochastic gradient descent on L(a) = (l_1(a) + ... + l_N(a)) / N, batch size S.

    The learning rate tau is constant; l_i is the loss of object i.
    """
    a = np.array([1.0, -1.0])
    loss = mathdl.LeastSquares(X, Y)
    for seed in range(3):
        point = mathdl.gradient_descent(
            loss, a, mathdl.SGD(0.125), steps=2, tolerance=0.0, batch_size=2, seed=seed
        ).point
        ends = [
            batch_step(batch_step(a, 0.125, first), 0.125, [i for i in range(4) if i not in first])
            for first in combinations(range(4), 2)
        ]
        hits = sum(bool(np.allclose(point, end, rtol=1e-14)) for end in ends)
        yield equals(
            f"of the six ways to take 2 and then the other 2 of 4 objects, those that lead where the library "
            f"went, seed {seed}",
            hits,
            1,
            "A step draws a batch T_k of S objects and goes from a_(k-1) to a_k = a_(k-1) - (tau / S) (sum of "
            "grad l_i(a_(k-1)) "
            "over i in T_k). In an epoch of distinct batches each object is drawn once.",
        )


@item(
    "exercise-8.6b",
    "A limit of stochastic descent is critical for every object",
    try_it="mathdl.gradient_descent(mathdl.LeastSquares([[1, 2], [3, 1]], [5, 5]), [0, 0], batch_size=1).point",
)
def every_gradient() -> Findings:
    """Let stochastic descent with batches of one object and constant tau converge to a point a with probability 1.

    Show that then grad l_i(a) = 0 for the loss l_i of every object i, and why this says more than convergence of
    deterministic gradient descent.
    """
    rows = np.random.default_rng(0).normal(size=(5, 2))
    targets = rows @ [1.0, -2.0]
    run = mathdl.gradient_descent(
        mathdl.LeastSquares(rows, targets), [0.0, 0.0], mathdl.SGD(0.05), steps=4000, batch_size=1, tolerance=0.0
    )
    each = [
        np.abs(mathdl.LeastSquares(x[None], [t]).value_and_gradient(run.point)[1]).max()
        for x, t in zip(rows, targets, strict=True)
    ]
    yield near(
        "largest |grad l_i| at the limit, five objects that one plane meets exactly",
        max(each),
        0,
        1e-12,
        "If a_k converges, the steps tau grad l_i(a_(k-1)) tend to 0. Almost surely every i is drawn infinitely"
        " often, so "
        "along those k grad l_i(a_(k-1)) tends to 0; as it is continuous, grad l_i(a) = 0.",
    )
    two = mathdl.LeastSquares([[1.0], [1.0]], [1.0, -1.0])
    point = mathdl.gradient_descent(two, [0.75], mathdl.SGD(0.25), steps=200).point
    singles = [mathdl.LeastSquares([[1.0]], [y]).value_and_gradient(point)[1][0] for y in (1.0, -1.0)]
    yield near(
        "grad l_1 and grad l_2 where deterministic descent on (a - 1)^2 and (a + 1)^2 converges, at 0",
        singles,
        [-2, 2],
        1e-7,
        "There only the sum of the gradients is 0: a compromise that fits neither object. A limit of stochastic"
        " descent is "
        "critical for each object by itself.",
    )
    swings = mathdl.gradient_descent(two, [0.75], mathdl.SGD(0.25), steps=400, batch_size=1, tolerance=0.0).points[
        -50:, 0
    ]
    yield shows(
        "The last 50 epochs of stochastic descent on these two end on either side of 0, at 1/6 from it or more.",
        swings.min() < 0 < swings.max() and np.abs(swings).min() > 0.16,
        "It does not converge, as no point is critical for both.",
    )
    tau, a, path = Fraction(1, 4), Fraction(1, 2), []
    for k in range(1, 60):
        path.append(a == Fraction(1, 2**k))
        a -= tau * (Fraction(1, 2**k) / (2 * tau))
    yield erratum(
        "It is enough that the l_i are differentiable.",
        "Their gradients have to be continuous at the limit.",
        refutes(
            "With l'(2^-k) = 2^-k / (2 tau) for all k but l'(0) = 1, descent from 1/2 goes through all 2^-k and"
            " tends to 0.",
            all(path),
        ),
        equals("a after 59 steps there, in fractions", a, Fraction(1, 2**60)),
        near("largest |grad l_i| at the limit where gradients are continuous", max(each), 0, 1e-12),
    )


def free(objects: int, batches: Any) -> int:
    """Return how many directions the gradients of the objects keep if the sum over every batch is 0."""
    rows = np.array([[i in batch for i in range(objects)] for batch in batches], float)
    return objects - int(np.linalg.matrix_rank(rows))


@item("exercise-8.6c", "The same for larger batches")
def larger_batches() -> Findings:
    """Show that part b is true for larger batches: grad l_i(a) = 0 for every i at an almost sure limit a, batch size S.

    N is the number of objects.
    """
    kept = {(N, S): free(N, combinations(range(N), S)) for N in (2, 3, 5) for S in range(1, N + 1)}
    proper = [kept[N, S] for N, S in kept if S < N]
    yield equals(
        "dimension of the gradients (grad l_1, ..., grad l_N) whose sum over every batch of S < N is 0, N = 2, 3, 5",
        proper,
        [0] * 7,
        "As in part b, the mean gradient over each batch that recurs infinitely often is 0 at the limit. Two "
        "batches that "
        "differ in one object give grad l_i = grad l_j; so all are equal, their sum is 0, and each is 0.",
    )
    yield equals(
        "the same for batches (i, i, ..., i), which drawing with replacement gives, N = 5",
        free(5, [(i,) * 3 for i in range(5)]),
        0,
        "With replacement these recur, too, and each of them says grad l_i = 0.",
    )
    yield erratum(
        "The same is true for any batch size.",
        "It is for S < N if all batches recur, or with replacement; for S = N only the sum of the gradients is 0.",
        refutes(
            "For S = N and N = 2, 3, 5 gradients of N - 1 dimensions are left.",
            all(kept[N, N] == N - 1 for N in (2, 3, 5)),
        ),
        refutes(
            "For batches that are fixed once for all, such as {1, 2} and {3, 4}, two dimensions are left.",
            free(4, [(0, 1), (2, 3)]) == 2,
        ),
        equals("dimension for all batches of 2 of 4 objects", free(4, combinations(range(4), 2)), 0),
    )
