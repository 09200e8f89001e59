"""People's own files: what is in them, what is done with it, and how good the answers are."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mathdl.errors import InputError
from mathdl.runs.run import Run
from mathdl.runs.train import train

RANDOM = np.random.default_rng(0)


@pytest.fixture
def trained(tmp_path: Path) -> Callable[..., Run]:
    """Write a file and train on it, on a line where the target is a number and else by logistic regression."""

    def write_and_train(text: str, **options: object) -> Run:
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        return train(tmp_path / "t.csv", **{"target": "y", "model": "logistic", "regularization": 0.001, **options})

    return write_and_train


def lines(run: Run) -> dict[str, str]:
    """What is said of the data before the training."""
    from mathdl.runs.data_check import data_check

    return dict(data_check(run.outcome.data.split, {}).lines()[1:])


def test_a_table_with_gaps_as_it_comes(tmp_path: Path) -> None:
    """Like the penguins: numbers with gaps, a text column with more, one column without any."""
    sizes = RANDOM.normal(size=120)
    frame = pd.DataFrame(
        {
            "species": np.where(sizes > 0, "large", "small"),
            "bill": sizes * 3 + 40,
            "sex": np.where(RANDOM.random(120) > 0.5, "male", "female"),
            "year": RANDOM.integers(2007, 2010, 120),
        }
    )
    frame.loc[[3, 7], "bill"] = np.nan
    frame.loc[[3, 10, 11, 12, 13, 14], "sex"] = None
    frame.to_csv(tmp_path / "birds.csv", index=False, na_rep="NA")
    run = train(tmp_path / "birds.csv", target="species", model="logistic", regularization=0.001)
    # In a text column the word NA is a value of its own, as in Namibia.
    assert lines(run)["columns"] == "2 numbers, 1 category"
    assert lines(run)["missing"].startswith("2 values in 1 column, in 2 of 120 rows: median")
    again = train(tmp_path / "birds.csv", target="species", model="logistic", regularization=0.001, na=["NA"])
    assert lines(again)["missing"].startswith("8 values in 2 columns, in 7 of 120 rows: median")
    assert again.metrics["test_accuracy"] >= 0.9


def test_decimal_commas(trained: Callable[..., Run]) -> None:
    x = RANDOM.normal(size=40)
    rows = "".join(f"{value:.3f}".replace(".", ",") + f";{'a' if value > 0 else 'b'}\n" for value in x)
    run = trained("x;y\n" + rows)
    assert run.model.preprocessing is not None
    assert run.model.preprocessing.feature_names == ("x",)
    assert run.metrics["test_accuracy"] >= 0.95
    assert any("decimal comma" in message for message in run.messages)
    assert run.model.predict({"x": ["-2,5", "2,5"]}).tolist() == ["b", "a"]


@pytest.mark.parametrize("form", ["{:,.2f}", "${:,.2f}", "{:.1f}%", "{:,.2f} EUR"])
def test_thousands_currencies_and_percents(trained: Callable[..., Run], form: str) -> None:
    x = RANDOM.uniform(1, 5000, size=80)
    run = trained(
        "x,y\n" + "".join(f'"{form.format(value)}",{value:.2f}\n' for value in x), model="linear", regularization=None
    )
    assert run.model.preprocessing is not None
    assert run.model.preprocessing.feature_names == ("x",)
    assert run.metrics["test_r2"] > 0.999


def test_codes_with_zeros_in_front_are_text(trained: Callable[..., Run]) -> None:
    rows = "".join(f"{code},{label}\n" for code, label in [("0101", "a"), ("101", "b")] * 40)
    run = trained("code,y\n" + rows)
    assert run.metrics["test_accuracy"] == 1.0
    assert run.model.preprocessing is not None
    assert run.model.preprocessing.feature_names == ("code=0101", "code=101")


def test_columns_that_tell_nothing_are_left_out_and_named(trained: Callable[..., Run]) -> None:
    x = RANDOM.normal(size=60)
    hexadecimal = ["3973e42320041052", *(f"{k:016x}" for k in RANDOM.integers(1 << 62, size=59))]
    rows = "".join(
        f"{n},{code},same,note {n} of many,{value:.3f},{'a' if value > 0 else 'b'}\n"
        for n, (code, value) in enumerate(zip(hexadecimal, x, strict=True))
    )
    run = trained("n,code,constant,text,x,y\n" + rows)
    assert run.model.preprocessing is not None
    assert dict(run.model.preprocessing.left_out) == {
        "n": "numbers the rows",
        "code": "is different in every row",
        "constant": "is 'same' in every row",
        "text": "is different in every row",
    }
    assert run.model.preprocessing.feature_names == ("x",)
    assert "4 left out" in lines(run)["columns"]


def test_ten_thousand_words_are_fifty_features(trained: Callable[..., Run]) -> None:
    words = RANDOM.integers(10_000, size=20_000)
    rows = "".join(f"w{word},{word % 7},{'a' if word % 2 else 'b'}\n" for word in words)
    run = trained("word,x,y\n" + rows, cv=0)
    assert run.model.preprocessing is not None
    assert len(run.model.preprocessing.feature_names) == 52


@pytest.mark.parametrize("form", ["%Y-%m-%d", "%d/%m/%Y", "%Y-%m-%d %H:%M"])
def test_dates_become_numbers(trained: Callable[..., Run], form: str) -> None:
    days = pd.date_range("2024-01-01", periods=200, freq="31h")
    rows = "".join(f"{day.strftime(form)},{'end' if day.day_of_week >= 5 else 'week'}\n" for day in days)
    run = trained("day,y\n" + rows)
    assert run.model.preprocessing is not None
    assert "day: weekday (sin)" in run.model.preprocessing.feature_names
    assert len(run.model.preprocessing.feature_names) <= 12
    assert lines(run)["columns"].startswith("1 date (as time, month, weekday, day, day of year")
    assert run.metrics["test_accuracy"] > 0.9


def test_columns_may_be_dropped_chosen_and_named_a_kind(trained: Callable[..., Run]) -> None:
    text = "a,b,c,y\n" + "".join(f"{k % 5},{k % 3},{k % 2},{'u' if k % 2 else 'v'}\n" for k in range(60))
    for options, features in (
        ({"drop": ["a", "b"]}, ("c",)),
        ({"columns": ["c"]}, ("c",)),
        ({"columns": ["b", "c"], "kinds": {"b": "category"}}, ("b=0", "b=1", "b=2", "c")),
    ):
        run = trained(text, **options)
        assert run.model.preprocessing is not None
        assert run.model.preprocessing.feature_names == features
        assert run.metrics["test_accuracy"] == 1.0
    words = trained(text, drop=["a", "b"]).metrics["command"].split()
    assert words[words.index("--drop") + 1] == "a,b"


def test_a_quantity_is_no_class_unless_that_is_wished(trained: Callable[..., Run]) -> None:
    text = "x,y\n" + "".join(f"{k * 37 % 101},{k}\n" for k in range(1, 101))
    with pytest.raises(InputError, match=r"'y' holds .*100 different numbers"):
        trained(text)
    few = "x,y\n" + "".join(f"{k * 37 % 101},{k % 4 - 2.0}\n" for k in range(1, 101))
    assert trained(few, task="classification").model.classes == [-2, -1, 0, 1]


@pytest.mark.parametrize(
    ("column", "message"),
    [
        ("", "is missing in every row"),
        ("7", "is 7 in every row"),
    ],
)
def test_a_target_that_teaches_nothing(trained: Callable[..., Run], column: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        trained("x,y\n" + "".join(f"{k * k},{column}\n" for k in range(30)))


def test_rows_without_a_target_are_set_aside_and_counted(trained: Callable[..., Run]) -> None:
    rows = "".join(f"{k * 37 % 101},{'' if k % 10 == 0 else 'u' if k * 37 % 101 > 50 else 'v'}\n" for k in range(100))
    run = trained("x,y\n" + rows)
    assert any(message.startswith("10 rows have no target and were set aside") for message in run.messages)
    assert run.metrics["test_objects"] == 90


def test_rows_with_gaps_may_be_dropped(trained: Callable[..., Run]) -> None:
    rows = "".join(f"{'' if k % 10 == 0 else k * 37 % 101},{k * k % 7},{k % 2}\n" for k in range(100))
    run = trained("x,z,y\n" + rows, missing="drop")
    assert "10 rows were left out for a gap." in run.messages
    assert run.metrics["test_objects"] == 90
