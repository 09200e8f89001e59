"""The layers of a network composed (Definition 4.1.3): one program for the engine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from copy import copy
from math import prod

from mathdl.engine.boxes import Boxes, BoxProgram
from mathdl.engine.executable import Executable
from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError
from mathdl.layers.activation import Activation
from mathdl.layers.composite import Composite
from mathdl.layers.dense import Dense
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer
from mathdl.networks.losses import Loss

IDENTITY = Activation("identity")


def final_layer(layers: Sequence[Layer]) -> Layer:
    """Return the last layer that computes anything."""
    return next((layer for layer in reversed(layers) if not isinstance(layer, Flatten)), layers[-1])


def final_activation(layers: Sequence[Layer]) -> str | None:
    """Return the name of the final layer's activation, None for a user's own."""
    final = final_layer(layers).activation
    return None if final.is_own else final.name


def every_layer(layers: Sequence[Layer]) -> Iterator[Layer]:
    """Yield the layers and, behind a Parallel or Residual, those inside it."""
    for layer in layers:
        yield layer
        if isinstance(layer, Composite):
            for chain in layer.chains:
                yield from every_layer(chain)


def absorbed(layers: Sequence[Layer], loss: Loss) -> bool:
    """Tell whether the loss contains the final activation."""
    return loss.absorbs != "" and final_activation(layers) == loss.absorbs


def compose(
    layers: Sequence[Layer], dtype: str, mode: str, loss: Loss | None, boxes: Boxes | None = None
) -> tuple[Executable, list[Buffer]]:
    """Return the compiled program of layers that have their shapes, and the buffers of the input and each output.

    Modes: "predict" (outputs), "score" (outputs and loss), "train" (gradients too), "inspect" (all kept). With boxes a
    program trains on the objects and on what may come of the boxes around them.
    """
    if loss is not None and loss.takes_classes and prod(layers[-1].output_shape) < 2:
        raise InputError("cross_entropy needs at least two outputs; use binary_cross_entropy for a single one.")
    if loss is not None and boxes is not None:
        program = _around_boxes(layers, dtype, loss, boxes)
    else:
        training, inspecting = mode in ("train", "inspect"), mode == "inspect"
        program = Program(dtype, prod(layers[0].input_shape), training=training, keep_all=inspecting)
    buffers, first = [program.source], 0
    for layer in layers:
        if layer is final_layer(layers) and loss is not None and absorbed(layers, loss):
            layer = copy(layer)
            layer.activation = IDENTITY
        buffers.append(layer.emit(program, buffers[-1], first))
        first += layer.size
    output, kernel = buffers[-1], program.loss(loss.kernel) if loss else None
    width = 0 if loss is None else 1 if loss.takes_classes else output.size
    return Executable(program, output, kernel, output, width), buffers


def _around_boxes(layers: Sequence[Layer], dtype: str, loss: Loss, boxes: Boxes) -> Program:
    """Return an empty program for boxes, which knows whether a last dense layer's outputs are only compared."""
    final = final_layer(layers)
    plain = isinstance(final, Dense) and (final.activation == IDENTITY or absorbed(layers, loss))
    compared = sum(layer.size for layer in layers) - final.size if plain and loss.takes_classes else -1
    return BoxProgram(dtype, prod(layers[0].input_shape), boxes, loss.takes_classes, compared)
