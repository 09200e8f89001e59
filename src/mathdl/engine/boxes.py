"""A program that follows, beside each object, the box of inputs around it by intervals (``kernels/boxes.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.memory import aligned
from mathdl.engine.program import Buffer, Gradient, Program
from mathdl.kernels import boxes as kernels
from mathdl.kernels import differences, table
from mathdl.kernels.jit import LAYER, Kernel, address

Array = NDArray[Any]
INCREASING = kernels.increasing, kernels.increasing_backward
AFFINE = kernels.affine, kernels.affine_backward
COMPARED = differences.forward, differences.backward


@dataclass(frozen=True)
class Boxes:
    """The boxes of a training: inputs off by at most ``radius``, where ``limited`` kept between 0 and 1.

    Between two updates the radius grows from 0 to this one, and the share of the worst case in the loss to ``most``.
    """

    radius: float
    limited: bool
    first_update: int
    last_update: int
    most: float


class _Compared(NamedTuple):
    """The last dense layer's row, and what it reads."""

    row: int
    source: Buffer


class BoxProgram(Program):
    """The same operations, each on the images of an object, of the least and of the largest values over its box.

    ``takes_classes`` tells whether a target is a class number, and ``compared`` where the weights of a last dense layer
    begin whose outputs are only compared with one another, -1 without one.
    """

    images = kernels.IMAGES

    def __init__(self, dtype: str, features: int, boxes: Boxes, takes_classes: bool, compared: int) -> None:
        super().__init__(dtype, features, training=True)
        self._takes_classes, self._compared_weights = takes_classes, compared
        self._plain_loss: Kernel | None = None
        self._wrapped: dict[int, tuple[Kernel, Kernel]] = {}
        self._factors: list[slice] = []  # of the parameters: those that numbers are multiplied by
        self._compared: _Compared | None = None
        self._targets = -1
        self._share = self.allocate(1)
        self._source = self.buffer(features, gradient=False)
        own = {"width": features, "share": self._share, **vars(boxes)}
        super().add(kernels.surround, kernels.no_gradient, self.input, self._source, own)
        self.draws += 1

    @property
    def source(self) -> Buffer:
        """What the first layer reads: the input and the ends of its box."""
        return self._source

    def loss(self, kernel: Kernel) -> Kernel:
        """Return the kernel of the loss of objects and boxes."""
        self._plain_loss = kernel
        return kernels.worst_outputs if self._compared is None else kernels.worst_differences

    def add(
        self,
        forward: Kernel,
        backward: Kernel,
        source: Buffer,
        target: Buffer,
        own: Mapping[str, float],
        *,
        weights: int = -1,
        operations: int = 0,
        **others: int,
    ) -> int:
        """Append an operation, between two that make middles and reaches of ends and the reverse where it is affine."""
        operations *= self.images
        if weights < 0:
            row = super().add(forward, backward, source, target, own, operations=operations, **others)
            self._wrapped[row] = INCREASING
            return row
        middle = self.buffer(source.size, gradient=source.gradient >= 0)
        super().add(kernels.to_middle, kernels.to_middle_backward, source, middle, {"width": source.size})
        row = super().add(forward, backward, middle, target, own, weights=weights, operations=operations, **others)
        if weights == self._compared_weights:
            self._wrapped[row], self._compared = COMPARED, _Compared(row, middle)
            del self.units[row]
            return row
        self._wrapped[row] = AFFINE
        super().add(kernels.to_ends, kernels.to_ends_backward, target, target, {"width": target.size})
        return row

    def add_gradient(self, gradient: Gradient) -> None:
        """Say how the gradient of some parameters is to be summed; it is never a single product d x^T.

        That of differences needs all units' weights as they were before the update: they are one tile.
        """
        whole = self._compared is not None and gradient.row == self._compared.row
        super().add_gradient(replace(gradient, width=-1, whole=whole))
        if gradient.start == self._rows[gradient.row].weights:
            self._factors.append(slice(gradient.start, gradient.start + gradient.count * gradient.size))

    def take_back(self, buffer: Buffer) -> Any:
        """Remove the last operation if it is an increasing activation of ``buffer``, and return the activation."""
        if (activation := super().take_back(buffer)) is not None:
            del self._wrapped[len(self._rows)]
        return activation

    def overwrite(self, buffer: Buffer) -> Buffer:
        """Leave gradients a place of their own: ends are made of values where these are."""
        return buffer

    @property
    def kernels(self) -> list[tuple[Kernel, str]]:
        """Every kernel of the table and of the tiles, those for one image too, and its kind."""
        known = [kernel for pair in self._wrapped.values() for kernel in pair]
        known += [] if self._plain_loss is None else [self._plain_loss]
        return super().kernels + [(kernel, LAYER) for kernel in known]

    @property
    def rows(self) -> table.Records:
        """The table, one row an operation."""
        rows = super().rows
        rows["image"], rows["draw_seed"] = self.size, -1
        for number, wrapper in self._wrapped.items():
            row = rows[number]
            row["plain"], row["plain_backward"] = row["forward"], row["backward"]
            row["forward"] = address(wrapper[0], LAYER, self.dtype)
            row["backward"] = address(wrapper[1], LAYER, self.dtype) if row["plain_backward"] else 0
        if self._compared is not None:
            rows["targets"][self._compared.row] = self._targets
        return rows

    def complete(self, loss: table.Record) -> None:
        """Put into the row of the loss where its share and the last layer's numbers lie, and which loss it is of."""
        loss.image, loss.share, loss.takes_classes = self.size, self._share, self._takes_classes
        assert self._plain_loss is not None
        loss.plain, self._targets = address(self._plain_loss, LAYER, self.dtype), loss.targets
        if self._compared is not None:
            loss.weights, source = self._compared_weights, self._compared.source
            loss.reaches, loss.inputs = source.values, source.size

    def arguments(self, parameters: Array) -> Array:
        """Return the parameters and behind them their sizes, zeros in the places of biases."""
        both = aligned(2 * len(parameters), self.dtype)
        both[: len(parameters)] = parameters
        for factors in self._factors:
            np.abs(parameters[factors], out=both[len(parameters) :][factors])
        return both
