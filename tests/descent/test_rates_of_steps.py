"""Gradient descent with a rate of its own for every step: the points, and what is known of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import SGD, Adam, CosineSchedule, Huber, LeastSquares, LogisticLoss, Quadratic, StepSchedule
from mathdl import gradient_descent as descend
from mathdl.errors import InputError, NoGuaranteeError
from mathdl.objectives.objective import Objective

EIGHTHS = st.lists(st.integers(0, 8).map(lambda k: k / 8), min_size=1, max_size=6)


@given(EIGHTHS, st.integers(-20, 20))
@settings(deadline=None, derandomize=True)
def test_every_step_takes_its_own_rate(factors: list[float], start: int) -> None:
    """Exactly, on a^2 with tau = 1/4: a step multiplies by 1 - factor / 2."""
    run = descend(
        Quadratic([[2.0]]), [start], SGD(0.25), len(factors), tolerance=0, schedule=lambda k, steps: factors[k]
    )
    expected = [Fraction(start)]
    for factor in factors[: len(run.points) - 1]:
        expected.append(expected[-1] * (1 - Fraction(factor) / 2))
    assert [Fraction(a) for a in run.points[:, 0].tolist()] == expected
    assert run.rates is not None
    assert run.rates.tolist() == [factor / 4 for factor in factors[: len(run.points) - 1]]


@pytest.mark.parametrize("rule", [SGD(0.1), SGD(0.1, momentum=0.9), Adam(0.1)])
@pytest.mark.parametrize("batch_size", [None, 2, 3])
def test_the_factor_1_changes_no_bit(rule: Any, batch_size: int | None) -> None:
    X = np.random.default_rng(0).normal(size=(7, 2))
    loss = LeastSquares(X, X @ [1.0, 2.0])
    plain = descend(loss, [0.0, 0.0], rule, 11, batch_size=batch_size)
    with_schedule = descend(loss, [0.0, 0.0], rule, 11, batch_size=batch_size, schedule=lambda k, steps: 1)
    assert plain.points.tobytes() == with_schedule.points.tobytes()
    assert plain.rates is None
    assert with_schedule.rates is not None
    assert with_schedule.rates.tolist() == [0.1] * 11


def test_batches_take_the_rates_of_their_steps() -> None:
    X = np.array([[1.0], [2.0], [3.0]])
    loss, schedule = LeastSquares(X, 2 * X), StepSchedule(2, factor=0.5)
    run = descend(loss, [0.0], SGD(0.01), 7, batch_size=1, schedule=schedule, seed=4)
    assert run.rates is not None
    assert run.rates.tolist() == [0.01, 0.01, 0.005, 0.005, 0.0025, 0.0025, 0.00125]
    orders = [np.random.default_rng([4, epoch]).permutation(3) for epoch in range(3)]
    a = 0.0
    for rate, i in zip(run.rates, np.concatenate(orders)[:7], strict=True):
        a -= rate * 2 * X[i, 0] * (X[i, 0] * a - 2 * X[i, 0])
    assert run.point[0] == pytest.approx(a, rel=1e-14)


@given(st.integers(0, 10_000), EIGHTHS)
@settings(deadline=None, derandomize=True, max_examples=60)
def test_the_bounds_hold_with_the_sum_of_the_rates(seed: int, factors: list[float]) -> None:
    generator = np.random.default_rng(seed)
    X, y = generator.normal(size=(6, 2)), generator.normal(size=6)
    loss: Objective = [LeastSquares(X, y), Huber(X, y, 0.5), LogisticLoss(X, np.sign(y), regularization=0.1)][seed % 3]
    run = descend(loss, 3 * generator.normal(size=2), steps=len(factors), tolerance=0, schedule=lambda k, n: factors[k])
    found, fall = run.guarantee(), run.decrease()
    d = found.lipschitz
    sums = np.append(0.0, np.cumsum(factors)) / d
    assert found.holds
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(found.bounds, found.distance**2 / (2 * sums))
    np.testing.assert_allclose(found.tight_bounds, found.distance**2 / (4 * sums + 2 / d))
    assert (fall.slacks >= -1e-12 * (1 + run.values[0])).all()
    assert fall.sums[-1] <= fall.limits[-1] * (1 + 1e-12) + 1e-12
    assert found.certificate.kind == "descent_bound"
    assert fall.certificate.kind == "descent_decrease"


@pytest.mark.parametrize("shares", [(1.0, 1.0, 1.0), (0.5, 1.0, 0.25), (0.1, 0.0, 0.9), (0.3, 0.3)])
def test_the_tight_bound_is_met(shares: tuple[float, ...]) -> None:
    """By Huber's function of slope d t beyond t = R / (2 d S + 1), S the sum of the rates."""
    d, a = Fraction(3), Fraction(2)
    S = sum(map(Fraction, shares)) / d
    t, R = a / (2 * d * S + 1), a
    for share in map(Fraction, shares):
        a -= share * min(a, t)
    assert a >= t
    assert d * t * (2 * a - t) / 2 == R**2 / (4 * S + 2 / d)


def test_one_rate_above_1_over_d_is_enough_to_know_nothing() -> None:
    run = descend(Quadratic([[2.0]]), [1.0], SGD(0.5), 3, schedule=lambda k, steps: 1.5 if k == 1 else 0.5)
    for known in (run.guarantee, run.decrease):
        with pytest.raises(NoGuaranteeError, match=r"The learning rate 0\.75 is above 1/d = 0\.5"):
            known()


def test_a_run_that_ends_early_has_the_rates_of_the_steps_that_were_taken() -> None:
    run = descend(Quadratic([[2.0]]), [1.0], SGD(0.5), 9, schedule=CosineSchedule())
    assert run.status == "converged"
    assert run.rates is not None
    assert run.rates.tolist() == [0.5]
    beyond = descend(Quadratic([[2.0]]), [1e100], SGD(1e120), 9, schedule=lambda k, steps: 1)
    assert beyond.status == "not finite"
    assert beyond.rates is not None
    assert len(beyond.rates) == beyond.steps[-1]


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (0.5, r"schedule is 0\.5; give StepSchedule"),
        (lambda k, steps: -1.0, r"The schedule gives -1\.0 in step 1; give a factor of at least 0"),
        (lambda k, steps: "half", "The schedule gives 'half' in step 1"),
        (lambda k: 1.0, "The schedule fails in step 1"),
    ],
)
def test_bad_schedules_are_refused(schedule: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        descend(Quadratic([[2.0]]), [1.0], SGD(0.5), 3, schedule=schedule)


def test_what_is_printed_is_short() -> None:
    run = descend(Quadratic([[2.0]]), [1.0], SGD(1e-4), 5000, schedule=lambda k, steps: 1.0)
    for known in (run, run.guarantee(), run.decrease()):
        assert len(str(known)) < 200
