"""Continuous piecewise affine functions of one variable, and networks that are these functions (section 4.3)."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mathdl.errors import InputError
from mathdl.exact.rational_points import rational_points
from mathdl.exact.whole_numbers import nearest_float
from mathdl.layers.dense import Dense
from mathdl.networks.network import Network
from mathdl.piecewise.regions import regions

MAX_SEARCHED_KINKS = 36  # chosen: their subsets are gone through in two halves, in about a second


@dataclass(frozen=True)
class PiecewiseAffine:
    """A continuous function of one variable that is affine between breakpoints and beyond them.

    Parameters
    ----------
    x : array-like of shape (k,)
        The breakpoints, at least one, in increasing order: whole numbers, floating-point numbers or fractions.
    y : array-like of shape (k,)
        The values there.
    slopes : pair of numbers, default (0, 0)
        The slopes before the first breakpoint and behind the last one.

    Attributes
    ----------
    kinks : tuple of pairs of Fraction
        The breakpoints at which the slope changes, each with the change.

    Raises
    ------
    InputError
        If the breakpoints are not increasing, or something is no finite number.

    Examples
    --------
    >>> from mathdl import PiecewiseAffine
    >>> absolute, hat = PiecewiseAffine([0], [0], slopes=(-1, 1)), PiecewiseAffine([0, 1, 2], [0, 1, 0])
    >>> [str(value) for value in (absolute(-3), hat(0.5), hat(7))]
    ['3', '1/2', '0']
    >>> absolute.neurons, hat.neurons
    (2, 3)
    >>> PiecewiseAffine.of_network(hat.network(), (-1, 3)) == hat
    True
    """

    x: Any
    y: Any
    slopes: Any = (0, 0)

    def __post_init__(self) -> None:
        for name in ("x", "y", "slopes"):
            points = rational_points(name, getattr(self, name))
            if points.shape[1] != 1:
                raise InputError(f"{name} has shape {points.shape}; give a list of numbers.")
            object.__setattr__(self, name, tuple(points[:, 0].tolist()))
        if len(self.x) != len(self.y) or len(self.slopes) != 2:
            raise InputError(
                f"There are {len(self.x)} breakpoints, {len(self.y)} values and {len(self.slopes)} slopes; give a "
                "value for each breakpoint, and two slopes."
            )
        if not all(a < b for a, b in pairwise(self.x)):
            raise InputError("The breakpoints are not in increasing order; sort them, each with its value.")

    def __call__(self, x: Any) -> Fraction:
        """Return the exact value at a number.

        Parameters
        ----------
        x : int, float or Fraction

        Returns
        -------
        Fraction
        """
        at = rational_points("x", [x])[0, 0]
        k = bisect_right(self.x, at)
        near = max(k - 1, 0)
        value: Fraction = self.y[near] + self._all_slopes[k] * (at - self.x[near])
        return value

    @property
    def _all_slopes(self) -> list[Fraction]:
        """The slopes from left to right."""
        inner = [(q - p) / (b - a) for (a, b), (p, q) in zip(pairwise(self.x), pairwise(self.y), strict=True)]
        return [self.slopes[0], *inner, self.slopes[1]]

    @property
    def kinks(self) -> tuple[tuple[Fraction, Fraction], ...]:
        """The breakpoints at which the slope changes, each with the change."""
        changes = [b - a for a, b in pairwise(self._all_slopes)]
        return tuple((x, change) for x, change in zip(self.x, changes, strict=True) if change)

    @property
    def neurons(self) -> int:
        """How many hidden neurons :meth:`network` has.

        These are the fewest of all networks with one hidden layer of ReLU (with more than 36 kinks at most one more):
        each kink needs a neuron, and these are enough where the changes at some kinks add up to minus the first slope.
        """
        return len(self._neurons())

    def _neurons(self) -> list[tuple[Fraction, int, Fraction]]:
        """Return the neurons change * max(way * (x - kink), 0): where, the way 1 or -1, and the change."""
        kinks = self.kinks
        if not kinks:
            return []
        leftward = _subset([change for _, change in kinks], -self.slopes[0])
        if leftward is not None:
            return [(x, -1 if k in leftward else 1, change) for k, (x, change) in enumerate(kinks)]
        (x, change), *others = kinks
        first = [(x, -1, -self.slopes[0]), (x, 1, change + self.slopes[0])]
        return first + [(x, 1, change) for x, change in others]

    def network(self, dtype: str = "float64") -> Network:
        """Return a network with one hidden layer of ReLU that is this function.

        It is exactly this function where the slopes and the values at the breakpoints are binary fractions of a few
        digits; other parameters are rounded, and :meth:`of_network` tells the function that the network is.

        Parameters
        ----------
        dtype : {"float64", "float32"}

        Returns
        -------
        Network
            With one input and one output; without a hidden layer where the function is affine.
        """
        neurons = self._neurons()
        if not neurons:
            net = Network([Dense(1)], (1,), dtype=dtype)
            net.parameters[:] = [nearest_float(self.slopes[0]), nearest_float(self(0))]
            return net
        net = Network([Dense(len(neurons), activation="relu"), Dense(1)], (1,), dtype=dtype)
        hidden, output = net.layers
        assert hidden.weights is not None
        assert output.weights is not None
        assert hidden.bias is not None
        assert output.bias is not None
        base = self(0)
        for k, (x, way, change) in enumerate(neurons):
            scale = x.denominator // (x.denominator & -x.denominator)  # the odd part: so the kink is where it should be
            hidden.weights[k, 0], hidden.bias[k] = way * scale, nearest_float(-way * scale * x)
            output.weights[0, k] = nearest_float(change / scale)
            base -= change * max(-way * x, Fraction(0))
        output.bias[0] = nearest_float(base)
        return net

    @classmethod
    def of_network(cls, network: Network, interval: Any) -> PiecewiseAffine:
        """Return the function that a network with one input and one output is on an interval, exactly.

        Parameters
        ----------
        network : Network
        interval : pair of numbers
            The slopes at its ends go on beyond it.

        Returns
        -------
        PiecewiseAffine
            Its breakpoints are its kinks inside of the interval; of an affine function, the interval's first end.

        Raises
        ------
        InputError
            As :func:`mathdl.regions` does, or if the network has not one input and one output.
        """
        if not isinstance(network, Network) or network.input_shape != (1,) or network.output_shape != (1,):
            raise InputError("network has not one input and one output; give one that is a function of one variable.")
        found = regions(network, interval)
        pieces = [tuple(array.ravel()[0] for array in found.exact_piece(k)) for k in range(len(found))]
        starts = [min(s for s, _ in polygon) for polygon in found.exact_polygons]
        inner = [k for k in range(1, len(pieces)) if pieces[k] != pieces[k - 1]] or [0]
        values = [pieces[k][0] * starts[k] + pieces[k][1] for k in inner]
        return cls([starts[k] for k in inner], values, (pieces[0][0], pieces[-1][0]))


def _subset(numbers: Sequence[Fraction], total: Fraction) -> set[int] | None:
    """Return the places of numbers that add up to a total; None where there are none, or too many subsets."""
    if total in (0, sum(numbers)):
        return set(range(len(numbers))) if total else set()
    if len(numbers) > MAX_SEARCHED_KINKS:
        return None
    half = len(numbers) // 2
    left = dict(_sums(numbers[:half]))
    for value, places in _sums(numbers[half:]):
        if total - value in left:
            chosen = left[total - value] | places << half
            return {k for k in range(len(numbers)) if chosen >> k & 1}
    return None


def _sums(numbers: Sequence[Fraction]) -> Iterator[tuple[Fraction, int]]:
    """Yield the sum of every subset, and the subset in bits."""
    sums = [Fraction(0)]
    for number in numbers:
        sums += [value + number for value in sums]
    yield from zip(sums, range(len(sums)), strict=True)
