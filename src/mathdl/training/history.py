"""The record of a training run."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Self

from mathdl.training.learning_rate_search import LearningRateSearch


@dataclass
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
    status : str
        ``"completed"``, ``"stopped early"``, ``"interrupted"`` or ``"diverged"``.
    message : str
        One sentence where something is to be said.
    search : LearningRateSearch or None
        How the learning rate was found, where it was "auto".
    """

    loss: list[float] = field(default_factory=list)
    validation_loss: list[float] = field(default_factory=list)
    validation_accuracy: list[float] = field(default_factory=list)
    learning_rate: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    status: str = "completed"
    message: str = ""
    search: LearningRateSearch | None = None

    @property
    def epochs(self) -> int:
        """Number of whole epochs."""
        return len(self.loss)

    def to_dict(self) -> dict[str, Any]:
        """Return the record as a dictionary that JSON can hold."""
        return {**asdict(self), "search": None if self.search is None else self.search.to_dict()}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Return the record that ``to_dict`` was called on."""
        search = record.get("search")
        return cls(**{**record, "search": None if search is None else LearningRateSearch.from_dict(search)})
