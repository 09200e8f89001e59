"""How training goes: what ``Network.fit`` and ``Network.find_learning_rate`` both take, checked in one place."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from mathdl.checks import MAX_STEPS, require_at_least, require_choice, require_not_negative
from mathdl.descent.adam import Adam
from mathdl.descent.batches import IN_BLOCKS, SAMPLINGS
from mathdl.descent.rule import Rule
from mathdl.descent.rules import rule_of
from mathdl.descent.schedules import Schedule, require_schedule
from mathdl.errors import InputError

# What other libraries call an argument, and what it is here.
OTHER_NAMES = {
    "lr": "rule=Adam(learning_rate=...) or rule=SGD(learning_rate=...)",
    "learning_rate": "rule=Adam(learning_rate=...) or rule=SGD(learning_rate=...)",
    "optimizer": "rule=SGD(...) or rule=Adam(...)",
    "momentum": "rule=SGD(..., momentum=...)",
    "weight_decay": "rule=Adam(..., weight_decay=...)",
    "criterion": "loss='cross_entropy', for example",
    "n_epochs": "epochs=...",
    "num_epochs": "epochs=...",
    "max_iter": "epochs=...",
    "random_state": "seed=...",
    "n_jobs": "threads=...",
    "validation_data": "validation=(X, y)",
    "validation_split": "validation=(X, y) with objects of your own choice",
    "early_stopping": "callbacks=[EarlyStopping(...)]",
}


@dataclass(frozen=True)
class TrainingSettings:
    """The settings of a run of training."""

    rule: Rule
    batch_size: int = 32
    epochs: int = 10
    seed: int = 0
    threads: int | None = None
    schedule: Schedule | None = None
    sampling: str | None = None  # as the data lie
    sampling_weight: Any = None
    robustness: float | None = None

    def __post_init__(self) -> None:
        require_schedule(self.schedule)
        for name, least in (("batch_size", 1), ("epochs", 1), ("seed", 0)):
            require_at_least(name, getattr(self, name), least, None if name == "seed" else MAX_STEPS)
            object.__setattr__(self, name, int(getattr(self, name)))
        if self.threads is not None:
            require_at_least("threads", self.threads, 1)
        require_choice("sampling", self.sampling, (*SAMPLINGS, IN_BLOCKS, None))
        if self.sampling_weight is not None and self.sampling != "with_replacement":
            raise InputError("sampling_weight needs sampling='with_replacement'; give it, or weigh the loss.")
        if self.robustness is not None:
            require_not_negative("robustness", self.robustness)
            object.__setattr__(self, "robustness", float(self.robustness))

    @classmethod
    def of(cls, caller: str, *, rule: Rule | str | None = None, **others: Any) -> TrainingSettings:
        """Make the settings of the arguments of ``caller``; raise InputError at a name that it does not take."""
        names = [field.name for field in fields(cls)]
        for name in others:
            if name not in names:
                advice = OTHER_NAMES.get(name, f"one of {', '.join(names)}")
                raise InputError(f"{caller} takes no argument {name!r}; give {advice}.")
        return cls(Adam() if rule is None else rule_of(rule), **others)
