"""A probe of a network's layers: the size of their gradients, their dead rectifiers, and how far a step moves them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.executable import Data, Executable, Steps, Update
from mathdl.engine.memory import aligned
from mathdl.layers.composite import Composite
from mathdl.layers.layer import Layer

Array = NDArray[Any]
PIECE_PARAMETERS = 2**15  # parameters whose norms are taken together
MIN_THREADED_OPERATIONS = 3e7  # operations below which starting threads for a single step takes longer than it saves
# Measured: operations in the time that a probe takes beside the gradient, for copies, norms and the update of each
# parameter, for each piece of them, for each layer, and however small the network.
PER_PARAMETER, PER_PIECE, PER_LAYER, PER_PROBE = 1000, 4e6, 6e5, 2e6


class LayerProbe:
    """Measures every layer that has parameters, on a sample of the data and on copies: training sees nothing of it.

    The sample has ``objects`` training objects, fewer where there are not so many or so many do not go through at a
    time. ``names`` are the layers' places and kinds, ``"1 Conv2D"``, in the second branch of a Parallel
    ``"1.2.1 Conv2D"``; ``sizes`` their numbers of parameters. A probe costs ``operations``, in the unit of
    :class:`~mathdl.engine.executable.Steps`; its numbers do not depend on the number of threads.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        executable: Executable,
        data: Data,
        memory: int,
        threads: int | None,
        objects: int,
        seed: int,
    ) -> None:
        leaves = [(name, layer) for name, layer in _leaves(layers) if layer.size > 0]
        self.names = [name for name, _ in leaves]
        self.sizes = [layer.size for _, layer in leaves]
        self._pieces = list(_pieces(self.sizes))
        self._rectified = _rectified([layer for _, layer in leaves], executable)
        sample = _sample(data, min(objects, executable.block), seed)
        self.objects = sample.objects
        self._order = np.arange(self.objects)
        dtype, size = executable.program.dtype, sum(self.sizes)
        self._moved = aligned(size, dtype)
        small = 3.0 * executable.program.operations * self.objects < MIN_THREADED_OPERATIONS
        self._own = aligned(memory, dtype)
        self._steps = Steps(executable, sample, self._own, self.objects, 1 if small else threads)
        self.operations = self._steps.operations + PER_PARAMETER * size + PER_PIECE * len(self._pieces)
        self.operations += PER_LAYER * len(self.names) + PER_PROBE

    def measure(self, parameters: Array, memory: Array, update: Update) -> NDArray[np.float64]:
        """Return a row for each layer: gradient norm, share of dead rectifiers, length of one step over |parameters|.

        What does not exist is NaN: the share of a layer without ReLU, the ratio to parameters that are all zero, and
        everything where the gradient is not finite.
        """
        numbers = np.full((len(self.sizes), 3), np.nan)
        if not self._steps.take(parameters, self._order, 0, 1, None)[1]:
            return numbers
        self._take_step(parameters, memory, update)
        with np.errstate(over="ignore"):
            squares = np.zeros((3, len(self.sizes)))
            for piece, layers, starts in self._pieces:
                a = parameters[piece]
                for column, part in enumerate((self._own[piece], self._moved[piece] - a, a)):
                    squares[column, layers] += np.add.reduceat(np.square(part, dtype=np.float64), starts)
        numbers[:, 0], step, length = np.sqrt(squares)
        numbers[:, 1] = [self._dead(*place) for place in self._rectified]
        np.divide(step, length, out=numbers[:, 2], where=length > 0)
        return numbers

    def _take_step(self, parameters: Array, memory: Array, update: Update) -> None:
        """Update a copy of the parameters from the sample's gradient and a copy of what the rule remembers."""
        size = len(parameters)
        self._own[size:], self._moved[:] = memory[size:], parameters
        update.apply(self._own, self._moved)

    def _dead(self, place: int, units: int, size: int) -> float:
        """Return the share of units whose output is 0 at every place for every object of the sample."""
        if units == 0:
            return np.nan
        alive = np.zeros(units, bool)
        for values in self._steps.left_at(place, size):
            alive |= (values.reshape(len(values), units, -1) > 0).any(axis=(0, 2))
        return float(1 - alive.mean())


def _pieces(sizes: Sequence[int]) -> Iterator[tuple[slice, slice, list[int]]]:
    """Yield pieces of the parameter vector that stay in cache while norms are taken.

    With each comes which layers have parameters there, and where in the piece each one's start.
    """
    ends = np.cumsum([0, *sizes])
    for start in range(0, int(ends[-1]), PIECE_PARAMETERS):
        stop = min(start + PIECE_PARAMETERS, int(ends[-1]))
        first, last = int(np.searchsorted(ends, start, "right")) - 1, int(np.searchsorted(ends, stop))
        yield slice(start, stop), slice(first, last), np.maximum(ends[first:last] - start, 0).tolist()


def _leaves(layers: Sequence[Layer], place: str = "") -> Iterator[tuple[str, Layer]]:
    """Yield the layers, those in branches too, in the order of their parameters, each with its name."""
    for number, layer in enumerate(layers, start=1):
        if isinstance(layer, Composite):
            for branch, inner in enumerate(layer.chains, start=1):
                yield from _leaves(inner, f"{place}{number}.{branch}.")
        else:
            yield f"{place}{number} {type(layer).__name__}", layer


def _rectified(layers: Sequence[Layer], executable: Executable) -> list[tuple[int, int, int]]:
    """Return for each layer where its ReLU's numbers lie, its units (channels) and its outputs; zeros without ReLU.

    Whether the ReLU works in place or, behind a pooling, comes later: it gives 0 where these numbers are not positive.
    """
    places, first = [], 0
    outputs = {int(row.weights): int(row.output) for row in executable.program.rows}
    for layer in layers:
        shape, has_relu = layer.output_shape, layer.activation.name == "relu" and not layer.activation.is_own
        places.append((outputs[first], shape[0], prod(shape)) if has_relu else (0, 0, 0))
        first += layer.size
    return places


def _sample(data: Data, count: int, seed: int) -> Data:
    """Draw objects whose weight is not zero, each at most once."""
    there = data.objects if data.weights is None else np.flatnonzero(data.weights)
    count = min(count, there if isinstance(there, int) else len(there))
    chosen = np.sort(np.random.default_rng([seed, count]).choice(there, count, replace=False))
    return data.part(chosen)
