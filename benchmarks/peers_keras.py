"""Keras on JAX, as its users run it: ``Model.fit``, which compiles the step, on the same batches as the others."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"
import keras

from benchmarks.side_by_side import Contestant

if TYPE_CHECKING:
    from benchmarks.problems import Problem

PEER = "Keras on JAX"


def model_of(net: Any) -> Any:
    """The twin of a network of Dense, Conv2D, MaxPool2D and Flatten layers; images have their channels last."""
    channels, *sides = net.input_shape
    layers = [keras.Input((*sides, channels)), *(_layer(each) for each in net.architecture)]
    return keras.Sequential(layers)


def _layer(description: dict[str, Any]) -> Any:
    """One layer."""
    match description:
        case {"layer": "Dense", "units": units, "activation": activation}:
            return keras.layers.Dense(units, activation=_activation(activation))
        case {
            "layer": "Conv2D",
            "channels": channels,
            "kernel_size": size,
            "padding": padding,
            "activation": activation,
        }:
            return keras.layers.Conv2D(channels, size, padding=padding, activation=_activation(activation))
        case {"layer": "MaxPool2D", "size": size}:
            return keras.layers.MaxPooling2D(size)
        case {"layer": "Flatten"}:
            return keras.layers.Flatten()
    raise ValueError(f"{description} has no twin here; add it.")


def _activation(name: str) -> str:
    return "linear" if name == "identity" else name


def weights_of(net: Any) -> list[Any]:
    """The parameters as Keras has them: inputs before outputs, and channels innermost."""
    found: list[Any] = []
    shape = net.input_shape
    for layer in net.layers:
        weights = getattr(layer, "weights", None)
        if weights is not None and weights.ndim == 4:
            found += [weights.transpose(2, 3, 1, 0), layer.bias]
        elif weights is not None:
            inputs = weights.reshape(len(weights), *shape)  # of images that were flattened, channel by channel
            inputs = inputs.transpose(0, 2, 3, 1) if inputs.ndim == 4 else inputs
            found += [inputs.reshape(len(weights), -1).T, layer.bias]
        if type(layer).__name__ != "Flatten":
            shape = layer.output_shape
    return [np.array(each) for each in found]


def contestants(problem: Problem) -> list[Contestant]:
    """Train by ``fit``; agree on the mean loss of the first objects."""
    model, start = model_of(problem.net), weights_of(problem.net)
    order = np.concatenate(problem.orders)
    images = np.ascontiguousarray(problem.reals.transpose(0, 2, 3, 1))
    X, y = images[order], problem.y[order]
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(optimizer=keras.optimizers.SGD(problem.rule.learning_rate), loss=loss)

    def work() -> None:
        model.set_weights(start)
        model.fit(X, y, batch_size=problem.batch, epochs=1, shuffle=False, verbose=0)

    def outcome() -> float:
        return float(model.evaluate(images[:4096], problem.y[:4096], batch_size=1024, verbose=0))

    return [Contestant(PEER, work, outcome, PEER)]
