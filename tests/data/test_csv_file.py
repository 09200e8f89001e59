"""CSV files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data import csv_file
from mathdl.data.csv_file import read_csv
from mathdl.errors import FileError, InputError


@pytest.fixture
def write(tmp_path: Path):
    def write(text: str | bytes) -> Path:
        path = tmp_path / "table.csv"
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    return write


def test_numbers_and_text(write) -> None:
    columns = read_csv(write('width, colour,count\n1.5, red ,1\n-2e3,"dark, red",2\n'))
    assert list(columns) == ["width", "colour", "count"]
    np.testing.assert_array_equal(columns["width"], [1.5, -2000.0])
    assert columns["colour"].tolist() == ["red", "dark, red"]
    assert columns["count"].dtype == np.float64


@pytest.mark.parametrize("separator", [";", "\t"])
def test_other_separators(write, separator: str) -> None:
    text = "a,b|c\n1|x\n".replace("|", separator).replace("a,b", '"a,b,,,"')
    assert list(read_csv(write(text))) == ["a,b,,,", "c"]


def test_byte_order_mark_and_line_ends(write) -> None:
    assert read_csv(write(b"\xef\xbb\xbfa,b\r\n1,x\r\n"))["a"].tolist() == [1.0]


def test_underscores_make_text(write) -> None:
    assert read_csv(write("a\n1_2\n3_4\n"))["a"].tolist() == ["1_2", "3_4"]


def test_only_wanted_columns_are_cleaned(write) -> None:
    path = write("a,b,c\n1,,x\n2,7,\n")
    assert list(read_csv(path, ["a"])) == ["a"]
    assert read_csv(path, ["z"]) == {}
    with pytest.raises(InputError, match="Column 'b' has no value in row 1"):
        read_csv(path, ["a", "b"])


def test_mixture_names_row_and_line(write) -> None:
    path = write('age,name\n31,"a\nb"\n\n44,c\nold,d\n')
    with pytest.raises(InputError, match=r"'age' mixes numbers and text: row 3 \(line 6 of the file\) holds 'old'"):
        read_csv(path)


def test_mixture_across_chunks(write, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "_CHUNK", 2)
    assert read_csv(write("a,b\n" + "".join(f"{i},t{i}\n" for i in range(5))))["b"].tolist() == [
        f"t{i}" for i in range(5)
    ]
    with pytest.raises(InputError, match=r"row 5 \(line 6 of the file\) holds 'x' where most rows hold numbers"):
        read_csv(write("a\n1\n2\n3\n4\nx\n"))
    with pytest.raises(InputError, match=r"row 3 \(line 4 of the file\) holds 7 where most rows hold text"):
        read_csv(write("a\nx\ny\n7\n8\nz\n"))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1,2\n3,\n", r"Column 'b' has no value in row 2 \(line 3"),
        ("a\n1\nnan\n", r"Column 'a' has no value \(NaN\) in row 2"),
        ("a\n1\ninf\n", "Column 'a' holds an infinite value in row 2"),
        ("a,b\n1,2\n3\n", "Line 3 of table.csv has 1 cells and the header 2"),
        ("a,b\n1,2,3\n", "Line 2 of table.csv has 3 cells and the header 2"),
        ("a,a\n1,2\n", "two columns named 'a'"),
        (",a\n0,2\n", "Column 1 of table.csv has no name"),
        ("", "table.csv is empty"),
        ("\n\n", "table.csv is empty"),
        ("a,b\n", "has a header and no rows"),
        ('a,b\n1,"x\n2,y\n', "no valid CSV from line 2 on"),
        (b"a\n\xff\xfe\n", "not text in UTF-8"),
    ],
)
def test_bad_files(write, text: str | bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_csv(write(text))


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_csv(tmp_path / "absent.csv")


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_to_the_last_bit(tmp_path_factory: pytest.TempPathFactory, numbers: list[float]) -> None:
    path = tmp_path_factory.mktemp("csv") / "table.csv"
    path.write_text("a\n" + "".join(f"{number!r}\n" for number in numbers))
    assert read_csv(path)["a"].tolist() == numbers
