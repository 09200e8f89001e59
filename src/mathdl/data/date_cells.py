"""Dates in text: year first, day or month first, with the name of the month, with a time of day and a zone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from mathdl.data.cells import mask_of, matching
from mathdl.data.column import DateFormat

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = (
    "(?i:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|"
    r"nov(?:ember)?|dec(?:ember)?)\.?"
)
_WEEKDAY = r"(?:(?i:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_ZONE = r"(?: ?(?:Z|UTC|GMT|[+\-]\d{2}(?::?\d{2})?))"
_TIME = rf"(?:(?:T|,? +)\d{{1,2}}:\d{{2}}(?::\d{{2}}(?:[.,]\d{{1,9}})?)?(?: ?[AaPp][Mm])?{_ZONE}?)?"
_YEAR_FIRST = r"\d{4}(?:-\d{1,2}-\d{1,2}|/\d{1,2}/\d{1,2}|\.\d{1,2}\.\d{1,2})"
# A year of two digits needs marks that stand in dates; 3.12.10 is a version, and 10-20-30 may be anything.
_YEAR_LAST = (
    r"(?:\d{1,2}/\d{1,2}/\d{4}|\d{1,2}-\d{1,2}-\d{4}|\d{1,2}\.\d{1,2}\.\d{4}|\d{1,2}/\d{1,2}/\d{2}|\d{2}\.\d{2}\.\d{2})"
)
_DAY_AND_NAME = rf"\d{{1,2}}(?:st|nd|rd|th|\.)?[ \-]?{_MONTH},?[ \-]?(?:\d{{4}}|\d{{2}})"
_NAME_AND_DAY = rf"{_MONTH} ?\d{{1,2}}(?:st|nd|rd|th)?,? \d{{4}}"
_MONTH_ALONE = rf"(?:\d{{4}}-\d{{2}}|{_MONTH}[ \-]\d{{4}})"
_DATE = rf"{_WEEKDAY}(?:{_YEAR_FIRST}|{_YEAR_LAST}|{_DAY_AND_NAME}|{_NAME_AND_DAY}){_TIME}|{_MONTH_ALONE}"
_ISO = r"\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?)?"
_COMPACT = r"\d{8}|\d{4}"  # numbers, unless dates were asked for


def date_format(texts: Any, counts: NDArray[np.intp], separator: str = ",") -> tuple[DateFormat, tuple[str, ...]]:
    """Decide whether the day or the month stands first where the year is last, and say so.

    A number above 12 is a day. Where none is, points between the numbers or semicolons between the cells suggest that
    the day is first, and otherwise the month is.
    """
    year_last = matching(texts, rf"{_WEEKDAY}{_YEAR_LAST}{_TIME}")
    if not year_last.any():
        return DateFormat(), ()
    numeric, counts = texts.filter(pa.array(year_last)), counts[year_last]
    first_is_day = int(counts[matching(numeric, rf"{_WEEKDAY}(?:1[3-9]|[23]\d)[/.\-].*")].sum())
    second_is_day = int(counts[matching(numeric, rf"{_WEEKDAY}\d+[/.\-](?:1[3-9]|[23]\d)[/.\-].*")].sum())
    if first_is_day or second_is_day:
        day_first = first_is_day > second_is_day
        return DateFormat(day_first), ("day first" if day_first else "month first",)
    day_first = separator == ";" or bool(matching(numeric, rf"{_WEEKDAY}\d+\..*").all())
    which = "day" if day_first else "month"
    return DateFormat(day_first), (f"{which} first, a guess since no number is above 12",)


def read_dates(
    texts: Any, format: DateFormat, *, compact: bool = False
) -> tuple[NDArray[np.datetime64], NDArray[np.bool_]]:
    """Read texts as datetime64[us] in UTC, and say which are dates; 20240131 and 2024 are ones if ``compact``."""
    import pandas as pd

    readable = matching(texts, f"{_DATE}|{_COMPACT}" if compact else _DATE)
    dates = np.full(len(texts), np.datetime64("NaT"), "datetime64[us]")
    if not readable.any():
        return dates, readable
    iso = _iso(texts.filter(pa.array(readable)), format.day_first)
    twelve_hours = mask_of(pc.match_substring_regex(iso, "[AaPp][Mm]"))
    places = np.flatnonzero(readable)
    for mask, pattern in ((~twelve_hours, "ISO8601"), (twelve_hours, "%Y-%m-%d %I:%M:%S %p")):
        if mask.any():
            chosen = iso.filter(pa.array(mask)).to_numpy(zero_copy_only=False).astype(object)
            moments = pd.to_datetime(chosen, format=pattern, utc=True, errors="coerce")
            dates[places[mask]] = moments.tz_localize(None).to_numpy().astype("datetime64[us]")
    return dates, ~np.isnat(dates)


def has_time(dates: NDArray[np.datetime64]) -> bool:
    """Whether a date is not at midnight."""
    known = dates[~np.isnat(dates)]
    return bool((known != known.astype("datetime64[D]")).any())


def have_zone(texts: Any) -> bool:
    """Whether a text ends in a zone."""
    return bool(matching(texts, rf".*:\d{{2}}.*{_ZONE}").any())


def _iso(texts: Any, day_first: bool) -> Any:
    """Write dates year first, with two digits each, and the time of day behind a blank."""
    if matching(texts, _ISO).all():
        return texts
    texts = pc.replace_substring_regex(texts, rf"^{_WEEKDAY}", "")
    rewritings = [
        (r"^(\d{4})(\d{2})(\d{2})$", r"\1-\2-\3"),
        (r"^(\d{4})[/.](\d{1,2})[/.]", r"\1-\2-"),
        *_century(r"\d{1,2}[/.]\d{1,2}[/.]"),
        (r"^(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})", r"\3-\2-\1" if day_first else r"\3-\1-\2"),
    ]
    if mask_of(pc.match_substring_regex(texts, "[a-zA-Z]{3}")).any():
        rewritings = [
            *(
                (rf"^(\D*|\d+\D{{0,4}})(?i:{name})[a-z]*\.?([^a-zA-Z])", rf"\1<{number:02d}>\2")
                for number, name in enumerate(_MONTHS, 1)
            ),
            *_century(r"\d{1,2}(?:st|nd|rd|th|\.)?[ \-]?<\d\d>,?[ \-]?"),
            (r"^(\d{1,2})(?:st|nd|rd|th|\.)?[ \-]?<(\d\d)>,?[ \-]?(\d{4})", r"\3-\2-\1"),
            (r"^<(\d\d)> ?(\d{1,2})(?:st|nd|rd|th)?,? (\d{4})", r"\3-\1-\2"),
            (r"^<(\d\d)>[ \-](\d{4})$", r"\2-\1"),
            *rewritings,
        ]
    rewritings += [
        (r"^([\d\-]+)(?:T|,? +)(\d)", r"\1 \2"),
        (r"([\- ])(\d)\b", r"\10\2"),
        (r" ?(?:UTC|GMT|Z)$", "Z"),
        (r"(:\d\d),(\d)", r"\1.\2"),
        (r" (\d+:\d\d) ?([AaPp][Mm])", r" \1:00 \2"),
        (r"(:\d\d) ?([AaPp][Mm])", r"\1 \2"),
    ]
    for pattern, replacement in rewritings:
        texts = pc.replace_substring_regex(texts, pattern, replacement)
    return texts


def _century(before: str) -> list[tuple[str, str]]:
    """Return the rewritings of a year of two digits: 69 and above are of the last century, as in the C library."""
    return [
        (rf"^({before})(6[0-8]|[0-5]\d)(\D|$)", r"\120\2\3"),
        (rf"^({before})(69|[7-9]\d)(\D|$)", r"\119\2\3"),
    ]
