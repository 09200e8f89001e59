"""Tables and their target."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl.data.column import Column, Kind
from mathdl.data.reading_options import ReadingOptions, require_known
from mathdl.data.table import Table, table_of
from mathdl.errors import InputError


def numbers(name: str, count: int, *notes: str) -> Column:
    return Column(name, Kind.NUMBER, np.arange(float(count)), notes=notes)


def test_bad_tables() -> None:
    assert len(Table({"a": numbers("a", 2)}, numbers("y", 2), "y", "t.csv")) == 2
    with pytest.raises(InputError, match=r"t.csv has no column besides the target 'y'"):
        Table({}, numbers("y", 2), "y", "t.csv")
    with pytest.raises(InputError, match=r"t.csv has no rows"):
        Table({"a": numbers("a", 0)}, numbers("y", 0), "y", "t.csv")
    with pytest.raises(InputError, match=r"Column 'a' of t.csv has 3 values, but the target 'y' has 2"):
        Table({"a": numbers("a", 3)}, numbers("y", 2), "y", "t.csv")


COLUMNS = {name: numbers(name, 3) for name in ("width", "Species")}


def test_wishes_choose_the_features() -> None:
    columns = {name: numbers(name, 3) for name in "abcy"}
    chosen = table_of(columns, "y", "t.csv", ReadingOptions(columns=("a", "b"), drop=("b",)))
    assert list(chosen.columns) == ["a"]
    assert list(table_of(columns, "y", "t.csv").columns) == ["a", "b", "c"]


def test_what_was_met_in_many_columns_is_said_once_and_only_of_those_that_are_used() -> None:
    columns = {name: numbers(name, 3, "decimal comma") for name in "abcdefgy"}
    columns["b"] = numbers("b", 3, "decimal comma", "unit %")
    notes = table_of(columns, "y", "t.csv", ReadingOptions(drop=("g",)), notes=("Read as cp1252.",)).notes
    assert notes == ("Read as cp1252.", "'a', 'b', 'c', 'd', 'e' and 2 more: decimal comma.", "'b': unit %.")
    clusters = table_of(columns, None, "t.csv", ReadingOptions(columns=("b", "c")), needs_target=False)
    assert clusters.notes == ("'b', 'c': decimal comma.", "'b': unit %.")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ReadingOptions(drop=("widht",)),
            "--drop names 'widht', which is no column of t.csv; perhaps 'width' is meant.",
        ),
        (
            ReadingOptions(columns=("z",)),
            "--columns names 'z', which is no column of t.csv; its columns are: width, Species.",
        ),
        (ReadingOptions(kinds={"q": "number"}), "--column names 'q', which is no column of t.csv; its columns are: "),
        (ReadingOptions(drop=("Species",)), "The target 'Species' is also to be dropped; name another target"),
    ],
)
def test_wishes_that_do_not_fit(options: ReadingOptions, message: str) -> None:
    def chosen() -> None:
        require_known(COLUMNS, options, "t.csv")
        table_of(COLUMNS, "Species", "t.csv", options)

    with pytest.raises(InputError) as error:
        chosen()
    assert str(error.value).startswith(message)


def test_target() -> None:
    table = table_of(COLUMNS, "Species", "t.csv")
    assert (list(table.columns), table.target_name) == (["width"], "Species")
    with pytest.raises(InputError, match=r"No target was named for t.csv; .*one of: width, Species"):
        table_of(COLUMNS, None, "t.csv")
    with pytest.raises(InputError, match=r"no column 'species'; perhaps 'Species' is meant; .*are: width, Species"):
        table_of(COLUMNS, "species", "t.csv")
    with pytest.raises(InputError, match="no column 'zzz'; its columns are: width, Species"):
        table_of(COLUMNS, "zzz", "t.csv", needs_target=False)
    with pytest.raises(InputError, match=r"'width, Species' names 2 columns of t\.csv; name one"):
        table_of(COLUMNS, "width, Species", "t.csv")


def test_long_lists_are_cut() -> None:
    with pytest.raises(InputError, match=r"c0, c1, .*c19 and 30 more"):
        table_of({f"c{i}": numbers(f"c{i}", 1) for i in range(50)}, None, "t.csv")
