"""The parts of the data to which the channels of a layer respond most."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import checked_places, require_at_least, shortened, spatial_network_of
from mathdl.engine.executable import Data
from mathdl.errors import InputError
from mathdl.layers.receptive_field import receptive_field
from mathdl.networks.composition import compose
from mathdl.networks.inputs import checked_inputs
from mathdl.networks.network import Network

Array = NDArray[Any]
Progress = Callable[[int, int], None]
BLOCK_NUMBERS = 2**22  # chosen: of the responses that are kept at a time


@dataclass(frozen=True, eq=False)
class StrongestPatches:
    """The parts of some objects to which channels of a layer respond most, for each channel from the strongest on.

    Attributes
    ----------
    layer : int
        The number of the layer in ``network.layers``.
    channels : ndarray of int, shape (m,)
        The channels of its output.
    responses : ndarray of shape (m, count)
        The layer's output in these channels, behind its activation.
    objects : ndarray of int, shape (m, count)
        The places of the objects in the data: for each channel ``count`` different ones.
    positions : ndarray of int, shape (m, count, 2), of signals (m, count, 1), of layers without places (m, count, 0)
        Where in the layer's output the response is: row and column, or time.
    patches : ndarray of shape (m, count, channels, height, width), of signals (m, count, channels, length)
        What the layer sees there: the receptive field, cut out of the data, with zeros outside of them.
    """

    layer: int
    channels: Array
    responses: Array
    objects: Array
    positions: Array
    patches: Array


def strongest_patches(
    network: Any,
    X: Any,
    layer: int | None = None,
    *,
    channels: Sequence[int] | None = None,
    count: int = 9,
    progress: Progress | None = None,
) -> StrongestPatches:
    """Find the patches of the data to which the channels of a layer respond most: what its kernels look for.

    Of each object the place with the largest response counts, so that the patches of a channel are from different
    objects. What the layer sees of an object there is :func:`receptive_field`; where a layer before it sees everything,
    as Dense ones do, it is the whole object.

    Parameters
    ----------
    network : Network, or fitted model that has one
        It takes pictures or signals.
    X : array-like of shape (N, *input_shape)
        Objects to look through, as the network takes them.
    layer : int, optional
        Which of ``network.layers``; by default the first one that has weights.
    channels : sequence of int, optional
        Channels of the layer's output; by default all.
    count : int, default 9
        Patches for each channel; fewer where there are not so many objects.
    progress : callable, optional
        Is called with how many objects are done and how many there are.

    Returns
    -------
    StrongestPatches

    Raises
    ------
    InputError
        If the network takes no pictures or signals, has no such layer or channel, or X does not fit.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import Conv1D, Network, strongest_patches
    >>> net = Network([Conv1D(1, 2, bias=None)], input_shape=(1, 5))
    >>> net.parameters[:] = -1, 1  # how much a signal rises
    >>> found = strongest_patches(net, [[[0, 1, 2, 9, 9]], [[5, 5, 6, 5, 5]]], count=1)
    >>> found.objects.tolist(), found.positions.tolist(), found.patches.tolist()
    ([[0]], [[[2]]], [[[[2.0, 9.0]]]])
    """
    net: Network = spatial_network_of(network)
    number = _with_weights(net) if layer is None else layer
    require_at_least("layer", number, 0, len(net.layers) - 1)
    require_at_least("count", count, 1)
    if progress is not None and not callable(progress):
        raise InputError(f"progress is {shortened(progress)}; give a function of how many are done, and of how many.")
    shape = net.layers[number].output_shape
    chosen = checked_places("channels", channels, shape[0])
    objects = checked_inputs(X, net.input_shape, net.dtype)
    if not len(objects):
        raise InputError("X is empty; give at least one object.")
    responses, rows, places = _strongest(net, number, objects, chosen, int(count), progress)
    positions = np.moveaxis(np.array(np.unravel_index(places, (1, *shape[1:]))[1:]).reshape(-1, *places.shape), 0, -1)
    patches = _patches(net, number, objects, rows, positions)
    return StrongestPatches(int(number), chosen, responses, rows, positions, patches)


def _with_weights(net: Network) -> int:
    """Return the number of the first layer that has weights."""
    numbers = [number for number, each in enumerate(net.layers) if each.weights is not None]
    if not numbers:
        raise InputError("The network has no layer with weights of its own; say which one with layer.")
    return numbers[0]


def _strongest(
    net: Network, number: int, objects: Array, chosen: Array, count: int, progress: Progress | None
) -> tuple[Array, Array, Array]:
    """Return the largest responses of each channel, the objects that they are to, and the flat places in the output."""
    best: list[Array] = [np.zeros((len(chosen), 0)), *(np.zeros((len(chosen), 0), np.intp) for _ in range(2))]
    for start, block in _responses(net, number, objects):
        flat = block[:, chosen].reshape(len(block), len(chosen), -1)
        places = flat.argmax(axis=2)
        peaks = np.take_along_axis(flat, places[:, :, None], 2)[:, :, 0]
        rows = np.broadcast_to(np.arange(start, start + len(block)), peaks.T.shape)
        joined = [np.hstack(pair) for pair in zip(best, (peaks.T, rows, places.T), strict=True)]
        order = np.argsort(-joined[0], axis=1, kind="stable")[:, :count]
        best = [np.take_along_axis(each, order, 1) for each in joined]
        if progress is not None:
            progress(start + len(block), len(objects))
    return best[0], best[1], best[2]


def _responses(net: Network, number: int, objects: Array) -> Iterator[tuple[int, Array]]:
    """Yield the output of a layer, some objects at a time, and the place of the first of them."""
    chain = net.layers[: number + 1]
    executable, _ = compose(chain, net.dtype, "predict", None)
    parameters = net.parameters[: sum(each.size for each in chain)]
    count = max(1, BLOCK_NUMBERS // prod(chain[-1].output_shape))
    for start in range(0, len(objects), count):
        outputs, _ = executable.evaluate(parameters, Data(objects[start : start + count]), None)
        yield start, outputs.reshape(-1, *chain[-1].output_shape)


def _patches(net: Network, number: int, objects: Array, rows: Array, positions: Array) -> Array:
    """Cut out what the layer sees at positions, with zeros outside of the objects."""
    fields = _Fields(net, number)
    lengths = fields.lengths([tuple(place) for row in positions.tolist() for place in row])
    shape = (*rows.shape, net.input_shape[0], *lengths)
    patches = np.zeros(shape, objects.dtype)
    for k, j in np.ndindex(rows.shape):
        field = fields.at(tuple(positions[k, j].tolist()))
        inner = []
        for span, length in zip(field, lengths, strict=True):
            # A field that begins at the edge is cut off before it, one that ends there behind it.
            first = length - len(span) if span.start == 0 else 0
            inner.append(slice(first, first + len(span)))
        seen = objects[rows[k, j]][(slice(None), *(slice(span.start, span.stop) for span in field))]
        patches[(k, j, slice(None), *inner)] = seen
    return patches


class _Fields:
    """The receptive fields of a layer's positions, each found once."""

    def __init__(self, net: Network, number: int) -> None:
        self._net, self._number = net, number
        self._whole = tuple(range(length) for length in net.input_shape[1:])
        self._found: dict[tuple[int, ...], tuple[range, ...]] = {}

    def at(self, position: tuple[int, ...]) -> tuple[range, ...]:
        """Return the rows and columns, or the times, that a position sees."""
        if position not in self._found:
            self._found[position] = self._field(position)
        return self._found[position]

    def lengths(self, positions: list[tuple[int, ...]]) -> tuple[int, ...]:
        """Return how many rows and columns are seen where nothing is cut off at the edges."""
        middle = tuple(length // 2 for length in self._net.layers[self._number].output_shape[1:])
        fields = [self.at(position) for position in {middle, *positions}]
        return tuple(max(1, *map(len, spans), 0) for spans in zip(*fields, strict=True))

    def _field(self, position: tuple[int, ...]) -> tuple[range, ...]:
        """Find a receptive field: the whole object where a layer has no places."""
        try:
            field = receptive_field(self._net, position, self._number)
        except InputError:
            return self._whole
        return tuple(field)[-len(self._whole) :]
