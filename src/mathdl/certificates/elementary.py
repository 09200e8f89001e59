"""Enclosures of the exponential of any number, of the cosine and of pi, in units of 2^-UNIT_BITS."""

from __future__ import annotations

from fractions import Fraction
from functools import cache
from math import ceil

from mathdl.certificates.enclosures import GUARDED_BITS, UNIT_BITS, exp_bounds, outwards

MAX_EXPONENT = 128  # chosen: e^128 has 56 digits


def power_bounds(t: Fraction) -> tuple[int, int]:
    """Enclose e^t for t <= MAX_EXPONENT; above 0 as e^(t - n) / (e^-1)^n for the whole number n above t."""
    if t > MAX_EXPONENT:
        raise ValueError("t is too large")
    if t <= 0:
        return exp_bounds(t)
    n, unit = ceil(t), 1 << UNIT_BITS
    (low, high), (least, most) = exp_bounds(t - n), exp_bounds(Fraction(-1))
    return low * unit**n // most**n, -(-high * unit**n // least**n)


def cos_bounds(t: Fraction) -> tuple[int, int]:
    """Enclose cos t."""
    pi, error = _pi()
    turns = round(t * (1 << GUARDED_BITS) / (2 * pi))
    rest = (t.numerator << GUARDED_BITS) // t.denominator - 2 * turns * pi  # the cosine's slope is at most 1
    error = 2 * abs(turns) * error + 1
    total = term = one = 1 << GUARDED_BITS
    square, k = rest * rest >> GUARDED_BITS, 0
    while abs(term) > 1:
        k += 2
        term = -(term * square >> GUARDED_BITS) // (k * (k - 1))
        total += term
    error += (
        4 * k + 8
    )  # a term is off by less than five units: it has what the one before was off, by square / k(k - 1)
    low, high = outwards(total - error, total + error)
    return max(low, -one >> GUARDED_BITS - UNIT_BITS), min(high, one >> GUARDED_BITS - UNIT_BITS)


def pi_bounds() -> tuple[int, int]:
    """Enclose pi."""
    pi, error = _pi()
    return outwards(pi - error, pi + error)


@cache
def _pi() -> tuple[int, int]:
    """Return pi by Machin's formula, 16 arctan(1/5) - 4 arctan(1/239), and how far it may be off."""
    total = terms = 0
    for times, x in ((16, 5), (-4, 239)):
        power, k = (times << GUARDED_BITS) // x, 1
        while abs(power) > 1:
            total += power // k
            power, k, terms = -power // (x * x), k + 2, terms + 1
    return total, 4 * terms + 8
