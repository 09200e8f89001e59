"""The pass of logistic regression against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import log_softmax, softmax

from mathdl.kernels import logistic


@pytest.mark.parametrize(("features", "rows", "dtype"), [(1, 1, "float64"), (20, 3, "float64"), (65, 1, "float32")])
def test_a_pass_sums_what_the_formulas_say(features: int, rows: int, dtype: str) -> None:
    generator, count, width = np.random.default_rng(0), 2 * logistic.BLOCK_OBJECTS + 5, logistic.width_of(features)
    X, shares = generator.normal(size=(count, features)), generator.uniform(0.5, 1, count)
    codes, shift = generator.integers(0, max(rows, 2), count), generator.normal(size=features)
    factor, parameters = generator.uniform(0.5, 2, features), np.zeros((rows, width))
    parameters[:, : features + 1] = generator.normal(size=(rows, features + 1)) / np.sqrt(features)
    before, logits = generator.normal(size=(rows, count)), np.zeros((rows, count))
    gradient, noted = np.zeros(rows * width), np.array([0.0, 0.0, np.inf])
    hessian = np.zeros(rows * (rows + 1) // 2 * width * width, dtype)
    work, factors = np.zeros(logistic.work_of(width, rows)), np.zeros(logistic.products_of(width), dtype)
    objects = logistic.Objects(X.ravel(), codes, shares, shift, factor)
    sums = logistic.Sums(logits.ravel(), gradient, hessian, noted)
    for first, last in [(3, 70), (70, count)]:
        logistic.logistic_pass(objects, parameters.ravel(), rows, before.ravel(), sums, work, factors, first, last)

    Z = np.column_stack([(X - shift) * factor, np.ones(count)])[3:]
    z = Z @ parameters[:, : features + 1].T
    assert np.allclose(logits[:, 3:], z.T, atol=1e-13)
    assert not logits[:, :3].any()
    moved, code, share = z - before.T[3:], codes[3:], shares[3:]
    assert noted[logistic.CHANGE] == pytest.approx(np.abs(moved).max() if rows == 1 else np.ptp(moved, axis=1).max())
    z = np.column_stack([0 * z, z]) if rows == 1 else z
    own = np.eye(z.shape[1])[code]
    lead = z[own == 1] - np.where(own == 1, -np.inf, z).max(axis=1)
    assert noted[logistic.MARGIN] == pytest.approx(lead.min())
    assert noted[logistic.LOSS] == pytest.approx(-share @ log_softmax(z, axis=1)[own == 1])
    p = softmax(z, axis=1)[:, -rows:]
    wanted = (share[:, None] * (p - own[:, -rows:])).T @ Z
    assert np.allclose(gradient.reshape(rows, width)[:, : features + 1], wanted, atol=1e-12)
    assert not gradient.reshape(rows, width)[:, features + 1 :].any()
    blocks = iter(hessian.reshape(-1, width, width))
    for k in range(rows):
        for m in range(k, rows):
            weight = share * p[:, k] * ((k == m) - p[:, m])
            block = np.triu(next(blocks)[: features + 1, : features + 1])
            tolerance = 1e-12 if dtype == "float64" else 1e-4
            assert np.allclose(block, np.triu((Z * weight[:, None]).T @ Z), atol=tolerance)


def test_column_sums() -> None:
    generator = np.random.default_rng(0)
    X, shares, sums = generator.normal(size=(30, 3)), generator.uniform(size=30), np.zeros(6)
    logistic.column_sums(X, shares, 0, 12, sums)
    logistic.column_sums(X, shares, 12, 30, sums)
    assert np.allclose(sums, [*(shares @ (X - X[0])), *(shares @ (X - X[0]) ** 2)], atol=1e-13)
