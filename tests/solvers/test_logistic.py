"""The solver of logistic regression and what it consists of, against slow formulas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from mathdl.engine import threads
from mathdl.solvers import logistic_objective
from mathdl.solvers.logistic import solve_logistic
from mathdl.solvers.logistic_objective import LogisticObjective
from mathdl.solvers.newton import newton
from mathdl.solvers.separating_direction import find_direction, margins_of

Array = Any


def drawn(N: int, p: int, classes: int, seed: int = 0) -> tuple[Array, Array, Array]:
    """Draw objects, codes in which each class occurs, and shares."""
    generator = np.random.default_rng(seed)
    codes = np.concatenate([np.arange(classes), generator.integers(0, classes, N - classes)])
    shares = generator.uniform(0.5, 2, N)
    return generator.normal(size=(N, p)) * 3 + 1, codes, shares / shares.sum()


def slow(
    X: Array, codes: Array, shares: Array, coef: Array, bias: Array, strength: float
) -> tuple[float, Array, Array]:
    """Return value, gradient and Hessian by rows of weights with the bias behind them, as the formulas say."""
    rows, Z = len(bias), np.column_stack([X, np.ones(len(X))])
    logits = X @ coef.T + bias
    logits = np.column_stack([np.zeros(len(X)), logits]) if rows == 1 else logits
    p, own = softmax(logits, axis=1), np.eye(logits.shape[1])[codes]
    value = strength * np.sum(coef**2) - np.sum(shares[:, None] * own * log_softmax(logits, axis=1))
    gradient = ((p - own)[:, -rows:] * shares[:, None]).T @ Z
    gradient[:, :-1] += 2 * strength * coef
    q, width = p[:, -rows:], Z.shape[1]
    H = np.einsum("i,ik,km,ia,ib->kamb", shares, q, np.eye(rows), Z, Z, optimize=True)
    H -= np.einsum("i,ik,im,ia,ib->kamb", shares, q, q, Z, Z, optimize=True)
    H += 2 * strength * np.einsum("km,ab->kamb", np.eye(rows), np.diag([1.0] * (width - 1) + [0.0]))
    return float(value), gradient, H


@pytest.mark.parametrize(("N", "p", "classes"), [(90, 1, 2), (200, 3, 3), (3000, 15, 2), (400, 70, 2), (700, 65, 3)])
@pytest.mark.parametrize("strength", [0.0, 0.3])
def test_the_objective_is_what_the_formulas_say(N: int, p: int, classes: int, strength: float) -> None:
    X, codes, shares = drawn(N, p, classes)
    rows = 1 if classes == 2 else classes
    objective = LogisticObjective(X, codes, shares, rows, strength)
    x = np.random.default_rng(1).normal(size=(rows, p + 1)) / np.sqrt(p)
    x -= x.mean(axis=0) if rows > 1 else 0.0
    point = objective.evaluate(x.ravel(), objective.first, True)
    coef, bias = objective.weights(x.ravel())
    value, gradient, H = slow(X, codes, shares, coef, bias, strength)
    assert point.value == pytest.approx(value, rel=1e-13)
    # The objective's weights are those of standardised columns: w.x + b = u.(x - shift) factor + c.
    to_given = np.eye(p + 1)
    to_given[:p, :p] = np.diag(objective.factor)
    to_given[p, :p] = -objective.shift * objective.factor
    assert np.allclose(point.gradient.reshape(rows, -1), gradient @ to_given, atol=1e-12)
    step = objective.solver(point)(point.gradient).reshape(rows, -1)
    seen = np.einsum("kamb,ac,bd,md->kc", H, to_given, to_given, step, optimize=True)
    single = p >= 64
    assert np.allclose(seen, point.gradient.reshape(rows, -1), atol=2e-5 if single else 1e-11)
    assert np.allclose(objective.coordinates(coef, bias), x.ravel(), atol=1e-12)
    logits = X @ coef.T + bias
    assert np.allclose(point.logits, logits.T, atol=1e-11)
    moved = point.logits - objective.first.logits
    assert point.change == pytest.approx(np.abs(moved).max() if rows == 1 else np.ptp(moved, axis=0).max())
    margins = margins_of(X, codes, coef, bias)
    assert point.margin == pytest.approx(margins.min(), abs=1e-11)


def test_the_hessian_is_summed_in_float32_only_where_that_is_good_enough() -> None:
    X, codes, shares = drawn(1000, 70, 2)
    for last, single in [(X[:, 1], True), (X[:, 0] + 1e-3 * X[:, 1], False)]:
        Z = np.column_stack([X[:, 0], X[:, 2:], last])
        objective = LogisticObjective(Z, codes, shares, 1, 0.0)
        Z = np.column_stack([(Z - objective.shift) * objective.factor, np.ones(1000)])
        p = shares @ codes
        exact = (Z * (p * (1 - p) * shares)[:, None]).T @ Z
        off = np.abs(objective.first.hessian - exact).max()
        assert (off > 1e-10) == single
        assert off < 1e-5


def test_large_logits_do_no_harm() -> None:
    X, codes = np.array([[-1.0], [1.0], [-1.0], [1.0]]), np.array([0, 1, 1, 0])
    for rows in (1, 2):
        objective = LogisticObjective(X, codes, np.full(4, 0.25), rows, 0.0)
        coef, bias = np.array([[-2e4], [2e4]])[-rows:], np.zeros(rows)
        point = objective.evaluate(objective.coordinates(coef, bias), None, True)
        assert point.value == pytest.approx(1e4 if rows == 1 else 2e4, rel=1e-14)
        assert np.all(np.isfinite(point.gradient))


def test_the_bits_do_not_depend_on_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    X, codes, shares = drawn(20_000, 70, 2)
    found = []
    for count in (1, 2, 3):
        monkeypatch.setattr(logistic_objective, "choose", lambda *_, count=count: count if not threads.JIT_OFF else 1)
        solution = solve_logistic(X, codes, shares, 2, 0.01, 1e-10, 100)
        found.append((solution.coef.tobytes(), solution.bias.tobytes(), solution.value))
    assert found[0] == found[1] == found[2]


def test_conjugate_gradients_find_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    for classes, N, p in [(2, 300, 5), (3, 300, 5), (3, 20, 40)]:
        X, codes, shares = drawn(N, p, classes)
        exact = solve_logistic(X, codes, shares, classes, 0.05, 1e-12, 100)
        with monkeypatch.context() as changed:
            changed.setattr(logistic_objective, "MAX_EXPLICIT_PARAMETERS", 0)
            found = solve_logistic(X, codes, shares, classes, 0.05, 1e-12, 100)
        assert found.outcome == exact.outcome == "converged"
        assert found.value == pytest.approx(exact.value, rel=1e-12)
        assert np.allclose(found.coef, exact.coef, atol=1e-6)


class Quartic:
    """Sum of (x - 1)^4 + sqrt(1 + 25 x^2), whose full Newton steps from far away lead up; counts Hessians."""

    def __init__(self) -> None:
        self.hessians = 0

    def evaluate(self, x: Array, before: Any, hessian: bool) -> Any:
        self.hessians += hessian
        root = np.sqrt(1 + 25 * x**2)
        change = 0.0 if before is None else float(np.abs(x - before.x).max())
        curvature = 12 * (x - 1) ** 2 + 25 / root**3 if hessian else None
        return Known(x, float(np.sum((x - 1) ** 4 + root)), 4 * (x - 1) ** 3 + 25 * x / root, change, curvature)

    def solver(self, point: Any) -> Any:
        return lambda right: right / point.curvature


class Known:
    def __init__(self, x: Array, value: float, gradient: Array, change: float, curvature: Array) -> None:
        self.x, self.value, self.gradient, self.change, self.curvature = x, value, gradient, change, curvature


def test_newton_descends_and_keeps_the_hessian_for_the_last_steps() -> None:
    objective, values, steps = Quartic(), [], 0
    start = objective.evaluate(np.array([3.0, -0.9, 0.4]), None, True)
    for point, decrement in newton(objective, start):
        values.append(point.value)
        steps += 1
        if decrement < 1e-24:
            break
    assert np.all(np.diff(values) < 1e-13)
    assert np.abs(point.gradient).max() < 1e-10
    assert 4 < objective.hessians < steps + 10
    assert point.curvature is None


def test_newton_ends_where_rounding_leaves_no_descent() -> None:
    class Flat(Quartic):
        def evaluate(self, x: Array, before: Any, hessian: bool) -> Any:
            found = super().evaluate(x, before, hessian)
            found.value = 5.0 if before is None else 6.0
            return found

    objective = Flat()
    assert len(list(newton(objective, objective.evaluate(np.ones(2), None, True)))) == 1


whole = st.integers(-2, 2)


@given(st.data(), st.integers(2, 3), st.integers(1, 2))
def test_a_direction_is_found_if_and_only_if_newton_finds_no_minimiser(data: Any, classes: int, p: int) -> None:
    N = data.draw(st.integers(classes, 9))
    X = np.array(data.draw(st.lists(st.lists(whole, min_size=p, max_size=p), min_size=N, max_size=N)), dtype=float)
    codes = np.array([*range(classes), *data.draw(st.lists(st.integers(0, classes - 1), min_size=N, max_size=N))][:N])
    shares = np.full(N, 1 / N)
    solution = solve_logistic(X, codes, shares, classes, 0.0, 1e-10, 100)
    objective = LogisticObjective(X, codes, shares, 1 if classes == 2 else classes, 0.0)
    direction = find_direction(X, objective)
    assert solution.outcome == ("converged" if direction is None else "no minimiser")
    if direction is not None:
        assert solution.direction is not None
        assert solution.direction.strict == direction.strict
        margins = margins_of(X, codes, solution.coef, solution.bias)
        assert margins[direction.rises].min() > 1 - 1e-9
        if direction.strict:
            assert margins.min() == pytest.approx(1, abs=1e-12)


def test_weak_separation_is_found_in_coordinates_that_are_no_binary_fractions() -> None:
    # On the line x1 = 0.3 lie objects of both classes; the others lie on their own side.
    generator = np.random.default_rng(0)
    on_line = np.column_stack([np.full(6, 0.3), np.arange(6.0)])
    away = np.column_stack([0.3 + np.array([-1, -2, 1, 2.0]), generator.normal(size=4)])
    X, codes = np.vstack([on_line, away]), np.array([0, 1, 0, 1, 1, 0, 0, 0, 1, 1])
    solution = solve_logistic(X, codes, np.full(10, 0.1), 2, 0.0, 1e-10, 100)
    assert solution.outcome == "no minimiser"
    assert solution.direction is not None
    assert solution.direction.rises.tolist() == [False] * 6 + [True] * 4
    # Moved by one unit in the last place to the wrong side, an object leaves a minimiser, though a distant one.
    X[0, 0] = np.nextafter(0.3, 1)
    solution = solve_logistic(X, codes, np.full(10, 0.1), 2, 0.0, 1e-10, 100)
    assert solution.outcome != "no minimiser"
