"""Separated text: dialects, encodings, what is named in errors, and which cells become numbers."""

from __future__ import annotations

import gzip
import io
import sys
from pathlib import Path

import numpy as np
import pytest

from mathdl.data import csv_dialect, csv_file, memory, sources
from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.csv_file import read_csv
from mathdl.data.reading_options import ReadingOptions, ReadingProgress
from mathdl.errors import FileError, InputError


def columns_of(folder: Path, text: str | bytes, name: str = "t.csv", **options: object) -> dict[str, Column]:
    return read(folder, text, name, **options).columns


def read(folder: Path, text: str | bytes, name: str = "t.csv", **options: object) -> csv_file.TextColumns:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return read_csv(path, ReadingOptions(**options))  # type: ignore[arg-type]


def values(columns: dict[str, Column]) -> dict[str, list[object]]:
    return {name: column.values.tolist() for name, column in columns.items()}


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators_are_found_outside_of_quotation_marks(tmp_path: Path, separator: str) -> None:
    text = f'a{separator}b\n1{separator}"x, y; z"\n2{separator}"p|q\tr"\n'
    assert values(columns_of(tmp_path, text)) == {"a": [1.0, 2.0], "b": ["x, y; z", "p|q\tr"]}


def test_one_column_alone(tmp_path: Path) -> None:
    assert values(columns_of(tmp_path, "word\nyes\nno\n")) == {"word": ["yes", "no"]}


def test_quoted_newlines_and_doubled_marks_stay(tmp_path: Path) -> None:
    text = 'a,b\n"one\ntwo",1\n"say ""so""",2\n'
    assert values(columns_of(tmp_path, text)) == {"a": ["one\ntwo", 'say "so"'], "b": [1.0, 2.0]}


def test_blanks_around_cells_and_names(tmp_path: Path) -> None:
    text = 'a , b, c\n1, "x, y" , z\n2, "u" , v \n'
    assert values(columns_of(tmp_path, text)) == {"a": [1.0, 2.0], "b": ["x, y", "u"], "c": ["z", "v"]}


@pytest.mark.parametrize(
    ("encoding", "note"),
    [("utf-8", ""), ("utf-8-sig", ""), ("utf-16", "Read as utf-16"), ("cp1252", "Read as cp1252")],
)
def test_encodings_are_told_apart_and_said(tmp_path: Path, encoding: str, note: str) -> None:
    found = read(tmp_path, "name,n\nÄrger,1\nZoë,2\n".encode(encoding))
    assert values(found.columns) == {"name": ["Ärger", "Zoë"], "n": [1.0, 2.0]}
    assert " ".join(found.notes)[: len(note) or None] == note


def test_bytes_that_windows_does_not_know_are_latin(tmp_path: Path) -> None:
    assert read(tmp_path, b"a,b\n\x81\xe4,1\n").notes == ("Read as latin-1, since it is not UTF-8.",)


def test_an_encoding_that_shows_late(tmp_path: Path) -> None:
    text = "name,n\n" + "x,1\n" * 100_000 + "Ä,2\n"
    found = read(tmp_path, text.encode("cp1252"))
    assert found.columns["name"].values[-1] == "Ä"
    assert found.notes == ("Read as cp1252, since it is not UTF-8.",)


def test_bytes_of_no_encoding_that_show_late(tmp_path: Path) -> None:
    text = "Á,n\n".encode() + b"x,1\n" * 100_000 + b"\x81,2\n"
    assert read(tmp_path, text).notes == ("Read as latin-1, since it is not UTF-8.",)
    with pytest.raises(FileError, match=r"t\.csv is damaged UTF-16"):
        columns_of(tmp_path, "a,b\n1,x\n".encode("utf-16-le").join([b"\xff\xfe", b"\x00\xd8\x41\x00"]))


def test_blanks_before_quotation_marks_at_the_ends_of_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 61)
    found = columns_of(tmp_path, "a, b\n" + '1, "x, ""q"", y"\n' * 500)
    assert found["b"].values.tolist() == ['x, "q", y'] * 500


def test_memory_that_would_not_suffice_is_said_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory, "available_memory", lambda: 100_000)
    text = "a,b\n" + "1,2\n" * 10_000
    for content, name in ((text.encode(), "t.csv"), (gzip.compress(text.encode()), "t.csv.gz")):
        with pytest.raises(InputError, match=r"need 0\.00016 GB of memory, and 0\.0001 GB are free; choose fewer"):
            columns_of(tmp_path, content, name)
        assert len(columns_of(tmp_path, content, name, drop=("a",))["b"]) == 10_000


def test_a_packed_file_and_the_standard_input(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = b"a\tb\n1\tx\n"
    assert values(columns_of(tmp_path, gzip.compress(text), "t.tsv.gz")) == {"a": [1.0], "b": ["x"]}
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text)))
    assert values(read_csv(Path("-")).columns) == {"a": [1.0], "b": ["x"]}


def test_comments_on_top_and_an_index_column_and_a_trailing_separator(tmp_path: Path) -> None:
    found = read(tmp_path, "# made by X\n# in 2024\n,a,b,\n0,1,x,\n1,2,y,\n")
    assert values(found.columns) == {"a": [1.0, 2.0], "b": ["x", "y"]}
    assert found.notes == ("The first column has no name and numbers the rows, so it was left out.",)


@pytest.mark.parametrize("index", ["0 1 2", "1 2 3", "7 3 5", '"1" "2" "3"'])
def test_an_index_of_integers_is_left_out(tmp_path: Path, index: str) -> None:
    first, second, third = index.split()
    text = f",a\n{first},1\n{second},-999\n{third},3\n"
    assert values(columns_of(tmp_path, text)) == {"a": [1.0, -999.0, 3.0]}
    assert columns_of(tmp_path, text, na=("-999",))["a"].missing.tolist() == [False, True, False]


@pytest.mark.parametrize("text", ["a,b,\n1,x,\n2,y,\n", "a,b\n1,x,\n2,y,\n", "a,b,,\n1,x,,\n2,y,,\n"])
def test_separators_at_the_end(tmp_path: Path, text: str) -> None:
    assert values(columns_of(tmp_path, text)) == {"a": [1.0, 2.0], "b": ["x", "y"]}


@pytest.mark.parametrize("text", [",a\n5,1\n5,2\n", ",a\nx,1\ny,2\n", "a,,b\n1,2,3\n", "a,b,\n1,2,3\n"])
def test_another_column_without_a_name_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(InputError, match="has no name in the header"):
        columns_of(tmp_path, text)


def test_a_header_that_looks_like_data(tmp_path: Path) -> None:
    for first, rest in (
        ("5.1,3.5", "4.9,3.0"),
        ("5.1,3.5,a", "4.9,3.0,b"),
        ("12,0,m", "13,1,f\n9,1,m"),
        ("1,1,a", "2,3,b"),
    ):
        with pytest.raises(InputError, match=rf"looks like data \({first.replace(',', ', ')}\); choose --no-header"):
            columns_of(tmp_path, f"{first}\n{rest}\n")
    assert values(columns_of(tmp_path, "5.1,a\n4.9,b\n", header=False)) == {"x0": [5.1, 4.9], "x1": ["a", "b"]}


@pytest.mark.parametrize("header", ["country,2019,2020", "0,1,2", "label,0,1,2", "x1,x2", "1st,2nd"])
def test_names_with_numbers(tmp_path: Path, header: str) -> None:
    names = header.split(",")
    row = ",".join(str(k + 5) for k in range(len(names)))
    assert list(columns_of(tmp_path, f"{header}\n{row}\n")) == names


def test_a_header_longer_than_what_is_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_dialect, "SNIFFED_BYTES", 64)
    names = [f"c{k}" for k in range(100)]
    found = columns_of(tmp_path, ",".join(names) + "\n" + "1," * 99 + "x\n" + "2," * 99 + "y\n")
    assert list(found) == names
    assert found["c99"].values.tolist() == ["x", "y"]


def test_a_separator_that_the_first_line_names(tmp_path: Path) -> None:
    assert values(columns_of(tmp_path, "sep=;\na,b;c\n1;2\n")) == {"a,b": [1.0], "c": [2.0]}


def test_a_quotation_mark_that_is_never_closed(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"begins in line 4 of t\.csv is never closed"):
        columns_of(tmp_path, 'a,b\n1,"x\ny"\n2,"z\n3,u\n4,v\n')
    assert values(columns_of(tmp_path, 'a,b\n1,5" pipe\n2,x\n'))["b"] == ['5" pipe', "x"]


def test_rows_of_another_length_are_named_by_their_line(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"Line 5 of t\.csv has 3 cells and the header 2"):
        columns_of(tmp_path, 'a,b\n"one\ntwo",1\n\n1,2,3\n')
    with pytest.raises(FileError, match=r"Line 2 of t\.csv has 1 cells"):
        columns_of(tmp_path, "a,b\n1\n")


def test_a_cell_that_cannot_be_read_is_named_by_row_and_line(tmp_path: Path) -> None:
    text = "a,b\n" + '"x\ny",1\n' * 19 + "z,oops\n"
    with pytest.raises(
        InputError, match=r"row 20 \(line 40 of the file\).*'oops'|'oops'.*row 20 \(line 40 of the file\)"
    ):
        columns_of(tmp_path, text)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n", "a header and no rows"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "bytes that no text has"),
        (b"PK\x03\x04 and more", "is a workbook or another ZIP archive and no table in text; end its name in .xlsx"),
        (b"PAR1 and more", "is a Parquet file and no table"),
        (b"\x1f\x8b and more", "is a file packed by gzip"),
        (b"%PDF-1.4\n", "is a PDF document"),
        (b"\n<!DOCTYPE html>\n<title>404, not found</title>", "is a web page"),
        (b"a,a\n1,2\n", "two columns named 'a'"),
        (b'a,b\n"x,1\n', "quotation marks|cells and the header"),
    ],
)
def test_what_is_no_table(tmp_path: Path, content: bytes, match: str) -> None:
    with pytest.raises((FileError, InputError), match=match):
        columns_of(tmp_path, content)


def test_a_damaged_packed_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        columns_of(tmp_path, b"no gzip", "t.csv.gz")


def test_codes_with_zeros_in_front_stay_text(tmp_path: Path) -> None:
    found = columns_of(tmp_path, "code,plain,signed\n0101,0.5,-01\n101,0,2\n")
    assert values(found) == {"code": ["0101", "101"], "plain": [0.5, 0.0], "signed": ["-01", "2"]}


def test_empty_cells_are_gaps(tmp_path: Path) -> None:
    found = columns_of(tmp_path, "a,b\n1,x\n,\n3,z\n")
    assert found["a"].missing.tolist() == found["b"].missing.tolist() == [False, True, False]
    assert found["a"].kind is Kind.NUMBER


def test_a_column_that_begins_as_numbers_is_read_again_as_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 2**12)
    text = "a,b\n" + "1.50,1\n" * 2000 + "1.5 mm,2\n" * 2000
    found = columns_of(tmp_path, text)
    assert found["a"].kind is Kind.CATEGORY
    assert found["a"].values[0] == "1.50"
    assert found["b"].values.sum() == 2000 * 1 + 2000 * 2


def test_a_number_as_the_word_for_a_gap(tmp_path: Path) -> None:
    found = columns_of(tmp_path, "a\n1\n-999\n3\n", na=("-999",))
    assert found["a"].missing.tolist() == [False, True, False]


def test_columns_that_are_dropped_or_not_chosen_may_hold_anything(tmp_path: Path) -> None:
    text = "a,b,c\n" + "1,2,x\n" * 30 + "1,oops,y\n"
    with pytest.raises(InputError, match="'oops' in row 31"):
        columns_of(tmp_path, text)
    assert list(columns_of(tmp_path, text, drop=("b",))) == ["a", "c"]
    table = sources.read(tmp_path / "t.csv", target="c", reading=ReadingOptions(columns=("a",)))
    assert list(table.columns) == ["a"]  # type: ignore[union-attr]


def test_wishes_about_kinds_keep_the_text(tmp_path: Path) -> None:
    assert values(columns_of(tmp_path, "a\n1.50\n2.00\n", kinds={"a": "category"})) == {"a": ["1.50", "2.00"]}
    path = tmp_path / "t.csv"
    columns = read_csv(path, names=["a"], plans={"a": ColumnPlan(Kind.CATEGORY)}).columns
    assert values(columns) == {"a": ["1.50", "2.00"]}


def test_columns_that_are_not_wanted_may_hold_anything(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b\n1,2024-13-99\n2,x\n")
    assert values(read_csv(path, names=["a"]).columns) == {"a": [1.0, 2.0]}


def test_progress_tells_bytes_and_ends_with_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_file, "SECONDS_BETWEEN_REPORTS", -1)
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 2**12)
    seen: list[ReadingProgress] = []
    text = "a\n" + "1\n" * 20_000
    columns_of(tmp_path, text, progress=seen.append)
    done = [one.done for one in seen]
    assert done == sorted(done)
    assert len(done) > 3
    assert done[-1] == seen[-1].total == len(text)


def test_blocks_join_to_the_same_numbers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = np.random.default_rng(0).normal(size=5000).round(6)
    text = "a\n" + "\n".join(map(str, numbers.tolist()))  # without an end of the last line
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 2**10)
    assert (columns_of(tmp_path, text)["a"].values == numbers).all()


def test_more_rows_than_the_beginning_lets_expect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_dialect, "SNIFFED_BYTES", 64)
    monkeypatch.setattr(csv_file, "BLOCK_BYTES", 2**9)
    text = "a\n" + "1.0000000000000\n" * 20 + "2\n" * 5000
    assert columns_of(tmp_path, text)["a"].values.tolist() == [1.0] * 20 + [2.0] * 5000


@pytest.mark.parametrize("text", ["a,b\n", "a,b\n1,2\n3\n" * 40_000, "a,b\n1,2\n3,4\n"])
def test_nothing_holds_the_file_after_reading(text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that held it while the process ended would abort the process."""
    readings: list[csv_file._Reading] = []
    end = csv_file._Reading.end
    monkeypatch.setattr(csv_file._Reading, "end", lambda reading: (end(reading), readings.append(reading)))
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    try:
        read_csv(path)
    except FileError as error:
        kept = error  # with the frames that led to it
        assert kept.__traceback__ is not None
    assert readings
    assert all(reading.let_go.is_set() for reading in readings)
