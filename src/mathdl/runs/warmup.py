"""Compile every kernel before it is needed, by small fits that need it: for an image of a container, or a lesson."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mathdl.convolution.convolve import convolve
from mathdl.descent.adam import Adam
from mathdl.descent.gradient_descent import gradient_descent
from mathdl.descent.rule import Rule
from mathdl.descent.sgd import SGD
from mathdl.errors import ConvergenceWarning, InputError, InputWarning
from mathdl.kernels.disk_cache import kernel_folders
from mathdl.layers.activation import KERNELS
from mathdl.layers.dense import Dense
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Layer
from mathdl.layers.registry import layer_of
from mathdl.models.kmeans import KMeans
from mathdl.models.logistic_regression import LogisticRegression
from mathdl.networks.losses import LOSSES
from mathdl.networks.network import Network
from mathdl.objectives.huber import Huber
from mathdl.objectives.least_squares import LeastSquares
from mathdl.objectives.logistic_loss import LogisticLoss
from mathdl.objectives.neuron_loss import NeuronLoss

DTYPES = ("float32", "float64")
OBJECTS, BATCH = 24, 8
WIDE = 64  # features from which on products of columns are in float32
IMAGE = (2, 12, 12)
# Layers of networks for images of IMAGE's shape. Sizes of blocks are compiled apart, and what comes before the first
# parameters needs no gradient.
IMAGES: dict[str, list[dict[str, Any]]] = {
    "convolutions": [
        {"layer": "Conv2D", "channels": 2, "kernel_size": 1},
        {"layer": "Conv2D", "channels": 3, "kernel_size": 3, "padding": "same"},
        {"layer": "MaxPool2D", "size": 2},
        {"layer": "Conv2D", "channels": 2, "kernel_size": 3, "stride": 2, "bias": "position"},
        {"layer": "Residual", "layers": [{"layer": "Conv2D", "channels": 2, "kernel_size": 1}]},
    ],
    "pooling": [
        {"layer": "Conv2D", "channels": 2, "kernel_size": 1},
        {"layer": "ZeroPad2D", "size": 1},
        {"layer": "AveragePool2D", "size": 2},
        {"layer": "MaxPool2D", "size": 3, "stride": 2},
        {"layer": "Dropout", "rate": 0.1},
        {"layer": "Parallel", "branches": [[{"layer": "Flatten"}], [{"layer": "GlobalMaxPool2D"}]]},
    ],
}
RULES: tuple[Rule, ...] = (SGD(0.01), SGD(0.01, momentum=0.9), SGD(0.01, momentum=0.9, nesterov=True), Adam())


class Work(NamedTuple):
    """A small job by which kernels are compiled, and its name."""

    name: str
    run: Callable[[], object]


class Kept(NamedTuple):
    """Where machine code is, in how many files and bytes."""

    folders: list[Path]
    files: int
    size: int


def works() -> list[Work]:
    """List small jobs that need every kernel, in single and in double precision."""
    return [Work(f"{name}, {dtype}", run) for dtype in DTYPES for name, run in _fits(dtype)] + list(_others())


def compile_by(work: Work) -> None:
    """Do one of the jobs; its numbers say nothing."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InputWarning)
        warnings.simplefilter("ignore", ConvergenceWarning)
        work.run()


def kept() -> Kept:
    """Say where the machine code of kernels is kept; raise InputError where it cannot be."""
    chosen = kernel_folders()
    if not all(folder.writable for folder in chosen):
        raise InputError(
            "No folder for compiled kernels can be written, so nothing would be left of them; "
            "set NUMBA_CACHE_DIR to a folder that can be written."
        )
    paths = list(dict.fromkeys(Path(str(folder.path)) for folder in chosen))
    files = [file for path in paths for file in path.glob("*.nb?")]
    return Kept(paths, len(files), sum(file.stat().st_size for file in files))


def _fits(dtype: str) -> Iterator[tuple[str, Callable[[], object]]]:
    """Yield fits of networks and the solvers that have both precisions."""
    for activation in ("identity", *KERNELS):
        yield f"dense layers with {activation}", partial(_dense, dtype, "mean_square", activation)
    for loss in LOSSES:
        yield f"loss {loss}", partial(_dense, dtype, loss, "identity")
    for rule in RULES:
        yield f"rule {rule}", partial(_dense, dtype, "mean_square", "identity", rule)
    for name, layers in IMAGES.items():
        yield name, partial(_images, dtype, [layer_of(layer) for layer in layers])
    yield "k-means", partial(_clusters, dtype)


def _others() -> Iterator[Work]:
    """Yield what works in double precision only."""
    X, y = _objects(3, "float64"), np.arange(OBJECTS) % 2
    for objective in (LeastSquares, Huber, LogisticLoss, NeuronLoss):
        for batch in (1, BATCH):
            loss: Any = objective(X, 2 * y - 1 if objective is LogisticLoss else y)
            descent = partial(gradient_descent, loss, np.zeros(3), SGD(0.01), OBJECTS, 0.0, batch_size=batch, seed=0)
            yield Work(f"descent on {objective.__name__} by {batch}", descent)
    for columns in (X, _objects(WIDE, "float64")):
        for classes in (2, 3):
            name = f"logistic regression, {columns.shape[1]} features, {classes} classes"
            yield Work(name, partial(LogisticRegression(0.1).fit, columns, np.arange(OBJECTS) % classes))
    yield Work("clusters of numbers", partial(KMeans(3).fit, X[:, :1]))
    yield Work("convolution", partial(convolve, np.ones((9, 9)), np.ones((80, 80))))


def _objects(features: int, dtype: str) -> Any:
    """Draw a few objects."""
    return np.random.default_rng(0).normal(size=(OBJECTS, features)).astype(dtype)


def _train(net: Network, X: Any, y: Any, loss: str, rule: Rule) -> None:
    """Train and evaluate by batches and by single objects."""
    for batch in (BATCH, 1):
        net.fit(X, y, loss=loss, rule=rule, batch_size=batch, epochs=1, validation=(X, y))
    net(X), net(X[:1])


def _dense(dtype: str, loss: str, activation: str, rule: Rule = RULES[0]) -> None:
    """Train dense layers."""
    X, y = _objects(19, dtype), np.arange(OBJECTS) % 2
    outputs, targets = {
        "cross_entropy": (2, y),
        "binary_cross_entropy": (1, y),
        "hinge": (1, 2 * y - 1),
    }.get(loss, (2, np.stack([y, 1 - y], axis=1).astype(dtype)))
    net = Network([Dense(17, activation), Dense(outputs)], (X.shape[1],), dtype)
    _train(net, X, targets, loss, rule)


def _images(dtype: str, layers: list[Layer]) -> None:
    """Train layers of images, given as numbers and as bytes."""
    net = Network([*layers, Flatten(), Dense(2)], IMAGE, dtype)
    X = np.random.default_rng(0).integers(256, size=(OBJECTS, *IMAGE), dtype=np.uint8)
    for images in (X, X.astype(dtype) / 255):
        _train(net, images, np.arange(OBJECTS) % 2, "cross_entropy", RULES[0])


def _clusters(dtype: str) -> None:
    """Find clusters of points."""
    KMeans(3).fit(_objects(2, dtype))
