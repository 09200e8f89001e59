"""Polynomials of several variables, in rational numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from math import inf, prod
from typing import Any

import numpy as np

from mathdl.checks import is_number
from mathdl.errors import InputError
from mathdl.exact.definite import is_semidefinite
from mathdl.exact.whole_numbers import over_one_denominator
from mathdl.objectives.objective import Array, Objective

Terms = Mapping[Any, Any]  # coefficients by tuples of powers


class Polynomial(Objective):
    """A polynomial of mu variables: the sum of c x1^p1 x2^p2 ... over its terms.

    Parameters
    ----------
    terms : mapping of tuple of int to number
        By the powers (p1, p2, ...) the coefficient c, taken exactly: a whole number, a Fraction or a float.
    names : sequence of str, optional
        Names of the variables in print; by default x1, x2 and so on, and x for a single one.

    Attributes
    ----------
    terms : dict of tuple of int to Fraction
        The terms that are not zero.
    size : int
        mu.

    Raises
    ------
    InputError
        If powers or coefficients cannot be used.

    Examples
    --------
    >>> from mathdl import Polynomial
    >>> f = Polynomial({(2, 0): 1, (0, 2): 2})
    >>> f, f.derivative(1)
    (x1^2 + 2 x2^2, 4 x2)
    >>> f.exact([1, "1/2"]), f.exact_gradient([1, "1/2"])
    (Fraction(3, 2), [Fraction(2, 1), Fraction(2, 1)])
    """

    def __init__(self, terms: Terms, names: Sequence[str] | None = None) -> None:
        if not isinstance(terms, Mapping) or not terms:
            raise InputError(f"Polynomial: terms is {terms!r}; give a dictionary such as {{(2, 0): 1, (0, 2): -1}}.")
        sizes = {len(powers) if _are_powers(powers) else 0 for powers in terms}
        if len(sizes) > 1 or sizes == {0}:
            raise InputError(
                f"Polynomial: the powers are {list(terms)!r}; give tuples of one length of whole numbers of at least 0."
            )
        self.size: int = sizes.pop()
        self.terms = {tuple(map(int, powers)): _coefficient(c) for powers, c in terms.items() if _coefficient(c)}
        usual = ["x"] if self.size == 1 else [f"x{i + 1}" for i in range(self.size)]
        self.names = tuple(usual if names is None else names if isinstance(names, list | tuple) else ())
        if len(self.names) != self.size or not all(isinstance(name, str) for name in self.names):
            raise InputError(f"Polynomial: names is {names!r} for {self.size} variables; give one text for each.")

    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute the value and the gradient in floating point."""
        return self._in_floats(a), np.array([part._in_floats(a) for part in self._derivatives])

    @cached_property
    def convex(self) -> bool:
        """Whether it is known to be convex: of degree 2 at most, with a Hessian that has no negative eigenvalue."""
        degree = max((sum(powers) for powers in self.terms), default=0)
        return degree <= 2 and is_semidefinite(over_one(self.exact_hessian([0] * self.size)))

    def derivative(self, i: int) -> Polynomial:
        """Return the derivative by variable ``i``, counted from 0.

        Parameters
        ----------
        i : int
        """
        if isinstance(i, bool) or not isinstance(i, int | np.integer) or not 0 <= i < self.size:
            raise InputError(f"There is no variable {i!r}; give a whole number from 0 to {self.size - 1}.")
        terms = {_less(powers, i): c * powers[i] for powers, c in self.terms.items() if powers[i]}
        return Polynomial(terms or {(0,) * self.size: 0}, self.names)

    def exact(self, point: Any) -> Fraction:
        """Return the value at a point, exactly.

        Parameters
        ----------
        point : sequence of numbers
            One for each variable: whole numbers, Fractions, floats, or texts such as "1/3".
        """
        return self._at(self._checked(point))

    def exact_gradient(self, point: Any) -> list[Fraction]:
        """Return the gradient at a point, exactly. As for :meth:`exact`."""
        at = self._checked(point)
        return [part._at(at) for part in self._derivatives]

    def exact_hessian(self, point: Any) -> list[list[Fraction]]:
        """Return the matrix of second derivatives at a point, exactly. As for :meth:`exact`."""
        at = self._checked(point)
        return [[second._at(at) for second in part._derivatives] for part in self._derivatives]

    @cached_property
    def _derivatives(self) -> list[Polynomial]:
        return [self.derivative(i) for i in range(self.size)]

    @cached_property
    def _floats(self) -> tuple[Array, Array]:
        """The powers, of shape (terms, mu), and the coefficients as floats."""
        powers = np.array(list(self.terms), np.int64).reshape(-1, self.size)
        return powers, np.array([float(c) for c in self.terms.values()])

    def _in_floats(self, a: Array) -> float:
        powers, coefficients = self._floats
        return float((coefficients * np.prod(np.asarray(a, np.float64) ** powers, axis=1)).sum())

    def _at(self, at: list[Fraction]) -> Fraction:
        values = (c * prod(x**p for x, p in zip(at, powers, strict=True)) for powers, c in self.terms.items())
        return sum(values, Fraction(0))

    def _checked(self, point: Any) -> list[Fraction]:
        """Return the coordinates of a point."""
        return exact_point(point, self.size)

    def __repr__(self) -> str:
        parts = [_term(c, powers, self.names) for powers, c in self.terms.items()]
        text = " + ".join(parts).replace("+ -", "- ")
        return text or "0"


def exact_point(point: Any, size: int) -> list[Fraction]:
    """Return the coordinates of a point as fractions; raise InputError unless there are so many finite numbers."""
    values = point.tolist() if isinstance(point, np.ndarray) else point if isinstance(point, list | tuple) else ()
    try:
        found = [fraction(value) for value in values if not isinstance(value, bool)]
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        found = []
    if len(found) != size:
        raise InputError(f"The point is {point!r}; give {size} finite numbers, one for each variable.")
    return found


def fraction(value: Any) -> Fraction:
    """Return a number, or a text such as "1/3", as a fraction."""
    return Fraction(value.item() if isinstance(value, np.generic) else value)


def over_one(matrix: list[list[Fraction]]) -> list[list[int]]:
    """Return a matrix times the common denominator of its entries."""
    n = len(matrix)
    flat = over_one_denominator([value for row in matrix for value in row])[0]
    return [list(flat[i * n : (i + 1) * n]) for i in range(n)]


def _are_powers(powers: object) -> bool:
    """Tell whether these are whole numbers of at least 0."""
    return isinstance(powers, tuple) and all(type(p) is not bool and isinstance(p, int) and p >= 0 for p in powers)


def _coefficient(value: Any) -> Fraction:
    """Return a coefficient; raise InputError where it is no finite number."""
    if isinstance(value, Fraction):
        return value
    if not is_number(value) or not abs(float(value)) < inf:
        raise InputError(f"Polynomial: a coefficient is {value!r}; give whole numbers, Fractions or finite floats.")
    return fraction(value)


def _less(powers: tuple[int, ...], i: int) -> tuple[int, ...]:
    """Return powers with one less of variable ``i``."""
    return tuple(p - (k == i) for k, p in enumerate(powers))


def _term(c: Fraction, powers: tuple[int, ...], names: Sequence[str]) -> str:
    """Write a term."""
    factors = [name if p == 1 else f"{name}^{p}" for name, p in zip(names, powers, strict=True) if p]
    if not factors:
        return str(c)
    size = {1: "", -1: "-"}.get(c.numerator, f"{c.numerator} ") if c.denominator == 1 else f"{c} "
    return size + " ".join(factors)
