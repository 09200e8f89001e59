"""The runs of the study against the plain definitions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mathdl import SGD, gradient_descent
from mathdl.book.chapter08 import batch_size_study
from mathdl.book.chapter08.batch_size_study import BATCH_SIZES, RATE, Problem, Run, run, samples_until_near
from mathdl.book.outcome import run_item
from mathdl.book.registry import all_items


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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_the_study_shows_the_same_for_other_data(seed: int) -> None:
    found = run_item(all_items()["sec-8.6"], seed)
    assert [str(each) for each in found.findings if not each.holds] == []


def test_the_levels_and_epochs_of_seed_0(runs: list[Run]) -> None:
    """Numbers of another program, with another order of objects; for b = 1 they are of rare large values."""
    levels = [run.level for run in runs[:12]]
    others = [0.81, 0.313, 0.142, 0.0714, 0.0344, 0.0164, 0.0079, 0.0041, 0.0018, 0.0008, 0.0003]
    np.testing.assert_allclose(levels[1:], others, rtol=0.1)
    assert 3 < levels[0] < 10
    predicted = [0.825, 0.321, 0.146, 0.0701, 0.0344, 0.0170, 0.0085]
    np.testing.assert_allclose([run.predicted for run in runs[1:8]], predicted, rtol=6e-3)  # type: ignore[arg-type]
    near = {run.batch_size: run.near_epoch for run in runs}
    assert near[32] in (1, 2)
    assert [near[size] for size in (64, 128, 256, 512, 1024, 2048, 8192)] == [2, 3, 5, 9, 17, 34, 134]
    settled = [run.settled_epoch for run in runs[:12]]
    assert settled[:6] == [1] * 6
    np.testing.assert_allclose(np.array(settled[6:], float), [2, 4, 7, 16, 36, 79], rtol=0.26)


@pytest.mark.parametrize("seed", range(1, 5))
def test_samples_for_other_data(seed: int) -> None:
    """Without the small batches, which take long to come nowhere; the slow tests have these."""
    problem = Problem(seed)
    samples = {size: samples_until_near(problem, size, seed) for size in BATCH_SIZES if size >= 16}
    least = samples[32]
    assert least is not None
    assert 5_000 < least < 7_000
    assert all(count is None or count > least for size, count in samples.items() if size != 32)


def test_the_whole_set_is_gradient_descent(runs: list[Run]) -> None:
    problem = Problem(0)
    W = np.zeros((4, 64))
    for _ in range(134):
        W = W - RATE * 2 * problem.loss.X.T @ (problem.loss.X @ W - problem.loss.y) / 8192
    assert runs[-1].losses[134] == pytest.approx(float(problem.relative_losses(W.reshape(-1))), rel=1e-10)


def test_the_study_tells_how_far_it_is_and_is_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batch_size_study, "run", lambda *given: given[1])
    monkeypatch.setattr(batch_size_study, "problem_of", lambda seed: None)
    told: list[tuple[int, int]] = []
    seed = 12345  # of which nothing was made before
    found = batch_size_study.study(seed, lambda done, total: told.append((done, total)))
    assert found == [*BATCH_SIZES, batch_size_study.OBJECTS]
    assert told == [(k, 13) for k in range(14)]


def test_a_study_that_went_wrong_fails(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    losses = [*(run.losses.copy() for run in reversed(runs[:12])), 0 * runs[12].losses]
    for each in losses:
        each[10] = each[0]  # late
        each[-25:] *= 3
    worse = [replace(run, losses=each, gradients_a_step=1.0) for run, each in zip(runs, losses, strict=True)]
    worse = [replace(run, predicted=2 * run.level) for run in worse]
    worse = [replace(run, samples=1000 if run.batch_size < 32 else 10**6) for run in worse]
    monkeypatch.setattr(batch_size_study, "study", lambda seed, progress=None: worse)
    for id in ("sec-8.6", "fig-8.3", "fig-8.4", "fig-8.5"):
        held = [each.what for each in run_item(all_items()[id]).findings if each.holds]
        assert held == [what for what in held if "(8.17)" in what or "(8.16)" in what]
