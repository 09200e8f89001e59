from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from mathdl import Hyperplane
from mathdl.geometry.points import fractions


def test_fractions_give_exact_values_and_gaps() -> None:
    plane = Hyperplane(fractions([1, -3]), Fraction(1, 7))
    assert plane.value([[0.1, 0.2]])[0] == Fraction(0.1) - 3 * Fraction(0.2) - Fraction(1, 7)
    assert plane.gap([[0, 0]], [[0, 1], [0, 2]]) == -3 + Fraction(20, 7)
    assert plane.gap([[0, -1], [1, 0]], [[0, 1]]) == Fraction(6, 7)


def test_either_side_may_be_the_first() -> None:
    A, B = [[0.0, 5.0], [1.0, 2.0]], [[4.0, 0.0]]
    for sign in (1, -1):
        plane = Hyperplane(np.array([sign * 2.0, 0.0]), sign * 5.0)
        assert plane.gap(A, B) == plane.gap(B, A) == 3
        assert plane.strictly_separates(A, B)
        assert plane.width(A, B) == 3


def test_points_on_a_wrong_side_make_the_gap_negative() -> None:
    plane = Hyperplane(np.array([1.0]), 0.0)
    assert plane.gap([[-1.0], [0.5]], [[1.0]]) == -0.5
    assert not plane.separates([[-1.0], [0.5]], [[1.0]])
    assert plane.separates([[-1.0], [0.0]], [[0.0], [1.0]])
    assert not plane.strictly_separates([[-1.0], [0.0]], [[0.0], [1.0]])


@pytest.mark.parametrize("scale", [1e-150, 1.0, 1e150])
def test_distances_do_not_depend_on_the_length_of_the_normal(scale: float) -> None:
    for normal in (np.array([3.0, 4.0]) * scale, fractions(np.array([3.0, 4.0]) * scale)):
        plane = Hyperplane(normal, 0 * normal[0])
        assert plane.distance([[1.0, 1.0]]) == pytest.approx([1.4], rel=1e-15)
