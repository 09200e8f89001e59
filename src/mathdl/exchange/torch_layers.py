"""The layers in PyTorch: a row for each, with a function that writes it and one that reads it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import nn

from mathdl.errors import InputError
from mathdl.exchange.chain import IDENTITY, Affine, Chain, Unexpressed
from mathdl.layers.activation import Activation
from mathdl.layers.averagepool1d import AveragePool1D
from mathdl.layers.averagepool2d import AveragePool2D
from mathdl.layers.conv1d import Conv1D
from mathdl.layers.conv2d import Conv2D
from mathdl.layers.convolutional import Convolutional
from mathdl.layers.dense import Dense
from mathdl.layers.dropout import Dropout
from mathdl.layers.flatten import Flatten
from mathdl.layers.globalaveragepool1d import GlobalAveragePool1D
from mathdl.layers.globalaveragepool2d import GlobalAveragePool2D
from mathdl.layers.globalmaxpool1d import GlobalMaxPool1D
from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D
from mathdl.layers.layer import Layer
from mathdl.layers.max_pooling import MaxPooling
from mathdl.layers.maxpool1d import MaxPool1D
from mathdl.layers.maxpool2d import MaxPool2D
from mathdl.layers.padding import Padding
from mathdl.layers.parallel import Parallel
from mathdl.layers.pooling import Pooling
from mathdl.layers.residual import Residual
from mathdl.layers.zeropad1d import ZeroPad1D
from mathdl.layers.zeropad2d import ZeroPad2D

Modules = list[nn.Module]


class Row(NamedTuple):
    """A layer, how it is written, which of PyTorch's classes are read as it, and how; a graph tells composite ones."""

    layer: type[Layer]
    write: Callable[[Any], Modules]
    kinds: tuple[type[nn.Module], ...] = ()
    read: Callable[[Any, Chain], None] | None = None


class Absolute(nn.Module):  # type: ignore[misc]  # PyTorch has the function alone
    """The absolute value as a layer."""

    def forward(self, x: Any) -> Any:
        """Return |x|."""
        return torch.abs(x)


class PositionBias(nn.Module):  # type: ignore[misc]
    """A bias for each channel and position."""

    def __init__(self, bias: Any) -> None:
        super().__init__()
        self.bias = nn.Parameter(bias)

    def forward(self, x: Any) -> Any:
        """Return x + b."""
        return x + self.bias


class Sum(nn.Module):  # type: ignore[misc]
    """The input added to the output of a chain."""

    def __init__(self, chain: nn.Sequential) -> None:
        super().__init__()
        self.chain = chain

    def forward(self, x: Any) -> Any:
        """Return x + h(x)."""
        return x + self.chain(x)


class Joined(nn.Module):  # type: ignore[misc]
    """The outputs of several chains in one vector."""

    def __init__(self, branches: Sequence[nn.Sequential]) -> None:
        super().__init__()
        self.branches = nn.ModuleList(branches)

    def forward(self, x: Any) -> Any:
        """Return the outputs one behind the other."""
        return torch.cat([torch.flatten(branch(x), 1) for branch in self.branches], 1)


def written(layers: Sequence[Layer]) -> nn.Sequential:
    """Return layers of a network as PyTorch's, with copies of their parameters in the same order."""
    return nn.Sequential(*(module for layer in layers for module in ROW_OF[type(layer)].write(layer)))


def _activation(activation: Activation) -> Modules:
    """Return an activation as a layer; nothing for the identity."""
    if activation.is_own:
        raise InputError(
            f"The activation {activation.name!r} is a function of your own, for which PyTorch has no layer; choose one "
            f"of {', '.join(ACTIVATIONS)}."
        )
    return [] if activation.name == "identity" else [ACTIVATIONS[activation.name](activation)]


ACTIVATIONS: dict[str, Callable[[Activation], nn.Module]] = {
    "relu": lambda activation: nn.ReLU(),
    "leaky_relu": lambda activation: nn.LeakyReLU(activation.slope),
    "sigmoid": lambda activation: nn.Sigmoid(),
    "tanh": lambda activation: nn.Tanh(),
    "softmax": lambda activation: nn.Softmax(dim=1),
    "abs": lambda activation: Absolute(),
}
READ_ACTIVATIONS: dict[type[nn.Module], Callable[[Any], Activation]] = {
    nn.ReLU: lambda module: Activation("relu"),
    nn.LeakyReLU: lambda module: Activation("leaky_relu", slope=module.negative_slope),
    nn.Sigmoid: lambda module: Activation("sigmoid"),
    nn.Tanh: lambda module: Activation("tanh"),
    nn.Softmax: lambda module: Activation("softmax"),
    Absolute: lambda module: Activation("abs"),
}


def _write_dense(layer: Dense) -> Modules:
    assert layer.weights is not None
    units, inputs = layer.weights.shape
    linear = nn.utils.skip_init(nn.Linear, inputs, units, bias=layer.has_bias, dtype=_dtype(layer))
    return [_filled(linear, layer), *_activation(layer.activation)]


def _read_dense(module: nn.Linear, chain: Chain) -> None:
    _append_weights(chain, module, None)


def _append_weights(chain: Chain, module: Any, options: dict[str, Any] | None) -> None:
    """Append a layer with the weights of a module; raise InputError where what comes does not fit them."""
    weights = numbers_of(module.weight)
    if len(chain.shape) == weights.ndim - 1 and chain.shape[0] != weights.shape[1]:
        raise InputError(
            f"its weights of shape {weights.shape} do not fit what comes, of shape {chain.shape}; give another "
            "input_shape."
        )
    chain.append_affine(weights, None if module.bias is None else numbers_of(module.bias), options)


def _write_convolution(layer: Convolutional) -> Modules:
    """Write padding that is not the same on both sides before the convolution, and a bias by positions behind it."""
    assert layer.weights is not None
    sides, strides = (pair[2 - layer.axes :] for pair in (layer.sides, layer.strides))
    (above, left), (rows, columns) = layer.padded()
    even = rows == 2 * above and columns == 2 * left
    pads = () if even else (left, columns - left, above, rows - above)[: 2 * layer.axes]
    kind = nn.Conv2d if layer.axes == 2 else nn.Conv1d
    channels, inputs = layer.weights.shape[:2]
    padding, biased = (above, left)[2 - layer.axes :] if even else 0, layer.bias_kind == "channel"
    arguments = {"stride": strides, "padding": padding, "bias": biased, "dtype": _dtype(layer)}
    convolution = _filled(nn.utils.skip_init(kind, inputs, channels, sides, **arguments), layer)
    modules = [*_padding(pads, 0.0), convolution]
    if layer.bias_kind == "position":
        assert layer.bias is not None
        modules.append(PositionBias(torch.from_numpy(layer.bias.copy())))
    return [*modules, *_activation(layer.activation)]


def _read_convolution(module: Any, chain: Chain) -> None:
    """Read padding that is not the same as ours as a layer of its own."""
    axes = len(module.kernel_size)
    if module.groups != 1 or set(module.dilation) != {1} or module.padding_mode != "zeros":
        raise Unexpressed(f"{module} has groups, dilation or a padding that is not of zeros")
    padding = {"same": None, "valid": (0,) * axes}.get(module.padding, module.padding)
    if padding is not None and any(padding):
        halves = [2 * pad == side - 1 for pad, side in zip(padding, module.kernel_size, strict=True)]
        if set(module.stride) == {1} and all(halves):
            padding = None
        else:
            chain.append_padding([(pad, pad) for pad in padding])
    same = "same" if padding is None else "valid"
    _append_weights(chain, module, {"stride": _numbers(module.stride), "padding": same})


def _write_pooling(layer: Pooling) -> Modules:
    sides, strides = (pair[2 - layer.axes :] for pair in (layer.sides, layer.strides))
    return [POOLS[type(layer)](sides, strides)]


def _read_pooling(module: Any, chain: Chain) -> None:
    """Read pooling; padding is a layer of its own."""
    kind = next(kind for kind, known in POOLS.items() if type(module) is known)
    axes = 2 if kind in (MaxPool2D, AveragePool2D) else 1
    stride = module.kernel_size if module.stride is None else module.stride
    padding, sides, strides = (_pair(each, axes) for each in (module.padding, module.kernel_size, stride))
    if set(_pair(getattr(module, "dilation", 1), axes)) != {1} or getattr(module, "divisor_override", None):
        raise Unexpressed(f"{module} has dilation or a divisor")
    if len(chain.shape) != axes + 1:
        raise InputError(f"{module} is given objects of shape {chain.shape}; give another input_shape.")
    ends = [(pad, pad) for pad in padding]
    if issubclass(kind, MaxPooling):
        chain.append_padding_of_maxima(ends)
    elif any(padding) and not module.count_include_pad:
        raise Unexpressed(f"the padding of {module} does not count in its means, and that of a layer does")
    else:
        chain.append_padding(ends)
    lengths = zip(chain.shape[1:], sides, strides, strict=True)
    over = any((length - side) % stride for length, side, stride in lengths)
    if over and module.ceil_mode:
        raise Unexpressed(f"{module} with ceil_mode makes a number of a part of a block")
    chain.append(kind(_numbers(sides), stride=_numbers(strides), remainder="drop" if over else "error"))


POOLS: dict[type[Pooling], type[nn.Module]] = {
    MaxPool1D: nn.MaxPool1d,
    MaxPool2D: nn.MaxPool2d,
    AveragePool1D: nn.AvgPool1d,
    AveragePool2D: nn.AvgPool2d,
}


def _read_adaptive(module: Any, chain: Chain) -> None:
    """Read pooling to a size that divides the input's as blocks; one block a channel is global with what follows."""
    kind, lengths = ADAPTIVE[type(module)], chain.shape[1:]
    axes = 2 if kind in (MaxPool2D, AveragePool2D) else 1
    wanted = _pair(module.output_size, axes)
    if len(lengths) != axes or any(length % (size or length) for length, size in zip(lengths, wanted, strict=True)):
        raise Unexpressed(f"{module} makes blocks of different sizes of an input of shape {chain.shape}")
    sides = [length // (size or length) for length, size in zip(lengths, wanted, strict=True)]
    chain.append(kind(_numbers(sides)))


ADAPTIVE: dict[type[nn.Module], type[Pooling]] = {
    nn.AdaptiveMaxPool1d: MaxPool1D,
    nn.AdaptiveMaxPool2d: MaxPool2D,
    nn.AdaptiveAvgPool1d: AveragePool1D,
    nn.AdaptiveAvgPool2d: AveragePool2D,
}


def _padding(sides: Sequence[int], value: float) -> Modules:
    """Return padding by so many numbers before and after the last axis, and then the one before it."""
    if not sides:
        return []
    return [(nn.ConstantPad2d if len(sides) == 4 else nn.ConstantPad1d)(tuple(sides), value)]


def _write_padding(layer: Padding) -> Modules:
    return _padding((layer.left, layer.right, layer.above, layer.below)[: 2 * layer.axes], layer.value)


def _read_padding(module: Any, chain: Chain) -> None:
    before, after, *vertical = module.padding
    ends = [(vertical[0], vertical[1])] if vertical else []
    chain.append_padding([*ends, (before, after)], float(module.value))


def _read_flatten(module: nn.Flatten, chain: Chain) -> None:
    """Read a flattening; behind one block a channel it makes the pooling global."""
    if module.start_dim != 1 or module.end_dim not in (-1, len(chain.shape)):
        raise Unexpressed(f"{module} leaves axes, and a layer flattens all")
    if chain.drafts or len(chain.shape) > 1:
        chain.reshape((prod(chain.shape),))
    else:
        chain.append(Flatten())


def _global(kind: type[nn.Module]) -> Callable[[Layer], Modules]:
    """Return what writes global pooling: to one number a channel, which then stands in a vector."""
    return lambda layer: [kind(1), nn.Flatten()]


ROWS = (
    Row(Dense, _write_dense, (nn.Linear,), _read_dense),
    Row(Conv1D, _write_convolution, (nn.Conv1d,), _read_convolution),
    Row(Conv2D, _write_convolution, (nn.Conv2d,), _read_convolution),
    Row(MaxPool1D, _write_pooling, (nn.MaxPool1d,), _read_pooling),
    Row(MaxPool2D, _write_pooling, (nn.MaxPool2d,), _read_pooling),
    Row(AveragePool1D, _write_pooling, (nn.AvgPool1d,), _read_pooling),
    Row(AveragePool2D, _write_pooling, (nn.AvgPool2d,), _read_pooling),
    Row(GlobalMaxPool1D, _global(nn.AdaptiveMaxPool1d), (nn.AdaptiveMaxPool1d,), _read_adaptive),
    Row(GlobalMaxPool2D, _global(nn.AdaptiveMaxPool2d), (nn.AdaptiveMaxPool2d,), _read_adaptive),
    Row(GlobalAveragePool1D, _global(nn.AdaptiveAvgPool1d), (nn.AdaptiveAvgPool1d,), _read_adaptive),
    Row(GlobalAveragePool2D, _global(nn.AdaptiveAvgPool2d), (nn.AdaptiveAvgPool2d,), _read_adaptive),
    Row(ZeroPad1D, _write_padding, (nn.ConstantPad1d, nn.ZeroPad1d), _read_padding),
    Row(ZeroPad2D, _write_padding, (nn.ConstantPad2d, nn.ZeroPad2d), _read_padding),
    Row(Flatten, lambda layer: [nn.Flatten()], (nn.Flatten,), _read_flatten),
    Row(
        Dropout,
        lambda layer: [nn.Dropout(layer.rate)],
        (nn.Dropout,),
        lambda module, chain: chain.append(Dropout(module.p)),
    ),
    Row(Residual, lambda layer: [Sum(written(layer.layers))]),
    Row(Parallel, lambda layer: [Joined([written(branch) for branch in layer.branches])]),
)
ROW_OF = {row.layer: row for row in ROWS}
READERS: dict[type[nn.Module], Callable[[Any, Chain], None]] = {
    kind: row.read for row in ROWS if row.read is not None for kind in row.kinds
}
NORMALISATIONS = (nn.BatchNorm1d, nn.BatchNorm2d)


def can_read(module: nn.Module) -> bool:
    """Tell whether there is a layer for a module of PyTorch's."""
    return type(module) in READERS or type(module) in READ_ACTIVATIONS or type(module) in (nn.Identity, *NORMALISATIONS)


def read_into(chain: Chain, module: nn.Module) -> None:
    """Append what a module of PyTorch's does."""
    if type(module) in READ_ACTIVATIONS:
        if isinstance(module, nn.Softmax) and module.dim not in (1, -1):
            raise Unexpressed(f"{module} acts on another axis than that of the classes")
        chain.activate(READ_ACTIVATIONS[type(module)](module))
    elif type(module) in NORMALISATIONS:
        _read_normalisation(module, chain)
    elif type(module) is not nn.Identity:
        READERS[type(module)](module, chain)


def _read_normalisation(module: Any, chain: Chain) -> None:
    """Put a normalisation that is no longer trained into the weights before it, or make a layer of it."""
    if module.training or module.running_mean is None:
        raise InputError(f"{module} normalises by each batch; call module.eval() on a module that keeps running means.")
    scale = 1 / torch.sqrt(module.running_var.double() + module.eps)
    shift = -module.running_mean.double() * scale
    if module.weight is not None:
        scale, shift = scale * module.weight.double(), shift * module.weight.double() + module.bias.double()
    shape = (-1, *(1,) * (len(chain.shape) - 1))
    chain.scale(*(numbers_of(each).reshape(shape) for each in (scale, shift)))


def add_numbers(chain: Chain, given: Any) -> None:
    """Add parameters; to what a convolution without bias returns, as its bias for each channel and position."""
    numbers, last = numbers_of(given), chain.drafts[-1] if chain.drafts else None
    plain = isinstance(last, Affine) and last.options is not None and last.activation == IDENTITY
    if isinstance(last, Affine) and plain and last.bias is None and numbers.shape == chain.shape:
        last.bias = numbers  # as it is, whatever the numbers: it may be trained
    else:
        chain.scale(1.0, numbers)


def numbers_of(given: Any) -> Any:
    """Return numbers of PyTorch's as an array, wherever they are."""
    return np.array(given.detach().cpu().numpy())


def _dtype(layer: Layer) -> Any:
    """Return PyTorch's type of a layer's numbers."""
    assert layer.weights is not None
    return getattr(torch, layer.weights.dtype.name)


def _filled(module: Any, layer: Layer) -> Any:
    """Copy the weights, and the bias where the module has one."""
    assert layer.weights is not None
    with torch.no_grad():
        module.weight.copy_(torch.from_numpy(layer.weights.copy()))
        if module.bias is not None and layer.bias is not None:
            module.bias.copy_(torch.from_numpy(layer.bias.copy()))
    return module


def _pair(value: Any, axes: int) -> tuple[int, ...]:
    """Return a number for each axis."""
    return tuple(value) if isinstance(value, tuple | list) else (value,) * axes


def _numbers(values: Sequence[int]) -> Any:
    """Return numbers as the options of layers take them: one alone for one axis."""
    return values[0] if len(values) == 1 else tuple(values)
