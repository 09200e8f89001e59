"""Stochastic descent on the least-squares objective with batches of one: four numbers to 64, the shape of section 8.6.

Everybody takes the same steps in the same order and agrees on the loss after them. PyTorch and JAX differentiate the
same loss as always; what PyTorch takes where a person has written the gradient down for it is shown too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

import mathdl
from benchmarks import problems
from benchmarks.results import Result, result_of
from benchmarks.settings import Settings
from benchmarks.side_by_side import Contestant, compare, gathered
from benchmarks.steps import peers
from mathdl.engine.executable import Update

TITLE = "The least-squares objective"
RATE = 0.01


def run(settings: Settings) -> Iterator[Result]:
    """Yield the one result."""
    problem = linear(settings.shortened(16_000))
    others, notes = peers(problem, settings)
    by_hand, more = gathered({"PyTorch": lambda: torch_by_hand(problem)})
    contestants = [objective(problem), whole_descent(problem), *others, *by_hand]
    comparison = compare(contestants, settings.repeated(), notes=[*notes, *more])
    limits = {"PyTorch": 500, "JAX scan": 1, "PyTorch by hand": None, "mathdl gradient_descent": None}
    yield result_of("least squares 4-64, batch 1", "a step", comparison, problem.steps, limits)


def linear(objects: int) -> problems.Problem:
    """A linear map from 4 numbers to 64, to be learnt from noisy values."""
    generator = np.random.default_rng(problems.SEED)
    X = generator.normal(size=(objects, 4)).astype("float32")
    y = X @ generator.normal(size=(4, 64)) + generator.normal(size=(objects, 64)) / 10
    net = mathdl.Network([mathdl.Dense(64, bias=False)], input_shape=(4,), seed=problems.SEED)
    return problems.Problem(net, X, y.astype("float32"), "mean_square", mathdl.SGD(RATE), 1, epochs=4)


def objective(problem: problems.Problem) -> Contestant:
    """The epochs, in orders that are there already, as for the peers."""
    loss, rule, orders = mathdl.LeastSquares(problem.X, problem.y), problem.rule, problem.orders
    stepper, start, found = loss.stepper(rule.vectors, 1), start_of(problem), {}
    update = Update(rule.kernel, rule.outer_kernel, rule.constants(RATE), 0)

    def work() -> None:
        a = start.copy()
        for order in orders:
            stepper.take(a, order, 0, len(order), update)
        found["W"] = a

    return Contestant("mathdl, the epochs", work, lambda: problem.score(found["W"].reshape(4, 64).T.ravel()))


def whole_descent(problem: problems.Problem) -> Contestant:
    """The same by ``gradient_descent``, which draws the orders and records the loss and its gradient each epoch."""
    loss, start, found = mathdl.LeastSquares(problem.X, problem.y), start_of(problem), {}

    def work() -> None:
        found["descent"] = mathdl.gradient_descent(
            loss, start, problem.rule, problem.steps, 0.0, batch_size=1, seed=problems.SEED
        )

    name = "mathdl gradient_descent"
    return Contestant(name, work, lambda: problem.score(found["descent"].point.reshape(4, 64).T.ravel()), name)


def start_of(problem: problems.Problem) -> Any:
    """The first parameters as the objective has them."""
    return np.ascontiguousarray(problem.net.parameters.reshape(64, 4).T).ravel()


def torch_by_hand(problem: problems.Problem) -> list[Contestant]:
    """PyTorch as a calculator: residual and rank-one update in place, without differentiation."""
    import torch

    from benchmarks.peers_torch import at_its_best

    X, y = torch.from_numpy(problem.X), torch.from_numpy(problem.y)
    orders, found = [order.tolist() for order in problem.orders], {}

    def work() -> None:
        with at_its_best(1), torch.inference_mode():
            W = torch.from_numpy(problem.net.parameters.reshape(64, 4).copy())
            for order in orders:
                for i in order:
                    x = X[i]
                    W.addr_(torch.mv(W, x).sub_(y[i]), x, alpha=-2 * RATE)
            found["W"] = W

    name = "PyTorch by hand"
    return [Contestant(name, work, lambda: problem.score(found["W"].numpy().ravel()), name)]
