"""What a run leaves behind in its folder: the model file, the metrics, the report, and perhaps a certificate."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.certificates import Certificate
from mathdl.checks import path_name
from mathdl.errors import FileError, InputError
from mathdl.files.whole import write_together

MODEL, METRICS, REPORT = "model.safetensors", "metrics.json", "report.html"
CHECKPOINT = "checkpoint.safetensors"
CERTIFICATE, CERTIFICATE_DATA = "certificate.json", "certificate-data.npz"

Seen = tuple[Any, Any, Any]  # X, y and the weights that a certificate speaks about; the latter two may be None


def checked_folder(out: str | os.PathLike[str]) -> Path:
    """Return the path of a folder; refuse a file and what cannot be made or written to, before any work is done."""
    if not path_name(out):
        raise InputError("The output folder has no name; name one, or . for the present folder.")
    folder = Path(out)
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if _exists(path))
    except OSError as error:
        raise _refusal(folder, error) from error
    if not nearest.is_dir():
        raise InputError(f"{nearest} is a file, but the output goes into a folder; choose another.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FileError(f"{nearest} is a folder that you cannot write to; choose another.")
    return folder


def make_folder(folder: Path) -> None:
    """Make the folder where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error


def write_outputs(folder: Path, contents: Mapping[str, str | bytes | None]) -> None:
    """Write all files of a run, or none; None removes one. The checkpoint of a run that was interrupted goes away."""
    make_folder(folder)
    write_together({folder / name: content for name, content in contents.items()})
    (folder / CHECKPOINT).unlink(missing_ok=True)


def _exists(path: Path) -> bool:
    """Whether something is there; unlike ``Path.exists``, every version of Python says why nobody can tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _refusal(folder: Path, error: OSError) -> FileError:
    return FileError(f"{folder} cannot be made ({error.strerror or error}); choose another.")


def certificate_files(certificate: Certificate, seen: Seen) -> dict[str, str | bytes | None]:
    """Return the contents of a certificate's two files by name: itself, and the data that it speaks about."""
    content, names = io.BytesIO(), ("X", "y", "sample_weight")
    arrays: dict[str, Any] = {n: np.asarray(a, order="C") for n, a in zip(names, seen, strict=True) if a is not None}
    np.savez(content, **arrays)
    return {CERTIFICATE: certificate.to_json(), CERTIFICATE_DATA: content.getvalue()}
