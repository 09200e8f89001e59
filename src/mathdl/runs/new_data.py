"""How good a model file is on data that it has not seen."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data import pictures_within, read_columns, read_pictures
from mathdl.data.cleaning import utf8_text
from mathdl.data.column import ColumnPlan, Kind
from mathdl.data.target import class_labels, codes_of, known_values, quantities
from mathdl.errors import InputError
from mathdl.files.model import load
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.scores import LEVEL, Answers, Score, class_report, scores_of
from mathdl.runs.strict_json import strict_json
from mathdl.runs.verdict import WORDS, with_interval

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class NewDataScores:
    """Scores of a model on new data.

    ``objects`` are those with a label, ``without_label`` those set aside; ``scores`` have intervals of 95 %,
    ``per_class`` precision and recall of each class, and ``notes`` say what was met in the table.
    """

    source: str
    objects: int
    without_label: int
    scores: Mapping[str, Score]
    per_class: list[dict[str, Any]]
    notes: tuple[str, ...]

    def lines(self) -> list[tuple[str, str]]:
        """Return names and texts, as they are printed."""
        aside = f", {self.without_label:,} without a label set aside" if self.without_label else ""
        rows = [(self.source, f"{self.objects:,} objects{aside}")]
        return rows + [(WORDS[name], with_interval(name, score)) for name, score in self.scores.items()]

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return strict_json(
            {
                "source": self.source,
                "objects": self.objects,
                "without_label": self.without_label,
                "scores": {name: score.to_dict() for name, score in self.scores.items()},
                "interval_level": LEVEL,
                "per_class": self.per_class,
                "notes": list(self.notes),
            }
        )


class _Labelled(NamedTuple):
    """What the estimator reads, the labels, how many objects have none, and clauses on what was met."""

    inputs: Array
    labels: Array
    without_label: int
    notes: tuple[str, ...]


def evaluate(
    model_path: str | os.PathLike[str],
    data: str | os.PathLike[str],
    *,
    target: str | None = None,
    strict: bool = False,
) -> NewDataScores:
    """Score a model on labelled data: a table with the target's column, or a folder of pictures by class.

    The target is the column of the training unless another is named. Rows without a label are set aside; ``strict``
    refuses categories and gaps that training did not have.
    """
    model = load(model_path)
    if not isinstance(model, TrainedModel):
        raise InputError(f"{model_path} holds a {type(model).__name__}; give a model that mathdl train wrote.")
    if model.training.get("task") == "clustering":
        raise InputError("The model finds clusters, which have no true answers to compare with; use mathdl predict.")
    read = _pictures(model, data) if model.preprocessing is None else _table(model, data, target, strict)
    answers, probabilities = model.decide(read.inputs)
    rows = np.arange(len(answers))
    per_class: list[dict[str, Any]] = []
    if model.classes:
        classes = np.array(model.classes)
        truth = codes_of(class_labels(read.labels, "The target", as_text=classes.dtype.kind == "U"), classes)
        found = Answers(rows, truth, codes_of(np.asarray(answers), classes), probabilities)
        rare = int(np.argmin(np.bincount(truth, minlength=len(classes))))
        scores, per_class = scores_of(found, len(classes), rare=rare), class_report(found, classes)
    else:
        scores = scores_of(Answers(rows, quantities(read.labels), answers.astype(np.float64)), None)
    return NewDataScores(path_name(data), len(rows), read.without_label, scores, per_class, read.notes)


def _table(model: TrainedModel, path: str | os.PathLike[str], target: str | None, strict: bool) -> _Labelled:
    """Read the columns that the model needs, and the target."""
    assert model.preprocessing is not None
    name = target or model.training.get("target")
    if not name:
        raise InputError("The model does not know what its target was called; name the column with target.")
    kind = Kind.CATEGORY if model.classes and isinstance(model.classes[0], str) else Kind.NUMBER
    columns = read_columns(path, {**model.preprocessing.plans, name: ColumnPlan(kind)}, reading=model.reading)
    if name not in columns:
        raise InputError(f"{path_name(path)} has no column {name!r} to compare with; name the target.")
    labels, rows = known_values(columns.pop(name), f"The target {name!r}")
    encoded = model.encoded({title: column.take(rows) for title, column in columns.items()}, strict=strict)
    count = len(next(iter(columns.values())))
    return _Labelled(encoded.matrix, labels, count - len(rows), encoded.notes)


def _pictures(model: TrainedModel, path: str | os.PathLike[str]) -> _Labelled:
    """Read pictures whose class is the name of the folder that they lie in."""
    if not os.path.isdir(path):
        raise InputError(
            f"The model takes pictures, and {path_name(path)} is no folder; give one folder for each class."
        )
    files = pictures_within(path)
    inputs = model.inputs(read_pictures(files, model.picture_format))
    return _Labelled(inputs, np.array([utf8_text(Path(file).parent.name) for file in files]), 0, ())
