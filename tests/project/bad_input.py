"""Bad values in place of every argument of every public name, run by ``test_bad_input.py`` in processes of their own.

``python bad_input.py NAME`` tries them all and prints, as JSON, how many calls there were, which were accepted, and
which ended wrongly: in an error that is neither one sentence of the library nor scikit-learn's, or not in time.
"""

from __future__ import annotations

import copy
import datetime
import decimal
import fractions
import json
import os
import pathlib
import signal
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse

import mathdl
import mathdl.plots
from mathdl.certificates import CertificateError
from mathdl.errors import MathdlError, TrainingInterrupted

SECONDS = 60  # chosen: no call takes so long but one that hangs, or that works for ever
MAX_EPOCHS = 2  # chosen: a run that is accepted is a short one


def bad_values() -> list[tuple[str, Any]]:
    """Values that hardly any argument is made for; those that one is made for are accepted."""
    nan, inf = float("nan"), float("inf")
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": ["x", None]})
    values: dict[str, Any] = {
        "None": None, "True": True, "False": False, "0": 0, "-1": -1, "2": 2, "10**30": 10**30, "-10**30": -(10**30),
        "10**400": 10**400, "2**63": 2**63, "0.5": 0.5, "2.5": 2.5, "-0.0": -0.0, "nan": nan, "inf": inf,
        "-inf": -inf, "1e308": 1e308, "5e-324": 5e-324, "1j": 1j, "''": "", "'x'": "x", "'auto'": "auto",
        "'relu'": "relu", "'1'": "1", "NUL": "a\0b", "surrogate": "\udcff", "long text": "x" * 5000, "bytes": b"x",
        "bytearray": bytearray(b"ab"), "[]": [], "[[]]": [[]], "[1]": [1], "[1, 2]": [1, 2], "ragged": [[1, 2], [3]],
        "[None]": [None], "['a']": ["a"], "[nan]": [nan], "[inf]": [inf], "[1e308] * 4": [1e308] * 4,
        "[-1] * 4": [-1] * 4, "[0] * 4": [0] * 4, "nested": [[[[[1]]]]], "()": (), "(1,)": (1,), "(0, -1)": (0, -1),
        "{}": {}, "{'a': 1}": {"a": 1}, "{1: 2}": {1: 2}, "set": {1, 2}, "range": range(3),
        "generator": (i for i in [1]),
        "object": object(), "a class": int, "a function": len, "lambda": lambda *given: given[0], "module": os,
        "Ellipsis": ..., "NotImplemented": NotImplemented, "an exception": ValueError("x"),
        "Fraction": fractions.Fraction(1, 3), "Decimal": decimal.Decimal("0.1"), "date": datetime.date(2020, 1, 1),
        "Path": pathlib.Path("nowhere"), "np.array(5)": np.array(5), "zeros(0)": np.zeros(0),
        "zeros((0, 2))": np.zeros((0, 2)), "zeros((4, 0))": np.zeros((4, 0)), "zeros(3)": np.zeros(3),
        "zeros((2, 2, 2))": np.zeros((2, 2, 2)), "full(4, nan)": np.full(4, nan),
        "full((4, 2), inf)": np.full((4, 2), inf),
        "full((4, 2), 1e200)": np.full((4, 2), 1e200), "texts": np.array(["a", "b", "c", "d"]),
        "objects": np.array([None, 1, "a", []], dtype=object), "complex": np.full((4, 2), 1j),
        "datetimes": np.array(["2020-01-01"] * 4, "datetime64[D]"), "timedeltas": np.ones(4, "timedelta64[s]"),
        "float16": np.float16(0.1), "int8": np.int8(3), "uint64": np.uint64(2**63), "np.bool_": np.bool_(True),
        "longdouble": np.ones((4, 2), np.longdouble), "masked": np.ma.masked_array([1.0, 2, 3, 4], [0, 1, 0, 0]),
        "records": np.zeros(4, [("a", "f8")]), "bytes array": np.zeros((4, 2), "S3"), "frame": frame,
        "series": frame["b"], "sparse": scipy.sparse.csr_array(np.eye(4)), "a string array": np.array("abc"),
        "bool array": np.ones((4, 2), bool), "dtype": np.dtype("f8"), "a layer": mathdl.Dense(2),
        "a rule": mathdl.SGD(),
    }  # fmt: skip
    return list(values.items())


X = [[0.0, 0.0], [0.0, 1.0], [2.0, 0.0], [2.0, 1.5]]
CODES = [0, 0, 1, 1]
Y = [0.0, 1.0, 2.5, 3.0]
GROWING = mathdl.variables("n")
PRODUCT = mathdl.chain.sin(mathdl.variables("x") * mathdl.variables("y"))
BOWL = mathdl.Polynomial({(2, 0): 1, (0, 2): 2})
SADDLE = mathdl.Polynomial({(2, 0): 1, (0, 2): -2})
WEIGHTS = [1.0, 2.0, 1.0, 1.0]


TABLE = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) ** 2, "y": np.arange(20.0)})
ESTIMATOR = {"X": X, "y": CODES, "sample_weight": WEIGHTS}
REGRESSOR = {"X": X, "y": Y, "sample_weight": WEIGHTS}
LOSS = {**ESTIMATOR, "loss": "cross_entropy", "threads": 1}
LINEAR_LOSS = {**REGRESSOR, "regularization": 0.1}

Call = tuple[Callable[..., Any], dict[str, Any]]  # what is called, and arguments that it takes


def network() -> mathdl.Network:
    return mathdl.Network([mathdl.Dense(3, activation="tanh"), mathdl.Dense(2)], input_shape=(2,))


def linear_module() -> Any:
    from torch import nn  # heavy, and not needed elsewhere here

    return nn.Linear(2, 3)


def of_a_table() -> Any:
    """Return a trained classifier of the column a."""
    table = {"a": [float(k) for k in range(20)], "y": ["x", "y"] * 10}
    return m.train(table, target="y", model="network", epochs=1).model


def of_images() -> mathdl.Network:
    return mathdl.Network([mathdl.Conv2D(1, 3), mathdl.Flatten()], input_shape=(1, 6, 7))


def hat() -> mathdl.CompactFunction:
    return mathdl.CompactFunction(lambda y: 1 - np.abs(y), (-1, 1), lipschitz=1)


def box() -> mathdl.PiecewisePolynomial:
    return mathdl.PiecewisePolynomial([0, 1], [[1]])


def pictures() -> mathdl.Network:
    return mathdl.Network([mathdl.ZeroPad2D(1), mathdl.Conv2D(1, 2)], (1, 4, 4))


def trained(**arguments: Any) -> mathdl.Network:
    """A network that was trained, with callbacks that watched it."""
    made = network()
    made.fit(X, CODES, loss="cross_entropy", epochs=MAX_EPOCHS, threads=1, **arguments)
    return made


def watch() -> mathdl.Watch:
    trained(callbacks=[watching := mathdl.Watch()])
    return watching


def descent() -> mathdl.Descent:
    return mathdl.gradient_descent(mathdl.LeastSquares(X, Y), [0.0, 0.0], mathdl.SGD(0.1), steps=3)


def in_folder(name: str) -> str:
    return os.path.join(tempfile.mkdtemp(), name)


def saved() -> str:
    mathdl.save(network(), path := in_folder("model.safetensors"))
    return path


def exported() -> str:
    import onnx

    onnx.save(mathdl.to_onnx(network()), path := in_folder("model.onnx"))
    return path


class Batches:
    """Batches that can be gone through more than once."""

    def __iter__(self) -> Any:
        return iter([(np.array(X), np.array(CODES))] * 2)


def parquet() -> str:
    pd.DataFrame({"x": [1.0, 2.0], "y": [0, 1]}).to_parquet(path := in_folder("table.parquet"))
    return path


def checkpoint() -> str:
    trained(callbacks=[mathdl.Checkpoint(path := in_folder("checkpoint.safetensors"))])
    return path


def training() -> dict[str, Any]:
    """What ``Network.fit`` takes beside data and callbacks that change."""
    return LOSS | {
        "rule": mathdl.SGD(0.1), "batch_size": 2, "epochs": 1, "seed": 0, "validation": (X, CODES), "schedule": None,
        "callbacks": (), "sampling": "with_replacement", "sampling_weight": WEIGHTS, "robustness": 0.1,
    }  # fmt: skip


def network_estimator(cls: Any, y: Any, **parameters: Any) -> Call:
    """The parameters of a network estimator, which are checked by its fit."""
    parameters |= {
        "hidden_layers": (3,), "activation": "relu", "layers": None, "add_output_layer": True, "input_shape": None,
        "dtype": None, "rule": None, "batch_size": 2, "epochs": 1, "schedule": None, "early_stopping": False,
        "tolerance": 0.0, "weight_decay": None, "augment": (), "threads": 1, "random_state": 0, "verbose": False,
    }  # fmt: skip
    return fit_of(cls, y), parameters


def fit_of(cls: Any, y: Any = CODES) -> Callable[..., Any]:
    """Make an estimator and fit it: its parameters are checked there."""
    return lambda **given: cls(**given).fit(X, y)


def method(made: Any, name: str, **good: Any) -> Call:
    """A method; what has it may be changed by a call and is copied before."""
    return (lambda *args, **given: getattr(copy.deepcopy(made), name)(*args, **given)), good


def fitted(cls: Any, y: Any, name: str, *parameters: Any, **good: Any) -> Call:
    """A method of a fitted estimator."""
    return method(cls(*parameters).fit(X, y), name, **good or {"X": X})


def drawn(function: Callable[..., Any], **good: Any) -> Call:
    """A plot, which has to be drawn as well."""

    def draw(**given: Any) -> None:
        function(**given).figure.canvas.draw()

    return draw, {**good, "ax": None}


m = mathdl
SHIFT = {"network": pictures(), "shift": (0, 1), "mode": "zeros", "border": 1}
CASES: dict[str, Callable[[], Call]] = {
    "ExactClassifier": lambda: (m.ExactClassifier, {"X": [[1.0], [2.0]], "y": [0, 1]}),
    "ExactClassifier.predict": lambda: method(m.ExactClassifier(X, CODES), "predict", X=X),
    "ExactClassifier.predict_proba": lambda: method(m.ExactClassifier(X, CODES), "predict_proba", X=X),
    "check_partition": lambda: (m.check_partition, {"classes": [{1, 2}, {3}], "objects": {1, 2, 3}}),
    "check_probabilities": lambda: (m.check_probabilities, {"p": [[0.5, 0.5]], "classes": 2}),
    "collapse": lambda: (m.collapse, {"network": m.Network([m.Dense(2)], input_shape=(2,))}),
    "from_torch": lambda: (m.from_torch, {"module": linear_module(), "input_shape": (2,)}),
    "to_torch": lambda: (m.to_torch, {"network": network()}),
    "evaluate_exactly": lambda: (
        m.evaluate_exactly, {"network": m.Network([m.Dense(2)], input_shape=(2,)), "x": [0.5, 1.0]},
    ),
    "output_bounds": lambda: (
        m.output_bounds,
        {
            "network": m.Network([m.Dense(2)], (2,)),
            "low": [0, -1.5],
            "high": [1.0, 0],
            "method": "linear",
            "seconds": 0.1,
        },
    ),
    "lipschitz_bounds": lambda: (
        m.lipschitz_bounds,
        {"network": m.Network([m.Dense(2)], (2,)), "low": [0, -1.5], "high": [1.0, 0], "norm": 2, "seed": 0},
    ),
    "certified_radii": lambda: (m.certified_radii, {"model": of_a_table(), "X": {"a": [1.0, 2.0]}, "seconds": 1.0}),
    "decide_irrelevant": lambda: (
        m.decide_irrelevant,
        {"model": of_a_table(), "X": {"a": [1.0, 2.0]}, "column": "a", "seconds": 1.0},
    ),
    "decide_monotonic": lambda: (
        m.decide_monotonic,
        {
            "model": of_a_table(), "X": {"a": [1.0, 2.0]}, "column": "a", "answer": "y", "seconds": 1.0, "seed": 0,
        },
    ),
    "certify_robustness": lambda: (
        m.certify_robustness,
        {
            "model": m.Network([m.Dense(2)], (2,)),
            "X": [[0.5, 0.25]],
            "y": [1],
            "radius": 0.01,
            "limits": (0.0, 1.0),
            "seconds": 1.0,
        },
    ),
    "robust_by_intervals": lambda: (
        m.robust_by_intervals,
        {
            "model": m.Network([m.Dense(2)], (2,)),
            "X": [[0.5, 0.25]],
            "y": [1],
            "radius": 0.01,
            "limits": (0.0, 1.0),
        },
    ),
    "regions": lambda: (
        m.regions,
        {"network": m.Network([m.Dense(2)], (2,)), "domain": ((-1, 1), (-1, 1)), "points": [[0, 0], [1, 0], [0, 1.0]]},
    ),
    "PiecewiseAffine": lambda: (m.PiecewiseAffine, {"x": [0, 1], "y": [1.0, 2.0], "slopes": (0, 1)}),
    "PiecewiseAffine.network": lambda: method(m.PiecewiseAffine([0], [0], (-1, 1)), "network", dtype="float32"),
    "PiecewiseAffine.of_network": lambda: (
        m.PiecewiseAffine.of_network, {"network": m.Network([m.Dense(1)], (1,)), "interval": (0, 1)},
    ),
    "decide_equivariance": lambda: (m.decide_equivariance, SHIFT | {"output_shift": (0, 1)}),
    "decide_invariance": lambda: (m.decide_invariance, SHIFT),
    "decide_shifts": lambda: (
        m.decide_shifts,
        {"network": pictures(), "reach": 1, "property": "equivariance", "mode": "zeros", "border": 1},
    ),
    "smallest_border": lambda: (
        m.smallest_border, {"network": pictures(), "shift": (0, 1), "property": "equivariance", "mode": "zeros"}
    ),
    "shift_stability": lambda: (
        m.shift_stability,
        {
            "network": m.Network([m.Flatten(), m.Dense(2)], (1, 2, 2)),
            "X": np.ones((4, 1, 2, 2)), "reach": 1, "mode": "zeros",
        },
    ),
    "invariant_network": lambda: (
        m.invariant_network,
        {
            "classes": 2, "image_shape": (1, 4, 4), "channels": (2, 3), "kernel_size": 2, "activation": "relu",
            "dtype": "float32", "seed": 0,
        },
    ),
    "harden": lambda: (m.harden, {"p": [[0.2, 0.8]], "classes": ["a", "b"], "ties": "first"}),
    "network_from_hyperplanes": lambda: (
        m.network_from_hyperplanes, {"hyperplanes": [m.Hyperplane(np.array([1.0, 2.0]), 0.5)]}
    ),
    "softmax": lambda: (m.softmax, {"y": [1.0, 2.0]}),
    "Activation.values": lambda: method(m.Activation("tanh"), "values", x=[1.0, 2.0]),
    "Activation": lambda: (m.Activation, {"name": "leaky_relu", "slope": 0.1, "at_zero": None}),
    "Adam": lambda: (
        m.Adam,
        {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weight_decay": 0.1},
    ),
    "SGD": lambda: (m.SGD, {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
    "Certificate": lambda: (m.Certificate, {"kind": "x", "statement": "x", "numbers": {}, "fingerprint": "0" * 64}),
    "Certificate.from_json": lambda: (
        m.Certificate.from_json,
        {"text": m.separate(X[:2], X[2:]).certificate.to_json()},
    ),
    "Checkpoint": lambda: (m.Checkpoint, {"path": "x", "every": 1, "settings": {}}),
    "MLflowTracker": lambda: (m.MLflowTracker, {"run_name": "x"}),
    "TensorBoardTracker": lambda: (m.TensorBoardTracker, {"folder": "x"}),
    "EarlyStopping": lambda: (m.EarlyStopping, {"patience": 3, "monitor": "loss"}),
    "CosineSchedule": lambda: (m.CosineSchedule, {"last": 0.1}),
    "CosineSchedule()": lambda: method(m.CosineSchedule(0.1), "__call__", epoch=0, epochs=2),
    "StepSchedule": lambda: (m.StepSchedule, {"every": 2, "factor": 0.5}),
    "StepSchedule()": lambda: method(m.StepSchedule(2), "__call__", epoch=0, epochs=2),
    "Conv2D": lambda: (
        m.Conv2D,
        {"channels": 2, "kernel_size": 3, "stride": 1, "padding": "valid", "activation": "relu", "bias": None},
    ),
    "Conv1D": lambda: (
        m.Conv1D,
        {"channels": 2, "kernel_size": 3, "stride": 1, "padding": "valid", "activation": "relu", "bias": None},
    ),
    "CompactFunction": lambda: (m.CompactFunction, {"function": np.abs, "support": (-1, 1), "lipschitz": 1}),
    "CompactFunction.convolve": lambda: method(hat(), "convolve", other=hat(), x=0.5, tolerance=0.1),
    "PiecewisePolynomial": lambda: (m.PiecewisePolynomial, {"breaks": [0, 1], "pieces": [[1, 2]]}),
    "PiecewisePolynomial()": lambda: method(box(), "__call__", x=0.5),
    "PiecewisePolynomial.convolve": lambda: method(box(), "convolve", other=box()),
    "PiecewisePolynomial.integral": lambda: method(box(), "integral", start=0, end="1/2"),
    "convolve": lambda: (m.convolve, {"K": [[1, 2]], "A": X, "flip": True}),
    "cosine_scores": lambda: (m.cosine_scores, {"K": [[1, 2]], "A": X}),
    "frobenius_product": lambda: (m.frobenius_product, {"A": X, "B": X}),
    "submatrix": lambda: (m.submatrix, {"A": X, "i": 1, "j": 1, "size": 1}),
    "pixel_uses": lambda: (m.pixel_uses, {"network": of_images(), "layer": 0, "position": (1, 2)}),
    "receptive_field": lambda: (m.receptive_field, {"network": of_images(), "layer": 0, "position": (1, 2)}),
    "plot_pixel_uses": lambda: drawn(mathdl.plots.plot_pixel_uses, network=of_images(), layer=0, position=(1, 2)),
    "strongest_patches": lambda: (
        m.strongest_patches,
        {
            "network": of_images(), "X": np.ones((4, *of_images().input_shape)), "layer": 0, "channels": [0],
            "count": 2,
        },
    ),
    "pixel_influence": lambda: (
        m.pixel_influence,
        {
            "network": of_images(), "x": np.ones(of_images().input_shape), "output": 0, "patch": (1, 2), "step": 1,
            "value": 0.5,
        },
    ),
    "plot_connections": lambda: drawn(m.plots.plot_connections, matrices=[np.ones((3, 2))], names=["a", "b"]),
    "plot_counterexamples": lambda: drawn(
        m.plots.plot_counterexamples,
        objects=np.ones((1, 1, 3, 3)),
        counterexamples=np.zeros((1, 1, 3, 3)),
        answers=["a"],
        others=["b"],
    ),
    "plot_kernels": lambda: drawn(m.plots.plot_kernels, network=of_images(), layer=0, channels=[0]),
    "plot_feature_maps": lambda: drawn(
        m.plots.plot_feature_maps, network=of_images(), x=np.ones(of_images().input_shape), layer=0, channels=[0]
    ),
    "plot_strongest_patches": lambda: drawn(
        m.plots.plot_strongest_patches, found=m.strongest_patches(of_images(), np.ones((4, *of_images().input_shape)))
    ),
    "plot_pixel_influence": lambda: drawn(
        m.plots.plot_pixel_influence, found=m.pixel_influence(of_images(), np.ones(of_images().input_shape))
    ),
    "Dense": lambda: (m.Dense, {"units": 2, "activation": "relu", "bias": True}),
    "MaxPool2D": lambda: (m.MaxPool2D, {"size": 2, "stride": 1, "remainder": "drop"}),
    "AveragePool2D": lambda: (m.AveragePool2D, {"size": 2, "stride": 1, "remainder": "drop"}),
    "Dropout": lambda: (m.Dropout, {"rate": 0.5}),
    "Residual": lambda: (m.Residual, {"layers": [m.Dense(2)]}),
    "MaxPool1D": lambda: (m.MaxPool1D, {"size": 2, "stride": 1, "remainder": "drop"}),
    "AveragePool1D": lambda: (m.AveragePool1D, {"size": 2, "stride": 1, "remainder": "drop"}),
    "ZeroPad1D": lambda: (m.ZeroPad1D, {"size": (1, 2), "value": 0.5}),
    "ZeroPad2D": lambda: (m.ZeroPad2D, {"size": (1, 0, 0, 2), "value": 0.5}),
    "Parallel": lambda: (m.Parallel, {"branches": [[m.Dense(2)], [m.Dense(1)]]}),
    "ClusterOutlierDetector": lambda: (
        fit_of(m.ClusterOutlierDetector),
        {"n_clusters": 2, "contamination": 0.1, "n_init": 1, "random_state": 0},
    ),
    "KMeans": lambda: (
        fit_of(m.KMeans),
        {"n_clusters": 2, "n_init": 1, "max_iter": 5, "tol": 0.1, "random_state": 0, "threads": 1},
    ),
    "SoftMarginSVM": lambda: (fit_of(m.SoftMarginSVM), {"regularization": 0.1, "tol": 1e-9, "max_iter": 50}),
    "LogisticRegression": lambda: (
        fit_of(m.LogisticRegression),
        {"regularization": 0.1, "tol": 1e-9, "max_iter": 50},
    ),
    "LinearRegression": lambda: (fit_of(m.LinearRegression, Y), {"exact": True}),
    "PolynomialRegression": lambda: (fit_of(m.PolynomialRegression, Y), {"degree": 2, "exact": True}),
    "NetworkClassifier": lambda: network_estimator(m.NetworkClassifier, CODES, class_weight=None, robustness=None),
    "NetworkRegressor": lambda: network_estimator(m.NetworkRegressor, Y, loss="mean_square"),
    "NetworkClassifier.set_params": lambda: method(
        m.NetworkClassifier(), "set_params", rule__learning_rate=0.1, epochs=1
    ),
    "ClusterOutlierDetector.fit": lambda: method(
        m.ClusterOutlierDetector(2, n_init=1), "fit", X=X, sample_weight=WEIGHTS
    ),
    "ClusterOutlierDetector.predict": lambda: fitted(m.ClusterOutlierDetector, CODES, "predict", 2),
    "ClusterOutlierDetector.score_samples": lambda: fitted(m.ClusterOutlierDetector, CODES, "score_samples", 2),
    "KMeans.fit": lambda: method(m.KMeans(2, n_init=1), "fit", X=X, sample_weight=WEIGHTS),
    "KMeans.predict": lambda: fitted(m.KMeans, CODES, "predict", 2),
    "KMeans.score": lambda: fitted(m.KMeans, CODES, "score", 2, X=X, sample_weight=WEIGHTS),
    "KMeans.transform": lambda: fitted(m.KMeans, CODES, "transform", 2),
    "HardMarginSVM.fit": lambda: method(m.HardMarginSVM(), "fit", X=X, y=CODES, sample_weight=WEIGHTS),
    "HardMarginSVM.predict": lambda: fitted(m.HardMarginSVM, CODES, "predict"),
    "HardMarginSVM.decision_function": lambda: fitted(m.HardMarginSVM, CODES, "decision_function"),
    "SoftMarginSVM.fit": lambda: method(m.SoftMarginSVM(), "fit", **ESTIMATOR),
    "SoftMarginSVM.path": lambda: method(m.SoftMarginSVM(), "path", **ESTIMATOR, regularizations=[0.1, 1.0]),
    "SoftMarginSVM.score": lambda: method(m.SoftMarginSVM().fit(X, CODES), "score", **ESTIMATOR),
    "SoftMarginSVM.predict_three_way": lambda: fitted(m.SoftMarginSVM, CODES, "predict_three_way"),
    "SoftMarginSVM.reliable": lambda: fitted(m.SoftMarginSVM, CODES, "reliable"),
    "LogisticRegression.fit": lambda: method(m.LogisticRegression(0.1), "fit", **ESTIMATOR),
    "LogisticRegression.predict_proba": lambda: fitted(m.LogisticRegression, CODES, "predict_proba", 0.1),
    "LogisticRegression.predict_log_proba": lambda: fitted(m.LogisticRegression, CODES, "predict_log_proba", 0.1),
    "LinearRegression.fit": lambda: method(m.LinearRegression(), "fit", **REGRESSOR),
    "LinearRegression.predict": lambda: fitted(m.LinearRegression, Y, "predict"),
    "LinearRegression.score": lambda: method(m.LinearRegression().fit(X, Y), "score", **REGRESSOR),
    "PolynomialRegression.fit": lambda: method(m.PolynomialRegression(), "fit", **REGRESSOR),
    "PolynomialRegression.predict": lambda: fitted(m.PolynomialRegression, Y, "predict"),
    "NetworkClassifier.fit": lambda: method(
        m.NetworkClassifier((3,), epochs=1), "fit", **ESTIMATOR, validation=(X, CODES), callbacks=(), resume=None
    ),
    "NetworkRegressor.fit": lambda: method(
        m.NetworkRegressor((3,), epochs=1), "fit", **REGRESSOR, validation=(X, Y), callbacks=(), resume=None
    ),
    "NetworkClassifier.predict": lambda: method(m.NetworkClassifier((3,), epochs=1).fit(X, CODES), "predict", X=X),
    "NetworkClassifier.score": lambda: method(
        m.NetworkClassifier((3,), epochs=1).fit(X, CODES), "score", **ESTIMATOR
    ),
    "NetworkRegressor.predict": lambda: method(m.NetworkRegressor((3,), epochs=1).fit(X, Y), "predict", X=X),
    "History": lambda: (
        m.History,
        {
            "loss": [1.0], "validation_loss": [1.0], "validation_accuracy": [1.0], "learning_rate": [0.1],
            "seconds": [1.0], "status": "completed", "message": "", "search": None,
        },
    ),
    "History.from_dict": lambda: (m.History.from_dict, {"record": m.History(loss=[1.0]).to_dict()}),
    "History.plot": lambda: drawn(m.History(loss=[1.0, 0.5]).plot, measure="loss"),
    "Hyperplane": lambda: (m.Hyperplane, {"normal": [1.0, 0.0], "offset": 1.0}),
    "Hyperplane.value": lambda: method(m.Hyperplane([1.0, 0.0], 1.0), "value", X=X),
    "Hyperplane.distance": lambda: method(m.Hyperplane([1.0, 0.0], 1.0), "distance", X=X),
    "Hyperplane.gap": lambda: method(m.Hyperplane([1.0, 0.0], 1.0), "gap", A=X[:2], B=X[2:]),
    "Hyperplane.separates": lambda: method(m.Hyperplane([1.0, 0.0], 1.0), "separates", A=X[:2], B=X[2:]),
    "Hyperplane.width": lambda: method(m.Hyperplane([1.0, 0.0], 1.0), "width", A=X[:2], B=X[2:]),
    "exact Hyperplane.gap": lambda: method(m.separate(X[:2], X[2:]).hyperplane, "gap", A=X[:2], B=X[2:]),
    "Network": lambda: (m.Network, {"layers": [m.Dense(2)], "input_shape": (2,), "dtype": "float32", "seed": 0}),
    "Network.from_architecture": lambda: (
        m.Network.from_architecture,
        {"architecture": network().architecture, "input_shape": (2,), "dtype": "float32", "seed": 0},
    ),
    "Network()": lambda: method(network(), "__call__", X=X, threads=1),
    "Network.fit": lambda: method(network(), "fit", **training(), resume=None, verbose=False),
    "Network.find_learning_rate": lambda: method(network(), "find_learning_rate", **training()),
    "Network.loss": lambda: method(network(), "loss", **LOSS),
    "Network.evaluate": lambda: method(network(), "evaluate", **LOSS),
    "Network.gradient": lambda: method(network(), "gradient", **LOSS),
    "Network.objective": lambda: method(network(), "objective", **LOSS),
    "Network.predict_proba": lambda: method(network(), "predict_proba", X=X, threads=1),
    "Network.trace": lambda: method(network(), "trace", x=X[0]),
    "Network.backpropagate": lambda: method(
        network(), "backpropagate", x=X[0], y=CODES[0], loss="cross_entropy", blocks=True
    ),
    "Network.count_operations": lambda: method(network(), "count_operations", padding=True),
    "Network.jacobian": lambda: method(network(), "jacobian", x=X[0]),
    "Ball": lambda: (m.Ball, {"centre": [0.0, 1.0], "squared_radius": 0.5, "open": True}),
    "Ball.contains": lambda: method(m.Ball([0.0, 1.0], 0.5), "contains", point=[1.0, 0.5]),
    "HalfSpace": lambda: (m.HalfSpace, {"normal": [0.0, 1.0], "offset": 0.5, "open": True}),
    "HalfSpace.contains": lambda: method(m.HalfSpace([0.0, 1.0], 0.5), "contains", point=[1.0, 0.5]),
    "Polygon": lambda: (m.Polygon, {"corners": [(0, 0), (1, 0), (1, 1)]}),
    "Polygon.contains": lambda: method(m.Polygon([(0, 0), (1, 0), (1, 1)]), "contains", point=[1.0, 0.5]),
    "separate_sets": lambda: (m.separate_sets, {"A": m.Ball([0, 0], 1), "B": X}),
    "hinge_cells": lambda: (m.hinge_cells, {"X": X, "y": [-1, -1, 1, 1]}),
    "SoftMarginSVM.exact_path": lambda: method(m.SoftMarginSVM(), "exact_path", **ESTIMATOR),
    "SoftMarginPath.at": lambda: method(m.SoftMarginSVM().exact_path(X, CODES), "at", regularization=0.1),
    "ConvexHull.intersection": lambda: method(m.convex_hull(X), "intersection", other=m.convex_hull(X[:2])),
    "plot_separation": lambda: drawn(
        m.plots.plot_separation, A=X[:2], B=X[2:], lines={"own": m.Hyperplane([1.0, 0.0], 0.5)}, features=("a", "b")
    ),
    "best_divisions": lambda: (m.best_divisions, {"numbers": Y, "n_clusters": 2}),
    "cluster_cost": lambda: (m.cluster_cost, {"X": X, "labels": CODES}),
    "cluster_counts": lambda: (m.cluster_counts, {"X": X, "most": 3, "random_state": 0}),
    "cluster_words": lambda: (m.cluster_words, {"words": ["a", "b", "bb"], "within": 1}),
    "convex_hull": lambda: (m.convex_hull, {"points": X}),
    "ConvexHull.contains": lambda: method(m.convex_hull(X), "contains", point=[1.0, 0.5]),
    "ConvexHull.membership": lambda: method(m.convex_hull(X), "membership", point=[1.0, 0.5]),
    "separate": lambda: (m.separate, {"A": X[:2], "B": X[2:]}),
    "cross_entropy": lambda: (
        m.cross_entropy,
        {"counts": [[3, 1], [0, 2]], "probabilities": [[0.5, 0.5], [0.2, 0.8]]},
    ),
    "half_crossings": lambda: (m.half_crossings, {"curve": lambda x: x / 4, "low": 0.0, "high": 4.0}),
    "half_crossings of a classifier": lambda: (
        lambda low, high: m.half_crossings(m.LogisticRegression(0.1).fit([[0.0], [1.0]], [0, 1]), low, high),
        {"low": 0.0, "high": 4.0},
    ),
    "sensitivity": lambda: (m.sensitivity, {"X": X, "exact": True}),
    "find_learning_rate": lambda: (m.find_learning_rate, {"network": network(), **LOSS}),
    "gradient_descent": lambda: (
        m.gradient_descent,
        {
            "objective": m.Quadratic([[2.0, 0.0], [0.0, 1.0]], [0.0, 0.0]), "start": [1.0, 1.0], "rule": m.SGD(0.1),
            "steps": 5, "tolerance": 1e-9, "seed": 0, "schedule": lambda step, steps: 0.5,
        },
    ),
    "Polynomial": lambda: (m.Polynomial, {"terms": {(2, 0): 1, (0, 2): 2}, "names": ["a", "b"]}),
    "Polynomial.exact": lambda: method(BOWL, "exact", point=[1, 0.5]),
    "Polynomial.exact_gradient": lambda: method(BOWL, "exact_gradient", point=[1, 0.5]),
    "Polynomial.exact_hessian": lambda: method(BOWL, "exact_hessian", point=[1, 0.5]),
    "Polynomial.derivative": lambda: method(BOWL, "derivative", i=1),
    "chain.evaluate": lambda: (m.chain.evaluate, {"f": PRODUCT, "values": [1.0, 2.0]}),
    "chain.directional_derivative": lambda: (
        m.chain.directional_derivative, {"f": PRODUCT, "values": [1.0, 2.0], "direction": [1.0, 0.0]}
    ),
    "chain.gradient_by_paths": lambda: (m.chain.gradient_by_paths, {"f": PRODUCT, "values": [1.0, 2.0]}),
    "chain.hessian_product": lambda: (
        m.chain.hessian_product, {"f": PRODUCT, "values": [1.0, 2.0], "direction": [1.0, 0.0]}
    ),
    "chain.maximum": lambda: (lambda x: m.chain.maximum(x, 0), {"x": PRODUCT}),
    "chain.norm": lambda: (lambda x: m.chain.norm(x), {"x": [PRODUCT]}),
    "check_gradient": lambda: (
        m.check_gradient, {"f": lambda x: float(np.sum(x)), "gradient": [1.0, 1.0], "x": [1.0, 2.0]}
    ),
    "count_operations": lambda: (lambda f: m.count_operations(f, [1.0, 2.0]), {"f": lambda x: x[0] + x[1]}),
    "approximate": lambda: (m.approximate, {"f": GROWING**2, "box": (0.0, 1.0), "error": 0.1}),
    "best_polynomial": lambda: (m.best_polynomial, {"f": GROWING**2, "interval": (0.0, 1.0), "degree": 1}),
    "min_max_form": lambda: (
        m.min_max_form, {"points": [[0, 0], [1, 0], [0, 1]], "values": [0.0, 1.0, 2.0], "simplices": [[0, 1, 2]]}
    ),
    "MinMax.__call__": lambda: method(m.min_max_form([[0, 0], [1, 0], [0, 1]], [0.0, 1.0, 2.0]), "__call__", x=[0, 1]),
    "without_biases": lambda: (m.without_biases, {"form": m.min_max_form([[0], [1]], [0.0, 1.0])}),
    "gradient": lambda: (m.gradient, {"f": PRODUCT, "values": [1.0, 2.0]}),
    "hessian": lambda: (m.hessian, {"f": PRODUCT, "values": [1.0, 2.0]}),
    "is_big_o": lambda: (m.is_big_o, {"f": 2 * GROWING, "g": GROWING, "C": 3}),
    "jacobian": lambda: (m.jacobian, {"f": [PRODUCT, PRODUCT], "values": [1.0, 2.0]}),
    "variables": lambda: (lambda names, shape: m.variables(names, shape), {"names": "x y", "shape": 2}),
    "second_derivative_test": lambda: (
        m.second_derivative_test, {"objective": BOWL, "point": [0, 0], "tolerance": 0.1}
    ),
    "second_derivative_test of a loss": lambda: (
        m.second_derivative_test, {"objective": m.LeastSquares(X, Y), "point": [0.0, 0.0], "tolerance": 0.1}
    ),
    "chord": lambda: (m.chord, {"objective": BOWL, "a": [0, 0], "b": [1, 0.5], "t": 0.5}),
    "chord of a loss": lambda: (m.chord, {"objective": m.LeastSquares(X, Y), "a": [0, 0], "b": [1, 0.5], "t": 0.5}),
    "find_chord_below": lambda: (
        m.find_chord_below, {"objective": SADDLE, "low": [-1, -1], "high": [1, 1], "seed": 0}
    ),
    "gradient_descent by batches": lambda: (
        m.gradient_descent,
        {
            "objective": m.LeastSquares(X, Y), "start": [1.0, 1.0], "rule": m.SGD(0.1), "steps": 5,
            "batch_size": 2, "sampling": "with_replacement", "sampling_weight": WEIGHTS, "seed": 0,
        },
    ),
    "Descent.plot": lambda: drawn(descent().plot),
    "Function": lambda: (
        m.Function,
        {"value": lambda a: 0.0, "gradient": lambda a: a, "convex": True, "lipschitz": 1.0, "minimiser": [0.0]},
    ),
    "descent of a Function": lambda: (
        lambda **given: m.gradient_descent(m.Function(**given), [1.0], m.SGD(0.1), steps=2).guarantee(),
        {"value": lambda a: a @ a, "gradient": lambda a: 2 * a, "convex": True, "lipschitz": 2.0, "minimiser": [0.0]},
    ),
    "what a Function returns": lambda: (
        lambda value, slope: m.gradient_descent(
            m.Function(lambda a: value, lambda a: slope), [1.0], m.SGD(0.1), steps=2
        ),
        {"value": 1.0, "slope": [0.0]},
    ),
    "what a schedule returns": lambda: (
        lambda factor: trained(schedule=lambda epoch, epochs: factor),
        {"factor": 0.5},
    ),
    "Huber": lambda: (m.Huber, {**LINEAR_LOSS, "threshold": 1.0}),
    "LeastSquares": lambda: (m.LeastSquares, LINEAR_LOSS),
    "LogisticLoss": lambda: (m.LogisticLoss, {**LINEAR_LOSS, "y": [-1, -1, 1, 1]}),
    "NeuronLoss": lambda: (m.NeuronLoss, {**LINEAR_LOSS, "y": CODES}),
    "Quadratic": lambda: (m.Quadratic, {"Q": [[2.0, 0.0], [0.0, 1.0]], "b": [0.0, 0.0]}),
    "memory_map": lambda: (m.memory_map, {"batches": Batches(), "folder": in_folder("maps"), "dtype": "float64"}),
    "parquet_batches": lambda: (m.parquet_batches, {"paths": parquet(), "target": "y", "inputs": ["x"]}),
    "learning_mode": lambda: (m.learning_mode, {"labels": CODES, "unlabelled": None}),
    "from_onnx": lambda: (m.from_onnx, {"model": exported()}),
    "to_onnx": lambda: (m.to_onnx, {"model": network(), "certificate": None}),
    "load": lambda: (m.load, {"path": saved()}),
    "load_checkpoint": lambda: (m.load_checkpoint, {"path": checkpoint(), "settings": {}}),
    "save": lambda: (m.save, {"model": network(), "path": in_folder("x.safetensors")}),
    "verify": lambda: (
        m.verify,
        {
            "certificate": m.separate(X[:2], X[2:]).certificate, "X": X, "y": ["A", "A", "B", "B"],
            "sample_weight": None,
        },
    ),
    "compare": lambda: (
        m.compare,
        {"data": TABLE, "target": "y", "task": "regression", "certify": False, "seed": 0, "callbacks": (), "cv": 0},
    ),
    "evaluate": lambda: (
        m.evaluate,
        {
            "model": m.train(TABLE, target="y", model="linear").model, "data": TABLE, "target": None, "strict": False,
            "out": None,
        },
    ),
    "train": lambda: (
        m.train,
        {
            "data": TABLE, "target": "y", "model": "linear", "task": None, "data_folder": None, "test_fraction": 0.25,
            "size": None, "pad": "black", "resize": "all", "cv": None, "threshold": None, "semisupervised": False,
            "columns": None, "drop": (), "kinds": None, "na": (), "header": True, "missing": "impute",
            "seed": 0, "threads": None, "out": None, "certify": False, "resume": False, "callbacks": (), "command": "",
        },
    ),
    "train of a network": lambda: (
        m.train,
        {
            "data": TABLE, "target": "y", "task": "regression", "network": None, "epochs": 1, "batch_size": 4,
            "learning_rate": 0.01, "momentum": 0.9, "threads": 1,
        },
    ),
    "train of arrays": lambda: (
        lambda X, y, **options: m.train((X, y), **options),
        {"X": np.repeat(X, 4, axis=0), "y": np.repeat(CODES, 4), "model": "soft-margin", "regularization": 0.1},
    ),
    "train of columns": lambda: (
        lambda a, y, target: m.train({"a": a, "y": y}, target=target, model="logistic", regularization=0.1),
        {"a": list(range(16)), "y": ["a", "b"] * 8, "target": "y"},
    ),
    "train of polynomials": lambda: (
        m.train,
        {"data": TABLE[["a", "y"]], "target": "y", "model": "polynomial", "degree": 2},
    ),
    "train of clusters": lambda: (m.train, {"data": TABLE, "model": "kmeans", "clusters": 2}),
    "train of outliers": lambda: (m.train, {"data": TABLE, "model": "outliers", "clusters": 2, "contamination": 0.1}),
    "Run.save": lambda: method(m.train(TABLE, target="y", model="linear"), "save", folder=in_folder("run")),
    "TrainedModel.predict": lambda: method(m.train(TABLE, target="y", model="linear").model, "predict", X=TABLE),
    "expression_diagram": lambda: (m.plots.expression_diagram, {"f": PRODUCT, "values": [1.0, 2.0]}),
    "plot_activation": lambda: drawn(
        m.plots.plot_activation, activation="relu", interval=(-1.0, 1.0), weight=1.0, bias=0.0
    ),
    "plot_calibration": lambda: drawn(m.plots.plot_calibration, truth=[0, 1], probabilities=[0.2, 0.7]),
    "plot_approximations": lambda: drawn(
        m.plots.plot_approximations, approximations=[m.approximate(GROWING**2, (0.0, 1.0), 0.1)]
    ),
    "plot_cluster_counts": lambda: drawn(m.plots.plot_cluster_counts, counts=m.cluster_counts(X, most=3)),
    "plot_confusion_matrix": lambda: drawn(
        m.plots.plot_confusion_matrix, matrix=[[1, 2], [3, 4]], class_names=["a", "b"], target="class"
    ),
    "plot_curve": lambda: drawn(
        m.plots.plot_curve, model=m.LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), X=[[0.0], [1.0]], y=[0.0, 1.0],
        feature="x", target="y",
    ),
    "plot_decision_boundary": lambda: drawn(
        m.plots.plot_decision_boundary, model=m.HardMarginSVM().fit(X, CODES), X=X, y=CODES, features=("a", "b")
    ),
    "plot_descent": lambda: drawn(m.plots.plot_descent, descent=descent()),
    "plot_history": lambda: drawn(m.plots.plot_history, history=m.History(loss=[1.0, 0.5]), measure="loss"),
    "plot_importance": lambda: drawn(
        m.plots.plot_importance, importances=[[0.1, 0.2], [0.3, 0.3]], columns=["a", "b"], score="accuracy"
    ),
    "plot_layers": lambda: drawn(m.plots.plot_layers, watch=watch(), measure="gradient_rms"),
    "plot_learning_rate_search": lambda: drawn(
        m.plots.plot_learning_rate_search, search=network().find_learning_rate(X, CODES, loss="cross_entropy")
    ),
    "plot_level_sets": lambda: drawn(
        m.plots.plot_level_sets, values=[[1.0, 2.0], [3.0, 4.0]], x=[0.0, 1.0], y=[0.0, 1.0], levels=[1.5, 2.5],
        path=[[0.0, 0.0], [1.0, 1.0]], path_name="path", names=("a", "b"),
    ),
    "plot_expression": lambda: drawn(m.plots.plot_expression, f=PRODUCT, values=[1.0, 2.0], backward=True, steps=4),
    "plot_network_diagram": lambda: drawn(
        m.plots.plot_network_diagram, network=network(), x=X[0], y=CODES[0], loss="cross_entropy", steps=2,
        weights=True, max_nodes=3,
    ),
    "plot_outliers": lambda: drawn(m.plots.plot_outliers, scores=[-1.0, -0.5, -9.0], threshold=-5.0),
    "plot_pictures": lambda: drawn(
        m.plots.plot_pictures, images=np.ones((4, 1, 3, 3)), captions=list("abcd"), columns=2
    ),
    "plot_precision_recall_curve": lambda: drawn(
        m.plots.plot_precision_recall_curve, truth=[0, 1], scores=[0.2, 0.7]
    ),
    "plot_predictions": lambda: drawn(m.plots.plot_predictions, truth=Y, prediction=Y, target="y"),
    "plot_probability_curves": lambda: drawn(
        m.plots.plot_probability_curves, curves={"p": lambda x: x / 4}, low=0.0, high=4.0, feature="x"
    ),
    "plot_residuals": lambda: drawn(m.plots.plot_residuals, truth=Y, prediction=Y, target="y"),
    "plot_regions": lambda: drawn(
        m.plots.plot_regions, regions=m.regions(m.Network([m.Dense(2)], (2,)), ((-1, 1), (-1, 1))),
        points=[[0.0, 0.5]], labels=[1], features=("a", "b"),
    ),
    "plot_roc_curve": lambda: drawn(m.plots.plot_roc_curve, truth=[0, 1], scores=[0.2, 0.7]),
}  # fmt: skip


def complaint(error: BaseException) -> str | None:
    """Say what is wrong with an error; nothing where it is as it should be."""
    text = f"{type(error).__name__}: {error}"[:200]
    if isinstance(error, MathdlError | CertificateError | TrainingInterrupted):
        lines = str(error).strip().splitlines()
        return None if len(lines) == 1 and lines[0].endswith((".", "?")) else f"no sentence: {text}"
    frames = [frame.filename.replace(os.sep, "/") for frame in traceback.extract_tb(error.__traceback__)]
    last_own = max((i for i, name in enumerate(frames) if "/mathdl/" in name and "/tests/" not in name), default=-1)
    if any("/sklearn/" in name for name in frames[last_own + 1 :]):
        return None
    if isinstance(error, TypeError) and last_own < 0:
        return None  # a wrong number or name of arguments
    return f"raw: {text} in {frames[last_own].rpartition('/')[2] if last_own >= 0 else '?'}"


def try_all(name: str) -> dict[str, Any]:
    """Put every bad value in place of every argument."""
    signal.signal(signal.SIGALRM, _too_long)
    calls, wrong, accepted = 0, [], []
    function, good = CASES[name]()
    function(**good)  # an argument that there is not is a mistake in the list
    for argument in good:
        for label, value in bad_values():
            calls += 1
            signal.alarm(SECONDS)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    function(**{**good, argument: value})
                    accepted.append(f"{argument}={label}")
            except BaseException as error:
                said = complaint(error)
                if said is not None:
                    wrong.append(f"{argument}={label}: {said}")
            finally:
                signal.alarm(0)
    return {"calls": calls, "wrong": wrong, "accepted": accepted}


class TooLong(BaseException):
    """A call hangs."""


def _too_long(number: int, frame: Any) -> None:
    raise TooLong(f"not within {SECONDS} s")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("\n".join(CASES))  # noqa: T201
    else:
        os.chdir(tempfile.mkdtemp())
        print(json.dumps(try_all(sys.argv[1])))  # noqa: T201
