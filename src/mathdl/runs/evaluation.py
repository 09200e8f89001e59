"""How good a model is on objects that it was not fitted to, and where it errs most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from joblib import Parallel, delayed, effective_n_jobs
from numpy.typing import NDArray
from sklearn.metrics import adjusted_rand_score, confusion_matrix

from mathdl.data import ImageSet, Table
from mathdl.errors import TrainingInterrupted
from mathdl.interrupts import on_interrupt
from mathdl.models.threshold import Threshold
from mathdl.networks.training_engine import current_engine
from mathdl.runs.prepared_data import Part, PreparedData, SplitData
from mathdl.runs.report_record import BinaryAnswers, WorstPictures, WorstRows
from mathdl.runs.scores import Answers, Score, calibration_bins, class_report, scores_of

Array = NDArray[Any]
Fitted = Any  # an estimator that has been fitted
Fit = Callable[[PreparedData], Fitted]

WORST_PICTURES, WORST_ROWS = 24, 10  # that a report shows
BALANCED = 0.4  # a class of a smaller part of its even share makes data imbalanced: 20 % of two classes; chosen


@dataclass(frozen=True, eq=False)
class Evaluation:
    """What the tested objects say: metrics by name, scores with their intervals, and what the report draws."""

    metrics: dict[str, float]
    worst: WorstPictures | WorstRows | None = None
    confusion: NDArray[np.int64] | None = None
    truth: Array | None = None
    prediction: Array | None = None
    answers: Answers | None = None
    scores: Mapping[str, Score] = field(default_factory=dict)
    per_class: Sequence[Mapping[str, Any]] = ()
    calibration: Sequence[Mapping[str, float]] = ()


def answers_of_all(contenders: Mapping[str, Fit], parts: Iterable[PreparedData], *, here: bool) -> dict[str, Answers]:
    """Fit every contender to what trains of all folds, or of the one split, and return its answers about what tests.

    All contenders see the same data, and no answer is about an object that was fitted to. A fold is encoded when its
    turn has come. What is not fitted ``here``, one after the other, is fitted by joblib's backend at once.
    """
    numbered = enumerate(parts)
    if here:
        found = [_answers_of_fold(contenders, *fold) for fold in numbered]
    else:
        found = _found_elsewhere(delayed(_answers_of_fold)(contenders, *fold) for fold in numbered)
    return {name: _joined([answers[name] for answers in found]) for name in contenders}


def folds_are_fitted_here() -> bool:
    """Whether folds are fitted one after the other in this process, where engines are: joblib was told nothing else."""
    return current_engine() is not None or effective_n_jobs(None) == 1


def _found_elsewhere(work: Iterable[Any]) -> list[Any]:
    """Let the processes of joblib's backend do the work; Ctrl-C ends those that it has started."""

    def interrupt() -> None:
        raise KeyboardInterrupt  # in joblib's waiting, which then ends its processes

    try:
        with on_interrupt(interrupt):
            return list(Parallel()(work))
    except KeyboardInterrupt:
        raise TrainingInterrupted("Interrupted while the folds of the cross-validation were trained on.") from None


def _answers_of_fold(contenders: Mapping[str, Fit], number: int, data: PreparedData) -> dict[str, Answers]:
    """Fit every contender to what trains of a fold, and return its answers about what tests."""
    found = {name: answers_of(fit(data), data.test, data.split.task) for name, fit in contenders.items()}
    return {name: replace(one, fold=np.full(len(one), number)) for name, one in found.items()}


def _joined(parts: Sequence[Answers]) -> Answers:
    """Return the answers of all folds by the rows' order."""
    if len(parts) == 1:
        return replace(parts[0], fold=None)
    names = ("rows", "truth", "predicted", "sure", "fold")
    columns = {name: [getattr(part, name) for part in parts] for name in names}
    whole = {name: None if values[0] is None else np.concatenate(values) for name, values in columns.items()}
    return Answers(**whole).take(np.argsort(whole["rows"], kind="stable"))  # type: ignore[arg-type]


def answers_of(estimator: Fitted, part: Part, task: str) -> Answers:
    """Ask a fitted estimator about objects."""
    with np.errstate(all="ignore"):  # a run that diverged may leave parameters whose outputs are not finite
        if task == "classification":
            assert part.target.codes is not None
            codes, sure = decided_codes(estimator, part.inputs)
            if sure is None and hasattr(estimator, "decision_function"):
                sure = estimator.decision_function(part.inputs)
            return Answers(part.rows, part.target.codes, codes, sure)
        truth = part.target.labels if part.target.codes is None else part.target.codes
        predicted = estimator.predict(part.inputs)
        return Answers(part.rows, np.zeros(len(part)) if truth is None else truth, predicted)


def decided_codes(estimator: Any, inputs: Array) -> tuple[Array, Array | None]:
    """Return the code of the class that a classifier decides for, and the probabilities where it gives any."""
    if hasattr(estimator, "predict_proba"):
        chances = estimator.predict_proba(inputs)
        return chances.argmax(axis=1), chances
    return np.searchsorted(estimator.classes_, estimator.predict(inputs)), None


def decided_anew(answers: Answers, threshold: Threshold | None) -> Answers:
    """Return answers as a threshold decides them."""
    if threshold is None or answers.probabilities is None:
        return answers
    return replace(answers, predicted=threshold.decide(answers.probabilities))


def rare_class(data: SplitData) -> int:
    """Return the code of the class with the fewest rows, of equal ones the last."""
    return rarest(class_counts(data))


def rarest(counts: NDArray[np.intp]) -> int:
    """Return the place of the smallest count, of equal ones the last."""
    return int(len(counts) - 1 - np.argmin(counts[::-1]))


def class_counts(data: SplitData) -> NDArray[np.intp]:
    """Return how many rows of what trains each class has."""
    assert data.target.codes is not None
    assert data.classes is not None
    rows = data.train if data.validation is None else np.concatenate([data.train, data.validation])
    return np.bincount(data.target.codes[rows], minlength=len(data.classes))


def imbalanced(data: SplitData) -> bool:
    """Whether a class is so rare that accuracy says little."""
    return data.task == "classification" and uneven(class_counts(data))


def uneven(counts: NDArray[np.intp]) -> bool:
    """Whether the smallest count is so small beside the others that accuracy says little."""
    return bool(counts.min() * len(counts) < BALANCED * counts.sum())


def evaluate(
    estimator: Any, data: PreparedData, answers: Answers, seed: int = 0, rare: int | None = None
) -> Evaluation:
    """Judge answers; of two classes some scores speak of the one with the code ``rare``, by default the rarer one."""
    with np.errstate(all="ignore"):
        if data.split.task == "clustering":
            judge = _outliers if hasattr(estimator, "score_samples") else _clusters
            return judge(estimator, data.test, answers)
        if data.split.task == "regression":
            return _values(data.split, answers, seed)
        return _classes(data.split, answers, seed, rare_class(data.split) if rare is None else rare)


def binary_answers(evaluation: Evaluation, classes: Array, rare: int) -> BinaryAnswers | None:
    """Return what the curves of two classes are drawn from, for one of them; None where there are no probabilities."""
    answers = evaluation.answers
    if answers is None or answers.probabilities is None or len(classes) != 2:
        return None
    positive, chances = answers.truth == rare, answers.probabilities
    if positive.all() or not positive.any() or not np.isfinite(chances).all():
        return None
    return BinaryAnswers(classes.tolist()[rare], positive, chances[:, rare].clip(0.0, 1.0))


def source_tested(data: SplitData) -> Any:
    """Return what the tested rows are rows of."""
    return data.source.test or data.source


def _classes(data: SplitData, answers: Answers, seed: int, rare: int) -> Evaluation:
    """Scores, confusion matrix (rows true, columns predicted) and the surest mistakes."""
    assert data.classes is not None
    truth, predicted, classes = answers.truth, answers.predicted, data.classes
    scores = scores_of(answers, len(classes), rare=rare, seed=seed)
    chances, sure, what = answers.probabilities, answers.sure, "w.x - b"
    if chances is not None:
        sure, what = chances[np.arange(len(truth)), predicted], "probability"
    wrong = np.flatnonzero(truth != predicted)
    order = wrong if sure is None else wrong[np.argsort(-np.abs(sure[wrong]), kind="stable")]
    said = {} if sure is None else {what: sure[order].tolist()}
    worst = _worst(data, answers.rows[order], classes[truth[order]].tolist(), classes[predicted[order]].tolist(), said)
    finite = chances is not None and np.isfinite(chances).all() and len(chances)
    return Evaluation(
        {"test_accuracy": scores["accuracy"].value},
        worst,
        confusion=confusion_matrix(truth, predicted, labels=np.arange(len(classes))),
        answers=answers,
        scores=scores,
        per_class=class_report(answers, classes),
        calibration=calibration_bins(answers, rare) if finite else (),
    )


def _values(data: SplitData, answers: Answers, seed: int) -> Evaluation:
    """Scores, and the largest errors."""
    truth, prediction = answers.truth, answers.predicted
    order = np.argsort(-np.abs(prediction - truth), kind="stable")
    worst = _worst(data, answers.rows[order], truth[order].tolist(), prediction[order].tolist(), {})
    scores = scores_of(answers, None, seed=seed)
    metrics = {f"test_{name}": score.value for name, score in scores.items()}
    return Evaluation(metrics, worst, truth=truth, prediction=prediction, answers=answers, scores=scores)


def _clusters(estimator: Any, test: Part, answers: Answers) -> Evaluation:
    """How far the objects are from their centres and, where there are classes, whether clusters and classes agree."""
    away = test.inputs - estimator.cluster_centers_[answers.predicted]
    metrics = {"test_mean_square_distance": float(np.mean(np.sum(away**2, axis=1)))}
    if test.target.codes is not None:
        metrics["test_adjusted_rand_index"] = float(adjusted_rand_score(answers.truth, answers.predicted))
    return Evaluation(metrics)


def _outliers(estimator: Any, test: Part, answers: Answers) -> Evaluation:
    """How many objects are outliers and, where there are two classes, how many of the rarer one are among them."""
    found = answers.predicted < 0
    metrics = {"test_outliers": float(np.mean(found))}
    if test.target.codes is not None and len(np.unique(answers.truth)) == 2:
        rare = answers.truth == rarest(np.bincount(answers.truth))
        metrics["test_outlier_recall"] = float(found[rare].mean())
        if found.any():
            metrics["test_outlier_precision"] = float(rare[found].mean())
    return Evaluation(metrics)


def _worst(
    data: SplitData, rows: Array, truth: Sequence[Any], predicted: Sequence[Any], sure: dict[str, list[float]]
) -> WorstPictures | WorstRows:
    """Collect the worst mistakes, the worst first; ``sure`` by its name."""
    source = source_tested(data)
    if isinstance(source, ImageSet):
        n = WORST_PICTURES
        chances = sure["probability"][:n] if "probability" in sure else None
        return WorstPictures(source.images[rows[:n]], truth[:n], predicted[:n], chances)
    columns = source.columns if isinstance(source, Table) else {}  # a signal has none
    names = list(columns)
    worst = []
    for k, row in enumerate(rows[:WORST_ROWS]):
        values = [plain_cell(columns[name].values[row]) for name in names]
        worst.append([int(row) + 1, truth[k], predicted[k], *(values[k] for values in sure.values()), *values])
    return WorstRows(["row", "true", "predicted", *sure, *names], worst, own=len(names))


def plain_cell(value: Any) -> Any:
    """Return a value of a column for a table; nothing where it is missing."""
    if value is None or value != value:
        return ""
    if isinstance(value, np.datetime64):
        return str(value.astype("datetime64[s]")).replace("T", " ").removesuffix(" 00:00:00")
    return value.item() if isinstance(value, np.generic) else value
