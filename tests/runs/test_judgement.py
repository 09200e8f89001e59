"""What a run says of how good its model is: with an interval, beside what is simpler, by the scores that matter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import mathdl
from mathdl.cli.main import main
from mathdl.data import Table
from mathdl.data.column import Column, Kind
from mathdl.errors import InputError
from mathdl.runs.candidate import Candidate
from mathdl.runs.data_check import about_outliers
from mathdl.runs.options import model_named
from mathdl.runs.prepared_data import Splitting, prepare
from mathdl.runs.run import Run
from mathdl.runs.train import train
from runs.tables import made_table


def rare_events(rows: int = 3_000) -> dict[str, Any]:
    """3 % of positives, which a linear model does not find."""
    generator = np.random.default_rng(0)
    X = generator.normal(size=(rows, 10))
    score = X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * generator.normal(size=rows)
    table: dict[str, Any] = {f"x{k}": X[:, k] for k in range(10)}
    return table | {"y": np.where(score > np.quantile(score, 0.97), "yes", "no")}


def said(run: Run) -> str:
    return "\n".join(f"{name} {text}" for name, text in run.summary())


@pytest.fixture(scope="module")
def rare() -> Run:
    return train(rare_events(), target="y")


def test_rare_events_are_judged_by_balanced_accuracy_and_average_precision(rare: Run) -> None:
    first, *others = rare.summary()
    assert first[0] == "balanced accuracy"
    assert "   average precision 0." in first[1]
    assert first[1].endswith("   always 'no': accuracy 0.970, balanced accuracy 0.500")
    scores = rare.metrics["scores"]
    assert scores["average_precision"]["value"] > 0.35
    assert scores["average_precision"]["low"] > 0.03
    assert others[0][0] == "network"
    assert others[0][1].startswith("better than logistic regression (average precision 0.")
    assert others[0][1].endswith("on the same split")


def test_noise_is_no_better_than_the_constant_answer() -> None:
    generator = np.random.default_rng(0)
    table: dict[str, Any] = {f"x{k}": generator.normal(size=500) for k in range(6)}
    run = train(table | {"fraud": np.array(["no"] * 490 + ["yes"] * 10)}, target="fraud", epochs=5)
    balanced = run.metrics["scores"]["balanced_accuracy"]
    assert balanced["low"] <= 0.5 <= balanced["high"]
    assert abs(balanced["value"] - 0.5) < 0.15
    assert "no better than always 'no'" in said(run)
    assert run.metrics["compared"][0].startswith("no better than always 'no'")
    constant = run.metrics["baselines"]["constant"]["scores"]
    assert (run.metrics["tested"], constant["roc_auc"]["value"]) == ("5-fold cross-validation", 0.5)
    assert constant["average_precision"]["value"] == pytest.approx(0.02)


def test_churn_at_the_base_rate() -> None:
    generator = np.random.default_rng(0)
    age, plan = generator.integers(18, 80, 2_000), generator.choice(["basic", "plus"], 2_000)
    chance = 0.03 + 0.3 * ((age < 30) & (plan == "basic"))
    table = {"age": age, "plan": plan, "churn": np.where(generator.random(2_000) < chance, "yes", "no")}
    run = train(table, target="churn", model="logistic", regularization=0.001)
    assert run.summary()[0][0] == "balanced accuracy"
    assert "always 'no': accuracy 0.9" in said(run)
    assert run.metrics["scores"]["roc_auc"]["low"] > 0.5


def test_even_classes_are_judged_by_accuracy() -> None:
    run = train("digits", epochs=1)
    assert run.summary()[0][0] == "accuracy"
    assert set(run.metrics["baselines"]) == {"constant", "logistic regression"}
    assert run.metrics["baselines"]["logistic regression"]["scores"]["accuracy"]["value"] > 0.9


def test_the_numbers_of_the_metrics_file(rare: Run, tmp_path: Path) -> None:
    rare.save(tmp_path)
    found = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert found["class_names"] == ["no", "yes"]
    assert np.sum(found["confusion"]) == found["test_objects"] == 600
    assert [row["class"] for row in found["per_class"]] == ["no", "yes"]
    assert found["per_class"][1]["objects"] == 18
    assert [row["name"] for row in found["data"].pop("column_summaries")] == [f"x{k}" for k in range(10)]
    assert found["data"] == {"objects": 3000, "columns": 11, "classes": {"no": 2910, "yes": 90}, "without_target": 0}
    assert len(found["history"]["loss"]) == found["epochs"]
    assert found["interval_level"] == 0.95
    assert found["tested"] == "test part"
    assert found["baselines"]["constant"]["answer"] == "no"
    assert found["test_accuracy"] == found["scores"]["accuracy"]["value"]
    assert {"f1", "roc_auc", "log_loss", "calibration_error"} <= set(found["scores"])
    assert sum(bin["objects"] for bin in found["calibration"]) == 600
    assert found["confusion"][1][1] / 18 == found["per_class"][1]["recall"]


def test_outliers_in_a_target_of_numbers() -> None:
    generator = np.random.default_rng(0)
    x = generator.normal(size=2_000)
    price = 800 + 100 * x + 50 * generator.normal(size=2_000)
    price[:10] *= 1_000
    run = train({"x": x, "price": price}, target="price", model="linear")
    (message,) = (m for m in run.messages if "far from the others" in m)
    assert message.startswith("10 of 2,000 values of price lie far from the others (up to 893,")
    assert "--loss huber" in message
    assert "MAE" in said(run)
    assert "median error" in said(run)
    assert {"test_mae", "test_median_error", "test_r2", "test_rmse"} <= set(run.metrics)
    assert about_outliers(price[10:], "price") == ""
    assert about_outliers(np.exp(generator.normal(size=2_000)), "income") == ""
    assert about_outliers(np.r_[np.zeros(90), np.ones(10)], "mostly zero") == ""


@pytest.mark.parametrize(
    ("y", "message"),
    [
        (np.full(40, 2.5), "'y' is 2.5 in every row, so there is nothing to learn; choose another target."),
        (np.array(["a"] * 40), "'y' is 'a' in every row, so there is nothing to learn"),
        (np.array([f"n{k}" for k in range(40)]), "'y' is different in all 40 rows, so no class can be learned"),
    ],
)
def test_targets_that_teach_nothing(tmp_path: Path, y: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        train({"x": np.arange(40.0), "y": y}, target="y", out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("threshold", [0.2, "cost=20", "precision=0.6"])
@pytest.mark.parametrize("cv", [0, 3])
def test_a_threshold_is_kept_and_decides(tmp_path: Path, threshold: Any, cv: int) -> None:
    table = rare_events(2_000)
    options: dict[str, Any] = {"target": "y", "model": "logistic", "regularization": 0.001, "cv": cv}
    run = train(table, threshold=threshold, out=tmp_path, **options)
    (message,) = (m for m in run.messages if m.startswith("Threshold: 'yes' from a probability of "))
    assert ("answers of the cross-validation" if cv else "validation part") in message or threshold == 0.2
    model = mathdl.load(tmp_path / "model.safetensors")
    assert model.threshold == run.model.threshold
    assert run.metrics["threshold"] == {"class": "yes", "probability": model.threshold.value}
    yes = model.predict_proba(table)[:, 1] >= model.threshold.value
    assert (model.predict(table) == np.where(yes, "yes", "no")).all()
    if threshold == 0.2:
        assert model.threshold.value == 0.2
        plain = train(table, **options)
        assert plain.metrics["confusion"] != run.metrics["confusion"]
        assert plain.metrics["scores"]["roc_auc"] == run.metrics["scores"]["roc_auc"]


def test_thresholds_that_cannot_be(tmp_path: Path) -> None:
    x = np.arange(60.0)
    three = {"x": x, "y": np.array(["a", "b", "c"])[np.arange(60) % 3]}
    two = {"x": x, "y": np.array(["a", "b"])[np.arange(60) % 2]}
    with pytest.raises(InputError, match="decides between two classes, but the target has 3 classes"):
        train(three, target="y", threshold=0.3)
    with pytest.raises(InputError, match="decides between two classes, but the target has no classes"):
        train({"x": x, "y": x**2}, target="y", threshold=0.3)
    with pytest.raises(InputError, match="gives no probabilities"):
        train(two, target="y", model="soft-margin", threshold=0.3)
    with pytest.raises(InputError, match="give a number between 0 and 1"):
        train(two, target="y", threshold=1.5, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


def unlabelled(rows: int = 300) -> Table:
    """Two well separated groups, of which every third row has a class."""
    generator = np.random.default_rng(0)
    group = np.arange(rows) % 2
    x = generator.normal(size=rows) + 6 * group
    labels = np.array(["low", "high"], object)[group]
    labels[np.arange(rows) % 3 > 0] = None
    target: Any = Column("y", Kind.CATEGORY, labels)
    return made_table({"x": x}, target, "y", "t")


def test_rows_without_a_target_are_set_aside() -> None:
    split = prepare(unlabelled(), ["classification"], task=None, splitting=Splitting(None, None, 0, validates=False))
    assert len(split.unlabelled) == 200
    assert sorted(split.train) == list(range(0, 300, 3))
    assert split.target.labels is not None
    assert (split.target.labels[split.train] == np.array(["low", "high"])[split.train % 2]).all()
    everywhere: Any = Column("y", Kind.CATEGORY, np.full(5, None, object))
    empty = made_table({"x": np.arange(5.0)}, everywhere, "y", "t")
    with pytest.raises(InputError, match="'y' is missing in every row"):
        prepare(empty, ["classification"], task=None, splitting=Splitting(None, None, 0, validates=False))


@pytest.mark.parametrize("model", ["logistic", "network"])
def test_rows_without_a_target_can_be_labelled(model: str) -> None:
    options: dict[str, Any] = {"logistic": {"regularization": 0.01}, "network": {"epochs": 10}}
    kind = model_named(model, options[model])["classification"]
    candidate = Candidate(kind, kind.checked_options(options[model]), 0, None, semisupervised=True)
    split = prepare(unlabelled(), ["classification"], task=None, splitting=Splitting(None, None, 0, validates=False))
    data = candidate.encode(split)
    assert len(data.train) >= 280
    assert data.train.target.labels is not None
    assert np.mean(data.train.target.labels == np.array(["low", "high"])[data.train.rows % 2]) > 0.99
    assert set(data.test.rows) == set(range(0, 300, 3))  # labels of the model's own are never tested


def test_semisupervised_needs_classes_and_rows_without_one() -> None:
    x = np.arange(60.0)
    with pytest.raises(InputError, match="Only classes can be given"):
        train({"x": x, "y": x**2}, target="y", semisupervised=True)
    run = train({"x": x, "y": x > 20}, target="y", model="logistic", regularization=0.1, semisupervised=True)
    assert "Every row has a target, so there was nothing to label." in run.messages


def test_what_is_printed(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    pd.DataFrame(rare_events(400)).to_csv("t.csv", index=False)
    words = ["train", "t.csv", "--target", "y", "--epochs", "2"]
    with pytest.raises(SystemExit) as end:
        main(words)
    out, err = capsys.readouterr()
    assert not end.value.code
    lines = out.splitlines()
    assert lines[:2] == [
        "t.csv    400 rows, 11 columns; target 'y': 2 classes, 3 % 'yes'",
        "columns  10 numbers",
    ]
    assert lines[2].startswith("balanced accuracy  0.")
    assert " sd 0." in lines[2]
    assert "over 5 folds   average precision 0." in lines[2]
    assert "fold 1 of 5" in err.splitlines()
    with pytest.raises(SystemExit):
        main([*words, "--json"])
    assert json.loads(capsys.readouterr().out)["cv"] == 5
    for bad in (["--threshold", "1.5"], ["--cv", "1"], ["--cv", "5", "--test-fraction", "0.2"]):
        with pytest.raises(SystemExit) as end:
            main([*words, "--out", "bad", *bad])
        assert end.value.code == 2
        assert not Path("bad").exists()
        assert len(capsys.readouterr().err.splitlines()) == 1
