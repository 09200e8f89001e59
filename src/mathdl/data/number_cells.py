"""Numbers in text: plain, with a decimal comma, with marks between thousands, with a currency or another unit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import product
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mathdl.data.cells import matching
from mathdl.data.column import NumberFormat

_BLANKS = r" \x{a0}\x{2009}\x{202f}"  # the last three do not break a line
_SIGN = r"[+\-\x{2212}]?"
_EXPONENT = r"(?:[eE][+\-]?\d+)?"
_CURRENCIES = (
    "AUD|BRL|CAD|CHF|CNY|CZK|DKK|EUR|GBP|HKD|HUF|ILS|INR|JPY|KRW|MXN|NOK|NZD|PLN|RON|RUB|SEK|SGD|THB|TRY|USD|ZAR"
)
# Sign, unit in front, sign, number, unit behind: what a cell looks like before its column's format is known.
_CELL = re.compile(
    rf"[+\-\u2212]?(?P<front>(?:[A-Z]{{0,2}}[$\u00a2-\u00a5\u20a0-\u20c0]|{_CURRENCIES})?)\s?[+\-\u2212]?"
    rf"(?:\d(?:[\d.,'\u2019\s]*[\d.,])?|[.,]\d+){_EXPONENT}\s?"
    r"(?P<behind>(?:[^\W\d_][^\W\d_./\u00b2\u00b3]{0,15}(?:[./]?[^\W\d_]+)?[\u00b2\u00b3.]?"
    r"|[%\u2030\u00b0\u00b5$\u00a2-\u00a5\u20a0-\u20c0][^\W\d_]{0,5})?)"
)
_THOUSANDS = {",": ",", ".": r"\.", " ": f"[{_BLANKS}]", "'": r"['\x{2019}]"}
_DECIMALS = {".": r"\.", ",": ","}
MAX_EXACT = 2**53  # beyond, float64 does not hold every integer


def number_format(texts: Any, counts: NDArray[np.intp], sample: Sequence[str], separator: str = ",") -> NumberFormat:
    """Decide how the numbers of a column are written: the unit that most of a sample have, and the marks by all cells.

    Where a comma may be both, as in 1,234 alone, it is a decimal mark in a file that semicolons separate, and stands
    between thousands in others.
    """
    matches = filter(None, map(_CELL.fullmatch, sample))
    units = Counter(match["front"] + match["behind"] for match in matches)
    if not units or _cast(texts) is not None:
        return NumberFormat()
    unit = units.most_common(1)[0][0]
    found, most = NumberFormat(unit=unit), 0
    for decimal, thousands in _candidates(texts, separator):
        reading = NumberFormat(decimal, thousands, unit)
        rows = int(counts[matching(texts, _cell_pattern(reading))].sum())
        if rows > most:
            found, most = reading, rows
    return found


def read_numbers(texts: Any, format: NumberFormat) -> tuple[NDArray[Any], NDArray[np.bool_]]:
    """Read texts under a format: the values, integers where all are, and which texts are a finite number in it."""
    if format == NumberFormat() and (values := _cast(texts)) is not None:
        return values, np.ones(len(texts), bool)
    readable = matching(texts, _cell_pattern(format))
    plain = _cast(_plain(texts.filter(pa.array(readable)), format), finite=False)
    assert plain is not None  # since the pattern lets nothing else through
    numbers = np.full(len(texts), np.nan)
    numbers[readable] = plain
    finite = np.isfinite(numbers)
    if finite.all():
        return plain, finite
    numbers[~finite] = np.nan
    return numbers, finite


def are_plain_numbers(texts: Any) -> bool:
    """Whether all texts are numbers as a program writes them."""
    return _cast(texts) is not None


def plain_numbers(texts: Any) -> Any:
    """Return a block of cells as float64, NaN where one is empty; the texts where one is anything else.

    Codes that begin with a zero and integers that float64 does not hold stay texts, too.
    """
    if _any_leading_zero(texts):
        return texts
    try:
        numbers = pc.cast(texts, pa.float64()).to_numpy(zero_copy_only=False)
    except pa.ArrowInvalid:
        filled = pc.if_else(pc.equal(texts, ""), pa.scalar(None, texts.type), texts)
        if not filled.null_count:
            return texts
        try:
            numbers = pc.cast(filled, pa.float64()).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            return texts
        exact = np.abs(numbers[~np.isnan(numbers)]) <= MAX_EXACT
        return numbers if exact.all() and np.isnan(numbers).sum() == filled.null_count else texts
    return numbers if (np.abs(numbers) <= MAX_EXACT).all() else texts


def _any_leading_zero(texts: Any) -> bool:
    """Whether a text begins with a zero before another digit, perhaps after a sign; looks at the bytes."""
    _, offsets, data = texts.buffers()
    ends = np.frombuffer(offsets, np.int32)[texts.offset : texts.offset + len(texts) + 1]
    if data is None or ends[-1] - ends[0] < 2:
        return False
    bytes_ = np.frombuffer(data, np.uint8)
    start, length = ends[:-1], np.diff(ends)
    first = bytes_[np.minimum(start, len(bytes_) - 1)]
    start = start + ((first == ord("-")) | (first == ord("+")))
    last = len(bytes_) - 2
    zero = (bytes_[np.minimum(start, last)] == ord("0")) & (ends[1:] - start >= 2) & (length > 0)
    follower = bytes_[np.minimum(start, last) + 1]
    return bool((zero & (follower >= ord("0")) & (follower <= ord("9"))).any())


def begin_with_zero(texts: Any) -> NDArray[np.bool_]:
    """Which texts begin with a zero before another digit, as codes do and numbers do not."""
    return matching(texts, r"[^\d.,]*0\d.*")


def are_infinite(texts: Any) -> NDArray[np.bool_]:
    """Which texts are a word for infinity."""
    return matching(texts, rf"(?i){_SIGN}(?:inf|infinity|\x{{221e}})")


def are_large_integers(texts: Any, values: NDArray[Any]) -> NDArray[np.bool_]:
    """Which texts are integers that float64 does not hold exactly."""
    large: NDArray[np.bool_] = np.abs(values.astype(np.float64)) > MAX_EXACT
    return large & matching(texts, r"[^.eE]*") if large.any() else large


def describe_number_format(format: NumberFormat) -> tuple[str, ...]:
    """Say in clauses how numbers are written, where it is not the plain way."""
    marks = {",": "commas", ".": "points", " ": "blanks", "'": "apostrophes"}
    return (
        *(["decimal comma"] if format.decimal == "," else []),
        *([f"{marks[format.thousands]} between thousands"] if format.thousands else []),
        *([f"unit {format.unit}"] if format.unit else []),
    )


def _candidates(texts: Any, separator: str) -> Sequence[tuple[str, str]]:
    """Return the pairs of marks that may be meant, the likelier before the other; marks that do not occur are not."""
    present = [mark for mark, pattern in _THOUSANDS.items() if matching(texts, rf".*\d{pattern}\d.*").any()]
    pairs = [
        (decimal, thousands)
        for decimal, thousands in product(".,", ["", *present])
        if decimal != thousands and (decimal == "." or "," in present or thousands == "." or not thousands)
    ]
    # A point is a decimal mark before it stands between thousands; a comma as the file's separator suggests.
    order = {(".", ""): 0, (",", ""): 1 if separator == ";" else 3, (".", ","): 2}
    return sorted(pairs, key=lambda pair: order.get(pair, 4))


def _cell_pattern(format: NumberFormat) -> str:
    """Return the pattern of a cell."""
    decimal = _DECIMALS[format.decimal]
    whole = r"\d+"
    if format.thousands:
        groups = rf"(?:{_THOUSANDS[format.thousands]}\d{{3}})+"
        if format.thousands == ",":
            groups = rf"(?:{groups}|(?:,\d\d)+,\d{{3}})"  # lakh and crore
        whole = rf"(?:[1-9]\d{{0,2}}{groups}|\d+)"
    number = rf"(?:{whole}(?:{decimal}\d*)?|{decimal}\d+){_EXPONENT}"
    if not format.unit:
        return _SIGN + number
    unit, blank = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", format.unit), f"[{_BLANKS}]?"
    return f"(?:{_SIGN}{unit}{blank}|{unit}{blank}{_SIGN}){number}|{_SIGN}{number}{blank}{unit}"


def _plain(texts: Any, format: NumberFormat) -> Any:
    """Write numbers of a format the plain way."""
    if format.unit:
        texts = pc.utf8_trim_whitespace(pc.replace_substring(texts, format.unit, ""))
        texts = pc.replace_substring_regex(texts, rf"^({_SIGN})[{_BLANKS}]", r"\1")
    if format.thousands:
        texts = pc.replace_substring_regex(texts, _THOUSANDS[format.thousands], "")
    if format.decimal == ",":
        texts = pc.replace_substring(texts, ",", ".")
    return pc.replace_substring(texts, "\N{MINUS SIGN}", "-")


def _cast(texts: Any, *, finite: bool = True) -> NDArray[Any] | None:
    """Read plain numbers, as integers where all are; None where a text is no number."""
    for type_ in (pa.int64(), pa.float64()):
        try:
            values: NDArray[Any] = pc.cast(texts, type_).to_numpy(zero_copy_only=False)
        except pa.ArrowInvalid:
            continue
        # The cast to integers also takes hexadecimal ones.
        if type_ == pa.int64() and matching(texts, r"[+\-]?0[xX].*").any():
            return None
        return values if not finite or np.isfinite(values).all() else None
    return None
