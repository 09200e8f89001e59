"""A network as a record and a vector of parameters, and back."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import FileError, InputError
from mathdl.layers.layer import Layer
from mathdl.layers.registry import layer_of
from mathdl.networks.composition import every_layer
from mathdl.networks.losses import LOSSES
from mathdl.networks.network import Network

Array = NDArray[Any]
MAX_NUMBERS = 2**28  # of an object in one layer's output (chosen); nothing larger could be run


def record_of_network(network: Network) -> dict[str, Any]:
    """Return all of a network but its parameters; InputError for an activation of the user's own."""
    if network.own_activations:
        raise InputError(
            f"The activation {network.own_activations[0]!r} is a function of your own, which a file cannot hold; "
            "save network.parameters and build the network again in Python."
        )
    return {
        "architecture": network.architecture,
        "input_shape": list(network.input_shape),
        "dtype": network.dtype,
        "seed": network.seed,
        "trained_loss": network.trained_loss,
    }


def network_of_record(record: dict[str, Any], parameters: Array) -> Network:
    """Make a network again; sizes are checked before anything of their size is made."""
    layers, input_shape = [layer_of(layer) for layer in record["architecture"]], record["input_shape"]
    size = _count_parameters(layers, input_shape)
    if parameters.shape != (size,) or parameters.dtype != record["dtype"]:
        raise FileError(
            f"it has parameters of shape {parameters.shape} and type {parameters.dtype}, "
            f"but its layers need ({size},) and {record['dtype']}"
        )
    if not np.isfinite(parameters).all():
        raise FileError("a parameter is not a finite number")
    if record["trained_loss"] not in (None, *LOSSES):
        raise FileError(f"its loss {record['trained_loss']!r} is unknown")
    network = Network(layers, input_shape, record["dtype"], record["seed"])
    network.parameters[:] = parameters
    network.trained_loss = record["trained_loss"]
    return network


def _count_parameters(layers: Sequence[Layer], input_shape: Any) -> int:
    """Count the parameters from the shapes alone; refuse shapes that no machine could hold."""
    if not isinstance(input_shape, list) or not all(type(n) is int and n > 0 for n in input_shape):
        raise FileError(f"its input shape {input_shape!r} is no list of positive whole numbers")
    shape, size = tuple(input_shape), 0
    for layer in layers:
        bound = layer.bind(shape)
        shape, size = bound.output_shape, size + bound.size
        largest = max(prod(part.output_shape) for part in every_layer([bound]))
        if max(largest, prod(bound.input_shape)) > MAX_NUMBERS:
            raise FileError(f"its {type(layer).__name__} takes or returns more than {MAX_NUMBERS:,} numbers an object")
    return size
