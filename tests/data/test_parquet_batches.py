"""Rows of Parquet files as batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import memory_map, parquet_batches
from mathdl.data import parquet_batches as module
from mathdl.errors import FileError, InputError

FRAME = pd.DataFrame(
    {
        "a": np.arange(100, dtype=np.int16),
        "b": np.linspace(0, 1, 100),
        "flag": np.arange(100) % 3 == 0,
        "y": np.array(["no", "yes"])[np.arange(100) % 2],
    }
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    FRAME.to_parquet(tmp_path / "a.parquet", row_group_size=30)
    return tmp_path / "a.parquet"


def test_rows_come_in_order(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH_ROWS", 17)
    X, y = memory_map(parquet_batches(path, "y"))
    assert np.array_equal(X, FRAME[["a", "b", "flag"]].to_numpy(np.float64))
    assert y.tolist() == FRAME["y"].tolist()
    assert len(list(parquet_batches(path, "y"))) >= 6


def test_numbers_have_the_type_that_holds_them(path: Path) -> None:
    assert next(parquet_batches(path, inputs=["a", "flag"])).dtype == np.float32
    assert next(parquet_batches(path, inputs=["a", "b"])).dtype == np.float64
    assert next(parquet_batches(path, inputs=["b", "a"])).tolist()[:1] == [[0.0, 0.0]]


def test_texts_that_are_codes(tmp_path: Path) -> None:
    FRAME.assign(y=FRAME["y"].astype("category")).to_parquet(tmp_path / "c.parquet")
    assert memory_map(parquet_batches(tmp_path / "c.parquet", "y"))[1].tolist() == FRAME["y"].tolist()


def test_folders_and_lists_of_files(tmp_path: Path) -> None:
    FRAME[:40].to_parquet(tmp_path / "1.parquet")
    FRAME[40:].to_parquet(tmp_path / "2.parquet")
    wanted = FRAME["a"].tolist()
    for given in (tmp_path, [tmp_path / "1.parquet", str(tmp_path / "2.parquet")]):
        assert memory_map(parquet_batches(given, inputs=["a"]))[:, 0].tolist() == wanted


def with_gap(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    return frame.assign(**{name: frame[name].where(frame.index != 50)})


@pytest.mark.parametrize(
    ("frame", "arguments", "message"),
    [
        (FRAME, {}, r"Column 'y' of .* is of type (large_)?string; turn it into numbers first, or leave it out"),
        (FRAME, {"target": "z"}, r"has no column 'z'; its columns are \['a', 'b', 'flag', 'y'\]"),
        (FRAME, {"target": "y", "inputs": ["c"]}, "has no column 'c'"),
        (FRAME, {"target": "y", "inputs": "a"}, "inputs is 'a'; give a list of names of columns"),
        (FRAME, {"target": "y", "inputs": ["y"]}, "beside the target 'y'; give others"),
        (FRAME[["y"]], {"target": "y"}, r"The inputs of .* are \[\] beside the target 'y'; give others"),
        (with_gap(FRAME, "b"), {"target": "y"}, r"Column 'b' of .* has gaps; fill them, or leave it out of inputs"),
        (with_gap(FRAME, "y"), {"target": "y"}, r"Column 'y' of .* has gaps"),
    ],
)
def test_columns_that_are_no_numbers(tmp_path: Path, frame: pd.DataFrame, arguments: Any, message: str) -> None:
    frame.to_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=message):
        list(parquet_batches(tmp_path / "a.parquet", **arguments))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"PAR1" + bytes(100))
    with pytest.raises(FileError, match=r"a.parquet cannot be read as Parquet \(.*\); check or write it again"):
        list(parquet_batches(tmp_path / "a.parquet"))
    with pytest.raises(FileError, match=r"There is no file .*b.parquet; check its name"):
        parquet_batches(tmp_path / "b.parquet")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileError, match=r"empty holds no .parquet file; name another folder"):
        parquet_batches(tmp_path / "empty")
    for given in (5, [], None):
        with pytest.raises(InputError, match=r"paths is .*; give the name of a Parquet file or folder, or a list"):
            parquet_batches(given)


def test_files_are_alike(tmp_path: Path) -> None:
    FRAME.to_parquet(tmp_path / "1.parquet")
    FRAME.drop(columns="b").to_parquet(tmp_path / "2.parquet")
    with pytest.raises(InputError, match=r"2.parquet has no column 'b', which .*1.parquet has; give files alike"):
        list(parquet_batches(tmp_path, "y"))
