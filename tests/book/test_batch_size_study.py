"""The runs of the study against the plain definitions."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl import SGD, gradient_descent
from mathdl.book.chapter08.batch_size_study import RATE, Problem, run, samples_until_near


@pytest.fixture(scope="module")
def small() -> Problem:
    return Problem(seed=3, objects=512)


def test_relative_losses_are_those_of_the_definition(small: Problem) -> None:
    points = np.random.default_rng(0).normal(size=(5, 256))
    plain = [small.loss.value_and_gradient(a)[0] / small.least - 1 for a in points]
    np.testing.assert_allclose(small.relative_losses(points), plain, rtol=1e-11)
    near = small.minimiser.reshape(-1) + 1e-9 * points[0]  # where the definition has no digit left
    np.testing.assert_allclose(
        small.relative_losses(near), 1e-18 * small.relative_losses(small.minimiser.reshape(-1) + points[0]), rtol=1e-6
    )


@pytest.mark.parametrize("batch_size", [1, 8, 64, 512])
def test_a_run_counts_the_samples_that_gradient_descent_takes(small: Problem, batch_size: int) -> None:
    """Where the run was first near, a descent of as many steps is near, and one of fewer is not."""
    near = samples_until_near(small, batch_size, seed=1, epochs=200)
    if batch_size < 32:
        assert near is None
        assert run(small, batch_size, seed=1, epochs=50).near_epoch is None
        return
    assert near is not None
    assert near % batch_size == 0

    def loss_after(steps: int) -> float:
        given = {"steps": steps, "tolerance": 0.0, "batch_size": batch_size, "seed": 1}
        return float(small.relative_losses(gradient_descent(small.loss, np.zeros(256), SGD(RATE), **given).point))

    steps = near // batch_size
    losses = [loss_after(n) for n in range(1, steps + 1)]
    assert losses[-1] <= 0.04
    assert min(losses[:-1]) > 0.04
    found = run(small, batch_size, seed=1, epochs=200)
    assert found.samples == near
    assert found.near_epoch is not None
    assert (found.near_epoch - 1) * 512 < near <= found.near_epoch * 512


def test_small_batches_are_looked_at_within_the_epoch(small: Problem) -> None:
    near = samples_until_near(small, 16, seed=1, epochs=200)
    whole = run(small, 16, seed=1, epochs=200).near_epoch
    assert near is not None
    assert near % 32 == 0
    assert whole is None or near <= 512 * whole


@pytest.mark.parametrize("batch_size", [2, 3, 7])
def test_the_predicted_level_is_where_the_second_moments_stay(batch_size: int) -> None:
    """Slowly, object by object: S = E[(I - 2 tau H_b) S (I - 2 tau H_b)] + (4 tau^2 / b) E[|r|^2 x x^T]."""
    problem = Problem(seed=6, objects=20)
    X, H = problem.loss.X, problem.hessian
    S = np.zeros((4, 4))
    noise = sum(r * np.outer(x, x) for x, r in zip(X, problem.residuals, strict=True)) / len(X)
    for _ in range(2000):
        single = sum(np.outer(x, x) @ S @ np.outer(x, x) for x in X) / len(X)
        pair = single / batch_size + (1 - 1 / batch_size) * H @ S @ H
        S = S - 2 * RATE * (H @ S + S @ H) + 4 * RATE**2 * (pair + noise / batch_size)
    assert problem.predicted_level(batch_size) == pytest.approx(np.trace(S @ H) / problem.residuals.mean(), rel=1e-9)


def test_where_second_moments_grow_no_level_is_predicted() -> None:
    """Here a batch of one object is too small for the learning rate: the expected second moments grow for ever."""
    assert Problem(seed=5, objects=40).predicted_level(1) is None
