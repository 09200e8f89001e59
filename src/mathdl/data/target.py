"""The target: a number to predict, or classes and the codes 0..K-1 that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.data.cleaning import as_text, row_name
from mathdl.data.column import Column
from mathdl.errors import InputError

Array = NDArray[Any]
TASKS = ("classification", "regression")

MAX_INTEGER_CLASSES = 20  # chosen: more different whole numbers than this are a quantity
MAX_ALL_DIFFERENT = 10  # rows whose classes may all be different by chance
SHOWN_CLASSES = 10  # in an error


class TaskDecision(NamedTuple):
    """What is to be learned of a target, and the clause that says it: "target 'species': 3 classes"."""

    task: str
    sentence: str


def decide_task(
    target: Column | Array, tasks: Sequence[str] = TASKS, asked: str | None = None, name: str = ""
) -> TaskDecision:
    """Decide what a target asks for: text, booleans and at most 20 different whole numbers are classes.

    ``tasks`` are those of the model, and ``asked`` is the one that the user chose. Gaps do not count. A target that
    nothing can be learned from is refused: all missing, all the same, a class of its own in every row, a date; and one
    of many different numbers where the model only knows classes and nobody asked for them.
    """
    if isinstance(target, Column):
        values, name = target.values[~target.missing], name or target.name
    else:
        values = target
    title = f"The target {name!r}" if name else "The target"
    if not len(target):
        raise InputError(f"{title} is empty; give at least one value.")
    if not len(values):
        raise InputError(f"{title} is missing in every row; give a column with values.")
    if values.dtype.kind == "M":
        raise InputError(f"{title} holds dates; choose a target of numbers or classes.")
    distinct = np.unique(values)
    by_data = "classification" if _are_classes(distinct) else "regression"
    task = asked or (by_data if by_data in tasks else tasks[0])
    if task not in TASKS:
        return TaskDecision(task, "")
    _require_different(values, distinct, title)
    if asked is None and task == "classification" and by_data == "regression":
        raise InputError(
            f"{title} holds {_example(values)} and no classes ({len(distinct):,} different numbers); choose a model "
            "for regression, or take each number as a class (--task classification)."
        )
    if task == "regression":
        quantities(values)  # refuses text
    elif len(distinct) == len(values) > MAX_ALL_DIFFERENT:
        raise InputError(
            f"{title} is different in all {len(values):,} rows, so no class can be learned; choose another target."
        )
    what = f"target {name!r}" if name else "target"
    return TaskDecision(task, f"{what}: {_described(task, by_data, values, distinct, tasks, asked)}")


def _are_classes(distinct: Array) -> bool:
    """Whether different values are names of classes."""
    return distinct.dtype.kind in "bO" or (len(distinct) <= MAX_INTEGER_CLASSES and _whole(distinct))


def _require_different(values: Array, distinct: Array, title: str) -> None:
    """Refuse a target that is the same in every row."""
    if len(values) > 1 and len(distinct) == 1:
        same = repr(distinct[0]) if distinct.dtype.kind == "O" else f"{distinct[0]:g}"
        raise InputError(f"{title} is {same} in every row, so there is nothing to learn; choose another target.")


def _example(numbers: Array) -> str:
    """Show a number that is no class, where there is one."""
    broken = numbers[numbers != np.rint(numbers)]
    return f"quantities such as {(broken if len(broken) else numbers)[0]:g}"


def _described(task: str, by_data: str, values: Array, distinct: Array, tasks: Sequence[str], asked: str | None) -> str:
    """Say what is learned, and how to choose otherwise where that is possible."""
    numbers = values.dtype.kind in "iuf" and asked is None
    if task == "regression":
        whole = numbers and by_data == "regression" and _whole(values) and "classification" in tasks
        hint = " (whole numbers; --task classification takes them as classes)" if whole else ""
        ends = quantities(distinct)[[0, -1]].tolist()
        return f"a quantity, {ends[0]:.6g} to {ends[1]:.6g}{hint}"
    if len(distinct) == 2:
        shares = [float(np.mean(values == label)) for label in distinct]
        rarer = int(np.argmin(shares))
        return f"2 classes, {100 * shares[rarer]:.3g} % {as_text(distinct.tolist()[rarer])}"
    hint = " (whole numbers; --task regression takes them as quantities)"
    hint = hint if numbers and "regression" in tasks else ""
    return f"{len(distinct):,} classes{hint}"


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
