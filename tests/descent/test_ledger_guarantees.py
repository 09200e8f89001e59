"""The book's statements about gradient descent on smooth and convex functions, and what its errata correct."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from mathdl import SGD, Function, Huber, LeastSquares, LogisticLoss, NeuronLoss, Quadratic, gradient_descent
from mathdl.errors import NoGuaranteeError

Array = NDArray[np.float64]


def gap(L, a: Array, b: Array, t: float) -> float:  # type: ignore[no-untyped-def]
    """Return by how much L between two points is above the chord."""
    return float(L(t * a + (1 - t) * b) - t * L(a) - (1 - t) * L(b))


def test_def_8_1_1_convex_functions_are_below_their_chords() -> None:
    generator = np.random.default_rng(0)
    slopes = generator.normal(size=(5, 3))
    convex = [
        lambda x: x @ x,
        np.linalg.norm,
        lambda x: np.log(np.exp(x).sum()),
        lambda x: (slopes @ x).max(),
    ]
    for _ in range(10_000 // 4):
        a, b, t = generator.normal(size=3), generator.normal(size=3), generator.uniform()
        assert max(gap(L, a, b, t) for L in convex) <= 1e-12
    half = np.array([np.pi / 2])
    assert gap(lambda x: np.cos(x[0]), -half, half, 0.5) == pytest.approx(1.0)
    assert Quadratic([[2.0, 1.0], [1.0, 2.0]]).convex
    assert not Quadratic([[1.0, 2.0], [2.0, 1.0]]).convex


def test_thm_8_1_1_a_local_minimum_of_a_convex_function_is_global() -> None:
    generator = np.random.default_rng(1)
    losses = [
        LeastSquares(generator.normal(size=(6, 2)), generator.normal(size=6)),
        Quadratic([[2.0, 1.0], [1.0, 2.0]]),
    ]
    for loss in losses:
        for _ in range(500):
            x, y = generator.normal(size=(2, 2))
            above, below = loss.value_and_gradient(x)[0], loss.value_and_gradient(y)[0]
            if below < above:  # then points as near to x as one likes are below x
                t = generator.uniform(1e-3, 1)
                assert loss.value_and_gradient(x + t * (y - x))[0] <= (1 - t) * above + t * below + 1e-12
    # Without convexity: two local minima, with different values.
    L = lambda x: x**4 / 4 - x**2 / 2 + 0.1 * x  # noqa: E731
    well = Function(lambda a: L(a[0]), lambda a: a**3 - a + 0.1)
    ends = [gradient_descent(well, [start], SGD(0.1), steps=2000) for start in (-2.0, 2.0)]
    assert [run.point[0] for run in ends] == pytest.approx([-1.0466805, 0.9456493], abs=1e-7)
    assert [run.value for run in ends] == pytest.approx([-0.3523861, -0.1526394], abs=1e-7)
    assert gap(lambda x: L(x[0]), ends[0].point, ends[1].point, 0.5) > 0


def huber_run(d: Fraction, R: Fraction, tau: Fraction, k: int) -> Fraction:
    """Descend on Huber's function with curvature d in fractions; return how far it stays above its minimum."""
    t, a = R / (2 * k * tau * d + 1), R
    for _ in range(k):
        a -= tau * d * max(-t, min(a, t))
    near = max(-t, min(a, t))
    return d * near * (2 * a - near) / 2


@pytest.mark.parametrize(("k", "value"), [(1, Fraction(2)), (5, Fraction(6, 11))])
def test_thm_8_1_2_the_bound_is_tight_and_the_printed_one_is_not(k: int, value: Fraction) -> None:
    d, R = Fraction(3), Fraction(2)
    tau = 1 / d
    assert huber_run(d, R, tau, k) == value
    assert R**2 / (4 * tau * k + 2 / d) == value
    assert R**2 / (2 * tau * k) >= 2 * value  # (8.7), with a slack factor of at least 2
    t = float(R / (2 * k * tau * d + 1))

    def value_at(a: Array) -> float:
        near = float(np.clip(a[0], -t, t))
        return 1.5 * near * (2 * a[0] - near)

    huber = Function(value_at, lambda a: 3 * np.clip(a, -t, t), convex=True, lipschitz=3.0, minimiser=[0.0])
    run = gradient_descent(huber, [2.0], SGD(1 / 3), steps=k, tolerance=0)
    guarantee = run.guarantee()
    assert guarantee.gaps[k] == pytest.approx(float(value), rel=1e-15)
    assert guarantee.tight_bounds[k] == pytest.approx(float(value), rel=1e-15)
    assert guarantee.bounds[k] >= 2 * float(value)
    assert guarantee.holds


def test_thm_8_1_2_fails_outside_its_hypothesis() -> None:
    parabola = Quadratic([[3.0]])
    run = gradient_descent(parabola, [2.0], SGD(1.8 / 3), steps=1)
    assert run.value == pytest.approx(3.84)
    assert run.value > Fraction(10, 3) == 2**2 / (2 * Fraction(18, 10) / 3)
    with pytest.raises(NoGuaranteeError, match=r"0\.6 is above 1/d = 0\.333"):
        run.guarantee()


def test_exercise_8_5a_the_fall_of_one_step() -> None:
    # L = kappa x^2: equality with tau (1 - kappa tau), and the printed fall tau |grad L|^2 is not reached.
    for tau in (Fraction(1, 2), Fraction(1, 4), Fraction(1, 10)):
        x, kappa = Fraction(1), Fraction(1)
        slope = 2 * kappa * x
        y = x - tau * slope
        assert kappa * y**2 == kappa * x**2 - tau * (1 - kappa * tau) * slope**2
        assert kappa * y**2 <= kappa * x**2 - tau / 2 * slope**2
        assert kappa * y**2 > kappa * x**2 - tau * slope**2
    run = gradient_descent(Quadratic([[2.0]]), [1.0], SGD(0.25), steps=1)
    assert run.value == 0.25
    assert run.values[0] - 0.25 * run.gradient_norms[0] ** 2 == 0.0  # what is printed
    assert run.decrease().slacks.tolist() == [0.0]


@pytest.mark.parametrize("seed", range(10))
def test_exercise_8_5b_the_sum_of_the_squares(seed: int) -> None:
    generator = np.random.default_rng(seed)
    loss = NeuronLoss(generator.normal(size=(9, 2)), generator.integers(0, 2, size=9))
    run = gradient_descent(loss, 4 * generator.normal(size=2), SGD("auto"), steps=400)
    decrease = run.decrease()
    assert decrease.sums[-1] <= decrease.limits[-1] <= 2 * run.values[0]


@pytest.mark.parametrize("seed", range(10))
def test_exercise_8_5c_gradients_tend_to_zero(seed: int) -> None:
    generator = np.random.default_rng(seed)
    loss = NeuronLoss(generator.normal(size=(9, 2)), generator.integers(0, 2, size=9), regularization=0.01)
    run = gradient_descent(loss, 4 * generator.normal(size=2), SGD("auto"), steps=2000, tolerance=1e-12)
    decrease = run.decrease()
    kappa, tau = decrease.kappa, decrease.learning_rate
    steps = np.arange(1, len(decrease.smallest) + 1)
    assert (decrease.smallest <= 2 * run.values[0] / (tau * steps)).all()
    gradients = np.array([loss.value_and_gradient(point)[1] for point in run.points])
    changes = np.linalg.norm(np.diff(gradients, axis=0), axis=1)
    assert (changes <= 2 * kappa * tau * run.gradient_norms[:-1] * (1 + 1e-9) + 1e-15).all()
    assert run.status == "converged"


def test_exercise_8_5d_convergence_needs_boundedness() -> None:
    # 1 / (1 + x^2) has one critical point, 0, and descent goes away from it for ever.
    hill = Function(lambda a: 1 / (1 + a[0] ** 2), lambda a: -2 * a / (1 + a**2) ** 2, lipschitz=2.0)
    run = gradient_descent(hill, [1.0], SGD(0.25), steps=10_000, tolerance=0)
    assert run.points[100, 0] == pytest.approx(3.517, abs=1e-3)
    assert run.points[10_000, 0] == pytest.approx(11.81, abs=1e-2)
    assert run.decrease().sums[-1] <= 2 * run.values[0]
    # A double well is coercive, and descent converges to one of its critical points.
    well = Function(lambda a: (a[0] ** 2 - 1) ** 2 / 4, lambda a: a**3 - a)
    for start in np.linspace(-1.5, 1.5, 7):
        assert abs(gradient_descent(well, [start], SGD(0.1), steps=5000).point[0]) in (0, pytest.approx(1, abs=1e-7))


def test_exercise_8_6a_a_step_of_stochastic_descent() -> None:
    X, y = np.array([[1.0, 2.0], [3.0, -1.0], [2.0, 2.0], [0.0, 1.0]]), np.array([1.0, 2.0, 3.0, 4.0])
    loss, tau = LeastSquares(X, y), 0.125
    a = np.array([1.0, -1.0])
    first = gradient_descent(loss, a, SGD(tau), steps=2, tolerance=0, batch_size=2, seed=3).points[-1]
    found = []
    for batch in combinations(range(4), 2):
        b = a
        for part in (list(batch), [i for i in range(4) if i not in batch]):
            b = b - tau / 2 * sum(LeastSquares(X[[i]], y[[i]]).value_and_gradient(b)[1] for i in part)
        found.append(np.allclose(first, b, rtol=1e-14))
    assert sum(found) == 1


def test_exercise_8_6b_a_limit_makes_every_gradient_zero_if_these_are_continuous() -> None:
    X = np.random.default_rng(0).normal(size=(5, 2))
    interpolated = LeastSquares(X, X @ [1.0, -2.0])
    run = gradient_descent(interpolated, [0.0, 0.0], SGD(0.05), steps=4000, batch_size=1, tolerance=0)
    for x, y in zip(X, interpolated.y, strict=True):
        assert np.abs(LeastSquares(x[None], y).value_and_gradient(run.point)[1]).max() < 1e-12
    # The whole gradient may be zero where single ones are not.
    two = LeastSquares([[1.0], [1.0]], [1.0, -1.0])
    point = gradient_descent(two, [0.75], SGD(0.25), steps=200).point
    singles = [LeastSquares([[1.0]], [y]).value_and_gradient(point)[1][0] for y in (1.0, -1.0)]
    assert singles == pytest.approx([-2.0, 2.0], abs=1e-7)
    # A gradient that is not continuous: 1 at 0, and 2^-k / (2 tau) at every 2^-k; a_k tends to 0.
    tau, a = Fraction(1, 4), Fraction(1, 2)
    for k in range(1, 60):
        assert a == Fraction(1, 2**k)
        a -= tau * (Fraction(1, 2**k) / (2 * tau))
    assert a < Fraction(1, 10**17)


@pytest.mark.parametrize("N", [2, 3, 5])
def test_exercise_8_6c_larger_batches(N: int) -> None:
    for S in range(1, N + 1):
        batches = np.array([[i in batch for i in range(N)] for batch in combinations(range(N), S)], float) / S
        free = N - np.linalg.matrix_rank(batches)
        assert free == (N - 1 if S == N else 0)  # printed for any size; not so for the whole set


def test_the_ledgers_convex_losses_obey_the_bound() -> None:
    generator = np.random.default_rng(7)
    X = generator.normal(size=(12, 2))
    for loss in (Huber(X, generator.normal(size=12)), LogisticLoss(X, generator.choice([-1, 1], size=12))):
        for rate in (0.1, 0.5, 1.0):
            run = gradient_descent(loss, [3.0, -3.0], SGD(rate / float(loss.lipschitz or 1) * 0.999), steps=50)
            assert run.guarantee().holds
