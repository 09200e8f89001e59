"""Deep learning whose mathematics you can check.

The public names load on first use, so that ``import mathdl`` is immediate.
"""

from __future__ import annotations

from importlib import import_module

__version__ = "0.1.0"

_HOME = {
    "Activation": "layers.activation",
    "Adam": "descent.adam",
    "Callback": "descent.callbacks",
    "Checkpoint": "files.checkpoint",
    "Conv2D": "layers.conv2d",
    "CosineSchedule": "descent.schedules",
    "Dense": "layers.dense",
    "EarlyStopping": "descent.callbacks",
    "Flatten": "layers.flatten",
    "GlobalMaxPool2D": "layers.globalmaxpool2d",
    "History": "descent.history",
    "MaxPool2D": "layers.maxpool2d",
    "Network": "network",
    "NetworkClassifier": "models.network_classifier",
    "NetworkRegressor": "models.network_regressor",
    "Parallel": "layers.parallel",
    "SGD": "descent.sgd",
    "StepSchedule": "descent.schedules",
    "ZeroPad2D": "layers.zeropad2d",
    "load": "files.model",
    "load_checkpoint": "files.checkpoint",
    "save": "files.model",
}

__all__ = ["__version__", *sorted(_HOME)]


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name not in _HOME:
        raise AttributeError(f"module 'mathdl' has no attribute {name!r}")
    value = getattr(import_module(f"mathdl.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
