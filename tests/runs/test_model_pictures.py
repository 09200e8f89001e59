"""The report's pictures of models with one and two features show data and model in the data's own units."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mathdl import load
from mathdl.cli.main import main
from mathdl.runs import model_pictures

Train = Callable[..., list[Axes]]


@pytest.fixture
def train(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Train:
    """Trains on a table by the command, and returns the axes of the model's pictures."""
    drawn: list[Axes] = []

    def keep(description: str, draw: Callable[..., object], size: tuple[float, float]) -> str:
        drawn.append(Figure(figsize=size, dpi=72).add_subplot())
        draw(ax=drawn[-1])
        return f"<svg><desc>{description}</desc></svg>"

    monkeypatch.setattr(model_pictures, "svg", keep)

    def train(table: dict[str, Any], *options: str) -> list[Axes]:
        pd.DataFrame(table).to_csv(tmp_path / "table.csv", index=False)
        drawn.clear()
        with pytest.raises(SystemExit) as ended:
            main(["train", str(tmp_path / "table.csv"), "--out", str(tmp_path / "run"), *options])
        assert ended.value.code in (0, None)
        page = (tmp_path / "run" / "report.html").read_text(encoding="utf-8")
        assert page.count("<desc>") == len(drawn)
        return list(drawn)

    return train


HOURS = np.linspace(100.0, 106.0, 60)
PLANE = np.random.default_rng(0).normal(size=(80, 2)) * [10.0, 0.1] + [1000.0, 5.0]
SIDES = np.where(PLANE[:, 0] + 100 * PLANE[:, 1] > 1500, "above", "below")


@pytest.mark.parametrize("options", [(), ("--model", "linear"), ("--model", "polynomial", "--degree", "3")])
def test_the_curve_of_a_regression(train: Train, tmp_path: Path, options: tuple[str, ...]) -> None:
    price = 1000 + 30 * HOURS + np.sin(HOURS)
    epochs = () if options else ("--epochs", "3")
    (ax,) = train({"hours": HOURS, "price": price}, "--target", "price", *options, *epochs)
    data, curve = ax.lines
    truth = dict(zip(HOURS.tolist(), price.tolist(), strict=True))
    for x, y in zip(data.get_xdata(), data.get_ydata(), strict=True):
        nearest = min(truth, key=lambda hour: abs(hour - x))
        assert x == pytest.approx(nearest, rel=1e-6)
        assert y == pytest.approx(truth[nearest], rel=1e-6)
    model = load(tmp_path / "run" / "model.safetensors")
    np.testing.assert_allclose(curve.get_ydata(), model.predict({"hours": curve.get_xdata()}), rtol=1e-6)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("hours", "price")


@pytest.mark.parametrize("options", [(), ("--model", "logistic")])
def test_the_curve_of_two_classes(train: Train, tmp_path: Path, options: tuple[str, ...]) -> None:
    table = {"hours": HOURS, "exam": np.where((HOURS > 103) ^ (np.arange(60) % 7 == 0), "passed", "failed")}
    (ax,) = train(table, "--target", "exam", *options, *(() if options else ("--epochs", "3")))
    data, curve = ax.lines
    assert set(data.get_ydata()) == {0.0, 1.0}
    model = load(tmp_path / "run" / "model.safetensors")
    expected = model.predict_proba({"hours": curve.get_xdata()})[:, 1]
    np.testing.assert_allclose(curve.get_ydata(), expected, rtol=1e-5)
    assert ax.get_ylabel() == "probability of passed"


@pytest.mark.parametrize("model", ["network", "logistic", "soft-margin"])
def test_the_regions_of_two_columns(train: Train, tmp_path: Path, model: str) -> None:
    options = ("--epochs", "3") if model == "network" else ()
    (ax,) = train({"a": PLANE[:, 0], "b": PLANE[:, 1], "side": SIDES}, "--target", "side", "--model", model, *options)
    fills = [each for each in ax.collections if getattr(each, "filled", False)]
    random = np.random.default_rng(1)
    points = np.column_stack([random.uniform(*limits, 200) for limits in (ax.get_xlim(), ax.get_ylim())])
    inside = np.array([[any(path.contains_point(p) for path in fill.get_paths()) for fill in fills] for p in points])
    said = load(tmp_path / "run" / "model.safetensors").predict({"a": points[:, 0], "b": points[:, 1]})
    clear = inside.sum(axis=1) == 1
    assert clear.mean() > 0.97  # the others lie on the border
    names = np.array(["above", "below"])[inside[clear].argmax(axis=1)]
    assert (names == said[clear]).mean() > 0.97
    drawn = {(round(x, 2), round(y, 4)) for line in ax.lines[:2] for x, y in zip(*line.get_data(), strict=True)}
    assert drawn <= {(round(x, 2), round(y, 4)) for x, y in PLANE.tolist()}
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("a", "b")
    assert any(line.get_markerfacecolor() == "none" and len(line.get_xdata()) for line in ax.lines) == (
        model == "soft-margin"
    )


def test_clusters(train: Train, tmp_path: Path) -> None:
    (ax,) = train({"a": PLANE[:, 0], "b": PLANE[:, 1]}, "--model", "kmeans", "--clusters", "3")
    centres = next(line for line in ax.lines if line.get_marker() == "x")
    model = load(tmp_path / "run" / "model.safetensors")
    said = model.predict({"a": centres.get_xdata(), "b": centres.get_ydata()})
    assert sorted(said.tolist()) == [0, 1, 2]
    for k, line in enumerate(ax.lines[:3]):
        assert (model.predict(dict(zip("ab", line.get_data(), strict=True))) == k).all()


@pytest.mark.parametrize(
    ("columns", "options"),
    [
        ("abc", ("--target", "side", "--model", "logistic")),
        ("ab", ("--target", "b", "--model", "kmeans")),
        ("abz", ("--target", "side", "--model", "logistic")),
        ("az", ("--target", "a", "--model", "linear")),
    ],
)
def test_models_that_have_no_picture(train: Train, columns: str, options: tuple[str, ...]) -> None:
    every = {"a": PLANE[:, 0], "b": np.arange(80) % 3, "c": PLANE[::-1, 0], "z": np.array(["x", "y"] * 40)}
    table = {name: every[name] for name in columns} | ({"side": SIDES} if "side" in options else {})
    assert train(table, *options) == []
