"""What a finished run leaves behind: the model file, the metrics and the report."""

from __future__ import annotations

import json
import math
import os
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numba
import numpy as np

import mathdl
from mathdl.descent.history import History
from mathdl.files.model import save
from mathdl.files.trained_model import TrainedModel
from mathdl.files.whole import write_whole
from mathdl.network import Network
from mathdl.runs.evaluation import Evaluation, evaluate
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report import Report, write_report


@dataclass(frozen=True, eq=False)
class Outcome:
    """A trained network with all that is known about how it came about.

    ``facts`` are what the run was made with: source, task, settings, seed, command.
    """

    network: Network
    data: PreparedData
    history: History
    seconds: float
    facts: dict[str, Any]


def write_outputs(outcome: Outcome, model_path: Path, metrics_path: Path, report_path: Path) -> dict[str, Any]:
    """Test the model and write the three files, each whole or not at all.

    Parameters
    ----------
    outcome : Outcome
        The run.
    model_path, metrics_path, report_path : Path
        The files to write.

    Returns
    -------
    dict
        The metrics.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    data = outcome.data
    model = TrainedModel(outcome.network, data.classes, data.scaling, data.preprocessing)
    evaluation = evaluate(model, data)
    metrics = _metrics(outcome, evaluation)
    model.training.update(plain(metrics))
    report = _report(outcome, evaluation)
    save(model, model_path)
    write_whole(metrics_path, json.dumps(plain(metrics), indent=2, allow_nan=False) + "\n")
    write_report(report_path, report)
    return metrics


def plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return values as strict JSON has them: what is not finite becomes null.

    Parameters
    ----------
    values : mapping
        Numbers, texts, lists and mappings by name.

    Returns
    -------
    dict

    Examples
    --------
    >>> plain({"loss": float("inf"), "epochs": 3})
    {'loss': None, 'epochs': 3}
    """
    return {name: None if isinstance(v, float) and not math.isfinite(v) else v for name, v in values.items()}


def versions() -> dict[str, str]:
    """Return the versions of what a result depends on."""
    return {"Python": platform.python_version(), "NumPy": np.__version__, "Numba": numba.__version__}


def _metrics(outcome: Outcome, evaluation: Evaluation) -> dict[str, Any]:
    """Return all that is worth a number."""
    data, history = outcome.data, outcome.history
    last = {
        name: values[-1]
        for name, values in (
            ("train_loss", history.loss),
            ("validation_loss", history.validation_loss),
            ("validation_accuracy", history.validation_accuracy),
        )
        if values
    }
    return {
        **evaluation.metrics,
        **last,
        "train_seconds": outcome.seconds,
        "parameters": outcome.network.size,
        **outcome.facts,
        "epochs": history.epochs,
        "status": history.status,
        **({"message": history.message} if history.message else {}),
        "train_objects": len(data.train),
        "validation_objects": len(data.validation or ()),
        "test_objects": len(data.test),
        "mathdl": mathdl.__version__,
        **{name.lower(): version for name, version in versions().items()},
    }


def _report(outcome: Outcome, evaluation: Evaluation) -> Report:
    """Return what the page shows."""
    data, history, network = outcome.data, outcome.history, outcome.network
    curves: dict[str, list[float]] = {
        "loss": history.loss,
        "validation_loss": history.validation_loss,
        "validation_accuracy": history.validation_accuracy,
    }
    if data.classes is None and data.validation is not None and (spread := float(data.validation.targets.var())):
        curves["validation_r2"] = [1 - loss / spread for loss in history.validation_loss]
    machine = {"system": f"{platform.system()} {platform.machine()}", "cores": str(os.cpu_count())}
    return Report(
        title=data.name,
        data=data.description,
        command=outcome.facts["command"],
        version=mathdl.__version__,
        history=curves,
        metrics=evaluation.metrics,
        layers=[(repr(layer), layer.output_shape, layer.size) for layer in network.layers],
        parameters=network.size,
        seconds=outcome.seconds,
        confusion=evaluation.confusion,
        class_names=() if data.classes is None else data.classes.to_list(),
        truth=evaluation.truth,
        prediction=evaluation.prediction,
        worst=evaluation.worst,
        environment={**versions(), **machine},
        notes=[history.message] if history.message else [],
    )
