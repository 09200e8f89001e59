"""Split conformal prediction covers what it promises, from five objects on."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, inf

import numpy as np
import pytest
from scipy.stats import binom

import mathdl
from mathdl.errors import InputError
from mathdl.models import conformal
from mathdl.models.conformal import Calibration, conformal_quantile, conformal_rank
from mathdl.models.trained_model import TrainedModel


def test_exact_cases() -> None:
    five, nine = np.array([3.0, 1, 5, 2, 4]), np.arange(9.0)[::-1]
    assert conformal_quantile(five, 0.9) == inf  # rank 6 of 5
    assert conformal_quantile(nine, 0.9) == 8.0  # rank 9 of 9: exactly 0.9
    assert conformal_quantile(np.array([]), 0.5) == inf
    assert conformal_quantile([7.0], 0.5) == 7.0


@pytest.mark.parametrize("percent", [1, 10, 50, 75, 90, 95, 99])
def test_the_rank_is_that_of_exact_arithmetic(percent: int) -> None:
    level = Fraction(percent, 100)
    assert all(conformal_rank(n, percent / 100) == ceil((n + 1) * level) for n in range(2_000))


@pytest.mark.parametrize("n", [5, 8, 9, 10, 19, 37, 100, 333, 1_000])
def test_coverage_lies_within_the_binomial_band(n: int) -> None:
    """Of 1,000 draws of n scores and a new one, 90 % or a little more are covered, as the rank says exactly."""
    draws = np.random.default_rng(n).exponential(size=(1_000, n + 1))
    covered = sum(draw[-1] <= conformal_quantile(draw[:-1], 0.9) for draw in draws)
    share = min(conformal_rank(n, 0.9) / (n + 1), 1.0)
    assert 0.9 <= share <= 0.9 + 1 / (n + 1) + 1e-9
    low, high = binom.ppf([0.0005, 0.9995], 1_000, share)
    assert low <= covered <= high


@pytest.mark.parametrize("count", [1, 99, 100, 101, 250, 999])
def test_what_is_left_out_errs_on_the_safe_side(monkeypatch: pytest.MonkeyPatch, count: int) -> None:
    scores = np.random.default_rng(0).normal(size=count)
    exact = np.sort(scores)
    monkeypatch.setattr(conformal, "MAX_KEPT", 100)
    kept = Calibration.of(scores)
    assert len(kept.scores) <= 100
    stride = ceil(count / 100)
    for level in np.linspace(0.01, 0.99, 99):
        rank = conformal_rank(count, level)
        place = np.searchsorted(exact, kept.quantile(level)) + 1
        assert (kept.quantile(level) == inf) == (rank > count)
        assert rank > count or rank <= place < rank + stride


@pytest.mark.parametrize("level", [0, 1, -0.1, 1.5, np.nan, "0.9", None])
def test_levels_that_are_none(level: object) -> None:
    with pytest.raises(InputError, match="give a number between 0 and 1"):
        conformal_quantile([1.0], level)  # type: ignore[arg-type]


def test_intervals_and_sets_of_a_model() -> None:
    generator = np.random.default_rng(1)
    x = generator.normal(size=400)
    y = 3 * x + generator.normal(size=400)
    run = mathdl.train({"x": x[:300], "y": y[:300]}, target="y", model="linear", cv=0)
    intervals = run.model.predict_interval({"x": x[300:]}, 0.8)
    assert run.model.calibration is not None
    assert not run.model.calibration.approximate
    assert np.ptp(np.diff(intervals)) < 1e-9
    assert 0.68 <= np.mean((intervals[:, 0] <= y[300:]) & (y[300:] <= intervals[:, 1])) <= 0.95
    assert np.isinf(run.model.predict_interval({"x": [0.0]}, 0.999)).all()

    label = np.where(x + generator.normal(size=400) > 0, "up", "down")
    run = mathdl.train({"x": x[:300], "y": label[:300]}, target="y", model="logistic", regularization=0.01)
    assert run.model.calibration is not None
    assert run.model.calibration.approximate
    sets = run.model.predict_set({"x": x[300:]}, 0.8)
    assert 0.68 <= sets[np.arange(100), (label[300:] == "up").astype(int)].mean() <= 0.95
    assert sets.sum(axis=1).max() == 2  # near the boundary it can be either
    with pytest.raises(InputError, match="no errors of numbers"):
        run.model.predict_interval({"x": [0.0]})
    with pytest.raises(InputError, match="no probabilities of objects kept apart"):
        TrainedModel(run.model.model, run.model.preprocessing).predict_set({"x": [0.0]})
