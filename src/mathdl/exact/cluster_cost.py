"""What a division into clusters costs, in rational numbers."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.exact.rational_points import rational_points

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class ClusterCost:
    """What a division into clusters costs.

    Attributes
    ----------
    labels : ndarray of shape (k,)
        The labels of the clusters, sorted.
    sizes : ndarray of shape (k,)
        How many objects each has.
    means : ndarray of shape (k, p)
        Their means, as fractions.
    scatters : ndarray of shape (k,)
        The sum of squared distances of each one's objects from its mean, as fractions.
    cost : Fraction
        The sum of the scatters, which k-means makes small.
    total : Fraction
        The scatter of all objects as one cluster.
    """

    labels: Array
    sizes: Array
    means: Array
    scatters: Array
    cost: Fraction
    total: Fraction

    @property
    def between(self) -> Fraction:
        """By how much the division costs less than one cluster: the weighted scatter of the means."""
        return self.total - self.cost


def cluster_cost(X: Any, labels: Any) -> ClusterCost:
    """Compute what a given division into clusters costs, exactly (exercise 5.2).

    The scatter of N objects, the sum of squared distances from their mean, is the sum of |x|^2 minus |sum of x|^2 / N.
    The cost of a division is the sum of the clusters' scatters, each with its own number of objects.

    Parameters
    ----------
    X : array-like of shape (N, p) or (N,)
        Objects, as whole or floating-point numbers or fractions.
    labels : array-like of shape (N,)
        The cluster of each.

    Returns
    -------
    ClusterCost
        With ``cost``, ``total``, ``between``, and ``sizes``, ``means`` and ``scatters`` by cluster.

    Raises
    ------
    InputError
        If a number is not finite, or there is not one label for each object.

    Examples
    --------
    >>> import mathdl
    >>> found = mathdl.cluster_cost([1, 2, 10, 11], ["left", "left", "right", "right"])
    >>> found.cost, found.total, found.means.ravel()
    (Fraction(1, 1), Fraction(82, 1), array([Fraction(3, 2), Fraction(21, 2)], dtype=object))
    """
    points = rational_points("X", X)
    try:
        given = np.asarray(labels)
        names, which = np.unique(given, return_inverse=True)
    except (TypeError, ValueError):
        raise InputError("labels holds something that cannot be sorted; give one number or text an object.") from None
    if given.shape != (len(points),):
        raise InputError(f"labels has shape {given.shape} for {len(points)} objects; give one for each.")
    clusters = [points[which.ravel() == k] for k in range(len(names))]
    scatters = [_scatter(cluster) for cluster in clusters]
    return ClusterCost(
        names,
        np.array([len(cluster) for cluster in clusters]),
        np.array([cluster.sum(axis=0) / len(cluster) for cluster in clusters], dtype=object),
        np.array(scatters, dtype=object),
        sum(scatters, Fraction(0)),
        _scatter(points),
    )


def _scatter(points: Array) -> Fraction:
    """Return the sum of squared distances from the mean."""
    first = points.sum(axis=0)
    return Fraction((points * points).sum() - (first * first).sum() / len(points))
