"""Questions about the columns of a table, of networks whose answers are known: certified is true, refuted is shown."""

from __future__ import annotations

import datetime

import numpy as np
import pandas as pd
import pytest

from mathdl import (
    Dense,
    LogisticRegression,
    NetworkClassifier,
    NetworkRegressor,
    certified_radii,
    certify_robustness,
    decide_irrelevant,
    decide_monotonic,
    verify,
)
from mathdl.data import Preprocessing
from mathdl.data.frame import columns_of_frame
from mathdl.errors import InputError
from mathdl.models.trained_model import TrainedModel

RNG = np.random.default_rng(0)
COUNT = 60
TABLE = pd.DataFrame(
    {
        "length": 1e3 + 50 * RNG.normal(size=COUNT).round(2),
        "age": RNG.integers(20, 70, COUNT),
        "kind": np.array(["a", "b", "c"], dtype=object)[np.arange(COUNT) % 3],
        "when": pd.date_range("2024-01-01", periods=COUNT, freq="9D"),
    }
)
TABLE.loc[:5, "age"] = np.nan
LABELS = np.where(TABLE["length"] > 1000, "long", "short")


def model_of(table, y, hidden=(), estimator=NetworkClassifier, parameters=None, seed=0):
    """Return a trained model, or one with given parameters."""
    columns = columns_of_frame(table, "the table")
    preprocessing = Preprocessing.fit(columns)
    fitted = estimator((), layers=list(hidden) or None, epochs=10, random_state=seed, dtype="float64")
    fitted.fit(preprocessing.transform(columns, "float64"), y)
    if parameters is not None:
        fitted.network_.parameters[:] = parameters
    return TrainedModel(fitted, preprocessing)


def line(slope, offset):
    """Return a model of one column x, of class "high" where slope x + offset, standardised, is positive."""
    table = pd.DataFrame({"x": [10.0, 30.0] * 5})  # mean 20, scale 10
    return model_of(table, ["high", "low"] * 5, (), parameters=[slope, 0.0, offset, 0.0]), table


def test_a_radius_reaches_nearly_to_where_the_answer_changes():
    model, table = line(2.0, -1.0)  # z = (x - 20) / 10; "high" where 2 z > 1, from 25 on
    found = certified_radii(model, table[:2])
    assert found.columns == ["x"]
    assert found.most.tolist() == [20.0]
    true = np.array([[15.0], [5.0]])
    assert (found.radii < true).all()
    assert (found.radii > 0.98 * true).all()
    assert found.changes.ravel() == pytest.approx([25.0, 25.0], rel=1e-3)
    for row in range(2):
        assert verify(found.certificates[row]["x"], found.data)
    assert repr(found) == "CertifiedRadii (2 objects by the column x)"


@pytest.fixture(scope="module")
def trained():
    return model_of(TABLE, LABELS, [Dense(8, activation="relu"), Dense(6, activation="relu")])


def with_changes(row, name, values):
    """Return an object again and again with other values in a column."""
    many = pd.concat([TABLE[row : row + 1]] * len(values), ignore_index=True)
    many[name] = values
    return many


def test_answers_stay_within_certified_radii_and_change_where_it_is_said(trained):
    found = certified_radii(trained, TABLE[:12])
    answers = trained.predict(TABLE[:12])
    assert found.asked == 12
    assert np.isnan(found.radii[:6, 1]).all()  # no age
    for row in range(12):
        for k, name in enumerate(found.columns):
            if not np.isnan(radius := found.radii[row, k]):
                near = with_changes(row, name, TABLE[name][row] + radius * np.linspace(-1, 1, 21))
                assert set(trained.predict(near)) == {answers[row]}
                assert verify(found.certificates[row][name], found.data)
            if not np.isnan(change := found.changes[row, k]):
                assert trained.predict(with_changes(row, name, [change]))[0] != answers[row]
                assert abs(change - TABLE[name][row]) > radius
    assert np.isfinite(found.changes).any()


@pytest.mark.parametrize("column", ["length", "age", "kind"])
def test_a_column_that_cannot_change_the_answer_does_not(trained, column):
    found = decide_irrelevant(trained, TABLE[:12], column)
    answers = trained.predict(TABLE[:12])
    tried = ["a", "b", "c", None, "?"] if column == "kind" else [*np.linspace(*found.values, 15)]
    tried += [np.nan] if column == "age" else []
    for row, verdict in enumerate(found.verdicts):
        if verdict == "certified":
            assert set(trained.predict(with_changes(row, column, tried))) == {answers[row]}
            assert all(verify(certificate, found.data) for certificate in found.certificates[row])
        else:
            assert verdict == "refuted"
            changed = found.counterexamples[row]
            assert trained.predict(pd.DataFrame([changed]))[0] == trained.classes[found.classes[row]] != answers[row]
            others = [name for name in TABLE if name != column]
            assert all(changed[name] == TABLE[name][row] or pd.isna(TABLE[name][row]) for name in others)
    assert {"length": "refuted"}.get(column, "certified") in found.verdicts
    if column == "kind":
        assert found.values == ["a", "b", "c", "missing"]


def test_robustness_by_column_in_their_units(trained):
    answers = trained.predict(TABLE)
    found = certify_robustness(trained, TABLE, answers, {"length": 30, "age": 2})
    assert found.radius == {"length": 30.0, "age": 2.0}
    for row, verdict in enumerate(found.verdicts):
        if verdict == "refuted":
            point = found.counterexamples[row]
            assert trained.predict(pd.DataFrame([point]))[0] == trained.classes[found.classes[row]] != answers[row]
            assert abs(point["length"] - TABLE["length"][row]) <= 30
            assert pd.isna(TABLE["age"][row]) or abs(point["age"] - TABLE["age"][row]) <= 2
            assert (point["kind"], point["when"]) == (TABLE["kind"][row], TABLE["when"][row].to_pydatetime())
    assert {"certified", "refuted"} <= set(found.verdicts)
    assert repr(found).startswith("Robustness (radius {'length': 30.0, 'age': 2.0}: ")
    deviations = certify_robustness(trained, TABLE[:3], answers[:3], 0.5).radius
    assert deviations["length"] == pytest.approx(0.5 * TABLE["length"].std(ddof=0))


def test_what_is_not_reached_in_time_is_undecided(trained):
    answers = trained.predict(TABLE)
    assert certify_robustness(trained, TABLE, answers, 0.1, seconds=0).asked <= 1
    assert certified_radii(trained, TABLE, seconds=0).radii.shape == (0, 2)
    assert decide_irrelevant(trained, TABLE, "kind", seconds=0).verdicts == ["undecided"] * COUNT


def bump(at, width, height):
    """Return weights of relu neurons that add up to x, less a dip at a place."""
    first = [1, 1, 1, 1]
    biases = [10, -at + width, -at, -at - width]
    return [*first, *biases, 1, -height / width, 2 * height / width, -height / width, 0]


@pytest.mark.parametrize(("height", "width"), [(0.5, 0.25), (0.4, 1e-3), (0.2, 1e-7)])
def test_an_answer_with_a_hidden_dip_is_not_proved_to_rise(height, width):
    table = pd.DataFrame({"x": np.linspace(-(3**0.5), 3**0.5, 200)})
    model = model_of(table, table["x"], [Dense(4, activation="relu")], NetworkRegressor,
                     bump(0.123, width, height))  # fmt: skip
    found = decide_monotonic(model, table, "x", seconds=3)
    assert found.increasing == "refuted"
    first, second = found.counterexamples["increasing"]
    assert first["x"] < second["x"]
    predicted = model.predict(pd.DataFrame([first, second]))
    assert predicted[0] > predicted[1]
    assert found.decreasing == "refuted"


def test_what_rises_is_proved_to_rise():
    numbers = {"x": RNG.normal(size=COUNT), "y": 1e6 * RNG.normal(size=COUNT), "kind": TABLE["kind"]}
    table = pd.DataFrame(numbers)
    model = model_of(table, LABELS, [Dense(5, activation="relu"), Dense(4, activation="abs")], seed=1)
    first, second, last = model.model.network_.layers
    first.weights[:, 0], first.weights[:, 1], first.bias[:] = 1, -np.arange(5), np.arange(5)
    first.weights[:, 2:] = RNG.normal(size=(5, 3))
    second.weights[:], second.bias[:] = np.abs(second.weights), 20
    last.weights[:] = [[-1.0] * 4, [1.0] * 4]
    up, down = (decide_monotonic(model, table, name, answer="short") for name in ("x", "y"))
    assert (up.increasing, up.decreasing) == ("proved", "refuted")
    assert (down.increasing, down.decreasing) == ("refuted", "proved")
    assert decide_monotonic(model, table, "x", answer="long").decreasing == "proved"


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda m: certified_radii(m, [[1, 2]]), r"^The model was trained on a table, and X is \[\[1, 2\]\]; give its"),
        (lambda m: certified_radii(m.model, TABLE), "give a model that mathdl.train made of a table"),
        (lambda m: certified_radii(m, TABLE, seconds=-1), "^seconds is -1; give a number of at least 0.$"),
        (lambda m: decide_irrelevant(m, TABLE, "size"), "^'size' is no column that the model reads; its columns are"),
        (lambda m: decide_irrelevant(m, TABLE, "when"), "^'when' is a column of dates; ask about"),
        (lambda m: decide_irrelevant(m, TABLE, 3), "^3 is no column that the model reads"),
        (lambda m: decide_monotonic(m, TABLE, "kind"), "^'kind' is a column of categories, which have no order"),
        (lambda m: decide_monotonic(m, TABLE, "age", "tall"), "^answer is 'tall', which is no class of the model"),
        (lambda m: certify_robustness(m, TABLE, LABELS, {"kind": 1}), "^'kind' is a column of categories, which have"),
        (lambda m: certify_robustness(m, TABLE, LABELS, {"age": -1}), "^The radius of 'age' is -1; give a finite"),
        (lambda m: certify_robustness(m, TABLE, LABELS, 1, (0, 1)), r"^limits is \(0, 1\), and columns have their own"),
        (lambda m: certify_robustness(m.model, np.zeros((1, 12)), ["long"], {"age": 1}), "^radius goes by column, and"),
        (lambda m: certified_radii(model_of(TABLE[["age"]], TABLE["length"], (), NetworkRegressor), TABLE),
         "^The model predicts numbers, which are no classes"),
        (lambda m: decide_monotonic(m, TABLE.assign(age=None), "age"), "has no number in the table, so it has no"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_a_sentence(trained, ask, message):
    with pytest.raises(InputError, match=message):
        ask(trained)


def test_a_model_without_a_network_is_refused():
    columns = columns_of_frame(TABLE[["length"]], "the table")
    preprocessing = Preprocessing.fit(columns)
    linear = LogisticRegression(regularization=0.1).fit(preprocessing.transform(columns, "float64"), LABELS)
    with pytest.raises(InputError, match="give a Network, or a fitted model that has one"):
        certified_radii(TrainedModel(linear, preprocessing), TABLE)


def test_a_huge_radius_is_no_reason_to_fail(trained):
    found = certify_robustness(trained, TABLE[8:9], trained.predict(TABLE[8:9]), {"length": 1e308}, seconds=1)
    assert found.verdicts[0] != "certified"


def test_dates_stay_as_they_are(trained):
    found = certify_robustness(trained, TABLE[:1], ["short" if LABELS[0] == "long" else "long"], 0.0)
    assert found.verdicts == ["refuted"]
    assert isinstance(found.counterexamples[0]["when"], datetime.datetime)
