"""The folder that a run writes into, and the names of its files."""

from __future__ import annotations

import os
from pathlib import Path

from mathdl.errors import FileError, InputError

MODEL, METRICS, REPORT = "model.safetensors", "metrics.json", "report.html"
CERTIFICATE, CERTIFICATE_DATA = "certificate.json", "certificate-data.npz"


def check_folder(folder: Path) -> None:
    """Refuse a folder that is a file or that cannot be written to, before any work is done.

    Parameters
    ----------
    folder : Path
        It need not exist yet.

    Raises
    ------
    InputError
        If there is a file in its place, or it cannot be written to.
    """
    nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise InputError(f"{nearest} is a file, but the output goes into a folder; choose another.")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise FileError(f"{nearest} is a folder that you cannot write to; choose another.")


def make_folder(folder: Path) -> None:
    """Make the folder where it is missing.

    Parameters
    ----------
    folder : Path

    Raises
    ------
    FileError
        If it cannot be made.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileError(f"{folder} cannot be made ({error.strerror or error}); choose another.") from error
