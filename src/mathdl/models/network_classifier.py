"""A network as a classifier of scikit-learn."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets

from mathdl.errors import InputError
from mathdl.models.network_estimator import DTYPES, Array, NetworkEstimator
from mathdl.models.training_data import validated, with_weight
from mathdl.solvers.softmax import log_softmax


class NetworkClassifier(ClassifierMixin, NetworkEstimator):  # type: ignore[misc]
    """Classify with a neural network, trained on the cross-entropy of its softmax (section 8.2).

    The output layer, one logit for each class, is added by ``fit``. Features enter as they are: standardise
    them first, for example with scikit-learn's ``StandardScaler`` in a pipeline.

    Parameters
    ----------
    hidden_layers : sequence of int, default (100,)
        Units of each hidden dense layer; ``()`` gives a linear classifier.
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
    classes_ : ndarray of shape (n_classes,)
        The labels, sorted.
    network_ : Network
        The trained network; its outputs are the logits, in the order of ``classes_``.
    history_ : History
        The record of the training: the loss of each epoch, and how it ended.
    n_iter_ : int
        Number of whole epochs.
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (n_features_in_,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import NetworkClassifier
    >>> X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    >>> model = NetworkClassifier(random_state=0).fit(X, ["same", "different", "different", "same"])
    >>> model.predict(X).tolist()
    ['same', 'different', 'different', 'same']
    """

    classes_: Array

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : array-like of shape (N, n_features)
            Objects; float32 numbers make a network of float32, any other of float64.
        y : array-like of shape (N,)
            Labels of any type that can be sorted.
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
            If X, y or a parameter cannot be used; there have to be at least two classes.
        """
        X, y = validated(self, X, y, dtype=DTYPES)
        check_classification_targets(y)
        classes, codes = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise InputError(
                f"NetworkClassifier needs at least two classes, but y holds one class only, {classes.tolist()[0]!r}; "
                "add objects of another class."
            )
        X, codes, weights = with_weight(X, codes, sample_weight)
        self._train(X, codes, "cross_entropy", len(classes), weights)
        self.classes_ = classes
        return self

    def predict(self, X: Any) -> Array:
        """Predict the most probable label of each object.

        Parameters
        ----------
        X : array-like of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N,)
        """
        most_probable = np.argmax(self.predict_proba(X), axis=1)
        labels: Array = self.classes_[most_probable]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """Compute the probability of each class.

        Parameters
        ----------
        X : array-like of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N, n_classes)
            In the order of ``classes_``.
        """
        X = self._objects(X)
        return self.network_.predict_proba(X)

    def predict_log_proba(self, X: Any) -> Array:
        """Compute the logarithm of the probability of each class.

        Parameters
        ----------
        X : array-like of shape (N, n_features)

        Returns
        -------
        ndarray of shape (N, n_classes)
            In the order of ``classes_``; finite also where a probability is too small to be told from zero.
        """
        X = self._objects(X)
        return log_softmax(self.network_(X))
