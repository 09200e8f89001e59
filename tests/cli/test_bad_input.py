"""Bad input of compare and evaluate ends in one sentence and exit code 2, and nothing is written."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mathdl.cli.main import main
from mathdl.runs.train import train

X = np.random.default_rng(0).normal(size=(40, 2))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tables, what is no table, and a model."""
    place = tmp_path_factory.mktemp("bad")
    table = pd.DataFrame({"a": X[:, 0], "b": X[:, 1], "y": np.where(X[:, 0] > 0, "yes", "no"), "z": 2 * X[:, 0]})
    table.to_csv(place / "good.csv", index=False)
    table.assign(y=None, z=1.5).to_csv(place / "flat.csv", index=False)
    table.assign(y=[f"r{k}" for k in range(40)], a=1, b=2).drop(columns="z").to_csv(place / "useless.csv", index=False)
    table[:0].to_csv(place / "header.csv", index=False)
    table.drop(columns="b").to_csv(place / "part.csv", index=False)
    (place / "empty.csv").touch()
    (place / "page.csv").write_text("<!doctype html><html></html>")
    (place / "picture.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(100))
    (place / "file").write_text("a file")
    train(table, target="y", drop=["z"], model="soft-margin", out=place / "run")
    train(table, target="z", drop=["y"], model="linear", out=place / "line")
    return place


COMPARE = {
    "absent.csv --target y": "There is no file or folder 'absent.csv'",
    "good.csv": "No target was named for good.csv; name the column to learn",
    "good.csv --target nope": "good.csv has no column 'nope'; its columns are: a, b, y, z.",
    "good.csv --target y --target z": "2 targets are named, 'y', 'z'; name one column.",
    "flat.csv --target y": "The target 'y' is missing in every row",
    "flat.csv --target z": "The target 'z' is 1.5 in every row",
    "useless.csv --target y": "The target 'y' is different in all 40 rows",
    "useless.csv --target b --drop y": "The target 'b' is 2 in every row",
    "good.csv --target y --drop a,b,z": "good.csv has no column besides the target 'y'",
    "good.csv --target y --drop nope": "--drop names 'nope', which is no column of good.csv",
    "header.csv --target y": "header.csv has a header and no rows",
    "empty.csv --target y": "empty.csv is empty",
    "page.csv --target y": "page.csv is a web page and no table",
    "picture.png --target y": "picture.png ends in '.png'",
    "digits --target y": "digits brings its own labels and has no column 'y'; leave the target out.",
    "good.csv --target y --cv 1": "cv is 1; give 2 or more folds",
    "good.csv --target y --cv few": "'few' is no whole number.",
    "good.csv --target y --seed -1": "seed is -1; give a whole number of at least 0.",
    "good.csv --target y --out there": "No such option: --out",
}
EVALUATE = {
    "absent.safetensors good.csv": "There is no file absent.safetensors",
    "good.csv good.csv": "good.csv is damaged or no safetensors file",
    "run/model.safetensors absent.csv": "There is no file or folder 'absent.csv'",
    "run/model.safetensors .": ". is a folder; give a .csv",
    "run/model.safetensors part.csv": "Column 'b' is missing",
    "run/model.safetensors good.csv --target nope": "good.csv has no column 'nope' to compare with",
    "run/model.safetensors good.csv --target ": "good.csv has no column '' to compare with",
    "run/model.safetensors good.csv --target a": "The model learned from 'a', so this is no target of it",
    "run/model.safetensors good.csv --target y --target z": "2 targets are named, 'y', 'z'; name one column.",
    "run/model.safetensors flat.csv": "The target 'y' is missing in every row",
    "run/model.safetensors useless.csv": "The label 'r0' in row 1 was not seen in training",
    "line/model.safetensors good.csv --target y": "Column 'y' holds",
    "run/model.safetensors header.csv": "header.csv has a header and no rows",
    "run/model.safetensors empty.csv": "empty.csv is empty",
    "run/model.safetensors page.csv": "page.csv is a web page and no table",
    "run/model.safetensors picture.png": "picture.png ends in '.png'",
    "run/model.safetensors good.csv --out file": "file is a file, but the output goes into a folder",
    "run/model.safetensors flat.csv --out there": "The target 'y' is missing in every row",
    "run/model.safetensors good.csv --level 2": "No such option: --level",
}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (f"{command} {words}", said)
        for command, table in (("compare", COMPARE), ("evaluate", EVALUATE))
        for words, said in table.items()
    ],
)
def test_bad_input(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: str, sentence: str
) -> None:
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    with pytest.raises(SystemExit) as end:
        main(words.split(" "))
    out, err = capsys.readouterr()
    assert (end.value.code, out) == (2, "")
    assert sentence in err
    assert "Usage" in err or (err.startswith("error: ") and err.count("\n") == 1)
    assert sorted(folder.rglob("*")) == before


def test_scores_of_a_target_that_is_always_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """New data may be alike: only training needs what differs."""
    monkeypatch.chdir(folder)
    with pytest.raises(SystemExit) as end:
        main(["evaluate", "line/model.safetensors", "flat.csv"])
    out, _ = capsys.readouterr()
    assert not end.value.code
    assert "RMSE" in out
