"""Few rows are cross-validated: each is tested once, by a model that did not learn from it; what is kept learns all."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import KFold

from mathdl.data import read
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.runs.candidate import Candidate
from mathdl.runs.evaluation import answers_of_all
from mathdl.runs.options import model_named
from mathdl.runs.prepared_data import Splitting, prepare
from mathdl.runs.progress import RunProgress
from mathdl.runs.train import train
from mathdl.training.training import Training
from runs.tables import made_table

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 3))
COLUMNS = {name: X[:, k] for k, name in enumerate("abc")}
NUMBERS: dict[str, Any] = {**COLUMNS, "y": X @ [1.0, 2.0, 3.0] + RANDOM.normal(size=120)}
CLASSES: dict[str, Any] = {**COLUMNS, "y": np.where(X[:, 0] + 0.5 * RANDOM.normal(size=120) > 0, "yes", "no")}


def splitting(**options: Any) -> Splitting:
    return Splitting(**{"cv": None, "test_fraction": None, "seed": 0, "validates": False, **options})


def test_every_row_is_tested_once_and_never_by_what_learned_from_it() -> None:
    table = made_table(COLUMNS, CLASSES["y"], "y", "t")
    split = prepare(table, ["classification"], task=None, splitting=splitting(cv=4))
    assert sorted(np.concatenate([fold.test for fold in split.folds])) == list(range(120))
    assert len(split.train) == len(split.test) == 120
    for fold in split.folds:
        assert sorted([*fold.train, *fold.test]) == list(range(120))
        assert np.mean(CLASSES["y"][fold.test] == "yes") == pytest.approx(np.mean(CLASSES["y"] == "yes"), abs=0.04)
        assert fold.preprocessing is not None
        mean = fold.preprocessing.transform(table.columns, "float64")[fold.train].mean(axis=0)
        assert np.allclose(mean, 0)  # scaled by what trains, and by nothing else


def test_the_answers_are_those_of_scikit_learn_on_the_same_folds() -> None:
    run = train(NUMBERS, target="y", model="linear")
    said = np.empty(120)
    for kept, tested in KFold(5, shuffle=True, random_state=0).split(X):
        said[tested] = LinearRegression().fit(X[kept], NUMBERS["y"][kept]).predict(X[tested])
    answers = run.outcome.evaluation.answers
    assert answers is not None
    assert np.allclose(answers.predicted, said)
    assert run.metrics["cv"] == 5
    assert run.metrics["tested"] == "5-fold cross-validation"
    assert run.metrics["test_objects"] == run.metrics["train_objects"] == 120
    assert run.metrics["scores"]["r2"]["sd"] > 0
    whole = LinearRegression().fit(X, NUMBERS["y"])
    assert np.allclose(run.model.predict(COLUMNS), whole.predict(X))  # what is kept has seen all rows


@pytest.mark.parametrize(
    ("rows", "options", "folds"),
    [(120, {}, 5), (120, {"cv": 3}, 3), (120, {"cv": 0}, 0), (120, {"test_fraction": 0.3}, 0), (1_000, {}, 0)],
)
def test_when(rows: int, options: dict[str, Any], folds: int) -> None:
    table = made_table({"x": np.arange(float(rows))}, np.arange(float(rows)) ** 2, "y", "t")
    split = prepare(table, ["regression"], task=None, splitting=splitting(**options))
    assert len(split.folds) == folds
    assert len(split.test) == (rows if folds else round(rows * options.get("test_fraction", 0.2)))


def test_any_model_is_tried_on_the_same_folds() -> None:
    table = made_table(COLUMNS, CLASSES["y"], "y", "t")
    split = prepare(table, ["classification"], task=None, splitting=splitting(validates=True))
    found = {}
    for name, options in {"logistic": {"regularization": 0.01}, "soft-margin": {}, "network": {"epochs": 3}}.items():
        kind = model_named(name, options)["classification"]
        candidate = Candidate(kind, kind.checked_options(options), 0, None)
        found |= answers_of_all({name: candidate.fit}, candidate.folds(split), here=True)
    assert all((answers.rows == np.arange(120)).all() for answers in found.values())
    assert all((answers.fold == found["network"].fold).all() for answers in found.values())
    assert all(np.mean(answers.truth == answers.predicted) > 0.7 for answers in found.values())


def test_the_network_is_the_same_for_any_number_of_threads() -> None:
    runs = [train(CLASSES, target="y", epochs=4, threads=threads) for threads in (1, 2)]
    first, second = (run.outcome.evaluation.answers for run in runs)
    assert first is not None
    assert second is not None
    assert np.array_equal(first.sure, second.sure)


def test_a_class_of_one_row_is_said_and_not_tested() -> None:
    """199 to 1."""
    y = np.array(["common"] * 200, object)
    y[77] = "rare"
    run = train({"x": RANDOM.normal(size=200), "y": y}, target="y", model="logistic", regularization=0.1)
    assert any(
        message.startswith("Class 'rare' with one row only: learned, but not tested") for message in run.messages
    )
    assert [row["objects"] for row in run.metrics["per_class"]] == [199, 0]
    assert run.metrics["data"]["classes"] == {"common": 199, "rare": 1}
    assert run.metrics["compared"][0].startswith("no better than always 'common'")


def test_classes_with_fewer_rows_than_folds() -> None:
    y = np.array(["a"] * 40 + ["b"] * 3)
    run = train({"x": np.arange(43.0), "y": y}, target="y", model="logistic", regularization=0.1)
    assert any("'b' with fewer rows than the 5 folds" in message for message in run.messages)
    assert [row["objects"] for row in run.metrics["per_class"]] == [40, 3]


def test_the_largest_class_is_tested_in_every_fold_that_there_is() -> None:
    y = np.array(["a"] * 6 + ["b"] * 4)
    run = train({"x": np.arange(10.0), "y": y}, target="y", model="logistic", regularization=0.1, cv=9)
    assert "Class 'b' with fewer rows than the 6 folds: not tested in every fold." in run.messages


def test_four_rows() -> None:
    run = train({"x": [1.0, 2.0, 3.0, 4.0], "y": ["a", "a", "b", "b"]}, target="y", model="soft-margin")
    score = run.metrics["scores"]["accuracy"]
    assert run.metrics["cv"] == 2
    assert score["high"] - score["low"] > 0.5
    assert any("so there are 2 folds and not 5" in message for message in run.messages)


@pytest.mark.parametrize("cv", [1, -1, 2.5, "5", True])
def test_folds_that_are_none(cv: Any) -> None:
    with pytest.raises(InputError, match="cv"):
        train(CLASSES, target="y", model="logistic", cv=cv)


def test_what_does_not_go_together() -> None:
    with pytest.raises(InputError, match="cv and test_fraction exclude each other"):
        train(CLASSES, target="y", cv=5, test_fraction=0.2)
    with pytest.raises(InputError, match="cannot be cross-validated"):
        train(CLASSES, target="y", model="kmeans", clusters=2, cv=5)
    assert not train(CLASSES, target="y", model="kmeans", clusters=2).outcome.data.split.folds
    small = read("digits")
    source = type(small)(small.images[:50], small.labels[:50], "i", test=small)
    with pytest.raises(InputError, match="brings its own test part"):
        prepare(source, ["classification"], task=None, splitting=splitting(cv=5))


class Folds(RunProgress):
    """Writes down what a run says, and may press Ctrl-C in a fold."""

    def __init__(self, stop_in: int = 0) -> None:
        self.said: list[Any] = []
        self.fold, self.stop_in = 0, stop_in

    def show_data(self, lines: Any) -> None:
        self.said.append(lines)

    def show_fold(self, fold: int, folds: int) -> None:
        self.fold = fold
        self.said.append((fold, folds))

    def on_epoch(self, training: Training) -> None:
        if self.fold == self.stop_in > 0:
            signal.raise_signal(signal.SIGINT)


def test_progress_says_which_fold() -> None:
    progress = Folds()
    train(CLASSES, target="y", epochs=2, callbacks=[progress])
    assert progress.said[1:] == [(k, 5) for k in range(1, 6)]
    (name, text), columns = progress.said[0]
    assert (name, columns) == ("the mapping", ("columns", "3 numbers"))
    assert text.startswith("120 rows, 4 columns; target 'y': 2 classes, ")


def test_a_run_that_was_interrupted_in_a_fold_is_resumed_to_the_same_model(tmp_path: Path) -> None:
    options: dict[str, Any] = {"target": "y", "epochs": 4}
    with pytest.raises(TrainingInterrupted, match="--resume"):
        train(CLASSES, out=tmp_path, callbacks=[Folds(stop_in=3)], command="mathdl train", **options)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]
    resumed = train(CLASSES, out=tmp_path, resume=True, **options)
    whole = train(CLASSES, **options)
    assert resumed.metrics["scores"] == whole.metrics["scores"]
    assert np.array_equal(resumed.model.predict_proba(COLUMNS), whole.model.predict_proba(COLUMNS))


def test_the_certificate_speaks_of_the_model_that_is_kept() -> None:
    run = train(CLASSES, target="y", model="soft-margin", certify=True)
    assert run.certificate is not None
    assert len(run.model.model.training_data[0]) == 120
