"""Bounds of outputs over boxes, against outputs in exact arithmetic: not the least bit may lie outside."""

from __future__ import annotations

from decimal import Context, Decimal, localcontext
from fractions import Fraction

import numpy as np
import pytest

from layers.test_pieces import CASES
from mathdl import Activation, Conv2D, Dense, Flatten, MaxPool2D, Network, Parallel, Residual, output_bounds
from mathdl.errors import InputError
from mathdl.networks.exact_steps import Exact, exact_step, objects, values_of
from mathdl.networks.intervals import Box
from mathdl.networks.pieces import pieces_of
from mathdl.robustness.zonotope import linear_bounds

NETWORKS = [([layer], shape) for layer, shape in CASES] + [
    ([Dense(7, activation="relu"), Dense(5, activation="abs"), Dense(3)], (4,)),
    ([Dense(6, activation=Activation("leaky_relu", slope=1.7)), Dense(5, activation="relu"), Dense(2)], (3,)),
    ([Residual([Dense(4, activation="relu"), Dense(4)]), Residual([Dense(4, activation="abs")]), Dense(2)], (4,)),
    (
        [
            Conv2D(2, 3, activation="relu", padding="same"),
            MaxPool2D(2),
            Parallel([[Flatten(), Dense(3, activation="relu")], [Conv2D(2, 2, activation="abs"), Flatten()]]),
            Dense(3),
        ],
        (1, 4, 6),
    ),
]
SCALES = [1.0, 1e-12, 1e12, 1e-170]


def drawn(layers, shape, seed, dtype="float64"):
    """Draw a network and a box: parameters and sides of all scales, and sides that are points."""
    rng = np.random.default_rng(seed)
    net = Network(layers, shape, dtype=dtype)
    scale = SCALES[seed % 4] if dtype == "float64" else 1.0
    net.parameters[:] = rng.normal(size=net.size) * scale
    low = rng.normal(size=shape)
    high = low + rng.exponential(size=shape) * 10.0 ** rng.integers(-8, 1, size=shape) * (rng.random(shape) < 0.9)
    return net, low, high


def samples(low, high, count, rng):
    """Draw points of a box: corners, edges and points inside, one in a column, as fractions."""
    share = rng.integers(0, 2**20 + 1, size=(low.size, count))
    share[:, : count // 2] = rng.integers(0, 2, size=(low.size, count // 2)) * 2**20
    share[:, count // 2 : count // 4 * 3] = np.where(rng.random((low.size, count // 4)) < 0.7, 0, 2**20)
    a, b = (objects([Fraction(x) for x in end.ravel().tolist()])[:, None] for end in (low, high))
    return a + (b - a) * share.astype(object) / Fraction(2**20)


def extreme_corners(net, low, high):
    """Return the corners where outputs would be least and largest, were the network affine, in columns."""
    rises = []
    for k in np.ndindex(low.shape):
        ends = np.stack([(low + high) / 2] * 2)
        ends[(0, *k)], ends[(1, *k)] = low[k], high[k]
        rises.append(np.subtract(*net(ends)[::-1].reshape(2, -1).astype(np.float64)))
    rising = np.array(rises)[:, :20] >= 0
    corners = np.where(np.hstack([rising, ~rising]), high.reshape(-1, 1), low.reshape(-1, 1))
    return objects([Fraction(x) for x in corners.ravel().tolist()]).reshape(corners.shape)


def exact_outputs(net, points):
    """Evaluate a network at points in columns, in whole numbers."""
    x = values_of(points)
    for step in pieces_of(net).steps:
        x = exact_step(step).after(x)
    return Exact(x.low, x.unit).fractions


def contains(bounds, outputs):
    """Whether every output lies between the bounds, exactly."""
    ends = zip(bounds.low.ravel().tolist(), bounds.high.ravel().tolist(), outputs, strict=True)
    return all(_at_least(min(row), low) and _at_least(-max(row), -high) for low, high, row in ends)


def _at_least(number, low):
    return low == -np.inf or number >= Fraction(low)


def zonotope_bounds(net, low, high):
    found = linear_bounds(pieces_of(net).steps, Box(low.ravel(), high.ravel()))
    return Box(*(end.reshape(net.output_shape) for end in found))


@pytest.mark.parametrize("method", ["linear", "intervals", "zonotopes"])
@pytest.mark.parametrize(("layers", "shape"), NETWORKS, ids=repr)
@pytest.mark.parametrize(("rounds", "count"), [(4, 60), pytest.param(40, 120, marks=pytest.mark.slow)])
def test_bounds_contain_exact_outputs(layers, shape, method, rounds, count):
    for seed in range(rounds):
        net, low, high = drawn(layers, shape, seed, ["float64", "float32"][seed % 3 == 2])
        by_zonotopes = method == "zonotopes"
        bounds = zonotope_bounds(net, low, high) if by_zonotopes else output_bounds(net, low, high, method=method)
        drawn_points = samples(low, high, count, np.random.default_rng(seed))
        points = np.hstack([drawn_points, extreme_corners(net, low, high)])
        assert contains(bounds, exact_outputs(net, points))


@pytest.mark.parametrize("numbers", [1, 40])
def test_few_functions_are_followed_at_once_where_there_is_little_room(numbers, monkeypatch):
    net, low, high = drawn(*NETWORKS[-1], seed=0)
    expected = output_bounds(net, low, high)
    monkeypatch.setattr("mathdl.robustness.relaxation.MAX_NUMBERS", numbers)
    found = output_bounds(net, low, high)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "softmax"])
def test_bounds_of_curved_layers_contain_outputs_of_many_digits(name):
    for seed in range(12):
        net, low, high = drawn([Dense(4, activation="relu"), Dense(3, activation=name)], (3,), seed)
        net.parameters[:] *= [1, 30, 1e-12, 1000][seed % 4]
        arguments = Network([Dense(4, activation="relu"), Dense(3)], (3,), dtype="float64")
        arguments.parameters[:] = net.parameters
        z = exact_outputs(arguments, samples(low, high, 52, np.random.default_rng(seed)))
        bounds = output_bounds(net, low, high)
        with localcontext(Context(prec=400, Emin=-(10**6), Emax=10**6)):
            for row in z.T:
                numbers = [Decimal(v.numerator) / v.denominator for v in row]
                powers = [v.exp() for v in numbers]
                values = {
                    "softmax": [p / sum(powers) for p in powers],
                    "sigmoid": [p / (1 + p) for p in powers],
                    "tanh": [(p * p - 1) / (p * p + 1) for p in powers],
                }[name]
                ends = zip(bounds.low.tolist(), values, bounds.high.tolist(), strict=True)
                assert all(Decimal(a) <= v <= Decimal(b) for a, v, b in ends)


@pytest.mark.parametrize("most", [1, 40])
def test_bounds_hold_where_there_is_no_room_for_all_kinks(most, monkeypatch):
    net, low, high = drawn(*NETWORKS[-4], seed=0)
    wide = zonotope_bounds(net, low, high)
    monkeypatch.setattr("mathdl.robustness.zonotope.MAX_FACTORS", most)
    bounds = zonotope_bounds(net, low, high)
    assert (bounds.high - bounds.low).sum() > (wide.high - wide.low).sum()
    points = np.hstack([samples(low, high, 60, np.random.default_rng(0)), extreme_corners(net, low, high)])
    assert contains(bounds, exact_outputs(net, points))


@pytest.mark.parametrize(("layers", "shape"), NETWORKS[-4:], ids=repr)
def test_sharpened_bounds_contain_exact_outputs(layers, shape):
    for seed in range(3):
        net, low, high = drawn(layers, shape, seed, ["float64", "float32"][seed == 2])
        plain, sharp = output_bounds(net, low, high), output_bounds(net, low, high, seconds=0.15)
        assert (sharp.low >= plain.low).all()
        assert (sharp.high <= plain.high).all()
        drawn_points = samples(low, high, 40, np.random.default_rng(seed))
        assert contains(sharp, exact_outputs(net, np.hstack([drawn_points, extreme_corners(net, low, high)])))


@pytest.mark.parametrize("inputs", [1, 2, 9])
def test_with_enough_time_bounds_are_sharp_and_the_same_again(inputs):
    hidden = [Dense(5, activation="relu"), *([Dense(4, activation="abs")] if inputs < 9 else [])]
    net = Network([*hidden, Dense(2)], (inputs,), seed=inputs)
    net.parameters[:] += np.random.default_rng(inputs).normal(size=net.size) * 0.3
    reach = 1.0 if inputs < 9 else 0.15
    plain, *sharp = (output_bounds(net, -reach, reach, seconds=seconds) for seconds in (0, 1e6, 1e7))
    assert np.array_equal(sharp[0], sharp[1])
    assert ((sharp[0].high - sharp[0].low) < (plain.high - plain.low)).all()
    seen = net(np.random.default_rng(0).uniform(-1, 1, size=(20000, inputs)).clip(-0.6, 0.6) / 0.6 * reach)
    width = sharp[0].high - sharp[0].low
    assert (seen.min(axis=0) - sharp[0].low < 0.05 * width).all()
    assert (sharp[0].high - seen.max(axis=0) < 0.05 * width).all()


@pytest.mark.parametrize("parameters", [[0.1, 0.2, 0.3], [1e-9, 0.7, 0.2]])
def test_an_affine_network_needs_no_time(parameters):
    """Its bounds are off by rounding alone, which no splitting takes away."""
    net = Network([Dense(1)], (2,), dtype="float64")
    net.parameters[:] = parameters
    bounds = output_bounds(net, 0, [1, 3], seconds=1e6)
    assert bounds.high == pytest.approx(parameters[2] + parameters[0] + 3 * parameters[1], rel=1e-12)


def test_relaxation_is_never_worse_than_intervals_and_often_better():
    better = 0
    for seed in range(20):
        layers, shape = NETWORKS[-1 - seed % 4]
        net, low, high = drawn(layers, shape, 4 * seed)
        linear, intervals = (output_bounds(net, low, high, method=method) for method in ("linear", "intervals"))
        assert (linear.low >= intervals.low).all()
        assert (linear.high <= intervals.high).all()
        better += (linear.high - linear.low).sum() < 0.9 * (intervals.high - intervals.low).sum()
    assert better >= 10


def test_plain_bounds_are_mostly_closer_than_zonotopes():
    """Of functions followed backwards each is bounded for itself; a zonotope has one form for all."""
    closer = 0
    for seed in range(20):
        net = Network([Dense(8, "relu"), Dense(8, "relu"), Dense(3)], (4,), "float64", seed)
        box = Box(np.full(4, -0.5), np.full(4, 0.5))
        forwards, plain = zonotope_bounds(net, *box), output_bounds(net, *box)
        closer += ((plain.high - plain.low) < 0.99 * (forwards.high - forwards.low)).sum()
    assert closer > 40  # of 60


def test_bounds_at_a_point_are_the_output():
    net, low, _ = drawn(*NETWORKS[-1], seed=0)
    bounds = output_bounds(net, low, low)
    assert bounds.low == pytest.approx(net(low[None])[0], rel=1e-10, abs=1e-10)
    assert bounds.high == pytest.approx(bounds.low, rel=1e-10, abs=1e-10)


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ([0, 2], [1, 1], r"The box is empty: input 2 is to be at least 2 and at most 1;"),
        (0, [1, np.inf], "high has a number that is NaN or infinite; give a box with finite sides"),
        (np.nan, 1, "low has a number that is NaN"),
        ([0, 0, 0], 1, r"which is no input; give numbers of shape \(2,\)"),
        ("0", 1, "low"),
    ],
)
def test_what_is_no_box_is_refused(low, high, message):
    with pytest.raises(InputError, match=message):
        output_bounds(Network([Dense(1)], (2,)), low, high)


def test_time_is_for_linear_relaxation():
    with pytest.raises(InputError, match="seconds sharpen the bounds of linear relaxation"):
        output_bounds(Network([Dense(1)], (2,)), 0, 1, method="intervals", seconds=1)
    with pytest.raises(InputError, match="seconds is -1"):
        output_bounds(Network([Dense(1)], (2,)), 0, 1, seconds=-1)
