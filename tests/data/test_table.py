"""Tables and their target."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl.data.table import Table, table_of
from mathdl.errors import InputError


def test_bad_tables() -> None:
    assert len(Table({"a": np.zeros(2)}, np.zeros(2), "y", "t.csv")) == 2
    with pytest.raises(InputError, match=r"t.csv has no column besides the target 'y'"):
        Table({}, np.zeros(2), "y", "t.csv")
    with pytest.raises(InputError, match=r"t.csv has no rows"):
        Table({"a": np.zeros(0)}, np.zeros(0), "y", "t.csv")
    with pytest.raises(InputError, match=r"Column 'a' of t.csv has shape \(3,\), but the target 'y' has 2 values"):
        Table({"a": np.zeros(3)}, np.zeros(2), "y", "t.csv")


COLUMNS = {name: np.arange(3) for name in ("width", "Species")}


def test_target() -> None:
    table = table_of(COLUMNS, "Species", "t.csv")
    assert (list(table.columns), table.target_name) == (["width"], "Species")
    with pytest.raises(InputError, match=r"No target was named for t.csv; .*one of: width, Species"):
        table_of(COLUMNS, None, "t.csv")
    with pytest.raises(InputError, match=r"no column 'species'; perhaps 'Species' is meant; .*are: width, Species"):
        table_of(COLUMNS, "species", "t.csv")
    with pytest.raises(InputError, match="no column 'zzz'; its columns are: width, Species"):
        table_of(COLUMNS, "zzz", "t.csv", needs_target=False)


def test_long_lists_are_cut() -> None:
    with pytest.raises(InputError, match=r"c0, c1, .*c19 and 30 more"):
        table_of({f"c{i}": np.zeros(1) for i in range(50)}, None, "t.csv")
