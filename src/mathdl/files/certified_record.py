"""What an estimator with certificates has learned, as a record and arrays, and back.

The training data and the certificate are not part of it, so a file cannot say "certified": that status is written as
"converged".
"""

from __future__ import annotations

from fractions import Fraction
from math import comb
from operator import attrgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import text_of
from mathdl.certificates.rationals import Refused, rational
from mathdl.errors import FileError
from mathdl.files.plain_values import labels_of_record, record_of_labels
from mathdl.models.certified import CERTIFIED, CONVERGED, INEXACT, LIMIT_REACHED, MINIMUM_NORM, NO_MINIMISER
from mathdl.solvers.chebyshev_basis import ChebyshevBasis
from mathdl.solvers.hard_margin import HardMargin

Array = NDArray[Any]

# The attributes that are numbers, with their shapes: p features, r rows of coefficients (one for two
# classes, else one a class); other letters stand for any length, and * for several targets, or no axis at all.
SHAPES = {
    "LinearRegression": {"coef_": "* p", "intercept_": "*"},
    "PolynomialRegression": {
        **{"basis_coef_": "* t", "basis_intercept_": "*", "coef_": "* t", "intercept_": "*"},
        **{"basis_.centres": "p", "basis_.scales": "p"},
    },
    "LogisticRegression": {"coef_": "r p", "intercept_": "r", "objective_": "", "gap_": "", "n_iter_": "1"},
    "HardMarginSVM": {
        **{"coef_": "1 p", "intercept_": "1", "margin_": "", "gap_": ""},
        **{"support_": "s", "dual_coef_": "1 s"},
    },
    "SoftMarginSVM": {
        **{"coef_": "1 p", "intercept_": "1", "intercept_interval_": "2", "margin_": "", "objective_": ""},
        **{"dual_objective_": "", "multipliers_": "n", "support_": "s", "n_iter_": ""},
    },
    "KMeans": {"cluster_centers_": "k p", "labels_": "n", "inertia_": "", "n_iter_": ""},
}
# What predicts must be finite; the monomials' coefficients of a polynomial need not be.
PREDICTS = {
    "PolynomialRegression": ("basis_coef_", "basis_intercept_", "basis_.centres", "basis_.scales"),
    "KMeans": ("cluster_centers_",),
}
WHOLE = ("labels_", "n_iter_", "support_")
STATUSES = (CONVERGED, INEXACT, NO_MINIMISER, MINIMUM_NORM, LIMIT_REACHED)


def record_of_learned(estimator: Any) -> tuple[dict[str, Any], dict[str, Array]]:
    """Return what a fitted estimator has learned.

    Parameters
    ----------
    estimator : one of the classes in ``SHAPES``

    Returns
    -------
    record : dict
    arrays : dict of str to ndarray
    """
    kind = type(estimator).__name__
    record: dict[str, Any] = {"status": CONVERGED if estimator.status_ == CERTIFIED else estimator.status_}
    arrays = {name: np.asarray(attrgetter(name)(estimator)) for name in SHAPES[kind]}
    # A product of matrices rounds by how they lie in memory.
    record["by_columns"] = [name for name, array in arrays.items() if not array.flags.c_contiguous]
    if hasattr(estimator, "classes_"):
        record["classes"] = record_of_labels(estimator.classes_)
    if kind == "PolynomialRegression":
        record["degree"] = estimator.basis_.degree
    if hasattr(estimator, "exact_coef_"):
        record |= {name: _texts(getattr(estimator, name)) for name in ("exact_coef_", "exact_intercept_")}
    if (strip := getattr(estimator, "exact_solution_", None)) is not None:
        record["exact_solution_"] = _record_of_strip(strip)
    return record, arrays


def restore(estimator: Any, record: dict[str, Any], arrays: dict[str, Array]) -> None:
    """Give an estimator back what it had learned.

    Parameters
    ----------
    estimator : one of the classes in ``SHAPES``
        Not fitted, but for the number of its features.
    record : dict
    arrays : dict of str to ndarray
        What ``record_of_learned`` returned.

    Raises
    ------
    InputError
        If the record is not sound.
    """
    kind = type(estimator).__name__
    if record["status"] not in STATUSES:
        raise FileError(f"its status is {record['status']!r}")
    sizes = {"p": estimator.n_features_in_}
    if "classes" in record:
        count = max(2, len(record["classes"]["values"])) if kind == "LogisticRegression" else 2
        estimator.classes_ = labels_of_record(record["classes"], count)
        sizes |= {"r": 1 if count == 2 else count}
    _check(kind, sizes, arrays)
    for name in SHAPES[kind]:
        array = np.asfortranarray(arrays[name]) if name in record["by_columns"] else arrays[name]
        if "." not in name:
            setattr(estimator, name, array if array.ndim else array.item())
    if kind == "PolynomialRegression":
        _restore_basis(estimator, record["degree"], arrays)
    if "exact_coef_" in record:
        estimator.exact_coef_ = _fractions(record["exact_coef_"], np.shape(estimator.coef_))
        estimator.exact_intercept_ = _fractions(record["exact_intercept_"], np.shape(estimator.intercept_))
    if kind == "HardMarginSVM":
        strip = record.get("exact_solution_")
        estimator.exact_solution_ = None if strip is None else _strip_of_record(strip, estimator.n_features_in_)
    estimator.status_ = record["status"]


def _check(kind: str, sizes: dict[str, int], arrays: dict[str, Array]) -> None:
    """Refuse arrays of other shapes or types than the class has, and coefficients that are not finite."""
    targets = arrays["intercept_"].shape if "Regression" in kind and "intercept_" in arrays else ()
    for name, shape in SHAPES[kind].items():
        array = arrays[name]
        letters = shape.split()
        expected = [*targets, *letters[1:]] if letters[:1] == ["*"] else letters
        if array.dtype.kind != ("i" if name in WHOLE else "f"):
            raise FileError(f"its {name} is of the type {array.dtype}")
        if array.ndim != len(expected):
            raise FileError(f"its {name} has shape {array.shape}")
        for size, letter in zip(array.shape, expected, strict=True):
            needed = int(letter) if str(letter).isdigit() else sizes.setdefault(str(letter), size)
            if size != needed:
                raise FileError(f"its {name} has shape {array.shape}, which does not go with its other numbers")
    for name in PREDICTS.get(kind, ("coef_", "intercept_")):
        if not np.isfinite(arrays[name]).all():
            raise FileError(f"a number of its {name} is not finite")


def _restore_basis(estimator: Any, degree: Any, arrays: dict[str, Array]) -> None:
    """Make the products of a polynomial's basis again, whose number is checked before they are made."""
    centres, scales = arrays["basis_.centres"], arrays["basis_.scales"]
    p, terms = len(centres), arrays["basis_coef_"].shape[-1]
    if (
        type(degree) is not int
        or not 0 <= degree <= terms
        or (degree and p > terms)
        or comb(p + degree, p) - 1 != terms
    ):
        raise FileError(f"its degree {degree!r} does not go with {p} features and {terms} terms")
    if not (scales > 0).all():
        raise FileError("a scale of its basis is not positive")
    estimator.basis_ = ChebyshevBasis(degree, centres, scales)
    estimator.powers_ = estimator.basis_.powers


def _texts(numbers: Any) -> Any:
    """Return a fraction, or an array of them, as texts."""
    return text_of(numbers) if isinstance(numbers, Fraction) else [_texts(number) for number in numbers]


def _fraction(text: Any) -> Fraction:
    """Return the fraction of a text."""
    try:
        return rational(text)
    except Refused as refusal:
        raise FileError(str(refusal)) from None


def _fractions(texts: Any, shape: tuple[int, ...]) -> Any:
    """Return a fraction, or an array of them."""
    if shape == ():
        return _fraction(texts)
    if not isinstance(texts, list) or len(texts) != shape[0]:
        raise FileError(f"its fractions are not of shape {shape}")
    return np.array([_fractions(part, shape[1:]) for part in texts], dtype=object)


def _record_of_strip(strip: HardMargin) -> dict[str, Any]:
    """Return an exact solution with its fractions as texts."""
    return {
        "normal": _texts(strip.normal),
        "offset": _texts(strip.offset),
        "multipliers": [[int(i), _texts(value)] for i, value in strip.multipliers.items()],
        "support": [int(i) for i in strip.support],
        "half_square": _texts(strip.half_square),
        "gap": _texts(strip.gap),
    }


def _strip_of_record(record: dict[str, Any], features: int) -> HardMargin:
    """Return the exact solution."""
    multipliers = {i: _fraction(text) for i, text in record["multipliers"]}
    if not all(type(i) is int and i >= 0 for i in [*multipliers, *record["support"]]):
        raise FileError("its support is no list of whole numbers")
    numbers = {name: _fraction(record[name]) for name in ("offset", "half_square", "gap")}
    normal = tuple(_fractions(record["normal"], (features,)))
    return HardMargin(normal=normal, multipliers=multipliers, support=record["support"], **numbers)
