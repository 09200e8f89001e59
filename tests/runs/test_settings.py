"""Choices are checked before data are read, and what was not chosen suits the data."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from mathdl import SGD
from mathdl.data import ImageSet, Table
from mathdl.errors import InputError
from mathdl.runs.prepared_data import PreparedData, prepare
from mathdl.runs.settings import Choices, Settings


def data(objects: int, features: int = 0, task: str = "classification") -> PreparedData:
    """Images, or a table of so many features."""
    labels = np.arange(objects) % 2
    if features:
        columns = {f"x{i}": np.arange(objects) * 1.0 for i in range(features)}
        return prepare(Table(columns, labels, "y", "t"), task=task, test_fraction=0.2, seed=0)
    images = ImageSet(np.zeros((objects, 1, 2, 2), np.uint8), labels, "i")
    return prepare(images, task=task, test_fraction=0.2, seed=0)


@pytest.mark.parametrize("of", [data(6), data(1000), data(20000), data(6, 3), data(2000, 3), data(20000, 1)])
def test_there_are_steps_enough_and_not_too_many(of: PreparedData) -> None:
    settings = Choices().settle(of)
    steps = settings.epochs * -(-len(of.train) // settings.batch_size)
    assert 200 <= steps <= 2500
    assert 5 <= settings.epochs <= 200


def test_wide_tables_take_smaller_steps() -> None:
    assert Choices().settle(data(100, 1000, "regression")).learning_rate == 0.001
    assert Choices().settle(data(100, 3, "regression")).learning_rate == 0.03


def test_choices_are_kept() -> None:
    chosen = Choices(epochs=3, batch_size=np.int64(7), learning_rate=1, momentum=0)
    assert chosen.settle(data(100)) == Settings(3, 7, 1.0, 0.0, 0.0)
    assert type(chosen.settle(data(100)).batch_size) is int
    assert Settings(3, 7, 0.5, 0.25, 0.125).rule == SGD(0.5, 0.25, weight_decay=0.125)


def test_auto_is_left_for_the_training_to_find() -> None:
    settings = Choices(learning_rate="auto").settle(data(100))
    assert settings.learning_rate == "auto"
    assert settings.rule == SGD("auto", 0.9)


@pytest.mark.parametrize(
    ("choices", "others", "message"),
    [
        ({"epochs": 0}, {}, "epochs is 0; give a whole number of at least 1"),
        ({"epochs": 1.5}, {}, "epochs is 1.5"),
        ({"batch_size": -4}, {}, "batch_size is -4"),
        ({"batch_size": True}, {}, "batch_size is True"),
        ({"learning_rate": -0.1}, {}, "learning_rate is -0.1; give a positive number"),
        ({"learning_rate": 0.0}, {}, "learning_rate is 0.0"),
        ({"learning_rate": "fast"}, {}, "learning_rate is 'fast'; give a positive number, or 'auto'"),
        ({"learning_rate": float("nan")}, {}, "learning_rate is nan"),
        ({"momentum": 1.0}, {}, "momentum is 1.0"),
        ({"momentum": -0.5}, {}, "momentum is -0.5"),
        ({}, {"seed": -1}, "seed is -1; give a whole number of at least 0"),
        ({}, {"threads": 0}, "threads is 0"),
    ],
)
def test_what_cannot_be_is_refused(choices: dict[str, Any], others: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Choices(**choices).check(**({"seed": 0, "threads": None} | others))
