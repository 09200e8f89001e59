"""Learning curves show the numbers of the history."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from mathdl.plots.learning_curves import learning_curves


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def path(svg: str, css: str) -> list[tuple[float, float]]:
    found = re.search(rf'<path d="M([^"]*)" class="{css}-line"', svg)
    assert found is not None
    return [(float(x), float(y)) for x, y in (pair.split() for pair in found.group(1).split("L"))]


def test_two_panels_named_with_their_curves() -> None:
    svg = learning_curves(
        {"loss": [2.0, 1.0, 0.5], "validation_loss": [2.1, 1.2, 0.8], "validation_accuracy": [0.5, 0.7, 0.9]}
    )
    found = texts(svg)
    assert "Loss" in found
    assert "Accuracy (%)" in found
    assert found.count("validation") == 2
    assert found.count("training") == 1
    assert {"50", "100"} <= set(found)
    assert svg.count("<circle") == 9


def test_points_lie_where_the_numbers_say() -> None:
    first, second, third = path(learning_curves({"loss": [2.0, 1.0, 0.5]}), "first")
    assert second[0] - first[0] == pytest.approx(third[0] - second[0], abs=0.2)
    assert second[1] - first[1] == pytest.approx(2 * (third[1] - second[1]), abs=0.3)
    assert first[1] < second[1] < third[1]  # down the page is down


def test_a_loss_that_falls_far_is_drawn_by_its_logarithm() -> None:
    first, second, third = path(learning_curves({"loss": [1.0, 0.1, 0.01]}), "first")
    assert second[1] - first[1] == pytest.approx(third[1] - second[1], abs=0.2)


def test_regression_has_r2() -> None:
    assert "R²" in texts(learning_curves({"loss": [1.0, 0.5], "validation_r2": [-3.0, 0.9]}))


@pytest.mark.parametrize(
    "history",
    [
        {"loss": [0.7]},
        {"loss": [0.0], "validation_accuracy": [1.0]},
        {"loss": [1.0, float("nan")], "validation_loss": [None, 2.0]},
        {"loss": [3e38, float("inf"), 1.0]},
        {"loss": [0.5, 0.5, 0.5], "accuracy": [0.0, 0.0, 0.0]},
        {"loss": [0.1] * 500, "validation_accuracy": [0.9] * 500},
    ],
)
def test_unusual_histories_are_drawn_without_nonsense(history: dict[str, list[float | None]]) -> None:
    svg = learning_curves(history)
    ElementTree.fromstring(svg)
    assert "<circle" in svg
    assert not re.search(r'"[^"]*\b(nan|inf)\b[^"]*"', svg)


@pytest.mark.parametrize("history", [{}, {"loss": []}, {"loss": [float("nan")]}])
def test_nothing_to_draw_is_said(history: dict[str, list[float | None]]) -> None:
    assert "no finite value was recorded" in texts(learning_curves(history))


def test_the_same_history_gives_the_same_picture() -> None:
    history = {"loss": [0.3, 0.2], "validation_accuracy": [0.8, 0.9]}
    assert learning_curves(history) == learning_curves(history)


@pytest.mark.parametrize("accuracy", [[0.91, 0.97], [1.0], [1.0, 1.0]])
def test_the_axis_of_accuracy_ends_at_a_hundred(accuracy: list[float]) -> None:
    numbers = {float(text) for text in texts(learning_curves({"accuracy": accuracy})) if text.isdigit()}
    assert max(numbers) == 100
