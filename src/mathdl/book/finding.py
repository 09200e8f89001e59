"""What an item of the book shows: findings that can fail, errata, and tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Finding:
    """Something computed, what came out, and whether it is as stated.

    Attributes
    ----------
    what : str
        What is computed, or a whole statement where there is no ``value``.
    value : object
        What came out; None for a statement, which has no relation.
    relation : str
        How it stands to what is stated, such as "= 31" or "within 1e-06 of 0.25"; empty for a statement.
    holds : bool
        Whether that is so.
    why : str
        Why it is so: a step of a solution.
    refutes : bool
        Whether it shows that something printed fails.
    """

    what: str
    value: Any
    relation: str
    holds: bool
    why: str = ""
    refutes: bool = False

    def __str__(self) -> str:
        if not self.relation:
            return self.what
        again = "" if self.relation.startswith("= ") else f", {self.relation}"
        return f"{self.what} = {written(self.value)}{again}"


@dataclass(frozen=True)
class Erratum:
    """Something printed that is wrong, what is right, and the findings that show both."""

    printed: str
    right: str
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether it is shown."""
        return all(finding.holds for finding in self.findings)


@dataclass(frozen=True)
class Table:
    """Numbers in columns of one length; None where there is no number."""

    columns: Mapping[str, Sequence[Any]]

    def rows(self) -> list[tuple[Any, ...]]:
        """Return the head and the rows."""
        return [tuple(self.columns), *zip(*self.columns.values(), strict=True)]


Findings = Iterator[Finding | Erratum | Table]
"""What the function of an item gives."""


def equals(what: str, value: Any, stated: Any, why: str = "") -> Finding:
    """Find that a value is exactly the one that is stated: numbers, texts, or arrays and sequences of them."""
    holds = plain(value) == plain(stated)
    return Finding(what, value, f"{'=' if holds else 'not'} {written(stated)}", holds, why)


def near(what: str, value: Any, stated: Any, within: float, why: str = "") -> Finding:
    """Find that a number, or each of an array, is as near as ``within`` to what is stated."""
    away = np.max(np.abs(np.asarray(value, np.float64) - np.asarray(stated, np.float64)))
    return Finding(what, value, f"within {within:g} of {written(stated)}", bool(away <= within), why)


def at_most(what: str, value: Any, bound: Any, why: str = "") -> Finding:
    """Find that a number is not above a bound."""
    return Finding(what, value, f"at most {written(bound)}", bool(value <= bound), why)


def at_least(what: str, value: Any, bound: Any, why: str = "") -> Finding:
    """Find that a number is not below a bound."""
    return Finding(what, value, f"at least {written(bound)}", bool(value >= bound), why)


def shows(statement: str, holds: Any, why: str = "") -> Finding:
    """Find that a statement is true of what was computed."""
    return Finding(statement, None, "", bool(holds), why)


def differs(what: str, value: Any, printed: Any, within: float = 0.0, why: str = "") -> Finding:
    """Find that a value is not the printed one, nor within rounding of it."""
    if within:
        apart = bool(np.max(np.abs(np.asarray(value, np.float64) - np.asarray(printed, np.float64))) > within)
    else:
        apart = plain(value) != plain(printed)
    return Finding(what, value, f"not {written(printed)} as printed", apart, why, refutes=True)


def refutes(statement: str, holds: Any, why: str = "") -> Finding:
    """Find a counterexample to something printed: the statement says what it is."""
    return Finding(statement, None, "", bool(holds), why, refutes=True)


def erratum(printed: str, right: str, *findings: Finding) -> Erratum:
    """Say what is printed and what is right; the findings show that the one fails and the other holds."""
    return Erratum(printed, right, findings)


def written(value: Any) -> str:
    """Return a value as text: fractions as a/b, floats with six digits, arrays as lists."""
    value = plain(value)
    if isinstance(value, tuple):
        return "(" + ", ".join(map(written, value)) + ")"
    if isinstance(value, set | frozenset):
        return "{" + ", ".join(sorted(map(written, value))) + "}"
    if isinstance(value, float):
        return f"{value:.6g}"
    return str(value)


def plain(value: Any) -> Any:
    """Return a value in Python's own kinds, so that equal ones are equal whatever array held them."""
    if isinstance(value, np.ndarray):
        value = value.tolist()
    if isinstance(value, np.generic):
        value = value.item()
    if isinstance(value, list | tuple):
        return tuple(map(plain, value))
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    return value
