"""Piecewise polynomials with compact support, and their convolution without rounding (Definition 10.1.1).

Such a function is a sum of truncated powers: where the piece changes at t by a polynomial, this polynomial in powers of
x - t is added for all x >= t. Truncated powers convolve in closed form: (x - s)^i / i! and (x - t)^j / j! give
(x - s - t)^(i+j+1) / (i+j+1)!.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from itertools import pairwise, zip_longest
from math import factorial
from typing import Any

import numpy as np

from mathdl.checks import NOT_NUMBERS, shortened
from mathdl.errors import InputError

Coefficients = tuple[Fraction, ...]


class PiecewisePolynomial:
    """A function of one variable that is a polynomial between breaks and 0 outside of them, in rational numbers.

    Parameters
    ----------
    breaks : sequence of n + 1 increasing numbers
        Where the pieces begin, and where the last one ends. Piece k holds for breaks[k] <= x < breaks[k + 1].
    pieces : sequence of n sequences of numbers
        The coefficients of each piece: of 1, x, x^2 and so on. Floats are taken as the binary fractions they are.

    Attributes
    ----------
    breaks : tuple of Fraction
        Where the function changes; pieces that do not differ are joined, and there are none for the function 0.
    pieces : tuple of tuples of Fraction
        The coefficients of each piece, without zeros at the end.

    Raises
    ------
    InputError
        If the breaks do not increase, there is not one piece between each two, or something is no finite number.

    Examples
    --------
    >>> from mathdl import PiecewisePolynomial
    >>> box = PiecewisePolynomial([0, 1], [[1]])
    >>> box.convolve(box)
    PiecewisePolynomial: x on [0, 1), 2 - x on [1, 2)
    >>> box.convolve(box)("1/3"), box.convolve(box).integral()
    (Fraction(1, 3), Fraction(1, 1))
    """

    def __init__(self, breaks: Sequence[Any], pieces: Sequence[Sequence[Any]]) -> None:
        places = _exact("breaks", breaks)
        if not isinstance(pieces, Sequence) or isinstance(pieces, str):
            raise InputError(f"pieces is {shortened(pieces)}; give a list of coefficients for each piece.")
        polynomials = [_exact(f"pieces[{k}]", piece) for k, piece in enumerate(pieces)]
        if any(left >= right for left, right in pairwise(places)):
            raise InputError(f"breaks is {shortened(breaks)}; give increasing numbers.")
        if len(places) != len(polynomials) + 1 or not polynomials:
            raise InputError(
                f"There are {len(places)} breaks and {len(polynomials)} pieces; give a piece between each two breaks."
            )
        before: Coefficients = ()
        jumps = {}
        for place, piece in zip(places, [*polynomials, ()], strict=True):
            jumps[place] = _moved(_sum(piece, _times(-1, before)), place)
            before = piece
        self._set(jumps)

    def _set(self, jumps: Mapping[Fraction, Coefficients]) -> None:
        """Keep the changes that are not 0, each in powers of x - t, and the pieces between them."""
        self._jumps = {place: jump for place in sorted(jumps) if (jump := _sum(jumps[place], ()))}
        self.breaks = tuple(self._jumps)
        pieces: list[Coefficients] = []
        piece: Coefficients = ()
        for place, jump in self._jumps.items():
            piece = _sum(piece, _moved(jump, -place))
            pieces.append(piece)
        self.pieces: tuple[Coefficients, ...] = tuple(pieces[:-1])  # the last one is 0

    def __call__(self, x: Any) -> Fraction:
        """Return the value at a number, exactly.

        Parameters
        ----------
        x : number or str
            A whole number, a Fraction, a float, or a text such as "1/3".
        """
        (at,) = _exact("x", [x])
        return sum((_value(jump, at - place) for place, jump in self._jumps.items() if place <= at), Fraction(0))

    def convolve(self, other: PiecewisePolynomial) -> PiecewisePolynomial:
        """Return the convolution, the function of x that integrates f(y) g(x - y) over all y.

        Parameters
        ----------
        other : PiecewisePolynomial
            g; the order makes no difference.

        Returns
        -------
        PiecewisePolynomial

        Raises
        ------
        InputError
            If the other is no piecewise polynomial.
        """
        if not isinstance(other, PiecewisePolynomial):
            raise InputError(f"other is {shortened(other)}; give a PiecewisePolynomial.")
        jumps: dict[Fraction, Coefficients] = {}
        for s, first in self._jumps.items():
            for t, second in other._jumps.items():
                jumps[s + t] = _sum(jumps.get(s + t, ()), _convolved(first, second))
        made = object.__new__(PiecewisePolynomial)
        made._set(jumps)
        return made

    def integral(self, start: Any = None, end: Any = None) -> Fraction:
        """Return the integral from ``start`` to ``end``, by default over all numbers.

        Parameters
        ----------
        start, end : number or str, optional
            The limits.

        Returns
        -------
        Fraction
        """
        if not self.breaks:
            return Fraction(0)
        (low,) = _exact("start", [self.breaks[0] if start is None else start])
        (high,) = _exact("end", [self.breaks[-1] if end is None else end])
        return self._integral_up_to(high) - self._integral_up_to(low)

    def _integral_up_to(self, x: Fraction) -> Fraction:
        """Return the integral from before the support to x."""
        powers = ((x - t, jump) for t, jump in self._jumps.items() if t <= x)
        return sum((c * h ** (k + 1) / (k + 1) for h, jump in powers for k, c in enumerate(jump)), Fraction(0))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, PiecewisePolynomial):
            return NotImplemented
        return self._jumps == other._jumps

    def __hash__(self) -> int:
        return hash(tuple(self._jumps.items()))

    def __repr__(self) -> str:
        ends = pairwise(self.breaks)
        parts = [f"{_written(p)} on [{a}, {b})" for p, (a, b) in zip(self.pieces, ends, strict=True)]
        return f"PiecewisePolynomial: {', '.join(parts) or '0'}"


def _exact(name: str, values: Any) -> Coefficients:
    """Return numbers as fractions; raise InputError where they are none."""
    try:
        if not isinstance(values, list | tuple | range | np.ndarray) or any(
            isinstance(value, NOT_NUMBERS) for value in values
        ):
            raise TypeError
        return tuple(Fraction(value.item() if hasattr(value, "item") else value) for value in values)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError):
        raise InputError(f"{name} is {shortened(values)}; give finite numbers.") from None


def _sum(p: Coefficients, q: Coefficients) -> Coefficients:
    """Add two polynomials, without zeros at the end."""
    total = [a + b for a, b in zip_longest(p, q, fillvalue=Fraction(0))]
    while total and not total[-1]:
        total.pop()
    return tuple(total)


def _times(factor: int, p: Coefficients) -> Coefficients:
    """Multiply a polynomial by a number."""
    return tuple(factor * c for c in p)


def _moved(p: Coefficients, h: Fraction) -> Coefficients:
    """Return the coefficients of p(u + h) in powers of u."""
    moved = list(p)
    for start in range(len(moved) - 1):
        for k in range(len(moved) - 2, start - 1, -1):
            moved[k] += h * moved[k + 1]
    return tuple(moved)


def _value(p: Coefficients, u: Fraction) -> Fraction:
    """Return p(u)."""
    value = Fraction(0)
    for c in reversed(p):
        value = value * u + c
    return value


def _convolved(p: Coefficients, q: Coefficients) -> Coefficients:
    """Convolve polynomials that begin at 0: t^i and t^j give i! j! / (i + j + 1)! t^(i+j+1)."""
    sums = [Fraction(0)] * (len(p) + len(q))
    for i, a in enumerate(p):
        for j, b in enumerate(q):
            sums[i + j + 1] += a * b * Fraction(factorial(i) * factorial(j), factorial(i + j + 1))
    return tuple(sums)


def _written(p: Coefficients) -> str:
    """Write a polynomial, such as 2 - x."""
    text = ""
    for k, c in enumerate(p):
        if c:
            power = "" if k == 0 else "x" if k == 1 else f"x^{k}"
            size = "" if abs(c) == 1 and power else str(abs(c))
            sign = ("-" if c < 0 else "") if not text else (" - " if c < 0 else " + ")
            text += sign + " ".join(filter(None, (size, power)))
    return text or "0"
