"""Pictures of the pieces of the networks in model files."""

from __future__ import annotations

import json

import numpy as np
import pytest

import mathdl
from mathdl import Dense, Flatten, Network, NetworkClassifier
from mathdl.errors import InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.regions import draw_regions

RNG = np.random.default_rng(0)
TABLE = {"width": 50 + 10 * RNG.normal(size=60), "height": RNG.normal(size=60)}
TABLE["kind"] = np.where(TABLE["width"] - 50 > 10 * TABLE["height"], "wide", "high")


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    """The file of a network that has learned from two columns."""
    folder = tmp_path_factory.mktemp("model")
    hidden = '[[layers]]\nlayer = "Dense"\nunits = 4\nactivation = "relu"\n'
    (folder / "small.toml").write_text(f'{hidden}[[layers]]\nlayer = "Dense"\nunits = 2\n')
    mathdl.train(TABLE, target="kind", network=folder / "small.toml", epochs=2, out=folder)
    return folder / "model.safetensors"


def test_a_model_of_two_columns_is_drawn_in_their_units(model, tmp_path):
    drawn = draw_regions(model)
    picture = model.with_name("regions.svg").read_text()
    assert drawn.picture == str(model.with_name("regions.svg"))
    assert json.loads(drawn.to_json())["pieces"] == drawn.pieces >= drawn.functions > 1
    assert all(f">{text}<" in picture for text in ("width", "height", "50"))
    table = tmp_path / "table.csv"
    rows = zip(*(TABLE[name].tolist() for name in ("width", "height")), strict=True)
    table.write_text("width,height\n" + "\n".join(f"{a},{b}" for a, b in rows))
    assert draw_regions(model, table).where == "around the data"


def test_a_network_of_pictures_is_drawn_on_a_plane_through_three(tmp_path):
    estimator = NetworkClassifier(layers=[Flatten(), Dense(6, activation="relu")], epochs=1)
    digits = mathdl.data.read("digits")
    estimator.fit(digits.images[:50], digits.labels[:50])
    mathdl.save(TrainedModel(estimator, training={"source": "digits"}), tmp_path / "m.safetensors")
    drawn = draw_regions(tmp_path / "m.safetensors")
    assert drawn.functions is None
    assert drawn.where.startswith("the plane through objects 1, ")
    assert drawn.pieces > 1


def test_what_cannot_be_drawn_is_refused(model, tmp_path):
    mathdl.save(Network([Dense(1)], (3,)), tmp_path / "net.safetensors")
    with pytest.raises(InputError, match="name data, of which three objects span a plane"):
        draw_regions(tmp_path / "net.safetensors")
    with pytest.raises(InputError, match="a network alone, which cannot read data"):
        draw_regions(tmp_path / "net.safetensors", "digits")
    mathdl.save(mathdl.LinearRegression().fit([[0.0], [1.0]], [0.0, 1.0]), tmp_path / "line.safetensors")
    with pytest.raises(InputError, match="which is no network"):
        draw_regions(tmp_path / "line.safetensors")


def test_a_network_alone_is_drawn_from_minus_one_to_one(tmp_path):
    mathdl.save(Network([Dense(3, activation="abs"), Dense(1)], (1,)), tmp_path / "net.safetensors")
    assert draw_regions(tmp_path / "net.safetensors").where == "inputs from -1 to 1"
