"""Layers written out on single numbers of any kind: floats, numbers that count, expressions. Slow and obvious.

An array is an object array; an entry ``PAD`` of an input is a padded zero: nothing is multiplied with it. ``forward``
gives z and h; ``backward`` gives, from dl/dh, what each step of backpropagation computes.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.chain.counting import CountingNumber
from mathdl.chain.expression import Expression
from mathdl.chain.functions import where
from mathdl.chain.operations import apply

PAD = object()


def objects(shape: Any) -> Any:
    return np.empty(shape, dtype=object)


def choose(test: Any, a: Any, b: Any) -> Any:
    return where(test, a, b) if isinstance(test, Expression) else a if test else b


def zero(like: Any) -> Any:
    """A zero of the kind of a number."""
    return CountingNumber(0.0, like.counter) if isinstance(like, CountingNumber) else 0.0


def kind_of(x: Any) -> Any:
    """Some number of an array."""
    return next((entry for entry in x.flat if entry is not PAD), 0.0)


def total(terms: list[Any]) -> Any:
    result = terms[0]
    for term in terms[1:]:
        result = result + term
    return result


def each(function: Any, *arrays: Any) -> Any:
    made = objects(arrays[0].shape)
    for place in np.ndindex(*made.shape):
        made[place] = function(*(array[place] for array in arrays))
    return made


VALUE = {
    "identity": lambda z, s: z,
    "relu": lambda z, s: choose(z > 0, z, zero(z)),
    "leaky_relu": lambda z, s: choose(z > 0, 1, s) * z,
    "sigmoid": lambda z, s: 1 / (1 + apply("exp", -z)),
    "tanh": lambda z, s: apply("tanh", z),
    "abs": lambda z, s: choose(z > 0, z, -z),
}
SLOPE = {
    "relu": lambda z, h, s: choose(z > 0, 1, 0),
    "leaky_relu": lambda z, h, s: choose(z > 0, 1, s),
    "sigmoid": lambda z, h, s: h * (1 - h),
    "tanh": lambda z, h, s: 1 - h * h,
    "abs": lambda z, h, s: choose(z > 0, 1, -1),
}


def activate(activation: Any, z: Any) -> Any:
    if activation.name != "softmax":
        return each(lambda one: VALUE[activation.name](one, activation.slope), z)
    largest = z[0]
    for other in z[1:]:
        largest = apply("maximum", largest, other)
    powers = [apply("exp", one - largest) for one in z]
    below = total(powers)
    made = objects(z.shape)
    made[:] = [power / below for power in powers]
    return made


def before_activation(activation: Any, z: Any, h: Any, gradient: Any) -> Any:
    """dl/dz from dl/dh."""
    if activation.name == "identity":
        return gradient
    if activation.name == "softmax":
        mean = total([g * p for g, p in zip(gradient, h, strict=True)])
        return each(lambda g, p: p * (g - mean), gradient, h)
    return each(lambda g, a, b: g * SLOPE[activation.name](a, b, activation.slope), gradient, z, h)


def dense(layer: Any, arrays: list[Any], x: Any) -> Any:
    z = objects(layer.output_shape)
    for i in range(len(z)):
        terms = [arrays[0][i, j] * x[j] for j in range(len(x)) if x[j] is not PAD]
        z[i] = total(terms + ([arrays[1][i]] if layer.has_bias else []))
    return z


def dense_input(layer: Any, arrays: list[Any], x: Any, delta: Any) -> Any:
    made = objects(x.shape)
    for j in range(len(x)):
        made[j] = 0 if x[j] is PAD else total([d * a for d, a in zip(delta, arrays[0][:, j], strict=True)])
    return made


def dense_parameters(layer: Any, arrays: list[Any], x: Any, delta: Any) -> list[Any]:
    weights = objects(arrays[0].shape)
    for i, j in np.ndindex(*weights.shape):
        weights[i, j] = 0 if x[j] is PAD else delta[i] * x[j]
    return [weights, *([delta] if layer.has_bias else [])]


def taps(layer: Any, x: Any) -> Any:
    """Every (output place, tap, input place) of a convolution that touches no padded zero."""
    (rows, columns), (down, across) = layer.sides, layer.strides
    above = left = 0
    if layer.padding == "same":
        above = max((layer.output_shape[1] - 1) * down + rows - x.shape[1], 0) // 2
        left = max((layer.output_shape[2] - 1) * across + columns - x.shape[2], 0) // 2
    for i, j in np.ndindex(*layer.output_shape[1:]):
        for c, r, q in np.ndindex(x.shape[0], rows, columns):
            at = c, i * down + r - above, j * across + q - left
            if 0 <= at[1] < x.shape[1] and 0 <= at[2] < x.shape[2] and x[at] is not PAD:
                yield (i, j), (c, r, q), at


def collected(shape: Any, terms: dict[Any, list[Any]], like: Any) -> Any:
    made = objects(shape)
    for place in np.ndindex(*made.shape):
        made[place] = total(terms[place]) if terms.get(place) else zero(like)
    return made


def conv2d(layer: Any, arrays: list[Any], x: Any) -> Any:
    terms: dict[Any, list[Any]] = {}
    for place, tap, at in taps(layer, x):
        for o in range(layer.channels):
            terms.setdefault((o, *place), []).append(arrays[0][(o, *tap)] * x[at])
    for o, i, j in np.ndindex(*layer.output_shape):
        if layer.bias_kind is not None:
            bias = arrays[1][o] if layer.bias_kind == "channel" else arrays[1][o, i, j]
            terms.setdefault((o, i, j), []).append(bias)
    return collected(layer.output_shape, terms, kind_of(x))


def conv2d_input(layer: Any, arrays: list[Any], x: Any, delta: Any) -> Any:
    terms: dict[Any, list[Any]] = {}
    for place, tap, at in taps(layer, x):
        for o in range(layer.channels):
            terms.setdefault(at, []).append(arrays[0][(o, *tap)] * delta[(o, *place)])
    return collected(x.shape, terms, kind_of(x))


def conv2d_parameters(layer: Any, arrays: list[Any], x: Any, delta: Any) -> list[Any]:
    terms: dict[Any, list[Any]] = {}
    for place, tap, at in taps(layer, x):
        for o in range(layer.channels):
            terms.setdefault((o, *tap), []).append(delta[(o, *place)] * x[at])
    bias = []
    if layer.bias_kind == "channel":
        sums = objects((layer.channels,))
        sums[:] = [total(list(delta[o].reshape(-1))) for o in range(layer.channels)]
        bias = [sums]
    elif layer.bias_kind == "position":
        bias = [delta]
    return [collected(arrays[0].shape, terms, kind_of(x)), *bias]


def blocks(layer: Any, x: Any) -> Any:
    """Every output place of a pooling with the input places of its block."""
    if type(layer).__name__.startswith("Global"):
        sides = strides = x.shape[1:]
        grid = (1, 1)
    else:
        sides, strides, grid = layer.sides, layer.strides, layer.output_shape[1:]
    for c, i, j in np.ndindex(x.shape[0], *grid):
        yield (
            (c,) if type(layer).__name__.startswith("Global") else (c, i, j),
            [(c, i * strides[0] + r, j * strides[1] + q) for r, q in np.ndindex(*sides)],
        )


def value_of(number: Any) -> float:
    return 0.0 if number is PAD else float(number)


def pool(layer: Any, x: Any) -> Any:
    z = objects(layer.output_shape)
    for place, block in blocks(layer, x):
        entries = [zero(kind_of(x)) if x[at] is PAD else x[at] for at in block]
        if "Average" in type(layer).__name__:
            z[place] = total(entries) / len(block)
        else:
            z[place] = entries[0]
            for entry in entries[1:]:
                z[place] = apply("maximum", z[place], entry)
    return z


def pool_input(layer: Any, x: Any, gradient: Any) -> Any:
    made = each(lambda one: None, x)
    seen = [at for _, block in blocks(layer, x) for at in block]
    overlap = len(seen) > len(set(seen))
    average = "Average" in type(layer).__name__
    if overlap and not average:
        made = each(lambda one: zero(kind_of(gradient)), x)
    for place, block in blocks(layer, x):
        if average:
            part = gradient[place] / len(block)
            for at in block:
                made[at] = part if made[at] is None else made[at] + part
        else:
            at = max(block, key=lambda at: value_of(x[at]))
            made[at] = gradient[place] if made[at] is None else made[at] + gradient[place]
    return each(lambda one: zero(kind_of(gradient)) if one is None else one, made)


def pad(layer: Any, x: Any) -> Any:
    made = objects(layer.output_shape)
    made[...] = PAD if layer.value == 0 else zero(kind_of(x)) + layer.value
    inside(layer, made)[...] = x
    return made


def inside(layer: Any, padded: Any) -> Any:
    """The part of a padded array that is no padding."""
    _, height, width = padded.shape
    return padded[:, layer.above : height - layer.below, layer.left : width - layer.right]
