"""How a least-squares fit depends on each measurement."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mathdl import LinearRegression, sensitivity
from mathdl.errors import InputError

tables = st.lists(st.lists(st.integers(-5, 5), min_size=2, max_size=2), min_size=1, max_size=6)


@settings(max_examples=60)
@given(tables, st.integers(0, 5), st.integers(-3, 3))
def test_a_changed_measurement_changes_the_fit_as_stated(X: list[list[int]], which: int, change: int) -> None:
    which %= len(X)
    found = sensitivity(X, exact=True)
    y = np.arange(len(X)) ** 2 % 5 * 1.0
    before = LinearRegression(exact=True).fit(X, y)
    y[which] += change
    after = LinearRegression(exact=True).fit(X, y)
    assert (after.exact_coef_ - before.exact_coef_).tolist() == [change * value for value in found.coef[which]]
    assert after.exact_intercept_ - before.exact_intercept_ == change * found.intercept[which]
    own = [Fraction(v) for v in X[which]]
    moved = change * (sum(a * v for a, v in zip(found.coef[which], own, strict=True)) + found.intercept[which])
    assert moved == change * found.leverages[which]
    centred = np.array(X) - np.mean(X, axis=0)
    assert sum(found.leverages) == np.linalg.matrix_rank(centred) + 1
    assert all(0 <= value <= 1 for value in found.leverages)
    rounded = sensitivity(X)
    assert np.allclose(rounded.coef, found.coef.astype(float), atol=1e-9)
    assert np.allclose(rounded.leverages, found.leverages.astype(float), atol=1e-9)


def test_it_is_the_pseudoinverse_and_the_hat_matrix() -> None:
    X = np.random.default_rng(0).normal(size=(20, 3))
    found = sensitivity(X)
    design = np.column_stack([X, np.ones(20)])
    inverse = np.linalg.pinv(design)
    assert np.allclose(found.coef, inverse[:3].T, atol=1e-12)
    assert np.allclose(found.intercept, inverse[3], atol=1e-12)
    assert np.allclose(found.leverages, np.diag(design @ inverse), atol=1e-12)
    assert np.allclose(found.amplification, np.linalg.norm(inverse, axis=0), atol=1e-12)
    assert found.worst == np.argmax(np.linalg.norm(inverse, axis=0))


def test_nonsense_is_refused() -> None:
    with pytest.raises(InputError, match=r"at most 2,000"):
        sensitivity(np.zeros((2001, 1)))
    with pytest.raises(InputError, match="True or False"):
        sensitivity([[1.0]], exact="yes")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="NaN"):
        sensitivity([[np.nan]])
