"""How much a checker does: a small file must not keep it busy for long, whatever stands in it."""

from __future__ import annotations

from fractions import Fraction

from mathdl.certificates.rationals import Refused
from mathdl.certificates.words import at_most

MAX_OPERATIONS = 10**8  # chosen: at about a microsecond each, a minute and a half
MAX_ARRAY_BITS = 2**33  # chosen: a gigabyte of whole numbers


def afford(operations: int) -> None:
    """Refuse what takes more than so many operations with whole numbers of a few hundred bits."""
    _refuse_beyond(operations, MAX_OPERATIONS, "operations")


def afford_bits(bits: int) -> None:
    """Refuse whole numbers that take more memory than this."""
    _refuse_beyond(bits, MAX_ARRAY_BITS, "bits of memory")


def _refuse_beyond(needed: int, limit: int, unit: str) -> None:
    if needed > limit:
        raise Refused(
            f"checking it takes about {at_most(Fraction(needed))} {unit}, and this checker stops at "
            f"{at_most(Fraction(limit))}"
        )
