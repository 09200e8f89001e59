"""PyTorch as the engine of training, in one process or in several that share each batch."""

from __future__ import annotations

import json
from collections.abc import Sequence

import numpy as np

from mathdl.engine import threads
from mathdl.errors import InputError
from mathdl.exchange.torch_library import torch_library
from mathdl.exchange.torch_processes import Processes, place_of_process
from mathdl.layers.layer import Layer
from mathdl.networks.losses import Loss
from mathdl.networks.network_loss import NetworkLoss
from mathdl.networks.training_engine import TrainingEngine
from mathdl.training.in_blocks import MovableStepper
from mathdl.training.settings import TrainingSettings
from mathdl.training.training import TrainingState


class TorchEngine(TrainingEngine):
    """PyTorch in place of the library's own engine, for every training in a ``with`` block.

    Networks train from the same initial parameters on the same batches with the same updates and the same dropout, on
    a GPU where there is one. What torchrun starts shares every batch among the processes, whose gradients
    DistributedDataParallel adds up: the steps are those of one process with the whole batch, but for rounding.
    Predictions and validation are computed by the library's own engine.

    Attributes
    ----------
    rank, size : int
        The number of this process, and how many train together. Only that of rank 0 should print and write files.
    device : str
        ``"cpu"``, or the GPU that it computes on.
    restarted : bool
        Whether torchrun has started the processes again after one was lost.
    threads : int or None
        Of several processes, the threads that each takes, whatever OMP_NUM_THREADS says; None for one alone.

    Raises
    ------
    InputError
        If PyTorch is not installed, or the other processes are not reached.

    Examples
    --------
    >>> from mathdl import NetworkClassifier, TorchEngine
    >>> with TorchEngine():
    ...     model = NetworkClassifier((8,), epochs=5, random_state=0).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    >>> model.n_iter_
    5
    """

    def __init__(self) -> None:
        torch = torch_library("--engine torch")
        place = place_of_process()
        gpus = torch.cuda.device_count() if torch.cuda.is_available() else 0
        if 0 < gpus < place.local_size:
            raise InputError(
                f"{place.local_size} processes train on this machine, but it has {gpus} GPUs; give each a GPU of its "
                f"own, with --nproc-per-node {gpus}."
            )
        self.device = f"cuda:{place.local_rank}" if gpus else "cpu"
        if gpus:
            torch.cuda.set_device(place.local_rank)
        self._processes = Processes(place)
        self.rank, self.size, self.restarted = place.rank, place.size, place.restarts > 0
        if place.size > 1:
            self.threads = max(1, threads.available() // place.local_size)

    @property
    def description(self) -> str:
        """What it is, in a few words for the report."""
        version = torch_library("--engine torch").__version__
        return f"PyTorch {version} on {self.device}{'' if self.size == 1 else f', {self.size} processes'}"

    def stepper(
        self, layers: Sequence[Layer], loss: Loss, objective: NetworkLoss, settings: TrainingSettings
    ) -> MovableStepper:
        """Return what takes the steps; raise InputError where the processes do not train the same.

        Parameters
        ----------
        layers : sequence of layers
            Those of a network.
        loss : Loss
        objective : NetworkLoss
            The loss of the network over its data.
        settings : TrainingSettings
        """
        from mathdl.exchange.torch_steps import TorchSteps

        batch, data = min(settings.batch_size, objective.objects), objective.data
        if batch < self.size:
            raise InputError(
                f"A batch has {batch} object{'s' if batch > 1 else ''} for {self.size} processes, and some would have "
                f"none; give a batch_size of at least {self.size}, or start fewer processes."
            )
        self._processes.require_the_same(
            {
                "the network": [layer.describe() for layer in layers],
                "the data": [data.inputs, data.targets, data.weights],
                "the loss": loss.name,
                "the rule": settings.rule.describe(),
                **{name: getattr(settings, name) for name in ("batch_size", "epochs", "seed", "sampling")},
            }
        )
        chosen = settings.threads or self.threads
        return TorchSteps(layers, loss, objective, settings, self._processes, self.device, chosen)

    def anyone(self, answer: bool) -> bool:
        """Return whether the answer is yes in any of the processes.

        Parameters
        ----------
        answer : bool
        """
        return self._processes.any(answer)

    def shared(self, state: TrainingState | None) -> TrainingState | None:
        """Return the state that the first process goes on from; None where it begins.

        Parameters
        ----------
        state : TrainingState or None
            Of this process.
        """
        if self.size == 1:
            return state
        arrays = {} if state is None else state.arrays
        kinds = {name: [array.dtype.str, array.shape] for name, array in arrays.items()}
        head = json.loads(self._processes.first_bytes(json.dumps([state and state.record, kinds]).encode()))
        content = self._processes.first_bytes(b"".join(array.tobytes() for array in arrays.values()))
        record, kinds = head
        if record is None:
            return None
        received, place = {}, 0
        for name, (dtype, shape) in kinds.items():
            count = int(np.prod(shape, dtype=np.int64))
            received[name] = np.frombuffer(content, dtype, count, place).reshape(shape).copy()
            place += received[name].nbytes
        return TrainingState(received, record)
