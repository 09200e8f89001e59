"""The soft margin by ``SoftMarginSVM``, LIBLINEAR (``LinearSVC``) and LIBSVM (``SVC``): 20,000 objects, 200 features.

All minimise the hinge loss, float64, with lambda = 0.005, that is C = 1 / (2 lambda N). LinearSVC also regularises the
bias, and stops after 1,000 passes, its default, before it has reached its tolerance of 1e-5. What they have to agree on
is the objective (7.12), to a thousandth; the notes tell more. ``certify`` checks in exact arithmetic.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.svm import SVC, LinearSVC

import mathdl
from benchmarks.results import Bar, Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Comparison, Contestant, compare

TITLE = "Soft margin"
LINEAR, KERNEL = "LinearSVC", "SVC"
LAMBDA, GAP, SEED = 0.005, 1e-6, 0
AGREED = 1e-3
AT_MOST = 1.3  # times as long as LinearSVC
AT_LEAST = 20.0  # times as fast as SVC
SLOW_TURNS = 2  # of SVC and of certify, which take ten seconds and more


def run(settings: Settings) -> Iterator[Result]:
    """Yield the fits without and with the certificate."""
    X, y = problem(2000 if settings.quick else 20000, 200)
    C = 1 / (2 * LAMBDA * len(X))
    ours = _fit("SoftMarginSVM, gap 1e-6", mathdl.SoftMarginSVM(LAMBDA, tol=GAP), X, y)
    default = _fit("SoftMarginSVM, gap 1e-9 (default)", mathdl.SoftMarginSVM(LAMBDA), X, y, "mathdl")
    linear = _fit("LinearSVC, tol 1e-5", LinearSVC(loss="hinge", C=C, tol=1e-5), X, y, LINEAR)
    kernel = _fit("SVC", SVC(kernel="linear", C=C), X, y, KERNEL)
    work = f"{len(X):,} x {X.shape[1]}, lambda {LAMBDA}"
    found = compare([ours, default, linear], settings.repeated(), AGREED)
    yield _result(work, found, [Bar("as long as LinearSVC", 1 / found.ratio(linear.name), AT_MOST, at_most=True)])
    found = compare([ours, kernel], settings.repeated(SLOW_TURNS), AGREED)
    yield _result(f"{work}, LIBSVM", found, [], {KERNEL: AT_LEAST})
    model = mathdl.SoftMarginSVM(LAMBDA, tol=GAP)
    certified = Contestant("SoftMarginSVM and certify", lambda: model.fit(X, y).certify(), lambda: model.objective_)
    found = compare([certified, linear], settings.repeated(SLOW_TURNS), AGREED)
    yield _result(f"{work}, certified", found, [])


def problem(count: int, features: int) -> tuple[Any, Any]:
    """Two classes that overlap: a fifth or so are on the wrong side of any plane."""
    generator = np.random.default_rng(SEED)
    X = generator.normal(size=(count, features))
    normal = generator.normal(size=features) / np.sqrt(features)
    return X, np.where(X @ normal + 0.5 * generator.normal(size=count) > 0, 1, -1)


def objective(model: Any, X: Any, y: Any) -> float:
    """The value of (7.12)."""
    w = model.coef_[0]
    return float(LAMBDA * w @ w + np.maximum(1 - y * (X @ w + model.intercept_[0]), 0).mean())


def _fit(name: str, model: Any, X: Any, y: Any, peer: str = "") -> Contestant:
    """Fit without the warning that there were no more passes than asked for."""

    def work() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(X, y)

    return Contestant(name, work, lambda: objective(model, X, y), peer)


def _result(work: str, found: Comparison, bars: list[Bar], limits: dict[str, float | None] | None = None) -> Result:
    """Sum up, with the objectives beside the times."""
    result = result_of(work, "", found, 1, limits or {})
    least = min(float(np.min(value)) for value in found.outcomes.values())
    result.bars.extend(bars)
    above = ", ".join(f"{name} {float(value) / least - 1:.0e}" for name, value in found.outcomes.items())
    result.notes.append(f"Objective relative to the smallest of them, {least:.9f}: {above}.")
    return result
