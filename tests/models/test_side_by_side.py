"""Fits beside other work: processes, threads, forks and other users of BLAS; always the same bits."""

from __future__ import annotations

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from typing import Any

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from sklearn.model_selection import GridSearchCV
from threadpoolctl import threadpool_info, threadpool_limits

from mathdl import SGD, Conv2D, Dense, Flatten, NetworkClassifier


def images() -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 64)).astype("float32")
    return X, np.where(X[:, :32].sum(axis=1) > X[:, 32:].sum(axis=1), "left", "right")


def classifier(threads: int | None = None, **parameters: Any) -> NetworkClassifier:
    layers = [Conv2D(4, 3, activation="relu"), Flatten(), Dense(16, activation="tanh")]
    given = {"rule": SGD(0.05, momentum=0.9), "epochs": 3, "random_state": 0, "batch_size": 80, **parameters}
    return NetworkClassifier(layers=layers, input_shape=(1, 8, 8), threads=threads, **given)


def trained(threads: int | None = None) -> np.ndarray:
    return np.array(classifier(threads).fit(*images()).network_.parameters)


def test_any_number_of_threads_gives_the_same_bits() -> None:
    expected = trained(1)
    for threads in (2, 3, None):
        assert np.array_equal(trained(threads), expected)


def test_fits_at_once_in_two_threads_give_the_same_bits() -> None:
    expected = trained(1)
    with ThreadPoolExecutor(2) as pool:
        for parameters in pool.map(trained, [2, 2, 1, 1, 2, 1]):
            assert np.array_equal(parameters, expected)


def search(jobs: int) -> tuple[np.ndarray, np.ndarray]:
    grid = {"rule": [SGD(0.02), SGD(0.05, momentum=0.9)]}
    found = GridSearchCV(classifier(), grid, cv=2, n_jobs=jobs).fit(*images())
    return found.cv_results_["mean_test_score"], found.best_estimator_.network_.parameters


@pytest.mark.parametrize("backend", ["loky", "threading"])
def test_a_grid_search_with_two_jobs_gives_the_same_bits(backend: str) -> None:
    scores, parameters = search(1)
    try:
        with joblib.parallel_config(backend=backend):
            scores_of_two, parameters_of_two = search(2)
    finally:
        if backend == "loky":
            get_reusable_executor().shutdown(wait=True)
    assert np.array_equal(scores_of_two, scores)
    assert np.array_equal(parameters_of_two, parameters)


def send_trained(connection: Connection) -> None:
    connection.send(trained(2))


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="this system cannot fork a process")
def test_a_fork_after_a_fit_trains_to_the_same_bits() -> None:
    expected = trained(2)
    receiver, sender = multiprocessing.Pipe(duplex=False)
    child = multiprocessing.get_context("fork").Process(target=send_trained, args=(sender,))
    child.start()
    try:
        assert receiver.poll(60), "the child hangs or has crashed"
        assert np.array_equal(receiver.recv(), expected)
        child.join(60)
        assert child.exitcode == 0
    finally:
        child.kill()
        child.join()


def test_other_users_of_blas_keep_their_threads() -> None:
    def counts() -> list[tuple[str, int]]:
        return [(pool["prefix"], pool["num_threads"]) for pool in threadpool_info() if pool["user_api"] == "blas"]

    seen = []

    def watch(epoch: int, epochs: int) -> float:
        seen.append(counts())
        return 1.0

    np.ones((2, 2)) @ np.ones((2, 2))
    for limit in (1, 2):
        with threadpool_limits(limit, user_api="blas"):
            before = counts()
            seen.clear()
            classifier(2, schedule=watch).fit(*images())
            assert before
            assert seen == [before] * 3
            assert counts() == before
