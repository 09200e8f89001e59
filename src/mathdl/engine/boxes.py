"""A program that follows, beside each object, the box of inputs around it by intervals (``kernels/boxes.py``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.memory import aligned
from mathdl.engine.program import Buffer, Gradient, Program
from mathdl.kernels import boxes as kernels
from mathdl.kernels import table
from mathdl.kernels.jit import LAYER, Kernel, address

Array = NDArray[Any]
WRAPPED = {True: (kernels.affine, kernels.affine_backward), False: (kernels.increasing, kernels.increasing_backward)}


@dataclass(frozen=True)
class Boxes:
    """The boxes of a training: inputs off by at most ``radius``, where ``limited`` kept between 0 and 1.

    Between two updates the radius, and the share of the worst case in the loss, grow from 0 to this one and to ``most``.
    """

    radius: float
    limited: bool
    first_update: int
    last_update: int
    most: float


class BoxProgram(Program):
    """The same operations, each on the images of an object, of the least and of the largest values over its box.

    ``source`` is what layers read in place of ``input``.
    """

    images = kernels.IMAGES

    def __init__(self, dtype: str, features: int, boxes: Boxes, loss: Kernel, takes_classes: bool) -> None:
        super().__init__(dtype, features, training=True)
        self.loss, self.takes_classes = loss, takes_classes
        self.share = self.allocate(1)
        self.source = self.buffer(features, gradient=False)
        self._wrapped: dict[int, tuple[Kernel, Kernel]] = {}
        self._factors: list[slice] = []  # of the parameters: those that numbers are multiplied by
        own = {"width": features, "share": self.share, **vars(boxes)}
        super().add(kernels.surround, kernels.no_gradient, self.input, self.source, own)
        self.draws += 1

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
        is_affine, operations = weights >= 0, kernels.IMAGES * operations
        if is_affine:
            ends, source = source, self.buffer(source.size, gradient=source.gradient >= 0)
            super().add(kernels.to_middle, kernels.to_middle_backward, ends, source, {"width": source.size})
        row = super().add(forward, backward, source, target, own, weights=weights, operations=operations, **others)
        self._wrapped[row] = WRAPPED[is_affine]
        if is_affine:
            super().add(kernels.to_ends, kernels.to_ends_backward, target, target, {"width": target.size})
        return row

    def add_gradient(self, gradient: Gradient) -> None:
        """Say how the gradient of some parameters is to be summed; it is never a single product d x^T."""
        super().add_gradient(replace(gradient, width=-1))
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
        known = [self.loss, *(kernel for pair in WRAPPED.values() for kernel in pair)]
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
        return rows

    def complete(self, loss: table.Record) -> None:
        """Put into the row of the worst case where its share lies, and which loss it is of."""
        loss.image, loss.share, loss.takes_classes = self.size, self.share, self.takes_classes
        loss.plain = address(self.loss, LAYER, self.dtype)

    def arguments(self, parameters: Array) -> Array:
        """Return the parameters and behind them their sizes, zeros in the places of biases."""
        both = aligned(2 * len(parameters), self.dtype)
        both[: len(parameters)] = parameters
        for factors in self._factors:
            np.abs(parameters[factors], out=both[len(parameters) :][factors])
        return both
