"""Ask a trained model about pictures or the rows of a table."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name
from mathdl.data import (
    change_of_size,
    csv_batches,
    picture_heads,
    pictures_within,
    read_columns,
    read_npz_array,
    read_pictures,
)
from mathdl.data.cleaning import utf8_text
from mathdl.data.column import Column
from mathdl.data.left_out import DIFFERENT
from mathdl.errors import InputError
from mathdl.files.model import load
from mathdl.files.whole import write_whole
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.evaluation import plain_cell
from mathdl.runs.strict_json import strict_json

Array = NDArray[Any]
OUTLIER, USUAL = "outlier", "usual"
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # what spreadsheets run begins with one of these


@dataclass(frozen=True, eq=False)
class Predictions:
    """A model's answers.

    ``names`` are the pictures' files, or the rows' ids where the table has the column that told the rows of the
    training apart, or their numbers from 1 on. ``labels`` are the classes or the numbers of the clusters, or "outlier"
    and "usual"; empty for a regression, whose ``values`` are numbers. ``probabilities``, of shape (N, classes) where
    the model gives any, stand in the order of ``class_names``. ``kept`` are columns of the table that were asked for,
    with None where a value is missing, and ``notes`` say what was met in it. With a level of confidence numbers have
    ``intervals``, of shape (N, 2), and classes ``sets``.
    """

    names: list[str]
    labels: list[Any]
    probabilities: Array | None
    values: list[float]
    class_names: list[Any]
    kept: dict[str, list[Any]] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    intervals: Array | None = None
    sets: list[list[Any]] | None = None

    @property
    def kind(self) -> str:
        """What an answer is: "label", of a class or of an outlier, "cluster" or "value"."""
        words = bool(self.class_names) or (bool(self.labels) and isinstance(self.labels[0], str))
        return "label" if words else "cluster" if self.labels else "value"

    def to_json(self) -> str:
        """Return the answers as JSON.

        That is an object with ``class_names`` (classification only), ``notes`` where there are any, and
        ``predictions``, a list with one object for each answer: its ``name`` and ``label``, ``cluster`` or ``value``,
        and what there is of ``probabilities``, ``interval`` (null for an end that is infinite), ``set`` and ``kept``.
        """
        answers = [{"name": n, self.kind: a} for n, a in zip(self.names, self.labels or self.values, strict=True)]
        more: dict[str, list[Any]] = {}
        if self.probabilities is not None:
            more["probabilities"] = self.probabilities.tolist()
        if self.intervals is not None:
            more["interval"] = self.intervals.tolist()
        if self.sets is not None:
            more["set"] = self.sets
        for name, values in more.items():
            for answer, value in zip(answers, values, strict=True):
                answer[name] = value
        for k, answer in enumerate(answers if self.kept else ()):
            answer["kept"] = {name: values[k] for name, values in self.kept.items()}
        classes = {"class_names": self.class_names} if self.class_names else {}
        notes = {"notes": list(self.notes)} if self.notes else {}
        return strict_json({**classes, **notes, "predictions": answers})

    def to_table(self, path: str | os.PathLike[str]) -> None:
        """Write the answers to a ``.csv`` or ``.parquet`` file, whole or not at all.

        Its columns are ``name``, those that are kept and ``prediction``; where there are probabilities a
        ``probability_CLASS`` for each class; and ``low`` and ``high``, or ``set``, where a confidence was asked for.
        A kept column of such a name has ``kept_`` before it.
        """
        writers = {".csv": _csv, ".parquet": _parquet}
        writer = writers.get(Path(path_name(path)).suffix.lower())
        if writer is None:
            raise InputError(f"{path} ends in {Path(path).suffix!r}; give a file that ends in .csv or .parquet.")
        write_whole(path, writer(self._columns()))

    def to_csv(self, *, header: bool = True) -> bytes:
        """Return what ``to_table`` writes to a ``.csv`` file, without the names of its columns where not wanted."""
        return _csv(self._columns(), header=header)

    def _columns(self) -> dict[str, list[Any]]:
        """Return the answers as columns of a table."""
        answers: dict[str, list[Any]] = {"prediction": self.labels or self.values}
        if self.probabilities is not None:
            chances = self.probabilities.T.tolist()
            answers |= {f"probability_{k}": c for k, c in zip(self.class_names, chances, strict=True)}
        if self.intervals is not None:
            answers |= dict(zip(("low", "high"), self.intervals.T.tolist(), strict=True))
        if self.sets is not None:
            answers["set"] = [" ".join(map(str, classes)) for classes in self.sets]
        return {"name": self.names, **_apart(self.kept, {"name", *answers}), **answers}


class _Objects(NamedTuple):
    """What is asked about: names, what the estimator reads, columns that are kept, and notes."""

    names: list[str]
    inputs: Array
    kept: dict[str, list[Any]]
    notes: tuple[str, ...]


def predict(
    model_path: str | os.PathLike[str],
    inputs: Sequence[str | os.PathLike[str]],
    *,
    keep: Sequence[str] = (),
    interval: float | None = None,
    strict: bool = False,
) -> Predictions:
    """Predict the class, the value or the cluster of pictures, or of each row of tables.

    Pictures of any size are made like those of the training, and a folder stands for all pictures within it; signals
    are the array X of an NPZ file. The target of a table may be there or not; ``keep`` names columns that go with the
    answers. ``interval`` is the probability with which an interval or a set of classes is to hold the truth.
    ``strict`` refuses categories and gaps that training did not have instead of counting them.
    """
    model = _trained(model_path)
    if not inputs:
        raise InputError("There is nothing to predict; name pictures or a table.")
    objects = _arrays(model, inputs, keep) if model.preprocessing is None else _tables(model, inputs, keep, strict)
    return _answered(model, objects, interval)


def predict_batches(
    model_path: str | os.PathLike[str],
    stream: IO[bytes],
    *,
    keep: Sequence[str] = (),
    interval: float | None = None,
    strict: bool = False,
) -> Iterator[Predictions]:
    """Predict the rows of a CSV stream as they come, a batch at a time; the options are those of :func:`predict`.

    Without a column that tells them apart, rows are numbered through. Notes say of which rows they speak.
    """
    model = _trained(model_path)
    if model.preprocessing is None:
        raise InputError(f"{model_path} reads no tables, which alone come through a pipe; name pictures or NPZ files.")
    ids = _ids(model)
    for columns, before, rows in csv_batches(stream, model.preprocessing.plans, [*ids, *keep], model.reading):
        called = f"Counted from row {before + 1:,}: " if before else ""
        objects = _rows(model, columns, "standard input", keep, strict, called)
        if not (ids and ids[0] in columns):
            objects = objects._replace(names=[str(before + row + 1) for row in range(rows)])
        notes = tuple(f"rows {before + 1:,} to {before + rows:,}: {note}" for note in objects.notes)
        yield _answered(model, objects._replace(notes=notes), interval)


def _trained(path: str | os.PathLike[str]) -> TrainedModel:
    """Load a model that knows how to read files."""
    model = load(path)
    if not isinstance(model, TrainedModel):
        raise InputError(
            f"{path} holds a {type(model).__name__}, which does not know how to read files; give a model that "
            "mathdl train wrote, or use mathdl.load in Python."
        )
    return model


def _answered(model: TrainedModel, objects: _Objects, interval: float | None) -> Predictions:
    """Return the answers for what the model reads."""
    answers, probabilities = model.decide(objects.inputs)
    intervals, sets = None, None
    if interval is not None:
        if model.classes:
            chosen = model.sets_of(probabilities, interval)
            sets = [
                [name for name, inside in zip(model.classes, row, strict=True) if inside] for row in chosen.tolist()
            ]
        else:
            intervals = model.intervals_of(answers, interval)
    values = [] if model.classes or answers.dtype.kind != "f" else answers.tolist()
    labels = answers.tolist() if not values else []
    if hasattr(model.model, "score_samples"):
        labels = [OUTLIER if label < 0 else USUAL for label in labels]
    return Predictions(
        objects.names, labels, probabilities, values, model.classes, objects.kept, objects.notes, intervals, sets
    )


def _arrays(model: TrainedModel, inputs: Sequence[str | os.PathLike[str]], keep: Sequence[str]) -> _Objects:
    """Read pictures or signals."""
    if keep:
        raise InputError("Pictures and signals have no columns to keep; leave keep out.")
    if model.signal_scale is not None:
        return _signals(model, inputs)
    files = [file for path in inputs for file in (pictures_within(path) if os.path.isdir(path) else [path])]
    form = model.picture_format
    said = change_of_size(picture_heads(files), form) if files else ""
    pictures = model.inputs(read_pictures(files, form))
    return _Objects([utf8_text(os.fspath(file)) for file in files], pictures, {}, (said,) if said else ())


def _signals(model: TrainedModel, inputs: Sequence[str | os.PathLike[str]]) -> _Objects:
    """Read signals, which are numbered; of several files, errors and names say which it is."""
    parts = [model.inputs(read_npz_array(Path(path), "X")) for path in inputs]
    names = [
        str(row + 1) if len(inputs) == 1 else f"{Path(path).name}: {row + 1}"
        for path, part in zip(inputs, parts, strict=True)
        for row in range(len(part))
    ]
    return _Objects(names, np.concatenate(parts), {}, ())


def _tables(
    model: TrainedModel, inputs: Sequence[str | os.PathLike[str]], keep: Sequence[str], strict: bool
) -> _Objects:
    """Read the columns that the model needs, of one table after the other; of several, errors say which it is."""
    if len(inputs) == 1:
        return _table(model, inputs[0], keep, strict)
    tables = [_table(model, path, keep, strict, called=f"{Path(path).name}: ") for path in inputs]
    named = [f"{Path(path).name}: {name}" for path, table in zip(inputs, tables, strict=True) for name in table.names]
    kept = {name: [value for table in tables for value in table.kept[name]] for name in keep}
    notes = [f"{Path(path).name}: {note}" for path, table in zip(inputs, tables, strict=True) for note in table.notes]
    return _Objects(named, np.concatenate([table.inputs for table in tables]), kept, tuple(notes))


def _table(
    model: TrainedModel, path: str | os.PathLike[str], keep: Sequence[str], strict: bool, called: str = ""
) -> _Objects:
    """Read the columns that the model needs, those to keep, and the one that tells the rows apart."""
    assert model.preprocessing is not None
    columns = read_columns(path, model.preprocessing.plans, [*_ids(model), *keep], model.reading)
    return _rows(model, columns, path_name(path), keep, strict, called)


def _ids(model: TrainedModel) -> list[str]:
    """Return the name of the column that told the rows of the training apart, if there was one."""
    assert model.preprocessing is not None
    return [name for name, reason in model.preprocessing.left_out if reason == DIFFERENT][:1]


def _rows(
    model: TrainedModel, columns: Mapping[str, Column], source: str, keep: Sequence[str], strict: bool, called: str
) -> _Objects:
    """Encode the columns that were read; ``called`` stands before errors."""
    if absent := [name for name in keep if name not in columns]:
        raise InputError(f"There is no column {absent[0]!r} in {source} to keep; leave it out.")
    try:
        encoded = model.encoded(columns, strict=strict)
    except InputError as error:
        raise InputError(f"{called}{error}") from None
    kept = {name: _kept(columns[name]) for name in keep}
    names, ids = [str(row + 1) for row in range(len(encoded.matrix))], _ids(model)
    if ids and ids[0] in columns:
        names = [name if text is None else text for name, text in zip(names, columns[ids[0]].values, strict=True)]
    return _Objects(names, encoded.matrix, kept, encoded.notes)


def _kept(column: Column) -> list[Any]:
    """Return the values of a column that is kept."""
    return [None if gap else plain_cell(value) for value, gap in zip(column.values, column.missing, strict=True)]


def _apart(kept: Mapping[str, list[Any]], taken: Collection[str]) -> dict[str, list[Any]]:
    """Return columns under names that are not taken."""
    found: dict[str, list[Any]] = {}
    for name, values in kept.items():
        free = name
        while free in taken or free in found:
            free = f"kept_{free}"
        found[free] = values
    return found


def _csv(columns: dict[str, list[Any]], *, header: bool = True) -> bytes:
    """Write columns as CSV; a text that a spreadsheet would run gets an apostrophe before it."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    for row in (*([list(columns)] if header else []), *zip(*columns.values(), strict=True)):
        writer.writerow(f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell for cell in row)
    return text.getvalue().encode("utf-8")


def _parquet(columns: dict[str, list[Any]]) -> bytes:
    """Write columns as Parquet."""
    import pyarrow
    from pyarrow import parquet

    content = io.BytesIO()
    parquet.write_table(pyarrow.table(columns), content)
    return content.getvalue()
