"""Layers, activations, rules, schedules and labels as values that JSON can hold, and back."""

from __future__ import annotations

from dataclasses import asdict
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.descent.adam import Adam
from mathdl.descent.rule import Rule
from mathdl.descent.schedules import CosineSchedule, StepSchedule
from mathdl.descent.sgd import SGD
from mathdl.errors import FileError, InputError
from mathdl.layers.activation import Activation
from mathdl.layers.layer import Layer
from mathdl.layers.registry import layer_of
from mathdl.networks.composition import every_layer

MAX_LABEL_BYTES = 2**20  # chosen: longer than any name
MAX_SHOWN = 5  # labels in an error
KIND_OF_LABELS: dict[str, Any] = {
    "b": bool,
    "i": int,
    "u": int,
    "f": float,
    "U": str,
    "O": None,
}  # None: that of the first label
RULES: dict[str, type[SGD | Adam]] = {"SGD": SGD, "Adam": Adam}
SCHEDULES: dict[str, type[StepSchedule | CosineSchedule]] = {
    "StepSchedule": StepSchedule,
    "CosineSchedule": CosineSchedule,
}


def to_plain(name: str, value: object) -> Any:
    """Return what JSON can hold and ``from_plain`` turns back; an error calls the value by ``name``.

    Numbers, texts and lists stay what they are; everything else is a dictionary of one entry, named for what it is.
    InputError is raised for what is none of the library's, or holds a function of the user's own.
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
        case dict():
            return {"dict": [[to_plain(name, key), to_plain(name, part)] for key, part in value.items()]}
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
    """Return the value that ``to_plain`` was given; raise InputError where it is not sound."""
    if isinstance(plain, list):
        return [from_plain(part) for part in plain]
    if not isinstance(plain, dict):
        return plain
    match list(plain.items()):
        case [("tuple", list(parts))]:
            return tuple(from_plain(part) for part in parts)
        case [("dict", list(parts))]:
            return {from_plain(key): from_plain(part) for key, part in parts}
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
    """Make a rule from what ``Rule.describe`` returned; raise InputError where it is not sound."""
    options = dict(description)
    name = options.pop("rule", None)
    if not isinstance(name, str) or name not in RULES:
        raise InputError(f"Rule {name!r} is unknown; choose one of {', '.join(RULES)}.")
    return RULES[name](**options)


def record_of_labels(labels: NDArray[Any], ordered: bool = True) -> dict[str, Any]:
    """Return labels, of which ``labels_of_record`` makes the same again, with their type."""
    record = {"dtype": labels.dtype.str, "values": labels.tolist()}
    try:
        labels_of_record(record, ordered)
    except FileError as error:
        raise InputError(
            f"The class names {_shortened(labels.tolist())} cannot be saved, since {error}; use texts, whole numbers, "
            "floating-point numbers or truth values."
        ) from None
    return record


def labels_of_record(record: dict[str, Any], ordered: bool = True) -> NDArray[Any]:
    """Return labels, of the type that they had: all texts, numbers of one kind, or truth values, in increasing order.

    Without ``ordered`` they are different and in any order.
    """
    dtype, values = np.dtype(record["dtype"]), record["values"]
    if dtype.kind not in KIND_OF_LABELS or dtype.itemsize > MAX_LABEL_BYTES:
        raise FileError(f"its labels are of the type {record['dtype']!r}")
    if not isinstance(values, list) or not values:
        raise FileError(f"its labels are {values!r} instead of a list")
    kind = KIND_OF_LABELS[dtype.kind] or type(values[0])
    if kind not in (str, int, float, bool) or not all(type(value) is kind for value in values):
        raise FileError(f"its labels {_shortened(values)} are not all of the type {dtype}")
    labels = np.array(values, dtype=dtype)
    increasing = all(first < second for first, second in pairwise(values if ordered else sorted(values)))
    if labels.tolist() != values or not increasing:
        raise FileError(f"its labels {_shortened(values)} are not different, in increasing order and of one length")
    return labels


def _shortened(values: list[Any]) -> str:
    """Write a list, of a long one the beginning."""
    return repr(values) if len(values) <= MAX_SHOWN else f"{repr(values[:MAX_SHOWN])[:-1]}, ...]"
