"""What Watch sees is what the definitions say, training does not notice, and a resumed run keeps its record."""

from __future__ import annotations

import types
from fractions import Fraction
from itertools import pairwise
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

import naive
from engine.examples import data, network
from mathdl import (
    SGD,
    Adam,
    Callback,
    Checkpoint,
    Conv2D,
    CosineSchedule,
    Dense,
    EarlyStopping,
    Flatten,
    GlobalMaxPool2D,
    MaxPool2D,
    Network,
    Parallel,
    Watch,
)
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.files.checkpoint import load_checkpoint
from mathdl.training import loop
from mathdl.training import watch as module
from training.examples import press_ctrl_c

Array = NDArray[Any]
RULES = [SGD(0.1), SGD(0.1, 0.9, weight_decay=0.01), SGD(0.05, 0.8, nesterov=True), Adam(0.01)]


class States(Callback):
    """Keep parameters, what the rule remembers, and the number of updates, at the start and after each epoch."""

    def __init__(self) -> None:
        self.states: list[tuple[Array, Array, int]] = []

    def on_start(self, training: Any) -> None:
        size = training.size
        updates = training.state().record["updates"]
        self.states.append((training.parameters.copy(), training.stepper.memory[size:].copy(), updates))

    def on_epoch(self, training: Any) -> None:
        self.on_start(training)


def branches(dtype: str = "float64") -> Network:
    """ReLUs behind which there is pooling, in branches, and alone."""
    inner = [[Conv2D(3, 2, activation="relu"), GlobalMaxPool2D()], [Flatten(), Dense(5, activation="relu")]]
    layers = [Conv2D(4, 3, activation="relu", padding="same"), MaxPool2D(2, remainder="drop"), Parallel(inner)]
    return Network([*layers, Dense(4)], input_shape=(1, 7, 9), dtype=dtype, seed=2)


def leaves(architecture: Any, shape: Any, parameters: Array, x: Array) -> list[tuple[str, Array, Array | None]]:
    """Kind, parameters, and output where it is a ReLU's, of every layer that has parameters."""
    found: list[tuple[str, Array, Array | None]] = []
    cut = naive.layer_pieces(architecture, shape, parameters)
    h = naive.forward(architecture, parameters, x)
    for layer, a, before, after in zip(architecture, cut, h, h[1:], strict=False):
        if layer["layer"] == "Parallel":
            parts = naive.pieces(layer["branches"], before.shape[1:], a)
            for branch, part in zip(layer["branches"], parts, strict=True):
                found += leaves(branch, before.shape[1:], part, before)
        elif len(a):
            found.append((layer["layer"], a, after if layer["activation"] == "relu" else None))
    return found


def step(rule: Any, rate: float, a: Array, gradient: Array, memory: Array, updates: int) -> Array:
    """One update as the definitions say."""
    if isinstance(rule, Adam):
        return naive.adam_step(a, gradient, *memory.reshape(2, -1), updates + 1, rate)[0]
    velocity = memory if len(memory) else np.zeros_like(a)
    options = (rate, rule.momentum, rule.nesterov, rule.weight_decay)
    return naive.sgd_step(a, gradient, velocity, *options)[0]


def expected(
    net: Network, rule: Any, rate: float, state: tuple[Array, Array, int], X: Array, y: Array
) -> list[tuple[float, ...]]:
    """Norm, dead share and ratio of every layer, from the definitions."""
    a, memory, updates = state
    gradient = naive.loss_and_gradient(net.architecture, net.input_shape, a, X, y, "cross_entropy")[1]
    moved = step(rule, rate, a, gradient, memory, updates)
    rows: list[tuple[float, ...]] = []
    first = 0
    for _, piece, output in leaves(net.architecture, net.input_shape, a, X):
        part = slice(first, first + len(piece))
        first += len(piece)
        dead = np.nan
        if output is not None:
            by_unit = output.reshape(len(output), output.shape[1], -1)
            dead = float((by_unit == 0).all(axis=(0, 2)).mean())
        ratio = np.linalg.norm(moved[part] - a[part]) / np.linalg.norm(a[part])
        rows.append((float(np.linalg.norm(gradient[part])), dead, float(ratio)))
    return rows


@pytest.mark.usefixtures("affordable")
@pytest.mark.parametrize("rule", RULES, ids=repr)
@pytest.mark.parametrize("name", ["dense", "conv", "parallel", "branches"])
def test_what_is_seen_is_what_the_definitions_say(name: str, rule: Any) -> None:
    net = branches() if name == "branches" else network(name)
    X, y = data(net, 70)
    X -= 1.0  # so that some units are dead
    watch, states = Watch(), States()
    options: dict[str, Any] = {"rule": rule, "batch_size": 16, "epochs": 2, "schedule": CosineSchedule()}
    history = net.fit(X, y, loss="cross_entropy", callbacks=[watch, states], **options)
    assert watch.epochs == [0, 1, 2]
    rates = [rule.learning_rate, *history.learning_rate]  # the step is as long as those of the epoch just done
    names = list(watch.gradient_norm)
    assert list(watch.update_ratio) == list(watch.gradient_rms) == names
    for probe, state in enumerate(states.states):
        for layer, row in zip(names, expected(net, rule, rates[probe], state, X, y), strict=True):
            dead = watch.dead_share[layer][probe] if layer in watch.dead_share else np.nan
            seen = (watch.gradient_norm[layer][probe], dead, watch.update_ratio[layer][probe])
            assert seen == pytest.approx(row, rel=1e-9, nan_ok=True)
    sizes = [len(a) for _, a, _ in leaves(net.architecture, net.input_shape, net.parameters, X)]
    for layer, size in zip(names, sizes, strict=True):
        norms = np.array(watch.gradient_norm[layer])
        assert watch.gradient_rms[layer] == pytest.approx(norms / size**0.5, rel=1e-15)


@pytest.mark.usefixtures("affordable")
def test_whole_numbers_are_exact() -> None:
    """One layer, 64 objects, a rate of 1/4: gradient and step are whole numbers over powers of two."""
    random = np.random.default_rng(0)
    X, y = random.integers(-4, 5, (64, 3)).astype(float), random.integers(-4, 5, (64, 2)).astype(float)
    net = Network([Dense(2)], (3,))
    net.parameters[:] = start = random.integers(-4, 5, net.size)
    net.fit(X, y, loss="mean_square", rule=SGD(0.25), batch_size=64, epochs=1, callbacks=[watch := Watch()])
    gradient = [Fraction(0)] * 8
    for x, target in zip(X.astype(int).tolist(), y.astype(int).tolist(), strict=True):
        for unit in range(2):
            weights = start.tolist()[3 * unit : 3 * unit + 3]
            error = sum(w * v for w, v in zip(weights, x, strict=True)) + int(start[6 + unit]) - target[unit]
            for place, value in zip([*range(3 * unit, 3 * unit + 3), 6 + unit], [*x, 1], strict=True):
                gradient[place] += Fraction(2 * error * value, 64)
    square = float(sum(g * g for g in gradient))
    assert watch.gradient_norm["1 Dense"][0] == square**0.5
    assert watch.update_ratio["1 Dense"][0] == (square / 16) ** 0.5 / float(start @ start) ** 0.5


@pytest.mark.usefixtures("affordable")
def test_dead_units_are_counted_exactly() -> None:
    """Of five units one is alive for one object alone; of four channels two are alive, one of them at one pixel."""
    X = np.zeros((40, 1, 3, 3))
    X[33, 0, 2, 1] = 1.0
    net = Network([Conv2D(4, 1, activation="relu"), Flatten(), Dense(5, activation="relu"), Dense(2)], (1, 3, 3))
    conv, _, dense, _ = net.layers
    assert conv.weights is not None
    assert conv.bias is not None
    assert dense.weights is not None
    assert dense.bias is not None
    conv.weights[:] = np.array([1.0, -1.0, 0.0, 0.0]).reshape(4, 1, 1, 1)
    conv.bias[:] = [0.0, 0.0, -1.0, 1.0]
    dense.weights[:] = 0.0
    dense.weights[2, 7] = 1.0
    dense.bias[:] = [-1.0, 0.0, 0.0, 0.0, -2.0]
    net.fit(X, np.arange(40) % 2, loss="cross_entropy", rule=SGD(1e-30), epochs=1, callbacks=[watch := Watch()])
    assert watch.dead_share == {"1 Conv2D": [0.5, 0.5], "3 Dense": [0.8, 0.8]}


@pytest.mark.usefixtures("affordable")
@pytest.mark.parametrize("batch_size", [1, 16])
@pytest.mark.parametrize("rule", RULES[::3], ids=repr)
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_training_does_not_notice(dtype: str, rule: Any, batch_size: int) -> None:
    parameters, records = set(), set()
    for threads, watched in [(1, False), (1, True), (2, True), (3, True), (2, False)]:
        net = branches(dtype)
        X, y = data(net, 90)
        callbacks = [watch := Watch()] if watched else []
        options: dict[str, Any] = {"rule": rule, "batch_size": batch_size, "threads": threads, "callbacks": callbacks}
        history = net.fit(X, y, loss="cross_entropy", epochs=3, schedule=CosineSchedule(), **options)
        parameters.add((net.parameters.tobytes(), str(history.loss)))
        if watched:
            records.add(str((watch.epochs, watch.gradient_norm, watch.dead_share, watch.update_ratio)))
    assert len(parameters) == len(records) == 1


def names_of(net: Network) -> list[str]:
    X, y = data(net, 20)
    net.fit(X, y, loss="cross_entropy", epochs=1, callbacks=[watch := Watch()])
    return list(watch.gradient_norm)


def test_layers_have_names() -> None:
    assert names_of(branches()) == ["1 Conv2D", "3.1.1 Conv2D", "3.2.2 Dense", "4 Dense"]
    assert names_of(network("conv")) == ["1 Conv2D", "3 Conv2D", "5 Dense"]


# ------------------------------------------------------------------------------------------------- what it costs


class Pretended:
    """A training that takes no time, and a probe that counts how often it is asked."""

    def __init__(self, epochs: int, steps: int, cost: float) -> None:
        self.epoch, self.epochs, self.steps, self.samples = 0, epochs, epochs * steps, 0
        self.settings = types.SimpleNamespace(seed=0)
        self.total_samples = 32 * self.steps
        self.arrays: dict[str, Array] = {}
        self.validates = False
        self.stepper = types.SimpleNamespace(operations=1e6, memory=None)
        self.history = types.SimpleNamespace(loss=[], status="completed")
        self.parameters, self.next_update = None, lambda: None
        self.operations, self.names, self.sizes, self.count = cost * 1e6, ["1 Dense"], [1], 0
        self.probe = lambda objects, seed: self

    def measure(self, *_: Any) -> Array:
        self.count += 1
        return np.ones((1, 3))


@given(epochs=st.integers(1, 2000), steps=st.integers(1, 500), cost=st.floats(0.1, 5000))
def test_the_work_is_a_small_part_of_training(epochs: int, steps: int, cost: float) -> None:
    run, watch = Pretended(epochs, steps, cost), Watch()
    watch.on_start(run)  # type: ignore[arg-type]
    for run.epoch in range(1, epochs + 1):
        watch.on_epoch(run)  # type: ignore[arg-type]
    watch.on_end(run)  # type: ignore[arg-type]
    work = epochs * (steps + module.OPERATIONS_PER_EPOCH / 1e6)
    assert watch.epochs[-1] == epochs
    assert run.count == len(watch.epochs) == len(set(watch.epochs))
    making = module.OPERATIONS_TO_MAKE / 1e6
    assert run.count == 1 or making + run.count * cost <= module.MAX_WATCHING_SHARE * work
    assert run.count <= module.MAX_INTERVALS + 1
    assert (watch.epochs[0] == 0) == (run.count > 1)
    gaps = {after - before for before, after in pairwise(watch.epochs)}
    assert len(gaps) <= 2  # the last one may be shorter
    if 2 <= run.count <= min(epochs, module.MAX_INTERVALS // 2):  # nor are there far fewer than there might be
        assert making + (2 * run.count + 1) * cost > module.MAX_WATCHING_SHARE * work


def test_a_probe_costs_about_what_is_counted() -> None:
    """The gradient of the sample is the most of it where layers are large."""
    net = network("wide", "float32")
    X, y = data(net, 300)
    seen: dict[int, Any] = {}

    class Cost(Callback):
        def on_start(self, training: Any) -> None:
            seen.update({n: training.probe(n, 0) for n in (64, 100, 256)})

    net.fit(X, y, loss="cross_entropy", epochs=1, callbacks=[Cost()])
    assert [seen[n].objects for n in (64, 100, 256)] == [64, 100, 256]
    flops = 3 * 2 * (130 * 260 + 260 * 130 + 130 * 4)
    for n in (64, 100, 256):
        assert seen[n].operations > flops * n


# ------------------------------------------------------------------------------------------- resuming and stopping


X8 = np.random.default_rng(0).integers(0, 256, (70, 1, 8, 8), dtype=np.uint8)
Y8 = np.random.default_rng(1).integers(0, 3, 70)


def fit(callbacks: Any, **options: Any) -> Network:
    layers = [Conv2D(4, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(3)]
    net = Network(layers, (1, 8, 8), seed=1)
    settings: dict[str, Any] = {"rule": SGD(0.05, 0.9), "batch_size": 16, "epochs": 6, "seed": 2}
    settings["schedule"] = CosineSchedule(0.1)
    net.fit(X8, Y8, loss="cross_entropy", callbacks=callbacks, **(settings | options))
    return net


class Interrupt(Callback):
    """Presses Ctrl-C in the middle of an epoch, or at its end."""

    def __init__(self, samples: int) -> None:
        self.samples = samples

    def on_progress(self, training: Any) -> None:
        if training.samples >= self.samples:
            press_ctrl_c()

    def on_epoch(self, training: Any) -> None:
        self.on_progress(training)


def record(watch: Watch) -> str:
    return str((watch.epochs, watch.gradient_norm, watch.dead_share, watch.update_ratio))


@pytest.mark.usefixtures("affordable")
@pytest.mark.parametrize("samples", [16, 70, 120, 280])
def test_a_resumed_run_has_the_record_of_one_that_was_not_interrupted(
    tmp_path: Path, samples: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    path, once, first, again = tmp_path / "run.safetensors", Watch(), Watch(), Watch()
    whole = fit([once])
    with pytest.raises(TrainingInterrupted):
        fit([Interrupt(samples), first, Checkpoint(path)])
    assert len(first.epochs) < len(once.epochs)
    net = fit([Checkpoint(path), again], resume=load_checkpoint(path))
    assert once.epochs == [0, 1, 2, 3, 4, 5, 6]
    assert record(again) == record(once)
    assert net.parameters.tobytes() == whole.parameters.tobytes()


@pytest.mark.usefixtures("affordable")
def test_a_run_that_was_not_watched_is_watched_from_there(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    with pytest.raises(TrainingInterrupted):
        fit([Interrupt(140), Checkpoint(path)])
    fit([watch := Watch()], resume=load_checkpoint(path))
    assert watch.epochs == [3, 4, 5, 6]


def test_a_record_of_other_layers_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.safetensors"
    with pytest.raises(TrainingInterrupted):
        fit([Interrupt(140), Checkpoint(path)])
    state = load_checkpoint(path)
    state.arrays["extra.watch.epochs"], state.arrays["extra.watch.layers"] = np.zeros(1), np.zeros((1, 5, 3))
    with pytest.raises(InputError, match="tells of other layers"):
        fit([Watch()], resume=state)


@pytest.mark.parametrize("first", [True, False])
def test_the_end_of_a_run_that_stops_early_is_measured_before_it_goes_back(
    first: bool,
) -> None:
    """The run affords only its end; early stopping then goes back to parameters of an earlier epoch."""
    watch, states, stopping = Watch(), States(), EarlyStopping(3)
    callbacks = [watch, states, stopping] if first else [stopping, states, watch]
    net = fit(callbacks, rule=SGD(0.4, 0.9), epochs=30, validation=(X8[::2], 2 - Y8[::2]))
    last = len(states.states) - 1
    assert last < 30
    assert watch.epochs == [last]
    a = states.states[-1][0]
    assert (a != net.parameters).any()
    net.parameters[:] = a
    assert [norms[0] for norms in watch.gradient_norm.values()] == pytest.approx(
        [np.linalg.norm(part) for part in np.split(net.gradient(X8[SAMPLE], Y8[SAMPLE], "cross_entropy"), [40])],
        rel=1e-5,
    )


SAMPLE = np.sort(np.random.default_rng([2, 64]).choice(70, 64, replace=False))  # seed 2, 64 of 70 objects


@pytest.mark.usefixtures("affordable")
def test_an_interrupted_or_diverged_run_is_not_measured_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    with pytest.raises(TrainingInterrupted):
        fit([watch := Watch(), Interrupt(200)])
    assert watch.epochs == [0, 1, 2]
    with pytest.warns(match="diverged"):
        fit([watch := Watch()], rule=SGD(1e38))
    assert watch.epochs == [0]


# ------------------------------------------------------------------------------------------------ unusual data


@pytest.mark.usefixtures("affordable")
def test_objects_without_weight_are_not_looked_at() -> None:
    X, y = data(network("dense"), 90)
    X[::2] = 1e6
    weights = np.arange(90) % 2 * 2.0
    net, other = network("dense"), network("dense")
    for one in (net, other):
        one.parameters[37 * 19 : 37 * 20] = -100.0  # biases under which only objects without weight have units alive
    options: dict[str, Any] = {"loss": "cross_entropy", "rule": SGD(1e-3), "batch_size": 90, "epochs": 1}
    net.fit(X, y, callbacks=[watch := Watch()], sample_weight=weights, **options)
    other.fit(X[1::2], y[1::2], callbacks=[plain := Watch()], **options)
    for layer, norms in plain.gradient_norm.items():
        assert watch.gradient_norm[layer] == pytest.approx(norms, rel=1e-9)
    assert watch.dead_share == {"1 Dense": [1.0, 1.0]}


@pytest.mark.usefixtures("affordable")
def test_what_does_not_exist_is_nan() -> None:
    net = Network([Dense(2, activation="tanh"), Dense(1)], (2,), dtype="float64")
    net.parameters[:6] = 0.0
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    net.fit(X, [1.0, 2.0], loss="mean_square", epochs=1, callbacks=[watch := Watch()])
    assert np.isnan(watch.update_ratio["1 Dense"][0])
    assert watch.update_ratio["2 Dense"][0] > 0
    assert watch.dead_share == {}


@pytest.mark.usefixtures("affordable")
def test_gradients_beyond_the_range_of_numbers() -> None:
    """Finite in float32, but its square is not; then not finite at all."""
    net = Network([Dense(1)], (1,))
    net.parameters[:] = 0.0
    with pytest.warns(match="diverged"):
        net.fit([[1e15], [-1e15]], [1e10, -1e10], loss="mean_square", rule=SGD(1.0), callbacks=[watch := Watch()])
    assert watch.gradient_norm["1 Dense"] == pytest.approx([2e25, np.nan], rel=1e-6, nan_ok=True)
    net.parameters[:] = 1e30
    with pytest.warns(match="diverged"):
        net.fit([[1e15], [-1e15]], [1e10, -1e10], loss="mean_square", rule=SGD(1.0), callbacks=[watch := Watch()])
    assert np.isnan(watch.gradient_norm["1 Dense"]).all()
    assert watch.warnings == []


def test_nothing_was_watched_yet() -> None:
    watch = Watch()
    assert (watch.epochs, watch.gradient_norm, watch.dead_share, watch.warnings) == ([], {}, {}, [])


def test_only_a_network_has_layers_to_watch() -> None:
    run = Pretended(1, 1, 1.0)
    run.probe = None  # type: ignore[assignment]
    with pytest.raises(InputError, match="Watch needs layers"):
        Watch().on_start(run)  # type: ignore[arg-type]


@pytest.mark.usefixtures("affordable")
def test_a_watch_can_be_used_again() -> None:
    watch = Watch()
    fit([watch])
    first = record(watch)
    fit([watch])
    assert record(watch) == first
    assert prod(len(norms) for norms in watch.gradient_norm.values()) == 7**2
