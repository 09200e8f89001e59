"""The loss of a network as a function of its parameters."""

from __future__ import annotations

from mathdl.engine.executable import Data, Executable, Steps
from mathdl.engine.memory import aligned
from mathdl.objectives.objective import AdditiveObjective, Array


class NetworkLoss(AdditiveObjective):
    """The mean loss of a network over objects (8.7), as :meth:`Network.objective` returns it.

    Attributes
    ----------
    size : int
        Number of parameters.
    dtype : str
        The network's.
    objects : int
        Number of objects.
    executable, data
        The compiled program, and the objects as it reads them.
    """

    def __init__(self, executable: Executable, data: Data, size: int, threads: int | None) -> None:
        self.executable, self.data, self._threads = executable, data, threads
        self.size, self.dtype, self.objects = size, executable.program.dtype, data.objects

    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute the loss and its gradient by backpropagation. As for :meth:`Objective.value_and_gradient`."""
        value, gradient, _ = self.executable.gradient(a, self.data, self._threads)
        return value, gradient

    def stepper(self, vectors: int, batch_size: int) -> Steps:
        """Return what takes the steps."""
        memory = aligned((1 + vectors) * int(self.size or 0), self.dtype)  # the gradient first
        return Steps(self.executable, self.data, memory, batch_size, self._threads)
