"""Which class was taken for which."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.plots.svg import document, element, escape, shorten, words

_SIDE = 470.0
_LARGEST_CELL, _SMALLEST_CELL, _SMALLEST_NUMBERED = 60.0, 2.0, 16.0
_LETTER = 6.3


def confusion_matrix(matrix: NDArray[np.integer], class_names: Sequence[object]) -> str:
    """Draw a confusion matrix: true classes are rows, predicted classes columns.

    Right answers are blue and mistakes vermilion, the stronger the larger their share of the row. With up
    to about thirty classes every count is written into its cell.

    Parameters
    ----------
    matrix : array of int, shape (K, K)
        Entry (i, j) counts the objects of class i that were taken for class j.
    class_names : sequence of length K
        The names, in the order of the rows.

    Returns
    -------
    str
        An SVG.

    Raises
    ------
    InputError
        When the matrix is not square or has not one row for each name.

    Examples
    --------
    >>> import numpy as np
    >>> confusion_matrix(np.array([[9, 1], [0, 5]]), ["cat", "dog"]).count("<rect")
    4
    """
    count = len(class_names)
    if matrix.shape != (count, count) or count == 0:
        raise InputError(
            f"a confusion matrix of shape {matrix.shape} does not go with {count} class names; "
            "give one row and one column for each class"
        )
    cell = min(_LARGEST_CELL, max(_SMALLEST_CELL, _SIDE / count))
    names = [shorten(name, 16) for name in class_names]
    longest = max(map(len, names)) * _LETTER
    slanted = longest > cell - 4
    left, top, side = 34 + longest, 8.0, cell * count
    width = max(left + side + 8, left + 100.0)
    depth = 14 + (0.72 * longest if slanted else 8)
    body = [element("rect", x=left, y=top, width=side, height=side, css="empty")]
    body.append(_cells(matrix, [str(name) for name in class_names], cell, left, top))
    body.append(_labels(names, cell, left, top, slanted))
    middle = top + side / 2
    turn = f"rotate(-90 14 {middle:.1f})"
    body.append(words(14.0, middle, "true class", css="soft", text_anchor="middle", transform=turn))
    foot = top + side + depth + 20
    body.append(words(left + side / 2, foot, "predicted class", css="soft", text_anchor="middle"))
    return document(width, foot + 10, f"Confusion matrix of {count} classes", *body)


def _cells(matrix: NDArray[np.integer], names: list[str], cell: float, left: float, top: float) -> str:
    """Draw the cells that are not zero, each with its count where there is room."""
    totals = matrix.sum(axis=1)
    gap = 1.0 if cell >= 8 else 0.0
    parts = []
    for i, j in zip(*(indices.tolist() for indices in np.nonzero(matrix)), strict=True):
        value, x, y = int(matrix[i, j]), left + j * cell, top + i * cell
        # The square root keeps a single mistake among hundreds visible.
        strength = 0.15 + 0.85 * math.sqrt(value / int(totals[i]))
        title = element("title", escape(f"{value} of class {names[i]} taken for {names[j]}"))
        box = {"x": x, "y": y, "width": cell - gap, "height": cell - gap, "fill_opacity": strength}
        parts.append(element("rect", title, css="first" if i == j else "second", **box))
        if cell >= _SMALLEST_NUMBERED:
            parts.append(_count(value, x + (cell - gap) / 2, y + (cell - gap) / 2, cell, strength))
    return "".join(parts)


def _count(value: int, x: float, y: float, cell: float, strength: float) -> str:
    """Write a count in the middle of its cell, as large as fits, in the ink that can be read on it."""
    size = min(14.0, 0.46 * cell, 0.86 * cell / (0.58 * len(str(value))))
    css = "pale" if strength > 0.6 else "ink"
    return words(x, y + 0.35 * size, value, size=size, css=css, text_anchor="middle", pointer_events="none")


def _labels(names: list[str], cell: float, left: float, top: float, slanted: bool) -> str:
    """Write the class names beside the rows and below the columns, some left out where they are dense."""
    parts = []
    bottom = top + cell * len(names)
    every = math.ceil(11 / cell)
    for k in range(0, len(names), every):
        middle = (k + 0.5) * cell
        parts.append(words(left - 7, top + middle + 4, names[k], size=11, text_anchor="end"))
        x, y = left + middle, bottom + 16
        if slanted:
            turn = {"transform": f"rotate(-45 {x + 3:.1f} {y - 4:.1f})", "text_anchor": "end"}
            parts.append(words(x + 3, y - 4, names[k], size=11, **turn))
        else:
            parts.append(words(x, y, names[k], size=11, text_anchor="middle"))
    return "".join(parts)
