"""The hard-margin support vector machine (sections 7.3 and 7.9)."""

from __future__ import annotations

from fractions import Fraction
from math import isqrt
from typing import Any, ClassVar, Self

import numpy as np

from mathdl.certificates import Certificate, Data, text_of, write
from mathdl.errors import InputError, NotSeparableError
from mathdl.exact.whole_numbers import nearest_float
from mathdl.geometry.separation import separate
from mathdl.models.certified import Certified
from mathdl.models.declaration import Declaration
from mathdl.models.linear_binary_classifier import Array, LinearBinaryClassifier
from mathdl.solvers.hard_margin import HardMargin, hard_margin
from mathdl.status import Status


class HardMarginSVM(Certified, LinearBinaryClassifier):
    """Separate two classes by the hyperplane with the widest margin (equation (7.9)).

    The solution is exact: that of the binary numbers in X, as fractions, as long as at most 50 objects have
    multipliers.

    Attributes
    ----------
    classes_ : ndarray of shape (2,)
        The labels; the second one is the positive class.
    coef_ : ndarray of shape (1, p)
        w, rounded to float64.
    intercept_ : ndarray of shape (1,)
        Minus the book's b.
    margin_ : float
        The width 2 / |w| of the strip -1 <= w.x - b <= 1 between the classes.
    support_ : ndarray of shape (n_support,)
        The objects on the edges of the strip, which all satisfy y (w.x - b) = 1 (up to 1e-8 where the solution is not
        exact). There is at least one of each class.
    dual_coef_ : ndarray of shape (1, n_support)
        y times the multiplier of each of them, so that ``dual_coef_ @ X[support_]`` is w. A multiplier may be zero.
    gap_ : float
        By how much |w|^2 / 2 may exceed the minimum, relative to it: 0 where the solution is exact, else at most 1e-9.
    exact_solution_ : HardMargin or None
        w, b and the multipliers as fractions; None where the solution is not exact.
    status_ : str
        "converged" (exact), "certified" (exact, and ``certify`` has shown it) or "inexact".
    n_features_in_ : int
        Number of features.
    feature_names_in_ : ndarray of shape (p,)
        Names of the features, where X had names.

    Examples
    --------
    >>> from mathdl import HardMarginSVM
    >>> model = HardMarginSVM().fit([[-1, 0], [1, 0], [0, 0], [2, 0]], [-1, 1, -1, 1])
    >>> model.coef_, model.intercept_, model.margin_, model.support_
    (array([[2., 0.]]), array([-1.]), 1.0, array([1, 2]))
    >>> model.certify().statement[:67]
    'For w of the hyperplane w.x = b, w.x - b is at least 1 for those of'
    >>> model.status_
    'certified'
    """

    declaration: ClassVar[Declaration] = Declaration(
        command="hard-margin",
        task="classification",
        minimises="|w|² / 2",
        learned={
            "classes_": "labels",
            "coef_": "1 p",
            "intercept_": "1",
            "margin_": "unbounded",
            "gap_": "",
            "support_": "whole s",
            "dual_coef_": "1 s",
            "exact_solution_": "strip",
            "status_": "status",
        },
        two_classes=True,
    )
    margin_: float
    support_: Array
    dual_coef_: Array
    gap_: float
    exact_solution_: HardMargin | None

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the hyperplane.

        Parameters
        ----------
        X : array-like or sparse matrix of shape (N, p)
            Objects, which may be on any scale.
        y : array-like of shape (N,)
            Labels of two classes.
        sample_weight : array-like of shape (N,), default None
            Objects with weight zero count as absent; other weights do not change a hard margin.

        Returns
        -------
        self

        Raises
        ------
        NotSeparableError
            If no hyperplane separates the classes. Its ``separation`` has a point that both convex hulls share (A is
            the first class, B the second one), with a certificate.
        ValueError
            If X, y or the weights cannot be used.
        """
        X, y, weights = self._checked(X, y, sample_weight)
        positive = y == self.classes_[1]
        found = hard_margin(X, np.where(positive, 1, -1).tolist())
        if found is None:
            error = NotSeparableError(
                "No hyperplane separates the two classes, since their convex hulls have a point in common (the error's "
                "separation shows it); use SoftMarginSVM."
            )
            error.separation = separate(X[~positive], X[positive])
            raise error
        given = np.asarray(1.0 if sample_weight is None else sample_weight)
        self._keep(found, positive, np.flatnonzero(given > 0) if given.ndim else np.arange(len(X)))
        self._remember(X, y, weights, found)
        return self

    def objective_value(self, X: Array, y: Any) -> float:
        """Return |w|^2 / 2."""
        return float(np.sum(self.coef_**2) / 2)

    def _keep(self, found: HardMargin, positive: Array, places: Array) -> None:
        """Set what is learned; ``places`` says where the objects were in the X that was given."""
        coefficients = np.array([nearest_float(value) for value in found.normal])
        if not np.isfinite(coefficients).all():
            raise InputError("The two classes are so close that w exceeds float64; multiply X by a large power of two.")
        multipliers = np.array([nearest_float(found.multipliers.get(i, Fraction(0))) for i in found.support])
        self.coef_, self.intercept_ = coefficients[None, :], np.array([-nearest_float(found.offset)])
        self.margin_ = _root(2 / found.half_square)
        self.support_ = places[found.support]
        self.dual_coef_ = (np.where(positive[found.support], 1.0, -1.0) * multipliers)[None, :]
        self.gap_ = float(found.gap / found.half_square)
        self.exact_solution_ = None if found.gap else found
        self.status_ = Status.INEXACT if found.gap else Status.CONVERGED

    def _certificate(self, data: Data) -> tuple[Certificate, dict[str, Any]]:
        """Write down w, b, the multipliers and the gap."""
        found, multipliers = self._evidence.detail, ["0"] * data.count
        for i, multiplier in found.multipliers.items():
            multipliers[i] = text_of(multiplier)
        labels: Any = data.labels
        numbers = {
            "normal": [text_of(value) for value in found.normal],
            "offset": text_of(found.offset),
            "multipliers": multipliers,
            "gap": text_of(found.gap),
            "positive": labels[int(np.argmax(self._evidence.y == self.classes_[1]))],
        }
        return write("hard_margin", numbers, data), {}


def _root(value: Fraction) -> float:
    """Return the square root of a positive fraction of any size."""
    shift = (value.denominator.bit_length() - value.numerator.bit_length()) // 2 + 64
    return nearest_float(isqrt(int(value * Fraction(4) ** shift)) * Fraction(2) ** -shift)
