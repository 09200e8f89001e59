"""Growth of formulas in one variable n: whether f = O(g), with constants that show it (section 9.1.1)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from mathdl.chain.evaluation import evaluate
from mathdl.chain.expression import Expression, nodes_of, require_expression, variables_of
from mathdl.chain.operations import OwnArithmetic, apply
from mathdl.errors import InputError

MAX_C = 1e300  # above which products would overflow
MAX_N = 10**7  # up to which a beginning N is looked for; chosen
FORMULAS = {"add", "sum", "subtract", "negative", "multiply", "divide", "power", "sqrt", "log", "log2", "exp"}
Order = tuple[Any, ...]


@dataclass(frozen=True)
class BigO:
    """Whether f = O(g), and what shows it.

    Attributes
    ----------
    holds : bool
        Whether there are C and N with abs(f(n)) <= C abs(g(n)) for all n > N.
    C, N : number or None
        Such constants where it holds.
    reason : str
        A sentence that says why.
    """

    holds: bool
    C: float | None
    N: int | None
    reason: str

    def __bool__(self) -> bool:
        return self.holds


@dataclass(frozen=True)
class _Term:
    """A number between ``low`` and ``high`` times e^(a n) n^p (log n)^q, of the order (a, p, q)."""

    low: float
    high: float
    order: Order = (0, 0, 0)

    def times(self, other: _Term) -> _Term:
        """Return the product."""
        ends = [x * y for x in (self.low, self.high) for y in (other.low, other.high)]
        return _Term(min(ends), max(ends), tuple(map(operator.add, self.order, other.order)))

    def inverse(self) -> _Term:
        """Return the inverse of a term that is not 0."""
        return _Term(1 / self.high, 1 / self.low, tuple(map(operator.neg, self.order)))

    def falls_from(self) -> float:
        """Return the number from which on e^(a n) n^p (log n)^q does not grow, for an order of at most 0."""
        a, p, q = map(float, self.order)
        if a < 0:
            return max(3.0, 2 * max(p, q) / -a)
        return max(3.0, math.exp(min(q / -p, 700))) if p < 0 < q else 3.0

    def ends_from(self, n: float) -> tuple[float, float]:
        """Return bounds from n on of a term that does not grow from there: all but a constant may fall to 0."""
        a, p, q = map(float, self.order)
        size = math.exp(min(a * n + p * math.log(n) + q * math.log(math.log(n)), 700))
        return (min(self.low, 0) * size, max(self.high, 0) * size) if any(self.order) else (self.low, self.high)


class _Sum(OwnArithmetic):
    """A formula as a sum of terms of different orders, the fastest first."""

    def __init__(self, terms: Iterable[_Term]) -> None:
        found: dict[Order, _Term] = {}
        for term in terms:
            old = found.get(term.order, _Term(0, 0))
            found[term.order] = _Term(old.low + term.low, old.high + term.high, term.order)
        kept = [term for term in found.values() if term.low or term.high]
        self.terms = sorted(kept, key=lambda term: term.order, reverse=True) or [_Term(0, 0)]

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Apply an operation; of sines and cosines nothing is known but that they are bounded."""
        if name not in FORMULAS:
            raise ValueError("is no formula of n, log(n), exp(a n), their products, quotients and powers")
        return super().apply_operation(name, arguments)

    @classmethod
    def _lift(cls, number: Any) -> _Sum:
        """Return a number as a constant."""
        return cls([_Term(number, number)])

    def _alone(self) -> _Term:
        """Return the only term."""
        if len(self.terms) > 1 or self.terms[0].low <= 0 <= self.terms[0].high:
            raise ValueError(
                "has a fraction or a root of a sum, or of what comes to 0; give one term there, such as n ** 2"
            )
        return self.terms[0]

    def _constant(self) -> Any:
        """Return the number that it is, None where it is no number."""
        (first, *others) = self.terms
        return None if others or any(first.order) or first.low != first.high else first.low

    def _add(self, x: _Sum, y: _Sum) -> _Sum:
        return _Sum([*x.terms, *y.terms])

    def _negative(self, x: _Sum) -> _Sum:
        return _Sum(_Term(-term.high, -term.low, term.order) for term in x.terms)

    def _multiply(self, x: _Sum, y: _Sum) -> _Sum:
        return _Sum(a.times(b) for a in x.terms for b in y.terms)

    def _divide(self, x: _Sum, y: _Sum) -> _Sum:
        return _Sum(term.times(y._alone().inverse()) for term in x.terms)

    def _power(self, x: _Sum, y: _Sum) -> _Sum:
        base, power = x._constant(), y._constant()
        if power is None and base is not None and base > 0:
            return self._exp(_Sum(term.times(_Term(math.log(base), math.log(base))) for term in y.terms))
        if power is None and base is not None and base >= -1:
            return BOUNDED
        if power is None:
            raise ValueError("is no power of a formula, nor of a positive constant to a multiple of n")
        if power in range(17):
            return reduce(operator.mul, [x] * int(power), self._lift(1))
        term = x._alone()
        low, high = sorted((term.low ** float(power), term.high ** float(power)))
        return _Sum([_Term(low, high, tuple(Fraction(power) * part for part in term.order))])

    def _log(self, x: _Sum) -> _Sum:
        if x.terms != N_ITSELF.terms:
            raise ValueError("is a logarithm of something else than n; write sums and multiples of log(n)")
        return _Sum([_Term(1, 1, (0, 0, 1))])

    def _exp(self, x: _Sum) -> _Sum:
        made = _Term(1, 1)
        for term in x.terms:
            if term.low != term.high or term.order not in ((0, 1, 0), (0, 0, 1), (0, 0, 0)):
                raise ValueError("has an exponent that is no sum of multiples of n, log(n) and constants")
            _, p, q = term.order
            scale = 1 if p or q else math.exp(term.low)
            made = made.times(_Term(scale, scale, (p * term.low, q * term.low, 0)))
        return _Sum([made])


N_ITSELF, BOUNDED = _Sum([_Term(1, 1, (0, 1, 0))]), _Sum([_Term(-1, 1)])


def is_big_o(f: Expression, g: Expression, C: float | None = None) -> BigO:
    """Decide whether f(n) = O(g(n)) as n grows (Definition 9.1.1).

    Parameters
    ----------
    f, g : Expression
        In one variable: sums, products, quotients and powers of n, constants, ``log(n)``, exponentials of multiples of
        n, and bounded ``sin``, ``cos`` and (-1) ** n.
    C : float, optional
        The constant to find N for; without it one is chosen.

    Returns
    -------
    BigO

    Raises
    ------
    InputError
        If a formula is of another kind, or C is too small for any N.

    Examples
    --------
    >>> import math, mathdl
    >>> n = mathdl.variables("n")
    >>> found = mathdl.is_big_o(math.pi * n**2 + 3 * n, n**2, C=4)
    >>> bool(found), found.C, found.N
    (True, 4, 3)
    >>> bool(mathdl.is_big_o(n**2, n))
    False
    """
    for name, formula in (("is_big_o: f", f), ("is_big_o: g", g)):
        require_expression(name, formula)
    if C is not None and (isinstance(C, bool) or not isinstance(C, int | float | Fraction) or not 0 < C <= MAX_C):
        raise InputError("is_big_o: C is no positive number up to 1e300; give one, or leave it out.")
    variables = variables_of([f, g])
    if len(variables) != 1:
        listed = sorted(map(str, variables))
        raise InputError(f"is_big_o: the formulas have the variables {listed}; give formulas in one, such as n.")
    n = variables[0]
    above, below = _grown(f).terms, _grown(g).terms
    if below[0].low <= 0 <= below[0].high:
        raise InputError(f"is_big_o: {g} comes to 0 again and again; compare with a formula that does not.")
    ratios, (_, *rest) = ([each.times(below[0].inverse()) for each in terms] for terms in (above, below))
    if ratios[0].order > (0, 0, 0) and (ratios[0].low or ratios[0].high):
        told = f"it grows like {_named(ratios[0])}; see n = {_beyond(f, g, n)}"
        return BigO(False, None, None, f"f(n) / g(n) has no bound: {told}.")
    limit = float(sum(max(abs(each.low), abs(each.high)) for each in ratios if not any(each.order)))
    chosen = C if C is not None else (math.floor(limit) + 1 if limit < 1e6 else 2 * limit)
    if chosen < limit:
        raise InputError(f"is_big_o: C is {chosen}, but f(n) / g(n) comes near {limit:.6g}; give a larger C.")

    def holds(at: int) -> bool:
        value, bound = (abs(evaluate(each, {n: float(at)})) for each in (f, g))
        return bool(value <= chosen * bound)

    N = _beginning(holds, chosen, ratios, rest)
    return BigO(True, chosen, N, f"abs(f(n)) <= {chosen} abs(g(n)) for all n > {N}.")


def _grown(f: Expression) -> _Sum:
    """Return a formula as a sum of terms; refuse it where a part is none, unless only a sine depends on it."""
    found: dict[Expression, _Sum | InputError] = {}
    for node in nodes_of([f]):
        given = [found[argument] for argument in node.arguments]
        failed = [each for each in given if isinstance(each, InputError)]
        if node.operation is None:
            found[node] = N_ITSELF if node.name is not None else _Sum([_Term(node.constant, node.constant)])
        elif node.operation.name in ("sin", "cos"):
            found[node] = BOUNDED
        else:
            try:
                found[node] = failed[0] if failed else apply(node.operation.name, *given)
            except ValueError as reason:
                found[node] = InputError(f"is_big_o: {node} {reason}.")
    if isinstance(made := found[f], InputError):
        raise made
    return made


def _named(term: _Term) -> str:
    """Write how a term grows."""
    written = ("exp({:g} n)", "n^{:g}", "(log n)^{:g}")
    return " ".join(text.format(float(part)) for text, part in zip(written, term.order, strict=True) if part)


def _beyond(f: Expression, g: Expression, n: Expression) -> str:
    """Write a few n at which the ratio grows, as far as floats go."""
    places = np.array([10.0, 100.0, 1000.0])
    found = abs(evaluate(f / g, {n: places}))
    return ", ".join(f"{place:g}: {ratio:.3g}" for place, ratio in zip(places, found, strict=True) if ratio < math.inf)


def _beginning(holds: Callable[[int], bool], C: float, ratios: list[_Term], rest: list[_Term]) -> int:
    """Return the least N that the bound below shows: it is sure from some n on, and each n before is tried."""
    sure = 3
    while not _sure_from(sure, C, ratios, rest):
        sure *= 2
        if sure > MAX_N:
            raise InputError(f"is_big_o: no N up to {MAX_N} is sure for C = {C}; give a larger C.")
    return next((N for N in range(sure - 1, 0, -1) if not holds(N)), 0)


def _sure_from(n: int, C: float, ratios: list[_Term], rest: list[_Term]) -> bool:
    """Whether the terms show abs(f) <= C abs(g) for all numbers from n on: each falls from where it is largest."""
    if any(term.falls_from() > n for term in (*ratios, *rest)):
        return False
    low, high = (sum(ends) for ends in zip(*(term.ends_from(n) for term in ratios), strict=True))
    kept = 1 + sum(term.ends_from(n)[0] for term in rest)
    return bool(max(high, -low) <= C * kept * (1 + 1e-12))
