"""Losses of linear models (8.8), sum over objects of shares times phi(x W, y), and descent on them.

Parameters are the p x n matrix W row by row, an object x has p numbers, its target y has n. A driver puts slopes phi'
in place of the outputs z = x W, adds x^T slopes to the gradient, and calls the rule. With batches of one object and the
plain rule nothing but W is written.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from mathdl.kernels import barrier
from mathdl.kernels.gather import fetch_ahead
from mathdl.kernels.jit import Integers, Reals, call, kernel, part
from mathdl.kernels.runs import add_multiple, clear_run
from mathdl.kernels.simd import (
    get,
    lanes_of,
    load_up_to,
    multiply_add,
    put,
    repeat,
    spread,
    store_up_to,
    subtract,
    total,
    zeros,
)
from mathdl.kernels.table import Records, record
from mathdl.kernels.views import part_of

# What a call is to do.
PLAN = record(
    "features",  # p
    "outputs",  # n
    "batch",
    "first_step",  # steps are counted within the order of objects
    "last_step",
    "rule",  # address of the update kernel; 0 leaves the gradient in memory and the parameters alone
    "updates",  # made before the first step
    "phi",  # one of the following
    scale=float,  # of the objects' weights in a mean over a batch
    ridge=float,  # lambda of lambda |W|^2, which is added to every batch's loss
    threshold=float,  # of Huber's loss
    rate=float,  # the learning rate of a plain step
)
LEAST_SQUARES = 0
HUBER = 1
LOGISTIC = 2
NEURON = 3

PREFETCH_OBJECTS = 8  # objects between the one that is computed and the one that memory is asked for


class Objects(NamedTuple):
    """The objects, row by row, their targets and weights, and the order in which they are visited."""

    x: Reals
    y: Reals
    weights: Reals
    order: Integers


class RuleMemory(NamedTuple):
    """The gradient and what the rule remembers, its constants, and room for one span."""

    memory: Reals
    constants: Reals
    spans: Records


@part
def least_squares(z: Reals, y: Reals, first: int, n: int, share: float) -> float:
    """Phi = |z - y|^2."""
    squares, twice = zeros(z), repeat(z, z.dtype.type(2 * share))
    for j in range(0, n, lanes_of(z)):
        r = subtract(load_up_to(z, j, n - j), load_up_to(y, first + j, n - j))
        squares = multiply_add(r, r, squares)
        store_up_to(z, j, multiply_add(twice, r, zeros(z)), n - j)
    return share * total(squares)  # type: ignore[no-any-return]


@part
def huber(z: Reals, y: Reals, first: int, n: int, share: float, threshold: float) -> float:
    """Phi = sum of r^2 where |r| = |z - y| is at most the threshold t, and 2 t |r| - t^2 beyond."""
    value = 0.0
    for j in range(n):
        r = float(get(z, j) - get(y, first + j))
        near = min(max(r, -threshold), threshold)
        value += near * (2 * r - near)
        put(z, j, z.dtype.type(2 * share * near))
    return share * value


@part
def logistic(z: Reals, y: Reals, first: int, n: int, share: float) -> float:
    """Phi = sum of log(1 + exp(-y z)) for y = 1 or -1."""
    value = 0.0
    for j in range(n):
        sign = float(get(y, first + j))
        margin = sign * float(get(z, j))
        e = np.exp(-abs(margin))
        value += np.log1p(e) + max(-margin, 0.0)
        wrong = e / (1 + e) if margin > 0 else 1 / (1 + e)
        put(z, j, z.dtype.type(-share * sign * wrong))
    return share * value


@part
def neuron(z: Reals, y: Reals, first: int, n: int, share: float) -> float:
    """Phi = |s - y|^2 with the sigmoid s = 1 / (1 + exp(-z))."""
    value = 0.0
    for j in range(n):
        t = float(get(z, j))
        e = np.exp(-abs(t))
        s = (1.0 if t > 0 else e) / (1 + e)
        r = s - float(get(y, first + j))
        value += r * r
        put(z, j, z.dtype.type(2 * share * r * e / (1 + e) ** 2))
    return share * value


@part
def outputs_of(x: Reals, row: int, a: Reals, z: Reals, p: int, n: int) -> None:
    """Compute z = x W."""
    if n == 1:
        value = z.dtype.type(0)
        for k in range(p):
            value += get(x, row + k) * get(a, k)
        put(z, 0, value)
        return
    for j in range(0, n, lanes_of(z)):
        sums = zeros(z)
        for k in range(p):
            sums = multiply_add(spread(x, row + k), load_up_to(a, k * n + j, n - j), sums)
        store_up_to(z, j, sums, n - j)


@part
def add_product(target: Reals, factor: float, x: Reals, row: int, z: Reals, p: int, n: int) -> None:
    """Add factor x^T z to a p x n matrix."""
    if n == 1:
        add_multiple(target, 0, p, target.dtype.type(factor) * get(z, 0), x, row)
        return
    for k in range(p):
        add_multiple(target, k * n, n, target.dtype.type(factor) * get(x, row + k), z, 0)


@part
def add_ridge(weight: float, a: Reals, gradient: Reals) -> float:
    """Add lambda |W|^2, and its gradient 2 lambda W."""
    value, twice = 0.0, a.dtype.type(2 * weight)
    for i in range(len(a)):
        value += float(a[i]) * float(a[i])
        gradient[i] += twice * a[i]
    return weight * value


@part
def loss_and_slopes(phi: int, z: Reals, y: Reals, first: int, n: int, share: float, threshold: float) -> float:
    """Put share times phi'(z) in place of z; return share times phi(z)."""
    if phi == LEAST_SQUARES:
        return least_squares(z, y, first, n, share)
    if phi == HUBER:
        return huber(z, y, first, n, share, threshold)
    if phi == LOGISTIC:
        return logistic(z, y, first, n, share)
    return neuron(z, y, first, n, share)


@kernel
def descend(
    objects: Objects,
    plans: Records,
    a: Reals,
    rule: RuleMemory,
    z: Reals,
    losses: Reals,
    control: Integers,
) -> None:
    """Take the steps of a plan; stop before an update whose loss is not finite."""
    x, y, weights, order = objects
    plan, memory, constants, span = plans[0], rule.memory, rule.constants, rule.spans[0]
    p, n, size, gradient = plan.features, plan.outputs, len(a), part_of(memory, 0, len(a))
    for step in range(plan.first_step, plan.last_step):
        if barrier.atomic_load(control, barrier.STOP) != 0:
            return
        start, stop = step * plan.batch, min((step + 1) * plan.batch, len(order))
        scale, value = plan.scale / (stop - start), 0.0
        clear_run(gradient, 0, size)
        for i in range(start, stop):
            s = order[i]
            outputs_of(x, s * p, a, z, p, n)
            value += loss_and_slopes(plan.phi, z, y, s * n, n, scale * float(weights[s]), plan.threshold)
            add_product(gradient, 1.0, x, s * p, z, p, n)
        if plan.ridge != 0:
            value += add_ridge(plan.ridge, a, gradient)
        if not np.isfinite(value):
            control[barrier.FAILED] = 1
            return
        if plan.rule != 0:
            span.start, span.stop, span.gradient, span.parameters = 0, size, 0, size
            span.step = plan.updates + step - plan.first_step
            call(plan.rule, constants, memory, a, span)
        losses[step - plan.first_step] = value
        control[barrier.DONE] += 1


@kernel
def descend_singly(objects: Objects, plans: Records, a: Reals, z: Reals, losses: Reals, control: Integers) -> None:
    """Take the same steps for batches of one object, by the plain rule."""
    x, y, weights, order = objects
    plan = plans[0]
    p, n, first = plan.features, plan.outputs, plan.first_step
    for step in range(first, plan.last_step):
        if barrier.atomic_load(control, barrier.STOP) != 0:
            return
        s = order[step]
        fetch_ahead(x, order, step + PREFETCH_OBJECTS, step + PREFETCH_OBJECTS + 1, p)
        fetch_ahead(y, order, step + PREFETCH_OBJECTS, step + PREFETCH_OBJECTS + 1, n)
        outputs_of(x, s * p, a, z, p, n)
        value = loss_and_slopes(plan.phi, z, y, s * n, n, plan.scale * float(weights[s]), plan.threshold)
        if not np.isfinite(value):
            control[barrier.FAILED] = 1
            return
        add_product(a, -plan.rate, x, s * p, z, p, n)
        losses[step - first] = value
        control[barrier.DONE] += 1
