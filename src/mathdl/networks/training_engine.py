"""What trains networks in place of the library's own engine, alone or as one of several processes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextvars import ContextVar, Token
from typing import Self

from mathdl.layers.layer import Layer
from mathdl.networks.losses import Loss
from mathdl.networks.network_loss import NetworkLoss
from mathdl.training.in_blocks import MovableStepper
from mathdl.training.settings import TrainingSettings
from mathdl.training.training import TrainingState


class TrainingEngine(ABC):
    """What takes the steps of every training in a ``with`` block; the room of networks does not know which there are.

    Where several processes train together, each runs the same program with an engine of its own; ``rank`` is the number
    of this one, and 0 of the one that writes. ``restarted`` tells that they were started again after one had failed.
    ``threads`` are this one's share of the machine's; None: as many as pay.
    """

    rank: int = 0
    restarted: bool = False
    threads: int | None = None
    _token: Token[TrainingEngine | None] | None = None

    @property
    @abstractmethod
    def description(self) -> str:
        """What it is, in a few words for the report."""

    @abstractmethod
    def stepper(
        self, layers: Sequence[Layer], loss: Loss, objective: NetworkLoss, settings: TrainingSettings
    ) -> MovableStepper:
        """Return what takes the steps of one training."""

    @abstractmethod
    def anyone(self, answer: bool) -> bool:
        """Return whether the answer is yes in any of the processes."""

    @abstractmethod
    def shared(self, state: TrainingState | None) -> TrainingState | None:
        """Return the state that the first process goes on from; None where it begins."""

    def __enter__(self) -> Self:
        self._token = _CURRENT.set(self)
        return self

    def __exit__(self, *failure: object) -> None:
        assert self._token is not None
        _CURRENT.reset(self._token)


_CURRENT: ContextVar[TrainingEngine | None] = ContextVar("training engine", default=None)


def current_engine() -> TrainingEngine | None:
    """Return the engine of the ``with`` block that this is in; None for the library's own."""
    return _CURRENT.get()
