"""Checks of what is given: weights of objects, counts and other numbers."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

Array = NDArray[Any]
NO_NUMBERS = {"S": "bytes", "U": "texts", "M": "dates", "m": "durations", "V": "records"}  # by NumPy's kind of type
NOT_NUMBERS = bool | np.timedelta64  # which Python and NumPy derive from whole numbers
MAX_STEPS = 2**63 - 1  # of a compiled loop
MAX_SHOWN = 60  # chosen: characters of a value that an error shows


def require_unmasked(name: str, values: Any) -> None:
    """Raise InputError where values are masked: NumPy would hand on what the mask hides."""
    parts = values if isinstance(values, list | tuple) else [values]
    if any(np.ma.is_masked(part) for part in parts):
        raise InputError(f"{name} has masked values; fill them in, or leave their objects out.")


def require_numbers(name: str, values: Any) -> Any:
    """Return array-like numbers, a list as an array; raise InputError for masked values, texts, dates and times."""
    require_unmasked(name, values)
    if isinstance(values, list | tuple):
        try:
            values = np.asarray(values)
        except ValueError:
            if any(np.ndim(value) > 1 for value in values if isinstance(value, np.ndarray)):
                raise InputError(
                    f"{name} holds arrays of different shapes; give all one shape, as np.pad does, or have "
                    "mathdl.train make a list of pictures of bytes alike."
                ) from None
            raise InputError(f"{name} has rows of different lengths; give a table of numbers.") from None
    dtypes = getattr(values, "dtypes", getattr(values, "dtype", None))  # a DataFrame's columns, or an array's
    for dtype in dtypes if np.iterable(dtypes) else [dtypes]:
        kind = getattr(dtype, "kind", "O")
        if kind in NO_NUMBERS:
            raise InputError(f"{name} holds {NO_NUMBERS[kind]} instead of numbers; convert them first.")
    return values


def checked_weights(weights: Any, objects: int, dtype: str, name: str = "sample_weight") -> Array:
    """Return the weights of objects; raise InputError unless they are finite, not negative and not all zero."""
    require_unmasked(name, weights)
    try:
        values = reals(np.array(weights), dtype)
    except (TypeError, ValueError):
        raise InputError(f"{name} holds something that is no number; give one number for each object.") from None
    if values.shape != (objects,):
        raise InputError(f"{name} has shape {values.shape} for {objects} objects; give one number for each.")
    if not (np.isfinite(values).all() and (values >= 0).all() and values.any()):
        raise InputError(
            f"{name} holds a number that is negative or not finite, or only zeros; give finite weights, some positive."
        )
    with np.errstate(over="ignore", divide="ignore"):
        if not np.isfinite([values.sum(), 1 / values.mean()]).all():
            raise InputError(f"{name} holds numbers whose sum or its inverse is beyond {dtype}; scale them.")
    return values


def reals(values: Array, dtype: str) -> Array:
    """Return ``values`` as ``dtype``, infinite where too large; raise TypeError unless they are real numbers."""
    if values.dtype.kind not in "biufO" or holds_text(values):
        raise TypeError(f"numbers of type {values.dtype}")
    if values.dtype == dtype:
        return values
    with np.errstate(over="ignore"):
        try:
            return values.astype(dtype)
        except OverflowError:  # whole numbers beyond all floats
            most = sys.float_info.max
            return np.where(values > most, np.inf, np.where(values < -most, -np.inf, values)).astype(dtype)


def holds_text(values: Array) -> bool:
    """Tell whether an array holds a text, even one that reads like a number."""
    return values.dtype.kind in "SU" or (
        values.dtype == object and any(isinstance(x, str | bytes) for x in values.flat)
    )


def require_at_least(name: str, value: object, least: int, most: int | None = None) -> None:
    """Raise InputError unless ``value`` is a whole number of at least ``least``, and at most ``most``."""
    if isinstance(value, NOT_NUMBERS) or not isinstance(value, int | np.integer) or value < least:
        raise InputError(f"{name} is {value!r}; give a whole number of at least {least}.")
    if most is not None and value > most:
        raise InputError(f"{name} is {value!r}; give a whole number of at most {most}.")


def require_choice(name: str, value: object, choices: Collection[str | None]) -> None:
    """Raise InputError unless ``value`` is one of some words, or None where that is one of them."""
    if not (value is None or isinstance(value, str)) or value not in choices:
        *others, last = map(repr, choices)
        raise InputError(f"{name} is {shortened(value)}; give {', '.join(others)} or {last}.")


def require_truth_value(name: str, value: object) -> None:
    """Raise InputError unless ``value`` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise InputError(f"{name} is {shortened(value)}; give True or False.")


def probabilities_on(name: str, curve: Any, x: Array) -> Array:
    """Return the probabilities at numbers by a function of an array, or by a classifier of one feature and two classes.

    Raises InputError unless there is one number for each.
    """
    if hasattr(curve, "predict_proba"):
        answers = np.asarray(curve.predict_proba(x[:, None]))
        answers = answers[:, 1] if answers.ndim == 2 and answers.shape[1] == 2 else answers
    elif callable(curve) and not isinstance(curve, type):
        answers = curve(x)
    else:
        raise InputError(f"{name} is {shortened(curve)}; give a function of an array, or a fitted classifier.")
    try:
        values = reals(np.array(answers), "float64")
    except (TypeError, ValueError):
        raise InputError(f"{name} returns something that is no number; give one probability for each.") from None
    if values.shape != x.shape or np.isnan(values).any():
        raise InputError(
            f"{name} returns values of shape {values.shape}, or NaN, for {len(x)} numbers; give one for each."
        )
    return values


def require_interval(low: object, high: object) -> None:
    """Raise InputError unless ``low`` and ``high`` are finite numbers in this order, not too far apart to subtract."""
    numbers = [float(end) for end in (low, high) if is_number(end)]  # type: ignore[arg-type]
    if len(numbers) < 2 or not (numbers[0] < numbers[1] and np.isfinite([*numbers, numbers[1] - numbers[0]]).all()):
        raise InputError(f"low and high are {shortened(low)} and {shortened(high)}; give finite numbers, low first.")


def shortened(value: object) -> str:
    """Write a value in one short line."""
    text = " ".join(repr(value).split())
    return text if len(text) <= MAX_SHOWN else f"{text[: MAX_SHOWN - 1]}\N{HORIZONTAL ELLIPSIS}"


def require_positive(name: str, value: object) -> None:
    """Raise InputError unless ``value`` is a positive finite number."""
    if not is_number(value) or not 0 < float(value) < np.inf:  # type: ignore[arg-type]
        raise InputError(f"{name} is {value!r}; give a positive number.")


def require_between(name: str, value: object, least: float, below: float = np.inf) -> None:
    """Raise InputError unless ``value`` is a number of at least ``least`` and less than ``below``."""
    if not is_number(value) or not least <= float(value) < below:  # type: ignore[arg-type]
        limit = f" and less than {below:g}" if np.isfinite(below) else ""
        raise InputError(f"{name} is {value!r}; give a number of at least {least:g}{limit}.")


def require_not_negative(name: str, value: object) -> None:
    """Raise InputError unless ``value`` is a finite number of at least 0."""
    if not is_number(value) or not 0 <= float(value) < np.inf:  # type: ignore[arg-type]
        raise InputError(f"{name} is {shortened(value)}; give a finite number of at least 0.")


def is_number(value: object) -> bool:
    """Tell whether a value is a real number in the range of floats, and no truth value."""
    if isinstance(value, NOT_NUMBERS) or (isinstance(value, int) and abs(value) > sys.float_info.max):
        return False
    return isinstance(value, int | float | np.integer | np.floating)


def path_name(path: Any) -> str:
    """Return a path as text; refuse what can be no path."""
    name = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(name, str) or "\0" in name:
        raise InputError(f"{path!r} is no path; give the name of a file or folder.")
    return name


def network_of(model: Any) -> Any:
    """Return the network that is given, or that of a fitted estimator or trained model; else raise InputError."""
    found = getattr(model, "model", model)
    found = getattr(found, "network_", found)
    if isinstance(found, type) or not all(hasattr(found, name) for name in ("layers", "input_shape", "trace")):
        raise InputError(f"network is {shortened(model)}; give a Network, or a fitted model that has one.")
    return found


def spatial_network_of(model: Any) -> Any:
    """Return the network as :func:`network_of` does; raise InputError unless it takes images or signals."""
    network = network_of(model)
    if len(network.input_shape) not in (2, 3):
        raise InputError(
            f"The network takes objects of shape {network.input_shape}; give one of images (channels, height, width) "
            "or of signals (channels, length)."
        )
    return network


def checked_places(name: str, places: Any, count: int) -> NDArray[np.intp]:
    """Return some of the numbers 0 to count - 1, all of them for None; raise InputError where one is none of these."""
    if places is None:
        return np.arange(count)
    given = places.tolist() if isinstance(places, np.ndarray) else places
    if not isinstance(given, Sequence) or isinstance(given, str | bytes | bytearray) or not len(given):
        raise InputError(f"{name} is {shortened(places)}; give a list of whole numbers.")
    for k, place in enumerate(given):
        require_at_least(f"{name}[{k}]", place, 0, count - 1)
    return np.array(given, np.intp)
