"""A file is written whole or not at all."""

from __future__ import annotations

import os
import signal
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from mathdl.errors import FileError
from mathdl.files.whole import STALE_SECONDS, write_together, write_whole


def test_text_and_bytes_replace_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "first")
    write_whole(path, "zweiter \u00dc")
    assert path.read_bytes() == "zweiter \u00dc".encode()
    write_whole(path, b"\x00\xff")
    assert path.read_bytes() == b"\x00\xff"
    assert os.listdir(tmp_path) == ["a.txt"]


@pytest.mark.parametrize("failing", ["fsync", "replace"])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_failure_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: str, error: BaseException
) -> None:
    path = tmp_path / "a.txt"
    write_whole(path, "old")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(os, failing, fail)
    expected = FileError if isinstance(error, OSError) else KeyboardInterrupt
    with pytest.raises(expected) as caught:
        write_whole(path, "new")
    if expected is FileError:
        assert "no space left on device" in str(caught.value)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_folder_device_and_missing_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path, Path(os.devnull)):
        with pytest.raises(FileError, match="not an ordinary file"):
            write_whole(path, "x")
    with pytest.raises(FileError, match=r"cannot write .*no such file or directory; choose a file in a folder"):
        write_whole(tmp_path / "missing" / "a.txt", "x")


def test_a_link_is_followed(tmp_path: Path) -> None:
    link, target = tmp_path / "link", tmp_path / "target"
    try:
        link.symlink_to(target)
    except OSError:
        pytest.skip("this system lets this user make no symbolic links")
    write_whole(link, "x")
    assert link.is_symlink()
    assert target.read_text() == "x"


@pytest.mark.skipif(os.name == "nt", reason="permissions of this kind are POSIX's")
def test_the_users_mask_decides_who_may_read(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        write_whole(tmp_path / "a", "x")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o640


def test_files_that_belong_together(tmp_path: Path) -> None:
    a, b = tmp_path / "a", tmp_path / "b"
    write_together({a: "1", b: b"2"})
    assert (a.read_text(), b.read_text()) == ("1", "2")
    write_together({a: None, b: "3", tmp_path / "never": None})
    assert os.listdir(tmp_path) == ["b"]
    assert b.read_text() == "3"


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_when_one_cannot_be_written_all_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: int, error: BaseException
) -> None:
    names = [tmp_path / name for name in "abc"]
    write_together(dict.fromkeys(names[:2], "old"))
    written: list[int] = []

    def fail(descriptor: int) -> None:
        written.append(descriptor)
        if len(written) == place + 1:
            raise error

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(FileError if isinstance(error, OSError) else KeyboardInterrupt) as caught:
        write_together(dict.fromkeys(names, "new"))
    if isinstance(error, OSError):
        assert str(caught.value).startswith(f"cannot write {names[place]}: no space left")
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"a": "old", "b": "old"}


def test_a_folder_among_them_stops_all(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    with pytest.raises(FileError, match="b: it is not an ordinary file"):
        write_together({tmp_path / "a": "1", tmp_path / "b": None})
    assert os.listdir(tmp_path) == ["b"]


class Killed(BaseException):
    """Ends the process here."""


NEW = {"model": "2", "certificate": None, "report": "2", "metrics": "2"}
CHANGES = 3 + 4  # old files but the first go, then the new ones come


@pytest.mark.parametrize("survived", range(CHANGES))
@pytest.mark.parametrize("reason", ["kill", "error"])
def test_between_two_replacements_all_that_is_there_belongs_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, survived: int, reason: str
) -> None:
    write_together({tmp_path / name: "1" for name in NEW})
    changes: list[str] = []

    def counted(change: Callable[..., None]) -> Callable[..., None]:
        def run(path: Any, *rest: Any, **options: Any) -> None:
            target = Path(rest[0] if rest else path)
            if target.suffix != ".partial":
                if len(changes) == survived:
                    raise Killed if reason == "kill" else OSError(5, "Input/output error")
                changes.append(target.name)
            change(path, *rest, **options)

        return run

    monkeypatch.setattr(os, "replace", counted(os.replace))
    monkeypatch.setattr(Path, "unlink", counted(Path.unlink))
    with pytest.raises(Killed if reason == "kill" else FileError):
        write_together({tmp_path / name: content for name, content in NEW.items()})
    monkeypatch.undo()
    there = {path.name: path.read_text() for path in tmp_path.iterdir()}
    assert len(set(there.values())) == 1
    assert there["model"] == ("1" if survived < 4 else "2")
    order = ["certificate", "report", "metrics", "model", "certificate", "report", "metrics"]
    assert changes == order[:survived]


def test_ctrl_c_waits_until_all_are_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_together({tmp_path / name: "1" for name in NEW})
    replace = os.replace

    def pressed(*paths: Any) -> None:
        signal.raise_signal(signal.SIGINT)
        replace(*paths)

    monkeypatch.setattr(os, "replace", pressed)
    with pytest.raises(KeyboardInterrupt):
        write_together({tmp_path / name: content for name, content in NEW.items()})
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"model": "2", "report": "2", "metrics": "2"}


def test_what_a_killed_process_left_is_removed_later(tmp_path: Path) -> None:
    """A young one may be another process's, which still writes it."""
    young, old, other = (tmp_path / name for name in (".mathdl-a.partial", ".mathdl-b.partial", "c.partial"))
    for path in (young, old, other):
        path.write_text("half")
    long_ago = young.stat().st_mtime - STALE_SECONDS - 60
    for path in (old, other):
        os.utime(path, (long_ago, long_ago))
    write_whole(tmp_path / "a", "x")
    assert sorted(os.listdir(tmp_path)) == [".mathdl-a.partial", "a", "c.partial"]


def test_what_cannot_be_removed_is_left(tmp_path: Path) -> None:
    folder, old = tmp_path / ".mathdl-a.partial", tmp_path / ".mathdl-b.partial"
    folder.mkdir()
    old.write_text("half")
    for path in (folder, old):
        os.utime(path, (1, 1))
    write_whole(tmp_path / "a", "x")
    assert sorted(os.listdir(tmp_path)) == [".mathdl-a.partial", "a"]
