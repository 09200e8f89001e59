"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
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
    target = Path(os.path.realpath(path))
    if target.exists() and not target.is_file():
        raise FileError(f"cannot write {path}: it is not an ordinary file; give the name of a file")
    data = content.encode("utf-8") if isinstance(content, str) else content
    partial = target.with_name(f".mathdl-{secrets.token_hex(8)}.partial")
    try:
        _write_through(partial, data)
        os.replace(partial, target)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"cannot write {path}: {reason}; choose a file in a folder you can write to") from error
    finally:
        partial.unlink(missing_ok=True)


def _write_through(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
