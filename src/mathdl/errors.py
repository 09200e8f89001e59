"""The library's errors and warnings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

MAX_MESSAGE = 1000  # chosen: characters that a terminal shows on one screen; what is given may be of any length


class MathdlError(Exception):
    """Base of every error that the library raises on purpose; the message is one line, whatever was given."""

    def __init__(self, message: str = "") -> None:
        text = re.sub(r"\s*\n\s*", " ", message)
        if len(text) > MAX_MESSAGE:
            text = f"{text[: MAX_MESSAGE // 2]} ... {text[-MAX_MESSAGE // 2 :]}"
        super().__init__(text)


class InputError(MathdlError, ValueError):
    """What was given cannot be used; the message says what was expected and what to do."""


class FileError(InputError):
    """A file is missing, unreadable, damaged or not of the expected kind."""


class TrainingInterrupted(KeyboardInterrupt):
    """Training was interrupted from the keyboard; the parameters are those after the last whole step.

    Attributes
    ----------
    history : mathdl.History
        The record up to there.
    """

    history: Any = None


class InputWarning(UserWarning):
    """What was given can be used, and is probably a mistake; the message says why and what is usual."""


class TrivialLossWarning(InputWarning):
    """Training ended with a loss no better than the same answer for all objects has; the message says what to do."""


class DivergenceWarning(UserWarning):
    """Training met a loss that is not finite and stopped at the last finite parameters."""


class NotExpressibleError(InputError):
    """A model of another library holds what no layer computes; the message names where it stands.

    Attributes
    ----------
    problems : list of str
        Every place, with the reason, whatever fits into the message.
    """

    def __init__(self, message: str = "", problems: Sequence[str] = ()) -> None:
        self.problems = list(problems)
        super().__init__(f"{message}: {'; '.join(self.problems)}." if problems else message)


class NoGuaranteeError(InputError):
    """A theorem about gradient descent does not speak of this run; the message says which hypothesis fails."""


class NotSeparableError(InputError):
    """Two classes that no hyperplane separates were given to something that needs one.

    Attributes
    ----------
    separation : mathdl.geometry.separation.Separation
        The common point of their convex hulls, with its certificate.
    """

    separation: Any = None


class TooManyPiecesError(InputError):
    """A network has more affine pieces in a domain than are wanted."""


class NotCertifiedError(MathdlError):
    """There is no certificate, or the checker did not accept it; the message says why."""


class ConvergenceWarning(UserWarning):
    """A solver ended without a minimum: there is none, or a limit was reached; the message says which."""
