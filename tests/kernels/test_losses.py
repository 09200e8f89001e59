"""The kernels of losses, each alone: against the definition, at kinks, at the ends of the range, at NaN."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
import peers
from kernels.one_row import COUNTS, DTYPES, INPUT, INPUT_GRADIENT, OUTPUT, run
from mathdl.kernels import losses

KERNELS = {name: getattr(losses, name) for name in peers.LOSSES}


def apply(name: str, z: Any, y: Any, weights: Any = None, dtype: str = "float64") -> tuple[Any, Any]:
    """Return each object's weighted loss, and its gradient with respect to the outputs."""
    z = np.asarray(z, float)
    n, width = z.shape
    given = {
        INPUT: z,
        "targets": np.asarray(y, float).reshape(n, -1),
        "object_weights": np.ones((n, 1)) if weights is None else weights[:, None],
    }
    found = run(KERNELS[name], n, dtype, [width], given, {OUTPUT: 1, INPUT_GRADIENT: width})
    return found[OUTPUT][:, 0], found[INPUT_GRADIENT]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("n", COUNTS)
@pytest.mark.parametrize("width", [2, 5])
@pytest.mark.parametrize("name", KERNELS)
def test_equals_the_definition(dtype: str, n: int, width: int, name: str) -> None:
    generator = np.random.default_rng(n)
    z, weights = generator.normal(size=(n, width)).astype(dtype).astype(float), generator.uniform(0, 2, size=n)
    y = peers.targets(name, width, n, generator)
    if name in ("mean_square", "huber"):
        y = y.astype(dtype)
    value, gradient = apply(name, z, y, weights, dtype)
    tolerance = 16 * np.finfo(dtype).eps
    truth = weights[:, None] * naive.object_gradients(name, z, y)
    np.testing.assert_allclose(value, weights * naive.object_losses(name, z, y), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(gradient, truth, rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("dtype", DTYPES)
def test_hinge_at_its_kink(dtype: str) -> None:
    value, gradient = apply("hinge", [[1.0, -1.0, 0.5, -3.0]], [[1, -1, 1, -1]], dtype=dtype)
    assert value.tolist() == [0.5]
    assert gradient.tolist() == [[0, 0, -1, 0]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_huber_from_squares_to_lengths(dtype: str) -> None:
    value, gradient = apply("huber", [[0.5, 1.0, -1.0, 3.0, -1e6]], [[0, 0, 0, 1, 0]], dtype=dtype)
    assert value.tolist() == [0.25 + 1 + 1 + 3 + (2e6 - 1)]
    assert gradient.tolist() == [[1, 2, -2, 2, -2]]


@pytest.mark.parametrize("dtype", DTYPES)
def test_entropies_of_large_logits(dtype: str) -> None:
    """The naive log of a softmax or sigmoid would be infinite or NaN here."""
    value, gradient = apply("cross_entropy", [[1000.0, 0.0], [1000.0, 0.0]], [0, 1], dtype=dtype)
    assert value.tolist() == [0, 1000]
    assert gradient.tolist() == [[0, 0], [1, -1]]
    value, gradient = apply("binary_cross_entropy", [[1000.0], [-1000.0], [1000.0]], [1, 0, 0], dtype=dtype)
    assert value.tolist() == [0, 0, 1000]
    assert gradient.tolist() == [[0], [0], [1]]


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("name", KERNELS)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_nan_makes_the_loss_nan(dtype: str, name: str, place: int) -> None:
    """Divergence is seen in the loss, so no loss may hide it."""
    z, y = np.zeros((2, 3)), np.ones((2, 3)) if name != "cross_entropy" else np.array([1, 1])
    z[0, place] = np.nan
    value, _ = apply(name, z, y, dtype=dtype)
    assert np.isnan(value[0])
    assert np.isfinite(value[1])


@pytest.mark.parametrize("name", KERNELS)
def test_an_object_of_weight_zero_counts_for_nothing(name: str) -> None:
    z = np.array([[1.0, -2.0], [0.5, 0.25]])
    y = np.array([0, 1]) if name == "cross_entropy" else np.ones((2, 2))
    value, gradient = apply(name, z, y, np.array([0.0, 1.0]))
    assert value[0] == 0
    assert not gradient[0].any()
    assert gradient[1].any()
