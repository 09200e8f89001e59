"""By how much the outputs of a network change at most where its inputs change within a box."""

from __future__ import annotations

from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.blas import one_thread
from mathdl.checks import is_number, require_at_least, shortened
from mathdl.errors import InputError
from mathdl.exact.whole_numbers import nearest_float
from mathdl.layers.pieces import Piece
from mathdl.networks.float_steps import gradients_of, outputs_of
from mathdl.networks.intervals import Box
from mathdl.networks.network import Network
from mathdl.networks.pieces import pieces_of
from mathdl.networks.rounded import UNIT
from mathdl.piecewise.exact_evaluation import evaluate_exactly
from mathdl.robustness.bounds import box_of
from mathdl.robustness.slopes import slope_bounds

Array = NDArray[Any]
SAMPLES = 200  # chosen
ITERATIONS = 30  # chosen: of the power method, after which the bound is hardly larger than the norm


class LipschitzBounds(NamedTuple):
    """Numbers between which the least L lies with ||f(x) - f(y)|| <= L ||x - y|| for all x and y of a box.

    Attributes
    ----------
    lower : float
        The norm of the derivative at a point of the box, rounded down; 0 where no point was found that is inside of a
        piece.
    upper : float
        A bound of the norm of all derivatives, rounded up.
    at : ndarray of float64, of the shape of the network's input
        The point.
    """

    lower: float
    upper: float
    at: Array


def lipschitz_bounds(network: Network, low: Any, high: Any, norm: float = 2, seed: int = 0) -> LipschitzBounds:
    r"""Bound the Lipschitz constant of a piecewise affine network on a box of inputs, from both sides.

    The upper bound holds for the exact network and goes backwards through its layers, with both slopes of every kink
    that takes both signs; the lower one is the largest norm of the derivative at samples, in exact arithmetic. A final
    softmax or sigmoid is left off.

    Parameters
    ----------
    network : Network
    low, high : array-like of shape input_shape, or numbers
        The least and the largest value of each input.
    norm : {2, inf}, default 2
        Of inputs and outputs: Euclidean, or the largest entry.
    seed : int, default 0
        Of the samples.

    Returns
    -------
    LipschitzBounds

    Raises
    ------
    InputError
        If a layer is not piecewise affine, or a side of the box is empty or not finite, or norm or seed is none.

    Examples
    --------
    >>> from mathdl import Dense, Network, lipschitz_bounds
    >>> net = Network([Dense(2, activation="relu"), Dense(1)], input_shape=(1,))
    >>> net.parameters[:] = 1, 1, 0, -2, 3, 5, 0  # 3 max(0, x) + 5 max(0, x - 2)
    >>> found = lipschitz_bounds(net, 0.5, 1.5)
    >>> found.lower, round(found.upper, 9)
    (3.0, 3.0)
    """
    if not is_number(norm) or norm not in (2, np.inf):
        raise InputError(f"norm is {shortened(norm)}; give 2 or inf.")
    require_at_least("seed", seed, 0)
    network, steps = pieces_of(network)
    box, rows = box_of(network.input_shape, low, high), np.eye(int(np.prod(network.output_shape)))
    slopes = slope_bounds(steps, box, rows)
    at, direction = _steepest(steps, box, norm, seed)
    at = at.reshape(network.input_shape)
    found = evaluate_exactly(network, at)
    lower = _norm_below(found.gradient, direction, norm) if found.differentiable else 0.0
    return LipschitzBounds(lower, max(lower, _norm_above(slopes.sizes, norm)), at)


def _steepest(steps: list[Piece], box: Box, norm: float, seed: int) -> tuple[Array, Array]:
    """Return the sample at which the derivative is largest, and the direction in which it is."""
    rng = np.random.default_rng(seed)
    points = box.low[:, None] + (box.high - box.low)[:, None] * rng.random((len(box.low), SAMPLES))
    points = np.clip(points, box.low[:, None], box.high[:, None])
    with one_thread():
        outputs, chosen = outputs_of(steps, points)
        rows = np.eye(len(outputs))[:, :, None] * np.ones(SAMPLES)
        gradients = np.stack([gradients_of(steps, chosen, row) for row in rows], axis=1).T  # (samples, outputs, inputs)
    best = int(np.linalg.norm(gradients, norm, axis=(1, 2)).argmax())
    gradient = gradients[best]
    if norm == 2:
        return points[:, best], np.linalg.svd(gradient)[2][0]
    return points[:, best], np.sign(gradient[np.abs(gradient).sum(axis=1).argmax()])


def _norm_below(gradient: Array, direction: Array, norm: float) -> float:
    """Return how much an exact matrix stretches a direction, rounded down."""
    exact = [Fraction(value) for value in direction.tolist()]
    stretched = [sum((a * b for a, b in zip(row, exact, strict=True)), Fraction(0)) for row in gradient.tolist()]
    if not any(exact):
        return 0.0
    size: Any = sum if norm == 2 else max  # of squares
    square = Fraction(size(value * value for value in stretched)) / size(value * value for value in exact)
    found = float(np.sqrt(min(nearest_float(square), np.finfo(np.float64).max)))
    while Fraction(found) ** 2 > square:
        found = float(np.nextafter(found, 0))
    return found


def _norm_above(sizes: Array, norm: float) -> float:
    """Return a bound of the norms of all matrices whose entries are at most so large.

    Of the Euclidean one: for any positive v, the largest eigenvalue of A^T A is at most the largest (A^T A v)_i / v_i.
    """
    count = sum(sizes.shape)
    if not np.isfinite(sizes).all():
        return np.inf
    if norm != 2:
        return float(sizes.sum(axis=1).max(initial=0.0) * (1 + count * UNIT))
    kept = sizes[:, sizes.any(axis=0)]
    if not kept.size:
        return 0.0
    v = np.ones(kept.shape[1])
    scale = float(kept.max())
    kept, best = kept / scale, np.inf
    with one_thread():
        for _ in range(ITERATIONS):
            w = kept.T @ (kept @ v)
            best = min(best, float((w / v).max()))
            v = np.maximum(w / w.max(), 1e-3)  # all of them positive, so that the ratios are bounded
    return float(scale * np.sqrt(best) * (1 + 4 * (count + 8) * UNIT))
