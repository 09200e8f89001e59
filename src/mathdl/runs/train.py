"""The main job: from data to a trained model, its metrics and a report."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mathdl.data import read
from mathdl.descent.schedules import CosineSchedule
from mathdl.errors import FileError, TrainingInterrupted
from mathdl.files.checkpoint import Checkpoint, load_checkpoint
from mathdl.networks.network import Network
from mathdl.runs.command_line import command_line
from mathdl.runs.default_network import default_network
from mathdl.runs.network_file import read_network_file
from mathdl.runs.network_outcome import NetworkOutcome
from mathdl.runs.output_folder import MODEL, REPORT, check_folder, make_folder
from mathdl.runs.prepared_data import PreparedData, prepare
from mathdl.runs.settings import Choices, Settings
from mathdl.training.callbacks import Callback
from mathdl.training.history import History
from mathdl.training.watch import Watch

if TYPE_CHECKING:
    from mathdl.training.training import Training, TrainingState

CHECKPOINT = "checkpoint.safetensors"
CHECKPOINTS = 20  # about so many are made in a run of many short epochs
LOSSES = {"classification": "cross_entropy", "regression": "mean_square"}


@dataclass(frozen=True)
class TrainingRun:
    """A finished run.

    Attributes
    ----------
    metrics : dict
        ``test_accuracy``, or ``test_r2`` and ``test_rmse``; ``train_seconds``, ``parameters``, ``epochs`` and more.
    folder, model, report : Path
        Where everything lies, the model file and the report.
    history : History
        The record of the training.
    message : str
        One sentence where something is to be said, as when training diverged.
    warnings : list of str
        What the layers in training warn of; see :class:`~mathdl.Watch`.
    """

    metrics: dict[str, Any]
    folder: Path
    model: Path
    report: Path
    history: History
    message: str
    warnings: list[str]


def train(
    source: str | os.PathLike[str],
    *,
    out: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    target: str | None = None,
    task: str | None = None,
    network: str | os.PathLike[str] | None = None,
    epochs: int | None = None,
    batch_size: int | None = None,
    learning_rate: float | str | None = None,
    momentum: float | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
    threads: int | None = None,
    resume: bool = False,
    command: str = "",
    callbacks: Sequence[Callback] = (),
) -> TrainingRun:
    """Train a network on data; write the model, its metrics and a report.

    The learning rate falls along half a cosine. The test part is touched once, at the end.

    Parameters
    ----------
    source : str or path
        ``"digits"``, ``"mnist"``, a CSV, Parquet or NPZ file, or a folder of images by class.
    out : path
        Folder for ``model.safetensors``, ``metrics.json`` and ``report.html``; made where it is missing.
    data : path, optional
        Folder of MNIST's files.
    target : str, optional
        The column to learn.
    task : {"classification", "regression"}, optional
        What to learn; by default as the target suggests.
    network : path, optional
        A TOML file that lists the layers; by default a small network that suits the data.
    epochs, batch_size, learning_rate, momentum : optional
        By default what suits the data. With the learning rate "auto" one is looked for first.
    test_fraction : float, default 0.2
        Share of the data kept apart for testing, where they bring no test part.
    seed : int, default 0
        Seed of the split, the initial parameters and the order of objects.
    threads : int, optional
        Threads to use; the result is the same.
    resume : bool, default False
        Go on from the checkpoint that an interrupted run left in ``out``, to the same model.
    command : str, optional
        The command that reproduces the run, for the report.
    callbacks : sequence of Callback, optional
        Such as a progress bar.

    Returns
    -------
    TrainingRun

    Raises
    ------
    InputError
        If data, network or an argument cannot be used; nothing is written then.
    TrainingInterrupted
        After Ctrl-C; a checkpoint lies in ``out``, and the message says how to go on. While a learning rate is looked
        for there is no checkpoint yet.
    """
    choices = Choices(epochs, batch_size, learning_rate, momentum)
    choices.check(seed=seed, threads=threads)
    folder = Path(out)
    check_folder(folder)
    if resume and not (folder / CHECKPOINT).exists():
        raise FileError(f"There is no {folder / CHECKPOINT} to resume from; start anew, without resume.")
    file = None if network is None else read_network_file(network)
    prepared = prepare(
        read(source, target=target, data=data),
        task=task,
        test_fraction=test_fraction,
        seed=seed,
        dtype="float32" if file is None else file.dtype,
    )
    make = default_network if file is None else file.network
    net = make(prepared.input_shape, prepared.outputs, seed)
    settings = choices.settle(prepared)
    if not command:
        options = {"data": data, "target": target, "task": task, "network": network, **asdict(choices)}
        options |= {"test_fraction": test_fraction, "seed": seed, "threads": threads, "out": out}
        command = command_line(source, options)
    run = _Run(folder, prepared, net, settings, seed, command)
    history, seconds, watch = run.fit(threads, resume, callbacks)
    facts = {"source": os.fspath(source), "target": target, "test_fraction": test_fraction}
    return run.finish(history, seconds, watch, {name: value for name, value in facts.items() if value is not None})


@dataclass(frozen=True, eq=False)
class _Run:
    """A run with everything settled."""

    folder: Path
    data: PreparedData
    network: Network
    settings: Settings
    seed: int
    command: str

    def fit(self, threads: int | None, resume: bool, callbacks: Sequence[Callback]) -> tuple[History, float, Watch]:
        """Train; return the records and the seconds that it took, with those of the runs that this one resumes."""
        clock, watch = _Clock(), Watch()
        path, data = self.folder / CHECKPOINT, self.data
        shared = {**asdict(self.settings), "seed": self.seed, "network": self.network.architecture}
        shared["training data"] = data.fingerprint()
        checkpoint = Checkpoint(path, every=max(1, self.settings.epochs // CHECKPOINTS), settings=shared)
        state: TrainingState | None = load_checkpoint(path, shared) if resume else None
        try:
            history = self.network.fit(
                data.train.inputs,
                data.train.targets,
                loss=LOSSES[data.task],
                rule=self.settings.rule,
                batch_size=self.settings.batch_size,
                epochs=self.settings.epochs,
                seed=self.seed,
                threads=threads,
                validation=None if data.validation is None else (data.validation.inputs, data.validation.targets),
                schedule=CosineSchedule(),
                callbacks=(_MakeFolder(self.folder), clock, watch, *callbacks, checkpoint),
                resume=state,
            )
        except TrainingInterrupted as stop:
            again = self.command if "--resume" in shlex.split(self.command) else f"{self.command} --resume"
            if stop.history is None:  # it was interrupted before the first step
                message = f"{stop} Nothing is trained or written yet; start again with: {self.command}"
            else:
                message = f"{stop} Go on with: {again}"
            interrupted = TrainingInterrupted(message)
            interrupted.history = stop.history
            raise interrupted from None
        return history, clock.seconds, watch

    def finish(self, history: History, seconds: float, watch: Watch, facts: dict[str, Any]) -> TrainingRun:
        """Test the model, write everything, and remove the checkpoint."""
        command = shlex.join(word for word in shlex.split(self.command) if word != "--resume")
        facts |= {"task": self.data.task, **asdict(self.settings), "seed": self.seed, "command": command}
        metrics = NetworkOutcome(self.network, self.data, history, watch, seconds, facts).write(self.folder)
        (self.folder / CHECKPOINT).unlink(missing_ok=True)
        model, report = self.folder / MODEL, self.folder / REPORT
        return TrainingRun(metrics, self.folder, model, report, history, history.message, watch.warnings)


class _MakeFolder(Callback):
    """Makes the run's folder when all that was given has been checked and training begins."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def on_start(self, training: Training) -> None:
        """Make the folder."""
        make_folder(self.folder)


class _Clock(Callback):
    """Knows how long training took, without the time that the first run takes to compile."""

    seconds = 0.0

    def on_end(self, training: Training) -> None:
        """Read the time."""
        self.seconds = training.seconds
