"""The folder that a run writes into, and the names of its files."""

from __future__ import annotations

import os
from pathlib import Path

from mathdl.errors import FileError, InputError

MODEL, METRICS, REPORT = "model.safetensors", "metrics.json", "report.html"
CERTIFICATE, CERTIFICATE_DATA = "certificate.json", "certificate-data.npz"


def check_folder(folder: Path) -> None:
    """Refuse a folder that is a file or that cannot be made or written to, before any work is done."""
    try:
        nearest = next(path for path in (folder, *folder.absolute().parents) if _exists(path))
    except OSError as error:
        raise _refusal(folder, error) from error
    if not nearest.is_dir():
        raise InputError(f"{nearest} is a file, but the output goes into a folder; choose another.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FileError(f"{nearest} is a folder that you cannot write to; choose another.")


def make_folder(folder: Path) -> None:
    """Make the folder where it is missing."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise _refusal(folder, error) from error


def _exists(path: Path) -> bool:
    """Whether something is there; unlike ``Path.exists``, every version of Python says why nobody can tell."""
    try:
        path.stat()
    except (FileNotFoundError, NotADirectoryError):
        return False
    return True


def _refusal(folder: Path, error: OSError) -> FileError:
    return FileError(f"{folder} cannot be made ({error.strerror or error}); choose another.")
