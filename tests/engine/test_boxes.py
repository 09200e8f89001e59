"""Training over boxes: its loss and gradient, what its intervals contain, and the bits of its result."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
from engine.examples import data
from mathdl import (
    SGD,
    Activation,
    Adam,
    AveragePool2D,
    Checkpoint,
    Conv1D,
    Conv2D,
    CosineSchedule,
    Dense,
    Dropout,
    EarlyStopping,
    Flatten,
    GlobalAveragePool2D,
    GlobalMaxPool2D,
    MaxPool1D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
    Watch,
    ZeroPad2D,
    load_checkpoint,
)
from mathdl.engine.boxes import Boxes
from mathdl.engine.executable import Data, Executable, Steps
from mathdl.engine.schedule import TILE_PARAMETERS
from mathdl.errors import InputError, TrainingInterrupted
from mathdl.kernels.jit import JIT_OFF
from mathdl.networks.composition import compose
from mathdl.networks.losses import loss_named
from mathdl.training import loop as training
from mathdl.training.callbacks import Callback

NETWORKS: dict[str, tuple[list[Any], tuple[int, ...]]] = {
    "dense": ([Dense(7, activation="relu"), Dense(5, activation="tanh"), Dense(4, activation="softmax")], (6,)),
    "no bias": ([Dense(7, activation="relu", bias=False), Dense(4, bias=False)], (3,)),
    "conv": (
        [
            Conv2D(3, 3, activation="relu"),
            MaxPool2D(2),
            Conv2D(5, 2, activation="leaky_relu", bias="position", padding="same"),
            Flatten(),
            Dense(4),
        ],
        (2, 8, 6),
    ),
    "strides": (
        [
            ZeroPad2D(1, 0.5),
            Conv2D(3, 3, stride=2, activation="relu", bias=None),
            AveragePool2D(2),
            Flatten(),
            Dense(4),
        ],
        (1, 8, 8),
    ),
    "pooled last": (
        [Conv2D(4, 3, activation="sigmoid"), MaxPool2D(3, 1), Conv2D(4, 1), GlobalAveragePool2D()],
        (1, 6, 6),
    ),
    "branches": (
        [
            Residual([Conv2D(2, 3, activation="relu", padding="same")]),
            Parallel(
                [
                    [MaxPool2D(2), Conv2D(3, 2, activation=Activation("leaky_relu", 0.1)), GlobalMaxPool2D()],
                    [Flatten(), Dense(5, activation="sigmoid")],
                    [Flatten()],
                ]
            ),
            Dropout(0.5),
            Dense(4),
        ],
        (2, 4, 6),
    ),
    "signals": ([Conv1D(3, 3, activation="relu"), MaxPool1D(2), Flatten(), Dense(4, activation="tanh")], (2, 8)),
}


def executable(net: Network, loss: str, boxes: Boxes) -> Executable:
    return compose(net.layers, net.dtype, "train", loss_named(loss), boxes)[0]


def drawn(name: str, seed: int, objects: int = 19) -> tuple[Network, Any, Any]:
    layers, shape = NETWORKS[name]
    net = Network(layers, shape, dtype="float64", seed=seed)
    rng = np.random.default_rng(seed)
    net.parameters[:] += rng.normal(size=net.size) * 0.1
    return net, rng.uniform(size=(objects, *shape)), rng.integers(4, size=objects)


@pytest.mark.parametrize("limited", [False, True])
@pytest.mark.parametrize("name", list(NETWORKS))
def test_loss_against_the_definition(name: str, limited: bool) -> None:
    net, X, y = drawn(name, 1)
    weights = np.random.default_rng(2).uniform(0.5, 2, size=len(y))
    boxes = Boxes(0.1, limited, 0, 1, 0.75)
    box = (0.1, 0.0, 1.0) if limited else (0.1, -np.inf, np.inf)
    expected = naive.robust_loss(net.architecture, net.parameters, X, y, "cross_entropy", box, 0.75, weights)
    found = executable(net, "cross_entropy", boxes)
    of_data = Data(X, y[:, None].astype(np.float64), weights)
    assert found.evaluate(net.parameters, of_data, 1)[1] == pytest.approx(expected, rel=1e-12)
    value, gradient, _ = found.gradient(net.parameters, of_data, 1)
    assert value == pytest.approx(expected, rel=1e-12)

    def loss(a: Any) -> float:
        return naive.robust_loss(net.architecture, a, X, y, "cross_entropy", box, 0.75, weights)

    chosen = np.random.default_rng(3).choice(net.size, min(net.size, 24), replace=False)
    for k in chosen.tolist():
        step = np.zeros(net.size)
        step[k] = 1e-6
        slope = (loss(net.parameters + step) - loss(net.parameters - step)) / 2e-6
        assert gradient[k] == pytest.approx(slope, rel=1e-5, abs=1e-7)


@pytest.mark.parametrize(("loss", "targets"), [("hinge", (-1, 1)), ("binary_cross_entropy", (0, 1))])
def test_losses_of_two_classes(loss: str, targets: tuple[int, int]) -> None:
    net = Network([Dense(5, activation="relu"), Dense(2)], (3,), dtype="float64", seed=4)
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(11, 3)), rng.choice(targets, size=(11, 2))
    found = executable(net, loss, Boxes(0.2, False, 0, 1, 1.0))
    value, gradient, _ = found.gradient(net.parameters, Data(X, y.astype(np.float64)), 1)

    def expected(a: Any) -> float:
        return naive.robust_loss(net.architecture, a, X, y, loss, (0.2, -np.inf, np.inf), 1.0, np.ones(11))

    assert value == pytest.approx(expected(net.parameters), rel=1e-12)
    assert gradient == pytest.approx(naive.central_difference(expected, net.parameters, 1e-6), rel=1e-5, abs=1e-7)


def test_radius_and_share_grow_from_update_to_update() -> None:
    """The loss of a step is that of the boxes as large as they are then; a step without an update takes whole ones."""
    net, X, y = drawn("dense", 5, 8)
    found = []

    class Losses(Callback):
        def on_epoch(self, training: Any) -> None:
            found.append(training.losses[0])

    history = net.fit(
        X, y, loss="cross_entropy", rule=SGD(1e-300), batch_size=8, epochs=40, robustness=0.2, callbacks=[Losses()]
    )
    grown = np.clip((np.arange(40) - 2) / 18, 0, 1)  # a twentieth of the steps, and half of them
    expected = [
        naive.robust_loss(net.architecture, net.parameters, X, y, "cross_entropy", (0.2 * g, 0.0, 1.0), g, np.ones(8))
        for g in grown.tolist()
    ]
    assert found == pytest.approx(expected, rel=1e-12)
    assert history.loss == found


def fitted(name: str, threads: int | None, dtype: str = "float32", batch_size: int = 40, **more: Any) -> Any:
    layers, shape = NETWORKS.get(name, WIDE)
    net = Network(layers, shape, dtype=dtype, seed=3)
    X, y = data(net, 150)
    more = {"rule": Adam(0.01), "epochs": 2, "robustness": 0.1, "seed": 5, "schedule": CosineSchedule()} | more
    net.fit(X, y, loss="cross_entropy", batch_size=batch_size, threads=threads, **more)
    return net.parameters


WIDE = ([Dense(260, activation="relu"), Dense(9000, activation="relu"), Dense(4)], (130,))


@pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is one thread")
@pytest.mark.parametrize("batch_size", [1, 17, 40, 150])
def test_any_number_of_threads(batch_size: int) -> None:
    for name in ("conv", "branches"):
        one = fitted(name, 1, batch_size=batch_size)
        assert np.isfinite(one).all()
        for threads in (2, 3):
            assert np.array_equal(fitted(name, threads, batch_size=batch_size), one)


@pytest.mark.skipif(JIT_OFF, reason="with the JIT off there is one thread")
def test_any_number_of_threads_where_units_are_shared_out() -> None:
    """The last layer's weights, more than a tile has elsewhere, are updated at once: their differences need all."""
    assert WIDE[0][-1].units * WIDE[0][-2].units > TILE_PARAMETERS
    rule = SGD(0.01, momentum=0.9)
    one = fitted("wide", 1, rule=rule, epochs=1, batch_size=50)
    assert np.array_equal(fitted("wide", 2, rule=rule, epochs=1, batch_size=50), one)


def test_any_number_of_steps_in_a_call_and_blocks_of_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    together = fitted("conv", 1, "float64", batch_size=16)
    monkeypatch.setattr(training, "CALL_SECONDS", 1e-12)  # one step a call
    assert np.array_equal(fitted("conv", 1, "float64", batch_size=16), together)


def test_a_batch_in_blocks_is_as_one() -> None:
    """More objects than go through at a time: their gradients are added up."""
    net, X, y = drawn("conv", 7, 2100)
    found = executable(net, "cross_entropy", Boxes(0.05, True, 0, 1, 0.5))
    targets = y[:, None].astype(np.float64)
    assert len(X) > 2 * found.block
    _, whole, _ = found.gradient(net.parameters, Data(X, targets), 1)
    parts = [found.gradient(net.parameters, Data(X[k::3], targets[k::3]), 1)[1] for k in range(3)]
    assert whole == pytest.approx(np.mean(parts, axis=0), rel=1e-9, abs=1e-12)


def test_interrupted_and_resumed_is_as_without(tmp_path: Any) -> None:
    class Stop(Callback):
        def on_progress(self, training: Any) -> None:
            if training.updates > 9:
                raise KeyboardInterrupt

        def on_epoch(self, training: Any) -> None:
            self.on_progress(training)

    whole = fitted("conv", 1, epochs=6)
    path = tmp_path / "checkpoint"
    with pytest.raises((KeyboardInterrupt, TrainingInterrupted)):
        fitted("conv", 1, epochs=6, callbacks=[Checkpoint(path), Stop()])
    state = load_checkpoint(path)
    with pytest.raises(InputError, match="robustness"):
        fitted("conv", 1, epochs=6, robustness=0.2, resume=state)
    assert np.array_equal(fitted("conv", 1, epochs=6, resume=state), whole)


def test_dropout_drops_the_same_numbers_of_the_whole_box() -> None:
    """With a radius of 0 the ends of a box are the object, with dropout too: the loss is the plain one."""
    layers = [Dense(20, activation="relu"), Dropout(0.5), Dense(4)]
    X, y = np.random.default_rng(0).uniform(size=(64, 5)), np.arange(64) % 4
    losses = []
    for share in (0.0, 1.0):
        net = Network(layers, (5,), dtype="float64", seed=1)
        found = executable(net, "cross_entropy", Boxes(0.0, False, 0, 1, share))
        losses.append(_dropped_loss(found, net, X, y))
    assert losses[0] == pytest.approx(losses[1], rel=1e-12)


def _dropped_loss(found: Executable, net: Network, X: Any, y: Any) -> float:
    """The loss of one step that draws."""
    memory = np.zeros(net.size)
    steps = Steps(found, Data(X, y[:, None].astype(np.float64)), memory, 64, 1)
    losses, _ = steps.take(net.parameters.copy(), np.arange(64), 0, 1, SGD(0.1).update(0.1, 5, seed=3))
    return float(losses[0])


def test_validation_loss_is_that_of_the_whole_boxes() -> None:
    net, X, y = drawn("dense", 6, 40)
    watch = Watch()
    history = net.fit(
        X,
        y,
        loss="cross_entropy",
        epochs=4,
        batch_size=10,
        robustness=0.1,
        validation=(X[:15], y[:15]),
        callbacks=[watch, EarlyStopping(100)],
    )
    found = executable(net, "cross_entropy", Boxes(0.1, True, 0, 1, 1.0))
    value = found.evaluate(net.parameters, Data(X[:15], y[:15, None].astype(np.float64)), 1)[1]
    assert min(history.validation_loss) == pytest.approx(value, rel=1e-12)
    assert list(watch.gradient_norm) == ["1 Dense", "2 Dense", "3 Dense"]


BAD = {
    "negative": ({"robustness": -0.1}, "robustness is -0.1; give a finite number of at least 0"),
    "infinite": ({"robustness": np.inf}, "robustness is inf; give a finite number of at least 0"),
    "text": ({"robustness": "0.1"}, "robustness is '0.1'; give a finite number"),
    "absolute value": ({"layers": [Dense(3, activation="abs"), Dense(2)]}, "Dense has the activation 'abs'"),
    "softmax inside": ({"layers": [Dense(3, activation="softmax"), Dense(2)]}, "Dense has the activation 'softmax'"),
    "own": (
        {
            "layers": [
                Parallel([[Dense(3, Activation("mine", function=np.sin, derivative=np.cos))]]),
                Dense(2),
            ]
        },
        "Dense has the activation 'mine'",
    ),
    "no classes": (
        {"loss": "mean_square", "y": np.zeros((4, 2))},
        "robustness is for classes, but the loss is mean_square",
    ),
    "soft targets": (
        {"loss": "binary_cross_entropy", "y": np.full((4, 2), 0.5)},
        "robustness is for classes, but y holds numbers between 0 and 1",
    ),
}


@pytest.mark.parametrize("name", list(BAD))
def test_what_is_refused(name: str) -> None:
    given, message = BAD[name]
    given = {"layers": [Dense(2)], "loss": "cross_entropy", "y": [0, 1, 0, 1], "robustness": 0.1} | given
    net = Network(given.pop("layers"), (3,))
    with pytest.raises(InputError, match=message):
        net.fit(np.zeros((4, 3)), given.pop("y"), **given)
