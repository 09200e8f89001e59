"""Whatever is given in place of an argument: it is used, or refused in one sentence of ours."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl import (
    SGD,
    Adam,
    CosineSchedule,
    Function,
    Huber,
    LeastSquares,
    LogisticLoss,
    NeuronLoss,
    Quadratic,
    StepSchedule,
    gradient_descent,
)
from mathdl.errors import InputError, MathdlError

VALUES: list[Any] = [
    None, True, False, np.True_, 0, 1, -1, 2.5, -0.0, 1e308, 5e-324, 10**30, -(10**30), 10**400, float("nan"),
    float("inf"), -float("inf"), 1j, "", "a", "1", "auto", b"1", (), [], [1], [1.0, 2.0], [[1.0], [2.0]], [[1], [2, 3]],
    ["a"], [None], {}, {"a": 1}, {1}, object, object(), len, lambda a: a, Fraction(1, 2), decimal.Decimal("0.5"),
    datetime.date(2000, 1, 1), Path("a"), np.nan, np.int8(3), np.uint64(2**63), np.float16(0.1), np.float32(0.1),
    np.longdouble(0.5), np.complex128(1), np.str_("a"), np.datetime64("2000-01-01"), np.zeros(0), np.zeros(2),
    np.ones((2, 1)), np.ones((2, 2)), np.ones((2, 1, 1)), np.array(1.0), np.array([1, -1]), np.array([np.nan, 1.0]),
    np.array([np.inf, 1.0]), np.array(["a", "b"]), np.array(["1", "2"]), np.array([1j, 2]), np.array([None, 1]),
    np.array(["2000-01-01", "2001-01-01"], "datetime64[D]"), np.array([10**400, 1], object), np.array([True, False]),
    np.ma.array([1.0, 2.0], mask=[True, False]), np.array([(1, 2.0), (2, 3.0)], "i4,f8"), np.full(2, 1e308),
    slice(1), range(2), iter([1.0]), memoryview(b"ab"), SGD, SGD(0.1), Ellipsis, NotImplemented,
]  # fmt: skip

X, Y = [[1.0], [2.0]], [1.0, -1.0]
LINEAR = {"X": X, "y": Y, "sample_weight": None, "regularization": 0.0}
CALLS: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
    "SGD": (SGD, {"learning_rate": 0.1, "momentum": 0.5, "nesterov": False, "weight_decay": 0.0}),
    "Adam": (Adam, {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.9, "epsilon": 1e-8, "weight_decay": 0.0}),
    "StepSchedule": (StepSchedule, {"every": 1, "factor": 0.1}),
    "CosineSchedule": (CosineSchedule, {"last": 0.0}),
    "LeastSquares": (LeastSquares, LINEAR),
    "Huber": (Huber, {**LINEAR, "threshold": 1.0}),
    "LogisticLoss": (LogisticLoss, LINEAR),
    "NeuronLoss": (NeuronLoss, {**LINEAR, "y": [0.0, 1.0]}),
    "Quadratic": (Quadratic, {"Q": [[2.0, 0.0], [0.0, 1.0]], "b": [0.0, 0.0]}),
    "Function": (
        Function,
        {"value": np.sum, "gradient": np.ones_like, "convex": True, "lipschitz": 1.0, "minimiser": [0.0]},
    ),
    "gradient_descent": (
        gradient_descent,
        {
            "objective": LeastSquares(X, Y), "start": [0.0], "rule": SGD(0.1), "steps": 2, "tolerance": 0.0,
            "batch_size": 1, "sampling": "with_replacement", "sampling_weight": None, "seed": 0,
        },
    ),
}  # fmt: skip


def used(made: Any) -> None:
    """Go on with what was made of the arguments: it must work as well, or be refused."""
    if isinstance(made, SGD | Adam):
        assert made.constants(0.1).dtype == np.float64
        gradient_descent(LeastSquares(X, Y), [0.0], made if not made.is_auto else made.with_rate(0.1), steps=2)
        assert all(type(value) in (bool, int, float, str) for value in vars(made).values())
    elif isinstance(made, StepSchedule | CosineSchedule):
        assert 0 <= made(1, 4) < np.inf
    elif isinstance(made, LeastSquares | Huber | LogisticLoss | NeuronLoss):
        gradient_descent(made, np.zeros(made.size), SGD(0.1), steps=2)


@pytest.mark.parametrize(("name", "argument"), [(name, key) for name, (_, given) in CALLS.items() for key in given])
@pytest.mark.filterwarnings("ignore:overflow encountered:RuntimeWarning")
def test_it_is_used_or_refused_in_a_sentence(name: str, argument: str) -> None:
    call, given = CALLS[name]
    used(call(**given))
    wrong = []
    for value in VALUES:
        if argument == "steps" and isinstance(value, int | np.integer) and value > 10**6:
            continue  # so many are taken
        try:
            used(call(**{**given, argument: value}))
        except Exception as error:
            ours, text = isinstance(error, MathdlError), str(error)
            if not ours or "\n" in text or not text.endswith((".", "...")):
                wrong.append((value, error))
    assert wrong == []


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: SGD(0.1, momentum=0.5, nesterov=np.ones(2)), r"SGD: nesterov is array\(.*\); give True or False."),
        (lambda: SGD(10**400), "SGD: learning_rate is 1000.*0; give a positive number, or 'auto'."),
        (lambda: StepSchedule(2.5), "StepSchedule: every is 2.5; give a whole number of at least 1."),
        (lambda: StepSchedule(True), "StepSchedule: every is True; give a whole number of at least 1."),
        (lambda: StepSchedule(float("inf")), "StepSchedule: every is inf; give a whole number"),
        (lambda: StepSchedule(2, factor="a"), "StepSchedule: factor is 'a'; give a positive number."),
        (lambda: CosineSchedule("x"), "CosineSchedule: last is 'x'; give a number from 0 to 1."),
        (lambda: CosineSchedule(True), "CosineSchedule: last is True; give a number from 0 to 1."),
        (lambda: Function(abs, abs, convex=np.ones(2)), r"Function: convex is array\(.*\); give True or False."),
        (
            lambda: Function(abs, abs, minimiser=np.array([1j])),
            "Function: minimiser is array.*; give one finite number",
        ),
        (lambda: LeastSquares([[10**400], [1]], Y), "LeastSquares: X holds a number that is not finite as float64"),
        (lambda: LeastSquares(X, np.ma.array(Y, mask=[True, False])), "LeastSquares: y has masked values; fill them"),
        (lambda: LeastSquares(X, Y, np.ma.array(Y, mask=[True, False])), "sample_weight has masked values; fill them"),
        (
            lambda: gradient_descent(LeastSquares(X, Y), [0.0], sampling=np.ones(2)),
            "sampling is array.*; give 'without",
        ),
    ],
)
def test_the_sentence(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(InputError, match=f"^{message}"):
        make()


def test_whole_numbers_of_any_size_and_numbers_of_numpy_are_floats() -> None:
    assert SGD(0.1, weight_decay=10**30).constants(0.1).tolist() == [0.1, 0.0, 1e30]
    assert Adam(epsilon=10**30).constants(0.1).tolist() == [0.1, 0.9, 0.999, 1e30, 0.0]
    assert SGD(np.float32(0.5), nesterov=np.False_).describe() == SGD(0.5).describe()
    assert type(SGD(np.int8(1)).learning_rate) is int
