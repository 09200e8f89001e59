"""Picture files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from mathdl.data import mapped_arrays
from mathdl.data.mapped_arrays import is_memory_mapped
from mathdl.data.picture_format import PictureFormat, picture_size
from mathdl.data.pictures import picture_heads, read_picture, read_pictures
from mathdl.errors import FileError, InputError

GREY = np.arange(48, dtype=np.uint8).reshape(6, 8)
COLOUR = np.stack([GREY, 255 - GREY, GREY // 2], axis=-1)


def save(path: Path, pixels: np.ndarray, **options: object) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


@pytest.mark.parametrize("suffix", ["png", "bmp", "gif"])
def test_grey(tmp_path: Path, suffix: str) -> None:
    np.testing.assert_array_equal(read_picture(save(tmp_path / f"p.{suffix}", GREY)), GREY[None])


@pytest.mark.parametrize("options", [("png", {}), ("bmp", {}), ("webp", {"lossless": True})])
def test_colour(tmp_path: Path, options: tuple[str, dict[str, object]]) -> None:
    path = save(tmp_path / f"p.{options[0]}", COLOUR, **options[1])
    np.testing.assert_array_equal(read_picture(path), COLOUR.transpose(2, 0, 1))
    assert read_picture(path).flags.c_contiguous


def test_jpeg(tmp_path: Path) -> None:
    assert read_picture(save(tmp_path / "p.jpg", GREY)).shape == (1, 6, 8)
    assert read_picture(save(tmp_path / "p.jpeg", COLOUR)).shape == (3, 6, 8)


def test_palette_and_black_and_white(tmp_path: Path) -> None:
    Image.fromarray(COLOUR).convert("P", palette=Image.Palette.ADAPTIVE).save(tmp_path / "p.png")
    assert read_picture(tmp_path / "p.png").shape == (3, 6, 8)
    Image.fromarray(GREY > 20).save(tmp_path / "b.png")
    np.testing.assert_array_equal(read_picture(tmp_path / "b.png")[0], np.where(GREY > 20, 255, 0))


def test_sixteen_bits_keep_their_brightness(tmp_path: Path) -> None:
    path = save(tmp_path / "p.png", GREY.astype(np.uint16) * 257)
    np.testing.assert_array_equal(read_picture(path), GREY[None])


def test_transparency_is_laid_on_white(tmp_path: Path) -> None:
    alpha = np.zeros((6, 8, 4), np.uint8)
    alpha[0, 0] = [10, 20, 30, 255]
    picture = read_picture(save(tmp_path / "p.png", alpha))
    assert picture[:, 0, 0].tolist() == [10, 20, 30]
    assert picture[:, 1, 1].tolist() == [255, 255, 255]
    grey = np.stack([GREY, np.full_like(GREY, 255)], axis=-1)
    np.testing.assert_array_equal(read_picture(save(tmp_path / "la.png", grey)), GREY[None])


def test_kinds_are_converted_for_the_model(tmp_path: Path) -> None:
    grey, colour = save(tmp_path / "g.png", GREY), save(tmp_path / "c.png", COLOUR)
    as_colour = read_pictures([grey, colour], PictureFormat(3, 6, 8))
    np.testing.assert_array_equal(as_colour[0], np.stack([GREY] * 3))
    np.testing.assert_array_equal(as_colour[1], COLOUR.transpose(2, 0, 1))
    as_grey = read_pictures([str(grey), str(colour)], PictureFormat(1, 6, 8))
    np.testing.assert_array_equal(as_grey[0, 0], GREY)
    np.testing.assert_allclose(as_grey[1, 0], COLOUR @ [0.299, 0.587, 0.114], atol=1)


@pytest.mark.parametrize(("pad", "border"), [("black", 0), ("white", 255), ("edge", 90)])
def test_another_size_is_made_to_fit(tmp_path: Path, pad: str, border: int) -> None:
    path = save(tmp_path / "p.png", np.full((3, 8), 90, np.uint8))
    found = read_pictures([path], PictureFormat(1, 9, 16, pad))[0, 0]
    assert found[2:7].min() == found[2:7].max() == 90  # twice as large: 16 x 6
    assert set(found[[0, 8]].ravel().tolist()) == {border}
    shrunk = read_pictures([path], PictureFormat(3, 4, 4, pad))[0]
    assert shrunk[:, 1].min() == shrunk[:, 1].max() == 90


def test_sizes_are_upright(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    paths = [save(tmp_path / "a.png", GREY), save(tmp_path / "b.jpg", COLOUR, exif=exif)]
    assert [tuple(head) for head in picture_heads(paths)] == [(8, 6, True), (6, 8, False)]


@pytest.mark.parametrize(("given", "size"), [(64, (64, 64)), ("64", (64, 64)), ("64x48", (64, 48)), ((6, 4), (6, 4))])
def test_sizes_that_can_be_given(given: Any, size: tuple[int, int]) -> None:
    assert picture_size(given) == size


@pytest.mark.parametrize("given", ["", "x", "64x", "6.5", 6.5, 0, -1, "1x2x3", "wide", (), 10**6, True, None, object()])
def test_sizes_that_cannot(given: Any) -> None:
    with pytest.raises(InputError, match="The size of pictures is"):
        picture_size(given)


def test_memory_is_looked_at_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mathdl.data.memory.available_memory", lambda: 1000)
    with pytest.raises(InputError, match=r"pictures of 100 x 100 grey need 1e-05 GB of memory, and 1e-06 GB are free"):
        read_pictures([save(tmp_path / "p.png", GREY)], PictureFormat(1, 100, 100))


def test_bad_requests() -> None:
    with pytest.raises(InputError, match="2 channels"):
        read_pictures(["p.png"], PictureFormat(2, 8, 8))
    with pytest.raises(InputError, match=r"border of pictures \(pad\) is 'grey'"):
        read_pictures(["p.png"], PictureFormat(1, 8, 8, "grey"))
    with pytest.raises(InputError, match="No picture was given"):
        read_pictures([], PictureFormat(1, 8, 8))


def test_bad_files(tmp_path: Path) -> None:
    with pytest.raises(FileError, match=r"There is no picture .*absent.png"):
        read_picture(tmp_path / "absent.png")
    with pytest.raises(FileError, match="cannot be read"):
        read_picture(tmp_path)
    content = save(tmp_path / "p.png", COLOUR).read_bytes()
    changed = bytearray(content)
    changed[60] ^= 0xFF
    for damaged in (b"", b"no picture", content[: len(content) // 2], bytes(changed), b"%!PS-Adobe"):
        (tmp_path / "damaged.png").write_bytes(damaged)
        with pytest.raises(FileError, match=r"damaged.png cannot be read as a picture"):
            read_picture(tmp_path / "damaged.png")


@pytest.mark.parametrize("limit", [10, 40])
def test_a_bomb_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
    with pytest.raises(FileError, match="cannot be read as a picture"):
        read_picture(save(tmp_path / "p.png", GREY))


@pytest.mark.parametrize(("orientation", "turned"), [(1, GREY), (3, GREY[::-1, ::-1]), (6, np.rot90(GREY, -1))])
def test_a_rotation_that_the_camera_noted_is_applied(tmp_path: Path, orientation: int, turned: np.ndarray) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "p.png", GREY, exif=exif)
    np.testing.assert_array_equal(read_picture(path)[0], turned)


def test_many_pictures_are_kept_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = [tmp_path / f"{k}.png" for k in range(3)]
    for k, path in enumerate(paths):
        Image.fromarray(np.full((4, 5), 10 * k, np.uint8)).save(path)
    form = PictureFormat(1, 4, 5)
    expected = read_pictures(paths, form)
    assert not is_memory_mapped(expected)
    monkeypatch.setattr(mapped_arrays, "MAX_BYTES_IN_MEMORY", 59)
    found = read_pictures(paths, form)
    assert is_memory_mapped(found)
    assert np.array_equal(found, expected)
