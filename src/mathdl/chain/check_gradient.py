"""Comparing a gradient with slopes of its function, component by component, and understanding kinks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from mathdl.chain.derivatives import directional_derivative
from mathdl.chain.derivatives import gradient as gradient_of_expression
from mathdl.chain.expression import Expression, variables_of
from mathdl.chain.slopes import Place, Reals, Slopes, Value, by_complex_step, by_differences
from mathdl.errors import InputError

KINK = 1e-3  # by how much the two one-sided slopes differ, relative to the largest slope, for a kink; chosen
# Powers of the rounding that are allowed as a relative disagreement; chosen: 5e-7 and 1.5e-8 in float64.
ALLOWED = {"differences": 0.4, "complex step": 0.5, "one-sided derivatives": 0.5}
SINGLE, DOUBLE = np.dtype(np.float32), np.dtype(np.float64)


@dataclass(frozen=True)
class Component:
    """One component: what the gradient says, the slopes from the left and the right, and whether it agrees.

    ``kind`` is "agrees", "disagrees", or "kink" where the two slopes differ and the gradient lies between them;
    ``method`` is how the slopes were found: "differences", "complex step" or "one-sided derivatives".
    """

    place: Place
    given: float
    left: float
    right: float
    kind: str
    method: str

    @property
    def slope(self) -> float:
        """The mean of the slopes from both sides."""
        return (self.left + self.right) / 2

    def __str__(self) -> str:
        told = self.kind
        if self.kind == "kink":
            sides = f"one-sided derivatives {self.left:.6g} and {self.right:.6g}"
            told = f"kink: {sides}, any value between is a subgradient"
        elif self.kind == "disagrees":
            told = f"disagrees by {abs(self.given - self.slope):.3g}: by {self.method} it is {self.slope:.6g}"
        return f"component {', '.join(map(str, self.place))}: {self.given:.6g}, {told}"


@dataclass(frozen=True)
class GradientCheck:
    """How a gradient compares with slopes of its function.

    Attributes
    ----------
    components : tuple of Component
        All of them.
    """

    components: tuple[Component, ...]

    @property
    def wrong(self) -> tuple[Component, ...]:
        """The components that disagree."""
        return tuple(each for each in self.components if each.kind == "disagrees")

    @property
    def kinks(self) -> tuple[Component, ...]:
        """The components at a kink."""
        return tuple(each for each in self.components if each.kind == "kink")

    @property
    def agrees(self) -> bool:
        """Whether no component disagrees."""
        return not self.wrong

    def __bool__(self) -> bool:
        return self.agrees

    def __str__(self) -> str:
        told = [str(each) for each in (*self.wrong, *self.kinks)]
        good = len(self.components) - len(told)
        return "\n".join([f"{good} of {len(self.components)} components agree", *told[:20]])


def check_gradient(f: Any, gradient: Any, x: Any) -> GradientCheck:
    """Compare a gradient at a point with slopes of its function that are found without it.

    For an expression they are one-sided derivatives by series, without rounding where its operations are rational. For
    a function that takes complex numbers and is analytic near x, as values on a small circle show, they come by a
    complex step, and for others by central differences, whose steps go by the precision of the values.

    Parameters
    ----------
    f : callable, Expression or objective
        Takes an array like x and returns one number: of NumPy, PyTorch or JAX, whichever it takes. Or what
        :func:`mathdl.gradient_descent` minimises, such as ``network.objective(X, y, loss)``.
    gradient : callable, array-like or None
        A function of the same array, or its value at x; None for an expression's or an objective's own.
    x : array-like
        The point, of real numbers. It may lie on a kink.

    Returns
    -------
    GradientCheck

    Raises
    ------
    InputError
        If a value is not finite, the gradient has another shape than x, or f gives no single number.

    Examples
    --------
    >>> import mathdl, numpy as np
    >>> bool(mathdl.check_gradient(lambda x: np.sin(x) @ x, lambda x: np.sin(x) + x * np.cos(x), [1.0, 2.0]))
    True
    >>> print(mathdl.check_gradient(lambda x: max(x[0], 0.0), lambda x: [0.0], [0.0]))
    0 of 1 components agree
    component 0: 0, kink: one-sided derivatives 0 and 1, any value between is a subgradient
    """
    point = _numbers("x", x)
    if isinstance(f, Expression):
        size = len(variables_of([f]))
        if size != point.size:
            raise InputError(f"x has {point.size} numbers for {size} variables; give one for each.")
        flat = point.reshape(-1).tolist()
        own = np.reshape(gradient_of_expression(f, flat), point.shape) if gradient is None else gradient
        return _compared(_slopes_given(own, point), [_slopes_of_expression(f, flat, k) for k in range(size)], point)
    if hasattr(f, "value_and_gradient"):
        own = f.value_and_gradient(point.astype(f.dtype))[1] if gradient is None else gradient
        given, precision = _slopes_given(own, point), np.dtype(f.dtype)
        return compare(lambda at: f.value_and_gradient(at.astype(f.dtype))[0], given, point, precision)
    if not callable(f):
        raise InputError(f"check_gradient: f is {type(f).__name__}; give a function or an expression.")
    convert, value = _accepted("f", f, point)
    dtype = getattr(value.detach().numpy() if hasattr(value, "detach") else np.asarray(value), "dtype", DOUBLE)
    precision = SINGLE if dtype == SINGLE else DOUBLE
    return compare(lambda at: f(convert(at)), _slopes_given(gradient, point), point, precision, analytic=True)


def compare(
    value: Value,
    given: Reals,
    x: Reals,
    dtype: np.dtype[Any] = DOUBLE,
    *,
    places: Iterable[Place] | None = None,
    analytic: bool = False,
    allowed: float | None = None,
) -> GradientCheck:
    """Compare a gradient with the slopes of a function at some places, or at all.

    ``dtype`` is in what the function computes; ``analytic`` whether it may be called with complex numbers, which is
    tried; ``allowed`` a relative disagreement instead of the usual one.
    """
    chosen = list(np.ndindex(*x.shape) if places is None else places)
    found = []
    for place in chosen:
        slopes = by_complex_step(value, x, place, dtype) if analytic else None
        found.append(slopes or by_differences(value, x, place, dtype))
    return _compared(given, found, x, chosen, float(np.finfo(dtype).eps), allowed)


def _compared(
    given: Reals,
    slopes: list[Slopes],
    x: Reals,
    places: list[Place] | None = None,
    rounding: float = float(np.finfo(DOUBLE).eps),
    allowed: float | None = None,
) -> GradientCheck:
    """Say how components compare with slopes, relative to the largest slope."""
    size = max((max(abs(each.left), abs(each.right)) for each in slopes), default=0.0)
    components = []
    for place, (left, right, error, method) in zip(places or np.ndindex(*x.shape), slopes, strict=True):
        one = float(given[place])
        slack = (rounding ** ALLOWED[method] if allowed is None else allowed) * size + 4 * error
        kink = abs(right - left) > KINK * size + 8 * error
        low, high = (min(left, right), max(left, right)) if kink else ((left + right) / 2,) * 2
        agrees = low - slack <= one <= high + slack
        kind = "disagrees" if not agrees else "kink" if kink else "agrees"
        components.append(Component(place, one, left, right, kind, method))
    return GradientCheck(tuple(components))


def _slopes_of_expression(f: Expression, x: list[float], k: int) -> Slopes:
    """Return the slopes without differences: one-sided, exact where all operations are rational."""
    along = [int(i == k) for i in range(len(x))]
    back = [-each for each in along]
    try:
        exact = [Fraction(each) for each in x]
        left, right = -directional_derivative(f, exact, back), directional_derivative(f, exact, along)
    except InputError:  # no rational value, such as exp(1)
        left, right = -directional_derivative(f, x, back), directional_derivative(f, x, along)
    return Slopes(float(left), float(right), 0.0, "one-sided derivatives")


def _slopes_given(gradient: Any, x: Reals) -> Reals:
    """Return the gradient at x, which may be a function, as an array like x."""
    given = _numbers("the gradient", _accepted("gradient", gradient, x)[1] if callable(gradient) else gradient)
    if given.shape != x.shape:
        raise InputError(f"The gradient has shape {given.shape} but x has {x.shape}; return one number for each.")
    return given


def _accepted(name: str, function: Callable[..., Any], x: Reals) -> tuple[Callable[[Any], Any], Any]:
    """Return what turns an array into what a function takes, of libraries that are loaded, and its value at x."""
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    tried: list[Callable[[Any], Any]] = [lambda at: at.copy()]
    if torch is not None:
        tried += [torch.tensor, lambda at: torch.tensor(at).to(torch.float32)]
    if jax is not None:
        tried.append(jax.numpy.asarray)
    refusal: Exception | None = None
    for convert in tried:
        try:
            return convert, function(convert(x))
        except (TypeError, AttributeError, RuntimeError) as error:
            refusal = refusal or error
    raise InputError(
        f"check_gradient: {name} does not take an array like x ({refusal}); give one that does."
    ) from refusal


def _numbers(name: str, values: Any) -> Reals:
    """Return real numbers as an array."""
    try:
        given = values.detach().numpy() if hasattr(values, "detach") else values
        array = np.asarray(given, dtype=object).astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"check_gradient: {name} is {values!r}; give real numbers.") from None
    if not np.isfinite(array).all():
        raise InputError(f"check_gradient: {name} holds a number that is not finite; give finite ones.")
    return array
