"""The record of a training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from mathdl.checks import is_number, require_choice, shortened
from mathdl.errors import InputError
from mathdl.status import Status
from mathdl.training.learning_rate_search import LearningRateSearch

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(repr=False)
class History:
    """What happened in each epoch, and how it ended.

    Attributes
    ----------
    loss : list of float
        Mean of the batches' losses during each epoch, each before its update.
    validation_loss, validation_accuracy : list of float
        On the validation data after each epoch; empty without them. Accuracy is recorded where the loss has classes.
    learning_rate : list of float
        The learning rate of each epoch.
    seconds : list of float
        Seconds since the start of training at the end of each epoch.
    status : Status
        ``"completed"``, ``"stopped early"``, ``"interrupted"`` or ``"diverged"``.
    message : str
        One sentence where something is to be said.
    search : LearningRateSearch or None
        How the learning rate was found, where it was "auto".

    Examples
    --------
    >>> from mathdl import History
    >>> History(loss=[0.7, 0.4, 0.3], learning_rate=[0.1, 0.1, 0.1])
    History: 3 epochs, completed; loss from 0.7 to 0.3
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    status: Status = Status.COMPLETED
    message: str = ""
    search: LearningRateSearch | None = None

    def __post_init__(self) -> None:
        for name in ("loss", "validation_loss", "validation_accuracy", "learning_rate", "seconds"):
            values = getattr(self, name)
            if not isinstance(values, list) or not all(map(is_number, values)):
                raise InputError(f"History: {name} is {shortened(values)}; give a list of numbers.")
        require_choice("History: status", self.status, tuple(Status))
        self.status = Status(self.status)  # type: ignore[call-arg]  # of its word alone
        if not isinstance(self.message, str):
            raise InputError(f"History: message is {shortened(self.message)}; give a text.")
        if self.search is not None and not isinstance(self.search, LearningRateSearch):
            raise InputError(f"History: search is {shortened(self.search)}; give what find_learning_rate returned.")

    @property
    def epochs(self) -> int:
        """Number of whole epochs."""
        return len(self.loss)

    @property
    def best_epoch(self) -> int | None:
        """The epoch, from 1, after which the validation loss was lowest; None without validation."""
        if np.isnan(self.validation_loss).all():
            return None
        return int(np.nanargmin(self.validation_loss)) + 1

    def __repr__(self) -> str:
        parts = [f"{self.epochs} epoch{'' if self.epochs == 1 else 's'}, {self.status}"]
        if self.loss:
            parts.append(f"loss from {self.loss[0]:.4g} to {self.loss[-1]:.4g}")
        if self.validation_loss:
            parts.append(f"validation loss {self.validation_loss[-1]:.4g}")
        if self.validation_accuracy:
            parts.append(f"validation accuracy {self.validation_accuracy[-1]:.4g}")
        return f"History: {'; '.join(parts)}"

    def plot(self, measure: str = "loss", *, ax: Axes | None = None) -> Axes:
        """Draw the loss, or another measure. As for :func:`mathdl.plots.plot_history`."""
        from mathdl.plots.history import plot_history

        return plot_history(self, measure, ax=ax)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a dictionary that JSON can hold."""
        search = None if self.search is None else self.search.to_dict()
        return {**asdict(self), "status": str(self.status), "search": search}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Return the record that ``to_dict`` was called on."""
        if not isinstance(record, dict):
            raise InputError(f"The record of a history is {shortened(record)}; give what History.to_dict returned.")
        if unknown := set(record) - {known.name for known in fields(cls)}:
            raise InputError(f"The record of a history has {unknown}, which no history has.")
        search = record.get("search")
        return cls(**{**record, "search": None if search is None else LearningRateSearch.from_dict(search)})
