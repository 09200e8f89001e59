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


@pytest.fixture
def random() -> np.random.Generator:
    """Draw the same for a test whatever ran before it."""
    return np.random.default_rng(0)


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


def first_line(run: Run) -> str:
    """What is said first."""
    from mathdl.runs.data_check import data_check

    return data_check(run.outcome.data.split, {}).lines()[0][1]


def test_a_table_with_gaps_as_it_comes(tmp_path: Path, random: np.random.Generator) -> None:
    """Like the penguins: numbers with gaps, a text column with more, one column without any."""
    sizes = random.normal(size=120)
    frame = pd.DataFrame(
        {
            "species": np.where(sizes > 0, "large", "small"),
            "bill": sizes * 3 + 40,
            "sex": np.where(random.random(120) > 0.5, "male", "female"),
            "year": random.integers(2007, 2010, 120),
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


def test_gaps_are_counted_by_values_columns_and_rows(tmp_path: Path, random: np.random.Generator) -> None:
    """Of 344 birds two lack all measures and the sex, and nine more the sex."""
    kind = random.integers(3, size=344)
    measures = {name: kind * 3.0 + random.normal(size=344) for name in ("length", "depth", "flipper", "mass")}
    frame = pd.DataFrame({"species": np.array(["Adelie", "Chinstrap", "Gentoo"])[kind], **measures})
    frame["sex"] = random.choice(["female", "male"], 344)
    frame["year"] = random.integers(2007, 2010, 344)
    frame.loc[[3, 271], [*measures, "sex"]] = None
    frame.loc[[8, 9, 10, 11, 47, 178, 218, 256, 268], "sex"] = None
    frame.to_csv(tmp_path / "birds.csv", index=False)
    run = train(tmp_path / "birds.csv", target="species", model="logistic", regularization=0.001)
    assert lines(run) == {
        "columns": "5 numbers, 1 category",
        "missing": "19 values in 5 columns, in 11 of 344 rows: median, 'missing' as a category",
    }
    assert run.model.preprocessing is not None
    assert "sex is missing" in run.model.preprocessing.feature_names
    assert run.metrics["test_accuracy"] >= 0.95
    assert run.metrics["test_objects"] == 344


def test_that_a_number_is_missing_can_be_learned(trained: Callable[..., Run], random: np.random.Generator) -> None:
    gaps = random.random(80) < 0.3
    rows = "".join(f"{'' if gap else x},{gap}\n" for x, gap in zip(random.normal(size=80), gaps, strict=True))
    run = trained("x,y\n" + rows)
    assert lines(run)["missing"].endswith("of 80 rows: median and an indicator")
    assert run.metrics["test_accuracy"] == 1.0


def test_decimal_commas(trained: Callable[..., Run], random: np.random.Generator) -> None:
    x = random.normal(size=40)
    rows = "".join(f"{value:.3f}".replace(".", ",") + f";{'a' if value > 0 else 'b'}\n" for value in x)
    run = trained("x;y\n" + rows)
    assert lines(run) == {"columns": "1 number"}
    assert run.model.preprocessing is not None
    assert run.model.preprocessing.feature_names == ("x",)
    assert run.metrics["test_accuracy"] >= 0.95
    assert any("decimal comma" in message for message in run.messages)
    assert run.model.predict({"x": ["-2,5", "2,5"]}).tolist() == ["b", "a"]


GERMAN = str.maketrans(",.", ".,")


@pytest.mark.parametrize(
    ("write", "notes"),
    [
        ("{:,.2f}".format, ["commas between thousands"]),
        ("${:,.2f}".format, ["commas between thousands", "unit $"]),
        ("{:.1f}%".format, ["unit %"]),
        ("{:,.2f} EUR".format, ["commas between thousands", "unit EUR"]),
        (
            lambda x: f"{x:,.2f} EUR".translate(GERMAN),
            ["decimal comma", "points between thousands", "unit EUR"],
        ),
    ],
)
def test_thousands_currencies_and_percents(
    trained: Callable[..., Run], random: np.random.Generator, write: Callable[[float], str], notes: list[str]
) -> None:
    x = random.uniform(1, 5000, size=80)
    rows = "".join(f'"{write(value)}",{value:.2f}\n' for value in x)
    run = trained("x,y\n" + rows, model="linear", regularization=None)
    assert run.model.preprocessing is not None
    assert run.model.preprocessing.feature_names == ("x",)
    assert run.metrics["test_r2"] > 0.999
    assert [message for message in run.messages if message.startswith("'x'")] == [f"'x': {note}." for note in notes]
    shown = run.model.predict({"x": [write(1234.5)]})  # new cells are read as those of the training
    assert shown == pytest.approx([1234.5], rel=1e-3)


def test_codes_with_zeros_in_front_are_text(trained: Callable[..., Run]) -> None:
    rows = "".join(f"{code},{label}\n" for code, label in [("0101", "a"), ("101", "b")] * 40)
    run = trained("code,y\n" + rows)
    assert run.metrics["test_accuracy"] == 1.0
    assert run.model.preprocessing is not None
    assert run.model.preprocessing.feature_names == ("code=0101", "code=101")
    assert "'code': kept as text, since '0101' begins with a zero." in run.messages


def test_columns_that_tell_nothing_are_left_out_and_named(
    trained: Callable[..., Run], random: np.random.Generator
) -> None:
    x = random.normal(size=60)
    hexadecimal = ["3973e42320041052", *(f"{k:016x}" for k in random.integers(1 << 62, size=59))]
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


def test_ten_thousand_words_are_fifty_features(trained: Callable[..., Run], random: np.random.Generator) -> None:
    words = random.integers(10_000, size=20_000)
    rows = "".join(f"w{word},{word % 7},{'a' if word % 2 else 'b'}\n" for word in words)
    run = trained("word,x,y\n" + rows, cv=0)
    assert run.model.preprocessing is not None
    assert len(run.model.preprocessing.feature_names) == 52
    assert "word: other" in run.model.preprocessing.feature_names


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


@pytest.mark.parametrize(
    ("form", "last", "note"),
    [
        ("%d/%m/%Y", 31, "day first"),
        ("%m/%d/%Y", 31, "month first"),
        ("%d.%m.%Y", 12, "day first, a guess since no number is above 12"),
        ("%m/%d/%Y", 12, "month first, a guess since no number is above 12"),
    ],
)
def test_the_order_of_day_and_month_is_decided_over_the_column_and_said(
    trained: Callable[..., Run], form: str, last: int, note: str
) -> None:
    """The weekdays are learned only where the order is right."""
    dates = pd.date_range("2024-01-01", "2024-12-31")
    dates = dates[dates.day <= last]
    rows = "".join(f"{day.strftime(form)},{'end' if day.day_of_week >= 5 else 'week'}\n" for day in dates)
    run = trained("day,y\n" + rows)
    assert f"'day': {note}." in run.messages
    assert run.metrics["test_accuracy"] >= 0.98


def test_moments_and_durations_of_a_parquet_file(tmp_path: Path, random: np.random.Generator) -> None:
    """The day is that of UTC, where a week ends some hours later than in Tokyo."""
    moments = pd.date_range("2024-01-01", periods=300, freq="29h", tz="UTC")
    seconds = random.integers(1, 1000, 300)
    pd.DataFrame(
        {
            "when": moments.tz_convert("Asia/Tokyo"),
            "took": pd.to_timedelta(seconds, unit="s"),
            "day": np.where(moments.day_of_week >= 5, "end", "week"),
            "speed": np.where(seconds > 500, "slow", "fast"),
        }
    ).to_parquet(tmp_path / "t.parquet")
    for target, other, columns, note in (
        ("day", "speed", "1 number, 1 date (as time, month, weekday, day, day of year, hour)", "'when': times in UTC."),
        ("speed", "day", "1 number, 1 date", "'took': durations in seconds."),
    ):
        run = train(tmp_path / "t.parquet", target=target, drop=[other], model="logistic", regularization=0.0001)
        assert lines(run)["columns"].startswith(columns)
        assert note in run.messages
        assert run.metrics["test_accuracy"] >= 0.98


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
    many = "x,y\n" + "".join(f"{k % 30},{k % 30 + 25}\n" for k in range(60))
    with pytest.raises(InputError, match=r"30 different numbers.*--task classification"):
        trained(many)
    assert len(trained(many, task="classification").model.classes) == 30
    few = "x,y\n" + "".join(f"{k * 37 % 101},{k % 4 - 2.0}\n" for k in range(1, 101))
    assert trained(few, task="classification").model.classes == [-2, -1, 0, 1]


@pytest.mark.parametrize(
    ("values", "said", "other"),
    [
        ([f"{k}.0" for k in range(-9, 10)], "19 classes (whole numbers; --task regression takes", "a number"),
        (list(range(1, 6)), "5 classes: '1' 40 rows, '2' 40, '3' 40, '4' 40, '5' 40 (", "a number"),
        (list(range(1990, 2010)), "20 classes (whole numbers; --task regression takes", "a number"),
        (list(range(1990, 2011)), "a number (whole numbers; --task classification takes", "21 classes"),
    ],
)
def test_what_is_made_of_whole_numbers_is_said_first_and_can_be_changed(
    trained: Callable[..., Run], values: list[object], said: str, other: str
) -> None:
    text = "x,y\n" + "".join(f"{k * 37 % 101},{values[k % len(values)]}\n" for k in range(200))
    network = {"model": "network", "regularization": None, "epochs": 1, "cv": 0}
    first = first_line(trained(text, **network))
    assert first.startswith(f"200 rows, 2 columns; target 'y': {said}")
    chosen = first.partition("--task ")[2].split()[0]
    assert chosen == ("classification" if said.startswith("a number") else "regression")
    again = first_line(trained(text, task=chosen, **network))
    assert again == f"200 rows, 2 columns; target 'y': {other}"


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
    assert run.messages == ["10 rows were left out for a gap."]
    assert run.metrics["data"]["without_target"] == 0
    assert run.metrics["test_objects"] == 90


def test_features_of_the_same_name_are_told_apart_in_the_report(trained: Callable[..., Run]) -> None:
    text = "a,a=b,y\n" + "".join(f"{'b=c' if k % 3 else 'd'},{'c' if k % 2 else 'd'},{k % 5}\n" for k in range(60))
    run = trained(text, model="linear", regularization=None, task="regression")
    assert run.outcome.data.split.features == ["a=b=c", "a=d", "a=b=c (2)", "a=b=d"]


def test_text_that_looks_missing_is_kept_and_said_in_one_note(trained: Callable[..., Run]) -> None:
    """NA in a text column may be Namibia: what to do where it is none is said with the columns and counts."""
    rows = [(("NA", "male", "female", "male")[k % 4], "?" if k == 3 else "x", k, "ab"[k % 2]) for k in range(40)]
    text = "sex,place,size,y\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)
    run = trained(text)
    note = (
        "Text that looks missing is kept as text in 'sex' ('NA' in 10 rows), 'place' ('?' in 1 row); "
        "--na NA --na '?' takes it as missing."
    )
    assert [message for message in run.messages if "missing" in message] == [note]
    assert "missing" not in lines(run)
    taken = trained(text, na=["NA", "?"])
    assert not any("looks missing" in message for message in taken.messages)
    assert lines(taken)["missing"].startswith("10 values in 1 column")
    assert not any("looks missing" in message for message in trained(text, drop=["sex", "place"]).messages)
    assert "'y' ('n/a' in 20 rows); --na NA --na '?' --na n/a takes" in " ".join(
        trained(text.replace(",a\n", ",n/a\n")).messages
    )


@pytest.mark.parametrize(
    ("classes", "said"),
    [
        ([1, 1, 1, 2], "2 classes, 25 % '2'"),
        (["no", "no", "no", "yes"], "2 classes, 25 % 'yes'"),
        (["a b", "c", "c", "d"], "3 classes: 'a b' 15 rows, 'c' 30, 'd' 15"),
    ],
)
def test_classes_and_their_counts_can_be_read(trained: Callable[..., Run], classes: list[object], said: str) -> None:
    run = trained("x,y\n" + "".join(f"{k * 37 % 101},{classes[k % 4]}\n" for k in range(60)))
    assert first_line(run).endswith(f"target 'y': {said}") or f"target 'y': {said} (" in first_line(run)
