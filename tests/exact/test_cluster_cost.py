"""The cost of a given division."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl import KMeans, cluster_cost
from mathdl.errors import InputError

rationals = st.fractions(-9, 9, max_denominator=9)
labelled = st.lists(st.tuples(rationals, rationals, st.integers(0, 2)), min_size=1, max_size=8)


@given(labelled)
def test_the_cost_is_the_sum_of_squared_distances_to_the_means(drawn: list[tuple[Any, Any, int]]) -> None:
    X, labels = [[a, b] for a, b, _ in drawn], [label for *_, label in drawn]
    found = cluster_cost(X, labels)
    expected = Fraction(0)
    for label in set(labels):
        mine = [x for x, own in zip(X, labels, strict=True) if own == label]
        mean = [sum(column) / Fraction(len(mine)) for column in zip(*mine, strict=True)]
        expected += sum((value - m) ** 2 for x in mine for value, m in zip(x, mean, strict=True))
        assert found.means[found.labels.tolist().index(label)].tolist() == mean
    assert found.cost == expected == sum(found.scatters)
    assert found.total == cluster_cost(X, [0] * len(X)).cost == found.cost + found.between
    assert found.between >= 0
    weighted = sum(n * cluster_cost([m, [sum(c) / Fraction(len(X)) for c in zip(*X, strict=True)]], [0, 0]).cost * 2
                   for n, m in zip(found.sizes.tolist(), found.means.tolist(), strict=True))  # fmt: skip
    assert found.between == weighted


def test_k_means_reports_it() -> None:
    X = np.random.default_rng(0).normal(size=(60, 3))
    model = KMeans(4, random_state=0).fit(X)
    assert float(cluster_cost(X, model.labels_).cost) == pytest.approx(model.inertia_, rel=1e-12)


@pytest.mark.parametrize(
    ("X", "labels", "message"),
    [
        ([], [], "at least one point"),
        ([1.0, np.nan], [0, 0], "finite real number"),
        (["1", "2"], [0, 0], "finite real number"),
        ([True, False], [0, 0], "finite real number"),
        ([1, 2], [0], "one for each"),
        ([1, 2], [0, "a", None], "one for each|sorted"),
        ([[[1]]], [0], "at least one point"),
    ],
)
def test_nonsense_is_refused(X: Any, labels: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cluster_cost(X, labels)
