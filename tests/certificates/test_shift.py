"""Certificates that a network's answer moves with its picture, or stays as it is."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import product
from typing import Any

import numpy as np
import pytest

import mathdl as m
from certificates.sweep import Oracle
from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data, verify, write
from shifts.naive_networks import moved, pictures
from shifts.random_networks import drawn

MIN_SHARE, CLOSE = 0.2, 1e-9


def make(seed: int) -> tuple[Certificate, Data] | None:
    """Ask about a network of pictures, or, for each third seed, of signals."""
    decision = drawn(seed, axes=1 if seed % 3 == 0 else 2).decided()
    return (decision.certificate, decision.data) if decision.certificate else None


def judge(certificate: Certificate, data: Data) -> Oracle:
    def is_true(numbers: Mapping[str, Any]) -> bool:
        try:
            return stated(numbers, np.array(data.rows[0]))
        except (ArithmeticError, AssertionError, LookupError, TypeError, ValueError):
            return False

    return is_true


def stated(numbers: Mapping[str, Any], row: Any) -> bool:
    """Try pictures of one and two pixels and drawn ones, in floats; all that is stated has to hold for each."""
    shape, parameters = tuple(int(side) for side in row[:3]), row[3:]
    border, shift, cyclic = numbers["border"], numbers["shift"], numbers["cyclic"]
    assert min(border) >= 0
    assert len(numbers["facts"]) == len(numbers["steps"])
    x: Any = pictures(shape, border, 60, 0)[-600:].astype(float)
    y, place = moved(x, shift, cyclic), 0
    for step, fact in zip(numbers["steps"], numbers["facts"], strict=True):
        y, _ = after(step, y, parameters, place)
        x, place = after(step, x, parameters, place)
        if not fact_holds(fact, x, y, cyclic):
            return False
    assert place == len(parameters)
    x = moved(x, numbers["output_shift"], cyclic) if "output_shift" in numbers else x
    return near(x, y)


def fact_holds(fact: Mapping[str, Any] | None, x: Any, y: Any, cyclic: bool) -> bool:
    if fact is None:  # nothing is stated of what a convolution pads by itself
        return True
    box, blank, shift = fact["support"], fact["blank"], fact["shift"]
    values = None
    if box is not None:
        outside = np.ones(x.shape[2:], bool)
        top, bottom, left, right = (max(side, 0) for side in box)
        outside[top:bottom, left:right] = False
        if outside.any() and not near(x[..., outside], x[:1, :, outside] + 0 * x[..., outside]):
            return False
        values = x[0][:, outside]
        if blank is not None:
            said = np.array([float(number(text)) for text in blank])[:, None]
            if not near(values, said + 0 * values):
                return False
            values = said
    if shift is None:
        return True
    if x.ndim == 2:
        assert list(shift) == [0, 0]
        return near(x, y)
    right_one = moved(x, shift, cyclic)
    if not cyclic and any(shift):
        assert values is not None
        assert near(values, values[:, :1] + 0 * values)
        entered = moved(np.ones(x.shape[2:]), shift, False) == 0
        right_one[..., entered] = values[:, :1]
    return near(right_one, y)


def near(a: Any, b: Any) -> bool:
    return a.shape == b.shape and bool((np.abs(a - b) <= CLOSE * (1 + np.abs(a))).all())


def after(step: Any, x: Any, parameters: Any, place: int) -> tuple[Any, int]:
    """Return what a step makes of pictures, by its definition, and where the next parameters are."""
    kind, *given = step
    if kind == "flatten":
        return x.reshape(len(x), -1), place
    if kind == "softmax":
        powers = np.exp(x - x.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True), place
    if kind == "pad":
        above, below, left, right, value = given
        sides = ((0, 0), (0, 0), (above, below), (left, right))
        return np.pad(x, sides, constant_values=float(number(value))), place
    if kind == "apply":
        name, value, _ = given
        slope = float(number(value)) if value else 0.0
        functions = {
            "relu": lambda t: np.maximum(t, 0),
            "abs": np.abs,
            "leaky_relu": lambda t: np.where(t > 0, t, slope * t),
            "tanh": np.tanh,
            "sigmoid": lambda t: 1 / (1 + np.exp(-np.clip(t, -700, 700))),
        }
        return functions[name](x), place
    if kind == "dense":
        units, bias = given
        weights = taken(parameters, place, units * x.shape[1]).reshape(units, -1)
        place += weights.size
        return x @ weights.T + (taken(parameters, place, units) if bias else 0), place + units * bias
    if kind == "add":
        ends = []
        for chain in given[0]:
            end = x
            for inner in chain:
                end, place = after(inner, end, parameters, place)
            ends.append(end)
        return sum(ends), place
    channels, rows, columns, down, across = given[:5]
    assert min(rows, columns, down, across) > 0
    counts = (x.shape[2] - rows) // down + 1, (x.shape[3] - columns) // across + 1
    assert min(counts) > 0
    places = list(product(range(counts[0]), range(counts[1])))
    blocks = [x[:, :, i * down : i * down + rows, j * across : j * across + columns] for i, j in places]
    if kind == "pool":
        assert channels in ("max", "mean")  # which is the way to pool
        found = [b.max(axis=(2, 3)) if channels == "max" else b.mean(axis=(2, 3)) for b in blocks]
        return np.stack(found, axis=-1).reshape(*x.shape[:2], *counts), place
    assert kind == "convolve"
    bias = given[5]
    kernels = taken(parameters, place, channels * x.shape[1] * rows * columns).reshape(channels, -1)
    place += kernels.size
    found = np.stack([b.reshape(len(x), -1) @ kernels.T for b in blocks], axis=-1).reshape(len(x), channels, *counts)
    count = {"none": 0, "channel": channels, "position": channels * len(places)}[bias]
    if count:
        found = found + taken(parameters, place, count).reshape(channels, *(counts if bias == "position" else (1, 1)))
    return found, place + count


def taken(parameters: Any, place: int, count: int) -> Any:
    assert 0 <= count <= len(parameters) - place
    return parameters[place : place + count]


def proved() -> Any:
    """The smallest network of example 10.6.3."""
    net = m.Network([m.ZeroPad2D(1), m.Conv2D(1, 2, bias=None), m.GlobalMaxPool2D()], (1, 3, 3))
    return m.decide_invariance(net, (0, 1), "zeros", (0, 0, 0, 1))


def test_it_is_put_into_words() -> None:
    decision = proved()
    assert decision.certificate.statement == (
        "For every picture that is 0 in 0 rows above, 0 below, 0 columns on the left and 1 on the right, moved by 0 "
        "down and 1 to the right, zeros entering, the exact answer of the network of 4 steps and 4 parameters is the "
        "same."
    )
    assert verify(decision.certificate, decision.data)


@pytest.mark.parametrize(
    ("path", "value", "reason"),
    [
        (("facts", 0, "support"), [1, 4, 1, 2], "After step 1, pad, a number outside"),
        (("facts", 0, "support"), [1, 4, 1], "'support' is no list of 4"),
        (("facts", 0, "support"), [1, 4, 1, "3"], "'support' is no list of whole"),
        (("facts", 1, "blank"), ["1"], "After step 2, convolve, a number outside"),
        (("facts", 1, "blank"), ["1/3"], "A number outside of the support is not as stated"),
        (("facts", 1, "shift"), [0, 2], "After step 2, convolve, the response is not shown"),
        (("facts", 3, "shift"), [0, 1], "What is no picture cannot move"),
        (("facts", 1), {"support": None, "blank": None, "shift": None, "more": 1}, "'more' is none"),
        (("facts", 1), {"support": None, "blank": ["0"], "shift": None}, "What has no support"),
        (
            ("facts", 1),
            {"support": None, "blank": None, "shift": [0, 1]},
            "After step 2, convolve, it is not shown what",
        ),
        (("facts", 3), {"support": [0, 1, 0, 1], "blank": None, "shift": None}, "What is no picture has no support"),
        (("facts",), [None], "Its numbers are not of the kind"),
        (("facts",), [None] * 4, "valid"),
        (("border",), [0, 0, 0, 0], "After step 1, pad, a number"),
        (("border",), [0, 0, -1, 1], "The border is negative"),
        (("shift",), [0, 2], "After step 1, pad, the response"),
        (("cyclic",), True, "valid"),
        (("cyclic",), 1, "The data are not one row"),
        (("steps", 1, 1), 2, "The steps have more parameters"),
        (("steps", 1, 6), "channel", "The steps have more parameters"),
        (("steps", 1, 6), "pixel", "'pixel' is no kind of bias"),
        (("steps", 1, 2), 9, "A block is larger"),
        (("steps", 1, 4), 0, "A step's sizes are not"),
        (("steps", 1), ["flatten"], "What is no picture has no support"),
        (("steps", 1), ["fold"], "'fold' is no step"),
        (("steps", 2, 1), "median", "'median' is no way to pool"),
        (("steps", 0), ["apply", "relu", None, 0], "After step 1, apply, a number"),
        (("steps", 0), ["apply", "sine", None, 0], "'sine' is no activation"),
        (("steps", 0), ["apply", "leaky_relu", None, 0], "The number that belongs to 'leaky_relu'"),
        (("steps", 0), ["apply", "leaky_relu", "-1", 0], "A slope is negative"),
        (("steps", 0), ["pad", 10**6, 0, 10**6, 0, "0"], "Checking it takes"),
        (("steps", 0), ["join", "x"], "The branches are no list"),
        (("steps", 3), ["pool", "max", 1, 1, 1, 1], "valid"),
        (("output_shift",), [0, 0], "Its numbers are not of the kind"),
    ],
)
def test_what_is_not_shown_is_refused(path: tuple[Any, ...], value: Any, reason: str) -> None:
    decision = proved()
    numbers = copy.deepcopy(dict(decision.certificate.numbers))
    place: Any = numbers
    for part in path[:-1]:
        place = place[part]
    place[path[-1]] = value
    verdict = verify(write("shift", numbers, decision.data), decision.data)
    assert verdict.valid == (reason == "valid"), verdict.reason
    assert verdict.valid or verdict.reason.startswith(reason), verdict.reason


def test_own_functions_are_told_apart() -> None:
    """Two functions of the user's own with one value at 0 are not the same function."""
    data, steps = Data([[1.0, 1.0, 2.0]]), [["pool", "max", 1, 2, 1, 2], ["flatten"]]
    chain = [["apply", "own", "0", 0]]
    numbers = {"shift": [0, 1], "cyclic": True, "border": [0, 0, 0, 0], "facts": [None] * 3}
    assert verify(write("shift", {**numbers, "steps": [["add", [chain, chain]], *steps]}, data), data)
    crossed = [["join", [[["apply", "own", "0", 0]], [["apply", "own", "0", 1]]]], ["dense", 1, False]]
    both = Data([[1.0, 1.0, 2.0, 1.0, 0.0, 0.0, 1.0]])
    assert not verify(write("shift", {**numbers, "steps": crossed, "facts": [None] * 2}, both), both)


def test_data_of_another_kind_are_refused() -> None:
    decision = proved()
    row = decision.data.rows[0]
    for data in (Data([row, row]), Data([row], ["a"]), Data([[1.5, *row[1:]]]), Data([row[:2]])):
        assert not verify(write("shift", dict(decision.certificate.numbers), data), data)
