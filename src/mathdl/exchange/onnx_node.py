"""A node of an ONNX graph as it is read: its operator, its attributes and its constants."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exchange.chain import Unexpressed

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class Node:
    """One operation; ``place`` says where it stands, ``constants`` has those of its inputs that are known arrays."""

    operator: str
    place: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]
    constants: Mapping[str, Array]
    opset: int
    objects: int  # what stands for their number in computed shapes

    @property
    def data(self) -> list[str]:
        """The inputs that depend on the graph's own input."""
        return [name for name in self.inputs if name and name not in self.constants]

    def with_attributes(self, attributes: Mapping[str, Any]) -> Node:
        """Return the node with other attributes."""
        return replace(self, attributes=attributes)

    def attribute(self, name: str, default: Any = None) -> Any:
        """Return an attribute, texts decoded."""
        value = self.attributes.get(name, default)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else value

    def has(self, place: int) -> bool:
        """Tell whether an optional input is given."""
        return len(self.inputs) > place and self.inputs[place] != ""

    def constant(self, place: int) -> Array:
        """Return an input that has to be a constant."""
        if not self.has(place) or self.inputs[place] not in self.constants:
            raise Unexpressed(f"its input {place + 1} is computed from others, and a parameter is a constant")
        return self.constants[self.inputs[place]]

    def numbers(self, place: int) -> Array:
        """Return an input that has to be constant, finite numbers of single or double precision."""
        values = self.constant(place)
        if values.dtype not in (np.float32, np.float64):
            raise Unexpressed(f"its parameters are of the type {values.dtype}; networks have float32 or float64")
        if not np.isfinite(values).all():
            raise Unexpressed("a parameter is not a finite number")
        return values

    def number(self, name: str, place: int) -> float | None:
        """Return a number that older opsets have as an attribute and newer ones as an input; None if absent."""
        if self.has(place):
            return float(self.constant(place).reshape(-1)[0])
        value = self.attribute(name)
        return None if value is None else float(value)

    def integers(self, name: str, place: int) -> list[int] | None:
        """Return whole numbers that older opsets have as an attribute and newer ones as an input."""
        if self.has(place):
            return [int(value) for value in self.constant(place).reshape(-1)]
        value = self.attribute(name)
        return None if value is None else [int(each) for each in value]
