"""The scores of a trained model on new data, and the report of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from mathdl.files.whole import write_together
from mathdl.models.number_table import NumberTable
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.baseline import CONSTANT
from mathdl.runs.evaluation import Evaluation, binary_answers
from mathdl.runs.importance import column_importance
from mathdl.runs.outputs import checked_folder, make_folder
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report import render_report
from mathdl.runs.report_record import Report
from mathdl.runs.scores import LEVEL, Score
from mathdl.runs.scores_table import scores_table
from mathdl.runs.strict_json import strict_json
from mathdl.runs.verdict import WORDS, Baseline, with_interval, written

SCORES, PAGE = "evaluation.json", "evaluation.html"  # beside the files of a run, not in their place


@dataclass(frozen=True, eq=False)
class NewDataScores:
    """Scores of a model on new data.

    Attributes
    ----------
    source : str
        What the data are called.
    objects, without_label : int
        How many have a label, and how many were set aside because they have none.
    scores : dict of str to Score
        Each with its interval of 95 %.
    baseline : Baseline or None
        What the constant answer of the training scores on the same objects.
    notes : tuple of str
        What was met in a table, such as categories that training did not have.
    evaluation : Evaluation
        The confusion matrix, the worst mistakes and more that the report draws.
    data : PreparedData
        The objects as the model reads them.
    model : TrainedModel
        The model.
    command : str
        What scores it again.
    rare : int
        The place of the class that some scores of two classes speak of: the rarer one in training.
    first : list of str
        The scores that say most, by the shares that the classes had in training.
    """

    source: str
    objects: int
    without_label: int
    scores: Mapping[str, Score]
    baseline: Baseline | None
    notes: tuple[str, ...]
    evaluation: Evaluation = field(repr=False)
    data: PreparedData = field(repr=False)
    model: TrainedModel = field(repr=False)
    command: str
    rare: int
    first: list[str]

    def lines(self) -> list[tuple[str, str]]:
        """Return names and texts, as they are printed.

        Returns
        -------
        list of (str, str)
        """
        return [(self.source, self._counted()), *self._told(list(self.scores))]

    def to_json(self) -> str:
        """Return all of it as JSON.

        Returns
        -------
        str
        """
        matrix, baseline = self.evaluation.confusion, self.baseline
        constant = {} if baseline is None else {"answer": baseline.answer, "scores": _plain(baseline.scores)}
        return strict_json(
            {
                "source": self.source,
                "objects": self.objects,
                "without_label": self.without_label,
                "scores": _plain(self.scores),
                "interval_level": LEVEL,
                "scores_in_training": self.model.training.get("scores", {}),
                "baselines": {CONSTANT: constant} if constant else {},
                "class_names": self.model.classes,
                "per_class": list(self.evaluation.per_class),
                "confusion": [] if matrix is None else matrix.tolist(),
                "calibration": list(self.evaluation.calibration),
                "notes": list(self.notes),
            }
        )

    @cached_property
    def report(self) -> str:
        """The report, an HTML page, drawn when it is asked for."""
        data, model, judgement = self.data, self.model, self.evaluation
        split, importance = data.split, None
        labels = data.test.target.labels
        if split.preprocessing is not None and labels is not None:
            blocks = dict(zip(split.preprocessing.columns, split.preprocessing.blocks, strict=True))
            importance = column_importance(model.model, data.test.inputs, labels, blocks, seed=0)
        return render_report(
            Report(
                title=split.source.name,
                target=str(model.training.get("target") or ""),
                model=str(model.training.get("model", model.kind)),
                data=f"Scored with a model that was trained before: {self._counted()}.",
                command=self.command,
                metrics=judgement.metrics,
                parameters=model.model.parameter_count,
                seconds=float(model.training.get("train_seconds", 0.0)),
                confusion=judgement.confusion,
                class_names=model.classes,
                truth=judgement.truth,
                prediction=judgement.prediction,
                worst=judgement.worst,
                answer=self._told(self.first),
                scores=self._table(),
                importance=importance,
                binary=None if split.classes is None else binary_answers(judgement, split.classes, self.rare),
                notes=[f"{note}." for note in self.notes],
            )
        )

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write ``evaluation.json`` and the report ``evaluation.html`` into a folder, both or none.

        Parameters
        ----------
        folder : path
            Made where it is missing.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            If it cannot be written to.
        """
        checked, page = checked_folder(folder), self.report.encode("utf-8", "backslashreplace")
        make_folder(checked)
        write_together({checked / SCORES: self.to_json() + "\n", checked / PAGE: page})
        return checked

    def _counted(self) -> str:
        """Say how many objects were scored."""
        aside = f", {self.without_label:,} without a label set aside" if self.without_label else ""
        return f"{self.objects:,} object{'' if self.objects == 1 else 's'}{aside}"

    def _told(self, names: list[str]) -> list[tuple[str, str]]:
        """Return some scores as names and texts, those of the constant answer, and those of the training's test."""
        shown = [name for name in names if name in self.scores]
        rows = [(WORDS[name], with_interval(name, self.scores[name])) for name in shown]
        if self.baseline is not None:
            told = [(name, self.baseline.scores[name].value) for name in self.first if name in self.baseline.scores]
            rows.append((self.baseline.words, _listed(told)))
        before = self.model.training.get("scores", {})
        if told := [(name, before[name]["value"]) for name in self.first if name in before]:
            tested = self.model.training.get("tested", "test part")
            rows.append(("when trained", f"{_listed(told)} ({tested})"))
        return rows

    def _table(self) -> NumberTable:
        """Return all scores beside the constant answer's."""
        return scores_table("on these data", self.scores, [] if self.baseline is None else [self.baseline])


def _plain(scores: Mapping[str, Score]) -> dict[str, Any]:
    """Return scores for JSON."""
    return {name: score.to_dict() for name, score in scores.items()}


def _listed(told: list[tuple[str, float]]) -> str:
    """List scores without their intervals."""
    return ", ".join(f"{WORDS[name]} {written(name, value)}" for name, value in told)
