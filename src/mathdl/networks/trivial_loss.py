"""Training that ended where the same answer for every object would have been as good: what to say, and to do."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from mathdl.data.mapped_arrays import blocks
from mathdl.descent.rule import Rule
from mathdl.engine.executable import Data
from mathdl.networks.losses import loss_named

Reals = NDArray[np.float64]
# Chosen: below so many epochs and steps nothing is expected of a training yet.
MIN_EPOCHS, MIN_STEPS = 5, 50
MAX_MARGIN = 0.01  # how far below the trivial loss, as a share of it, is still no better; less for many objects
SAMPLE = 4096  # objects at most whose features and final loss are looked at
LARGE, FAR_APART = 30.0, 100.0  # a feature's magnitude, and the ratio of spreads, beyond which features are not scaled
SURE = 1e-4  # a trivial loss of classes that is as low leaves nothing to learn: all objects are of one class
FEW = 0.25  # the share of features that may hardly vary, chosen
FAR_ABOVE = 1.05  # a loss of so many times the trivial one was driven there


def trivial_loss(loss: str, data: Data) -> float:
    """Return the least mean loss that the same outputs for all objects reach; of huber, at most a little more."""
    assert data.targets is not None
    y = data.targets
    if len(y) == 0:
        return 0.0
    if loss == "cross_entropy":
        classes = int(y.max()) + 1
        return _entropy(_mean(data, lambda values, w: _masses(values, w, classes)))
    mean = _mean(data, lambda values, w: w @ values)
    if loss == "binary_cross_entropy":
        return _entropy(mean) + _entropy(1 - mean)
    if loss == "hinge":
        return float((1 - np.abs(mean)).sum())
    if loss == "mean_square":
        return float(_mean(data, lambda values, w: w @ (values - mean) ** 2).sum())
    median = np.median(y.astype(np.float64), axis=0)
    means = (_mean(data, partial(_huber_sum, constant)) for constant in (mean, median))
    return float(np.minimum(*means).sum())


def _mean(data: Data, weighted_sum: Callable[[Reals, Reals], Reals]) -> Reals:
    """Return the weighted mean of a function of the targets, block by block, since all may exceed the memory."""
    y, total, sums = data.targets, 0.0, []
    assert y is not None
    for rows in blocks(y):
        values = y[rows].astype(np.float64)
        weights = np.ones(len(values)) if data.weights is None else data.weights[rows].astype(np.float64)
        total += float(weights.sum())
        sums.append(weighted_sum(values, weights))
    return np.asarray(np.sum(sums, axis=0) / total)


def _masses(values: Reals, weights: Reals, classes: int) -> Reals:
    """Return the sum of the weights of each class."""
    return np.asarray(np.bincount(values[:, 0].astype(int), weights, classes), np.float64)


def _huber_sum(constant: Reals, values: Reals, weights: Reals) -> Reals:
    """Return the weighted sum of Huber's loss of errors."""
    return np.asarray(weights @ _huber(values - constant))


def _entropy(shares: Reals) -> float:
    """Return the sum of -p log p."""
    positive = shares[shares > 0]
    return float(-(positive * np.log(positive)).sum())


def _huber(r: Reals) -> Reals:
    """Return Huber's loss of errors."""
    return np.where(np.abs(r) <= 1, r**2, 2 * np.abs(r) - 1)


def no_better_than_trivial(
    loss: str, losses: Sequence[float], steps: int, data: Data, rule: Rule, final_loss: Callable[[Data], float]
) -> str:
    """Return a sentence or two where training has come to no better a loss than the trivial one, and nothing elsewhere.

    The losses of the epochs decide, without further work; ``final_loss``, that of the parameters as they are, is only
    asked for where they look bad.
    """
    if len(losses) < MIN_EPOCHS or steps < MIN_STEPS:
        return ""
    bound = trivial_loss(loss, data)
    enough = bound * (1 - min(MAX_MARGIN, data.objects**-0.5))
    if not bound > (SURE if loss_named(loss).has_classes else 0) or min(losses) < enough:
        return ""
    some = data.part(_some(data))
    reached = final_loss(some)
    if reached < enough or (some.inputs == some.inputs[:1]).all():  # then the same answer for all is right
        return ""
    far_above, falling = reached > FAR_ABOVE * bound, losses[-1] <= min(losses)
    return (
        f"Training ended with a loss of {reached:.4g} on the training objects, no better than the {bound:.4g} of the "
        f"same answer for every object. {_what_to_do(loss, data, rule, far_above, falling)}"
    )


def about_scale(loss: str, data: Data) -> str:
    """Say what of the features, or else of the targets, is to be scaled and how; nothing where all is scaled."""
    return _unscaled_features(data) or _unscaled_targets(loss, data)


def _some(data: Data) -> NDArray[np.int64]:
    """Return places of objects, spread evenly."""
    return np.arange(0, data.objects, -(-data.objects // SAMPLE))


def _what_to_do(loss: str, data: Data, rule: Rule, far_above: bool, falling: bool) -> str:
    """Name the likely cause, and what to do."""
    least, largest = rule.usual_rates
    rate, search = f"The learning rate {rule.rate:g} is too", "or 'auto', which looks for one"
    if unscaled := _unscaled_features(data):
        return unscaled
    if rule.rate > largest:
        return f"{rate} large; take {largest:g} or less, {search}."
    if unscaled := _unscaled_targets(loss, data):
        return unscaled
    if rule.rate < least:
        return f"{rate} small; take {least:g} or more, {search}."
    if far_above and falling:
        return f"The loss was still falling; train for more epochs, or take a larger learning rate than {rule.rate:g}."
    if far_above:
        return f"{rate} large; take {rule.rate / 10:g}, {search}."
    return (
        "Take another learning rate ('auto' looks for one) or more epochs; if that does not help, the features may say "
        "nothing about the target: see that both are in the same order."
    )


def _unscaled_features(data: Data) -> str:
    """Say how features that are large, or of very different spread, are scaled; nothing where they are not."""
    inputs = data.inputs[_some(data)]
    if inputs.dtype == np.uint8:  # the network divides bytes by 255
        return ""
    largest = float(np.abs(inputs).max())
    if inputs.ndim > 2:
        if largest <= LARGE:
            return ""
        how = "divide X by 255" if 1 < largest <= 255 and inputs.min() >= 0 else f"divide X by {largest:.3g}"
        return f"The numbers of X go up to {largest:.3g}; {how}, so that they are about 1."
    spread = inputs.std(axis=0, dtype=np.float64)
    spread = spread[spread > 0]
    # A few features that hardly vary, as pixels at the edge of a picture, do no harm.
    apart = len(spread) > 0 and float(spread.max()) > FAR_APART * float(np.quantile(spread, FEW))
    if largest <= LARGE and not apart:
        return ""
    how = f"their standard deviations go from {spread.min():.3g} to {spread.max():.3g}" if apart else ""
    how = how or f"they go up to {largest:.3g}"
    return (
        f"The features are not scaled ({how}); give each mean 0 and standard deviation 1, as "
        "sklearn.preprocessing.StandardScaler does."
    )


def _unscaled_targets(loss: str, data: Data) -> str:
    """Say how large targets are scaled; nothing where they are not large, or classes."""
    assert data.targets is not None
    largest = float(np.abs(data.targets).max())
    if loss not in ("mean_square", "huber") or largest <= LARGE:
        return ""
    return (
        f"The targets go up to {largest:.3g} in magnitude; scale y to mean 0 and standard deviation 1, as "
        "NetworkRegressor does by itself."
    )
