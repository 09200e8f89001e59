"""Steps of training by PyTorch: a batch's gradient, shared among processes, and the update."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from copy import copy
from typing import Any
from zlib import crc32

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional
from torch.nn.parallel import DistributedDataParallel

from mathdl.engine.executable import MAX_DRAW_SEED, Data, Update
from mathdl.exchange.torch_dropout import Drawing, with_drawn_dropout
from mathdl.exchange.torch_layers import written
from mathdl.exchange.torch_processes import Processes
from mathdl.kernels import adam, sgd
from mathdl.layers.layer import Layer
from mathdl.networks.composition import IDENTITY, absorbed, final_layer
from mathdl.networks.losses import Loss
from mathdl.networks.network_loss import NetworkLoss
from mathdl.training.settings import TrainingSettings

Array = NDArray[Any]
# Each object's loss for outputs z and targets y, one row an object.
LOSSES: dict[str, Callable[[Any, Any], Any]] = {
    "mean_square": lambda z, y: functional.mse_loss(z, y, reduction="none").sum(1),
    "huber": lambda z, y: 2 * functional.huber_loss(z, y, reduction="none").sum(1),
    "cross_entropy": lambda z, y: functional.cross_entropy(z, y[:, 0].long(), reduction="none"),
    "binary_cross_entropy": lambda z, y: functional.binary_cross_entropy_with_logits(z, y, reduction="none").sum(1),
    "hinge": lambda z, y: functional.relu(1 - y * z).sum(1),
}


def _sgd(a: Any, memory: Any, update: Update, *, nesterov: bool = False) -> Any:
    """Return PyTorch's gradient descent with the velocity where it is kept."""
    rate, momentum, decay = update.constants.tolist()
    rule = torch.optim.SGD([a], rate, momentum=momentum, weight_decay=decay, nesterov=nesterov)
    if momentum:
        rule.state[a]["momentum_buffer"] = memory
    return rule


def _adam(a: Any, memory: Any, update: Update) -> Any:
    """Return PyTorch's Adam with both means where they are kept."""
    rate, beta1, beta2, epsilon, decay = update.constants.tolist()
    rule = torch.optim.Adam([a], rate, betas=(beta1, beta2), eps=epsilon, weight_decay=decay)
    mean, square = memory.split(len(a))
    rule.state[a] = {"step": torch.tensor(float(update.updates)), "exp_avg": mean, "exp_avg_sq": square}
    return rule


RULES: dict[Any, Callable[..., Any]] = {
    sgd.plain: _sgd,
    sgd.momentum: _sgd,
    sgd.nesterov: lambda a, memory, update: _sgd(a, memory, update, nesterov=True),
    adam.adam: _adam,
}


class TorchSteps:
    """Descent by PyTorch with one network on one data set, as :class:`~mathdl.objectives.objective.Stepper` says.

    Parameters, gradient and memory are flat on the device, and the module's parameters are views. Each process takes
    its part of every batch, as nearly the same number of objects as can be, and the losses of its objects over the
    number of all: the sum over the processes is the batch's mean, whatever the parts' sizes.
    """

    def __init__(
        self,
        layers: Sequence[Layer],
        loss: Loss,
        objective: NetworkLoss,
        settings: TrainingSettings,
        processes: Processes,
        device: str,
        threads: int | None,
    ) -> None:
        self._data, self._loss, self._threads = objective.data, LOSSES[loss.name], threads
        self._processes, self._device = processes, device
        self._batch = min(settings.batch_size, objective.objects)
        size, vectors = int(objective.size or 0), settings.rule.vectors
        self.memory: Array = np.zeros((1 + vectors) * size, objective.dtype)
        self.operations = objective.executable.step_operations(self._batch, len(self.memory))
        self._type = getattr(torch, objective.dtype)
        self._a = nn.Parameter(torch.zeros(size, dtype=self._type, device=device))
        self._memory = torch.zeros(len(self.memory), dtype=self._type, device=device)
        self._a.grad, self._drawing, self._stopped = self._memory[:size], Drawing(), False
        self._module = self._of_views(with_drawn_dropout(written(_without_absorbed(layers, loss)), self._drawing))

    def _of_views(self, module: Any) -> Any:
        """Make the module's parameters and their gradients views; let processes share the gradients."""
        module.to(self._device)
        place = 0
        for parameter in module.parameters():
            part = slice(place, place + parameter.numel())
            parameter.data = self._a.data[part].view(parameter.shape)
            parameter.grad = self._memory[part].view(parameter.shape)
            place = part.stop
        if self._processes.place.size == 1:
            return module
        devices = None if self._device == "cpu" else [self._device]
        with self._processes.connected():
            return DistributedDataParallel(module, device_ids=devices)

    def take(
        self, parameters: Array, order: NDArray[np.int64], first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps ``first`` to ``last`` of an order of objects.

        Return the loss at each step done, before its update, and whether every loss met was finite. Where one was not,
        its update was not made.
        """
        if first == last:
            return np.zeros(0), True
        assert update is not None  # gradients alone are the library's own engine's
        last = self._agreed(order, first, last, update)
        self._stopped, started = False, (parameters, self.memory)
        with self._own_threads(), self._processes.connected():
            losses = self._steps(started, order, first, last, update)
            bad = np.flatnonzero(~np.isfinite(losses))
            if len(bad):
                losses = losses[: bad[0]]
                self._steps(started, order, first, first + len(losses), update)
            parameters[:], self.memory[:] = self._a.data.cpu().numpy(), self._memory.cpu().numpy()
        return losses, not len(bad)

    def use(self, data: Data) -> None:
        """Take the next steps on other objects, which are given in the same way."""
        self._data = data

    def stop(self) -> None:
        """Make ``take`` return before its next update; several processes stop together, after it."""
        self._stopped = self._processes.place.size == 1

    def _agreed(self, order: NDArray[np.int64], first: int, last: int, update: Update) -> int:
        """Return the last step of the first process's call; raise InputError where another is not at the same step."""
        if self._processes.place.size == 1:
            return last
        at = first, update.updates, update.constants.tolist(), crc32(order.tobytes())
        self._processes.require_the_same({"the next step": at})
        return int(self._processes.first(torch.tensor([last])).item())

    def _steps(
        self, started: tuple[Array, Array], order: NDArray[np.int64], first: int, last: int, update: Update
    ) -> NDArray[np.float64]:
        """Take steps from parameters and memory without a look at the losses; return these."""
        self._a.data.copy_(torch.from_numpy(started[0]))
        self._memory.copy_(torch.from_numpy(started[1]))
        if first == 0:  # once an epoch: processors of different kinds round in different ways
            self._processes.first(self._a.data)
            self._processes.first(self._memory[len(self._a) :])
        rule = RULES[update.kernel](self._a, self._memory[len(self._a) :], update)
        self._module.train()
        losses = torch.zeros(last - first, dtype=torch.float64, device=self._device)
        done = 0
        for step in range(first, last):
            if self._stopped:
                break
            self._drawing.seed, self._drawing.step = update.seed % MAX_DRAW_SEED, update.updates + step - first
            losses[done] = self._gradient(order[step * self._batch : (step + 1) * self._batch])
            rule.step()
            done += 1
        return self._processes.total(losses[:done]).cpu().numpy()  # type: ignore[no-any-return]

    def _gradient(self, rows: NDArray[np.int64]) -> Any:
        """Compute the gradient of a batch's loss; return this process's share of the loss."""
        place, data = self._processes.place, self._data
        begins, ends = (len(rows) * k // place.size for k in (place.rank, place.rank + 1))
        mine, self._drawing.place = rows[begins:ends], begins
        assert data.targets is not None
        x, y = self._tensor(data.inputs[mine]), self._tensor(data.targets[mine])
        found = self._loss(self._module(x).flatten(1), y)
        if data.weights is not None:
            found = found * self._tensor(data.weights[mine])
        share = found.sum() / (len(rows) * data.mean_weight)
        self._memory[: len(self._a)].zero_()
        (share * place.size).backward()  # the processes' gradients are averaged, and are to be added
        return share.detach()

    def _tensor(self, array: Array) -> Any:
        """Return numbers on the device; bytes stand for numbers from 0 to 1."""
        moved = torch.from_numpy(array).to(self._device)
        return moved.to(self._type) / 255 if array.dtype == np.uint8 else moved

    @contextmanager
    def _own_threads(self) -> Iterator[None]:
        """Let PyTorch use as many threads as were chosen while the block runs."""
        before = torch.get_num_threads()
        torch.set_num_threads(self._threads or before)
        try:
            yield
        finally:
            torch.set_num_threads(before)


def _without_absorbed(layers: Sequence[Layer], loss: Loss) -> list[Layer]:
    """Return the layers without the final activation that the loss contains."""
    if not absorbed(layers, loss):
        return list(layers)
    final = copy(final_layer(layers))
    final.activation = IDENTITY
    return [final if layer is final_layer(layers) else layer for layer in layers]
