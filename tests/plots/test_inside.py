"""The pictures of a network's inside show its numbers: read off matplotlib's objects, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

from mathdl import (
    Conv1D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPool2D,
    LogisticRegression,
    MaxPool2D,
    Network,
    pixel_influence,
    plots,
    strongest_patches,
)
from mathdl.errors import InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.plots.style import COLOURS

RANDOM = np.random.default_rng(0)
NET = Network([Conv2D(9, (2, 3)), MaxPool2D(2), Conv2D(3, 2, activation="relu"), Flatten(), Dense(4)], (1, 9, 10))
SIGNALS = Network([Conv1D(2, 3), Conv1D(3, 2), Flatten(), Dense(2)], (2, 8))
PICTURES = RANDOM.random((12, 1, 9, 10))


@pytest.fixture
def ax() -> Axes:
    return Figure(dpi=72).add_subplot()


def colour_at(ax: Axes, x: float, y: float) -> Any:
    """The colour of the one image of the axes at a point, from 0 to 1; None where it has none."""
    (image,) = ax.images
    board: Any = image.get_array()
    left, right, bottom, top = image.get_extent()
    row, column = int((top - y) / (top - bottom) * len(board)), int((x - left) / (right - left) * board.shape[1])
    *rgb, alpha = board[row, column] / 255
    return None if alpha == 0 else np.array(rgb)


def shown(ax: Axes, name: str, shape: tuple[int, int]) -> Any:
    """The colours of the tile above a caption, one for each of its pixels."""
    (text,) = [text for text in ax.texts if text.get_text() == name]
    x, y = text.get_position()
    height, width = shape
    pixel = 1 / width
    return np.array(
        [
            [colour_at(ax, x - 0.5 + (j + 0.5) * pixel, y + 0.04 + (height - i - 0.5) * pixel) for j in range(width)]
            for i in range(height)
        ]
    )


def signed(values: Any, limit: float) -> Any:
    """White for 0, blue for the limit, orange for minus it."""
    part = (np.asarray(values, np.float64) / limit)[..., None]
    white, up, down = (np.array(to_rgb(colour)) for colour in ("#fefefe", COLOURS[0], COLOURS[1]))
    return np.where(part >= 0, white + part * (up - white), white - part * (down - white))


def captions(ax: Axes) -> list[str]:
    return [text.get_text() for text in ax.texts]


def legend(ax: Axes) -> list[str]:
    found = ax.get_legend()
    return [] if found is None else [text.get_text() for text in found.get_texts()]


def test_kernels_have_the_colours_of_their_weights(ax: Axes) -> None:
    plots.plot_kernels(NET, ax=ax)
    weights: Any = NET.layers[0].weights
    assert captions(ax) == [str(k) for k in range(9)]
    for k in range(9):
        np.testing.assert_allclose(shown(ax, str(k), (2, 3)), signed(weights[k, 0], np.abs(weights).max()), atol=0.02)
    assert colour_at(ax, 1.05, -0.3) is None  # between two of them
    high, low = f"{weights.max():.3g}", f"{-weights.min():.3g}"
    assert legend(ax) == [f"positive, up to {high}", f"negative, down to \N{MINUS SIGN}{low}"]


def test_kernels_of_several_channels_stand_in_rows(ax: Axes) -> None:
    plots.plot_kernels(NET, 2, channels=[2, 0], ax=ax)
    assert captions(ax) == ["2", "0", *map(str, range(9))]
    rows, columns = ax.texts[:2], ax.texts[2:]
    weights: Any = NET.layers[2].weights
    limit = np.abs(weights[[2, 0]]).max()
    for text, channel in zip(rows, (2, 0), strict=True):
        for column, source in enumerate(columns):
            x, y = source.get_position()[0] - 0.25, text.get_position()[1] + 0.25
            expected = signed(weights[channel, column, 0, 0], limit)
            np.testing.assert_allclose(colour_at(ax, x, y), expected, atol=0.02)


def test_dense_layers_that_read_a_picture(ax: Axes) -> None:
    net = Network([Flatten(), Dropout(0.5), Dense(3), Dense(2)], (1, 4, 5))
    plots.plot_kernels(net, ax=ax)
    weights: Any = net.layers[2].weights
    expected = signed(weights[1].reshape(4, 5), np.abs(weights).max())
    np.testing.assert_allclose(shown(ax, "1", (4, 5)), expected, atol=0.02)
    behind = Network([Conv2D(2, 2), Flatten(), Dense(3)], (1, 4, 5))
    plots.plot_kernels(behind, 2, ax=(second := Figure().add_subplot()))
    assert captions(second) == ["0", "1", "2", "0", "1"]  # a row for each neuron, a column for each map


def test_a_linear_model_of_pictures(ax: Axes) -> None:
    X = RANDOM.random((30, 12))
    model = LogisticRegression(regularization=0.1).fit(X, np.arange(30) % 3)
    plots.plot_kernels(TrainedModel(model, image_shape=(1, 3, 4)), ax=ax)
    expected = signed(model.coef_[2].reshape(3, 4), np.abs(model.coef_).max())
    np.testing.assert_allclose(shown(ax, "2", (3, 4)), expected, atol=0.02)


def test_feature_maps_are_the_outputs(ax: Axes) -> None:
    plots.plot_feature_maps(NET, PICTURES[0], 2, ax=ax)
    maps = NET.trace(PICTURES[0])[2].output
    for k in range(3):
        np.testing.assert_allclose(shown(ax, str(k), maps.shape[1:]), signed(maps[k], np.abs(maps).max()), atol=0.02)
    plots.plot_feature_maps(NET, PICTURES[0], ax=(first := Figure().add_subplot()))
    assert captions(first) == [str(k) for k in range(9)]


def test_curves_of_signals(ax: Axes) -> None:
    x = RANDOM.normal(size=(2, 8))
    plots.plot_feature_maps(SIGNALS, x, 1, ax=ax)
    maps = SIGNALS.trace(x)[1].output
    curves = [line for line in ax.lines if len(line.get_xdata()) == maps.shape[1] and line.get_zorder() == 2]
    assert len(curves) == 3
    for curve, values in zip(curves, maps, strict=True):
        np.testing.assert_allclose(np.asarray(curve.get_ydata()) + 0.3, 0.3 * values / np.abs(maps).max(), atol=1e-6)
    plots.plot_kernels(SIGNALS, 1, ax=(kernels := Figure().add_subplot()))
    assert captions(kernels) == ["0", "1", "2", "0", "1"]
    plots.plot_strongest_patches(strongest_patches(SIGNALS, x[None]), ax=(patches := Figure().add_subplot()))
    assert [text.splitlines()[0] for text in captions(patches)] == ["channel 0", "channel 1"]
    plots.plot_pixel_influence(pixel_influence(SIGNALS, x), ax=(pixels := Figure().add_subplot()))
    drawn = [line for line in pixels.lines if line.get_zorder() == 2 and np.isfinite(line.get_ydata()).any()]
    assert len(drawn) == 2 + 2 + 1


@pytest.mark.parametrize("scale", [1, 255])
def test_patches_stand_in_rows_from_the_strongest_on(ax: Axes, scale: int) -> None:
    X = PICTURES if scale == 1 else (PICTURES * 255).astype(np.uint8)
    found = strongest_patches(NET, X, count=3)
    plots.plot_strongest_patches(found, ax=ax)
    low, high = (0, 255) if scale == 255 else (found.patches.min(), found.patches.max())
    for k, text in enumerate(ax.texts):
        first, last = found.responses[k, 0], found.responses[k, -1]
        assert text.get_text() == f"channel {k}\n{first:.3g} to {last:.3g}".replace("-", "\N{MINUS SIGN}")
        y = text.get_position()[1] + 1 / 6  # the middle of the first of two rows of pixels
        for j in range(3):
            grey = (found.patches[k, j, 0, 0, 0] - low) / (high - low)
            assert colour_at(ax, j * (1 + 5 / 45) + 1 / 6, y) == pytest.approx(np.full(3, grey), abs=0.02)


def test_a_dead_channel_is_named_and_outputs_are_called_so(ax: Axes) -> None:
    dead = Network([Conv2D(1, 2, activation="relu"), GlobalMaxPool2D(), Dense(1)], (1, 3, 3))
    dead.parameters[:] = -1
    plots.plot_strongest_patches(strongest_patches(dead, PICTURES[:, :, :3, :3]), ax=ax)
    assert captions(ax) == ["channel 0\n0 throughout"]
    plots.plot_strongest_patches(
        strongest_patches(dead, PICTURES[:, :, :3, :3], 2), ax=(last := Figure().add_subplot())
    )
    assert captions(last)[0].startswith("output 0")


def test_influence_shows_the_picture_and_both_maps(ax: Axes) -> None:
    found = pixel_influence(NET, PICTURES[3])
    plots.plot_pixel_influence(found, ax=ax)
    grey = np.repeat(found.x[0][..., None], 3, axis=2)
    np.testing.assert_allclose(shown(ax, "input", (9, 10)), grey, atol=0.02)
    for name, values in (("gradient", found.gradient[0]), ("occlusion", found.occlusion)):
        np.testing.assert_allclose(shown(ax, name, (9, 10)), signed(values, np.abs(values).max()), atol=0.02)


def test_colours_are_shown_as_colours_and_nothing_breaks_a_picture(ax: Axes) -> None:
    colour = Network([Conv2D(1, 1), Flatten(), Dense(2)], (3, 4, 4))
    x = RANDOM.random((3, 4, 4))
    plots.plot_pixel_influence(pixel_influence(colour, x), ax=ax)
    np.testing.assert_allclose(shown(ax, "input", (4, 4)), x.transpose(1, 2, 0), atol=0.02)
    colour.parameters[:] = np.nan
    plots.plot_kernels(colour, ax=(gaps := Figure().add_subplot()))
    assert colour_at(gaps, 0.5, -0.5) is None
    colour.parameters[:] = 0
    plots.plot_kernels(colour, ax=(zeros := Figure().add_subplot()))
    assert legend(zeros) == []


def test_of_very_many_channels_the_first_are_drawn(ax: Axes) -> None:
    many = Network([Conv2D(70, 1)], (1, 2, 2))
    plots.plot_kernels(many, ax=ax)
    assert len(ax.texts) == 64
    plots.plot_kernels(many, channels=[69], ax=(last := Figure().add_subplot()))
    assert captions(last) == ["69"]


def test_connections_join_what_depends_on_one_another(ax: Axes) -> None:
    layer = Network([Conv1D(1, 4, bias=None)], (1, 6)).layers[0]
    assert layer.weights is not None
    layer.weights[:] = [[[2, 3, 5, 7]]]
    plots.plot_connections([layer.matrix(), np.ones((2, 3))], ["x", "c", "y"], ax=ax)  # type: ignore[attr-defined]
    first = [line for line in ax.lines if line.get_xdata()[0] == 0]
    ends = {(line.get_ydata()[0], line.get_ydata()[1]) for line in first}
    assert ends == {(i + 1.0, j + 2.5) for j in range(3) for i in range(j, j + 4)}
    looks = {line.get_ydata()[0] - line.get_ydata()[1]: line.get_linestyle() for line in first}
    assert len(set(looks.values())) == 4  # one look a weight
    assert len(ax.lines) == 12 + 6
    assert [text.get_text() for text in ax.get_xticklabels()] == ["x", "c", "y"]


@pytest.mark.parametrize(
    ("draw", "message"),
    [
        (lambda: plots.plot_kernels(NET, 1), r"Layer 1, MaxPool2D\(size=2\), has no kernels; give one of 0, 2, 4"),
        (lambda: plots.plot_kernels(NET, 5), "layer is 5; give a whole number of at most 4"),
        (lambda: plots.plot_kernels(Network([Dense(2)], (3,))), "no kernels to draw"),
        (lambda: plots.plot_kernels(Network([Dense(2)], (3,)), 0), "neither have the other layers"),
        (lambda: plots.plot_kernels(LogisticRegression()), "give a Network, or a fitted model"),
        (lambda: plots.plot_feature_maps(NET, PICTURES[0], 4), "returns 4 numbers and no maps"),
        (lambda: plots.plot_feature_maps(Network([Dense(2)], (3,)), [1, 2, 3]), "no layer that returns maps"),
        (lambda: plots.plot_feature_maps(NET, PICTURES), "but the network takes"),
        (lambda: plots.plot_strongest_patches(SimpleNamespace(channels=[0])), "give what strongest_patches returned"),
        (lambda: plots.plot_pixel_influence(NET), "give what pixel_influence returned"),
        (lambda: plots.plot_connections([], []), "no list of at least one matrix"),
        (lambda: plots.plot_connections([np.ones((2, 3)), np.ones((2, 3))], "abc"), r"matrices\[1\] has 3 inputs"),
        (lambda: plots.plot_connections([np.ones((2, 50))], "ab"), "50, 2 nodes; give layers of 1 to 40"),
        (lambda: plots.plot_connections([np.ones(3)], "ab"), "give finite numbers in rows"),
        (lambda: plots.plot_connections([np.ones((2, 3))], "abc"), "names holds 3 names; give 2"),
    ],
)
def test_what_does_not_fit_is_refused(draw: Callable[[], Axes], message: str) -> None:
    with pytest.raises(InputError, match=message):
        draw()
