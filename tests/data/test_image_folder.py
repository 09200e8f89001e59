"""Folders of pictures by class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mathdl.data.image_folder import read_image_folder
from mathdl.errors import FileError, InputError


def save(path: Path, size: tuple[int, int] = (4, 5), mode: str = "L", colour: object = 7) -> None:
    path.parent.mkdir(exist_ok=True)
    Image.new(mode, size, colour).save(path)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save(tmp_path / "rose" / "b.png", colour=2)
    save(tmp_path / "rose" / "a.BMP", colour=1)
    save(tmp_path / "lily" / "c.gif", colour=3)
    return tmp_path


def test_reads_in_the_order_of_names(folder: Path) -> None:
    (folder / "rose" / "notes.txt").write_text("no picture")
    (folder / "rose" / "._b.png").write_text("no picture")
    (folder / ".hidden").mkdir()
    (folder / "__MACOSX").mkdir()
    images = read_image_folder(folder)
    assert images.images.shape == (3, 1, 5, 4)
    assert images.images[:, 0, 0, 0].tolist() == [3, 1, 2]
    assert images.labels.tolist() == ["lily", "rose", "rose"]
    assert images.files == ("lily/c.gif", "rose/a.BMP", "rose/b.png")
    assert images.name == folder.name


def test_colour(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png", mode="RGB", colour=(1, 2, 3))
    save(tmp_path / "b" / "1.png", mode="RGBA", colour=(1, 2, 3, 255))
    images = read_image_folder(tmp_path).images
    np.testing.assert_array_equal(images[:, :, 0, 0], [[1, 2, 3], [1, 2, 3]])


def test_first_that_differs_is_named(folder: Path) -> None:
    save(folder / "rose" / "c.png", size=(4, 6))
    with pytest.raises(InputError, match=r"rose/c.png is 4 x 6 grey, but lily/c.gif is 4 x 5 grey"):
        read_image_folder(folder)
    save(folder / "rose" / "aa.png", mode="RGB", colour=(1, 2, 3))
    with pytest.raises(InputError, match=r"rose/aa.png is 4 x 5 colour, but lily/c.gif is 4 x 5 grey"):
        read_image_folder(folder)


def test_too_few_classes(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no pictures"):
        read_image_folder(tmp_path)
    save(tmp_path / "a.png")
    with pytest.raises(InputError, match="holds pictures but no subfolders"):
        read_image_folder(tmp_path)
    save(tmp_path / "rose" / "a.png")
    with pytest.raises(InputError, match="holds one class only, 'rose'"):
        read_image_folder(tmp_path)


def test_empty_class(folder: Path) -> None:
    (folder / "tulip").mkdir()
    with pytest.raises(InputError, match="tulip holds no pictures"):
        read_image_folder(folder)


def test_corrupt_picture_is_named(folder: Path) -> None:
    (folder / "rose" / "d.png").write_bytes(b"no picture")
    with pytest.raises(FileError, match=r"d\.png cannot be read as a picture"):
        read_image_folder(folder)


def test_unreadable_folder(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileError, match="cannot be read"):
        read_image_folder(folder / "absent")

    def refuse(path: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(FileError, match=r"cannot be read .Permission denied."):
        read_image_folder(folder)
