"""The order in which descent meets the objects (ledger: sec-8.4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl import Callback
from mathdl.descent.batches import SAMPLINGS, order_of_epoch
from mathdl.errors import InputError
from mathdl.training import loop
from mathdl.training.training import Training
from training.examples import network, objects


@given(st.integers(1, 300), st.integers(0, 2**40), st.integers(0, 1000))
def test_without_replacement_every_object_comes_once(count: int, seed: int, epoch: int) -> None:
    order = order_of_epoch(count, "without_replacement", seed, epoch)
    assert np.array_equal(np.sort(order), np.arange(count))


@given(st.integers(1, 300), st.integers(0, 2**40), st.integers(0, 1000))
def test_with_replacement_every_place_is_an_object(count: int, seed: int, epoch: int) -> None:
    order = order_of_epoch(count, "with_replacement", seed, epoch)
    assert order.shape == (count,)
    assert order.min() >= 0
    assert order.max() < count


def test_with_replacement_some_object_is_missed() -> None:
    """A witness, and that about 1/e of them are."""
    order = order_of_epoch(1000, "with_replacement", 0, 0)
    missed = np.setdiff1d(np.arange(1000), order)
    assert len(missed) > 0
    assert len(missed) / 1000 == pytest.approx(np.exp(-1), abs=0.05)


@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_the_order_depends_on_seed_and_epoch_alone(sampling: str) -> None:
    order = order_of_epoch(50, sampling, 3, 4)
    assert order.dtype == np.int64
    assert np.array_equal(order, order_of_epoch(50, sampling, 3, 4))
    assert not np.array_equal(order, order_of_epoch(50, sampling, 3, 5))
    assert not np.array_equal(order, order_of_epoch(50, sampling, 4, 4))
    assert not np.array_equal(order, order_of_epoch(50, sampling, 4, 3))


def test_every_order_is_equally_likely() -> None:
    orders = [tuple(order_of_epoch(3, "without_replacement", 0, epoch)) for epoch in range(1200)]
    counts = [orders.count(order) for order in sorted(set(orders))]
    assert len(counts) == 6
    assert min(counts) > 150


def test_an_unknown_sampling_is_refused() -> None:
    X, y = objects(4)
    with pytest.raises(InputError, match="sampling is 'all'; give 'without_replacement' or 'with_replacement'"):
        network().fit(X, y, loss="cross_entropy", sampling="all")


class CountSteps(Callback):
    """Count the steps of each epoch, where every call takes one."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.samples: list[int] = []

    def on_start(self, training: Training) -> None:
        self.steps.append(1)

    def on_progress(self, training: Training) -> None:
        self.steps[-1] += 1

    def on_epoch(self, training: Training) -> None:
        self.samples.append(training.samples)
        self.steps.append(1)


@pytest.mark.parametrize(("count", "batch_size"), [(12, 1), (12, 2), (12, 3), (12, 12), (13, 5), (13, 12), (5, 9)])
@pytest.mark.parametrize("sampling", SAMPLINGS)
def test_an_epoch_has_so_many_steps(
    count: int, batch_size: int, sampling: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """|T| / |T_n| steps, rounded up; |T| gradients of objects an epoch, whatever the size of the batch."""
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    X, y = objects(count)
    counter = CountSteps()
    network().fit(X, y, loss="cross_entropy", batch_size=batch_size, epochs=3, sampling=sampling, callbacks=[counter])
    assert counter.steps[:3] == [-(-count // batch_size)] * 3
    assert counter.samples == [count, 2 * count, 3 * count]
