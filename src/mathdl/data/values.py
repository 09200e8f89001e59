"""Columns in memory: a pandas Series of any type, an array or a list becomes a column."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, time
from decimal import Decimal
from numbers import Real
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mathdl.data.cleaning import as_text, row_name, utf8_text
from mathdl.data.column import Column, ColumnPlan, DateFormat, Kind
from mathdl.data.date_cells import has_time
from mathdl.data.kinds import asked_kind, column_of_cells, column_of_numbers
from mathdl.data.number_cells import are_plain_numbers
from mathdl.data.reading_options import ReadingOptions
from mathdl.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

_TRUTHS = "boolean"
_NUMBERS = ("integer", "floating", "mixed-integer-float", "decimal")
_DATES = ("datetime64", "datetime", "date", "period")
_SIMPLE = (str, bool, np.bool_, Real, Decimal, date, time)
_SPANS = ("timedelta64", "timedelta")


def column_of_values(name: str, values: Any, options: ReadingOptions, plan: ColumnPlan | None = None) -> Column:
    """Read a column from values in memory, of which None, NaN, NaT and NA are missing.

    Their type decides the kind. Texts are read as the cells of a file are, but for plain numbers: whoever has them as
    text in memory made them text on purpose.
    """
    import pandas as pd

    series = _series(name, values)
    inferred = pd.api.types.infer_dtype(series, skipna=True)
    if isinstance(series.dtype, pd.CategoricalDtype):
        return _column_of_texts(name, _texts(name, series), options, plan, stays_text=True)
    if inferred == _TRUTHS:
        if (plan.kind if plan else asked_kind(name, options)) is Kind.NUMBER:
            return column_of_numbers(name, _floats(series), options, plan)
        return _column_of_texts(name, _texts(name, series), options, plan, stays_text=True)
    if inferred in _NUMBERS:
        return _column_of_series_of_numbers(name, series, inferred, options, plan)
    if inferred in _SPANS:
        seconds = pd.to_timedelta(series).dt.total_seconds().to_numpy(np.float64, na_value=np.nan)
        column = column_of_numbers(name, seconds, options, plan)
        return Column(name, column.kind, column.values, column.format, (*column.notes, "durations in seconds"))
    if inferred in _DATES:
        return _column_of_dates(name, series, options, plan)
    texts = _texts(name, series, inferred)
    return _column_of_texts(name, texts, options, plan, stays_text=inferred == "string" and _are_plain(texts))


def _series(name: str, values: Any) -> pd.Series[Any]:
    """Return values as a Series with one value a row."""
    import pandas as pd

    if not isinstance(values, pd.Series):
        if isinstance(values, str | bytes | Mapping) or not (hasattr(values, "__len__") or np.ndim(values)):
            raise InputError(f"Column {name!r} is of type {type(values).__name__}; give one value for each row.")
        if hasattr(values, "__array__") and not hasattr(values, "isna"):
            values = np.asarray(values)
            if values.ndim != 1:
                raise InputError(f"Column {name!r} has shape {values.shape}; give one value per row, in one axis.")
        try:
            values = pd.Series(values if hasattr(values, "dtype") else list(values))
        except UnicodeEncodeError:  # half a character, which pandas does not take for text
            values = pd.Series(list(values), dtype=object)
    if isinstance(values.dtype, np.dtype) and values.dtype.kind in "cSV":
        raise InputError(f"Column {name!r} holds values of type {values.dtype}; turn them into numbers or text.")
    return values


def _column_of_series_of_numbers(
    name: str, series: pd.Series[Any], inferred: str, options: ReadingOptions, plan: ColumnPlan | None
) -> Column:
    """Read numbers of NumPy, pandas, Arrow or Python; integers stay integers where none is missing."""
    if inferred == "integer" and not series.isna().any():
        try:
            integers = series.to_numpy()
            integers = integers if integers.dtype.kind in "iu" else series.to_numpy(dtype=np.int64)
            return column_of_numbers(name, integers, options, plan)
        except OverflowError:
            return _column_of_texts(name, _texts(name, series), options, plan)
    is_float = isinstance(series.dtype, np.dtype) and series.dtype.kind == "f" and series.dtype.itemsize <= 8
    return column_of_numbers(name, series.to_numpy() if is_float else _floats(series), options, plan)


def _column_of_dates(name: str, series: pd.Series[Any], options: ReadingOptions, plan: ColumnPlan | None) -> Column:
    """Read moments, days or periods, those with a zone as of UTC."""
    import pandas as pd

    kind = plan.kind if plan else asked_kind(name, options)
    if kind is Kind.CATEGORY:
        return _column_of_texts(name, _texts(name, series), options, plan)
    if kind is Kind.NUMBER:
        raise InputError(
            f"Column {name!r} holds dates where numbers {'were in training' if plan else 'were asked for'}; "
            "give numbers, or name the kind date."
        )
    if isinstance(series.dtype, pd.PeriodDtype):
        series = series.dt.to_timestamp()
    try:
        moments = pd.to_datetime(series, utc=True)
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"Column {name!r} holds a date that cannot be read ({error}); correct it.") from None
    values = moments.dt.tz_localize(None).to_numpy().astype("datetime64[us]")
    zone = getattr(series.dtype, "tz", None) or getattr(getattr(series.dtype, "pyarrow_dtype", None), "tz", None)
    notes = ("times in UTC",) if zone is not None and str(zone) != "UTC" else ()
    format = plan.format if plan else DateFormat(has_time=has_time(values))
    return Column(name, Kind.DATE, values, format, notes)


def _column_of_texts(
    name: str, texts: Any, options: ReadingOptions, plan: ColumnPlan | None, *, stays_text: bool = False
) -> Column:
    """Read texts as cells, or keep them unless the user named a kind."""
    if stays_text and plan is None and asked_kind(name, options) is None:
        plan = ColumnPlan(Kind.CATEGORY)
    return column_of_cells(name, texts, options, plan)


def _texts(name: str, series: pd.Series[Any], inferred: str = "") -> Any:
    """Write values as texts in a pyarrow array, null where one is missing."""
    missing = series.isna().to_numpy()
    objects: NDArray[Any] = series.astype(object).to_numpy()
    if inferred != "string":
        _require_simple(name, objects, missing)
        objects = np.array(
            [None if gap else as_text(value) for value, gap in zip(objects, missing, strict=True)], object
        )
    try:
        return pa.array(objects, pa.large_string(), mask=missing)
    except UnicodeEncodeError:
        return pa.array([text and utf8_text(text) for text in objects], pa.large_string(), mask=missing)


def _require_simple(name: str, objects: NDArray[Any], missing: NDArray[np.bool_]) -> None:
    """Refuse values that are neither text nor number nor date, naming the first."""
    for row in np.flatnonzero(~missing).tolist():
        if not isinstance(objects[row], _SIMPLE) and type(objects[row]).__name__ != "Interval":
            raise InputError(
                f"Column {name!r} holds a value of type {type(objects[row]).__name__} in {row_name(row)}; "
                "turn it into a number or text."
            )


def _floats(series: pd.Series[Any]) -> NDArray[np.float64]:
    """Return numbers as float64, NaN where one is missing."""
    missing = series.isna().to_numpy()
    numbers = np.full(len(series), np.nan)
    numbers[~missing] = series[~missing].to_numpy(dtype=np.float64)
    return numbers


def _are_plain(texts: Any) -> bool:
    """Whether all texts are plain numbers, where there are any."""
    filled = texts.filter(pa.compute.not_equal(texts, ""))
    return len(filled) > 0 and are_plain_numbers(filled)
