"""What there is to say about a fitted estimator: its objective, its coefficients, and the plane that it divides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.runs.report_record import TableOfNumbers

Array = NDArray[Any]
MOST_ROWS, MOST_COLUMNS, ROOMY = 50, 10, 6  # of a table of coefficients; columns from which on figures are few
OBJECTIVES = {
    "LinearRegression": "mean square error of the training",
    "PolynomialRegression": "mean square error of the training",
    "LogisticRegression": "\N{GREEK SMALL LETTER LAMDA}|w|² + mean cross-entropy",
    "HardMarginSVM": "|w|² / 2",
    "SoftMarginSVM": "\N{GREEK SMALL LETTER LAMDA}|w|² + mean hinge loss",
    "KMeans": "sum of squared distances to the centres",
}


def objective(estimator: Any, X: Array, y: Any) -> float:
    """Return the value of what the estimator minimises.

    Parameters
    ----------
    estimator : estimator
        One of those in ``OBJECTIVES``, fitted.
    X : ndarray of shape (N, p)
    y : ndarray of shape (N,) or None
        What it was fitted to.

    Returns
    -------
    float
    """
    kind = type(estimator).__name__
    if kind == "KMeans":
        return float(estimator.inertia_)
    if kind == "HardMarginSVM":
        return float(np.sum(estimator.coef_**2) / 2)
    if kind in ("LogisticRegression", "SoftMarginSVM"):
        return float(estimator.objective_)
    return float(np.mean((estimator.predict(X) - y) ** 2))


def parameter_count(estimator: Any) -> int:
    """Return how many numbers predict.

    Parameters
    ----------
    estimator : estimator
        Fitted.

    Returns
    -------
    int
    """
    if hasattr(estimator, "cluster_centers_"):
        return int(estimator.cluster_centers_.size)
    return int(np.size(estimator.coef_) + np.size(estimator.intercept_))


def learned(estimator: Any) -> dict[str, float | int | str]:
    """Return what an estimator has learned: numbers and texts as they are, and the shapes of arrays.

    Parameters
    ----------
    estimator : estimator
        Fitted.

    Returns
    -------
    dict
        By the names of the attributes; without those of classes and features.
    """
    found: dict[str, float | int | str] = {}
    for name, value in sorted(vars(estimator).items()):
        if name.endswith("_") and name not in ("classes_", "feature_names_in_"):
            if isinstance(value, np.ndarray) and value.size != 1:
                found[name] = f"array of shape {value.shape}"
            elif isinstance(value, np.ndarray | np.generic):
                found[name] = plain if isinstance(plain := value.item(), float | int | str) else str(plain)
            elif isinstance(value, float | int | str):
                found[name] = value
    return found


def coefficients(estimator: Any, features: Sequence[str]) -> TableOfNumbers:
    """Return the coefficients, or the centres of clusters, as a table.

    Parameters
    ----------
    estimator : estimator
        Fitted, for one target.
    features : sequence of p str
        What the features are called.

    Returns
    -------
    TableOfNumbers
        With the largest coefficients where there are many.
    """
    if hasattr(estimator, "cluster_centers_"):
        return _centres(estimator, features)
    matrix, intercept = np.atleast_2d(estimator.coef_), np.atleast_1d(estimator.intercept_)
    names = [_monomial(row, features) for row in estimator.powers_] if hasattr(estimator, "powers_") else features
    heads = ["coefficient"] if len(matrix) == 1 else [str(label) for label in estimator.classes_]
    rows, remark = _largest(matrix, names)
    if len(matrix) == 1 and hasattr(estimator, "classes_"):
        remark = f"The decision function is positive for {estimator.classes_[1]}. {remark}".strip()
    return _table("Coefficients", "feature", heads, [["intercept", *intercept.tolist()], *rows], remark)


def _centres(estimator: Any, features: Sequence[str]) -> TableOfNumbers:
    """Return the centres of clusters, with the number of their training objects."""
    centres = estimator.cluster_centers_
    counts = np.bincount(estimator.labels_, minlength=len(centres)).tolist()
    rows, remark = _largest(centres, features)
    heads = [f"cluster {k}" for k in range(len(centres))]
    return _table("Centres of the clusters", "feature", heads, [["objects of the training", *counts], *rows], remark)


def _largest(matrix: Array, names: Sequence[str]) -> tuple[list[list[object]], str]:
    """Return one row for each column of a matrix; of many, those with the largest numbers."""
    order = np.arange(matrix.shape[1])
    if len(order) > MOST_ROWS:
        order = np.sort(np.argsort(-np.abs(matrix).max(axis=0), kind="stable")[:MOST_ROWS])
    left = matrix.shape[1] - len(order)
    return (
        [[names[k], *matrix[:, k].tolist()] for k in order.tolist()],
        f"The {MOST_ROWS} rows with the largest numbers; {left:,} more are in the model file." if left else "",
    )


def _table(title: str, first: str, heads: list[str], rows: list[list[object]], remark: str) -> TableOfNumbers:
    """Return a table of not too many columns."""
    left = len(heads) - MOST_COLUMNS
    if left > 0:
        remark = f"{remark} {left:,} more columns are in the model file.".strip()
    rows = [row[: MOST_COLUMNS + 1] for row in rows]
    if len(heads) > ROOMY:
        rows = [[float(f"{value:.3g}") if isinstance(value, float) else value for value in row] for row in rows]
    return TableOfNumbers(title, [first, *heads[:MOST_COLUMNS]], rows, remark)


def _monomial(powers: Array, features: Sequence[str]) -> str:
    """Write a product of powers of features."""
    used = [(name, power) for name, power in zip(features, powers.tolist(), strict=True) if power]
    parts = [name if power == 1 else f"{name}^{power}" for name, power in used]
    return " \N{MIDDLE DOT} ".join(parts)
