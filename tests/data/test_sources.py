"""What may be named as data."""

from __future__ import annotations

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


def test_a_workbook(tmp_path: Path) -> None:
    pytest.importorskip("openpyxl", reason="openpyxl, of the extra excel, is not installed")
    path = tmp_path / "t.xlsx"
    pd.DataFrame({"a": [1.5, None, 2.5], "b": ["NA", "x", "y"], "y": [1, 2, 3]}).to_excel(path, index=False)
    table = read(path, target="y")
    assert isinstance(table, Table)
    assert table.columns["a"].missing.tolist() == [False, True, False]
    assert table.columns["b"].values.tolist() == ["NA", "x", "y"]
    path.write_bytes(b"PK no workbook")
    with pytest.raises(FileError, match="cannot be read as a workbook"):
        read(path, target="y")


@pytest.mark.parametrize("source", ["digits", (np.zeros((2, 2)), [0, 1])])
def test_wishes_about_columns_need_columns(source: object) -> None:
    with pytest.raises(InputError, match="no columns with names; leave columns, drop, kinds, na and header out"):
        read(source, reading=ReadingOptions(drop=("a",)))
