"""Changed copies of a certificate, to see whether the checker accepts one whose statement is false."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Any

from mathdl.certificates import Certificate, Data, text_of
from mathdl.certificates.checker import import_kind
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, rational


def mutants(certificate: Certificate, data: Data, count: int, seed: int) -> Iterator[Certificate]:
    """So many copies, each with one leaf of its numbers changed and its statement in words made anew to match.

    A copy whose numbers can no longer be put into words is left out: the checker refuses it before any arithmetic.
    """
    generator = random.Random(seed)
    leaves = list(_leaves(certificate.numbers))
    for _ in range(count):
        numbers = copy.deepcopy(dict(certificate.numbers))
        path = generator.choice(leaves)
        place: Any = numbers
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = _changed(place[path[-1]], generator)
        try:
            statement = import_kind(certificate.kind).statement(Numbers(numbers), data)
        except Refused:
            continue
        yield replace(certificate, numbers=numbers, statement=statement)


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The places of all that is no list and no mapping."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*path, index))
    else:
        yield path


def _changed(leaf: Any, generator: random.Random) -> Any:
    """Another value of the same kind: a little off, far off, of the other sign, or zero."""
    if isinstance(leaf, bool):
        return not leaf
    if isinstance(leaf, int):
        return leaf + generator.choice([-1, 1, 2])
    try:
        number = rational(leaf)
    except Refused:
        return f"{leaf}!"
    little = abs(number) * Fraction(1, 2 ** generator.choice([2, 10, 30, 52])) or Fraction(1, 2**30)
    return text_of(generator.choice([number + little, number - little, 2 * number + 1, -number - little, Fraction(0)]))
