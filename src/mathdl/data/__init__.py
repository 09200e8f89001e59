"""Data: readers, splitting, scaling and encoding, and small seeded generators."""

from __future__ import annotations

from mathdl.data.generators import noisy_waves, two_moons
from mathdl.data.image_folder import PictureOptions, parts_within, pictures_within
from mathdl.data.image_set import ImageSet
from mathdl.data.npz_file import read_npz_objects
from mathdl.data.pictures import PADS, PictureFormat, check_pad, picture_size, read_pictures
from mathdl.data.preprocessing import Preprocessing
from mathdl.data.sources import read, read_columns
from mathdl.data.splitting import split, stratified_split
from mathdl.data.table import Table

__all__ = [
    "PADS",
    "ImageSet",
    "PictureFormat",
    "PictureOptions",
    "Preprocessing",
    "Table",
    "check_pad",
    "noisy_waves",
    "parts_within",
    "picture_size",
    "pictures_within",
    "read",
    "read_columns",
    "read_npz_objects",
    "read_pictures",
    "split",
    "stratified_split",
    "two_moons",
]
