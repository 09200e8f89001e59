"""Preprocessing in ONNX: what turns the columns of a table, pictures or signals into what a model reads."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.data import Preprocessing, SignalScale
from mathdl.data.category_encoder import CategoryEncoder
from mathdl.data.date_encoder import DateEncoder
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import InputError
from mathdl.exchange.onnx_graph import GraphWriter


def write_columns(graph: GraphWriter, preprocessing: Preprocessing) -> str:
    """Declare an input for each column, (objects, 1), and append what makes features of them.

    A missing number is NaN, a missing text is empty. InputError is raised where there are dates, whose parts ONNX has
    no operators for.
    """
    dates = [encoder.name for encoder in preprocessing.encoders if isinstance(encoder, DateEncoder)]
    if dates:
        listed = ", ".join(map(repr, dates))
        raise InputError(
            f"ONNX has no operators for dates, and the model reads {listed}; train it without, or with numbers made of "
            "the dates."
        )
    features = []
    for number, encoder in enumerate(preprocessing.encoders):
        graph.place = f"columns/{number}/"
        features += _number(graph, encoder) if isinstance(encoder, NumberEncoder) else _category(graph, encoder)
    graph.place = ""
    return features[0] if len(features) == 1 else graph.add("Concat", *features, axis=1)


def _number(graph: GraphWriter, encoder: NumberEncoder) -> list[str]:
    """Append the standardisation, in double precision, and perhaps that the number is missing."""
    given = graph.input(encoder.name, np.float64, (1,))
    gap = graph.add("IsNaN", given)
    mean, scale, median = (graph.constant(value, np.float64) for value in (encoder.mean, encoder.scale, encoder.median))
    filled = graph.add("Where", gap, median, given)
    found = graph.cast(graph.add("Div", graph.add("Sub", filled, mean), scale), graph.dtype)
    return [found, *([graph.cast(gap, graph.dtype)] if encoder.indicates else [])]


def _category(graph: GraphWriter, encoder: Any) -> list[str]:
    """Append comparisons with the categories, and perhaps whether the text is another one or missing."""
    assert isinstance(encoder, CategoryEncoder)
    given = graph.input(encoder.name, str, (1,))
    gap = graph.add("Equal", given, graph.constant([""], object))
    found = []
    if encoder.categories:
        equal = graph.add("Equal", given, graph.constant([list(encoder.categories)], object))
        found.append(graph.cast(equal, graph.dtype))
    if encoder.other:
        is_known = gap
        if found:
            largest = graph.add("ReduceMax", found[0], graph.integers(1), keepdims=1)
            is_known = graph.add("Or", gap, graph.cast(largest, bool))
        found.append(graph.cast(graph.add("Not", is_known), graph.dtype))
    if encoder.indicates:
        found.append(graph.cast(gap, graph.dtype))
    return found


def write_pixels(graph: GraphWriter, shape: tuple[int, ...]) -> str:
    """Declare an input of bytes, pictures or arrays of this shape, and append their division by 255."""
    given = graph.input("X", np.uint8, shape)
    return graph.add("Div", graph.cast(given, graph.dtype), graph.constant(255))


def write_signals(graph: GraphWriter, shape: tuple[int, ...], scale: SignalScale) -> str:
    """Declare an input of signals, and append what standardises their channels, in double precision."""
    given = graph.input("X", np.float64, shape)
    means, deviations = (graph.constant(np.array(part)[:, None], np.float64) for part in scale)
    return graph.cast(graph.add("Div", graph.add("Sub", given, means), deviations), graph.dtype)
