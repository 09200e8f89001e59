"""Pictures in rows."""

from __future__ import annotations

import base64
import io
import re
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from mathdl.errors import InputError
from mathdl.plots.picture_grid import picture_grid, png_uri


def pixels(uri: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as picture:
        return np.asarray(picture)


def test_a_png_holds_the_pixels() -> None:
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 256, (1, 5, 7), dtype=np.uint8)
    colour = rng.integers(0, 256, (3, 5, 7), dtype=np.uint8)
    two = np.stack([np.full((2, 2), 10, np.uint8), np.full((2, 2), 20, np.uint8)])
    np.testing.assert_array_equal(pixels(png_uri(grey)), grey[0])
    np.testing.assert_array_equal(pixels(png_uri(colour)), colour.transpose(1, 2, 0))
    np.testing.assert_array_equal(pixels(png_uri(two)), np.full((2, 2), 15))


def test_a_large_picture_is_made_smaller() -> None:
    assert pixels(png_uri(np.zeros((3, 1000, 500), np.uint8))).shape == (192, 96, 3)


def test_captions_stand_below_and_are_escaped() -> None:
    svg = picture_grid(np.zeros((10, 1, 8, 8), np.uint8), ["is <b>\nsaid a name that is much too long"] * 10)
    root = ElementTree.fromstring(svg)
    lines = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert lines == ["is <b>", "said a name that\u2026"] * 10
    assert svg.count("<image") == svg.count("pixelated") == 10
    assert len(set(re.findall(r'<image [^>]* x="(\S+)"', svg))) == 8


@pytest.mark.parametrize(("shape", "captions"), [((0, 1, 2, 2), 0), ((2, 1, 2, 2), 1), ((2, 2, 2), 2)])
def test_what_does_not_fit_is_refused(shape: tuple[int, ...], captions: int) -> None:
    with pytest.raises(InputError, match=r"do not go with \d captions; give at least one"):
        picture_grid(np.zeros(shape, np.uint8), ["x"] * captions)
