"""The affine functions, kinks and maxima that a network is made of."""

from __future__ import annotations

from copy import copy
from typing import Any, NamedTuple

import numpy as np

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.layers.activation import NAMES
from mathdl.layers.pieces import Curved, Piece, Step
from mathdl.networks.composition import IDENTITY, final_activation, final_layer
from mathdl.networks.network import Network


class Pieces(NamedTuple):
    """A network without a final softmax or sigmoid, and the steps that it is made of."""

    network: Network
    steps: list[Piece]


def pieces_of(network: Network) -> Pieces:
    """Return what a network is made of; raise InputError where a layer is not piecewise affine.

    A final softmax or sigmoid is left off: it changes no decision.
    """
    network = without_final_activation(network)
    steps: list[Piece] = []
    for number, step in steps_of_vectors(network):
        if isinstance(step, Curved):
            raise InputError(
                f"layers[{number}]: {step.layer} has the activation {step.activation!r}, which is not piecewise "
                "affine; choose relu, leaky_relu, abs or identity."
            )
        steps.append(step)
    return Pieces(network, steps)


def steps_of_vectors(network: Network) -> list[tuple[int, Step]]:
    """Return the steps of a network, each with the number of its layer; raise InputError where nothing is known."""
    if not np.isfinite(network.parameters).all():
        raise InputError("The network has a parameter that is NaN or infinite; train it again with a smaller rate.")
    steps: list[tuple[int, Step]] = []
    for number, layer in enumerate(network.layers):
        try:
            steps += [(number, step) for step in layer.pieces(network.dtype)]
        except InputError as wrong:
            raise InputError(f"layers[{number}]: {wrong}") from None
    for number, step in steps:
        if isinstance(step, Curved) and step.bounds is None:
            raise InputError(
                f"layers[{number}]: {step.layer} has the activation {step.activation!r} of your own, of which no "
                f"pieces and no bounds are known; choose one of {', '.join(NAMES)}."
            )
    return steps


def without_final_activation(network: Any) -> Network:
    """Return a network without its final softmax or sigmoid."""
    if not isinstance(network, Network):
        raise InputError(f"network is {shortened(network)}; give a Network, as the network_ of a fitted estimator.")
    if final_activation(network.layers) not in ("softmax", "sigmoid"):
        return network
    final = final_layer(network.layers)
    bare = copy(final)
    bare.activation = IDENTITY
    found = copy(network)
    found.__setstate__({**network.__getstate__(), "layers": [bare if e is final else e for e in network.layers]})
    return found
