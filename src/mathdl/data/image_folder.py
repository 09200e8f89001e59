"""A folder of pictures by class: one subfolder a class, and perhaps train/, valid/ and test/ above them."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mathdl.data.cleaning import utf8_text
from mathdl.data.image_set import ImageSet
from mathdl.data.picture_format import BY_THE_DATA, PictureFormat, PictureOptions, format_of, notes_on
from mathdl.data.pictures import PICTURE_SUFFIXES, picture_heads, read_pictures
from mathdl.errors import FileError, InputError

PARTS = {
    "training": ("train", "training"),
    "validation": ("valid", "val", "validation"),
    "test": ("test", "testing"),
}  # the names of their folders


def read_image_folder(folder: str | os.PathLike[str], options: PictureOptions = BY_THE_DATA) -> ImageSet:
    """Read pictures whose class is the name of the subfolder that they lie in, made alike in size and kind.

    Subfolders train, valid (val, validation) and test, each with the classes' subfolders, are parts that are kept.
    Hidden files and files of other kinds are left out; the order is that of names.
    """
    root = Path(folder)
    parts = {part: _labelled(path) for part, path in parts_within(root).items()}
    _require_same_classes(root, parts)
    train, validation, test = parts["training"], parts.get("validation", []), parts.get("test")
    heads = picture_heads(train)
    form = format_of(heads, options)
    name = utf8_text(root.resolve().name)
    return _image_set(
        train + validation,
        name,
        form,
        test=None if test is None else _image_set(test, name, form),
        validation_from=len(train) if validation else None,
        notes=notes_on(heads, form, options),
    )


def pictures_within(folder: str | os.PathLike[str]) -> list[Path]:
    """List the pictures in a folder and its subfolders, in the order of names."""
    root = Path(folder)
    files = [path for path in sorted(root.rglob("*")) if _is_picture(path) and path.is_file()]
    found = [path for path in files if not any(map(_is_hidden, path.relative_to(root).parts))]
    if not found:
        raise InputError(f"{root} holds no pictures ({', '.join(sorted(PICTURE_SUFFIXES))}); name a folder that does.")
    return found


def _image_set(files: Sequence[Path], name: str, form: PictureFormat, **others: Any) -> ImageSet:
    """Read the files of a part."""
    labels = np.array([utf8_text(path.parent.name) for path in files])
    names = tuple(_short(path) for path in files)
    return ImageSet(read_pictures(files, form), labels, name, files=names, pad=form.pad, resize=form.resize, **others)


def parts_within(root: Path) -> dict[str, Path]:
    """Return the folders of the training part and, where there are any, of the others: the folder itself, or parts."""
    folders = {path.name.lower(): path for path in _visible(root) if os.path.isdir(path)}
    found = {part: [folders[name] for name in names if name in folders] for part, names in PARTS.items()}
    held = [path for paths in found.values() for path in paths]
    # A class may be called "test" as well: parts hold folders, classes hold pictures.
    if not found["training"] or not all(any(map(os.path.isdir, _visible(path))) for path in held):
        return {"training": root}
    for part, paths in found.items():
        if len(paths) > 1:
            raise InputError(f"{root} holds {paths[0].name} and {paths[1].name}, both a {part} part; keep one of them.")
    if len(held) < len(folders):
        other = next(path.name for path in folders.values() if path not in held)
        raise InputError(
            f"{root} holds {', '.join(path.name for path in held)} and also {other}; "
            "give either the folders of parts or those of classes."
        )
    return {part: paths[0] for part, paths in found.items() if paths}


def _require_same_classes(root: Path, parts: dict[str, list[Path]]) -> None:
    """Refuse parts that hold pictures of different classes."""
    classes = {part: {path.parent.name for path in files} for part, files in parts.items()}
    for part, names in classes.items():
        for name in sorted(names ^ classes["training"]):
            there, absent = (part, "training") if name in names else ("training", part)
            raise InputError(
                f"The {there} part of {root} holds a class {name!r} and the {absent} part does not; "
                "give all parts the same classes."
            )


def _labelled(root: Path) -> list[Path]:
    """List the pictures of a part, class by class."""
    return [path for subfolder in _classes(root) for path in _pictures_in(subfolder)]


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
        return sorted(path for path in folder.iterdir() if not _is_hidden(path.name))
    except OSError as error:
        raise FileError(f"{folder} cannot be read ({error.strerror or error}); check the folder.") from error


def _is_picture(path: Path) -> bool:
    """Tell a picture by its name."""
    return path.suffix.lower() in PICTURE_SUFFIXES


def _is_hidden(name: str) -> bool:
    """Tell what systems leave behind from what users put there."""
    return name.startswith((".", "__MACOSX"))


def _short(path: Path) -> str:
    """Name a picture by its class and file."""
    return utf8_text(f"{path.parent.name}/{path.name}")
