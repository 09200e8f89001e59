"""The oracle: the sets on which every neuron of a dense network keeps its sign, by their definition, in fractions."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import numpy as np

Point = tuple[Fraction, Fraction]
Function = tuple[Fraction, Fraction, Fraction]  # a s + b t + c
SLOPES = {"relu": Fraction(0), "abs": Fraction(-1), "identity": Fraction(1)}


def cut(polygon: list[Point], f: Function) -> list[Point]:
    """Return where a function is not negative."""
    found = []
    for p, q in zip(polygon, polygon[1:] + polygon[:1], strict=True):
        at_p, at_q = (f[0] * s + f[1] * t + f[2] for s, t in (p, q))
        if at_p >= 0:
            found.append(p)
        if at_p * at_q < 0:
            share = at_p / (at_p - at_q)
            found.append((p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])))
    return found


def area(polygon: list[Point]) -> Fraction:
    """Return twice the area."""
    return sum((p[0] * q[1] - p[1] * q[0] for p, q in zip(polygon, polygon[1:] + polygon[:1], strict=True)), Fraction())


def cells(layers: Any, inputs: list[Function], polygon: list[Point]) -> Iterator[tuple[list[Point], list[Function]]]:
    """Yield each set with an inside, and the outputs' functions there."""
    if not layers:
        yield polygon, inputs
        return
    layer, *rest = layers
    weights = [[Fraction(w) for w in row] for row in layer.weights.astype(float).tolist()]
    sums = [
        tuple(sum(w * f[c] for w, f in zip(row, inputs, strict=True)) + (c == 2) * Fraction(b) for c in range(3))
        for row, b in zip(weights, layer.bias.astype(float).tolist(), strict=True)
    ]
    name = layer.activation.name
    slope = SLOPES[name] if name in SLOPES else Fraction(float(layer.weights.dtype.type(layer.activation.slope)))
    parts: list[tuple[list[Point], list[Any]]] = [(polygon, [])]
    for f in sums:
        split = []
        for part, found in parts:
            if slope == 1 or not any(f):
                split.append((part, [*found, f]))
                continue
            above, below = cut(part, f), cut(part, tuple(-c for c in f))
            split += [(above, [*found, f])] if area(above) else []
            split += [(below, [*found, tuple(slope * c for c in f)])] if area(below) else []
        parts = split
    for part, found in parts:
        yield from cells(rest, found, part)


def box(low: Any, high: Any) -> list[Point]:
    """Return the corners of a square."""
    a, b = Fraction(low), Fraction(high)
    return [(a, a), (b, a), (b, b), (a, b)]


PLANE: list[Function] = [(Fraction(1), Fraction(0), Fraction(0)), (Fraction(0), Fraction(1), Fraction(0))]


def awkward(net: Any, rng: Any) -> None:
    """Draw parameters with what is hard about them: scales, parallel, equal and concurrent lines, dead neurons."""
    net.parameters[:] = rng.normal(size=net.size)
    kind = int(rng.integers(8))
    first = net.layers[0]
    if kind == 0:
        net.parameters[:] *= 10.0 ** rng.integers(-12, 13)
    elif kind == 1:  # each row of the first layer, and its bias, on a scale of its own
        scales = 10.0 ** rng.integers(-12, 13, size=len(first.weights))
        first.weights[:] *= scales[:, None]
        first.bias[:] *= scales
    elif kind == 2:
        first.weights[1], first.weights[-1] = first.weights[0], -2 * first.weights[0]
    elif kind == 3:
        first.weights[1], first.bias[1] = 3 * first.weights[0], 3 * first.bias[0]
        first.weights[-1], first.bias[-1] = -first.weights[0], -first.bias[0]
    elif kind == 4:
        for layer in net.layers:
            layer.bias[:] = 0
    elif kind == 5:
        first.weights[0], first.bias[0] = 0, 0
        first.weights[1], first.bias[1] = 0, -1
        net.layers[1].weights[0] = 0
    elif kind == 6:
        net.parameters[:] = rng.integers(-2, 3, size=net.size)
    assert np.isfinite(net.parameters).all()
