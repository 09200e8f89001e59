"""The sections of a report's page, top to bottom; a section with nothing to show is an empty text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from mathdl.plots.confusion_matrix import confusion_matrix
from mathdl.plots.layer_curves import layer_curves
from mathdl.plots.learning_curves import learning_curves
from mathdl.plots.learning_rate_search import learning_rate_search
from mathdl.plots.picture_grid import picture_grid
from mathdl.plots.prediction_scatter import prediction_scatter
from mathdl.plots.svg import escape, shorten
from mathdl.runs.report_record import Report, WorstPictures, WorstRows

_NO_MISTAKE = "None: the model makes no mistake on the test set."
_RIGHT, _LEFT, _WORD = "", ' class="text"', ' class="word"'
_TIMES, _DASH = "\N{MULTIPLICATION SIGN}", "\N{EN DASH}"
_NUMBERS = re.compile(rf"[-+\d.,e{_TIMES} ]*\d|nan|[-+]?inf|{_DASH}")


def header(report: Report) -> str:
    """Return the title and the facts: the result first, then what it took."""
    facts = "".join(_fact(*fact, "other" if k else "headline") for k, fact in enumerate(_facts(report)))
    return f"""<header>
<h1>{escape(report.title)}</h1>
<p class="lead">{escape(report.data)}</p>
<dl class="facts">{facts}</dl>
</header>"""


def _fact(name: str, value: str, more: str, kind: str) -> str:
    """Return one fact; a value in words is set smaller than a number."""
    word = _WORD if value.replace(" ", "").isalpha() else ""
    remark = f"<small>{escape(more)}</small>" if more else ""
    return f'<div class="{kind}"><dt>{escape(name)}</dt><dd{word}>{escape(value)}{remark}</dd></div>'


def _facts(report: Report) -> list[tuple[str, str, str]]:
    """Return name, value and remark of the numbers at the head of the page."""
    facts = []
    metrics = report.metrics
    if "test_accuracy" in metrics:
        remark = ""
        if report.confusion is not None:
            remark = f"{int(report.confusion.trace()):,} of {int(report.confusion.sum()):,} right"
        facts.append(("Test accuracy", f"{100 * _real(metrics['test_accuracy']):.2f} %", remark))
    if "test_r2" in metrics:
        facts.append(("Test R²", f"{_real(metrics['test_r2']):.4f}", "1 is perfect, 0 is the mean"))
    if "test_rmse" in metrics:
        facts.append(("Test RMSE", f"{_real(metrics['test_rmse']):.5g}", "in the target's unit"))
    if "test_adjusted_rand_index" in metrics:
        index = f"{_real(metrics['test_adjusted_rand_index']):.4f}"
        facts.append(("Adjusted Rand index", index, "clusters and classes of the test set; 1 is perfect, 0 is chance"))
    if "test_mean_square_distance" in metrics:
        distance = f"{_real(metrics['test_mean_square_distance']):.5g}"
        facts.append(("Test distance", distance, "squared, to the nearest centre; the mean"))
    facts += report.facts
    facts.append(("Parameters", f"{report.parameters:,}", ""))
    if "loss" in report.history:
        facts.append(("Epochs", f"{len(report.history['loss']):,}", ""))
    facts.append(("Training time", duration(report.seconds), ""))
    return facts


def _real(value: object) -> float:
    """Return a metric as a float."""
    return float(str(value))


def duration(seconds: float) -> str:
    """Return a time as people say it.

    Examples
    --------
    >>> duration(3.14159), duration(200), duration(3840)
    ('3.1 s', '3 min 20 s', '1 h 04 min')
    """
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"


def notes(report: Report) -> str:
    """Return what the reader should be warned about."""
    if not report.notes:
        return ""
    items = "".join(f"<li>{escape(note)}</li>" for note in report.notes)
    return f'<section class="notes"><ul>{items}</ul></section>'


def certificate(report: Report) -> str:
    """Return what the certificate states."""
    if not report.statement:
        return ""
    how = "Checked in exact arithmetic. certificate.json holds the numbers; mathdl verify certificate.json checks them."
    return (
        f'<section>\n<h2>Certificate</h2>\n<p>{escape(report.statement)}</p>\n<p class="caption">{how}</p>\n</section>'
    )


def drawing(report: Report) -> str:
    """Return the picture of the model."""
    if report.drawing is None:
        return ""
    return (
        f"<section>\n<h2>{escape(report.drawing.title)}</h2>\n<figure>{report.drawing.svg}</figure>\n"
        f'<p class="caption">{escape(report.drawing.caption)}</p>\n</section>'
    )


def numbers(report: Report) -> str:
    """Return the model's coefficients."""
    if report.numbers is None:
        return ""
    found = report.numbers
    remark = f'\n<p class="caption">{escape(found.remark)}</p>' if found.remark else ""
    content = f'<div class="wide">{table(found.columns, found.rows)}</div>{remark}'
    return f'<section class="long">\n<h2>{escape(found.title)}</h2>\n{content}\n</section>'


def curves(report: Report) -> str:
    """Return the learning curves."""
    if not report.history:
        return ""
    picture = learning_curves(report.history)
    return f"<section>\n<h2>Learning curves</h2>\n<figure>{picture}</figure>\n</section>"


def layers_in_training(report: Report) -> str:
    """Return how gradients, steps and dead ReLUs of the layers went."""
    record = report.layer_record
    if record is None or not record.epochs:
        return ""
    picture = layer_curves(record.epochs, record.gradient, record.ratio, record.dead)
    caption = (
        "Layers are named by their place and kind. Gradients of healthy layers lie within a factor of about 30 of each "
        "other; a step of a learning layer is about a thousandth of its parameters; a dead ReLU is 0 for every "
        "training object looked at."
    )
    return (
        f"<section>\n<h2>Layers in training</h2>\n<figure>{picture}</figure>\n"
        f'<p class="caption">{caption}</p>\n</section>'
    )


def learning_rate(report: Report) -> str:
    """Return how the learning rate was found."""
    if report.search is None:
        return ""
    picture = learning_rate_search(report.search)
    caption = "Each point is one trial, from the same start. The ring marks the rate that was taken."
    return (
        f"<section>\n<h2>Learning rate</h2>\n<figure>{picture}</figure>\n"
        f'<p class="caption">{caption}</p>\n<p>{escape(report.search.reason)}</p>\n</section>'
    )


def answers(report: Report) -> str:
    """Return how the answers on the test set compare with the truth."""
    if report.confusion is not None:
        return _classes(report)
    if report.truth is not None and report.prediction is not None and len(report.truth):
        picture = prediction_scatter(report.truth, report.prediction)
        caption = "Each point is one test object; on the dashed line the prediction is the truth."
        return (
            "<section>\n<h2>Predicted and true values</h2>\n"
            f'<figure>{picture}</figure>\n<p class="caption">{caption}</p>\n</section>'
        )
    return ""


def _classes(report: Report) -> str:
    """Return the confusion matrix and the table of precision and recall."""
    assert report.confusion is not None
    picture = confusion_matrix(report.confusion, report.class_names)
    caption = "Colour is the share of the true class: blue where the model is right, orange where wrong."
    kind = "" if len(report.class_names) <= 12 else ' class="long"'
    return f"""<section{kind}>
<h2>Confusion matrix</h2>
<div class="pair">
<figure>{picture}</figure>
<div class="wide">{_per_class(report)}</div>
</div>
<p class="caption">{caption}</p>
</section>"""


def _per_class(report: Report) -> str:
    """Return precision and recall of every class, read off the confusion matrix."""
    assert report.confusion is not None
    right = report.confusion.diagonal().tolist()
    guessed, there = report.confusion.sum(axis=0).tolist(), report.confusion.sum(axis=1).tolist()
    rows = [
        (name, _share(hit, guess), _share(hit, total), f"{total:,}")
        for name, hit, guess, total in zip(report.class_names, right, guessed, there, strict=True)
    ]
    return table(("class", "precision", "recall", "test objects"), rows)


def _share(part: int, whole: int) -> str:
    """Return a ratio, or a dash where there is nothing to divide by."""
    return f"{part / whole:.3f}" if whole else _DASH


def mistakes(report: Report) -> str:
    """Return the worst mistakes, as pictures or as rows."""
    if report.worst is None:
        return ""
    content = _pictures(report.worst) if isinstance(report.worst, WorstPictures) else _rows(report.worst)
    return f'<section>\n<h2>Worst mistakes</h2>\n<div class="wide">{content}</div>\n</section>'


def _pictures(worst: WorstPictures) -> str:
    """Return pictures with what the model said, how sure it was, and the truth."""
    if len(worst.images) == 0:
        return f"<p>{_NO_MISTAKE}</p>"
    captions = [
        f"is {_word(true)}\nsaid {_word(said)}" for true, said in zip(worst.truth, worst.predicted, strict=True)
    ]
    if worst.probabilities is not None:
        captions = [f"{c}\n{100 * p:.0f} % sure" for c, p in zip(captions, worst.probabilities, strict=True)]
    return f"<figure>{picture_grid(worst.images, captions)}</figure>"


def _word(value: object) -> str:
    """Return a class name or a value short enough for a caption, on one line."""
    text = f"{value:.4g}" if isinstance(value, float) else str(value)
    return shorten(" ".join(text.split()), 13)


def _rows(worst: WorstRows) -> str:
    """Return rows of a table."""
    if not worst.rows:
        return f"<p>{_NO_MISTAKE}</p>"
    return table(worst.columns, worst.rows)


def network(report: Report) -> str:
    """Return the layer table."""
    if not report.layers:
        return ""
    rows = [(layer, f" {_TIMES} ".join(map(str, shape)), f"{size:,}") for layer, shape, size in report.layers]
    total = ("total", "", f"{report.parameters:,}")
    content = table(("layer", "output shape", "parameters"), rows, total)
    return f'<section class="long">\n<h2>Network</h2>\n<div class="wide">{content}</div>\n</section>'


def reproduction(report: Report) -> str:
    """Return the command that reproduces the run, and what it ran on."""
    environment = " · ".join(f"{escape(name)} {escape(value)}" for name, value in report.environment.items())
    return f"""<section>
<h2>Reproduce</h2>
<pre><code>{escape(report.command)}</code></pre>
<p class="environment">{environment}</p>
</section>"""


def table(columns: Sequence[str], rows: Sequence[Sequence[object]], total: Sequence[object] = ()) -> str:
    """Return an HTML table with its total, if any, set apart; number columns after the first stand right."""
    lines = [[_cell(value) for value in row] for row in rows]
    sides = [k > 0 and all(_NUMBERS.fullmatch(line[k]) for line in lines) for k in range(len(columns))]
    foot = f"<tfoot>{_row([_cell(value) for value in total], sides)}</tfoot>" if total else ""
    body = "\n".join(_row(line, sides) for line in lines)
    return f"<table><thead>{_row(columns, sides, 'th')}</thead><tbody>\n{body}\n</tbody>{foot}</table>"


def _cell(value: object) -> str:
    """Write a value: fractions rounded to five figures, long text shortened."""
    return f"{value:.5g}" if isinstance(value, float) else shorten(value, 80)


def _row(texts: Iterable[str], sides: Iterable[bool], kind: str = "td") -> str:
    """Return one row of cells, numbers to the right."""
    cells = (
        f"<{kind}{_RIGHT if right else _LEFT}>{escape(text)}</{kind}>" for text, right in zip(texts, sides, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>"
