"""Steps in whole numbers between bounds, against every whole number between them and against many digits."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from itertools import product
from typing import Any

import numpy as np
import pytest

from mathdl import Dense, Network
from mathdl.layers.pieces import Affine, Curved, Kinks, Largest, UnknownValueError
from mathdl.networks.exact_steps import Values, exact_step, objects, values_of
from mathdl.networks.pieces import steps_of_vectors

STEPS = [
    Affine(np.array([[1.0, -2.0, 0.5], [0.0, 3.0, -1.0]]), np.array([0.25, -1.0]), 3),
    Kinks(np.array([-1.0, 0.0, 0.5]), np.array([1.0, 1.0, 2.0])),
    Kinks(np.array([2.0, -1.0, -0.5]), np.array([-1.0, -3.0, 0.0])),
    Largest(np.array([[0, 1], [2, 1]]), 3),
]


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
def test_bounds_are_those_of_the_values_between(step: Any) -> None:
    exact, rng = exact_step(step), np.random.default_rng(0)
    for _ in range(30):
        low = rng.integers(-4, 4, 3)
        high = low + rng.integers(0, 4, 3)
        found = exact.after(Values(objects(low.tolist()), objects(high.tolist()), 2))
        points = product(*(range(a, b + 1) for a, b in zip(low, high, strict=True)))
        inside = [exact.after(Values(x, x, 2)) for x in map(objects, points)]
        assert {one.unit for one in inside} == {found.unit}
        values = np.array([one.low for one in inside])
        least, most = values.min(axis=0), values.max(axis=0)
        if isinstance(step, Kinks):  # 0 counts where it is between, and is a whole number
            assert (found.low == least).all()
            assert (found.high == most).all()
        assert (found.low <= least).all()
        assert (found.high >= most).all()


@pytest.mark.parametrize("name", ["sigmoid", "tanh"])
def test_curved_functions_are_enclosed_closely(name: str) -> None:
    rng = np.random.default_rng(1)
    net = Network([Dense(3, activation=name), Dense(2, activation="abs")], (2,), dtype="float64")
    net.parameters[:] = rng.normal(size=net.size) * 3
    points = rng.normal(size=(2, 6))
    x = values_of(points)
    for _, step in steps_of_vectors(net):
        x = exact_step(step).after(x)
    with localcontext(Context(prec=60)):
        for k, point in enumerate(points.T.tolist()):
            z = applied(net.layers[0], [Decimal(v) for v in point])
            h = [1 / (1 + (-v).exp()) if name == "sigmoid" else 1 - 2 / ((2 * v).exp() + 1) for v in z]
            for i, value in enumerate(applied(net.layers[1], h)):
                assert x.low[i, k] - 1 <= abs(value) * x.unit <= x.high[i, k] + 1
                assert x.high[i, k] - x.low[i, k] < x.unit >> 80


def applied(layer: Any, x: list[Decimal]) -> list[Decimal]:
    """Return A x + b."""
    rows = zip(layer.weights.tolist(), layer.bias.tolist(), strict=True)
    return [sum((Decimal(w) * v for w, v in zip(row, x, strict=True)), Decimal(b)) for row, b in rows]


def test_a_function_of_ones_own_is_known_at_zero_alone() -> None:
    exact = exact_step(Curved("Dense", "own", None, slice(1, 3), 4, at_zero=0.75))
    found = exact.after(values_of(np.array([5, 0, 0, -2])))
    assert [value / found.unit for value in found.low] == [5, 0.75, 0.75, -2]
    for step, at in [(exact, [5, 0, 1, 0]), (exact_step(Curved("Dense", "own", None, slice(0, 4), 4)), [0, 0, 0, 0])]:
        with pytest.raises(UnknownValueError):
            step.after(values_of(np.array(at)))
