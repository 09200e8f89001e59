"""A small network as a formula."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mathdl.errors import InputError
from mathdl.layers.dense import Dense
from mathdl.layers.dropout import Dropout
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer

MAX_TERMS = 400  # chosen: more than anyone reads


def formula(layers: Sequence[Layer]) -> str:
    """Return the equations of dense layers, one line for each neuron."""
    computing = [layer for layer in layers if not isinstance(layer, Flatten | Dropout)]
    other = next((layer for layer in computing if not isinstance(layer, Dense)), None)
    if other is not None:
        raise InputError(f"A formula is written of dense layers, but the network holds {other!r}.")
    if sum(layer.size for layer in computing) > MAX_TERMS:
        raise InputError(f"The formula would have more than {MAX_TERMS} terms; give a smaller network.")
    lines, given = [], [f"x{i + 1}" for i in range(int(np.prod(layers[0].input_shape)))]
    for k, layer in enumerate(computing):
        letter = "y" if k == len(computing) - 1 else "h" if len(computing) == 2 else f"h{k + 1}_"
        names = [f"{letter}{j + 1}" for j in range(layer.output_shape[0])]
        lines += _equations(layer, given, names)
        given = names
    return "\n".join(lines)


def _equations(layer: Any, given: list[str], names: list[str]) -> list[str]:
    """Return the equations of one layer's neurons."""
    sums = [
        written_sum([*row, 0 if layer.bias is None else layer.bias[j]], [*given, ""])
        for j, row in enumerate(layer.weights.tolist())
    ]
    name = layer.activation.name
    if name == "softmax" and not layer.activation.is_own:
        bare = [f"z{j + 1}" for j in range(len(names))]
        return [f"{z} = {text}" for z, text in zip(bare, sums, strict=True)] + [
            f"({', '.join(names)}) = softmax({', '.join(bare)})"
        ]
    return [f"{y} = {text if name == 'identity' else f'{name}({text})'}" for y, text in zip(names, sums, strict=True)]


def written_sum(factors: Sequence[float], names: Sequence[str]) -> str:
    """Return a sum of multiples as a text: without zeros, and without the factor 1."""
    text = ""
    for factor, name in zip(factors, names, strict=True):
        if factor:
            size = "" if abs(factor) == 1 and name else f"{abs(factor):.6g}"
            sign = ("-" if factor < 0 else "") if not text else " - " if factor < 0 else " + "
            text += f"{sign}{' '.join(filter(None, (size, name)))}"
    return text or "0"
