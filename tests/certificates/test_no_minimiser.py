"""Certificates that there is no minimiser."""

from __future__ import annotations

import json
from collections import Counter
from fractions import Fraction
from typing import Any

import pytest

from certificates.logistic_problems import fitted, problem
from certificates.mutations import mutants
from mathdl.certificates import Certificate, Data, verify, write
from mathdl.errors import NotCertifiedError

SAMPLE, ALL = range(0, 1000, 12), range(1000)


def lowers_every_loss(numbers: Any, X: Any, y: Any) -> bool:
    """Say by fractions whether the direction lowers no lead of a right logit and raises one; mathdl is not asked."""
    if sorted(map(json.dumps, set(y))) != sorted(map(json.dumps, numbers["classes"])):
        return False
    rows = [[Fraction(v) for v in (*w, c)] for w, c in zip(numbers["coef"], numbers["intercept"], strict=True)]
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


def number(text: str) -> str:
    """Turn a certificate's number into a text that Fraction reads."""
    if "p" in text:
        return str(Fraction(float.fromhex(text)))
    above, _, below = text.partition("/")
    return f"{int(above, 0)}/{int(below or '1', 0)}"


def plain(certificate: Certificate) -> Any:
    found = dict(certificate.numbers)
    found["coef"] = [[number(v) for v in row] for row in found["coef"]]
    found["intercept"] = [number(v) for v in found["intercept"]]
    return found


def proves_a_minimiser(certificate: Certificate, X: Any, y: Any, weights: Any) -> bool:
    """Say by fractions whether positive probabilities balance: then no direction can lower every loss."""
    classes, others = certificate.numbers["classes"], certificate.numbers["others"]
    total = [[Fraction(0)] * (len(X[0]) + 1) for _ in classes]
    for i, (x, label) in enumerate(zip(X, y, strict=True)):
        code, chances = classes.index(label), [Fraction(number(v)) for v in others[i]]
        chances.insert(code, 1 - sum(chances))
        if min(chances) <= 0:
            return False
        share = Fraction(1 if weights is None else weights[i])
        for k, chance in enumerate(chances):
            for j, value in enumerate([*x, 1.0]):
                total[k][j] += share * (chance - (k == code)) * Fraction(value)
    return not any(any(row) for row in total)


def sweep(seeds: range) -> Counter[str]:
    """Fit without regularisation; every verdict is proved here again, one way or the other."""
    found: Counter[str] = Counter()
    for seed in seeds:
        X, y, weights = problem(seed)
        model = fitted(X, y, weights, 0.0)
        try:
            certificate = model.certify()
        except NotCertifiedError:
            found[f"not certified: {model.status_}"] += 1
            continue
        data = Data(X, y, weights)
        assert verify(certificate, data)
        if model.status_ == "no minimiser":
            assert lowers_every_loss(plain(certificate), X.tolist(), y.tolist())
            for mutant in mutants(certificate, data, 3, seed):
                true = lowers_every_loss(plain(mutant), X.tolist(), y.tolist())
                found[f"mutant {'true' if true else 'false'}"] += 1
                assert true or not verify(mutant, data)
        else:
            assert proves_a_minimiser(certificate, X.tolist(), y.tolist(), weights)
        found[model.status_] += 1
    return found


def test_every_verdict_is_right_and_no_false_certificate_is_accepted() -> None:
    found = sweep(SAMPLE)
    assert found["no minimiser"] > 20
    assert found["certified"] > 15
    assert found["mutant false"] > 20
    assert sum(count for name, count in found.items() if name.startswith("not")) == 0


@pytest.mark.slow
def test_every_verdict_on_a_thousand_problems() -> None:
    found = sweep(ALL)
    assert found["no minimiser"] + found["certified"] >= 990


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
        ({"classes": ["a", "c"]}, "object 2 is none of the classes"),
        ({"classes": ["a", "a"]}, "different labels"),
        ({"classes": "ab"}, "different labels"),
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
