"""A function of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from mathdl.chain.check_gradient import compare
from mathdl.chain.derivatives import gradient as gradient_of
from mathdl.chain.evaluation import as_function
from mathdl.chain.expression import Expression
from mathdl.chain.slopes import by_differences
from mathdl.checks import reals, require_positive, require_truth_value, require_unmasked
from mathdl.errors import InputError
from mathdl.objectives.objective import Array, Minimiser, Objective, require_objective

MAX_COMPARED = 200  # components that are compared with differences (chosen)
ALLOWED = 1e-4  # disagreement, relative to the largest component (chosen)


class Function(Objective):
    """A function with its gradient, as NumPy callables, or an expression, which has one.

    The gradient is compared with differences of the function once, at the start of the first descent.

    Parameters
    ----------
    value : callable or Expression
        Takes an array of shape (mu,), float64; returns a number. Or an expression in mu variables.
    gradient : callable, optional
        Takes the same; returns an array of shape (mu,). An expression needs none.
    convex : bool, default False
        Whether the function is convex. It is taken on trust.
    lipschitz : float, optional
        A Lipschitz constant d of the gradient, taken on trust; ``"auto"`` and guarantees need it.
    minimiser : array-like of shape (mu,), optional
        Where the minimum is, if you know it.

    Raises
    ------
    InputError
        If an argument cannot be used.

    Examples
    --------
    >>> from mathdl import SGD, Function, gradient_descent
    >>> square = Function(lambda a: float(a @ a), lambda a: 2 * a, convex=True, lipschitz=2.0)
    >>> gradient_descent(square, [1.0], SGD(0.25), steps=3).points.ravel()
    array([1.   , 0.5  , 0.25 , 0.125])
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> gradient_descent(Function(x**2 + (y - 1) ** 2), [1.0, 0.0], SGD(0.25), steps=1).point
    array([0.5, 0.5])
    """

    no_minimiser = "no minimiser of it is known: give Function(..., minimiser=...)"
    convex: bool = False

    def __init__(
        self,
        value: Callable[[Array], Any] | Expression,
        gradient: Callable[[Array], Any] | None = None,
        *,
        convex: bool = False,
        lipschitz: float | None = None,
        minimiser: Any = None,
    ) -> None:
        if isinstance(value, Expression) and gradient is None:
            value, gradient = _functions_of(value)
        if not callable(value) or not callable(gradient):
            raise InputError("Function: value and gradient have to be functions of an array of parameters.")
        if lipschitz is not None:
            require_positive("Function: lipschitz", lipschitz)
        self._value, self._gradient = value, gradient
        require_truth_value("Function: convex", convex)
        self.convex = bool(convex)
        self._lipschitz = None if lipschitz is None else float(lipschitz)
        self._minimiser = None if minimiser is None else _checked_minimiser(minimiser)
        self._checked = False

    @property
    def lipschitz(self) -> float | None:
        """The Lipschitz constant that was given."""
        return self._lipschitz

    def find_minimiser(self, a: Array) -> Minimiser | None:
        """Return the minimiser that was given; raise InputError where it has another shape than ``a``."""
        if self._minimiser is None:
            return None
        if self._minimiser.shape != a.shape:
            raise InputError(
                f"Function: minimiser has shape {self._minimiser.shape}, but the start has {a.shape}; give one number "
                "for each parameter."
            )
        return Minimiser(self._minimiser)

    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute L(a) and its gradient; raise InputError where they are no number and no array like ``a``."""
        gradient = _array(self._gradient, a)
        if gradient.shape != a.shape:
            raise InputError(
                f"The gradient has shape {gradient.shape} but there are {len(a)} parameters; return one number for "
                "each."
            )
        try:
            slopes = reals(gradient, "float64")
        except (TypeError, ValueError):
            raise InputError("The gradient holds something that is no real number; return an array of them.") from None
        return self.value(a), slopes

    def check_at(self, a: Array) -> None:
        """Compare the gradient with differences of the function, component by component."""
        if self._checked:
            return
        value, gradient = self.value_and_gradient(a)
        if not (np.isfinite(value) and np.isfinite(gradient).all()):
            raise InputError(
                f"At the start the function is {value} and its gradient {gradient}; start where both are finite."
            )
        chosen = np.random.default_rng(0).permutation(len(a))[:MAX_COMPARED]
        places = [(int(i),) for i in chosen]
        wrong = compare(partial(by_differences, self.value, a), gradient, places, ALLOWED).wrong
        if wrong:
            worst = max(wrong, key=lambda each: abs(each.given - each.slope))
            raise InputError(
                f"The gradient disagrees with the function: component {worst.place[0]} is {worst.given:.6g} at the "
                f"start, but differences of the function give {worst.slope:.6g}; correct the gradient."
            )
        self._checked = True

    def value(self, a: Array) -> float:
        """Compute L(a), without the gradient, which may not exist.

        Parameters
        ----------
        a : ndarray of shape (mu,)
        """
        value = _array(self._value, a)
        if value.size != 1:
            raise InputError(f"The function returns an array of shape {value.shape}; return one number.")
        try:
            return float(value.item())
        except (TypeError, ValueError, OverflowError):
            raise InputError(f"The function returns {value.item()!r}; return one real number.") from None


def _array(function: Callable[[Array], Any], a: Array) -> Array:
    """Return an array of what a function returns at a copy of a point; it may use the same memory again."""
    try:
        return np.array(function(a.copy()))
    except InputError:  # of an expression: it says all
        raise
    except (TypeError, ValueError) as error:
        raise InputError(f"The function fails ({error}); return numbers for an array of parameters.") from error


def _checked_minimiser(minimiser: Any) -> Array:
    """Return a minimiser as an array of finite numbers."""
    require_unmasked("Function: minimiser", minimiser)
    try:
        point = np.array(reals(np.asarray(minimiser), "float64"))
    except (TypeError, ValueError):
        point = np.full(1, np.nan)
    if point.ndim != 1 or not np.isfinite(point).all():
        raise InputError(f"Function: minimiser is {minimiser!r}; give one finite number for each parameter.")
    return point


def as_objective(given: Any) -> Objective:
    """Return an objective as it is, and of an expression its function; raise InputError at anything else."""
    if isinstance(given, Expression):
        return Function(given)
    require_objective(given)
    objective: Objective = given
    return objective


def _functions_of(f: Expression) -> tuple[Callable[[Array], Any], Callable[[Array], Any]]:
    """Return an expression's value and gradient as functions of the values of its variables."""
    value = as_function(f)
    return lambda a: value(*a.tolist()), lambda a: np.array(gradient_of(f, a.tolist()), dtype=np.float64)
