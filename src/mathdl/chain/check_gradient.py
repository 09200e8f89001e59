"""Comparing a gradient with slopes of its function, component by component, and understanding kinks."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np

from mathdl.chain.derivatives import directional_derivative
from mathdl.chain.derivatives import gradient as gradient_of_expression
from mathdl.chain.expression import Expression, variables_of
from mathdl.chain.slopes import DOUBLE, EXACT, SINGLE, Place, Reals, Slopes, by_complex_step, by_differences, plain
from mathdl.errors import InputError

KINK = 1e-3  # by how much the two one-sided slopes differ, relative to the largest slope, for a kink; chosen


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
        flat, size = point.reshape(-1).tolist(), len(variables_of([f]))
        if size != point.size:
            raise InputError(f"x has {point.size} numbers for {size} variables; give one for each.")
        own = np.reshape(gradient_of_expression(f, flat), point.shape) if gradient is None else gradient
        return compare(partial(_of_expression, f, point), _given(own, point), np.ndindex(point.shape))
    if hasattr(f, "value_and_gradient"):
        own = f.value_and_gradient(point.astype(f.dtype))[1] if gradient is None else gradient
        slopes = partial(by_differences, lambda at: f.value_and_gradient(at.astype(f.dtype))[0], point, dtype=f.dtype)
        return compare(slopes, _given(own, point), np.ndindex(point.shape))
    if not callable(f):
        raise InputError(f"check_gradient: f is {type(f).__name__}; give a function or an expression.")
    convert, value = _accepted("f", f, point)
    dtype = SINGLE if plain(value).dtype == SINGLE else DOUBLE

    def found(place: Place) -> Slopes:
        steps = (lambda at: f(convert(at))), point, place, dtype
        return by_complex_step(*steps) or by_differences(*steps)

    return compare(found, _given(gradient, point), np.ndindex(point.shape))


def compare(
    slopes: Callable[[Place], Slopes], given: Reals, places: Iterable[Place], allowed: float | None = None
) -> GradientCheck:
    """Compare a gradient with the slopes of a function at some places, relative to the largest slope.

    ``allowed`` is a relative disagreement instead of what rounding may do.
    """
    found = {place: slopes(place) for place in places}
    size = max((max(abs(each.left), abs(each.right)) for each in found.values()), default=0.0)
    components = []
    for place, (left, right, error, rounding, method) in found.items():
        one = float(given[place])
        slack = (rounding if allowed is None else allowed) * size + 4 * error
        kink = abs(right - left) > KINK * size + 8 * error
        low, high = (min(left, right), max(left, right)) if kink else ((left + right) / 2,) * 2
        agrees = low - slack <= one <= high + slack
        kind = "disagrees" if not agrees else "kink" if kink else "agrees"
        components.append(Component(place, one, left, right, kind, method))
    return GradientCheck(tuple(components))


def _of_expression(f: Expression, x: Reals, place: Place) -> Slopes:
    """Return the slopes without differences: one-sided, exact where all operations are rational."""
    along = np.zeros(x.shape, int)
    along[place] = 1
    try:
        point: list[Any] = [Fraction(each) for each in x.flat]
        left, right = (directional_derivative(f, point, side) for side in (-along, along))
    except InputError:  # no rational value, such as exp(1)
        left, right = (directional_derivative(f, x.reshape(-1), side) for side in (-along, along))
    return Slopes(-float(left), float(right), 0.0, float(np.finfo(DOUBLE).eps) ** EXACT, "one-sided derivatives")


def _given(gradient: Any, x: Reals) -> Reals:
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
        array = np.asarray(plain(values), dtype=object).astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"check_gradient: {name} is {values!r}; give real numbers.") from None
    if not np.isfinite(array).all():
        raise InputError(f"check_gradient: {name} holds a number that is not finite; give finite ones.")
    return array
