"""What the classifier and the regressor share: their parameters, the checks of X, and the training."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from math import prod
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted

from mathdl.descent.adam import Adam
from mathdl.descent.rule import Rule
from mathdl.descent.schedules import Schedule
from mathdl.errors import InputError
from mathdl.layers.activation import Activation
from mathdl.layers.dense import Dense
from mathdl.layers.layer import Layer
from mathdl.models.training_data import validated
from mathdl.networks.network import Network
from mathdl.training.callbacks import Callback
from mathdl.training.history import History
from mathdl.training.training import Training

Array = NDArray[Any]
DTYPES = [np.float64, np.float32]  # what the arithmetic can be; X of any other type becomes the first


class NetworkEstimator(BaseEstimator, ABC):  # type: ignore[misc]
    """A network as an estimator of scikit-learn."""

    network_: Network
    history_: History
    n_iter_: int

    def __init__(
        self,
        hidden_layers: Sequence[int] = (100,),
        activation: str | dict[str, Any] | Activation = "relu",
        *,
        layers: Sequence[Layer] | None = None,
        input_shape: Sequence[int] | None = None,
        rule: Rule | None = None,
        batch_size: int = 32,
        epochs: int = 200,
        schedule: Schedule | None = None,
        threads: int | None = None,
        random_state: int | np.random.RandomState | None = None,
        verbose: bool = False,
    ) -> None:
        self.hidden_layers = hidden_layers
        self.activation = activation
        self.layers = layers
        self.input_shape = input_shape
        self.rule = rule
        self.batch_size = batch_size
        self.epochs = epochs
        self.schedule = schedule
        self.threads = threads
        self.random_state = random_state
        self.verbose = verbose

    @abstractmethod
    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network."""

    @abstractmethod
    def predict(self, X: Any) -> Array:
        """Predict the targets of objects."""

    def _train(self, X: Array, targets: Array, loss: str, outputs: int, weights: Array | None) -> None:
        """Make a network with this many outputs and train it; all but the estimator's parameters is checked."""
        random = check_random_state(self.random_state)
        first_seed, order_seed = (int(seed) for seed in random.randint(np.iinfo(np.int32).max, size=2))
        shape = self._object_shape(X.shape[1])
        network = Network([*self._hidden(), Dense(outputs)], shape, dtype=X.dtype.name, seed=first_seed)
        self.history_ = network.fit(
            X.reshape(-1, *shape),
            targets,
            loss=loss,
            rule=Adam() if self.rule is None else self.rule,
            batch_size=self.batch_size,
            epochs=self.epochs,
            seed=order_seed,
            threads=self.threads,
            schedule=self.schedule,
            callbacks=[_Progress()] if self.verbose else [],
            sample_weight=weights,
        )
        self.network_, self.n_iter_ = network, self.history_.epochs

    def _hidden(self) -> list[Layer]:
        """Return the layers before the output layer."""
        name, given = ("hidden_layers", self.hidden_layers) if self.layers is None else ("layers", self.layers)
        if not isinstance(given, list | tuple):
            wanted = "a tuple of whole numbers, as (100,)" if self.layers is None else "a list of layers"
            raise InputError(f"{type(self).__name__}: {name} is {given!r}; give {wanted}.")
        if self.layers is None:
            return [Dense(units, activation=self.activation) for units in given]
        return list(given)

    def _object_shape(self, features: int) -> tuple[int, ...]:
        """Return the shape that a row of X is given before it enters the network."""
        if self.input_shape is None:
            return (features,)
        if not isinstance(self.input_shape, list | tuple) or not all(
            isinstance(length, int | np.integer) and length > 0 for length in self.input_shape
        ):
            raise InputError(
                f"{type(self).__name__}: input_shape is {self.input_shape!r}; "
                "give positive whole numbers, as (1, 28, 28)."
            )
        shape = tuple(self.input_shape)
        if prod(shape) != features:
            raise InputError(
                f"{type(self).__name__}: input_shape is {shape}, which is {prod(shape)} numbers, but X has {features} "
                "features; give X one row of as many numbers for each object."
            )
        return shape

    def _objects(self, X: Any) -> Array:
        """Check objects for the trained network and return them in the shape that it takes."""
        check_is_fitted(self)
        X = validated(self, X, reset=False, dtype=np.dtype(self.network_.dtype))
        return X.reshape(-1, *self.network_.input_shape)  # type: ignore[no-any-return]


class _Progress(Callback):
    """Writes a line after each epoch."""

    def on_start(self, training: Training) -> None:
        """Write how the learning rate was found."""
        if training.history.search is not None:
            sys.stdout.write(f"{training.history.search.reason}\n")

    def on_epoch(self, training: Training) -> None:
        """Write the epoch and its loss."""
        sys.stdout.write(f"Epoch {training.epoch} of {training.epochs}: loss {training.history.loss[-1]:.6g}\n")
