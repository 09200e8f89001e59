"""Backpropagation opened: pre-activations, Jacobians of layers and networks, and the table that it prints."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

import mathdl
from mathdl import (
    Activation,
    AveragePool2D,
    Conv2D,
    Dense,
    Dropout,
    Flatten,
    GlobalMaxPool2D,
    MaxPool2D,
    Network,
    Parallel,
    Residual,
    ZeroPad2D,
)
from mathdl.errors import InputError

NETWORKS: list[tuple[list[Any], tuple[int, ...]]] = [
    ([Dense(4, "tanh"), Dense(3, "sigmoid", bias=False), Dense(2)], (5,)),
    ([Dense(3, "softmax")], (4,)),
    ([Dense(3, "relu"), Residual([Dense(3, "abs")]), Dropout(0.5)], (2,)),
    ([ZeroPad2D(1), Conv2D(2, 3, "leaky_relu", bias="position"), MaxPool2D(2), Flatten(), Dense(2)], (1, 6, 4)),
    (
        [Conv2D(2, 2, stride=2), AveragePool2D(2, stride=1), Parallel([[Flatten(), Dense(2)], GlobalMaxPool2D()])],
        (2, 6, 6),
    ),
    ([Dense(2, Activation("cube", function=lambda x: x * x * x, derivative=lambda x: 3 * x * x))], (3,)),
]


def made(k: int, dtype: str = "float64") -> tuple[Network, Any]:
    layers, shape = NETWORKS[k]
    net = Network(layers, shape, dtype, seed=k)
    numbers = np.random.default_rng(k)
    net.parameters[:] = numbers.normal(size=net.size)
    return net, numbers.normal(size=shape)


@pytest.mark.parametrize("k", range(len(NETWORKS)))
def test_a_jacobian_is_that_of_differences(k: int) -> None:
    net, x = made(k)
    h = 1e-6
    columns = []
    for unit in np.eye(x.size).reshape(x.size, *x.shape):
        columns.append((net([x + h * unit])[0] - net([x - h * unit])[0]).reshape(-1) / (2 * h))
    found = net.jacobian(x)
    assert found.shape == (int(np.prod(net.output_shape)), x.size)
    assert found == pytest.approx(np.array(columns).T, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("k", range(len(NETWORKS)))
def test_blocks_are_factors(k: int) -> None:
    net, x = made(k)
    target = np.ones(net.output_shape)
    seen = net.backpropagate(x, target, "mean_square", blocks=True)
    assert seen.output_blocks is not None
    assert seen.parameter_blocks is not None
    whole = np.eye(x.size)
    for j, (block, own) in enumerate(zip(seen.output_blocks, seen.parameter_blocks, strict=True)):
        whole = block @ whole
        after = seen.output_gradients[j + 1].reshape(-1)
        assert after @ block == pytest.approx(seen.output_gradients[j].reshape(-1), rel=1e-10, abs=1e-10)
        assert after @ own == pytest.approx(seen.parameter_gradients[j], rel=1e-10, abs=1e-10)
    assert whole == pytest.approx(net.jacobian(x), rel=1e-10, abs=1e-10)
    plain = net.backpropagate(x, target, "mean_square")
    assert plain.output_blocks is None
    assert plain.loss == seen.loss


def test_pytorchs_jacobian() -> None:
    net, x = made(0)
    layers: list[Any] = []
    for layer, name in zip(net.layers, ("Tanh", "Sigmoid", "Identity"), strict=True):
        assert layer.weights is not None
        linear = torch.nn.Linear(*layer.weights.shape[::-1], bias=layer.bias is not None, dtype=torch.float64)
        linear.weight.data = torch.tensor(np.asarray(layer.weights))
        if layer.bias is not None:
            linear.bias.data = torch.tensor(np.asarray(layer.bias))
        layers += [linear, getattr(torch.nn, name)()]
    theirs = torch.autograd.functional.jacobian(torch.nn.Sequential(*layers), torch.tensor(x))
    assert net.jacobian(x) == pytest.approx(theirs.numpy(), rel=1e-12, abs=1e-14)


def test_pre_activations() -> None:
    net = Network([Dense(2, "relu"), Dense(1)], (1,), "float64")
    net.parameters[:] = 3, -3, 1, 1, 2, 1, 0
    seen = net.backpropagate([2.0], [10.0], "mean_square")
    assert [z.tolist() for z in seen.pre_activations] == [[7, -5], [14]]
    assert seen.layers[1] == "Dense(units=1)"


def test_numbers_of_single_precision_and_bytes() -> None:
    net, x = made(0, "float32")
    assert net.jacobian(x).dtype == np.float32
    picture = Network([Flatten(), Dense(2)], (1, 2, 2), "float64")
    found = picture.jacobian(np.array([[[0, 255], [10, 20]]], np.uint8))
    assert found == pytest.approx(np.asarray(picture.layers[1].weights))


def test_a_large_network_prints_norms() -> None:
    net, x = made(3)
    text = str(net.backpropagate(x, [0.0, 1.0], "mean_square"))
    lines = text.splitlines()
    assert lines[0].startswith("loss ")
    assert len(lines) == 8
    assert "1 x 6 x 4, norm" in lines[2]
    assert all(len(line) < 200 for line in lines)


def test_bad_input() -> None:
    net, x = made(0)
    with pytest.raises(InputError, match="blocks"):
        net.backpropagate(x, [0.0, 1.0], "mean_square", blocks="yes")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="shape"):
        net.jacobian([1.0, 2.0])
    with pytest.raises(InputError):
        net.jacobian([1.0, 2.0, 3.0, 4.0, float("nan")])
    assert mathdl.Network is Network
