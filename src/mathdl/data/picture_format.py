"""What pictures of different sizes are made alike to, and what is said of it."""

from __future__ import annotations

from collections.abc import Sequence
from operator import index
from statistics import median
from typing import Any, NamedTuple

from mathdl.checks import require_choice
from mathdl.errors import InputError

PADS = ("black", "white", "edge")
RESIZED = ("all", "larger")
MAX_SIDE = 10_000  # pixels
DEFAULT_SIDE = 64  # pixels of the longer side at most, unless a size is given: larger pictures train slowly


class PictureFormat(NamedTuple):
    """What pictures are made alike to: grey (1 channel) or colour (3), a size, and how those of another get it.

    Either all are resized until they just fit, the aspect kept, or only those that are larger. What is left is a
    border, as wide on both sides, or one pixel wider on the right and below; it is black, white, or repeats the
    picture's edge.
    """

    channels: int
    height: int
    width: int
    pad: str = PADS[0]
    resize: str = RESIZED[0]

    def __str__(self) -> str:
        return f"{self.width} x {self.height} {'grey' if self.channels == 1 else 'colour'}"

    def resizes(self, width: int, height: int) -> bool:
        """Tell whether a picture of this size is resized."""
        if self.resize == "all":
            return (width, height) != (self.width, self.height)
        return width > self.width or height > self.height


class PictureOptions(NamedTuple):
    """How pictures are made alike: to which width and height (None: by the data), which border, which are resized."""

    size: tuple[int, int] | None = None
    pad: str = PADS[0]
    resize: str = RESIZED[0]


BY_THE_DATA = PictureOptions()


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


def check_resize(resize: object) -> None:
    """Refuse a way to resize that is not known."""
    require_choice("Which pictures are resized (resize)", resize, RESIZED)


def format_of(heads: Sequence[PictureHead], options: PictureOptions) -> PictureFormat:
    """Choose the format of all: grey or colour as most are, and the size.

    That is the middle one, but no larger than is quick; or, where pictures keep their own, that of the largest.
    """
    channels = 1 if 2 * sum(head.grey for head in heads) > len(heads) else 3
    widths, heights = [head.width for head in heads], [head.height for head in heads]
    if options.size is not None:
        width, height = options.size
    elif options.resize == "larger":
        width, height = max(widths), max(heights)
    else:
        middle = [median(widths), median(heights)]
        scale = min(1.0, DEFAULT_SIDE / max(middle))
        width, height = (max(1, round(scale * side)) for side in middle)
    return PictureFormat(channels, height, width, options.pad, options.resize)


def notes_on(heads: Sequence[PictureHead], form: PictureFormat, options: PictureOptions) -> tuple[str, ...]:
    """Say what was made of the pictures of a training that were not as the format asks."""
    advice = "" if options.size is not None else "; --size chooses another"
    notes = [f"{said}{advice}." for said in [change_of_size(heads, form)] if said]
    other = sum(head.grey != (form.channels == 1) for head in heads)
    if other:
        kind, others = ("grey", "colour") if form.channels == 1 else ("colour", "grey")
        which = f"1 {others} picture was" if other == 1 else f"{other:,} {others} pictures were"
        notes.append(f"{which} read as {kind}, like the others.")
    return tuple(notes)


def change_of_size(heads: Sequence[PictureHead], form: PictureFormat) -> str:
    """Say how pictures got the size of the format; nothing where all have it."""
    sizes = sorted({(head.width, head.height) for head in heads}, key=lambda size: (size[0] * size[1], size))
    if sizes == [(form.width, form.height)]:
        return ""
    first, last = (f"{width} x {height}" for width, height in (sizes[0], sizes[-1]))
    of = f"Pictures of {first}" if len(sizes) == 1 else f"Pictures of {len(sizes):,} sizes, {first} to {last},"
    to = f"{form.width} x {form.height} pixels"
    resized = sum(form.resizes(head.width, head.height) for head in heads)
    if form.resize == "all":
        bordered = any(head.width * form.height != head.height * form.width for head in heads)
        how = f", the aspect kept, with a border ({form.pad}) where needed" if bordered else ""
        return f"{of} were resized to {to}{how}"
    if resized == len(heads):
        return f"{of} were resized to fit into {to}, with a border ({form.pad}) where needed"
    larger = "" if not resized else f"; {resized:,} of them, larger than that, first resized to fit"
    return f"{of} got a border ({form.pad}) on all sides to {to}{larger}"
