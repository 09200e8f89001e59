"""Checkpoints: a run of training on disk, from which it goes on as if it had never stopped."""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.checks import path_name, require_at_least
from mathdl.errors import FileError, InputError, InputWarning
from mathdl.files.archive import Archive, read_archive, write_archive
from mathdl.files.plain_values import rule_of
from mathdl.training.callbacks import Callback
from mathdl.training.history import History
from mathdl.training.training import Training, TrainingState

KIND = "Checkpoint"
MAX_SHOWN = 100  # chosen: characters of a difference that an error shows


class Checkpoint(Callback):
    """Save the state of training every so many epochs, and when it is interrupted.

    Hand what :func:`load_checkpoint` returns to ``fit(..., resume=...)`` to go on: the parameters will be the same
    to the last bit as without interruption.

    Parameters
    ----------
    path : path
        The file to write, whole or not at all, by custom ``.safetensors``.
    every : int, default 1
        Epochs from one checkpoint to the next; at least 1.
    settings : mapping, optional
        More that a resumed run must share, as JSON can hold it; see :func:`load_checkpoint`.

    Raises
    ------
    InputError
        If ``every`` is no whole number of at least 1.
    FileError
        If the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> from mathdl import Checkpoint, Dense, Network
    >>> net = Network([Dense(1)], input_shape=(1,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = f"{folder}/run.safetensors"
    ...     _ = net.fit([[1.0], [2.0]], [1.0, 2.0], loss="mean_square", epochs=3, callbacks=[Checkpoint(path)])
    ...     load_checkpoint(path).record["epoch"]
    3
    """

    order = 1  # what others keep in training.arrays must be of the epoch that is saved

    def __init__(self, path: str | os.PathLike[str], every: int = 1, settings: Mapping[str, Any] | None = None) -> None:
        require_at_least("Checkpoint: every", every, 1)
        self.path, self.every, self.settings = (
            Path(path_name(path)),
            int(every),
            _checked_settings("Checkpoint", settings),
        )

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.path)!r}, every={self.every})"

    def on_start(self, training: Training) -> None:
        """Check that there is a folder to write to; warn of what save will not take."""
        if not self.path.parent.is_dir():
            raise FileError(f"There is no folder {self.path.parent} for the checkpoint; make it first.")
        if training.own_activations:
            warnings.warn(
                f"The activation {training.own_activations[0]!r} is a function of your own: the checkpoint can be "
                "resumed where it is defined again, but save will not take the network, since a file holds no code.",
                InputWarning,
                stacklevel=2,
            )

    def on_epoch(self, training: Training) -> None:
        """Save the state where it is time."""
        if training.epoch % self.every == 0:
            self._save(training)

    def on_end(self, training: Training) -> None:
        """Save the state of a run that ended before its last epoch."""
        if training.history.status in ("interrupted", "stopped early"):
            self._save(training)

    def _save(self, training: Training) -> None:
        state = training.state()
        write_archive(self.path, Archive(KIND, state.arrays, {"state": state.record, "settings": self.settings}))


def load_checkpoint(path: str | os.PathLike[str], settings: Mapping[str, Any] | None = None) -> TrainingState:
    """Load what :class:`Checkpoint` saved.

    Parameters
    ----------
    path : path
        The file.
    settings : mapping, optional
        What the run to be resumed must have been made with: the ``settings`` given to :class:`Checkpoint`.

    Returns
    -------
    TrainingState
        For ``fit(..., resume=...)``, with the same data and arguments as before.

    Raises
    ------
    FileError
        If the file is missing, damaged or no checkpoint.
    InputError
        If the checkpoint was made with other settings; the message names the first that differs.
    """
    mine = _checked_settings("load_checkpoint", settings)
    archive = read_archive(path, (KIND,))
    try:
        state = TrainingState(archive.arrays, archive.record["state"])
        _check_state(state)
        saved = dict(archive.record["settings"])
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        reason = str(error).rstrip(".") if isinstance(error, InputError) else f"{type(error).__name__}: {error}"
        raise FileError(f"{path} is damaged: {reason}; start anew.") from error
    for name, value in mine.items():
        if saved.get(name) != value:
            what = f"{name} {saved.get(name)!r}, but this run has {value!r}"
            if len(what) > MAX_SHOWN:
                what = f"another {name} than this run has"
            raise InputError(f"{path} was made with {what}; resume with the same settings, or start anew.")
    return state


def _checked_settings(caller: str, settings: Any) -> dict[str, Any]:
    """Return settings as a dictionary."""
    if settings is not None and not isinstance(settings, Mapping):
        raise InputError(f"{caller}: settings is {settings!r}; give a dictionary of settings by name.")
    return dict(settings or {})


def _check_state(state: TrainingState) -> None:
    """Refuse what no run of training could have left."""
    record, arrays = state.record, state.arrays
    size, dtype, epoch, step = record["size"], record["dtype"], record["epoch"], record["step"]
    if not all(type(record[name]) is int and record[name] >= 0 for name in ("epoch", "step", "updates")):
        raise FileError("its counts are no whole numbers of at least 0")
    if not np.isfinite(float(record["seconds"])):
        raise FileError("its time is not finite")
    parameters, memory, losses = arrays["parameters"], arrays["memory"], arrays["losses"]
    if parameters.shape != (size,) or not parameters.dtype == memory.dtype == dtype:
        raise FileError(f"its parameters are of shape {parameters.shape} and type {parameters.dtype}")
    if not np.isfinite(parameters).all():
        raise FileError("a parameter is not a finite number")
    if memory.shape != (rule_of(record["rule"]).vectors * size,) or losses.shape != (step,):
        raise FileError(f"its memory has shape {memory.shape} and its losses {losses.shape}")
    history = History.from_dict(record["history"])
    if history.epochs != epoch or any(len(r) not in (0, epoch) for r in (history.validation_loss, history.seconds)):
        raise FileError(f"its history does not tell of {epoch} epochs")
