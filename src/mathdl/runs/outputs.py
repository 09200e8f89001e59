"""What a run leaves behind: the model file, the metrics, the report, and perhaps a certificate with its data."""

from __future__ import annotations

import io
import os
import platform
from pathlib import Path
from typing import Any

import numba
import numpy as np

import mathdl
from mathdl.certificates import Certificate
from mathdl.files.model import model_bytes
from mathdl.files.whole import write_together
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.output_folder import CERTIFICATE, CERTIFICATE_DATA, METRICS, MODEL, REPORT
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report import render_report
from mathdl.runs.report_record import Report
from mathdl.runs.strict_json import plain, strict_json

Seen = tuple[Any, Any, Any]


def write_outputs(
    folder: Path,
    model: TrainedModel,
    metrics: dict[str, Any],
    report: Report,
    proof: tuple[Certificate, Seen] | None = None,
) -> None:
    """Write all files of a run, or none.

    The certificate of a run before, which would speak about another model, goes away.

    Parameters
    ----------
    folder : Path
        Where to.
    model : TrainedModel
        Its training record is set to the metrics.
    metrics : dict
    report : Report
    proof : tuple of Certificate and data, optional
        The certificate, and X, y and the weights that it speaks about.

    Raises
    ------
    FileError
        If a file cannot be written.
    """
    model.training.update(plain(metrics))
    contents: dict[str, str | bytes | None] = {  # the old certificate goes first, and metrics come last
        MODEL: model_bytes(model),
        CERTIFICATE: None,
        CERTIFICATE_DATA: None,
        REPORT: render_report(report),
        METRICS: strict_json(metrics) + "\n",
    }
    contents |= {} if proof is None else certificate_files(*proof)
    write_together({folder / name: content for name, content in contents.items()})


def certificate_files(certificate: Certificate, seen: Seen) -> dict[str, str | bytes]:
    """Return the contents of a certificate's two files: itself, and the data that it speaks about.

    Parameters
    ----------
    certificate : Certificate
    seen : tuple of X, y and sample_weight
        The latter two may be None.

    Returns
    -------
    dict
        By file name.
    """
    content, names = io.BytesIO(), ("X", "y", "sample_weight")
    arrays: dict[str, Any] = {n: np.asarray(a, order="C") for n, a in zip(names, seen, strict=True) if a is not None}
    np.savez(content, **arrays)
    return {CERTIFICATE: certificate.to_json(), CERTIFICATE_DATA: content.getvalue()}


def objects(data: PreparedData) -> dict[str, int]:
    """Return how many objects each part has."""
    parts = {"train": data.train, "validation": data.validation, "test": data.test}
    return {f"{name}_objects": len(part or ()) for name, part in parts.items()}


def versions() -> dict[str, str]:
    """Return the versions of what a result depends on."""
    found = {"Python": platform.python_version(), "NumPy": np.__version__, "Numba": numba.__version__}
    return {"mathdl": mathdl.__version__, **found}


def machine() -> dict[str, str]:
    """Return what the run ran on."""
    return {"system": f"{platform.system()} {platform.machine()}", "cores": str(os.cpu_count())}
