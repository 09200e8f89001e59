"""Strongest patches and the influence of pixels, against definitions written out and PyTorch's derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import naive
from mathdl import (
    Conv1D,
    Conv2D,
    Dense,
    Flatten,
    GlobalMaxPool2D,
    MaxPool2D,
    Network,
    NetworkClassifier,
    Residual,
    ZeroPad2D,
    pixel_influence,
    receptive_field,
    strongest_patches,
)
from mathdl.errors import InputError
from mathdl.networks import strongest_patches as module

RANDOM = np.random.default_rng(0)
LENET = [
    *[Conv2D(3, 3, activation="relu", padding="same"), MaxPool2D(2), Conv2D(4, 3, activation="tanh")],
    *[Flatten(), Dense(5, activation="relu"), Dense(3)],
]
PICTURES = RANDOM.normal(size=(30, 2, 10, 12))


def lenet() -> Network:
    return Network(LENET, (2, 10, 12), dtype="float64", seed=3)


@pytest.mark.parametrize("layer", [0, 1, 2])
@pytest.mark.parametrize("block", [1, 2**22])
def test_the_strongest_patches_are_those_of_a_search_through_everything(
    layer: int, block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "BLOCK_NUMBERS", block)
    net = lenet()
    found = strongest_patches(net, PICTURES, layer, count=4)
    outputs = np.array([net.trace(x)[layer].output for x in PICTURES])
    for k, channel in enumerate(found.channels):
        peaks = outputs[:, channel].max(axis=(1, 2))
        best = np.argsort(-peaks, kind="stable")[:4]
        assert found.objects[k].tolist() == best.tolist()
        np.testing.assert_allclose(found.responses[k], peaks[best], rtol=1e-12)
        for j, row in enumerate(best):
            place = tuple(found.positions[k, j].tolist())
            assert outputs[row, channel][place] == pytest.approx(peaks[row], rel=1e-12)
            rows, columns = receptive_field(net, place, layer)
            seen = PICTURES[row][:, rows.start : rows.stop, columns.start : columns.stop]
            inner = found.patches[k, j]
            assert inner.size >= seen.size
            np.testing.assert_allclose(inner.sum(), seen.sum(), rtol=1e-12)  # and else zeros
    assert found.patches.shape[3:] == {0: (3, 3), 1: (4, 4), 2: (8, 8)}[layer]


def test_a_patch_gives_its_response_again_zeros_for_what_is_outside() -> None:
    """The patch times the kernel is the response, in the middle and at each edge."""
    net = Network([Conv2D(40, 3, padding="same", bias=None)], (1, 4, 5), dtype="float64")
    found = strongest_patches(net, RANDOM.normal(size=(8, 1, 4, 5)), count=8)
    assert net.layers[0].weights is not None
    for k, j in np.ndindex(found.responses.shape):
        response = (net.layers[0].weights[k] * found.patches[k, j]).sum()
        assert response == pytest.approx(found.responses[k, j], rel=1e-12)
    edges = found.positions[..., 0]
    assert {0, 3} <= set(edges.ravel().tolist())  # places whose receptive field is cut off are among them


def test_of_signals_of_bytes_and_of_layers_that_see_everything() -> None:
    signals = Network([Conv1D(2, 3), Conv1D(2, 2)], (1, 9), dtype="float64")
    found = strongest_patches(signals, RANDOM.normal(size=(6, 1, 9)), 1, channels=[1], count=2)
    assert (found.positions.shape, found.patches.shape, found.channels.tolist()) == ((1, 2, 1), (1, 2, 1, 4), [1])
    pictures = RANDOM.integers(0, 256, (5, 2, 10, 12), dtype=np.uint8)
    found = strongest_patches(lenet(), pictures, 5, count=9)
    assert found.patches.dtype == np.uint8
    assert (found.responses.shape, found.positions.shape) == ((3, 5), (3, 5, 0))  # no more than there are objects
    for k, rows in enumerate(found.objects):
        assert np.array_equal(found.patches[k], pictures[rows])
        np.testing.assert_allclose(found.responses[k], lenet()(pictures[rows])[:, k], rtol=1e-12)


def test_behind_residuals_padding_and_pools() -> None:
    layers = [ZeroPad2D(3), Residual([Conv2D(1, 3, padding="same")]), MaxPool2D(2), GlobalMaxPool2D()]
    net = Network(layers, (1, 6, 6), dtype="float64")
    for layer in (1, 2, 3):
        found = strongest_patches(net, RANDOM.normal(size=(4, 1, 6, 6)), layer)
        assert found.patches.shape[-1] == {1: 3, 2: 4, 3: 6}[layer]


def test_a_window_that_sees_padding_alone() -> None:
    net = Network([ZeroPad2D(4), Conv2D(1, 2, bias=None)], (1, 3, 3), dtype="float64")
    net.parameters[:] = -1
    found = strongest_patches(net, np.ones((1, 1, 3, 3)), 1)
    assert (found.responses.item(), found.positions.ravel().tolist(), found.patches.sum()) == (0, [0, 0], 0)


def test_estimators_and_progress() -> None:
    X, y = RANDOM.normal(size=(20, 1, 5, 5)), np.arange(20) % 2
    model = NetworkClassifier(layers=[Conv2D(2, 3), Flatten()], epochs=1).fit(X, y)
    told: list[tuple[int, int]] = []
    found = strongest_patches(model, X, progress=lambda done, of: told.append((done, of)))
    assert np.array_equal(found.responses, strongest_patches(model.network_, X).responses)
    assert told[-1] == (20, 20)
    pixel_influence(model, X[0], progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (9, 9)


@pytest.mark.parametrize("output", [0, 2])
def test_the_gradient_is_that_of_differences_and_of_the_jacobian(output: int) -> None:
    net = lenet()
    x = RANDOM.normal(size=(2, 10, 12))
    found = pixel_influence(net, x, output)
    assert found.value == pytest.approx(net(x[None])[0, output], rel=1e-12)
    assert np.array_equal(found.gradient.ravel(), net.jacobian(x)[output])
    steps = np.eye(x.size).reshape(-1, *x.shape) * 1e-6
    slopes = (net(x + steps)[:, output] - net(x - steps)[:, output]) / 2e-6
    np.testing.assert_allclose(found.gradient.ravel(), slopes, atol=1e-6)


@pytest.mark.parametrize(("patch", "step"), [(1, 1), ((3, 2), 1), ((3, 5), 4), ((10, 12), 1), (None, None)])
def test_occlusion_by_its_definition(patch: Any, step: int | None) -> None:
    net, x = lenet(), RANDOM.normal(size=(2, 10, 12))
    found = pixel_influence(net, x, 1, patch=patch, step=step, value=0.25)
    rows, columns = found.patch
    expected = naive.occlusion(lambda X: float(net(X[None])[0, 1]), x, (rows, columns), step or 1, 0.25)
    np.testing.assert_allclose(found.occlusion, expected, rtol=1e-9, atol=1e-12)


def test_influence_of_bytes_of_signals_and_of_the_largest_output() -> None:
    picture = RANDOM.integers(0, 256, (2, 10, 12), dtype=np.uint8)
    found = pixel_influence(lenet(), picture)
    assert found.output == int(lenet()(picture[None]).argmax())
    assert np.array_equal(found.occlusion, pixel_influence(lenet(), picture / 255).occlusion)
    signals = Network([Conv1D(2, 3), Flatten(), Dense(1)], (2, 50), dtype="float64")
    found = pixel_influence(signals, RANDOM.normal(size=(2, 50)))
    assert (found.gradient.shape, found.occlusion.shape, found.patch) == ((2, 50), (50,), (6,))


def test_the_gradient_is_pytorchs() -> None:
    torch = pytest.importorskip("torch")
    net = Network([Conv2D(3, 3, activation="relu"), Flatten(), Dense(4)], (1, 6, 6), dtype="float64")
    x = RANDOM.normal(size=(1, 6, 6))
    (kernels, bias), (weights, last) = ((net.layers[k].weights, net.layers[k].bias) for k in (0, 2))
    input = torch.tensor(x[None], requires_grad=True)
    hidden = torch.relu(torch.nn.functional.conv2d(input, torch.tensor(kernels), torch.tensor(bias)))
    (torch.tensor(weights)[3] @ hidden.reshape(-1) + torch.tensor(last)[3]).backward()
    np.testing.assert_allclose(pixel_influence(net, x, 3).gradient, input.grad[0].numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: strongest_patches(Network([Dense(2)], (3,)), np.ones((2, 3))), r"shape \(3,\); give one of images"),
        (lambda: strongest_patches(lenet(), PICTURES, 9), "layer is 9; give a whole number of at most 5"),
        (lambda: strongest_patches(lenet(), PICTURES, 0, channels=[3]), r"channels\[0\] is 3"),
        (lambda: strongest_patches(lenet(), PICTURES[:0]), "X is empty"),
        (lambda: strongest_patches(lenet(), PICTURES[:, :1]), "but the network takes"),
        (lambda: strongest_patches(Network([Residual([Conv2D(1, 1)])], (1, 2, 2)), np.ones((1, 1, 2, 2))), "layer"),
        (lambda: strongest_patches("x", PICTURES), "give a Network, or a fitted model"),
        (lambda: strongest_patches(NetworkClassifier(), PICTURES), "give a Network, or a fitted model"),
        (lambda: pixel_influence(lenet(), PICTURES), r"x has shape \(30, 2, 10, 12\), but the network takes"),
        (lambda: pixel_influence(lenet(), PICTURES[0], 3), "output is 3"),
        (lambda: pixel_influence(lenet(), PICTURES[0], patch=11), "patch is 11; give a whole number of at most 10"),
        (lambda: pixel_influence(lenet(), PICTURES[0], patch=(1, 2, 3)), "one for each of 2 sides"),
        (lambda: pixel_influence(lenet(), PICTURES[0], value=float("nan")), "value is nan"),
        (lambda: pixel_influence(lenet(), PICTURES[0], progress=3), "progress is 3"),
    ],
)
def test_what_does_not_fit_is_refused(call: Any, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        call()
    assert "\n" not in str(error.value)
