"""A network at one point, without rounding: its value, its affine piece, and how far the computed value is off."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.checker import verify, write
from mathdl.certificates.data import Data
from mathdl.certificates.rationals import text_of
from mathdl.certificates.record import Certificate
from mathdl.errors import InputError, NotCertifiedError
from mathdl.exact.rational_points import rational_points
from mathdl.exact.whole_numbers import nearest_float
from mathdl.networks.exact_steps import Choices, Exact, ExactPiece, exact_step, functions_of, values_of
from mathdl.networks.network import Network
from mathdl.networks.pieces import pieces_of
from mathdl.networks.steps import steps_of

Array = NDArray[Any]


@dataclass(frozen=True, repr=False)
class ExactEvaluation:
    """What a network is at one point, in fractions.

    Attributes
    ----------
    value : ndarray of Fraction, of the shape of the network's output
        The exact value; of a network that ends with softmax or sigmoid, that of its argument.
    computed : ndarray of the same shape
        What the network computes in its own floating-point numbers.
    rounding_error : Fraction
        The largest distance between the two, exactly.
    gradient : ndarray of Fraction of shape (outputs, inputs)
        The matrix A of the affine piece f(t) = A t + b, the derivative of each output.
    offset : ndarray of Fraction of shape (outputs,)
        The vector b.
    differentiable : bool
        Whether the point is inside of the piece. Where False, an argument of a kink is 0, or two entries of a maximum
        are equal, and not all around it; then the piece is the one that training takes: of ReLU that for negative
        numbers, of a maximum that of its first entry.
    x : ndarray of Fraction of shape (inputs,)
        The point.
    network : Network
        Without a final softmax or sigmoid.

    Examples
    --------
    >>> from mathdl import Dense, Network, evaluate_exactly
    >>> net = Network([Dense(1, activation="relu"), Dense(1)], input_shape=(2,))
    >>> net.parameters[:] = 0.5, 2, 0.25, 3, -1
    >>> at = evaluate_exactly(net, [1, 0.125])
    >>> at.value, at.gradient, at.offset
    (array([Fraction(2, 1)], dtype=object), array([[Fraction(3, 2), Fraction(6, 1)]], dtype=object), array([Fraction(-1, 4)], dtype=object))
    """  # noqa: E501

    value: Array
    computed: Array
    rounding_error: Fraction
    gradient: Array
    offset: Array
    differentiable: bool
    x: Array
    network: Network

    @property
    def data(self) -> Data:
        """The network, of which the certificate speaks."""
        return steps_of(self.network).data

    def certify(self) -> Certificate:
        """Return a certificate of the rounding error, which the independent checker has verified.

        Returns
        -------
        Certificate
            Of the kind ``rounding_error``: the computed outputs are off by at most so much.

        Raises
        ------
        NotCertifiedError
            If checking takes longer than the checker affords.

        Examples
        --------
        >>> from mathdl import Dense, Network, evaluate_exactly, verify
        >>> net = Network([Dense(3, activation="relu"), Dense(2)], input_shape=(2,), seed=1)
        >>> at = evaluate_exactly(net, [0.1, 0.7])
        >>> bool(verify(at.certify(), at.data))
        True
        """
        steps = steps_of(self.network)
        numbers = {
            "steps": steps.steps,
            "input": [text_of(value) for value in self.x.tolist()],
            "computed": [text_of(float(value)) for value in self.computed.ravel()],
            "error": text_of(self.rounding_error),
        }
        certificate = write("rounding_error", numbers, steps.data)
        if not (verdict := verify(certificate, steps.data)):
            raise NotCertifiedError(f"The rounding error is not certified: {verdict.reason}")
        return certificate

    def __repr__(self) -> str:
        values = ", ".join(f"{nearest_float(value):.6g}" for value in self.value.ravel()[:6].tolist())
        return f"ExactEvaluation (value {values}, rounding error {float(self.rounding_error):.2g})"


def evaluate_exactly(network: Network, x: Any) -> ExactEvaluation:
    """Evaluate a piecewise affine network at a point in exact arithmetic, at its own binary weights.

    Affine layers, ReLU, leaky ReLU, absolute value, max and average pooling, padding, dropout (which does nothing) and
    residual and parallel layers of these make a network a piecewise affine function (section 4.3). A final softmax or
    sigmoid is left off.

    Parameters
    ----------
    network : Network
    x : array-like of shape input_shape
        One point: whole numbers, floating-point numbers or fractions.

    Returns
    -------
    ExactEvaluation

    Raises
    ------
    InputError
        If a layer is not piecewise affine, a parameter is not finite, or x does not fit.

    Examples
    --------
    >>> from fractions import Fraction
    >>> from mathdl import Activation, Dense, Network, evaluate_exactly
    >>> net = Network([Dense(1, activation="abs")], input_shape=(1,), dtype="float64")
    >>> net.parameters[:] = 0.1, -0.3
    >>> at = evaluate_exactly(net, [Fraction(3)])
    >>> float(at.value[0]), at.rounding_error == at.value[0], at.differentiable
    (2.7755575615628914e-17, False, True)
    """
    network, steps = pieces_of(network)
    shape = network.input_shape
    point = rational_points("x", np.ravel(x) if isinstance(x, np.ndarray) else _flat(x))[:, 0]
    if np.shape(x) != shape and not (np.size(x) == 1 and shape == (1,)):
        raise InputError(f"x has shape {np.shape(x)}, but the network takes a point of shape {shape}; give one point.")
    exact, choices, differentiable = [exact_step(step) for step in steps], Choices(), True
    values = values_of(point)
    for place, step in enumerate(exact):
        choice = step.choice(values.low)
        doubtful = step.doubtful(values.low, choice)
        differentiable = differentiable and not _bends(exact[:place], choices, doubtful, len(values.low))
        values = step.after(values)
        choices.append(choice)
    value = Exact(values.low, values.unit).fractions
    *gradient, offset = functions_of(exact, choices, np.eye(len(value), dtype=int)).fractions
    computed = network(np.array([nearest_float(c) for c in point]).reshape(1, *shape))[0]
    error = max(abs(Fraction(float(c)) - v) for c, v in zip(computed.ravel(), value, strict=True))
    return ExactEvaluation(
        value.reshape(network.output_shape),
        computed,
        error,
        np.array(gradient).T,
        offset,
        differentiable,
        point,
        network,
    )


def _bends(steps: list[ExactPiece], choices: Choices, doubtful: Array, size: int) -> bool:
    """Return whether a difference that is 0 at the point is not 0 all around it."""
    if not doubtful.size:
        return False
    outputs = np.zeros((size + 1, doubtful.shape[1]), dtype=int)
    places = np.arange(doubtful.shape[1])
    outputs[doubtful[0], places] += 1
    outputs[doubtful[1], places] -= 1
    return bool(np.any(functions_of(steps, choices, outputs[:-1]).numbers[:-1] != 0))


def _flat(x: Any) -> Any:
    """Return nested lists of numbers of any kind as one list."""
    try:
        return np.asarray(x, dtype=object).ravel()
    except (TypeError, ValueError):
        raise InputError("x holds something that is no finite real number; give a point of numbers.") from None
