"""All models that suit the data are tried on the same folds."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mathdl
from mathdl.cli.main import main
from mathdl.errors import InputError
from mathdl.runs.compare import Compared, rank
from mathdl.runs.scores import Score
from mathdl.runs.train import train

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(120, 2))
NUMBERS = {"a": X[:, 0], "b": X[:, 1], "y": 3 * X[:, 0] - X[:, 1] + RANDOM.normal(size=120) / 10}
CLASSES = {"a": X[:, 0], "b": X[:, 1], "y": np.where(X[:, 0] + RANDOM.normal(size=120) > 0, "up", "down")}


def test_numbers_are_ordered_by_their_error() -> None:
    found = mathdl.compare(NUMBERS, target="y", certify=True)
    assert {row.model for row in found.rows} == {"network", "linear", "polynomial"}
    values = [row.scores[found.score].value for row in found.rows]
    assert (found.score, found.tested) == ("r2", "5-fold cross-validation")
    assert values == sorted(values, reverse=True)
    assert {row.model: row.proved for row in found.rows} == {"network": False, "linear": True, "polynomial": True}
    alone = train(NUMBERS, target="y", model="linear")
    same = next(row for row in found.rows if row.model == "linear")
    assert same.scores["r2"] == alone.outcome.evaluation.scores["r2"]


def test_classes_that_no_hyperplane_separates() -> None:
    found = mathdl.compare(CLASSES, target="y")
    assert {row.model for row in found.rows} == {"network", "logistic", "soft-margin"}
    assert list(found.failed) == ["hard-margin"]
    assert "No hyperplane separates" in found.failed["hard-margin"]
    three = {**CLASSES, "y": np.array(["u", "v", "w"])[np.digitize(X[:, 0], [-0.5, 0.5])]}
    assert {row.model for row in mathdl.compare(three, target="y").rows} == {"network", "logistic"}


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pd.DataFrame(NUMBERS).to_csv(tmp_path / "t.csv", index=False)
    for words in ([], ["--json"]):
        with pytest.raises(SystemExit) as end:
            main(["compare", str(tmp_path / "t.csv"), "--target", "y", *words])
        assert not end.value.code
        out = capsys.readouterr().out
        if words:
            *models, last = json.loads(out)["models"]
            assert {row["model"] for row in models} == {"network", "linear", "polynomial"}
            assert [row["baseline"] for row in models] == [False] * 3
            assert (last["model"], last["baseline"]) == ("always the mean", True)
        else:
            assert out.splitlines()[0].split() == ["model", "R2", "seconds", "parameters", "status"]
            assert len(out.splitlines()) == 5
            assert out.splitlines()[-1].startswith("always the mean")
            assert out.splitlines()[-1].endswith("baseline")


def test_the_constant_answer_is_last_even_where_models_are_worse() -> None:
    """It is no model among others: its row is the last one, with the scores that a run tells of it."""
    noise = {**NUMBERS, "y": np.random.default_rng(1).normal(size=120)}
    found = mathdl.compare(noise, target="y", certify=True)
    alone = train(noise, target="y")
    assert found.table()[-1][0] == "always the mean"
    assert found.table()[-1][-2:] == ("baseline", "")
    assert found.baseline.scores == next(b for b in alone.outcome.trial.baselines if b.name == "constant").scores
    assert found.baseline.scores["r2"].value > min(row.scores["r2"].value for row in found.rows)


def test_a_model_without_a_finite_score_is_the_last_model() -> None:
    """A network that diverged does not stand above models that learned."""
    nan, half = Score(np.nan, np.nan, np.nan), Score(0.5, 0.4, 0.6)
    rows = [Compared(name, {"r2": s}, 0.0, 1, "", False) for name, s in (("a", nan), ("b", half))]
    assert [row.model for row in sorted(rows, key=lambda row: rank("r2", row))] == ["b", "a"]


@pytest.mark.parametrize(
    "options", [{"target": "z"}, {"target": "y", "certify": 3}, {"target": "y", "model": "linear"}]
)
def test_what_cannot_be_compared(options: dict[str, object]) -> None:
    with pytest.raises((InputError, TypeError)):
        mathdl.compare(NUMBERS, **options)
