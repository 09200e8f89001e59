"""A network of affine layers as one affine map (equations (4.36) and (4.37))."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.layers.dense import Dense
from mathdl.layers.globalmaxpool1d import GlobalMaxPool1D
from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D
from mathdl.layers.layer import Layer
from mathdl.layers.maxpool1d import MaxPool1D
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.networks.composition import every_layer
from mathdl.networks.network import Network
from mathdl.networks.trace import run_layer

Array = NDArray[np.float64]
MAX_ENTRIES = 2**24  # chosen: of the matrix, 128 MB
_MAXIMA = MaxPool1D | MaxPool2D | GlobalMaxPool1D | GlobalMaxPool2D


class AffineMap(NamedTuple):
    """The map x -> A x + b.

    Attributes
    ----------
    A : ndarray of shape (m, n), float64
        The matrix.
    b : ndarray of shape (m,), float64
        The vector.
    """

    A: Array
    b: Array


def collapse(network: Network) -> AffineMap:
    """Return the one affine map A x + b that a network without non-linear activations is (4.36 and 4.37).

    A is the product of the layers' matrices, the last one first, and b is carried along. Inputs and outputs that are
    images are read row by row.

    Parameters
    ----------
    network : Network
        All of its layers are affine: dense and convolutional ones without an activation, averages, paddings, Flatten
        and Dropout, as it is when the network predicts.

    Returns
    -------
    AffineMap
        A and b.

    Raises
    ------
    InputError
        If a layer is not affine, or the matrix would have more than 16 million entries.

    Examples
    --------
    >>> from mathdl import Dense, Network, collapse
    >>> net = Network([Dense(2), Dense(1)], input_shape=(1,), dtype="float64")
    >>> net.parameters[:] = 1, 2, 10, 20, 3, 4, 100  # A1 = (1, 2), b1 = (10, 20), A2 = (3, 4), b2 = 100
    >>> A, b = collapse(net)
    >>> A, b
    (array([[11.]]), array([210.]))
    """
    if not isinstance(network, Network):
        raise InputError(f"network is {network!r}; give a Network.")
    for layer in every_layer(network.layers):
        if isinstance(layer, _MAXIMA) or layer.activation.name != "identity":
            raise InputError(f"The network holds {layer!r}, which is not affine; only affine layers collapse into one.")
    size = prod(network.input_shape)
    widest = max(size, *(prod(layer.output_shape) for layer in network.layers))
    if size * widest > MAX_ENTRIES:
        raise InputError(f"The matrix would have up to {size * widest:,} entries; give a smaller network.")
    A, b, first = np.eye(size), np.zeros(size), 0
    for layer in network.layers:
        own = network.parameters[first : first + layer.size].astype(np.float64)
        A, b = _after(layer, own, A, b)
        first += layer.size
    return AffineMap(A, b)


def _after(layer: Layer, parameters: Any, A: Array, b: Array) -> tuple[Array, Array]:
    """Return the map x -> A x + b followed by an affine layer."""
    if isinstance(layer, Dense):
        weights = np.asarray(layer.weights, np.float64)
        moved = weights @ b
        return weights @ A, moved if layer.bias is None else moved + layer.bias
    points = np.vstack([A.T, np.zeros_like(b), b]).reshape(-1, *layer.input_shape)
    values = run_layer(layer, parameters, points).reshape(len(points), -1)
    return (values[:-2] - values[-2]).T, values[-1]
