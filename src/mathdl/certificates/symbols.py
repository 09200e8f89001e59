"""Quantities without values: linear forms with whole coefficients in names, of which little is known.

A form (c, (a, ...), (k, ...)) stands for (c + k a + ...) / unit; the names rise and no k is 0. Equal forms of one unit
have equal values, whatever values the names have; of a name it is known what it was made of, whether it is never
negative, and whether it depends on pixels at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from itertools import compress
from typing import Any, NamedTuple

from mathdl.certificates.rationals import Refused

Form = tuple[int, tuple[int, ...], tuple[int, ...]]
ZERO: Form = (0, (), ())


class Name(NamedTuple):
    """What is known of a name."""

    made_of: Any
    positive: bool  # never negative
    moving: bool  # depends on pixels


def combination(weights: Sequence[int], forms: Sequence[Form], constant: int = 0) -> Form:
    """Return constant + the sum of weight times form."""
    total: dict[int, int] = {}
    for weight, (c, names, factors) in zip(weights, forms, strict=True):
        if weight:
            constant += weight * c
            for name, k in zip(names, factors, strict=True):
                total[name] = total.get(name, 0) + weight * k
    names = tuple(sorted(name for name, k in total.items() if k))
    return constant, names, tuple(total[name] for name in names)


class Kernels:
    """Rows of weights, each of which makes one form of many.

    Where no name occurs twice, the coefficients do not depend on which names there are, so that they are computed once
    for all patches of a picture that are alike in this.
    """

    def __init__(self, rows: Sequence[Sequence[int]]) -> None:
        self._rows = rows
        self._found: dict[Any, list[Form]] = {}
        self._coefficients: dict[Any, list[tuple[int, tuple[int, ...]]]] = {}

    def known(self, forms: tuple[Form, ...], constants: tuple[int, ...]) -> list[Form] | None:
        """Return the combinations where they were made before."""
        return self._found.get((forms, constants))

    def combinations(self, forms: tuple[Form, ...], constants: tuple[int, ...]) -> list[Form]:
        """Return a combination of the forms for each row and its constant."""
        terms = sorted(
            (name, k, place)
            for place, (_, names, factors) in enumerate(forms)
            for name, k in zip(names, factors, strict=True)
        )
        names = tuple(name for name, _, _ in terms)
        if len(set(names)) < len(names):
            found = [combination(row, forms, c) for row, c in zip(self._rows, constants, strict=True)]
        else:
            fixed = tuple((c, place) for place, (c, _, _) in enumerate(forms) if c)
            pattern = tuple((k, place) for _, k, place in terms), fixed
            if pattern not in self._coefficients:
                self._coefficients[pattern] = [(_sum(row, fixed), _products(row, pattern[0])) for row in self._rows]
            made = zip(self._coefficients[pattern], constants, strict=True)
            found = [
                (c + own, names, factors) if all(factors) else (c + own, *_without_zeros(names, factors))
                for (c, factors), own in made
            ]
        self._found[forms, constants] = found
        return found


def _products(row: Sequence[int], terms: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    """Return the products of numbers with the weights at their places."""
    return tuple([row[place] * k for k, place in terms])


def _sum(row: Sequence[int], terms: Sequence[tuple[int, int]]) -> int:
    """Return the sum of :func:`_products`."""
    return sum(_products(row, terms))


def _without_zeros(names: tuple[int, ...], factors: tuple[int, ...]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Leave out the names whose coefficient is 0."""
    return tuple(compress(names, factors)), tuple(filter(None, factors))


class Names:
    """All names: equal ones are made of the same."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._known: list[Name] = []
        self._applied: dict[Any, dict[Form, Form]] = {}

    def form(self, made_of: Any, unit: int, positive: bool, moving: bool) -> Form:
        """Return the form that is one quantity."""
        number = self._numbers.setdefault(made_of, len(self._known))
        if number == len(self._known):
            self._known.append(Name(made_of, positive, moving))
        return 0, (number,), (unit,)

    def moving(self, form: Form) -> bool:
        """Tell whether a form may depend on pixels."""
        return any(self._known[name].moving for name in form[1])

    def sign(self, form: Form) -> int:
        """Return 1 where a form is never negative, -1 where it is never positive, 0 where nothing is known."""
        found = (form[0] > 0) - (form[0] < 0)
        for name, k in zip(form[1], form[2], strict=True):
            own = ((k > 0) - (k < 0)) * self._known[name].positive
            if not own or own == -found:
                return 0
            found = own
        return found or 1

    def applied(self, function: Sequence[Any], forms: Iterable[Form], unit: int) -> list[Form]:
        """Return an activation function of forms, in the unit of :func:`unit_after`."""
        known = self._applied.setdefault((*function, unit), {})
        found = []
        for form in forms:
            value = known.get(form)
            if value is None:
                value = known[form] = self._apply(function, form, unit)
            found.append(value)
        return found

    def _apply(self, function: Sequence[Any], form: Form, unit: int) -> Form:
        """Return a function of a form, for the first time."""
        name, (c, names, factors), sign = function[0], form, self.sign(form)
        above, below = _ratio(function)
        if name in ("relu", "leaky_relu", "abs"):
            factor = {"relu": Fraction(0), "abs": Fraction(-1)}.get(name, Fraction(above, below))
            if sign:
                times = below if sign > 0 else int(factor * below)
                return (c * times, names, tuple(k * times for k in factors)) if times else ZERO
        elif form == ZERO:
            return above * unit, (), ()
        self._known.append(Name(function, name in ("relu", "abs", "sigmoid"), self.moving(form)))
        return 0, (len(self._known) - 1,), (unit * below,)

    def largest(self, forms: Iterable[Form], unit: int) -> Form:
        """Return the maximum of forms of one unit."""
        members = {member for form in forms for member in self._members(form, unit)}
        constants, others = [form for form in members if not form[1]], {form for form in members if form[1]}
        floor = any(self.sign(form) > 0 for form in others)
        if constants and not (floor and max(constants) <= ZERO):
            floor = floor or max(constants) >= ZERO
            others.add(max(constants))
        members = {form for form in others if self.sign(form) >= 0} if floor else others
        if len(members) == 1:
            return members.pop()
        return self.form(("max", frozenset(members), unit), unit, floor, any(map(self.moving, members)))

    def _members(self, form: Form, unit: int) -> Iterable[Form]:
        """Return what a form is the maximum of."""
        if form[0] == 0 and form[2] == (unit,):
            made_of = self._known[form[1][0]].made_of
            if made_of[0] == "max" and made_of[2] == unit:
                found: frozenset[Form] = made_of[1]
                return found
        return (form,)


class PiecewiseNames(Names):
    """Names of which affine functions are made; what else may come out of a network is refused."""

    def bent(self, form: Form, above: int, below: int, unit: int) -> Form:
        """Return ``above`` times a form where it is positive, and ``below`` times it elsewhere, in its unit."""
        raise NotImplementedError

    def moving(self, form: Form) -> bool:
        """Tell that a form may depend on the names."""
        return True

    def applied(self, function: Sequence[Any], forms: Iterable[Form], unit: int) -> list[Form]:
        """Return a function with a kink at 0 of forms, in the unit of ``unit_after``; refuse any other function."""
        name, value = function[:2]
        if name not in ("relu", "abs", "leaky_relu"):
            raise Refused(f"the function {str(name)[:40]!r} is not piecewise affine")
        below, above = (Fraction(-1 if name == "abs" else 0) if name != "leaky_relu" else value).as_integer_ratio()
        return [self.bent(form, above, below, unit * above) for form in forms]

    def form(self, made_of: Any, unit: int, positive: bool, moving: bool) -> Form:
        """Refuse what is not affine."""
        raise Refused("a step of the network is not piecewise affine")


def unit_after(function: Sequence[Any], unit: int) -> int:
    """Return the unit of an activation function's values."""
    return unit * _ratio(function)[1]


def _ratio(function: Sequence[Any]) -> tuple[int, int]:
    """Return the number that belongs to a function: a slope, or the value at 0."""
    name, value = function[:2]
    if name in ("relu", "abs", "tanh"):
        value = Fraction(0)
    elif name in ("sigmoid", "leaky_relu", "own"):
        value = Fraction(1, 2) if name == "sigmoid" else value
    else:
        raise Refused(f"{str(name)[:40]!r} is no activation function that this checker knows")
    if name == "leaky_relu" and value < 0:
        raise Refused("a slope is negative")
    ratio: tuple[int, int] = value.as_integer_ratio()
    return ratio
