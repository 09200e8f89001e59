"""The model of a run knows how to read data and how to answer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from mathdl import (
    Conv2D,
    Flatten,
    KMeans,
    LinearRegression,
    LogisticRegression,
    NetworkClassifier,
    NetworkRegressor,
    SoftMarginSVM,
)
from mathdl.data import Preprocessing, SignalScale
from mathdl.data.frame import columns_of_frame
from mathdl.errors import InputError
from mathdl.models.trained_model import TrainedModel

TABLE = {"width": np.array([1.0, 3.0, 5.0]), "colour": np.array(["red", "blue", "red"], object)}
COLUMNS = columns_of_frame(TABLE, "the table")


def classifier() -> TrainedModel:
    rows = Preprocessing.fit(COLUMNS).transform(COLUMNS)
    network = NetworkClassifier((4,), epochs=2, random_state=1).fit(rows, ["no", "yes", "yes"])
    return TrainedModel(network, Preprocessing.fit(COLUMNS))


def test_a_table_may_be_of_pandas() -> None:
    model = classifier()
    expected = model.model.predict_proba(Preprocessing.fit(COLUMNS).transform(COLUMNS))
    for table in (TABLE, pd.DataFrame(TABLE), pd.DataFrame(TABLE)[["colour", "width"]].assign(more=1)):
        assert (model.predict_proba(table) == expected).all()
        assert model.predict(table).tolist() == np.array(["no", "yes"])[expected.argmax(axis=1)].tolist()


def test_a_table_is_encoded_as_the_numbers_of_the_network() -> None:
    assert classifier().inputs(TABLE).dtype == "float32"
    with pytest.raises(InputError, match="Column 'width' holds a value too large for float32 in row 1"):
        classifier().predict({"width": [1e200], "colour": ["red"]})


def test_images_stay_bytes() -> None:
    images = np.random.default_rng(0).integers(0, 256, (9, 1, 2, 2), dtype=np.uint8)
    network = NetworkClassifier(layers=[Conv2D(3, 2), Flatten()], epochs=2, random_state=0)
    model = TrainedModel(network.fit(images, np.array(["a", "b", "c"])[np.arange(9) % 3]))
    assert model.input_shape == (1, 2, 2)
    expected = network.network_(images / 255).argmax(axis=1)
    assert model.predict(images).tolist() == np.array(["a", "b", "c"])[expected].tolist()
    assert model.inputs(images).dtype == np.uint8


@pytest.mark.parametrize("table", [[[1.0, 2.0, 3.0]], np.zeros((2, 3))])
def test_a_matrix_is_no_table(table: Any) -> None:
    with pytest.raises(InputError, match="trained on a table; give its columns by name"):
        classifier().predict(table)


@pytest.mark.parametrize("table", [{}, pd.DataFrame({"size": [1.0]}), {"colour": ["red"]}])
def test_a_table_without_a_column(table: Any) -> None:
    with pytest.raises(InputError, match="Column 'width' is missing; give all that training had: width, colour"):
        classifier().predict(table)


def test_an_unseen_category() -> None:
    table = {"width": [1.0, 2.0], "colour": ["red", "green"]}
    assert classifier().predict(table).shape == (2,)
    assert classifier().encoded(table).notes == ("1 value of 'colour' not seen in training, taken as none",)
    with pytest.raises(InputError, match="'green' in row 2, which was not seen"):
        classifier().encoded(table, strict=True)


def test_gaps_of_every_kind_of_table_are_filled() -> None:
    frame = pd.DataFrame({"width": pd.array([1, None, 3], "Int64"), "colour": pd.Categorical(["red", None, "blue"])})
    lists = {"width": [1.0, None, 3.0], "colour": ["red", None, "blue"]}
    filled = {"width": [1.0, 3.0, 3.0], "colour": ["red", "red", "blue"]}
    expected = classifier().predict_proba(filled)
    for table in (frame, lists):
        chances = classifier().predict_proba(table)
        assert (chances[[0, 2]] == expected[[0, 2]]).all()
        assert np.isfinite(chances).all()
        assert classifier().encoded(table).notes == (
            "1 gap in 'width' filled with the median",
            "1 gap in 'colour' taken as none of the categories",
        )


def test_text_is_read_as_training_read_it() -> None:
    texts = classifier().inputs({"width": ["1", "5.0"], "colour": ["red", "blue"]})
    assert (texts == classifier().inputs({"width": [1, 5], "colour": ["red", "blue"]})).all()
    with pytest.raises(InputError, match="'width' holds 'wide' in row 2"):
        classifier().inputs({"width": ["1", "wide"], "colour": ["red", "blue"]})


def test_numbers_have_no_probabilities() -> None:
    network = NetworkRegressor((2,), epochs=1).fit([[0.0], [1.0]], [3.0, 5.0])
    with pytest.raises(InputError, match="predicts numbers, which have no probabilities; use predict"):
        TrainedModel(network).predict_proba([[1.0]])


def test_its_representation_is_a_sentence() -> None:
    table = {f"column {i}": np.array([f"category {j % 20}" for j in range(200)]) for i in range(9)}
    columns = columns_of_frame(table, "the table")
    preprocessing = Preprocessing.fit(columns)
    line = LinearRegression().fit(preprocessing.transform(columns, "float64"), np.arange(200.0))
    assert (
        repr(TrainedModel(line, preprocessing))
        == "TrainedModel of a LinearRegression, which reads a table of 9 columns"
    )
    assert repr(classifier()) == "TrainedModel of a NetworkClassifier for 2 classes, which reads a table of 2 columns"


def test_an_estimator_answers_like_itself() -> None:
    inputs = np.random.default_rng(0).normal(size=(30, 3))
    names = np.array(["no", "yes"])[(inputs[:, 0] > 0).astype(int)]
    soft = SoftMarginSVM().fit(inputs, names)
    model = TrainedModel(soft)
    assert model.predict(inputs).tolist() == soft.predict(inputs).tolist()
    assert (model.kind, model.input_shape) == ("SoftMarginSVM", (3,))
    with pytest.raises(InputError, match="The SoftMarginSVM gives no probabilities; use predict"):
        model.predict_proba(inputs)
    logistic = LogisticRegression(regularization=0.1).fit(inputs, names)
    chances = TrainedModel(logistic).predict_proba(inputs)
    assert (chances == logistic.predict_proba(inputs)).all()
    line = LinearRegression().fit(inputs, inputs[:, 1])
    assert TrainedModel(line).predict(inputs).tolist() == line.predict(inputs).tolist()
    with pytest.raises(InputError, match="predicts numbers, which have no probabilities"):
        TrainedModel(line).predict_proba(inputs)


def test_an_estimator_reads_tables_and_images() -> None:
    preprocessing = Preprocessing.fit(COLUMNS)
    rows = preprocessing.transform(COLUMNS, "float64")
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
        ({"image_shape": (1, 2, 2)}, r"has 2 features, not \(1, 2, 2\)"),
        ({"image_shape": (2, 1)}, "channels, height and width"),
        ({"image_shape": (1, 2, 1), "signal_scale": SignalScale([0.0], [1.0])}, "channels and length"),
        ({"image_shape": (2, 1), "signal_scale": SignalScale([0.0], [1.0])}, "The scale of signals does not fit"),
        ({"image_shape": (1, 2), "signal_scale": SignalScale([0.0], [0.0])}, "The scale of signals does not fit"),
        ({"image_shape": (-1, -1, 2)}, "channels, height and width"),
        ({"preprocessing": Preprocessing.fit(COLUMNS)}, r"shape \(2,\), but the preprocessing returns \(3,\)"),
    ],
)
def test_the_parts_of_an_estimators_model_must_fit(options: dict[str, Any], message: str) -> None:
    soft = SoftMarginSVM().fit([[0.0, 1.0], [2.0, 3.0]], ["u", "v"])
    with pytest.raises(InputError, match=message):
        TrainedModel(soft, **options)
