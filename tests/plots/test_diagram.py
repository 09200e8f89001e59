"""Diagrams step by step: pictures for notebooks, and text."""

from __future__ import annotations

import random
import re
import time
from fractions import Fraction
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

import mathdl
from mathdl import Conv2D, Dense, Flatten, Network, chain, plots
from mathdl.errors import InputError

X, Y, Z = mathdl.variables("x y z")


def numbers(text: str) -> list[list[str]]:
    """The cells of a table's rows, the first apart."""
    return [re.split(r"\s{2,}", line) for line in text.splitlines()]


def test_an_expression_goes_forward_and_backward() -> None:
    diagram = plots.expression_diagram(X * Y + Z, [Fraction(2), Fraction(3), Fraction(4)])
    assert diagram.steps == 10
    assert numbers(diagram.step(0).text)[1:] == [["x"], ["y"], ["z"], ["x * y"], ["x * y + z"]]
    assert [len(row) for row in numbers(diagram.step(3).text)[1:]] == [2, 2, 2, 1, 1]
    assert numbers(diagram.step(5).text)[5] == ["x * y + z", "10"]
    assert numbers(diagram.step(6).text)[5] == ["x * y + z", "10", "1"]
    assert numbers(diagram.step(9).text)[2:] == [
        ["y", "3", "2"],
        ["z", "4", "1"],
        ["x * y", "6", "1"],
        ["x * y + z", "10", "1"],
    ]
    assert diagram.text == str(chain.sweep(X * Y + Z, [Fraction(2), Fraction(3), Fraction(4)])) == repr(diagram)
    pictures = [diagram.step(k).svg for k in range(diagram.steps + 1)]
    assert len(set(pictures)) == len(pictures)
    told = [ElementTree.fromstring(picture).get("aria-label") for picture in pictures[-2:]]
    assert told == ["x * y + z after 9 steps", "x * y + z"]
    assert diagram._repr_svg_() == pictures[-1] == diagram.svg
    with pytest.raises(InputError, match="k is 11; give a whole number of at most 10"):
        diagram.step(11)


def test_the_picture_shows_what_is_known() -> None:
    def texts(steps: int) -> list[str]:
        ax = plots.plot_expression(X * Y, [2.0, 3.0], backward=True, steps=steps, ax=Figure().add_subplot())
        return sorted(text.get_text() for text in ax.texts)

    assert texts(0) == ["*", "x", "y"]
    assert texts(2) == ["*", "= 2", "= 3", "x", "y"]
    assert texts(3) == sorted(["*", "= 2", "= 3", "= 6", "x", "y", "3", "2"])  # with the edges' derivatives
    assert texts(5) == sorted(["*", "= 2", "= 3\nd: 2", "= 6\nd: 1", "x", "y", "3", "2"])
    with pytest.raises(InputError, match="steps is 7; give a whole number of at most 6"):
        texts(7)
    with pytest.raises(InputError, match="backward and steps need a point"):
        plots.plot_expression(X * Y, steps=1)


def test_an_expression_without_a_point() -> None:
    diagram = plots.expression_diagram(X * Y)
    assert (diagram.steps, diagram.text) == (0, "x * y")
    assert diagram.svg.startswith("<svg")
    with pytest.raises(InputError, match=r"abs\(x\) has no derivative"):
        plots.expression_diagram(abs(X), [0.0])


def test_a_network_goes_forward_and_backward() -> None:
    net = Network([Dense(2, "relu"), Dense(1)], (1,), "float64")
    net.parameters[:] = 3, -3, 1, 1, 2, 1, 0
    diagram = net.diagram([2.0], [10.0], "mean_square")
    assert diagram.steps == 6
    assert diagram.text == str(net.backpropagate([2.0], [10.0], "mean_square"))
    assert numbers(diagram.step(1).text)[1:] == [
        ["0", "input", "2"],
        ["1", repr(net.layers[0])],
        ["2", "Dense(units=1)"],
    ]
    assert numbers(diagram.step(3).text)[0] == ["loss 16"]
    assert numbers(diagram.step(4).text)[-1] == ["2", "Dense(units=1)", "14", "14", "8", "56 0 8"]
    assert numbers(diagram.step(5).text)[2:4] == [
        ["0", "input", "2"],
        ["1", repr(net.layers[0]), "7 -5", "7 0", "16 8", "32 0 16 0"],
    ]
    pictures = [diagram.step(k).svg for k in range(7)]
    assert len(set(pictures)) == 7
    assert net.diagram([2.0]).steps == 3
    assert numbers(net.diagram([2.0]).text)[-1] == ["2", "Dense(units=1)", "14", "14"]


def test_the_picture_of_a_network_shows_what_is_known() -> None:
    net = Network([Dense(1, "relu")], (1,), "float64")
    net.parameters[:] = 3, 1

    def texts(steps: int) -> list[str]:
        axes = Figure().add_subplot()
        plots.plot_network_diagram(net, [2.0], [10.0], "mean_square", steps=steps, ax=axes)
        sizes = -0.56  # where they stand below the columns
        found = [text.get_text() for text in axes.texts if text.get_position()[1] != sizes]
        return [text.replace("\N{MINUS SIGN}", "-") for text in found]

    assert texts(0) == ["3", "x₁", "y₁"]
    assert texts(1) == ["3", "2", "y₁"]
    assert texts(2) == ["3", "2", "7"]
    assert texts(3) == ["3", "2", "7", "d: -6"]
    assert texts(4) == ["3", "2", "d: -18", "7", "d: -6"]


def test_a_network_of_pictures() -> None:
    net = Network([Conv2D(2, 3), Flatten(), Dense(2)], (1, 6, 6))
    diagram = net.diagram([[[1.0] * 6] * 6], 1, "cross_entropy")
    assert "Conv2D" in diagram.step(2).svg
    assert "1 x 6 x 6, norm 6" in diagram.step(1).text


@pytest.mark.parametrize(
    "arguments", [([1.0], [1.0], None), ([1.0], None, "mean_square"), (None, [1.0], "mean_square")]
)
def test_what_a_network_needs(arguments: tuple[object, ...]) -> None:
    with pytest.raises(InputError, match="y and loss go together"):
        Network([Dense(1)], (1,)).diagram(*arguments)


def test_five_hundred_nodes_are_drawn_quickly() -> None:
    chance = random.Random(0)
    pool = list(mathdl.variables("v", 12))
    while len(pool) < 500:
        a, b = (pool[-chance.randrange(1, 12)] for _ in range(2))
        pool.append(chance.choice([chain.sin(a), a * b, a + b]))
    f = chain.total(pool[-200:])
    times = []
    for _ in range(2):
        start = time.perf_counter()
        picture = plots.expression_diagram(f).svg
        times.append(time.perf_counter() - start)
    assert picture.count("<use") > 200
    assert min(times) < 2
