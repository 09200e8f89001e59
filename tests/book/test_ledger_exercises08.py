"""The exercises of chapter 8 as the ledger states them, with its corrections."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import SGD, Function, LeastSquares, Quadratic, gradient_descent
from mathdl.book.catalogue import run_experiment
from mathdl.book.chapter08 import best_direction as directions
from mathdl.book.chapter08 import oscillation, weights

LOSS = Quadratic([[2.0, 0.0], [0.0, 4.0]])  # a1^2 + 2 a2^2
EIGHTHS = st.integers(-40, 40).map(lambda k: k / 8)  # with these every number below is exact


def gradient(a: tuple[float, float]) -> np.ndarray:
    return LOSS.value_and_gradient(np.array(a))[1]


def value(a: np.ndarray) -> float:
    return LOSS.value_and_gradient(a)[0]


def fractions(values: object) -> list[Fraction]:
    return [Fraction(float(each)) for each in np.asarray(values).reshape(-1)]


# Exercise 1


@given(st.integers(1, 32).map(lambda k: k / 8), EIGHTHS, st.integers(1, 64).map(lambda k: k / 16))
@settings(deadline=None, derandomize=True)
def test_exercise_8_1abc_lambda_x_squared(scale: float, x: float, tau: float) -> None:
    f = Quadratic([[2 * scale]])
    before, slope = f.value_and_gradient(np.array([x]))
    assert fractions(slope) == [2 * Fraction(scale) * Fraction(x)]  # a
    y = gradient_descent(f, [x], SGD(tau), steps=1, tolerance=0.0).point
    assert fractions(y) == [(1 - 2 * Fraction(scale) * Fraction(tau)) * Fraction(x)]  # b
    after = f.value_and_gradient(y)[0]
    if x:  # c; at x = 0, which the exercise leaves in, no rate gives a lower value
        assert (after < before) == (0 < tau < 1 / scale)
        assert (after == before) == (tau * scale == 1)
    else:
        assert after == before == 0


# Exercise 2


@pytest.mark.parametrize(("x", "tau"), [((1.0, 1.0), 0.1), ((1.0, -0.3), 0.7), ((0.2, 0.1), 2.0), ((0.0, 1.0), 3.0)])
def test_exercise_8_2a_the_best_angle_is_the_best_direction(x: tuple[float, float], tau: float) -> None:
    at = np.array(x)
    best = directions.value(at, tau, directions.direction(at, tau))
    y = np.random.default_rng(0).normal(size=(200_000, 2))
    y /= np.linalg.norm(y, axis=1, keepdims=True)
    others = directions.value(at, tau, y)
    assert best <= others.min() + 1e-12
    assert best == pytest.approx(others.min(), abs=1e-8)


@pytest.mark.parametrize(
    ("tau", "expected"), [(0.1, (0.46357, 0.88606)), (0.5, (0.53536, 0.84463))], ids=["tau 0.1", "tau 0.5"]
)
def test_exercise_8_2b_the_stationary_direction(tau: float, expected: tuple[float, float]) -> None:
    y = directions.direction(np.array([1.0, 1.0]), tau)
    np.testing.assert_allclose(y, expected, atol=1e-5)
    assert abs(y[0] * (2 - tau * y[1]) - y[1]) < 1e-12
    assert y[0] == pytest.approx(y[1] / (2 - tau * y[1]))


@given(EIGHTHS, EIGHTHS, st.integers(1, 16).map(lambda k: k / 8), st.floats(-3, 3))
@settings(deadline=None, derandomize=True)
def test_exercise_8_2b_the_derivative(x1: float, x2: float, tau: float, angle: float) -> None:
    """By a complex step, which has no cancellation."""
    t = angle + 1e-30j
    slope = ((x1 - tau * np.cos(t)) ** 2 + 2 * (x2 - tau * np.sin(t)) ** 2).imag / 1e-30
    y1, y2 = np.cos(angle), np.sin(angle)
    assert slope == pytest.approx(2 * tau * (x1 * y2 - 2 * x2 * y1 + tau * y1 * y2), abs=1e-11)


def test_exercise_8_2b_the_printed_quotient_may_be_0_over_0() -> None:
    y = directions.direction(np.array([0.0, 1.0]), 3.0)
    assert abs(y[0]) == pytest.approx(0.745356, abs=1e-6)
    assert y[1] == pytest.approx(2 / 3, abs=1e-9)
    assert 0 * y[1] == 0  # its numerator x1 y2, over
    assert abs(2 - 3 * y[1]) < 1e-9  # its denominator 2 x2 - tau y2
    assert abs(y[0] * (2 - 3 * y[1])) < 1e-9  # the safe form holds


def test_exercise_8_2b_the_condition_holds_at_maxima_too() -> None:
    x, tau = np.array([0.0, 1.0]), 0.1
    for y in (np.array([0.0, 1.0]), np.array([0.0, -1.0])):
        assert y[0] * (2 * x[1] - tau * y[1]) == x[0] * y[1]
    assert directions.value(x, tau, [0.0, -1.0]) > directions.value(x, tau, [0.0, 1.0])


@given(st.tuples(EIGHTHS, EIGHTHS))
@settings(deadline=None, derandomize=True)
def test_exercise_8_2c_the_gradient(x: tuple[float, float]) -> None:
    assert gradient(x).tolist() == directions.gradient(x).tolist() == [2 * x[0], 4 * x[1]]


@given(*[st.integers(-20, 20).map(lambda k: Fraction(k, 7))] * 3)
@settings(deadline=None, derandomize=True)
def test_exercise_8_2d_what_the_gradient_leaves_in_the_condition(x1: Fraction, x2: Fraction, c: Fraction) -> None:
    tau, y1, y2 = Fraction(3, 11), c * x1, c * 2 * x2
    assert 2 * tau * (x1 * y2 - 2 * x2 * y1 + tau * y1 * y2) == 2 * tau * tau * c * c * 2 * x1 * x2


def test_exercise_8_2d_the_best_direction_is_not_the_gradient_off_the_axes() -> None:
    x = np.array([[1.0, 1.0]])
    sines = [abs(directions.sines(directions.direction(x[0], tau)[None], x)[0]) for tau in (0.1, 0.01, 0.001)]
    assert sines[0] == pytest.approx(0.01837, abs=5e-6)
    assert sines[0] > 9 * sines[1] > 81 * sines[2] > 0  # towards 0 with tau


@pytest.mark.parametrize("x", [(1.0, 0.0), (0.0, 1.0)])
@pytest.mark.parametrize("tau", [0.1, 0.5, 0.9])
def test_exercise_8_2d_fails_on_the_axes(x: tuple[float, float], tau: float) -> None:
    at = np.array(x)
    assert abs(directions.sines(directions.direction(at, tau)[None], at[None])[0]) < 1e-12


# Exercise 3


def test_exercise_8_3a_the_multiplier_and_the_threshold() -> None:
    f = Function(lambda a: float(np.sin(10 * a[0]) ** 2), lambda a: 10 * np.sin(20 * a))
    for tau in (0.001, 0.0099, 0.0101, 1 / 19):
        x = gradient_descent(f, [1e-7], SGD(tau), steps=1, tolerance=0.0).point[0]
        assert x / 1e-7 == pytest.approx(1 - 200 * tau, abs=1e-9)
    assert abs(1 - 200 * Fraction(1, 100)) == 1 < abs(1 - 200 * Fraction(1, 99)) < abs(1 - 200 * Fraction(1, 19))


def test_exercise_8_3a_at_the_threshold_convergence_is_slow() -> None:
    """X -> -x + (400/3) x^3: |x| falls as 1 / sqrt(800 n / 3), not by a constant factor."""
    x = oscillation.trace(np.array([0.01]), np.array([0.01]), 20_000)[:, 0]
    assert x[1] == pytest.approx(-0.01 + 400 / 3 * 0.01**3, rel=1e-4)
    assert (np.diff(np.abs(x)) < 0).all()
    assert np.sqrt(800 * 20_000 / 3) * abs(x[-1]) == pytest.approx(1, rel=0.01)


@pytest.mark.parametrize("tau", [0.0101, 0.0105, 0.02, 1 / 20])
def test_exercise_8_3a_the_printed_threshold_is_too_large(tau: float) -> None:
    assert 0.01 < tau < 1 / 19
    x = np.abs(oscillation.trace(np.array([tau]), np.array([1e-3]), 3000)[-100:, 0])
    assert x.max() > 0.005


def test_exercise_8_3b_cycles() -> None:
    table = run_experiment("exercise-8.3").table
    np.testing.assert_allclose(table["cycle"][1:4], [0.0122048, 0.0374493, 0.0513369], atol=5e-8)
    assert (table["cycle"][0], table["cycle"][4]) == (None, None)
    assert table["last |x|"][0] < 1e-50
    assert table["farthest |x|"][4] > np.pi / 20


def test_exercise_8_3b_many_rates_at_once_are_single_descents() -> None:
    f = Function(lambda a: float(np.sin(10 * a[0]) ** 2), lambda a: 10 * np.sin(20 * a))
    rates = np.array([0.004, 0.0101, 0.012])
    together = oscillation.trace(rates, np.full(3, 1e-3), 130)
    assert together.shape == (131, 3)
    for k, tau in enumerate(rates):
        alone = gradient_descent(f, [1e-3], SGD(tau), steps=40, tolerance=0.0).points[:, 0]
        np.testing.assert_allclose(together[: len(alone), k], alone, rtol=1e-9)


# Exercise 4


@given(EIGHTHS, st.integers(1, 400).map(lambda k: k / 100))
@settings(deadline=None, derandomize=True)
def test_exercise_8_4a_the_derivative(a: float, v: float) -> None:
    loss = LeastSquares(np.ones((3, 1)), weights.OBJECTS, sample_weight=[1.0, 1.0, v])
    _, slope = loss.value_and_gradient(np.array([a]))
    alpha, weight, second = Fraction(a), Fraction(v), Fraction(1, 100)
    derivative = 2 * alpha + 2 * (alpha - second) + 2 * weight * (alpha - 1)
    assert derivative == (4 + 2 * weight) * alpha - 2 * weight - Fraction(2, 100)
    assert (2 + v) * slope[0] == pytest.approx(float(derivative), abs=1e-12)


def test_exercise_8_4b_the_minimiser() -> None:
    for v in (0.001, 0.5, 1.0, 1.98, 30.0):
        assert weights.minimiser(v) == pytest.approx((v + 0.01) / (v + 2), abs=1e-14)
    assert weights.minimiser(1.0) == pytest.approx(101 / 300, abs=1e-14)
    assert weights.minimiser(1.98) == pytest.approx(0.5, abs=1e-14)


def test_exercise_8_4b_the_derivative_has_no_minimum() -> None:
    """The text asks for a minimiser of L', which falls without bound to the left."""
    slopes = [(4 + 2 * Fraction(1)) * a - 2 - Fraction(2, 100) for a in (Fraction(1, 3), -10, -1000)]
    assert slopes == sorted(slopes, reverse=True)


@given(st.integers(1, 10_000).map(lambda k: Fraction(k, 50)))
@settings(deadline=None, derandomize=True, max_examples=50)
def test_exercise_8_4c_the_effect_of_the_weight(v: Fraction) -> None:
    alpha, step = (v + Fraction(1, 100)) / (v + 2), Fraction(1, 10**6)
    later = (v + step + Fraction(1, 100)) / (v + step + 2)
    assert (later - alpha) / step == Fraction(199, 100) / ((v + 2) * (v + step + 2)) > 0  # to 1.99 / (v + 2)^2
    found = weights.minimiser(float(v))
    distances = [(v + Fraction(1, 100)) / (v + 2), abs(99 * v - 1) / (100 * (v + 2)), Fraction(199, 100) / (v + 2)]
    np.testing.assert_allclose(np.abs(found - np.array(weights.OBJECTS)), np.array(distances, float), atol=1e-14)


def test_exercise_8_4c_limits() -> None:
    assert weights.minimiser(1e-9) == pytest.approx(0.005, abs=1e-9)
    assert weights.minimiser(1e9) == pytest.approx(1, abs=1e-8)
    assert weights.minimiser(1 / 99) == pytest.approx(0.01, abs=1e-14)
