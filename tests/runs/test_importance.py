"""Importance of columns: what a model does not use counts nothing, and a column is shuffled as a whole."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from mathdl.runs.importance import MAX_NUMBERS, MIN_OBJECTS, REPEATS, column_importance


def blocks(*widths: int) -> dict[str, slice]:
    """Columns of so many features."""
    ends = np.cumsum(widths).tolist()
    return {str(k): slice(end - width, end) for k, (width, end) in enumerate(zip(widths, ends, strict=True))}


def test_a_column_that_is_not_used_counts_nothing() -> None:
    X = np.random.default_rng(0).normal(size=(400, 2))
    model = SimpleNamespace(predict=lambda X: X[:, 0])
    found = column_importance(model, X, X[:, 0], blocks(1, 1), seed=0)
    assert found is not None
    assert found.to_dict()["1"] == {"mean": 0.0, "sd": 0.0}
    assert (found.score, found.objects, found.falls.shape) == ("R2", 400, (2, REPEATS))
    # A shuffled copy has no relation to the truth: R2 falls from 1 to about -1.
    assert found.falls[0] == pytest.approx(2.0, abs=0.4)
    assert (found.falls[1] == 0).all()


def test_the_features_of_a_column_are_shuffled_together() -> None:
    codes = np.random.default_rng(1).integers(3, size=300)
    X = np.eye(3)[codes]

    def predict(one_hot: np.ndarray) -> np.ndarray:
        assert (one_hot.sum(axis=1) == 1).all()
        return one_hot.argmax(axis=1)

    model = SimpleNamespace(predict=predict, classes_=np.arange(3))
    found = column_importance(model, X, codes, blocks(3), seed=0)
    assert found is not None
    assert found.score == "balanced accuracy"
    assert found.falls == pytest.approx(2 / 3, abs=0.15)


def test_the_same_seed_gives_the_same_numbers() -> None:
    X = np.random.default_rng(0).normal(size=(100, 2))
    model = SimpleNamespace(predict=lambda X: X.sum(axis=1))
    first, second = (column_importance(model, X, X[:, 0], blocks(1, 1), seed=5) for _ in range(2))
    assert first is not None
    assert second is not None
    assert (first.falls == second.falls).all()


def test_the_work_is_bounded() -> None:
    asked: list[int] = []
    model = SimpleNamespace(predict=lambda X: asked.append(X.size) or X[:, 0])
    X = np.random.default_rng(0).normal(size=(300, 400))
    found = column_importance(model, X, X[:, 0], blocks(*[1] * 400), seed=0)
    assert found is not None
    assert found.objects == MAX_NUMBERS // (REPEATS * 400 * 400) < 300
    assert sum(asked) <= MAX_NUMBERS + found.objects * 400
    columns = int((MAX_NUMBERS / (REPEATS * MIN_OBJECTS)) ** 0.5) + 1
    wide = np.zeros((MIN_OBJECTS, columns))
    assert column_importance(model, wide, wide[:, 0], blocks(*[1] * columns), seed=0) is None
