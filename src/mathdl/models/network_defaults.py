"""The network and its training for those who choose nothing."""

from __future__ import annotations

from typing import Any

from mathdl.checks import require_at_least, require_between, require_choice, require_not_negative, require_truth_value
from mathdl.descent.rule import AUTO
from mathdl.descent.sgd import SGD
from mathdl.errors import InputError
from mathdl.layers.conv1d import Conv1D
from mathdl.layers.conv2d import Conv2D
from mathdl.layers.dense import Dense
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer, Shape
from mathdl.layers.maxpool1d import MaxPool1D
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.layers.parallel import Parallel
from mathdl.models.class_weight import require_class_weight
from mathdl.models.declaration import RunFacts
from mathdl.models.weight_decay import start

MIN_CHANNELS, MAX_CHANNELS = 8, 64  # of a convolution
LONG_SIGNALS_FROM = 64  # numbers; measured
LARGE_BATCHES_FROM = 10_000  # training objects
STEPS = {True: 960, False: 2000}  # about so many are taken by default, for images and for tables
MANY_STEPS = 5000
ROBUST_EPOCHS = 6  # times as many, where a radius grows in the course of training
TOLERANCE = 0.1  # by which a validation loss may be above the lowest without counting as worse; measured
REGRESSION_LOSSES = ("mean_square", "huber")
STOPPED_EARLY_FROM = 900  # training objects: the validation part of fewer is too small to tell one epoch from another


def default_layers(input_shape: Shape) -> list[Layer]:
    """Return small hidden layers: convolutions and pooling for images and signals, dense ones for tables."""
    if len(input_shape) == 1:
        # The features also reach the output directly: what is linear need not go through the hidden layers.
        return [Parallel([[Dense(64, activation="relu"), Dense(64, activation="relu")], [Flatten()]])]
    if len(input_shape) == 2 and input_shape[1] > 1:
        return _layers_of_signals(input_shape[1])
    side = min(input_shape[1:])
    if side == 1:  # no pixel has neighbours on both axes
        return [Flatten(), *default_layers((1,))]
    if side < 4:  # nothing to pool
        return [Conv2D(MAX_CHANNELS, 3, activation="relu", padding="same"), Flatten()]
    # Pooled until the shorter side is two or three. Each convolution has twice the channels of the one before, so that
    # all take about the same time.
    layers: list[Layer] = []
    for channels in _channels(_blocks(input_shape)):
        layers += [Conv2D(channels, 3, activation="relu", padding="same"), MaxPool2D(2, remainder="drop")]
    return [*layers, Flatten()]


def _layers_of_signals(length: int) -> list[Layer]:
    """Return the same for signals: pooled by 4 as long as they are long."""
    pools = _pools(length)
    if not pools:  # nothing to pool
        return [Conv1D(MAX_CHANNELS, 3, activation="relu", padding="same"), Flatten()]
    layers: list[Layer] = []
    for channels, pool in zip(_channels(len(pools)), pools, strict=True):
        layers += [Conv1D(channels, 5, activation="relu", padding="same"), MaxPool1D(pool, remainder="drop")]
    return [*layers, Flatten()]


def _pools(length: int) -> list[int]:
    """Return by how much signals are pooled, time and again, until their length is two or three."""
    pools = []
    while length >= 4:
        pools.append(4 if length >= LONG_SIGNALS_FROM else 2)
        length //= pools[-1]
    return pools


def _channels(blocks: int) -> list[int]:
    """Return the channels of convolutions one behind the other."""
    return [max(MIN_CHANNELS, MAX_CHANNELS >> (blocks - 1 - block)) for block in range(blocks)]


def _blocks(input_shape: Shape) -> int:
    """Return how many convolutions with pooling bring signals, or the shorter side of pictures, to two or three."""
    if len(input_shape) == 2:
        return max(len(_pools(input_shape[1])), 1)
    return max(min(input_shape[1:], default=1).bit_length() - 2, 1)


def check_settings(options: dict[str, Any], seed: int, threads: int | None) -> None:
    """Refuse settings that no training takes."""
    whole = {name: (options.get(name), 1) for name in ("epochs", "batch_size", "patience")}
    whole |= {"threads": (threads, 1), "seed": (seed, 0)}
    for name, (value, least) in whole.items():
        if value is not None:
            require_at_least(name, value, least)
    SGD(options.get("learning_rate", 1.0), options.get("momentum", 0.0))
    if (decay := options.get("weight_decay", AUTO)) != AUTO:
        require_between("weight_decay", decay, 0)
    if options.get("robustness") is not None:
        require_not_negative("robustness", options["robustness"])
    if "early_stopping" in options:
        require_truth_value("early_stopping", options["early_stopping"])
        if not options["early_stopping"] and "patience" in options:
            raise InputError("There is a patience, but no early stopping; leave one of the two out.")
    require_choice("loss", options.get("loss", "mean_square"), REGRESSION_LOSSES)
    require_class_weight(options.get("class_weight"))


def default_settings(facts: RunFacts, options: dict[str, Any]) -> dict[str, Any]:
    """Return epochs, batch size and rule: those of the options, and what suits the data.

    Little data take more epochs, so that there are steps enough. How much the weights are held back is found by trying,
    but for pictures and for a network of the user's own, where a trial may take long.
    """
    batch_size = int(
        options.get("batch_size", 64 if facts.objects >= LARGE_BATCHES_FROM else 16 if facts.images else 32)
    )
    steps = -(-facts.objects // batch_size)
    wanted = STEPS[facts.images] if facts.images or facts.objects < STOPPED_EARLY_FROM else MANY_STEPS
    times = 1 if options.get("robustness") is None else ROBUST_EPOCHS
    epochs = int(options.get("epochs", min(times * max(-(-wanted // steps), 5), 200)))
    rate = options.get("learning_rate", _learning_rate(facts))
    rule = SGD(rate if rate == AUTO else float(rate), float(options.get("momentum", 0.9)))
    decay = 0.0 if facts.images else start(facts.objects) if "network" in options else AUTO
    return {
        "epochs": epochs,
        "batch_size": batch_size,
        "rule": rule,
        "weight_decay": options.get("weight_decay", decay),
        "early_stopping": _early_stopping(facts, options, epochs),
        "tolerance": TOLERANCE,
    }


def _early_stopping(facts: RunFacts, options: dict[str, Any], epochs: int) -> int | bool:
    """Return how many epochs of no better loss end the training; False: none do.

    Of small tables only where that is asked for: their weights are held back by a decay found by cross-validation, and
    a validation part of a few dozen rows cannot tell one epoch from another.
    """
    many = facts.objects >= STOPPED_EARLY_FROM or "network" in options
    stops = options.get("early_stopping", "patience" in options or (many and not facts.images))
    return int(options.get("patience", max(10, epochs // 3))) if stops else False


def _learning_rate(facts: RunFacts) -> float:
    """Return a rate that learns fast and is small enough for what the loss may curve."""
    if facts.task == "classification":
        # Each block of a picture network about doubles what the loss may curve: at 0.05 some deep starts die.
        return min(0.05, 0.2 / 2 ** _blocks(facts.input_shape)) if facts.images else 0.03
    # Where features go together, the square of an error curves as their number.
    return 0.005 if facts.images else min(0.03, 1 / facts.input_shape[0])
