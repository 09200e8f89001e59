"""The estimators in ONNX: a function for each that writes what it predicts, in the precision in which it computes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from mathdl.exchange.onnx_graph import GraphWriter
from mathdl.exchange.onnx_layers import write_chain
from mathdl.networks.composition import final_activation


class Answers(NamedTuple):
    """What a model predicts: the name of a value, or of class numbers; and other outputs by name, with their shape."""

    prediction: str = ""
    kind: type = float
    shape: tuple[int, ...] = ()
    codes: str = ""
    others: Mapping[str, tuple[str, type, tuple[int, ...]]] = {}


def write_network(graph: GraphWriter, network: Any, source: str) -> str:
    """Append the layers of a network."""
    graph.place = "layers/"
    source = write_chain(graph, network.layers, source)
    graph.place = ""
    return source


def _affine(graph: GraphWriter, source: str, rows: Any, terms: Any) -> str:
    """Append a product with a matrix, of one row for each output, and a sum."""
    return graph.add("Gemm", source, graph.constant(rows), graph.constant(terms), transB=1)


def _values(graph: GraphWriter, source: str, rows: Any, terms: Any) -> Answers:
    """Append an affine function whose coefficients have one axis for each target, or none."""
    shape = np.shape(terms)
    found = _affine(graph, source, np.atleast_2d(rows), np.atleast_1d(terms))
    return Answers(found if shape else _flat(graph, found), np.float64, shape)


def _flat(graph: GraphWriter, source: str) -> str:
    """Take the only column of a matrix."""
    return graph.add("Reshape", source, graph.integers(-1))


def _write_linear(graph: GraphWriter, model: Any, source: str) -> Answers:
    return _values(graph, source, model.coef_, model.intercept_)


def _write_polynomial(graph: GraphWriter, model: Any, source: str) -> Answers:
    """Append Chebyshev polynomials of each feature, their products, and the sum."""
    basis = model.basis_
    if not basis.terms:
        zeros = np.zeros((*np.shape(model.basis_intercept_), model.n_features_in_))
        return _values(graph, source, zeros, model.basis_intercept_)
    u = graph.add("Div", graph.add("Sub", source, graph.constant(basis.centres)), graph.constant(basis.scales))
    single = [graph.add("Add", graph.add("Mul", u, graph.constant(0.0)), graph.constant(1.0)), u]
    for _ in range(2, basis.degree + 1):
        twice = graph.add("Mul", graph.add("Mul", graph.constant(2.0), u), single[-1])
        single.append(graph.add("Sub", twice, single[-2]))
    columns = graph.add("Concat", *single, axis=1)
    features = len(basis.centres)
    places = [[power * features + j for j, power in Counter(term).items()] for term in basis.terms]
    terms = ""
    for factor in range(max(map(len, places))):
        which = [each[factor] if factor < len(each) else 0 for each in places]  # 0 is a one
        chosen = graph.add("Gather", columns, graph.constant(which, np.int64), axis=1)
        terms = graph.add("Mul", terms, chosen) if terms else chosen
    return _values(graph, terms, model.basis_coef_, model.basis_intercept_)


def _write_margin(graph: GraphWriter, model: Any, source: str) -> Answers:
    """Append w.x - b; the second class is predicted where it is positive."""
    margin = _flat(graph, _affine(graph, source, model.coef_, model.intercept_))
    codes = graph.cast(graph.add("Greater", margin, graph.constant(0.0)), np.int64)
    return Answers(codes=codes, others={"margin": (margin, np.float64, ())})


def _write_logistic(graph: GraphWriter, model: Any, source: str) -> Answers:
    """Append logits, of two classes beside that of the first, which is 0, and the softmax."""
    coef, intercept = model.coef_, model.intercept_
    if len(coef) == 1:
        coef, intercept = np.vstack([np.zeros_like(coef), coef]), np.append(0.0, intercept)
    logits = _affine(graph, source, coef, intercept)
    return _with_probabilities(graph, graph.add("Softmax", logits, axis=1), np.float64, len(coef), logits)


def _with_probabilities(graph: GraphWriter, chances: str, kind: Any, classes: int, ranked: str = "") -> Answers:
    """Append which class is the most probable one, the first of several."""
    codes = graph.add("ArgMax", ranked or chances, axis=1, keepdims=0)
    return Answers(codes=codes, others={"probabilities": (chances, kind, (classes,))})


def _differences(graph: GraphWriter, source: str, centres: Any) -> str:
    """Append the squared distances of objects to centres."""
    rows = graph.add("Unsqueeze", source, graph.integers(1))
    away = graph.add("Sub", rows, graph.constant(np.asarray(centres)[None]))
    return graph.add("ReduceSum", graph.add("Mul", away, away), graph.integers(2), keepdims=0)


def _write_clusters(graph: GraphWriter, model: Any, source: str) -> Answers:
    nearest = graph.add("ArgMin", _differences(graph, source, model.cluster_centers_), axis=1, keepdims=0)
    return Answers(nearest, np.int64)


def _write_outliers(graph: GraphWriter, model: Any, source: str) -> Answers:
    """Append the distance from the nearest cluster in units of its spread; far ones are -1, others 1."""
    distances = graph.add("Sqrt", _differences(graph, source, model.cluster_centers_))
    relative = graph.add("Div", distances, graph.constant(model.spreads_))
    score = graph.add("Neg", graph.add("ReduceMin", relative, graph.integers(1), keepdims=0))
    is_far = graph.add("Less", graph.add("Sub", score, graph.constant(model.offset_)), graph.constant(0.0))
    found = graph.add("Where", is_far, graph.constant(-1, np.int64), graph.constant(1, np.int64))
    return Answers(found, np.int64, others={"score": (score, np.float64, ())})


def _in_shape(graph: GraphWriter, model: Any, source: str) -> str:
    """Give rows of features the shape that a network reads."""
    shape = model.network_.input_shape
    return source if len(shape) == 1 else graph.add("Reshape", source, graph.integers(-1, *shape))


def _write_classifier(graph: GraphWriter, model: Any, source: str) -> Answers:
    """Append the network and, unless it ends in probabilities, the softmax of its outputs."""
    network = model.network_
    outputs = write_network(graph, network, _in_shape(graph, model, source))
    if final_activation(network.layers) not in ("softmax", "sigmoid"):
        outputs = graph.add("Softmax", outputs, axis=1)
    return _with_probabilities(graph, outputs, graph.dtype.type, len(model.classes_))


def _write_regressor(graph: GraphWriter, model: Any, source: str) -> Answers:
    """Append the network and what brings its outputs into the targets' units."""
    outputs = graph.cast(write_network(graph, model.network_, _in_shape(graph, model, source)), np.float64)
    shape = np.shape(model.target_mean_)
    scaled = graph.add("Mul", outputs, graph.constant(np.atleast_1d(model.target_scale_), np.float64))
    values = graph.add("Add", scaled, graph.constant(np.atleast_1d(model.target_mean_), np.float64))
    return Answers(values if shape else _flat(graph, values), np.float64, shape)


ESTIMATORS: dict[str, Callable[[GraphWriter, Any, str], Answers]] = {
    "ClusterOutlierDetector": _write_outliers,
    "HardMarginSVM": _write_margin,
    "KMeans": _write_clusters,
    "LinearRegression": _write_linear,
    "LogisticRegression": _write_logistic,
    "NetworkClassifier": _write_classifier,
    "NetworkRegressor": _write_regressor,
    "PolynomialRegression": _write_polynomial,
    "SoftMarginSVM": _write_margin,
}
