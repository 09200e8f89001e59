"""The options of a run: which models there are, and which options belong to which."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from mathdl.errors import InputError
from mathdl.models.declaration import DeclaredEstimator, Option
from mathdl.models.registry import models

Kinds = Mapping[str, type[DeclaredEstimator]]  # a model's classes by task


def declared_options() -> dict[str, dict[str, Option]]:
    """Return every option that a model declares, by its name in Python and then by the command's name of the model."""
    options: dict[str, dict[str, Option]] = {}
    for model, kinds in models().items():
        for kind in kinds.values():
            for name, option in kind.declaration.options.items():
                options.setdefault(name, {}).setdefault(model, option)
    return options


def model_named(model: str, given: Mapping[str, object]) -> Kinds:
    """Return the classes of a model by task; refuse options, those neither None nor False, that are another model's."""
    known = models()
    if not isinstance(model, str) or model not in known:
        raise InputError(f"There is no model {model!r}; choose one of {', '.join(known)}.")
    owners = owners_of_options()
    for name, value in given.items():
        if value is None or value is False or model in owners.get(name, ()):
            continue
        if name not in owners:
            raise InputError(f"There is no option {name!r}; the options of {model} are {_options_of(model, owners)}.")
        option = f"--{name.replace('_', '-')}"
        raise InputError(f"{option} goes with --model {' or '.join(owners[name])}, not with {model}; leave it out.")
    return known[model]


def owners_of_options() -> dict[str, list[str]]:
    """Return the models that each option belongs to, by the option's name in Python."""
    owners = {name: list(options) for name, options in declared_options().items()}
    for model, kinds in models().items():
        answers = {
            "certify": any(kind.declaration.certifies for kind in kinds.values()),
            "resume": any(trains_in_epochs(kind) for kind in kinds.values()),
            "task": "clustering" not in kinds,
        }
        for name, answer in answers.items():
            owners.setdefault(name, []).extend([model] if answer else [])
    return owners


def trains_in_epochs(kind: type[DeclaredEstimator]) -> bool:
    """Whether an estimator trains epoch by epoch: with validation data and callbacks, and so that it can be resumed.

    Such a one also reads images as they are; others read rows of numbers.
    """
    return {"validation", "callbacks", "resume"} <= inspect.signature(kind.fit).parameters.keys()  # type: ignore[attr-defined]


def _options_of(model: str, owners: Mapping[str, Any]) -> str:
    """List a model's options."""
    return ", ".join(name for name, models_of_it in owners.items() if model in models_of_it) or "none"
