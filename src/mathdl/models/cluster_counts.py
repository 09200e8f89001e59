"""How the cost of clusters and their silhouette depend on how many there are."""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_at_least
from mathdl.errors import ConvergenceWarning, InputError
from mathdl.models.kmeans import KMeans
from mathdl.models.training_data import validated

Array = NDArray[Any]
MAX_SILHOUETTE = 2000  # chosen: objects whose distances to each other are computed at once


@dataclass(frozen=True, eq=False)
class ClusterCounts:
    """What k-means reaches for each number of clusters.

    Attributes
    ----------
    counts : ndarray of shape (m,)
        1, 2, ..., m clusters.
    costs : ndarray of shape (m,)
        The least sum of squared distances to the centres that was found. It falls with every cluster more; past the
        right number it falls slowly, which makes an elbow.
    silhouettes : ndarray of shape (m,)
        How clearly the clusters are apart, from -1 to 1: the mean of (b - a) / max(a, b), where a is an object's mean
        distance from its own cluster and b from the next. NaN for one cluster, and for as many as objects.
    """

    counts: Array
    costs: Array
    silhouettes: Array

    @property
    def best(self) -> int:
        """The number of clusters with the largest silhouette; 1 where there is none."""
        known = np.where(np.isnan(self.silhouettes), -np.inf, self.silhouettes)
        return int(self.counts[np.argmax(known)])


def cluster_counts(X: Any, most: int = 10, *, random_state: int | None = 0) -> ClusterCounts:
    """Cluster objects by k-means into 1, 2, ... clusters, to see how many there are.

    Parameters
    ----------
    X : array-like of shape (N, p)
        Objects, with features in units that can be compared.
    most : int, default 10
        The largest number of clusters; fewer where there are fewer different objects.
    random_state : int, default 0
        Where first centres are drawn from, and of more than 2,000 objects the 2,000 of the silhouettes.

    Returns
    -------
    ClusterCounts
        With ``counts``, ``costs``, ``silhouettes`` and ``best``; ``mathdl.plots.plot_cluster_counts`` draws it.

    Raises
    ------
    ValueError
        If X or an argument cannot be used.

    Examples
    --------
    >>> import mathdl
    >>> found = mathdl.cluster_counts([[1.0], [2.0], [10.0], [11.0], [20.0], [21.0]], most=4)
    >>> found.costs.round(6), found.best
    (array([362.833333,  82.5     ,   1.5     ,   1.      ]), 3)
    """
    from sklearn.metrics import silhouette_score

    require_at_least("most", most, 1)
    if random_state is not None:
        require_at_least("random_state", random_state, 0, 2**32 - 1)
    objects = validated(KMeans(), X, reset=True, dtype=np.float64)
    most = min(int(most), len(np.unique(objects, axis=0)))
    costs, silhouettes = [], []
    for count in range(1, most + 1):
        model = KMeans(count, n_init=10, random_state=random_state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            model.fit(objects)
        costs.append(model.inertia_)
        found = len(np.unique(model.labels_))
        sample = MAX_SILHOUETTE if len(objects) > MAX_SILHOUETTE else None
        drawn: dict[str, Any] = {"sample_size": sample, "random_state": random_state}
        can = 1 < found < len(objects)
        silhouettes.append(float(silhouette_score(objects, model.labels_, **drawn)) if can else np.nan)
    if not np.isfinite(costs).all():
        raise InputError("X holds numbers whose squared distances are beyond float64; scale the features.")
    return ClusterCounts(np.arange(1, most + 1), np.array(costs), np.array(silhouettes))
