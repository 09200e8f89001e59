"""A network as a program: the table of kernels that the engine runs, built by the layers one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mathdl.kernels import table
from mathdl.kernels.jit import GRADIENT, LAYER, Kernel, address

CHUNK_SAMPLES = 16  # that go through the network together: a vector of float32; part of the result's bits
# A larger batch goes through in blocks of so many; in smaller ones, but not below the second number, where the
# activations of a block would need more bytes than about what stays in a processor's last cache. All chosen.
MAX_BLOCK_SAMPLES, MIN_BLOCK_SAMPLES = 1024, 128
CACHE_BYTES = 2**24


@dataclass(frozen=True)
class Buffer:
    """Where an activation of ``size`` numbers per sample lies in the workspace, and the gradient with respect to it."""

    values: int
    gradient: int
    size: int


@dataclass(frozen=True)
class Gradient:
    """How the gradient of ``count`` units of ``size`` parameters each, which begin at ``start``, is summed."""

    kernel: Kernel
    row: int
    start: int
    count: int
    size: int
    operations: int  # of one unit for one sample
    most: int  # units of a tile
    together: int = 1  # units that are summed at a time
    width: int = -1  # x's length where the gradient for one object is d x^T, see ``width`` of a TILE in kernels.table
    whole: bool = False  # whether all units are in one tile

    def tiles(self, limit: int, multiple: int) -> Iterator[tuple[int, int]]:
        """Yield the units of each tile, all of about the same size; their number is a multiple where that is asked."""
        if self.whole:
            limit, multiple = self.count * self.size, 1
        parts = -(-max(1, -(-self.count * self.size // limit)) // multiple) * multiple
        units = min(self.most, -(-self.count // (parts * self.together)) * self.together)
        for first in range(0, self.count, units):
            yield first, min(first + units, self.count)

    def record(self, first: int, last: int, dtype: str) -> tuple[int, ...]:
        """Return the numbers of a tile's record."""
        span = self.start + first * self.size, self.start + last * self.size
        return address(self.kernel, GRADIENT, dtype), self.row, first, last, *span, self.width, 0


class Program:
    """The operations of a network in order, and the tiles of its parameters.

    ``features`` is the length of the input, ``training`` whether gradients will be asked for, and ``keep_all`` whether
    every activation keeps a place of its own and the input gets a gradient, for inspection.
    """

    images = 1  # of every activation: more where operations go through several at a time, see engine.boxes

    def __init__(self, dtype: str, features: int, *, training: bool, keep_all: bool = False) -> None:
        self.dtype = dtype
        self.training = training
        self.keep_all = keep_all
        self.size = 0  # numbers per sample in the workspace, of an image
        self.draws = 0  # operations that depend on the number of the step, in steps with an update
        self.operations = 0  # multiplications and additions per sample, roughly, for sharing out work
        self.increasing: tuple[int, Buffer | None, Any] = (-1, None, None)  # row, buffer, activation: see take_back
        self._rows: list[table.Record] = []
        self.gradients: list[Gradient] = []
        self.units: dict[int, int] = {}  # of the rows whose units threads may share out
        self._copies: dict[int, int] = {}
        self._kernels: list[tuple[Kernel, Kernel | None]] = []  # of each row, forward and backward
        self.input = self.buffer(features, gradient=keep_all)

    def allocate(self, size: int) -> int:
        """Reserve ``size`` numbers per sample and return their offset."""
        offset = self.size
        self.size += size
        return offset

    def buffer(self, size: int, *, gradient: bool = True) -> Buffer:
        """Reserve a place for an activation and, in training, for the gradient with respect to it.

        Nobody needs the gradient behind operations without parameters whose input has none.
        """
        values = self.allocate(size)
        return Buffer(values, self.allocate(size) if gradient and self.training else -1, size)

    def add(
        self,
        forward: Kernel,
        backward: Kernel,
        source: Buffer,
        target: Buffer,
        own: Mapping[str, float],
        *,
        weights: int = -1,
        bias: int = -1,
        operations: int = 0,
        units: int = 0,
        panels: int = -1,
    ) -> int:
        """Append an operation and return the number of its row, in which its ``own`` numbers stand by their names.

        Its ``forward`` must heed ``first_unit`` and ``last_unit`` where it has ``units``; ``panels`` is where a copy of
        its input lies, or is to lie.
        """
        needs_backward = self.training and source.gradient >= 0
        row = np.zeros(1, cast(Any, forward).row)[0]
        row.input, row.input_gradient = source.values, source.gradient
        row.output, row.output_gradient = target.values, target.gradient
        row.weights, row.bias, row.last_unit, row.panels, row.targets = weights, bias, units, panels, -1
        for name, value in own.items():
            row[name] = value
        if units > 0:
            self.units[len(self._rows)] = units
        self._rows.append(row)
        self._kernels.append((forward, backward if needs_backward else None))
        self.operations += operations
        return len(self._rows) - 1

    def add_gradient(self, gradient: Gradient) -> None:
        """Say how the gradient of some parameters is to be summed."""
        if self.training:
            self.gradients.append(gradient)

    def panels(self, buffer: Buffer) -> tuple[int, bool]:
        """Reserve a copy of an activation in panels: its offset, and whether the asker makes it."""
        known = buffer.values in self._copies
        if not known:
            self._copies[buffer.values] = self.allocate(self.panel_size(buffer.size))
        return self._copies[buffer.values], not known and buffer.values != self.input.values

    def panel_size(self, size: int) -> int:
        """Numbers per sample of a copy in panels, whose last panel is whole."""
        lanes = 64 // np.dtype(self.dtype).itemsize
        return -(-size // lanes) * lanes

    def settle(self) -> None:
        """Leave the last activation where it is: several operations will read it."""
        self.increasing = (-1, None, None)

    def take_back(self, buffer: Buffer) -> Any:
        """Remove the last operation if it is an increasing activation of ``buffer``, and return the activation.

        The maximum of increasing values is the value of the maximum: pooling first leaves fewer numbers to activate.
        """
        place, source, activation = self.increasing
        if place != len(self._rows) - 1 or source != buffer:
            return None
        self._rows.pop()
        self._kernels.pop()
        return activation

    def overwrite(self, buffer: Buffer) -> Buffer:
        """Let the gradient with respect to the last operation's output take the place of its values.

        That is for an output whose only reader overwrites each of its values, once it needs it no more, on the way
        back. There is then less memory to go through.
        """
        if buffer.gradient < 0 or self.size != buffer.gradient + buffer.size:
            return buffer
        self.size -= buffer.size
        self._rows[-1].output_gradient = buffer.values
        return Buffer(buffer.values, buffer.values, buffer.size)

    @property
    def numbers(self) -> int:
        """Numbers per sample in the workspace."""
        return self.images * self.size

    @property
    def source(self) -> Buffer:
        """What the first layer reads."""
        return self.input

    def loss(self, kernel: Kernel) -> Kernel:
        """Return the kernel of the loss, given that of an object's."""
        return kernel

    def arguments(self, parameters: NDArray[Any]) -> NDArray[Any]:
        """Return what kernels are given as the parameters."""
        return parameters

    def complete(self, loss: table.Record) -> None:
        """Put into a loss's row what this kind of program adds to it."""

    @property
    def kernels(self) -> list[tuple[Kernel, str]]:
        """Every kernel of the table and of the tiles, and its kind."""
        pairs = [(kernel, LAYER) for pair in self._kernels for kernel in pair if kernel is not None]
        return pairs + [(gradient.kernel, GRADIENT) for gradient in self.gradients]

    @property
    def rows(self) -> table.Records:
        """The table, one row an operation."""
        for row, (forward, backward) in zip(self._rows, self._kernels, strict=True):
            row.forward = address(forward, LAYER, self.dtype)
            row.backward = 0 if backward is None else address(backward, LAYER, self.dtype)
        return np.frombuffer(bytearray().join(row.tobytes() for row in self._rows), table.OPERATION)
