"""How far each number of an object of a table may change alone before a network's answer may become another one."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.data import Data
from mathdl.certificates.record import Certificate
from mathdl.checks import network_of, require_between
from mathdl.robustness.neighbourhood import Questioned
from mathdl.robustness.table_inputs import table_of
from mathdl.robustness.table_object import TableObject
from mathdl.robustness.time_shares import Progress, in_turn

Array = NDArray[Any]
STEPS, ROUNDS = 64, 4  # chosen: points at which the answers are looked at, again and again around the nearest change
INSIDE = 63 / 64  # chosen: of the distance of a change, of which a proof is tried
TRIES = 8  # chosen: of proofs, each for half of what the one before could not decide


@dataclass(frozen=True, repr=False)
class CertifiedRadii:
    """By object and column the largest radius that was certified, all other columns being as they are.

    Attributes
    ----------
    columns : list of str
        The columns of numbers.
    radii : ndarray of float64 of shape (asked, columns)
        In the column's own unit: while the number changes by at most that much, the answer stays. NaN where the number
        is missing or nothing was certified.
    changes : ndarray of float64 of shape (asked, columns)
        A number of this column, farther away, with which the answer is another one, in exact arithmetic; NaN where none
        was found.
    most : ndarray of float64 of shape (columns,)
        The width of the column's range in the table: no larger radius was tried.
    certificates : list of dict
        Of each object, by column, what the checker has verified.
    asked : int
        How many objects, from the first one on, were looked at within the time.
    data : Data
        The network, of which the certificates speak.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [float(k) for k in range(40)], "class": ["low"] * 20 + ["high"] * 20}
    >>> run = mathdl.train(table, target="class", model="network", epochs=30)
    >>> found = mathdl.certified_radii(run.model, {"x": [4.0, 35.0]})
    >>> found
    CertifiedRadii (2 objects by the column x)
    >>> bool((found.radii > 5).all() and (found.radii < 25).all())
    True
    """

    columns: list[str]
    radii: Array
    changes: Array
    most: Array
    certificates: list[dict[str, Certificate]]
    asked: int
    data: Data

    def __repr__(self) -> str:
        columns = f"the column{'s' * (len(self.columns) != 1)} {', '.join(self.columns)}"
        return f"CertifiedRadii ({self.asked} object{'s' * (self.asked != 1)} by {columns})"


class _Found(NamedTuple):
    """A radius, a number with another answer, and the certificate."""

    radius: float = np.nan
    change: float = np.nan
    certificate: Certificate | None = None


def certified_radii(model: Any, X: Any, seconds: float = 60.0, progress: Progress = None) -> CertifiedRadii:
    """Find for objects of a table, column by column, how far a number may change without changing the answer.

    The nearest change that is seen gives a limit, and a certificate is looked for that reaches 63 / 64 of it; where
    there is none, one that reaches less far.

    Parameters
    ----------
    model : TrainedModel
        A classifier with a piecewise affine network, trained on a table.
    X : DataFrame or mapping
        Objects; the range of each column is that of these.
    seconds : float, default 60
        Time of this process for all objects together.
    progress : callable, optional
        Called with what is done, and for how many of how many objects.

    Returns
    -------
    CertifiedRadii

    Raises
    ------
    InputError
        If the model is no classifier of tables with such a network, or the objects do not fit.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [float(k) for k in range(40)], "class": ["low"] * 20 + ["high"] * 20}
    >>> run = mathdl.train(table, target="class", model="network", epochs=30)
    >>> found = mathdl.certified_radii(run.model, table, seconds=5)
    >>> bool(mathdl.verify(found.certificates[0]["x"], found.data))
    True
    """
    require_between("seconds", seconds, 0)
    table, of = table_of(model, X), Questioned(network_of(model))
    names = [name for name in table.numbers if not table.columns[name].missing.all()]
    most = np.array([np.subtract(*table.range(name)[::-1]) for name in names])
    found = [
        [_Number(of, table, row).radius(k, cap, share / len(names)) for k, cap in zip(names, most, strict=True)]
        for row, share in in_turn(len(table), seconds, "radii by column", progress)
    ]
    parts = np.array([[one[:2] for one in row] for row in found]).reshape(len(found), len(names), 2)
    certificates = [
        {name: one.certificate for name, one in zip(names, row, strict=True) if one.certificate is not None}
        for row in found
    ]
    return CertifiedRadii(names, parts[:, :, 0], parts[:, :, 1], most, certificates, len(found), of.data)


class _Number(TableObject):
    """One number of an object."""

    def radius(self, name: str, most: float, seconds: float) -> _Found:
        """Return the largest radius that is certified within the time, at most so large."""
        value = self.table.value(self.row, name)
        if value is None:
            return _Found()
        change = self._nearest_change(name, value, most)
        radius, until = (most if np.isnan(change) else INSIDE * abs(change - value)), time.process_time() + seconds
        for _ in range(TRIES):
            near = self.within(self.around({name: radius}))
            found = near.shown(near.judge_within(until - time.process_time()))
            if found.verdict == "certified":
                return _Found(radius, change, found.certificate)
            nearer = found.counterexample[name] if found.verdict == "refuted" else value
            change, radius = (nearer, INSIDE * abs(nearer - value)) if nearer != value else (change, radius / 2)
        return _Found(np.nan, change)

    def _nearest_change(self, name: str, value: float, most: float) -> float:
        """Return the nearest number seen with which the answer is another one, NaN where none is."""
        low, high, found = 0.0, most, np.nan
        for _ in range(ROUNDS):
            away = np.linspace(low, high, STEPS + 1)[1:]
            numbers = np.stack([value + away, value - away], axis=1).ravel()
            inputs = self.table.with_numbers(self.inputs, name, numbers)
            others = np.flatnonzero(self.changes(inputs)).tolist()
            first = next((k for k in others if self.class_of(inputs[k]) is not None), None)
            if first is None:
                break
            found, high = float(numbers[first]), float(away[first // 2])
            low = high - (away[0] - low)
        return found
