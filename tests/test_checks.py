"""Checks of what is given, each alone."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from mathdl import Dense, LeastSquares, Network, convex_hull
from mathdl.checks import checked_weights, reals, require_at_least, require_numbers
from mathdl.errors import InputError

DAYS = np.array(["2020-01-01", "2020-01-02"], "datetime64[D]")
MASKED = np.ma.array([1.0, 2.0], mask=[True, False])


@pytest.mark.parametrize("values", [[[1, 2.5], [3, 4]], np.eye(2, dtype=bool), np.array([[Fraction(1, 2)]], object)])
def test_numbers_are_taken_as_they_are(values: Any) -> None:
    assert np.array_equal(require_numbers("X", values), np.asarray(values))


@pytest.mark.parametrize("values", [DAYS, DAYS - DAYS[0], np.array(["1"]), np.array(["1", 2], object), np.array([1j])])
def test_what_is_no_real_number_is_no_weight(values: Any) -> None:
    with pytest.raises(TypeError):
        reals(values, "float64")
    with pytest.raises(InputError, match="sample_weight holds something that is no number"):
        checked_weights(values, len(values), "float64")


def test_masked_values_are_refused_wherever_arrays_are_taken() -> None:
    network = Network([Dense(1)], (2,))
    points = np.ma.array([[1.0, 2.0], [3.0, 4.0]], mask=[[True, False], [False, False]])
    for call in (
        lambda: checked_weights(MASKED, 2, "float64"),
        lambda: network(points),
        lambda: network.fit(np.eye(2), MASKED, loss="mean_square", epochs=1),
        lambda: LeastSquares(np.eye(2), [1.0, 2.0], sample_weight=MASKED),
        lambda: convex_hull(points),
    ):
        with pytest.raises(InputError, match="has masked values; fill them in"):
            call()


@pytest.mark.parametrize("X", [[["1", "2"]], np.array([["1", "2"]]), np.array([DAYS])])
def test_a_network_takes_no_texts_and_dates(X: Any) -> None:
    with pytest.raises(InputError, match="X holds something that is no number"):
        Network([Dense(1)], (2,))(X)


def test_a_whole_number_has_its_limits() -> None:
    require_at_least("count", np.int8(3), 3, 3)
    for value in (2, 4, 3.0, True, "3", None):
        with pytest.raises(InputError, match=r"count is .*; give a whole number of at (least|most) 3"):
            require_at_least("count", value, 3, 3)
