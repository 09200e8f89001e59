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
from mathdl.data.cleaning import clean_values
from mathdl.errors import InputError
from mathdl.models.trained_model import pixel_rows

Array = NDArray[Any]
Rows = NDArray[np.intp]

TASKS = ("classification", "regression")
VALIDATION_FRACTION = 0.1
SMALLEST_TO_VALIDATE = 50  # from fewer objects nothing is spared


@dataclass(frozen=True, eq=False)
class Part:
    """Some objects of a source: inputs and targets of what is trained, and which rows of the source they are.

    Targets are codes of classes where there are classes, numbers for a regression, else all 0.
    """

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
    task: str
    train: Part
    validation: Part | None
    test: Part
    classes: ClassNames | None
    scaling: TargetScaling | None
    preprocessing: Preprocessing | None
    image_shape: tuple[int, ...] | None = None

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
            channels, height, width = self.image_shape or self.input_shape
            kind = {1: "grey images", 3: "colour images"}.get(channels, f"images with {channels} channels")
            what = f"{kind} of {width} x {height} pixels"
        else:
            columns = len(self.preprocessing.columns)
            what = f"rows of {columns} column{'s' if columns > 1 else ''}"
        goal = {"regression": "a number to predict", "clustering": "to be divided into clusters"}.get(self.task, "")
        goal = goal or f"{len(self.classes or ())} classes"
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
    codes = None if classes is None else classes.encode(labels)
    kept, tested = _kept_and_tested(source, codes, test_fraction, seed)
    train, validation = kept, None
    if len(kept) >= SMALLEST_TO_VALIDATE and (codes is None or np.bincount(codes[kept]).max() > 1):
        train, validation = _split(kept, codes, VALIDATION_FRACTION, seed)
    scaling = TargetScaling.fit(labels[kept]) if classes is None else None
    encoding = _Encoding(classes, scaling, _preprocessing(source, kept), dtype)
    inputs, targets = encoding.encode(source)
    return PreparedData(
        name=source.name,
        task=task,
        train=_part(source, train, inputs, targets),
        validation=None if validation is None else _part(source, validation, inputs, targets),
        test=_test_part(source, tested, inputs, targets, encoding),
        classes=classes,
        scaling=scaling,
        preprocessing=encoding.preprocessing,
    )


def prepare_rows(source: ImageSet | Table, *, task: str, test_fraction: float, seed: int) -> PreparedData:
    """Split and encode data for an estimator, which reads rows of float64 and needs no validation.

    Tables are split and encoded as for :func:`prepare`; images become rows of numbers from 0 to 1; numbers to predict
    stay in their own unit.

    Parameters
    ----------
    source : ImageSet or Table
        The data.
    task : {"classification", "regression", "clustering"}
        What to learn. Clustering needs no target; one that there is must hold classes.
    test_fraction : float
        Share of the test part where there is none.
    seed : int
        What makes the same split again.

    Returns
    -------
    PreparedData

    Raises
    ------
    InputError
        If the data cannot be split, or a label or value cannot be used.
    """
    labels = _labels(source)
    classes = None if task == "regression" or labels is None else _classes(source, labels)
    codes = None if classes is None else classes.encode(labels)
    kept, tested = _kept_and_tested(source, codes, test_fraction, seed)
    own_unit = TargetScaling(0.0, 1.0) if task == "regression" else None
    encoding = _Encoding(classes, own_unit, _preprocessing(source, kept), "float64", of_pixels=True)
    inputs, targets = encoding.encode(source)
    return PreparedData(
        name=source.name,
        task=task,
        train=_part(source, kept, inputs, targets),
        validation=None,
        test=_test_part(source, tested, inputs, targets, encoding),
        classes=classes,
        scaling=None,
        preprocessing=encoding.preprocessing,
        image_shape=source.images.shape[1:] if isinstance(source, ImageSet) else None,
    )


@dataclass(frozen=True, eq=False)
class _Encoding:
    """What turns a source into inputs and targets."""

    classes: ClassNames | None
    scaling: TargetScaling | None
    preprocessing: Preprocessing | None
    dtype: str
    of_pixels: bool = False

    def encode(self, source: ImageSet | Table) -> tuple[Array, Array]:
        """Return inputs (images as they are, or as rows of pixels; tables as a matrix) and targets."""
        if isinstance(source, ImageSet):
            inputs = pixel_rows(source.images) if self.of_pixels else source.images
        else:
            assert self.preprocessing is not None
            inputs = self.preprocessing.transform(source.columns, self.dtype)
        if self.classes is not None:
            return inputs, self.classes.encode(_labels(source))
        return inputs, np.zeros(len(source)) if self.scaling is None else self.scaling.transform(_labels(source))


def _labels(source: ImageSet | Table) -> Any:
    """Return the labels; None where a table has no target."""
    return source.labels if isinstance(source, ImageSet) else source.target


def _classes(source: ImageSet | Table, labels: Array) -> ClassNames:
    """Collect the classes of labels that are classes, not quantities."""
    values = clean_values("The target", labels)
    if values.dtype.kind == "f" and not np.all(values == np.rint(values)):
        name = f"The target {source.target_name!r}" if isinstance(source, Table) else "The target"
        raise InputError(
            f"{name} holds quantities such as {values[values != np.rint(values)][0]:g} and no classes; choose a model "
            "for regression, or another target."
        )
    return ClassNames.of(labels)


def _kept_and_tested(
    source: ImageSet | Table, codes: NDArray[np.int64] | None, fraction: float, seed: int
) -> tuple[Rows, Rows]:
    """Split off a test part, unless the source brings one."""
    rows = np.arange(len(source))
    return _split(rows, codes, fraction, seed) if source.test is None else (rows, np.arange(len(source.test)))


def _split(rows: Rows, codes: NDArray[np.int64] | None, fraction: float, seed: int) -> tuple[Rows, Rows]:
    """Split rows, by class where there are classes."""
    if codes is None:
        first, second = split(len(rows), fraction, seed)
    else:
        first, second = stratified_split(codes[rows], fraction, seed)
    return rows[first], rows[second]


def _preprocessing(source: ImageSet | Table, rows: Rows) -> Preprocessing | None:
    """Learn the encoding of a table."""
    return Preprocessing.fit(source.columns, rows) if isinstance(source, Table) else None


def _test_part(source: ImageSet | Table, rows: Rows, inputs: Array, targets: Array, encoding: _Encoding) -> Part:
    """Take the test rows, from the test part that the source brings if there is one."""
    if source.test is None:
        return _part(source, rows, inputs, targets)
    return _part(source.test, rows, *encoding.encode(source.test))


def _part(source: ImageSet | Table, rows: Rows, inputs: Array, targets: Array) -> Part:
    """Take some rows; all of them without a copy."""
    if len(rows) == len(inputs):
        return Part(source, rows, inputs, targets)
    return Part(source, rows, inputs[rows], targets[rows])
