"""Many small pictures, or curves, side by side in rows: what the plots of a network's inside are made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.plots.style import COLOURS, FAINT, INK, SOFT, drawable, legend

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[Any]
MOST = 64  # chosen: channels that are drawn unless others are asked for
WHITE = "#fefefe"  # no colour of the page: white has to stay white on a dark page too
_GAP, _CAPTION = 0.12, 0.42  # between tiles, and below those with captions, in widths of a tile
_FINE = 30  # pixels that the shorter side of a tile has at least, each of its own enlarged, so that gaps are narrow
_FRAME = (195, 201, 207, 255)  # the line around a picture
_MARKED = 12  # numbers of a curve that are marked each
_TALL = 0.6  # of a curve's tile, in its widths


class Grid(NamedTuple):
    """Where tiles stand: from the left, row below row, each 1 wide and ``tall`` high."""

    tiles: int
    columns: int
    tall: float
    gap: float  # between columns
    below: float  # room below a row

    @property
    def rows(self) -> int:
        """Number of rows."""
        return -(-self.tiles // self.columns)

    def corner(self, k: int) -> tuple[float, float]:
        """Return the left end and the top of a tile."""
        return k % self.columns * (1 + self.gap), -(k // self.columns) * (self.tall + self.below)


def draw_tiles(
    axes: Axes, tiles: Array, columns: int, captions: Sequence[str] = (), limit: float | Array | None = None
) -> Grid:
    """Draw pictures, of shape (n, height, width, 4) with colours, or curves, of shape (n, lines, length).

    The height of a curve is ``limit``, by default its largest number. Captions come below.
    """
    columns = min(columns, len(tiles))
    if tiles.ndim == 4:
        grid = _draw_pictures(axes, tiles, columns, _CAPTION if captions else _GAP)
    else:
        grid = Grid(len(tiles), columns, _TALL, _GAP, _CAPTION if captions else _GAP)
        _draw_curves(axes, tiles, grid, limit)
    for k, caption in enumerate(captions):
        left, top = grid.corner(k)
        axes.text(left + 0.5, top - grid.tall - 0.04, caption, ha="center", va="top", fontsize=8, color=SOFT)
    axes.set_xlim(-0.04, columns * (1 + grid.gap) - grid.gap + 0.04)
    axes.set_ylim(-grid.rows * (grid.tall + grid.below) + (0 if captions else grid.below) - 0.04, 0.04)
    axes.set_aspect("equal")
    axes.set_axis_off()
    return grid


def name_rows(axes: Axes, grid: Grid, names: Sequence[str]) -> None:
    """Write what each row is to the left of it."""
    for row, name in enumerate(names):
        _, top = grid.corner(row * grid.columns)
        axes.text(-0.1, top - grid.tall / 2, name, ha="right", va="center", fontsize=8, color=SOFT)


def name_columns(axes: Axes, grid: Grid, names: Sequence[str]) -> None:
    """Write what each column is below the last row."""
    for column, name in enumerate(names):
        left, top = grid.corner((grid.rows - 1) * grid.columns + column)
        axes.text(left + 0.5, top - grid.tall - 0.06, name, ha="center", va="top", fontsize=8, color=SOFT)


def signed(values: Array, limit: float | Array) -> Array:
    """Return colours: white for 0, up to blue for ``limit`` and down to orange for minus it; none for NaN."""
    from matplotlib.colors import LinearSegmentedColormap

    colours = LinearSegmentedColormap.from_list("signed", [COLOURS[1], WHITE, COLOURS[0]])
    with np.errstate(all="ignore"):
        shares = np.where(drawable(values.ravel()).reshape(values.shape), values / limit, np.nan)
    painted: Array = colours(0.5 + shares.clip(-1, 1) / 2, bytes=True)
    return painted


def shades(values: Array, low: float, high: float) -> Array:
    """Return colours of pictures of shape (n, channels, height, width), black for ``low`` and white for ``high``.

    Three channels are red, green and blue; of any other number than one the mean is shown.
    """
    with np.errstate(all="ignore"):
        part = ((values.astype(np.float64) - low) / ((high - low) or 1.0)).clip(0, 1)
    bytes_of = (255 * np.nan_to_num(part)).round().astype(np.uint8)
    if values.shape[1] != 3:
        bytes_of = bytes_of.mean(axis=1, keepdims=True).round().astype(np.uint8).repeat(3, axis=1)
    solid = np.full((len(values), 1, *values.shape[2:]), 255, np.uint8)
    return np.concatenate([bytes_of, solid], axis=1).transpose(0, 2, 3, 1)


def largest(values: Array) -> float:
    """Return the largest absolute value that can be drawn; 1 where all are 0."""
    good = values.ravel()[drawable(values.ravel())]
    return float(np.abs(good).max(initial=0.0)) or 1.0


def explain_signs(axes: Axes, values: Array) -> None:
    """Say above the axes what the colours of :func:`signed` are."""
    good = values.ravel()[drawable(values.ravel())]
    for colour, name, end in (
        (COLOURS[0], "positive, up to", good.max(initial=0.0)),
        (COLOURS[1], "negative, down to", good.min(initial=0.0)),
    ):
        if end:
            text = f"{name} {end:.3g}".replace("-", "\N{MINUS SIGN}")
            axes.plot([], [], "s", color=colour, label=text)
    legend(axes)


def _draw_pictures(axes: Axes, tiles: Array, columns: int, below: float) -> Grid:
    """Draw all pictures as one image, which stays sharp at every size and keeps a page small; return where they are."""
    count, height, width, _ = tiles.shape
    scale = -(-_FINE // min(height, width))
    high, wide = height * scale, width * scale
    right, down = (max(1, round(gap * wide)) for gap in (_GAP, below))
    grid = Grid(count, columns, high / wide, right / wide, down / wide)
    board = np.zeros((grid.rows * (high + down) + 1, columns * (wide + right) + 1, 4), np.uint8)
    for k, tile in enumerate(tiles):
        top, left = 1 + k // columns * (high + down), 1 + k % columns * (wide + right)
        # A fine line around it tells where what is white ends.
        board[top - 1 : top + high + 1, left - 1 : left + wide + 1] = _FRAME
        board[top : top + high, left : left + wide] = tile.repeat(scale, axis=0).repeat(scale, axis=1)
    extent = (-1 / wide, (board.shape[1] - 1) / wide, (1 - board.shape[0]) / wide, 1 / wide)
    axes.imshow(board, extent=extent, interpolation="none")
    return grid


def _draw_curves(axes: Axes, tiles: Array, grid: Grid, limit: float | Array | None) -> None:
    """Draw curves, each around a line at 0."""
    lengths = np.broadcast_to(largest(tiles) if limit is None else limit, len(tiles))
    along = np.linspace(0, 1, tiles.shape[2]) if tiles.shape[2] > 1 else np.array([0.5])
    for k, (lines, most) in enumerate(zip(tiles, lengths, strict=True)):
        left, top = grid.corner(k)
        middle = top - grid.tall / 2
        axes.plot([left, left + 1], [middle, middle], color=FAINT, linewidth=0.8, zorder=1)
        around = ([left, left + 1, left + 1, left, left], [top, top, top - grid.tall, top - grid.tall, top])
        axes.plot(*around, color=FAINT, linewidth=0.8, zorder=1)
        known = [drawable(line) for line in lines]
        for number, (line, good) in enumerate(zip(lines, known, strict=True)):
            heights = middle + np.where(good, line, np.nan) / most * grid.tall / 2
            colour = INK if sum(map(np.any, known)) == 1 else COLOURS[number % len(COLOURS)]
            marker = "o" if tiles.shape[2] <= _MARKED else ""
            axes.plot(left + along, heights, color=colour, linewidth=1.0, marker=marker, markersize=2.0, zorder=2)
