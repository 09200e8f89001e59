"""Costs and silhouettes by the number of clusters."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist

from mathdl import KMeans, cluster_counts
from mathdl.errors import InputError


def blobs(n: int = 60) -> np.ndarray:
    centres = np.array([[0.0, 0.0], [5.0, 0.0], [0.0, 5.0]])
    return centres[np.arange(n) % 3] + 0.5 * np.random.default_rng(0).normal(size=(n, 2))


def test_silhouettes_are_as_defined_and_the_largest_is_at_the_planted_number() -> None:
    X = blobs()
    found = cluster_counts(X, most=5)
    assert found.counts.tolist() == [1, 2, 3, 4, 5]
    assert found.best == 3
    assert np.isnan(found.silhouettes[0])
    assert np.all(np.diff(found.costs) < 0)
    assert found.costs[0] == pytest.approx(((X - X.mean(axis=0)) ** 2).sum(), rel=1e-12)
    labels, distances, values = KMeans(3, n_init=10, random_state=0).fit(X).labels_, cdist(X, X), []
    for k, label in enumerate(labels):
        means = [distances[k, labels == other].sum() / (labels == other).sum() for other in range(3)]
        own = distances[k, labels == label].sum() / ((labels == label).sum() - 1)
        other = min(mean for j, mean in enumerate(means) if j != label)
        values.append((other - own) / max(own, other))
    assert found.silhouettes[2] == pytest.approx(np.mean(values), rel=1e-12)


def test_there_are_no_more_clusters_than_different_objects() -> None:
    found = cluster_counts([[1.0], [1.0], [2.0]], most=10)
    assert found.costs.tolist() == [pytest.approx(2 / 3), 0.0]
    assert found.best == 2
    alone = cluster_counts([[1.0], [1.0]])
    assert (alone.costs.tolist(), alone.best) == ([0.0], 1)
    assert np.isnan(cluster_counts([[1.0], [2.0]]).silhouettes).all()


def test_silhouettes_of_many_objects_are_of_a_sample() -> None:
    X = blobs(3000)
    first, again = cluster_counts(X, most=3), cluster_counts(X, most=3)
    assert np.array_equal(first.silhouettes, again.silhouettes, equal_nan=True)
    assert first.best == 3


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match="at least 1"):
        cluster_counts([[1.0], [2.0]], most=0)
    with pytest.raises(ValueError, match="NaN"):
        cluster_counts([[1.0], [np.nan]])
    with pytest.raises(InputError, match="beyond float64"):
        cluster_counts([[0.0, 1e200], [1.0, -1e200], [2.0, 0.0]])
    with pytest.raises(InputError, match="random_state"):
        cluster_counts([[1.0], [2.0]], random_state=-1)
