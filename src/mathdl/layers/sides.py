"""Options of layers of images that are one number for rows and columns, or one for each."""

from __future__ import annotations

from collections.abc import Sequence

from mathdl.checks import require_at_least, shortened
from mathdl.errors import InputError
from mathdl.layers.layer import MAX_NUMBERS

Sides = tuple[int, int]  # of rows, of columns


def sides_of(name: str, value: int | Sequence[int], axes: int = 2) -> Sides:
    """Return both numbers, of rows 1 for a signal; raise InputError unless each is a whole number of at least 1."""
    if axes == 1 or not isinstance(value, Sequence) or isinstance(value, str):
        require_at_least(name, value, 1, MAX_NUMBERS)
        return int(value) if axes == 2 else 1, int(value)  # type: ignore[arg-type]
    if len(value) != 2:
        raise InputError(f"{name} is {shortened(value)}; give a whole number, or two of them for rows and columns.")
    for place, side in enumerate(value):
        require_at_least(f"{name}[{place}]", side, 1, MAX_NUMBERS)
    return int(value[0]), int(value[1])


def described(sides: Sides, axes: int = 2) -> int | list[int]:
    """Return the sides as JSON and TOML can hold them: one number for a signal, or where both are the same."""
    return sides[1] if axes == 1 or sides[0] == sides[1] else list(sides)
