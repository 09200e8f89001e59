"""The loss that learning rates led to in short and in longer trials."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from math import inf

from mathdl.plots.axes import Scale, drawable, frame, round_range
from mathdl.plots.svg import document, element, through, words
from mathdl.training.learning_rate_search import LearningRateSearch, Trial

_WIDTH, _HEIGHT = 912.0, 320.0
_TOP, _BOTTOM, _LEFT, _RIGHT = 64.0, 272.0, 58.0, 898.0
_FAILED = 44.0  # the height at which diverged trials are marked


def learning_rate_search(search: LearningRateSearch) -> str:
    """Draw the loss after every trial against the learning rate, on a logarithmic axis.

    A dotted line is the loss before the first step. Trials that failed, because they diverged or more than doubled that
    loss, are crosses above the frame.

    Parameters
    ----------
    search : LearningRateSearch
        The trials, and the rate that was taken, which is ringed.

    Returns
    -------
    str
        An SVG.

    Examples
    --------
    >>> from mathdl.training.learning_rate_search import Trial
    >>> trials = (Trial(0.1, 20, 0.5), Trial(1.0, 20, None), Trial(0.1, 80, 0.2))
    >>> learning_rate_search(LearningRateSearch(0.1, "", "", 1.0, trials)).count("<circle")
    3
    """
    start = inf if search.start_loss is None else search.start_loss
    lengths = sorted({trial.steps for trial in search.trials})
    x = Scale(search.rates[0] / 1.3, search.rates[-1] * 1.3, _LEFT, _RIGHT, logarithmic=True)
    shown = [trial.loss for trial in search.trials if trial.loss is not None and _is_shown(trial, start)]
    title = words(_LEFT, 24, "Loss after a trial", size=14, font_weight=600)
    description = "The loss after each trial of a learning rate"
    if not shown:
        return document(_WIDTH, 90.0, description, title, words(_LEFT, 56, "every trial failed", css="soft"))
    y = _vertical([*shown, *([start] if drawable(start) else [])])
    body = [title, frame(x, y, x_title="learning rate", x_ticks=x.ticks(8)), _legend(lengths)]
    if drawable(start):
        body.append(_start_line(y(start)))
    for css, steps in zip(("second", "first"), lengths, strict=False):
        body += _trials([trial for trial in search.trials if trial.steps == steps], x, y, css, start)
    longest = [trial for trial in search.trials if trial.learning_rate == search.learning_rate][-1]
    if longest.loss is not None and _is_shown(longest, start):
        body.append(_taken(x(search.learning_rate), y(longest.loss), search.learning_rate))
    return document(_WIDTH, _HEIGHT, description, *body)


def _is_shown(trial: Trial, start: float) -> bool:
    """Tell whether a trial's loss has a place within the frame."""
    return trial.loss is not None and drawable(trial.loss) and trial.loss <= 2 * start


def _vertical(losses: Sequence[float]) -> Scale:
    """Choose the scale: from 0, or logarithmic where losses differ by much."""
    low, high = min(losses), max(losses)
    if low > 0 and high > 20 * low:
        return Scale(low / 1.3, high * 1.3, _BOTTOM, _TOP, logarithmic=True)
    return Scale(0.0, round_range([0.0, high])[1], _BOTTOM, _TOP)


def _start_line(height: float) -> str:
    """Draw the loss before the first step."""
    line = {"x1": _LEFT, "x2": _RIGHT, "y1": height, "y2": height, "css": "axis", "stroke_dasharray": "2 4"}
    return element("line", **line) + words(
        _RIGHT, height - 5, "before the first step", size=11, css="soft", text_anchor="end"
    )


def _trials(trials: Sequence[Trial], x: Scale, y: Scale, css: str, start: float) -> list[str]:
    """Draw the trials of one length: a curve through those that are shown, a cross for the others."""
    ordered = sorted(trials, key=lambda trial: trial.learning_rate)
    where = [(x(t.learning_rate), y(t.loss)) for t in ordered if t.loss is not None and _is_shown(t, start)]
    path = through(where)
    dashes = {"stroke_dasharray": "6 3"} if css == "second" else {}
    parts = [element("path", d=path, css=f"{css}-line", stroke_width=2, stroke_linejoin="round", **dashes)]
    parts = parts if len(where) > 1 else []
    parts += [element("circle", cx=a, cy=b, r=3.5, css=css) for a, b in where]
    return parts + [_cross(x(t.learning_rate), css) for t in ordered if not _is_shown(t, start)]


def _cross(place: float, css: str) -> str:
    """Mark a trial that failed."""
    a, b = place - 4, place + 4
    path = f"M{a:.1f} {_FAILED - 4}L{b:.1f} {_FAILED + 4}M{a:.1f} {_FAILED + 4}L{b:.1f} {_FAILED - 4}"
    return element("path", d=path, css=f"{css}-line", stroke_width=2)


def _taken(a: float, b: float, rate: float) -> str:
    """Ring the rate that was taken, and name it."""
    above = b - 12 if b > _TOP + 24 else b + 22
    name = partial(words, a, above, f"{rate:g}", text_anchor="middle", font_weight=600)
    halo = name(css="halo", stroke_width=4)  # a trial may lie behind the name
    return element("circle", cx=a, cy=b, r=7, css="ring") + halo + name()


def _legend(lengths: Sequence[int]) -> str:
    """Name the curves and the crosses at the upper right corner."""
    parts, stop = [], _RIGHT
    for css, text in (
        ("cross", "failed"),
        *[(css, f"after {steps:,} steps") for css, steps in zip(("second", "first"), lengths, strict=False)][::-1],
    ):
        begin = stop - 6.2 * len(text)
        parts.append(words(begin, 24, text, size=12, css="soft"))
        if css == "cross":
            parts.append(words(begin - 14, 24, "\N{MULTIPLICATION SIGN}", size=15, css="soft"))
        else:
            dashes = {"stroke_dasharray": "6 3"} if css == "second" else {}
            parts.append(
                element("line", x1=begin - 27, x2=begin - 6, y1=20, y2=20, css=f"{css}-line", stroke_width=2, **dashes)
            )
        stop = begin - 42
    return "".join(parts)
