"""The picture shows what the model decides, everywhere."""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mathdl.errors import InputError
from mathdl.plots.decision_boundary import decision_boundary
from mathdl.plots.svg import document

AXES = ("a", "b")
CORNERS = np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]])  # the frame shows from 0 to 1


def polygons(svg: str) -> list[list[tuple[float, float]]]:
    """The corners of each region, in pixels."""
    return [
        [(float(x), float(y)) for x, y in (corner.split(",") for corner in points.split())]
        for points in re.findall(r'<polygon points="([^"]+)"', svg)
    ]


def lines(svg: str) -> list[tuple[float, ...]]:
    """The ends of the lines, in coordinates from 0 to 1."""
    found = re.findall(r'<line class="border" x1="(\S+)" y1="(\S+)" x2="(\S+)" y2="(\S+)"', svg)
    return [
        tuple((float(v) - 70) / 420 if k % 2 == 0 else (440 - float(v)) / 420 for k, v in enumerate(e)) for e in found
    ]


def inside(polygon: list[tuple[float, float]], x: float, y: float, slack: float = 0.3) -> bool:
    """Whether a convex polygon holds a point, up to a few tenths of a pixel."""
    turns = []
    for (a, b), (c, d) in zip(polygon, [*polygon[1:], polygon[0]], strict=True):
        length = np.hypot(c - a, d - b)
        if length > 0.2:
            turns.append(((c - a) * (y - b) - (d - b) * (x - a)) / length)
    return min(turns, default=-1) > -slack or max(turns, default=1) < slack


def draw(coef: Any, intercept: Any, **options: Any) -> str:
    coef, names = np.array(coef, float), [f"class {k}" for k in range(len(coef))]
    return decision_boundary(CORNERS, [0] * 4, names, coef, np.array(intercept, float), axes=AXES, **options)


@given(st.integers(2, 6), st.integers(0, 10**6))
def test_every_point_lies_in_the_region_of_its_class(count: int, seed: int) -> None:
    random = np.random.default_rng(seed)
    coef, intercept = random.normal(size=(count, 2)), random.normal(size=count) / 3
    svg = draw(coef, intercept)
    drawn = dict(zip(re.findall(r'class="(\w+) region"', svg), polygons(svg), strict=True))
    colours = ("first", "second", "third", "fourth", "fifth", "sixth")
    for x, y in random.uniform(size=(20, 2)):
        best = int(np.argmax(coef @ [x, y] + intercept))
        assert inside(drawn[colours[best]], 70 + 420 * x, 440 - 420 * y)


def test_the_line_and_the_margin() -> None:
    coef, intercept = [[0, 0], [4, 0]], [0, -2]
    assert lines(draw(coef, intercept)) == [pytest.approx((0.5, 0, 0.5, 1))]
    found = lines(draw(coef, intercept, margin=True))
    assert sorted(sorted(end[::2])[0] for end in found) == pytest.approx([0.25, 0.5, 0.75])
    assert draw(coef, intercept, margin=True).count("stroke-dasharray") == 2
    assert lines(draw([[0, 0], [1, 0]], [0, 5], margin=True)) == []
    assert lines(draw([[0, 0], [1, -1]], [0, 0])) == [pytest.approx((0, 0, 1, 1))]  # through two corners


def test_support_vectors_are_ringed_and_centres_marked() -> None:
    svg = draw([[0, 0], [4, 0]], [0, -2], ringed=[1, 3])
    rings = re.findall(r'<circle cx="(\S+)" cy="(\S+)" r="7" class="ring"', svg)
    assert rings == [("490", "440"), ("70", "20")]
    assert draw([[0, 0], [4, 0]], [0, -2], centres=CORNERS[:2]).count('class="halo"') == 2


def test_of_many_objects_some_are_drawn_and_all_that_are_ringed() -> None:
    points = np.random.default_rng(0).normal(size=(30_000, 2))
    coef, intercept = np.array([[0.0, 0.0], [1.0, 0.0]]), np.zeros(2)
    svg = decision_boundary(points, [0] * 30_000, ["u", "v"], coef, intercept, axes=AXES, ringed=[7, 11, 29_999])
    assert 2000 <= svg.count('class="first mark"') <= 2004
    assert svg.count('class="ring"') == 3


def test_colours_and_shapes_tell_classes_apart() -> None:
    names = [f"c{k}" for k in range(30)]
    svg = decision_boundary(np.zeros((30, 2)), range(30), names, np.zeros((30, 2)), np.zeros(30), axes=AXES)
    marks = re.findall(r'<(circle|rect|path) [^>]*?(?:d="M\S+ \S+?(l[^"]*)" )?class="(\w+) mark"', svg)[:30]
    assert len(set(marks)) > 20
    assert "and 10 more" in svg


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e305])
def test_what_cannot_be_drawn_is_left_out(value: float) -> None:
    points = np.array([[value, 0.0], [1.0, 2.0]])
    coef = np.array([[0.0, 0.0], [value, 1.0]])
    for rows in (points, points[:1]):
        svg = decision_boundary(rows, [0] * len(rows), ["u", "v"], coef, np.zeros(2), axes=AXES, margin=True)
        ElementTree.fromstring(svg)
        assert "nan" not in svg
        assert "inf" not in svg.replace("no finite", "")
    assert "no finite point" in svg


def test_all_text_is_escaped() -> None:
    hostile = "</svg><script>alert(1)</script>\x00\"'&"
    svg = decision_boundary(
        CORNERS, [0] * 4, [hostile, "b"], np.zeros((2, 2)), np.zeros(2), axes=(hostile, hostile), margin=True
    )
    root = ElementTree.fromstring(svg)
    assert not [tag for tag in root.iter() if tag.tag.endswith("script")]
    assert root.keys() == ElementTree.fromstring(document(1, 1, "x")).keys()


@pytest.mark.parametrize(
    ("points", "groups", "coef"),
    [(np.zeros((2, 3)), [0, 0], np.zeros((2, 2))), (np.zeros((2, 2)), [0], np.zeros((2, 2))),
     (np.zeros((2, 2)), [0, 0], np.zeros((3, 2)))],
)  # fmt: skip
def test_the_shapes_must_fit(points: Any, groups: Any, coef: Any) -> None:
    with pytest.raises(InputError, match="do not go together"):
        decision_boundary(points, groups, ["u", "v"], coef, np.zeros(2), axes=AXES)
