"""What has become of training a network: its metrics and its report."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network
from mathdl.runs.evaluation import Evaluation, evaluate
from mathdl.runs.model_pictures import model_pictures
from mathdl.runs.outputs import machine, objects, versions, write_outputs
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report_record import Report
from mathdl.runs.strict_json import plain
from mathdl.training.history import History
from mathdl.training.watch import Watch


@dataclass(frozen=True, eq=False)
class NetworkOutcome:
    """A trained network with all that is known about how it came about.

    ``watch`` saw the layers in training; ``facts`` are what the run was made with: source, task, settings, seed,
    command.
    """

    network: Network
    data: PreparedData
    history: History
    watch: Watch
    seconds: float
    facts: dict[str, Any]

    def write(self, folder: Path) -> dict[str, Any]:
        """Test the network and write model, metrics and report.

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
        model = TrainedModel(self.network, data.classes, data.scaling, data.preprocessing)
        evaluation = evaluate(model, data)
        metrics = self._metrics(evaluation)
        write_outputs(folder, model, metrics, self._report(model, evaluation))
        return metrics

    def _metrics(self, evaluation: Evaluation) -> dict[str, Any]:
        """Return all that is worth a number."""
        history, search = self.history, self.history.search
        last = {
            name: values[-1]
            for name, values in (
                ("train_loss", history.loss),
                ("validation_loss", history.validation_loss),
                ("validation_accuracy", history.validation_accuracy),
            )
            if values
        }
        return {
            **evaluation.metrics,
            **last,
            "train_seconds": self.seconds,
            "parameters": self.network.size,
            "model": "network",
            **self.facts,
            **(
                {}
                if search is None
                else {"learning_rate": search.learning_rate, "learning_rate_search": search.to_dict()}
            ),
            "epochs": history.epochs,
            "status": history.status,
            **({"message": history.message} if history.message else {}),
            **({"warnings": self.watch.warnings} if self.watch.warnings else {}),
            "layers_in_training": self._layers_in_training(),
            **objects(self.data),
            **{name.lower(): version for name, version in versions().items()},
        }

    def _layers_in_training(self) -> dict[str, Any]:
        """Return what was seen of the layers, each number with four figures."""
        watch = self.watch
        records = {"gradient_norm": watch.gradient_norm, "update_ratio": watch.update_ratio}
        records["dead_share"] = watch.dead_share
        rounded = {
            kind: {layer: [float(f"{value:.4g}") for value in values] for layer, values in record.items()}
            for kind, record in records.items()
        }
        return {"epochs": watch.epochs, **plain(rounded)}

    def _report(self, model: TrainedModel, evaluation: Evaluation) -> Report:
        """Return what the page shows."""
        data, history, network, watch = self.data, self.history, self.network, self.watch
        curves: dict[str, list[float]] = {
            "loss": history.loss,
            "validation_loss": history.validation_loss,
            "validation_accuracy": history.validation_accuracy,
        }
        if data.classes is None and data.validation is not None and (spread := float(data.validation.targets.var())):
            curves["validation_r2"] = [1 - loss / spread for loss in history.validation_loss]
        return Report(
            title=data.name,
            target=getattr(data.train.source, "target_name", ""),
            model="network",
            data=data.description,
            command=self.facts["command"],
            metrics=evaluation.metrics,
            parameters=network.size,
            seconds=self.seconds,
            history=curves,
            watch=watch,
            search=history.search,
            layers=[(repr(layer), layer.output_shape, layer.size) for layer in network.layers],
            confusion=evaluation.confusion,
            class_names=() if data.classes is None else data.classes.to_list(),
            truth=evaluation.truth,
            prediction=evaluation.prediction,
            pictures=model_pictures(model, data),
            worst=evaluation.worst,
            environment={**versions(), **machine()},
            notes=[*([history.message] if history.message else []), *watch.warnings],
        )
