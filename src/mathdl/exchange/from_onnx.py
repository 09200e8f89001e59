"""ONNX models read as networks."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.errors import FileError, InputError
from mathdl.exchange.onnx_file import read_onnx
from mathdl.exchange.onnx_trace import Trace
from mathdl.networks.network import Network


def from_onnx(model: Any) -> Network:
    """Read a network from an ONNX model, as PyTorch, Keras and other libraries export it.

    Operators become layers: ``Gemm`` or ``MatMul`` with a sum a :class:`Dense`, ``Conv`` a :class:`Conv2D` or
    :class:`Conv1D`, branches that are added a :class:`Residual`, and so on. Normalisation and other factors and terms
    go into the weights before them, or become a convolution by single entries (a square matrix for vectors); padding
    that is not that of ``padding="same"`` becomes a layer. Dropout is left out.

    Parameters
    ----------
    model : path or onnx.ModelProto
        A file, or a model in memory. Arrays that it keeps in other files have to lie in its folder.

    Returns
    -------
    Network
        It computes the output of the model, of several the one that holds numbers, in float32 or float64.

    Raises
    ------
    NotExpressibleError
        If nodes cannot be expressed by layers; ``problems`` names every one of them, where it stands, and why.
    FileError
        If the file is missing, damaged, of an unknown opset, or keeps arrays outside of its folder.
    InputError
        If onnx is not installed, the model has several inputs, or an input whose size is not fixed.

    Examples
    --------
    >>> from mathdl import Dense, Network, from_onnx, to_onnx
    >>> net = Network([Dense(3, activation="relu"), Dense(2)], input_shape=(4,))
    >>> from_onnx(to_onnx(net))
    Network of 23 parameters (float32), input (4,)
      Dense(units=3, activation='relu')  -> (3,)  15 parameters
      Dense(units=2)                     -> (2,)   8 parameters
    """
    read, name = read_onnx(model)
    try:
        chain = Trace(read, name).chain()
        arrays = chain.arrays()
        dtype = arrays[0].dtype.name if arrays else np.dtype(chain.dtype).name
        network = Network(chain.layers(), chain.input_shape, dtype)
    except RecursionError as error:
        raise FileError(f"{name} nests branches too deeply; give a simpler model.") from error
    except MemoryError as error:
        raise FileError(f"{name} needs more memory than there is ({error}); give a smaller model.") from error
    if arrays:
        network.parameters[:] = np.concatenate([array.ravel() for array in arrays])
    if not np.isfinite(network.parameters).all():
        raise InputError(f"{name} has parameters that are beyond {dtype} once its factors are in them; rescale it.")
    return network
