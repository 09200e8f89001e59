"""What an estimator says about itself, in its own file: all that commands, files, reports and tests ask it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from inspect import signature
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.models.number_table import NumberTable

Array = NDArray[Any]
MAX_RANDOM_STATE = 2**32 - 1  # of NumPy's RandomState


@dataclass(frozen=True)
class Option:
    """An option of ``mathdl train`` that becomes a parameter of the estimator."""

    parameter: str
    type: Callable[[str], Any]  # int, float, str, or what else reads the text of the command
    help: str  # one line, without the model's name
    default: str  # as --help shows it


@dataclass(frozen=True)
class Declaration:
    """What an estimator is called, is for, minimises, learns and can be told.

    ``learned`` names the attributes that a file must hold, each with its shape or its codec: see
    :mod:`mathdl.files.estimators`.
    """

    command: str  # the name after --model
    task: str  # "classification", "regression" or "clustering"
    minimises: str
    learned: Mapping[str, str]
    options: Mapping[str, Option] = field(default_factory=dict)  # by the command's option in Python spelling
    two_classes: bool = False
    certifies: bool = True


class RunFacts(NamedTuple):
    """What a run knows about its data when it makes an estimator."""

    task: str
    input_shape: tuple[int, ...]  # of one object
    outputs: int  # the number of classes, or 1
    objects: int  # of the training part
    images: bool  # or signals
    classes: int | None
    seed: int
    threads: int | None


class DeclaredEstimator:
    """An estimator that a run can train and a file can hold; a new one declares itself and need not override more."""

    declaration: ClassVar[Declaration]
    n_features_in_: int

    @classmethod
    def checked_options(
        cls, options: Mapping[str, Any], *, seed: int = 0, threads: int | None = None
    ) -> dict[str, Any]:
        """Check options before any data are read, and return them as ``for_run`` takes them; None was not given."""
        return {name: value for name, value in options.items() if value is not None}

    @classmethod
    def for_run(cls, facts: RunFacts, options: Mapping[str, Any]) -> Self:
        """Make the estimator of a run from the options that were given."""
        declared, known = cls.declaration.options, signature(cls).parameters
        if "random_state" in known and facts.seed > MAX_RANDOM_STATE:
            raise InputError(f"seed is {facts.seed}; {cls.declaration.command} takes at most {MAX_RANDOM_STATE}.")
        of_the_run = {"random_state": facts.seed, "threads": facts.threads}
        parameters = {name: value for name, value in of_the_run.items() if name in known}
        return cls(**parameters | {declared[name].parameter: value for name, value in options.items()})

    def settings(self) -> dict[str, Any]:
        """Return what it was fitted with, as JSON can hold it, for the record of a run."""
        parameters: dict[str, Any] = self.get_params(deep=False)  # type: ignore[attr-defined]
        return {name: value for name, value in parameters.items() if name not in ("random_state", "threads")}

    def objective_value(self, X: Array, y: Any) -> float | None:
        """Return the value of what it minimises on the training data; None where it is not shown."""
        return None

    @property
    def parameter_count(self) -> int:
        """How many numbers predict."""
        return int(np.size(self.coef_) + np.size(self.intercept_))  # type: ignore[attr-defined]

    @property
    def object_shape(self) -> tuple[int, ...]:
        """The shape of one object."""
        return (int(self.n_features_in_),)

    @property
    def input_dtype(self) -> str:
        """The type of number that it computes with."""
        return "float64"

    def table_of_learned(self, feature_names: Sequence[str]) -> NumberTable | None:
        """Return the coefficients or the centres as a table; None where there is nothing to be read off."""
        return None

    def check_restored(self) -> None:
        """Raise InputError where attributes read from a file, each sound in itself, do not fit each other."""
