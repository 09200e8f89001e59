"""What may be named as data."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.sparse import csr_array

from mathdl.data import ImageSet, Table, read, read_columns
from mathdl.data.column import ColumnPlan, Kind
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import FileError, InputError


def test_digits() -> None:
    digits = read("digits")
    assert isinstance(digits, ImageSet)
    assert digits.name == "digits"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".CSV"])
def test_tables(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"flowers{suffix}"
    frame = pd.DataFrame({"width": [1.5, 2.5], "species": ["rose", "lily"], "count": [3, 4]})
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path, index=False)
    table = read(path, target="species")
    assert isinstance(table, Table)
    assert list(table.columns) == ["width", "count"]
    assert table.target is not None
    assert table.target.values.tolist() == ["rose", "lily"]
    assert (table.target_name, table.name) == ("species", path.name)
    assert list(read_columns(path, {"count": ColumnPlan(Kind.NUMBER)})) == ["count"]
    kept = read_columns(path, {"count": ColumnPlan(Kind.NUMBER)}, keep=["width"])
    assert kept["width"].values.tolist() == ["1.5", "2.5"]
    with pytest.raises(InputError, match="No target was named for flowers"):
        read(path)
    with pytest.raises(InputError, match="no column 'specie'; perhaps 'species' is meant"):
        read(path, target="specie")


def test_npz_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, X=np.ones((2, 3)), y=np.array([0, 1]))
    assert isinstance(read(str(path)), Table)
    assert list(read_columns(path)) == ["x0", "x1", "x2"]
    for name in ("a", "b"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        Image.new("L", (2, 2)).save(tmp_path / "pictures" / name / "1.png")
    assert isinstance(read(tmp_path / "pictures"), ImageSet)
    for source in (path, tmp_path / "pictures", "digits"):
        with pytest.raises(InputError, match="brings its own labels and has no column 'y'"):
            read(source, target="y")


def test_only_the_target(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("y\n1\n2\n")
    with pytest.raises(InputError, match="no column besides the target 'y'"):
        read(tmp_path / "t.csv", target="y")


def test_unknown_sources(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no file or folder 'nothing'; give digits, mnist"):
        read("nothing")
    with pytest.raises(FileError, match=r"no file or folder 'absent\.csv'"):
        read_columns("absent.csv")
    for name, shown in (("t.ods", "'.ods'"), ("t", "'no suffix'")):
        (tmp_path / name).write_text("x")
        with pytest.raises(InputError, match=f"ends in {shown}; give a .csv, .tsv, .csv.gz, .parquet, .xlsx or .npz"):
            read(tmp_path / name, target="y")


def test_data_goes_with_mnist_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="goes with mnist only, not with digits"):
        read("digits", data=tmp_path)
    with pytest.raises(FileError, match="holds no t10k-images"):
        read("mnist", data=tmp_path)


def test_data_in_memory() -> None:
    columns = {"width": [1.5, 2.5], "species": ["rose", "lily"]}
    for given in (columns, pd.DataFrame(columns, index=[7, 9])):
        table = read(given, target="species")
        assert isinstance(table, Table)
        assert (list(table.columns), table.target.values.tolist()) == (["width"], ["rose", "lily"])
        assert read(given, needs_target=False).target is None
    missing = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "y": [1, 2]})
    assert read(missing, target="y").columns["a"].missing.tolist() == [False, True]
    pair = read((pd.DataFrame({"a": [1.0, 2.0]}), pd.Series(["u", "v"], name="kind")))
    assert isinstance(pair, Table)
    assert (list(pair.columns), pair.target_name, pair.target.values.tolist()) == (["a"], "kind", ["u", "v"])
    arrays = read(([[1.0, 2.0], [3.0, 4.0]], [0, 1]))
    assert isinstance(arrays, Table)
    assert (list(arrays.columns), arrays.target.values.tolist()) == (["x0", "x1"], [0, 1])
    images = read((np.zeros((2, 8, 8), np.uint8), ["a", "b"]))
    assert isinstance(images, ImageSet)
    assert images.images.shape == (2, 1, 8, 8)
    assert len(read(np.ones((3, 2)), needs_target=False)) == 3


X, Y = np.ones((3, 2)), np.arange(3)
BAD: list[tuple[object, dict[str, object], str]] = [
    ({"a": [1, 2]}, {}, "No target was named for the mapping"),
    ({"a": [1, 2]}, {"target": "b"}, "The mapping has no column 'b'; its columns are: a"),
    ({"a": [1, 2], "b": [1, 2], "c": [1, 2]}, {"target": ["a", "b"]}, r"The target is \['a', 'b'\]; name one column"),
    (
        {"a": [1, 2], "b": [1, 2, 3]},
        {"target": "b"},
        "'a' of the mapping has 2 values, but the target 'b' has 3",
    ),
    ({"a": [[1], [2]], "b": [1, 2]}, {"target": "b"}, "Column 'a' holds a value of type list in row 1"),
    ({"a": [], "b": []}, {"target": "b"}, "The mapping has no rows"),
    (pd.DataFrame([[1, 2]], columns=["a", "a"]), {"target": "a"}, "the DataFrame has two columns named 'a'"),
    ((X, Y[:2]), {}, r"X has 3 rows and y has shape \(2,\); give y one value per row"),
    ((X, Y[:, None]), {}, r"y has shape \(3, 1\)"),
    ((X, Y), {"target": "y"}, "The data are arrays and have no column 'y'"),
    ((X * np.inf, Y), {}, r"X holds inf at row 1, column 1 \(X\[0, 0\]\)"),
    ((np.ones((3, 8, 8)), Y), {}, "3 axes and type float64; give images as uint8"),
    ((np.ones(3), Y), {}, r"X has shape \(3,\); give \(rows, columns\)"),
    (([[1, 2], [3]], [0, 1]), {}, "X and y are no arrays"),
    ((pd.DataFrame({"a": [1, 2]}), [0]), {}, "Column 'a' of the DataFrame has 2 values, but the target 'y' has 1"),
    ((np.ma.masked_less(X, 0), Y), {}, "X is a MaskedArray; give a plain array"),
    ((csr_array(X), Y), {}, "X is a csr_array; give a plain array"),
    (X, {}, "The data are of type ndarray; give a DataFrame"),
    (3, {}, "The data are of type int"),
    (None, {}, "The data are of type NoneType"),
    ((X, Y), {"data": "there"}, "goes with mnist only, not with data in memory"),
    ("a\0b", {}, "is no path"),
]


@pytest.mark.parametrize(("source", "options", "message"), BAD)
def test_bad_data_in_memory(source: object, options: dict[str, object], message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(source, **options)
    assert "\n" not in str(error.value)


def test_a_missing_table_is_not_looked_for_among_training_sources() -> None:
    with pytest.raises(FileError, match=r"no file or folder 'nowhere.csv'; give a \.csv, .* or \.npz file\.$"):
        read_columns("nowhere.csv")


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    pytest.importorskip("openpyxl", reason="openpyxl, of the extra excel, is not installed")
    return tmp_path / "t.xlsx"


SHEET = pd.DataFrame(
    {
        "a": [1.5, None, 2.5],
        "code": ["01", "12", "23"],
        "when": pd.to_datetime(["2024-01-01 00:00", None, "2024-03-01 07:00"]),
        "b": ["NA", "x", None],
        "y": [1, 2, 3],
    }
)


@pytest.mark.parametrize("place", [{}, {"startrow": 3, "startcol": 2}])
def test_a_workbook(workbook: Path, place: dict[str, int]) -> None:
    SHEET.to_excel(workbook, index=False, **place)
    table = read(workbook, target="y")
    assert isinstance(table, Table)
    assert {name: str(column.kind) for name, column in table.columns.items()} == {
        "a": "number", "code": "category", "when": "date", "b": "category",
    }  # fmt: skip
    assert table.columns["a"].missing.tolist() == [False, True, False]
    assert table.columns["code"].values.tolist() == ["01", "12", "23"]
    assert table.columns["b"].values.tolist() == ["NA", "x", None]
    assert list(read_columns(workbook, {"y": ColumnPlan(Kind.NUMBER)})) == ["y"]


def test_a_workbook_with_an_index_and_another_sheet(workbook: Path) -> None:
    with pd.ExcelWriter(workbook) as writer:
        SHEET.to_excel(writer, sheet_name="one")
        SHEET.to_excel(writer, sheet_name="two")
    table = read(workbook, target="y")
    assert isinstance(table, Table)
    assert list(table.columns) == ["a", "code", "when", "b"]
    assert table.notes[:2] == (
        "Of 2 sheets the first one, 'one', was read.",
        "The first column has no name and numbers the rows, so it was left out.",
    )


def test_a_workbook_without_a_header(workbook: Path) -> None:
    SHEET.to_excel(workbook, index=False, header=False)
    with pytest.raises(InputError, match=r"t\.xlsx looks like data \(1\.5, 01, .*--no-header"):
        read(workbook, target="y")
    table = read(workbook, target="x4", reading=ReadingOptions(header=False))
    assert isinstance(table, Table)
    assert table.columns["x1"].values.tolist() == ["01", "12", "23"]


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([["a", "a"], [1, 2]], "two columns named 'a'"),
        ([["", "a"], ["p", 2]], "Column 1 of t.xlsx has no name"),
        ([["a", "b"]], "has no rows"),
        ([], "has no rows"),
    ],
)
def test_bad_workbooks(workbook: Path, rows: list[list[object]], message: str) -> None:
    pd.DataFrame(rows).to_excel(workbook, index=False, header=False)
    with pytest.raises(InputError, match=message):
        read(workbook, target="y")


def test_a_workbook_that_is_none(workbook: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workbook.write_bytes(b"PK no workbook")
    with pytest.raises(FileError, match="cannot be read as a workbook"):
        read(workbook, target="y")
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    with pytest.raises(InputError, match=r'needs openpyxl; install it with pip install "mathdl\[excel\]"\.$'):
        read(workbook, target="y")


def test_a_number_for_a_gap_in_memory() -> None:
    for values in ([1, -999, 3], [1.0, -999.0, 3.0], ["1", "-999", "x"]):
        table = read({"a": values, "y": [1, 2, 3]}, target="y", reading=ReadingOptions(na=("-999", "none")))
        assert isinstance(table, Table)
        assert table.columns["a"].missing.tolist() == [False, True, False]


def test_columns_in_memory_that_are_not_chosen_may_hold_anything() -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [[1], {}], "y": [1, 2]})
    table = read(frame, target="y", reading=ReadingOptions(columns=("a",)))
    assert isinstance(table, Table)
    assert list(table.columns) == ["a"]
    with pytest.raises(InputError, match="no column 'z'; its columns are: a, y"):
        read(frame, target="z", reading=ReadingOptions(columns=("a",), drop=("b",)))


def test_columns_of_parquet_that_are_not_chosen_are_not_read(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2], "b": [[1], [2]], "c": [1, 2], "y": [1, 2]})
    frame.to_parquet(tmp_path / "t.parquet")
    chosen = ReadingOptions(columns=("a", "c"), drop=("c",), kinds={"b": "number"})
    table = read(tmp_path / "t.parquet", target="y", reading=chosen)
    assert isinstance(table, Table)
    assert list(table.columns) == ["a"]


@pytest.mark.parametrize("source", ["digits", (np.zeros((2, 2)), [0, 1])])
def test_wishes_about_columns_need_columns(source: object) -> None:
    with pytest.raises(InputError, match="no columns with names; leave columns, drop, kinds, na and header out"):
        read(source, reading=ReadingOptions(drop=("a",)))
