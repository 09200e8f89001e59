"""Functions and methods of PyTorch's as the modules that do the same."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any

import torch
from torch import nn
from torch.nn import functional

Maker = Callable[..., nn.Module | None]


def _maximal(kind: type[nn.Module]) -> Maker:
    """Return what makes a max pooling of a call's arguments: the function and the module name them in other orders."""

    def make(
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> nn.Module:
        return kind(kernel_size, stride, padding, dilation, return_indices, ceil_mode)

    return make


def _padded(pad: Sequence[int], mode: str = "constant", value: float | None = None) -> nn.Module | None:
    """Return the padding of one or two axes by a number; None for any other."""
    if mode != "constant" or len(pad) not in (2, 4) or not all(isinstance(side, int) for side in pad) or min(pad) < 0:
        return None
    return (nn.ConstantPad2d if len(pad) == 4 else nn.ConstantPad1d)(tuple(pad), value or 0.0)


def _means(dim: Any = None, keepdim: bool = False) -> nn.Module | None:
    """Return the mean over all axes behind the channels as a pooling; None for any other."""
    axes = tuple(sorted(dim)) if isinstance(dim, tuple | list) else (dim,)
    kind = {(2,): nn.AdaptiveAvgPool1d, (2, 3): nn.AdaptiveAvgPool2d, (-2, -1): nn.AdaptiveAvgPool2d}.get(axes)
    if kind is None:
        return None
    return kind(1) if keepdim else nn.Sequential(kind(1), nn.Flatten())


def _softmax(dim: int | None = None, **others: Any) -> nn.Module | None:
    return None if dim is None else nn.Softmax(dim)


MAKERS: dict[Any, Maker] = {
    **dict.fromkeys((functional.relu, torch.relu, "relu", "relu_"), lambda *_, **__: nn.ReLU()),
    **dict.fromkeys((functional.tanh, torch.tanh, "tanh"), nn.Tanh),
    **dict.fromkeys((functional.sigmoid, torch.sigmoid, "sigmoid"), nn.Sigmoid),
    functional.leaky_relu: lambda negative_slope=0.01, inplace=False: nn.LeakyReLU(negative_slope),
    **dict.fromkeys((functional.softmax, torch.softmax, "softmax"), _softmax),
    **dict.fromkeys((torch.flatten, "flatten"), lambda start_dim=0, end_dim=-1: nn.Flatten(start_dim, end_dim)),
    **dict.fromkeys((functional.max_pool1d, torch.max_pool1d), _maximal(nn.MaxPool1d)),
    **dict.fromkeys((functional.max_pool2d, torch.max_pool2d), _maximal(nn.MaxPool2d)),
    **dict.fromkeys((functional.avg_pool1d, torch.avg_pool1d), nn.AvgPool1d),
    functional.avg_pool2d: nn.AvgPool2d,
    functional.adaptive_avg_pool1d: nn.AdaptiveAvgPool1d,
    functional.adaptive_avg_pool2d: nn.AdaptiveAvgPool2d,
    functional.adaptive_max_pool1d: lambda output_size, return_indices=False: nn.AdaptiveMaxPool1d(output_size),
    functional.adaptive_max_pool2d: lambda output_size, return_indices=False: nn.AdaptiveMaxPool2d(output_size),
    functional.dropout: lambda p=0.5, training=True, inplace=False: nn.Dropout(p),
    functional.pad: _padded,
    **dict.fromkeys((torch.mean, "mean"), _means),
    "contiguous": nn.Identity,
}
ABSOLUTES = (torch.abs, operator.abs, "abs")
SUMS = (operator.add, operator.iadd, torch.add, "add", "add_")
JOINS = (torch.cat, torch.concat)
RESHAPES = ("view", "reshape", torch.reshape)


def module_of(target: Any, arguments: Sequence[Any], named: Mapping[str, Any], shape: Sequence[int]) -> Any:
    """Return the module that does what a call does to an array of objects of this shape; None where there is none."""
    if target in ABSOLUTES:
        from mathdl.exchange.torch_layers import Absolute

        return Absolute()
    if target in RESHAPES:
        sizes = arguments[0] if len(arguments) == 1 and isinstance(arguments[0], tuple | list) else arguments
        flat = len(sizes) == 2 and (sizes[1] == prod(shape) or (sizes[1] == -1 and sizes[0] != -1))
        return nn.Flatten() if flat else None
    try:
        return MAKERS[target](*arguments, **{name: value for name, value in named.items() if name != "input"})
    except (KeyError, TypeError, ValueError):
        return None


def is_known(target: Any) -> bool:
    """Tell whether a call may have a module that does the same."""
    return target in MAKERS or target in RESHAPES or target in SUMS or target in JOINS or target in ABSOLUTES
