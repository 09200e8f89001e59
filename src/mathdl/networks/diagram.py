"""The diagram of a network, to show in a notebook, to save, or to read as text, step by step."""

from __future__ import annotations

from functools import partial
from math import prod
from typing import Any

import numpy as np

from mathdl.networks.backpropagation import table_of
from mathdl.plots.diagram import Diagram
from mathdl.plots.network_diagram import plot_network_diagram
from mathdl.plots.style import svg_file


def diagram_of(network: Any, x: Any, y: Any, loss: str | None) -> Diagram:
    """Draw a network, with the values of an object in its nodes and the derivatives of its loss where they are given.

    A step forward computes a layer's output, the first takes the input; a step backward is dl/dh_k.
    """
    columns = len(network.layers) + 1
    tallest = min(max(map(prod, (network.input_shape, *(layer.output_shape for layer in network.layers)))), 8)
    size = (1.3 * columns, 3.0) if y is None else (1.6 * columns, max(3.0, 0.7 * tallest))  # room for derivatives

    def picture(steps: int) -> str:
        done = None if x is None else steps
        drawn = partial(plot_network_diagram, network, x, y, loss, steps=done)
        return svg_file(f"The network's layers after {steps} steps", drawn, size=size)

    picture(0)  # refuses what does not fit
    if x is None:
        return Diagram(picture, [repr(network)])
    if y is None:
        trace = network.trace(x)
        forward = [[None, *(step.pre_activation for step in trace)], [np.asarray(x), *(step.output for step in trace)]]
        layers = [repr(layer) for layer in network.layers]
        return Diagram(picture, [table_of(layers, forward, [], steps) for steps in range(len(layers) + 2)])
    seen = network.backpropagate(x, y, loss)
    return Diagram(picture, [seen.after(steps) for steps in range(2 * len(seen.outputs) + 1)])
