"""MNIST: 70,000 handwritten digits in four IDX files."""

from __future__ import annotations

import os
from pathlib import Path

from mathdl.data.idx import read_idx
from mathdl.data.image_set import ImageSet
from mathdl.errors import FileError, InputError


def read_mnist(data: str | os.PathLike[str] | None = None) -> ImageSet:
    """Read MNIST's 60,000 training and 10,000 test images from the folder of its four files, gzipped or not.

    Without a folder, from the folder ``mnist`` inside the one that the environment variable ``MATHDL_DATA`` names.
    """
    if data is not None:
        folder = Path(data)
    elif home := os.environ.get("MATHDL_DATA"):
        folder = Path(home) / "mnist"
    else:
        raise InputError(
            "No folder was given for mnist; name the one that holds its IDX files (--data FOLDER), "
            "or set MATHDL_DATA to the folder that holds mnist/."
        )
    return _read_part(folder, "train", test=_read_part(folder, "t10k", test=None))


def _read_part(folder: Path, part: str, test: ImageSet | None) -> ImageSet:
    """Read the images and labels of one part."""
    images = read_idx(_find(folder, f"{part}-images-idx3-ubyte"), axes=3)
    labels = read_idx(_find(folder, f"{part}-labels-idx1-ubyte"), axes=1)
    return ImageSet(images[:, None], labels, "mnist", test=test)


def _find(folder: Path, name: str) -> Path:
    """Find a file, gzipped or not."""
    for path in (folder / name, folder / f"{name}.gz"):
        if os.path.isfile(path):
            return path
    raise FileError(f"{folder} holds no {name} (or {name}.gz); give the folder with the four files of MNIST.")
