"""Cross-entropy as entropy plus divergence."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import entropy as kullback_leibler
from sklearn.metrics import log_loss

from mathdl import cross_entropy
from mathdl.errors import InputError

groups = st.lists(
    st.tuples(st.lists(st.integers(0, 9), min_size=3, max_size=3), st.lists(st.integers(1, 9), min_size=3, max_size=3)),
    min_size=1,
    max_size=5,
)


@given(groups)
def test_the_loss_is_the_entropy_and_what_the_model_adds(drawn: list[tuple[list[int], list[int]]]) -> None:
    counts = np.array([row for row, _ in drawn])
    model = np.array([np.array(row) / sum(row) for _, row in drawn])
    found = cross_entropy(counts, model)
    loss = -math.fsum(
        n * math.log(q) for ns, qs in zip(counts, model, strict=True) for n, q in zip(ns, qs, strict=True)
    )
    assert found.loss == pytest.approx(loss, abs=1e-12, rel=1e-12)
    assert found.entropy + found.divergence == pytest.approx(found.loss, abs=1e-9)
    assert found.divergences.min() >= 0
    for row, q, divergence in zip(counts, model, found.divergences, strict=True):
        expected = row.sum() * kullback_leibler(row / row.sum(), q) if row.sum() else 0.0
        assert divergence == pytest.approx(expected, abs=1e-12)
    own = np.array([row / row.sum() if row.sum() else np.full(3, 1 / 3) for row in counts])
    assert cross_entropy(counts, own).divergence == pytest.approx(0, abs=1e-14)


def test_it_is_the_log_loss_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    labels, q = generator.integers(0, 2, size=50), generator.uniform(0.01, 0.99, size=50)
    counts = np.column_stack([labels == 0, labels == 1]).astype(float)
    assert cross_entropy(counts, np.column_stack([1 - q, q])).loss == pytest.approx(50 * log_loss(labels, q), rel=1e-12)


def test_what_the_model_excludes_and_happened_costs_infinitely_much() -> None:
    assert cross_entropy([[1, 0]], [[0.0, 1.0]]).loss == cross_entropy([[1, 0]], [[0.0, 1.0]]).divergence == math.inf
    assert cross_entropy([[0, 1]], [[0.0, 1.0]]).loss == 0


@pytest.mark.parametrize(
    ("counts", "probabilities", "message"),
    [
        ([[1, 2]], [[0.5, 0.6]], "sum to 1"),
        ([[1, 2]], [[-0.5, 1.5]], "from 0 to 1"),
        ([[1, -2]], [[0.5, 0.5]], "negative"),
        ([[1, 2]], [[0.5, 0.5], [0.5, 0.5]], "one for each count"),
        ([1, 2], [0.5, 0.5], "a row for each group"),
        ([[1, np.nan]], [[0.5, 0.5]], "finite"),
        ([["a", "b"]], [[0.5, 0.5]], "texts|no number"),
    ],
)
def test_nonsense_is_refused(counts: Any, probabilities: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        cross_entropy(counts, probabilities)
