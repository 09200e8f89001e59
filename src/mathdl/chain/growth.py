"""Growth of formulas in one variable n: whether f = O(g), with constants that show it (section 9.1.1)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from mathdl.chain.evaluation import evaluate
from mathdl.chain.expression import Expression, expression, require_expression, variables_of
from mathdl.errors import InputError

MAX_C = 1e300  # above which products would overflow
MAX_N = 10**7  # up to which a beginning N is looked for; chosen


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
    """A number between ``low`` and ``high`` times e^(a n) n^p (log n)^q."""

    low: float
    high: float
    a: Fraction | float
    p: Fraction | float
    q: Fraction | float

    @property
    def order(self) -> tuple[Any, Any, Any]:
        return self.a, self.p, self.q

    def times(self, other: _Term) -> _Term:
        ends = [x * y for x in (self.low, self.high) for y in (other.low, other.high)]
        return _Term(min(ends), max(ends), self.a + other.a, self.p + other.p, self.q + other.q)

    def at(self, n: float) -> float:
        """The logarithm of e^(a n) n^p (log n)^q."""
        return float(self.a) * n + float(self.p) * math.log(n) + float(self.q) * math.log(math.log(n))


_Terms = list[_Term]


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
    variables = {str(each) for each in variables_of([f, g])}
    if len(variables) != 1:
        raise InputError(
            f"is_big_o: the formulas have the variables {sorted(variables)}; give formulas in one, such as n."
        )
    above, below = _grown(f), _grown(g)
    lead = below[0]
    if lead.low <= 0 <= lead.high:
        raise InputError(f"is_big_o: {g} comes to 0 again and again; compare with a formula that does not.")
    ratios = [each.times(_inverse(lead)) for each in above if each.low or each.high]
    growing = [each for each in ratios if each.order > (0, 0, 0)]
    if growing:
        fastest = max(growing, key=lambda each: each.order)
        return BigO(
            False, None, None, f"f(n) / g(n) has no bound: it grows like {_named(fastest)}; see n = {_beyond(f, g)}."
        )
    limit = sum(max(abs(each.low), abs(each.high)) for each in ratios if each.order == (0, 0, 0))
    chosen = C if C is not None else (math.floor(limit) + 1 if limit < 1e6 else 2 * limit)
    if chosen < limit:
        raise InputError(f"is_big_o: C is {chosen}, but f(n) / g(n) comes near {limit:.6g}; give a larger C.")
    N = _beginning(f, g, chosen, ratios, below, lead)
    return BigO(True, chosen, N, f"abs(f(n)) <= {chosen} abs(g(n)) for all n > {N}.")


def _grown(node: Expression) -> _Terms:
    """Return a formula as a sum of terms, the fastest first."""
    if node.operation is None:
        return [_Term(1, 1, 0, 1, 0)] if node.name is not None else [_constant(float(node.constant))]
    name, parts = node.operation.name, node.arguments
    if name in ("add", "sum"):
        return _joined([term for part in parts for term in _grown(part)])
    if name == "subtract":
        return _joined([*_grown(parts[0]), *(term.times(_constant(-1)) for term in _grown(parts[1]))])
    if name == "negative":
        return [term.times(_constant(-1)) for term in _grown(parts[0])]
    if name == "multiply":
        return _joined([x.times(y) for x in _grown(parts[0]) for y in _grown(parts[1])])
    if name == "divide":
        return [x.times(_inverse(_alone(parts[1]))) for x in _grown(parts[0])]
    if name in ("power", "sqrt"):
        return _powered(node)
    if name in ("sin", "cos"):
        return [_Term(-1, 1, 0, 0, 0)]
    if name in ("log", "log2") and parts[0].name is not None:
        scale = 1 / math.log(2) if name == "log2" else 1.0
        return [_Term(scale, scale, 0, 0, 1)]
    if name == "exp":
        return [_exponential(parts[0])]
    raise InputError(f"is_big_o: {node} is no formula of n, log(n), exp(a n), their products, quotients and powers.")


def _powered(node: Expression) -> _Terms:
    """Return a power: of a constant to a multiple of n, or of a formula to a constant."""
    base = node.arguments[0]
    exponent = node.arguments[1] if len(node.arguments) > 1 else expression(Fraction(1, 2))
    power = exponent.constant
    if power is not None:
        terms = _grown(base)
        if isinstance(power, int) and 0 <= power <= 16:
            found = [_constant(1)]
            for _ in range(power):
                found = _joined([x.times(y) for x in found for y in terms])
            return found
        term = _alone(base)
        ends = sorted((term.low ** float(power), term.high ** float(power)))
        return [_Term(ends[0], ends[1], *(Fraction(power) * part for part in term.order))]
    if base.constant is not None and base.constant < 0 and base.constant >= -1:
        return [_Term(-1, 1, 0, 0, 0)]
    if base.constant is not None and base.constant > 0:
        return [_exponential(exponent, math.log(base.constant))]
    raise InputError(f"is_big_o: {node} is no power of a formula, nor of a positive constant to a multiple of n.")


def _exponential(exponent: Expression, scale: float = 1.0) -> _Term:
    """Return e^(scale times a n + b log n + c)."""
    made = _Term(1, 1, 0, 0, 0)
    for term in _grown(exponent):
        if term.low != term.high or term.order not in ((0, 1, 0), (0, 0, 1), (0, 0, 0)):
            raise InputError(f"is_big_o: the exponent {exponent} is no multiple of n, log(n) and constants.")
        c = scale * term.low
        if term.order == (0, 0, 0):
            made = made.times(_constant(math.exp(c)))
        else:
            made = made.times(_Term(1, 1, c if term.p == 1 else 0, c if term.q == 1 else 0, 0))
    return made


def _joined(terms: _Terms) -> _Terms:
    """Add up terms of the same order, and put the fastest first."""
    found: dict[tuple[Any, Any, Any], _Term] = {}
    for term in terms:
        old = found.get(term.order)
        low, high = (term.low, term.high) if old is None else (old.low + term.low, old.high + term.high)
        found[term.order] = _Term(low, high, *term.order)
    kept = [term for term in found.values() if (term.low, term.high) != (0, 0)]
    return sorted(kept, key=lambda term: term.order, reverse=True) or [_constant(0)]


def _alone(node: Expression) -> _Term:
    """Return a formula of one term; refuse others."""
    terms = _grown(node)
    if len(terms) > 1 or terms[0].low <= 0 <= terms[0].high:
        raise InputError(f"is_big_o: {node} stands under a fraction or a root; give one term there, such as n ** 2.")
    return terms[0]


def _inverse(term: _Term) -> _Term:
    ends = sorted((1 / term.low, 1 / term.high))
    return _Term(ends[0], ends[1], *(-part for part in term.order))


def _constant(c: float) -> _Term:
    return _Term(c, c, 0, 0, 0)


def _named(term: _Term) -> str:
    """Write how a term grows."""
    parts = [f"exp({float(term.a):g} n)"] if term.a else []
    parts += [f"n^{float(term.p):g}"] if term.p else []
    parts += [f"(log n)^{float(term.q):g}"] if term.q else []
    return " ".join(parts)


def _beyond(f: Expression, g: Expression) -> str:
    """Write a few n at which the ratio grows."""
    told = []
    for n in (10, 100, 1000):
        try:
            told.append(f"{n}: {abs(evaluate(f, [float(n)]) / evaluate(g, [float(n)])):.3g}")
        except InputError:
            break
    return ", ".join(told)


def _beginning(f: Expression, g: Expression, C: float, ratios: _Terms, below: _Terms, lead: _Term) -> int:
    """Return the least N that the bound below shows: it is sure from some n on, and each n before is tried."""
    sure = 3
    while not _sure_from(sure, C, ratios, below, lead):
        sure *= 2
        if sure > MAX_N:
            raise InputError(f"is_big_o: no N up to {MAX_N} is sure for C = {C}; give a larger C.")
    N = sure - 1
    while N >= 1 and abs(evaluate(f, [float(N)])) <= C * abs(evaluate(g, [float(N)])):
        N -= 1
    return N


def _sure_from(n: int, C: float, ratios: _Terms, below: _Terms, lead: _Term) -> bool:
    """Whether the terms show abs(f) <= C abs(g) for all numbers from n on: each falls from where it is largest."""
    rest = [each.times(_inverse(lead)) for each in below[1:]]
    if not all(_falls_from(term) <= n for term in (*ratios, *rest)):
        return False
    high, low = sum(_highest(term, n) for term in ratios), sum(_lowest(term, n) for term in ratios)
    kept = 1 + sum(_lowest(term, n) for term in rest)
    return max(high, -low) <= C * kept * (1 + 1e-12)


def _highest(term: _Term, n: int) -> float:
    """Return the least bound of a term that does not grow, from n on: where it is negative it may fall to 0."""
    return term.high * math.exp(min(term.at(n), 700)) if term.high > 0 or term.order == (0, 0, 0) else 0.0


def _lowest(term: _Term, n: int) -> float:
    """Return the largest bound from below."""
    return term.low * math.exp(min(term.at(n), 700)) if term.low < 0 or term.order == (0, 0, 0) else 0.0


def _falls_from(term: _Term) -> float:
    """Return the number from which on e^(a n) n^p (log n)^q does not grow, for an order of at most 0."""
    a, p, q = (float(part) for part in term.order)
    start = 3.0
    if a < 0:
        start = max(start, 2 * max(p, 0) / -a, 2 * max(q, 0) / -a)
    elif p < 0 < q:
        start = max(start, math.exp(min(q / -p, 700)))
    return start
