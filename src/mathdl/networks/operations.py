"""What a network costs for one object: operations of every layer, forward and backward, and memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from mathdl.layers.layer import Layer
from mathdl.layers.operations import LayerOperations

STEPS = ("forward", "input_gradient", "activation_gradient", "parameter_gradient")
HEAD = ("layer", "forward", "backward", "dl/dh", "lambda'", "dl/da", "numbers", "parameters")


@dataclass(frozen=True)
class NetworkOperations:
    """The elementary operations (Definition 9.1.2) of a network for one object, without its loss.

    Attributes
    ----------
    layers : list of str
        The layers, as they are written.
    steps : list of dict of str to dict of str to int
        For each layer its operations by kind, such as "additions", in each step: "forward" (step 0 of section 9.5),
        "input_gradient" (step 1: dl/dh of the layer before), "activation_gradient" (dl/dz = dl/dh lambda'(z), which
        steps 1 and 2 share) and "parameter_gradient" (step 3). What the first layers would hand to the input is left
        out: nobody needs it. A user's own activation counts as one elementary function.
    outputs, parameters : list of int
        Numbers that each layer gives for an object, and its parameters.
    bytes_per_number : int
        4 or 8.
    """

    layers: list[str]
    steps: list[dict[str, dict[str, int]]]
    outputs: list[int]
    parameters: list[int]
    bytes_per_number: int

    @property
    def forward(self) -> int:
        """Operations of the forward pass of one object."""
        return sum(self._of("forward"))

    @property
    def backward(self) -> int:
        """Operations of the steps 1 to 3 for one object."""
        return sum(sum(self._of(step)) for step in STEPS[1:])

    @property
    def kinds(self) -> dict[str, int]:
        """All operations of one object by kind."""
        found: Counter[str] = Counter()
        for steps in self.steps:
            for counted in steps.values():
                found.update(counted)
        return dict(found)

    def gradient(self, objects: int = 1) -> int:
        """Return the operations of the mean gradient over some objects: step 4 adds a sum or a division each.

        Parameters
        ----------
        objects : int, default 1
            How many.
        """
        mean = objects * sum(self.parameters) if objects > 1 else 0
        return objects * (self.forward + self.backward) + mean

    @property
    def memory(self) -> int:
        """Bytes of the parameters, of all outputs of one object, and of the gradients of both."""
        return 2 * self.bytes_per_number * (sum(self.outputs) + sum(self.parameters))

    def _of(self, step: str) -> list[int]:
        """The operations of every layer in a step."""
        return [sum(steps[step].values()) for steps in self.steps]

    def table(self) -> list[tuple[str, ...]]:
        """Return the head, a row for each layer, and the totals, as texts."""
        numbers = [self._of(step) for step in STEPS]
        backward = [sum(each) for each in zip(*numbers[1:], strict=True)]
        columns = [numbers[0], backward, *numbers[1:], self.outputs, self.parameters]
        rows = [(name, *row) for name, *row in zip(self.layers, *columns, strict=True)]
        rows.append(("total", *map(sum, columns)))
        return [HEAD, *((name, *(f"{number:,}" for number in row)) for name, *row in rows)]

    def __str__(self) -> str:
        widths = [max(map(len, column)) for column in zip(*self.table(), strict=True)]
        lines = [
            "  ".join([row[0].ljust(widths[0]), *(cell.rjust(w) for cell, w in zip(row[1:], widths[1:], strict=True))])
            for row in self.table()
        ]
        return "\n".join([*lines, self.summary()])

    def summary(self) -> str:
        """Return the totals by kind, the ratio of backward to forward, and the memory, in a few lines."""
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in self.kinds.items())
        ratio = f"backward / forward: {self.backward / self.forward:.3g}" if self.forward else "nothing is computed"
        parameters = sum(self.parameters)
        per = f"; gradient / parameters: {self.gradient() / parameters:.3g}" if parameters else ""
        return f"{kinds}\n{ratio}{per}\nmemory: {self.memory:,} bytes for one object"


def count(layers: Sequence[Layer], dtype: str, padding: bool) -> NetworkOperations:
    """Count the operations of layers that have their shapes."""
    zeros = None if padding else np.zeros(layers[0].input_shape, bool)
    steps, first = [], True
    for layer in layers:
        counted: LayerOperations = layer.operations(zeros, first)
        steps.append({step: dict(each) for step, each in zip(STEPS, counted, strict=True)})
        zeros = None if zeros is None else layer.known_zeros(zeros)
        first = first and layer.size == 0
    outputs = [prod(layer.output_shape) for layer in layers]
    sizes = [layer.size for layer in layers]
    return NetworkOperations([repr(layer) for layer in layers], steps, outputs, sizes, np.dtype(dtype).itemsize)
