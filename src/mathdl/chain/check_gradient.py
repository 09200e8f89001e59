"""Comparing a gradient with differences of its function, component by component, and understanding kinks."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.chain.derivatives import directional_derivative
from mathdl.chain.derivatives import gradient as gradient_of_expression
from mathdl.chain.evaluation import evaluate
from mathdl.chain.expression import Expression, variables_of
from mathdl.errors import InputError

EPSILON = float(np.finfo(np.float64).eps)
STEP = EPSILON ** (1 / 3)  # relative: where rounding and curvature err alike in a central difference
ALLOWED = 1e-6  # disagreement, relative to the largest slope of a component; chosen, far above what a good one shows
KINK = 1e-3  # by how much the two one-sided slopes differ, relative, for a kink; chosen

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class Component:
    """One component: what the gradient says, the slopes from the left and the right, and whether it agrees.

    ``kind`` is "agrees", "disagrees", or "kink" where the two slopes differ and the gradient lies between them.
    """

    place: tuple[int, ...]
    given: float
    left: float
    right: float
    kind: str

    def __str__(self) -> str:
        if self.kind == "kink":
            told = (
                f"kink: one-sided derivatives {self.left:.6g} and {self.right:.6g}, any value between is a subgradient"
            )
        else:
            told = f"{self.kind}: differences give {(self.left + self.right) / 2:.6g}"
        return f"component {', '.join(map(str, self.place))}: {self.given:.6g}, {told}"


@dataclass(frozen=True)
class GradientCheck:
    """How a gradient compares with differences of its function.

    Attributes
    ----------
    components : tuple of Component
        All of them.
    """

    components: tuple[Component, ...]

    @property
    def agrees(self) -> bool:
        """Whether no component disagrees."""
        return all(each.kind != "disagrees" for each in self.components)

    @property
    def kinks(self) -> tuple[Component, ...]:
        """The components at a kink."""
        return tuple(each for each in self.components if each.kind == "kink")

    def __bool__(self) -> bool:
        return self.agrees

    def __str__(self) -> str:
        wrong = [str(each) for each in self.components if each.kind != "agrees"]
        good = len(self.components) - len(wrong)
        return "\n".join([f"{good} of {len(self.components)} components agree", *wrong[:20]])


def check_gradient(f: Any, gradient: Any, x: Any) -> GradientCheck:
    """Compare a gradient with differences of its function at a point.

    Of an expression it is compared with one-sided derivatives by series instead, without rounding where the operations
    are rational.

    Parameters
    ----------
    f : callable, Expression or objective
        Takes an array like x and returns one number: of NumPy, PyTorch or JAX, by what its values are made of. Or what
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
    >>> bool(mathdl.check_gradient(lambda x: float(x @ x), lambda x: 2 * x, [1.0, 2.0]))
    True
    >>> print(mathdl.check_gradient(lambda x: max(x[0], 0.0), lambda x: [0.0], [0.0]))
    0 of 1 components agree
    component 0: 0, kink: one-sided derivatives 0 and 1, any value between is a subgradient
    """
    point = _numbers("x", x)
    value, slopes = _as_functions(f, gradient, point)
    given = _numbers("the gradient", slopes)
    if given.shape != point.shape:
        raise InputError(f"The gradient has shape {given.shape} but x has {point.shape}; return one number for each.")
    middle, flat = value(point), point.reshape(-1).tolist()
    components = []
    for k, place in enumerate(np.ndindex(*point.shape)):
        if isinstance(f, Expression):
            left, right, error = _slopes_of_expression(f, flat, k)
        else:
            left, right, error = _slopes(value, point, place, middle)
        components.append(
            Component(place, float(given[place]), left, right, _kind(float(given[place]), left, right, error))
        )
    return GradientCheck(tuple(components))


def _slopes(
    value: Callable[[Reals], float], x: Reals, place: tuple[int, ...], middle: float
) -> tuple[float, float, float]:
    """Return the slopes from the left and the right and by how much both may err.

    Two steps, one half of the other, and their extrapolation: its change is what curvature leaves.
    """
    scale = max(1.0, abs(float(x[place])))
    h = STEP * scale
    sides = []
    errors = []
    for sign in (-1, 1):
        found = []
        for step in (h, h / 2):
            moved = x.copy()
            moved[place] += sign * step
            exact = float(moved[place]) - float(x[place])  # the step that was really taken
            found.append((value(moved) - middle) / exact)
        sides.append(2 * found[1] - found[0])
        errors.append(abs(found[1] - found[0]) * h / scale + 8 * EPSILON * abs(middle) / h)
    return sides[0], sides[1], max(errors)


def _slopes_of_expression(f: Expression, x: list[float], k: int) -> tuple[float, float, float]:
    """Return the slopes without differences: one-sided, exact where all operations are rational."""
    along = [int(i == k) for i in range(len(x))]
    back = [-each for each in along]
    try:
        exact = [Fraction(each) for each in x]
        left, right = -directional_derivative(f, exact, back), directional_derivative(f, exact, along)
    except InputError:  # no rational value, such as exp(1)
        left, right = -directional_derivative(f, x, back), directional_derivative(f, x, along)
    return float(left), float(right), 0.0


def _kind(given: float, left: float, right: float, error: float) -> str:
    """Say how a component compares."""
    size = max(1.0, abs(left), abs(right))
    slack = ALLOWED * size + 4 * error
    if abs(right - left) > KINK * size + 8 * error:
        return "kink" if min(left, right) - slack <= given <= max(left, right) + slack else "disagrees"
    return "agrees" if abs(given - (left + right) / 2) <= slack else "disagrees"


def _as_functions(f: Any, gradient: Any, x: Reals) -> tuple[Callable[[Reals], float], Any]:
    """Return f as a function of a NumPy array to a float, and the gradient at x."""
    if isinstance(f, Expression):
        if len(variables_of([f])) != x.size:
            raise InputError(f"x has {x.size} numbers for {len(variables_of([f]))} variables; give one for each.")
        given = gradient_of_expression(f, list(x.reshape(-1))) if gradient is None else gradient
        given = np.reshape(np.asarray(given, dtype=object), x.shape) if not callable(given) else given(x)
        return lambda at: float(evaluate(f, list(at.reshape(-1)))), given
    if hasattr(f, "value_and_gradient"):
        if f.dtype != "float64":
            raise InputError("check_gradient: f computes in float32, too coarse for differences; make it of float64.")
        given = f.value_and_gradient(x)[1] if gradient is None else _slopes_at(gradient, x)
        return lambda at: _one_number(f.value_and_gradient(at)[0]), given
    if not callable(f):
        raise InputError(f"check_gradient: f is {type(f).__name__}; give a function or an expression.")
    convert = _converter(f, x)
    return lambda at: _one_number(f(convert(at))), _slopes_at(gradient, convert(x))


def _slopes_at(gradient: Any, x: Any) -> Any:
    """Return the gradient's value, of a function at x."""
    try:
        return gradient(x) if callable(gradient) else gradient
    except TypeError as error:
        raise InputError(
            f"check_gradient: gradient does not take an array like x ({error}); give one that does."
        ) from None


def _converter(f: Callable[..., Any], x: Reals) -> Callable[[Reals], Any]:
    """Return what turns an array into what f takes: itself, or a tensor where only that is taken."""
    tried: list[Callable[[Reals], Any]] = [lambda at: at.copy()]
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if torch is not None:
        tried.append(lambda at: torch.tensor(at))
    if jax is not None:
        tried.append(lambda at: jax.numpy.asarray(at))
    for k, convert in enumerate(tried):
        try:
            f(convert(x))
        except TypeError as error:
            if k == len(tried) - 1:
                raise InputError(
                    f"check_gradient: f does not take an array like x ({error}); give one that does."
                ) from None
        else:
            return convert
    raise AssertionError


def _one_number(value: Any) -> float:
    """Return what f gave as a float."""
    if hasattr(value, "detach"):
        value = value.detach()
    array = np.asarray(value, dtype=np.float64)
    if array.size != 1 or not np.isfinite(array).all():
        raise InputError(f"check_gradient: f gave {value!r}; it has to give one finite number near x.")
    return float(array.reshape(-1)[0])


def _numbers(name: str, values: Any) -> Reals:
    """Return real numbers as an array."""
    if hasattr(values, "detach"):
        values = values.detach()
    try:
        array = np.asarray(values, dtype=object).astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"check_gradient: {name} is {values!r}; give real numbers.") from None
    if not np.isfinite(array).all():
        raise InputError(f"check_gradient: {name} holds a number that is not finite; give finite ones.")
    return array
