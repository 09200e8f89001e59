"""A folder of pictures by class: one subfolder a class."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import utf8_text
from mathdl.data.image_set import ImageSet
from mathdl.data.pictures import PICTURE_SUFFIXES, read_picture, size_name
from mathdl.errors import FileError, InputError


def read_image_folder(folder: str | os.PathLike[str]) -> ImageSet:
    """Read pictures whose class is the name of the subfolder that they lie in: all of one size, all grey or in colour.

    Hidden files and files of other kinds are left out; the order is that of names.
    """
    root = Path(folder)
    classes = _classes(root)
    files = [(path, path.parent.name) for subfolder in classes for path in _pictures_in(subfolder)]
    first = read_picture(files[0][0])
    images = np.empty((len(files), *first.shape), dtype=np.uint8)
    for position, (path, _) in enumerate(files):
        picture = read_picture(path)
        if picture.shape != first.shape:
            raise InputError(
                f"{_short(path)} is {_kind(picture)}, but {_short(files[0][0])} is {_kind(first)}; "
                "make all pictures of one size and kind."
            )
        images[position] = picture
    labels = np.array([utf8_text(label) for _, label in files])
    return ImageSet(images, labels, utf8_text(root.resolve().name), files=tuple(_short(path) for path, _ in files))


def _classes(root: Path) -> list[Path]:
    """List the subfolders, of which there must be two."""
    entries = _visible(root)
    classes = [path for path in entries if os.path.isdir(path)]
    if len(classes) >= 2:
        return classes
    if len(classes) == 1:
        raise InputError(
            f"{root} holds one class only, {classes[0].name!r}; give at least two subfolders, one per class."
        )
    found = "pictures but no subfolders" if any(map(_is_picture, entries)) else "no pictures"
    raise InputError(f"{root} holds {found}; put the pictures of each class into a subfolder of its name.")


def _pictures_in(subfolder: Path) -> list[Path]:
    """List the pictures of one class."""
    pictures = [path for path in _visible(subfolder) if _is_picture(path)]
    if not pictures:
        raise InputError(
            f"{subfolder} holds no pictures ({', '.join(sorted(PICTURE_SUFFIXES))}); add some or remove it."
        )
    return pictures


def _visible(folder: Path) -> list[Path]:
    """List a folder in the order of names, without hidden entries."""
    try:
        return sorted(path for path in folder.iterdir() if not path.name.startswith((".", "__MACOSX")))
    except OSError as error:
        raise FileError(f"{folder} cannot be read ({error.strerror or error}); check the folder.") from error


def _is_picture(path: Path) -> bool:
    """Tell a picture by its name."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def _kind(picture: NDArray[np.uint8]) -> str:
    """Write size and kind of a picture."""
    return f"{size_name(picture)} {'grey' if len(picture) == 1 else 'colour'}"


def _short(path: Path) -> str:
    """Name a picture by its class and file."""
    return utf8_text(f"{path.parent.name}/{path.name}")
