"""Functions of one variable as networks with the fewest hidden neurons, and back."""

from __future__ import annotations

from fractions import Fraction
from itertools import combinations

import numpy as np
import pytest

from mathdl import Dense, Network, PiecewiseAffine
from mathdl.errors import InputError

ABSOLUTE = PiecewiseAffine([0], [0], (-1, 1))
HAT = PiecewiseAffine([-1, 0, 2], [0, 1, 0])


@pytest.mark.parametrize(
    ("function", "neurons"),
    [
        (ABSOLUTE, 2),
        (PiecewiseAffine([0], [0], (0, 1)), 1),  # max(x, 0)
        (PiecewiseAffine([0], [0], (1, 0)), 1),  # min(x, 0)
        (PiecewiseAffine([3], [3], (0, 1)), 1),  # max(x, 3)
        (PiecewiseAffine([3], [3], (1, 2)), 2),
        (HAT, 3),
        (PiecewiseAffine([0, 1], [0, 1], (1, 1)), 0),
        (PiecewiseAffine([5], [2], (0, 0)), 0),
        (PiecewiseAffine([0, 1], [0, 0], (-1, 1)), 2),  # one kink to the left, one to the right
        (PiecewiseAffine([0, 1, 2], [0, 0, 3], (-3, 2)), 3),  # slopes -3, 0, 3, 2
        (PiecewiseAffine([0, 1, 2], [0, 0, 3], (-1, 2)), 3),  # 1 + 3 - 1 - 2: the changes 1 at the first kink
        (PiecewiseAffine([0, 1, 2], [0, 1, 3], (Fraction(-1, 2), 2)), 3),
    ],
)
def test_networks_of_functions_and_back(function, neurons):
    net = function.network()
    assert function.neurons == (net.layers[0].units if len(net.layers) == 2 else 0) == neurons
    back = PiecewiseAffine.of_network(net, (-10, 10))
    assert back.kinks == function.kinks
    points = [Fraction(k, 7) for k in range(-60, 60)]
    assert [back(x) for x in points] == [function(x) for x in points]
    assert net([[float(x)] for x in points])[:, 0] == pytest.approx([float(function(x)) for x in points], abs=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_no_smaller_network_is_possible(seed):
    """All choices of the way that each of k neurons looks, against the first slope; and drawn functions come back."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 7))
    x = np.cumsum(2.0 ** rng.integers(-4, 3, size=k))
    function = PiecewiseAffine(x, rng.integers(-3, 4, size=k), rng.integers(-3, 4, size=2))
    changes = [change for _, change in function.kinks]
    sums = {-sum(part) for r in range(len(changes) + 1) for part in combinations(changes, r)}
    few = function.slopes[0] in sums or not changes
    assert function.neurons == len(changes) + (not few)
    back = PiecewiseAffine.of_network(function.network(), (-1, 100))
    assert (back.kinks, back.slopes) == (function.kinks, function.slopes)


def test_kinks_and_slopes_that_are_no_binary_fractions():
    third = PiecewiseAffine([Fraction(1, 3)], [0], (-3, 3))
    assert PiecewiseAffine.of_network(third.network(), (-1, 1)).kinks == third.kinks
    rounded = PiecewiseAffine([0, 1], [0, Fraction(1, 3)], (0, 0))
    back = PiecewiseAffine.of_network(rounded.network(), (-1, 2))
    assert back != rounded
    assert abs(back(1) - Fraction(1, 3)) < 2.0**-53


def test_many_kinks_take_at_most_one_neuron_more():
    x = np.arange(100.0)
    assert PiecewiseAffine(x, x % 2, (-1, -1)).neurons == 101  # changes of 2 and -2 never add up to 1
    assert PiecewiseAffine(x, x % 2, (0, 1)).neurons == 99


def test_a_deep_network_is_one_function():
    """The tent composed with itself: 2 m neurons, and 2^m - 1 kinks inside."""
    layers = [Dense(2, activation="relu") for _ in range(4)]
    net = Network([*layers, Dense(1)], (1,), dtype="float64")
    for k, layer in enumerate(net.layers[:-1]):
        layer.weights[:] = 1 if k == 0 else [[2, -4], [2, -4]]
        layer.bias[:] = 0, -0.5
    net.layers[-1].weights[:] = 2, -4
    function = PiecewiseAffine.of_network(net, (0, 1))
    assert [x for x, _ in function.kinks] == [Fraction(k, 16) for k in range(1, 16)]
    assert [function(Fraction(k, 16)) for k in range(17)] == [k % 2 for k in range(17)]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([0, 0], [1, 2]), "not in increasing order"),
        (([0], [1, 2]), "give a value for each breakpoint"),
        (([0], [np.nan]), "y holds something that is no finite real number"),
        (([0], [1], (1,)), "two slopes"),
        (([[0, 1]], [0]), "give a list of numbers"),
    ],
)
def test_what_is_no_function_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        PiecewiseAffine(*arguments)


def test_networks_of_more_variables_are_refused():
    with pytest.raises(InputError, match="not one input and one output"):
        PiecewiseAffine.of_network(Network([Dense(1)], (2,)), (0, 1))
