"""The order in which descent meets the objects (section 8.4)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl import SGD, Callback
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
    with pytest.raises(
        InputError, match="sampling is 'all'; give 'without_replacement', 'with_replacement', 'in_blocks' or None"
    ):
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


def test_a_network_draws_objects_by_their_weights() -> None:
    """Only one object has a chance: training with it alone takes the same steps."""
    X, y = objects(6)
    chosen, alone = network(), network()
    settings = {"loss": "cross_entropy", "batch_size": 1, "epochs": 1, "seed": 5}
    chosen.fit(X, y, sampling="with_replacement", sampling_weight=[0, 0, 0, 2.5, 0, 0], **settings)
    alone.fit(np.repeat(X[3:4], 6, axis=0), np.repeat(y[3:4], 6), **settings)
    assert chosen.parameters.tobytes() == alone.parameters.tobytes()


def test_equal_weights_draw_every_object_as_often() -> None:
    """Nine of one class and one of another, each class as likely: the mean count of the rare one is half."""
    weights = np.array([1 / 18] * 9 + [1 / 2])
    drawn = [order_of_epoch(10, "with_replacement", 0, epoch, weights / weights.sum()) for epoch in range(400)]
    assert np.mean(np.concatenate(drawn) == 9) == pytest.approx(0.5, abs=0.02)


def test_weights_of_the_draw_are_checked() -> None:
    X, y = objects(4)
    for extra, message in (
        ({"sampling_weight": [1, 1, 1, 1]}, "sampling_weight needs sampling='with_replacement'"),
        ({"sampling_weight": [1, 1, 1], "sampling": "with_replacement"}, r"sampling_weight has shape \(3,\) for 4"),
        ({"sampling_weight": [0, 0, 0, 0], "sampling": "with_replacement"}, "sampling_weight holds a number"),
        ({"sampling_weight": "often", "sampling": "with_replacement"}, "sampling_weight holds something"),
    ):
        with pytest.raises(InputError, match=message):
            network().fit(X, y, loss="cross_entropy", **extra)


def test_a_search_for_a_learning_rate_draws_by_the_weights_too() -> None:
    X, y = objects(40)
    for weights in (np.linspace(0, 1, 40), np.eye(40)[7]):
        history = network().fit(
            X, y, loss="cross_entropy", rule=SGD("auto"), sampling="with_replacement", sampling_weight=weights
        )
        assert history.search is not None
        assert history.search.learning_rate > 0


def test_a_run_with_other_weights_of_the_draw_is_not_resumed() -> None:
    X, y = objects(8)
    states = []

    class Keep(Callback):
        def on_epoch(self, training: Training) -> bool:
            states.append(training.state())
            return False

    settings = {"loss": "cross_entropy", "sampling": "with_replacement", "epochs": 2}
    network().fit(X, y, sampling_weight=np.arange(8), callbacks=[Keep()], **settings)
    network().fit(X, y, sampling_weight=np.arange(8), resume=states[0], **settings)
    with pytest.raises(InputError, match="The checkpoint was made with sampling_weight"):
        network().fit(X, y, resume=states[0], **settings)
