"""Layers, activations, rules, schedules and labels as values that JSON can hold, and back."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.adam import Adam
from mathdl.descent.rule import Rule
from mathdl.descent.schedules import CosineSchedule, StepSchedule
from mathdl.descent.sgd import SGD
from mathdl.errors import FileError, InputError
from mathdl.files.network_record import every_layer
from mathdl.layers.activation import Activation
from mathdl.layers.layer import Layer
from mathdl.layers.registry import layer_of

LONGEST_LABEL = 2**20  # bytes
RULES: dict[str, type[SGD | Adam]] = {"SGD": SGD, "Adam": Adam}
SCHEDULES: dict[str, type[StepSchedule | CosineSchedule]] = {
    "StepSchedule": StepSchedule,
    "CosineSchedule": CosineSchedule,
}


def to_plain(name: str, value: object) -> Any:
    """Return what JSON can hold and ``from_plain`` turns back.

    Parameters
    ----------
    name : str
        What the value is called in an error.
    value : object
        A number, text, list, tuple or dictionary; a layer, activation, rule or schedule of the library.

    Returns
    -------
    object
        Numbers, texts, lists; everything else is a dictionary of one entry, named for what it is.

    Raises
    ------
    InputError
        If the value is of any other type, or holds a function of the user's own.

    Examples
    --------
    >>> to_plain("rule", SGD(0.1))["rule"]["learning_rate"], from_plain(to_plain("units", (100, 10)))
    (0.1, (100, 10))
    """
    match value:
        case None | bool() | int() | float() | str():
            return value
        case np.bool_() | np.integer() | np.floating():
            return value.item()
        case list():
            return [to_plain(name, part) for part in value]
        case tuple():
            return {"tuple": [to_plain(name, part) for part in value]}
        case dict() if all(isinstance(key, str) for key in value):
            return {"dict": {key: to_plain(name, part) for key, part in value.items()}}
        case SGD() | Adam():
            return {"rule": value.describe()}
        case StepSchedule() | CosineSchedule():
            return {"schedule": {"schedule": type(value).__name__, **asdict(value)}}
        case Activation() if not value.is_own:
            return {"activation": value.describe()}
        case Layer() if not any(layer.activation.is_own for layer in every_layer([value])):
            return {"layer": value.describe()}
    raise InputError(f"{name} is {value!r}, which a file cannot hold; set {name} to something else before saving.")


def from_plain(plain: Any) -> Any:
    """Return the value that ``to_plain`` was given.

    Parameters
    ----------
    plain : object
        What came back from JSON.

    Returns
    -------
    object

    Raises
    ------
    InputError
        If it is not sound.
    """
    if isinstance(plain, list):
        return [from_plain(part) for part in plain]
    if not isinstance(plain, dict):
        return plain
    match list(plain.items()):
        case [("tuple", list(parts))]:
            return tuple(from_plain(part) for part in parts)
        case [("dict", dict(parts))]:
            return {key: from_plain(part) for key, part in parts.items()}
        case [("rule", dict(description))]:
            return rule_of(description)
        case [("schedule", {"schedule": str(name)} as options)] if name in SCHEDULES:
            return SCHEDULES[name](**{key: value for key, value in options.items() if key != "schedule"})
        case [("activation", description)]:
            return Activation.of(description)
        case [("layer", description)]:
            return layer_of(description)
    raise FileError(f"{plain!r} stands for nothing known")


def rule_of(description: dict[str, Any]) -> Rule:
    """Make a rule from what ``Rule.describe`` returned.

    Parameters
    ----------
    description : dict
        The rule's name and its constants.

    Returns
    -------
    Rule

    Raises
    ------
    InputError
        If the rule is unknown or a constant lies outside its range.
    """
    options = dict(description)
    name = options.pop("rule", None)
    if not isinstance(name, str) or name not in RULES:
        raise InputError(f"Rule {name!r} is unknown; choose one of {', '.join(RULES)}.")
    return RULES[name](**options)


def record_of_labels(labels: NDArray[Any]) -> dict[str, Any]:
    """Return the labels of an estimator's classes with their type.

    Parameters
    ----------
    labels : ndarray of shape (classes,)

    Returns
    -------
    dict
    """
    return {"dtype": labels.dtype.str, "values": labels.tolist()}


def labels_of_record(record: dict[str, Any], count: int) -> NDArray[Any]:
    """Return the labels, of the type that they had.

    Parameters
    ----------
    record : dict
        What ``record_of_labels`` returned.
    count : int
        How many there must be.

    Returns
    -------
    ndarray of shape (count,)

    Raises
    ------
    FileError
        If there are not so many, or their type is none of labels.
    """
    dtype = np.dtype(record["dtype"])
    if dtype.kind not in "biufUO" or dtype.itemsize > LONGEST_LABEL:
        raise FileError(f"its labels are of the type {record['dtype']!r}")
    labels = np.array(record["values"], dtype=dtype)
    if labels.shape != (count,) or len(np.unique(labels)) != count:
        raise FileError(f"it has labels of shape {labels.shape} that do not tell {count} classes apart")
    return labels
