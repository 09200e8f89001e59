"""Digits of 8 x 8 pixels anywhere in a larger blank picture, and two networks trained on them."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple

import numpy as np

import mathdl

SIDE, ROOM, TRAINING = 12, 4, 1347  # pixels of a picture, free ones, and digits that train; the other 450 test
EPOCHS = 6


class Trained(NamedTuple):
    """A network, and its class for every test digit (last axis) at every place (rows and columns that are free)."""

    network: Any
    classes: Any
    accuracy: Any


def digits() -> tuple[Any, Any]:
    """Return the 1,797 digits that scikit-learn ships, from 0 to 1, and what they show."""
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images / 16).astype(np.float32), found.target


def placed(images: Any, row: int, column: int) -> Any:
    """Return the digits in blank pictures, with their top left corner at a place."""
    pictures = np.zeros((len(images), 1, SIDE, SIDE), np.float32)
    pictures[:, 0, row : row + 8, column : column + 8] = images
    return pictures


@cache
def trained(kind: str) -> Trained:
    """Train the invariant network, or an ordinary one, on digits in the middle, and test it at every place."""
    images, targets = digits()
    net = mathdl.invariant_network(10, (1, SIDE, SIDE), channels=(8, 16, 32))
    if kind == "ordinary":
        layers = [mathdl.Conv2D(8, 3, activation="relu"), mathdl.MaxPool2D(2), mathdl.Flatten(), mathdl.Dense(10)]
        net = mathdl.Network(layers, (1, SIDE, SIDE))
    middle = placed(images, ROOM // 2, ROOM // 2)
    training = middle[:TRAINING], targets[:TRAINING]
    net.fit(*training, loss="cross_entropy", rule=mathdl.Adam(0.005), batch_size=32, epochs=EPOCHS)
    places = range(ROOM + 1)
    classes = np.array([[net(placed(images[TRAINING:], i, j)).argmax(axis=1) for j in places] for i in places])
    return Trained(net, classes, (classes == targets[TRAINING:]).mean(axis=2))
