"""Matrices drawn as grids of squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.book.finding import written
from mathdl.plots.style import COLOURS, INK, SOFT

# None of these is a colour of the page: white has to stay white on a dark page too.
_GREYS = ("#fefefe", "#e4e7ea", "#c3c9cf", "#9aa3ac", "#6f7a85", "#1d2734")


def draw_matrix(
    ax: Any,
    matrix: Any,
    title: str,
    numbers: bool = True,
    axes: tuple[str, str] = ("row i", "column j"),
    shades: tuple[float, float] | None = None,
    block: int = 0,
) -> None:
    """Draw the entries as squares with their numbers, from white to black for the smallest to the largest.

    ``shades`` says which entries are white and black, where not these; lines part blocks of ``block`` x ``block``.
    """
    matrix = np.asarray(matrix)
    rows, columns = matrix.shape
    low, high = shades or (matrix.min(), matrix.max())
    shade_of = np.rint((matrix - low) / max(high - low, 1e-12) * (len(_GREYS) - 1)).astype(int)
    for i in range(rows):
        for j in range(columns):
            shade = shade_of[i, j]
            ax.add_patch(_square(j + 0.5, i + 0.5, _GREYS[shade]))
            if numbers:
                ink = _GREYS[0] if shade > 3 else "#010101"
                ax.text(j + 1, i + 1, written(matrix[i, j]), ha="center", va="center", color=ink)
    if block:
        ax.hlines(np.arange(block, rows, block) + 0.5, 0.5, columns + 0.5, color=COLOURS[1], linewidth=2.5)
        ax.vlines(np.arange(block, columns, block) + 0.5, 0.5, rows + 0.5, color=COLOURS[1], linewidth=2.5)
    ax.set(xlim=(0.4, columns + 0.6), ylim=(rows + 0.6, 0.4), xlabel=axes[1], ylabel=axes[0], aspect="equal")
    ax.set_xticks(range(1, columns + 1))
    ax.set_yticks(range(1, rows + 1))
    ax.set_title(title, color=INK)
    ax.grid(False)


def draw_shades(ax: Any, matrix: Any, title: str) -> None:
    """Draw many entries from 0 to 255 as a picture, 0 white and 255 black."""
    ax.imshow(255 - np.asarray(matrix, np.uint8), cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    ax.set(xlabel="column j", ylabel="row i")
    ax.set_title(title, color=INK)
    ax.grid(False)


def _square(x: float, y: float, colour: str) -> Any:
    """Return a square of side 1 by its corner."""
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=SOFT, linewidth=0.6)
