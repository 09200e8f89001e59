"""The chain of facts about a network's steps that a certificate states: support, what is blank, shift."""

from __future__ import annotations

from contextlib import suppress
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np

from mathdl.certificates.rationals import text_of
from mathdl.layers.pieces import UnknownValueError, depends
from mathdl.networks.exact_steps import Exact, values_of
from mathdl.networks.float_steps import after
from mathdl.shifts.evaluation import Evaluation, exact_after, responses
from mathdl.shifts.question import Question

SAMPLES, CLOSE = 8, 1e-9  # drawn pictures on which a shift is tried, and how closely the responses have to agree


def facts(asked: Question, of: Evaluation) -> list[dict[str, Any] | None]:
    """Return for each step the support and blank values that follow from the weights, and the shift that is likely.

    None for a step that belongs to the next one.
    """
    blanks, supports = _blank_responses(of), _supports(asked, of)
    shift: tuple[int, int] | None = asked.shift
    found, (samples, moved) = list[dict[str, Any] | None](), _samples(asked, of)
    for k, (step, shape) in enumerate(zip(asked.network.steps, asked.network.shapes(), strict=True)):
        fact: dict[str, Any] = {"support": None, "blank": None, "shift": None}
        shift = _shift_after(step, shift)
        if len(shape) == 3 and of.parts[k] is not None:
            fact["support"] = _box(supports[k].reshape(shape))
            values = _constants(blanks[k], shape, fact["support"])
            fact["blank"] = values if values is None else [text_of(value) for value in values]
        move = (0, 0) if len(shape) == 1 else shift
        if k < len(moved) and move is not None and of.parts[k] is not None:
            x, other = (each[k].T.reshape(-1, *shape) for each in (samples, moved))
            if _moves(asked, x, other, move, fact):
                fact["shift"] = list(move)
        found.append(None if of.parts[k] is None else fact)
    return found


def as_asked(asked: Question, stated: list[dict[str, Any] | None]) -> bool:
    """Tell whether the last response moves as was asked, as far as the drawn pictures say."""
    shift = stated[-1]["shift"] if stated and stated[-1] else None
    return shift is not None and (asked.output_shift is None or tuple(shift) == asked.output_shift)


def _blank_responses(of: Evaluation) -> list[Exact | None]:
    """Return the exact responses to the picture of zeros, None where they are not known exactly."""
    found: list[Exact | None] = []
    zeros = values_of(np.zeros(prod(of.network.input_shape), np.int64))
    with suppress(UnknownValueError):
        for values in responses(of.exact_parts, exact_after, zeros):
            found.append(Exact(values.low, values.unit) if values.exact else None)
    return [*found, *[None] * (len(of.parts) - len(found))]


def _constants(blank: Exact | None, shape: tuple[int, ...], box: list[int]) -> list[Fraction] | None:
    """Return what each channel of a blank response is outside of a box (everywhere, where nothing is outside)."""
    if blank is None:
        return None
    numbers = blank.numbers.reshape(shape)
    mask = np.ones(shape[1:], bool)
    top, bottom, left, right = box
    mask[top:bottom, left:right] = False
    if not mask.any():
        mask[:] = True
    channels = [{int(value) for value in channel[mask]} for channel in numbers]
    if any(len(values) != 1 for values in channels):
        return None
    return [Fraction(values.pop(), blank.unit) for values in channels]


def _supports(asked: Question, of: Evaluation) -> list[Any]:
    """Return which numbers of each response the weights let depend on the picture."""
    mask = np.zeros(asked.network.input_shape, bool)
    for pixel in asked.pixels():
        mask[pixel] = True
    return list(responses(of.parts, depends, mask.ravel()))


def _box(mask: Any) -> list[int]:
    """Return the rows and columns from and up to but without which a mask is true."""
    rows, columns = (np.flatnonzero(mask.any(axis=axes)) for axes in ((0, 2), (0, 1)))
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


def _samples(asked: Question, of: Evaluation) -> list[list[Any]]:
    """Return the responses, in floats, to drawn pictures and to the same ones moved, after each step that is known."""
    generator, pixels = np.random.default_rng(1), asked.pixels()
    pictures = np.zeros((SAMPLES, *asked.network.input_shape))
    for picture in pictures:
        for pixel in pixels:
            picture[pixel] = generator.integers(-9, 10)
    both: list[list[Any]] = []
    for given in (pictures, asked.moved(pictures)):
        both.append([])
        with suppress(UnknownValueError):
            for x in responses(of.parts, lambda step, x: after(step, x)[0], given.reshape(SAMPLES, -1).T):
                both[-1].append(x)
    return both


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
