"""IDX files, the format of MNIST: a magic number, the size of each axis, then the bytes."""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import FileError

GZIP = b"\x1f\x8b"
UNSIGNED_BYTE = 0x08


def read_idx(path: Path, axes: int) -> NDArray[np.uint8]:
    """Read an IDX file of unsigned bytes with so many axes, gzipped or not, into a writable array."""
    content = _read_bytes(path)
    header = 4 + 4 * axes
    magic = bytes([0, 0, UNSIGNED_BYTE, axes])
    if content[:4] != magic:
        raise FileError(
            f"{path} starts with the bytes {content[:4].hex(' ') or '(none)'} instead of {magic.hex(' ')}; "
            f"give an IDX file of unsigned bytes with {axes} axes."
        )
    if len(content) < header:
        raise FileError(f"{path} ends within its header, after {len(content)} bytes; fetch it again.")
    shape = struct.unpack(f">{axes}I", content[4:header])
    expected = header + math.prod(shape)
    if len(content) != expected:
        what = "truncated" if len(content) < expected else "too long"
        raise FileError(
            f"{path} is {what}: its header announces {expected} bytes and there are {len(content)}; fetch it again."
        )
    return np.frombuffer(content, dtype=np.uint8, offset=header).reshape(shape)


def _read_bytes(path: Path) -> bytearray:
    """Read and unpack a whole file; a bytearray, so that the array on top of it is writable."""
    try:
        content = path.read_bytes()
        return bytearray(gzip.decompress(content) if content[:2] == GZIP else content)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileError(f"{path} is damaged or truncated ({error}); fetch it again.") from error
    except OSError as error:
        raise FileError(f"{path} cannot be read ({error.strerror or error}); check the path.") from error
