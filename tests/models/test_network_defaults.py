"""There is a network for every size of image and of table, and settings that suit the data."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Conv1D, Conv2D, Dense, Flatten, Network, NetworkClassifier, NetworkRegressor
from mathdl.errors import FileError, InputError
from mathdl.models.declaration import RunFacts
from mathdl.models.network_defaults import default_layers


def network(input_shape: tuple[int, ...], outputs: int, seed: int = 0) -> Network:
    return Network([*default_layers(input_shape), Dense(outputs)], input_shape, seed=seed)


def facts(objects: int, features: int = 0, task: str = "classification") -> RunFacts:
    """Images, or a table of so many features."""
    shape = (features,) if features else (1, 8, 8)
    return RunFacts(task, shape, 2, objects, features == 0, 2, seed=3, threads=1)


@pytest.mark.parametrize(("height", "width"), list(product([1, 2, 3, 4, 5, 7, 8, 9, 16, 28, 33, 100], repeat=2)))
def test_every_size_of_image_has_a_network(height: int, width: int) -> None:
    made = network((1, height, width), 3)
    assert made.output_shape == (3,)
    assert any(isinstance(layer, Conv2D) for layer in made.layers) == (min(height, width) > 1)
    # What is left to the last layer grows with the longer side alone.
    assert made.layers[-1].input_shape[0] <= 192 * max(height, width)


@pytest.mark.parametrize("length", [1, 2, 3, 4, 7, 8, 33, 63, 64, 128, 1000, 16384])
def test_every_length_of_signal_has_a_network(length: int) -> None:
    made = network((2, length), 3)
    assert made.output_shape == (3,)
    assert any(isinstance(layer, Conv1D) for layer in made.layers) == (length > 1)
    assert made.layers[-1].input_shape[0] <= 192
    assert made.size < 60_000


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 5), (3, 2, 2), (1, 8, 8), (4, 9, 31), (7,), (1,), (1, 1), (3, 40)])
def test_it_trains(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    X, y = random.normal(size=(12, *shape)), np.arange(12) % 2
    history = network(shape, 2).fit(X, y, loss="cross_entropy", epochs=30, batch_size=4)
    assert history.loss[-1] < history.loss[0]


def test_large_images_do_not_make_huge_networks() -> None:
    assert network((3, 224, 224), 10).size < 100_000


@pytest.mark.parametrize("of", [facts(6), facts(1000), facts(20000), facts(6, 3), facts(2000, 3), facts(20000, 1)])
def test_there_are_steps_enough_and_not_too_many(of: RunFacts) -> None:
    settings = NetworkClassifier.for_run(of, {}).settings()
    steps = settings["epochs"] * -(-of.objects // settings["batch_size"])
    assert 200 <= steps <= (2500 if of.images or of.objects < 900 else 5100)
    assert 5 <= settings["epochs"] <= 200


def test_wide_tables_take_smaller_steps() -> None:
    assert NetworkRegressor.for_run(facts(100, 1000, "regression"), {}).settings()["learning_rate"] == 0.001
    assert NetworkRegressor.for_run(facts(100, 3, "regression"), {}).settings()["learning_rate"] == 0.03


def test_options_are_kept() -> None:
    given = {"epochs": 3, "batch_size": np.int64(7), "learning_rate": 1, "momentum": 0, "network": None}
    made = NetworkClassifier.for_run(facts(100), NetworkClassifier.checked_options(given))
    assert made.settings() == {
        "epochs": 3,
        "batch_size": 7,
        "learning_rate": 1.0,
        "momentum": 0.0,
        "weight_decay": 0.0,
        "patience": None,
    }
    assert type(made.batch_size) is int
    assert (made.random_state, made.threads, made.dtype) == (3, 1, "float32")
    held = NetworkClassifier.for_run(facts(100, 3), {"learning_rate": "auto"}).rule
    assert held == SGD("auto", 0.9)


@pytest.mark.parametrize(
    ("of", "options", "patience"),
    [
        (facts(20000), {}, None),  # images keep their schedule
        (facts(20000), {"patience": 4}, 4),
        (facts(500, 3), {}, None),
        (facts(500, 3), {"early_stopping": True}, 41),
        (facts(500, 3), {"patience": np.int64(7)}, 7),
        (facts(5000, 3), {}, 10),
        (facts(5000, 3), {"epochs": 60}, 20),
        (facts(5000, 3), {"early_stopping": False}, None),
    ],
)
def test_when_training_stops_early(of: RunFacts, options: dict[str, Any], patience: int | None) -> None:
    options = NetworkClassifier.checked_options(options)
    assert NetworkClassifier.for_run(of, options).settings()["patience"] == patience


def test_the_decay_is_looked_for_in_tables_alone(tmp_path: Path) -> None:
    assert NetworkClassifier.for_run(facts(500), {}).weight_decay == 0
    assert NetworkClassifier.for_run(facts(500, 3), {}).weight_decay == "auto"
    assert NetworkClassifier.for_run(facts(500, 3), {"weight_decay": 0.5}).weight_decay == 0.5
    path = tmp_path / "net.toml"
    path.write_text('[[layers]]\nlayer = "Dense"\nunits = 2\n')
    own = NetworkClassifier.for_run(facts(500, 3), NetworkClassifier.checked_options({"network": path}))
    assert (own.weight_decay, own.settings()["patience"]) == (0.01, 41)


def test_an_option_of_another_task_is_refused() -> None:
    with pytest.raises(InputError, match="--loss does not go with a classification; leave it out"):
        NetworkClassifier.for_run(facts(100, 3), NetworkClassifier.checked_options({"loss": "huber"}))
    with pytest.raises(InputError, match="--class-weight does not go with a regression"):
        NetworkRegressor.for_run(facts(100, 3, "regression"), {"class_weight": "balanced"})


def test_a_file_is_the_whole_network(tmp_path: Path) -> None:
    path = tmp_path / "net.toml"
    path.write_text('dtype = "float64"\n[[layers]]\nlayer = "Flatten"\n[[layers]]\nlayer = "Dense"\nunits = 2\n')
    options = NetworkClassifier.checked_options({"network": path, "epochs": 2})
    model = NetworkClassifier.for_run(facts(20), options)
    images = np.random.default_rng(0).integers(0, 256, (20, 1, 8, 8)).astype(np.uint8)
    model.fit(images, np.arange(20) % 2)
    assert model.network_.architecture == [layer.describe() for layer in (Flatten(), Dense(2))]
    assert model.network_.dtype == "float64"
    with pytest.raises(InputError, match=r"net\.toml ends in 2 outputs, but the data have 3 classes"):
        NetworkClassifier.for_run(facts(20)._replace(outputs=3), options)
    with pytest.raises(FileError, match="There is no network file"):
        NetworkClassifier.checked_options({"network": tmp_path / "none.toml"})


@pytest.mark.parametrize(
    ("options", "others", "message"),
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
        ({"patience": 0}, {}, "patience is 0; give a whole number of at least 1"),
        ({"patience": 3, "early_stopping": False}, {}, "There is a patience, but no early stopping"),
        ({"early_stopping": 1}, {}, "early_stopping is 1"),
        ({"weight_decay": -1}, {}, "weight_decay is -1; give a number of at least 0"),
        ({"weight_decay": "much"}, {}, "weight_decay is 'much'"),
        ({"loss": "hinge"}, {}, "loss is 'hinge'; give 'mean_square' or 'huber'"),
        ({"class_weight": "heavy"}, {}, "class_weight is 'heavy'; give 'balanced', 'none' or a weight for each class"),
        ({"class_weight": {"a": 0}}, {}, "The class weight of 'a' is 0; give a positive number"),
        ({}, {"seed": -1}, "seed is -1; give a whole number of at least 0"),
        ({}, {"threads": 0}, "threads is 0"),
    ],
)
def test_what_cannot_be_is_refused(options: dict[str, Any], others: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        NetworkClassifier.checked_options(options, **({"seed": 0, "threads": None} | others))
