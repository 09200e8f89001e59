"""Many models at once, over the processes of joblib's backends: the same numbers as one after the other."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError
from sklearn.model_selection import GridSearchCV, cross_validate

import mathdl
from mathdl import SGD, Callback, Dense, NetworkClassifier
from mathdl.engine.threads import available
from mathdl.training.training import Training

Backend = Callable[[], AbstractContextManager[Any]]
HERE = os.environ | {"PYTHONPATH": str(Path(mathdl.__file__).parents[1])}
TIMEOUT = "60s"  # of the cluster's processes to start: enough where the machine is busy


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two processes of Dask on this machine, with one thread each."""
    distributed = pytest.importorskip("distributed", reason="Dask's distributed is not installed")
    with (
        distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=":0") as made,
        distributed.Client(made, timeout=TIMEOUT) as client,
    ):
        client.wait_for_workers(2)
        yield client


@pytest.fixture(scope="module")
def loky() -> Iterator[None]:
    """End joblib's own processes, which wait for more to do."""
    yield
    get_reusable_executor().shutdown(wait=True)


@pytest.fixture(params=["loky", "dask"])
def backend(request: pytest.FixtureRequest) -> Backend:
    """What lets joblib use two processes, its own or those of Dask."""
    if request.param == "dask":
        client = request.getfixturevalue("cluster")
        return lambda: joblib.parallel_config("dask", client=client)
    request.getfixturevalue("loky")
    return lambda: joblib.parallel_config("loky", n_jobs=2)


def objects() -> tuple[np.ndarray, np.ndarray]:
    """Objects that are more than joblib hands on by value, of which workers see a file that they cannot write to."""
    X = np.random.default_rng(0).normal(size=(600, 500)).astype("float32")
    return X, np.where(X[:, :200].sum(axis=1) > X[:, 200:400].sum(axis=1), "left", "right")


def classifier(seed: int = 0, epochs: int = 3) -> NetworkClassifier:
    layers = [Dense(300, activation="relu"), Dense(20, activation="tanh")]
    return NetworkClassifier(layers=layers, rule=SGD(0.02, momentum=0.9), epochs=epochs, random_state=seed)


def searched() -> list[np.ndarray]:
    found = GridSearchCV(classifier(), {"rule__learning_rate": [0.01, 0.05]}, cv=2).fit(*objects())
    return [found.cv_results_["mean_test_score"], found.best_estimator_.network_.parameters]


def cross_validated() -> list[np.ndarray]:
    found = cross_validate(classifier(), *objects(), cv=3, return_estimator=True)
    return [found["test_score"], *(model.network_.parameters for model in found["estimator"])]


def of_seeds() -> list[np.ndarray]:
    X, y = objects()
    fits = joblib.Parallel()(joblib.delayed(classifier(seed).fit)(X, y) for seed in range(4))
    return [model.network_.parameters for model in fits]


@pytest.mark.parametrize("work", [searched, cross_validated, of_seeds])
def test_fits_over_processes_have_the_bits_of_fits_in_a_row(backend: Backend, work: Callable[[], Any]) -> None:
    expected = work()
    with backend():
        found = work()
    assert len(found) == len(expected) > 1
    assert all(map(np.array_equal, found, expected))


def compared() -> Any:
    random = np.random.default_rng(2)
    a, b = random.normal(size=(2, 60))
    found = mathdl.compare({"a": a, "b": b, "y": np.where(a + random.normal(size=60) > 0, "u", "v")}, target="y")
    rows = [row._replace(seconds=0) for row in found.rows]
    return rows, found.baseline, found.failed, found.score, found.tested


def test_a_comparison_over_processes_is_the_one_in_a_row(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = compared()
    calls: list[Any] = []
    monkeypatch.setattr(NetworkClassifier, "fit", counted(NetworkClassifier.fit, calls))
    with backend():
        assert compared() == expected
    assert len(calls) == 1, "the five folds are fitted in the other processes"


@pytest.mark.slow
@pytest.mark.usefixtures("loky")
def test_folds_of_data_that_joblib_hands_on_in_files_have_the_same_scores() -> None:
    """Of other memory maps of more than 64 megabytes objects are drawn in blocks, in another order."""
    X = np.random.default_rng(0).normal(size=(200_000, 200)).astype("float32")
    options: dict[str, Any] = {"cv": 2, "epochs": 1, "batch_size": 256, "learning_rate": 0.01}
    expected = mathdl.train((X, X[:, 0] > 0), **options).outcome.evaluation.scores
    with joblib.parallel_config("loky", n_jobs=2):
        assert mathdl.train((X, X[:, 0] > 0), **options).outcome.evaluation.scores == expected


def counted(function: Callable[..., Any], calls: list[Any]) -> Callable[..., Any]:
    def call(*arguments: Any, **options: Any) -> Any:
        calls.append(None)
        return function(*arguments, **options)

    return call


def test_two_processes_share_the_cores(backend: Backend) -> None:
    """Of more cores, joblib gives each of its own processes a share, and Dask one."""
    cores = available()
    with backend():
        threads = joblib.Parallel()(joblib.delayed(available)() for _ in range(4))
    assert threads in ([1] * 4, [max(1, cores // 2)] * 4)


class DieOnce(Callback):
    """Ends its process after the first epoch, if no other has."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def on_epoch(self, training: Training) -> None:
        try:
            self.mark.touch(exist_ok=False)
        except FileExistsError:
            return
        os.kill(os.getpid(), signal.SIGKILL)


def fits_of_which_one_dies(mark: Path) -> list[np.ndarray]:
    X, y = objects()
    tasks = (joblib.delayed(classifier(seed).fit)(X, y, callbacks=[DieOnce(mark)]) for seed in range(3))
    return [model.network_.parameters for model in joblib.Parallel()(tasks)]


def test_dask_fits_anew_what_a_process_that_died_was_fitting(cluster: Any, tmp_path: Path) -> None:
    X, y = objects()
    with joblib.parallel_config("dask", client=cluster):
        found = fits_of_which_one_dies(tmp_path / "mark")
    assert (tmp_path / "mark").exists()
    assert all(map(np.array_equal, found, [classifier(seed).fit(X, y).network_.parameters for seed in range(3)]))


@pytest.mark.usefixtures("loky")
def test_without_dask_a_process_that_dies_is_an_error_and_the_next_call_works(tmp_path: Path) -> None:
    with joblib.parallel_config("loky", n_jobs=2):
        with pytest.raises(TerminatedWorkerError):
            fits_of_which_one_dies(tmp_path / "mark")
        assert len(fits_of_which_one_dies(tmp_path / "mark")) == 3


@contextmanager
def ended_in_time(group: int) -> Iterator[None]:
    """End a group of processes that hang."""
    timer = threading.Timer(120, os.killpg, (group, signal.SIGKILL))
    timer.start()
    yield
    timer.cancel()


@pytest.mark.skipif(os.name == "nt", reason="Ctrl-C is sent to one process")
def test_ctrl_c_ends_a_comparison_and_its_processes(tmp_path: Path) -> None:
    """The end of its output is that of the last process."""
    command = [sys.executable, "-m", "mathdl", "compare", "digits", "--cv", "40", "--jobs", "2"]
    start: dict[str, Any] = {"cwd": tmp_path, "env": HERE, "stderr": subprocess.PIPE, "start_new_session": True}
    with subprocess.Popen(command, text=True, **start) as process, ended_in_time(process.pid):
        assert process.stderr is not None
        assert any(re.match("fold ([2-9]|..) of 40", line) for line in process.stderr)
        process.send_signal(signal.SIGINT)
        said = process.stderr.read()
    assert process.returncode == 130
    assert said.splitlines()[-1] == (
        "Interrupted while the folds of the cross-validation were trained on. Nothing is written."
    )
