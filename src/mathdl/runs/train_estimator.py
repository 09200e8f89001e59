"""The main job for an estimator: from data to a fitted model, its metrics, a report, and perhaps a certificate."""

from __future__ import annotations

import os
import time
import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from mathdl.certificates import Certificate, Data, verify
from mathdl.checks import require_at_least
from mathdl.data import read
from mathdl.errors import ConvergenceWarning, InputError, NotCertifiedError, NotSeparableError
from mathdl.files.whole import write_together
from mathdl.runs.command_line import command_line
from mathdl.runs.estimator_outcome import EstimatorOutcome
from mathdl.runs.model_options import MODELS, ModelKind, check_options
from mathdl.runs.output_folder import CERTIFICATE, MODEL, REPORT, check_folder, make_folder
from mathdl.runs.outputs import certificate_files
from mathdl.runs.prepared_data import PreparedData, prepare_rows


@dataclass(frozen=True)
class EstimatorRun:
    """A finished run.

    Attributes
    ----------
    metrics : dict
        ``test_accuracy``, or ``test_r2`` and ``test_rmse``, or for clusters ``test_mean_square_distance`` and perhaps
        ``test_adjusted_rand_index``; ``objective``, ``status``, ``statement`` of the certificate, and more.
    folder, model, report : Path
        Where everything lies, the model file and the report.
    certificate : Path or None
        The certificate's file; None where there is none.
    messages : list of str
        What went not as it should, one sentence each.
    """

    metrics: dict[str, Any]
    folder: Path
    model: Path
    report: Path
    certificate: Path | None
    messages: list[str]


def train_estimator(
    source: str | os.PathLike[str],
    *,
    model: str,
    out: str | os.PathLike[str],
    data: str | os.PathLike[str] | None = None,
    target: str | None = None,
    regularization: float | None = None,
    degree: int | None = None,
    clusters: int | None = None,
    test_fraction: float = 0.2,
    seed: int = 0,
    threads: int | None = None,
    certify: bool = False,
    command: str = "",
) -> EstimatorRun:
    """Fit a linear model, a support vector machine or clusters; write the model, its metrics and a report.

    The estimator reads float64: columns of numbers standardised, text one-hot encoded, images as rows of numbers from
    0 to 1. The test part is touched once, at the end.

    Parameters
    ----------
    source : str or path
        ``"digits"``, ``"mnist"``, a CSV, Parquet or NPZ file, or a folder of images by class.
    model : {"linear", "polynomial", "logistic", "hard-margin", "soft-margin", "kmeans"}
        What to fit.
    out : path
        Folder for ``model.safetensors``, ``metrics.json`` and ``report.html``; made where it is missing.
    data : path, optional
        Folder of MNIST's files.
    target : str, optional
        The column to learn. For ``"kmeans"`` tables need none; one that is named is compared with the clusters.
    regularization : float, optional
        lambda of ``"logistic"`` and ``"soft-margin"``.
    degree : int, optional
        The degree of ``"polynomial"``.
    clusters : int, optional
        The number of clusters of ``"kmeans"``.
    test_fraction : float, default 0.2
        Share of the data kept apart for testing, where they bring no test part.
    seed : int, default 0
        Seed of the split, and of the first centres of ``"kmeans"``.
    threads : int, optional
        Threads of ``"kmeans"``; the result is the same.
    certify : bool, default False
        Whether to write ``certificate.json``, with the data that it speaks about in ``certificate-data.npz``. Where
        there is no certificate, the run's messages say why.
    command : str, optional
        The command that reproduces the run, for the report.

    Returns
    -------
    EstimatorRun

    Raises
    ------
    InputError
        If data or an argument cannot be used; nothing is written then.
    NotSeparableError
        If no hyperplane separates the two classes of ``"hard-margin"``; with ``certify`` the certificate of that is
        written, and nothing else.
    """
    given = {"regularization": regularization, "degree": degree, "clusters": clusters, "threads": threads}
    check_options(model, given | {"certify": certify})
    if model not in MODELS:
        raise InputError(f"{model!r} is trained by mathdl.runs.train; choose one of {', '.join(MODELS)}.")
    kind, folder = MODELS[model], Path(out)
    require_at_least("seed", seed, 0)
    check_folder(folder)
    read_data = read(source, target=target, data=data, needs_target=kind.task != "clustering")
    prepared = prepare_rows(read_data, task=kind.task, test_fraction=test_fraction, seed=seed)
    if kind.two_classes and len(prepared.classes or ()) != 2:
        raise InputError(
            f"The model {model} decides between two classes, but the data have {len(prepared.classes or ())}; choose "
            "logistic, or a target with two."
        )
    options = {"model": model, "data": data, "target": target, **given}
    options |= {"test_fraction": test_fraction, "seed": seed, "out": out, "certify": certify}
    run = _Run(folder, model, kind, prepared, certify, command or command_line(source, options))
    estimator = kind.make(given)
    if kind.task == "clustering":
        estimator.set_params(random_state=seed)
    facts = {"source": os.fspath(source), "target": target, "test_fraction": test_fraction, "seed": seed}
    return run.finish(estimator, {name: value for name, value in facts.items() if value is not None})


@dataclass(frozen=True, eq=False)
class _Run:
    """A run with everything settled."""

    folder: Path
    model: str
    kind: ModelKind
    data: PreparedData
    certify: bool
    command: str

    def finish(self, estimator: Any, facts: dict[str, Any]) -> EstimatorRun:
        """Fit, certify, test, and write everything."""
        train, messages = self.data.train, []
        labels: Any = None if self.kind.task == "clustering" else train.targets
        if self.kind.task == "classification" and self.data.classes is not None:
            labels = self.data.classes.decode(train.targets)
        start = time.perf_counter()
        try:
            messages += _fit(estimator, train.inputs, labels)
        except NotSeparableError as error:
            self._report_common_point(error)
        seconds = time.perf_counter() - start
        certificate = self._certificate(estimator, messages)
        facts = {
            "model": self.model,
            "task": self.kind.task,
            **facts,
            **_parameters(estimator),
            "command": self.command,
        }
        make_folder(self.folder)
        outcome = EstimatorOutcome(estimator, self.data, labels, seconds, facts, certificate, messages)
        metrics = outcome.write(self.folder)
        place = None if certificate is None else self.folder / CERTIFICATE
        return EstimatorRun(metrics, self.folder, self.folder / MODEL, self.folder / REPORT, place, messages)

    def _certificate(self, estimator: Any, messages: list[str]) -> Certificate | None:
        """Have the estimator certified where that is asked for; where it cannot be, say why."""
        try:
            certificate: Certificate | None = estimator.certify() if self.certify else None
        except NotCertifiedError as error:
            messages.append(str(error))
            return None
        return certificate

    def _report_common_point(self, error: NotSeparableError) -> NoReturn:
        """Raise the error in the run's words; where certificates are asked for, write that of the common point."""
        first, second = self.data.classes.names if self.data.classes is not None else ("", "")
        reason = f"No hyperplane separates the classes {first!r} and {second!r}"
        found = error.separation
        if self.certify:
            seen = np.vstack([found.A, found.B]), np.array(["A"] * len(found.A) + ["B"] * len(found.B)), None
            verdict = verify(found.certificate, Data(*seen))
            if not verdict:
                raise NotCertifiedError(f"The checker refuses the certificate of a common point: {verdict.reason}")
            make_folder(self.folder)
            contents = certificate_files(found.certificate, seen)
            write_together({self.folder / name: content for name, content in contents.items()})
            reason += f", as the common point of their convex hulls in {self.folder / CERTIFICATE} shows"
        said = NotSeparableError(f"{reason}; choose the model soft-margin.")
        said.separation = found
        raise said from None


def _fit(estimator: Any, X: Any, y: Any) -> list[str]:
    """Fit; return what the solver warned of."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        estimator.fit(X, y)
    for other in caught:
        if not issubclass(other.category, ConvergenceWarning):
            warnings.warn_explicit(other.message, other.category, other.filename, other.lineno)
    return [str(warning.message) for warning in caught if issubclass(warning.category, ConvergenceWarning)]


def _parameters(estimator: Any) -> dict[str, Any]:
    """Return the estimator's parameters as JSON can hold them, but for those of the run itself."""
    return {name: v for name, v in estimator.get_params().items() if name not in ("random_state", "threads")}
