"""Training for robustness: on what intervals bound, so that they prove it afterwards (Gowal et al. 2018).

The radius is 0 at first, and grows to the one that is asked for; with it grows the share of the worst case in the loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine.boxes import Boxes
from mathdl.engine.executable import Data, Executable
from mathdl.errors import InputError
from mathdl.layers.activation import INCREASING
from mathdl.layers.layer import Layer
from mathdl.networks.composition import IDENTITY, absorbed, compose, every_layer, final_layer
from mathdl.networks.losses import Loss

# Shares of the training's steps, and of the worst case in the loss at the end.
PLAIN_STEPS, FULL_STEPS = 0.05, 0.5
MOST = 1.0


def require_worst_case(layers: Sequence[Layer], loss: Loss, targets: NDArray[Any]) -> None:
    """Raise InputError where intervals cannot go through the layers, or the loss has no classes to keep."""
    if not loss.has_classes:
        raise InputError(
            f"robustness is for classes, but the loss is {loss.name}; give cross_entropy, or leave robustness out."
        )
    if loss.name == "binary_cross_entropy" and not np.isin(targets, (0, 1)).all():
        raise InputError("robustness is for classes, but y holds numbers between 0 and 1; give 0 or 1.")
    for layer in every_layer(layers):
        activation = layer.activation
        if layer is final_layer(layers) and absorbed(layers, loss):
            continue
        if activation.is_own or activation.name not in (IDENTITY.name, *INCREASING):
            raise InputError(
                f"robustness: {type(layer).__name__} has the activation {activation.name!r}, which is not known to "
                f"increase; choose one of identity, {', '.join(INCREASING)}."
            )


def boxes_around(data: Data, radius: float, steps: int) -> Boxes:
    """Return the boxes of a training of so many steps; limited to [0, 1] where all objects lie there, as pixels do."""
    inputs = data.inputs
    limited = inputs.dtype == np.uint8 or bool(inputs.min() >= 0 and inputs.max() <= 1)
    first = int(PLAIN_STEPS * steps)
    return Boxes(radius, limited, first, max(first + 1, int(FULL_STEPS * steps)), MOST)


def around_boxes(layers: Sequence[Layer], dtype: str, loss: Loss, boxes: Boxes) -> Executable:
    """Return the compiled program whose loss is that of the objects and of the worst case over the boxes."""
    return compose(layers, dtype, "train", loss, boxes)[0]
