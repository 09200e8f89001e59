"""Picture files as arrays of bytes."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import prod
from operator import index
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from mathdl.data.memory import require_memory
from mathdl.errors import FileError, InputError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
PADS = ("black", "white", "edge")
ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)  # the EXIF tag, and its values that swap width and height
MAX_SIDE = 10_000  # pixels
Read = TypeVar("Read")
NAMED = 3  # damaged pictures that an error names


class PictureFormat(NamedTuple):
    """What pictures are made alike to: grey (1 channel) or colour (3), a size, and the border of those that are not.

    The border that fills a picture of another shape is black, white, or repeats the picture's edge.
    """

    channels: int
    height: int
    width: int
    pad: str = PADS[0]

    def __str__(self) -> str:
        return f"{self.width} x {self.height} {'grey' if self.channels == 1 else 'colour'}"


class PictureHead(NamedTuple):
    """What a picture file says before its pixels are read, upright as the camera noted."""

    width: int
    height: int
    grey: bool


def picture_size(given: int | str | Sequence[int]) -> tuple[int, int]:
    """Return width and height of what a user gives: a side of a square, or both as "64x48" or a pair."""
    sides: Any = given.lower().split("x") if isinstance(given, str) else given
    sides = list(sides) if isinstance(sides, tuple | list) else [sides]
    try:
        whole = [int(side) if isinstance(side, str) else index(side) for side in sides if not isinstance(side, bool)]
    except (TypeError, ValueError):
        whole = []
    if len(whole) not in (1, 2):
        raise InputError(f"The size of pictures is {given!r}; give a number of pixels as 64, or WIDTHxHEIGHT as 64x48.")
    if not all(1 <= side <= MAX_SIDE for side in whole):
        raise InputError(f"The size of pictures is {given!r}; give sides from 1 to {MAX_SIDE:,} pixels.")
    return whole[0], whole[-1]


def check_pad(pad: object) -> None:
    """Refuse a border that is not known."""
    if not isinstance(pad, str) or pad not in PADS:
        raise InputError(f"The border of pictures (pad) is {pad!r}; give {', '.join(PADS[:-1])} or {PADS[-1]}.")


def read_pictures(paths: Sequence[str | os.PathLike[str]], form: PictureFormat) -> NDArray[np.uint8]:
    """Read picture files and make them alike: each is resized to fit, its aspect kept, and the rest is its border.

    Colour becomes grey and grey becomes colour where the format needs it; a picture that fits is taken as it is.
    """
    if form.channels not in (1, 3):
        raise InputError(f"The model takes images of {form.channels} channels; pictures have 1 (grey) or 3 (colour).")
    check_pad(form.pad)
    if not paths:
        raise InputError("No picture was given; name at least one file.")
    shape = (len(paths), *form[:3])
    require_memory(prod(shape), f"{len(paths):,} pictures of {form}", "take a smaller size or fewer pictures")
    pictures = np.empty(shape, dtype=np.uint8)
    for position, picture in enumerate(_each(paths, lambda path: read_picture(path, form))):
        pictures[position] = picture
    return pictures


def read_picture(path: str | os.PathLike[str], form: PictureFormat | None = None) -> NDArray[np.uint8]:
    """Read one picture file as (channels, height, width): in a format, or as it is, with 1 channel for grey.

    A rotation that the camera noted (EXIF) is applied, transparent parts are laid on white, and of an animation the
    first frame is taken.
    """
    from PIL import ImageOps

    with _opened(path) as image:
        upright = ImageOps.exif_transpose(image)
        grey = _is_grey(upright) if form is None else form.channels == 1
        plain = _opaque(upright).convert("L" if grey else "RGB")
        pixels = np.asarray(plain) if form is None else _fitted(plain, form)
    return np.ascontiguousarray(pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1))


def picture_heads(paths: Sequence[str | os.PathLike[str]]) -> list[PictureHead]:
    """Read sizes and kinds of pictures without their pixels."""
    return list(_each(paths, _picture_head))


def _picture_head(path: str | os.PathLike[str]) -> PictureHead:
    """Read a picture's size and kind."""
    with _opened(path) as image:
        width, height = image.size
        if image.getexif().get(ORIENTATION, 1) in TURNED:
            width, height = height, width
        return PictureHead(width, height, _is_grey(image))


@contextmanager
def _opened(path: str | os.PathLike[str]) -> Iterator[Picture]:
    """Open a picture file; tell in a sentence what goes wrong while it is read."""
    from PIL import Image

    name = os.fspath(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(path, formats=FORMATS)
        with image:
            yield image
    except FileNotFoundError as error:
        raise FileError(f"There is no picture {name}; check the path.") from error
    except (PermissionError, IsADirectoryError) as error:
        raise FileError(f"{name} cannot be read ({error.strerror}); give a picture file.") from error
    # Pillow's decoders raise all of these on damaged files.
    except (
        OSError, SyntaxError, ValueError, EOFError, IndexError, zlib.error, struct.error,
        Image.DecompressionBombError, Image.DecompressionBombWarning,
    ) as error:  # fmt: skip
        raise FileError(
            f"{name} cannot be read as a picture ({_reason(error)}); give a PNG, JPEG, BMP, GIF or WebP file."
        ) from error


def _fitted(image: Picture, form: PictureFormat) -> NDArray[np.uint8]:
    """Resize a picture so that it just fits, and fill the rest on both sides with the border."""
    from PIL import Image, ImageOps

    size = (form.width, form.height)
    if image.size != size:
        image = ImageOps.contain(image, size, Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    missing = [form.height - pixels.shape[0], form.width - pixels.shape[1]]
    margins = [(one // 2, one - one // 2) for one in missing] + [(0, 0)] * (pixels.ndim - 2)
    if form.pad == "edge":
        return np.pad(pixels, margins, mode="edge")
    return np.pad(pixels, margins, constant_values=255 if form.pad == "white" else 0)


def _each(paths: Sequence[str | os.PathLike[str]], read: Callable[[str | os.PathLike[str]], Read]) -> Iterator[Read]:
    """Read one picture after the other; raise one error for all that cannot be read."""
    names, last = list[str](), None
    for path in paths:
        try:
            yield read(path)
        except FileError as error:
            names.append(os.fspath(path))
            last = error
    if last is not None and len(names) == 1:
        raise last
    if last is not None:
        named = f"{', '.join(names[:NAMED])}{f' and {len(names) - NAMED:,} more' if len(names) > NAMED else ''}"
        raise FileError(f"{len(names):,} of {len(paths):,} pictures cannot be read: {named}; repair or remove them.")


def _is_grey(image: Picture) -> bool:
    """Tell a grey picture from one in colour, by its mode or its palette."""
    if image.mode in ("P", "PA"):
        palette = np.reshape(image.getpalette("RGB") or [], (-1, 3))
        return bool(np.all(palette == palette[:, :1]))
    return image.mode in ("1", "L", "LA") or image.mode.startswith("I")


def _opaque(image: Picture) -> Picture:
    """Return the picture without transparency and with 8 bits a channel."""
    from PIL import Image

    if image.mode.startswith("I"):
        # Pillow cuts 16 bits off at 255; the upper byte is the brightness.
        return Image.fromarray((np.asarray(image).clip(0, 65535).astype(np.uint16) >> 8).astype(np.uint8))
    if not image.has_transparency_data:
        return image
    layer = image.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer)


def _reason(error: BaseException) -> str:
    """Say in a few words, without the path, why a picture cannot be read."""
    return "not a picture of these kinds" if "cannot identify" in str(error) else str(error).rstrip(".")
