"""What has become of fitting an estimator: its metrics, its report, and its certificate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mathdl.certificates import Certificate
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.estimator_facts import OBJECTIVES, coefficients, objective, parameter_count
from mathdl.runs.evaluation import Evaluation, evaluate
from mathdl.runs.model_pictures import feature_names, model_pictures
from mathdl.runs.outputs import machine, objects, versions, write_outputs
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report_record import Report

STATUS = {
    "converged": "the solver met its tolerance",
    "certified": "checked in exact arithmetic",
    "inexact": "within a bound, but not exact",
    "no minimiser": "the objective falls for ever",
    "minimum norm": "the shortest of many that are equally good",
    "limit reached": "the solver stopped before its tolerance",
}


@dataclass(frozen=True, eq=False)
class EstimatorOutcome:
    """A fitted estimator with all that is known about how it came about.

    ``labels`` are the targets that it was fitted to, ``facts`` what the run was made with, ``messages`` what went not
    as it should.
    """

    estimator: Any
    data: PreparedData
    labels: Any
    seconds: float
    facts: dict[str, Any]
    certificate: Certificate | None
    messages: list[str]

    def write(self, folder: Path) -> dict[str, Any]:
        """Test the estimator and write model, metrics, report and, where there is one, the certificate.

        Parameters
        ----------
        folder : Path
            Where to.

        Returns
        -------
        dict
            The metrics.

        Raises
        ------
        FileError
            If a file cannot be written.
        """
        data = self.data
        classes = data.classes if data.task == "classification" else None
        model = TrainedModel(self.estimator, classes, None, data.preprocessing, data.image_shape)
        evaluation = evaluate(model, data)
        metrics = self._metrics(evaluation)
        proof = None if self.certificate is None else (self.certificate, self.estimator.training_data)
        write_outputs(folder, model, metrics, self._report(model, evaluation, metrics), proof)
        return metrics

    def _metrics(self, evaluation: Evaluation) -> dict[str, Any]:
        """Return all that is worth a number."""
        return {
            **evaluation.metrics,
            "objective": objective(self.estimator, self.data.train.inputs, self.labels),
            "status": self.estimator.status_,
            **({} if self.certificate is None else {"statement": self.certificate.statement}),
            **({"message": " ".join(self.messages)} if self.messages else {}),
            "train_seconds": self.seconds,
            "parameters": parameter_count(self.estimator),
            **self.facts,
            **objects(self.data),
            **{name.lower(): version for name, version in versions().items()},
        }

    def _report(self, model: TrainedModel, evaluation: Evaluation, metrics: dict[str, Any]) -> Report:
        """Return what the page shows."""
        data, status = self.data, self.estimator.status_
        facts = [
            ("Objective", f"{metrics['objective']:.6g}", OBJECTIVES[model.kind]),
            ("Status", status, STATUS[status]),
        ]
        return Report(
            title=data.name,
            target=getattr(data.train.source, "target_name", ""),
            model=self.facts["model"],
            data=data.description,
            command=self.facts["command"],
            metrics=evaluation.metrics,
            parameters=metrics["parameters"],
            seconds=self.seconds,
            facts=facts,
            confusion=evaluation.confusion,
            class_names=() if model.classes is None else model.classes.to_list(),
            truth=evaluation.truth,
            prediction=evaluation.prediction,
            pictures=model_pictures(model, data),
            worst=evaluation.worst,
            numbers=coefficients(self.estimator, feature_names(data)),
            statement="" if self.certificate is None else self.certificate.statement,
            environment={**versions(), **machine()},
            notes=self.messages,
        )
