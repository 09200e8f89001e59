"""Folders of pictures by class."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from mathdl.data.image_folder import pictures_within, read_image_folder
from mathdl.data.picture_format import PictureOptions
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


def test_pictures_of_any_size_and_kind_are_made_alike(folder: Path) -> None:
    save(folder / "rose" / "wide.png", size=(8, 5), colour=9)
    save(folder / "rose" / "aa.png", mode="RGB", colour=(1, 2, 3))
    found = read_image_folder(folder)
    assert found.images.shape == (5, 1, 5, 4)
    wide = found.images[list(found.files or ()).index("rose/wide.png"), 0]
    assert wide[:, 0].tolist() == [0, 9, 9, 0, 0]  # 8 x 5 fits as 4 x 2, with a border above and below
    assert len(found.notes) == 2
    assert found.notes[0].startswith(
        "Pictures of 2 sizes, 4 x 5 to 8 x 5, were resized to 4 x 5 pixels, the aspect kept"
    )
    assert found.notes[1] == "1 colour picture was read as grey, like the others."


def test_alike_pictures_are_taken_as_they_are(folder: Path) -> None:
    assert read_image_folder(folder).notes == ()


def test_most_are_in_colour(tmp_path: Path) -> None:
    for name, mode in (("a/1.png", "RGB"), ("a/2.png", "RGB"), ("b/1.png", "L")):
        save(tmp_path / name, mode=mode, colour=7 if mode == "L" else (1, 2, 3))
    found = read_image_folder(tmp_path)
    assert found.images[:, :, 0, 0].tolist() == [[1, 2, 3], [1, 2, 3], [7, 7, 7]]
    assert found.notes == ("1 grey picture was read as colour, like the others.",)


def test_large_pictures_become_small_ones(tmp_path: Path) -> None:
    for name, size in (("a/1.png", (300, 200)), ("a/2.png", (100, 100)), ("b/1.png", (600, 400))):
        save(tmp_path / name, size=size)
    assert read_image_folder(tmp_path).images.shape == (3, 1, 43, 64)
    chosen = read_image_folder(tmp_path, PictureOptions((30, 20), "white"))
    assert chosen.images.shape == (3, 1, 20, 30)
    assert chosen.images[1, 0, 0].tolist() == [255] * 5 + [7] * 20 + [255] * 5
    assert chosen.pad == "white"
    assert "chooses" not in chosen.notes[0]


def test_pictures_may_keep_their_size_within_a_border(tmp_path: Path) -> None:
    """Then the largest sides are the size, and with a smaller size only larger pictures are resized."""
    for name, size in (("a/1.png", (3, 2)), ("a/2.png", (4, 1)), ("b/1.png", (3, 2))):
        save(tmp_path / name, size=size)
    found = read_image_folder(tmp_path, PictureOptions(pad="white", resize="larger"))
    assert found.images.shape == (3, 1, 2, 4)
    assert found.images[:2, 0].tolist() == [[[7, 7, 7, 255]] * 2, [[7] * 4, [255] * 4]]
    assert (found.pad, found.resize) == ("white", "larger")
    assert found.notes == (
        "Pictures of 2 sizes, 4 x 1 to 3 x 2, got a border (white) on all sides to 4 x 2 pixels; --size chooses "
        "another.",
    )
    small = read_image_folder(tmp_path, PictureOptions((3, 3), resize="larger"))
    wide = [[7] * 3, [7] * 3, [0] * 3]
    assert small.images[:, 0].tolist() == [wide, [[0] * 3, [7] * 3, [0] * 3], wide]
    assert small.notes[0].endswith("to 3 x 3 pixels; 1 of them, larger than that, first resized to fit.")
    tiny = read_image_folder(tmp_path, PictureOptions((1, 1), resize="larger"))
    assert tiny.notes[0].endswith("were resized to fit into 1 x 1 pixels, with a border (black) where needed.")


def test_parts_are_kept(tmp_path: Path) -> None:
    for part, colour in (("train", 1), ("Val", 2), ("test", 3)):
        (tmp_path / part).mkdir()
        for kind in ("lily", "rose"):
            save(tmp_path / part / kind / "1.png", colour=colour)
    found = read_image_folder(tmp_path)
    assert found.images[:, 0, 0, 0].tolist() == [1, 1, 2, 2]
    assert found.validation_from == 2
    assert found.test is not None
    assert found.test.images[:, 0, 0, 0].tolist() == [3, 3]
    assert found.test.labels.tolist() == ["lily", "rose"]


def test_parts_must_agree(tmp_path: Path) -> None:
    for part, kind in (("train", "a"), ("train", "b"), ("train", "c"), ("test", "a"), ("test", "b")):
        (tmp_path / part).mkdir(exist_ok=True)
        save(tmp_path / part / kind / "1.png")
    with pytest.raises(InputError, match=r"The training part of .* holds a class 'c' and the test part does not"):
        read_image_folder(tmp_path)
    save(tmp_path / "test" / "c" / "1.png")
    (tmp_path / "more").mkdir()
    with pytest.raises(InputError, match=r"holds train, test and also more"):
        read_image_folder(tmp_path)
    (tmp_path / "more").rmdir()
    (tmp_path / "training").mkdir()
    save(tmp_path / "training" / "a" / "1.png")
    with pytest.raises(InputError, match="holds train and training, both a training part"):
        read_image_folder(tmp_path)


def test_a_class_may_be_called_like_a_part(tmp_path: Path) -> None:
    save(tmp_path / "train" / "1.png")
    save(tmp_path / "test" / "1.png")
    assert read_image_folder(tmp_path).labels.tolist() == ["test", "train"]


def test_all_damaged_pictures_are_counted(folder: Path) -> None:
    for number in range(5):
        (folder / "rose" / f"x{number}.png").write_bytes(b"no picture")
    with pytest.raises(FileError, match=r"5 of 8 pictures cannot be read: .*x0.png, .*x1.png, .*x2.png and 2 more"):
        read_image_folder(folder)


def test_pictures_within(folder: Path) -> None:
    (folder / "rose" / "notes.txt").write_text("no picture")
    found = [path.relative_to(folder).as_posix() for path in pictures_within(folder)]
    assert found == ["lily/c.gif", "rose/a.BMP", "rose/b.png"]
    (folder / "empty").mkdir()
    with pytest.raises(InputError, match="empty holds no pictures"):
        pictures_within(folder / "empty")


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
