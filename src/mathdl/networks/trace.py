"""What a network computes for one object, layer by layer."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Data
from mathdl.layers.layer import Layer
from mathdl.networks.composition import IDENTITY, compose

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class LayerTrace:
    """What one layer computes for an object.

    Attributes
    ----------
    layer : Layer
        The layer.
    pre_activation : ndarray of the layer's output_shape
        A h + b of a dense layer, and what a convolution is before its activation; of a layer without an activation,
        its output.
    output : ndarray of the layer's output_shape
        What it hands on: the activation of that.
    """

    layer: Layer
    pre_activation: Array
    output: Array


def trace(layers: list[Layer], parameters: Array, x: Array) -> list[LayerTrace]:
    """Run layers that have their shapes on one object, one by one."""
    steps, first = [], 0
    x = (x / 255 if x.dtype == np.uint8 else x).astype(parameters.dtype)[None]
    for layer in layers:
        own = parameters[first : first + layer.size]
        bare = copy(layer)
        bare.activation = IDENTITY
        before, after = (run_layer(each, own, x) for each in (bare, layer))
        steps.append(LayerTrace(layer, before[0], after[0]))
        first, x = first + layer.size, after
    return steps


def run_layer(layer: Layer, parameters: Array, X: Array) -> Array:
    """Return what one layer makes of objects."""
    executable, _ = compose([layer], parameters.dtype.name, "predict", None)
    outputs, _ = executable.evaluate(parameters, Data(np.ascontiguousarray(X)), 1)
    return outputs.reshape(-1, *layer.output_shape).copy()
