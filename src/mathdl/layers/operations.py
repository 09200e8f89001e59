"""How many elementary operations a layer does for one object, in each step of backpropagation (Definition 9.1.2)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import NamedTuple

Operations = Counter[str]
"""Numbers of operations by kind, such as "additions"."""
NONE: Operations = Counter()


class LayerOperations(NamedTuple):
    """What a layer does for one object: forward, and backward by the steps of section 9.5.

    ``forward`` is step 0, its output with the activation; ``input_gradient`` step 1, dl/dx from dl/dz, for the layer
    before; ``activation_gradient`` the diagonal of step 2, dl/dz = dl/dh lambda'(z); ``parameter_gradient`` step 3,
    dl/da from dl/dz and x. The Jacobians themselves are not formed.
    """

    forward: Operations = NONE
    input_gradient: Operations = NONE
    activation_gradient: Operations = NONE
    parameter_gradient: Operations = NONE

    def plus(self, other: LayerOperations) -> LayerOperations:
        """Return the sums, step by step."""
        return LayerOperations(*(a + b for a, b in zip(self, other, strict=True)))

    @property
    def backward(self) -> Operations:
        """All of the steps 1 to 3."""
        return self.input_gradient + self.activation_gradient + self.parameter_gradient


def times(count: int, each: Mapping[str, int]) -> Operations:
    """Return so many times the same operations."""
    return Counter({kind: count * number for kind, number in each.items() if count * number})


def operations(**kinds: int) -> Operations:
    """Return operations by kind."""
    return Counter({kind: count for kind, count in kinds.items() if count})
