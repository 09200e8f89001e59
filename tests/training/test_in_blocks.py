"""Objects in a file larger than a window: the order of blocks, and training by it to the bit as in memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mathdl import SGD, Adam, Dense, Flatten, Network, NetworkClassifier, memory_map
from mathdl.data import mapped_arrays
from mathdl.descent.batches import WINDOW_BLOCKS, BlockOrder
from mathdl.errors import DivergenceWarning, TrainingInterrupted
from mathdl.networks import network as network_module
from mathdl.networks.network_loss import NetworkLoss
from mathdl.training import loop
from training.examples import At, network, objects, press_ctrl_c

Array = NDArray[Any]
BLOCK = 4  # objects of two float64
COUNT = 3 * WINDOW_BLOCKS * BLOCK + 7  # three windows and a rest


def places_of(order: BlockOrder) -> Array:
    """Return the whole order."""
    found: list[int] = []
    while len(found) < order.length:
        window = order.window(len(found))
        assert window.start == len(found)
        assert window.stop - window.start == len(window.objects) == len(window.places)
        found += window.objects[window.places].tolist()
    return np.array(found[: order.length])


@given(st.integers(1, 2000), st.integers(1, 20), st.integers(0, 2**40), st.integers(0, 1000))
def test_every_object_comes_once_and_neighbours_together(count: int, block: int, seed: int, epoch: int) -> None:
    order = BlockOrder(count, block, (seed, epoch))
    places = places_of(order)
    assert np.array_equal(np.sort(places), np.arange(count))
    window = order.window(0)
    blocks = np.unique(window.objects // block)
    assert len(blocks) <= WINDOW_BLOCKS
    assert np.array_equal(np.sort(window.objects), np.flatnonzero(np.isin(np.arange(count) // block, blocks)))
    for place in (0, count // 2, count - 1):
        found = order.window(place)
        assert found.start <= place < found.stop


def test_blocks_and_objects_are_mixed_anew_in_each_epoch() -> None:
    orders = [places_of(BlockOrder(1000, 3, seeds)) for seeds in ((0, 0), (0, 1), (1, 0))]
    assert not any(np.array_equal(a, b) for a, b in zip(orders, orders[1:] + orders[:1], strict=True))
    assert np.array_equal(orders[0], places_of(BlockOrder(1000, 3, (0, 0))))
    firsts = [BlockOrder(1000, 3, (0, epoch)).window(0).objects.min() for epoch in range(20)]
    assert len(set(firsts)) > 1


def test_an_order_of_some_rows_goes_on_over_epochs() -> None:
    rows = np.arange(0, 900, 3)
    places = places_of(BlockOrder(300, 2, (5, 1), rows, 700))
    assert np.array_equal(np.sort(places[:300]), rows)
    assert np.array_equal(places[:300], rows[places_of(BlockOrder(300, 2, (5, 1)))])
    assert np.array_equal(places[300:600], rows[places_of(BlockOrder(300, 2, (5, 2)))])
    assert len(places) == 700


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "BLOCK_BYTES", 16 * BLOCK)


def in_file(*arrays: Array) -> Any:
    return memory_map(iter([arrays]))


def stepped(net: Network, X: Array, y: Array, rule: Any, batch: int, epochs: int) -> None:
    """Train in memory by the order written out."""
    data = net.objective(X, y, "cross_entropy").data
    objective = NetworkLoss(net.objective(X, y, "cross_entropy").executable, data, net.size, None)
    steps, done = objective.stepper(rule.vectors, batch), 0
    for epoch in range(epochs):
        order, count = places_of(BlockOrder(len(X), BLOCK, (0, epoch))), -(-len(X) // batch)
        losses, finite = steps.take(net.parameters, order, 0, count, rule.update(rule.rate, done, 0))
        assert finite
        done += len(losses)


@pytest.mark.parametrize("batch", [1, 8, 31, 256, 300, COUNT])
@pytest.mark.parametrize("rule", [SGD(0.2, momentum=0.5), Adam(0.01)])
def test_training_is_to_the_bit_that_of_the_order_in_memory(batch: int, rule: Any) -> None:
    X, y = objects(COUNT)
    expected, found, in_memory = network(), network(), network()
    stepped(expected, X, y, rule, batch, 2)
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": rule, "batch_size": batch, "epochs": 2}
    history = found.fit(*in_file(X, y), **options)
    in_memory.fit(X, y, sampling="in_blocks", **options)
    assert np.array_equal(found.parameters, expected.parameters)
    assert np.array_equal(in_memory.parameters, expected.parameters)
    assert history.loss[1] < history.loss[0] or batch == COUNT


def test_what_a_window_holds_is_drawn_as_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(network_module, "BLOCK_BYTES", 2**20)
    X, y = objects(COUNT)
    expected, found = network(), network()
    expected.fit(X, y, loss="cross_entropy")
    found.fit(*in_file(X, y), loss="cross_entropy")
    assert np.array_equal(found.parameters, expected.parameters)


def test_any_order_can_be_asked_for() -> None:
    X, y = objects(COUNT)
    for sampling in ("without_replacement", "with_replacement"):
        expected, found = network(), network()
        expected.fit(X, y, loss="cross_entropy", sampling=sampling)
        found.fit(*in_file(X, y), loss="cross_entropy", sampling=sampling)
        assert np.array_equal(found.parameters, expected.parameters)


@pytest.mark.parametrize("threads", [1, 2])
def test_weights_bytes_and_threads(threads: int) -> None:
    images = np.random.default_rng(1).integers(0, 256, (COUNT * 4, 1, 4, 4), dtype=np.uint8)
    y, w = (images.mean(axis=(1, 2, 3)) > 127).astype(int), np.arange(len(images)) % 5 + 0.5
    options: dict[str, Any] = {"loss": "cross_entropy", "sampling": "in_blocks", "batch_size": 50, "epochs": 1}
    nets = [Network([Flatten(), Dense(3, activation="relu"), Dense(2)], (1, 4, 4)) for _ in range(2)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network_module, "BLOCK_BYTES", 16 * BLOCK)
        nets[0].fit(images, y, sample_weight=w, threads=1, **options)
        nets[1].fit(
            iter([(images[:100], y[:100], w[:100]), (images[100:], y[100:], w[100:])]), threads=threads, **options
        )
    assert np.array_equal(nets[0].parameters, nets[1].parameters)


def test_a_run_is_resumed_within_a_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    X, y = in_file(*objects(COUNT))
    options: dict[str, Any] = {"loss": "cross_entropy", "batch_size": 30, "epochs": 2, "rule": Adam(0.01)}
    expected, net, resumed = network(), network(), network()
    expected.fit(X, y, **options)
    button = At(COUNT + 400, press_ctrl_c)
    with pytest.raises(TrainingInterrupted):
        net.fit(X, y, callbacks=[button], **options)
    resumed.fit(X, y, resume=button.state, **options)
    assert np.array_equal(resumed.parameters, expected.parameters)


def test_a_diverging_run_goes_back_to_the_last_finite_loss() -> None:
    X = objects(COUNT)[0]
    targets = np.concatenate([np.zeros(COUNT - 1), [1e154]])[:, None]  # whose square is finite, and not its sum's
    nets = [Network([Dense(1)], (2,), dtype="float64", seed=1) for _ in range(2)]
    for net, arrays in zip(nets, ((X, targets), in_file(X, targets)), strict=True):
        with pytest.warns(DivergenceWarning):
            net.fit(*arrays, loss="mean_square", rule=SGD(1e3), batch_size=20, sampling="in_blocks")
        assert np.isfinite(net.parameters).all()
    assert np.array_equal(nets[0].parameters, nets[1].parameters)


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_learning_rate_is_looked_for_by_the_same_order(epochs: int) -> None:
    X, y = objects(COUNT)
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": SGD("auto"), "epochs": epochs, "sampling": "in_blocks"}
    expected, found = network(), network()
    first, second = expected.fit(X, y, **options), found.fit(*in_file(X, y), **options)
    assert first.search == second.search
    assert np.array_equal(found.parameters, expected.parameters)


def test_a_file_without_descriptor_is_read_through_its_map(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(mapped_arrays.os, "preadv")
    X, y = objects(COUNT)
    expected, found = network(), network()
    expected.fit(X, y, loss="cross_entropy", sampling="in_blocks")
    found.fit(*in_file(X, y), loss="cross_entropy")
    assert np.array_equal(found.parameters, expected.parameters)


def test_estimators_train_from_files_as_in_memory() -> None:
    X, y = objects(COUNT)
    names = np.array(["a", "b", "c"])[y]
    options: dict[str, Any] = {"epochs": 3, "random_state": 0, "early_stopping": True}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(network_module, "BLOCK_BYTES", 2**20)
        expected = NetworkClassifier((5,), **options).fit(X, names)
        found = NetworkClassifier((5,), **options).fit(iter([(X[:50], names[:50]), (X[50:], names[50:])]))
    assert np.array_equal(found.network_.parameters, expected.network_.parameters)
    assert found.classes_.tolist() == ["a", "b", "c"]
