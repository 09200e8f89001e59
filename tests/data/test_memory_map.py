"""Batches in files: what comes back, what is refused, and that nothing half-written stays."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl import memory_map
from mathdl.data import mapped_arrays
from mathdl.data.mapped_arrays import MappedFile, as_type, is_memory_mapped, room_like, rows_of
from mathdl.data.memory_map import is_batches
from mathdl.errors import FileError, InputError

Array = Any
X = np.random.default_rng(0).normal(size=(100, 3)).astype(np.float32)
Y = np.arange(100)


def batches(size: int = 30) -> Iterator[tuple[Array, Array]]:
    for start in range(0, 100, size):
        yield X[start : start + size], Y[start : start + size]


@given(st.integers(1, 120), st.sampled_from([np.float32, np.float64, np.uint8, np.int64]))
def test_batches_come_back_as_they_were(size: int, dtype: Any) -> None:
    numbers = X.astype(dtype)
    inputs, targets = memory_map((x.astype(dtype), y) for x, y in batches(size))
    assert inputs.dtype == dtype
    assert np.array_equal(inputs, numbers)
    assert np.array_equal(targets, Y)
    assert is_memory_mapped(inputs)
    assert is_memory_mapped(targets)


def test_parts_may_be_one_or_three_and_labels_texts() -> None:
    alone = memory_map(x for x, _ in batches())
    assert np.array_equal(alone, X)
    names = np.array(["even", "odd"])[Y % 2]
    inputs, labels, weights = memory_map([x, names[y], y + 1.0] for x, y in batches())
    assert np.array_equal(inputs, X)
    assert labels.tolist() == names.tolist()
    assert np.array_equal(weights, Y + 1.0)


def test_pictures_and_a_chosen_type() -> None:
    images = np.arange(48, dtype=np.uint8).reshape(4, 1, 3, 4)
    assert np.array_equal(memory_map(iter([images[:3], images[3:]])), images)
    assert memory_map(iter([X]), dtype="float64").dtype == np.float64


def test_a_folder_keeps_the_files(tmp_path: Path) -> None:
    names = np.array(["a", "bc"])[Y % 2]
    found = memory_map(((x, names[y], y) for x, y in batches()), tmp_path / "new")
    assert sorted(os.listdir(tmp_path / "new")) == ["X.npy", "sample_weight.npy", "y.npy"]
    for name, array in zip(("X", "y", "sample_weight"), found, strict=True):
        assert np.array_equal(np.load(tmp_path / "new" / f"{name}.npy"), array)
    assert np.array_equal(np.load(tmp_path / "new" / "X.npy", mmap_mode="r"), X)
    with pytest.raises(InputError, match=r"new holds X.npy already; delete it, or name another folder"):
        memory_map(batches(), tmp_path / "new")


def test_nothing_half_written_stays(tmp_path: Path) -> None:
    def broken() -> Iterator[Any]:
        yield from batches()
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        memory_map(broken(), tmp_path)
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (X, "batches is array"),
        ([(X, Y)], "give something that yields pairs"),
        (5, "batches is 5; give something that yields pairs"),
        (iter([]), "batches holds no object"),
        (iter([(X[:0], Y[:0])]), "batches holds no object"),
        (iter([(X, Y), (X,)]), "Batch 1 has 1 parts and batch 0 has 2; give all as many"),
        (iter([(X, Y, Y, Y)]), r"Batch 0 has 4 parts; give \(X, y\) or \(X, y, sample_weight\)"),
        (iter([()]), "Batch 0 has 0 parts"),
        (iter([(X, Y[:5])]), r"The parts of batch 0 have \[100, 5\] objects; give each as many"),
        (iter([X, X[:, :2]]), r"X of batch 1 has objects of shape \(2,\), and of batch 0 of \(3,\)"),
        (iter([Y, X[:, 0]]), "X of batch 1 is of type float32, and of batch 0 of int64; give all one type"),
        (iter([(X, Y), (X, Y.astype(str))]), "y of batch 1 is of type <U21, and of batch 0 of int64"),
        (iter([["a", "b"]]), "X of batch 0 is 'a'; give an array of numbers"),
        (iter([np.array(["a"])]), "X of batch 0 is array"),
        (iter([np.float64(1.0)]), "X of batch 0 is np.float64"),
        (iter([(X, None)]), "y of batch 0 is None; give an array of numbers"),
        (iter([np.ma.masked_array(X, X > 0)]), "X of batch 0 has masked values"),
    ],
)
def test_what_is_no_batch_is_refused(given: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        memory_map(given)


def test_objects_that_are_no_texts_do_not_go_into_a_file(tmp_path: Path) -> None:
    labels = np.array([None, "a"], dtype=object)
    with pytest.raises(InputError, match="y holds objects that are no texts; give texts or numbers to keep"):
        memory_map(iter([(X[:2], labels)]), tmp_path)
    assert os.listdir(tmp_path) == []


def test_a_folder_that_cannot_be_written_to(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"file cannot be made a folder \(.*\); name another one"):
        memory_map(batches(), tmp_path / "file")


def test_a_disk_is_not_filled(monkeypatch: pytest.MonkeyPatch) -> None:
    free = mapped_arrays.MIN_FREE_BYTES + 1000
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(0, 0, free))  # type: ignore[attr-defined]
    with pytest.raises(
        InputError, match=r"0.134 GB left, and .* GB more would fill the disk; name a folder on another"
    ):
        memory_map(iter([X]))


def test_arrays_tables_and_texts_are_no_batches() -> None:
    assert is_batches(iter([]))
    assert is_batches(batches())
    for value in (X, [X], "text", {"a": 1}, {1}, 5, None, b"bytes"):
        assert not is_batches(value)


def test_what_is_made_of_a_map_is_a_map() -> None:
    mapped = memory_map(iter([X]))
    assert is_memory_mapped(mapped[5:].reshape(-1, 1, 3))
    for made, wanted in (
        (as_type(mapped, np.float64), X.astype(np.float64)),
        (rows_of(mapped, Y[::-1]), X[::-1]),
        (rows_of(mapped, Y > 10), X[Y > 10]),
    ):
        assert is_memory_mapped(made)
        assert np.array_equal(made, wanted)
    assert as_type(mapped, np.float32) is mapped
    assert is_memory_mapped(room_like(mapped, (3, 2), np.int32))
    for value in (X, as_type(X, np.float64), rows_of(X, Y), room_like(X, (3,), np.int32)):
        assert not is_memory_mapped(value)


def test_a_file_is_read_in_pieces(tmp_path: Path) -> None:
    kept, temporary = memory_map(iter([X]), tmp_path), memory_map(iter([X]))
    for mapped in (kept, temporary, kept[7:].reshape(-1, 1, 3), X, kept[:, ::2]):
        file = MappedFile(mapped)
        assert np.array_equal(file.rows(3, 20), mapped[3:20])
        assert np.array_equal(file.rows(0, len(mapped)), mapped)


def test_a_new_file_of_the_old_name_is_not_read(tmp_path: Path) -> None:
    mapped = memory_map(iter([X]), tmp_path)
    other = X.copy()
    other[1:-1] += 1
    np.save(tmp_path / "other.npy", other)
    os.replace(tmp_path / "other.npy", tmp_path / "X.npy")
    assert np.array_equal(MappedFile(mapped).rows(3, 20), X[3:20])


def test_what_joblib_hands_on_counts_as_in_memory() -> None:
    numbers = np.zeros((1000, 300))
    with joblib.parallel_config("loky", n_jobs=2):
        found = joblib.Parallel(max_nbytes=1000)(
            joblib.delayed(lambda x: (isinstance(x, np.memmap), is_memory_mapped(x)))(numbers) for _ in range(2)
        )
    assert found == [(True, False)] * 2


def test_rows_far_from_one_another() -> None:
    mapped = memory_map(iter([X]))
    for rows in (np.array([0, 99]), np.array([5, 3, 8]), np.array([], np.int64)):
        assert np.array_equal(rows_of(mapped, rows), X[rows])


def test_what_is_written_to_a_map_in_memory_alone_is_read(tmp_path: Path) -> None:
    memory_map(iter([X]), tmp_path)
    changed = np.load(tmp_path / "X.npy", mmap_mode="c")
    changed[50] = 7
    assert np.array_equal(MappedFile(changed).rows(40, 60), changed[40:60])


def test_a_file_that_became_shorter_is_an_error(tmp_path: Path) -> None:
    file = MappedFile(memory_map(iter([X]), tmp_path))
    os.truncate(tmp_path / "X.npy", 1000)
    with pytest.raises(FileError, match="The file of a memory map ends before object 100; keep a file that is mapped"):
        file.rows(90, 100)
