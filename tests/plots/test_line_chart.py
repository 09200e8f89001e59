"""Line charts show the numbers that they are given."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from mathdl.plots.line_chart import Chart, Series, line_charts

SPACE = "{http://www.w3.org/2000/svg}"


def path(svg: str, css: str) -> list[tuple[float, float]]:
    found = re.search(rf'<path d="M([^"]*)" class="{css}-line"', svg)
    assert found is not None
    return [(float(x), float(y)) for x, y in (pair.split() for pair in found.group(1).split("L"))]


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SPACE}text")]


def test_points_lie_where_the_numbers_say() -> None:
    (a, b), (c, d), (e, f) = path(line_charts("", [Chart("y", "x", [Series("s", [0, 1, 3], [0, 2, 1])])]), "first")
    assert e - c == pytest.approx(2 * (c - a), abs=0.2)
    assert b - d == pytest.approx(2 * (b - f), abs=0.2)


def test_on_logarithmic_axes_ratios_are_distances_and_what_is_not_positive_is_left_out() -> None:
    series = Series("s", [0, 1, 10, 100, 1000], [5, 4, 2, 1, -1])
    points = path(line_charts("", [Chart("y", "x", [series], log_x=True, log_y=True)]), "first")
    assert len(points) == 3
    (a, b), (c, d), (e, f) = points
    assert c - a == pytest.approx(e - c, abs=0.2)
    assert d - b == pytest.approx(f - d, abs=0.2)


def test_colours_kinds_titles_and_legend() -> None:
    series = [
        Series("whole", [1, 2], [1, 2], 0),
        Series("dashed", [1, 2], [1, 2], 1, "dashed"),
        Series("marks", [1, 2, 3], [1, 2, 3], 2, "marks"),
        Series("dots", [1, 2, 3], [1, 2, 3], 3, "dots"),
        Series("", [1, 2], [2, 2], 4),
    ]
    svg = line_charts("what it is", [Chart("up", "across", series, x_ticks=[1, 2, 9])])
    found = texts(svg)
    assert {"up", "across", "whole", "dashed", "marks", "dots"} <= set(found)
    assert ElementTree.fromstring(svg).get("aria-label") == "what it is"
    assert svg.count('class="second-line" ') == svg.count("stroke-dasharray") == 2  # the line and its sample
    assert svg.count("h0M") == 2
    assert svg.count('r="3.5" class="third"') == 4
    assert svg.count('class="fifth-line"') == 1
    assert "9" not in found  # a tick outside the axis


def test_rows_of_panels_do_not_touch() -> None:
    chart = Chart("y", "x", [Series("s", [0, 1], [0, 1])])
    root = ElementTree.fromstring(line_charts("", [chart, chart, chart], [chart]))
    rows = root.findall(f"{SPACE}g")
    assert [row.get("transform") for row in rows] == ["translate(0 0)", "translate(0 300)"]
    places = [[float(re.findall(r"M([\d.]+)", p.get("d") or "")[0]) for p in row.iter(f"{SPACE}path")] for row in rows]
    assert places == [[58, 362, 666], [58]]
    assert root.get("height") == "600"


def test_a_long_legend_goes_on_in_another_row_within_the_panel() -> None:
    chart = Chart("y", "x", [Series(f"batch size {k}", [0, 1], [0, k], k) for k in range(5)])
    root = ElementTree.fromstring(line_charts("", [chart, chart, chart]))
    named = [node for node in root.iter(f"{SPACE}text") if (node.text or "").startswith("batch")]
    assert len({node.get("y") for node in named}) > 1
    assert all(float(node.get("x") or 0) + 7 * len(node.text or "") < 304 for node in named[:5])


@pytest.mark.parametrize(
    "series",
    [[], [Series("s", [], [])], [Series("s", [1.0], [float("nan")])], [Series("s", [1.0, 2.0], [float("inf"), 1e301])]],
)
def test_nothing_to_draw_is_said(series: list[Series]) -> None:
    assert "no finite value was recorded" in texts(line_charts("", [Chart("y", "x", series)]))


@pytest.mark.parametrize("log", [False, True])
def test_one_point_is_enough(log: bool) -> None:
    svg = line_charts("", [Chart("y", "x", [Series("s", [2.0], [3.0])], log_x=log, log_y=log)])
    assert "<circle" in svg


def test_text_cannot_break_out() -> None:
    svg = line_charts('"<b>', [Chart("<b>", "&", [Series("<i>", [1, 2], [1, 2])])])
    assert {"<b>", "&", "<i>"} <= set(texts(svg))


def test_numbers_that_the_vertical_axis_has_to_reach() -> None:
    series = [Series("s", [1, 2], [2.0, 3.0])]
    assert "0" not in texts(line_charts("", [Chart("y", "x", series)]))
    assert {"0", "4"} <= set(texts(line_charts("", [Chart("y", "x", series, y_shown=(0.0, 4.0))])))
    logarithmic = line_charts("", [Chart("y", "x", series, log_y=True, y_shown=(0.0,))])
    assert logarithmic == line_charts("", [Chart("y", "x", series, log_y=True)])
