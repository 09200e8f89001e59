"""All models that suit the data, tried on the same folds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from math import isnan
from typing import Any, NamedTuple

from mathdl.checks import require_truth_value
from mathdl.errors import NotSeparableError
from mathdl.models.registry import models
from mathdl.runs.baseline import CONSTANT
from mathdl.runs.run import Run
from mathdl.runs.scores import Score
from mathdl.runs.strict_json import strict_json
from mathdl.runs.train import train
from mathdl.runs.verdict import LOWER_IS_BETTER, WORDS, Baseline, with_interval
from mathdl.training.callbacks import Callback

FIRST = "network"  # it does any task, so that its run tells what the task is


class Compared(NamedTuple):
    """One model: its scores by name, the seconds of its whole run, its size, how its fit ended, and whether proved."""

    model: str
    scores: Mapping[str, Score]
    seconds: float
    parameters: int
    status: str
    proved: bool


@dataclass(frozen=True)
class Comparison:
    """Models on the same folds, or on the same test part, the best first.

    Attributes
    ----------
    rows : list of Compared
        The models that were fitted.
    baseline : Baseline
        What they must be better than: the answer that is always the same, which no order mixes in with them.
    score : str
        The score by which they are ordered.
    tested : str
        "5-fold cross-validation" or "test part".
    failed : dict of str to str
        By model, why it could not be fitted.
    """

    rows: list[Compared]
    baseline: Baseline
    score: str
    tested: str
    certified: bool
    failed: dict[str, str] = field(default_factory=dict)

    def table(self) -> list[tuple[str, ...]]:
        """Return the table that is printed, its heads first.

        Returns
        -------
        list of tuple of str
            The baseline stands last.
        """
        heads = ("model", WORDS[self.score], "seconds", "parameters", "status")
        found: list[tuple[str, ...]] = [(*heads, "proved") if self.certified else heads]
        for row in self.rows:
            cells = (row.model, self._told(row.scores), f"{row.seconds:.1f}", f"{row.parameters:,}", row.status)
            found.append((*cells, "yes" if row.proved else "no") if self.certified else cells)
        constant = (self.baseline.words, self._told(self.baseline.scores), "", "", "baseline")
        found.append((*constant, "") if self.certified else constant)
        return found

    def to_json(self) -> str:
        """Return all of it as JSON.

        Returns
        -------
        str
        """
        rows = [{**row._asdict(), "scores": _plain(row.scores), "baseline": False} for row in self.rows]
        constant = {"model": self.baseline.words, "scores": _plain(self.baseline.scores), "baseline": True}
        return strict_json(
            {"score": self.score, "tested": self.tested, "models": [*rows, constant], "failed": self.failed}
        )

    def _told(self, scores: Mapping[str, Score]) -> str:
        """Write the score that orders the models, with its interval and its spread over the folds."""
        if self.score not in scores:
            return ""
        score = scores[self.score]
        spread = "" if score.sd is None else f" sd {score.sd:.3g}"
        return with_interval(self.score, score._replace(sd=None)) + spread

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.rows)} models by {WORDS[self.score]}: {self.rows[0].model} is best>"


def compare(
    data: Any,
    *,
    target: str | None = None,
    task: str | None = None,
    certify: bool = False,
    seed: int = 0,
    callbacks: Sequence[Callback] = (),
    **options: Any,
) -> Comparison:
    """Fit all models that suit the data, each with its defaults, on the same folds: what ``mathdl compare`` does.

    Parameters
    ----------
    data, target, task, seed, callbacks
        As for :func:`mathdl.train`.
    certify : bool, default False
        Whether to have each answer proved where there is a certificate for it.
    **options
        Those of reading and splitting, as for :func:`mathdl.train`: ``columns``, ``drop``, ``kinds``, ``na``,
        ``header``, ``missing``, ``cv``, ``test_fraction``.

    Returns
    -------
    Comparison

    Raises
    ------
    InputError
        If data or an argument cannot be used.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [k * k % 31 for k in range(60)], "y": [k * k % 31 > 15 for k in range(60)]}
    >>> found = mathdl.compare(table, target="y")
    >>> found.score, found.rows[0].scores["accuracy"].value > 0.9
    ('accuracy', True)
    """
    require_truth_value("certify", certify)
    shared = {"target": target, "task": task, "seed": seed, "callbacks": callbacks, **options}
    begun = time.perf_counter()
    first = train(data, **shared)
    rows, failed = [_row(FIRST, first, begun)], {}
    for model in _others(first):
        begun = time.perf_counter()
        try:
            run = train(data, model=model, certify=certify, **shared)
        except NotSeparableError as error:
            failed[model] = str(error)
        else:
            rows.append(_row(model, run, begun))
    score = _telling(first.outcome.headline.names, rows)
    rows.sort(key=lambda row: rank(score, row))
    baseline = next(one for one in first.outcome.trial.baselines if one.name == CONSTANT)
    return Comparison(rows, baseline, score, str(first.metrics["tested"]), certify, failed)


def _telling(names: Sequence[str], rows: Sequence[Compared]) -> str:
    """Return the score that says most of those that all models have; of rare classes that is average precision."""
    order = names[::-1] if len(names) == 2 else names
    return next(name for name in order if all(name in row.scores for row in rows))


def rank(score: str, row: Compared) -> tuple[bool, float]:
    """Return what orders models, the best first; one that diverged may have a score that is no number, and is last."""
    value = row.scores[score].value
    return isnan(value), value if score in LOWER_IS_BETTER else -value


def _plain(scores: Mapping[str, Score]) -> dict[str, dict[str, float]]:
    """Return scores for JSON."""
    return {name: score.to_dict() for name, score in scores.items()}


def _others(first: Run) -> list[str]:
    """Return the models beside the network that suit the data of its run."""
    split = first.outcome.data.split
    classes = 0 if split.classes is None else len(split.classes)
    return [
        name
        for name, kinds in models().items()
        if name != FIRST and split.task in kinds and (classes == 2 or not kinds[split.task].declaration.two_classes)
    ]


def _row(model: str, run: Run, begun: float) -> Compared:
    """Return what is told of a run."""
    seconds, metrics = time.perf_counter() - begun, run.metrics
    return Compared(
        model,
        run.outcome.evaluation.scores,
        seconds,
        int(metrics["parameters"]),
        str(metrics["status"]),
        run.certificate is not None,
    )
