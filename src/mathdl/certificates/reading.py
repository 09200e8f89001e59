"""Certificates and data from files, by the standard library alone: JSON, NPZ and CSV, perhaps damaged."""

from __future__ import annotations

import csv
import io
import os
import re
import struct
import zipfile
from math import prod
from pathlib import Path
from typing import Any

from mathdl.certificates.data import Data
from mathdl.certificates.record import Certificate, CertificateError

MAX_CERTIFICATE_BYTES = 2**27  # chosen: as JSON of Python, a gigabyte
MAX_ARRAY_BYTES = 2**28  # chosen: 30 million numbers, as lists of Python a gigabyte
_TYPES = {"f8": "d", "f4": "f", "f2": "e", "i8": "q", "i4": "i", "i2": "h", "i1": "b"}
_TYPES |= {"u8": "Q", "u4": "I", "u2": "H", "u1": "B", "b1": "?"}
_HEADER = re.compile(r"\{'descr': '([<>|=])(\w{2,12})', 'fortran_order': (True|False), 'shape': \(([0-9, ]*)\), *\}\s*")
_WHOLE = re.compile(r"[+-]?[0-9]{1,300}")
_REAL = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]{1,4})?")


def read_certificate(path: Path) -> Certificate:
    """Read a certificate's file."""
    try:
        return Certificate.from_json(_content(path, MAX_CERTIFICATE_BYTES).decode())
    except UnicodeDecodeError:
        raise CertificateError(f"{_name(path)} is no text; give the certificate's JSON file.") from None


def read_data(path: str | os.PathLike[str]) -> Data:
    """Read data from an NPZ file (X, y, sample_weight) or a CSV file (a header; the labels in the last column)."""
    content = _content(path, MAX_ARRAY_BYTES)
    try:
        return _table(content) if not os.fspath(path).endswith(".npz") else _archive(content)
    except CertificateError:
        raise
    except Exception as error:  # a damaged archive may raise any that zipfile, zlib, lzma, struct and csv know
        problem = f"{type(error).__name__}: {error}".removeprefix("Refused: ")[:200]
        raise CertificateError(
            f"{_name(path)} holds no data for a certificate ({problem}); give an NPZ file with X and y, or a CSV file "
            "of numbers whose last column holds the labels."
        ) from error


def _content(path: str | os.PathLike[str], limit: int) -> bytes:
    """Return what a file holds, if it is not more than so many bytes."""
    try:
        with open(path, "rb") as file:
            content = file.read(limit + 1)
    except (OSError, ValueError) as error:
        problem = getattr(error, "strerror", None) or error
        raise CertificateError(f"{_name(path)} cannot be read ({problem}); check the path.") from error
    if len(content) > limit:
        raise CertificateError(f"{_name(path)} has more than the {limit} bytes that the checker reads.")
    return content


def _name(path: str | os.PathLike[str]) -> str:
    """Return a path for a message."""
    text = os.fspath(path).replace("\0", "\\0")
    return text if len(text) <= 300 else f"{text[:300]}..."


def _archive(content: bytes) -> Data:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names, arrays = set(archive.namelist()), {}
        for name in ("X", "y", "sample_weight"):
            if name == "X" or f"{name}.npy" in names:
                with archive.open(f"{name}.npy") as file:
                    arrays[name] = _array(file.read(MAX_ARRAY_BYTES + 1))
    return Data(**arrays)


def _array(content: bytes) -> Any:
    """Return an array of NumPy's format as nested lists."""
    if len(content) > MAX_ARRAY_BYTES:
        raise ValueError(f"an array has more than {MAX_ARRAY_BYTES} bytes")
    size, start = (2, 10) if content[6:7] == b"\1" else (4, 12)
    start += int.from_bytes(content[8 : 8 + size], "little")
    header = _HEADER.fullmatch(content[8 + size : min(start, 10_000)].decode("latin-1"))
    if content[:6] != b"\x93NUMPY" or header is None:
        raise ValueError("an array is not in NumPy's format, or not of numbers or texts")
    order, kind, by_columns, lengths = header.groups()
    shape = [int(length) for length in lengths.split(",") if length.strip()]
    flat = _values(order, kind, content[start:], prod(shape))
    if by_columns == "True" and len(shape) > 1:
        if len(shape) > 2:
            raise ValueError("an array of more than two axes is stored by columns")
        return [flat[i :: shape[0]] for i in range(shape[0])]
    for length in reversed(shape[1:]):
        flat = [flat[i : i + length] for i in range(0, len(flat), length)] if length else []
    return flat if shape else flat[0]


def _values(order: str, kind: str, content: bytes, count: int) -> list[Any]:
    """Return so many values of a type that NumPy names."""
    sign = ">" if order == ">" else "<"
    if kind in _TYPES:
        return list(struct.unpack_from(f"{sign}{count}{_TYPES[kind]}", content))
    if kind[0] != "U" or not 0 < (width := 4 * int(kind[1:])) * count <= len(content):
        raise ValueError(f"values of the type {kind} cannot be read")
    codec = "utf-32-be" if sign == ">" else "utf-32-le"
    return [content[i * width : (i + 1) * width].decode(codec).rstrip("\0") for i in range(count)]


def _table(content: bytes) -> Data:
    _, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""))
    if any(not _REAL.fullmatch(cell.strip()) for row in rows for cell in row[:-1]):
        raise ValueError("a feature is no number")
    return Data([[float(cell) for cell in row[:-1]] for row in rows], _labels([row[-1] for row in rows]))


def _labels(cells: list[str]) -> list[Any]:
    """Read a column of labels: all whole numbers, all numbers, all truth values, or all texts."""
    if all(_WHOLE.fullmatch(cell) for cell in cells):
        return [int(cell) for cell in cells]
    if all(_REAL.fullmatch(cell) for cell in cells):
        return [float(cell) for cell in cells]
    if set(cells) <= {"True", "False"}:
        return [cell == "True" for cell in cells]
    return list(cells)
