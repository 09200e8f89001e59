"""Parquet files."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl.data import mapped_arrays
from mathdl.data.mapped_arrays import is_memory_mapped
from mathdl.data.parquet_file import read_parquet
from mathdl.data.reading_options import ReadingOptions, ReadingProgress
from mathdl.errors import FileError, InputError


@pytest.fixture
def save(tmp_path: Path):
    def save(columns: Any) -> Path:
        path = tmp_path / "table.parquet"
        pd.DataFrame(columns).to_parquet(path)
        return path

    return save


def test_types(save) -> None:
    columns = read_parquet(
        save(
            {
                "float": [1.5, 2.0],
                "int": [1, 2],
                "nullable": pd.array([1, 2], dtype="Int64"),
                "decimal": [Decimal("1.5"), Decimal("2")],
                "flag": [True, False],
                "text": ["01", "2"],
                "category": pd.Categorical(["b", "a"]),
            }
        )
    )
    kinds = {name: (column.kind.value, column.values.dtype.kind) for name, column in columns.items()}
    assert kinds == {
        "float": ("number", "f"),
        "int": ("number", "i"),
        "nullable": ("number", "i"),
        "decimal": ("number", "f"),
        "flag": ("category", "O"),
        "text": ("category", "O"),
        "category": ("category", "O"),
    }
    assert columns["text"].values.tolist() == ["01", "2"]


def test_an_index_is_no_column(save) -> None:
    frame = pd.DataFrame({"a": [1.0, 2.0]}, index=pd.Index([7, 9], name="id"))
    assert list(read_parquet(save(frame))) == ["a"]


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1.0, None], "number"),
        (["x", None], "category"),
        (pd.array([1, None], dtype="Int64"), "number"),
        (pd.array([True, None], dtype="boolean"), "category"),
        (pd.Categorical(["x", None]), "category"),
        (pd.to_datetime(["2020-01-01 07:00", None]).tz_localize("Asia/Tokyo"), "date"),
        (pd.to_timedelta(["1 day", None]), "number"),
    ],
)
def test_gaps(save, values: Any, kind: str) -> None:
    column = read_parquet(save({"a": values}))["a"]
    assert column.kind == kind
    assert column.missing.tolist() == [False, True]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ([1.0, np.inf], "Column 'a' holds an infinite value in row 2"),
        ([[1], [2]], "Column 'a' holds a value of type ndarray in row 1"),
        ([{"b": 1}, {"b": 2}], "Column 'a' holds a value of type dict in row 1"),
    ],
)
def test_bad_columns(save, values: Any, message: str) -> None:
    path = save({"a": values, "b": [1, 2]})
    with pytest.raises(InputError, match=message):
        read_parquet(path)
    assert read_parquet(path, names=["b"])["b"].values.tolist() == [1, 2]


def test_bad_files(save, tmp_path: Path) -> None:
    with pytest.raises(FileError, match="has no rows"):
        read_parquet(save({"a": []}))
    content = save({"a": np.arange(100.0)}).read_bytes()
    for damaged in (b"", b"no parquet at all", content[: len(content) // 2], content[:4] + content[-8:]):
        path = tmp_path / "damaged.parquet"
        path.write_bytes(damaged)
        with pytest.raises(FileError, match="cannot be read as Parquet"):
            read_parquet(path)
    with pytest.raises(FileError, match="cannot be read as Parquet"):
        read_parquet(tmp_path / "absent.parquet")


def test_a_large_file_is_read_column_by_column_into_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    count = 50
    frame = pd.DataFrame(
        {
            "float": np.linspace(0, 1, count),
            "gaps": np.where(np.arange(count) % 7, np.arange(count), np.nan),
            "int": np.arange(count),
            "date": pd.date_range("2020-01-01", periods=count, tz="UTC"),
            "text": ["a", None] * 25,
            "dropped": [object.__name__] * count,
        }
    )
    frame.to_parquet(tmp_path / "large.parquet", row_group_size=20)
    seen: list[ReadingProgress] = []
    options = ReadingOptions(drop=["dropped"], kinds={"int": "category"}, progress=seen.append)
    expected = read_parquet(tmp_path / "large.parquet", options)
    assert seen == []
    monkeypatch.setattr(mapped_arrays, "MAX_BYTES_IN_MEMORY", 8 * count * 6 - 1)
    found = read_parquet(tmp_path / "large.parquet", options)
    assert list(found) == list(expected) == ["float", "gaps", "int", "date", "text"]
    for name, column in expected.items():
        assert (found[name].kind, found[name].format, found[name].notes) == (column.kind, column.format, column.notes)
        np.testing.assert_array_equal(found[name].values, column.values)
        assert is_memory_mapped(found[name].values) == (column.values.dtype != object)
    assert [step.done for step in seen][-1] == seen[0].total
    monkeypatch.setattr(mapped_arrays, "MAX_BYTES_IN_MEMORY", 8 * count * 2 - 1)
    plans = {name: column.plan for name, column in expected.items()}
    chosen = read_parquet(tmp_path / "large.parquet", names=["gaps", "text"], plans=plans)
    assert list(chosen) == ["gaps", "text"]
    with pytest.raises(InputError, match=r"--drop names 'absent', which is no column of large\.parquet"):
        read_parquet(tmp_path / "large.parquet", ReadingOptions(drop=["absent"]))
