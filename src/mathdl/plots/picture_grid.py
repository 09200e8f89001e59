"""Small pictures in rows, each with a caption."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.plots.svg import document, element, escape, shorten, words

_COLUMNS = 8
_TILE, _GAP, _LINE = 103.0, 12.0, 15.0
_LARGEST = 192


def picture_grid(images: NDArray[np.uint8], captions: Sequence[str]) -> str:
    """Draw pictures in rows of eight, pixel by pixel, each above its caption.

    Parameters
    ----------
    images : array of uint8, shape (n, channels, height, width)
        The pictures. One channel is grey and three are red, green and blue; of any other number the mean is
        shown.
    captions : sequence of str
        One a picture; a line break starts a new line. Lines that are too long are shortened.

    Returns
    -------
    str
        An SVG that holds the pictures as PNG.

    Raises
    ------
    InputError
        When there is no picture, or not one caption for each.

    Examples
    --------
    >>> import numpy as np
    >>> picture_grid(np.zeros((2, 1, 8, 8), dtype=np.uint8), ["one", "two"]).count("<image")
    2
    """
    if images.ndim != 4 or len(images) == 0 or len(images) != len(captions):
        raise InputError(
            f"pictures of shape {images.shape} do not go with {len(captions)} captions; "
            "give at least one picture as (n, channels, height, width) and one caption for each"
        )
    lines = max(caption.count("\n") + 1 for caption in captions)
    pitch = _TILE + lines * _LINE + 18
    body = []
    for index, (image, caption) in enumerate(zip(images, captions, strict=True)):
        row, column = divmod(index, _COLUMNS)
        body.append(_tile(image, caption, column * (_TILE + _GAP), row * pitch))
    columns, rows = min(len(images), _COLUMNS), -(-len(images) // _COLUMNS)
    return document(columns * (_TILE + _GAP) - _GAP, rows * pitch - 8, f"{len(images)} pictures", *body)


def _tile(image: NDArray[np.uint8], caption: str, x: float, y: float) -> str:
    """Draw one picture and its caption; the whole caption shows when the pointer rests on it."""
    crisp = {"style": "image-rendering:pixelated"} if max(image.shape[1:]) < _TILE else {}
    picture = element(
        "image",
        element("title", escape(caption)),
        href=png_uri(image),
        x=x,
        y=y,
        width=_TILE,
        height=_TILE,
        **crisp,
    )
    text = [
        words(
            x + _TILE / 2,
            y + _TILE + (k + 1) * _LINE,
            shorten(line, 17),
            size=11.5,
            text_anchor="middle",
            css="soft" if k else "ink",
        )
        for k, line in enumerate(caption.split("\n"))
    ]
    return picture + "".join(text)


def png_uri(image: NDArray[np.uint8]) -> str:
    """Return a picture of shape (channels, height, width) as a PNG in a data URI, smaller when it is large.

    Examples
    --------
    >>> import numpy as np
    >>> png_uri(np.zeros((1, 2, 2), dtype=np.uint8))[:22]
    'data:image/png;base64,'
    """
    from PIL import Image

    if image.shape[0] == 3:
        pixels = image.transpose(1, 2, 0)
    else:
        pixels = image[0] if image.shape[0] == 1 else image.mean(axis=0).round().astype(np.uint8)
    picture = Image.fromarray(np.ascontiguousarray(pixels))
    picture.thumbnail((_LARGEST, _LARGEST))
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
