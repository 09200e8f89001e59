"""The main job: from data to a trained model, its metrics, a report, and perhaps a certificate."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from mathdl.checks import require_at_least, require_choice, require_truth_value, shortened
from mathdl.data import PADS, RESIZED, PictureOptions, check_pad, check_resize, picture_size, read
from mathdl.data.preprocessing import MISSING
from mathdl.errors import FileError, InputError
from mathdl.models.declaration import DeclaredEstimator
from mathdl.models.threshold import ThresholdRule, threshold_rule
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.training_engine import TrainingEngine, current_engine
from mathdl.runs.candidate import Candidate
from mathdl.runs.command_line import command_line
from mathdl.runs.data_check import data_check
from mathdl.runs.fitting import Fitting
from mathdl.runs.folds import checked_folds
from mathdl.runs.options import model_named, trains_in_epochs
from mathdl.runs.outcome import Outcome
from mathdl.runs.outputs import CHECKPOINT, checked_folder
from mathdl.runs.prepared_data import TEST_FRACTION, SplitData, Splitting, prepare
from mathdl.runs.progress import RunProgress
from mathdl.runs.reading import reading_options, reading_record
from mathdl.runs.run import Run
from mathdl.runs.semisupervised import about_own_labels
from mathdl.runs.strict_json import plain
from mathdl.runs.trial import Trial, calibration_of, tried
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
    resize: str = RESIZED[0],
    columns: Sequence[str] | None = None,
    drop: Sequence[str] = (),
    kinds: Mapping[str, str] | None = None,
    na: Sequence[str] = (),
    header: bool = True,
    missing: str = MISSING[0],
    cv: int | None = None,
    test_fraction: float | None = None,
    threshold: float | str | None = None,
    semisupervised: bool = False,
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
        Columns by name; or (X, y), where X of bytes (uint8) with three or four axes is images, as is a list of arrays
        of bytes, (height, width) or (channels, height, width), of whatever sizes, and X of other numbers with three
        axes is signals, (N, channels, length); or ``"digits"``, ``"mnist"``, a CSV, Parquet or NPZ file, or a folder of
        images by class. ``"kmeans"`` and ``"outliers"`` also take X alone.
    target : str, optional
        The column to learn. ``"kmeans"`` and ``"outliers"`` need none; one that is named is compared with the clusters
        or the outliers.
    model : str, default "network"
        What to fit: ``"network"``, ``"linear"``, ``"polynomial"``, ``"logistic"``, ``"soft-margin"``,
        ``"hard-margin"``, ``"kmeans"`` or ``"outliers"``.
    task : {"classification", "regression"}, optional
        What a network learns; by default as the target suggests.
    data_folder : path, optional
        Folder of MNIST's files.
    size : int, str or tuple of two int, optional
        What pictures of a folder or a list are made alike to: a side in pixels, or width and height as ``"64x48"`` or
        ``(64, 48)``; by default their median size, of at most 64 pixels.
    pad : {"black", "white", "edge"}, default "black"
        The border of pictures of another shape, as wide on both sides; ``"edge"`` repeats the picture's own.
    resize : {"all", "larger"}, default "all"
        Which pictures of another size are resized, the aspect kept, until they just fit. With ``"larger"`` the others
        keep their own within the border, and the size is by default that of the largest. The model treats pictures
        that it is asked about in the same way.
    columns, drop : sequence of str, optional
        The columns of a table to learn from, by default all; and those to leave out.
    kinds : mapping of str to {"number", "category", "date"}, optional
        What columns are, by name; by default their values decide.
    na : sequence of str, optional
        Texts that stand for a missing value in any column, besides empty cells and the usual words in numbers.
    header : bool, default True
        Whether the first row of a text file names the columns; without names they are x0, x1, ...
    missing : {"impute", "drop", "error"}, default "impute"
        What is done with gaps: numbers get the median and perhaps a feature that says so, rows with gaps are left out,
        or the first gap is an error.
    cv : int, optional
        Folds of a cross-validation, where the data bring no test part: every row is tested by a model that did not
        learn from it, and the model that is kept learns from all rows. 0 keeps a test part apart. By default 5 below
        1,000 rows, unless a ``test_fraction`` is given.
    test_fraction : float, optional
        Share of the data kept apart for testing, where they bring no test part; 0.2.
    threshold : float or str, optional
        Of two classes: the least probability of the rarer one at which the answer is this one. ``"cost=R"`` chooses
        it so that errors cost least where a miss costs R false alarms, ``"precision=P"`` as low as that precision
        allows; both on the validation part, or on the answers of the cross-validation.
    semisupervised : bool, default False
        Whether to label rows without a class by a model of those that have one, where it is sure, and to learn from
        them too; else they are set aside.
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
        ``augment`` and ``robustness`` of a network,
        ``regularization``, ``degree``, ``clusters``, ``contamination``.

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
    models = model_named(model, {**options, "task": task, "threads": threads, "certify": certify, "resume": resume})
    first = next(iter(models.values()))
    require_at_least("seed", seed, 0)
    for name, value in (("certify", certify), ("resume", resume), ("semisupervised", semisupervised)):
        require_truth_value(name, value)
    if not isinstance(command, str):
        raise InputError(f"command is {shortened(command)}; give a text.")
    if cv and test_fraction is not None:
        raise InputError("cv and test_fraction exclude each other; give one of them.")
    if not isinstance(callbacks, list | tuple):
        raise InputError(f"callbacks is {callbacks!r}; give a list of callbacks.")
    rule = None if threshold is None else threshold_rule(threshold)
    check_pad(pad)
    check_resize(resize)
    pictures = PictureOptions(None if size is None else picture_size(size), pad, resize)
    checked = first.checked_options(options, seed=seed, threads=threads)
    engine = current_engine()
    _require_training(first, engine)
    folder = None if out is None or (engine and engine.rank) else checked_folder(out)  # the first process alone writes
    if engine is not None:
        left = engine.restarted and folder is not None and (folder / CHECKPOINT).exists()
        resume = engine.rank == 0 and (resume or left)
        threads = engine.threads if threads is None else threads
    if resume:
        _require_checkpoint(folder)
    shown = [callback for callback in callbacks if isinstance(callback, RunProgress)]
    reading = reading_options(columns, drop, kinds, na, header, shown)
    require_choice("missing", missing, MISSING)
    source = read(
        data,
        target=target,
        data=data_folder,
        needs_target="clustering" not in models,
        pictures=pictures,
        reading=reading,
    )
    watched = trains_in_epochs(first) or (rule is not None and rule.kind != "number")
    splitting = Splitting(checked_folds(cv), test_fraction, seed, watched, missing)
    split = prepare(source, list(models), task=task, splitting=splitting)
    kind = models[split.task]
    _require_classes(kind, split, rule, semisupervised=semisupervised)
    named: dict[str, Any] = {
        "model": None if model == "network" else model,
        "data": data_folder,
        "target": target,
        "task": task,
    }
    named |= {"size": size, "pad": None if pad == PADS[0] else pad}
    named |= {"resize": None if resize == RESIZED[0] else resize}
    named |= reading_record(reading) | {"missing": None if missing == MISSING[0] else missing}
    of_run = {"cv": cv, "test_fraction": test_fraction, "threshold": threshold, "semisupervised": semisupervised}
    last = {"seed": seed, "threads": threads, "out": out, "certify": certify, "resume": resume}
    command = command or command_line(data, {**named, **options, **of_run, **last})
    check = data_check(split, options, semisupervised=semisupervised)
    for progress in shown:
        progress.show_data(check.lines())
    candidate = Candidate(kind, checked, seed, threads, semisupervised)
    prepared = candidate.encode(split)
    messages = [*getattr(source, "notes", ()), *check.messages, *(about_own_labels(prepared) if semisupervised else [])]
    fitting = Fitting(candidate.estimator(split), prepared, folder, certify, command, messages=messages)
    watch = fitting.train(seed, resume, callbacks) if candidate.in_epochs else fitting.solve()
    facts = {
        "model": model,
        "task": split.task,
        "source": os.fspath(data) if isinstance(data, str | os.PathLike) else source.name,
        **({} if data_folder is None else {"data_folder": os.fspath(data_folder)}),
        **({} if target is None else {"target": target}),
        **({"cv": len(split.folds)} if split.folds else {"test_fraction": test_fraction or TEST_FRACTION}),
        "seed": seed,
        **({} if engine is None else {"engine": engine.description}),
        **fitting.estimator.settings(),
        "command": _without_resume(command),
        "data": check.to_dict(),
        **({} if not (read_as := reading_record(reading)) else {"reading": read_as}),
        "preparation": {"task": task, "splitting": splitting._asdict(), "semisupervised": semisupervised},
    }
    run = _finished(fitting, watch, facts, tried(candidate, fitting, shown, rule))
    if folder is not None:
        run.save(folder)
    return run


def _finished(fitting: Fitting, watch: Watch | None, facts: dict[str, Any], trial: Trial) -> Run:
    """Certify the fitted model where that is asked for, judge it, and tell what came out."""
    estimator, data = fitting.estimator, fitting.data
    certificate = fitting.certificate()
    shape = data.split.object_shape if data.train.inputs.ndim == 2 else None
    calibration = calibration_of(trial.answers, data.split)
    model = TrainedModel(
        estimator,
        data.split.preprocessing,
        shape,
        pad=getattr(data.split.source, "pad", PADS[0]),
        threshold=trial.threshold,
        calibration=calibration,
        resize=getattr(data.split.source, "resize", RESIZED[0]),
        signal_scale=data.split.scale,
    )
    outcome = Outcome(model, data, trial, fitting.seconds, facts, fitting.messages, certificate, watch)
    metrics = outcome.metrics()
    model.training.update(plain(metrics))
    messages = [*fitting.messages, *(watch.warnings if watch else [])]
    return Run(model, metrics, certificate, outcome.history, messages, fitting.folder, outcome, outcome.headline)


def _require_training(kind: type[DeclaredEstimator], engine: TrainingEngine | None) -> None:
    """Refuse an engine of training for a model that is not trained step by step."""
    if engine is not None and not trains_in_epochs(kind):
        raise InputError(
            f"The model {kind.declaration.command} is solved at once, and no engine trains it; leave the engine out, "
            "or choose the model network."
        )


def _require_checkpoint(folder: Path | None) -> None:
    """Refuse to resume where there is nothing to resume from."""
    if folder is None:
        raise InputError("There is no folder to resume from; give out the folder of the run that was interrupted.")
    if not (folder / CHECKPOINT).exists():
        raise FileError(f"There is no {folder / CHECKPOINT} to resume from; start anew, without resume.")


def _require_classes(
    kind: type[DeclaredEstimator], split: SplitData, rule: ThresholdRule | None, *, semisupervised: bool
) -> None:
    """Refuse data of more or fewer classes than two, or of none, for what knows no others."""
    classes = 0 if split.classes is None else len(split.classes)
    if kind.declaration.two_classes and classes != 2:
        raise InputError(
            f"The model {kind.declaration.command} decides between two classes, but the data have {classes}; choose "
            "logistic, or a target with two."
        )
    if rule is not None and (split.task != "classification" or classes != 2):
        found = f"{classes} classes" if split.task == "classification" else "no classes"
        raise InputError(f"A threshold decides between two classes, but the target has {found}; leave it out.")
    if rule is not None and not hasattr(kind, "predict_proba"):
        raise InputError(
            f"The model {kind.declaration.command} gives no probabilities to compare with a threshold; choose network "
            "or logistic."
        )
    if semisupervised and split.task != "classification":
        raise InputError("Only classes can be given to rows without one, no numbers; leave semisupervised out.")


def _without_resume(command: str) -> str:
    """Return the command that makes the run at one go."""
    words = shlex.split(command)
    return shlex.join(word for word in words if word != "--resume") if "--resume" in words else command
