"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from mathdl.errors import FileError


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file so that nobody ever sees half of it.

    The content goes to a temporary name in the same folder, reaches the disk, and only then takes the
    place of what was there. When anything fails, what was there stays.

    Parameters
    ----------
    path : path
        The file to write. Its folder must exist; a symbolic link is followed.
    content : str or bytes
        What the file shall hold; text is stored as UTF-8.

    Raises
    ------
    FileError
        When the path is a folder or a device, or when the system refuses to write there.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_whole(Path(folder) / "answer.txt", "42")
    ...     (Path(folder) / "answer.txt").read_text()
    '42'
    """
    write_together({path: content})


def write_together(contents: Mapping[str | os.PathLike[str], str | bytes | None]) -> None:
    """Write files that belong together: when one of them cannot be written, all stay as they were.

    Every content reaches the disk under a temporary name before the first one takes its place.

    Parameters
    ----------
    contents : mapping of path to str, bytes or None
        What each file shall hold; None removes it.

    Raises
    ------
    FileError
        As :func:`write_whole` does.

    Examples
    --------
    >>> import os, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     write_together({f"{folder}/a": "1", f"{folder}/b": "2"})
    ...     write_together({f"{folder}/a": None, f"{folder}/b": "3"})
    ...     os.listdir(folder)
    ['b']
    """
    ready: dict[Path, Path] = {}
    path: str | os.PathLike[str] = ""
    try:
        for path, content in contents.items():
            target = Path(os.path.realpath(path))
            if target.exists() and not target.is_file():
                raise FileError(f"cannot write {path}: it is not an ordinary file; give the name of a file")
            if content is not None:
                ready[target] = target.with_name(f".mathdl-{secrets.token_hex(8)}.partial")
                _write_through(ready[target], content.encode("utf-8") if isinstance(content, str) else content)
        for path, content in contents.items():
            target = Path(os.path.realpath(path))
            if content is None:
                target.unlink(missing_ok=True)
            else:
                os.replace(ready[target], target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"cannot write {path}: {reason}; choose a file in a folder you can write to") from error
    finally:
        for partial in ready.values():
            partial.unlink(missing_ok=True)


def _write_through(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
