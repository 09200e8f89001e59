"""Lipschitz constants of networks on boxes, from both sides, against slopes of exact values."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mathdl import Dense, Network, evaluate_exactly, lipschitz_bounds
from mathdl.errors import InputError
from robustness.test_bounds import NETWORKS, drawn


@pytest.mark.parametrize(("layers", "shape"), NETWORKS[-4:], ids=repr)
@pytest.mark.parametrize("norm", [2, np.inf])
def test_slopes_between_points_are_at_most_the_bound(layers, shape, norm):
    for seed in range(3):
        net, low, high = drawn(layers, shape, seed, ["float64", "float32"][seed == 2])
        found = lipschitz_bounds(net, low, high, norm)
        assert 0 <= found.lower <= found.upper < np.inf
        assert ((low <= found.at) & (found.at <= high)).all()
        rng = np.random.default_rng(seed)
        for _ in range(8):
            x, y = ((low + (high - low) * np.round(rng.random(shape), 3)).clip(low, high) for _ in range(2))
            first, second = (evaluate_exactly(net, point).value.ravel() for point in (x, y))
            pairs = zip(x.ravel().tolist(), y.ravel().tolist(), strict=True)
            inputs = [Fraction(a) - Fraction(b) for a, b in pairs]
            outputs = (first - second).tolist()
            if norm == 2:
                bound = Fraction(found.upper) ** 2 * sum(v * v for v in inputs)
                assert sum(v * v for v in outputs) <= bound
            else:
                assert max(map(abs, outputs)) <= Fraction(found.upper) * max(map(abs, inputs))


def test_of_a_linear_network_both_bounds_are_the_norm_of_its_matrix():
    net = Network([Dense(4), Dense(3)], (5,), dtype="float64", seed=1)
    matrix = net.layers[1].weights @ net.layers[0].weights
    for norm in (2, np.inf):
        found = lipschitz_bounds(net, -1, 1, norm)
        true = np.linalg.norm(matrix, norm)
        assert found.lower == pytest.approx(true, rel=1e-9)
        assert true * (1 - 1e-12) <= found.upper <= 2 * true
    shifted = Network([Dense(1)], (2,), dtype="float64")
    shifted.parameters[:] = 0, 0, 1
    assert lipschitz_bounds(shifted, 0, 1).lower == 0
    assert lipschitz_bounds(shifted, 0, 1).upper < 1e-290


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0, 1, 1), "^norm is 1; give 2 or inf.$"),
        ((1, 0), "^The box is empty: input 1"),
        ((0, [1, 2, 3]), "which is no input"),
    ],
)
def test_bad_input_is_refused_in_a_sentence(arguments, message):
    with pytest.raises(InputError, match=message):
        lipschitz_bounds(Network([Dense(1)], (2,)), *arguments)
