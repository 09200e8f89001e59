"""IDX files."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest

from mathdl.data.idx import read_idx
from mathdl.errors import FileError

ARRAY = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
CONTENT = bytes([0, 0, 8, 3]) + struct.pack(">3I", 2, 3, 4) + ARRAY.tobytes()


@pytest.mark.parametrize("content", [CONTENT, gzip.compress(CONTENT, mtime=0)])
def test_reads(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "images"
    path.write_bytes(content)
    array = read_idx(path, axes=3)
    np.testing.assert_array_equal(array, ARRAY)
    assert array.flags.writeable


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", r"starts with the bytes \(none\) instead of 00 00 08 03"),
        (b"\x00\x00\x08\x01" + CONTENT[4:], "starts with the bytes 00 00 08 01"),
        (b"\x00\x00\x0d\x03" + CONTENT[4:], "starts with the bytes 00 00 0d 03"),
        (CONTENT[:9], "ends within its header"),
        (CONTENT[:-1], "truncated: its header announces 40 bytes and there are 39"),
        (CONTENT + b"x", "too long"),
        (gzip.compress(CONTENT, mtime=0)[:-10], "damaged or truncated"),
        (gzip.compress(CONTENT, mtime=0)[:30] + b"xxxx" + gzip.compress(CONTENT, mtime=0)[34:], "damaged or truncated"),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "images.gz"
    path.write_bytes(content)
    with pytest.raises(FileError, match=message):
        read_idx(path, axes=3)


def test_unreadable(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_idx(tmp_path, axes=3)
