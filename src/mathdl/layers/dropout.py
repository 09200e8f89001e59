"""The dropout layer."""

from __future__ import annotations

from typing import Any

from mathdl.checks import require_between
from mathdl.engine.program import Buffer, Program
from mathdl.kernels import dropout as kernels
from mathdl.layers.layer import Array, Layer, Shape, Window
from mathdl.layers.pieces import Step


class Dropout(Layer):
    """Dropout: in each step of training every number of the input is set to 0 with probability ``rate``.

    What is kept is divided by 1 - rate, so that the mean stays as it is. What is dropped depends on the ``seed`` of
    :meth:`Network.fit`, the step, the place of the object in its batch and the place of the number, so it is the same
    for any number of threads and after resuming. Outside the steps of training the layer returns its input: in
    predictions, in the losses that validation and :meth:`Network.loss` give, and in :meth:`Network.gradient`.

    Parameters
    ----------
    rate : float
        Probability with which a number is dropped, at least 0 and below 1.

    Raises
    ------
    InputError
        If ``rate`` is no number of at least 0 and below 1.

    Examples
    --------
    >>> from mathdl import Dense, Dropout, Network
    >>> net = Network([Dense(32, activation="relu"), Dropout(0.5), Dense(3)], input_shape=(4,))
    >>> net.layers[1].output_shape
    (32,)
    """

    def __init__(self, rate: float) -> None:
        require_between("Dropout: rate", rate, 0, 1)
        self.rate = float(rate)
        self.options = {"rate": self.rate}

    def shape(self, input_shape: Shape) -> Shape:
        """Return the input's shape."""
        return input_shape

    def windows(self) -> tuple[Window, Window]:
        """Return single places."""
        return Window(1, 1, 0), Window(1, 1, 0)

    def pieces(self, dtype: Any) -> list[Step]:
        """Return nothing, as where nobody trains."""
        return []

    def known_zeros(self, zeros: Array) -> Array:
        """Return the same; no operation is counted, as where nobody trains."""
        return zeros

    def emit(self, program: Program, source: Buffer, first: int) -> Buffer:
        """Append the multiplication by what is drawn; nothing where nobody trains."""
        if not program.training:
            return source
        target = program.buffer(source.size, gradient=source.gradient >= 0)
        factors = program.allocate(source.size)
        own = {"width": source.size, "factors": factors, "number": program.draws, "scale": 1 / (1 - self.rate)}
        own |= {"threshold": round(self.rate * 2**32)}
        program.add(kernels.forward, kernels.backward, source, target, own, operations=8 * source.size)
        program.draws += 1
        return target
