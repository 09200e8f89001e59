"""The models that a run can train, and which options belong to which. Nothing heavy is imported here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mathdl.errors import InputError
from mathdl.models.registry import estimator_class

NETWORK = "network"
NETWORK_OPTIONS = ("network", "task", "epochs", "batch_size", "learning_rate", "momentum", "threads", "resume")


@dataclass(frozen=True)
class ModelKind:
    """An estimator as a run trains it.

    Parameters
    ----------
    estimator : str
        The name of its class.
    task : {"regression", "classification", "clustering"}
        What it is for.
    options : mapping of str to str
        The options that it takes, with the names of its parameters.
    two_classes : bool
        Whether it knows two classes only.
    """

    estimator: str
    task: str
    options: Mapping[str, str] = field(default_factory=dict)
    two_classes: bool = False

    def make(self, given: Mapping[str, Any]) -> Any:
        """Make the estimator with the options that were given (not None); others keep their defaults."""
        chosen = {self.options[name]: value for name, value in given.items() if value is not None}
        return estimator_class(self.estimator)(**chosen)


_LAMBDA = {"regularization": "regularization"}
MODELS = {
    "linear": ModelKind("LinearRegression", "regression"),
    "polynomial": ModelKind("PolynomialRegression", "regression", {"degree": "degree"}),
    "logistic": ModelKind("LogisticRegression", "classification", _LAMBDA),
    "hard-margin": ModelKind("HardMarginSVM", "classification", two_classes=True),
    "soft-margin": ModelKind("SoftMarginSVM", "classification", _LAMBDA, two_classes=True),
    "kmeans": ModelKind("KMeans", "clustering", {"clusters": "n_clusters", "threads": "threads"}),
}


def check_options(model: str, given: Mapping[str, object]) -> None:
    """Refuse options that do not belong to a model.

    Parameters
    ----------
    model : str
        ``"network"``, or one of ``MODELS``.
    given : mapping of str to object
        Options under their names in Python; those that are None or False were not given.

    Raises
    ------
    InputError
        If there is no such model, or an option is another model's.

    Examples
    --------
    >>> check_options("linear", {"degree": 3})
    Traceback (most recent call last):
    ...
    mathdl.errors.InputError: --degree goes with --model polynomial, not with linear; leave it out.
    """
    known = {NETWORK: NETWORK_OPTIONS, **{name: (*kind.options, "certify") for name, kind in MODELS.items()}}
    if model not in known:
        raise InputError(f"There is no model {model!r}; choose one of {', '.join(known)}.")
    for name, value in given.items():
        if value is None or value is False or name in known[model]:
            continue
        owners = " or ".join(owner for owner, options in known.items() if name in options)
        raise InputError(f"--{name.replace('_', '-')} goes with --model {owners}, not with {model}; leave it out.")
