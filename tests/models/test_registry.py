"""Estimators are found where they are; a new one is one new file."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import mathdl.models
from mathdl import load, save
from mathdl.errors import FileError, InputError
from mathdl.models.declaration import RunFacts
from mathdl.models.registry import estimators, models
from mathdl.models.trained_model import TrainedModel

SOURCE = '''
"""The mean of the targets whose rows are near."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import validate_data

from mathdl.models.declaration import DeclaredEstimator, Declaration, Option
from mathdl.status import Status


class BinnedMean(DeclaredEstimator, RegressorMixin, BaseEstimator):
    """Predict the mean of a bin of the first feature."""

    declaration: ClassVar[Declaration] = Declaration(
        command="binned-mean",
        task="regression",
        minimises="mean square error",
        learned={"edges_": "e", "means_": "b", "counts_": "whole b", "status_": "status"},
        options={"bins": Option("bins", int, "the number of bins", "4")},
        certifies=False,
    )

    def __init__(self, bins: int = 4) -> None:
        self.bins = bins

    def fit(self, X: Any, y: Any) -> "BinnedMean":
        X, y = validate_data(self, X, y, dtype=np.float64, y_numeric=True)
        self.edges_ = np.quantile(X[:, 0], np.arange(1, self.bins) / self.bins)
        places = np.digitize(X[:, 0], self.edges_)
        self.counts_ = np.bincount(places, minlength=self.bins)
        self.means_ = np.bincount(places, y, minlength=self.bins) / self.counts_
        self.status_ = Status.CONVERGED
        return self

    def predict(self, X: Any) -> Any:
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return self.means_[np.digitize(X[:, 0], self.edges_)]

    @property
    def parameter_count(self) -> int:
        return self.means_.size
'''
X = np.random.default_rng(0).normal(size=(40, 2))
Y = X[:, 0] ** 2


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The class of a module in another folder of the room."""
    (tmp_path / "room").mkdir()
    (tmp_path / "room" / "binned_mean.py").write_text(SOURCE)
    monkeypatch.setattr(mathdl.models, "__path__", [*mathdl.models.__path__, str(tmp_path / "room")])
    yield estimators()["BinnedMean"]
    del sys.modules["mathdl.models.binned_mean"]
    monkeypatch.undo()
    assert "BinnedMean" not in estimators()


def test_a_new_estimator_is_one_file(made: Any, tmp_path: Path) -> None:
    assert models()["binned-mean"] == {"regression": made}
    facts = RunFacts("regression", (2,), 1, 40, images=False, classes=None, seed=0, threads=None)
    model = made.for_run(facts, made.checked_options({"bins": 5, "other": None})).fit(X, Y)
    assert model.bins == 5
    path = tmp_path / "m.safetensors"
    for whole, part in (
        (model, lambda found: found),
        (TrainedModel(model, training={"seed": 0}), lambda found: found.model),
        (make_pipeline(StandardScaler(), made()).fit(X, Y), lambda found: found[-1]),
    ):
        save(whole, path)
        found = load(path)
        assert type(found) is type(whole)
        assert type(part(found)) is made
        assert found.predict(X).tobytes() == whole.predict(X).tobytes()
        assert part(found).counts_.tolist() == part(whole).counts_.tolist()
    assert repr(TrainedModel(model)) == "TrainedModel of a BinnedMean, which reads arrays of shape (N, 2)"


def test_a_file_of_an_estimator_that_is_gone_is_refused(made: Any, tmp_path: Path) -> None:
    path = tmp_path / "m.safetensors"
    save(made().fit(X, Y), path)
    mathdl.models.__path__.pop()
    with pytest.raises(FileError, match="holds a 'BinnedMean', but one of Network, TrainedModel, Pipeline, ClusterO"):
        load(path)
    with pytest.raises(InputError, match="A BinnedMean cannot be saved; give one of HardMarginSVM, "):
        save(made().fit(X, Y), path)
