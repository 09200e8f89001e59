"""The report of a run: one self-contained page."""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Callable, Sequence
from functools import partial
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl import plots
from mathdl.data.preprocessing import ColumnSummary
from mathdl.plots.confusion_matrix import matrix_size
from mathdl.plots.importance import MAX_BARS
from mathdl.plots.pictures import displayed
from mathdl.plots.style import style_sheet, svg, without_controls
from mathdl.runs.report_record import Report, WorstPictures, WorstRows
from mathdl.runs.verdict import WORDS

_TIMES, _DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
_NUMBERS = re.compile(rf"[-+\d.,e{_TIMES} ]*\d|nan|[-+]?inf|{_DASH}")
MAX_CELL, MAX_CAPTION = 80, 24  # characters of a cell, and of a line below a picture or of a cell that is not broken
MAX_LAYER = 400  # characters of a layer, which may hold others
BALANCED = WORDS["balanced_accuracy"]
MAX_COLUMNS = 100  # of a table that are described; metrics.json has all
MANY_CLASSES, CONFUSED_PAIRS = 8, 10  # from so many classes on, so many pairs are listed; chosen
MAX_ACROSS = 110  # characters beside one another that a page is wide enough for; measured
PANEL = (3.5, 2.4)  # inches of axes of which two stand side by side
MAX_PIXELS = 192  # a side of a picture: the page shows it smaller


def render_report(report: Report) -> str:
    """Return a report as one HTML page.

    The page loads nothing and runs nothing: its style and its pictures are inside it, and a policy in its head forbids
    the rest. Every text in it is escaped.
    """
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mathdl.runs", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"shorten": shorten, "png": png}
    css = resources.files("mathdl.runs").joinpath("report.css").read_text(encoding="utf-8")
    page = environment.get_template("report.html.j2").render(
        report=report,
        heading=f"{report.title}: {report.target}" if report.target else report.title,
        style=css + style_sheet(),
        facts=facts(report),
        pictures=_pictures(report),
        # Made narrower, these would have letters too small to read.
        matrix_scrolls=len(report.class_names) > 20 or max(map(len, map(str, report.class_names)), default=0) > 20,
        tables=_tables(report),
        worst_are_pictures=isinstance(report.worst, WorstPictures),
    )
    return without_controls(page)


class Table(NamedTuple):
    """Texts to be shown as a table; numbers stand right, and ``wide`` columns hold texts that may be broken."""

    columns: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: Sequence[bool]
    wide: Sequence[bool]
    total: Sequence[str] = ()


def table(
    columns: Sequence[str],
    rows: Sequence[Sequence[object]],
    total: Sequence[object] = (),
    *,
    names: int = 1,
    longest: int = MAX_CELL,
) -> Table:
    """Return a table whose fractions are rounded to five figures and whose texts of more than ``longest`` are cut.

    The first columns are ``names``, which stand left though they may be numbers.
    """
    lines = [[_cell(value, longest) for value in row] for row in rows]
    cells = [[line[k] for line in lines] for k in range(len(columns))]
    right = [k >= names and any(column) and all(map(_is_number, column)) for k, column in enumerate(cells)]
    wide = [max(map(len, column), default=0) > MAX_CAPTION for column in cells]
    heads = [str(column) for column in columns]
    return Table(heads, lines, right, wide, [_cell(value, longest) for value in total])


def _is_number(cell: str) -> bool:
    """Whether a cell may stand in a column of numbers: it holds one, an interval, or nothing."""
    return all(not part or _NUMBERS.fullmatch(part) for part in cell.split(" to "))


def _cell(value: object, longest: int) -> str:
    """Write a value."""
    return f"{value:.5g}" if isinstance(value, float) else shorten(value, longest)


def shorten(content: object, length: int = MAX_CAPTION) -> str:
    """Return text of at most so many characters on one line, with an ellipsis where something was left out."""
    text = f"{content:.4g}" if isinstance(content, float) else " ".join(str(content).split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def duration(seconds: float) -> str:
    """Return a time as people say it."""
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def facts(report: Report) -> list[tuple[str, str, str]]:
    """Return name, value and remark of the numbers at the head of the page: the result first, then what it took."""
    numbers = {name: float(str(value)) for name, value in report.metrics.items()}
    right = ""
    if report.confusion is not None:
        right = f"{int(report.confusion.trace()):,} of {int(report.confusion.sum()):,} right"
    shown: dict[str, tuple[str, Callable[[float], str], str]] = {
        "test_accuracy": ("Test accuracy", lambda value: f"{100 * value:.2f} %", right),
        "test_r2": ("Test R²", "{:.4f}".format, "1 is perfect, 0 is the mean"),
        "test_rmse": ("Test RMSE", "{:.5g}".format, "in the target's unit"),
        "test_adjusted_rand_index": (
            "Adjusted Rand index",
            "{:.4f}".format,
            "clusters and classes of the test set; 1 is perfect, 0 is chance",
        ),
        "test_mean_square_distance": ("Test distance", "{:.5g}".format, "squared, to the nearest centre; the mean"),
        "test_outlier_recall": ("Recall", "{:.4f}".format, "the part of the rarer class that is among the outliers"),
        "test_outlier_precision": ("Precision", "{:.4f}".format, "the part of the outliers that is of the rarer class"),
        "test_outliers": ("Outliers", lambda value: f"{100 * value:.2f} %", "of the test part"),
    }
    found = []
    if report.answer and report.answer[0][0] == BALANCED:  # of classes of which one is rare
        value, _, interval = report.answer[0][1].partition("   ")[0].partition(" ")
        found.append((BALANCED.capitalize(), value, interval))
    found += [
        (name, write(numbers[metric]), remark) for metric, (name, write, remark) in shown.items() if metric in numbers
    ]
    found += [("Model", report.model, "")] if report.model else []
    found += report.facts
    found.append(("Parameters", f"{report.parameters:,}", ""))
    if "loss" in report.history:
        found.append(("Epochs", f"{len(report.history['loss']):,}", ""))
    return [*found, ("Training time", duration(report.seconds), "")]


def _pictures(report: Report) -> dict[str, list[str]]:
    """Draw the report's panels by section; a section without a picture is empty."""
    found: dict[str, list[str]] = {
        key: [] for key in ("curves", "layers", "search", "matrix", "answers", "binary", "importance")
    }
    history, watch, search, target = report.history, report.watch, report.search, report.target
    measures = [m for m in ("loss", "accuracy", "r2") if any(history.get(k) for k in (m, f"validation_{m}"))]
    if measures:
        found["curves"] = [
            svg(f"The {measure} of every epoch", partial(plots.plot_history, history, measure), size=PANEL)
            for measure in measures
        ]
    if watch is not None and watch.epochs:
        kinds = ["gradient_rms", "update_ratio", *(["dead_share"] if watch.dead_share else [])]
        size = (2.25, 2.2) if len(kinds) == 3 else PANEL  # three stand side by side, too
        found["layers"] = [
            svg(f"The layers' {kind} by epoch", partial(plots.plot_layers, watch, kind), size=size) for kind in kinds
        ]
    if search is not None:
        picture = svg(
            "The loss after each trial of a learning rate",
            partial(plots.plot_learning_rate_search, search),
            size=(4.4, 2.6),
        )
        found["search"] = [picture]
    if (confusion := report.confusion) is not None:
        picture = svg(
            f"Confusion matrix of {len(report.class_names)} classes",
            partial(plots.plot_confusion_matrix, confusion, report.class_names, target=target or "class"),
            size=matrix_size(len(report.class_names)),
        )
        found["matrix"] = [picture]
    if (binary := report.binary) is not None:
        found["binary"] = [
            svg(title, partial(plot, binary.truth, binary.probabilities), size=(2.6, 2.4))
            for title, plot in (
                ("The ROC curve", plots.plot_roc_curve),
                ("Precision against recall", plots.plot_precision_recall_curve),
                ("Calibration of the probabilities", plots.plot_calibration),
            )
        ]
    if (importance := report.importance) is not None:
        picture = svg(
            "The importance of the columns",
            partial(plots.plot_importance, importance.falls, importance.columns, score=importance.score),
            size=(2.9, 0.4 + 0.24 * min(len(importance.columns), MAX_BARS)),
        )
        found["importance"] = [picture]
    if report.truth is not None and report.prediction is not None and len(report.truth):
        values = (report.truth, report.prediction)
        found["answers"] = [
            svg(title, partial(plot, *values, target=target or "value"), size=(3.4, 3.1))
            for title, plot in (
                ("Predicted against true values", plots.plot_predictions),
                ("Residuals against predicted values", plots.plot_residuals),
            )
        ]
    return found


def _tables(report: Report) -> dict[str, Table]:
    """Return the report's tables by section."""
    found = {}
    if report.scores is not None:
        found["scores"] = table(report.scores.columns, report.scores.rows)
    if report.columns:
        heads = ("column", "kind", "missing", "different", "such as", "what was done")
        found["columns"] = table(heads, [_described(row) for row in report.columns[:MAX_COLUMNS]])
    if report.confusion is not None and len(report.confusion) > MANY_CLASSES:
        found["confused"] = table(
            ("true", "taken for", "times"), _most_confused(report.confusion, report.class_names), names=2
        )
    if report.confusion is not None:
        found["classes"] = table(
            (report.target or "class", "precision", "recall", "test objects"), _per_class(report.confusion, report)
        )
    if report.worst is not None and not isinstance(report.worst, WorstPictures):
        found["worst"] = _worst(report.worst)
    if report.numbers is not None:
        found["numbers"] = table(report.numbers.columns, report.numbers.rows)
    if report.layers:
        rows = [(layer, f" {_TIMES} ".join(map(str, shape)), f"{size:,}") for layer, shape, size in report.layers]
        total = ("total", "", f"{report.parameters:,}")
        found["network"] = table(("layer", "output shape", "parameters"), rows, total, longest=MAX_LAYER)
    return found


def _worst(worst: WorstRows) -> Table:
    """Return the worst rows, the data's fractions to ten figures; where lines would be too wide each is a column."""
    judged = len(worst.columns) - worst.own
    rows = [[*row[:judged], *(f"{v:.10g}" if isinstance(v, float) else v for v in row[judged:])] for row in worst.rows]
    across = table(worst.columns, rows)
    if not rows or _width(across) <= MAX_ACROSS:
        return across
    first, *lines = zip(worst.columns, *rows, strict=True)
    return table([_cell(head, MAX_CELL) for head in first], lines)


def _width(shown: Table) -> int:
    """Return about how many characters wide a table is, two of them between columns; wide ones are broken at blanks."""
    cells = zip(shown.columns, *shown.rows, strict=True)
    longest = [
        max(len(word) for cell in column for word in (cell.split() if wide else [cell]) or [""])
        for column, wide in zip(cells, shown.wide, strict=True)
    ]
    return sum(longest) + 2 * len(longest)


def _described(row: ColumnSummary) -> tuple[str, ...]:
    """Write what is known of a column."""
    return (row.name, row.kind, f"{row.missing:,}", f"{row.distinct:,}", row.examples, row.treatment)


def _per_class(confusion: NDArray[np.integer], report: Report) -> list[tuple[object, ...]]:
    """Return precision, recall and number of objects of every class."""
    right = confusion.diagonal().tolist()
    guessed, there = confusion.sum(axis=0).tolist(), confusion.sum(axis=1).tolist()
    return [
        (str(name), _share(hit, guess), _share(hit, total), f"{total:,}")
        for name, hit, guess, total in zip(report.class_names, right, guessed, there, strict=True)
    ]


def _most_confused(confusion: NDArray[np.integer], names: Sequence[object]) -> list[tuple[object, ...]]:
    """Return the pairs of classes that are taken for each other most often."""
    errors = confusion - np.diag(confusion.diagonal())
    order = np.argsort(-errors, axis=None, kind="stable")[:CONFUSED_PAIRS]
    pairs = zip(*np.unravel_index(order, errors.shape), strict=True)
    return [(names[true], names[taken], int(errors[true, taken])) for true, taken in pairs if errors[true, taken]]


def _share(part: int, whole: int) -> str:
    """Return a ratio, or a dash where there is nothing to divide by."""
    return f"{part / whole:.3f}" if whole else _DASH


def png(image: NDArray[Any]) -> str:
    """Return a picture of bytes, of shape (channels, height, width), as a PNG in a data URI; a large one is shrunk."""
    from PIL import Image

    picture = Image.fromarray(displayed(image))
    picture.thumbnail((MAX_PIXELS, MAX_PIXELS))
    content = io.BytesIO()
    picture.save(content, format="PNG")
    return "data:image/png;base64," + base64.b64encode(content.getvalue()).decode("ascii")
