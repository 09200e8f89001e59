"""Picture files as arrays of bytes."""

from __future__ import annotations

import os
import struct
import warnings
import zlib
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import FileError, InputError

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

PICTURE_SUFFIXES = frozenset({".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp"})

FORMATS = ("PNG", "JPEG", "BMP", "GIF", "WEBP")


def read_pictures(
    paths: Sequence[str | os.PathLike[str]], *, channels: int, height: int, width: int
) -> NDArray[np.uint8]:
    """Read picture files for a model that takes images of this shape; nothing is resized.

    Colour becomes grey and grey becomes colour where the model needs it.
    """
    if channels not in (1, 3):
        raise InputError(f"The model takes images of {channels} channels; pictures have 1 (grey) or 3 (colour).")
    if not paths:
        raise InputError("No picture was given; name at least one file.")
    pictures = np.empty((len(paths), channels, height, width), dtype=np.uint8)
    for position, path in enumerate(paths):
        picture = read_picture(path, channels)
        if picture.shape[1:] != (height, width):
            raise InputError(
                f"{os.fspath(path)} is {size_name(picture)} and the model takes {size_name(pictures[0])} "
                "(width x height); resize the picture."
            )
        pictures[position] = picture
    return pictures


def read_picture(path: str | os.PathLike[str], channels: int | None = None) -> NDArray[np.uint8]:
    """Read one picture file as (channels, height, width), with 1 channel for grey and 3 for colour, or as wanted.

    A rotation that the camera noted (EXIF) is applied, transparent parts are laid on white, and of an animation the
    first frame is taken.
    """
    from PIL import Image, ImageOps

    name = os.fspath(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            image = Image.open(path, formats=FORMATS)
        with image:
            upright = ImageOps.exif_transpose(image)
            if channels is None:
                channels = 1 if _is_grey(upright) else 3
            pixels = np.asarray(_opaque(upright).convert("L" if channels == 1 else "RGB"))
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
    return np.ascontiguousarray(pixels.reshape(*pixels.shape[:2], -1).transpose(2, 0, 1))


def size_name(picture: NDArray[np.uint8]) -> str:
    """Write the width and height of an array (channels, height, width)."""
    return f"{picture.shape[2]} x {picture.shape[1]}"


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
