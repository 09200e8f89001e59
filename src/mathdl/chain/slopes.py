"""Slopes of a function of arrays, in one component, from its values alone: by a complex step or by differences."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

TINY = 1e-25  # relative length of a complex step: its square is lost in rounding
RADIUS, AROUND = 1e-2, 8  # of the circle on which a function shows that it is analytic; its points; chosen
# Powers of the rounding that are allowed as a relative disagreement; chosen: 5e-7 and 1.5e-8 in float64.
DIFFERENCES, EXACT = 0.4, 0.5

SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)

Reals = NDArray[np.float64]
Place = tuple[int, ...]
Value = Callable[[Any], Any]  # of an array, real or complex


class Slopes(NamedTuple):
    """The slopes from the left and the right, by how much they may err, and how they were found.

    ``rounding`` is by how much they may disagree with others, relative to the largest slope of a function.
    """

    left: float
    right: float
    error: float
    rounding: float
    method: str


def plain(value: Any) -> Any:
    """Return what a library gives as an array of NumPy."""
    return np.asarray(value.detach() if hasattr(value, "detach") else value)


def one_number(value: Any) -> float:
    """Return what a function gave as a float; raise InputError unless it is one finite number."""
    array = plain(value)
    if array.size != 1 or array.dtype.kind not in "biuf" or not np.isfinite(array).all():
        raise InputError(f"check_gradient: f gave {value!r}; it has to give one finite number near x.")
    return float(array.reshape(-1)[0])


def by_differences(value: Value, x: Reals, place: Place, dtype: np.dtype[Any] = DOUBLE) -> Slopes:
    """Return slopes by differences from both sides, of steps for the precision in which the function computes.

    Two steps, one half of the other, and their extrapolation: by how much the central difference changes bounds what
    the third derivative leaves.
    """
    epsilon = float(np.finfo(dtype).eps)
    h = epsilon ** (1 / 3) * max(1.0, abs(float(x[place])))  # where rounding and curvature err alike
    middle = one_number(value(x.copy()))
    found, largest = {}, abs(middle)
    for step in (-h, h, -h / 2, h / 2):
        moved = x.copy()
        moved[place] += step
        there = one_number(value(moved.copy()))
        found[step] = (there - middle) / float(moved[place] - x[place])  # by the step that was really taken
        largest = max(largest, abs(there))
    change = abs(found[h] + found[-h] - found[h / 2] - found[-h / 2]) / 2
    left, right = (2 * found[side / 2] - found[side] for side in (-h, h))
    return Slopes(left, right, change + 8 * epsilon * largest / h, epsilon**DIFFERENCES, "differences")


def by_complex_step(value: Value, x: Reals, place: Place, dtype: np.dtype[Any]) -> Slopes | None:
    """Return the slope by a step into the complex plane, which loses nothing; None where it does not apply.

    It applies where the function takes complex numbers and is analytic near x: then the values on a circle have no
    part that turns backwards, and what turns forwards is the slope. abs, maximum and parts of numbers fail this.
    """
    scale = max(1.0, abs(float(x[place])))
    radius = RADIUS * scale
    turns = np.exp(2j * np.pi * np.arange(AROUND) / AROUND)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")  # such as NumPy's at an imaginary part that is dropped
            slope = _at(value, x, place, 1j * TINY * scale).imag / (TINY * scale)
            around = np.array([_at(value, x, place, radius * turn) for turn in turns])
    except Exception:  # whatever a function raises that was made for real numbers
        return None
    forward, backward = (np.mean(around * turns**sign) / radius for sign in (-1, 1))
    epsilon = float(np.finfo(dtype).eps)
    error = max(abs(backward), abs(forward - slope))
    if not error <= 64 * epsilon * float(np.abs(around).max()) / radius + 1e-10 * abs(slope):
        return None
    return Slopes(slope, slope, float(error), epsilon**EXACT, "complex step")


def _at(value: Value, x: Reals, place: Place, step: complex) -> complex:
    """Return the value at a point that is moved in one component."""
    moved = x.astype(np.complex128)
    moved[place] += step
    return complex(plain(value(moved)).reshape(()))
