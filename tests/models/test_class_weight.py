"""Weights of classes: chosen where one is rare, read from the command, refused where a class is not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.metrics import average_precision_score, balanced_accuracy_score

from mathdl import NetworkClassifier
from mathdl.errors import InputError
from mathdl.models.class_weight import chosen, weights_of_classes
from mathdl.models.declaration import RunFacts

RARE = np.repeat(["no", "yes"], [81, 19])
TWENTY = np.repeat(["no", "yes"], [80, 20])
DIGITS = np.arange(100) % 10


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("balanced", "balanced"),
        ("none", "none"),
        ("yes=5,no=1", {"yes": 5.0, "no": 1.0}),
        ("a = b=2", {"a = b": 2.0}),
    ],
)
def test_texts_of_the_command(text: str, read: Any) -> None:
    assert weights_of_classes(text) == read


@pytest.mark.parametrize("text", ["heavy", "yes=", "yes=5,no", ""])
def test_other_texts_are_refused(text: str) -> None:
    with pytest.raises(InputError, match="is no class weight; give balanced, none, or as in yes=5,no=1"):
        weights_of_classes(text)


@pytest.mark.parametrize(
    ("given", "y", "weights"),
    [
        ("auto", RARE, "balanced"),
        ("auto", TWENTY, None),
        ("auto", DIGITS, None),
        ("auto", np.append(DIGITS, np.zeros(200)), "balanced"),
        ("none", RARE, None),
        (None, RARE, None),
        ("balanced", TWENTY, "balanced"),
        ({"yes": 3}, TWENTY, {"no": 1.0, "yes": 3.0}),
        ({"1": 3, 2: 4}, np.array([1, 2, 3]), {1: 3.0, 2: 4.0, 3: 1.0}),
    ],
)
def test_what_is_chosen(given: Any, y: Any, weights: Any) -> None:
    assert chosen(given, y) == weights


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"maybe": 2.0}, "There is a class weight for 'maybe', which is no class; the classes are 'no', 'yes'"),
        ({"yes": -1}, "The class weight of 'yes' is -1; give a positive number"),
        ({}, "class_weight is {}; give 'balanced', 'none' or a weight for each class"),
        ([1, 2], "class_weight is "),
    ],
)
def test_what_cannot_be_is_refused(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        NetworkClassifier(class_weight=given).fit(np.arange(100.0)[:, None], TWENTY)


def rare_events(seed: int, objects: int = 3000) -> tuple[Any, Any]:
    """Draw ten normal features and the three percent of objects with the largest x0 + x1 x2 + noise."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(objects, 10)).astype("float32")
    score = X[:, 0] + X[:, 1] * X[:, 2] + 0.5 * random.normal(size=objects)
    return X, np.where(score > np.quantile(score, 0.97), "yes", "no")


def run(X: Any, y: Any, options: dict[str, Any]) -> NetworkClassifier:
    of = RunFacts("classification", X.shape[1:], 2, len(X), images=False, classes=2, seed=0, threads=None)
    return NetworkClassifier.for_run(of, options).fit(X, y)


def test_rare_events_are_found_and_it_is_said() -> None:
    X, y = rare_events(0)
    model = run(X[:2400], y[:2400], {})
    probability = model.predict_proba(X[2400:])[:, 1]
    assert average_precision_score(y[2400:] == "yes", probability) > 0.5
    assert balanced_accuracy_score(y[2400:], model.predict(X[2400:])) > 0.75
    assert "% of the training objects are 'yes', so classes are weighted to count alike" in model.history_.message
    plain = run(X[:2400], y[:2400], {"class_weight": "none"})
    assert "weighted" not in plain.history_.message
    assert plain.predict_proba(X[2400:])[:, 1].mean() < 0.06 < probability.mean()


def test_churn_is_not_answered_by_never() -> None:
    """A tenth leave, by age and plan; weighted alike, the network does not say "no" to everyone."""
    random = np.random.default_rng(0)
    age, plan = random.integers(18, 80, 1500), random.integers(3, size=1500)
    chance = 1 / (1 + np.exp(4 - 2 * (age < 35) - 1.5 * (plan == 1)))
    y = np.where(random.random(1500) < chance, "yes", "no")
    X = np.c_[(age - 49) / 18, np.eye(3)[plan]].astype("float32")
    model = run(X[:1200], y[:1200], {})
    assert balanced_accuracy_score(y[1200:], model.predict(X[1200:])) > 0.62
