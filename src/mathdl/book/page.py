"""One page of all items: statement, computation, picture, findings and errata of each."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from itertools import groupby

from mathdl.book.finding import written
from mathdl.book.outcome import Outcome
from mathdl.book.registry import CHAPTERS
from mathdl.plots.style import style_sheet, without_controls


def render_page(outcomes: Sequence[Outcome]) -> str:
    """Return one HTML page of outcomes in the order of the book; it loads nothing and runs nothing."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("mathdl.book", ""),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"written": written}
    chapters = [(number, list(group)) for number, group in groupby(outcomes, key=lambda each: each.item.chapter)]
    page = environment.get_template("page.html.j2").render(
        style=resources.files("mathdl.book").joinpath("page.css").read_text(encoding="utf-8") + style_sheet(),
        titles=CHAPTERS,
        chapters=chapters,
        errata=sum(len(each.errata) for each in outcomes),
    )
    return without_controls(page)
