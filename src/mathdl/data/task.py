"""The task: classes to tell apart, or a number to predict."""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from mathdl.data.cleaning import clean_values
from mathdl.errors import InputError

Task = Literal["classification", "regression"]

_MOST_INTEGER_CLASSES = 20


def decide_task(y: ArrayLike) -> Task:
    """Decide what a target asks for.

    Text, booleans and at most 20 distinct integers mean classes; anything else is a regression.

    Parameters
    ----------
    y
        The target, one value per row.

    Returns
    -------
    str
        ``"classification"`` or ``"regression"``.

    Raises
    ------
    InputError
        If the target is empty, or a value is missing, infinite, or neither number nor text.

    Examples
    --------
    >>> decide_task(["rose", "tulip"]), decide_task([0.5, 1.5])
    ('classification', 'regression')
    """
    values = clean_values("The target", y)
    if len(values) == 0:
        raise InputError("The target is empty; give at least one value.")
    if values.dtype.kind in "bO":
        return "classification"
    whole = values.dtype.kind in "iu" or bool(np.all(values == np.rint(values)))
    few = len(np.unique(values)) <= _MOST_INTEGER_CLASSES
    return "classification" if whole and few else "regression"
