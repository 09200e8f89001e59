"""Columns that are no features."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mathdl.data.left_out import columns_left_out
from mathdl.data.reading_options import AS_THEY_COME
from mathdl.data.values import column_of_values

ROWS = 40


def reasons(**columns: Any) -> dict[str, str]:
    found = columns_left_out(
        {name: column_of_values(name, list(values), AS_THEY_COME) for name, values in columns.items()}
    )
    return dict(found)


VARIED = np.random.default_rng(0).normal(size=ROWS)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ([7] * ROWS, "is 7 in every row"),
        (["x"] * (ROWS - 1) + [None], "is 'x' in every row that has a value"),
        ([None] * ROWS, "is missing in every row"),
        ([f"name {k}" for k in range(ROWS)], "is different in every row"),
        (["twice", *(f"name {k}" for k in range(ROWS - 2)), "twice"], "is different in nearly every row"),
        (range(ROWS), "numbers the rows"),
        (range(1, ROWS + 1), "numbers the rows"),
    ],
)
def test_a_column_that_tells_nothing(values: Any, reason: str) -> None:
    assert reasons(a=values, b=VARIED) == {"a": reason}


@pytest.mark.parametrize(
    "values",
    [
        range(2000, 2000 + ROWS),  # years
        [k // 2 for k in range(ROWS)],
        [None] * 20 + [1] * 20,  # that it is missing tells something
        ["a", "b"] * (ROWS // 2),
        [True, False] * (ROWS // 2),
    ],
)
def test_a_column_that_tells_something(values: Any) -> None:
    assert reasons(a=values, b=VARIED) == {}


def test_an_id_in_another_order_is_known_by_its_name() -> None:
    shuffled = np.random.default_rng(1).permutation(ROWS) + 5
    assert reasons(customer_id=shuffled, b=VARIED) == {"customer_id": "is different in every row"}
    assert reasons(width=shuffled, fluid=shuffled, b=VARIED) == {}


def test_the_only_column_may_number_the_rows() -> None:
    assert reasons(x=range(ROWS)) == {}
    assert reasons(x=range(ROWS), c=[1] * ROWS) == {"c": "is 1 in every row"}


def test_few_rows_are_not_judged_by_being_different() -> None:
    assert reasons(a=["p", "q", "r"], b=[1.0, 2.0, 4.0]) == {}
