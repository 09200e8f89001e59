"""Lloyd's iteration with bounds, against the same without: all distances, written as the textbook says it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.solvers.lloyd import Lloyd


def plain_lloyd(x: Any, w: Any, centres: Any, iterations: int, tolerance: float) -> tuple[Any, Any, int, bool]:
    """Move centres until no label changes or they hardly move; an empty cluster takes the farthest object."""
    labels = None
    centres = centres.copy()
    mean = np.average(x, axis=0, weights=w)
    limit = tolerance * np.average((x - mean) ** 2, axis=0, weights=w).mean()
    for iteration in range(1, iterations + 1):
        distances = ((x[:, None] - centres[None]) ** 2).sum(axis=2)
        new = distances.argmin(axis=1)
        changed = labels is None or (new != labels).any()
        away = distances[np.arange(len(x)), new]
        labels = new.copy()
        taken = []
        for c in range(len(centres)):
            if not (labels == c).any():
                order = [i for i in np.argsort(-away, kind="stable") if i not in taken and away[i] > 0]
                if order:
                    labels[order[0]] = c
                    taken.append(order[0])
                    changed = True
        old = centres.copy()
        for c in range(len(centres)):
            if (labels == c).any():
                centres[c] = np.average(x[labels == c], axis=0, weights=w[labels == c])
        if not changed or ((centres - old) ** 2).sum() <= limit:
            return centres, labels, iteration, True
    return centres, labels, iterations, False


def compared(x: Any, w: Any, centres: Any, tolerance: float = 0.0, iterations: int = 100) -> Any:
    """Run both and compare them."""
    expected, _, count, converged = plain_lloyd(x, w, centres, iterations, tolerance)
    found = Lloyd(x, w, len(centres)).descend(centres, iterations, tolerance)
    assert found.iterations == count
    assert found.converged == converged
    assert np.allclose(found.centres, expected, rtol=0, atol=1e-11)
    distances = ((x[:, None] - found.centres[None]) ** 2).sum(axis=2)
    assert found.inertia == pytest.approx((w * distances.min(axis=1)).sum(), rel=1e-10, abs=1e-20)
    assert np.allclose(distances[np.arange(len(x)), found.labels], distances.min(axis=1), rtol=1e-12)
    return found


@settings(deadline=None, derandomize=True, max_examples=150)
@given(
    st.integers(1, 9),
    st.integers(2, 4),
    st.integers(20, 200),
    st.integers(0, 10**6),
    st.sampled_from([0.0, 1e-4, 1e-2]),
    st.booleans(),
)
def test_bounds_change_nothing(k: int, d: int, more: int, seed: int, tolerance: float, weighted: bool) -> None:
    generator = np.random.default_rng(seed)
    n = k + more
    x = generator.normal(size=(n, d)) + 4 * generator.integers(0, 3, size=(n, 1))
    w = generator.uniform(0.1, 3, n) if weighted else np.ones(n)
    compared(x, w, x[generator.permutation(n)[:k]], tolerance)


@pytest.mark.parametrize("n", [511, 513, 3000])
def test_several_chunks(n: int) -> None:
    generator = np.random.default_rng(n)
    x, w = generator.uniform(size=(n, 3)), generator.uniform(0.5, 1, n)
    assert compared(x, w, x[:10]).iterations > 10
    compared(x, w, x[:10], iterations=4)


def test_far_from_the_origin() -> None:
    generator = np.random.default_rng(0)
    x = 1e6 + generator.normal(size=(400, 2))
    found = Lloyd(x, None, 5).descend(x[:5], 100, 0.0)
    shifted = Lloyd(x - 1e6, None, 5).descend(x[:5] - 1e6, 100, 0.0)
    assert np.array_equal(found.labels, shifted.labels)
    assert found.inertia == pytest.approx(shifted.inertia, rel=1e-8)


def test_an_empty_cluster_takes_the_farthest_object() -> None:
    x = np.array([[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [9.0, 0.0]])
    centres = np.array([[1.0, 0.0], [100.0, 0.0], [200.0, 0.0]])
    found = compared(x, np.ones(4), centres)
    assert sorted(np.bincount(found.labels, minlength=3)) == [1, 1, 2]
    one_left = Lloyd(x, None, 2).descend(centres[:2], 1, 0.0)
    assert one_left.centres.tolist() == [[1, 0], [9, 0]]


def test_a_small_cluster_keeps_its_digits_beside_heavy_and_far_ones() -> None:
    """Sums are never corrected by what has left a cluster."""
    generator = np.random.default_rng(1)
    x = np.concatenate([generator.normal(size=(300, 2)), 1e9 + generator.normal(size=(3, 2)), [[7.0, 7.0], [7.0, 8.0]]])
    w = np.concatenate([np.ones(300), np.full(3, 1e6), [1e-6, 1e-6]])
    found = Lloyd(x, w, 3).descend(x[[0, 300, 303]], 50, 0.0)
    for c in range(3):
        mine = found.labels == c
        assert np.allclose(found.centres[c], np.average(x[mine], axis=0, weights=w[mine]), rtol=1e-14)


def test_seeds_are_objects_far_apart() -> None:
    x = np.repeat(np.eye(6) * 100, 50, axis=0) + np.random.default_rng(0).normal(size=(300, 6))
    for seed in range(20):
        centres = Lloyd(x, None, 6).seed(np.random.RandomState(seed))
        assert (centres[:, None] == x[None]).all(axis=2).any(axis=1).all()
        assert sorted(centres.argmax(axis=1)) == list(range(6))


def test_heavy_objects_become_seeds() -> None:
    x = np.random.default_rng(0).normal(size=(2000, 2))
    w = np.where(np.arange(2000) == 1234, 1e9, 1.0)
    for seed in range(10):
        assert (Lloyd(x, w, 3).seed(np.random.RandomState(seed))[0] == x[1234]).all()


def test_labels_and_inertia_of_other_objects() -> None:
    generator = np.random.default_rng(0)
    x, centres = generator.normal(size=(1100, 5)), generator.normal(size=(7, 5))
    labels, inertia = Lloyd(x, None, 7).assign(centres)
    distances = ((x[:, None] - centres[None]) ** 2).sum(axis=2)
    assert np.array_equal(labels, distances.argmin(axis=1))
    assert inertia == pytest.approx(distances.min(axis=1).sum(), rel=1e-12)
    assert Lloyd(x, None, 7).assign(centres[[3, 3, 3]])[0].max() == 0  # the first of equally near ones
    far = Lloyd(x, None, 2, peak=1e200).assign(np.full((2, 5), [[1e200], [-1e200]]))
    assert np.array_equal(np.unique(far[0]), [0])  # as near to the one as to the other, in float64
    assert far[1] == np.inf


@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize("power", [-120, 100, 900])
def test_a_power_of_two_scales_the_weights(kind: Any, power: int) -> None:
    generator = np.random.default_rng(0)
    x, w = generator.normal(size=(600, 3)).astype(kind), generator.uniform(0.5, 2, 600)
    found = [Lloyd(x, each, 6).descend(x[:6], 50, 1e-6) for each in (w, np.ldexp(w, power))]
    assert np.array_equal(found[0].centres, found[1].centres)
    assert found[1].inertia == np.ldexp(found[0].inertia, power)
    seeds = [Lloyd(x, each, 6).seed(np.random.RandomState(0)) for each in (w, np.ldexp(w, power))]
    assert np.array_equal(seeds[0], seeds[1])
