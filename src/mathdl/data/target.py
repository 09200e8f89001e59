"""The target: a number to predict, or classes and the codes 0..K-1 that stand for them."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import row_name
from mathdl.errors import InputError

Array = NDArray[Any]
Task = Literal["classification", "regression"]

MAX_INTEGER_CLASSES = 20  # chosen: more different whole numbers than this are a quantity
SHOWN_CLASSES = 10  # in an error


def decide_task(target: Array) -> Task:
    """Decide what a clean target asks for: text, booleans and at most 20 different integers are classes."""
    if len(target) == 0:
        raise InputError("The target is empty; give at least one value.")
    if target.dtype.kind in "bO":
        return "classification"
    few = len(np.unique(target)) <= MAX_INTEGER_CLASSES
    return "classification" if few and _whole(target) else "regression"


def quantities(target: Array) -> NDArray[np.float64]:
    """Return a clean target as numbers to predict."""
    if target.dtype.kind == "O":
        raise InputError(
            f"A regression needs a target of numbers, but it holds text such as {target[0]!r}; "
            "choose classification or another target."
        )
    return target.astype(np.float64)


def class_labels(target: Array, name: str, *, as_text: bool) -> Array:
    """Return a clean target as labels of classes: texts, integers or booleans.

    Numbers that are not whole are quantities and refused, unless they are wanted as text.
    """
    if target.dtype.kind == "O":
        return target.astype(np.str_)
    if target.dtype.kind != "f":
        return target
    if _whole(target) and np.all(np.abs(target) < 2.0**53):
        return target.astype(np.int64)
    if not as_text:
        raise InputError(
            f"{name} holds quantities such as {target[target != np.rint(target)][0]:g} and no classes; choose a model "
            "for regression, or another target."
        )
    return target.astype(np.str_)


def classes_of(labels: Array) -> Array:
    """Return the different labels, sorted; there must be two."""
    classes: Array = np.unique(labels)
    if len(classes) < 2:
        found = f"all labels are {classes.tolist()[0]!r}" if len(classes) else "there are no labels"
        raise InputError(f"A classification needs at least two classes, but {found}; add another class.")
    return classes


def codes_of(labels: Array, classes: Array) -> NDArray[np.int64]:
    """Return the place of each label among the classes."""
    places = {label: code for code, label in enumerate(classes.tolist())}
    distinct, positions = np.unique(labels, return_inverse=True)
    table = np.array([places.get(label, -1) for label in distinct.tolist()], dtype=np.int64)
    codes: NDArray[np.int64] = table[positions]
    if (codes < 0).any():
        first = int(np.argmax(codes < 0))
        known = ", ".join(map(repr, classes[:SHOWN_CLASSES].tolist())) + ("..." if len(classes) > SHOWN_CLASSES else "")
        raise InputError(
            f"The label {labels.tolist()[first]!r} in {row_name(first)} was not seen in training; "
            f"the classes are {known}."
        )
    return codes


def _whole(numbers: Array) -> bool:
    """Whether all numbers are whole."""
    return numbers.dtype.kind in "iu" or bool(np.all(numbers == np.rint(numbers)))
