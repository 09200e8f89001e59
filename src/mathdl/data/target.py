"""The target: a number to predict, or classes and the codes 0..K-1 that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import clean_values, row_name
from mathdl.data.column import Column, Kind
from mathdl.errors import InputError

Array = NDArray[Any]
TASKS = ("classification", "regression")

MAX_INTEGER_CLASSES = 20  # chosen: more different whole numbers than this are a quantity
MAX_LIKELY_CLASSES = 100  # chosen: of more different whole numbers nobody thinks as classes
MAX_ALL_DIFFERENT = 10  # rows whose classes may all be different by chance
SHOWN_CLASSES = 10  # in an error


class TaskDecision(NamedTuple):
    """What is to be learned of a target, and a clause on how to choose otherwise where the data might mean that."""

    task: str
    hint: str


def known_values(target: Column | Array, title: str) -> tuple[Array, NDArray[np.intp]]:
    """Return the values that are there, and their rows; a target of gaps or dates is refused."""
    if not isinstance(target, Column):
        return clean_values("The target", target), np.arange(len(target))
    rows = np.flatnonzero(~target.missing)
    if len(target) and not len(rows):
        raise InputError(f"{title} is missing in every row; give a column with values.")
    if target.kind is Kind.DATE:
        raise InputError(f"{title} holds dates; choose a column of numbers or of classes, or read it as a category.")
    return target.values[rows], rows


def decide_task(
    values: Array, tasks: Sequence[str] = TASKS, asked: str | None = None, title: str = "The target"
) -> TaskDecision:
    """Decide what a target asks for: text, booleans and at most 20 different whole numbers are classes.

    ``tasks`` are those of the model, and ``asked`` is the one that the user chose. A target is refused that nothing can
    be learned from, the same or a class of its own in every row; and one of many different numbers where the model only
    knows classes and nobody asked for them.
    """
    if not len(values):
        raise InputError(f"{title} is empty; give at least one value.")
    distinct = np.unique(values)
    few = len(distinct) <= MAX_INTEGER_CLASSES
    by_data = "classification" if distinct.dtype.kind in "bOU" or (few and _whole(distinct)) else "regression"
    task = asked or (by_data if by_data in tasks else tasks[0])
    if task not in TASKS:
        return TaskDecision(task, "")
    if len(values) > 1 and len(distinct) == 1:
        same = repr(str(distinct[0])) if distinct.dtype.kind in "OU" else f"{distinct[0]:g}"
        raise InputError(f"{title} is {same} in every row, so there is nothing to learn; choose another target.")
    if asked is None and task == "classification" and by_data == "regression":
        raise InputError(
            f"{title} holds {_example(values)} and no classes ({len(distinct):,} different numbers); choose a model "
            "for regression, or take each number as a class (--task classification)."
        )
    if task == "classification" and len(distinct) == len(values) > MAX_ALL_DIFFERENT:
        raise InputError(
            f"{title} is different in all {len(values):,} rows, so no class can be learned; choose another target."
        )
    open_to_both = asked is None and len(tasks) > 1 and distinct.dtype.kind in "iuf" and _whole(distinct)
    if not open_to_both or not 2 < len(distinct) <= MAX_LIKELY_CLASSES:
        return TaskDecision(task, "")
    if task == "classification":
        return TaskDecision(task, "whole numbers; --task regression takes them as a quantity")
    return TaskDecision(task, "whole numbers; --task classification takes them as classes")


def _example(numbers: Array) -> str:
    """Show a number that is no class, where there is one."""
    broken = numbers[numbers != np.rint(numbers)]
    return f"quantities such as {(broken if len(broken) else numbers)[0]:g}"


def quantities(target: Array) -> NDArray[np.float64]:
    """Return a clean target as numbers to predict."""
    if target.dtype.kind == "O":
        if set(target) <= {"True", "False"}:
            return np.where(target == "True", 1.0, 0.0)
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
            f"{name} holds {_example(target)} and no classes; choose a model for regression, or another target."
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
