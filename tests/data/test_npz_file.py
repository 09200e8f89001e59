"""NPZ files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl.data.image_set import ImageSet
from mathdl.data.npz_file import read_npz, read_npz_columns
from mathdl.data.table import Table
from mathdl.errors import FileError, InputError

IMAGES = np.arange(2 * 3 * 4 * 5, dtype=np.uint8).reshape(2, 3, 4, 5)
Y = np.array([0, 1])


@pytest.fixture
def save(tmp_path: Path):
    def save(**arrays: Any) -> Path:
        path = tmp_path / "set.npz"
        np.savez(path, **arrays)
        return path

    return save


def test_images(save) -> None:
    images = read_npz(save(X=IMAGES, y=Y))
    assert isinstance(images, ImageSet)
    np.testing.assert_array_equal(images.images, IMAGES)
    grey = read_npz(save(X=IMAGES[:, 0], y=np.array(["a", "b"])))
    assert isinstance(grey, ImageSet)
    assert grey.images.shape == (2, 1, 4, 5)
    assert grey.images.flags.c_contiguous
    assert grey.labels.tolist() == ["a", "b"]


def test_table_with_test_part(save) -> None:
    X = np.array([[1.0, 2.0], [3.0, 4.0]])
    table = read_npz(save(X=X, y=Y, X_test=X[:1] + 1, y_test=Y[:1]))
    assert isinstance(table, Table)
    assert list(table.columns) == ["x0", "x1"]
    assert table.target_name == "y"
    assert table.test is not None
    assert table.test.columns["x1"].values.tolist() == [3.0]


def test_images_with_test_part(save) -> None:
    images = read_npz(save(X=IMAGES, y=Y, X_test=IMAGES[:1], y_test=Y[:1]))
    assert isinstance(images, ImageSet)
    assert images.test is not None
    assert len(images.test) == 1


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"X": IMAGES}, "set.npz holds no array y"),
        ({"y": Y}, "set.npz holds no array X"),
        ({"X": IMAGES, "y": Y, "X_test": IMAGES}, "only one of X_test and y_test"),
        ({"X": IMAGES, "y": Y, "X_test": IMAGES[:, :1], "y_test": Y}, r"X_test \(2, 1, 4, 5\)"),
        ({"X": IMAGES, "y": np.zeros(3)}, r"has 2 rows and y has shape \(3,\)"),
        ({"X": IMAGES, "y": Y[:, None]}, r"y has shape \(2, 1\)"),
        ({"X": IMAGES / 255, "y": Y}, "4 axes and type float64; give images as uint8"),
        ({"X": np.zeros(2), "y": Y}, r"has shape \(2,\)"),
        ({"X": np.float64(3), "y": Y}, r"has shape \(\)"),
        ({"X": IMAGES.reshape(2, 4, 5, 3)[:, :2], "y": Y}, "channels came last"),
        ({"X": np.array([[1.0, -np.inf], [3.0, 4.0]]), "y": Y}, r"-inf at row 1, column 2"),
        ({"X": np.ones((2, 2)), "y": np.array([1.0, np.inf])}, "'y' holds an infinite value in row 2"),
        ({"X": np.array([[1j], [2]]), "y": Y}, "give an array of numbers or text"),
        ({"X": np.ones((2, 0)), "y": Y}, "at least one row and one column"),
        ({"X": np.ones((0, 2)), "y": Y[:0]}, "at least one row and one column"),
        ({"X": np.array([[1, "a"], [2, "b"]], object), "y": Y}, "array of Python objects"),
    ],
)
def test_bad_arrays(save, arrays: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_npz(save(**arrays))


def test_damaged_files(save, tmp_path: Path) -> None:
    content = save(X=IMAGES, y=Y).read_bytes()
    changed = bytearray(content)
    changed[200] ^= 0xFF
    for damaged in (b"", b"no archive", content[: len(content) // 2], bytes(changed)):
        path = tmp_path / "damaged.npz"
        path.write_bytes(damaged)
        with pytest.raises(FileError, match="cannot be read as NPZ"):
            read_npz(path)


def test_single_array(tmp_path: Path) -> None:
    np.save(tmp_path / "single.npy", IMAGES)
    path = (tmp_path / "single.npy").rename(tmp_path / "single.npz")
    with pytest.raises(FileError, match="holds a single array"):
        read_npz(path)


def test_gaps_and_texts(save) -> None:
    columns = read_npz_columns(save(X=np.array([[1.0, np.nan], [3.0, 4.0]])))
    assert columns["x1"].missing.tolist() == [True, False]
    texts = read_npz_columns(save(X=np.array([["a", "2024-01-31"], ["b", ""]])))
    assert [column.kind for column in texts.values()] == ["category", "date"]


def test_columns_for_prediction(save) -> None:
    path = save(X=np.array([[True, False]]))
    columns = read_npz_columns(path, ["x0", "x1"])
    assert {name: column.values.tolist() for name, column in columns.items()} == {"x0": [1], "x1": [0]}
    with pytest.raises(InputError, match="has 2 columns and the training had 3"):
        read_npz_columns(path, ["x0", "x1", "x2"])
    with pytest.raises(InputError, match="give 2 axes"):
        read_npz_columns(save(X=IMAGES))
    with pytest.raises(InputError, match="holds no array X"):
        read_npz_columns(save(y=Y))
