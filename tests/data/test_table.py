"""Tables and their target."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl.data.table import Table, choose_target
from mathdl.errors import InputError


def test_bad_tables() -> None:
    assert len(Table({"a": np.zeros(2)}, np.zeros(2), "y", "t.csv")) == 2
    with pytest.raises(InputError, match=r"t.csv has no column besides the target 'y'"):
        Table({}, np.zeros(2), "y", "t.csv")
    with pytest.raises(InputError, match=r"t.csv has no rows"):
        Table({"a": np.zeros(0)}, np.zeros(0), "y", "t.csv")
    with pytest.raises(InputError, match=r"Column 'a' of t.csv has shape \(3,\), but the target 'y' has 2 values"):
        Table({"a": np.zeros(3)}, np.zeros(2), "y", "t.csv")


def test_target() -> None:
    names = ["width", "Species"]
    assert choose_target(names, "Species", "t.csv") == "Species"
    with pytest.raises(InputError, match=r"No target was named for t.csv; .*one of: width, Species"):
        choose_target(names, None, "t.csv")
    with pytest.raises(InputError, match=r"no column 'species'; perhaps 'Species' is meant; .*are: width, Species"):
        choose_target(names, "species", "t.csv")
    with pytest.raises(InputError, match="no column 'zzz'; its columns are: width, Species"):
        choose_target(names, "zzz", "t.csv")


def test_long_lists_are_cut() -> None:
    with pytest.raises(InputError, match=r"c0, c1, .*c19 and 30 more"):
        choose_target([f"c{i}" for i in range(50)], None, "t.csv")
