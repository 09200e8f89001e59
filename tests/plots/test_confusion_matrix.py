"""The confusion matrix shows its counts."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest

from mathdl.errors import InputError
from mathdl.plots.confusion_matrix import confusion_matrix

SVG = "{http://www.w3.org/2000/svg}"


def test_counts_stand_in_their_cells() -> None:
    root = ElementTree.fromstring(confusion_matrix(np.array([[120, 3], [0, 99]]), ["stays", "leaves"]))
    cells = {}
    for rect in root.iter(f"{SVG}rect"):
        title = rect.find(f"{SVG}title")
        if title is not None:
            place = (float(rect.get("y", 0)), float(rect.get("x", 0)))
            cells[place] = (rect.get("class"), title.text)
    right, wrong, also_right = (cells[place] for place in sorted(cells))
    (row, column), (same_row, next_column), (next_row, last_column) = sorted(cells)
    assert row == same_row < next_row
    assert column < next_column == last_column
    assert right == ("first", "120 of class stays taken for stays")
    assert wrong == ("second", "3 of class stays taken for leaves")
    assert also_right == ("first", "99 of class leaves taken for leaves")
    texts = [node.text for node in root.iter(f"{SVG}text")]
    assert {"120", "3", "99", "stays", "leaves", "true class", "predicted class"} <= set(texts)
    assert "0" not in texts


def test_rarer_mistakes_are_fainter() -> None:
    root = ElementTree.fromstring(confusion_matrix(np.array([[50, 40, 10]] * 3), "abc"))
    row = [float(rect.get("fill-opacity", 0)) for rect in root.iter(f"{SVG}rect")][1:4]
    assert row == sorted(row, reverse=True)


@pytest.mark.parametrize("count", [1, 2, 10, 26, 100, 1000])
def test_any_number_of_classes(count: int) -> None:
    matrix = np.diag(np.arange(count) % 7)
    svg = confusion_matrix(matrix, [f"a class with a very long name {k}" for k in range(count)])
    root = ElementTree.fromstring(svg)
    assert svg.count("<title") == np.count_nonzero(matrix)
    assert len(svg) < 500_000
    assert max(float(node.get("x", 0)) for node in root.iter(f"{SVG}rect")) < float(root.get("width", 0))


def test_names_are_escaped() -> None:
    svg = confusion_matrix(np.array([[1]]), ["<script>alert('x')</script>"])
    assert "<script" not in svg


@pytest.mark.parametrize(("matrix", "names"), [(np.ones((2, 3), int), "ab"), (np.ones((0, 0), int), "")])
def test_a_matrix_that_does_not_fit_is_refused(matrix: np.ndarray, names: str) -> None:
    with pytest.raises(InputError, match=r"shape \(\d, \d\).*class names; give one row"):
        confusion_matrix(matrix, names)
