from __future__ import annotations

import numpy as np
import pytest

from mathdl.exact.conditioning import conditioned
from mathdl.exact.dyadic import balanced
from mathdl.exact.linear_algebra import solve
from mathdl.exact.nearest_points import separating
from mathdl.exact.whole_numbers import relative

NODES = np.linspace(0, 1, 60)
GENERATOR = np.random.default_rng(0)
CLOUD = GENERATOR.normal(size=(50, 6))
TABLES = {
    "powers": np.vander(NODES, 25),
    "nearly equal columns": np.hstack([CLOUD, CLOUD + 1e-12 * GENERATOR.normal(size=(50, 6))]),
    "equal columns": np.hstack([CLOUD, CLOUD]),
    "few points": CLOUD[:4],
    "equal points": np.ones((5, 3)),
    "scales": CLOUD * 10.0 ** np.arange(-150, 150, 50),
}


@pytest.mark.parametrize("name", TABLES)
def test_the_change_of_coordinates_is_exact_and_can_be_undone(name: str) -> None:
    rows, _ = balanced(TABLES[name])
    new, matrix = conditioned(rows)
    assert (np.array(rows, dtype=object) @ matrix).tolist() == new
    assert solve(matrix.tolist(), [[1]] * len(matrix)) is not None


@pytest.mark.parametrize("name", ["powers", "nearly equal columns", "scales"])
def test_every_direction_becomes_visible(name: str) -> None:
    rows, _ = balanced(TABLES[name])
    varying = np.ptp(TABLES[name], axis=0) > 0
    sizes = [np.linalg.svd(relative(points)[:, varying], compute_uv=False) for points in (rows, conditioned(rows)[0])]
    assert sizes[1][0] < 100 * sizes[1][-1]
    assert name == "scales" or sizes[0][0] > 1e8 * sizes[0][-1]


@pytest.mark.parametrize("labels", ["alternating", "blocks", "random"])
def test_powers_of_one_feature_are_decided(labels: str) -> None:
    signs = {
        "alternating": np.where(np.arange(60) % 2, 1, -1),
        "blocks": np.where(np.arange(60) // 6 % 2, 1, -1),
        "random": np.where(np.random.default_rng(1).random(60) < 0.5, 1, -1),
    }[labels].tolist()
    weights, direction, values = separating(balanced(TABLES["powers"])[0], signs)
    rows = np.array(balanced(TABLES["powers"])[0], dtype=object)
    assert (rows @ np.array(direction, dtype=object)).tolist() == values
    if any(direction):
        assert min(v for v, s in zip(values, signs, strict=True) if s > 0) > max(
            v for v, s in zip(values, signs, strict=True) if s < 0
        )
    else:
        total = sum(signs[i] * weight * rows[i] for i, weight in weights.items())
        assert total.tolist() == [0] * 25
