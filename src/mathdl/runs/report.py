"""The report of a run: one self-contained page."""

from __future__ import annotations

from importlib import resources

from mathdl.plots.svg import escape
from mathdl.runs import report_sections as sections
from mathdl.runs.report_record import Report


def render_report(report: Report) -> str:
    """Return a report as one HTML page.

    The page loads nothing and runs nothing: its style and its pictures are inside it, and a policy in its head forbids
    the rest.

    Parameters
    ----------
    report : Report
        What the page shows. Every text in it is escaped.

    Returns
    -------
    str
        The HTML.
    """
    body = "\n".join(
        section
        for section in (
            sections.header(report),
            sections.notes(report),
            sections.certificate(report),
            sections.curves(report),
            sections.layers_in_training(report),
            sections.learning_rate(report),
            sections.drawing(report),
            sections.answers(report),
            sections.mistakes(report),
            sections.numbers(report),
            sections.network(report),
            sections.reproduction(report),
        )
        if section
    )
    style = resources.files("mathdl.runs").joinpath("report.css").read_text(encoding="utf-8")
    policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(report.title)}</title>
<style>
{style}</style>
</head>
<body>
<main>
{body}
</main>
</body>
</html>
"""
