"""Data: readers, splitting, scaling and encoding, and small seeded generators."""

from __future__ import annotations

from mathdl.data.csv_batches import csv_batches
from mathdl.data.generators import noisy_waves, two_moons
from mathdl.data.image_folder import parts_within, pictures_within
from mathdl.data.image_set import ImageSet
from mathdl.data.npz_file import read_npz_array
from mathdl.data.picture_format import (
    PADS,
    RESIZED,
    PictureFormat,
    PictureOptions,
    change_of_size,
    check_pad,
    check_resize,
    picture_size,
)
from mathdl.data.pictures import alike_in_memory, picture_heads, pictures_in_memory, read_pictures
from mathdl.data.preprocessing import Preprocessing
from mathdl.data.signal_set import SignalScale, SignalSet
from mathdl.data.sources import read, read_columns
from mathdl.data.splitting import split, stratified_split
from mathdl.data.table import Table

__all__ = [
    "PADS",
    "RESIZED",
    "ImageSet",
    "PictureFormat",
    "PictureOptions",
    "Preprocessing",
    "SignalScale",
    "SignalSet",
    "Table",
    "alike_in_memory",
    "change_of_size",
    "check_pad",
    "check_resize",
    "csv_batches",
    "noisy_waves",
    "parts_within",
    "picture_heads",
    "picture_size",
    "pictures_in_memory",
    "pictures_within",
    "read",
    "read_columns",
    "read_npz_array",
    "read_pictures",
    "split",
    "stratified_split",
    "two_moons",
]
