"""A list of pictures in memory, of whatever sizes, with their labels."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import clean_values
from mathdl.data.image_set import ImageSet
from mathdl.data.picture_format import PictureOptions, format_of, notes_on
from mathdl.data.pictures import alike_in_memory, heads_in_memory
from mathdl.errors import InputError


def image_set_of_list(pictures: Sequence[NDArray[np.uint8]], y: Any, options: PictureOptions) -> ImageSet:
    """Make the pictures (channels, height, width) of a list alike, as those of a folder."""
    labels = np.asarray(y)
    if labels.shape != (len(pictures),):
        raise InputError(
            f"X has {len(pictures)} pictures and y has shape {labels.shape}; give y one label per picture."
        )
    heads = heads_in_memory(pictures)
    form = format_of(heads, options)
    return ImageSet(
        alike_in_memory(pictures, form),
        clean_values("y", labels),
        "the pictures",
        pad=form.pad,
        resize=form.resize,
        notes=notes_on(heads, form, options),
    )
