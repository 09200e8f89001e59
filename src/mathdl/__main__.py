"""The command ``mathdl`` as a process: ``python -m mathdl``.

What can happen before the command line itself is loaded is settled here, so this module imports next to nothing.
"""

from __future__ import annotations

import os
import signal
import sys

INTERRUPTED = 130  # what shells say of a process that Ctrl-C has ended
SHOW_CURSOR = "\x1b[?25h"  # which a progress bar hides


def main() -> None:
    """Run the command line of this process."""
    answers = signal.getsignal(signal.SIGINT) is signal.default_int_handler  # and was not told to ignore it
    if answers:
        signal.signal(signal.SIGINT, _leave)
    import logging

    from mathdl.cli.main import main as run
    from mathdl.cli.text import Messages

    sys.stdout = sys.stdout or open(os.devnull, "w")  # noqa: SIM115 (where there is none, what is printed is lost)
    sys.stderr = Messages(sys.stderr or open(os.devnull, "w"))  # noqa: SIM115
    messages = logging.getLogger("mathdl")  # what a user waits for
    messages.addHandler(logging.StreamHandler(sys.stderr))
    messages.setLevel(logging.INFO)
    try:
        run()
    finally:
        if answers:  # all is done and printed; Python takes a while to end
            signal.signal(signal.SIGINT, signal.SIG_IGN)


def _leave(number: int, frame: object) -> None:
    """End the process now: an exception could be lost in a library's import or callback, or come out as another.

    Training, compiling and replacing files are not interrupted here: they take Ctrl-C themselves or let it wait.
    """
    try:
        cursor = SHOW_CURSOR if os.isatty(2) else ""
        os.write(2, f"{cursor}interrupted\n".encode())
    finally:
        os._exit(INTERRUPTED)


if __name__ == "__main__":
    main()
