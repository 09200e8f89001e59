"""Enclosures of the exponential and the logarithm: two integers, in units of 2^-UNIT_BITS, with the value between them.

Both are power series in integers that stand for multiples of 2^-GUARDED_BITS. Every operation there loses less than
one such unit, every series leaves out less than its last term; the sum of all that is added on either side.
"""

from __future__ import annotations

from fractions import Fraction
from functools import cache

UNIT_BITS = 96  # chosen: bounds are far narrower than what float64 can tell apart
GUARDED_BITS = UNIT_BITS + 32
HALVINGS = 12  # e^t = (e^(t / 2^HALVINGS))^(2^HALVINGS)


def exp_bounds(t: Fraction) -> tuple[int, int]:
    """Enclose e^t for t <= 0."""
    if t > 0:
        raise ValueError("t is positive")
    if t < -UNIT_BITS:
        return 0, 1
    # One rounding of t downwards, the other upwards: the exponential is increasing.
    low, high = (t.numerator << GUARDED_BITS) // t.denominator, -((-t.numerator << GUARDED_BITS) // t.denominator)
    return outwards(_exp(low)[0], _exp(high)[1])


def _exp(t: int) -> tuple[int, int]:
    """Enclose e^t for -UNIT_BITS <= t <= 0 in guarded units."""
    small = t >> HALVINGS  # less than one unit too low
    total = term = one = 1 << GUARDED_BITS
    k = 0
    while abs(term) > 1:
        k += 1
        term = (term * small >> GUARDED_BITS) // k
        total += term
    low, high = total - 4 * k - 4, min(total + 4 * k + 4, one)
    for _ in range(HALVINGS):
        low, high = low * low >> GUARDED_BITS, -(-high * high >> GUARDED_BITS)
    return low, high


def log_bounds(x: Fraction) -> tuple[int, int]:
    """Enclose log x for x > 0."""
    if x <= 0:
        raise ValueError("x is not positive")
    shift = x.numerator.bit_length() - x.denominator.bit_length()
    above, below = x.numerator << max(-shift, 0), x.denominator << max(shift, 0)  # a ratio between 1/2 and 2
    rest, error = _twice_artanh(above - below, above + below)
    two, error_of_two = _log_two()
    total, error = shift * two + rest, abs(shift) * error_of_two + error
    return outwards(total - error, total + error)


@cache
def _log_two() -> tuple[int, int]:
    """Return log 2 and how far it may be off."""
    return _twice_artanh(1, 3)


def _twice_artanh(above: int, below: int) -> tuple[int, int]:
    """Return 2 artanh(above / below) for a ratio of at most 1/3 in size, and how far it may be off."""
    z = (above << GUARDED_BITS) // below
    square, power, total, k = z * z >> GUARDED_BITS, z, 0, 1
    while abs(power) > 1:
        total += power // k
        power = power * square >> GUARDED_BITS
        k += 2
    return 2 * total, 4 * k + 8


def outwards(low: int, high: int) -> tuple[int, int]:
    """Turn guarded units into units of 2^-UNIT_BITS."""
    return low >> GUARDED_BITS - UNIT_BITS, -(-high >> GUARDED_BITS - UNIT_BITS)
