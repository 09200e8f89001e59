"""JAX at its best: the whole epoch one compiled scan, which gathers its batches by index from the whole set.

A convolution inside of a scan runs slowly on CPUs, so networks with one are also trained by one compiled call a step.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import TYPE_CHECKING, Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.side_by_side import Contestant

if TYPE_CHECKING:
    from benchmarks.problems import Problem

PEER = "JAX scan"
BY_STEP = "JAX, a call a step"
Arrays = list[jax.Array]


def parameters_of(problem: Problem) -> Arrays:
    """The network's parameters as arrays, in order."""
    arrays = [
        array
        for layer in problem.net.layers
        for name in ("weights", "bias")
        if (array := getattr(layer, name, None)) is not None
    ]
    return [jnp.asarray(array.copy()) for array in arrays]


def forward(architecture: Sequence[dict[str, Any]], parameters: Arrays, x: jax.Array) -> jax.Array:
    """Compute the outputs."""
    left = iter(parameters)
    for layer in architecture:
        match layer["layer"]:
            case "Dense":
                x = x @ next(left).T
                x = x + next(left) if layer["bias"] else x
            case "Conv2D":
                x = lax.conv_general_dilated(x, next(left), (1, 1), layer["padding"].upper())
                x = x + next(left)[:, None, None]
            case "MaxPool2D":
                window = (1, 1, layer["size"], layer["size"])
                x = lax.reduce_window(x, -jnp.inf, lax.max, window, window, "VALID")
            case "Flatten":
                x = x.reshape(len(x), prod(x.shape[1:]))
        if layer.get("activation") == "relu":
            x = jax.nn.relu(x)
    return x


def mean_loss(loss: str, outputs: jax.Array, y: jax.Array) -> jax.Array:
    """The mean loss of a batch."""
    if loss == "cross_entropy":
        return -jnp.take_along_axis(jax.nn.log_softmax(outputs), y[:, None], 1).mean()
    return jnp.square(outputs - y).sum(axis=1).mean()


def step_of(problem: Problem) -> Callable[..., tuple[Arrays, jax.Array]]:
    """One step of descent as a function of parameters, objects and the whole set."""
    architecture, rate = problem.net.architecture, problem.rule.learning_rate

    def value(parameters: Arrays, x: jax.Array, y: jax.Array) -> jax.Array:
        return mean_loss(problem.loss, forward(architecture, parameters, x), y)

    def step(parameters: Arrays, objects: jax.Array, X: jax.Array, y: jax.Array) -> tuple[Arrays, jax.Array]:
        loss, gradients = jax.value_and_grad(value)(parameters, X[objects], y[objects])
        return [a - rate * g for a, g in zip(parameters, gradients, strict=True)], loss

    return step


def contestants(problem: Problem) -> list[Contestant]:
    """All steps as a scan; for a convolutional network also one by one. The orders have whole batches only."""
    step = step_of(problem)
    X, y, start = jnp.asarray(problem.reals), jnp.asarray(problem.y), parameters_of(problem)
    order = np.concatenate(problem.orders).reshape(-1, problem.batch).astype(np.int32)
    scanned = jax.jit(lambda parameters, batches, X, y: lax.scan(lambda a, i: step(a, i, X, y), parameters, batches))
    stepped = jax.jit(step)
    finished: dict[str, Arrays] = {}

    def by_scan() -> None:
        finished[PEER], _ = jax.block_until_ready(scanned(start, order, X, y))

    def by_step() -> None:
        parameters = start
        for objects in order:
            parameters, _ = stepped(parameters, objects, X, y)
        finished[BY_STEP] = jax.block_until_ready(parameters)

    def outcome(name: str) -> float:
        return problem.score(np.concatenate([np.asarray(array).ravel() for array in finished[name]]))

    found = [Contestant(PEER, by_scan, lambda: outcome(PEER), PEER)]
    if any(layer["layer"] == "Conv2D" for layer in problem.net.architecture):
        found.append(Contestant(BY_STEP, by_step, lambda: outcome(BY_STEP), BY_STEP))
    return found


def chain_contestant(weights: Any, x: Any, y: Any, gradients: int) -> Contestant:
    """The gradient of one object in a chain of neurons, which is a scan over the neurons."""
    found: dict[str, jax.Array] = {}
    given, wanted, a = jnp.asarray(x), jnp.asarray(y), jnp.asarray(weights)

    def value(a: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
        h, _ = lax.scan(lambda h, weight: (jax.nn.relu(h * weight), None), x, a)
        return mean_loss("mean_square", h, y)

    gradient = jax.jit(jax.grad(value))

    def work() -> None:
        for _ in range(gradients):
            found[PEER] = jax.block_until_ready(gradient(a, given, wanted))

    return Contestant(PEER, work, lambda: np.asarray(found[PEER]), PEER)
