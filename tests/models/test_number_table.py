"""What a report says about an estimator is what it has learned."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl import HardMarginSVM, KMeans, LinearRegression, LogisticRegression, PolynomialRegression, SoftMarginSVM

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 2))
Y = X @ [1.0, 2.0] + RANDOM.normal(size=50)
NAMES = np.array(["no", "yes"])[(X[:, 0] > 0).astype(int)]


def test_objectives() -> None:
    line = LinearRegression().fit(X, Y)
    assert line.objective_value(X, Y) == pytest.approx(np.mean((X @ line.coef_ + line.intercept_ - Y) ** 2))
    hard = HardMarginSVM().fit(X, NAMES)
    assert hard.objective_value(X, NAMES) == pytest.approx(2 / hard.margin_**2)
    soft = SoftMarginSVM(0.1).fit(X, NAMES)
    hinge = np.maximum(0, 1 - np.where(NAMES == "yes", 1, -1) * soft.decision_function(X)).mean()
    assert soft.objective_value(X, NAMES) == pytest.approx(0.1 * np.sum(soft.coef_**2) + hinge)
    clusters = KMeans(3, random_state=0).fit(X)
    assert clusters.objective_value(X, None) == pytest.approx(-clusters.score(X))


def test_coefficients_of_a_polynomial_are_those_of_its_monomials() -> None:
    model = PolynomialRegression(degree=2).fit(X, 3 * X[:, 0] * X[:, 1] - X[:, 1] ** 2 + 7)
    found = model.table_of_learned(["a", "b"])
    rows = {str(name): float(str(value)) for name, value in found.rows}
    assert list(rows) == ["intercept", "a", "b", "a^2", "a \u00b7 b", "b^2"]
    assert list(rows.values()) == pytest.approx([7, 0, 0, 0, 3, -1], abs=1e-9)
    assert model.parameter_count == 6


def test_coefficients_of_classes() -> None:
    two = LogisticRegression(0.1).fit(X, NAMES).table_of_learned(["a", "b"])
    assert (list(two.columns), two.remark) == (["feature", "coefficient"], "The decision function is positive for yes.")
    three = LogisticRegression(0.1).fit(X, np.arange(50) % 3)
    found = three.table_of_learned(["a", "b"])
    assert list(found.columns) == ["feature", "0", "1", "2"]
    assert found.rows[2] == ["b", *three.coef_[:, 1].tolist()]
    assert three.parameter_count == 9


def test_centres() -> None:
    model = KMeans(12, random_state=0).fit(X)
    found = model.table_of_learned(["a", "b"])
    assert found.title == "Centres of the clusters"
    assert found.rows[0][1:] == np.bincount(model.labels_).tolist()[:10]
    assert found.rows[1] == ["a", *(float(f"{value:.3g}") for value in model.cluster_centers_[:10, 0])]
    assert found.remark == "2 more columns are in the model file."
    assert model.parameter_count == 24


def test_of_many_coefficients_the_largest_are_shown() -> None:
    many = RANDOM.normal(size=(200, 70))
    model = LinearRegression().fit(many, many @ np.arange(70))
    found = model.table_of_learned([f"x{k}" for k in range(70)])
    assert [row[0] for row in found.rows] == ["intercept", *(f"x{k}" for k in range(20, 70))]
    assert found.remark == "The 50 rows with the largest numbers; 20 more are in the model file."
