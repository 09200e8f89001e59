"""The picture of a search for a learning rate shows every trial, and the rate that was taken."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest

from mathdl.plots.learning_rate_search import learning_rate_search
from mathdl.training.learning_rate_search import LearningRateSearch, Trial

SVG = "{http://www.w3.org/2000/svg}"
TRIALS = (
    Trial(0.01, 32, 0.9),
    Trial(0.1, 32, 0.6),
    Trial(1.0, 32, 0.8),
    Trial(10.0, 32, None),
    Trial(0.1, 200, 0.3),
    Trial(1.0, 200, 50.0),
)
SEARCH = LearningRateSearch(0.1, "because <it> is", "30 objects", 1.0, TRIALS)


def circles(svg: str) -> list[dict[str, str]]:
    return [node.attrib for node in ElementTree.fromstring(svg).iter(f"{SVG}circle")]


def crosses(svg: str) -> list[float]:
    """The places of the crosses."""
    return [(float(a) + float(b)) / 2 for a, b in re.findall(r'd="M([0-9.]+) 40.0L([0-9.]+) 48.0M', svg)]


def texts(svg: str) -> list[str]:
    return [node.text or "" for node in ElementTree.fromstring(svg).iter(f"{SVG}text")]


def test_every_trial_has_its_mark() -> None:
    svg = learning_rate_search(SEARCH)
    found = circles(svg)
    assert [mark["class"] for mark in found] == ["second"] * 3 + ["first", "ring"]
    assert len(crosses(svg)) == 2  # one diverged, one more than doubled the loss
    assert {"after 32 steps", "after 200 steps", "failed", "before the first step", "learning rate"} <= set(texts(svg))


def test_points_lie_where_the_numbers_say() -> None:
    found = circles(learning_rate_search(SEARCH))
    x = [float(mark["cx"]) for mark in found]
    y = [float(mark["cy"]) for mark in found]
    assert x[1] - x[0] == pytest.approx(x[2] - x[1], abs=0.1)  # equal ratios are equal distances
    assert sorted(crosses(learning_rate_search(SEARCH))) == pytest.approx([x[2], 2 * x[2] - x[1]], abs=0.2)
    assert y[1] - y[0] == pytest.approx((0.9 - 0.6) / (0.6 - 0.3) * (y[3] - y[1]), abs=0.1)  # a larger loss lies higher
    assert (x[4], y[4]) == (x[3], y[3])
    assert "0.1" in texts(learning_rate_search(SEARCH))


def test_losses_that_differ_by_much_are_drawn_by_their_logarithm() -> None:
    trials = (Trial(0.1, 9, 1.0), Trial(0.2, 9, 0.1), Trial(0.5, 9, 0.01))
    y = [float(mark["cy"]) for mark in circles(learning_rate_search(LearningRateSearch(0.5, "", "", 1.0, trials)))]
    assert y[1] - y[0] == pytest.approx(y[2] - y[1], abs=0.1)


@pytest.mark.parametrize("loss", [None, float("inf"), float("nan"), 1e301])
def test_where_every_trial_failed_there_are_words(loss: float | None) -> None:
    svg = learning_rate_search(LearningRateSearch(0.1, "", "", None, (Trial(0.1, 9, loss),)))
    assert "every trial failed" in texts(svg)
    assert not circles(svg)


@pytest.mark.parametrize("start", [None, 0.0, 1e300, 1e-300])
@pytest.mark.parametrize("loss", [0.0, 1e-300, 0.5, 1e299])
def test_any_numbers_can_be_drawn(start: float | None, loss: float) -> None:
    trials = (Trial(1e-9, 1, loss), Trial(1e-9, 2, loss), Trial(1e9, 1, None))
    svg = learning_rate_search(LearningRateSearch(1e-9, "", "", start, trials))
    assert "nan" not in svg
    assert ElementTree.fromstring(svg).tag == f"{SVG}svg"
