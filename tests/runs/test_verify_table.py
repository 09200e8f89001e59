"""A certificate is checked against the user's own file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import load, save
from mathdl.cli.main import main
from mathdl.errors import FileError, InputError
from mathdl.runs.train import train
from mathdl.runs.verify_table import verify_table

RANDOM = np.random.default_rng(0)
ROWS = 120


def table() -> pd.DataFrame:
    height, width = RANDOM.normal(size=ROWS).round(3), RANDOM.normal(size=ROWS).round(2)
    found = pd.DataFrame({"id": [f"k{i}" for i in range(ROWS)], "height": height, "width": width})
    found["colour"] = np.where(RANDOM.random(ROWS) > 0.5, "red", "blue")
    found.loc[3, "height"] = None
    found["kind"] = np.where(found["width"] > 0, "up", "down")
    found["code"] = (found["width"] > 0).astype(int)
    found["price"] = 3 * found["width"] + RANDOM.normal(size=ROWS).round(3)
    return found


TABLE = table()
CLASSES: dict[str, Any] = {"target": "kind", "drop": ["code", "price"]}
NUMBERS: dict[str, Any] = {"target": "price", "drop": ["code", "kind"]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    TABLE.to_csv(tmp_path / "two.csv", index=False)
    return tmp_path


def certified(folder: Path, **options: Any) -> Path:
    run = train(folder / "two.csv", out=folder / "run", certify=True, **options)
    assert run.certificate is not None, run.messages
    return folder / "run" / "certificate.json"


@pytest.mark.parametrize(
    ("options", "rows"),
    [
        ({"model": "linear", **NUMBERS}, 120),
        ({"model": "linear", **NUMBERS, "cv": 0, "seed": 4}, 96),
        ({"model": "polynomial", "target": "price", "columns": ["width"], "test_fraction": 0.3}, 84),
        ({"model": "logistic", "regularization": 0.01, **CLASSES}, 120),
        ({"model": "logistic", "regularization": 0.01, **CLASSES, "threshold": "precision=0.9"}, 108),
        ({"model": "soft-margin", "target": "code", "drop": ["kind", "price"]}, 120),
        ({"model": "soft-margin", "target": "code", "drop": ["kind", "price"], "task": "classification"}, 120),
        ({"model": "hard-margin", **CLASSES, "missing": "drop"}, 119),
        ({"model": "kmeans", "columns": ["width"], "clusters": 2}, 96),
    ],
)
def test_every_model_and_split(folder: Path, options: dict[str, Any], rows: int) -> None:
    certificate = certified(folder, **options)
    found = verify_table(certificate, folder / "two.csv")
    assert found.verdict.valid, found.verdict.reason
    assert found.rows == f"The data are {rows} of the 120 rows of two.csv, encoded as in model.safetensors."
    TABLE.iloc[:-1].to_csv(folder / "short.csv", index=False)
    other = verify_table(certificate, folder / "short.csv").verdict
    assert (other.valid, other.same_data) == (False, False)


def test_rows_that_the_model_labelled_itself(folder: Path) -> None:
    TABLE.assign(kind=TABLE["kind"].where(TABLE.index > 9)).to_csv(folder / "two.csv", index=False)
    certificate = certified(folder, model="logistic", regularization=0.01, semisupervised=True, **CLASSES)
    assert verify_table(certificate, folder / "two.csv").verdict.valid


def test_another_way_to_read(folder: Path) -> None:
    TABLE.astype({"height": str}).replace({"height": {"nan": "none of it"}}).to_csv(folder / "two.csv", index=False)
    certificate = certified(folder, model="linear", na=["none of it"], kinds={"height": "number"}, **NUMBERS)
    assert verify_table(certificate, folder / "two.csv").verdict.valid


def changed(name: str) -> pd.DataFrame:
    if name == "value":
        return TABLE.assign(width=TABLE["width"].where(TABLE.index != 50, 7.5))
    if name == "order":
        return TABLE.iloc[::-1]
    if name == "label":
        return TABLE.assign(
            kind=TABLE["kind"].where(TABLE.index != 50, "up" if TABLE["kind"][50] == "down" else "down")
        )
    return TABLE.iloc[:100] if name == "rows" else TABLE.drop(columns=name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("value", "a value, or the order of rows, differs."),
        ("order", "a value, or the order of rows, differs."),
        ("label", "a value, or the order of rows, differs."),
        ("rows", "100 of its rows would train, and 120 did."),
        ("width", "Column 'width' is missing"),
        ("kind", "'kind'"),
    ],
)
def test_other_data(folder: Path, name: str, reason: str, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = certified(folder, model="logistic", regularization=0.01, target="kind", drop=["price"])
    changed(name).to_csv(folder / "other.csv", index=False)
    with pytest.raises(SystemExit) as end:
        main(["verify", str(certificate), "--table", str(folder / "other.csv")])
    out = capsys.readouterr().out
    assert end.value.code == 3
    assert out.startswith("NOT valid: other.csv holds other data than the certificate speaks about: ")
    assert reason in out
    assert len(out.splitlines()) == 1


def test_the_command_tells_valid_from_not_valid(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = certified(folder, model="logistic", regularization=0.01, **CLASSES)
    with pytest.raises(SystemExit) as end:
        main(["verify", str(certificate), "--table", str(folder / "two.csv")])
    out = capsys.readouterr().out.splitlines()
    assert not end.value.code
    assert out[0].startswith("valid: lambda |w|^2")
    assert out[1].startswith("The data are 120 of the 120 rows of two.csv")
    record = json.loads(certificate.read_text())
    record["statement"] = record["statement"].replace("120 objects", "121 objects")
    certificate.write_text(json.dumps(record))
    with pytest.raises(SystemExit) as end:
        main(["verify", str(certificate), "--table", str(folder / "two.csv"), "--json"])
    assert end.value.code == 1
    assert json.loads(capsys.readouterr().out)["same_data"] is True


def test_what_cannot_be_verified(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    certificate = certified(folder, model="logistic", regularization=0.01, **CLASSES)
    with pytest.raises(FileError, match="nowhere"):
        verify_table(certificate, folder / "nowhere.csv")
    with pytest.raises(SystemExit) as end:
        main(["verify", str(certificate), "--table", "a.csv", "--data", "b.npz"])
    assert end.value.code == 2
    assert capsys.readouterr().err == "error: --data and --table exclude each other; give one of them.\n"
    path = certificate.with_name("model.safetensors")
    model = load(path)
    kept = model.training["preparation"]
    model.training["preparation"] = {"task": None}
    save(model, path)
    with pytest.raises(FileError, match="is damaged"):
        verify_table(certificate, folder / "two.csv")
    assert model.training.pop("preparation") != kept
    save(model, path)
    with pytest.raises(InputError, match="does not say how its table was split"):
        verify_table(certificate, folder / "two.csv")
    path.unlink()
    with pytest.raises(FileError, match=r"There is no model.safetensors beside"):
        verify_table(certificate, folder / "two.csv")
    train("digits", model="linear", task="regression", out=folder / "run")
    with pytest.raises(InputError, match="was not trained on a table"):
        verify_table(certificate, folder / "two.csv")
