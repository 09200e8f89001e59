"""The nearest points of two convex hulls, exactly.

Problem: minimise |u - v| over u in the hull of A and v in the hull of B. Given: whole numbers. Result: convex weights
of u and v, and a whole multiple w of u - v; where w is zero, u = v is a common point, and otherwise w.x is at least
w.u on A and at most w.v on B. Stopping rule: that these inequalities hold, in whole numbers.

The method is Wolfe's, for two hulls. Some objects of either class, the corral, carry positive weights, and u - v is the
shortest vector between the affine hulls of the two corrals. As long as an object lies beyond u or v as seen along
u - v, it joins the corral; on the way to the new shortest vector objects whose weight falls to zero leave it. Each
round shortens u - v, so no corral returns and the method ends. It runs in floating point first; the corral that this
finds is where the exact rounds start from, and mostly also where they end.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from itertools import count
from math import gcd, lcm
from operator import mul
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.exact.conditioning import conditioned
from mathdl.exact.linear_algebra import independent_rows, solve
from mathdl.exact.whole_numbers import relative

Array = NDArray[Any]
Weights = dict[int, Fraction]

MAX_EXACT_CORRAL = 50  # objects that the result may rest on before its fractions are too long to be of use
NEGLIGIBLE = 1e-12  # a weight, or a step beyond u or v relative to |u - v|, that floating point takes for zero
ROUNDS_PER_FEATURE = 20  # rounds in floating point for each feature
WEIGHT_BITS = 60  # chosen: the weights of a guess are multiples of 2^-60
ROUNDS_BEFORE_CONDITIONING = 3  # chosen: exact rounds after which other coordinates are tried


class TooManyRounds(Exception):
    """More exact rounds were needed than allowed."""


@dataclass(frozen=True)
class NearestPoints:
    """The nearest points u and v of two hulls.

    Where they are not exact, they are near to them, and the direction still separates the classes.
    """

    weights: Weights  # of objects with a positive one; those of either class sum to 1
    direction: list[int]  # w, without a common factor; zero where the hulls have a point in common
    scale: Fraction  # u - v is the scale times w
    values: list[int]  # w.x for every object
    exact: bool


def nearest_points(
    rows: list[list[int]], signs: list[int], limit: int | None = MAX_EXACT_CORRAL, rounds: int | None = None
) -> NearestPoints:
    """Find the nearest points of the hulls of two classes, those with sign 1 and with sign -1.

    With more than ``limit`` objects in the corral, and a direction that separates the classes, what floating point
    found is good enough. Exact rounds are slow, and only many where floating point led astray: after ``rounds`` of them
    TooManyRounds is raised.
    """
    guess = _guess(relative(rows), np.array(signs, dtype=np.float64))
    if limit is not None and len(guess) > limit:
        weights = _rounded(guess, signs)
        found = _seen_along(weights, rows, signs, exact=False)
        if _least(found.values, signs, 1) > -_least(found.values, signs, -1):
            return found
    weights = _start(guess, rows, signs)
    for _ in count() if rounds is None else range(rounds):
        weights = _shortest_vector(weights, rows, signs)
        found = _seen_along(weights, rows, signs, exact=True)
        ends = {sign: next(sign * found.values[i] for i in weights if signs[i] == sign) for sign in (1, -1)}
        beyond = [sign * value - ends[sign] for sign, value in zip(signs, found.values, strict=True)]
        least = min(beyond)
        if least == 0:
            return found
        weights[beyond.index(least)] = Fraction(0)
    raise TooManyRounds


def separating(rows: list[list[int]], signs: list[int]) -> tuple[Weights, list[int], list[int]]:
    """Find a direction along which every object of A is beyond every one of B, or a common point of their hulls."""
    try:
        found = nearest_points(rows, signs, MAX_EXACT_CORRAL, ROUNDS_BEFORE_CONDITIONING)
        return found.weights, found.direction, found.values
    except TooManyRounds:
        moved, matrix = conditioned(rows)
        found = nearest_points(moved, signs)
        return found.weights, (matrix @ found.direction).tolist(), found.values


def _least(values: list[int], signs: list[int], sign: int) -> int:
    """Return the least of the values of a class times its sign."""
    return min(sign * value for value, own in zip(values, signs, strict=True) if own == sign)


def _seen_along(weights: Weights, rows: list[list[int]], signs: list[int], *, exact: bool) -> NearestPoints:
    """Return u - v as whole numbers without a common factor, and every object's product with it."""
    common = lcm(*(weight.denominator for weight in weights.values()))
    factors = [signs[i] * weight.numerator * (common // weight.denominator) for i, weight in weights.items()]
    direction = [sum(map(mul, factors, column)) for column in zip(*(rows[i] for i in weights), strict=True)]
    divisor = gcd(*direction) or 1
    direction = [value // divisor for value in direction]
    values = [sum(map(mul, direction, row)) for row in rows]
    return NearestPoints(weights, direction, Fraction(divisor, common), values, exact)


def _shortest_vector(weights: Weights, rows: list[list[int]], signs: list[int]) -> Weights:
    """Go from weights of a corral to those of the shortest vector between what is left of it."""
    while True:
        target = _between_affine_hulls(list(weights), rows, signs)
        if min(target.values()) >= 0:
            return {i: weight for i, weight in target.items() if weight}
        step = min(weights[i] / (weights[i] - goal) for i, goal in target.items() if goal < 0)
        moved = {i: weight + step * (target[i] - weight) for i, weight in weights.items()}
        weights = {i: weight for i, weight in moved.items() if weight}


def _between_affine_hulls(corral: list[int], rows: list[list[int]], signs: list[int]) -> Weights:
    """Return the weights, of any sign, of the shortest vector between the affine hulls of a corral's classes."""
    first = {sign: next(i for i in corral if signs[i] == sign) for sign in (1, -1)}
    others = [i for i in corral if i not in first.values()]
    gap = [a - b for a, b in zip(rows[first[1]], rows[first[-1]], strict=True)]
    edges = [[signs[i] * (a - b) for a, b in zip(rows[i], rows[first[signs[i]]], strict=True)] for i in others]
    if len(edges) == len(gap):  # the affine hulls meet, and smaller numbers say where
        solved = solve(list(zip(*edges, strict=True)), [[-value] for value in gap])
    else:
        gram = [[sum(map(mul, edge, other)) for other in edges] for edge in edges]
        solved = solve(gram, [[-sum(map(mul, edge, gap))] for edge in edges])
    assert solved is not None  # a corral is affinely independent
    weights = {i: weight for i, (weight,) in zip(others, solved, strict=True)}
    for sign, i in first.items():
        weights[i] = Fraction(1) - sum(weight for j, weight in weights.items() if signs[j] == sign and j != i)
    return {i: weights[i] for i in corral}


def _start(guess: dict[int, float], rows: list[list[int]], signs: list[int]) -> Weights:
    """Return weights of objects of the guess that are independent, the heaviest first."""
    order = sorted(guess, key=lambda i: -guess[i])
    places = independent_rows([[int(signs[i] > 0), int(signs[i] < 0), *rows[i]] for i in order])
    return _rounded({order[k]: guess[order[k]] for k in places}, signs)


def _rounded(guess: dict[int, float], signs: list[int]) -> Weights:
    """Return fractions near to the weights that sum to 1 in either class."""
    weights: Weights = {}
    for sign in (1, -1):
        own = {i: max(round(weight * 2**WEIGHT_BITS), 1) for i, weight in guess.items() if signs[i] == sign}
        total = sum(own.values())
        weights |= {i: Fraction(weight, total) for i, weight in own.items()}
    return weights


def _guess(X: Array, signs: Array) -> dict[int, float]:
    """Run the method in floating point; return the corral with its weights."""
    first, second = int(np.argmax(signs > 0)), int(np.argmax(signs < 0))
    weights, shortest = {first: 1.0, second: 1.0}, np.inf
    reach = np.sqrt((X * X).sum(axis=1).max())
    for _ in range(ROUNDS_PER_FEATURE * (X.shape[1] + 1)):
        corral = list(weights)
        direction = (signs[corral] * np.array(list(weights.values()))) @ X[corral]
        length = float(np.linalg.norm(direction))
        if not NEGLIGIBLE * reach < length < shortest:
            break
        shortest, values = length, X @ direction
        ends = {sign: sum(w * values[i] for i, w in weights.items() if signs[i] == sign) for sign in (1.0, -1.0)}
        beyond = signs * values - np.where(signs > 0, ends[1.0], -ends[-1.0])
        worst = int(np.argmin(beyond))
        if beyond[worst] > -NEGLIGIBLE * length * reach or worst in weights:
            break
        weights = _guess_shortest({**weights, worst: 0.0}, X, signs)
    return weights


def _guess_shortest(weights: dict[int, float], X: Array, signs: Array) -> dict[int, float]:
    """Go to the shortest vector between what is left of a corral, in floating point."""
    while True:
        corral, now = list(weights), np.array(list(weights.values()))
        plus, points = signs[corral] > 0, X[corral]
        first, second = int(np.argmax(plus)), int(np.argmin(plus))
        base = np.where(plus, first, second)
        edges = np.where(plus, 1.0, -1.0)[:, None] * (points - points[base])
        target, others = np.zeros(len(corral)), np.flatnonzero(edges.any(axis=1))
        target[others] = np.linalg.lstsq(edges[others].T, points[second] - points[first], rcond=None)[0]
        target[first], target[second] = 1 - target[plus].sum(), 1 - target[~plus].sum()
        falling = np.flatnonzero(target < NEGLIGIBLE)
        if len(falling) == 0:
            return dict(zip(corral, target.tolist(), strict=True))
        steps = now[falling] / np.maximum(now[falling] - target[falling], NEGLIGIBLE)
        moved = now + min(steps.min(), 1.0) * (target - now)
        moved[falling[np.argmin(steps)]] = 0.0
        weights = {i: weight for i, weight in zip(corral, moved.tolist(), strict=True) if weight > NEGLIGIBLE}
