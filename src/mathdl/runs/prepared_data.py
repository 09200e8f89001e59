"""Data made ready for a run: split, and encoded by what the training part alone tells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data import ImageSet, Preprocessing, SignalScale, SignalSet, Table, split, stratified_split
from mathdl.data.encoding import unambiguous
from mathdl.data.left_out import columns_left_out
from mathdl.data.mapped_arrays import rows_of
from mathdl.data.number_encoder import NumberEncoder
from mathdl.data.preprocessing import MISSING, complete_rows
from mathdl.data.target import TaskDecision, class_labels, classes_of, codes_of, decide_task, known_values, quantities
from mathdl.errors import InputError
from mathdl.models.declaration import RunFacts
from mathdl.models.trained_model import pixel_rows
from mathdl.runs.folds import DEFAULT_FOLDS, FEW_ROWS, fold_rows

Array = NDArray[Any]
Rows = NDArray[np.intp]
Source = ImageSet | SignalSet | Table

VALIDATION_FRACTION, TEST_FRACTION = 0.1, 0.2
MAX_ALL_DIFFERENT = 10  # rows whose classes may all be different by chance
MIN_OBJECTS_TO_VALIDATE = 50  # from fewer nothing is spared; chosen


class Target(NamedTuple):
    """What is to be learned: labels as a model is given them, and the codes of classes; None where there are none."""

    labels: Array | None
    codes: NDArray[np.int64] | None

    def spread(self, rows: Rows, count: int) -> Target:
        """Return the target of all rows, of which these are known; the others' values mean nothing."""
        if len(rows) == count:
            return self
        places = np.zeros(count, np.intp)
        places[rows] = np.arange(len(rows))
        return self.take(places)

    def take(self, rows: Rows) -> Target:
        """Return the target of some rows."""
        return Target(*(None if part is None else part[rows] for part in self))


@dataclass(frozen=True, eq=False)
class Part:
    """Some objects of a source: which rows they are, what the model reads of them, and their target."""

    source: Source
    rows: Rows
    inputs: Array
    target: Target

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class SplitData:
    """Data of which is settled what is learned, and which rows train, watch the training, and test.

    With folds all rows train, and those that ``test`` names are tested each by the model of its fold.
    """

    source: Source
    task: str
    classes: Array | None
    target: Target
    test_target: Target  # of the test part that the source brings, else the same
    train: Rows
    validation: Rows | None
    test: Rows
    preprocessing: Preprocessing | None
    folds: tuple[SplitData, ...] = ()  # of a cross-validation; each learns from the rows of the others
    unlabelled: Rows = field(default_factory=lambda: np.array([], np.intp))  # without a target
    messages: tuple[str, ...] = ()  # what was decided about the rows
    hint: str = ""  # how to choose another task
    scale: SignalScale | None = None  # of signals

    @property
    def object_shape(self) -> tuple[int, ...] | None:
        """Channels, height and width of images, channels and length of signals."""
        if isinstance(self.source, SignalSet):
            return self.source.signals.shape[1:]
        return self.source.images.shape[1:] if isinstance(self.source, ImageSet) else None

    @property
    def features(self) -> list[str]:
        """What the features are called where objects are rows of numbers."""
        if self.preprocessing is None:
            what = "pixel" if isinstance(self.source, ImageSet) else "number"
            return [f"{what} {k + 1}" for k in range(prod(self.object_shape or ()))]
        return list(
            unambiguous(
                f"{name} (standardised)" if isinstance(encoder, NumberEncoder) and name == encoder.name else name
                for encoder in self.preprocessing.encoders
                for name in encoder.feature_names
            )
        )

    @property
    def description(self) -> str:
        """One sentence for the report."""
        if isinstance(self.source, ImageSet):
            channels, height, width = self.source.images.shape[1:]
            kind = {1: "grey images", 3: "colour images"}.get(channels, f"images with {channels} channels")
            what = f"{kind} of {width} x {height} pixels"
        elif isinstance(self.source, SignalSet):
            channels, length = self.source.signals.shape[1:]
            what = f"signals of {channels} channel{'s' if channels > 1 else ''} and length {length}"
        else:
            columns = len(self.source.columns)
            what = f"rows of {columns} column{'s' if columns > 1 else ''}"
        goals = {"regression": "a number to predict", "clustering": "to be divided into clusters"}
        goal = goals.get(self.task) or f"{0 if self.classes is None else len(self.classes)} classes"
        held_out = "" if self.validation is None else f", {len(self.validation):,} to watch the training"
        tested = f"{len(self.folds)}-fold cross-validation" if self.folds else f"{len(self.test):,} to test"
        return f"{what}, {goal}: {len(self.train):,} to train{held_out}, {tested}.".capitalize()

    def facts(self, seed: int, threads: int | None, *, keep_images: bool) -> RunFacts:
        """Return what an estimator may suit itself to."""
        shape = self.object_shape
        classes = None if self.classes is None or self.task == "clustering" else len(self.classes)
        return RunFacts(
            task=self.task,
            input_shape=(len(self.features),) if shape is None else shape if keep_images else (prod(shape),),
            outputs=classes or 1,
            objects=len(self.train),
            images=shape is not None,
            classes=classes,
            seed=seed,
            threads=threads,
        )

    def encode(self, dtype: str, *, keep_images: bool) -> PreparedData:
        """Return the parts as a model reads them: tables as a matrix, images and signals as they are or as rows."""
        inputs = self._inputs(self.source, dtype, keep_images)
        test_source = self.source.test
        of_test = inputs if test_source is None else self._inputs(test_source, dtype, keep_images)
        validation = self.validation
        return PreparedData(
            self,
            _part(self.source, self.train, inputs, self.target),
            None if validation is None else _part(self.source, validation, inputs, self.target),
            _part(test_source or self.source, self.test, of_test, self.test_target),
            _part(self.source, self.unlabelled, inputs, self.target) if len(self.unlabelled) else None,
        )

    def _inputs(self, source: Source, dtype: str, keep_images: bool) -> Array:
        """Encode all rows of a source."""
        if isinstance(source, ImageSet):
            return source.images if keep_images else pixel_rows(source.images)
        if isinstance(source, SignalSet):
            assert self.scale is not None
            signals = self.scale.applied(source.signals)
            return (signals if keep_images else signals.reshape(len(signals), -1)).astype(dtype)
        assert self.preprocessing is not None
        return self.preprocessing.transform(source.columns, dtype)


@dataclass(frozen=True, eq=False)
class PreparedData:
    """The parts of the data as a model reads them."""

    split: SplitData
    train: Part
    validation: Part | None
    test: Part
    unlabelled: Part | None = None

    def fingerprint(self) -> str:
        """Return a number that tells these training data from any others."""
        hashed = hashlib.sha256()
        for part in (self.train, self.validation):
            if part is not None:
                for array in (part.inputs, np.asarray(part.target.labels)):
                    hashed.update(f"{array.dtype} {array.shape}".encode())
                    hashed.update(np.ascontiguousarray(array).view(np.uint8).data)
        return hashed.hexdigest()


class Splitting(NamedTuple):
    """How rows are divided.

    ``cv`` is the number of folds, 0 for a test part, None where the data decide; ``test_fraction`` is the share of the
    test part; ``validates`` says whether a part is set aside to watch the training; ``missing`` what is done with gaps.
    """

    cv: int | None
    test_fraction: float | None
    seed: int
    validates: bool
    missing: str = MISSING[0]


def prepare(source: Source, tasks: list[str], *, task: str | None, splitting: Splitting) -> SplitData:
    """Split data for a model of one or more tasks, and learn how to encode them.

    A source that comes with a test or a validation part keeps it. Of any other few rows are cross-validated, and from
    many a test part is split off, both stratified by class. Where the model validates, a tenth of what trains is set
    apart to watch the training, unless there is little of it. Nothing is learned from what tests. Rows without a target
    are set aside.
    """
    if task is not None and (not isinstance(task, str) or task not in tasks):
        raise InputError(f"The task is {task!r}; give {' or '.join(tasks)}.")
    name = f"The target {source.target_name!r}" if source.target_name else "The target"
    values, rows = _known(source, name)
    decision = TaskDecision(task or tasks[0], "") if values is None else decide_task(values, tasks, task, name)
    learned = decision.task
    target, classes = _target(values, learned, name, chosen=task is not None)
    target = target.spread(rows, len(source))
    others, watching = np.setdiff1d(np.arange(len(source)), rows), None
    rows, dropped = _without_gaps(source, rows, splitting.missing)
    if isinstance(source, ImageSet) and source.validation_from is not None and splitting.validates:
        rows, watching = np.split(rows, [source.validation_from])
    data = SplitData(source, learned, classes, target, target, rows, watching, rows, None, unlabelled=others)
    data = replace(data, messages=dropped, hint=decision.hint if isinstance(source, Table) else "")
    if source.test is not None:
        if splitting.cv:
            raise InputError(f"{source.name} brings its own test part; leave cv out.")
        assert source.test.target is not None
        of_test, _ = _known(source.test, "The target of the test part")
        assert of_test is not None
        test_target = _target_of_test(of_test, learned, name, classes, chosen=task is not None)
        return _divided(replace(data, test_target=test_target), rows, np.arange(len(source.test)), splitting)
    count = _folds(splitting, learned, len(rows))
    if not count:
        fraction = TEST_FRACTION if splitting.test_fraction is None else splitting.test_fraction
        return _divided(data, *_split(rows, target.codes, fraction, splitting.seed), splitting)
    folds, messages = fold_rows(rows, target.codes, classes, count, splitting.seed)
    tried = tuple(_divided(data, np.setdiff1d(rows, fold), fold, splitting) for fold in folds)
    whole = _divided(data, rows, np.sort(np.concatenate(folds)), splitting)
    return replace(whole, folds=tried, messages=(*data.messages, *messages))


def _folds(splitting: Splitting, task: str, rows: int) -> int:
    """Return the number of folds: what was asked for, else some for few rows, and none for a test part."""
    cv = splitting.cv
    if cv is None:
        few = rows < FEW_ROWS and task != "clustering" and splitting.test_fraction is None
        return DEFAULT_FOLDS if few else 0
    if cv and task == "clustering":
        raise InputError("Clusters are numbered anew in every fold, so they cannot be cross-validated; leave cv out.")
    return cv


def _divided(data: SplitData, kept: Rows, tested: Rows, splitting: Splitting) -> SplitData:
    """Let some rows train and others test: set some of those that train apart, and learn how to encode."""
    train, validation, codes, source = kept, data.validation, data.target.codes, data.source
    enough = len(kept) >= MIN_OBJECTS_TO_VALIDATE and (codes is None or np.bincount(codes[kept]).max() > 1)
    if splitting.validates and validation is None and enough:
        train, validation = _split(kept, codes, VALIDATION_FRACTION, splitting.seed)
    preprocessing = None
    if isinstance(source, Table):
        preprocessing = Preprocessing.fit(source.columns, kept, splitting.missing)
    scale = SignalScale.of(source.signals[kept]) if isinstance(source, SignalSet) else None
    return replace(data, train=train, validation=validation, test=tested, preprocessing=preprocessing, scale=scale)


def _known(source: Source, name: str) -> tuple[Array | None, Rows]:
    """Return the values of the target where it has one, and their rows."""
    if source.target is None:
        return None, np.arange(len(source))
    return known_values(source.target, name)


def _without_gaps(source: Source, rows: Rows, missing: str) -> tuple[Rows, tuple[str, ...]]:
    """Leave out rows with gaps where that is wanted, and say how many they are."""
    if missing != "drop" or not isinstance(source, Table):
        return rows, ()
    left_out = {name for name, _ in columns_left_out(source.columns, rows)}
    used = {name: column for name, column in source.columns.items() if name not in left_out}
    kept = rows[complete_rows(used)[rows]] if used else rows
    if not len(kept):
        raise InputError("Every row has a gap, so none would be left; choose --missing impute, or drop a column.")
    count = len(rows) - len(kept)
    return kept, (f"{count:,} row{' was' if count == 1 else 's were'} left out for a gap.",) if count else ()


def _target(values: Array | None, task: str, name: str, *, chosen: bool) -> tuple[Target, Array | None]:
    """Return what is to be learned, and the classes; a target of clusters holds classes to compare them with."""
    if values is None:
        return Target(None, None), None
    if task == "regression":
        return Target(quantities(values), None), None
    labels = class_labels(values, name, as_text=chosen)
    classes = classes_of(labels)
    return Target(None if task == "clustering" else labels, codes_of(labels, classes)), classes


def _target_of_test(values: Array, task: str, name: str, classes: Array | None, *, chosen: bool) -> Target:
    """Return the target of a test part that comes with the data."""
    if classes is None:
        return _target(values, task, name, chosen=chosen)[0]
    labels = class_labels(values, name, as_text=chosen)
    return Target(labels, codes_of(labels, classes))


def _split(rows: Rows, codes: NDArray[np.int64] | None, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split rows, by class where there are classes."""
    if codes is None:
        first, second = split(len(rows), fraction, seed)
    else:
        first, second = stratified_split(codes[rows], fraction, seed)
    return rows[first], rows[second]


def _part(source: Source, rows: Rows, inputs: Array, target: Target) -> Part:
    """Take some rows; all of them without a copy."""
    if len(rows) == len(inputs):
        return Part(source, rows, inputs, target)
    return Part(source, rows, rows_of(inputs, rows), target.take(rows))
