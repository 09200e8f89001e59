"""Networks that are near to functions: certified, as near as they say in exact arithmetic, and small."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import mathdl as m
from mathdl.approximation.tunnel import fewest_segments, missed_triples
from mathdl.errors import InputError

x, y, z = m.variables("x y z")
c = m.chain
FOUR_PI = 4 * math.pi
ONE_VARIABLE = [
    (c.cos(x), (-FOUR_PI, FOUR_PI), 0.01, 49),
    (abs(x - 1 / 3), (0, 1), 0.001, 2),
    (1 / (1 + 25 * x**2), (-1, 1), 0.01, 10),
    (1 / (1 + 25 * x**2), (-1, 1), 0.001, 32),
    (c.sqrt(x), (0, 1), 0.01, 5),
    (c.where(x > 0, x**2, -x), (-1, 1), 0.01, 5),
    (c.exp(-x * x) * c.sin(3 * x), (-2, 2), 0.02, 11),
    (x**2, (0, 1), 1e-5, 118),
    (3 * x + 1, (-1, 2), 0.001, 1),
]


@pytest.mark.parametrize(("f", "box", "error", "neurons"), ONE_VARIABLE, ids=str)
def test_functions_of_one_variable(f: Any, box: Any, error: float, neurons: int) -> None:
    near = m.approximate(f, box, error)
    assert m.verify(near.certificate, near.data)
    assert near.neurons <= neurons
    assert near.least_neurons >= near.neurons - 1 - near.neurons // 25
    assert near.network.widths == (near.neurons, 1)
    points = np.linspace(*box, 4001)
    assert np.max(np.abs(near.network(points[:, None])[:, 0] - c.evaluate(f, [points]))) <= error * (1 + 1e-9) + 1e-12


SEVERAL = [
    (x * y, [(0, 1), (0, 1)], 0.01, 14),
    (x * y, [(0, 1), (0, 1)], 0.001, 44),
    (c.maximum(x, y) - abs(x + y), [(-1, 1), (-1, 2)], 0.05, 6),
    (c.sin(3 * x) * y + c.exp(-y * y), [(-1, 1), (-1, 1)], 0.1, 30),
    (c.norm([x, y]), [(-1, 1), (-1, 1)], 0.2, 30),
    (x / (2 + y), [(0, 1), (0, 1)], 0.02, 25),
    ((2 + x) ** y, [(0, 1), (0, 1)], 0.1, 30),
    (c.logsumexp([x, 2 * y]), [(0, 1), (0, 1)], 0.1, 20),
    (x * y * z, [(-1, 1)] * 3, 0.3, 25),
    (c.minimum(x, 0.25) + 2 * y - z / 4 - 1, [(-1, 1)] * 3, 0.01, 4),
    (c.tanh(x + 2 * y - z), [(-1, 1)] * 3, 0.1, 6),
    (c.relu(x) - 0.5 + c.relu(x - y), [(-1, 1)] * 2, 0.05, 5),
]


@pytest.mark.parametrize(("f", "box", "error", "neurons"), SEVERAL, ids=str)
def test_functions_of_several_variables(f: Any, box: Any, error: float, neurons: int) -> None:
    near = m.approximate(f, box, error)
    assert m.verify(near.certificate, near.data)
    assert near.least_neurons <= near.neurons <= neurons
    generator = np.random.default_rng(1)
    low, high = np.array(box, dtype=float).T
    points = low + (high - low) * generator.random((5000, len(box)))
    values = c.evaluate(f, list(points.T))
    assert np.max(np.abs(near.network(points)[:, 0] - values)) <= error * (1 + 1e-9) + 1e-12


def test_the_exact_network_is_what_is_certified() -> None:
    """At fractions, with the network's own parameters as fractions."""
    near = m.approximate(x**2, (0, 1), 0.01)
    first, last = near.network.layers
    for k in range(400):
        t = Fraction(k, 399)
        pairs = zip(first.weights[:, 0].tolist(), first.bias.tolist(), strict=True)
        hidden = [max(Fraction(w) * t + Fraction(b), 0) for w, b in pairs]
        outputs = zip(last.weights[0].tolist(), hidden, strict=True)
        value = sum((Fraction(w) * h for w, h in outputs), Fraction(last.bias.tolist()[0]))
        assert abs(value - t * t) <= Fraction(0.01)


@pytest.mark.parametrize("seed", range(20))
def test_no_continuous_function_between_has_fewer_segments(seed: int) -> None:
    """Against dynamic programming over knots and values on a coarse grid, which cannot do better."""
    values = np.random.default_rng(seed).integers(-3, 4, 9).astype(float)
    points = np.linspace(0, 8, 8 * 256 + 1)
    middle = np.interp(points, np.arange(9.0), values)
    line = fewest_segments(points, middle - 1.0001, middle + 1.0001)
    shifted = line.start + sum(k * np.maximum(points - t, 0) for t, k in line.shifted_neurons())
    assert np.all(np.abs(shifted - middle) <= 1.0001 + 1e-9)
    assert len(line.slopes) <= fewest_on_a_grid(values)
    assert len(missed_triples(points, middle, 1.0)) < len(line.slopes)


def fewest_on_a_grid(values: Any) -> int:
    """The fewest segments with knots at the points, whose values are multiples of a quarter."""
    heights = [[values[k] + step / 4 for step in range(-4, 5)] for k in range(len(values))]
    best = {(0, i): 0 for i in range(9)}
    for j in range(1, len(values)):
        for b, end in enumerate(heights[j]):
            for i in range(j):
                for a, start in enumerate(heights[i]):
                    line = start + (end - start) * np.arange(j - i + 1) / (j - i)
                    if np.all(np.abs(line - values[i : j + 1]) <= 1 + 1e-12):
                        best[j, b] = min(best.get((j, b), 99), best[i, a] + 1)
    return min(best[len(values) - 1, b] for b in range(9) if (len(values) - 1, b) in best)


@pytest.mark.parametrize(
    ("f", "box", "error", "says"),
    [
        (1 / x, (-1, 1), 0.1, "approximate: 1 / x has no finite value at x = 0; give"),
        (1 / (x - 0.3), (-1, 1), 0.1, "not continuous there, or too steep"),
        (c.where(x > 0.3, 1, 0), (0, 1), 0.1, "near x = 0.3: it is not continuous there"),
        (c.log(x), (-1, 1), 0.1, "has no finite value"),
        (c.log(x), (0, 1), 0.1, "has no finite value at x = 0"),
        (c.where(x > y, 1, 0) * x, [(0, 1)] * 2, 0.1, "where"),
        (1 / (x - y), [(0, 1)] * 2, 0.1, "has no finite value at x = 0, y = 0; give"),
        (x, (0, 0), 0.1, "a side from 0 to 0"),
        (x, (1, 0), 0.1, "a side from 1 to 0"),
        (x, (0, math.inf), 0.1, "a side from 0 to inf"),
        (x, (0, math.nan), 0.1, "a side from 0 to nan"),
        (x * y, [(0, 1)], 0.1, "box has 1 sides and f 2 variables"),
        (x, [(0, 1)] * 2, 0.1, "box has 2 sides and f 1 variables"),
        (x, "box", 0.1, "no list of pairs"),
        (x, (0, 1), 0, "error is 0; give a positive number"),
        (x, (0, 1), -1.0, "error is -1.0; give a positive number"),
        (lambda t: t, (0, 1), 0.1, "f is of type function; give an expression"),
        (c.cos(x), (0, 1), 1e-17, "or a larger error"),
    ],
)
def test_bad_input(f: Any, box: Any, error: float, says: str) -> None:
    with pytest.raises(InputError) as raised:
        m.approximate(f, box, error)
    assert says in str(raised.value)
