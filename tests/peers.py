"""What the tests compare on: a list of architectures with data for them, and PyTorch's answer.

PyTorch is imported where it is called, so that the list serves without it.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import naive

if TYPE_CHECKING:
    from torch import Tensor

Architecture = naive.Architecture
LOSSES = ("mean_square", "huber", "cross_entropy", "binary_cross_entropy", "hinge")
ACTIVATIONS: tuple[str | dict[str, Any], ...] = (
    "identity",
    "relu",
    {"name": "leaky_relu", "slope": 0.1},
    "abs",
    "tanh",
    "sigmoid",
    "softmax",
)


def dense(units: int, activation: Any = "identity", bias: bool = True) -> naive.Layer:
    """Describe a Dense layer."""
    return {"layer": "Dense", "units": units, "activation": activation, "bias": bias}


def conv(channels: int, kernel_size: Any, activation: Any = "identity", **options: Any) -> naive.Layer:
    """Describe a Conv2D layer."""
    layer = {"layer": "Conv2D", "channels": channels, "kernel_size": kernel_size, "activation": activation}
    return {**layer, "bias": "channel", "stride": 1, "padding": "valid", **options}


def pool(size: Any, remainder: str = "error", **options: Any) -> naive.Layer:
    """Describe a MaxPool2D layer, or another one that pools in the same way."""
    return {"layer": "MaxPool2D", "size": size, "remainder": remainder, **options}


def residual(*layers: naive.Layer) -> naive.Layer:
    """Describe a Residual layer."""
    return {"layer": "Residual", "layers": list(layers)}


def pad(size: Any, **options: Any) -> naive.Layer:
    """Describe a ZeroPad2D layer, or one of signals."""
    return {"layer": "ZeroPad2D", "size": size, "value": 0.0, **options}


def parallel(*branches: Architecture) -> naive.Layer:
    """Describe a Parallel layer."""
    return {"layer": "Parallel", "branches": list(branches)}


FLATTEN: naive.Layer = {"layer": "Flatten"}
GLOBAL_AVERAGE: naive.Layer = {"layer": "GlobalAveragePool2D"}
DROPOUT: naive.Layer = {"layer": "Dropout", "rate": 0.5}
GLOBAL_POOL: naive.Layer = {"layer": "GlobalMaxPool2D"}
LEAKY = {"name": "leaky_relu", "slope": 0.1}

# Every layer with every option and activation, alone and composed; odd sizes, channels not multiples of 4. Each new
# pair of kernel size and stride costs seconds to compile, so there are few: strides below, at and above the size.
ARCHITECTURES: dict[str, tuple[Architecture, tuple[int, ...]]] = {
    **{f"dense {naive.name_and_slope(a)[0]}": ([dense(3, a)], (5,)) for a in ACTIVATIONS},
    "dense without bias": ([dense(4, "tanh", bias=False)], (3,)),
    "dense one unit": ([dense(1)], (1,)),
    "dense deep": ([dense(7, "relu"), dense(5, LEAKY), dense(6, "abs"), dense(3, "sigmoid"), dense(2)], (4,)),
    "dense softmax inside": ([dense(5, "softmax"), dense(3, "softmax")], (4,)),
    **{
        f"conv {naive.name_and_slope(a)[0]}": ([conv(3, 3, a), FLATTEN], (2, 5, 6))
        for a in ACTIVATIONS
        if a != "softmax"
    },
    "conv kernel 1": ([conv(5, 1, "tanh"), FLATTEN, dense(2)], (3, 2, 3)),
    "conv kernel 2": ([conv(6, 2, "relu"), FLATTEN, dense(3)], (1, 5, 3)),
    "conv kernel 4": ([conv(2, 4, "sigmoid"), FLATTEN, dense(3)], (2, 5, 7)),
    "conv kernel 5": ([conv(4, 5, "relu"), FLATTEN, dense(3)], (1, 7, 6)),
    "conv kernel of the input's size": ([conv(9, 4, "tanh"), FLATTEN], (2, 4, 4)),
    "conv position bias": ([conv(3, 2, "relu", bias="position"), FLATTEN, dense(2)], (1, 4, 4)),
    "conv without bias": ([conv(5, 3, "tanh", bias=None), FLATTEN, dense(3)], (2, 4, 5)),
    "conv stride 2": ([conv(3, 3, "relu", stride=2), FLATTEN, dense(3)], (2, 7, 8)),
    "conv stride 3": ([conv(2, 2, "tanh", stride=3, bias="position"), FLATTEN], (1, 8, 7)),
    "conv same": ([conv(3, 3, "relu", padding="same"), FLATTEN, dense(2)], (2, 4, 5)),
    "conv same even kernel": ([conv(2, 4, "tanh", padding="same"), FLATTEN, dense(2)], (1, 5, 4)),
    "conv same stride 2": ([conv(3, 3, "abs", padding="same", stride=2), FLATTEN, dense(2)], (1, 6, 5)),
    "conv same stride beyond kernel": ([conv(2, 1, "tanh", padding="same", stride=2), FLATTEN], (2, 7, 5)),
    "zero padding": ([pad(2), conv(3, 3, LEAKY), FLATTEN, dense(2)], (1, 3, 4)),
    "zero padding alone": ([pad(1), FLATTEN, dense(3)], (2, 2, 3)),
    "zero padding between": ([conv(3, 2, "relu"), pad(1), conv(2, 3, "relu"), FLATTEN, dense(2)], (1, 4, 4)),
    "pool first": ([pool(2), FLATTEN, dense(3)], (3, 4, 6)),
    "pool 3": ([conv(2, 2, "tanh"), pool(3), FLATTEN, dense(3)], (1, 7, 4)),
    "pool drops": ([conv(3, 2, "abs"), pool(2, "drop"), FLATTEN, dense(2)], (1, 6, 8)),
    "pool of padding": ([pad(1), pool(2), FLATTEN, dense(3)], (2, 4, 4)),
    "global pool": ([conv(5, 2, "tanh"), GLOBAL_POOL, dense(3)], (1, 4, 5)),
    "global pool last": ([pad(2), conv(3, 3), GLOBAL_POOL], (2, 3, 3)),
    "conv pool twice": (
        [conv(3, 3, "relu"), pool(2), conv(5, 2, "relu"), pool(2), FLATTEN, dense(3)],
        (1, 8, 12),
    ),
    "conv before strides": (
        [
            conv(4, 2, "tanh"),
            conv(3, 3, "relu", padding="same", stride=2),
            conv(5, 2, "sigmoid", bias="position"),
            conv(2, 1, "abs", stride=2),
            FLATTEN,
            dense(2),
        ],
        (1, 8, 9),
    ),
    "conv kernel 7": ([conv(3, 2, "relu"), conv(5, 7, "tanh"), FLATTEN, dense(2)], (1, 9, 10)),
    "conv many channels": ([conv(17, 2, "relu"), conv(9, 2, "abs"), FLATTEN, dense(5)], (3, 3, 4)),
    "dense wide": ([dense(70, "relu"), dense(33, "tanh"), dense(10)], (131,)),
    "conv conv": ([conv(6, 2, "relu"), conv(7, 2, "tanh", stride=3), FLATTEN, dense(3)], (3, 5, 6)),
    "parallel dense": ([dense(4, "tanh"), parallel([dense(3, "relu")], [dense(2)], [FLATTEN])], (3,)),
    "parallel kernels": (
        [parallel([conv(2, 3, "relu"), pool(2)], [conv(3, 2, "tanh"), pool(5)], [pool(2)]), dense(3)],
        (2, 6, 6),
    ),
    "parallel nested": (
        [
            conv(3, 2, "tanh"),
            parallel(
                [pool(3), FLATTEN, parallel([dense(2, "relu")], [dense(3, "abs", bias=False)])],
                [parallel([conv(2, 3, bias="position"), pool(2)], [GLOBAL_POOL, dense(2)]), dense(2, LEAKY)],
            ),
            dense(2, "sigmoid"),
        ],
        (1, 7, 7),
    ),
    "conv rectangular": (
        [conv(3, [1, 3], "relu", stride=[1, 2]), conv(2, [3, 2], "tanh", stride=[2, 1], padding="same"), FLATTEN],
        (2, 5, 9),
    ),
    "pool overlaps": ([conv(3, 2, "relu"), pool(3, stride=2), FLATTEN, dense(3)], (1, 8, 6)),
    "pool rectangular": ([pool([2, 3], "drop", stride=[1, 2]), conv(2, 2, "tanh"), FLATTEN], (2, 5, 8)),
    "average pool": ([conv(3, 2, "tanh"), pool(2, layer="AveragePool2D"), FLATTEN, dense(2)], (2, 5, 7)),
    "average pool overlaps": (
        [conv(3, 2, "relu"), pool([3, 2], "drop", layer="AveragePool2D", stride=[2, 1]), FLATTEN, dense(3)],
        (1, 9, 5),
    ),
    "global average pool": ([conv(5, 2, "tanh"), GLOBAL_AVERAGE, dense(3)], (1, 4, 5)),
    "residual": ([dense(4, "tanh"), residual(dense(3, "relu"), DROPOUT, dense(4, "tanh")), dense(2)], (3,)),
    "residual of images": (
        [
            residual(conv(2, 3, "relu", padding="same"), residual(conv(2, 1, "tanh"))),
            pool(3, stride=1),
            parallel([FLATTEN, residual(dense(12, "relu"))], [GLOBAL_AVERAGE]),
            dense(2),
        ],
        (2, 5, 4),
    ),
    "padding by sides and value": ([pad([0, 2, 1, 0], value=0.5), conv(2, 3, "tanh"), FLATTEN], (2, 3, 4)),
    "signals": (
        [
            pad([1, 2], layer="ZeroPad1D", value=-0.5),
            conv(3, 3, "relu", layer="Conv1D", stride=2),
            residual(conv(3, 4, "tanh", layer="Conv1D", padding="same", bias="position")),
            pool(3, "drop", layer="MaxPool1D", stride=2),
            parallel([{"layer": "GlobalMaxPool1D"}], [pool(2, layer="AveragePool1D", stride=1), FLATTEN]),
            dense(2),
        ],
        (2, 16),
    ),
    "signals to means": ([conv(5, 3, "relu", layer="Conv1D"), {"layer": "GlobalAveragePool1D"}, dense(3)], (1, 9)),
    "sigmoid last": ([dense(4, "relu"), dense(3, "sigmoid")], (5,)),
}


def suits(loss: str, architecture: Architecture, input_shape: tuple[int, ...]) -> bool:
    """Tell whether a loss suits a network: the cross-entropy of one class is always zero."""
    return loss != "cross_entropy" or math.prod(naive.network_shape(architecture, input_shape)) > 1


# Every architecture with every loss that suits it, by name.
CASES = [(name, loss) for name, network in ARCHITECTURES.items() for loss in LOSSES if suits(loss, *network)]


def targets(loss: str, outputs: int, count: int, generator: np.random.Generator) -> NDArray[Any]:
    """Draw targets that suit a loss."""
    if loss == "cross_entropy":
        return generator.integers(outputs, size=count)
    if loss in ("mean_square", "huber"):
        return generator.normal(size=(count, outputs))
    labels = generator.integers(2, size=(count, outputs))
    return labels if loss == "binary_cross_entropy" else 2 * labels - 1


def problem(
    architecture: Architecture, input_shape: tuple[int, ...], loss: str, count: int, seed: int = 0
) -> tuple[naive.Array, naive.Array, NDArray[Any], naive.Array]:
    """Draw parameters, and X, y and weights for them, all at least 1e-3 away from every kink."""
    generator = np.random.default_rng(seed)
    parameters = generator.normal(size=naive.size(architecture, input_shape)) / 2
    x = np.zeros((0, *input_shape))
    while len(x) < count:
        more = generator.normal(size=(count, *input_shape))
        x = np.concatenate([x, more[naive.kink_distances(architecture, parameters, more) > 1e-3]])
    x, outputs = x[:count], math.prod(naive.network_shape(architecture, input_shape))
    y, weights = targets(loss, outputs, count, generator), generator.uniform(0.5, 2.0, size=count)
    if loss == "hinge":  # its own kink is at a margin of 1
        f = naive.outputs(architecture, input_shape, parameters, x)
        y = np.where(np.abs(1 - y * f) > 1e-3, y, -y)
    return parameters, x, y, weights


def torch_activation(activation: str | dict[str, Any], z: Tensor) -> Tensor:
    """Apply an activation with PyTorch."""
    import torch
    from torch.nn import functional

    name, slope = naive.name_and_slope(activation)
    if name == "leaky_relu":
        return functional.leaky_relu(z, slope)
    if name == "softmax":
        return torch.softmax(z, dim=1)
    functions = {"relu": torch.relu, "abs": torch.abs, "tanh": torch.tanh, "sigmoid": torch.sigmoid}
    return z if name == "identity" else functions[name](z)


def torch_affine(layer: naive.Layer, parameters: Tensor, x: Tensor) -> Tensor:
    """Apply the affine part of a Dense or Conv2D with PyTorch."""
    from torch.nn import functional

    shapes = naive.parameter_shapes(layer, tuple(x.shape[1:]))
    weights = parameters[: math.prod(shapes[0])].reshape(shapes[0])
    bias = parameters[math.prod(shapes[0]) :].reshape(shapes[1]) if len(shapes) == 2 else None
    if layer["layer"] == "Dense":
        return functional.linear(x, weights, bias)
    (above, below), (left, right) = naive.conv2d_padding(layer, tuple(x.shape[1:]))
    z = functional.conv2d(functional.pad(x, (left, right, above, below)), weights, stride=layer["stride"])
    if bias is None:
        return z
    return z + (bias[:, None, None] if bias.ndim == 1 else bias)


def torch_signals(layer: naive.Layer, parameters: Tensor, x: Tensor) -> Tensor:
    """Apply the affine part of a Conv1D with PyTorch."""
    from torch.nn import functional

    (channels, inputs, taps), *bias = naive.parameter_shapes(layer, tuple(x.shape[1:]))
    weights, rest = parameters.split([n := channels * inputs * taps, len(parameters) - n])
    if layer["padding"] == "same":
        x = functional.pad(x, naive.same_padding(x.shape[2], taps, layer["stride"]))
    z = functional.conv1d(x, weights.reshape(channels, inputs, taps), stride=layer["stride"])
    return z + rest.reshape(bias[0] if len(bias[0]) == 2 else (channels, 1)) if bias else z


def torch_network(architecture: Architecture, parameters: Tensor, x: Tensor) -> Tensor:
    """Apply a network whose parameters are one flat tensor with PyTorch."""
    import torch
    from torch.nn import functional

    for layer in architecture:
        kind, shape = layer["layer"], tuple(x.shape[1:])
        own, parameters = parameters.split([n := naive.size([layer], shape), len(parameters) - n])
        if kind == "Conv1D":
            x = torch_activation(layer["activation"], torch_signals(layer, own, x))
        elif kind == "ZeroPad1D":
            x = functional.pad(x, layer["size"], value=layer["value"])
        elif kind == "MaxPool1D":
            x = functional.max_pool1d(x, layer["size"], layer.get("stride"))
        elif kind == "AveragePool1D":
            x = functional.avg_pool1d(x, layer["size"], layer.get("stride"))
        elif kind == "GlobalMaxPool1D":
            x = functional.adaptive_max_pool1d(x, 1).flatten(1)
        elif kind == "GlobalAveragePool1D":
            x = functional.adaptive_avg_pool1d(x, 1).flatten(1)
        elif kind in ("Dense", "Conv2D"):
            x = torch_activation(layer["activation"], torch_affine(layer, own, x))
        elif kind == "ZeroPad2D":
            (above, below), (left, right) = naive.pad_sides(layer)
            x = functional.pad(x, (left, right, above, below), value=layer["value"])
        elif kind == "MaxPool2D":
            x = functional.max_pool2d(x, layer["size"], layer.get("stride"))
        elif kind == "AveragePool2D":
            x = functional.avg_pool2d(x, layer["size"], layer.get("stride"))
        elif kind == "GlobalAveragePool2D":
            x = functional.adaptive_avg_pool2d(x, 1).flatten(1)
        elif kind == "Dropout":
            x = functional.dropout(x, layer["rate"], training=False)
        elif kind == "Residual":
            x = x + torch_network(layer["layers"], own, x)
        elif kind == "GlobalMaxPool2D":
            x = x.flatten(2).max(dim=2).values
        elif kind == "Flatten":
            x = x.flatten(1)
        else:
            parts = own.split([naive.size(branch, shape) for branch in layer["branches"]])
            results = [torch_network(b, a, x) for b, a in zip(layer["branches"], parts, strict=True)]
            x = torch.cat([result.flatten(1) for result in results], dim=1)
    return x


def torch_loss_and_gradient(
    architecture: Architecture,
    input_shape: tuple[int, ...],
    parameters: naive.Array,
    x: naive.Array,
    y: NDArray[Any],
    loss: str,
    weights: naive.Array | None = None,
) -> tuple[float, naive.Array]:
    """Return the weighted mean loss and its gradient as PyTorch's automatic differentiation has them."""
    import torch
    from torch.nn import functional

    assert x.shape[1:] == tuple(input_shape)
    a = torch.tensor(parameters, dtype=torch.float64, requires_grad=True)
    f = torch_network(naive.logits(architecture, loss), a, torch.tensor(x, dtype=torch.float64))
    if loss == "cross_entropy":
        each = functional.cross_entropy(f, torch.tensor(y), reduction="none")
    else:
        target = torch.tensor(y, dtype=torch.float64).reshape(f.shape)
        losses = {
            "mean_square": lambda: functional.mse_loss(f, target, reduction="none"),
            "huber": lambda: 2 * functional.huber_loss(f, target, reduction="none"),
            "binary_cross_entropy": lambda: functional.binary_cross_entropy_with_logits(f, target, reduction="none"),
            "hinge": lambda: torch.relu(1 - target * f),
        }
        each = losses[loss]().sum(dim=1)
    w = torch.ones(len(x), dtype=torch.float64) if weights is None else torch.tensor(weights)
    value = (w * each).sum() / w.sum()
    (gradient,) = torch.autograd.grad(value, a)
    return value.item(), gradient.numpy()
