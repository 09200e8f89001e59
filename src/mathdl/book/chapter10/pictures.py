"""Matrices drawn as grids of squares."""

from __future__ import annotations

from typing import Any

import numpy as np

from mathdl.book.finding import written
from mathdl.plots.style import INK, SOFT

_GREYS = ("#ffffff", "#e4e7ea", "#c3c9cf", "#9aa3ac", "#6f7a85", "#1c2733")


def draw_matrix(ax: Any, matrix: Any, title: str, numbers: bool = True, every: int = 1) -> None:
    """Draw the entries as squares, the smallest white and the largest black, with their numbers."""
    matrix = np.asarray(matrix)
    rows, columns = matrix.shape
    low, high = matrix.min(), matrix.max()
    shades = np.rint((matrix - low) / max(high - low, 1e-12) * (len(_GREYS) - 1)).astype(int)
    for i in range(rows):
        for j in range(columns):
            shade = shades[i, j]
            ax.add_patch(_square(j + 0.5, i + 0.5, _GREYS[shade]))
            if numbers:
                ink = "#ffffff" if shade > 3 else "#000000"
                ax.text(j + 1, i + 1, written(matrix[i, j]), ha="center", va="center", color=ink)
    ax.set(xlim=(0.4, columns + 0.6), ylim=(rows + 0.6, 0.4), xlabel="column j", ylabel="row i", aspect="equal")
    ax.set_xticks(range(1, columns + 1, every))
    ax.set_yticks(range(1, rows + 1, every))
    ax.set_title(title, color=INK)
    ax.grid(False)


def _square(x: float, y: float, colour: str) -> Any:
    """Return a square of side 1 by its corner."""
    from matplotlib.patches import Rectangle

    return Rectangle((x, y), 1, 1, facecolor=colour, edgecolor=SOFT, linewidth=0.6)
