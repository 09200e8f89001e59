"""The soft margin for every lambda at once (exercise 7.4)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.geometry.points import exact_number
from mathdl.solvers.soft_margin_path import Piece, optimal_offsets


class SoftMarginPoint(NamedTuple):
    """The soft margin for one lambda, exactly.

    Attributes
    ----------
    normal : tuple of Fraction
        w, which is unique.
    offsets : tuple of two Fraction
        The least and the largest b that are best; the same number where b is unique.
    objective : Fraction
        The minimum of (7.12).
    """

    normal: tuple[Fraction, ...]
    offsets: tuple[Fraction, Fraction]
    objective: Fraction


@dataclass(frozen=True, eq=False, repr=False)
class SoftMarginPath:
    """The soft margin (equation (7.12)) as an exact function of lambda, from ``SoftMarginSVM.exact_path``.

    Attributes
    ----------
    pieces : tuple of Piece
        From lambda = 0 on. On ``low <= lambda <= high`` (None: without end), w is u + v / lambda with ``normal`` =
        (u, v), and the minimum is c0 + c1 lambda + c2 / lambda with ``objective`` = (c0, c1, c2); all are fractions.
    breaks : tuple of Fraction
        The lambdas where one piece ends and the next begins.

    Examples
    --------
    >>> from mathdl import SoftMarginSVM
    >>> path = SoftMarginSVM().exact_path([[-1.0], [1.0], [0.0], [2.0]], [-1, 1, -1, 1])
    >>> path
    SoftMarginPath: 4 pieces, which meet at lambda = 1/16, 3/16, 3/4
    >>> path.at(0.5).normal, path.at(0.5).offsets
    ((Fraction(2, 3),), (Fraction(1, 3), Fraction(1, 3)))
    """

    pieces: tuple[Piece, ...]
    _rows: NDArray[Any]
    _signs: list[int]
    _shares: list[Fraction]

    def __repr__(self) -> str:
        meet = f"pieces, which meet at lambda = {', '.join(map(str, self.breaks))}"
        return f"SoftMarginPath: {len(self.pieces)} {meet}" if self.breaks else "SoftMarginPath: 1 piece"

    @property
    def breaks(self) -> tuple[Fraction, ...]:
        """The lambdas where one piece ends and the next begins."""
        return tuple(piece.low for piece in self.pieces[1:])

    def at(self, regularization: Any) -> SoftMarginPoint:
        """Return w, the best b and the minimum for one lambda, exactly.

        Parameters
        ----------
        regularization : int, float or Fraction
            lambda, positive.

        Returns
        -------
        SoftMarginPoint

        Raises
        ------
        InputError
            If lambda is no positive number.
        """
        value = exact_number("regularization", regularization)
        if value <= 0:
            raise InputError(f"regularization is {shortened(regularization)}; give lambda, a finite number above 0.")
        piece = next(piece for piece in self.pieces if piece.high is None or value <= piece.high)
        (u, v), (c0, c1, c2) = piece.normal, piece.objective
        normal = tuple(p + q / value for p, q in zip(u, v, strict=True))
        offsets = optimal_offsets((self._rows @ np.array(normal)).tolist(), self._signs, self._shares)
        return SoftMarginPoint(normal, offsets, c0 + c1 * value + c2 / value)
