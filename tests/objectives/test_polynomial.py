"""Polynomials in rational numbers, their critical points, and chords below graphs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import (
    SGD,
    Function,
    LogisticLoss,
    NeuronLoss,
    Polynomial,
    Quadratic,
    chord,
    find_chord_below,
    gradient_descent,
    second_derivative_test,
)
from mathdl.errors import InputError

POWERS = st.tuples(st.integers(0, 4), st.integers(0, 4))
TERMS = st.dictionaries(POWERS, st.integers(-9, 9).map(lambda k: Fraction(k, 7)), min_size=1, max_size=5)
POINT = st.tuples(*[st.integers(-12, 12).map(lambda k: Fraction(k, 8))] * 2)


def value(terms: dict[tuple[int, int], Fraction], x: Fraction, y: Fraction) -> Fraction:
    return sum((c * x**p * y**q for (p, q), c in terms.items()), Fraction(0))


@given(TERMS, POINT)
@settings(deadline=None, derandomize=True)
def test_values_and_derivatives_against_exact_differences(terms: Any, point: tuple[Fraction, Fraction]) -> None:
    """Of degree 4 at most in each variable, central differences with two steps cancel to the exact derivative."""
    f, (x, y) = Polynomial(terms), point
    assert f.exact(point) == value(terms, x, y)

    def slope(h: int) -> Fraction:
        return (value(terms, x + h, y) - value(terms, x - h, y)) / (2 * h)

    assert f.exact_gradient(point)[0] == (4 * slope(1) - slope(2)) / 3
    assert f.exact_gradient(point)[0] == f.derivative(0).exact(point)
    hessian = f.exact_hessian(point)
    assert hessian[0][1] == hessian[1][0] == f.derivative(0).derivative(1).exact(point)
    found, gradient = f.value_and_gradient(np.array(point, float))
    scale = 1 + sum(abs(c) for c in terms.values()) * 6**4
    assert found == pytest.approx(float(f.exact(point)), abs=1e-13 * float(scale))
    np.testing.assert_allclose(gradient, np.array(f.exact_gradient(point), float), atol=1e-12 * float(scale))


def test_it_is_written_as_a_formula() -> None:
    assert str(Polynomial({(2, 0): 1, (1, 1): Fraction(-3, 2), (0, 0): -1})) == "x1^2 - 3/2 x1 x2 - 1"
    assert str(Polynomial({(2, 1): 1}, ["x", "lambda"]).derivative(0)) == "2 x lambda"
    assert str(Polynomial({(4,): 0})) == "0"
    assert str(Polynomial({(1,): -1})) == "-x"


def test_descent_takes_it() -> None:
    well = Polynomial({(4,): 0.25, (2,): -0.5})
    assert gradient_descent(well, [0.5], SGD(0.1), steps=2000).point == pytest.approx(1, abs=1e-7)
    assert not well.convex
    assert Polynomial({(2, 0): 1, (0, 2): 1, (1, 1): 2}).convex
    assert not Polynomial({(2, 0): 1, (0, 2): 1, (1, 1): 3}).convex


@pytest.mark.parametrize(
    ("terms", "message"),
    [
        ({}, "give a dictionary"),
        ([1, 2], "give a dictionary"),
        ({2: 1}, "tuples of one length"),
        ({(2, 0): 1, (1,): 1}, "tuples of one length"),
        ({(-1,): 1}, "tuples of one length"),
        ({(1.0,): 1}, "tuples of one length"),
        ({(): 1}, "tuples of one length"),
        ({(1,): "2"}, "a coefficient is '2'"),
        ({(1,): np.inf}, "a coefficient is inf"),
    ],
)
def test_bad_terms_are_refused(terms: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        Polynomial(terms)


@pytest.mark.parametrize("point", [[1, 2], "1", [np.nan], ["one"], 3, [True]])
def test_bad_points_are_refused(point: Any) -> None:
    with pytest.raises(InputError, match="1 finite numbers"):
        Polynomial({(2,): 1}).exact(point)


def test_bad_variables_and_names_are_refused() -> None:
    with pytest.raises(InputError, match="no variable 1; give a whole number from 0 to 0"):
        Polynomial({(2,): 1}).derivative(1)
    with pytest.raises(InputError, match="one text for each"):
        Polynomial({(2,): 1}, ["x", "y"])


CASES = [
    ({(2, 0): 1, (0, 2): 1}, "minimum"),
    ({(2, 0): -1, (0, 2): -1}, "maximum"),
    ({(2, 0): 1, (0, 2): -1}, "saddle"),
    ({(4, 0): 1, (0, 4): 1}, "undecided"),
    ({(4, 0): 1, (0, 4): -1}, "undecided"),
    ({(2, 0): 1, (0, 3): 1}, "undecided"),
    ({(2, 0): 1, (0, 2): 1, (1, 1): 2}, "undecided"),
    ({(1, 1): 1}, "saddle"),
]


@pytest.mark.parametrize(("terms", "kind"), CASES)
def test_the_second_derivative_test(terms: Any, kind: str) -> None:
    f = Polynomial(terms)
    own = Function(lambda a: f.value_and_gradient(a)[0], lambda a: f.value_and_gradient(a)[1])
    for function, exact in ((f, True), (own, False)):
        found = second_derivative_test(function, [0, 0])
        assert (found.kind, found.exact) == (kind, exact)
        away = second_derivative_test(function, [1, 0] if kind != "undecided" else [1, 1])
        assert away.kind == "not critical" or f.exact_gradient([1, 0]) == [0, 0]
    assert "the gradient is [" in repr(second_derivative_test(f, [3, 2]))


@given(*[st.integers(-4, 4)] * 6)
@settings(deadline=None, derandomize=True)
def test_of_quadratic_functions_it_follows_the_eigenvalues(a: int, b: int, c: int, d: int, e: int, g: int) -> None:
    Q = np.array([[a, b, c], [b, d, e], [c, e, g]], float)
    found = second_derivative_test(Quadratic(Q), [0.0, 0.0, 0.0])
    low, *_, high = np.linalg.eigvalsh(Q)
    zero = 1e-9  # eigenvalues of whole numbers so small are 0, or far from it
    kind = "minimum" if low > zero else "maximum" if high < -zero else "saddle" if low < -zero < zero < high else None
    assert found.kind == (kind or "undecided")
    assert found.hessian == [[Fraction(v) for v in row] for row in Q.tolist()]


def test_near_a_critical_point_there_is_a_tolerance() -> None:
    well = Polynomial({(4,): Fraction(1, 4), (2,): Fraction(-1, 2), (1,): Fraction(1, 10)})
    point = gradient_descent(well, [2.0], SGD(0.1), steps=2000, tolerance=1e-12).point
    assert second_derivative_test(well, point).kind == "not critical"
    assert second_derivative_test(well, point, tolerance=1e-9).kind == "minimum"
    assert second_derivative_test(LogisticLoss([[1.0], [1.0]], [1, -1]), [0.0]).kind == "minimum"


def test_bad_points_of_a_test_are_refused() -> None:
    with pytest.raises(InputError, match=r"point has shape \(2, 1\)"):
        second_derivative_test(LogisticLoss([[1.0], [1.0]], [1, -1]), [[0.0], [1.0]])
    with pytest.raises(InputError, match="objective is of type str"):
        second_derivative_test("x^2", [0.0])  # type: ignore[arg-type]
    root = Function(lambda a: float(np.sqrt(a[0])), lambda a: 0.5 / np.sqrt(a))
    with pytest.raises(InputError, match="not finite at the point or near it"), np.errstate(all="ignore"):
        second_derivative_test(root, [0.0])


@given(TERMS, POINT, POINT, st.integers(0, 8).map(lambda k: Fraction(k, 8)))
@settings(deadline=None, derandomize=True)
def test_chords_exactly_and_in_floats(terms: Any, a: Any, b: Any, t: Fraction) -> None:
    f = Polynomial(terms)
    between = [t * u + (1 - t) * v for u, v in zip(a, b, strict=True)]
    gap = value(terms, *between) - t * value(terms, *a) - (1 - t) * value(terms, *b)
    found = chord(f, a, b, t)
    assert (found.gap, found.exact) == (gap, True)
    own = Function(lambda a: f.value_and_gradient(a)[0], lambda a: f.value_and_gradient(a)[1])
    rough = chord(own, np.array(a, float), np.array(b, float), float(t))
    assert rough.gap == pytest.approx(float(gap), abs=1e-8)
    assert not rough.exact


@pytest.mark.parametrize("seed", range(20))
def test_a_chord_is_found_where_a_quadratic_function_is_not_convex(seed: int) -> None:
    A = np.random.default_rng(seed).integers(-3, 4, size=(3, 3)).astype(float)
    Q = A + A.T + (6 if seed % 2 else 0) * np.eye(3)
    loss = Quadratic(Q)
    found = find_chord_below(loss, [-1.0] * 3, [1.0] * 3, seed=seed)
    assert (found is None) == loss.convex == (np.linalg.eigvalsh(Q)[0] > -1e-9)
    assert found is None or (found.gap > 0 and found.exact)


def test_chords_of_other_functions() -> None:
    X = np.random.default_rng(0).normal(size=(9, 3))
    assert find_chord_below(LogisticLoss(X, [1, -1, 1] * 3), [-3.0] * 3, [3.0] * 3) is None
    found = find_chord_below(NeuronLoss(X, [1, 0, 1] * 3), [-3.0] * 3, [3.0] * 3)
    assert found is not None
    assert found.gap > 0.01
    claimed = Function(lambda a: float(np.cos(a[0])), lambda a: -np.sin(a), convex=True)
    witness = find_chord_below(claimed, [-3.0], [3.0])
    assert witness is not None  # the user's word is not taken for it
    assert str(witness) == "Chord(from [-3] to [3]: at t = 0.5 the graph is 1.98999 above it)"
    root = Function(lambda a: float(np.log(np.exp(a).sum())), lambda a: np.exp(a) / np.exp(a).sum())
    assert find_chord_below(root, [-5.0] * 4, [5.0] * 4) is None
    many = find_chord_below(Quadratic(np.diag([1.0] * 6 + [-1.0])), [-1.0] * 7, [1.0] * 7)
    assert "... of 7 numbers]" in str(many)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda f: chord(f, [0.0], [1.0], 2), "t is 2; give a number from 0 to 1"),
        (lambda f: chord(f, [0.0], [1.0], "1/2"), "t is '1/2'"),
        (lambda f: chord(f, [0.0, 1.0], [1.0]), "1 finite numbers"),
        (lambda f: chord(Function(lambda a: a @ a, lambda a: 2 * a), [0.0, 1.0], [1.0]), "points of one shape"),
        (lambda f: find_chord_below(f, [1.0], [0.0]), "every number of low less"),
        (lambda f: find_chord_below(f, [0.0], [np.inf]), "high holds inf"),
        (lambda f: find_chord_below(f, [0.0], [1.0], seed=-1), "seed is -1"),
    ],
)
def test_bad_chords_are_refused(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call(Polynomial({(2,): 1}))
