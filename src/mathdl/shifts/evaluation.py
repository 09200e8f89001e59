"""The steps of a network applied to pictures of numbers: in whole numbers without rounding, or in floats."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from math import lcm, prod
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from mathdl.certificates.enclosures import UNIT_BITS, exp_bounds
from mathdl.certificates.rationals import rational, scaled
from mathdl.networks.steps import Step

EPSILON, UNDERFLOW = 2.0**-53, 2.0**-1000
FUNCTION_ERROR = 2.0**-48  # of exp and tanh of NumPy, relative: documented are a few units in the last place


class UnknownValueError(Exception):
    """A user's own function was needed elsewhere than at 0."""


class Values(NamedTuple):
    """Arrays of objects (N, ...) between which the values lie, in a unit; one array twice where nothing is rounded."""

    low: Any
    high: Any
    unit: int = 1

    def mapped(self, function: Callable[[Any], Any]) -> Values:
        """Return what a function that never falls makes of both."""
        low = function(self.low)
        return Values(low, low if self.high is self.low else function(self.high), self.unit)


class Arithmetic(Protocol):
    """What steps are computed with."""

    parameters: Any

    def start(self, pictures: Any) -> Values:
        """Return pictures as values."""

    def linear(self, x: Values, weights: Any, bias: Any) -> Values:
        """Return x W^T + b for the last axis of x."""

    def mean(self, x: Values) -> Values:
        """Return the means of the last axis."""

    def apply(self, x: Values, name: str, number: Fraction) -> Values:
        """Return an activation function of every number."""

    def in_unit(self, x: Values, unit: int) -> Values:
        """Return the values in a unit that is a multiple of theirs."""

    def add(self, x: Values, y: Values) -> Values:
        """Return the sum of values of one unit."""


class Exact:
    """Whole numbers over a unit that grows; sigmoid and tanh are enclosed in bounds of about 2^-96."""

    def __init__(self, parameters: Any) -> None:
        numbers, self.below = scaled(parameters.tolist())
        self.parameters = _objects(numbers)

    def start(self, pictures: Any) -> Values:
        """Return pictures as values."""
        numbers, unit = scaled(np.ravel(pictures).tolist())
        whole = _objects(numbers).reshape(np.shape(pictures))
        return Values(whole, whole, unit)

    def linear(self, x: Values, weights: Any, bias: Any) -> Values:
        """Return x W^T + b for the last axis of x."""
        if x.low is x.high:
            found = np.dot(x.low, weights.T) + bias * x.unit
            return Values(found, found, x.unit * self.below)
        above, below = np.maximum(weights, 0).T, np.minimum(weights, 0).T
        low, high = (np.dot(a, above) + np.dot(b, below) + bias * x.unit for a, b in ((x.low, x.high), (x.high, x.low)))
        return Values(low, high, x.unit * self.below)

    def mean(self, x: Values) -> Values:
        """Return the means of the last axis."""
        return x.mapped(lambda a: a.sum(axis=-1))._replace(unit=x.unit * x.low.shape[-1])

    def apply(self, x: Values, name: str, number: Fraction) -> Values:
        """Return an activation function of every number."""
        above, below = number.as_integer_ratio()
        if name == "relu":
            return x.mapped(lambda a: np.maximum(a, 0))
        if name == "leaky_relu":
            return x.mapped(lambda a: np.where(a > 0, a * below, a * above))._replace(unit=x.unit * below)
        if name == "abs":
            return _absolute(x)
        if name == "own":
            if np.any(x.low != 0) or np.any(x.high != 0):
                raise UnknownValueError
            found = np.full(x.low.shape, above * x.unit, dtype=object)
            return Values(found, found, x.unit * below)
        ends = [np.vectorize(_ENCLOSED[name], otypes=[object, object])(a, x.unit) for a in x[:2]]
        return Values(ends[0][0], ends[1][1], 1 << UNIT_BITS)

    def in_unit(self, x: Values, unit: int) -> Values:
        """Return the values in a unit that is a multiple of theirs."""
        return x.mapped(lambda a: a * (unit // x.unit))._replace(unit=unit)

    def add(self, x: Values, y: Values) -> Values:
        """Return the sum of values of one unit."""
        low = x.low + y.low
        exact = x.low is x.high and y.low is y.high
        return Values(low, low if exact else x.high + y.high, x.unit)


class Floats:
    """Float64; the bounds enclose the exact value where ``rigorous``, and else are the value rounded as usual."""

    def __init__(self, parameters: Any, rigorous: bool = False) -> None:
        self.parameters, self._rigorous = parameters, rigorous

    def start(self, pictures: Any) -> Values:
        """Return pictures as values."""
        numbers = np.asarray(pictures, np.float64)
        return Values(numbers, numbers)

    def linear(self, x: Values, weights: Any, bias: Any) -> Values:
        """Return x W^T + b for the last axis of x."""
        if not self._rigorous:
            found = x.low @ weights.T + bias
            return Values(found, found)
        centre = (x.low + x.high) / 2
        radius = np.maximum(x.high - centre, centre - x.low) * (1 + 4 * EPSILON)
        size = np.abs(centre) @ np.abs(weights.T) + np.abs(bias)
        error = (weights.shape[1] + 4) * (2 * EPSILON * size + UNDERFLOW) + radius @ np.abs(weights.T)
        return _around(centre @ weights.T + bias, error * (1 + 4 * (weights.shape[1] + 4) * EPSILON))

    def mean(self, x: Values) -> Values:
        """Return the means of the last axis."""
        count = x.low.shape[-1]
        return _widened(self.linear(x, np.ones((1, count)), 0.0).mapped(lambda a: a[..., 0] / count), self._rigorous)

    def apply(self, x: Values, name: str, number: Fraction) -> Values:
        """Return an activation function of every number."""
        if name == "own":
            raise UnknownValueError
        if name == "abs":
            return _absolute(x)
        slope = 0.0 if name == "relu" else float(number)
        if name in ("relu", "leaky_relu"):
            return _widened(x.mapped(lambda a: np.where(a > 0, a, slope * a)), self._rigorous)
        found = x.mapped(np.tanh if name == "tanh" else lambda a: 0.5 + 0.5 * np.tanh(0.5 * a))
        return found if not self._rigorous else Values(found.low - FUNCTION_ERROR, found.high + FUNCTION_ERROR)

    def in_unit(self, x: Values, unit: int) -> Values:
        """Return the values: floats have no unit."""
        return x

    def add(self, x: Values, y: Values) -> Values:
        """Return the sum of values."""
        exact = x.low is x.high and y.low is y.high
        low = x.low + y.low
        return _widened(Values(low, low if exact else x.high + y.high), self._rigorous)


def responses(steps: Sequence[Step], arithmetic: Arithmetic, x: Values) -> Iterator[Values]:
    """Yield the values after each step."""
    first = 0
    for step in steps:
        x, first = _after(step, arithmetic, x, first)
        yield x


def answer(steps: Sequence[Step], arithmetic: Arithmetic, x: Values, without_last: bool = True) -> Values:
    """Return the values after the last step, or without a final function that tells different arguments apart.

    That is sigmoid, tanh, and softmax, which is always replaced by the differences to the first of its arguments.
    """
    *most, last = steps or [["flatten"]]
    told = without_last and last[0] == "apply" and last[1] in ("sigmoid", "tanh")
    found = [x, *responses(most if told or last[0] == "softmax" else steps, arithmetic, x)][-1]
    if last[0] != "softmax":
        return found
    low = -found.high[:, :1]
    first = Values(low, low if found.low is found.high else -found.low[:, :1], found.unit)
    return arithmetic.add(found, first)


def _after(step: Step, arithmetic: Arithmetic, x: Values, first: int) -> tuple[Values, int]:
    """Return the values after a step, and where the parameters of the next one start."""
    kind, *options = step
    shape, flat = x.low.shape, arithmetic.parameters
    if kind == "flatten":
        return x.mapped(lambda a: a.reshape(len(a), -1)), first
    if kind == "pad":
        above, below, left, right, text = options
        value = rational(text)
        x = arithmetic.in_unit(x, lcm(x.unit, value.denominator))
        constant = int(value * x.unit) if x.low.dtype == object else float(value)
        return x.mapped(lambda a: _padded(a, above, below, left, right, constant)), first
    if kind == "pool":
        rows, columns, down, across = options[1:]
        blocks = x.mapped(lambda a: _patches(a, rows, columns, down, across).reshape(*_counted(a, options[1:]), -1))
        return blocks.mapped(lambda a: a.max(axis=-1)) if options[0] == "max" else arithmetic.mean(blocks), first
    if kind == "apply":
        name, text, _ = options
        return arithmetic.apply(x, name, rational(text) if text else Fraction(0)), first
    if kind == "dense":
        units, bias = options
        end = first + units * shape[1]
        weights = flat[first:end].reshape(units, -1)
        return arithmetic.linear(x, weights, flat[end : end + units] if bias else 0), end + units * bias
    if kind in ("join", "add"):
        return _branched(kind, options[0], arithmetic, x, first)
    if kind == "softmax":
        raise ValueError("softmax stands at the end")
    channels, rows, columns, down, across, bias = options
    taps = shape[1] * rows * columns
    end = first + channels * taps
    weights = flat[first:end].reshape(channels, taps)
    places = x.mapped(lambda a: _patches(a, rows, columns, down, across).transpose(0, 2, 3, 1, 4, 5))
    counts = places.low.shape[1:3]
    places = places.mapped(lambda a: a.reshape(*a.shape[:3], taps))
    count = {"none": 0, "channel": channels, "position": channels * prod(counts)}[bias]
    biases: Any = flat[end : end + count] if count else 0
    if bias == "position":
        biases = biases.reshape(channels, *counts).transpose(1, 2, 0)
    found = arithmetic.linear(places, weights, biases)
    return found.mapped(lambda a: a.transpose(0, 3, 1, 2)), end + count


def _branched(kind: str, chains: list[list[Step]], arithmetic: Arithmetic, x: Values, first: int) -> tuple[Values, int]:
    """Return the branches' responses joined or added."""
    ends = []
    for chain in chains:
        end = x
        for step in chain:
            end, first = _after(step, arithmetic, end, first)
        ends.append(end)
    unit = lcm(*(end.unit for end in ends))
    ends = [arithmetic.in_unit(end, unit) for end in ends]
    if kind == "add":
        total = ends[0]
        for end in ends[1:]:
            total = arithmetic.add(total, end)
        return total, first
    low = np.concatenate([end.low.reshape(len(end.low), -1) for end in ends], axis=1)
    if all(end.low is end.high for end in ends):
        return Values(low, low, unit), first
    return Values(low, np.concatenate([end.high.reshape(len(end.high), -1) for end in ends], axis=1), unit), first


def _padded(pictures: Any, above: int, below: int, left: int, right: int, constant: Any) -> Any:
    """Return pictures with a constant around them (np.pad would put a NumPy integer among Python's)."""
    *objects, height, width = pictures.shape
    found = np.full((*objects, above + height + below, left + width + right), constant, dtype=pictures.dtype)
    found[..., above : above + height, left : left + width] = pictures
    return found


def _patches(pictures: Any, rows: int, columns: int, down: int, across: int) -> Any:
    """Return the blocks (N, channels, down, across, rows, columns)."""
    return sliding_window_view(pictures, (rows, columns), axis=(2, 3))[:, :, ::down, ::across]


def _counted(pictures: Any, options: Sequence[int]) -> tuple[int, ...]:
    """Return the shape of the blocks without their rows and columns."""
    shape: tuple[int, ...] = _patches(pictures, *options).shape[:4]
    return shape


def _absolute(x: Values) -> Values:
    """Return absolute values."""
    if x.low is x.high:
        return x.mapped(np.abs)
    return Values(np.maximum(np.maximum(x.low, -x.high), 0), np.maximum(-x.low, x.high), x.unit)


def _around(centre: Any, radius: Any) -> Values:
    """Return bounds so far around a centre."""
    return _widened(Values(centre - radius, centre + radius), True)


def _widened(x: Values, rigorous: bool) -> Values:
    """Return bounds one rounding further out."""
    return Values(np.nextafter(x.low, -np.inf), np.nextafter(x.high, np.inf)) if rigorous else x


def _objects(numbers: Sequence[int]) -> Any:
    """Return whole numbers of any size as an array."""
    found = np.empty(len(numbers), dtype=object)
    found[:] = numbers
    return found


def _sigmoid(numerator: int, unit: int) -> tuple[int, int]:
    """Enclose 1 / (1 + e^-t) in units of 2^-UNIT_BITS."""
    one = 1 << UNIT_BITS
    low, high = exp_bounds(-abs(Fraction(numerator, unit)))
    if numerator >= 0:
        return (one * one) // (one + high), -(-one * one // (one + low))
    return low * one // (one + low), -(-high * one // (one + high))


def _tanh(numerator: int, unit: int) -> tuple[int, int]:
    """Enclose tanh t = 2 sigmoid(2 t) - 1."""
    low, high = _sigmoid(2 * numerator, unit)
    one = 1 << UNIT_BITS
    return 2 * low - one, 2 * high - one


_ENCLOSED = {"sigmoid": _sigmoid, "tanh": _tanh}
