"""Objects as things that can be told apart: what sets and dictionaries hold."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np

from mathdl.checks import shortened
from mathdl.errors import InputError


def told_apart(name: str, objects: Any) -> list[Any]:
    """Return objects as Python's own values, rows of arrays and lists as tuples."""
    given = objects.to_numpy() if hasattr(objects, "to_numpy") else objects  # of pandas
    given = given.toarray() if hasattr(given, "toarray") else given
    given = given.tolist() if isinstance(given, np.ndarray) else given
    if isinstance(given, str | bytes) or not isinstance(given, Iterable):
        raise InputError(f"{name} is {shortened(objects)}; give a set, list or array of objects.")
    found = [_one(each) for each in given]
    for each in found:
        try:
            hash(each)
        except TypeError:
            raise InputError(
                f"{name} holds {shortened(each)}, which cannot stand in a set; give numbers, texts or tuples."
            ) from None
        if each != each:
            raise InputError(f"{name} holds {shortened(each)}, which does not equal itself; leave it out.")
    return found


def _one(value: Any) -> Any:
    """Return one object: an array or a list as a tuple."""
    value = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    return tuple(map(_one, value)) if isinstance(value, list | tuple) else value
