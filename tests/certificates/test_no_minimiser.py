"""Certificates that there is no minimiser."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import pytest

from certificates.logistic_problems import fitted, problem
from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, verify, write


def lowers_every_loss(numbers: Any, X: Any, y: Any) -> bool:
    """Say by fractions whether the direction lowers no lead of a right logit and raises one; mathdl is not asked."""
    if sorted(map(json.dumps, set(y))) != sorted(map(json.dumps, numbers["classes"])):
        return False
    rows = [[number(v) for v in (*w, c)] for w, c in zip(numbers["coef"], numbers["intercept"], strict=True)]
    if len(numbers["classes"]) == 2:
        rows = [[Fraction(0)] * len(rows[0]), *rows]
    raised = False
    for x, label in zip(X, y, strict=True):
        logits = [sum(v * Fraction(t) for v, t in zip(row, [*x, 1.0], strict=True)) for row in rows]
        own = logits[numbers["classes"].index(label)]
        if own < max(logits):
            return False
        raised = raised or own > min(logits)
    return raised


def proves_a_minimiser(certificate: Certificate, data: Data) -> bool:
    """Say by fractions whether positive probabilities balance: then no direction can lower every loss."""
    classes, others = certificate.numbers["classes"], certificate.numbers["others"]
    total = [[Fraction(0)] * (data.features + 1) for _ in classes]
    for i, (x, label) in enumerate(zip(data.rows, data.labels, strict=True)):
        code, chances = classes.index(label), [number(v) for v in others[i]]
        chances.insert(code, 1 - sum(chances))
        if min(chances) <= 0:
            return False
        share = Fraction(1 if data.weights is None else data.weights[i])
        for k, chance in enumerate(chances):
            for j, value in enumerate([*x, 1.0]):
                total[k][j] += share * (chance - (k == code)) * Fraction(value)
    return not any(any(row) for row in total)


MIN_SHARE = 0.25


def make(seed: int) -> tuple[Certificate, Data] | None:
    """Fit without regularisation; either verdict is proved here again."""
    X, y, weights = problem(seed)
    model, data = fitted(X, y, weights, 0.0), Data(X, y, weights)
    certificate = model.certify()
    if model.status_ == "no minimiser":
        return certificate, data
    assert verify(certificate, data)
    assert proves_a_minimiser(certificate, data)
    return None


def judge(certificate: Certificate, data: Data) -> Oracle:
    return lambda numbers: lowers_every_loss(numbers, data.rows, data.labels)


X = [[0.0], [1.0], [1.0], [2.0]]
Y = ["a", "a", "b", "b"]
NUMBERS: dict[str, Any] = {"classes": ["a", "b"], "coef": [["1"]], "intercept": ["-1"]}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({}, None),
        ({"coef": [["1/3"]], "intercept": ["-1/3"]}, None),
        ({"coef": [["0"]], "intercept": ["0"]}, "changes no probability"),
        ({"intercept": ["-9/10"]}, "the class of object 1"),
        ({"classes": ["b", "a"]}, "lowers the probability of the class of object 0"),
        ({"classes": ["a", "c"]}, "not the labels"),
        ({"classes": ["a", "a"]}, "not the labels"),
        ({"classes": "ab"}, "no list of labels"),
        ({"classes": ["a", ["b"]]}, "not the labels"),
        ({"classes": [["a"], "b"]}, "not the labels"),
        ({"classes": [None, "b"]}, "no text and no finite number"),
        ({"coef": [["1"], ["1"]]}, "no list of 1"),
    ],
)
def test_the_checker(change: dict[str, Any], reason: str | None) -> None:
    data, numbers = Data(X, Y), NUMBERS | change
    statement = write("no_minimiser", NUMBERS, data).statement
    verdict = verify(Certificate("no_minimiser", statement, numbers, data.fingerprint), data)
    assert verdict.valid == (reason is None), verdict.reason
    assert reason is None or reason in verdict.reason


def test_the_same_with_three_classes() -> None:
    data = Data([*X, [5.0]], [*Y, "c"])
    numbers = {"classes": ["a", "b", "c"], "coef": [["0"], ["1"], ["2"]], "intercept": ["0", "-1", "-4"]}
    assert verify(write("no_minimiser", numbers, data), data)
    numbers["intercept"] = ["0", "-1", "-2"]  # the logits of b and c at 2 would be 1 and 2
    assert not verify(write("no_minimiser", numbers, data), data)


def test_a_class_of_no_object_is_refused() -> None:
    numbers = {"classes": ["a", "b", "phantom"], "coef": [["0"]] * 3, "intercept": ["0", "0", "-1"]}
    data = Data([[0.0], [0.0], [1.0], [1.0]], ["a", "b", "a", "b"])
    assert "not the labels" in verify(write("no_minimiser", numbers, data), data).reason


def test_data_of_one_class_have_a_minimum() -> None:
    data = Data(X, ["a"] * 4)
    assert "not the labels" in verify(write("no_minimiser", NUMBERS | {"classes": ["a", "phantom"]}, data), data).reason


def test_objects_without_weight_do_not_raise_the_probability_of_anything() -> None:
    X, y = [[0.0], [0.0], [1.0]], ["A", "B", "B"]
    numbers = {"classes": ["A", "B"], "coef": [["1"]], "intercept": ["0"]}
    assert verify(write("no_minimiser", numbers, Data(X, y)), X, y)
    data = Data(X, y, [1.0, 1.0, 0.0])  # the minimum is log 2, at 0
    assert verify(write("no_minimiser", numbers, data), data).reason == "The direction changes no probability."
    weighted = Data(X, y, [1.0, 1.0, 0.5])
    assert write("no_minimiser", numbers, weighted).statement.startswith("The weighted mean cross-entropy")
