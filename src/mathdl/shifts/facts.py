"""The chain of facts about a network's steps that a certificate states: support, what is blank, shift."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from mathdl.certificates.rationals import text_of
from mathdl.shifts.evaluation import Exact, Floats, UnknownValueError, Values, responses
from mathdl.shifts.question import Question

SAMPLES, CLOSE = 8, 1e-9  # drawn pictures on which a shift is tried, and how closely the responses have to agree


def facts(asked: Question) -> list[dict[str, Any]]:
    """Return for each step the support and blank values that follow from the weights, and the shift that is likely."""
    blanks, supports = _blank_responses(asked), _supports(asked)
    shift: tuple[int, int] | None = asked.shift
    found, samples = [], _samples(asked)
    for step, blank, support, (x, moved) in zip(asked.network.steps, blanks, supports, samples, strict=True):
        fact: dict[str, Any] = {"support": None, "blank": None, "shift": None}
        shift = _shift_after(step, shift)
        if x.ndim == 4:
            fact["support"] = _box(support)
            values = None if blank is None else _constants(blank, fact["support"])
            fact["blank"] = values if values is None else [text_of(value) for value in values]
        move = (0, 0) if x.ndim == 2 else shift
        if move is not None and _moves(asked, x, moved, move, fact):
            fact["shift"] = list(move)
        found.append(fact)
    return found


def as_asked(asked: Question, stated: list[dict[str, Any]]) -> bool:
    """Tell whether the last response moves as was asked, as far as the drawn pictures say."""
    shift = stated[-1]["shift"] if stated else None
    return shift is not None and (asked.output_shift is None or tuple(shift) == asked.output_shift)


def _blank_responses(asked: Question) -> list[Values | None]:
    """Return the exact responses to the picture of zeros, None where they are not known exactly."""
    exact, found = Exact(asked.network.parameters), []
    zeros = np.zeros((1, *asked.network.input_shape), np.int64)
    steps = asked.network.steps
    plain = [step for step in steps if step[0] != "softmax"]
    with suppress(UnknownValueError):
        for values in responses(plain, exact, exact.start(zeros)):
            found.append(values if values.low is values.high else None)
    return [*found, *[None] * (len(steps) - len(found))]


def _constants(blank: Values, box: list[int]) -> list[Fraction] | None:
    """Return what each channel of a blank response is outside of a box (everywhere, where nothing is outside)."""
    numbers = blank.low[0]
    mask = np.ones(numbers.shape[1:], bool)
    top, bottom, left, right = box
    mask[top:bottom, left:right] = False
    if not mask.any():
        mask[:] = True
    channels = [{int(value) for value in channel[mask]} for channel in numbers]
    if any(len(values) != 1 for values in channels):
        return None
    return [Fraction(values.pop(), blank.unit) for values in channels]


def _supports(asked: Question) -> list[Any]:
    """Return which numbers of each response the weights let depend on the picture."""
    mask = np.zeros((1, *asked.network.input_shape))
    for pixel in asked.pixels():
        mask[(0, *pixel)] = 1
    weights = (asked.network.parameters != 0).astype(float)
    steps = [_without_bias(step) for step in asked.network.steps if step[0] != "softmax"]
    floats = _Masks(asked, weights)
    found = [values.low[0] > 0 for values in responses(steps, floats, floats.start(mask))]
    return [*found, *[None] * (len(asked.network.steps) - len(found))]


class _Masks(Floats):
    """Floats for 0 and 1: what depends on the picture is 1."""

    def __init__(self, asked: Question, weights: Any) -> None:
        super().__init__(weights)

    def linear(self, x: Values, weights: Any, bias: Any) -> Values:
        found = (x.low @ weights.T > 0).astype(float)
        return Values(found, found)

    def mean(self, x: Values) -> Values:
        return x.mapped(lambda a: a.max(axis=-1))

    def apply(self, x: Values, name: str, number: Fraction) -> Values:
        return x

    def add(self, x: Values, y: Values) -> Values:
        return Values(*[np.maximum(x.low, y.low)] * 2)


def _without_bias(step: list[Any]) -> list[Any]:
    """Return a step that pads with 0."""
    if step[0] in ("join", "add"):
        return [step[0], [[_without_bias(inner) for inner in chain] for chain in step[1]]]
    return [*step[:5], "0"] if step[0] == "pad" else step


def _box(mask: Any) -> list[int]:
    """Return the rows and columns from and up to but without which a mask is true."""
    rows, columns = np.flatnonzero(mask.any(axis=(0, 2))), np.flatnonzero(mask.any(axis=(0, 1)))
    if not len(rows):
        return [0, 0, 0, 0]
    return [int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1]


def _shift_after(step: list[Any], shift: tuple[int, int] | None) -> tuple[int, int] | None:
    """Return by how much a response moves when that before the step moves by ``shift``."""
    if shift is None or step[0] not in ("convolve", "pool"):
        return shift
    strides = step[4:6]
    if any(amount % stride for amount, stride in zip(shift, strides, strict=True)):
        return None
    return shift[0] // strides[0], shift[1] // strides[1]


def _samples(asked: Question) -> list[tuple[Any, Any]]:
    """Return the responses, in floats, to drawn pictures and to the same ones moved, after each step."""
    generator, pixels = np.random.default_rng(1), asked.pixels()
    pictures = np.zeros((SAMPLES, *asked.network.input_shape))
    for picture in pictures:
        for pixel in pixels:
            picture[pixel] = generator.integers(-9, 10)
    floats, steps = Floats(asked.network.parameters), asked.network.steps
    plain = [step for step in steps if step[0] != "softmax"]
    both: list[list[Any]] = []
    for given in (pictures, asked.moved(pictures)):
        found: list[Any] = []
        with suppress(UnknownValueError):
            found += [values.low for values in responses(plain, floats, floats.start(given))]
        both.append(found)
    pairs = list(zip(*both, strict=True))
    empty = np.zeros((0, prod(asked.network.output_shape)))
    return [*pairs, *[(empty, empty)] * (len(steps) - len(pairs))]


def _moves(asked: Question, x: Any, moved: Any, shift: tuple[int, int], fact: dict[str, Any]) -> bool:
    """Tell whether the responses to the moved pictures are those to the pictures, moved."""
    if x.ndim == 4 and any(shift):
        x = asked.moved(x, shift)
        if not asked.cyclic:
            if fact["blank"] is None:
                return False
            entered = asked.moved(np.ones_like(x), shift) == 0
            blank = np.array([float.fromhex(t) if "x" in t else float(Fraction(t)) for t in fact["blank"]])
            x = np.where(entered, blank[:, None, None], x)
    size = 1 + np.abs(x).max(initial=0)
    return len(x) > 0 and bool(np.abs(x - moved).max(initial=0) <= CLOSE * size)
