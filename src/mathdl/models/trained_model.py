"""The model of a training run: a fitted estimator, and what turns data into its inputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number
from mathdl.data import (
    PADS,
    RESIZED,
    PictureFormat,
    Preprocessing,
    SignalScale,
    alike_in_memory,
    check_pad,
    check_resize,
    pictures_in_memory,
)
from mathdl.data.column import Column
from mathdl.data.frame import columns_of_frame
from mathdl.data.preprocessing import Encoded
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError
from mathdl.models.conformal import Calibration
from mathdl.models.threshold import Threshold

Array = NDArray[Any]


@dataclass(frozen=True, eq=False, repr=False)
class TrainedModel:
    """A fitted estimator with its preprocessing, as ``mathdl train`` saves it and ``load`` returns it.

    Parameters
    ----------
    model : estimator
        It knows its classes, or predicts numbers in the target's unit, or clusters.
    preprocessing : Preprocessing, optional
        What turns a table into inputs; without it the inputs are arrays such as images.
    image_shape : tuple of int, optional
        Channels, height and width of the images, or channels and length of the signals, that an estimator reads as
        rows of numbers.
    pad : {"black", "white", "edge"}, default "black"
        The border of pictures that have another shape than the model's images.
    training : dict
        The record of the training, as JSON can hold it.
    threshold : Threshold, optional
        From which probability on a classifier of two classes decides for the one that matters; else the more probable
        one is taken.
    calibration : Calibration, optional
        The errors on objects kept apart, for prediction intervals and sets.
    resize : {"all", "larger"}, default "all"
        Which pictures of another size are resized, the aspect kept, before they get their border: all of them, or those
        that are larger than the model's images.
    signal_scale : SignalScale, optional
        Of a model of signals: the mean that is subtracted from each channel, and the deviation that divides it.

    Raises
    ------
    InputError
        If the parts do not fit each other.

    Examples
    --------
    >>> from mathdl import LogisticRegression
    >>> estimator = LogisticRegression(regularization=0.1).fit([[-1.0], [1.0]], ["left", "right"])
    >>> model = TrainedModel(estimator)
    >>> model
    TrainedModel of a LogisticRegression for 2 classes, which reads arrays of shape (N, 1)
    >>> model.predict([[-3.0], [2.0]]).tolist()
    ['left', 'right']
    """

    model: Any
    preprocessing: Preprocessing | None = None
    image_shape: tuple[int, ...] | None = None
    training: dict[str, Any] = field(default_factory=dict)
    pad: str = PADS[0]
    threshold: Threshold | None = None
    calibration: Calibration | None = None
    resize: str = RESIZED[0]
    signal_scale: SignalScale | None = None

    def __post_init__(self) -> None:
        check_pad(self.pad)
        check_resize(self.resize)
        shape, scale = self.image_shape, self.signal_scale
        lengths = ("channels", "height", "width") if scale is None else ("channels", "length")
        if shape is not None and (
            len(shape) != len(lengths) or not all(type(side) is int and side > 0 for side in shape)
        ):
            raise InputError(f"The objects' shape {shape} is not that of {', '.join(lengths[:-1])} and {lengths[-1]}.")
        if scale is not None:
            wanted = self.input_shape[:1] if len(self.input_shape) == 2 else None
            if not all(_are_finite(part) and (len(part),) == wanted for part in scale) or 0 in scale.deviations:
                raise InputError(
                    f"The scale of signals does not fit inputs of shape {self.input_shape}; train it anew."
                )
        if shape is not None and self.model.object_shape != (int(np.prod(shape)),):
            raise InputError(f"The {self.kind} has {self.model.n_features_in_} features, not {shape}.")
        if self.preprocessing is not None:
            features = (len(self.preprocessing.feature_names),)
            if self.input_shape != features:
                raise InputError(
                    f"The {self.kind} takes inputs of shape {self.input_shape}, "
                    f"but the preprocessing returns {features}."
                )

    def __repr__(self) -> str:
        task = f" for {len(self.classes)} classes" if self.classes else ""
        if self.preprocessing is None:
            reads = f"arrays of shape (N, {', '.join(map(str, self.input_shape))})"
        else:
            columns = len(self.preprocessing.columns)
            reads = f"a table of {columns} column{'s' if columns > 1 else ''}"
        return f"TrainedModel of a {self.kind}{task}, which reads {reads}"

    @property
    def kind(self) -> str:
        """The name of the estimator's class."""
        return type(self.model).__name__

    @property
    def classes(self) -> list[Any]:
        """The classes in the order of their probabilities; empty where a number or a cluster is predicted."""
        labels: list[Any] = getattr(self.model, "classes_", np.array([])).tolist()
        return labels

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one object."""
        shape: tuple[int, ...] = self.image_shape or self.model.object_shape
        return shape

    @property
    def reading(self) -> ReadingOptions:
        """Which texts of a table stand for a missing value, and whether it has a header, as in training."""
        record = self.training.get("reading")
        record = record if isinstance(record, dict) else {}  # it may come from a damaged file
        na = record.get("na")
        texts = [text for text in na if isinstance(text, str)] if isinstance(na, list | tuple) else []
        return ReadingOptions(na=tuple(texts), header=record.get("header") is not False)

    @property
    def picture_format(self) -> PictureFormat:
        """What pictures are made into before the model reads them; raise InputError where it reads none."""
        if self.preprocessing is not None or len(self.input_shape) != 3:
            raise InputError("The model reads no pictures; give it what it was trained on.")
        return PictureFormat(*self.input_shape, self.pad, self.resize)

    def predict(self, X: Any) -> Array:
        """Predict the classes, the values or the clusters.

        Parameters
        ----------
        X : mapping, DataFrame or array-like
            A table as columns by name where the model has a preprocessing; else an array with objects first, or of
            pictures a list of arrays of bytes, which are made alike as those of the training were.

        Returns
        -------
        ndarray of shape (N,)
            Class names, numbers in the target's unit, or numbers of clusters.

        Raises
        ------
        InputError
            If the data are not of the kind that the model was trained on.
        """
        return self.decide(self.inputs(X))[0]

    def decide(self, inputs: Array) -> tuple[Array, Array | None]:
        """Return the answers for what the estimator reads, and the probabilities of the classes where there are any.

        Parameters
        ----------
        inputs : ndarray
            What :meth:`inputs` returns.

        Returns
        -------
        answers : ndarray of shape (N,)
        probabilities : ndarray of shape (N, classes) or None
        """
        if not self.classes or not hasattr(self.model, "predict_proba"):
            return np.asarray(self.model.predict(inputs)), None
        chances = np.asarray(self.model.predict_proba(inputs))
        if self.threshold is None:
            return np.asarray(self.model.classes_[chances.argmax(axis=1)]), chances
        return np.asarray(self.model.classes_[self.threshold.decide(chances)]), chances

    def predict_interval(self, X: Any, level: float = 0.9) -> Array:
        """Return intervals that hold the true number with a probability of at least ``level``.

        They are as wide for every object as the errors on objects kept apart say (split conformal prediction); the
        probability is over objects drawn like those. Where these are too few, an interval is infinite.

        Parameters
        ----------
        X : mapping, DataFrame or array-like
            As for :meth:`predict`.
        level : float, default 0.9
            Between 0 and 1.

        Returns
        -------
        ndarray of shape (N, 2)

        Raises
        ------
        InputError
            If the model predicts no numbers or was saved without errors on objects kept apart.
        """
        return self.intervals_of(self.predict(X), level)

    def intervals_of(self, answers: Array, level: float) -> Array:
        """Return the intervals around answers, as :meth:`predict_interval` does.

        Parameters
        ----------
        answers : ndarray of shape (N,)
            Numbers that the model predicted.
        level : float
            Between 0 and 1.

        Returns
        -------
        ndarray of shape (N, 2)

        Raises
        ------
        InputError
            As by :meth:`predict_interval`.
        """
        if self.calibration is None or self.classes:
            raise InputError(f"The {self.kind} has no errors of numbers to make intervals from; train it anew.")
        reach, middle = self.calibration.quantile(level), answers.astype(np.float64)
        return np.stack([middle - reach, middle + reach], axis=1)

    def predict_set(self, X: Any, level: float = 0.9) -> Array:
        """Return sets of classes that hold the true one with a probability of at least ``level``.

        A set holds all classes that are as probable as the true ones of objects kept apart mostly were (split conformal
        prediction); it may be empty. Where these objects are too few, it holds all classes.

        Parameters
        ----------
        X : mapping, DataFrame or array-like
            As for :meth:`predict`.
        level : float, default 0.9
            Between 0 and 1.

        Returns
        -------
        ndarray of bool, shape (N, classes)
            Which classes are in the set, in the order of ``classes``.

        Raises
        ------
        InputError
            If the model gives no probabilities or was saved without those of objects kept apart.
        """
        return self.sets_of(self.predict_proba(X) if hasattr(self.model, "predict_proba") else None, level)

    def sets_of(self, probabilities: Array | None, level: float) -> Array:
        """Return the sets of classes that go with probabilities, as :meth:`predict_set` does.

        Parameters
        ----------
        probabilities : ndarray of shape (N, classes) or None
            Those that the model predicted, None where it gives none.
        level : float
            Between 0 and 1.

        Returns
        -------
        ndarray of bool, shape (N, classes)

        Raises
        ------
        InputError
            As by :meth:`predict_set`.
        """
        if self.calibration is None or probabilities is None:
            raise InputError(f"The {self.kind} has no probabilities of objects kept apart; train it anew.")
        sets: Array = 1 - probabilities.astype(np.float64) <= self.calibration.quantile(level)
        return sets

    def predict_proba(self, X: Any) -> Array:
        """Compute the probabilities of the classes.

        Parameters
        ----------
        X : mapping, DataFrame or array-like
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (N, classes)

        Raises
        ------
        InputError
            If the model gives no probabilities, or the data are not of the kind that it was trained on.
        """
        if not hasattr(self.model, "predict_proba"):
            what = f"{self.kind} gives" if self.classes else "model predicts numbers, which have"
            raise InputError(f"The {what} no probabilities; use predict.")
        return np.asarray(self.model.predict_proba(self.inputs(X)))

    def inputs(self, X: Any) -> Array:
        """Return what the estimator reads: the columns of a table encoded, or images as rows of pixels.

        Parameters
        ----------
        X : mapping, DataFrame or array-like
            As for :meth:`predict`.

        Returns
        -------
        ndarray

        Raises
        ------
        InputError
            If the data are not of the kind that the model was trained on.
        """
        if self.preprocessing is None:
            if self.signal_scale is not None:
                signals = self.signal_scale.applied(X)
                return signals.reshape(len(signals), -1) if self.image_shape else signals
            pictures = pictures_in_memory(X) if len(self.input_shape) == 3 else None
            if pictures is None:
                objects = np.asarray(X)
            elif all(picture.shape == self.input_shape for picture in pictures):
                objects = np.stack(pictures)
            else:
                objects = alike_in_memory(pictures, self.picture_format)
            return pixel_rows(objects) if self.image_shape else objects
        return self.encoded(X).matrix

    def encoded(self, X: Any, *, strict: bool = False) -> Encoded:
        """Return the columns of a table as the estimator reads them, and what was met in them.

        Parameters
        ----------
        X : mapping or DataFrame
            Columns by name.
        strict : bool, default False
            Whether to refuse categories that training did not have, and gaps where it had none, instead of counting
            them.

        Returns
        -------
        Encoded
            The matrix, and clauses such as "2 values of 'island' not seen in training, taken as none".

        Raises
        ------
        InputError
            If the data are no table, lack a column, or hold what cannot be read.
        """
        if self.preprocessing is None:
            raise InputError("The model was trained on pictures or arrays; use predict.")
        # A pandas table is taken as well: it gives its columns by name, though it is no Mapping.
        if not isinstance(X, Mapping) and not hasattr(X, "columns"):
            raise InputError("The model was trained on a table; give its columns by name.")
        columns = X
        if not (isinstance(X, Mapping) and all(isinstance(column, Column) for column in X.values())):
            columns = columns_of_frame(
                X, "The table", self.reading, names=self.preprocessing.columns, plans=self.preprocessing.plans
            )
        return self.preprocessing.encode(columns, self.model.input_dtype, strict=strict)


def _are_finite(values: Any) -> bool:
    """Tell whether these are finite numbers in a list or tuple."""
    return isinstance(values, list | tuple) and all(is_number(value) and isfinite(value) for value in values)


def pixel_rows(images: Array) -> Array:
    """Return images of bytes, shape (N, channels, height, width), as rows of float64 from 0 to 1."""
    return images.reshape(len(images), -1) / 255
