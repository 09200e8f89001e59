"""Quantities without values: linear forms with whole coefficients in names, of which little is known.

A form (c, ((a, k), ...)) stands for (c + k a + ...) / unit. Equal forms of one unit have equal values, whatever values
the names have; of a name it is known what it was made of, whether it is never negative, and whether it depends on
pixels at all.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from typing import Any, NamedTuple

from mathdl.certificates.rationals import Refused

Form = tuple[int, tuple[tuple[int, int], ...]]
ZERO: Form = (0, ())


class Name(NamedTuple):
    """What is known of a name."""

    made_of: Any
    positive: bool  # never negative
    moving: bool  # depends on pixels


def combination(weights: Sequence[int], forms: Sequence[Form], constant: int = 0) -> Form:
    """Return constant + the sum of weight times form."""
    total: dict[int, int] = {}
    for weight, (c, terms) in zip(weights, forms, strict=True):
        if weight:
            constant += weight * c
            for name, k in terms:
                total[name] = total.get(name, 0) + weight * k
    return constant, tuple(sorted((name, k) for name, k in total.items() if k))


def combinations(kernels: Sequence[Sequence[int]], forms: Sequence[Form], constants: Sequence[int]) -> list[Form]:
    """Return a combination of the forms for each kernel and its constant."""
    terms = sorted((name, k, place) for place, (_, terms) in enumerate(forms) for name, k in terms)
    if len({name for name, _, _ in terms}) < len(terms):
        return [combination(kernel, forms, c) for kernel, c in zip(kernels, constants, strict=True)]
    fixed = [(place, c) for place, (c, _) in enumerate(forms) if c]
    found = []
    for kernel, constant in zip(kernels, constants, strict=True):
        own = tuple((name, kernel[place] * k) for name, k, place in terms if kernel[place])
        found.append((constant + sum(kernel[place] * c for place, c in fixed), own))
    return found


class Names:
    """All names: equal ones are made of the same."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._known: list[Name] = []
        self._applied: dict[Any, Form] = {}

    def form(self, made_of: Any, unit: int, positive: bool, moving: bool) -> Form:
        """Return the form that is one quantity."""
        number = self._numbers.setdefault(made_of, len(self._known))
        if number == len(self._known):
            self._known.append(Name(made_of, positive, moving))
        return 0, ((number, unit),)

    def moving(self, form: Form) -> bool:
        """Tell whether a form may depend on pixels."""
        return any(self._known[name].moving for name, _ in form[1])

    def sign(self, form: Form) -> int:
        """Return 1 where a form is never negative, -1 where it is never positive, 0 where nothing is known."""
        found = (form[0] > 0) - (form[0] < 0)
        for name, k in form[1]:
            own = ((k > 0) - (k < 0)) * self._known[name].positive
            if not own or own == -found:
                return 0
            found = own
        return found or 1

    def applied(self, function: Sequence[Any], form: Form, unit: int) -> Form:
        """Return an activation function of a form, in the unit of :func:`unit_after`."""
        key = (*function, form, unit)
        if key not in self._applied:
            self._applied[key] = self._apply(function, form, unit)
        return self._applied[key]

    def _apply(self, function: Sequence[Any], form: Form, unit: int) -> Form:
        """Return what :meth:`applied` does, for the first time."""
        name, (c, terms), sign = function[0], form, self.sign(form)
        above, below = _ratio(function)
        if name in ("relu", "leaky_relu", "abs"):
            factor = {"relu": Fraction(0), "abs": Fraction(-1)}.get(name, Fraction(above, below))
            if sign:
                times = below if sign > 0 else int(factor * below)
                return c * times, tuple((a, k * times) for a, k in terms if times)
        elif form == ZERO:
            return above * unit, ()
        positive = name in ("relu", "abs", "sigmoid")
        return self.form((*function, form, unit), unit * below, positive, self.moving(form))

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
        if form[0] == 0 and len(form[1]) == 1 and form[1][0][1] == unit:
            made_of = self._known[form[1][0][0]].made_of
            if made_of[0] == "max" and made_of[2] == unit:
                found: frozenset[Form] = made_of[1]
                return found
        return (form,)


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
