"""A start that is going nowhere: noticed in the first epochs, and begun again at a lower rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.training.callbacks import Callback

if TYPE_CHECKING:  # it would load the compiler
    from mathdl.training.training import Training

Array = NDArray[Any]
FIRST_EPOCHS = 10  # chosen: after these, a start is no longer watched
SAME = 1e-6  # outputs that differ by less, relative to the largest, are the same but for rounding


class FalseStart(Callback):
    """Ask for a new start where the network answers the same for all objects, as it does where a layer is dead.

    ``answers`` returns the network's present outputs for some training objects that are not all alike.
    """

    order = -2

    def __init__(self, answers: Callable[[], Array]) -> None:
        self.answers = answers

    def on_start(self, training: Training) -> None:
        """Keep the initial parameters; look at a resumed run as after its last epoch."""
        if "start" not in training.arrays and not training.updates:
            training.arrays["start"] = training.parameters.copy()
        self.on_epoch(training)

    def on_epoch(self, training: Training) -> None:
        """Look at the answers."""
        watched = 0 < training.epoch <= FIRST_EPOCHS and training.step == 0
        if watched and training.may_begin_again:
            training.wants_restart = _all_same(self.answers())


def _all_same(outputs: Array) -> bool:
    """Tell whether all objects have the same outputs, but for rounding."""
    return len(outputs) > 1 and bool(np.ptp(outputs, axis=0).max() <= SAME * max(1.0, float(np.abs(outputs).max())))
