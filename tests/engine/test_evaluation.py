"""Values, losses and gradients of many objects: chunks, blocks, and how much memory they need."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

import naive
from engine.examples import CLASSES, data, network
from mathdl import SGD, Conv2D, Dense, Flatten, Network
from mathdl.engine import threads as engine_threads
from mathdl.engine.executable import Data, Executable, Steps
from mathdl.engine.program import CHUNK_SAMPLES, MAX_BLOCK_SAMPLES, MIN_BLOCK_SAMPLES
from mathdl.kernels.jit import JIT_OFF

NAMES = ["dense", "conv", "parallel", "wide"]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "count", [1, 2, CHUNK_SAMPLES - 1, CHUNK_SAMPLES, CHUNK_SAMPLES + 1, 2 * CHUNK_SAMPLES, 3 * CHUNK_SAMPLES + 1]
)
@pytest.mark.parametrize("threads", [None, 1, 2, 3])
def test_values_and_losses(name: str, count: int, threads: int | None) -> None:
    net = network(name)
    X, y = data(net, count)
    weights = np.random.default_rng(1).uniform(0.1, 2, size=count)
    truth = naive.outputs(net.architecture, net.input_shape, net.parameters, X)
    np.testing.assert_allclose(net(X, threads=threads), truth, rtol=1e-10, atol=1e-12)
    value, _ = naive.loss_and_gradient(
        net.architecture, net.input_shape, net.parameters, X, y, "cross_entropy", weights
    )
    found = net.loss(X, y, "cross_entropy", sample_weight=weights, threads=threads)
    assert found == pytest.approx(value, rel=1e-11)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("count", [1, 5, CHUNK_SAMPLES, CHUNK_SAMPLES + 1, 2 * CHUNK_SAMPLES + 9])
def test_nothing_is_written_outside_the_workspace(
    count: int, name: str, dtype: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever thread takes a chunk, it has room for it, and nobody writes beyond the end."""
    margin, made = 10_000, []
    workspace, run = Executable.workspace, engine_threads.run

    def fenced(*arguments: Any) -> Any:
        size = len(workspace(*arguments))
        made.append(np.full(size + 2 * margin, np.nan, dtype))
        made[-1][margin:-margin] = 0
        return made[-1][margin:-margin]

    def checked(work: Any, control: Any, threads: int, operations: float) -> None:
        run(work, control, threads, operations)
        program = executable.program
        assert np.isnan(made[-1][:margin]).all()
        assert np.isnan(made[-1][-margin:]).all()
        if executable is predicting:
            needed = ((threads - 1) * CHUNK_SAMPLES + min(count, CHUNK_SAMPLES)) * program.size
            assert len(made[-1]) - 2 * margin >= needed

    net = network(name, dtype)
    X, y = data(net, count)
    predicting, training = net._executable("predict", None)[0], net._executable("train", "cross_entropy")[0]
    monkeypatch.setattr(Executable, "workspace", fenced)
    monkeypatch.setattr(engine_threads, "run", checked)
    executable = predicting
    net(X, threads=3)
    executable = training
    net.gradient(X, y, "cross_entropy", threads=3)
    net.fit(X, y, loss="cross_entropy", batch_size=CHUNK_SAMPLES + 3, epochs=2, threads=3)
    assert len(made) == 3


def test_no_objects_give_no_outputs() -> None:
    net = network("conv")
    assert net(np.zeros((0, *net.input_shape))).shape == (0, CLASSES)


@pytest.mark.parametrize("count", [MAX_BLOCK_SAMPLES, MAX_BLOCK_SAMPLES + 1, 2 * MAX_BLOCK_SAMPLES + 37])
@pytest.mark.parametrize("threads", [1, 2])
def test_large_batches_go_in_blocks(count: int, threads: int) -> None:
    net = Network([Dense(3, activation="tanh"), Dense(2)], input_shape=(2,), dtype="float64", seed=1)
    generator = np.random.default_rng(0)
    X, y, weights = generator.normal(size=(count, 2)), generator.integers(2, size=count), generator.uniform(size=count)
    value, gradient = naive.loss_and_gradient(net.architecture, (2,), net.parameters, X, y, "cross_entropy", weights)
    found = net.gradient(X, y, "cross_entropy", sample_weight=weights, threads=threads)
    np.testing.assert_allclose(found, gradient, rtol=1e-10, atol=1e-14)
    checked = Data(X, y[:, None].astype(float), weights)
    executable, _ = net._executable("train", "cross_entropy")
    assert executable.gradient(net.parameters, checked, threads)[0] == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize("batch_size", [MAX_BLOCK_SAMPLES + 40, 3 * MAX_BLOCK_SAMPLES])
def test_steps_of_large_batches_equal_the_oracle(batch_size: int) -> None:
    """The update comes once, after the last block, and the next step starts from a fresh gradient."""
    net = Network([Dense(3, activation="tanh"), Dense(2)], input_shape=(2,), dtype="float64", seed=1)
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(2200, 2)), generator.integers(2, size=2200)
    a = net.parameters.copy()
    net.fit(X, y, loss="cross_entropy", rule=SGD(learning_rate=0.5), batch_size=batch_size, epochs=2, seed=9)
    for epoch in range(2):
        order = np.random.default_rng([9, epoch]).permutation(2200)
        for first in range(0, 2200, batch_size):
            batch = order[first : first + batch_size]
            a -= 0.5 * naive.loss_and_gradient(net.architecture, (2,), a, X[batch], y[batch], "cross_entropy")[1]
    np.testing.assert_allclose(net.parameters, a, rtol=1e-10, atol=1e-13)


def test_the_workspace_does_not_grow_with_the_data() -> None:
    net = Network([Flatten(), Dense(CLASSES)], input_shape=(1, 8, 8))
    executable, _ = net._executable("train", "cross_entropy")

    def numbers(objects: int) -> int:
        X = np.zeros((objects, 1, 8, 8), np.uint8)
        steps = Steps(executable, Data(X, np.zeros((objects, 1), np.float32)), net.parameters.copy(), objects, 1)
        assert steps.workspace.ctypes.data % 64 == 0
        return len(steps.workspace)

    assert executable.block == MAX_BLOCK_SAMPLES
    assert numbers(60_000) == numbers(MAX_BLOCK_SAMPLES)
    assert (
        numbers(MAX_BLOCK_SAMPLES)
        <= (MAX_BLOCK_SAMPLES // CHUNK_SAMPLES) * (executable.program.size + 1) * CHUNK_SAMPLES + 64
    )
    assert numbers(17) < numbers(MAX_BLOCK_SAMPLES) / 20


def test_where_activations_are_many_fewer_objects_are_kept_at_a_time() -> None:
    """The bits do not depend on it: gradients are summed in the same order."""
    net = Network([Conv2D(16, 3), Flatten(), Dense(CLASSES)], input_shape=(1, 32, 32), seed=0)
    executable, _ = net._executable("train", "cross_entropy")
    assert MIN_BLOCK_SAMPLES <= executable.block < MAX_BLOCK_SAMPLES
    generator = np.random.default_rng(0)
    X, y = generator.normal(size=(500, 1, 32, 32)).astype(np.float32), generator.integers(CLASSES, size=500)
    gradient = net.gradient(X, y, "cross_entropy")
    executable.block = MAX_BLOCK_SAMPLES
    assert np.array_equal(net.gradient(X, y, "cross_entropy"), gradient)


@pytest.mark.skipif(JIT_OFF, reason="too slow without the JIT")
def test_a_full_batch_of_bytes_is_never_converted_as_a_whole() -> None:
    net = Network([Flatten(), Dense(CLASSES)], input_shape=(1, 8, 8))
    generator = np.random.default_rng(0)
    X, y = generator.integers(256, size=(60_000, 1, 8, 8), dtype=np.uint8), generator.integers(CLASSES, size=60_000)
    net.gradient(X[:20], y[:20], "cross_entropy")
    tracemalloc.start()
    try:
        gradient = net.gradient(X, y, "cross_entropy")
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < X.size  # as floats the images alone would take four times their bytes
    some = network_gradient_in_parts(net, X, y)
    np.testing.assert_allclose(gradient, some, rtol=1e-3, atol=1e-6)


def network_gradient_in_parts(net: Network, X: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Average the gradients of ten parts of equal size."""
    parts = zip(np.split(X, 10), np.split(y, 10), strict=True)
    return np.mean([net.gradient(a, b, "cross_entropy") for a, b in parts], axis=0)


@pytest.mark.parametrize("threads", [1, 2])
def test_the_gradient_of_a_loss_that_is_not_finite_is_nan(threads: int) -> None:
    """Zeros would look like a minimum."""
    net = Network([Dense(3), Dense(2)], input_shape=(2,), dtype="float64")
    net.parameters[:] = 1e200
    assert net.loss([[1.0, 1.0]], [[0.0, 0.0]], "mean_square", threads=threads) == np.inf
    gradient = net.gradient([[1.0, 1.0]], [[0.0, 0.0]], "mean_square", threads=threads)
    assert gradient.shape == (net.size,)
    assert np.isnan(gradient).all()
