"""What is said about an estimator is what it has learned."""

from __future__ import annotations

import numpy as np
import pytest

from mathdl import HardMarginSVM, KMeans, LinearRegression, LogisticRegression, PolynomialRegression, SoftMarginSVM
from mathdl.runs.estimator_facts import OBJECTIVES, coefficients, learned, objective, parameter_count
from mathdl.runs.model_options import MODELS

RANDOM = np.random.default_rng(0)
X = RANDOM.normal(size=(50, 2))
Y = X @ [1.0, 2.0] + RANDOM.normal(size=50)
NAMES = np.array(["no", "yes"])[(X[:, 0] > 0).astype(int)]


def test_objectives() -> None:
    line = LinearRegression().fit(X, Y)
    assert objective(line, X, Y) == pytest.approx(np.mean((X @ line.coef_ + line.intercept_ - Y) ** 2))
    hard = HardMarginSVM().fit(X, NAMES)
    assert objective(hard, X, NAMES) == pytest.approx(2 / hard.margin_**2)
    soft = SoftMarginSVM(0.1).fit(X, NAMES)
    hinge = np.maximum(0, 1 - np.where(NAMES == "yes", 1, -1) * soft.decision_function(X)).mean()
    assert objective(soft, X, NAMES) == pytest.approx(0.1 * np.sum(soft.coef_**2) + hinge)
    clusters = KMeans(3, random_state=0).fit(X)
    assert objective(clusters, X, None) == pytest.approx(-clusters.score(X))
    assert {kind.estimator for kind in MODELS.values()} == set(OBJECTIVES)


def test_coefficients_of_a_polynomial_are_those_of_its_monomials() -> None:
    model = PolynomialRegression(degree=2).fit(X, 3 * X[:, 0] * X[:, 1] - X[:, 1] ** 2 + 7)
    found = coefficients(model, ["a", "b"])
    rows = {str(name): float(str(value)) for name, value in found.rows}
    assert list(rows) == ["intercept", "a", "b", "a^2", "a \u00b7 b", "b^2"]
    assert list(rows.values()) == pytest.approx([7, 0, 0, 0, 3, -1], abs=1e-9)
    assert parameter_count(model) == 6


def test_coefficients_of_classes() -> None:
    two = coefficients(LogisticRegression(0.1).fit(X, NAMES), ["a", "b"])
    assert (list(two.columns), two.remark) == (["feature", "coefficient"], "The decision function is positive for yes.")
    three = LogisticRegression(0.1).fit(X, np.arange(50) % 3)
    found = coefficients(three, ["a", "b"])
    assert list(found.columns) == ["feature", "0", "1", "2"]
    assert found.rows[2] == ["b", *three.coef_[:, 1].tolist()]
    assert parameter_count(three) == 9


def test_centres() -> None:
    model = KMeans(12, random_state=0).fit(X)
    found = coefficients(model, ["a", "b"])
    assert found.title == "Centres of the clusters"
    assert found.rows[0][1:] == np.bincount(model.labels_).tolist()[:10]
    assert found.rows[1] == ["a", *(float(f"{value:.3g}") for value in model.cluster_centers_[:10, 0])]
    assert found.remark == "2 more columns are in the model file."
    assert parameter_count(model) == 24


def test_of_many_coefficients_the_largest_are_shown() -> None:
    many = RANDOM.normal(size=(200, 70))
    model = LinearRegression().fit(many, many @ np.arange(70))
    found = coefficients(model, [f"x{k}" for k in range(70)])
    assert [row[0] for row in found.rows] == ["intercept", *(f"x{k}" for k in range(20, 70))]
    assert found.remark == "The 50 rows with the largest numbers; 20 more are in the model file."


def test_what_was_learned() -> None:
    found = learned(HardMarginSVM().fit(X, NAMES))
    assert found["status_"] == "converged"
    assert found["coef_"] == "array of shape (1, 2)"
    assert isinstance(found["intercept_"], float)
    assert not any(name.startswith("_") for name in found)
