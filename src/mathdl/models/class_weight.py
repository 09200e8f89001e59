"""Weights of classes in the loss: balanced where one is rare, or as given."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number, shortened
from mathdl.errors import InputError

AUTO, BALANCED, NONE = "auto", "balanced", "none"
RARE = 0.4  # a class with less than so much of its equal share is rare: with two classes, below 20 % of the objects


def weights_of_classes(text: str) -> str | dict[str, float]:
    """Read class weights."""
    if text in (AUTO, BALANCED, NONE):
        return text
    pairs = [pair.rpartition("=") for pair in text.split(",")]
    try:
        return {name.strip(): float(number) for name, _, number in pairs}
    except ValueError:
        raise InputError(f"{text!r} is no class weight; give balanced, none, or as in yes=5,no=1.") from None


def require_class_weight(given: Any) -> None:
    """Raise InputError unless this is a class weight."""
    if given is None or (isinstance(given, str) and given in (AUTO, BALANCED, NONE)):
        return
    if not isinstance(given, dict) or not given:
        raise InputError(f"class_weight is {shortened(given)}; give 'balanced', 'none' or a weight for each class.")
    for label, weight in given.items():
        if not is_number(weight) or weight <= 0:
            raise InputError(f"The class weight of {label!r} is {weight!r}; give a positive number.")


def chosen(given: Any, y: NDArray[Any]) -> dict[Any, float] | str | None:
    """Return the class weight for these labels as scikit-learn takes it; raise InputError at a class that is not there.

    Classes may be named by their texts; one without a weight has 1.
    """
    require_class_weight(given)
    if given is None or given == NONE:
        return None
    classes, counts = np.unique(y, return_counts=True)
    if given == AUTO:
        return BALANCED if counts.min() / counts.sum() < RARE / len(classes) else None
    if given == BALANCED:
        return BALANCED
    by_text = {str(label): label for label in classes.tolist()}
    weights = dict.fromkeys(classes.tolist(), 1.0)
    for label, weight in given.items():
        if str(label) not in by_text:
            known = ", ".join(shortened(one) for one in list(by_text)[:10])
            raise InputError(f"There is a class weight for {label!r}, which is no class; the classes are {known}.")
        weights[by_text[str(label)]] = float(weight)
    return weights


def remark(given: Any, y: NDArray[Any]) -> str:
    """Say that classes were balanced where nobody asked for it; nothing elsewhere."""
    if given != AUTO or chosen(given, y) is None:
        return ""
    classes, counts = np.unique(y, return_counts=True)
    rarest, share = classes[counts.argmin()], counts.min() / counts.sum()
    return (
        f"Only {100 * share:.2g} % of the training objects are {str(rarest)!r}, so classes are weighted to count "
        "alike, and probabilities are as if they were equally frequent; --class-weight none weighs all alike."
    )
