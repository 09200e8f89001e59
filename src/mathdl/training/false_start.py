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
FAR_ABOVE = 1.5  # times: noise is learned at up to 1.2 times the trivial loss in the first epochs, measured
SAME = 1e-6  # outputs that differ by less, relative to the largest, are the same but for rounding


class FalseStart(Callback):
    """Ask for a new start where the network answers the same for all objects, as it does where a layer is dead.

    So it does where the steps have only driven the loss up, beyond the trivial one, that of the best constant answer.
    A loss that stays about the trivial one is no such sign: it is what features come to that say nothing.

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
        """Keep the loss before the first step; look at the answers, and in the end at the loss."""
        if training.epoch == 1 and training.step == 0 and "first_loss" not in training.arrays:
            training.arrays["first_loss"] = training.losses[:1].copy()
        watched = 0 < training.epoch <= FIRST_EPOCHS and training.step == 0
        if watched and training.may_begin_again:
            training.wants_restart = _all_same(self.answers()) or _driven_up(training)


def _driven_up(training: Training) -> bool:
    """Tell, at the end of the first epochs, whether the loss is far above where it began and above the trivial one."""
    first, end = training.arrays.get("first_loss"), min(FIRST_EPOCHS, training.epochs)
    if first is None or training.trivial_loss is None or training.epoch < end:
        return False
    lately = min(training.history.loss[end // 2 :])  # one epoch alone may be bad in a training that goes well
    return lately > FAR_ABOVE * max(float(first[0]), training.trivial_loss())


def _all_same(outputs: Array) -> bool:
    """Tell whether all objects have the same outputs, but for rounding."""
    return len(outputs) > 1 and bool(np.ptp(outputs, axis=0).max() <= SAME * max(1.0, float(np.abs(outputs).max())))
