"""Pictures as SVG: safe, the same each time, legible on white and on black."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from matplotlib.figure import Figure

from mathdl.plots import plot_confusion_matrix, plot_history, style

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</svg><script>alert(1)</script>\x00\ud800\"'&]]>--> $x^$ \\"
HISTORY = {"loss": [1.0, 0.5], "validation_loss": [1.0, 0.7]}


def texts(svg: str) -> list[str]:
    return ["".join(node.itertext()) for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def luminance(colour: str) -> float:
    parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    r, g, b = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def on_dark(colour: str) -> str:
    """The colour that the style sheet puts in the place of another on a dark screen."""
    found = re.search(rf'\.plot \[style\*="stroke: {colour}"\]{{stroke:(#\w+)!important}}', style.style_sheet())
    assert found is not None
    return found[1]


@pytest.mark.parametrize("colour", [*style.COLOURS, *style.RAMP, style.INK, style.SOFT])
def test_colours_stand_out_from_both_pages(colour: str) -> None:
    assert contrast(colour, "#ffffff") > 2.6
    assert contrast(on_dark(colour), on_dark("#ffffff")) > 4.5


def test_neighbours_on_the_ramp_differ() -> None:
    assert len(set(style.RAMP)) == len({on_dark(colour) for colour in style.RAMP}) == len(style.RAMP)
    for one, other in pairwise(style.RAMP):
        assert sum(abs(int(one[k : k + 2], 16) - int(other[k : k + 2], 16)) for k in (1, 3, 5)) > 60


def test_a_picture_is_the_same_each_time_and_has_its_own_identifiers() -> None:
    one, again, other = (style.svg(name, partial(plot_history, HISTORY)) for name in ("one", "one", "other"))
    assert one == again
    ids = [re.findall(r'\bid="([^"]*)"', svg) for svg in (one, other)]
    assert ids[0]
    assert not set(ids[0]) & set(ids[1])
    used = set(re.findall(r'(?:url\(|href=")#([^")]+)', one))
    assert used == set(ids[0])


def test_the_users_own_style_changes_nothing() -> None:
    from matplotlib import rc_context, rcParams
    from matplotlib import style as styles

    plain = style.svg("x", partial(plot_history, HISTORY))
    with styles.context("dark_background"), rc_context({"lines.linewidth": 9, "path.sketch": (1, 100, 2)}):
        assert style.svg("x", partial(plot_history, HISTORY)) == plain
        assert rcParams["lines.linewidth"] == 9


def test_without_a_folder_for_its_cache_a_picture_is_drawn_in_silence(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    code = "from mathdl.plots.style import svg\nprint(svg('x', lambda ax: ax.plot([1, 2]))[:4])"
    here = os.environ | {"MPLCONFIGDIR": str(tmp_path / "file" / "folder")}
    done = subprocess.run([sys.executable, "-c", code], env=here, capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("<svg\n", "")


def test_a_marker_has_its_colours_where_it_is_used() -> None:
    svg = style.svg("x", partial(plot_history, HISTORY))
    assert re.search(r'<use [^>]*style="fill: #0072b2; stroke: #0072b2', svg)
    assert not re.search(r'<path id="[^>]*style=', svg)


def test_text_is_text_and_every_label_is_within_the_picture() -> None:
    svg = style.svg("x", partial(plot_history, HISTORY))
    assert {"training", "validation", "loss", "epoch"} <= set(texts(svg))
    root = ElementTree.fromstring(svg)
    left, top, width, height = map(float, root.get("viewBox", "").split())
    for node in root.iter(f"{SVG}text"):
        x, y = float(node.get("x", 0)), float(node.get("y", 0))
        assert left <= x <= left + width
        assert top <= y <= top + height
    assert len([node for node in root.iter(f"{SVG}path") if not node.get("d")]) == 0  # nothing lies off the canvas


def test_whatever_a_name_holds_it_is_drawn_as_text() -> None:
    names = [HOSTILE, "_hidden", "$5 to $10", "\N{CJK UNIFIED IDEOGRAPH-732B}"]
    svg = style.svg(HOSTILE, partial(plot_confusion_matrix, [[1] * 4] * 4, names, target=HOSTILE))
    root = ElementTree.fromstring(svg)
    assert not [node.tag for node in root.iter() if node.tag.endswith("script")]
    assert {"$5 to $10", "\N{CJK UNIFIED IDEOGRAPH-732B}"} <= set(texts(svg))
    svg.encode()


def test_a_name_with_an_underscore_is_in_the_legend() -> None:
    ax = Figure().add_subplot()
    ax.plot([1, 2], label=style.label("_x"))
    style.legend(ax)
    legend: Any = ax.get_legend()
    assert [text.get_text().strip("\N{ZERO WIDTH SPACE}") for text in legend.get_texts()] == ["_x"]


def test_labels_differ_where_names_do() -> None:
    assert style.label("a\n b  c") == "a b c"
    assert style.label("abcdefghij", 7) == "abc\N{HORIZONTAL ELLIPSIS}hij"
    assert style.labels(["x" * 30 + "1", "x" * 30 + "2"], 9) == ["xxxx…xxx1", "xxxx…xxx2"]
    long = ["a" * 20 + str(k) + "b" * 20 for k in range(3)]
    assert style.labels(long, 9) == [f"{k}: aaaa…bbbb" for k in (1, 2, 3)]


def test_a_file_stands_by_itself() -> None:
    svg = style.svg_file("two panels", partial(plot_history, HISTORY), partial(plot_history, HISTORY))
    root = ElementTree.fromstring(svg)
    assert root[0].tag == f"{SVG}style"
    assert root.get("aria-label") == "two panels"
    assert texts(svg).count("epoch") == 2
