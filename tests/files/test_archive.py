"""What is read from a file is checked before it is used."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

import mathdl
from mathdl.errors import FileError, InputError
from mathdl.files.archive import Archive, read_archive, write_archive
from mathdl.networks.network_file import read_network_file

ARRAYS = {
    "matrix": np.arange(6.0).reshape(2, 3).T,  # not contiguous
    "scalar": np.array(1.5, np.float32),
    "empty": np.zeros(0, np.float32),
    "counts": np.array([1, 2]),
}


def metadata(**changes: str) -> dict[str, str]:
    """What a sound file tells of itself, with changes."""
    return {
        "format": "mathdl",
        "format_version": "3",
        "mathdl_version": "0.1.0",
        "kind": "Box",
        "record": "{}",
    } | changes


def test_an_archive_comes_back(tmp_path: Path) -> None:
    record = {"text": "ä\n", "numbers": [1, 2.5, None, True], "nested": {"infinite": float("inf")}}
    write_archive(tmp_path / "a.safetensors", Archive("Box", ARRAYS, record))
    found = read_archive(tmp_path / "a.safetensors", ("Chest", "Box"))
    assert (found.kind, found.record) == ("Box", record)
    assert found.arrays.keys() == ARRAYS.keys()
    for name, array in ARRAYS.items():
        assert found.arrays[name].dtype == array.dtype
        assert found.arrays[name].shape == array.shape
        assert (found.arrays[name] == array).all()


def test_the_file_says_which_version_wrote_it(tmp_path: Path) -> None:
    from safetensors import safe_open

    write_archive(tmp_path / "a.safetensors", Archive("Box", {}, {"a": 1}))
    with safe_open(tmp_path / "a.safetensors", "numpy") as file:
        found = file.metadata()
    assert found["mathdl_version"] == mathdl.__version__
    assert json.loads(found["record"]) == {"a": 1}


@pytest.mark.parametrize("record", [{"a": object()}, {"a": b"bytes"}, {("a", 1): 2}])
def test_what_json_cannot_hold_is_not_written(tmp_path: Path, record: dict[str, object]) -> None:
    with pytest.raises(InputError, match=r"cannot be saved|neither number"):
        write_archive(tmp_path / "a.safetensors", Archive("Box", {}, record))
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("array", [np.array(["a"]), np.array([1j]), np.array([None])])
def test_an_array_of_another_type_is_not_written(tmp_path: Path, array: np.ndarray) -> None:
    with pytest.raises(InputError, match="'x' is of type"):
        write_archive(tmp_path / "a.safetensors", Archive("Box", {"x": array}, {}))
    assert os.listdir(tmp_path) == []


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="cannot write"):
        write_archive(tmp_path / "nowhere" / "a.safetensors", Archive("Box", {}, {}))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "pt"}, "of another program"),
        ({"format_version": "4"}, "has version '4' of mathdl's format and this library reads version 3"),
        (
            {"format_version": "2"},
            r"was saved in format 2 by an earlier mathdl \(0.1.0\) and this one reads format 3; train or save the "
            r"model again with this version, or use the mathdl that saved it\.$",
        ),
        ({"kind": "Chest"}, "holds a 'Chest', but one of Box is needed"),
        ({"record": "{"}, "is damaged"),
        ({"record": "[]"}, "its record is no dictionary"),
        ({"record": "[" * 100_000}, "is damaged"),
    ],
)
def test_a_foreign_or_damaged_header(tmp_path: Path, changes: dict[str, str], message: str) -> None:
    save_file({"x": np.zeros(2)}, tmp_path / "a.safetensors", metadata(**changes))
    with pytest.raises(FileError, match=message):
        read_archive(tmp_path / "a.safetensors", ("Box",))


def test_a_safetensors_file_without_metadata(tmp_path: Path) -> None:
    save_file({"x": np.zeros(2)}, tmp_path / "a.safetensors")
    with pytest.raises(FileError, match="of another program"):
        read_archive(tmp_path / "a.safetensors", ("Box",))


@pytest.mark.parametrize("name", ["record", "kind"])
def test_metadata_that_are_missing(tmp_path: Path, name: str) -> None:
    tell = metadata()
    del tell[name]
    save_file({}, tmp_path / "a.safetensors", tell)
    with pytest.raises(FileError, match=rf"is damaged \('{name}'\)"):
        read_archive(tmp_path / "a.safetensors")


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 something else", b"\xff" * 64, bytes(64)])
def test_a_file_of_another_kind(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.safetensors").write_bytes(content)
    with pytest.raises(FileError, match="damaged or no safetensors"):
        read_archive(tmp_path / "a.safetensors", ("Box",))


def test_every_truncation_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "a.safetensors"
    write_archive(path, Archive("Box", ARRAYS, {}))
    whole = path.read_bytes()
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(FileError):
            read_archive(path, ("Box",))


def test_what_is_no_ordinary_file(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="There is no file"):
        read_archive(tmp_path / "a.safetensors", ("Box",))
    with pytest.raises(FileError, match="not an ordinary file"):
        read_archive(tmp_path, ("Box",))


@pytest.mark.parametrize("path", [None, 5, b"net", ["net"], "a\0b", 1.5])
def test_what_can_be_no_path(path: Any) -> None:
    network = mathdl.Network([mathdl.Dense(1)], (1,))
    for use in (
        lambda: mathdl.save(network, path),
        lambda: mathdl.load(path),
        lambda: mathdl.load_checkpoint(path),
        lambda: mathdl.Checkpoint(path),
        lambda: read_network_file(path),
    ):
        with pytest.raises(InputError, match="is no path; give the name of a file or folder"):
            use()
