"""Folds: rows divided for cross-validation, where each is tested once, by a model that did not learn from it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import require_at_least
from mathdl.errors import InputError

Rows = NDArray[np.intp]

FEW_ROWS = 1_000  # below which a test part says little, and models are cross-validated
DEFAULT_FOLDS = 5
SHOWN_CLASSES = 5  # in a message


def checked_folds(cv: int | None) -> int | None:
    """Return the number of folds that was asked for; 0 asks for a test part."""
    if cv is not None:
        require_at_least("cv", cv, 0)
        if cv == 1:
            raise InputError("cv is 1; give 2 or more folds, or 0 for a test part.")
    return cv


def fold_rows(
    rows: Rows, codes: NDArray[np.int64] | None, classes: NDArray[Any] | None, count: int, seed: int
) -> tuple[list[Rows], list[str]]:
    """Divide rows into folds, by class where there are classes, and say what could not be done.

    The one row of a class always trains. Of a class with fewer rows than folds, some folds have none.
    """
    import warnings

    from sklearn.model_selection import KFold, StratifiedKFold

    messages: list[str] = []
    if codes is None:
        most = len(rows)
    else:
        counts = np.bincount(codes[rows])
        rows = rows[counts[codes[rows]] > 1]
        most = int(counts.max(initial=0))
        messages = _about_small_classes(counts, classes, min(count, most))
    if most < 2:
        what = "2 rows" if codes is None else "a class with at least 2 of them"
        raise InputError(f"A cross-validation of {len(rows) or most} rows needs {what}; give more rows.")
    if count > most:
        of = "there are" if codes is None else "the largest class has"
        messages.append(f"{of.capitalize()} only {most} rows, so there are {most} folds and not {count}.")
        count = most
    if codes is None:
        parts = KFold(count, shuffle=True, random_state=seed % 2**32).split(rows)
    else:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # of a small class, which the messages name
            folds = StratifiedKFold(count, shuffle=True, random_state=seed % 2**32)
            parts = list(folds.split(rows, codes[rows]))
    return [rows[tested] for _, tested in parts], messages


def _about_small_classes(counts: NDArray[np.intp], classes: NDArray[Any] | None, folds: int) -> list[str]:
    """Name the classes that have too few rows to be tested in every fold."""
    names = [repr(label) for label in (np.arange(len(counts)) if classes is None else classes).tolist()]
    single = [name for name, count in zip(names, counts, strict=True) if count == 1]
    few = [name for name, count in zip(names, counts, strict=True) if 1 < count < folds]
    said = []
    if single:
        said.append(f"{_listed(single)} with one row only: learned, but not tested; the scores speak of the others.")
    if few:
        said.append(f"{_listed(few)} with fewer rows than the {folds} folds: not tested in every fold.")
    return said


def _listed(names: list[str]) -> str:
    """Name one or more classes."""
    shown = ", ".join(names[:SHOWN_CLASSES]) + (
        f" and {len(names) - SHOWN_CLASSES} more" * (len(names) > SHOWN_CLASSES)
    )
    return f"Class{'es' if len(names) > 1 else ''} {shown}"
