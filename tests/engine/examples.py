"""Small networks with data for the engine's tests, and what another process is asked to do with them."""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl import (
    SGD,
    Adam,
    AveragePool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPool2D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
)

Array = NDArray[Any]
CLASSES = 4


def network(name: str, dtype: str = "float64") -> Network:
    """Make one of the networks: odd sizes, more than one tile of parameters; "wide" has layers shared out by units."""
    layers, shape = {
        "dense": ([Dense(37, activation="relu"), Dense(11, activation="tanh"), Dense(CLASSES)], (19,)),
        "conv": (
            [
                Conv2D(5, 3, activation="relu"),
                MaxPool2D(2),
                Conv2D(3, 2, activation="tanh", bias="position", padding="same"),
                Flatten(),
                Dense(CLASSES),
            ],
            (1, 8, 6),
        ),
        "parallel": (
            [
                Conv2D(2, 1, activation="leaky_relu"),
                Parallel(
                    [
                        [MaxPool2D(2), Conv2D(3, 2, activation="abs"), GlobalMaxPool2D()],
                        [Flatten(), Dense(5, activation="sigmoid")],
                        [Flatten()],
                    ]
                ),
                Dense(CLASSES),
            ],
            (1, 4, 6),
        ),
        "dropout": (
            [
                Residual([Conv2D(1, (3, 1), activation="relu", padding="same"), Dropout(0.2)]),
                AveragePool2D(3, (1, 2), remainder="drop"),
                Flatten(),
                Dropout(0.5),
                Dense(CLASSES),
            ],
            (1, 8, 6),
        ),
        "wide": ([Dense(260, activation="relu"), Dense(130, activation="relu"), Dense(CLASSES)], (130,)),
    }[name]
    return Network(layers, input_shape=shape, dtype=dtype, seed=3)


def data(net: Network, count: int, seed: int = 0) -> tuple[Array, Array]:
    """Draw objects and their classes."""
    generator = np.random.default_rng(seed)
    return generator.normal(size=(count, *net.input_shape)), generator.integers(CLASSES, size=count)


def fitted(
    name: str, dtype: str, threads: int | None, rule: str = "momentum", epochs: int = 2, batch_size: int = 40
) -> Array:
    """Return the parameters after a fit of 70 objects, two and a half chunks to a batch, then the losses of epochs."""
    net = network(name, dtype)
    rules = {"momentum": SGD(learning_rate=0.1, momentum=0.9), "adam": Adam(learning_rate=0.01)}
    X, y = data(net, 70)
    history = net.fit(
        X, y, loss="cross_entropy", rule=rules[rule], batch_size=batch_size, epochs=epochs, seed=5, threads=threads
    )
    assert history.status == "completed"
    return np.concatenate([net.parameters, history.loss])


def fingerprint(*arrays: Array) -> str:
    """Hash the bytes."""
    return hashlib.sha256(b"".join(array.tobytes() for array in arrays)).hexdigest()
