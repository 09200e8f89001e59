"""The affine pieces of networks of one variable, in fractions."""

from __future__ import annotations

from fractions import Fraction
from math import inf
from typing import Any, NamedTuple


class Piece(NamedTuple):
    """An interval on which an output is slope x + constant."""

    low: Any
    high: Any
    slope: Fraction
    constant: Fraction


def affine_pieces(net: Any) -> list[Piece]:
    """Return the largest intervals on which a network of dense layers is affine, from left to right."""
    parts: list[tuple[Any, Any, list[tuple[Fraction, Fraction]]]] = [(-inf, inf, [(Fraction(1), Fraction(0))])]
    for layer in net.layers:
        weights, bias = layer.weights.tolist(), layer.bias.tolist() if layer.has_bias else [0] * layer.units
        parts = [(low, high, _after(weights, bias, lines)) for low, high, lines in parts]
        if layer.activation.name == "relu":
            parts = [piece for part in parts for piece in _bent(*part)]
    found: list[Piece] = []
    for low, high, [(slope, constant)] in parts:
        if found and (found[-1].slope, found[-1].constant) == (slope, constant):
            low = found.pop().low
        found.append(Piece(low, high, slope, constant))
    return found


def _after(weights: Any, bias: Any, lines: list[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    """Return what a layer makes of affine numbers, before its activation."""
    rows = [[Fraction(w) for w in row] for row in weights]
    return [
        (
            sum((w * slope for w, (slope, _) in zip(row, lines, strict=True)), Fraction(0)),
            sum((w * constant for w, (_, constant) in zip(row, lines, strict=True)), Fraction(b)),
        )
        for row, b in zip(rows, bias, strict=True)
    ]


def _bent(low: Any, high: Any, lines: list[tuple[Fraction, Fraction]]) -> list[tuple[Any, Any, list[Any]]]:
    """Divide an interval where affine numbers change their sign, and put 0 for those that are negative."""
    zeros = sorted({-constant / slope for slope, constant in lines if slope and low < -constant / slope < high})
    found = []
    for start, end in zip([low, *zeros], [*zeros, high], strict=True):
        inside = (start + end) / 2 if -inf < start and end < inf else end - 1 if end < inf else start + 1
        inside = Fraction(0) if start == -inf and end == inf else inside
        found.append((start, end, [line if line[0] * inside + line[1] > 0 else (Fraction(0),) * 2 for line in lines]))
    return found
