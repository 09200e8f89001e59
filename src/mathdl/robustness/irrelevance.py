"""Whether a column of a table can change a network's answers at all, whatever it holds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.data import Data
from mathdl.certificates.record import Certificate
from mathdl.checks import network_of, require_between
from mathdl.robustness.neighbourhood import Judgement, Questioned, Verdict
from mathdl.robustness.table_inputs import Interval, table_of
from mathdl.robustness.table_object import TableObject
from mathdl.robustness.time_shares import Progress, in_turn

Array = NDArray[Any]
MISSING = "missing"


@dataclass(frozen=True, repr=False)
class Irrelevance:
    """For each object, whether any value of a column gives it another answer.

    Attributes
    ----------
    column : str
    values : (float, float) or list of str
        The range of the numbers, or the categories; gaps and texts that are none of the categories are tried, too.
    verdicts : list of {"certified", "refuted", "undecided"}
        For each object: "certified" where this column alone cannot change the answer.
    certificates : list of list of Certificate
        Where certified, what the checker has verified: for a range one, and for each category one.
    counterexamples : list of dict or None
        Where refuted, the object with another value in this column, and another answer in exact arithmetic.
    classes : list of int or None
        Where refuted, the number of that answer's class.
    asked : int
        How many objects, from the first one on, were looked at within the time; the others are undecided.
    data : Data
        The network, of which the certificates speak.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [k / 2 for k in range(40)], "kind": ["a", "b"] * 20, "class": ["low"] * 20 + ["high"] * 20}
    >>> run = mathdl.train(table, target="class", model="network", epochs=30)
    >>> found = mathdl.decide_irrelevant(run.model, {"x": [1.0, 18.5], "kind": ["a", "a"]}, "kind")
    >>> found
    Irrelevance of kind (2 of 2 objects certified, 0 refuted, 0 undecided)
    """

    column: str
    values: tuple[float, float] | list[str]
    verdicts: list[Verdict]
    certificates: list[list[Certificate]]
    counterexamples: list[dict[str, Any] | None]
    classes: list[int | None]
    asked: int
    data: Data

    def __repr__(self) -> str:
        certified, refuted, undecided = (self.verdicts.count(v) for v in ("certified", "refuted", "undecided"))
        return (
            f"Irrelevance of {self.column} ({certified} of {len(self.verdicts)} objects certified, {refuted} refuted, "
            f"{undecided} undecided)"
        )


def decide_irrelevant(
    model: Any,
    X: Any,
    column: str,
    seconds: float = 60.0,
    progress: Progress = None,
) -> Irrelevance:
    """Decide for objects of a table whether a column, by itself, can change the answer of a network.

    A number may be anything in the range of the column, and a category each of those that the model knows, or none of
    them; all other columns are as they are.

    Parameters
    ----------
    model : TrainedModel
        A classifier with a piecewise affine network, trained on a table.
    X : DataFrame or mapping
        Objects; the range of the column is that of these.
    column : str
        Its name.
    seconds : float, default 60
        Time of this process for all objects together.
    progress : callable, optional
        Called with what is done, and for how many of how many objects.

    Returns
    -------
    Irrelevance

    Raises
    ------
    InputError
        If the model is no classifier of tables with such a network, the column is none of its columns or one of dates,
        or the objects do not fit.

    Examples
    --------
    >>> import mathdl
    >>> table = {"x": [k / 2 for k in range(40)], "kind": ["a", "b"] * 20, "class": ["low"] * 20 + ["high"] * 20}
    >>> run = mathdl.train(table, target="class", model="network", epochs=30)
    >>> found = mathdl.decide_irrelevant(run.model, table, "x")
    >>> found.verdicts[0], found.counterexamples[0]["x"] > 5
    ('refuted', True)
    """
    require_between("seconds", seconds, 0)
    table, of = table_of(model, X), Questioned(network_of(model))
    column = table.require(column)
    found, certificates = list[Judgement](), list[list[Certificate]]()
    for row, share in in_turn(len(table), seconds, f"whether {column} matters", progress):
        *others, last = _judgements(TableObject(of, table, row), column, share)
        found.append(last)
        proofs = [one.certificate for one in (*others, last) if one.certificate is not None]
        certificates.append(proofs if last.verdict == "certified" else [])
    asked = len(found)
    found += [Judgement("undecided")] * (len(table) - asked)
    values = (
        table.range(column)
        if table.is_number(column)
        else [MISSING if value is None else value for value, _ in table.values(column)]
    )
    return Irrelevance(
        column,
        tuple(values) if isinstance(values, Interval) else values,  # type: ignore[arg-type]
        [one.verdict for one in found],
        certificates + [[] for _ in range(len(table) - asked)],
        [one.counterexample for one in found],
        [one.other for one in found],
        asked,
        of.data,
    )


def _judgements(one: TableObject, column: str, seconds: float) -> Iterator[Judgement]:
    """Yield what is found out about the values of a column, in parts, up to the first that is not certified."""
    table = one.table
    for value, features in table.values(column):
        inputs = table.with_value(one.row, column, features)
        if (other := one.class_of(inputs)) is not None:
            yield Judgement("refuted", None, table.object(one.row, **{column: value}), other)
            return
        yield (found := one.at(inputs).judge())
        if found.verdict != "certified":
            return
    if table.is_number(column):
        intervals = {column: table.range(column)}
        (start,) = table.with_numbers(one.inputs, column, np.array(intervals[column][:1]))
        near = one.within(intervals, start)
        yield near.shown(near.judge_within(seconds))
