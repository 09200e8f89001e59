"""The probability from which on a classifier of two classes decides for the one that matters."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number, shortened
from mathdl.errors import InputError

Array = NDArray[Any]


class Threshold(NamedTuple):
    """The least probability of a class, by its code 0 or 1, at which the answer is this class."""

    value: float
    code: int

    def decide(self, probabilities: Array) -> Array:
        """Return the codes of the classes that are decided for."""
        return np.where(probabilities[:, self.code] >= self.value, self.code, 1 - self.code)


def checked_threshold(value: float, code: int) -> Threshold:
    """Return a threshold; raise InputError where it is none."""
    if not is_number(value) or not 0 < value < 1 or type(code) is not int or code not in (0, 1):
        raise InputError(f"A threshold of {value!r} for the class {code!r} is none.")
    return Threshold(float(value), code)


class ThresholdRule(NamedTuple):
    """How a threshold is found: given as a ``"number"``, or chosen by ``"cost"`` or by ``"precision"``."""

    kind: str
    value: float

    def choose(self, positive: Array, chances: Array) -> tuple[float, str]:
        """Return the threshold for objects of which is known whether they are of the class, and a clause about it."""
        if self.kind == "number":
            return self.value, "as given"
        choose: dict[str, Callable[..., tuple[float, str]]] = {"cost": _cheapest, "precision": _precise}
        return choose[self.kind](positive, chances, self.value)


def threshold_rule(given: Any) -> ThresholdRule:
    """Read a threshold: a number, ``cost=R`` or ``precision=P``.

    A number and a precision lie between 0 and 1; R is how many false alarms a miss costs.
    """
    if isinstance(given, ThresholdRule):
        return given
    kind, _, text = given.rpartition("=") if isinstance(given, str) else ("", "", given)
    try:
        value = float(text) if isinstance(given, str) or is_number(given) else np.nan
    except ValueError:
        value = np.nan
    kind = kind.strip() or "number"
    if kind == "cost" and 0 < value < np.inf:
        return ThresholdRule(kind, value)
    if kind in ("number", "precision") and 0 < value < 1:
        return ThresholdRule(kind, value)
    raise InputError(
        f"The threshold is {shortened(given)}; give a number between 0 and 1, cost=R where a miss costs R false "
        "alarms, or precision=P with P between 0 and 1."
    )


def _counts(positive: Array, chances: Array) -> tuple[Array, Array, Array]:
    """Return the different probabilities, falling, and how many objects of either kind have at least each."""
    values, places = np.unique(chances, return_inverse=True)
    right = np.bincount(places, positive, len(values))[::-1].cumsum()
    said = np.bincount(places, minlength=len(values))[::-1].cumsum()
    return values[::-1], right, said - right


def _between(values: Array, k: int) -> float:
    """Return a threshold between one of the falling probabilities and the next."""
    below = values[k + 1] if k + 1 < len(values) else 0.0
    return float((values[k] + below) / 2)


def _cheapest(positive: Array, chances: Array, ratio: float) -> tuple[float, str]:
    """Return the threshold at which misses and false alarms cost least together."""
    values, right, wrong = _counts(positive, chances)
    costs = ratio * (positive.sum() - right) + wrong
    k = int(np.argmin(costs))
    if ratio * positive.sum() < costs[k]:  # to say it of nobody costs least
        return _above(values), f"no answer is worth its false alarms where a miss costs {ratio:g} of them"
    missed, false = int(positive.sum() - right[k]), int(wrong[k])
    return _between(values, k), f"least cost where a miss costs {ratio:g} false alarms: {missed} missed, {false} false"


def _precise(positive: Array, chances: Array, least: float) -> tuple[float, str]:
    """Return the lowest threshold with at least such a precision."""
    values, right, wrong = _counts(positive, chances)
    precision = right / (right + wrong)
    reached = np.flatnonzero(precision >= least)
    if not len(reached):
        best = int(np.argmax(precision))
        return _between(
            values, best
        ), f"no threshold reaches a precision of {least:g}; this one has {precision[best]:.3f}"
    k = int(reached[-1])
    recall = right[k] / max(positive.sum(), 1)
    return _between(
        values, k
    ), f"lowest with a precision of at least {least:g}: {precision[k]:.3f}, recall {recall:.3f}"


def _above(values: Array) -> float:
    """Return a threshold that no probability reaches, if there is one."""
    return float((values[0] + 1) / 2)
