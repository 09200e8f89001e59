"""Arrays and a record in one safetensors file, checked on the way in. Nothing is unpickled or evaluated."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

import mathdl
from mathdl.checks import path_name
from mathdl.errors import FileError, InputError
from mathdl.files.whole import write_whole

Array = NDArray[Any]
FORMAT, VERSION, OLDER_VERSIONS = "mathdl", "3", ("1", "2")
DTYPES = ("float32", "float64", "int32", "int64", "uint8", "bool")


@dataclass(frozen=True)
class Archive:
    """What a file holds: its kind, arrays by name, and a record that JSON can hold."""

    kind: str
    arrays: dict[str, Array]
    record: dict[str, Any]


def write_archive(path: str | os.PathLike[str], archive: Archive) -> None:
    """Write a file whole or not at all; raise InputError where it cannot hold the archive."""
    write_whole(path, archive_bytes(archive))


def archive_bytes(archive: Archive) -> bytes:
    """Return the content of an archive's file; raise InputError where a file cannot hold it."""
    from safetensors.numpy import save

    for name, array in archive.arrays.items():
        if array.dtype.name not in DTYPES:
            raise InputError(f"Array {name!r} is of type {array.dtype}; only {', '.join(DTYPES)} can be saved.")
    try:
        record = json.dumps(archive.record)
    except (TypeError, ValueError) as wrong:
        raise InputError(f"Something to be saved is neither number, text, list nor dictionary ({wrong}).") from None
    metadata = {
        "format": FORMAT,
        "format_version": VERSION,
        "mathdl_version": mathdl.__version__,
        "kind": archive.kind,
        "record": record,
    }
    content: bytes = save({name: np.asarray(array, order="C") for name, array in archive.arrays.items()}, metadata)
    return content


def read_archive(path: str | os.PathLike[str], kinds: Collection[str] | None = None) -> Archive:
    """Read a file that ``write_archive`` wrote, of any kind or of one of these; raise FileError for any other."""
    from safetensors import SafetensorError, safe_open

    if not os.path.exists(path_name(path)):
        raise FileError(f"There is no file {path}; check the path.")
    if not os.path.isfile(path):
        raise FileError(f"{path} is not an ordinary file; give one that mathdl saved.")
    try:
        with safe_open(Path(path), framework="numpy") as file:
            metadata = file.metadata() or {}
            _check_metadata(path, metadata)
            if kinds is not None:
                require_kind(path, metadata.get("kind"), kinds)
            arrays = {name: np.asarray(file.get_tensor(name)) for name in file.keys()}  # noqa: SIM118
        kind, record = metadata["kind"], json.loads(metadata["record"])
    except FileError:
        raise
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror or error}); check the file.") from error
    except SafetensorError as error:
        raise FileError(f"{path} is damaged or no safetensors file ({error}); give one that mathdl saved.") from error
    # What else a damaged header, type name or record may lead to.
    except (LookupError, TypeError, ValueError, AttributeError, RecursionError, MemoryError) as error:
        raise FileError(f"{path} is damaged ({error or type(error).__name__}); save it again.") from error
    if not isinstance(record, dict):
        raise FileError(f"{path} is damaged (its record is no dictionary); save it again.")
    return Archive(kind, arrays, record)


def _check_metadata(path: str | os.PathLike[str], metadata: Mapping[str, str]) -> None:
    """Refuse what other programs or other versions wrote."""
    if metadata.get("format") != FORMAT:
        raise FileError(f"{path} is a safetensors file of another program; give one that mathdl saved.")
    version, writer = metadata.get("format_version"), metadata.get("mathdl_version", "unknown")
    if version in OLDER_VERSIONS:
        raise FileError(
            f"{path} was saved in format {version} by an earlier mathdl ({writer}) and this one reads format "
            f"{VERSION}; train or save the model again with this version, or use the mathdl that saved it."
        )
    if version != VERSION:
        raise FileError(
            f"{path} has version {version!r} of mathdl's format and this library reads version {VERSION}; use the "
            f"mathdl that saved it ({writer})."
        )


def require_kind(path: str | os.PathLike[str], kind: str | None, kinds: Collection[str]) -> None:
    """Raise FileError unless the kind of a file is one of those that will do."""
    if kind not in kinds:
        raise FileError(f"{path} holds a {kind!r}, but one of {', '.join(kinds)} is needed.")
