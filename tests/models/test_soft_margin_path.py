"""The exact path of the soft margin: its value is that of a primal and a dual point, and no other solver finds less."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st
from sklearn.svm import SVC

from mathdl import HardMarginSVM, SoftMarginSVM
from mathdl.errors import InputError

LAMBDAS = [Fraction(1, 1000), Fraction(1, 9), Fraction(1, 2), Fraction(2), Fraction(50)]


def loss(lam: Fraction, w: Any, b: Fraction, X: Any, y: Any, weights: Any) -> Fraction:
    """(7.12), written down."""
    hinges = [
        weight
        * max(Fraction(0), 1 - (1 if label else -1) * (sum(v * Fraction(x) for v, x in zip(w, row, strict=True)) - b))
        for row, label, weight in zip(X, y, weights, strict=True)
    ]
    return lam * sum(v * v for v in w) + Fraction(sum(hinges)) / sum(weights)


@st.composite
def problems(draw: Any) -> Any:
    N, p = draw(st.integers(2, 9)), draw(st.integers(1, 3))
    X = draw(st.lists(st.lists(st.integers(-3, 3), min_size=p, max_size=p), min_size=N, max_size=N))
    y = [0, 1, *draw(st.lists(st.integers(0, 1), min_size=N - 2, max_size=N - 2))]
    return X, y, draw(st.lists(st.integers(1, 3), min_size=N, max_size=N))


@seed(74)
@settings(max_examples=80, deadline=None)
@given(problems())
def test_every_piece_is_the_minimum(problem: Any) -> None:
    X, y, weights = problem
    path = SoftMarginSVM().exact_path(X, y, weights)
    assert path.pieces[0].low == 0
    assert path.pieces[-1].high is None
    for before, after in zip(path.pieces, path.pieces[1:], strict=False):
        assert before.high == after.low
        assert before.normal != after.normal
    middles = [(piece.low + (piece.high or piece.low + 1)) / 2 for piece in path.pieces]
    for lam in [*LAMBDAS, *path.breaks, *middles]:
        w, (low, high), value = path.at(lam)
        for b in (low, (low + high) / 2, high):
            assert loss(lam, w, b, X, y, weights) == value
        for b in (low - 1, high + 1):
            assert loss(lam, w, b, X, y, weights) > value
    for lam in (0.01, 1.0):
        model = SoftMarginSVM(lam, tol=1e-12).fit(X, y, weights)
        assert model.dual_objective_ <= float(path.at(lam).objective) + 1e-12
        assert float(path.at(lam).objective) <= model.objective_ + 1e-12


def test_it_starts_at_the_hard_margin() -> None:
    X = np.random.default_rng(7).normal(size=(12, 2)) + np.repeat([[0.0], [5.0]], 6, axis=0)
    y = np.repeat([0, 1], 6)
    hard = HardMarginSVM().fit(X, y).exact_solution_
    path = SoftMarginSVM().exact_path(X, y)
    assert hard is not None
    assert path.pieces[0].normal == (hard.normal, (0, 0))
    assert path.at(path.breaks[0]).normal == hard.normal


def test_a_peer_finds_the_same() -> None:
    X = np.random.default_rng(8).normal(size=(30, 2))
    y = (X.sum(axis=1) > np.random.default_rng(9).normal(size=30)).astype(int)
    path = SoftMarginSVM().exact_path(X, y)
    assert len(path.pieces) > 10
    for lam in (0.001, 0.03, 1.0):
        peer = SVC(kernel="linear", C=1 / (2 * lam * 30), tol=1e-9).fit(X, y)
        np.testing.assert_allclose([float(v) for v in path.at(lam).normal], peer.coef_[0], atol=1e-6)


@pytest.mark.parametrize("lam", [0, -1, float("nan"), float("inf"), "1", None, True, 1j])
def test_bad_lambdas(lam: Any) -> None:
    with pytest.raises(InputError, match=r"regularization is .*; give .*finite number"):
        SoftMarginSVM().exact_path([[0], [1]], [0, 1]).at(lam)


def test_too_many_objects() -> None:
    with pytest.raises(InputError, match="X holds 1002 numbers; give at most 1000"):
        SoftMarginSVM().exact_path(np.arange(1002.0).reshape(501, 2), np.arange(501) % 2)


def test_what_is_printed() -> None:
    one = SoftMarginSVM().exact_path([[0.0], [0.0]], [0, 1])
    assert repr(one) == "SoftMarginPath: 1 piece"
    assert (
        repr(SoftMarginSVM().exact_path([[0.0], [1.0]], [0, 1]))
        == "SoftMarginPath: 2 pieces, which meet at lambda = 1/8"
    )
