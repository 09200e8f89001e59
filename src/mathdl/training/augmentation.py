"""Augmentation: pictures that are changed a little, anew in each epoch, so that a network learns what stays."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.training.callbacks import Callback

if TYPE_CHECKING:  # it would load the compiler
    from mathdl.training.training import Training

Array = NDArray[Any]

AUGMENTATIONS = ("shift", "flip", "rotate")
MAX_SHIFT = 0.1  # of a side, and at least a pixel; chosen, as MAX_ANGLE
MAX_ANGLE = 15.0  # degrees
BLOCK = 2**15  # numbers that are changed at a time, so that it needs little memory


def augmentations(given: object) -> tuple[str, ...]:
    """Return the kinds of change that a user names, as a text with commas or a sequence; raise InputError at others."""
    kinds = given.split(",") if isinstance(given, str) else given
    if not isinstance(kinds, Sequence) or not kinds or any(kind not in AUGMENTATIONS for kind in kinds):
        raise InputError(f"augment is {shortened(given)}; give some of {', '.join(AUGMENTATIONS)}.")
    return tuple(kind for kind in AUGMENTATIONS if kind in kinds)


class Augmentation(Callback):
    """Puts changed pictures in the place of those that a network trains on, before each epoch.

    ``shift`` moves each by up to a tenth of its sides, ``flip`` mirrors it left to right with probability 1/2, and
    ``rotate`` turns it by up to 15 degrees; what comes in from outside repeats its edge. The changes are a function of
    the seed and the epoch alone. ``images``, of shape (N, channels, height, width), are written to.
    """

    def __init__(self, images: Array, kinds: tuple[str, ...], seed: int) -> None:
        self.images, self.kinds, self.seed = images, kinds, seed
        self.originals = images.copy()

    def on_epoch_start(self, training: Training) -> None:
        """Change all pictures anew."""
        augment(self.originals, self.kinds, np.random.default_rng([self.seed, training.epoch]), out=self.images)


def augment(images: Array, kinds: tuple[str, ...], generator: np.random.Generator, out: Array) -> None:
    """Write changed images, of shape (N, channels, height, width), to ``out``."""
    N, _, height, width = images.shape
    limits = [max(1, round(MAX_SHIFT * side)) for side in (height, width)]
    moved = np.stack([generator.integers(-limit, limit + 1, N) for limit in limits], axis=1)
    mirrored = generator.integers(0, 2, N).astype(bool)
    angles = np.deg2rad(generator.uniform(-MAX_ANGLE, MAX_ANGLE, N))
    shifts = moved if "shift" in kinds else np.zeros_like(moved)
    flips = mirrored if "flip" in kinds else np.zeros_like(mirrored)
    step = max(1, BLOCK // images[0].size)
    for start in range(0, N, step):
        part = slice(start, start + step)
        if "rotate" in kinds:
            _turn(images[part], angles[part], shifts[part], flips[part], out[part])
        else:
            _move(images[part], shifts[part], flips[part], out[part])


def _move(images: Array, shifts: NDArray[np.int64], flips: NDArray[np.bool_], out: Array) -> None:
    """Shift and mirror images by whole pixels."""
    N, _, height, width = images.shape
    rows = (np.arange(height) - shifts[:, :1]).clip(0, height - 1)
    columns = (np.arange(width) - shifts[:, 1:]).clip(0, width - 1)
    columns[flips] = width - 1 - columns[flips]
    # The channels come last where one index stands before them and two behind.
    changed = images[np.arange(N)[:, None, None], :, rows[:, :, None], columns[:, None, :]]
    out[:] = changed.transpose(0, 3, 1, 2)


def _turn(
    images: Array, angles: NDArray[np.float64], shifts: NDArray[np.int64], flips: NDArray[np.bool_], out: Array
) -> None:
    """Turn images about their centres, mirror and shift them; each pixel is a mean of the four that it came from."""
    N, channels, height, width = images.shape
    y = np.arange(height, dtype=np.float32)[:, None] - (height - 1) / 2 - shifts[:, 0, None, None].astype(np.float32)
    x = np.arange(width, dtype=np.float32) - (width - 1) / 2 - shifts[:, 1, None, None].astype(np.float32)
    cos, sin = (f(angles).astype(np.float32)[:, None, None] for f in (np.cos, np.sin))
    mirror = np.where(flips, -1, 1).astype(np.float32)[:, None, None]
    rows = (cos * y - sin * x + (height - 1) / 2).clip(0, height - 1)
    columns = ((sin * y + cos * x) * mirror + (width - 1) / 2).clip(0, width - 1)
    top, left = rows.astype(np.int32), columns.astype(np.int32)
    below, right = np.minimum(top + 1, height - 1), np.minimum(left + 1, width - 1)
    down, along = rows - top, columns - left
    first = (np.arange(N, dtype=np.int32) * (height * width))[:, None, None]
    top, below = first + top * width, first + below * width
    for channel in range(channels):
        pixels = images[:, channel].ravel()
        upper, lower = (
            pixels[row + left] * (1 - along) + pixels[row + right] * along for row in (top, below)
        )  # between the pixels to the left and to the right
        changed = upper * (1 - down) + lower * down
        out[:, channel] = np.rint(changed) if out.dtype == np.uint8 else changed
