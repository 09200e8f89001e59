"""The book's statements about logistic regression (chapter 6), each test named after its item.

Where the book as printed is wrong, the corrected statement is tested, and the printed one shown to fail.
"""

from __future__ import annotations

import math
import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.optimize import brentq, linprog

import mathdl
from mathdl import LogisticRegression
from mathdl.errors import ConvergenceWarning, InputError

Array = NDArray[np.float64]

NOT_PASSED = (10, 9, 8, 5, 2, 1, 0)  # of the fixed table of exercise 6.6, by hours 0 to 6
PASSED = (0, 1, 2, 5, 8, 9, 10)
HOURS = tuple(range(7))


def exact() -> LogisticRegression:
    """Make a model that is trained as far as floating point goes."""
    return LogisticRegression(tol=1e-26)


def fixed(coef: Any, intercept: float) -> LogisticRegression:
    """Make a model of two classes with given parameters."""
    model = LogisticRegression()
    model.coef_, model.intercept_ = np.atleast_2d(np.array(coef, dtype=float)), np.array([intercept], dtype=float)
    model.classes_, model.n_features_in_ = np.array([0, 1]), model.coef_.shape[1]
    return model


def probability(model: LogisticRegression, x: Any) -> Array:
    """Return the book's p~ for one number or several objects."""
    return model.predict_proba(np.reshape(np.asarray(x, dtype=float), (-1, model.n_features_in_)))[:, 1]


def sigmoid(t: Any) -> Array:
    return probability(fixed([1.0], 0.0), t)


def cross_entropy(a: float, b: float, x: Any, r: Any, counts: Any = None) -> float:
    """Return the sum of -log of the probability of what happened, as the book writes it."""
    counts = np.ones(len(x)) if counts is None else counts
    return math.fsum(
        n * math.log1p(math.exp(-(2 * s - 1) * (a * t + b))) if (2 * s - 1) * (a * t + b) > -700 else math.inf
        for t, s, n in zip(x, r, counts, strict=True)
    )


def students() -> tuple[Array, NDArray[np.bool_]]:
    """Draw 100 students' hours and whether they passed."""
    generator = np.random.default_rng(66)
    hours = generator.uniform(0, 6, 100)
    return hours, generator.random(100) < sigmoid(1.6 * hours - 4.8)


def applicants(seed: int) -> tuple[Array, NDArray[np.bool_]]:
    """Draw 600 applicants' GPA and GRE, and whether they were accepted."""
    generator = np.random.default_rng(seed)
    g = generator.normal(size=(600, 3))
    gpa = np.round(np.clip(3.3 + 0.4 * g[:, 0], 2, 4), 2)
    gre = np.round(np.clip(314 + 9 * (0.5 * g[:, 0] + math.sqrt(0.75) * g[:, 1]), 260, 340))
    chance = sigmoid(1.5 * (gpa - 3.3) / 0.4 + (gre - 314) / 9 - 0.6)
    return np.column_stack([gpa, gre]), generator.random(600) < chance


def with_probabilities(x: Any, p: Any) -> tuple[Array, Array, Array]:
    """Return each object twice, with either outcome and its probability as the weight."""
    x, p = np.asarray(x, dtype=float), np.asarray(p, dtype=float)
    return np.concatenate([x, x])[:, None], np.repeat([1, 0], len(x)), np.concatenate([p, 1 - p])


def grouped() -> tuple[Array, Array, Array]:
    """Return the fixed table of exercise 6.6 as weighted objects."""
    return (
        np.array([*HOURS, *HOURS], dtype=float)[:, None],
        np.repeat([1, 0], 7),
        np.array([*PASSED, *NOT_PASSED], dtype=float),
    )


def bump(x: Any) -> Array:
    return np.asarray(0.05 + 0.9 * np.exp(-(((np.asarray(x) - 5) / 2) ** 2)))


def network(layers: list[Any], shape: tuple[int, ...], parameters: Any) -> mathdl.Network:
    net = mathdl.Network(layers, input_shape=shape, dtype="float64", seed=0)
    net.parameters[:] = parameters
    return net


# ------------------------------------------------------------------------------ 6.3.1: one variable


def test_eq_6_5() -> None:
    assert sigmoid(0.0)[0] == 0.5
    assert sigmoid(2.0)[0] == pytest.approx(0.880797077977882, abs=1e-15)
    t = np.linspace(-20, 20, 401)
    assert np.abs(sigmoid(t) + sigmoid(-t) - 1).max() < 3e-16
    slope = (sigmoid(t + 1e-5) - sigmoid(t - 1e-5)) / 2e-5
    assert np.abs(slope - sigmoid(t) * (1 - sigmoid(t))).max() < 1e-9
    assert (sigmoid(t) * (1 - sigmoid(t))).max() <= 0.25
    model = fixed([3.0], -1.5)
    assert probability(model, 0.5)[0] == 0.5
    assert np.diff(probability(model, [0.5 - 1e-5, 0.5 + 1e-5]))[0] / 2e-5 == pytest.approx(3 / 4, abs=1e-9)


def test_fig_6_5() -> None:
    values = sigmoid(np.linspace(-6, 6, 1001))
    assert np.all(np.diff(values) > 0)
    assert values.min() > 0
    assert values.max() < 1
    assert 1 - values[-1] < 0.0025
    assert values[-1] == pytest.approx(0.997527376843365, abs=1e-15)
    assert values[500] == 0.5


def test_eq_6_7() -> None:
    x, r = np.array([1.0, 2.0, 3.0, 4.0]), np.array([0, 0, 1, 1])
    for a, loss in [(1, 1.35098), (10, 0.0134313), (100, 3.857e-22)]:
        assert cross_entropy(a, -2.5 * a, x, r) == pytest.approx(loss, rel=1e-4)
    # The infimum 0 is not attained, so there is no minimiser to find; nor is there where only one outcome occurs.
    with pytest.warns(ConvergenceWarning, match="strictly"):
        model = exact().fit(x[:, None], r)
    assert model.status_ == "no minimiser"
    assert model.certify().kind == "no_minimiser"
    with pytest.warns(ConvergenceWarning, match="weakly"):
        exact().fit([[1.0], [2.0], [2.0], [3.0]], r[[0, 0, 2, 3]])
    with pytest.raises(InputError, match="two classes"):
        exact().fit(x[:, None], r * 0)
    # Where there is one, the objective is the mean of the terms, and its gradient there is 0.
    hours, passed = students()
    model = exact().fit(hours[:, None], passed)
    a, b = model.coef_[0, 0], model.intercept_[0]
    assert model.objective_ == pytest.approx(cross_entropy(a, b, hours, passed) / 100, rel=1e-14)
    generator = np.random.default_rng(0)
    for a, b in generator.normal(size=(20, 2)):
        q = sigmoid(a * hours + b)
        rows = np.stack([hours, np.ones(100)])
        assert np.linalg.eigvalsh((rows * q * (1 - q)) @ rows.T).min() >= 0
        slopes = rows @ (q - passed)
        for e, slope in zip(1e-5 * np.eye(2), slopes, strict=True):
            higher = cross_entropy(a + e[0], b + e[1], hours, passed)
            lower = cross_entropy(a - e[0], b - e[1], hours, passed)
            assert (higher - lower) / 2e-5 == pytest.approx(slope, abs=1e-6)


def test_fig_6_6() -> None:
    hours, passed = students()
    assert passed.sum() == 56
    model = exact().fit(hours[:, None], passed)
    a, b = model.coef_[0, 0], model.intercept_[0]
    assert (round(a, 4), round(b, 4), round(-b / a, 3)) == (2.1547, -6.4811, 3.008)
    rest = probability(model, hours) - passed
    assert max(abs(rest.sum()), abs(rest @ hours)) < 1e-9
    assert 2.3 <= -b / a <= 3.6
    assert probability(model, -b / a)[0] == pytest.approx(0.5, abs=1e-15)
    assert probability(model, 0.0)[0] < 0.1
    assert probability(model, 6.0)[0] > 0.9
    model.certify()
    assert model.status_ == "certified"


# ------------------------------------------------------------------------------ 6.3.2: two variables


def test_fig_6_7() -> None:
    X, accepted = applicants(600)
    assert X.shape == (600, 2)
    assert X[:, 0].min() >= 2
    assert X[:, 0].max() <= 4
    assert X[:, 1].min() >= 260
    assert X[:, 1].max() <= 340
    assert accepted.sum() == 264
    assert len({tuple(row) for row in X.tolist()}) == 544
    signs = np.where(accepted, 1.0, -1.0)
    rows = signs[:, None] * np.column_stack([(X - X.mean(axis=0)) / X.std(axis=0), np.ones(600)])
    assert linprog(np.zeros(3), A_ub=-rows, b_ub=-np.ones(600), bounds=[(None, None)] * 3).status == 2


def test_eq_6_8() -> None:
    generator = np.random.default_rng(0)
    X = generator.normal(size=(200, 2))
    model = fixed([1.5, -2.0], 0.25)
    values = X @ [1.5, -2.0] + 0.25
    assert np.array_equal(probability(model, X) > 0.5, values > 0)
    assert np.array_equal(model.predict(X), values > 0)
    for t in (0.5, 4.0):
        other = fixed([1.5 * t, -2.0 * t], 0.25 * t)
        assert np.array_equal(other.predict(X), model.predict(X))
        assert np.all((np.abs(probability(other, X) - 0.5) > np.abs(probability(model, X) - 0.5)) == (t > 1))
        assert np.allclose(other.decision_boundary_.distance(X), model.decision_boundary_.distance(X), rtol=1e-14)
    # The book allows any real factor. A negative one keeps the line but swaps the sides; with 0 there is no line.
    swapped = fixed([-1.5, 2.0], -0.25)
    assert np.allclose(probability(swapped, X), 1 - probability(model, X), atol=1e-16)
    assert not np.any(swapped.predict(X) == model.predict(X))
    assert np.all(probability(fixed([0.0, 0.0], 0.0), X) == 0.5)


def test_fig_6_8() -> None:
    X, accepted = applicants(600)
    Z = (X - X.mean(axis=0)) / X.std(axis=0)
    model = exact().fit(Z, accepted)
    assert model.coef_.round(3).tolist() == [[1.680, 0.992]]
    assert model.intercept_.round(3).tolist() == [-0.442]
    rest = model.predict_proba(Z)[:, 1] - accepted
    assert np.abs(np.column_stack([Z, np.ones(600)]).T @ rest).max() < 1e-9
    assert round(model.score(Z, accepted), 3) == 0.813
    line = model.decision_boundary_
    first = np.linspace(-2, 2, 50)
    second = (line.offset - line.normal[0] * first) / line.normal[1]
    assert np.abs(probability(model, np.column_stack([first, second])) - 0.5).max() < 1e-12
    raw = exact().fit(X, accepted)
    assert np.array_equal(raw.predict(X), model.predict(Z))
    assert raw.objective_ == pytest.approx(model.objective_, rel=1e-12)
    for seed in range(601, 606):
        X, accepted = applicants(seed)
        model = exact().fit(X, accepted)
        assert 0.72 < model.score(X, accepted) < 0.87
        assert np.all(model.coef_ > 0)


# ------------------------------------------------------------------------------ 6.3.3 and 6.3.4: networks


def test_fig_6_9() -> None:
    generator = np.random.default_rng(0)
    for n in (1, 2):
        weights, X = generator.normal(size=n + 1), generator.normal(size=(50, n))
        # One neuron (m = 1 in Definition 4.1.2; the book says k = 1).
        neuron = network([mathdl.Dense(1, activation="sigmoid")], (n,), weights)
        assert neuron.size == n + 1
        assert np.allclose(neuron(X)[:, 0], probability(fixed(weights[:n], weights[n]), X), atol=1e-15)
    neuron = network([mathdl.Dense(1, activation="sigmoid")], (3,), [1, -2, 0.5, -2])
    assert neuron(np.array([[2.0, 1.0, 4.0]])).tolist() == [[0.5]]


def slope_of(activation: str, x: float) -> float:
    """Return the derivative that backpropagation finds for one neuron x -> f(x)."""
    neuron = network([mathdl.Dense(1, activation=activation, bias=False)], (1,), [x])
    shown = neuron.backpropagate(np.array([1.0]), np.array([-1.0]), "mean_square")
    return float(shown.parameter_gradients[0][0] / (2 * (neuron(np.array([[1.0]]))[0, 0] + 1)))


def test_claim_6_3_3() -> None:
    assert slope_of("sigmoid", 0.0) == 0.25
    assert slope_of("sigmoid", 5.0) == pytest.approx(0.00664806, rel=1e-6)
    assert slope_of("sigmoid", 10.0) == pytest.approx(4.53958e-5, rel=1e-5)
    assert slope_of("relu", 5.0) == slope_of("relu", 10.0) == 1.0
    # On the negative side, which the book leaves out, it is the other way round.
    assert slope_of("relu", -10.0) == 0.0 < slope_of("sigmoid", -10.0) == pytest.approx(4.53958e-5, rel=1e-5)
    generator = np.random.default_rng(0)
    assert math.prod(slope_of("sigmoid", x) for x in generator.normal(size=10)) <= 0.25**10


def test_fig_6_10() -> None:
    def p(x: Any) -> Array:
        u = np.asarray(x) - 3
        return sigmoid(2 * u - 1.2 * np.sin(6 * u))

    x = np.linspace(0, 6, 601)
    assert np.any(np.diff(p(x)) < 0)
    crossings = np.flatnonzero(np.diff(np.sign(p(x + 1e-7) - 0.5)))
    found = [brentq(lambda t: p(t)[0] - 0.5, x[i], x[i + 1] + 1e-6) for i in crossings]
    assert np.allclose(found, [3 - 0.401440, 3, 3 + 0.401440], atol=1e-6)
    # 2u - 1.2 sin 6u grows by at least 2 d - 2.4 > 0 over any distance d > 1.2.
    far = np.array([(s, t) for s in x[::5] for t in x[::5] if s - t > 1.2])
    assert np.all(p(far[:, 0]) > p(far[:, 1]))
    model = exact().fit(*with_probabilities(x, p(x)))
    assert round(model.coef_[0, 0], 3) == 1.803
    assert model.decision_boundary_.offset / model.decision_boundary_.normal[0] == pytest.approx(3, abs=1e-12)
    outside = (x < 2.5) | (x > 3.5)
    assert np.array_equal(model.predict(x[outside, None]), p(x[outside]) > 0.5)


def test_fig_6_11() -> None:
    half = 2 * math.sqrt(math.log(2))
    assert (round(5 - half, 6), round(5 + half, 6)) == (3.334891, 6.665109)
    assert np.allclose(bump([5 - half, 5 + half]), 0.5, atol=1e-15)
    x = np.arange(11.0)
    model = exact().fit(*with_probabilities(x, bump(x)))
    assert abs(model.coef_[0, 0]) < 1e-12
    assert round(model.intercept_[0], 6) == -0.663219
    assert round(probability(model, 3.0)[0], 6) == 0.340017
    layers = [mathdl.Dense(2, activation="relu"), mathdl.Dense(1, activation="sigmoid")]
    two_layers = network(layers, (1,), [1, -1, -5, 5, -1, -1, half])
    grid = np.linspace(0, 10, 1001)
    values = two_layers(grid[:, None])[:, 0]
    crossings = grid[np.flatnonzero(np.diff(np.sign(values - 0.5)))]
    assert np.allclose(crossings, [5 - half, 5 + half], atol=0.01)


def test_claim_6_3_4() -> None:
    # Values 0.05, 0.95, 0.05 at 1, 2, 3: if |g(1) - 0.05| and |g(2) - 0.95| are below 0.45, an increasing g is above
    # 0.5 at 3, and a decreasing one is refuted by the first two. A constant 1/2 reaches 0.45.
    targets = [Fraction(1, 20), Fraction(19, 20), Fraction(1, 20)]
    steps = [Fraction(k, 20) for k in range(21)]
    ordered = [(a, b, c) for a in steps for b in steps for c in steps if a <= b <= c or a >= b >= c]
    assert min(max(abs(g - t) for g, t in zip(values, targets, strict=True)) for values in ordered) == Fraction(9, 20)
    for a in np.linspace(-5, 5, 21):
        for b in np.linspace(-10, 10, 21):
            assert np.abs(probability(fixed([a], b), [1.0, 2.0, 3.0]) - [0.05, 0.95, 0.05]).max() >= 0.45
    # 0.05 + 0.9 (1 - |x - 2|) on [1, 3], in two layers of ReLU.
    layers = [mathdl.Dense(2, activation="relu"), mathdl.Dense(1, activation="relu")]
    two_layers = network(layers, (1,), [1, -1, -2, 2, -0.9, -0.9, 0.95])
    assert np.allclose(two_layers(np.array([[1.0], [2.0], [3.0]]))[:, 0], [0.05, 0.95, 0.05], atol=1e-15)


# ------------------------------------------------------------------------------ exercises


def test_exercise_6_2a() -> None:
    model = fixed([1, -2, 0.5], -2.0)
    assert probability(model, [2, 1, 4]).tolist() == [0.5]
    values = probability(model, np.random.default_rng(0).normal(size=(100, 3)))
    assert values.min() > 0
    assert values.max() < 1


def test_exercise_6_2b() -> None:
    generator = np.random.default_rng(0)
    for n in range(1, 9):
        a, b, X = generator.normal(size=n), generator.normal(), generator.normal(size=(40, n))
        p = probability(fixed(a, b), X)
        assert np.allclose(p, 1 / (1 + np.exp(-(X @ a + b))), atol=1e-15)
        assert np.allclose(probability(fixed(-a, -b), X), 1 - p, atol=1e-15)
        neuron = network([mathdl.Dense(1, activation="sigmoid")], (n,), [*a, b])
        assert np.allclose(neuron(X)[:, 0], p, atol=1e-15)


def test_exercise_6_3() -> None:
    x = np.arange(11.0)
    model = exact().fit(*with_probabilities(x, bump(x)))
    mean = bump(x).mean()
    assert abs(model.coef_[0, 0]) < 1e-12
    assert model.intercept_[0] == pytest.approx(math.log(mean / (1 - mean)), abs=1e-12)
    assert model.intercept_[0] == pytest.approx(-0.663218876, abs=1e-9)
    grid = np.linspace(0, 10, 1001)
    assert np.all(probability(model, grid) < 0.5)
    assert np.count_nonzero(np.diff(np.sign(bump(grid) - 0.5))) == 2
    generator = np.random.default_rng(0)
    for _ in range(20):
        c, half = generator.normal(), generator.uniform(0.1, 3, 4)
        p = generator.uniform(0.05, 0.95, 4)
        points, chances = np.concatenate([c - half, c + half]), np.concatenate([p, p])
        model = exact().fit(*with_probabilities(points, chances))
        assert abs(model.coef_[0, 0]) < 1e-7
        assert model.intercept_[0] == pytest.approx(math.log(p.mean() / (1 - p.mean())), abs=1e-7)


def test_exercise_6_6a() -> None:
    generator = np.random.default_rng(66)
    hours = generator.integers(0, 7, 100)
    passed = generator.random(100) < sigmoid(1.6 * hours - 4.8)
    n = {x: int(np.sum(passed[hours == x])) for x in HOURS}
    f = {x: int(np.sum(~passed[hours == x])) for x in HOURS}
    assert sum(n.values()) == passed.sum()
    # The terms are -log p~ and -log (1 - p~) by hours: exactly as many of each, in any order of the students.
    a, b = 1.5, -4.0
    term = {(x, r): Fraction(math.log1p(math.exp(-(2 * r - 1) * (a * x + b)))) for x in HOURS for r in (0, 1)}
    single = sum(term[x, r] for x, r in zip(hours.tolist(), passed.astype(int).tolist(), strict=True))
    assert single == sum(n[x] * term[x, 1] + f[x] * term[x, 0] for x in HOURS)
    one_by_one = exact().fit(hours[:, None], passed)
    X = np.array([*HOURS, *HOURS], dtype=float)[:, None]
    together = exact().fit(X, np.repeat([True, False], 7), [*n.values(), *f.values()])
    assert together.objective_ == pytest.approx(one_by_one.objective_, rel=1e-14)
    assert np.allclose(together.coef_, one_by_one.coef_, rtol=1e-8)


def divergence(p: float, q: float) -> float:
    """Return KL(p, q) of two outcomes, 0 log 0 being 0."""
    return sum(s * math.log(s / t) for s, t in ((p, q), (1 - p, 1 - q)) if s > 0)


def test_exercise_6_6b() -> None:
    X, r, counts = grouped()
    model = exact().fit(X, r, counts)
    loss = 70 * model.objective_
    entropy = sum(-c * math.log(c / (n + f)) for n, f in zip(PASSED, NOT_PASSED, strict=True) for c in (n, f) if c > 0)
    assert loss == pytest.approx(23.9829199796, abs=1e-9)
    assert entropy == pytest.approx(23.4411797442, abs=1e-9)
    q = probability(model, HOURS)
    gap = sum((n + f) * divergence(n / (n + f), t) for n, f, t in zip(PASSED, NOT_PASSED, q, strict=True))
    assert loss - entropy == pytest.approx(0.5417402354, abs=1e-9)
    assert gap == pytest.approx(loss - entropy, abs=1e-9)


def test_exercise_6_6c() -> None:
    grid = np.arange(1, 31) / 10
    for a in grid:
        for b in grid:
            value = a * math.log(a / b) + b - a
            assert value >= -1e-15
            assert (value < 1e-12) == (a == b)
    assert all(t - 1 - math.log(t) >= 0 for t in grid)
    # For a = 0 the value is b. A logistic p~ lies strictly between 0 and 1, so with p = 0 there is no equality.
    assert divergence(0.0, 1e-3) > 0
    generator = random.Random(0)
    for _ in range(100):
        p, q = generator.random(), generator.random()
        assert divergence(p, q) > 0
        assert divergence(p, p) == 0


def test_exercise_6_6d() -> None:
    X, r, counts = grouped()
    model = exact().fit(X, r, counts)
    a, b = model.coef_[0, 0], model.intercept_[0]
    assert (round(a, 8), round(b, 8)) == (1.32026527, -3.96079582)
    assert b == pytest.approx(-3 * a, abs=1e-12)
    rest = counts * (probability(model, X) - r)
    assert abs(rest.sum()) < 1e-9
    assert abs(rest @ X[:, 0]) < 1e-9
    for a, b in [(0.5, -1.0), (2.0, -5.0)]:
        rest = counts * (probability(fixed([a], b), X) - r)
        higher, lower = (cross_entropy(a + e, b, X[:, 0], r, counts) for e in (1e-5, -1e-5))
        assert (higher - lower) / 2e-5 == pytest.approx(rest @ X[:, 0], abs=1e-6)
        higher, lower = (cross_entropy(a, b + e, X[:, 0], r, counts) for e in (1e-5, -1e-5))
        assert (higher - lower) / 2e-5 == pytest.approx(rest.sum(), abs=1e-6)


def test_exercise_6_6e() -> None:
    X, r, counts = grouped()
    model = exact().fit(X, r, counts)
    m = np.array(PASSED) + np.array(NOT_PASSED)
    q = probability(model, HOURS)
    assert sum(n * x for n, x in zip(PASSED, HOURS, strict=True)) == 157
    assert m * q @ np.array(HOURS) == pytest.approx(157, abs=1e-9)
    assert sum(PASSED) == 35
    assert (m * q).sum() == pytest.approx(35, abs=1e-9)
    # As printed the second equation, with its factor x, would say 35 = 157.
    assert abs(m * q @ np.array(HOURS) - sum(PASSED)) > 100


def test_exercise_6_6f() -> None:
    X, r, counts = grouped()
    m = np.array(PASSED) + np.array(NOT_PASSED)
    generator = np.random.default_rng(0)
    for _ in range(50):
        a, b = generator.normal(size=2)
        larger = probability(fixed([a + generator.uniform(0.01, 1)], b + generator.uniform(0.01, 1)), HOURS)
        assert m @ probability(fixed([a], b), HOURS) < m @ larger
        q = probability(fixed([a], b), HOURS)
        rows = np.stack([np.array(HOURS, dtype=float), np.ones(7)])
        assert np.linalg.eigvalsh((rows * m * q * (1 - q)) @ rows.T).min() > 0
    # So the minimiser is unique: whatever the order of the objects and the coordinate's origin, it is the same.
    first = exact().fit(X, r, counts)
    for shift in generator.normal(size=5):
        order = generator.permutation(14)
        model = exact().fit(X[order] + shift, r[order], counts[order])
        assert model.coef_[0, 0] == pytest.approx(first.coef_[0, 0], abs=1e-8)
        assert model.intercept_[0] + model.coef_[0, 0] * shift == pytest.approx(first.intercept_[0], abs=1e-8)
    assert first.certify().kind == "logistic"
