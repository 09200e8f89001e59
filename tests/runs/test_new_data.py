"""A model is scored on new data as by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import average_precision_score, balanced_accuracy_score, f1_score, r2_score

import mathdl
from mathdl.cli.main import main
from mathdl.errors import InputError
from mathdl.runs.new_data import evaluate
from mathdl.runs.train import train

RANDOM = np.random.default_rng(0)


def flowers(rows: int) -> pd.DataFrame:
    x = RANDOM.normal(size=rows)
    kind = np.where(x + RANDOM.normal(size=rows) / 2 > 0, "rose", "lily")
    return pd.DataFrame(
        {"x": x, "colour": np.where(x > 1, "red", "blue"), "width": 3 * x + RANDOM.normal(size=rows), "kind": kind}
    )


@pytest.fixture
def files(tmp_path: Path) -> Path:
    flowers(200).to_csv(tmp_path / "old.csv", index=False)
    new = flowers(90)
    new.loc[:4, "kind"] = None
    new.loc[5, "colour"] = "green"
    new.to_csv(tmp_path / "new.csv", index=False)
    return tmp_path


def test_classes(files: Path) -> None:
    run = train(files / "old.csv", target="kind", model="logistic", regularization=0.01, out=files / "run")
    found = evaluate(files / "run" / "model.safetensors", files / "new.csv")
    new = pd.read_csv(files / "new.csv").dropna()
    said = run.model.predict(new)
    assert (found.objects, found.without_label) == (85, 5)
    assert found.scores["accuracy"].value == pytest.approx(np.mean(said == new["kind"]))
    assert found.scores["balanced_accuracy"].value == pytest.approx(balanced_accuracy_score(new["kind"], said))
    assert found.scores["accuracy"].low < found.scores["accuracy"].value < found.scores["accuracy"].high
    assert [row["class"] for row in found.evaluation.per_class] == ["lily", "rose"]
    assert found.notes == ("1 value of 'colour' not seen in training, taken as none",)
    assert json.loads(found.to_json())["scores"]["accuracy"]["value"] == found.scores["accuracy"].value
    with pytest.raises(InputError, match="'green'"):
        evaluate(files / "run" / "model.safetensors", files / "new.csv", strict=True)


def test_numbers(files: Path) -> None:
    run = train(files / "old.csv", target="width", model="linear", drop=["kind"], out=files / "run")
    new = flowers(60)
    new.to_csv(files / "more.csv", index=False)
    found = evaluate(files / "run" / "model.safetensors", files / "more.csv")
    assert found.scores["r2"].value == pytest.approx(r2_score(new["width"], run.model.predict(new)))
    assert found.evaluation.per_class == ()


def test_pictures(tmp_path: Path) -> None:
    for part in ("old", "new"):
        for name, level in (("dark", 40), ("light", 200)):
            (tmp_path / part / name).mkdir(parents=True)
            for k in range(12):
                pixels = (RANDOM.normal(level, 20, (6, 6))).clip(0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / part / name / f"{k}.png")
    train(tmp_path / "old", model="logistic", regularization=0.01, out=tmp_path / "run")
    found = evaluate(tmp_path / "run" / "model.safetensors", tmp_path / "new")
    assert (found.objects, found.scores["accuracy"].value) == (24, 1.0)
    with pytest.raises(InputError, match="is no folder"):
        evaluate(tmp_path / "run" / "model.safetensors", tmp_path / "new" / "dark" / "0.png")


def test_of_a_folder_with_parts_the_test_part_is_scored(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the model learned from says nothing about new data."""
    random = np.random.default_rng(4)
    for part, count in (("train", 12), ("valid", 4), ("test", 5)):
        for name, level in (("dark", 40), ("light", 200)):
            (tmp_path / "pics" / part / name).mkdir(parents=True)
            for k in range(count):
                pixels = random.normal(level, 20, (6, 6)).clip(0, 255).astype(np.uint8)
                Image.fromarray(pixels).save(tmp_path / "pics" / part / name / f"{k}.png")
    monkeypatch.chdir(tmp_path)
    train("pics", model="logistic", regularization=0.01, out="run")
    with pytest.raises(SystemExit) as end:
        main(["evaluate", "run/model.safetensors", "pics"])
    out, err = capsys.readouterr()
    assert not end.value.code
    assert err == "pics holds train, valid, test; only test is scored.\n"
    assert out.splitlines()[0].endswith("10 objects")
    alone = evaluate("run/model.safetensors", "pics/test")
    assert (alone.objects, alone.notes) == (10, ())
    (tmp_path / "pics" / "test").rename(tmp_path / "apart")
    with pytest.raises(InputError, match=r"^pics holds train, valid and no test part; name the folder that is to be"):
        evaluate("run/model.safetensors", "pics")
    assert evaluate("run/model.safetensors", "pics/valid").objects == 8


def test_what_cannot_be_compared(files: Path) -> None:
    train(files / "old.csv", target="kind", model="logistic", regularization=0.01, out=files / "run")
    model = files / "run" / "model.safetensors"
    flowers(20).drop(columns="kind").to_csv(files / "bare.csv", index=False)
    with pytest.raises(InputError, match="has no column 'kind' to compare with"):
        evaluate(model, files / "bare.csv")
    flowers(20).assign(kind="tulip").to_csv(files / "strange.csv", index=False)
    with pytest.raises(InputError, match="The label 'tulip' in row 1 was not seen in training"):
        evaluate(model, files / "strange.csv")
    train(files / "old.csv", model="kmeans", clusters=2, drop=["kind"], out=files / "clusters")
    with pytest.raises(InputError, match="finds clusters"):
        evaluate(files / "clusters" / "model.safetensors", files / "new.csv")


def test_the_command(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(files / "old.csv", target="kind", model="logistic", regularization=0.01, out=files / "run")
    with pytest.raises(SystemExit) as end:
        main(["evaluate", str(files / "run" / "model.safetensors"), str(files / "new.csv")])
    out, err = capsys.readouterr()
    assert not end.value.code
    assert out.splitlines()[0].endswith("85 objects, 5 without a label set aside")
    assert out.splitlines()[1].startswith("accuracy ")
    assert err == "1 value of 'colour' not seen in training, taken as none.\n"


def loans(rows: int, share: float) -> pd.DataFrame:
    income = RANDOM.normal(size=rows)
    order = income + RANDOM.normal(size=rows) / 2
    late = np.where(order > np.quantile(order, 1 - share), "late", "paid")
    return pd.DataFrame({"income": income, "age": RANDOM.normal(size=rows), "end": late})


def test_scores_speak_of_the_class_that_was_rare_in_training() -> None:
    run = mathdl.train(loans(400, 0.06), target="end", model="logistic", regularization=0.001)
    new = loans(200, 0.8)
    found = mathdl.evaluate(run.model, new)
    said, chance = run.model.predict(new), run.model.predict_proba(new)[:, run.model.classes.index("late")]
    assert found.scores["f1"].value == pytest.approx(f1_score(new["end"], said, pos_label="late"))
    precision = average_precision_score(new["end"] == "late", chance)
    assert found.scores["average_precision"].value == pytest.approx(precision)
    lines = dict(found.lines())
    assert lines["always 'paid'"] == "balanced accuracy 0.500"
    before = run.metrics["scores"]["balanced_accuracy"]["value"]
    assert lines["when trained"].startswith(f"balanced accuracy {before:.3f}, average precision ")
    assert found.baseline is not None
    assert found.baseline.scores["accuracy"].value == pytest.approx(0.2)


def test_the_mean_of_the_training_is_the_constant_answer() -> None:
    old, new = flowers(200), flowers(60)
    run = mathdl.train(old, target="width", model="linear", drop=["kind"], cv=0)
    found = mathdl.evaluate(run.model, new)
    assert found.baseline is not None
    learned = run.outcome.data.train.target.labels
    assert learned is not None
    error = np.sqrt(np.mean((new["width"] - learned.mean()) ** 2))
    assert found.baseline.scores["rmse"].value == pytest.approx(error)


def test_a_threshold_decides(files: Path) -> None:
    run = train(files / "old.csv", target="kind", model="logistic", regularization=0.01, threshold=0.999)
    found = evaluate(run.model, files / "new.csv")
    assert found.evaluation.confusion is not None
    assert found.evaluation.confusion.sum(axis=0).min() < 5


def test_what_is_written(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    train(files / "old.csv", target="kind", model="logistic", regularization=0.01, out=files / "run")
    kept = (files / "run" / "report.html").read_bytes()
    words = ["evaluate", str(files / "run" / "model.safetensors"), str(files / "new.csv"), "--out", str(files / "run")]
    with pytest.raises(SystemExit) as end:
        main(words)
    assert not end.value.code
    assert capsys.readouterr().out.splitlines()[-1].split() == ["report", str(files / "run" / "evaluation.html")]
    record = json.loads((files / "run" / "evaluation.json").read_text())
    assert record["class_names"] == ["lily", "rose"]
    assert sum(map(sum, record["confusion"])) == record["objects"] == 85
    assert set(record["baselines"]) == {"constant"}
    page = (files / "run" / "evaluation.html").read_text()
    for words_of_page in ("new.csv: kind", "5 without a label set aside", "Worst mistakes", "not seen in training"):
        assert words_of_page in page
    assert (files / "run" / "report.html").read_bytes() == kept


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"target": "colour"}, "The model learned from 'colour'"),
        ({"target": "weight"}, "has no column 'weight' to compare with"),
        ({"target": 3}, "The target is 3"),
        ({"strict": "yes"}, "strict"),
        ({"data": 7}, "The data are 7"),
    ],
)
def test_options_that_do_not_fit(options: dict[str, Any], reason: str) -> None:
    run = mathdl.train(flowers(60), target="kind", model="logistic", regularization=0.01)
    with pytest.raises(InputError, match=reason):
        mathdl.evaluate(run.model, **{"data": flowers(9), **options})
