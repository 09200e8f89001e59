"""Exact numbers: rationals as texts, and many of them as integers over one denominator.

A number in a certificate is a text: a whole number or a fraction ("-3/4"), decimal or, where it is long, hexadecimal
("0x1f/0x20"), or a binary floating-point number as Python writes it ("0x1.8p+1"). All of them are exact.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from fractions import Fraction
from math import lcm
from operator import mul

MIN_HEX_BITS = 1000  # from which on whole numbers are written in hexadecimal: Python limits how long decimals may be
MAX_DENOMINATOR_BITS = 2**20  # chosen: a common denominator of more takes seconds to find, and longer to use
MAX_SCALED_BITS = 2**31  # chosen: a quarter of a gigabyte
_WHOLE = r"[+-]?(?:0x[0-9a-f]+|[0-9]{1,1200})"
_FRACTION = re.compile(rf"({_WHOLE})(?:/({_WHOLE}))?")
_FLOAT = re.compile(r"([+-]?0x[0-9a-f]+)(?:\.([0-9a-f]*))?p([+-]?[0-9]{1,4})")


class Refused(Exception):
    """What a certificate says has not been shown; the message says why."""


def rational(text: object) -> Fraction:
    """Return the number that a text stands for; raise Refused where it is none."""
    if isinstance(text, str):
        if found := _FRACTION.fullmatch(text):
            above, below = (int(part, 16 if "x" in part else 10) for part in (found[1], found[2] or "1"))
            if below > 0:
                return Fraction(above, below)
        elif found := _FLOAT.fullmatch(text):
            places = found[2] or ""
            return int(found[1] + places, 16) * Fraction(2) ** (int(found[3]) - 4 * len(places))
    raise Refused(f"{str(text)[:40]!r} is no number")


def text_of(number: float | Fraction) -> str:
    """Write a number exactly; a finite float in hexadecimal."""
    if isinstance(number, float):
        return number.hex()
    number = Fraction(number)
    above, below = (
        hex(part) if part.bit_length() > MIN_HEX_BITS else str(part) for part in (number.numerator, number.denominator)
    )
    return above if number.denominator == 1 else f"{above}/{below}"


def scaled(numbers: Iterable[float | Fraction]) -> tuple[list[int], int]:
    """Return integers and the positive denominator that turns them into the numbers."""
    ratios = [number.as_integer_ratio() for number in numbers]
    denominator = 1
    for below in {below for _, below in ratios}:
        denominator = lcm(denominator, below)
        bits = denominator.bit_length()
        if bits > max(MAX_DENOMINATOR_BITS, below.bit_length()) or bits * len(ratios) > MAX_SCALED_BITS:
            raise Refused("the common denominator of its numbers is longer than this checker computes with")
    return [above * (denominator // below) for above, below in ratios], denominator


def dot(a: Sequence[int], b: Sequence[int]) -> int:
    """Return the inner product of integers."""
    return sum(map(mul, a, b))


def combination(coefficients: Sequence[int], rows: Sequence[Sequence[int]], width: int) -> list[int]:
    """Return the sum of coefficient times row."""
    used = [(c, row) for c, row in zip(coefficients, rows, strict=True) if c]
    if not used:
        return [0] * width
    chosen = [c for c, _ in used]
    return [dot(chosen, column) for column in zip(*(row for _, row in used), strict=True)]
