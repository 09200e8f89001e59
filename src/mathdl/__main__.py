"""The command ``mathdl`` as a process: ``python -m mathdl``.

What can happen before the command line itself is loaded is settled here, so this module imports next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from typing import Any, TextIO

INTERRUPTED = 130  # what shells say of a process that Ctrl-C has ended
SHOW_CURSOR = "\x1b[?25h"  # which a progress bar hides


def main() -> None:
    """Run the command line of this process."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _leave)
    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (where there is none, what is printed is lost)
    sys.stderr = _BestEffort(sys.stderr or open(os.devnull, "w"))  # noqa: SIM115
    from mathdl.cli.main import main as run

    run()


def _leave(number: int, frame: object) -> None:
    """End the process now: an exception could be lost in a library's import or callback, or come out as another.

    Training, compiling and replacing files are not interrupted here: they take Ctrl-C themselves or let it wait.
    """
    cursor = SHOW_CURSOR if sys.stderr.isatty() else ""
    with suppress(OSError):
        os.write(2, f"{cursor}interrupted\n".encode())
    os._exit(INTERRUPTED)


class _BestEffort:
    """A stream for messages, which may be lost where it is full or closed; that must not end a long run."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        """Write what can be written."""
        with suppress(OSError):
            self._stream.write(text)
        return len(text)

    def flush(self) -> None:
        """Flush what can be flushed."""
        with suppress(OSError):
            self._stream.flush()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


if __name__ == "__main__":
    main()
