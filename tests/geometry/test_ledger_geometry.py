"""Figure 6.12: a bent boundary that no line is, but a hyperplane in a third coordinate."""

from __future__ import annotations

import numpy as np

from mathdl import separate, verify


def test_fig_6_12() -> None:
    X = np.random.default_rng(612).uniform(-2, 2, size=(120, 2))
    bend = X[:, 1] - X[:, 0] ** 2 + 1
    X, bend = X[np.abs(bend) > 0.25], bend[np.abs(bend) > 0.25]
    assert (len(X), (bend > 0).sum()) == (106, 48)
    crossed = separate(X[bend < 0], X[bend > 0])
    assert not crossed.separable
    assert crossed.common_point is not None
    assert verify(crossed.certificate, np.vstack([X[bend < 0], X[bend > 0]]), ["A"] * 58 + ["B"] * 48)
    feature = (X[:, 1] - X[:, 0] ** 2)[:, None]
    assert separate(feature[bend < 0], feature[bend > 0]).separable
    assert separate(np.c_[X, feature][bend < 0], np.c_[X, feature][bend > 0]).separable
