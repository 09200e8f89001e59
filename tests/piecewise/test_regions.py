"""The pieces of networks, against the sets of the definition in fractions, known counts, and the network itself."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from mathdl import (
    Activation,
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalMaxPool1D,
    MaxPool2D,
    Network,
    Parallel,
    Polygon,
    Residual,
    evaluate_exactly,
    regions,
    verify,
)
from mathdl.errors import InputError
from piecewise.naive_pieces import PLANE, area, awkward, box, cells

ACTIVATIONS = ["relu", "relu", "relu", Activation("leaky_relu", slope=0.25), "abs"]
SQUARE = ((-1, 1), (-1, 1))


def drawn(seed, most=5):
    """Draw a network of two or three layers and two inputs."""
    rng = np.random.default_rng(seed)
    widths = rng.integers(3, most, size=rng.integers(1, 3))
    layers = [Dense(int(w), activation=ACTIVATIONS[rng.integers(5)]) for w in widths]
    net = Network([*layers, Dense(int(rng.integers(1, 4)))], (2,), dtype=["float32", "float64"][seed % 2])
    awkward(net, rng)
    return net


def check(net, low, high):
    found = regions(net, ((low, high), (low, high)))
    expected = list(cells(net.layers, PLANE, box(low, high)))
    pieces = {frozenset(polygon): k for k, polygon in enumerate(found.exact_polygons)}
    assert set(pieces) == {frozenset(polygon) for polygon, _ in expected}
    assert len(pieces) == len(found) == len(expected)
    for polygon, functions in expected:
        gradient, offset = found.exact_piece(pieces[frozenset(polygon)])
        assert [(*row, c) for row, c in zip(gradient.tolist(), offset.tolist(), strict=True)] == functions
    return found


@pytest.mark.parametrize("seed", range(200))
def test_the_pieces_are_the_sets_of_the_definition(seed):
    scale = 10.0 ** [0, 12, -12, 0, 0][seed % 5]
    check(drawn(seed), -scale, scale)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(200, 500))
def test_the_pieces_of_larger_networks_are_the_sets_of_the_definition(seed):
    check(drawn(seed, 9), -1, 1.5)


@pytest.mark.parametrize("n", [1, 3, 8, 25])
def test_one_hidden_layer_has_the_generic_count(n):
    """Zaslavsky: n lines of which no two are parallel and no three meet in a point divide the plane so."""
    net = Network([Dense(n, activation="relu"), Dense(1)], (2,), dtype="float64")
    rng = np.random.default_rng(n)
    net.parameters[:] = rng.normal(size=net.size)
    angles = (np.arange(n) + rng.uniform(0.2, 0.8, n)) * np.pi / n
    net.layers[0].weights[:] = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    assert len(regions(net, ((-1e5, 1e5), (-1e5, 1e5)))) == 1 + n + n * (n - 1) // 2


def test_lines_through_one_point_and_an_epsilon_beside_it():
    """Three lines meet in (1/3, 1/3), which no float is; one of them moved by one bit, they enclose a triangle."""
    net = Network([Dense(3, activation="relu"), Dense(1)], (2,), dtype="float64")
    net.parameters[:] = 3, 0, 0, 3, 3, 3, -1, -1, -2, 1, 1, 1, 0
    assert len(regions(net, ((0, 1), (0, 1)))) == 6
    net.layers[0].bias[2] = np.nextafter(-2, 0)
    found = regions(net, ((0, 1), (0, 1)))
    assert len(found) == 7
    assert min(map(area, found.exact_polygons)) == Fraction(1, 9 * 2**104)


def test_the_decision_boundary_is_where_outputs_are_equal():
    for seed in range(30):
        net = drawn(seed)
        found = regions(net, SQUARE)
        for part in found.boundary:
            for share in (Fraction(0), Fraction(1, 3), Fraction(1)):
                middle = [a + share * (b - a) for a, b in zip(part.start, part.end, strict=True)]
                value = evaluate_exactly(net, middle).value
                if len(value) == 1:
                    assert value[0] == 0
                else:
                    assert value[part.classes[0]] == value[part.classes[1]] == max(value)


def test_the_boundary_along_a_kink_is_found():
    net = Network([Dense(2, activation="relu"), Dense(1)], (2,))
    net.parameters[:] = 1, 0, -1, 0, 0, 0, 2, -1, 0  # 2 max(x, 0) - max(-x, 0) changes its sign where it has its kink
    (part,) = regions(net, SQUARE).boundary
    assert (sorted(part.classes), {part.start, part.end}) == ([0, 1], {(0, -1), (0, 1)})


def test_classes_of_a_grid_change_only_across_the_boundary():
    net = Network([Dense(6, activation="relu"), Dense(3)], (2,), seed=4, dtype="float64")
    net.parameters[:] = np.random.default_rng(1).normal(size=net.size)
    found = regions(net, SQUARE)
    grid = np.linspace(-0.99, 0.99, 40)
    classes = np.array([[net([[s, t]])[0].argmax() for s in grid] for t in grid])
    changes = {tuple(sorted(pair)) for pair in zip(classes[:, :-1].ravel(), classes[:, 1:].ravel(), strict=True)}
    assert {tuple(sorted(part.classes)) for part in found.boundary} >= {pair for pair in changes if pair[0] != pair[1]}


def test_neighbours_with_one_function_are_joined():
    net = Network([Dense(2, activation="relu"), Dense(1)], (2,))
    net.parameters[:] = 1, 0, 0, 1, 0, 0, 1, 0, 0  # the second neuron is not used
    found = regions(net, SQUARE)
    assert (len(found), found.functions.max() + 1, len(found.neighbours)) == (4, 2, 4)


def test_an_interval():
    net = Network([Dense(3, activation="relu"), Dense(2, activation="abs"), Dense(1)], (1,), dtype="float64")
    net.parameters[:] = np.random.default_rng(3).normal(size=net.size)
    found = regions(net, (-3, 3))
    ends = sorted(tuple(interval) for interval in found.polygons)
    assert (ends[0][0], ends[-1][1]) == (-3, 3)
    assert all(a[1] == b[0] for a, b in pairwise(ends))
    for (low, high), gradient, offset in zip(found.polygons, found.gradients, found.offsets, strict=True):
        x = np.linspace(low, high, 5)[:, None]
        assert net(x) == pytest.approx(x @ gradient.T + offset, abs=1e-12)
    assert found.certify()


BLOCK = Residual([Conv2D(2, 3, padding="same", activation="relu")])
IMAGES = [
    ([Conv2D(3, 3, activation="relu"), MaxPool2D(2), Flatten(), Dense(3)], (1, 6, 6)),
    ([BLOCK, MaxPool2D(3, stride=1), Flatten(), Dense(2)], (2, 4, 4)),
    ([Conv1D(3, 2, activation="abs"), GlobalMaxPool1D(), Dense(2, activation="softmax")], (2, 5)),
    ([Parallel([[Dense(3, activation="relu")], [Dense(2)]]), Dense(4, activation="relu"), Dense(1)], (6,)),
]  # fmt: skip


@pytest.mark.parametrize(("layers", "shape"), IMAGES, ids=["conv", "residual", "signals", "parallel"])
def test_a_plane_through_three_inputs(layers, shape):
    net = Network(layers, shape, seed=1)
    rng = np.random.default_rng(0)
    net.parameters[:] = rng.normal(size=net.size)
    points = rng.normal(size=(3, *shape))
    found = regions(net, points=points)
    assert found.certify()
    exact = np.vectorize(Fraction)(points)
    for number in rng.choice(len(found), 10):
        corners = found.exact_polygons[number]
        s, t = (sum(corner[c] for corner in corners) / len(corners) for c in range(2))
        at = evaluate_exactly(net, exact[0] + s * (exact[1] - exact[0]) + t * (exact[2] - exact[0]))
        gradient, offset = found.exact_piece(int(number))
        assert at.value.ravel().tolist() == (gradient.dot([s, t]) + offset).tolist()


def test_a_polygon_and_a_line_through_two_points():
    net = drawn(8)
    triangle = regions(net, Polygon([(0, 0), (0, 1), (1, 0)]))
    assert sum(map(area, triangle.exact_polygons)) == 1
    line = regions(net, (0, 1), points=[[0.0, 0.0], [1.0, 1.0]])
    assert line.dimension == 1
    assert verify(line.certify(), line.data)


def test_other_batches_and_fuller_buffers_give_the_same_pieces(monkeypatch):
    net = Network([Dense(12, activation="relu"), Dense(12, activation="relu"), Dense(2)], (2,), seed=2)
    net.parameters[:] = np.random.default_rng(5).normal(size=net.size)
    expected = {frozenset(polygon) for polygon in regions(net, SQUARE).exact_polygons}
    monkeypatch.setattr("mathdl.piecewise.splitting.BATCH_BYTES", 2**12)
    assert {frozenset(polygon) for polygon in regions(net, SQUARE).exact_polygons} == expected


@pytest.mark.parametrize(
    ("domain", "points", "message"),
    [
        (((0, 0), (0, 1)), None, "give ((low, high), (low, high)) or a Polygon, of finite numbers, low first"),
        (((0, np.inf), (0, 1)), None, "of finite numbers, low first"),
        ((0, 1), None, "give ((low, high), (low, high))"),
        (None, None, "domain is None"),
        (Polygon([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2)]), None, "not convex"),
        (None, [[0, 0], [1, 1], [2, 2]], "lie on one line"),
        (None, [[0, 0], [1, 1], [1, 1]], "lie on one line"),
        (None, [[0, 0], [1, 1], [0, 0]], "are the same"),
        (None, [[0, 0, 0]] * 3, "points has shape (3, 3)"),
        (SQUARE, [[0, 0], [1, 1]], "give (low, high)"),
        (Polygon([(0, 0), (1, 0), (0, 1)]), [[0, 0], [1, 1]], "there is one coordinate"),
    ],
)
def test_a_domain_without_an_inside_is_refused(domain, points, message):
    with pytest.raises(InputError) as refused:
        regions(Network([Dense(1)], (2,)), domain, points)
    assert message in str(refused.value)
    assert str(refused.value).count(". ") == 0


def test_more_inputs_need_points():
    with pytest.raises(InputError, match="give points, three inputs that span a plane"):
        regions(Network([Dense(1)], (3,)), SQUARE)


def test_a_sigmoid_inside_is_refused():
    with pytest.raises(InputError, match=r"^layers\[0\]: Dense has the activation 'sigmoid'"):
        regions(Network([Dense(2, activation="sigmoid"), Dense(1)], (2,)), SQUARE)
