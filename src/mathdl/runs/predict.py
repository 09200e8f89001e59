"""Ask a trained model about pictures or the rows of a table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data import pictures_within, read_columns, read_pictures
from mathdl.data.cleaning import utf8_text
from mathdl.errors import InputError
from mathdl.files.model import load
from mathdl.files.whole import write_whole
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.strict_json import strict_json

Array = NDArray[Any]
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets run begins with one of these


@dataclass(frozen=True, eq=False)
class Predictions:
    """A model's answers.

    ``names`` are the pictures' files, or the rows' numbers from 1 on. ``labels`` are the classes or the numbers of the
    clusters, empty for a regression, whose ``values`` are numbers. ``probabilities``, of shape (N, classes) where the
    model gives any, stand in the order of ``class_names``.
    """

    names: list[str]
    labels: list[Any]
    probabilities: Array | None
    values: list[float]
    class_names: list[Any]

    def to_json(self) -> str:
        """Return the answers as JSON.

        That is an object with ``class_names`` (classification only) and ``predictions``, a list with one object for
        each answer: its ``name`` and ``label``, ``cluster`` or ``value``, and ``probabilities`` where there are any.
        """
        kind = "label" if self.class_names else "cluster" if self.labels else "value"
        answers = [{"name": n, kind: a} for n, a in zip(self.names, self.labels or self.values, strict=True)]
        if self.probabilities is not None:
            for answer, chances in zip(answers, self.probabilities.tolist(), strict=True):
                answer["probabilities"] = chances
        classes = {"class_names": self.class_names} if self.class_names else {}
        return strict_json({**classes, "predictions": answers})

    def to_table(self, path: str | os.PathLike[str]) -> None:
        """Write the answers to a ``.csv`` or ``.parquet`` file, whole or not at all.

        Its columns are ``name`` and ``prediction``, and where there are probabilities a ``probability_CLASS`` for each
        class.
        """
        writers = {".csv": _csv, ".parquet": _parquet}
        writer = writers.get(Path(path_name(path)).suffix.lower())
        if writer is None:
            raise InputError(f"{path} ends in {Path(path).suffix!r}; give a file that ends in .csv or .parquet.")
        columns: dict[str, list[Any]] = {"name": self.names, "prediction": self.labels or self.values}
        if self.probabilities is not None:
            chances = self.probabilities.T.tolist()
            columns |= {f"probability_{k}": c for k, c in zip(self.class_names, chances, strict=True)}
        write_whole(path, writer(columns))


def predict(model_path: str | os.PathLike[str], inputs: Sequence[str | os.PathLike[str]]) -> Predictions:
    """Predict the class, the value or the cluster of pictures, or of each row of a table.

    Pictures of any size are made like those of the training, and a folder stands for all pictures within it. The target
    of the one table (CSV, Parquet, NPZ) may be there or not.
    """
    model = load(model_path)
    if not isinstance(model, TrainedModel):
        raise InputError(
            f"{model_path} holds a {type(model).__name__}, which does not know how to read files; give a model that "
            "mathdl train wrote, or use mathdl.load in Python."
        )
    if not inputs:
        raise InputError("There is nothing to predict; name pictures or a table.")
    names, X = (_pictures if model.preprocessing is None else _table)(model, inputs)
    read = model.inputs(X)
    if model.classes:
        labels, probabilities = model.decide(read)
        return Predictions(names, labels.tolist(), probabilities, [], model.classes)
    answers = model.model.predict(read)
    if answers.dtype.kind == "f":
        return Predictions(names, [], None, answers.tolist(), [])
    return Predictions(names, answers.tolist(), None, [], [])


def _pictures(model: TrainedModel, inputs: Sequence[str | os.PathLike[str]]) -> tuple[list[str], Any]:
    """Read pictures."""
    files = [file for path in inputs for file in (pictures_within(path) if os.path.isdir(path) else [path])]
    return [utf8_text(os.fspath(file)) for file in files], read_pictures(files, model.picture_format)


def _table(model: TrainedModel, inputs: Sequence[str | os.PathLike[str]]) -> tuple[list[str], Any]:
    """Read the columns that the model needs."""
    assert model.preprocessing is not None
    if len(inputs) > 1:
        raise InputError(f"The model was trained on a table, and {len(inputs)} files were given; give one table.")
    columns = read_columns(inputs[0], model.preprocessing.plans)
    rows = max((len(values) for values in columns.values()), default=0)
    return [str(row + 1) for row in range(rows)], columns


def _csv(columns: dict[str, list[Any]]) -> bytes:
    """Write columns as CSV; a text that a spreadsheet would run gets an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (list(columns), *zip(*columns.values(), strict=True)):
        writer.writerow(f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row)
    return text.getvalue().encode("utf-8")


def _parquet(columns: dict[str, list[Any]]) -> bytes:
    """Write columns as Parquet."""
    import pyarrow
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), content)
    return content.getvalue()
