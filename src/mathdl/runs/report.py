"""The report of a run: one self-contained page."""

from __future__ import annotations

import os
from importlib import resources

from mathdl.files.whole import write_whole
from mathdl.plots.svg import escape
from mathdl.runs import report_sections as sections
from mathdl.runs.report_record import Report, WorstPictures, WorstRows

__all__ = ["Report", "WorstPictures", "WorstRows", "render_report", "write_report"]


def write_report(path: str | os.PathLike[str], report: Report) -> None:
    """Write a report as one HTML page, whole or not at all.

    The page loads nothing and runs nothing: its style and its pictures are inside it, and a policy in its
    head forbids the rest.

    Parameters
    ----------
    path : path
        The file to write.
    report : Report
        What the page shows. Every text in it is escaped.

    Raises
    ------
    FileError
        When the file cannot be written.
    """
    write_whole(path, render_report(report))


def render_report(report: Report) -> str:
    """Return the page as text.

    Parameters
    ----------
    report : Report
        What the page shows.

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
            sections.curves(report),
            sections.answers(report),
            sections.mistakes(report),
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
