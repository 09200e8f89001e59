"""Activation functions: the ones of the library, and a user's own."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from inspect import getclosurevars
from types import FunctionType
from typing import Any

import numpy as np
from numba.core.errors import NumbaError
from numpy.typing import NDArray

from mathdl.chain.check_gradient import compare
from mathdl.chain.slopes import by_differences
from mathdl.checks import is_number, reals, require_numbers, shortened
from mathdl.engine.memory import aligned
from mathdl.engine.program import Buffer, Program
from mathdl.errors import InputError, InputWarning
from mathdl.kernels import activations as kernels
from mathdl.kernels.jit import LAYER, Kernel, address
from mathdl.layers.operations import Operations, operations, times
from mathdl.layers.pieces import Curved, Step, kinks

Array = NDArray[Any]
ALIGNED = 64  # numbers between which vectors begin
# Forward kernel, backward kernel, and whether the derivative can be told from the output, so that the activation
# may overwrite its input.
KERNELS: dict[str, tuple[Kernel, Kernel, bool]] = {
    "relu": (kernels.relu, kernels.relu_backward, True),
    "leaky_relu": (kernels.leaky_relu, kernels.leaky_relu_backward, True),
    "sigmoid": (kernels.sigmoid, kernels.sigmoid_backward, True),
    "tanh": (kernels.tanh, kernels.tanh_backward, True),
    "softmax": (kernels.softmax, kernels.softmax_backward, True),
    "abs": (kernels.absolute, kernels.absolute_backward, False),
}
# What lambda(z) and lambda'(z) count for a number: lambda' of sigmoid and tanh is told from their values; leaky ReLU is
# a comparison and a product; a user's own count as one elementary function each.
COUNTS: dict[str, tuple[dict[str, int], dict[str, int]]] = {
    "identity": ({}, {}),
    "relu": ({"comparisons": 1}, {"comparisons": 1}),
    "leaky_relu": ({"comparisons": 1, "multiplications": 1}, {"comparisons": 1}),
    "sigmoid": (
        {"exponentials": 1, "additions": 1, "divisions": 1},
        {"subtractions": 1, "multiplications": 1},
    ),
    "tanh": ({"exponentials": 1}, {"multiplications": 1, "subtractions": 1}),
    "abs": ({"comparisons": 1}, {"comparisons": 1}),
    "own": ({"exponentials": 1}, {"exponentials": 1}),
}
INCREASING = ("relu", "leaky_relu", "sigmoid", "tanh")
NAMES = ("identity", *KERNELS)
PROBED, ALLOWED = (-2.3, -1.1, -0.4, 0.3, 0.9, 1.7), 1e-2  # where a user's derivative is checked, how closely; chosen
LOOSE = 2.0**-40  # of a value: more than exp, tanh and the sums of softmax are off
AT_ZERO_TOLERANCE = 1e-9  # chosen: how far a function may round its value at 0


def _sigmoid_bounds(low: Array, high: Array) -> tuple[Array, Array]:
    """Return bounds of sigmoid between numbers."""
    pairs = [np.stack([x, np.zeros_like(x)]) for x in (low, high)]
    return _widened(*(_softmax(pair, pair)[0] for pair in pairs))


def _tanh_bounds(low: Array, high: Array) -> tuple[Array, Array]:
    """Return bounds of tanh between numbers."""
    return _widened(np.tanh(low), np.tanh(high), -1.0)


def _softmax_bounds(low: Array, high: Array) -> tuple[Array, Array]:
    """Return bounds of softmax: it grows with the entry itself, and falls with all others."""
    return _widened(_softmax(low, high), _softmax(high, low))


def _softmax(own: Array, others: Array) -> Array:
    """Return softmax with one argument in the place of the entry, and others in all other places."""
    with np.errstate(over="ignore"):
        powers = np.exp(others[None] - own[:, None])
    powers[np.diag_indices(len(own))] = 1.0
    return np.asarray(1 / powers.sum(axis=1))


def _widened(low: Array, high: Array, least: float = 0.0) -> tuple[Array, Array]:
    """Return bounds with room for how elementary functions are rounded; values lie between ``least`` and 1."""
    widths = (LOOSE * np.abs(end) + 2.0**-1000 for end in (low, high))
    return np.maximum(low - next(widths), least), np.minimum(high + next(widths), 1.0)


# Least and largest values between least and largest arguments, rounded outwards, of what has no affine pieces.
BOUNDS = {"sigmoid": _sigmoid_bounds, "tanh": _tanh_bounds, "softmax": _softmax_bounds}


@dataclass(frozen=True)
class Activation:
    """An activation function lambda, applied to every number of a layer's output (Definition 4.1.1).

    Parameters
    ----------
    name : str
        ``"relu"``, ``"leaky_relu"``, ``"sigmoid"``, ``"tanh"``, ``"abs"``, ``"identity"``, ``"softmax"`` (which acts on
        all numbers of a sample together), or a name of your own together with ``function`` and ``derivative``.
    slope : float, default 0.01
        Slope of ``"leaky_relu"`` for negative numbers; at least 0.
    function, derivative : callable, optional
        A scalar function of one float and its derivative, in the part of Python that Numba compiles. A network
        with an activation of your own trains and predicts like any other, but cannot be saved to a file.
    at_zero : float, optional
        The exact value of ``function`` at 0, from which decisions about shifts may start (:func:`decide_invariance`).

    Raises
    ------
    InputError
        If the name is unknown, the slope is negative or not finite, only one of the two functions is given, or
        ``at_zero`` is no finite number, or given without them.

    Examples
    --------
    >>> import math
    >>> from mathdl import Activation, Dense
    >>> Dense(3, activation=Activation("leaky_relu", slope=0.2)).describe()["activation"]
    {'name': 'leaky_relu', 'slope': 0.2}
    >>> softplus = Activation(
    ...     "softplus", function=lambda x: math.log1p(math.exp(x)), derivative=lambda x: 1 / (1 + math.exp(-x))
    ... )
    """

    name: str
    slope: float = 0.01
    function: Callable[[float], float] | None = field(default=None, compare=False)
    derivative: Callable[[float], float] | None = field(default=None, compare=False)
    at_zero: float | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if (self.function is None) != (self.derivative is None):
            raise InputError(f"Activation {self.name!r} has one of function and derivative; give both.")
        if not isinstance(self.name, str) or (self.function is None and self.name not in NAMES):
            raise InputError(
                f"Activation {shortened(self.name)} is unknown; choose one of {', '.join(NAMES)}, "
                "or give function and derivative."
            )
        if not is_number(self.slope) or not 0 <= self.slope < np.inf:
            raise InputError(f"Activation {self.name!r} has slope {self.slope!r}; give a finite number of at least 0.")
        if self.at_zero is not None:
            self._check_value_at_zero()

    def _check_value_at_zero(self) -> None:
        """Raise InputError unless the declared value is a number, near what the user's own function gives."""
        if self.function is None or not is_number(self.at_zero) or not np.isfinite(self.at_zero):  # type: ignore[arg-type]
            raise InputError(
                f"Activation {self.name!r} has at_zero {shortened(self.at_zero)}; give a finite number, and only with "
                "a function of your own."
            )
        try:
            found = float(self.function(0.0))
        except (ArithmeticError, TypeError, ValueError):  # left to the compiler, which explains
            return
        if not abs(found - float(self.at_zero)) <= AT_ZERO_TOLERANCE * max(1.0, abs(found)):  # type: ignore[arg-type]
            raise InputError(
                f"Activation {self.name!r} has at_zero {self.at_zero!r}, but its function gives {found!r} at 0; give "
                "the exact value."
            )

    @classmethod
    def of(cls, given: Activation | str | dict[str, Any]) -> Activation:
        """Return the activation that is described.

        Parameters
        ----------
        given : Activation, str or dict
            An activation, a name, or what :meth:`describe` returned.
        """
        if isinstance(given, Activation):
            return given
        if isinstance(given, str):
            return cls(given)
        if isinstance(given, dict) and set(given) <= {"name", "slope"} and isinstance(given.get("name"), str):
            return cls(**given)
        raise InputError(f"activation is {given!r}; give a name, for example 'relu', or an Activation.")

    def values(self, x: Any) -> Array:
        """Return lambda(t) for every number t of an array, as networks compute it.

        Parameters
        ----------
        x : array-like
            Finite numbers.

        Returns
        -------
        ndarray of the shape of x

        Raises
        ------
        InputError
            If x holds something else, or the activation is softmax, which acts on a vector.

        Examples
        --------
        >>> from mathdl import Activation
        >>> Activation("relu").values([-2.0, 0.0, 3.0]), Activation("relu").derivatives([-2.0, 0.0, 3.0])
        (array([0., 0., 3.]), array([0., 0., 1.]))
        """
        return self._evaluated(x)[0]

    def derivatives(self, x: Any) -> Array:
        """Return lambda'(t) for every number t of an array, as training takes it: of ReLU at 0 it is 0.

        As for :meth:`values`.
        """
        return self._evaluated(x)[1]

    def _evaluated(self, x: Any) -> tuple[Array, Array]:
        """Return the function and its derivative at numbers."""
        try:
            given = reals(np.asarray(require_numbers("x", x)), "float64")
        except (TypeError, ValueError):
            raise InputError("x holds something that is no number; give real numbers.") from None
        if not np.isfinite(given).all():
            raise InputError("x holds a number that is NaN or infinite; give finite numbers.")
        if self.name == "softmax" and not self.is_own:
            raise InputError("softmax acts on a vector, not on each number; mathdl.softmax computes it.")
        if self.name == "identity" and not self.is_own:
            return given.copy(), np.ones_like(given)
        forward, backward = self._kernels()
        size = given.size
        place = -(-size // ALIGNED) * ALIGNED
        row = np.zeros(1, kernels.ROW)[0]
        row.input, row.output, row.input_gradient, row.output_gradient = np.arange(4) * place
        row.width, row.slope = size, self.slope
        work = aligned(4 * place + ALIGNED, "float64")
        work[:size], work[3 * place : 3 * place + size] = given.ravel(), 1.0
        for kernel in (forward, backward):
            address(kernel, LAYER, "float64")  # compiles it, if nothing has yet
            kernel(row, work, work, 1)
        return tuple(work[k * place : k * place + size].reshape(given.shape).copy() for k in (1, 2))  # type: ignore[return-value]

    def describe(self) -> str | dict[str, Any]:
        """Return what ``of`` makes this activation from again (a user's own: its name)."""
        return {"name": self.name, "slope": self.slope} if self.name == "leaky_relu" else self.name

    @property
    def is_rectifier(self) -> bool:
        """Whether it cuts off, or damps, negative numbers."""
        return self.function is None and self.name in ("relu", "leaky_relu")

    @property
    def is_own(self) -> bool:
        """Whether it is a user's own."""
        return self.function is not None

    def count(self, numbers: int) -> tuple[Operations, Operations]:
        """Return the operations of lambda(z) for so many numbers, and of dl/dz = dl/dh lambda'(z)."""
        if self.name == "softmax" and not self.is_own:
            return operations(
                comparisons=numbers - 1,
                subtractions=numbers,
                exponentials=numbers,
                additions=numbers - 1,
                divisions=numbers,
            ), operations(multiplications=2 * numbers, additions=numbers - 1, subtractions=numbers)
        value, slope = COUNTS["own" if self.is_own else self.name]
        product = {} if self.name == "identity" and not self.is_own else {"multiplications": 1}
        return times(numbers, value), times(numbers, slope) + times(numbers, product)

    def pieces(self, layer: str, size: int, dtype: Any) -> list[Step]:
        """Return the kinks that it is made of, or what bounds it.

        Parameters
        ----------
        layer : str
            The kind of layer, for the error.
        size : int
            How many numbers it acts on.
        dtype : dtype
            Of the network, which rounds the slope.

        Raises
        ------
        InputError
            If it is a user's own.
        """
        if self.is_own:
            raise InputError(
                f"{layer} has the activation {self.name!r} of your own, of which no pieces and no bounds are known; "
                f"choose one of {', '.join(NAMES)}."
            )
        if self.name == "identity":
            return []
        if self.name in BOUNDS:
            return [Curved(layer, self.name, BOUNDS[self.name], slice(0, size), size)]
        return kinks(size, {"relu": 0.0, "abs": -1.0}.get(self.name, float(np.dtype(dtype).type(self.slope))))

    def emit(self, program: Program, source: Buffer) -> Buffer:
        """Append the activation of a buffer that nothing else reads; return where its output lies."""
        if self.name == "identity" and not self.is_own:
            return source
        if self.is_own:
            return self._emit_own(program, source)
        forward, backward, in_place = KERNELS[self.name]
        target = source if in_place and not program.keep_all else program.buffer(source.size)
        own = {"width": source.size, "slope": self.slope}
        row = program.add(forward, backward, source, target, own, operations=4 * source.size)
        if target is source and self.name in INCREASING:
            program.increasing = (row, source, self)
        return target

    def _emit_own(self, program: Program, source: Buffer) -> Buffer:
        """Compile and append a user's own activation."""
        target = program.buffer(source.size)
        forward, backward = self._kernels(program.dtype, program.training)
        if program.training:
            self._check_derivative()
        program.add(forward, backward, source, target, {"width": source.size}, operations=4 * source.size)
        return target

    def _kernels(self, dtype: str = "float64", training: bool = True) -> tuple[Kernel, Kernel]:
        """Return the kernels of the function and its derivative, compiled where they are a user's own."""
        if not self.is_own:
            return KERNELS[self.name][:2]
        try:
            forward, backward = _own_kernels(self.function, self.derivative)
            for kernel in (forward, backward) if training else (forward,):
                address(kernel, LAYER, dtype)
        except (NumbaError, TypeError) as wrong:  # Numba's own explanation stays in the chain
            raise InputError(
                f"Activation {self.name!r} cannot be compiled; give a function and a derivative of one float, "
                "in the part of Python that Numba compiles."
            ) from wrong
        return forward, backward

    def _check_derivative(self) -> None:
        """Warn where the derivative that was given is clearly not the function's."""
        assert self.function is not None
        assert self.derivative is not None
        function, derivative = self.function, self.derivative
        for x in PROBED:
            try:
                stated = np.array([derivative(x)], np.float64)
                slopes = partial(by_differences, lambda at: function(float(at[0])), np.array([x]))
                wrong = compare(slopes, stated, [(0,)], ALLOWED).wrong
            except (ArithmeticError, ValueError):  # they are not defined there
                continue
            if wrong:
                what = f"Activation {self.name!r}: at {x:g} the derivative is given as {wrong[0].given:.3g}"
                says = f"{what}, but the function's is {wrong[0].slope:.3g}; training goes by the one that is given."
                warnings.warn(says, InputWarning, stacklevel=2)
                return


_shared_kernels: dict[Any, tuple[Kernel, Kernel]] = {}


def _own_kernels(function: Any, derivative: Any) -> tuple[Kernel, Kernel]:
    """Make the kernels of a user's activation; equal functions share theirs, as machine code is never given back."""
    key = _meaning(function), _meaning(derivative)
    try:
        if key not in _shared_kernels:
            _shared_kernels[key] = kernels.own(function, derivative)
        return _shared_kernels[key]
    except TypeError:  # it depends on something that cannot be compared, such as a list
        return kernels.own(function, derivative)


def _meaning(function: Any) -> Any:
    """What a function computes hangs on: its code, its defaults and the values of the names in it."""
    if not isinstance(function, FunctionType):
        return function
    outside = getclosurevars(function)
    names = [*outside.nonlocals.items(), *outside.globals.items()]
    return function.__code__, function.__defaults__, tuple((name, repr(value), value) for name, value in names)
