"""Networks and trained models written as ONNX models."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

import mathdl
from mathdl.certificates import Certificate
from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_models import ESTIMATORS, Answers, write_network
from mathdl.exchange.onnx_preprocessing import write_columns, write_pixels, write_signals
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network


def to_onnx(model: Any, certificate: Certificate | None = None) -> Any:
    """Write a network or a trained model as an ONNX model, which ONNX Runtime and others run.

    A network has the input ``X`` and one output, its own. An estimator has the output ``prediction``, what ``predict``
    returns, and what there is of ``probabilities``, ``margin`` and ``score``. A model that reads tables has an input
    for each column, of shape (N, 1), numbers in double precision or texts, where NaN and the empty text are missing.
    Networks keep their precision, all others compute in double.

    Parameters
    ----------
    model : Network, estimator or TrainedModel
        What to write; an estimator must be fitted.
    certificate : Certificate, optional
        Goes into the metadata; by default that of the estimator, where there is one.

    Returns
    -------
    onnx.ModelProto
        ``onnx.save(model, path)`` writes it. Its metadata tell the classes, the preprocessing and the certificate.

    Raises
    ------
    InputError
        If onnx is not installed, or the model holds what ONNX cannot express: an activation of your own, or dates.

    Examples
    --------
    >>> from mathdl import Dense, Network, to_onnx
    >>> model = to_onnx(Network([Dense(3, activation="relu")], input_shape=(4,)))
    >>> [node.op_type for node in model.graph.node]
    ['Gemm', 'Relu', 'Identity']
    """
    if certificate is not None and not isinstance(certificate, Certificate):
        raise InputError(f"certificate is {shortened(certificate)}; give a Certificate, or leave it out.")
    if isinstance(model, Network):
        _require_known_activations(model)
        graph = GraphWriter(model.dtype)
        output = write_network(graph, model, graph.input("X", graph.dtype.type, model.input_shape))
        graph.output("prediction", output, graph.dtype.type, model.output_shape)
        return graph.model("network", {"mathdl.version": mathdl.__version__, "mathdl.model": "Network"})
    trained = model if isinstance(model, TrainedModel) else None
    estimator = model if trained is None else trained.model
    kind = type(estimator).__name__
    if kind not in ESTIMATORS or not hasattr(estimator, "status_"):
        raise InputError(
            f"to_onnx was given {shortened(model)}; give a Network, a TrainedModel, or a fitted "
            f"{', '.join(ESTIMATORS)}."
        )
    if hasattr(estimator, "network_"):
        _require_known_activations(estimator.network_)
    graph = GraphWriter(estimator.input_dtype)
    source = _inputs(graph, trained, estimator)
    answers = ESTIMATORS[kind](graph, estimator, source)
    _declare(graph, answers, trained, estimator)
    proof = getattr(estimator, "certificate_", None) if certificate is None else certificate
    return graph.model(kind, _metadata(trained, estimator, proof))


def _require_known_activations(network: Network) -> None:
    """Refuse functions that no operator computes."""
    if network.own_activations:
        raise InputError(
            f"The activation {network.own_activations[0]!r} is a function of your own, which ONNX does not know; use "
            "one of the library's."
        )


def _inputs(graph: GraphWriter, trained: TrainedModel | None, estimator: Any) -> str:
    """Declare the inputs, and append what comes before the estimator; return what this reads."""
    if trained is not None and trained.preprocessing is not None:
        return write_columns(graph, trained.preprocessing)
    shape = estimator.object_shape if trained is None else trained.input_shape
    if trained is not None and trained.signal_scale is not None:
        source = write_signals(graph, shape, trained.signal_scale)
    elif trained is not None and len(shape) == 3:
        source = write_pixels(graph, shape)
    else:
        source = graph.input("X", graph.dtype.type, shape)
    rows = estimator.object_shape
    return source if rows == shape else graph.add("Reshape", source, graph.integers(-1, *rows))


def _declare(graph: GraphWriter, answers: Answers, trained: TrainedModel | None, estimator: Any) -> None:
    """Declare the outputs: class numbers become classes, by the threshold where the model has one."""
    if not answers.codes:
        graph.output("prediction", answers.prediction, answers.kind, answers.shape)
    else:
        codes = answers.codes
        if trained is not None and trained.threshold is not None and "probabilities" in answers.others:
            chances, kind, _ = answers.others["probabilities"]
            value, code = trained.threshold
            chosen = graph.add("Gather", chances, graph.constant(code, np.int64), axis=1)
            reached = graph.add("GreaterOrEqual", chosen, graph.constant(value, kind))
            names = (graph.constant(each, np.int64) for each in (code, 1 - code))
            codes = graph.add("Where", reached, *names)
        classes, element = _classes(estimator.classes_)
        graph.output("prediction", graph.add("Gather", graph.constant(classes, classes.dtype), codes), element, ())
    for name, (source, kind, shape) in answers.others.items():
        graph.output(name, source, kind, shape)


def _classes(labels: Any) -> tuple[Any, type]:
    """Return the classes as an array that ONNX holds, and the type of its elements."""
    labels = np.asarray(labels)
    if labels.dtype.kind == "b":
        return labels, bool
    if labels.dtype.kind in "iu":
        return labels.astype(np.int64), np.int64
    if labels.dtype.kind == "f":
        return labels.astype(np.float64), np.float64
    return labels.astype(str).astype(object), str


def _metadata(trained: TrainedModel | None, estimator: Any, certificate: Certificate | None) -> dict[str, str]:
    """Return what the model is, in texts by name."""
    found = {"mathdl.version": mathdl.__version__, "mathdl.model": type(estimator).__name__}
    if hasattr(estimator, "classes_"):
        found["mathdl.classes"] = json.dumps(estimator.classes_.tolist())
    if hasattr(estimator, "feature_names_in_"):
        found["mathdl.features"] = json.dumps([str(name) for name in estimator.feature_names_in_])
    if trained is not None:
        if trained.preprocessing is not None:
            found["mathdl.preprocessing"] = json.dumps(trained.preprocessing.to_dict())
        elif trained.signal_scale is not None:
            found["mathdl.preprocessing"] = json.dumps({"signals": trained.signal_scale._asdict()})
        elif len(trained.input_shape) == 3:
            found["mathdl.preprocessing"] = json.dumps({"pixels": "divided by 255"})
        if isinstance(target := trained.training.get("target"), str):
            found["mathdl.target"] = target
    if certificate is not None:
        found |= {"mathdl.certificate": certificate.to_json(), "mathdl.fingerprint": certificate.fingerprint}
    return found
