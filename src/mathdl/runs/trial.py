"""The trial of a fitted model: its answers about objects that it was not fitted to, beside those of simpler models."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from mathdl.errors import InputError, TrainingInterrupted
from mathdl.models.conformal import Calibration
from mathdl.models.threshold import Threshold, ThresholdRule
from mathdl.runs.baseline import CONSTANT, fit_constant, fit_linear, linear_baseline
from mathdl.runs.candidate import Candidate
from mathdl.runs.evaluation import (
    Evaluation,
    Fit,
    answers_of,
    answers_of_all,
    class_counts,
    decided_anew,
    evaluate,
    folds_are_fitted_here,
    imbalanced,
    rare_class,
)
from mathdl.runs.fitting import Fitting
from mathdl.runs.prepared_data import SplitData
from mathdl.runs.progress import RunProgress
from mathdl.runs.scores import Answers, scores_of
from mathdl.runs.verdict import Baseline

MODEL = "model"


@dataclass(frozen=True, eq=False)
class Trial:
    """What was answered and how good that is; the baselines answered about the same objects."""

    answers: Answers
    evaluation: Evaluation
    baselines: tuple[Baseline, ...]
    threshold: Threshold | None = None


def tried(candidate: Candidate, fitting: Fitting, shown: Sequence[RunProgress], rule: ThresholdRule | None) -> Trial:
    """Try a fitted model, or models made like it where there are folds, and the baselines.

    What is to be said of it is added to the messages of the fitting.
    """
    split, model = fitting.data.split, fitting.estimator.declaration.command
    here = not split.folds or folds_are_fitted_here()
    contenders: dict[str, Fit] = {MODEL: partial(candidate.fit, callbacks=shown if here else ())}
    if not split.folds:
        contenders[MODEL] = lambda data: fitting.estimator
    linear, left_out = "", ""
    if split.task != "clustering":
        linear, left_out = linear_baseline(split, model)
        contenders[CONSTANT] = fit_constant
    if linear:
        contenders[linear] = partial(fit_linear, balanced=imbalanced(split))
    if left_out:
        fitting.messages.append(f"{left_out.capitalize()}.")
    try:
        parts = candidate.folds(split, shown) if split.folds else [fitting.data]
        answers = answers_of_all(contenders, parts, here=here)
    except TrainingInterrupted as stop:
        raise fitting.interrupted(stop) from None
    threshold = _threshold(rule, fitting, answers[MODEL])
    own = decided_anew(answers.pop(MODEL), threshold)
    evaluation = evaluate(fitting.estimator, fitting.data, own, candidate.seed)
    others = tuple(_baseline(name, said, split, candidate.seed) for name, said in answers.items())
    return Trial(own, evaluation, others, threshold)


def calibration_of(answers: Answers, split: SplitData) -> Calibration | None:
    """Return the errors that intervals and sets of classes are made from."""
    with np.errstate(all="ignore"):
        if split.task == "regression":
            errors = np.abs(answers.predicted.astype(np.float64) - answers.truth)
        elif answers.probabilities is not None and split.task == "classification":
            errors = 1 - answers.probabilities[np.arange(len(answers)), answers.truth].astype(np.float64)
        else:
            return None
    if not len(errors) or not np.isfinite(errors).all():
        return None
    return Calibration.of(errors, approximate=bool(split.folds))


def _threshold(rule: ThresholdRule | None, fitting: Fitting, answers: Answers) -> Threshold | None:
    """Choose a threshold on the validation part or, with folds, on the answers about them; say which it is."""
    split, data = fitting.data.split, fitting.data
    if rule is None:
        return None
    asked, where = answers, "on the answers of the cross-validation"
    if not split.folds and rule.kind != "number":
        if data.validation is None:
            raise InputError(
                f"{len(split.train)} objects are too few to choose a threshold on some of them; give cv=5."
            )
        asked, where = answers_of(fitting.estimator, data.validation, split.task), "on the validation part"
    code = rare_class(split)
    assert asked.probabilities is not None
    assert split.classes is not None
    value, why = rule.choose(asked.truth == code, asked.probabilities[:, code].astype(np.float64))
    chosen = "" if rule.kind == "number" else f", chosen {where}"
    label = split.classes[code].item()
    fitting.messages.append(f"Threshold: {label!r} from a probability of {value:.4g} on ({why}{chosen}).")
    return Threshold(value, code)


def _baseline(name: str, answers: Answers, split: SplitData, seed: int) -> Baseline:
    """Score a baseline."""
    classes, answer, rare = None, None, 1
    if split.task == "classification":
        assert split.classes is not None
        classes, rare = len(split.classes), rare_class(split)
        answer = split.classes[int(np.argmax(class_counts(split)))].item()
        if (
            name == CONSTANT and answers.probabilities is not None
        ):  # the folds' shares differ a little, which would rank
            answers = replace(answers, sure=np.tile(answers.probabilities.mean(axis=0), (len(answers), 1)))
    elif name == CONSTANT:
        rows = split.train if split.validation is None else np.concatenate([split.train, split.validation])
        assert split.target.labels is not None
        answer = float(split.target.labels[rows].mean())
    return Baseline(name, scores_of(answers, classes, rare=rare, seed=seed), answer if name == CONSTANT else None)
