"""Bad values in place of every argument of every public name, run by ``test_bad_input.py`` in processes of their own.

``python bad_input.py NAME`` tries them all and prints, as JSON, how many calls there were and which ended wrongly:
in an error that is neither one sentence of the library nor scikit-learn's, or not within the time.
"""

from __future__ import annotations

import datetime
import decimal
import fractions
import inspect
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
WEIGHTS = [1.0, 2.0, 1.0, 1.0]


def network() -> mathdl.Network:
    return mathdl.Network([mathdl.Dense(3, activation="tanh"), mathdl.Dense(2)], input_shape=(2,))


def certificate() -> Any:
    return mathdl.separate(X[:2], X[2:]).certificate


def in_folder(name: str) -> str:
    return os.path.join(tempfile.mkdtemp(), name)


def saved(model: Any) -> str:
    path = in_folder("model.safetensors")
    mathdl.save(model, path)
    return path


def checkpoint() -> str:
    path = in_folder("checkpoint.safetensors")
    network().fit(X, CODES, loss="cross_entropy", epochs=1, callbacks=[mathdl.Checkpoint(path)])
    return path


def fitted(model: Any) -> Any:
    return model.fit(X, Y if "Regress" in type(model).__name__ else CODES)


def of_method(make: Callable[[], Any], method: str, **good: Any) -> tuple[Callable[..., Any], dict[str, Any]]:
    """A method of something that is made anew for each call."""
    return (lambda *args, **given: getattr(make(), method)(*args, **given)), good


def cases() -> dict[str, tuple[Callable[..., Any], dict[str, Any]]]:
    """What is called, by name, and arguments that it takes."""
    m, fit = mathdl, {"loss": "cross_entropy", "rule": m_sgd(), "batch_size": 2, "epochs": 1, "seed": 0, "threads": 1}
    fit |= {"validation": (X, CODES), "schedule": None, "callbacks": (), "sample_weight": WEIGHTS}
    fit |= {"sampling": "without_replacement"}
    losses = {"X": X, "y": Y, "sample_weight": WEIGHTS, "regularization": 0.1}
    signs = {**losses, "y": [-1, -1, 1, 1]}
    run = {"target": "y", "model": "linear", "task": None, "test_fraction": 0.25, "seed": 0, "threads": 1, "out": None}
    table = pd.DataFrame({"a": np.arange(20.0), "b": np.arange(20.0) ** 2, "y": np.arange(20.0)})
    estimator = {"X": X, "y": CODES, "sample_weight": WEIGHTS}
    regressor = {"X": X, "y": Y, "sample_weight": WEIGHTS}

    def made_and_fitted(cls: Any, y: Any = CODES, **fixed: Any) -> Callable[..., Any]:
        return lambda **given: cls(**fixed | given).fit(X, y)

    found: dict[str, tuple[Callable[..., Any], dict[str, Any]]] = {
        "Activation": (m.Activation, {"name": "leaky_relu", "slope": 0.1}),
        "Adam": (m.Adam, {"learning_rate": 0.1, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-8, "weight_decay": 0.1}),
        "SGD": (m.SGD, {"learning_rate": 0.1, "momentum": 0.9, "nesterov": True, "weight_decay": 0.1}),
        "Certificate": (m.Certificate, {"kind": "x", "statement": "x", "numbers": {}, "fingerprint": "0" * 64}),
        "Checkpoint": (m.Checkpoint, {"path": "x", "every": 1, "settings": {}}),
        "EarlyStopping": (m.EarlyStopping, {"patience": 3, "monitor": "loss"}),
        "CosineSchedule": (m.CosineSchedule, {"final_factor": 0.1}),
        "StepSchedule": (m.StepSchedule, {"every": 2, "factor": 0.5}),
        "Conv2D": (m.Conv2D, {"channels": 2, "kernel_size": 3, "stride": 1, "padding": "valid", "activation": "relu"}),
        "Dense": (m.Dense, {"units": 2, "activation": "relu", "bias": True}),
        "MaxPool2D": (m.MaxPool2D, {"size": 2, "remainder": "drop"}),
        "ZeroPad2D": (m.ZeroPad2D, {"size": 1}),
        "Parallel": (m.Parallel, {"branches": [[m.Dense(2)], [m.Dense(1)]]}),
        "ClusterOutlierDetector": (
            made_and_fitted(m.ClusterOutlierDetector),
            {"n_clusters": 2, "contamination": 0.1, "n_init": 1, "random_state": 0},
        ),
        "KMeans": (
            made_and_fitted(m.KMeans),
            {"n_clusters": 2, "n_init": 1, "max_iter": 5, "tol": 0.1, "random_state": 0, "threads": 1},
        ),
        "SoftMarginSVM": (made_and_fitted(m.SoftMarginSVM), {"regularization": 0.1, "tol": 1e-9, "max_iter": 50}),
        "LogisticRegression": (
            made_and_fitted(m.LogisticRegression),
            {"regularization": 0.1, "tol": 1e-9, "max_iter": 50},
        ),
        "LinearRegression": (made_and_fitted(m.LinearRegression, Y), {"exact": True}),
        "PolynomialRegression": (made_and_fitted(m.PolynomialRegression, Y), {"degree": 2, "exact": True}),
        "NetworkClassifier": (
            made_and_fitted(m.NetworkClassifier, epochs=MAX_EPOCHS, random_state=0),
            {
                "hidden_layers": (3,),
                "activation": "relu",
                "layers": None,
                "input_shape": None,
                "rule": None,
                "batch_size": 2,
                "epochs": 1,
                "schedule": None,
                "threads": 1,
                "random_state": 0,
                "verbose": False,
            },
        ),
        "NetworkRegressor": (
            made_and_fitted(m.NetworkRegressor, Y, epochs=MAX_EPOCHS, random_state=0),
            {
                "hidden_layers": (3,),
                "activation": "relu",
                "layers": None,
                "input_shape": None,
                "rule": None,
                "batch_size": 2,
                "epochs": 1,
                "schedule": None,
                "threads": 1,
                "random_state": 0,
                "verbose": False,
            },
        ),
        "ClusterOutlierDetector.fit": of_method(
            lambda: m.ClusterOutlierDetector(2, n_init=1), "fit", X=X, sample_weight=WEIGHTS
        ),
        "KMeans.fit": of_method(lambda: m.KMeans(2), "fit", X=X, sample_weight=WEIGHTS),
        "HardMarginSVM.fit": of_method(m.HardMarginSVM, "fit", **estimator),
        "SoftMarginSVM.fit": of_method(m.SoftMarginSVM, "fit", **estimator),
        "SoftMarginSVM.path": of_method(m.SoftMarginSVM, "path", **estimator, regularizations=[0.1, 1.0]),
        "LogisticRegression.fit": of_method(lambda: m.LogisticRegression(0.1), "fit", **estimator),
        "LinearRegression.fit": of_method(m.LinearRegression, "fit", **regressor),
        "PolynomialRegression.fit": of_method(m.PolynomialRegression, "fit", **regressor),
        "NetworkClassifier.fit": of_method(
            lambda: m.NetworkClassifier((3,), epochs=1),
            "fit",
            **estimator,
            validation=(X, CODES),
            callbacks=(),
            resume=None,
        ),
        "NetworkRegressor.fit": of_method(
            lambda: m.NetworkRegressor((3,), epochs=1), "fit", **regressor, validation=(X, Y), callbacks=(), resume=None
        ),
        "LogisticRegression.predict_proba": of_method(lambda: fitted(m.LogisticRegression(0.1)), "predict_proba", X=X),
        "LinearRegression.predict": of_method(lambda: fitted(m.LinearRegression()), "predict", X=X),
        "NetworkClassifier.predict": of_method(lambda: fitted(m.NetworkClassifier((3,), epochs=1)), "predict", X=X),
        "History": (m.History, {"loss": [1.0], "status": "completed"}),
        "Hyperplane": (m.Hyperplane, {"normal": [1.0, 0.0], "offset": 1.0}),
        "Hyperplane.value": of_method(lambda: m.Hyperplane([1.0, 0.0], 1.0), "value", x=X),
        "Network": (m.Network, {"layers": [m.Dense(2)], "input_shape": (2,), "dtype": "float32", "seed": 0}),
        "Network()": of_method(network, "__call__", X=X, threads=1),
        "Network.fit": of_method(network, "fit", X=X, y=CODES, **fit, resume=None),
        "Network.loss": of_method(
            network, "loss", X=X, y=CODES, loss="cross_entropy", sample_weight=WEIGHTS, threads=1
        ),
        "Network.gradient": of_method(
            network, "gradient", X=X, y=CODES, loss="cross_entropy", sample_weight=WEIGHTS, threads=1
        ),
        "Network.predict_proba": of_method(network, "predict_proba", X=X, threads=1),
        "Network.backpropagate": of_method(network, "backpropagate", x=X[0], y=CODES[0], loss="cross_entropy"),
        "convex_hull": (m.convex_hull, {"points": X}),
        "separate": (m.separate, {"A": X[:2], "B": X[2:]}),
        "find_learning_rate": (m.find_learning_rate, {"network": network(), "X": X, "y": CODES, **fit}),
        "gradient_descent": (
            m.gradient_descent,
            {
                "objective": m.Quadratic([[2.0, 0.0], [0.0, 1.0]], [0.0, 0.0]),
                "start": [1.0, 1.0],
                "rule": m.SGD(0.1),
                "steps": 5,
                "tolerance": 1e-9,
                "batch_size": None,
                "epochs": None,
                "sampling": "without_replacement",
                "seed": 0,
            },
        ),
        "learning_mode": (m.learning_mode, {"y": CODES}),
        "load": (m.load, {"path": saved(network())}),
        "load_checkpoint": (m.load_checkpoint, {"path": checkpoint(), "settings": {}}),
        "save": (m.save, {"model": network(), "path": in_folder("x.safetensors")}),
        "verify": (m.verify, {"certificate": certificate(), "X": X, "y": ["A", "A", "B", "B"], "sample_weight": None}),
        "Huber": (m.Huber, {**losses, "threshold": 1.0}),
        "LeastSquares": (m.LeastSquares, losses),
        "LogisticLoss": (m.LogisticLoss, signs),
        "NeuronLoss": (m.NeuronLoss, {**losses, "y": CODES}),
        "Quadratic": (m.Quadratic, {"A": [[2.0, 0.0], [0.0, 1.0]], "b": [0.0, 0.0]}),
        "Function": (m.Function, {"value": lambda a: 0.0, "gradient": lambda a: a, "convex": True, "lipschitz": 1.0}),
    }
    if hasattr(m, "train"):
        found["train"] = (m.train, {"data": table, **run})
    return {name: (function, only_known(function, good)) for name, (function, good) in found.items()}


def m_sgd() -> mathdl.SGD:
    return mathdl.SGD(0.1)


def only_known(function: Callable[..., Any], good: dict[str, Any]) -> dict[str, Any]:
    """Leave out what the function does not have, so that the list above may name more than one version knows."""
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):
        return good
    if any(p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL) for p in parameters.values()):
        return good
    return {name: value for name, value in good.items() if name in parameters}


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
    calls, wrong = 0, []
    function, good = cases()[name]
    for argument in list(good):
        for label, value in bad_values():
            calls += 1
            signal.alarm(SECONDS)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    function(**{**good, argument: value})
            except BaseException as error:
                said = complaint(error)
                if said is not None:
                    wrong.append(f"{argument}={label}: {said}")
            finally:
                signal.alarm(0)
    return {"calls": calls, "wrong": wrong}


class TooLong(BaseException):
    """A call hangs."""


def _too_long(number: int, frame: Any) -> None:
    raise TooLong(f"not within {SECONDS} s")


if __name__ == "__main__":
    if len(sys.argv) < 2:
        print("\n".join(cases()))  # noqa: T201
    else:
        os.chdir(tempfile.mkdtemp())
        print(json.dumps(try_all(sys.argv[1])))  # noqa: T201
