"""Networks as modules of PyTorch's, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mathdl.errors import InputError
from mathdl.exchange.torch_library import torch_library
from mathdl.layers.flatten import Flatten
from mathdl.networks.network import Network

if TYPE_CHECKING:
    from torch import nn

DTYPES = ("float32", "float64")


def to_torch(network: Network) -> nn.Module:
    """Make a PyTorch module of ordinary layers that computes what a network does, with copies of its parameters.

    Linear, Conv2d, MaxPool2d and the like stand in a ``torch.nn.Sequential``, its parameters in the order of
    ``network.parameters``. Batches come first and channels before rows in both libraries. Bytes of pictures, which a
    network divides by 255, have to be divided before they are given to the module.

    Parameters
    ----------
    network : Network

    Returns
    -------
    torch.nn.Module
        In evaluation mode; ``.train()`` puts it, and its dropout, into training mode. A final softmax stays a layer:
        to train it with PyTorch's ``cross_entropy``, which has one of its own, leave the last layer out.

    Raises
    ------
    InputError
        If PyTorch is not installed, or an activation is a function of the user's own.

    Examples
    --------
    >>> from mathdl import Dense, Network, to_torch
    >>> to_torch(Network([Dense(3, activation="relu"), Dense(2)], input_shape=(4,)))
    Sequential(
      (0): Linear(in_features=4, out_features=3, bias=True)
      (1): ReLU()
      (2): Linear(in_features=3, out_features=2, bias=True)
    )
    """
    if not isinstance(network, Network):
        raise InputError(f"network is of type {type(network).__name__}; give a Network.")
    torch_library("to_torch")
    from mathdl.exchange.torch_layers import written

    return written(network.layers).eval()


def from_torch(module: nn.Module, input_shape: Sequence[int] | None = None) -> Network:
    """Make a network of a PyTorch module, with copies of its parameters.

    Read is what torch.fx traces to a chain of the layers that there are here: Linear, convolutions of images and
    signals, max and average pooling, padding by numbers, Flatten, Dropout, activations, sums of a chain and its own
    input, and vectors joined by ``torch.cat``; as modules or as functions. BatchNorm in evaluation mode and activations
    go into the layer before them, or become one of their own.

    Parameters
    ----------
    module : torch.nn.Module
        Its parameters are all float32 or all float64.
    input_shape : tuple of int, optional
        The shape of one object, without the batch: ``(channels, height, width)`` for images. A module that begins with
        Linear tells it.

    Returns
    -------
    Network
        It predicts what the module does in evaluation mode.

    Raises
    ------
    InputError
        If PyTorch is not installed or the module has what no layer here does; the message names all of it.

    Examples
    --------
    >>> from torch import nn
    >>> from mathdl import from_torch
    >>> from_torch(nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 2)))
    Network of 23 parameters (float32), input (4,)
      Dense(units=3, activation='relu')  -> (3,)  15 parameters
      Dense(units=2)                     -> (2,)  8 parameters
    """
    torch = torch_library("from_torch")
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"module is of type {type(module).__name__}; give a torch.nn.Module.")
    from mathdl.exchange.torch_graph import read

    shape = _first_shape(module) if input_shape is None else input_shape
    dtype = _dtype(module)
    checked = Network([Flatten()], shape, dtype).input_shape  # refuses what is no shape
    chain = read(module, checked, dtype)
    if not chain.drafts:
        raise InputError("The module computes nothing; give one with a layer.")
    network = Network(chain.layers(), checked, dtype)
    if network.size:
        network.parameters[:] = np.concatenate([array.ravel() for array in chain.arrays()])
    return network


def _first_shape(module: Any) -> tuple[int, ...]:
    """Return the shape that a module which begins with Linear takes."""
    first = next((each for each in module.modules() if not list(each.children())), module)
    if not hasattr(first, "in_features"):
        raise InputError(
            f"The module begins with {type(first).__name__}, which does not tell how large an object is; give "
            "input_shape, as (1, 28, 28)."
        )
    return (int(first.in_features),)


def _dtype(module: Any) -> str:
    """Return the type of a module's parameters; raise InputError where they are not all of one that networks have."""
    kinds = sorted({str(parameter.dtype).removeprefix("torch.") for parameter in module.parameters()})
    if not kinds:
        return DTYPES[0]
    if len(kinds) > 1 or kinds[0] not in DTYPES:
        raise InputError(
            f"The module's parameters are {' and '.join(kinds)}; make them of one kind, as module.float() or "
            "module.double() does."
        )
    return kinds[0]
