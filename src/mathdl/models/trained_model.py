"""The model of a training run: what was trained, what turns data into its inputs, and its outputs into answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data import ClassNames, Preprocessing, TargetScaling
from mathdl.errors import InputError
from mathdl.networks.network import Network

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained network or a fitted estimator with its preprocessing, as ``mathdl train`` saves it.

    Parameters
    ----------
    model : Network or estimator
        The network; or the estimator, which learned class names as labels and numbers in the target's unit.
    classes : ClassNames, optional
        The names of the classes; without them the model predicts a number, or the cluster if it has clusters.
    scaling : TargetScaling, optional
        What turns a network's outputs into numbers of the target's unit.
    preprocessing : Preprocessing, optional
        What turns a table into inputs; without it the inputs are arrays such as images.
    image_shape : tuple of three int, optional
        Channels, height and width of the images that an estimator reads as rows of pixels.
    training : dict
        The record of the training, as JSON can hold it.

    Examples
    --------
    >>> from mathdl import Dense, Network
    >>> network = Network([Dense(2)], input_shape=(1,))
    >>> network.parameters[:] = [-1, 1, 0, 0]
    >>> model = TrainedModel(network, ClassNames(("left", "right")))
    >>> model.predict([[-3.0], [2.0]])
    array(['left', 'right'], dtype='<U5')
    """

    model: Any
    classes: ClassNames | None = None
    scaling: TargetScaling | None = None
    preprocessing: Preprocessing | None = None
    image_shape: tuple[int, ...] | None = None
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = [] if self.classes is None else list(self.classes.names)
        if isinstance(self.model, Network):
            outputs, needed = prod(self.model.output_shape), max(1, len(names))
            if outputs != needed:
                raise InputError(f"The network has {outputs} outputs, but the answers need {needed}.")
        elif (known := getattr(self.model, "classes_", np.array([])).tolist()) != names:
            raise InputError(f"The {self.kind} knows the classes {known}, but the answers need {names}.")
        elif prod(self.input_shape) != self.model.n_features_in_:
            raise InputError(f"The {self.kind} has {self.model.n_features_in_} features, not {self.input_shape}.")
        shape = self.image_shape
        if shape is not None and (len(shape) != 3 or not all(type(side) is int and side > 0 for side in shape)):
            raise InputError(f"The images' shape {shape} is not that of channels, height and width.")
        if self.preprocessing is not None:
            features = (len(self.preprocessing.feature_names),)
            if self.input_shape != features:
                raise InputError(
                    f"The {self.kind} takes inputs of shape {self.input_shape}, "
                    f"but the preprocessing returns {features}."
                )

    @property
    def kind(self) -> str:
        """The name of the model's class."""
        return type(self.model).__name__

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The shape of one object."""
        if isinstance(self.model, Network):
            return self.model.input_shape
        return self.image_shape or (int(self.model.n_features_in_),)

    def predict(self, X: Any) -> Array:
        """Predict the classes, the values or the clusters.

        Parameters
        ----------
        X : mapping or array-like
            A table as columns by name where the model has a preprocessing; else an array with objects first.

        Returns
        -------
        ndarray of shape (N,)
            Class names, numbers in the target's unit, or numbers of clusters.

        Raises
        ------
        InputError
            If the data are not of the kind that the model was trained on.
        """
        return self.judge(self.inputs(X))[0]

    def predict_proba(self, X: Any) -> Array:
        """Compute the probabilities of the classes.

        Parameters
        ----------
        X : mapping or array-like
            As for :meth:`predict`.

        Returns
        -------
        ndarray of shape (N, classes)

        Raises
        ------
        InputError
            If the model gives no probabilities, or the data are not of the kind that it was trained on.
        """
        probabilities = self.judge(self.inputs(X))[1]
        if probabilities is None:
            what = "model predicts numbers, which have" if self.classes is None else f"{self.kind} gives"
            raise InputError(f"The {what} no probabilities; use predict.")
        return probabilities

    def judge(self, inputs: Array) -> tuple[Array, Array | None]:
        """Return the answers for inputs, and the probabilities of the classes where the model gives any.

        Parameters
        ----------
        inputs : ndarray
            What :meth:`inputs` returned.

        Returns
        -------
        answers : ndarray of shape (N,)
        probabilities : ndarray of shape (N, classes) or None
        """
        if not isinstance(self.model, Network):
            chances = self.model.predict_proba(inputs) if hasattr(self.model, "predict_proba") else None
            return self.model.predict(inputs), chances
        if self.classes is not None:
            chances = self.model.predict_proba(inputs)
            return self.classes.decode(chances.argmax(axis=1)), chances
        values = self.model(inputs).reshape(-1).astype(np.float64)
        return values if self.scaling is None else self.scaling.inverse(values), None

    def inputs(self, X: Any) -> Array:
        """Return what the network or the estimator reads.

        Parameters
        ----------
        X : mapping or array-like
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
            return pixel_rows(np.asarray(X)) if self.image_shape else np.asarray(X)
        # A pandas table is taken as well: it gives its columns by name, though it is no Mapping.
        columns = X if isinstance(X, Mapping) else {str(name): X[name] for name in getattr(X, "columns", ())}
        if not columns:
            raise InputError("The model was trained on a table; give its columns by name.")
        return self.preprocessing.transform(columns, getattr(self.model, "dtype", "float64"))


def pixel_rows(images: Array) -> Array:
    """Return images of bytes as rows of numbers from 0 to 1.

    Parameters
    ----------
    images : ndarray of uint8, shape (N, channels, height, width)

    Returns
    -------
    ndarray of float64, shape (N, channels * height * width)

    Examples
    --------
    >>> pixel_rows(np.array([[[[0, 255]]]], np.uint8))
    array([[0., 1.]])
    """
    return images.reshape(len(images), -1) / 255
