"""The network and its training for those who choose nothing."""

from __future__ import annotations

from typing import Any

from mathdl.checks import require_at_least
from mathdl.descent.rule import AUTO
from mathdl.descent.sgd import SGD
from mathdl.layers.conv2d import Conv2D
from mathdl.layers.dense import Dense
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer, Shape
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.models.declaration import RunFacts

MIN_CHANNELS, MAX_CHANNELS = 8, 64  # of a convolution
LARGE_BATCHES_FROM = 10_000  # training objects
STEPS = {True: 960, False: 2000}  # about so many are taken by default, for images and for tables


def default_layers(input_shape: Shape) -> list[Layer]:
    """Return small hidden layers: convolutions and pooling for images, dense ones for tables."""
    if len(input_shape) == 1:
        return [Dense(64, activation="relu"), Dense(64, activation="relu")]
    side = min(input_shape[1:])
    if side == 1:  # no pixel has neighbours on both axes
        return [Flatten(), *default_layers((1,))]
    if side < 4:  # nothing to pool
        return [Conv2D(MAX_CHANNELS, 3, activation="relu", padding="same"), Flatten()]
    # Pooled until the shorter side is two or three. Each convolution has twice the channels of the one before, so that
    # all take about the same time.
    blocks = _blocks(side)
    layers: list[Layer] = []
    for block in range(blocks):
        channels = max(MIN_CHANNELS, MAX_CHANNELS >> (blocks - 1 - block))
        layers += [Conv2D(channels, 3, activation="relu", padding="same"), MaxPool2D(2, remainder="drop")]
    return [*layers, Flatten()]


def _blocks(side: int) -> int:
    """Return how many convolutions with pooling bring the shorter side of a picture down to two or three."""
    return max(side.bit_length() - 2, 1)


def check_settings(options: dict[str, Any], seed: int, threads: int | None) -> None:
    """Refuse settings that no training takes."""
    whole = {"epochs": (options.get("epochs"), 1), "batch_size": (options.get("batch_size"), 1)}
    whole |= {"threads": (threads, 1), "seed": (seed, 0)}
    for name, (value, least) in whole.items():
        if value is not None:
            require_at_least(name, value, least)
    SGD(options.get("learning_rate", 1.0), options.get("momentum", 0.0))


def default_settings(facts: RunFacts, options: dict[str, Any]) -> dict[str, Any]:
    """Return epochs, batch size and rule: those of the options, and what suits the data.

    Little data take more epochs, so that there are steps enough; a table of few rows holds back the weights.
    """
    batch_size = int(
        options.get("batch_size", 64 if facts.objects >= LARGE_BATCHES_FROM else 16 if facts.images else 32)
    )
    steps = -(-facts.objects // batch_size)
    epochs = min(max(-(-STEPS[facts.images] // steps), 5), 200)
    rate = options.get("learning_rate", _learning_rate(facts))
    rule = SGD(
        rate if rate == AUTO else float(rate),
        float(options.get("momentum", 0.9)),
        weight_decay=0.0 if facts.images else min(0.01, 10 / facts.objects),
    )
    return {"epochs": int(options.get("epochs", epochs)), "batch_size": batch_size, "rule": rule}


def _learning_rate(facts: RunFacts) -> float:
    """Return a rate that learns fast and is small enough for what the loss may curve."""
    if facts.task == "classification":
        # Each block of a picture network about doubles what the loss may curve: at 0.05 some deep starts die.
        return min(0.05, 0.2 / 2 ** _blocks(min(facts.input_shape[1:], default=1))) if facts.images else 0.03
    # Where features go together, the square of an error curves as their number.
    return 0.005 if facts.images else min(0.03, 1 / facts.input_shape[0])
