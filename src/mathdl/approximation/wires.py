"""Networks put together from below: numbers that are affine in the neurons of a hidden layer, and what is made of them.

A number that is needed in a later layer is carried there by neurons of its own: ReLU(v - low) + low is v where v >=
low.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import NamedTuple

import numpy as np

from mathdl.layers.dense import Dense
from mathdl.networks.network import Network


class Wire(NamedTuple):
    """A number: constant + the sum of weight times neuron, of the neurons of a layer; layer 0 are the inputs."""

    layer: int
    weights: dict[int, float]
    constant: float
    low: float
    high: float


class Wires:
    """The hidden layers of a network that grows."""

    def __init__(self, box: Sequence[tuple[float, float]]) -> None:
        self.inputs = [Wire(0, {k: 1.0}, 0.0, low, high) for k, (low, high) in enumerate(box)]
        self._layers: list[list[tuple[dict[int, float], float]]] = []
        self._known: dict[tuple[object, ...], int] = {}

    def neurons(self, wire: Wire, shifts: Iterable[tuple[float, float]]) -> tuple[dict[int, float], int]:
        """Return the sum of c ReLU(s wire - t) for pairs of t and c, with s = 1, as weights of the next layer."""
        layer = wire.layer + 1
        if len(self._layers) < layer:
            self._layers.append([])
        weights: dict[int, float] = {}
        for t, c in shifts:
            key = layer, tuple(sorted(wire.weights.items())), wire.constant - t
            if key not in self._known:
                self._known[key] = len(self._layers[layer - 1])
                self._layers[layer - 1].append((wire.weights, wire.constant - t))
            place = self._known[key]
            weights[place] = weights.get(place, 0.0) + c
        return weights, layer

    def carried(self, wire: Wire, layer: int) -> Wire:
        """Return the same number in a later layer."""
        while wire.layer < layer:
            bounded = wire.low > -inf
            constant = wire.low if bounded else 0.0
            weights, following = self.neurons(wire, [(constant, 1.0)])
            if not bounded:
                weights |= self.neurons(_times(wire, -1.0), [(0.0, -1.0)])[0]
            wire = Wire(following, weights, constant, wire.low, wire.high)
        return wire

    def combined(self, wires: Sequence[Wire], factors: Sequence[float], constant: float = 0.0) -> Wire:
        """Return constant + the sum of factor times wire."""
        layer = max((wire.layer for wire in wires), default=0)
        weights: dict[int, float] = {}
        low = high = constant
        for given, factor in zip(wires, factors, strict=True):
            wire = _times(self.carried(given, layer), factor)
            constant, low, high = constant + wire.constant, low + wire.low, high + wire.high
            for place, weight in wire.weights.items():
                weights[place] = weights.get(place, 0.0) + weight
        return Wire(layer, weights, constant, low, high)

    def rectified(self, wire: Wire) -> Wire:
        """Return max(wire, 0)."""
        if wire.low >= 0:
            return wire
        weights, layer = self.neurons(wire, [(0.0, 1.0)])
        return Wire(layer, weights, 0.0, 0.0, max(wire.high, 0.0))

    def larger(self, x: Wire, y: Wire, sign: float = 1.0) -> Wire:
        """Return the maximum of two wires as y + ReLU(x - y); with the sign -1 the minimum."""
        above = self.rectified(self.combined([x, y], [sign, -sign]))
        return self.combined([above, y], [sign, 1.0])

    def network(self, output: Wire, bias: bool = True) -> Network:
        """Return the ReLU network whose output is a wire; to be without biases, all of them have to be 0."""
        output = self.carried(output, len(self._layers))
        layers = [*self._layers, [(output.weights, output.constant)]]
        dense = [Dense(len(layer), activation="relu", bias=bias) for layer in layers[:-1]]
        network = Network([*dense, Dense(1, bias=bias)], (len(self.inputs),), dtype="float64")
        parts = []
        for layer, inputs in zip(layers, network.node_layers, strict=False):
            matrix = np.zeros((len(layer), inputs))
            for row, (weights, _) in enumerate(layer):
                matrix[row, list(weights)] = list(weights.values())
            parts += [matrix.ravel(), np.array([constant for _, constant in layer] if bias else [])]
        network.parameters[:] = np.concatenate(parts)
        return network


def _times(wire: Wire, factor: float) -> Wire:
    """Return a multiple of a wire."""
    low, high = sorted((factor * wire.low, factor * wire.high))
    return Wire(
        wire.layer, {k: factor * weight for k, weight in wire.weights.items()}, factor * wire.constant, low, high
    )
