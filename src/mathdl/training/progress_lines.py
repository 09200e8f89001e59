"""Lines that say how far training is."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mathdl.training.callbacks import Callback

if TYPE_CHECKING:  # it would load the compiler
    from mathdl.training.training import Training


class ProgressLines(Callback):
    """Writes a line after each epoch."""

    def on_start(self, training: Training) -> None:
        """Write how the learning rate was found."""
        if training.history.search is not None:
            sys.stdout.write(f"{training.history.search.reason}\n")

    def on_epoch(self, training: Training) -> None:
        """Write the epoch and its loss."""
        sys.stdout.write(f"Epoch {training.epoch} of {training.epochs}: loss {training.history.loss[-1]:.6g}\n")
