"""Data made ready for a run: split, encoded and scaled by what the training part alone tells."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data import (
    ClassNames,
    ImageSet,
    Preprocessing,
    Table,
    TargetScaling,
    decide_task,
    split,
    stratified_split,
)
from mathdl.errors import InputError

Array = NDArray[Any]
Rows = NDArray[np.intp]

TASKS = ("classification", "regression")
VALIDATION_FRACTION = 0.1
SMALLEST_TO_VALIDATE = 50  # from fewer objects nothing is spared


@dataclass(frozen=True, eq=False)
class Part:
    """Some objects of a source: the network's inputs and targets, and which rows of the source they are."""

    source: ImageSet | Table
    rows: Rows
    inputs: Array
    targets: Array

    def __len__(self) -> int:
        return len(self.rows)


@dataclass(frozen=True, eq=False)
class PreparedData:
    """The parts of the data, and what was learned from the training part."""

    name: str
    train: Part
    validation: Part | None
    test: Part
    classes: ClassNames | None
    scaling: TargetScaling | None
    preprocessing: Preprocessing | None

    @property
    def task(self) -> str:
        """What is to be learned: "classification" or "regression"."""
        return "regression" if self.classes is None else "classification"

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one object."""
        return self.train.inputs.shape[1:]

    @property
    def outputs(self) -> int:
        """How many outputs a network needs."""
        return 1 if self.classes is None else len(self.classes)

    @property
    def description(self) -> str:
        """One sentence for the report."""
        if self.preprocessing is None:
            channels, height, width = self.input_shape
            kind = {1: "grey images", 3: "colour images"}.get(channels, f"images with {channels} channels")
            what = f"{kind} of {width} x {height} pixels"
        else:
            columns = len(self.preprocessing.columns)
            what = f"rows of {columns} column{'s' if columns > 1 else ''}"
        goal = "a number to predict" if self.classes is None else f"{len(self.classes)} classes"
        held_out = f", {len(self.validation):,} to watch the training" if self.validation else ""
        return f"{what}, {goal}: {len(self.train):,} to train{held_out}, {len(self.test):,} to test.".capitalize()

    def fingerprint(self) -> str:
        """Return a number that tells these training data from any others."""
        hashed = hashlib.sha256()
        for part in (self.train, self.validation):
            if part is not None:
                for array in (part.inputs, part.targets):
                    hashed.update(f"{array.dtype} {array.shape}".encode())
                    hashed.update(np.ascontiguousarray(array).view(np.uint8).data)
        return hashed.hexdigest()


def prepare(
    source: ImageSet | Table, *, task: str | None, test_fraction: float, seed: int, dtype: str = "float32"
) -> PreparedData:
    """Split and encode data.

    A source that comes with a test part keeps it; from any other one is split off, stratified by class. A tenth of the
    rest is set apart to watch the training, unless there is little of it. Means and scales are not learned from the
    test part.

    Parameters
    ----------
    source : ImageSet or Table
        The data.
    task : {"classification", "regression"}, optional
        What to learn; by default as the target suggests.
    test_fraction : float
        Share of the test part where there is none.
    seed : int
        What makes the same split again.
    dtype : {"float32", "float64"}, default "float32"
        Type of the numbers that a table becomes.

    Returns
    -------
    PreparedData

    Raises
    ------
    InputError
        If the data cannot be split, or a label or value cannot be used.
    """
    labels = _labels(source)
    task = decide_task(labels) if task is None else task
    if task not in TASKS:
        raise InputError(f"The task is {task!r}; give {' or '.join(TASKS)}.")
    classes = ClassNames.of(labels) if task == "classification" else None
    codes = classes.encode(labels) if classes is not None else None
    kept, tested = np.arange(len(source)), np.arange(len(source.test or ()))
    if source.test is None:
        kept, tested = _split(kept, codes, test_fraction, seed)
    train, validation = kept, None
    if len(kept) >= SMALLEST_TO_VALIDATE and (codes is None or np.bincount(codes[kept]).max() > 1):
        train, validation = _split(kept, codes, VALIDATION_FRACTION, seed)
    scaling = TargetScaling.fit(labels[kept]) if classes is None else None
    preprocessing = Preprocessing.fit(source.columns, kept) if isinstance(source, Table) else None

    inputs, targets = _inputs(source, preprocessing, dtype), _targets(labels, classes, scaling)
    if source.test is None:
        test = _part(source, tested, inputs, targets)
    else:
        test_targets = _targets(_labels(source.test), classes, scaling)
        test = _part(source.test, tested, _inputs(source.test, preprocessing, dtype), test_targets)
    return PreparedData(
        name=source.name,
        train=_part(source, train, inputs, targets),
        validation=None if validation is None else _part(source, validation, inputs, targets),
        test=test,
        classes=classes,
        scaling=scaling,
        preprocessing=preprocessing,
    )


def _labels(source: ImageSet | Table) -> Array:
    return source.labels if isinstance(source, ImageSet) else source.target


def _split(rows: Rows, codes: NDArray[np.int64] | None, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split rows, by class where there are classes."""
    if codes is None:
        first, second = split(len(rows), fraction, seed)
    else:
        first, second = stratified_split(codes[rows], fraction, seed)
    return rows[first], rows[second]


def _inputs(source: ImageSet | Table, preprocessing: Preprocessing | None, dtype: str) -> Array:
    """Return what the network reads: images as they are, tables as a matrix."""
    if isinstance(source, ImageSet):
        return source.images
    assert preprocessing is not None
    return preprocessing.transform(source.columns, dtype)


def _targets(labels: Array, classes: ClassNames | None, scaling: TargetScaling | None) -> Array:
    """Return codes of classes or standardised numbers."""
    if classes is not None:
        return classes.encode(labels)
    assert scaling is not None
    return scaling.transform(labels)


def _part(source: ImageSet | Table, rows: Rows, inputs: Array, targets: Array) -> Part:
    """Take some rows; all of them without a copy."""
    if len(rows) == len(inputs):
        return Part(source, rows, inputs, targets)
    return Part(source, rows, inputs[rows], targets[rows])
