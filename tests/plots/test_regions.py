"""Pictures of the pieces of networks."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl import Dense, Network, regions
from mathdl.errors import InputError
from mathdl.plots import plot_regions


def network(inputs, outputs):
    net = Network([Dense(4, activation="relu"), Dense(outputs)], (inputs,), dtype="float64")
    net.parameters[:] = np.random.default_rng(0).normal(size=net.size)
    return net


@pytest.mark.parametrize("outputs", [1, 3])
def test_polygons_and_the_boundary_are_drawn(outputs):
    found = regions(network(2, outputs), ((-2, 2), (-2, 2)))
    axes = plot_regions(found, points=[[0, 1], [1, 0], [1, 1]], labels=[0, 1, 0])
    pieces, boundary = axes.collections
    assert [len(path.vertices) - 1 for path in pieces.get_paths()] == [len(polygon) for polygon in found.polygons]
    assert len(boundary.get_segments()) == len(found.boundary)
    middle = np.array([polygon.mean(axis=0) for polygon in found.polygons])
    values = network(2, outputs)(middle)
    classes = values.argmax(axis=1) if outputs > 1 else values[:, 0] > 0
    colours = pieces.get_facecolor()[:, :3]
    assert len({(int(k), *colour) for k, colour in zip(classes, colours, strict=True)}) == len(set(classes.tolist()))
    assert [len(line.get_xdata()) for line in axes.lines] == [2, 1]


def test_the_outputs_of_one_variable_are_drawn():
    net = network(1, 2)
    axes = plot_regions(regions(net, (-2, 2)))
    for k, line in enumerate(axes.lines[::2]):
        assert line.get_ydata() == pytest.approx(net(np.array(line.get_xdata())[:, None])[:, k])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"points": [[0.0]]}, "give two coordinates"),
        ({"points": [[0.0, 1.0]], "labels": [0, 1]}, "a label where there are labels"),
        ({"points": [[0.0, 1.0]], "labels": [-1]}, "number the classes"),
        ({"features": ["a"]}, "features holds 1 names; give 2"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message):
    with pytest.raises(InputError, match=message):
        plot_regions(regions(network(2, 1), ((-2, 2), (-2, 2))), **arguments)


def test_what_is_too_large_to_draw_is_refused():
    found = regions(network(2, 1), ((-1e305, 1e305), (-1, 1)))
    with pytest.raises(InputError, match="choose other units"):
        plot_regions(found)
