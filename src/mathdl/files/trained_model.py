"""The model of a training run: a network, and what turns data into its inputs and its outputs into answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data import ClassNames, Preprocessing, TargetScaling
from mathdl.errors import InputError
from mathdl.network import Network

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A trained network with its preprocessing, as ``mathdl train`` saves it.

    Parameters
    ----------
    network : Network
        The network.
    classes : ClassNames, optional
        The names of the classes; without them the model predicts a number.
    scaling : TargetScaling, optional
        What turns outputs into numbers of the target's unit.
    preprocessing : Preprocessing, optional
        What turns a table into inputs; without it the inputs are arrays such as images.
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

    network: Network
    classes: ClassNames | None = None
    scaling: TargetScaling | None = None
    preprocessing: Preprocessing | None = None
    training: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        outputs, needed = prod(self.network.output_shape), 1 if self.classes is None else len(self.classes)
        if outputs != needed:
            raise InputError(f"The network has {outputs} outputs, but the answers need {needed}.")
        if self.preprocessing is not None:
            features = (len(self.preprocessing.feature_names),)
            if self.network.input_shape != features:
                raise InputError(
                    f"The network takes inputs of shape {self.network.input_shape}, "
                    f"but the preprocessing returns {features}."
                )

    def predict(self, X: Any) -> Array:
        """Predict the classes or the values.

        Parameters
        ----------
        X : mapping or array-like
            A table as columns by name where the model has a preprocessing; else an array with objects first.

        Returns
        -------
        ndarray of shape (N,)
            Class names, or numbers in the target's unit.

        Raises
        ------
        InputError
            If the data are not of the kind that the model was trained on.
        """
        if self.classes is not None:
            return self.classes.decode(self._outputs(X).argmax(axis=1))
        values = self._outputs(X)[:, 0].astype(np.float64)
        return values if self.scaling is None else self.scaling.inverse(values)

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
            If the model predicts numbers, or the data are not of the kind that it was trained on.
        """
        if self.classes is None:
            raise InputError("The model predicts numbers, which have no probabilities; use predict.")
        return self.network.predict_proba(self._inputs(X))

    def _outputs(self, X: Any) -> Array:
        inputs = self._inputs(X)
        return self.network(inputs).reshape(len(inputs), -1)

    def _inputs(self, X: Any) -> Array:
        """Return what the network reads."""
        if self.preprocessing is None:
            return np.asarray(X)
        # A pandas table is taken as well: it gives its columns by name, though it is no Mapping.
        columns = X if isinstance(X, Mapping) else {str(name): X[name] for name in getattr(X, "columns", ())}
        if not columns:
            raise InputError("The model was trained on a table; give its columns by name.")
        return self.preprocessing.transform(columns, self.network.dtype)
