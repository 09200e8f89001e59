"""How much each column of a table counts: by how much a score falls when the column is shuffled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn.inspection import permutation_importance
from sklearn.metrics import balanced_accuracy_score, r2_score

Array = NDArray[Any]

REPEATS = 5  # scikit-learn's default
# Chosen: numbers that the model reads in all, about a second of a small network; fewer objects are asked where columns
# are many, and none where that would leave fewer than MIN_OBJECTS.
MAX_NUMBERS, MIN_OBJECTS = 2**27, 50


class Importance(NamedTuple):
    """The falls of a score, of shape (columns, REPEATS), with the names of the columns and of the score.

    ``kind`` says of which objects: of the test, or of the training where those of the test have other models.
    """

    columns: Sequence[str]
    falls: NDArray[np.float64]
    score: str
    objects: int
    kind: str = "test"

    def to_dict(self) -> dict[str, dict[str, float]]:
        """Return mean and standard deviation by column, for JSON."""
        means, deviations = self.falls.mean(axis=1).tolist(), self.falls.std(axis=1).tolist()
        return {name: {"mean": mean, "sd": sd} for name, mean, sd in zip(self.columns, means, deviations, strict=True)}


def column_importance(
    estimator: Any, inputs: Array, truth: Array, blocks: Mapping[str, slice], *, seed: int
) -> Importance | None:
    """Shuffle the features of one column after the other, and predict; None where there are too many columns.

    ``blocks`` are the places of each column's features in the inputs, by its name. A column that another one also tells
    of may count for little though the model uses it.
    """
    affordable = MAX_NUMBERS // (REPEATS * len(blocks) * inputs.shape[1])
    if min(affordable, len(inputs)) < MIN_OBJECTS:
        return None
    generator = np.random.default_rng(seed)
    objects = generator.permutation(len(inputs))[:affordable]
    classifies = hasattr(estimator, "classes_")
    score = balanced_accuracy_score if classifies else r2_score
    rows = np.repeat(np.arange(len(objects))[:, None], len(blocks), axis=1)
    found = permutation_importance(
        _Gathered(estimator, inputs[objects], list(blocks.values())),
        rows,
        truth[objects],
        scoring=lambda model, X, y: score(y, model.predict(X)),
        n_repeats=REPEATS,
        random_state=np.random.RandomState(generator.integers(2**32)),
    )
    return Importance(list(blocks), found.importances, "balanced accuracy" if classifies else "R2", len(objects))


class _Gathered:
    """An estimator whose "features" are rows: column k of X says from which object the k-th block is taken."""

    def __init__(self, estimator: Any, inputs: Array, blocks: Sequence[slice]) -> None:
        self._estimator, self._inputs, self._blocks = estimator, inputs, blocks

    def fit(self) -> None:
        """Exist, as scikit-learn asks of an estimator; it is fitted already."""

    def predict(self, rows: NDArray[np.intp]) -> Array:
        """Predict for objects put together from others."""
        gathered = self._inputs.copy()
        for k, block in enumerate(self._blocks):
            gathered[:, block] = self._inputs[rows[:, k], block]
        return np.asarray(self._estimator.predict(gathered))
