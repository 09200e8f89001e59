"""How a computation ended: one word for programs, and the sentence that it stands for."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """A status equals its word, as in ``model.status_ == "certified"``; ``sentence`` says what is certain.

    Examples
    --------
    >>> Status.CERTIFIED == "certified", str(Status.CERTIFIED), Status("minimum norm").sentence
    (True, 'certified', 'the shortest of many that are equally good')
    """

    sentence: str

    # Estimators
    CONVERGED = "converged", "the solver met its tolerance"
    CERTIFIED = "certified", "checked in exact arithmetic"
    INEXACT = "inexact", "within a bound, but not exact"
    NO_MINIMISER = "no minimiser", "the objective falls for ever"
    MINIMUM_NORM = "minimum norm", "the shortest of many that are equally good"
    LIMIT_REACHED = "limit reached", "the solver stopped before its tolerance"
    # Gradient descent
    LIMIT = "limit", "all steps were taken, and the gradient is longer than the tolerance"
    NOT_FINITE = "not finite", "the next value or its gradient would not be finite"
    DIVERGED = "diverged", "the loss grew beyond all bounds or was no longer finite"
    # Training
    COMPLETED = "completed", "all epochs were trained"
    STOPPED_EARLY = "stopped early", "a callback ended the training before its last epoch"
    INTERRUPTED = "interrupted", "the training was interrupted from the keyboard"

    def __new__(cls, word: str, sentence: str) -> Status:
        """Make a member that is its word."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.sentence = sentence
        return member

    def __repr__(self) -> str:
        return repr(self.value)
