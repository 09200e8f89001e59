"""PyTorch at its best: functions instead of modules, one fused update, eager and compiled, one thread and all.

Nothing here imports mathdl, so that a process of PyTorch alone can be measured; networks come as their architecture.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from math import prod
from typing import TYPE_CHECKING, Any

import torch
from torch.nn import functional

from benchmarks.side_by_side import Contestant

if TYPE_CHECKING:
    from benchmarks.problems import Problem

PEER = "PyTorch"
HALF = "PyTorch bf16"  # products in numbers of 16 bits, sums and parameters in float32
BLOCK = 50  # neurons of a chain that are compiled together; a thousand would take many minutes
Architecture = Sequence[dict[str, Any]]
Tensors = list[torch.Tensor]


@contextmanager
def at_its_best(threads: int) -> Iterator[None]:
    """Give PyTorch so many threads, and let it round the tiniest numbers to zero, while it works."""
    torch.set_num_threads(threads)
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(False)


def parameters_of(architecture: Architecture, input_shape: Sequence[int], vector: Any) -> Tensors:
    """Cut mathdl's vector of parameters into tensors, two for each Dense and Conv2D with a bias, else one."""
    shape, place, parameters = tuple(input_shape), 0, []
    for layer in architecture:
        shapes, shape = _shapes(layer, shape)
        for each in shapes:
            values = torch.from_numpy(vector[place : place + prod(each)].copy())
            parameters.append(values.reshape(each))
            place += prod(each)
    return parameters


def _shapes(layer: dict[str, Any], shape: tuple[int, ...]) -> tuple[list[tuple[int, ...]], tuple[int, ...]]:
    """Shapes of a layer's parameters and of its output."""
    match layer:
        case {"layer": "Dense", "units": units, "bias": bias}:
            return [(units, shape[0]), *([(units,)] if bias else [])], (units,)
        case {"layer": "Conv2D", "channels": channels, "kernel_size": size, "stride": 1, "bias": "channel"}:
            lost = 0 if layer["padding"] == "same" else size - 1
            sides = (side - lost for side in shape[1:])
            return [(channels, shape[0], size, size), (channels,)], (channels, *sides)
        case {"layer": "MaxPool2D", "size": size}:
            return [], (shape[0], *(side // size for side in shape[1:]))
        case {"layer": "Flatten"}:
            return [], (prod(shape),)
    raise ValueError(f"{layer} has no twin here; add it.")


def forward(architecture: Architecture, parameters: Tensors, x: torch.Tensor) -> torch.Tensor:
    """Compute the outputs."""
    left = iter(parameters)
    for layer in architecture:
        match layer["layer"]:
            case "Dense":
                x = functional.linear(x, next(left), next(left) if layer["bias"] else None)
            case "Conv2D":
                x = functional.conv2d(x, next(left), next(left), padding=layer["padding"])
            case "MaxPool2D":
                x = functional.max_pool2d(x, layer["size"])
            case "Flatten":
                x = x.flatten(1)
        if layer.get("activation") == "relu":
            x = torch.relu(x)
    return x


def mean_loss(loss: str, outputs: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
    """The mean loss of a batch."""
    if loss == "cross_entropy":
        return functional.cross_entropy(outputs, y)
    return (outputs - y).square().sum(dim=1).mean()


class Descent:
    """Stochastic descent on objects gathered by index; ``step`` is eager or one compiled function."""

    def __init__(
        self,
        architecture: Architecture,
        parameters: Tensors,
        loss: str,
        momentum: float = 0.0,
        *,
        compiled: bool = False,
        channels_last: bool = False,
        half: bool = False,
    ) -> None:
        self.architecture, self.loss, self.momentum, self.channels_last = architecture, loss, momentum, channels_last
        self.half = half
        self.start = [self.arranged(values) for values in parameters]
        self.compiled = compiled
        self.step: Callable[..., None] = torch.compile(self._whole, dynamic=False) if compiled else self._eager
        self.reset()

    def reset(self) -> None:
        """Go back to the first parameters."""
        self.parameters = [values.clone().requires_grad_(not self.compiled) for values in self.start]
        self.velocity = [torch.zeros_like(values) for values in self.start] if self.momentum else []

    def arranged(self, values: torch.Tensor) -> torch.Tensor:
        """Images and kernels with the channels innermost, where asked for."""
        if self.channels_last and values.dim() == 4:
            return values.contiguous(memory_format=torch.channels_last)
        return values

    def epoch(self, X: torch.Tensor, y: torch.Tensor, order: torch.Tensor, batch: int, rate: float) -> None:
        """Take one step for each batch of an order."""
        given = torch.tensor(rate) if self.compiled else rate  # a number would be compiled anew when it changes
        for objects in order.split(batch):
            self.step(self.parameters, self.velocity, X, y, objects, given)

    def outputs(self, X: torch.Tensor) -> torch.Tensor:
        """The network's outputs, without a gradient."""
        with torch.inference_mode():
            return forward(self.architecture, self.parameters, X)

    def vector(self) -> Any:
        """All parameters as mathdl has them."""
        return torch.cat([values.detach().reshape(-1) for values in self.parameters]).numpy()

    def _value(self, parameters: Tensors, X: torch.Tensor, y: torch.Tensor, objects: torch.Tensor) -> torch.Tensor:
        """Mean loss of some objects; bytes stand for numbers from 0 to 1."""
        x = X.index_select(0, objects)
        x = x.to(torch.float32) / 255 if x.dtype == torch.uint8 else x
        with torch.autocast("cpu", torch.bfloat16, enabled=self.half):
            return mean_loss(self.loss, forward(self.architecture, parameters, x), y.index_select(0, objects))

    def _eager(
        self,
        parameters: Tensors,
        velocity: Tensors,
        X: torch.Tensor,
        y: torch.Tensor,
        objects: torch.Tensor,
        rate: float,
    ) -> None:
        """One step, operation by operation; the update is one call for all parameters."""
        gradients = torch.autograd.grad(self._value(parameters, X, y, objects), parameters)
        with torch.no_grad():
            if velocity:
                torch._foreach_mul_(velocity, self.momentum)
                torch._foreach_add_(velocity, gradients)
                gradients = velocity
            torch._foreach_add_(parameters, gradients, alpha=-rate)

    def _whole(
        self,
        parameters: Tensors,
        velocity: Tensors,
        X: torch.Tensor,
        y: torch.Tensor,
        objects: torch.Tensor,
        rate: torch.Tensor,
    ) -> None:
        """One step from gathering to update, to be compiled as a whole."""
        gradients = torch.func.grad(self._value)(parameters, X, y, objects)
        for i, (values, gradient) in enumerate(zip(parameters, gradients, strict=True)):
            if velocity:
                velocity[i].mul_(self.momentum).add_(gradient)
                gradient = velocity[i]
            values.sub_(rate * gradient)


def variants(architecture: Architecture, threads: int, *, quick: bool) -> list[dict[str, Any]]:
    """The ways to run a network that may be its best."""
    convolves = any(layer["layer"] == "Conv2D" for layer in architecture)
    found = [
        {"threads": count, "compiled": compiled, "channels_last": last}
        for compiled, last, count in product((False, True), (False, True)[: 1 + convolves], sorted({1, threads}))
    ]
    return [each for each in found if not quick or (each["threads"] == threads and not each["channels_last"])]


def name_of(variant: dict[str, Any]) -> str:
    """A variant in words."""
    words = ["compiled" if variant["compiled"] else "eager", *(["channels last"] if variant["channels_last"] else [])]
    who, threads = HALF if variant.get("half") else PEER, variant["threads"]
    return f"{who} {', '.join(words)}, {threads} thread{'s' * (threads > 1)}"


def contestants(problem: Problem, threads: int, *, quick: bool) -> list[Contestant]:
    """One contestant for each variant."""
    torch._dynamo.reset()  # so that the compiled variants of another problem do not count as recompilations
    architecture = problem.net.architecture
    found = variants(architecture, threads, quick=quick)
    halves = [{**each, "half": True} for each in found if each["threads"] == threads and not each["channels_last"]]
    return [_contestant(problem, architecture, each) for each in [*found, *halves]]


def _contestant(problem: Problem, architecture: Architecture, variant: dict[str, Any]) -> Contestant:
    """Train as one variant does."""
    descent = descent_of(problem, variant)
    X, y = descent.arranged(torch.from_numpy(problem.reals)), torch.from_numpy(problem.y)
    orders = [torch.from_numpy(order) for order in problem.orders]

    def work() -> None:
        with at_its_best(variant["threads"]):
            descent.reset()
            for order in orders:
                descent.epoch(X, y, order, problem.batch, problem.rule.learning_rate)

    if variant.get("half"):  # which computes something else
        return Contestant(name_of(variant), work, peer=HALF)
    return Contestant(name_of(variant), work, lambda: problem.score(descent.vector()), PEER)


def descent_of(problem: Problem, variant: dict[str, Any]) -> Descent:
    """The twin of a problem's network, ready to descend."""
    net = problem.net
    return Descent(
        net.architecture,
        parameters_of(net.architecture, net.input_shape, net.parameters),
        problem.loss,
        problem.rule.momentum,
        compiled=variant["compiled"],
        channels_last=variant["channels_last"],
        half=variant.get("half", False),
    )


def chain_contestants(weights: Any, x: Any, y: Any, gradients: int, threads: int, *, quick: bool) -> list[Contestant]:
    """The gradient of one object in a chain of neurons: eager, and compiled in blocks of equal length."""
    found: dict[str, torch.Tensor] = {}
    a = torch.from_numpy(weights.copy()).requires_grad_()
    given, wanted = torch.from_numpy(x), torch.from_numpy(y)

    def neurons(parameters: torch.Tensor, h: torch.Tensor) -> torch.Tensor:
        for weight in parameters.unbind():
            h = torch.relu(h * weight)
        return h

    def contestant(name: str, block: Callable[..., torch.Tensor], length: int, count: int) -> Contestant:
        def work() -> None:
            with at_its_best(count):
                for _ in range(gradients):
                    h = given
                    for part in a.split(length):
                        h = block(part, h)
                    (found[name],) = torch.autograd.grad(mean_loss("mean_square", h, wanted), a)

        return Contestant(name, work, lambda: found[name].numpy(), PEER)

    torch._dynamo.reset()
    contestants = []
    for count in sorted({1, threads}):
        plural = "s" * (count > 1)
        contestants.append(contestant(f"{PEER} eager, {count} thread{plural}", neurons, len(a), count))
        if not quick:
            compiled = torch.compile(neurons, dynamic=False)
            contestants.append(contestant(f"{PEER} compiled, {count} thread{plural}", compiled, BLOCK, count))
    return contestants
