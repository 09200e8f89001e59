"""Which pixels an answer of a network depends on: by its gradient, and by covering parts of the picture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import is_number, require_at_least, require_unmasked, shortened, spatial_network_of
from mathdl.errors import InputError
from mathdl.networks.inputs import checked_inputs
from mathdl.networks.jacobian import input_gradient
from mathdl.networks.network import Network

Array = NDArray[Any]
Progress = Callable[[int, int], None]
BLOCK_NUMBERS = 2**22  # chosen: of the covered pictures that are kept at a time
PARTS = 8  # chosen: a patch has an eighth of a side


@dataclass(frozen=True, eq=False)
class PixelInfluence:
    """How much one output of a network depends on each pixel of one picture, or on each entry of a signal.

    Attributes
    ----------
    output : int
        The number of the output; of outputs with several axes, counted as if they were flat.
    value : float
        The output for the picture as it is.
    x : ndarray of input_shape
        The picture in the numbers that the network computes with.
    gradient : ndarray of input_shape
        The derivatives of the output with respect to each number of x.
    occlusion : ndarray of shape (height, width), of signals (length,)
        By how much the output falls when a patch is covered, the mean over all patches that hold the pixel.
    patch : tuple of int
        The sides of the patches.
    """

    output: int
    value: float
    x: Array
    gradient: Array
    occlusion: Array
    patch: tuple[int, ...]


def pixel_influence(
    network: Any,
    x: Any,
    output: int | None = None,
    *,
    patch: int | Sequence[int] | None = None,
    step: int | None = None,
    value: float = 0.0,
    progress: Progress | None = None,
) -> PixelInfluence:
    """Find the pixels that an answer depends on, by the gradient and by occlusion.

    The gradient tells what a small change of a pixel does. Occlusion tells what covering a patch does, in all channels,
    at every place of the picture: where the output falls, the patch spoke for this answer, and where it rises, against.

    Parameters
    ----------
    network : Network, or fitted model that has one
        It takes pictures or signals.
    x : array-like of shape input_shape
        One picture or signal, as the network takes it.
    output : int, optional
        Which output; by default the largest one.
    patch : int or two ints, optional
        Sides of the patch, rows and columns; by default an eighth of the shorter side, but at least 3.
    step : int, optional
        Pixels from one place of the patch to the next; by default a quarter of its shorter side, but at least 1.
    value : float, default 0
        What covers: bytes count as numbers from 0 (black) to 1 (white).
    progress : callable, optional
        Is called with how many places are done and how many there are.

    Returns
    -------
    PixelInfluence

    Raises
    ------
    InputError
        If the network takes no pictures or signals, x does not fit, there is no such output, or the patch is larger
        than the picture.

    Examples
    --------
    >>> from mathdl import Dense, Flatten, Network, pixel_influence
    >>> net = Network([Flatten(), Dense(1, bias=False)], input_shape=(1, 1, 4))
    >>> net.parameters[:] = 0, 2, 0, -1
    >>> found = pixel_influence(net, [[[5, 5, 5, 5]]], patch=1)
    >>> found.value, found.gradient.tolist(), found.occlusion.tolist()
    (5.0, [[[0.0, 2.0, 0.0, -1.0]]], [[0.0, 10.0, 0.0, -5.0]])
    """
    net: Network = spatial_network_of(network)
    numbers = _numbers(net, x)
    if output is None:
        output = int(net(numbers[None]).argmax())
    require_at_least("output", output, 0, prod(net.output_shape) - 1)
    sides = net.input_shape[1:]
    size = _patch(patch, sides)
    stride = max(1, min(size) // 4) if step is None else step
    require_at_least("step", stride, 1)
    if not is_number(value) or not abs(value) <= np.finfo(net.dtype).max:
        raise InputError(f"value is {shortened(value)}; give a number that covers the patch, as 0 for black.")
    if progress is not None and not callable(progress):
        raise InputError(f"progress is {shortened(progress)}; give a function of how many are done, and of how many.")
    answer, gradient = input_gradient(net.layers, net.parameters, numbers, int(output))
    starts = [[*range(0, side - length, int(stride)), side - length] for side, length in zip(sides, size, strict=True)]
    places = [
        tuple(slice(first, first + length) for first, length in zip(corner, size, strict=True))
        for corner in product(*starts)
    ]
    falls = answer - _covered(net, numbers, places, value, progress)[:, int(output)]
    total, times = np.zeros(sides), np.zeros(sides)
    for place, fall in zip(places, falls.tolist(), strict=True):
        total[place] += fall
        times[place] += 1
    occlusion = np.divide(total, times, out=np.zeros(sides), where=times > 0)
    return PixelInfluence(int(output), answer, numbers, gradient, occlusion, size)


def _numbers(net: Network, x: Any) -> Array:
    """Return one object as the numbers that the network computes with."""
    require_unmasked("x", x)
    try:
        given = np.asarray(x)
    except ValueError:
        raise InputError(f"x is {shortened(x)}, which is no array; give the numbers of one object.") from None
    if given.shape != net.input_shape:
        raise InputError(f"x has shape {given.shape}, but the network takes {net.input_shape}; give one object.")
    checked = checked_inputs(given[None], net.input_shape, net.dtype)[0]
    numbers: Array = (checked / 255 if checked.dtype == np.uint8 else checked).astype(net.dtype)
    return numbers


def _patch(patch: Any, sides: tuple[int, ...]) -> tuple[int, ...]:
    """Return the sides of the patch; raise InputError where it is none, or larger than the picture."""
    if patch is None:
        side = max(3, min(sides) // PARTS)
        return tuple(min(side, length) for length in sides)
    several = isinstance(patch, list | tuple)
    given = list(patch) if several else [patch] * len(sides)
    if len(given) != len(sides):
        raise InputError(f"patch is {shortened(patch)}; give a whole number, or one for each of {len(sides)} sides.")
    for k, (side, length) in enumerate(zip(given, sides, strict=True)):
        require_at_least(f"patch[{k}]" if several else "patch", side, 1, length)
    return tuple(int(side) for side in given)


def _covered(
    net: Network, numbers: Array, places: Sequence[tuple[slice, ...]], value: float, progress: Progress | None
) -> Array:
    """Return all outputs for the picture with each of its places covered."""
    count, outputs = max(1, BLOCK_NUMBERS // numbers.size), []
    for start in range(0, len(places), count):
        part = places[start : start + count]
        pictures = np.repeat(numbers[None], len(part), axis=0)
        for picture, place in zip(pictures, part, strict=True):
            picture[(slice(None), *place)] = value
        outputs.append(net(pictures).reshape(len(part), -1).astype(np.float64))
        if progress is not None:
            progress(start + len(part), len(places))
    return np.concatenate(outputs)
