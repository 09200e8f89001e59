"""Level lines lie on the level."""

from __future__ import annotations

from itertools import pairwise
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl.plots.level_sets import level_lines, level_sets


def ellipses(count: int) -> tuple[np.ndarray, np.ndarray]:
    grid = np.linspace(-2, 2, count)
    return grid**2 + 2 * grid[:, None] ** 2, grid


@pytest.mark.parametrize("level", [0.25, 0.3123, 1.0, 2.0])
def test_an_ellipse_is_one_closed_line(level: float) -> None:
    values, grid = ellipses(161)
    (line,) = level_lines(values, grid, grid, level)
    assert line[0] == line[-1]
    if level == 0.3123:  # the others pass through points of the grid, which they meet twice
        assert len(set(line)) == len(line) - 1
    x, y = np.array(line).T
    np.testing.assert_allclose(x**2 + 2 * y**2, level, atol=2e-3)
    turns = np.unwrap(np.arctan2(np.sqrt(2) * y, x))
    assert abs(turns[-1] - turns[0]) == pytest.approx(2 * np.pi)
    assert (np.diff(turns) >= -1e-12).all() or (np.diff(turns) <= 1e-12).all()


def test_lines_that_leave_the_grid_have_ends_on_its_border() -> None:
    values, grid = ellipses(41)
    lines = level_lines(values, grid, grid, 8.0)
    assert len(lines) == 4
    assert all(max(abs(end[0]), abs(end[1])) == 2 for line in lines for end in (line[0], line[-1]))


def test_the_middle_of_a_saddle_decides() -> None:
    ends = np.array([0.0, 1.0])
    high = level_lines(np.array([[1.0, 0.0], [0.0, 1.2]]), ends, ends, 0.5)
    assert [{round(a + b, 3) > 1 for a, b in line} for line in high] != []
    assert {frozenset(line) for line in high} == {
        frozenset({(0.5, 0.0), (1.0, 0.5 / 1.2)}),
        frozenset({(0.5 / 1.2, 1.0), (0.0, 0.5)}),
    }
    low = level_lines(np.array([[1.0, 0.0], [0.0, 0.8]]), ends, ends, 0.5)
    assert {frozenset(line) for line in low} == {
        frozenset({(0.0, 0.5), (0.5, 0.0)}),
        frozenset({(1.0, 0.625), (0.625, 1.0)}),
    }


def test_a_level_that_is_not_met_has_no_line() -> None:
    values, grid = ellipses(5)
    assert level_lines(values, grid, grid, -1.0) == level_lines(values, grid, grid, 100.0) == []


@given(st.integers(0, 2**32 - 1))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_every_crossed_edge_is_met_once_whatever_the_values(seed: int) -> None:
    values = np.random.default_rng(seed).integers(-3, 4, size=(7, 9)).astype(float)
    x, y, above = np.arange(9.0), np.arange(7.0), values > 0.5
    crossed = int((above[:, 1:] != above[:, :-1]).sum() + (above[1:] != above[:-1]).sum())
    lines = level_lines(values, x, y, 0.5)
    met = sum(len(line) - (line[0] == line[-1]) for line in lines)
    assert met == crossed
    for line in lines:
        for (a, b), (c, d) in pairwise(line):
            assert max(abs(a - c), abs(b - d)) <= 1  # within one cell


def test_the_picture_has_one_scale_arrows_and_a_path() -> None:
    grid = np.linspace(-1, 1, 21)
    up = np.linspace(-0.5, 0.5, 11)
    svg = level_sets(
        grid**2 + up[:, None] ** 2,
        grid,
        up,
        [0.1, 0.2],
        axes=("a<1", "a2"),
        arrows=[((0.0, 0.0), (0.5, 0.0))],
        arrows_name="down",
        path=[(0.5, 0.25), (0.0, 0.0)],
        path_name="way",
    )
    root = ElementTree.fromstring(svg)
    words = [node.text for node in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"a<1", "a2", "down", "way", "levels 0.1, 0.2"} <= set(words)
    assert 'd="M478 90.0L338.0 160.0"'.replace("478", "478.0") in svg  # equal scales: 280 pixels a unit both ways
    assert svg.count("<polygon") == 1
    assert svg.count("<circle") == 2
