"""Which scores say most, and whether a model is better than what it must be better than."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from mathdl.runs.scores import Score

WORDS = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "f1": "F1",
    "average_precision": "average precision",
    "roc_auc": "ROC AUC",
    "log_loss": "log loss",
    "calibration_error": "calibration error",
    "r2": "R2",
    "rmse": "RMSE",
    "mae": "MAE",
    "median_error": "median error",
}
LOWER_IS_BETTER = {"log_loss", "calibration_error", "rmse", "mae", "median_error"}
IN_UNITS = {"rmse", "mae", "median_error"}  # of the target


class Baseline(NamedTuple):
    """A simple model's scores on the same objects; ``answer`` is what the constant one always says."""

    name: str
    scores: Mapping[str, Score]
    answer: Any = None

    @property
    def words(self) -> str:
        """What it is called in a sentence."""
        if self.answer is None:
            return self.name
        return f"always {self.answer!r}" if not isinstance(self.answer, float) else "always the mean"


def headline(task: str, *, imbalanced: bool) -> list[str]:
    """Return the names of the scores that are told first."""
    if task == "regression":
        return ["r2", "rmse", "mae", "median_error"]
    return ["balanced_accuracy", "average_precision"] if imbalanced else ["accuracy"]


def written(name: str, value: float) -> str:
    """Write a score: three decimals, or five figures in the target's unit."""
    return f"{value:.5g}" if name in IN_UNITS else f"{value:.3f}".replace("-0.000", "0.000")


def with_interval(name: str, score: Score, folds: int = 0) -> str:
    """Write a score with its interval, and its spread over the folds."""
    interval = f"{written(name, score.value)} ({written(name, score.low)} to {written(name, score.high)})"
    return interval if score.sd is None else f"{interval}, sd {written(name, score.sd)} over {folds} folds"


def compared(scores: Mapping[str, Score], baseline: Baseline, names: list[str]) -> str:
    """Say whether scores are better than a baseline's, by the one that says most and that both have.

    Average precision says most of imbalanced data where both have it, and it is told second.
    """
    order = [name for name in (*names[1:], *names) if name in scores and name in baseline.scores]
    order = [name for name in names if name in order] if "rmse" in names else order
    if not order:
        return ""
    name = order[0]
    score, other = scores[name], baseline.scores[name]
    sign = -1 if name in LOWER_IS_BETTER else 1
    least, most = sorted((sign * score.low, sign * score.high))
    about = f"{baseline.words} ({WORDS[name]} {written(name, other.value)})"
    how = (
        "better than" if least > sign * other.value else "worse than" if most < sign * other.value else "no better than"
    )
    return f"{how} {about} on the same {'split' if score.sd is None else 'folds'}"


class Headline(NamedTuple):
    """The first lines about a model: its scores that say most, the constant answer's, and how it compares."""

    model: str
    scores: Mapping[str, Score]
    baselines: Sequence[Baseline]
    names: list[str]
    folds: int

    def scores_told(self) -> list[tuple[str, str]]:
        """Return the scores that say most, each with its interval."""
        return [
            (WORDS[name], with_interval(name, self.scores[name], self.folds))
            for name in self.names
            if name in self.scores
        ]

    def comparisons(self) -> list[str]:
        """Return a clause about each baseline: "better than logistic regression (...) on the same split"."""
        said = [compared(self.scores, baseline, self.names) for baseline in self.baselines]
        return [clause for clause in said if clause]

    def lines(self) -> list[tuple[str, str]]:
        """Return names and texts, as they are printed."""
        shown = [name for name in self.names if name in self.scores]
        if not shown:
            return []
        first, *others = shown
        parts = [with_interval(first, self.scores[first], self.folds)]
        parts += [f"{WORDS[name]} {written(name, self.scores[name].value)}" for name in others]
        parts += [self._constant(baseline) for baseline in self.baselines if baseline.answer is not None]
        rows = [(WORDS[first], "   ".join(parts))]
        clauses = self.comparisons()
        better = [clause for clause in clauses if clause.startswith("better")]
        # Where it is better than a model, that it is better than a constant goes without saying.
        rows += [(self.model, clause) for clause in clauses if clause not in better or clause is clauses[-1]]
        return rows

    def _constant(self, baseline: Baseline) -> str:
        """Say what the constant answer scores."""
        names = ["accuracy", "balanced_accuracy"] if "accuracy" in self.scores else ["rmse", "mae"]
        told = [
            n for n in names if n in baseline.scores and (n != "balanced_accuracy" or "balanced_accuracy" in self.names)
        ]
        return f"{baseline.words}: " + ", ".join(f"{WORDS[n]} {written(n, baseline.scores[n].value)}" for n in told)
