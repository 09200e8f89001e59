"""A network whose answer does not change when its picture moves (example 10.6.3, with what its hypotheses lack)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mathdl.checks import require_at_least, shortened
from mathdl.errors import InputError
from mathdl.layers.activation import Activation
from mathdl.layers.conv2d import Conv2D
from mathdl.layers.dense import Dense
from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D
from mathdl.layers.layer import MAX_NUMBERS, Layer
from mathdl.layers.zeropad2d import ZeroPad2D
from mathdl.networks.network import Network

AT_ZERO = ("identity", "relu", "leaky_relu", "tanh", "abs")  # are 0 at 0


def invariant_network(
    classes: int,
    image_shape: Sequence[int],
    channels: Sequence[int] = (16, 32),
    kernel_size: int = 3,
    activation: Activation | str | dict[str, Any] = "relu",
    dtype: str = "float32",
    seed: int = 0,
) -> Network:
    """Make a network whose outputs are the same wherever a picture stands within its blank border (example 10.6.3).

    Each convolution stands behind a padding by ``kernel_size - 1`` zeros, has no bias and an activation function that
    is 0 at 0, so that its response moves as the picture does, into zeros; only the last one has a bias for each
    channel. The maxima of its channels do not tell where they are. A dense layer makes the logits of the classes of
    them. For a shift by n columns the pictures need n blank columns on the side it moves to, for whatever weights:
    :func:`decide_invariance` proves it of the network as it is, before and after training.

    Parameters
    ----------
    classes : int
        Number of outputs.
    image_shape : three ints
        Channels, height and width of the pictures.
    channels : sequence of ints, default (16, 32)
        Channels of each convolution.
    kernel_size : int, default 3
        Side D of the kernels.
    activation : str, dict or Activation, default "relu"
        Activation function of the convolutions.
    dtype : {"float32", "float64"}, default "float32"
    seed : int, default 0
        As those of :class:`Network`.

    Returns
    -------
    Network

    Raises
    ------
    InputError
        If a number is no whole one of at least 1, or the activation function is not 0 at 0.

    Examples
    --------
    >>> from mathdl import decide_invariance, invariant_network
    >>> net = invariant_network(10, (1, 12, 12), channels=(4, 8))
    >>> decide_invariance(net, (2, 0), border=2).verdict
    'proved'
    """
    require_at_least("classes", classes, 1, MAX_NUMBERS)
    require_at_least("kernel_size", kernel_size, 1, MAX_NUMBERS)
    if not isinstance(channels, list | tuple) or not channels:
        raise InputError(f"channels is {shortened(channels)}; give a list of the channels of each convolution.")
    for place, count in enumerate(channels):
        require_at_least(f"channels[{place}]", count, 1, MAX_NUMBERS)
    shape = image_shape.tolist() if isinstance(image_shape, np.ndarray) else image_shape
    if not isinstance(shape, list | tuple) or len(shape) != 3:
        raise InputError(f"image_shape is {shortened(image_shape)}; give channels, height and width.")
    function = Activation.of(activation)
    if function.at_zero != 0 if function.is_own else function.name not in AT_ZERO:
        raise InputError(
            f"The activation {function.name!r} is not known to be 0 at 0, so blank pixels would not stay blank; choose "
            f"one of {', '.join(AT_ZERO)}, or your own with at_zero=0.0."
        )
    layers: list[Layer] = []
    for place, count in enumerate(channels, 1):
        bias: Any = "channel" if place == len(channels) else None
        layers += [ZeroPad2D(kernel_size - 1), Conv2D(count, kernel_size, activation=function, bias=bias)]
    return Network([*layers, GlobalMaxPool2D(), Dense(classes)], shape, dtype, seed)
