"""``LogisticRegression`` beside all solvers of scikit-learn's, at equal objective.

Two classes drawn by a logistic model; lambda and C = 1 / (2 lambda N) make the objectives the same. Each solver of
scikit-learn's is given the loosest tolerance with which it comes within a millionth of the minimum; mathdl has its
default, ten thousand times as accurate. The times with ``certify()`` are shown apart, in one turn.
"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression as Peer

import mathdl
from benchmarks.results import Result, duration, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare

TITLE = "Logistic regression"
PEER = "scikit-learn"
SHAPES = ((100_000, 10), (20_000, 200))
STRENGTHS = (0.0, 1e-4, 0.005)
SOLVERS = ("lbfgs", "newton-cg", "newton-cholesky", "liblinear", "sag", "saga")
TOLERANCES = (1e-2, 1e-3, 1e-4, 1e-5, 1e-6)
ACCURACY = 1e-6


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for every shape and lambda."""
    for N, p in SHAPES:
        X, y = data(N // 10 if settings.quick else N, p)
        for strength in STRENGTHS:
            yield fits(X, y, strength, settings)


def data(N: int, p: int) -> tuple[Any, Any]:
    """Draw objects, and their classes by a logistic model."""
    generator = np.random.default_rng(0)
    X, w = generator.normal(size=(N, p)), 3 * generator.normal(size=p) / np.sqrt(p)
    return X, (generator.random(N) < 1 / (1 + np.exp(-(X @ w + 0.5)))).astype(int)


def fits(X: Any, y: Any, strength: float, settings: Settings) -> Result:
    """Compare fits."""
    model = mathdl.LogisticRegression(strength).fit(X, y)
    contestants = [Contestant("LogisticRegression", lambda: model.fit(X, y), lambda: model.objective_)]
    for solver in SOLVERS:
        if not (solver == "liblinear" and strength == 0):
            contestants += peer(X, y, strength, solver, model.objective_)
    comparison = compare(contestants, settings.repeated(), 10 * ACCURACY)
    start = time.perf_counter()
    if strength > 0 or X.shape[1] <= 60:
        model.fit(X, y).certify()
        seconds = time.perf_counter() - start
        comparison.notes.append(f"Fit and certify: {duration(seconds)}, certified gap {model.gap_:.1e}.")
    else:
        comparison.notes.append("No certificate: more than 60 features with nothing regularised.")
    work = f"logistic regression, {len(X):,} x {X.shape[1]}, lambda {strength:g}, gap {model.gap_:.0e}"
    return result_of(work, "", comparison, 1, {PEER: 1})


def peer(X: Any, y: Any, strength: float, solver: str, best: float) -> list[Contestant]:
    """A solver with the loosest tolerance that is accurate enough; nothing where none is."""
    C = 1 / (2 * strength * len(X)) if strength > 0 else np.inf
    for tol in TOLERANCES:
        model = Peer(C=C, solver=solver, tol=tol, max_iter=1000, random_state=0)
        fit = quiet(model, X, y)
        fit()
        if objective(model, X, y, strength) <= best * (1 + ACCURACY):
            return [Contestant(f"{PEER}, {solver}", fit, lambda m=model: objective(m, X, y, strength), PEER)]
    return []


def quiet(model: Any, X: Any, y: Any) -> Callable[[], Any]:
    """Fit without warnings."""

    def fit() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, y)

    return fit


def objective(model: Any, X: Any, y: Any, strength: float) -> float:
    """Return lambda |w|^2 + the mean of the losses."""
    w, logits = model.coef_[0], model.decision_function(X)
    return float(strength * w @ w + np.mean(np.logaddexp(0, -(2 * y - 1) * logits)))
