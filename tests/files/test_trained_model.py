"""The model of a run knows how to read data and how to answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import Conv2D, Dense, Flatten, KMeans, LinearRegression, LogisticRegression, Network, SoftMarginSVM
from mathdl.data import ClassNames, Preprocessing, TargetScaling
from mathdl.errors import InputError
from mathdl.models.trained_model import TrainedModel

TABLE = {"width": np.array([1.0, 3.0, 5.0]), "colour": np.array(["red", "blue", "red"], object)}


def classifier() -> TrainedModel:
    return TrainedModel(Network([Dense(2)], (3,), seed=1), ClassNames(("no", "yes")), None, Preprocessing.fit(TABLE))


def test_a_table_may_be_of_pandas() -> None:
    model = classifier()
    expected = model.model.predict_proba(Preprocessing.fit(TABLE).transform(TABLE))
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
    expected = model.model(images / 255).reshape(5, 3).argmax(axis=1)
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


def test_an_estimator_answers_like_itself() -> None:
    inputs = np.random.default_rng(0).normal(size=(30, 3))
    names = np.array(["no", "yes"])[(inputs[:, 0] > 0).astype(int)]
    soft = SoftMarginSVM().fit(inputs, names)
    model = TrainedModel(soft, ClassNames(("no", "yes")))
    assert model.predict(inputs).tolist() == soft.predict(inputs).tolist()
    assert (model.kind, model.input_shape) == ("SoftMarginSVM", (3,))
    with pytest.raises(InputError, match="The SoftMarginSVM gives no probabilities; use predict"):
        model.predict_proba(inputs)
    logistic = LogisticRegression(regularization=0.1).fit(inputs, names)
    chances = TrainedModel(logistic, ClassNames(("no", "yes"))).predict_proba(inputs)
    assert (chances == logistic.predict_proba(inputs)).all()
    line = LinearRegression().fit(inputs, inputs[:, 1])
    assert TrainedModel(line).predict(inputs).tolist() == line.predict(inputs).tolist()
    with pytest.raises(InputError, match="predicts numbers, which have no probabilities"):
        TrainedModel(line).predict_proba(inputs)


def test_an_estimator_reads_tables_and_images() -> None:
    preprocessing = Preprocessing.fit(TABLE)
    rows = preprocessing.transform(TABLE, "float64")
    line = LinearRegression().fit(rows, [1.0, 2.0, 4.0])
    assert TrainedModel(line, preprocessing=preprocessing).predict(TABLE).tolist() == line.predict(rows).tolist()
    images = np.random.default_rng(0).integers(0, 256, (9, 1, 2, 3), dtype=np.uint8)
    clusters = KMeans(2, random_state=0).fit(images.reshape(9, 6) / 255)
    model = TrainedModel(clusters, image_shape=(1, 2, 3))
    assert model.input_shape == (1, 2, 3)
    assert model.predict(images).tolist() == clusters.labels_.tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"classes": ClassNames(("u", "w"))}, r"knows the classes \['u', 'v'\], but the answers need \['u', 'w'\]"),
        ({}, r"knows the classes \['u', 'v'\], but the answers need \[\]"),
        ({"classes": ClassNames(("u", "v")), "image_shape": (1, 2, 2)}, r"has 2 features, not \(1, 2, 2\)"),
        ({"classes": ClassNames(("u", "v")), "image_shape": (2, 1)}, "channels, height and width"),
        ({"classes": ClassNames(("u", "v")), "image_shape": (-1, -1, 2)}, "channels, height and width"),
        ({"classes": ClassNames(("u", "v")), "preprocessing": Preprocessing.fit(TABLE)}, "preprocessing returns"),
    ],
)
def test_the_parts_of_an_estimators_model_must_fit(options: dict[str, Any], message: str) -> None:
    soft = SoftMarginSVM().fit([[0.0, 1.0], [2.0, 3.0]], ["u", "v"])
    with pytest.raises(InputError, match=message):
        TrainedModel(soft, **options)
