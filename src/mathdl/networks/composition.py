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

    Modes: "predict" (outputs), "score" (outputs and loss), "train" (gradients too), "inspect" (all kept). With boxes, in
    training, the loss is that of the objects and of what may come of the boxes around them.
    """
    if loss is not None and loss.takes_classes and prod(layers[-1].output_shape) < 2:
        raise InputError("cross_entropy needs at least two outputs; use binary_cross_entropy for a single one.")
    training, inspecting = mode in ("train", "inspect"), mode == "inspect"
    features, around = prod(layers[0].input_shape), None
    if loss is not None and boxes is not None:
        program: Program = (around := BoxProgram(dtype, features, boxes, loss.kernel, loss.takes_classes))
    else:
        program = Program(dtype, features, training=training, keep_all=inspecting)
    buffers, first, final = [program.input if around is None else around.source], 0, final_layer(layers)
    for layer in layers:
        if layer is final and loss is not None and absorbed(layers, loss):
            layer = copy(layer)
            layer.activation = IDENTITY
        if layer is final and around is not None:
            around.compares = around.takes_classes and isinstance(layer, Dense) and layer.activation == IDENTITY
        buffers.append(layer.emit(program, buffers[-1], first))
        first += layer.size
    output, kernel = buffers[-1], around.loss if around is not None else loss.kernel if loss is not None else None
    width = 0 if loss is None else 1 if loss.takes_classes else output.size
    return Executable(program, output, kernel, output, width), buffers
