"""A finished run: the model, how good it is, and the report."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import Any

from mathdl.certificates import Certificate
from mathdl.files.model import model_bytes
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.outcome import Outcome
from mathdl.runs.outputs import (
    CERTIFICATE,
    CERTIFICATE_DATA,
    METRICS,
    MODEL,
    REPORT,
    certificate_files,
    checked_folder,
    write_outputs,
)
from mathdl.runs.report import render_report
from mathdl.runs.strict_json import strict_json
from mathdl.runs.verdict import Headline
from mathdl.training.history import History

# What says how good clusters are, in the order in which it is told, and the form of each number.
SCORES = {
    "test_adjusted_rand_index": ".4f",
    "test_mean_square_distance": ".5g",
    "test_outliers": ".4f",
    "test_outlier_recall": ".4f",
    "test_outlier_precision": ".4f",
}


@dataclass(frozen=True, eq=False)
class Run:
    """A finished run.

    Attributes
    ----------
    model : TrainedModel
        The fitted estimator with its preprocessing: ``predict`` takes tables and images as they come.
    metrics : dict
        ``test_accuracy``; or ``test_r2`` and ``test_rmse``; or for clusters ``test_mean_square_distance`` and perhaps
        ``test_adjusted_rand_index``; or for outliers their share, ``test_outliers``, and perhaps
        ``test_outlier_recall`` and ``test_outlier_precision``. ``status``, ``train_seconds``, ``parameters`` and more.
    report : str
        The report, an HTML page.
    certificate : Certificate or None
        Where it was asked for and can be had.
    history : History or None
        The record of training epoch by epoch; None for models that are fitted otherwise.
    messages : list of str
        What went not as it should, one sentence each.
    folder : Path or None
        Where everything was written.
    outcome : Outcome
        What the report is drawn from.
    headline : Headline or None
        The scores that say most, and how the model compares with simpler ones.
    """

    model: TrainedModel
    metrics: dict[str, Any]
    certificate: Certificate | None
    history: History | None
    messages: list[str]
    folder: Path | None
    outcome: Outcome = field(repr=False)
    headline: Headline | None = field(default=None, repr=False)

    @cached_property
    def report(self) -> str:
        """The report, an HTML page, drawn when it is asked for."""
        return render_report(self.outcome.report(self.metrics))

    def scores(self) -> list[tuple[str, str]]:
        """Return what says how good the model is, in words and figures."""
        return (self.headline.scores_told() if self.headline else []) or [
            (name.replace("_", " "), f"{float(self.metrics[name]):{form}}")
            for name, form in SCORES.items()
            if name in self.metrics
        ]

    def summary(self) -> list[tuple[str, str]]:
        """Return what is printed first: the scores, the constant answer's, and how the model compares."""
        return (self.headline.lines() if self.headline else []) or self.scores()

    def save(self, folder: str | os.PathLike[str]) -> Path:
        """Write model, metrics, report and certificate into a folder, all or none.

        Parameters
        ----------
        folder : path
            Made where it is missing.

        Returns
        -------
        Path
            The folder.

        Raises
        ------
        InputError
            If it cannot be written to.
        """
        checked = checked_folder(folder)
        proof: dict[str, str | bytes | None] = {CERTIFICATE: None, CERTIFICATE_DATA: None}
        if self.certificate is not None:
            proof = certificate_files(self.certificate, self.model.model.training_data)
        contents: dict[str, str | bytes | None] = {
            MODEL: model_bytes(self.model),
            **proof,  # those of a run before, which would speak about another model, go before the new model comes
            REPORT: self.report.encode("utf-8", "backslashreplace"),  # names of files need be no UTF-8
            METRICS: strict_json(self.metrics) + "\n",
        }
        write_outputs(checked, contents)
        return checked

    def __repr__(self) -> str:
        return f"<Run: {self.metrics['model']}, {', '.join(' '.join(score) for score in self.scores())}>"

    def _repr_html_(self) -> str:
        """Show the page in a notebook."""
        return (
            f'<iframe title="{escape(repr(self))}" srcdoc="{escape(self.report)}" width="100%" height="600"></iframe>'
        )
