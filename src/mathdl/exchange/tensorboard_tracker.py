"""Training written for TensorBoard while it goes."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from mathdl.checks import path_name
from mathdl.errors import FileError
from mathdl.exchange.optional_library import optional_library
from mathdl.exchange.tracked import numbers_of_epoch, parameters_of_run
from mathdl.training.callbacks import Callback
from mathdl.training.training import Training

PAUSE = 10  # seconds until what is written can be seen; chosen


class TensorBoardTracker(Callback):
    """Write each epoch's numbers, and at the start the settings, for TensorBoard.

    The extra ``mathdl[tensorboard]`` brings TensorBoard, and tensorboardX, which writes its files. A training that is
    resumed goes on at its epoch; one that begins anew takes the place of the one that was in the folder.

    Parameters
    ----------
    folder : path
        Where the files go; made where it is missing. Its name is that of the curve.

    Raises
    ------
    InputError
        If tensorboardX is not installed, or ``folder`` is no path.
    FileError
        If the folder cannot be written to.

    Examples
    --------
    >>> import tempfile
    >>> from mathdl import Dense, Network, TensorBoardTracker
    >>> net = Network([Dense(1)], input_shape=(1,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     tracker = TensorBoardTracker(folder)
    ...     history = net.fit([[1.0], [2.0]], [1.0, 2.0], loss="mean_square", epochs=3, callbacks=[tracker])
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(path_name(folder))
        self._writer: Any = None
        _library()

    def __repr__(self) -> str:
        return f"TensorBoardTracker({str(self.folder)!r})"

    def on_start(self, training: Training) -> None:
        """Open a file, which takes the place of what is later in those before; write the settings."""
        self._close()  # where training begins again
        first = training.epoch + 1 if training.epoch else 0
        suffix = f".{time.time_ns()}"  # files are read in the order of their names, which else count seconds
        try:
            self._writer = _library().SummaryWriter(
                str(self.folder), purge_step=first, filename_suffix=suffix, flush_secs=PAUSE
            )
        except OSError as error:
            raise FileError(f"{self.folder} cannot be written to ({error.strerror}); name another folder.") from error
        rows = [f"| {name} | {value} |" for name, value in parameters_of_run(training).items()]
        self._writer.add_text("settings", "\n".join(["| name | value |", "| --- | --- |", *rows]), training.epoch)

    def on_epoch(self, training: Training) -> None:
        """Write the epoch's numbers."""
        for name, value in numbers_of_epoch(training).items():
            self._writer.add_scalar(name, value, training.epoch)

    def on_end(self, training: Training) -> None:
        """Write how training ended, and close the file."""
        history = training.history
        self._writer.add_text("status", f"{history.status}. {history.message}".strip(), training.epoch)
        self._close()

    def _close(self) -> None:
        """Close the file, where one is open."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None


def _library() -> Any:
    """Import tensorboardX."""
    return optional_library("tensorboardX", "tensorboardX", "tensorboard", "TensorBoardTracker")
