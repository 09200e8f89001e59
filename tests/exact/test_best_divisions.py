"""All best divisions of numbers into clusters."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import KMeans, best_divisions, cluster_cost
from mathdl.errors import InputError


@settings(max_examples=60)
@given(st.lists(st.fractions(-3, 3, max_denominator=3), min_size=1, max_size=6), st.integers(1, 4))
def test_they_are_those_of_all_divisions(x: list[Fraction], clusters: int) -> None:
    clusters = min(clusters, len(set(x)))
    costs = {}
    for labels in product(range(clusters), repeat=len(x)):
        if len(set(labels)) == clusters:
            parts = frozenset(frozenset(i for i, own in enumerate(labels) if own == k) for k in range(clusters))
            costs[parts] = cluster_cost(x, labels).cost
    best = min(costs.values())
    found = best_divisions(x, clusters)
    listed = {
        frozenset(frozenset(np.flatnonzero(labels == k).tolist()) for k in range(clusters)) for labels in found.labels
    }
    assert found.cost == best
    assert listed == {parts for parts, cost in costs.items() if cost == best}
    assert found.count == len(listed) == len(found.labels)
    assert found.unique == (found.count == 1)


def test_the_first_hundred_of_many_are_listed() -> None:
    found = best_divisions(range(100), 3)  # two clusters of 33 and one of 34
    assert found.count == 3
    many = best_divisions(range(30), 22)  # eight pairs among 22 clusters
    assert (many.cost, many.count, many.labels.shape) == (4, 319770, (100, 30))
    assert {cluster_cost(range(30), labels).cost for labels in many.labels} == {4}


def test_k_means_finds_one_of_them() -> None:
    x = np.random.default_rng(0).normal(size=50).round(1)
    found = best_divisions(x, 4)
    labels = KMeans(4).fit(x[:, None]).labels_
    assert float(found.cost) == pytest.approx(float(cluster_cost(x, labels).cost), rel=1e-12)
    assert any(np.array_equal(labels, best) for best in found.labels)


@pytest.mark.parametrize(
    ("numbers", "clusters", "message"),
    [
        ([1, 2], 3, "2 different numbers for 3 clusters"),
        ([1, 2], 0, "at least 1"),
        ([[1, 2], [3, 4]], 1, "2 columns"),
        (np.arange(401), 2, "at most 400"),
        ([1, np.inf], 1, "finite real number"),
        ([], 1, "at least one point"),
    ],
)
def test_nonsense_is_refused(numbers: Any, clusters: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        best_divisions(numbers, clusters)
