"""The exact classifier of a training set (equation (3.4)): a table of its labels."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import shortened
from mathdl.classification.objects import told_apart
from mathdl.errors import InputError

Array = NDArray[Any]


class ExactClassifier:
    """The function that maps each object of a training set T to its label, and is defined on T alone.

    Parameters
    ----------
    X : array-like of shape (N, ...), or a sequence of N objects
        The objects of T: rows of numbers, or anything that can stand in a set.
    y : array-like of shape (N,)
        Their labels.

    Attributes
    ----------
    classes_ : ndarray of shape (m,)
        The labels in order: the class with index i is called ``classes_[i]``. Index and label are kept apart, as the
        digit 0 is a label.

    Raises
    ------
    InputError
        If one object has two labels, so that no exact classifier exists, or the shapes differ; by the methods, for an
        object that is not in T.

    Examples
    --------
    >>> from mathdl import ExactClassifier
    >>> exact = ExactClassifier([[0.0], [0.5], [1.0]], ["a", "b", "a"])
    >>> exact.predict([[1.0], [0.5]]), exact.predict_proba([[1.0], [0.5]]).tolist()
    (array(['a', 'b'], dtype='<U1'), [[1.0, 0.0], [0.0, 1.0]])
    """

    def __init__(self, X: Any, y: Any) -> None:
        for name, given in (("X", X), ("y", y)):
            if isinstance(given, Set | Mapping):
                raise InputError(f"{name} is {shortened(given)}, which has no order; give a list or an array.")
        objects, labels = told_apart("X", X), told_apart("y", y)
        if not objects or len(objects) != len(labels):
            raise InputError(f"X has {len(objects)} objects and y {len(labels)} labels; give one label for each.")
        try:
            self.classes_: Array = np.unique(np.asarray(labels))
        except (TypeError, ValueError):
            raise InputError(f"y is {shortened(y)}; give labels of one kind.") from None
        index = {label: i for i, label in enumerate(self.classes_.tolist())}
        self._index: dict[Any, int] = {}
        for element, label in zip(objects, labels, strict=True):
            if label not in index:
                raise InputError(f"y holds {shortened(label)}, which is no single label; give one for each object.")
            if self._index.setdefault(element, index[label]) != index[label]:
                other = self.classes_[self._index[element]]
                raise InputError(
                    f"The object {shortened(element)} has the labels {other} and {label}; give each object one label."
                )

    def predict(self, X: Any) -> Array:
        """Return the labels of objects of T.

        Parameters
        ----------
        X : array-like or sequence of n objects

        Returns
        -------
        ndarray of shape (n,)
        """
        return self.classes_[self._indices(X)]

    def predict_proba(self, X: Any) -> Array:
        """Return the exact soft classifier: 1 at the index of the right class, 0 elsewhere.

        Parameters
        ----------
        X : array-like or sequence of n objects

        Returns
        -------
        ndarray of shape (n, m)
        """
        return np.eye(len(self.classes_))[self._indices(X)]

    def _indices(self, X: Any) -> list[int]:
        """Return the indices of the classes of objects."""
        objects = told_apart("X", X)
        for element in objects:
            if element not in self._index:
                raise InputError(
                    f"The object {shortened(element)} is not in the training set; an exact classifier knows no other."
                )
        return [self._index[element] for element in objects]
