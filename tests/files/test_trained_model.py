"""The model of a run knows how to read data and how to answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import Conv2D, Dense, Flatten, Network
from mathdl.data import ClassNames, Preprocessing, TargetScaling
from mathdl.errors import InputError
from mathdl.files.trained_model import TrainedModel

TABLE = {"width": np.array([1.0, 3.0, 5.0]), "colour": np.array(["red", "blue", "red"], object)}


def classifier() -> TrainedModel:
    return TrainedModel(Network([Dense(2)], (3,), seed=1), ClassNames(("no", "yes")), None, Preprocessing.fit(TABLE))


def test_a_table_may_be_of_pandas() -> None:
    model = classifier()
    expected = model.network.predict_proba(Preprocessing.fit(TABLE).transform(TABLE))
    for table in (TABLE, pd.DataFrame(TABLE), pd.DataFrame(TABLE)[["colour", "width"]].assign(more=1)):
        assert (model.predict_proba(table) == expected).all()
        assert model.predict(table).tolist() == np.array(["no", "yes"])[expected.argmax(axis=1)].tolist()


def test_values_are_scaled_back() -> None:
    network = Network([Dense(1)], (1,), "float64")
    network.parameters[:] = [2, 1]
    assert TrainedModel(network, scaling=TargetScaling(100.0, 10.0)).predict([[3.0], [0.0]]).tolist() == [170, 110]
    assert TrainedModel(network).predict([[3.0]]).tolist() == [7]


def test_images_stay_bytes() -> None:
    model = TrainedModel(Network([Conv2D(3, 2)], (1, 2, 2)), ClassNames(("a", "b", "c")))
    images = np.random.default_rng(0).integers(0, 256, (5, 1, 2, 2), dtype=np.uint8)
    expected = model.network(images / 255).reshape(5, 3).argmax(axis=1)
    assert model.predict(images).tolist() == np.array(["a", "b", "c"])[expected].tolist()


@pytest.mark.parametrize("table", [[[1.0, 2.0, 3.0]], np.zeros((2, 3)), {}])
def test_a_matrix_is_no_table(table: Any) -> None:
    with pytest.raises(InputError, match="trained on a table; give its columns by name"):
        classifier().predict(table)


def test_an_unseen_category() -> None:
    with pytest.raises(InputError, match="'green' in row 2, which was not seen"):
        classifier().predict({"width": [1.0, 2.0], "colour": ["red", "green"]})


def test_numbers_have_no_probabilities() -> None:
    with pytest.raises(InputError, match="no probabilities; use predict"):
        TrainedModel(Network([Dense(1)], (1,))).predict_proba([[1.0]])


@pytest.mark.parametrize(
    ("layers", "shape", "classes", "message"),
    [
        ([Dense(3)], (3,), ClassNames((1, 2)), "3 outputs, but the answers need 2"),
        ([Dense(3)], (3,), None, "3 outputs, but the answers need 1"),
        ([Dense(2)], (4,), ClassNames((1, 2)), r"shape \(4,\), but the preprocessing returns \(3,\)"),
        ([Flatten(), Dense(2)], (1, 3, 1), ClassNames((1, 2)), "but the preprocessing returns"),
    ],
)
def test_the_parts_must_fit(layers: Any, shape: Any, classes: Any, message: str) -> None:
    with pytest.raises(InputError, match=message):
        TrainedModel(Network(layers, shape), classes, None, Preprocessing.fit(TABLE))
