"""MNIST from its folder."""

from __future__ import annotations

import gzip
import os
import struct
from pathlib import Path

import numpy as np
import pytest

from mathdl.data.mnist import read_mnist
from mathdl.errors import FileError, InputError


def write_part(folder: Path, part: str, n: int, labels: int | None = None) -> None:
    labels = n if labels is None else labels
    images = bytes([0, 0, 8, 3]) + struct.pack(">3I", n, 28, 28) + bytes(n * 784)
    (folder / f"{part}-images-idx3-ubyte.gz").write_bytes(gzip.compress(images))
    content = bytes([0, 0, 8, 1]) + struct.pack(">I", labels) + bytes(range(labels))
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(content)


def test_from_a_folder_and_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "mnist"
    folder.mkdir()
    write_part(folder, "train", 3)
    write_part(folder, "t10k", 2)
    monkeypatch.setenv("MATHDL_DATA", str(tmp_path))
    for mnist in (read_mnist(folder), read_mnist()):
        assert mnist.images.shape == (3, 1, 28, 28)
        assert mnist.labels.tolist() == [0, 1, 2]
        assert mnist.test is not None
        assert len(mnist.test) == 2


def test_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MATHDL_DATA", raising=False)
    with pytest.raises(InputError, match=r"No folder was given for mnist; .*MATHDL_DATA"):
        read_mnist()


def test_absent_file_is_named(tmp_path: Path) -> None:
    write_part(tmp_path, "t10k", 2)
    with pytest.raises(FileError, match="holds no train-images-idx3-ubyte"):
        read_mnist(tmp_path)


def test_lengths_must_agree(tmp_path: Path) -> None:
    write_part(tmp_path, "train", 3, labels=4)
    write_part(tmp_path, "t10k", 2)
    with pytest.raises(InputError, match=r"mnist holds 3 images and labels of shape \(4,\)"):
        read_mnist(tmp_path)


def test_the_real_files() -> None:
    beside = Path(__file__).parents[3] / "shared" / "data"
    folder = Path(os.environ.get("MATHDL_DATA") or beside) / "mnist"
    if not folder.is_dir():
        pytest.skip(f"MNIST is not in {folder}; set MATHDL_DATA to the folder that holds mnist/")
    mnist = read_mnist(folder)
    assert mnist.images.shape == (60000, 1, 28, 28)
    assert mnist.images.flags.writeable
    assert mnist.images.flags.c_contiguous
    assert np.bincount(mnist.labels).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.test is not None
    assert mnist.test.labels[:5].tolist() == [7, 2, 1, 0, 4]
