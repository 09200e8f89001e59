"""Scores of answers, each with an interval that says how far chance may have moved it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sklearn import metrics as of_sklearn

from mathdl.runs.resampling import RESAMPLES, interval_of, weighted_average_precision, weighted_roc_auc

Array = NDArray[Any]

LEVEL = 0.95  # of the intervals of scores
BINS = 10  # of calibration
SMALLEST = 1e-15  # probability that log loss knows


class Score(NamedTuple):
    """A score, the interval around it, and its standard deviation over the folds where there are folds."""

    value: float
    low: float
    high: float
    sd: float | None = None

    def to_dict(self) -> dict[str, float]:
        """Return it for JSON."""
        return {name: value for name, value in self._asdict().items() if value is not None}


@dataclass(frozen=True, eq=False)
class Answers:
    """What a model answers about objects that it was not fitted to, beside the truth.

    Of a classification ``truth`` and ``predicted`` are codes of classes, and ``sure`` holds the probabilities, of shape
    (N, K), or the signed distances of a model that gives none; of a regression they are numbers, and ``sure`` is None.
    ``rows`` says which rows of the source, and ``fold`` which fold each was answered in.
    """

    rows: NDArray[np.intp]
    truth: Array
    predicted: Array
    sure: Array | None = None
    fold: NDArray[np.intp] | None = None

    def __len__(self) -> int:
        return len(self.truth)

    @property
    def probabilities(self) -> Array | None:
        """The probabilities of the classes where there are any."""
        return self.sure if self.sure is not None and self.sure.ndim == 2 else None

    def take(self, which: NDArray[Any]) -> Answers:
        """Return some of the answers."""
        parts = (self.rows, self.truth, self.predicted, self.sure, self.fold)
        return Answers(*(None if part is None else part[which] for part in parts))  # type: ignore[arg-type]


def scores_of(answers: Answers, classes: int | None, *, rare: int = 1, seed: int = 0) -> dict[str, Score]:
    """Score answers: of a classification with so many classes, or of a regression where that is None.

    Of two classes F1, average precision and ROC AUC are those of the class with the code ``rare``; of more they are
    means over the classes.
    """
    if not len(answers):
        return {}
    # A run that diverged may have answers that are not finite.
    with np.errstate(all="ignore"):
        found = _of_values(answers, seed) if classes is None else _of_classes(answers, classes, rare, seed)
        if answers.fold is None:
            return found
        folds = [answers.take(answers.fold == k) for k in np.unique(answers.fold)]
        each = [
            values_of(fold) if classes is None else _class_values(fold, classes, rare) for fold in folds if len(fold)
        ]
    spread = {name: [one[name] for one in each if name in one] for name in found}
    return {
        name: score._replace(sd=float(np.std(spread[name], ddof=1)) if len(spread[name]) > 1 else None)
        for name, score in found.items()
    }


def class_report(answers: Answers, classes: Array) -> list[dict[str, Any]]:
    """Return precision, recall, F1 and the number of objects of every class."""
    columns = of_sklearn.precision_recall_fscore_support(
        answers.truth, answers.predicted, labels=np.arange(len(classes)), zero_division=np.nan
    )
    names = ("precision", "recall", "f1", "objects")
    return [
        {"class": label, **dict(zip(names, (float(p), float(r), float(f), int(n)), strict=True))}
        for label, p, r, f, n in zip(classes.tolist(), *columns, strict=True)
    ]


def calibration_bins(answers: Answers, rare: int) -> list[dict[str, float]]:
    """Return mean probability, share and count of every bin: of the rarer of two classes, or of the answer given."""
    chances, right = _confidence(answers, rare)
    places = np.minimum((chances * BINS).astype(int), BINS - 1)
    return [
        {
            "probability": float(chances[places == k].mean()),
            "share": float(right[places == k].mean()),
            "objects": int((places == k).sum()),
        }
        for k in np.unique(places)
    ]


def r2(truth: Array, prediction: Array) -> float:
    """Return the coefficient of determination; also of one object, for which scikit-learn knows none."""
    error, spread = np.sum((truth - prediction) ** 2), np.sum((truth - truth.mean()) ** 2)
    if spread == 0:
        return float(error == 0)
    return float(1 - error / spread)


def values_of(answers: Answers) -> dict[str, float]:
    """Return the scores of numbers without their intervals."""
    error = np.abs(answers.predicted - answers.truth)
    return {
        **({"r2": r2(answers.truth, answers.predicted)} if len(answers) > 1 else {}),
        "rmse": float(np.sqrt(np.mean(error**2))),
        "mae": float(np.mean(error)),
        "median_error": float(np.median(error)),
    }


def _of_values(answers: Answers, seed: int) -> dict[str, Score]:
    """Score predicted numbers."""
    from scipy.stats import binom

    values = values_of(answers)
    truth, error = answers.truth.astype(np.float64), np.abs(answers.predicted - answers.truth)
    middle = truth.mean()

    def r2_of(weights: Array, rows: Array) -> Array:
        square, first = weights @ (truth[rows] - middle) ** 2, weights @ (truth[rows] - middle)
        result: Array = 1 - weights @ error[rows] ** 2 / (square - first**2 / weights.sum(axis=1))
        return result

    measures: dict[str, Callable[[Array, Array], Array]] = {
        "r2": r2_of,
        "rmse": lambda weights, rows: np.sqrt(weights @ error[rows] ** 2 / weights.sum(axis=1)),
        "mae": lambda weights, rows: weights @ error[rows] / weights.sum(axis=1),
    }
    found = {
        name: Score(values[name], *interval_of(measure, len(truth), seed, LEVEL, values[name]))
        for name, measure in measures.items()
        if name in values
    }
    # What a bootstrap of the median tends to: the errors whose ranks are quantiles of a binomial.
    ranks = np.clip(binom.ppf([(1 - LEVEL) / 2, (1 + LEVEL) / 2], len(error), 0.5), 0, len(error) - 1).astype(int)
    low, high = np.sort(error)[ranks]
    return {**found, "median_error": Score(values["median_error"], float(low), float(high))}


def _of_classes(answers: Answers, classes: int, rare: int, seed: int) -> dict[str, Score]:
    """Score predicted classes."""
    from scipy.stats import binomtest

    values, n = _class_values(answers, classes, rare), len(answers)
    exact = binomtest(int((answers.truth == answers.predicted).sum()), n).proportion_ci(LEVEL)
    found = {"accuracy": Score(values["accuracy"], float(exact.low), float(exact.high))}
    found["balanced_accuracy"] = Score(values["balanced_accuracy"], *_of_recalls(answers, classes, seed))
    measures = _resampled(answers, classes, rare)
    for name, value in values.items():
        if name in measures:
            outputs = classes if classes > 2 else 1
            low, high = interval_of(measures[name], n, seed, LEVEL, value, outputs=outputs)
            largest = np.inf if name == "log_loss" else 1.0
            found[name] = Score(value, max(low, 0.0), min(high, largest))
    return found


def _class_values(answers: Answers, classes: int, rare: int) -> dict[str, float]:
    """Return the scores of predicted classes without their intervals; those that the answers cannot have are absent."""
    truth, predicted = answers.truth, answers.predicted
    confusion = of_sklearn.confusion_matrix(truth, predicted, labels=np.arange(classes))
    found = {"accuracy": float((truth == predicted).mean())}
    found |= {name: float(values[0]) for name, values in _of_confusion(confusion[None], rare).items()}
    ranks = _ranking(answers, classes, rare)
    if ranks:
        found["average_precision"] = float(
            np.mean([of_sklearn.average_precision_score(is_it, s) for is_it, s in ranks])
        )
        found["roc_auc"] = float(np.mean([of_sklearn.roc_auc_score(is_it, s) for is_it, s in ranks]))
    if answers.probabilities is not None and np.isfinite(answers.probabilities).all():
        found["log_loss"] = float(_losses(answers).mean())
        found["calibration_error"] = _calibration_error(answers, rare)
    return found


def _of_recalls(answers: Answers, classes: int, seed: int) -> tuple[float, float]:
    """Return the interval of balanced accuracy.

    Each recall is drawn as Jeffreys' prior and its counts have it: of a class with few objects, all of them right, a
    bootstrap would be certain.
    """
    there = np.bincount(answers.truth, minlength=classes)
    right = np.bincount(answers.truth[answers.truth == answers.predicted], minlength=classes)
    tested, generator = there > 0, np.random.default_rng(seed)
    hits, objects = right[tested], there[tested]
    draws = generator.beta(hits + 0.5, objects - hits + 0.5, (RESAMPLES, len(hits))).mean(axis=1)
    value = float((hits / objects).mean())
    low, high = np.quantile(draws, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return min(float(low), value), max(float(high), value)


def _of_confusion(confusion: Array, rare: int) -> dict[str, Array]:
    """Return balanced accuracy and F1 of confusion matrices, of shape (B, K, K)."""
    right = np.diagonal(confusion, axis1=1, axis2=2)
    there, said = confusion.sum(axis=2), confusion.sum(axis=1)
    f1 = np.where(there + said > 0, 2 * right / np.maximum(there + said, 1), np.nan)
    balanced = np.nanmean(np.where(there > 0, right / np.maximum(there, 1), np.nan), axis=1)
    if confusion.shape[1] > 2:
        return {"balanced_accuracy": balanced, "f1": np.nanmean(f1, axis=1)}
    return {"balanced_accuracy": balanced, "f1": np.nan_to_num(f1[:, rare])}


def _ranking(answers: Answers, classes: int, rare: int) -> list[tuple[Array, Array]]:
    """Return whether objects are of a class, and how sure the model is of it, for the classes that scores speak of."""
    sure, truth = answers.sure, answers.truth
    if sure is None or not np.isfinite(sure).all():
        return []
    if sure.ndim == 1:
        sure = np.stack([-sure, sure], axis=1)
    asked = [rare] if classes == 2 else range(classes)
    return [(truth == k, sure[:, k]) for k in asked if 0 < (truth == k).sum() < len(truth)]


def _losses(answers: Answers) -> Array:
    """Return the cross-entropy of every object."""
    assert answers.probabilities is not None
    chances = answers.probabilities[np.arange(len(answers)), answers.truth].astype(np.float64)
    losses: Array = -np.log(np.clip(chances, SMALLEST, 1))
    return losses


def _confidence(answers: Answers, rare: int) -> tuple[Array, Array]:
    """Return the probability of what is said, and whether it is so."""
    chances = answers.probabilities
    assert chances is not None
    if chances.shape[1] == 2:
        return chances[:, rare].astype(np.float64), answers.truth == rare
    return chances.max(axis=1).astype(np.float64), answers.truth == chances.argmax(axis=1)


def _calibration_error(answers: Answers, rare: int) -> float:
    """Return the mean distance of probability and share over the bins, each weighted with its objects."""
    bins = calibration_bins(answers, rare)
    return float(sum(b["objects"] * abs(b["probability"] - b["share"]) for b in bins) / len(answers))


def _resampled(answers: Answers, classes: int, rare: int) -> Mapping[str, Callable[[Array, Array], Array]]:
    """Return the scores as functions of weights, of shape (B, m), and of the rows that these weigh."""
    cells = answers.truth * classes + answers.predicted

    def counted(name: str) -> Callable[[Array, Array], Array]:
        def of_weights(weights: Array, rows: Array) -> Array:
            used, places = np.unique(cells[rows], return_inverse=True)
            table = np.zeros((len(weights), classes * classes))
            for k, cell in enumerate(used):
                table[:, cell] = weights[:, places == k].sum(axis=1)
            return _of_confusion(table.reshape(-1, classes, classes), rare)[name]

        return of_weights

    def ranked(of_rank: Callable[..., Array]) -> Callable[[Array, Array], Array]:
        ranks = _ranking(answers, classes, rare)
        return lambda weights, rows: np.nanmean([of_rank(is_it[rows], s[rows], weights) for is_it, s in ranks], axis=0)

    measures = {"f1": counted("f1")}
    measures |= {"average_precision": ranked(weighted_average_precision), "roc_auc": ranked(weighted_roc_auc)}
    if answers.probabilities is not None:
        measures["log_loss"] = lambda weights, rows: weights @ _losses(answers)[rows] / weights.sum(axis=1)
        measures["calibration_error"] = lambda weights, rows: _weighted_calibration(answers, rare, weights, rows)
    return measures


def _weighted_calibration(answers: Answers, rare: int, weights: Array, rows: Array) -> Array:
    """Return the calibration error of every row of weights."""
    chances, right = (part[rows] for part in _confidence(answers, rare))
    places = np.minimum((chances * BINS).astype(int), BINS - 1)
    gap = sum(abs(weights[:, places == k] @ (chances - right)[places == k]) for k in np.unique(places))
    result: Array = gap / weights.sum(axis=1)
    return result
