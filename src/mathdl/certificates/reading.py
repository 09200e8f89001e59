"""Data from files, by the standard library alone: NPZ and CSV."""

from __future__ import annotations

import ast
import csv
import os
import re
import struct
import zipfile
from math import prod
from typing import Any

from mathdl.certificates.data import Data
from mathdl.certificates.rationals import Refused
from mathdl.certificates.record import CertificateError

_MAGIC = b"\x93NUMPY"
_NUMBERS = {
    "f8": "d",
    "f4": "f",
    "i8": "q",
    "i4": "i",
    "i2": "h",
    "i1": "b",
    "u8": "Q",
    "u4": "I",
    "u2": "H",
    "u1": "B",
}
_NUMBERS |= {"b1": "?"}
_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")


def read_data(path: str | os.PathLike[str]) -> Data:
    """Read data from an NPZ file (X, y, sample_weight) or a CSV file (a header; the labels in the last column).

    Raises
    ------
    CertificateError
        If the file cannot be read as either.
    """
    try:
        if os.fspath(path).endswith(".npz"):
            with zipfile.ZipFile(path) as archive:
                arrays = {name[:-4]: _array(archive.read(name)) for name in archive.namelist() if name[-4:] == ".npy"}
            return Data(arrays["X"], arrays.get("y"), arrays.get("sample_weight"))
        with open(path, newline="", encoding="utf-8") as file:
            _, *rows = csv.reader(file)
        return Data([[float(cell) for cell in row[:-1]] for row in rows], [_label(row[-1]) for row in rows])
    except OSError as error:
        raise CertificateError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error
    except (Refused, ValueError, LookupError, SyntaxError, struct.error, zipfile.BadZipFile) as error:
        problem = f"{type(error).__name__}: {error}"
        raise CertificateError(
            f"{path} holds no data for a certificate ({problem}); give an NPZ file with X and y, or a CSV file of "
            "numbers whose last column holds the labels."
        ) from error


def _array(content: bytes) -> Any:
    """Return an array of NumPy's format as nested lists."""
    if content[:6] != _MAGIC:
        raise ValueError("an array is not in NumPy's format")
    size, start = (2, 10) if content[6] == 1 else (4, 12)
    start += int.from_bytes(content[8 : 8 + size], "little")
    header = ast.literal_eval(content[8 + size : start].decode("latin-1"))
    shape, kind = header["shape"], header["descr"]
    if header["fortran_order"] and len(shape) > 1:
        raise ValueError("an array is stored by columns; save it by rows")
    flat = _values(kind, content[start:], prod(shape))
    for length in reversed(shape[1:]):
        flat = [flat[i : i + length] for i in range(0, len(flat), length)] if length else []
    return flat if shape else flat[0]


def _values(kind: str, content: bytes, count: int) -> list[Any]:
    """Return so many values of a type that NumPy names."""
    order = ">" if kind[0] == ">" else "<"
    if kind[1:] in _NUMBERS:
        return list(struct.unpack_from(f"{order}{count}{_NUMBERS[kind[1:]]}", content))
    if kind[1] != "U":
        raise ValueError(f"values of the type {kind} cannot be read")
    width = 4 * int(kind[2:])
    codec = "utf-32-be" if order == ">" else "utf-32-le"
    return [content[i * width : (i + 1) * width].decode(codec).rstrip("\0") for i in range(count)]


def _label(text: str) -> object:
    """Read a label: a whole number, another number, or a text."""
    if _WHOLE.fullmatch(text):
        return int(text)
    try:
        return float(text)
    except ValueError:
        return text
