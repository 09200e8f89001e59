"""Picture files as arrays of bytes."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from mathdl.data.mapped_arrays import room
from mathdl.data.picture_format import PictureFormat, PictureHead, check_pad
from mathdl.errors import FileError, InputError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})
FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")
ORIENTATION, TURNED = 0x0112, (5, 6, 7, 8)  # the EXIF tag, and its values that swap width and height
Read = TypeVar("Read")
NAMED = 3  # damaged pictures that an error names


def read_pictures(paths: Sequence[str | os.PathLike[str]], form: PictureFormat) -> NDArray[np.uint8]:
    """Read picture files and make them alike: each is resized as the format says, and the rest is its border.

    Colour becomes grey and grey becomes colour where the format needs it; a picture that fits is taken as it is.
    """
    if not paths:
        raise InputError("No picture was given; name at least one file.")
    return _collected(len(paths), _each(paths, lambda path: read_picture(path, form)), form)


def _collected(count: int, pictures: Iterable[NDArray[np.uint8]], form: PictureFormat) -> NDArray[np.uint8]:
    """Return so many pictures of a format, one after the other, as one array."""
    if form.channels not in (1, 3):
        raise InputError(f"The model takes images of {form.channels} channels; pictures have 1 (grey) or 3 (colour).")
    check_pad(form.pad)
    shape = (count, *form[:3])
    found = room(shape, np.uint8, f"{count:,} pictures of {form}", "take a smaller size or fewer pictures")
    for position, picture in enumerate(pictures):
        found[position] = picture
    return found


def read_picture(path: str | os.PathLike[str], form: PictureFormat | None = None) -> NDArray[np.uint8]:
    """Read one picture file as (channels, height, width): in a format, or as it is, with 1 channel for grey.

    A rotation that the camera noted (EXIF) is applied, transparent parts are laid on white, and of an animation the
    first frame is taken.
    """
    from PIL import ImageOps

    with _opened(path) as image:
        upright = ImageOps.exif_transpose(image)
        if form is not None:
            return _fitted(_opaque(upright), form)
        return _channels_first(np.asarray(_opaque(upright).convert("L" if _is_grey(upright) else "RGB")))


def pictures_in_memory(X: Any) -> list[NDArray[np.uint8]] | None:
    """Return the pictures of a list of arrays of bytes, each as (channels, height, width); None of anything else.

    An array of a picture has the shape (height, width), or (channels, height, width).
    """
    given = list(X) if isinstance(X, list | tuple) or (isinstance(X, np.ndarray) and X.dtype == object) else []
    if not given or not all(isinstance(x, np.ndarray) and x.dtype == np.uint8 and x.ndim in (2, 3) for x in given):
        return None
    return [x if x.ndim == 3 else x[None] for x in given]


def alike_in_memory(pictures: Sequence[NDArray[np.uint8]], form: PictureFormat) -> NDArray[np.uint8]:
    """Make arrays of pictures alike, as :func:`read_pictures` does files."""
    from PIL import Image

    heads_in_memory(pictures)
    images = (Image.fromarray(np.ascontiguousarray(x[0] if len(x) == 1 else x.transpose(1, 2, 0))) for x in pictures)
    return _collected(len(pictures), (_fitted(image, form) for image in images), form)


def heads_in_memory(pictures: Sequence[NDArray[np.uint8]]) -> list[PictureHead]:
    """Return the sizes and kinds of arrays of pictures; raise InputError where one is neither grey nor in colour."""
    for place, picture in enumerate(pictures):
        if picture.shape[0] not in (1, 3) or not picture.size:
            last = picture.shape[2] in (1, 3)
            advice = f"np.moveaxis(X[{place}], -1, 0)" if last else "(height, width) or (channels, height, width)"
            raise InputError(
                f"X[{place}] has shape {picture.shape}; a picture has 1 channel or 3, which come first: give {advice}."
            )
    return [PictureHead(width, height, channels == 1) for channels, height, width in (x.shape for x in pictures)]


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
    """Make a picture grey or colour, resize it where the format says so, and fill the rest with its border."""
    from PIL import Image, ImageOps

    image = image.convert("L" if form.channels == 1 else "RGB")
    if form.resizes(*image.size):
        image = ImageOps.contain(image, (form.width, form.height), Image.Resampling.BILINEAR)
    pixels = np.asarray(image)
    missing = [form.height - pixels.shape[0], form.width - pixels.shape[1]]
    margins = [(one // 2, one - one // 2) for one in missing] + [(0, 0)] * (pixels.ndim - 2)
    if form.pad == "edge":
        return _channels_first(np.pad(pixels, margins, mode="edge"))
    return _channels_first(np.pad(pixels, margins, constant_values=255 if form.pad == "white" else 0))


def _channels_first(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Return pixels (height, width) or (height, width, channels) as (channels, height, width)."""
    return np.ascontiguousarray(pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1))


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
