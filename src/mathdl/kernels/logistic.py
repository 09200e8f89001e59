"""One pass over the objects of a logistic regression: logits, loss, gradient and Hessian, block by block.

An object x counts as (x - shift) * factor with a 1 after it, for the bias. Blocks of such rows are made anew in every
pass and stay in cache; the data are read once. There is one row of parameters for two classes (the logit of the second
one; the first one's is 0), else one row a class.

A row of parameters has ``width`` numbers, padded with zeros; one follows the other.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mathdl.kernels.jit import Integers, Reals, kernel, part
from mathdl.kernels.simd import add, get, lanes_of, load, multiply_add, put, spread, store_up_to, total, zeros
from mathdl.kernels.tiles import ROWS, VECTORS, add_products, load_rows, rows_from, store_rows

LOSS = 0  # the sum of share times loss
CHANGE = 1  # the largest change of a difference between two logits of one object
MARGIN = 2  # the least difference between the logit of an object's class and the largest other one
BLOCK_OBJECTS = 64  # in a block
TILE_NUMBERS = 16  # float64 numbers in the two vectors that a tile is wide
MIN_FLOAT32_FEATURES = 64  # from which on a row is padded to two vectors of float32, for products in float32


class Objects(NamedTuple):
    """The objects, row by row, their classes' codes and shares of the mean, and what centres and scales them."""

    X: Reals
    codes: Integers
    shares: Reals
    shift: Reals
    factor: Reals


class Sums(NamedTuple):
    """What a pass finds.

    ``logits`` has one row of N numbers for each row of parameters, ``gradient`` one row for each. ``hessian`` has for
    every pair of rows k <= l a block, of which the part on and above the diagonal is filled; it is empty where it is
    not wanted, and may be of float32. ``noted`` holds what LOSS, CHANGE and MARGIN name.
    """

    logits: Reals
    gradient: Reals
    hessian: Reals
    noted: Reals


class Block(NamedTuple):
    """Where a block's outputs and the Hessian's weights lie, the first object, and how many there are."""

    outputs: int
    weights: int
    start: int
    n: int


def width_of(features: int) -> int:
    """Return how many numbers a padded row has."""
    unit = 2 * TILE_NUMBERS if features >= MIN_FLOAT32_FEATURES else TILE_NUMBERS
    return -(-(features + 1) // unit) * unit


def work_of(width: int, rows: int) -> int:
    """Return how many numbers a thread works with; they have to be zero at first."""
    return BLOCK_OBJECTS * (width + TILE_NUMBERS // 2 + rows + 2) + TILE_NUMBERS


def products_of(width: int) -> int:
    """Return how many numbers a thread multiplies with each other."""
    return 2 * BLOCK_OBJECTS * (width + TILE_NUMBERS) + 2 * TILE_NUMBERS


@kernel
def column_sums(X: Reals, shares: Reals, first: int, last: int, sums: Reals) -> None:
    """Add the means of x - x_0 and of its squares, x_0 being the first object, over some objects."""
    features = X.shape[1]
    for i in range(first, last):
        share = shares[i]
        for j in range(features):
            d = X[i, j] - X[0, j]
            sums[j] += share * d
            sums[features + j] += share * d * d


@kernel
def logistic_pass(
    objects: Objects,
    parameters: Reals,
    rows: int,
    before: Reals,
    sums: Sums,
    work: Reals,
    factors: Reals,
    first: int,
    last: int,
) -> None:
    """Add up what the objects from ``first`` to ``last`` contribute; ``before`` are other logits.

    ``factors``, of the Hessian's type, holds what is multiplied.
    """
    X, codes, shares, shift, factor = objects
    hessian, noted = sums.hessian, sums.noted
    count, features = len(shares), len(shift)
    width = len(parameters) // rows
    stride = width + TILE_NUMBERS // 2  # an odd number of cache lines, so that rows do not share a few of them
    outputs = BLOCK_OBJECTS * stride
    weights = outputs + rows * BLOCK_OBJECTS
    line = width + 64 // factors.itemsize
    scaled = BLOCK_OBJECTS * line
    for start in range(first, last, BLOCK_OBJECTS):
        n = min(BLOCK_OBJECTS, last - start)
        for s in range(n):
            place, target = (start + s) * features, s * stride
            for j in range(features):
                put(work, target + j, (get(X, place + j) - get(shift, j)) * get(factor, j))
            put(work, target + features, 1.0)
        for k in range(rows):
            for s in range(n):
                sum_of_products = zeros(work)
                for j in range(0, width, lanes_of(work)):
                    sum_of_products = multiply_add(
                        load(work, s * stride + j), load(parameters, k * width + j), sum_of_products
                    )
                put(work, outputs + k * BLOCK_OBJECTS + s, total(sum_of_products))
        note_change(before, sums.logits, work, outputs, noted, rows, count, start, n)
        if rows == 1:
            two_classes(codes, shares, work, outputs, weights, noted, start, n)
        else:
            several_classes(codes, shares, work, outputs, weights, noted, rows, start, n)
        if len(hessian) > 0:
            for s in range(n):
                place, target = s * stride, s * line
                for j in range(width):
                    put(factors, target + j, factors.dtype.type(get(work, place + j)))
        place = 0
        for k in range(rows):
            add_gradient(objects, work, Block(outputs, weights, start, n), sums.gradient, k, rows, stride, width)
            for m in range(k, rows if len(hessian) > 0 else k):
                if rows > 1:
                    for s in range(n):
                        p = work[outputs + k * BLOCK_OBJECTS + s]
                        other = work[outputs + m * BLOCK_OBJECTS + s]
                        work[weights + s] = shares[start + s] * (p * (1.0 - p) if k == m else -p * other)
                for s in range(n):
                    weight, source, target = get(work, weights + s), s * stride, scaled + s * line
                    for j in range(width):
                        put(factors, target + j, factors.dtype.type(weight * get(work, source + j)))
                add_products_of_columns(factors, scaled, hessian, place, features + 1, line, width, n)
                place += width * width


@part
def note_change(
    before: Reals, logits: Reals, work: Reals, outputs: int, noted: Reals, rows: int, count: int, start: int, n: int
) -> None:
    """Keep the logits and how far their differences have moved."""
    largest = noted[CHANGE]
    for s in range(n):
        low = high = 0.0 if rows == 1 else work[outputs + s] - before[start + s]
        for k in range(rows):
            value = work[outputs + k * BLOCK_OBJECTS + s]
            change = value - before[k * count + start + s]
            low, high = min(low, change), max(high, change)
            logits[k * count + start + s] = value
        largest = max(largest, high - low)
    noted[CHANGE] = largest


@part
def two_classes(
    codes: Integers, shares: Reals, work: Reals, outputs: int, weights: int, noted: Reals, start: int, n: int
) -> None:
    """Turn logits into share times (probability - target), and find the loss and the Hessian's weights."""
    loss, least = noted[LOSS], noted[MARGIN]
    for s in range(n):
        work[weights + BLOCK_OBJECTS + s] = np.exp(-np.abs(work[outputs + s]))
    for s in range(n):
        sign = 2.0 * codes[start + s] - 1.0
        share, margin, e = shares[start + s], sign * work[outputs + s], work[weights + BLOCK_OBJECTS + s]
        loss += share * (np.log1p(e) + max(-margin, 0.0))
        least = min(least, margin)
        wrong = (e if margin > 0.0 else 1.0) / (1.0 + e)
        work[outputs + s] = -sign * share * wrong
        work[weights + s] = share * e / ((1.0 + e) * (1.0 + e))
    noted[LOSS], noted[MARGIN] = loss, least


@part
def several_classes(
    codes: Integers,
    shares: Reals,
    work: Reals,
    outputs: int,
    weights: int,
    noted: Reals,
    rows: int,
    start: int,
    n: int,
) -> None:
    """Turn logits into probabilities and find the loss."""
    for s in range(n):
        code = codes[start + s]
        own, other = work[outputs + code * BLOCK_OBJECTS + s], -np.inf
        for k in range(rows):
            if k != code:
                other = max(other, work[outputs + k * BLOCK_OBJECTS + s])
        top, rest = max(own, other), 0.0
        for k in range(rows):
            e = np.exp(work[outputs + k * BLOCK_OBJECTS + s] - top)
            work[outputs + k * BLOCK_OBJECTS + s] = e
            if k != code:
                rest += e
        e = work[outputs + code * BLOCK_OBJECTS + s]
        noted[LOSS] += shares[start + s] * (np.log1p(rest) if own >= other else np.log(rest + e) + top - own)
        noted[MARGIN] = min(noted[MARGIN], own - other)
        for k in range(rows):
            work[outputs + k * BLOCK_OBJECTS + s] /= rest + e


@part
def add_gradient(
    objects: Objects, work: Reals, block: Block, gradient: Reals, k: int, rows: int, stride: int, width: int
) -> None:
    """Add share times (probability - target) times x for one row of parameters."""
    codes, shares, (outputs, weights, start, n) = objects.codes, objects.shares, block
    residuals = outputs
    if rows > 1:
        residuals = weights
        for s in range(n):
            target = 1.0 if codes[start + s] == k else 0.0
            work[residuals + s] = shares[start + s] * (work[outputs + k * BLOCK_OBJECTS + s] - target)
    for j in range(0, width, lanes_of(work)):
        sum_of_products = zeros(work)
        for s in range(n):
            sum_of_products = multiply_add(spread(work, residuals + s), load(work, s * stride + j), sum_of_products)
        place = k * width + j
        store_up_to(gradient, place, add(load(gradient, place), sum_of_products), lanes_of(work))


@part
def add_products_of_columns(
    factors: Reals, scaled: int, sums: Reals, place: int, used: int, line: int, width: int, n: int
) -> None:
    """Add the products of every two columns of a block, one of them scaled: those on and right of the diagonal."""
    lanes, tile = lanes_of(factors), VECTORS * lanes_of(factors)
    for u in range(0, used, ROWS):
        columns, targets = rows_from(ROWS, u, used, 0, 1), rows_from(ROWS, u, used, place, width)
        for v in range(u - u % tile, width, tile):
            tiles = load_rows(sums, targets, v, VECTORS)
            for s in range(n):
                tiles = add_products(factors, columns, s * line, factors, scaled + s * line + v, lanes, tiles)
            store_rows(sums, targets, v, tiles, tile)
