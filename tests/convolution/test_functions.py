"""Convolution of functions: exact ones against integrals and identities, numbers against their bounds."""

from __future__ import annotations

import re
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import CompactFunction, PiecewisePolynomial
from mathdl.errors import InputError

HAT = PiecewisePolynomial([-1, 0, 1], [[1, 1], [1, -1]])
HAT_FUNCTION = CompactFunction(lambda y: 1 - np.abs(y), (-1, 1), lipschitz=1)
NUMBERS = st.integers(-6, 6).map(lambda k: Fraction(k, 3))


@st.composite
def functions(draw: st.DrawFn) -> PiecewisePolynomial:
    breaks = sorted(draw(st.sets(NUMBERS, min_size=2, max_size=4)))
    pieces = [draw(st.lists(NUMBERS, min_size=0, max_size=4)) for _ in breaks[1:]]
    return PiecewisePolynomial(breaks, pieces)


def value(coefficients: Any, x: Fraction) -> Fraction:
    return sum((c * x**k for k, c in enumerate(coefficients)), Fraction(0))


def integral_of_product(f: PiecewisePolynomial, g: PiecewisePolynomial, x: Fraction) -> Fraction:
    """Integrate f(y) g(x - y) by Newton-Cotes weights, exact for polynomials of degree 6, between all breaks."""
    nodes = [Fraction(k, 7) for k in range(1, 7)]
    matrix = np.array([[node**p for node in nodes] for p in range(6)], dtype=float)
    weights = [Fraction(w).limit_denominator(10**6) for w in np.linalg.solve(matrix, [1 / (p + 1) for p in range(6)])]
    cuts = sorted({*f.breaks, *(x - t for t in g.breaks)})
    total = Fraction(0)
    for low, high in pairwise(cuts):
        points = [low + (high - low) * node for node in nodes]
        total += (high - low) * sum(w * f(y) * g(x - y) for w, y in zip(weights, points, strict=True))
    return total


@settings(derandomize=True, max_examples=60, deadline=None)
@given(functions(), NUMBERS)
def test_values_are_those_of_the_pieces(f: PiecewisePolynomial, x: Fraction) -> None:
    place = next((k for k, (a, b) in enumerate(pairwise(f.breaks)) if a <= x < b), None)
    assert f(x) == (0 if place is None else value(f.pieces[place], x))
    if f.breaks:
        assert PiecewisePolynomial(f.breaks, f.pieces) == f


@settings(derandomize=True, max_examples=60, deadline=None)
@given(functions(), functions(), NUMBERS)
def test_convolution_is_the_integral(f: PiecewisePolynomial, g: PiecewisePolynomial, x: Fraction) -> None:
    """Degrees of 2 have products of degree 4, and the rule is exact up to degree 5."""
    f, g = (PiecewisePolynomial(h.breaks, [p[:3] for p in h.pieces]) if h.breaks else h for h in (f, g))
    assert f.convolve(g)(x) == integral_of_product(f, g, x)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(functions(), functions(), functions())
def test_identities(f: PiecewisePolynomial, g: PiecewisePolynomial, h: PiecewisePolynomial) -> None:
    assert f.convolve(g) == g.convolve(f)
    assert f.convolve(g).convolve(h) == f.convolve(g.convolve(h))
    assert f.convolve(g).integral() == f.integral() * g.integral()
    assert hash(f.convolve(g)) == hash(g.convolve(f))
    if f.breaks and g.breaks and f.convolve(g).breaks:
        assert f.convolve(g).breaks[0] >= f.breaks[0] + g.breaks[0]
        assert f.convolve(g).breaks[-1] <= f.breaks[-1] + g.breaks[-1]


def test_hats_boxes_and_their_words() -> None:
    twice = HAT.convolve(HAT)
    assert [twice(x) for x in (0, "1/2", 1, 2, -3)] == [Fraction(2, 3), Fraction(23, 48), Fraction(1, 6), 0, 0]
    assert (twice.breaks[0], twice.breaks[-1]) == (-2, 2)
    assert HAT.integral(0, "1/2") == Fraction(3, 8)
    assert HAT.integral(5, -5) == -1
    zero = PiecewisePolynomial([0, 1], [[0]])
    assert (zero.breaks, zero.pieces, zero(0), zero.integral(), repr(zero)) == ((), (), 0, 0, "PiecewisePolynomial: 0")
    assert repr(HAT) == "PiecewisePolynomial: 1 + x on [-1, 0), 1 - x on [0, 1)"
    assert repr(PiecewisePolynomial([0, 1], [[0, -1, 0.5]])) == "PiecewisePolynomial: -x + 1/2 x^2 on [0, 1)"
    assert HAT != "hat"


@pytest.mark.parametrize(
    ("breaks", "pieces", "message"),
    [
        ([0, 0], [[1]], "breaks is [0, 0]; give increasing numbers"),
        ([0, 1], [[1], [2]], "There are 2 breaks and 2 pieces"),
        ([0], [], "There are 1 breaks and 0 pieces"),
        ([0, float("inf")], [[1]], "breaks is [0, inf]; give finite numbers"),
        ([0, 1], [["a"]], "pieces[0] is ['a']; give finite numbers"),
        ([0, 1], 3, "pieces is 3; give a list"),
    ],
)
def test_no_functions(breaks: Any, pieces: Any, message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        PiecewisePolynomial(breaks, pieces)


@pytest.mark.parametrize("x", [-3.0, -1.5, -0.3, 0.0, 0.5, 1.0, 1.99])
def test_a_number_keeps_its_bound(x: float) -> None:
    exact = HAT.convolve(HAT)(x)
    for tolerance in (1e-1, 1e-3, 1e-5):
        found, error = HAT_FUNCTION.convolve(HAT_FUNCTION, x, tolerance=tolerance)
        assert abs(Fraction(found) - exact) <= Fraction(error) <= Fraction(tolerance)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(functions(), functions(), NUMBERS)
def test_bounds_hold_for_polynomials_on_an_interval(f: Any, g: Any, x: Fraction) -> None:
    made = []
    for h in (f, g):
        if not h.breaks:
            return
        a, b, p = h.breaks[0], h.breaks[1], h.pieces[0]
        slope = sum((k * abs(c) * max(abs(a), abs(b)) ** (k - 1) for k, c in enumerate(p) if k), Fraction(0))
        made.append(
            (
                PiecewisePolynomial([a, b], [p]),
                CompactFunction(_polynomial(p), (float(a), float(b)), float(slope) * 1.001),
            )
        )
    (f, rounded_f), (g, rounded_g) = made
    try:
        found, error = rounded_f.convolve(rounded_g, float(x), tolerance=1e-1)
    except InputError as refusal:
        assert "the error is only known" in str(refusal)  # noqa: PT017
        return
    assert abs(found - float(f.convolve(g)(x))) <= error + 1e-9  # the ends are rounded here


def _polynomial(p: Any) -> Any:
    return lambda y: sum((float(c) * y**k for k, c in enumerate(p)), np.zeros(np.shape(y)))


def test_two_variables() -> None:
    pyramid = CompactFunction(lambda y, z: (1 - np.abs(y)) * (1 - np.abs(z)), [(-1, 1), (-1, 1)], lipschitz=2**0.5)
    found, error = pyramid.convolve(pyramid, (0, 0), tolerance=1e-2)
    assert abs(found - 4 / 9) <= error <= 1e-2
    found, error = pyramid.convolve(pyramid, (0.5, -1), tolerance=1e-2)
    assert abs(found - 23 / 48 / 6) <= error <= 1e-2


def test_what_is_refused() -> None:
    for arguments, message in [
        ((lambda y: y, (1, 1), 1), "support is (1, 1); give an interval such as (-1, 1)"),
        ((lambda y: y, "ab", 1), "support is 'ab'"),
        ((lambda y: y, (0, 1), -1), "lipschitz is -1"),
        ((3, (0, 1), 1), "function is 3; give a function"),
    ]:
        with pytest.raises(InputError, match=re.escape(message)):
            CompactFunction(*arguments)
    steep = CompactFunction(lambda y: 3 * y, (0, 1), 1)
    for other, x, tolerance, message in [
        (steep, 0.5, 1e-3, "lipschitz is 1, but the function changes faster between two points"),
        (HAT, 0, 1e-3, "give a CompactFunction of as many variables"),
        (HAT_FUNCTION, (1, 2), 1e-3, "x is (1, 2); give a finite number for each of 1 variables"),
        (HAT_FUNCTION, 0.5, 0, "tolerance is 0; give a positive number"),
        (CompactFunction(lambda y: "text", (0, 1), 1), 0.5, 1, "The function fails"),
        (CompactFunction(lambda y: y / 0.0, (0, 1), 1), 0.5, 1, "The function is not finite"),
    ]:
        with np.errstate(all="ignore"), pytest.raises(InputError, match=re.escape(message)):
            HAT_FUNCTION.convolve(other, x, tolerance=tolerance)
    with pytest.raises(InputError, match="tolerance is 1e-12, but with 4,194,304 cells the error is only known"):
        HAT_FUNCTION.convolve(HAT_FUNCTION, 0, tolerance=1e-12)
