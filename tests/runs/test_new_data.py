"""A model is scored on new data as by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import balanced_accuracy_score, r2_score

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
    assert [row["class"] for row in found.per_class] == ["lily", "rose"]
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
    assert found.per_class == []


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
