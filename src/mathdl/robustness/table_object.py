"""An object of a table before a network, and what is found out about objects that differ from it in some numbers."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.robustness.neighbourhood import Judgement, Neighbourhood, Questioned
from mathdl.robustness.table_inputs import Interval, TableInputs

Array = NDArray[Any]


class TableObject:
    """A row of a table, and the class that it should have, by default its own."""

    def __init__(self, of: Questioned, table: TableInputs, row: int, own: int | None = None) -> None:
        self.table, self.row, self.inputs, self._of = table, row, table.matrix[row], of
        self._own = of.answers(self.inputs[None])[0] if own is None else own

    def class_of(self, inputs: Array) -> int | None:
        """Return the class of inputs where it is another one, in exact arithmetic."""
        return self._of.class_instead(inputs, self._own)

    def changes(self, inputs: Array) -> Array:
        """Tell of inputs, one a row, whether the network computes another class for them."""
        return np.not_equal(self._of.answers(inputs), self._own)

    def around(self, radii: Mapping[str, float]) -> dict[str, Interval]:
        """Return the intervals of the numbers, rounded outwards; a number that is missing has none."""
        found = {}
        for name, radius in radii.items():
            if (value := self.table.value(self.row, name)) is not None:
                found[name] = Interval(_outwards(value, -radius), _outwards(value, radius))
        return found

    def at(self, inputs: Array) -> Neighbourhood:
        """Return inputs of the object alone."""
        exact = [Fraction(value) for value in inputs.astype(np.float64).tolist()]
        return Neighbourhood(self._of, inputs, self._own, (exact, exact))

    def within(self, intervals: Mapping[str, Interval], start: Array | None = None) -> Neighbourhood:
        """Return the objects with numbers in intervals, among them the start, by default the object."""
        inputs = self.inputs if start is None else start
        ends = self.table.between(self.row, intervals)
        return Neighbourhood(self._of, inputs, self._own, ends, partial(self._shown, intervals))

    def _shown(self, intervals: Mapping[str, Interval], judgement: Judgement) -> Judgement:
        """Return a judgement whose counterexample is an object of the table; undecided where none is near enough."""
        if judgement.counterexample is None:
            return judgement
        found, inputs = self.table.nearest(self.row, intervals, judgement.counterexample)
        other = self.class_of(inputs)
        return Judgement("undecided") if other is None else Judgement("refuted", None, found, other)


def _outwards(value: float, change: float) -> float:
    """Return a sum rounded away from the value."""
    total = value + change
    exact = Fraction(value) + Fraction(change)
    if not np.isfinite(total) or abs(Fraction(total) - Fraction(value)) >= abs(exact - Fraction(value)):
        return total
    return float(np.nextafter(total, np.copysign(np.inf, change)))
