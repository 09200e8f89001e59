"""All models that suit the data, tried on the same folds."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mathdl.checks import require_truth_value
from mathdl.errors import NotSeparableError
from mathdl.models.registry import models
from mathdl.runs.run import Run
from mathdl.runs.scores import Score
from mathdl.runs.strict_json import strict_json
from mathdl.runs.train import train
from mathdl.runs.verdict import IN_UNITS, WORDS, with_interval
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
    score : str
        The score by which they are ordered.
    tested : str
        "5-fold cross-validation" or "test part".
    failed : dict of str to str
        By model, why it could not be fitted.
    """

    rows: list[Compared]
    score: str
    tested: str
    certified: bool
    failed: dict[str, str] = field(default_factory=dict)

    def table(self) -> list[tuple[str, ...]]:
        """Return the table that is printed, its heads first.

        Returns
        -------
        list of tuple of str
        """
        heads = ("model", WORDS[self.score], "seconds", "parameters", "status")
        found: list[tuple[str, ...]] = [(*heads, "proved") if self.certified else heads]
        for row in self.rows:
            score = with_interval(self.score, row.scores[self.score]).partition(", sd")[0]
            deviation = row.scores[self.score].sd
            spread = "" if deviation is None else f" sd {deviation:.3g}"
            cells = (row.model, score + spread, f"{row.seconds:.1f}", f"{row.parameters:,}", row.status)
            found.append((*cells, "yes" if row.proved else "no") if self.certified else cells)
        return found

    def to_json(self) -> str:
        """Return all of it as JSON.

        Returns
        -------
        str
        """
        rows = [
            {**row._asdict(), "scores": {name: score.to_dict() for name, score in row.scores.items()}}
            for row in self.rows
        ]
        return strict_json({"score": self.score, "tested": self.tested, "models": rows, "failed": self.failed})

    def __repr__(self) -> str:
        return f"<Comparison of {len(self.rows)} models by {WORDS[self.score]}: {self.rows[0].model} is best>"


def compare(
    data: Any,
    *,
    target: str,
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
    names = first.outcome.headline.names
    score = names[1] if len(names) == 2 else names[0]  # of rare classes average precision says most
    for model in _others(first):
        begun = time.perf_counter()
        try:
            run = train(data, model=model, certify=certify, **shared)
        except NotSeparableError as error:
            failed[model] = str(error)
        else:
            rows.append(_row(model, run, begun))
    if any(score not in row.scores for row in rows):
        score = names[0]
    sign = 1 if score in IN_UNITS else -1
    rows.sort(key=lambda row: sign * row.scores[score].value)
    return Comparison(rows, score, str(first.metrics["tested"]), certify, failed)


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
