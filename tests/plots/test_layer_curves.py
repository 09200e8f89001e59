"""The curves of the layers show the numbers of the record, for few layers and for many."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any
from xml.etree import ElementTree

import pytest

from mathdl.plots.layer_curves import _colour, layer_curves

SVG = "{http://www.w3.org/2000/svg}"
RECORD = {"1 Conv2D": [0.1, 0.01, 0.001], "3 Dense": [1.0, 0.1, 0.1]}
NAN = float("nan")


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(SVG + "text")]


def curves(svg: str) -> list[tuple[str, list[tuple[float, float]]]]:
    """Colour and points of every curve."""
    found = re.findall(r'<path d="M([^"]*)" fill="none" stroke="([^"]*)"', svg)
    return [(colour, [(float(x), float(y)) for x, y in (p.split() for p in path.split("L"))]) for path, colour in found]


def test_three_panels_and_a_legend() -> None:
    svg = layer_curves([0, 2, 4], RECORD, RECORD, {"1 Conv2D": [0.0, 0.25, 0.5]})
    found = texts(svg)
    for text in ("Gradient (root mean square)", "Step, relative to parameters", "Dead ReLUs", "100 %", "1 Conv2D"):
        assert text in found
    assert (found.count("1 Conv2D"), found.count("3 Dense"), found.count("epoch")) == (1, 1, 3)
    assert len(curves(svg)) == 5
    assert svg.count("<circle") == 15


def test_without_relus_there_are_two_panels() -> None:
    svg = layer_curves([0, 2, 4], RECORD, RECORD, {})
    assert "Dead ReLUs" not in texts(svg)
    assert len(curves(svg)) == 4
    assert max(x for _, points in curves(svg) for x, _ in points) > 800


def test_points_lie_where_the_numbers_say() -> None:
    svg = layer_curves([0, 2, 8], RECORD, RECORD, {"1 Conv2D": [0.0, 0.25, 1.0]})
    (_, first), (_, last), *_, (_, dead) = curves(svg)
    assert first[2][0] - first[0][0] == pytest.approx(4 * (first[1][0] - first[0][0]), abs=0.3)
    assert first[2][1] - first[1][1] == pytest.approx(first[1][1] - first[0][1], abs=0.3)  # a tenth is a tenth
    assert first[1][1] - last[1][1] == pytest.approx(first[1][1] - first[0][1], abs=0.3)
    assert dead[0][1] - dead[1][1] == pytest.approx((dead[0][1] - dead[2][1]) / 4, abs=0.3)
    assert dead[2][1] < dead[1][1] < dead[0][1]


def test_a_layer_has_one_colour_and_no_two_have_the_same() -> None:
    names = [f"{k} Dense" for k in range(1, 21)]
    record = {name: [10.0**-k, 10.0**-k] for k, name in enumerate(names)}
    svg = layer_curves([0, 1], record, record, {})
    colours = [colour for colour, _ in curves(svg)]
    assert colours[:20] == colours[20:]
    assert len(set(colours)) == 20


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def test_colours_stand_out_from_both_pages() -> None:
    for k in range(101):
        here = luminance(_colour(k / 100))
        assert 1.05 / (here + 0.05) > 3
        assert (here + 0.05) / (luminance("#161b22") + 0.05) > 3


@pytest.mark.parametrize("count", [1, 2, 6, 7, 20, 60])
def test_numbers_at_the_ends_do_not_overlap(count: int) -> None:
    record = {f"{k} Dense": [1e-3, 1e-3 * (1 + k / 1e4)] for k in range(1, count + 1)}
    tree = ElementTree.fromstring(layer_curves([0, 1], record, record, {}))
    ends = [(float(t.get("x", 0)), float(t.get("y", 0))) for t in tree.iter(SVG + "text") if t.get("fill")]
    assert len(ends) == 2 * (count if count <= 6 else 2)
    for x in {x for x, _ in ends}:
        heights = sorted(y for other, y in ends if other == x)
        assert all(low + 11 < high for low, high in pairwise(heights))
        assert heights[-1] < float(tree.get("height", 0)) - 40


def test_the_legend_breaks_into_rows() -> None:
    record = {f"{k} Conv2D": [1.0] for k in range(1, 21)}
    tree = ElementTree.fromstring(layer_curves([3], record, record, {}))
    named = [t for t in tree.iter(SVG + "text") if (t.text or "").endswith("Conv2D")]
    assert len({t.get("y") for t in named}) > 1
    assert all(float(t.get("x", 0)) + 7 * len(t.text or "") < 912 for t in named)


@pytest.mark.parametrize(
    "values",
    [[0.0, 0.0], [NAN, NAN], [None, 1.0], [0.5, float("inf")], [1e-300, 1e300], [1.0, 1.0], [1e-30, 0.0]],
)
def test_unusual_records_are_drawn_without_nonsense(values: list[Any]) -> None:
    record = {"1 Dense": values, "2 <b> Dense": [1.0, 2.0]}
    svg = layer_curves([0, 7], record, record, {"1 Dense": [0.0, 1.0]})
    ElementTree.fromstring(svg)
    assert "<b>" not in svg
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', svg)


def test_what_cannot_be_drawn_is_said() -> None:
    svg = layer_curves([0, 7], {"1 Dense": [0.0, 0.0], "4 Dense": [1.0, 1.0]}, {"1 Dense": [0.0, NAN]}, {})
    assert "0 throughout: layer 1" in texts(svg)
    assert "no positive value was recorded" in texts(svg)


def test_one_measurement_is_a_point() -> None:
    svg = layer_curves([5], {"1 Dense": [1.0]}, {"1 Dense": [1.0]}, {"1 Dense": [0.0]})
    assert svg.count("<circle") == 3
    assert texts(svg).count("5") == 3


def test_the_same_record_gives_the_same_picture() -> None:
    assert layer_curves([0, 2, 4], RECORD, RECORD, {}) == layer_curves([0, 2, 4], RECORD, RECORD, {})
