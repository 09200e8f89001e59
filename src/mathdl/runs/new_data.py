"""How good a trained model is on data that it has not seen."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import path_name, require_truth_value, shortened
from mathdl.data import (
    ImageSet,
    SignalSet,
    Table,
    change_of_size,
    parts_within,
    picture_heads,
    pictures_within,
    read_columns,
    read_pictures,
)
from mathdl.data import read as read_data
from mathdl.data.cleaning import utf8_text
from mathdl.data.column import Column, ColumnPlan, Kind
from mathdl.data.frame import columns_of_frame
from mathdl.data.reading_options import ReadingOptions
from mathdl.data.table import FRAME
from mathdl.data.target import class_labels, codes_of, known_values, quantities
from mathdl.errors import InputError
from mathdl.files.model import load
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.baseline import CONSTANT
from mathdl.runs.evaluation import answers_of, class_counts, decided_anew, rarest, uneven
from mathdl.runs.evaluation import evaluate as judged
from mathdl.runs.new_data_scores import NewDataScores
from mathdl.runs.outputs import checked_folder
from mathdl.runs.prepared_data import Part, PreparedData, Source, SplitData, Target
from mathdl.runs.scores import Answers, scores_of
from mathdl.runs.verdict import Baseline, headline

Array = NDArray[Any]


class _Labelled(NamedTuple):
    """The objects as they were read, those that have a label, what the estimator reads of them, and what was met."""

    source: Source
    rows: NDArray[np.intp]
    inputs: Array
    labels: Array
    notes: tuple[str, ...]


def evaluate(
    model: TrainedModel | str | os.PathLike[str],
    data: Any,
    *,
    target: str | None = None,
    strict: bool = False,
    out: str | os.PathLike[str] | None = None,
) -> NewDataScores:
    """Score a model on labelled data that it has not seen: what ``mathdl evaluate`` does.

    Parameters
    ----------
    model : TrainedModel or path
        What training gave, or its file.
    data : DataFrame, mapping, str or path
        A table with the target's column, or a folder of pictures with one subfolder for each class, or signals with
        their labels, as ``mathdl.train`` takes them; where there is a test part, this. Rows without a label are set
        aside.
    target : str, optional
        The column to compare with; by default that of the training.
    strict : bool, default False
        Whether to refuse categories and gaps that training did not have, instead of counting them.
    out : path, optional
        Folder for ``evaluation.json`` and the report ``evaluation.html``; without it nothing is written.

    Returns
    -------
    NewDataScores

    Raises
    ------
    InputError
        If the model or the data cannot be used, or a label was not seen in training.

    Examples
    --------
    >>> import mathdl
    >>> run = mathdl.train({"x": [0.0, 1.0, 2.0, 3.0, 4.0], "y": [1.0, 3.0, 5.0, 7.0, 9.0]}, target="y", model="linear")
    >>> found = mathdl.evaluate(run.model, {"x": [5.0, 6.0, 7.0], "y": [11.0, 13.0, 16.0]})
    >>> round(found.scores["mae"].value, 3)
    0.333
    """
    require_truth_value("strict", strict)
    if target is not None and not isinstance(target, str):
        raise InputError(f"The target is {shortened(target)}; name one column.")
    trained = model if isinstance(model, TrainedModel) else load(model)
    if not isinstance(trained, TrainedModel):
        raise InputError(f"{model} holds a {type(trained).__name__}; give a model that mathdl train wrote.")
    if hasattr(trained.model, "cluster_centers_"):
        kind = "outliers" if hasattr(trained.model, "score_samples") else "clusters"
        raise InputError(f"The model finds {kind}, which have no true answers to compare with; use mathdl predict.")
    folder = None if out is None else checked_folder(out)
    read = _labelled(trained, data, target, strict=strict)
    prepared = _prepared(trained, read)
    split = prepared.split
    answers = decided_anew(answers_of(trained.model, prepared.test, split.task), trained.threshold)
    counts = None if split.classes is None else _class_counts(trained, split)
    rare = 1 if counts is None else rarest(counts)
    judgement = judged(trained.model, prepared, answers, rare=rare)
    found = NewDataScores(
        source=split.source.name,
        objects=len(read.rows),
        without_label=len(read.source) - len(read.rows),
        scores=judgement.scores,
        baseline=_constant(trained, split, answers, rare),
        notes=read.notes,
        evaluation=judgement,
        data=prepared,
        model=trained,
        command=_command(model, data, target, out, strict=strict),
        rare=rare,
        first=headline(split.task, imbalanced=counts is not None and uneven(counts)),
    )
    if folder is not None:
        found.save(folder)
    return found


def labelled_data(model: TrainedModel, data: Any) -> Part:
    """Return labelled objects as a model reads them; of data with a test part this."""
    return _prepared(model, _labelled(model, data, None, strict=False)).test


def _labelled(model: TrainedModel, data: Any, target: str | None, *, strict: bool) -> _Labelled:
    """Read data of the kind that the model was trained on."""
    if model.preprocessing is not None:
        return _table(model, data, target, strict)
    return _pictures(model, data) if model.signal_scale is None else _signals(model, data)


def _table(model: TrainedModel, data: Any, target: str | None, strict: bool) -> _Labelled:
    """Read the columns that the model needs, and the target."""
    assert model.preprocessing is not None
    name = model.training.get("target") if target is None else target
    if name is None:
        raise InputError("The model does not know what its target was called; name the column with target.")
    if name in model.preprocessing.plans:
        raise InputError(f"The model learned from {name!r}, so this is no target of it; name another column.")
    kind = Kind.CATEGORY if model.classes and isinstance(model.classes[0], str) else Kind.NUMBER
    called, columns = _columns(data, {**model.preprocessing.plans, name: ColumnPlan(kind)}, model.reading)
    if name not in columns:
        raise InputError(f"{called} has no column {name!r} to compare with; name the target.")
    truth = columns.pop(name)
    table = Table(columns, truth, name, called)
    labels, rows = known_values(truth, f"The target {name!r}")
    encoded = model.encoded({title: column.take(rows) for title, column in columns.items()}, strict=strict)
    return _Labelled(table, rows, encoded.matrix, labels, encoded.notes)


def _columns(data: Any, plans: Mapping[str, ColumnPlan], reading: ReadingOptions) -> tuple[str, dict[str, Column]]:
    """Return what a table is called, and its columns of these names as training read them."""
    if isinstance(data, str | os.PathLike):
        return Path(path_name(data)).name, read_columns(data, plans, reading=reading)
    if not isinstance(data, Mapping) and not (hasattr(data, "columns") and hasattr(data, "items")):
        raise InputError(f"The data are {shortened(data)}; give the name of a file, a DataFrame or columns by name.")
    return FRAME, columns_of_frame(data, FRAME, reading, plans, plans)


def _pictures(model: TrainedModel, path: Any) -> _Labelled:
    """Read pictures whose class is the name of the folder that they lie in."""
    if not isinstance(path, str | os.PathLike) or not os.path.isdir(path):
        what = path_name(path) if isinstance(path, str | os.PathLike) else shortened(path)
        raise InputError(f"The model takes pictures, and {what} is no folder; give one with a folder for each class.")
    tested, notes = _part_to_score(Path(path))
    files = pictures_within(tested)
    form = model.picture_format
    said = change_of_size(picture_heads(files), form)
    images = read_pictures(files, form)
    labels = np.array([utf8_text(Path(file).parent.name) for file in files])
    source = ImageSet(images, labels, Path(os.path.abspath(path)).name, files=tuple(map(os.fspath, files)))
    return _Labelled(source, np.arange(len(files)), model.inputs(images), labels, (*notes, *([said] if said else [])))


def _signals(model: TrainedModel, data: Any) -> _Labelled:
    """Take signals with their labels; of a file that brings a test part that one."""
    given = read_data(data)
    if not isinstance(given, SignalSet):
        raise InputError(
            f"The model takes signals, and {given.name} holds none; give X of shape (N, channels, length)."
        )
    source = given.test or given
    notes = ("only the test part is scored",) if given.test is not None else ()
    return _Labelled(source, np.arange(len(source)), model.inputs(source.signals), source.labels, notes)


def _part_to_score(folder: Path) -> tuple[Path, tuple[str, ...]]:
    """Return the folder of the test part where there are parts, with a note; else the folder itself."""
    parts = parts_within(folder)
    if list(parts.values()) == [folder]:
        return folder, ()
    held = ", ".join(path.name for path in parts.values())
    if "test" not in parts:
        raise InputError(f"{folder} holds {held} and no test part; name the folder that is to be scored.")
    return parts["test"], (f"{folder} holds {held}; only {parts['test'].name} is scored",)


def _prepared(model: TrainedModel, read: _Labelled) -> PreparedData:
    """Return the objects as the test part of a run."""
    classes, count = None, len(read.source)
    if model.classes:
        classes = np.array(model.classes)
        labels = class_labels(read.labels, "The target", as_text=classes.dtype.kind == "U")
        target = Target(labels, codes_of(labels, classes))
    else:
        target = Target(quantities(read.labels), None)
    whole = target.spread(read.rows, count)
    task = "regression" if classes is None else "classification"
    split = SplitData(
        read.source, task, classes, whole, whole, read.rows, None, read.rows, preprocessing=model.preprocessing
    )
    part = Part(read.source, read.rows, read.inputs, target)
    return PreparedData(split, part, None, part)


def _class_counts(model: TrainedModel, split: SplitData) -> NDArray[np.intp]:
    """Return how often each class was tested in training, or where the model does not know that, in these data."""
    counts = [int(row["objects"]) for row in model.training.get("per_class", ())]
    assert split.classes is not None
    return np.array(counts) if len(counts) == len(split.classes) else class_counts(split)


def _constant(model: TrainedModel, split: SplitData, answers: Answers, rare: int) -> Baseline | None:
    """Score the answer that a constant model would have learned in training."""
    record = model.training.get("baselines", {}).get(CONSTANT, {})
    if "answer" not in record:
        return None
    answer, classes = record["answer"], split.classes
    if classes is not None and answer not in model.classes:
        return None
    said = answer if classes is None else model.classes.index(answer)
    same = Answers(answers.rows, answers.truth, np.full(len(answers), said))
    return Baseline(CONSTANT, scores_of(same, None if classes is None else len(classes), rare=rare), answer)


def _command(model: Any, data: Any, target: str | None, out: Any, *, strict: bool) -> str:
    """Return what makes the page again."""
    if not isinstance(model, str | os.PathLike) or not isinstance(data, str | os.PathLike):
        return "mathdl.evaluate(model, data)"
    words = ["mathdl", "evaluate", os.fspath(model), os.fspath(data)]
    words += [] if target is None else ["--target", target]
    words += [] if out is None else ["--out", os.fspath(out)]
    return shlex.join([*words, "--strict"] if strict else words)
