"""What a run says while it goes, besides what training says."""

from __future__ import annotations

from collections.abc import Sequence

from mathdl.data.reading_options import ReadingProgress
from mathdl.training.callbacks import Callback


class RunProgress(Callback):
    """A callback of a run, told of the data before training begins and of every fold; of the latter it sees all too."""

    def show_data(self, lines: Sequence[tuple[str, str]]) -> None:
        """Run before training begins, with names and texts that say what the data are."""

    def show_reading(self, progress: ReadingProgress) -> None:
        """Run a few times a second while a table file is read, and at its end."""

    def show_fold(self, fold: int, folds: int) -> None:
        """Run before a fold of a cross-validation is trained on, which comes after the training proper."""
