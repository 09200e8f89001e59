"""How pictures look: colours for light and dark pages, text that is safe to draw, and figures as SVG."""

from __future__ import annotations

import html
import io
import logging
import re
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Draw = Callable[..., object]  # takes the axes as ``ax``

# Okabe and Ito's colours, which every kind of colour vision tells apart, as dark as a white page needs and as light as
# a dark page needs.
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#b9559a", "#c79200", "#3f9fd8")
_COLOURS_ON_DARK = ("#56b4e9", "#f0a04b", "#3ecfa3", "#e39ccb", "#f2dc5d", "#a9b8ff")
# From the first of many to the last.
RAMP = ("#0077bb", "#4d68c8", "#8f5cd6", "#b24ead", "#cc4282", "#cd4e41", "#c05a00", "#8a6a00")
_RAMP_ON_DARK = ("#4fb0f0", "#86a2fa", "#b794ff", "#dc8ae0", "#f584b2", "#f98f7d", "#f09a4a", "#d3b04a")
INK, SOFT, FAINT, PAGE = "#1c2733", "#5b6875", "#dfe5ea", "#ffffff"
_DARK = dict(zip((*COLOURS, *RAMP), (*_COLOURS_ON_DARK, *_RAMP_ON_DARK), strict=True))
_DARK |= {INK: "#e6edf3", SOFT: "#9aa7b4", FAINT: "#2a323c", PAGE: "#161b22"}
_FONT = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif'
MAX_POINTS = 2000  # of a scatter plot: more cannot be told apart, and make a page of megabytes
_NO_LOOKS = ("backend", "interactive", "toolbar")
_MARGIN = 5.0  # inches for labels and legends: what lies outside of the canvas is not drawn
MAX_VALUE = 1e300  # numbers beyond leave an axis no room for its arithmetic

_RC: Any = {
    "svg.fonttype": "none",
    "text.usetex": False,
    "font.family": ["DejaVu Sans"],  # comes with matplotlib; wider than the page's font, so that labels fit
    "font.size": 9.0,
    "axes.titlesize": 9.5,
    "axes.labelsize": 9.0,
    "xtick.labelsize": 8.5,
    "ytick.labelsize": 8.5,
    "legend.fontsize": 8.5,
    "text.color": INK,
    "axes.labelcolor": SOFT,
    "xtick.color": SOFT,
    "ytick.color": SOFT,
    "axes.edgecolor": SOFT,
    "axes.facecolor": PAGE,
    "axes.linewidth": 0.7,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.unicode_minus": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.7,
    "xtick.major.width": 0.7,
    "ytick.major.width": 0.7,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
}


def style_sheet() -> str:
    """Return the CSS that gives pictures the page's font and, on a dark screen, colours that stand out from it."""
    dark = "".join(
        f'.plot [style*="{kind}: {light}"]{{{kind}:{colour}!important}}'
        for light, colour in _DARK.items()
        for kind in ("fill", "stroke")
    )
    light = f".plot *{{stroke-linejoin:round}}.plot text{{font-family:{_FONT}!important}}"
    return f"{light}@media screen and (prefers-color-scheme:dark){{{dark}}}"


def svg(description: str, *draws: Draw, size: tuple[float, float] = (3.9, 2.5), columns: int = 3) -> str:
    """Return a picture for a page that has the :func:`style_sheet`.

    Each of ``draws`` draws into axes of ``size`` inches (their labels come on top); several stand in rows of
    ``columns``. ``description`` is for readers who cannot see it, and has to differ from that of the page's other
    pictures, as identifiers are made of it. The same drawing gives the same text.
    """
    description = without_controls(description)
    columns = min(columns, len(draws))
    rows = -(-len(draws) // columns)
    content = io.StringIO()
    with _own_style(description):
        from matplotlib.backends.backend_svg import FigureCanvasSVG
        from matplotlib.figure import Figure

        width, height = size[0] * (1.3 * columns - 0.3), size[1] * (1.5 * rows - 0.5)
        canvas = (width + 2 * _MARGIN, height + 2 * _MARGIN)
        figure = Figure(figsize=canvas, dpi=72)
        x, y = _MARGIN / canvas[0], _MARGIN / canvas[1]
        figure.subplots_adjust(x, y, 1 - x, 1 - y, wspace=0.3, hspace=0.5)
        for k, draw in enumerate(draws):
            axes = figure.add_subplot(rows, columns, k + 1)
            draw(ax=axes)
            axes.patch.set_visible(False)
        figure.patch.set_visible(False)
        metadata = dict.fromkeys(("Date", "Creator", "Format", "Type"))
        FigureCanvasSVG(figure).print_svg(content, metadata=metadata)  # type: ignore[no-untyped-call]
        # Drawing once and framing what came of it takes half the time of bbox_inches="tight".
        left, bottom, width, height = (72 * side for side in figure.get_tightbbox().padded(0.03).bounds)
    box = (left, 72 * canvas[1] - bottom - height, width, height)
    return _embeddable(content.getvalue(), description, box)


@contextmanager
def _own_style(salt: str) -> Iterator[None]:
    """Draw in the one style, whatever the user's settings are, and in silence.

    A name in letters that the measuring font lacks is measured a little wrong, and drawn right; without a folder for
    its cache matplotlib reads the fonts anew.
    """
    log = logging.getLogger("matplotlib")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            from matplotlib import rc_context, rcParamsDefault

            plain = {name: rcParamsDefault[name] for name in rcParamsDefault if not name.startswith(_NO_LOOKS)}
            with rc_context({**plain, **_RC, "svg.hashsalt": salt}):
                yield
    finally:
        log.setLevel(level)


def svg_file(description: str, *draws: Draw, size: tuple[float, float] = (3.9, 2.5), columns: int = 3) -> str:
    """Return a picture that stands by itself; see :func:`svg`."""
    page = ".plot{background:#fff}@media screen and (prefers-color-scheme:dark){.plot{background:#161b22}}"
    text = svg(description, *draws, size=size, columns=columns)
    return text.replace(">", f"><style>{style_sheet()}{page}</style>", 1)


def _embeddable(text: str, description: str, box: tuple[float, ...]) -> str:
    """Leave out of matplotlib's SVG what a page must not have twice, and say what it shows and how large it is."""
    x, y, width, height = box
    size = f'width="{width:.1f}pt" height="{height:.1f}pt" viewBox="{x:.1f} {y:.1f} {width:.1f} {height:.1f}"'
    text = re.sub(r'(<svg [^>]*?)\s+width="[^"]*" height="[^"]*" viewBox="[^"]*"', rf"\1 {size}", text, count=1)
    text = text[text.index("<svg") :]
    text = re.sub(r"\s*<(metadata|style)\b.*?</\1>", "", text, flags=re.DOTALL)
    text = re.sub(r'<g id="[^"]*"', "<g", text)
    # A marker takes its colours from where it is used: the style sheet does not reach into its definition.
    text = re.sub(r'(<path id="m[^>]*?) style="[^"]*"', r"\1", text)
    text = re.sub(r"\s*<!--.*?-->", "", text, flags=re.DOTALL)
    # A hundredth of a point is finer than any screen.
    text = re.sub(r' (d|x|y)="[^"]*"', lambda found: _shorter(found[0]), text)
    name = html.escape(description)
    return without_controls(text.replace("<svg", f'<svg class="plot" role="img" aria-label="{name}"', 1).strip())


def _shorter(attribute: str) -> str:
    """Return coordinates with two decimals and no line breaks."""
    return re.sub(r"(\.\d\d)\d+", r"\1", attribute).replace(" \n", "")


def without_controls(text: str) -> str:
    """Return a text with ``?`` for the control characters and lone surrogates that XML and HTML forbid."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]", "?", text)


def label(content: object, length: int = 60) -> str:
    """Return a text on one line that matplotlib shows as it is, shortened in its middle where it is long."""
    text = without_controls(" ".join(str(content).split()))
    if len(text) > length:
        tail = length // 2
        text = text[: length - tail - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}" + text[-tail:].lstrip()
    # Dollars would begin a formula, and a leading underscore keep a name out of the legend.
    return ("\N{ZERO WIDTH SPACE}" if text.startswith("_") else "") + text.replace("$", r"\$")


def labels(names: Sequence[object], length: int = 24) -> list[str]:
    """Return labels of which no two are the same: those that shortening made equal are numbered."""
    short = [label(name, length) for name in names]
    return [f"{k + 1}: {text}" if short.count(text) > 1 else text for k, text in enumerate(short)]


def new_axes(ax: Axes | None) -> Axes:
    """Return the axes, or those of a new figure that a notebook shows."""
    from matplotlib.axes import Axes

    if isinstance(ax, Axes):
        return ax
    if ax is not None:
        raise InputError(f"ax is of the type {type(ax).__name__}; give axes of matplotlib.")

    from matplotlib import pyplot

    new: Axes = pyplot.subplots()[1]
    return new


def legend(ax: Axes, columns: int | None = None) -> None:
    """Name what has a label above the axes, in as many columns as there is room for."""
    handles, names = ax.get_legend_handles_labels()
    if not handles:
        return
    if columns is None:
        width = ax.get_window_extent().width * 72 / ax.figure.dpi
        columns = max(1, int(width / (28 + 5.2 * max(map(len, names)))))
    place: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0), "borderaxespad": 0.2}
    shape: dict[str, Any] = {"handlelength": 1.6, "handletextpad": 0.5, "columnspacing": 1.2, "labelspacing": 0.3}
    ax.legend(handles, names, ncols=min(columns, len(names)), frameon=False, **place, **shape)


def log_axes(ax: Axes, x: bool = False, y: bool = False) -> None:
    """Make axes that hold their data logarithmic, with plain numbers: formulas take several times as long to draw."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    for wanted, axis, set_scale in ((x, ax.xaxis, ax.set_xscale), (y, ax.yaxis, ax.set_yscale)):
        if wanted:
            set_scale("log")
            low, high = sorted(axis.get_view_interval())
            axis.set_major_locator(LogLocator(subs=(1, 2, 5) if high < 300 * low else (1,), numticks=8))
            axis.set_minor_locator(NullLocator())
            axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def whole_ticks(ax: Axes) -> None:
    """Name whole numbers only on the horizontal axis."""
    from matplotlib.ticker import MaxNLocator

    ax.xaxis.set_major_locator(MaxNLocator("auto", integer=True))


def drawable(values: Any, positive: bool = False) -> NDArray[np.bool_]:
    """Tell which numbers can be drawn: there, finite and not huge, and on a logarithmic axis positive."""
    numbers = np.array([np.nan if value is None else value for value in values], np.float64)
    with np.errstate(invalid="ignore"):
        good = np.abs(numbers) < MAX_VALUE
        return good & (numbers > 0) if positive else good


def spread(count: int, most: int = MAX_POINTS) -> NDArray[np.intp]:
    """Return at most so many of the places 0 to count - 1, evenly spread."""
    return np.unique(np.linspace(0, count - 1, min(count, most)).round().astype(np.intp))
