"""Deep learning whose mathematics you can check.

The public names load on first use, so that ``import mathdl`` is immediate.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # what __getattr__ loads, for type checkers and editors
    from mathdl.descent.adam import Adam as Adam
    from mathdl.descent.callbacks import Callback as Callback
    from mathdl.descent.callbacks import EarlyStopping as EarlyStopping
    from mathdl.descent.history import History as History
    from mathdl.descent.schedules import CosineSchedule as CosineSchedule
    from mathdl.descent.schedules import StepSchedule as StepSchedule
    from mathdl.descent.sgd import SGD as SGD
    from mathdl.files.checkpoint import Checkpoint as Checkpoint
    from mathdl.files.checkpoint import load_checkpoint as load_checkpoint
    from mathdl.files.model import load as load
    from mathdl.files.model import save as save
    from mathdl.layers.activation import Activation as Activation
    from mathdl.layers.conv2d import Conv2D as Conv2D
    from mathdl.layers.dense import Dense as Dense
    from mathdl.layers.flatten import Flatten as Flatten
    from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D as GlobalMaxPool2D
    from mathdl.layers.maxpool2d import MaxPool2D as MaxPool2D
    from mathdl.layers.parallel import Parallel as Parallel
    from mathdl.layers.zeropad2d import ZeroPad2D as ZeroPad2D
    from mathdl.models.network_classifier import NetworkClassifier as NetworkClassifier
    from mathdl.models.network_regressor import NetworkRegressor as NetworkRegressor
    from mathdl.network import Network as Network

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
