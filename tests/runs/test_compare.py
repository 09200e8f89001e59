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
            assert {row["model"] for row in json.loads(out)["models"]} == {"network", "linear", "polynomial"}
        else:
            assert out.splitlines()[0].split() == ["model", "R2", "seconds", "parameters", "status"]
            assert len(out.splitlines()) == 4


@pytest.mark.parametrize(
    "options", [{"target": "z"}, {"target": "y", "certify": 3}, {"target": "y", "model": "linear"}]
)
def test_what_cannot_be_compared(options: dict[str, object]) -> None:
    with pytest.raises((InputError, TypeError)):
        mathdl.compare(NUMBERS, **options)
