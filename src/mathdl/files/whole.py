"""Files written whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from mathdl.errors import FileError
from mathdl.interrupts import interrupts_held

PREFIX, SUFFIX = ".mathdl-", ".partial"
STALE_SECONDS = 3600.0  # chosen: no file takes an hour to write, so its writer is dead


def write_whole(path: str | os.PathLike[str], content: str | bytes) -> None:
    """Write a file so that nobody ever sees half of it; text is stored as UTF-8.

    The content goes to a temporary name in the same folder, reaches the disk, and only then takes the place of what was
    there. When anything fails, what was there stays. A symbolic link is followed.
    """
    write_together({path: content})


def write_together(contents: Mapping[str | os.PathLike[str], str | bytes | None]) -> None:
    """Write files that belong together; None removes a file.

    No file system replaces several files at once. What can be promised: when one of the contents cannot be written, all
    files stay as they were; and whenever the process ends, even between two replacements, the files that are there
    belong together, though some may be missing. To this end every content reaches the disk under a temporary name
    before anything changes; then all old files but the first go, and the new ones come, both in the order given; a
    Ctrl-C waits meanwhile.
    """
    ready: dict[Path, Path] = {}
    path: str | os.PathLike[str] = ""
    targets = {path: Path(os.path.realpath(path)) for path in contents}
    try:
        for path, content in contents.items():
            target = targets[path]
            if target.exists() and not target.is_file():
                raise FileError(f"cannot write {path}: it is not an ordinary file; give the name of a file.")
            if content is not None:
                ready[target] = target.with_name(f"{PREFIX}{secrets.token_hex(8)}{SUFFIX}")
                _write_through(ready[target], content.encode("utf-8") if isinstance(content, str) else content)
        for partial in {partial.parent: partial for partial in ready.values()}.values():
            _remove_stale(partial)
        with interrupts_held():
            for path in list(contents)[1:]:
                targets[path].unlink(missing_ok=True)
            for path, content in contents.items():
                if content is None:
                    targets[path].unlink(missing_ok=True)
                else:
                    os.replace(ready[targets[path]], targets[path])
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise FileError(f"cannot write {path}: {reason}; choose a file in a folder you can write to.") from error
    finally:
        for partial in ready.values():
            partial.unlink(missing_ok=True)


def _remove_stale(fresh: Path) -> None:
    """Remove the temporary files of processes that were killed while they wrote into the folder of ``fresh``."""
    newest = fresh.stat().st_mtime - STALE_SECONDS
    for partial in fresh.parent.glob(f"{PREFIX}*{SUFFIX}"):
        with suppress(OSError):  # somebody else's, or gone already
            if partial.stat().st_mtime < newest:
                partial.unlink()


def _write_through(path: Path, data: bytes) -> None:
    """Write a new file and wait until it is on the disk."""
    with open(path, "xb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
