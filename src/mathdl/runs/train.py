"""The main job: from data to a trained model, its metrics, a report, and perhaps a certificate."""

from __future__ import annotations

import os
import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mathdl.checks import require_at_least, require_truth_value, shortened
from mathdl.data import PADS, PictureOptions, check_pad, picture_size, read
from mathdl.errors import FileError, InputError
from mathdl.models.declaration import DeclaredEstimator
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.command_line import command_line
from mathdl.runs.evaluation import evaluate
from mathdl.runs.fitting import Fitting
from mathdl.runs.options import model_named, trains_in_epochs
from mathdl.runs.outcome import Outcome
from mathdl.runs.outputs import CHECKPOINT, checked_folder
from mathdl.runs.prepared_data import SplitData, prepare
from mathdl.runs.run import Run
from mathdl.runs.strict_json import plain
from mathdl.training.callbacks import Callback
from mathdl.training.watch import Watch


def train(
    data: Any,
    *,
    target: str | None = None,
    model: str = "network",
    task: str | None = None,
    data_folder: str | os.PathLike[str] | None = None,
    size: int | str | tuple[int, int] | None = None,
    pad: str = PADS[0],
    test_fraction: float = 0.2,
    seed: int = 0,
    threads: int | None = None,
    out: str | os.PathLike[str] | None = None,
    certify: bool = False,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
    command: str = "",
    **options: Any,
) -> Run:
    """Train a model on data, test it once, and report: what ``mathdl train`` does.

    Columns of numbers are standardised and text is one-hot encoded, by what the training part alone tells.

    Parameters
    ----------
    data : DataFrame, mapping, tuple of arrays, str or path
        Columns by name; or (X, y), where X of bytes (uint8) with three or four axes is images; or ``"digits"``,
        ``"mnist"``, a CSV, Parquet or NPZ file, or a folder of images by class. ``"kmeans"`` also takes X alone.
    target : str, optional
        The column to learn. ``"kmeans"`` needs none; one that is named is compared with the clusters.
    model : str, default "network"
        What to fit: ``"network"``, ``"linear"``, ``"polynomial"``, ``"logistic"``, ``"soft-margin"``,
        ``"hard-margin"`` or ``"kmeans"``.
    task : {"classification", "regression"}, optional
        What a network learns; by default as the target suggests.
    data_folder : path, optional
        Folder of MNIST's files.
    size : int, str or tuple of two int, optional
        What pictures of a folder are resized to, the aspect kept: a side in pixels, or width and height as
        ``"64x48"`` or ``(64, 48)``; by default their median size, of at most 64 pixels.
    pad : {"black", "white", "edge"}, default "black"
        The border of pictures of another shape; ``"edge"`` repeats the picture's own.
    test_fraction : float, default 0.2
        Share of the data kept apart for testing, where they bring no test part.
    seed : int, default 0
        Makes a run repeatable: its split, the start and the order of training, the first centres.
    threads : int, optional
        Threads to use, for models that use several; the result is the same.
    out : path, optional
        Folder for ``model.safetensors``, ``metrics.json`` and ``report.html``, made where it is missing; without it
        nothing is written, and :meth:`Run.save` writes.
    certify : bool, default False
        Whether to have the answer proved; where there is no certificate, the run's messages say why.
    resume : bool, default False
        Go on from the checkpoint that an interrupted run left in ``out``, to the same model.
    callbacks : sequence of Callback, optional
        For models that train epoch by epoch.
    command : str, optional
        What reproduces the run, for the report.
    **options
        Those of the model: ``network``, ``epochs``, ``batch_size``, ``learning_rate``, ``momentum``,
        ``augment`` of a network,
        ``regularization``, ``degree``, ``clusters``.

    Returns
    -------
    Run

    Raises
    ------
    InputError
        If data or an argument cannot be used; nothing is written then.
    NotSeparableError
        If no hyperplane separates the two classes of ``"hard-margin"``; with ``certify`` and ``out`` the certificate
        of that is written, and nothing else.
    TrainingInterrupted
        After Ctrl-C; a checkpoint lies in ``out``, and the message says how to go on.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [0.0, 1.0, 2.0, 3.0, 4.0], "y": [1.0, 3.0, 5.0, 7.0, 9.0]}
    >>> run = mathdl.train(table, target="y", model="linear")
    >>> run.model.predict({"x": [10.0]}).round(6)
    array([21.])
    """
    kinds = model_named(model, {**options, "task": task, "threads": threads, "certify": certify, "resume": resume})
    first = next(iter(kinds.values()))
    in_epochs = trains_in_epochs(first)
    require_at_least("seed", seed, 0)
    require_truth_value("certify", certify)
    require_truth_value("resume", resume)
    if not isinstance(command, str):
        raise InputError(f"command is {shortened(command)}; give a text.")
    check_pad(pad)
    pictures = PictureOptions(None if size is None else picture_size(size), pad)
    checked = first.checked_options(options, seed=seed, threads=threads)
    folder = None if out is None else checked_folder(out)
    if resume:
        _require_checkpoint(folder)
    source = read(data, target=target, data=data_folder, needs_target="clustering" not in kinds, pictures=pictures)
    split = prepare(source, list(kinds), task=task, test_fraction=test_fraction, seed=seed, validates=in_epochs)
    kind = kinds[split.task]
    _require_two_classes(kind, split)
    estimator = kind.for_run(split.facts(seed, threads, keep_images=in_epochs), checked)
    prepared = split.encode(_dtype(estimator), keep_images=in_epochs)
    named = {
        "model": None if model == "network" else model,
        "data": data_folder,
        "target": target,
        "task": task,
        "size": size,
    }
    named["pad"] = None if pad == PADS[0] else pad
    of_run = {"test_fraction": test_fraction, "seed": seed, "threads": threads, "out": out}
    command = command or command_line(data, {**named, **options, **of_run, "certify": certify, "resume": resume})
    notes = [*getattr(source, "notes", ())]
    fitting = Fitting(estimator, prepared, folder, certify, command, messages=notes)
    watch = fitting.train(seed, resume, callbacks) if in_epochs else fitting.solve()
    facts = {
        "model": model,
        "task": split.task,
        "source": os.fspath(data) if isinstance(data, str | os.PathLike) else source.name,
        **({} if target is None else {"target": target}),
        "test_fraction": test_fraction,
        "seed": seed,
        **estimator.settings(),
        "command": _without_resume(command),
    }
    run = _finished(fitting, watch, facts)
    if folder is not None:
        run.save(folder)
    return run


def _finished(fitting: Fitting, watch: Watch | None, facts: dict[str, Any]) -> Run:
    """Certify the fitted model where that is asked for, test it, and tell what came out."""
    estimator, data = fitting.estimator, fitting.data
    certificate = fitting.certificate()
    image_shape = data.split.image_shape if data.train.inputs.ndim == 2 else None
    pad = getattr(data.split.source, "pad", PADS[0])
    model = TrainedModel(estimator, data.split.preprocessing, image_shape, pad=pad)
    evaluation = evaluate(estimator, data)
    outcome = Outcome(model, data, evaluation, fitting.seconds, facts, fitting.messages, certificate, watch)
    metrics = outcome.metrics()
    model.training.update(plain(metrics))
    messages = [*fitting.messages, *(watch.warnings if watch else [])]
    return Run(model, metrics, certificate, outcome.history, messages, fitting.folder, outcome)


def _require_checkpoint(folder: Path | None) -> None:
    """Refuse to resume where there is nothing to resume from."""
    if folder is None:
        raise InputError("There is no folder to resume from; give out the folder of the run that was interrupted.")
    if not (folder / CHECKPOINT).exists():
        raise FileError(f"There is no {folder / CHECKPOINT} to resume from; start anew, without resume.")


def _require_two_classes(kind: type[DeclaredEstimator], split: SplitData) -> None:
    """Refuse data of more or fewer classes than two for a model that knows no others."""
    classes = 0 if split.classes is None else len(split.classes)
    if kind.declaration.two_classes and classes != 2:
        raise InputError(
            f"The model {kind.declaration.command} decides between two classes, but the data have {classes}; choose "
            "logistic, or a target with two."
        )


def _dtype(estimator: Any) -> str:
    """Return the type of number that an estimator reads: its parameter ``dtype``, else float64."""
    return estimator.get_params(deep=False).get("dtype") or "float64"


def _without_resume(command: str) -> str:
    """Return the command that makes the run at one go."""
    words = shlex.split(command)
    return shlex.join(word for word in words if word != "--resume") if "--resume" in words else command
