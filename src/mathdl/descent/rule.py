"""What an update rule is: its constants, one update kernel, and how much it remembers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number
from mathdl.engine.executable import Update
from mathdl.errors import InputError
from mathdl.kernels.jit import Kernel

AUTO = "auto"  # in place of a learning rate: it is to be found before training


class Rule(ABC):
    """An update rule of descent."""

    learning_rate: float | str

    @property
    def is_auto(self) -> bool:
        """Whether the learning rate is still to be found."""
        return self.learning_rate == AUTO

    @property
    def rate(self) -> float:
        """The learning rate as a number; InputError where it is still to be found."""
        if self.is_auto:
            raise InputError(f"{type(self).__name__}: learning_rate is still 'auto'; put a number in by with_rate.")
        return float(self.learning_rate)

    def with_rate(self, learning_rate: float | str) -> Self:
        """Return the same rule with this learning rate."""
        return replace(self, learning_rate=learning_rate)  # type: ignore[type-var]

    def use_plain_numbers(self) -> None:
        """Put Python's numbers in place of NumPy's, so that files can hold them."""
        for name, value in vars(self).items():
            if isinstance(value, np.generic):
                object.__setattr__(self, name, float(value) if isinstance(value, np.floating) else value.item())

    @property
    @abstractmethod
    def usual_rates(self) -> tuple[float, float]:
        """The least and the largest learning rate that usually make sense, where a search begins."""

    @property
    @abstractmethod
    def scale_free(self) -> bool:
        """Whether scaling the gradient leaves a step as it is, so that no rate above the usual ones is needed."""

    @property
    @abstractmethod
    def kernel(self) -> Kernel:
        """The update kernel."""

    def outer_kernel(self, width: int) -> Kernel | None:
        """Return the update kernel for batches of one object, given d and x of its gradient d x^T; None without one.

        ``width`` is the length of x; 0 where the gradient is d itself.
        """
        return None

    @property
    @abstractmethod
    def vectors(self) -> int:
        """Vectors of the parameters' length that the rule remembers."""

    @abstractmethod
    def constants(self, learning_rate: float) -> NDArray[np.float64]:
        """The kernel's constants at this learning rate."""

    def update(self, learning_rate: float, updates: int, seed: int = 0) -> Update:
        """Return the rule as the engine calls it, after so many updates; ``seed`` is for what a step draws."""
        return Update(self.kernel, self.outer_kernel, self.constants(learning_rate), updates, seed)

    def describe(self) -> dict[str, Any]:
        """Return the rule as a dictionary that JSON can hold."""
        return {"rule": type(self).__name__, **asdict(self)}  # type: ignore[call-overload]


def require_rate(rule: str, value: object) -> None:
    """Raise InputError unless ``value`` is a learning rate: a positive finite number, or "auto"."""
    if isinstance(value, str) and value == AUTO:
        return
    if not is_number(value) or not 0 < float(value) < np.inf:  # type: ignore[arg-type]
        raise InputError(f"{rule}: learning_rate is {value!r}; give a positive number, or 'auto'.")
