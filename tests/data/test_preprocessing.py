"""Preprocessing of tables."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.data.preprocessing import Preprocessing
from mathdl.errors import FileError, InputError

TABLE = {
    "width": np.array([1.0, 3.0, 5.0]),
    "colour": np.array(["red", "blue", "red"]),
    "flag": np.array([True, False, True]),
    "constant": np.array([4, 4, 4]),
}


def test_matrix() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    assert preprocessing.columns == ("width", "colour", "flag", "constant")
    assert preprocessing.feature_names == (
        "width",
        "colour=blue",
        "colour=red",
        "flag=False",
        "flag=True",
        "constant",
    )
    matrix = preprocessing.transform(TABLE, "float64")
    scale = np.std([1, 3, 5])
    expected = [[-2 / scale, 0, 1, 0, 1, 0], [0, 1, 0, 1, 0, 0], [2 / scale, 0, 1, 0, 1, 0]]
    np.testing.assert_allclose(matrix, expected)
    assert preprocessing.transform(TABLE).dtype == np.float32


def test_means_come_from_the_training_rows_and_categories_from_all() -> None:
    preprocessing = Preprocessing.fit(TABLE, rows=np.array([0, 2]))
    matrix = preprocessing.transform(TABLE)
    assert matrix[:, 0].tolist() == [-1.0, 0.0, 1.0]
    assert "colour=blue" in preprocessing.feature_names
    alone = Preprocessing.fit({"a": [1.0, 2.0, 1000.0]}, rows=np.array([0, 1]))
    assert alone.transform({"a": [1.0, 2.0]}).tolist() == [[-1.0], [1.0]]


def test_a_frame_of_pandas_will_do() -> None:
    preprocessing = Preprocessing.fit(pd.DataFrame(TABLE))
    np.testing.assert_array_equal(
        preprocessing.transform(pd.DataFrame(TABLE)), Preprocessing.fit(TABLE).transform(TABLE)
    )


def test_order_and_extra_columns_do_not_matter() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    shuffled = {"extra": np.array([None, 1, "x"], object), **dict(reversed(TABLE.items()))}
    np.testing.assert_array_equal(preprocessing.transform(shuffled), preprocessing.transform(TABLE))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": np.array([1.0, np.nan])}, "Column 'width' has no value .NaN. in row 2"),
        ({"width": np.array([1.0, np.inf])}, "Column 'width' holds an infinite value in row 2"),
        ({"width": np.array(["a", "b"])}, "Column 'width' held numbers in training, but row 1 holds 'a'"),
        ({"width": np.array([1.0, "b"], object)}, "Column 'width' mixes numbers and text"),
        ({"width": np.array([1.0, 1e300])}, "Column 'width' holds a value too large for float32 in row 2"),
        (
            {"colour": np.array(["red", "green"])},
            "Column 'colour' holds 'green' in row 2, which was not seen",
        ),
        ({"colour": np.array(["red", None], object)}, "Column 'colour' has no value in row 2"),
        ({"colour": np.array(["red"])}, "Column 'colour' has 1 rows and column 'width' has 2"),
    ],
)
def test_bad_values(change: dict[str, np.ndarray], message: str) -> None:
    columns = {name: values[:2] for name, values in TABLE.items()} | change
    with pytest.raises(InputError, match=message):
        Preprocessing.fit(TABLE).transform(columns)


def test_missing_column() -> None:
    columns = {name: values for name, values in TABLE.items() if name != "flag"}
    with pytest.raises(InputError, match="Column 'flag' is missing; give all that training had: width, colour"):
        Preprocessing.fit(TABLE).transform(columns)


def test_nothing_to_learn_from() -> None:
    for columns in ({}, {"a": []}):
        with pytest.raises(InputError, match="no columns or no rows"):
            Preprocessing.fit(columns)
    with pytest.raises(InputError, match="Column 'a' has no value"):
        Preprocessing.fit({"a": [1.0, np.nan]})


@given(
    st.lists(
        st.tuples(st.floats(-1e30, 1e30), st.text("ab\N{SNOWMAN}", min_size=1), st.booleans()),
        min_size=1,
        max_size=20,
    )
)
def test_the_record_makes_the_same_matrix(rows: list[tuple[float, str, bool]]) -> None:
    columns = dict(zip("nct", map(list, zip(*rows, strict=True)), strict=True))
    preprocessing = Preprocessing.fit(columns)
    again = Preprocessing.from_dict(json.loads(json.dumps(preprocessing.to_dict())))
    assert again == preprocessing
    matrix = again.transform(columns, "float64")
    np.testing.assert_array_equal(matrix, preprocessing.transform(columns, "float64"))
    np.testing.assert_array_equal(matrix[:, 1:-1].sum(axis=1) >= 1, True)
    assert matrix[:, 1:].sum() == 2 * len(rows)


@pytest.mark.parametrize("record", [None, {}, {"columns": []}, {"columns": "ab"}, {"columns": [{"kind": "x"}]}])
def test_unsound_record(record: object) -> None:
    with pytest.raises(FileError, match="record of"):
        Preprocessing.from_dict(record)
