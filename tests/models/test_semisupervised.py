"""Semisupervised learning (definition 5.1.1): scikit-learn's self-training around classifiers of this library."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from sklearn.semi_supervised import SelfTrainingClassifier

from mathdl import SGD, LogisticRegression, NetworkClassifier, learning_mode
from mathdl.data.generators import two_moons

NETWORK = NetworkClassifier((16,), rule=SGD(0.1, momentum=0.9), epochs=60, random_state=0)


def two_clouds() -> tuple[Any, Any]:
    generator = np.random.default_rng(0)
    y = np.arange(400) % 2
    return generator.normal(size=(400, 2)) + 4 * y[:, None], y


@pytest.mark.parametrize(("classifier", "data"), [(LogisticRegression(0.01), two_clouds), (NETWORK, two_clouds)])
def test_few_labels_are_passed_on(classifier: Any, data: Any) -> None:
    X, y = data()
    known = np.where(np.arange(len(y)) < 20, y, -1)
    assert learning_mode(known, unlabelled=-1) == "semisupervised"
    model = SelfTrainingClassifier(classifier, threshold=0.9).fit(X, known)
    assert model.score(X, y) > 0.97
    assert (model.transduction_ != -1).mean() > 0.9  # most objects were given a label on the way
    assert (model.labeled_iter_ > 0).sum() > 300


def test_the_unlabelled_objects_help() -> None:
    X, y = two_moons(600, 0.1, seed=0)
    known = np.where(np.arange(len(y)) < 12, y, -1)
    alone = NETWORK.fit(X[:12], y[:12]).score(X, y)
    together = SelfTrainingClassifier(NETWORK, threshold=0.95).fit(X, known).score(X, y)
    assert together > alone
