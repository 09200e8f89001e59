"""Which functions are ReLU networks without biases: those with f(t x) = t f(x) for all t >= 0 (exercise 4.4c-d)."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mathdl.approximation.min_max import AffinePiece, MinMax
from mathdl.errors import InputError
from mathdl.networks.network import Network


@dataclass(frozen=True)
class WithoutBiases:
    """Whether a function is a network without biases, and what shows it.

    Attributes
    ----------
    holds : bool
        Whether it is.
    reason : str
        A sentence that says why.
    network : Network or None
        Such a network, where there is one.
    point : tuple of Fraction, or None
        Where there is none, a point x with f(t x) other than t f(x).
    factor : Fraction or None
        The t.
    """

    holds: bool
    reason: str
    network: Network | None = None
    point: tuple[Fraction, ...] | None = None
    factor: Fraction | None = None

    def __bool__(self) -> bool:
        return self.holds


def without_biases(form: MinMax) -> WithoutBiases:
    """Decide whether a continuous piecewise affine function is a ReLU network without biases.

    Such a network is homogeneous: f(t x) = t f(x) for t >= 0. A function that is w.x + b near a point inside of a
    region is so only with b = 0; and where no map has a constant, the maximum of minima is such a network.

    Parameters
    ----------
    form : MinMax
        From :func:`mathdl.min_max_form`.

    Returns
    -------
    WithoutBiases

    Raises
    ------
    InputError
        If it is no such form.

    Examples
    --------
    >>> import mathdl
    >>> bool(mathdl.without_biases(mathdl.min_max_form([[-1], [0], [1]], [1, 0, 1])))
    True
    >>> found = mathdl.without_biases(mathdl.min_max_form([[0], [1], [2]], [0, 1, 0]))
    >>> found.reason
    'f(17/16 x) is 13/32 and not 17/16 f(x) = 17/32 for x = (3/2).'
    """
    if not isinstance(form, MinMax):
        raise InputError(f"without_biases: form is of type {type(form).__name__}; give what min_max_form returns.")
    affine = next((piece for piece in form.pieces if piece.constant), None)
    if affine is None:
        reason = "No affine map has a constant, so that the maximum of minima is a network without biases."
        return WithoutBiases(True, reason, form.network())
    factor = _factor(form, affine)
    moved = tuple(factor * x for x in affine.inside)
    point, (before, after) = ", ".join(map(str, affine.inside)), (form(affine.inside), form(moved))
    reason = f"f({factor} x) is {after} and not {factor} f(x) = {factor * before} for x = ({point})."
    return WithoutBiases(False, reason, None, affine.inside, factor)


def _factor(form: Any, affine: AffinePiece) -> Fraction:
    """Return a factor near 1 that shows it: as long as the point stays in its region, any does."""
    factor = Fraction(17, 16)
    while form([factor * x for x in affine.inside]) == factor * form(affine.inside):
        factor = 1 + (factor - 1) / 2
    return factor
