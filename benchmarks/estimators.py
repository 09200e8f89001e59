"""The digits of scikit-learn by ``NetworkClassifier`` and by scikit-learn's own ``MLPClassifier``.

Same sizes, batches, epochs and plain SGD on float32. So that both compute the same, the MLP is given mathdl's initial
parameters and order of objects; what it is given takes it no longer than what it would draw itself.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from typing import Any
from unittest.mock import patch

import numpy as np
from sklearn.datasets import load_digits
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss
from sklearn.neural_network import MLPClassifier, _multilayer_perceptron
from threadpoolctl import threadpool_limits

import mathdl
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare
from mathdl.descent.batches import order_of_epoch
from mathdl.engine.threads import available

TITLE = "Estimators"
PEER = "MLPClassifier"
UNITS, BATCH, RATE, EPOCHS, SEED = 100, 32, 0.1, 40, 0


def run(settings: Settings) -> Iterator[Result]:
    """Yield the one result."""
    X, y = load_digits(return_X_y=True)
    X, epochs = (X / 16).astype(np.float32), settings.shortened(EPOCHS)
    model = mathdl.NetworkClassifier(
        (UNITS,), rule=mathdl.SGD(RATE), batch_size=BATCH, epochs=epochs, random_state=SEED
    )
    contestants = [
        Contestant("NetworkClassifier", lambda: model.fit(X, y), lambda: log_loss(y, model.predict_proba(X))),
        *(peer(X, y, epochs, threads) for threads in sorted({1, available()})),
    ]
    work = f"digits, 64-{UNITS}-10, batch {BATCH}, {epochs} epochs"
    yield result_of(work, "", compare(contestants, settings.repeated()), 1, {PEER: 12})


def peer(X: Any, y: Any, epochs: int, threads: int) -> Contestant:
    """The MLP with so many threads of BLAS."""
    net = mathdl.Network([mathdl.Dense(UNITS, activation="relu"), mathdl.Dense(10)], (X.shape[1],), seed=SEED)
    start = [(layer.weights.T.copy(), layer.bias.copy()) for layer in net.layers]
    found: dict[str, MLPClassifier] = {}

    def work() -> None:
        model = _Given(
            (UNITS,),
            solver="sgd",
            alpha=0,
            momentum=0,
            nesterovs_momentum=False,
            learning_rate_init=RATE,
            batch_size=BATCH,
            max_iter=epochs,
            tol=0,
            n_iter_no_change=epochs,
        )
        model.start = iter(start)
        shuffled = _orders(SEED)
        with threadpool_limits(threads, user_api="blas"), patch.object(_multilayer_perceptron, "shuffle", shuffled):
            found["model"] = _quietly(model, X, y)

    def outcome() -> float:
        return float(log_loss(y, found["model"].predict_proba(X)))

    return Contestant(f"{PEER}, {threads} thread{'s' * (threads > 1)}", work, outcome, PEER)


class _Given(MLPClassifier):
    """An MLP that starts from given parameters."""

    def _init_coef(self, *sizes: Any) -> Any:
        weights, bias = next(self.start)
        return weights.copy(), bias.copy()


def _quietly(model: MLPClassifier, X: Any, y: Any) -> MLPClassifier:
    """Fit without the warning that there were no more epochs than asked for."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(X, y)


def _orders(seed: int) -> Callable[..., Any]:
    """A function that returns mathdl's order of each epoch in turn."""
    epoch = iter(range(10**9))
    return lambda objects, random_state: order_of_epoch(len(objects), "without_replacement", seed, next(epoch))
