"""A network as a regressor of scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin

from mathdl.models.network_estimator import DTYPES, Array, NetworkEstimator
from mathdl.models.training_data import validated, with_weight


class NetworkRegressor(RegressorMixin, NetworkEstimator):  # type: ignore[misc]
    """Regress with a neural network, trained on the mean square error (section 8.2).

    The output layer, one number for each target, is added by ``fit``. Targets are standardised before they reach the
    network and predictions scaled back, so targets of any scale train alike. Features enter as they are: standardise
    them first, for example with scikit-learn's ``StandardScaler`` in a pipeline.

    Parameters
    ----------
    hidden_layers : sequence of int, default (100,)
        Units of each hidden dense layer; ``()`` gives linear regression.
    activation : str, dict or Activation, default "relu"
        Activation of the hidden layers.
    layers : list of layers, default None
        All layers before the output layer, in place of ``hidden_layers`` and ``activation``; after the last one an
        object has to be flat.
    input_shape : tuple of int, default None
        The shape that each row of X is given, as (1, 28, 28) for images of one channel; None leaves it flat.
    rule : SGD or Adam, default None
        The update rule; None is ``Adam()``. With the learning rate "auto" one is looked for before training; see
        ``history_.search``.
    batch_size : int, default 32
        Objects per step.
    epochs : int, default 200
        How often training goes through the objects.
    schedule : callable, default None
        ``StepSchedule``, ``CosineSchedule`` or a function (epoch, epochs) -> factor of the learning rate.
    threads : int, default None
        Threads to train with; None takes as many as the work keeps busy. The result is the same.
    random_state : int, RandomState or None, default None
        Where the initial parameters and the order of objects are drawn from.
    verbose : bool, default False
        Whether to write a line after each epoch.

    Attributes
    ----------
    target_mean_, target_scale_ : ndarray of shape (), or (n_targets,) where y had two axes
        The weighted mean and standard deviation of each target. Predictions are the network's outputs times the scale
        plus the mean, so a constant target is predicted exactly.
    network_ : Network
        The trained network; its outputs are the standardised targets.
    history_ : History
        The record of the training: the loss of each epoch, in standardised targets, and how it ended.
    n_iter_ : int
        Number of whole epochs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import SGD, NetworkRegressor
    >>> X = [[0.0], [1.0], [2.0], [3.0]]
    >>> model = NetworkRegressor(hidden_layers=(), rule=SGD(0.2), random_state=0).fit(X, [100.0, 200.0, 300.0, 400.0])
    >>> model.predict([[1.5], [4.0]]).round(3)
    array([250., 500.])
    """

    target_mean_: Array
    target_scale_: Array

    def __sklearn_tags__(self) -> Any:
        """Say that several targets at once are welcome."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : array-like of shape (N, n_features)
            Objects; float32 numbers make a network of float32, any other of float64.
        y : array-like of shape (N,) or (N, n_targets)
            Targets.
        sample_weight : array-like of shape (N,), default None
            Weights of the objects in the loss (section 8.5), not all zero.

        Returns
        -------
        self
            A DivergenceWarning is given where the loss was no longer finite; the network then has the last
            parameters with a finite loss.

        Raises
        ------
        ValueError
            If X, y or a parameter cannot be used.
        """
        X, y = validated(self, X, y, dtype=DTYPES, y_numeric=True, multi_output=True)
        X, y, weights = with_weight(X, y.astype(np.float64), sample_weight)
        mean, scale = _mean_and_scale(y, weights)
        self._train(X, (y - mean) / np.where(scale > 0, scale, 1.0), "mean_square", mean.size, weights)
        self.target_mean_, self.target_scale_ = mean, scale
        return self

    def predict(self, X: Any) -> Array:
        """Predict the targets of objects.

        Parameters
        ----------
        X : array-like of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N,) or (N, n_targets)
            float64, of the shape that y had in ``fit``.
        """
        X = self._objects(X)
        outputs = self.network_(X).astype(np.float64).reshape(-1, *self.target_mean_.shape)
        return outputs * self.target_scale_ + self.target_mean_


def _mean_and_scale(y: Array, weights: Array | None) -> tuple[Array, Array]:
    """Return the weighted mean and standard deviation of each target; that of a constant target is exactly 0."""
    # Relative to the largest number of each target, so that squares do not overflow.
    largest = np.abs(y).max(axis=0)
    largest = np.where(largest > 0, largest, 1.0)
    relative = y / largest
    mean = np.average(relative, axis=0, weights=weights)
    scale = largest * np.sqrt(np.average((relative - mean) ** 2, axis=0, weights=weights))
    return np.asarray(largest * mean), np.asarray(scale)
