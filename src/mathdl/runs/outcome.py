"""What came out of a run: its metrics, and its report."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numba
import numpy as np

import mathdl
from mathdl.certificates import Certificate, in_plain_words
from mathdl.data import Table
from mathdl.data.preprocessing import ColumnSummary
from mathdl.models.number_table import NumberTable
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.evaluation import Evaluation, binary_answers, imbalanced, rare_class
from mathdl.runs.importance import Importance, column_importance
from mathdl.runs.model_pictures import model_pictures
from mathdl.runs.prepared_data import PreparedData
from mathdl.runs.report_record import BinaryAnswers, Report
from mathdl.runs.scores import LEVEL
from mathdl.runs.scores_table import scores_table
from mathdl.runs.strict_json import plain
from mathdl.runs.trial import Trial
from mathdl.runs.verdict import Headline, headline
from mathdl.status import Status
from mathdl.training.callbacks import WENT_BACK
from mathdl.training.history import History
from mathdl.training.watch import Watch


@dataclass(frozen=True, eq=False)
class Outcome:
    """A fitted model with all that is known about how it came about.

    ``facts`` are what the run was made with: model, source, settings, seed, command; ``messages`` are what went not as
    it should. A model that trains epoch by epoch has a history, and a watch that saw its layers.
    """

    model: TrainedModel
    data: PreparedData
    trial: Trial
    seconds: float
    facts: dict[str, Any]
    messages: list[str]
    certificate: Certificate | None = None
    watch: Watch | None = None

    @property
    def evaluation(self) -> Evaluation:
        """How good the model is."""
        return self.trial.evaluation

    @property
    def headline(self) -> Headline:
        """What is told first of how good it is, and beside what."""
        return Headline(
            self.facts["model"],
            self.evaluation.scores,
            self.trial.baselines,
            headline(self.data.split.task, imbalanced=imbalanced(self.data.split)),
            len(self.data.split.folds),
        )

    @property
    def history(self) -> History | None:
        """The record of the training."""
        return getattr(self.model.model, "history_", None)

    def metrics(self) -> dict[str, Any]:
        """Return all that is worth a number."""
        estimator, data, train = self.model.model, self.data, self.data.train
        value = estimator.objective_value(train.inputs, train.target.labels)
        parts = {"train": train, "validation": data.validation, "test": data.test}
        return {
            **self.evaluation.metrics,
            **self._judged(),
            **({} if value is None else {"objective": value}),
            **_last_of(self.history),
            "status": str(estimator.status_),
            **({} if self.certificate is None else {"statement": self.certificate.statement}),
            **({"message": " ".join(self.messages)} if self.messages else {}),
            **({"warnings": self.watch.warnings} if self.watch and self.watch.warnings else {}),
            "train_seconds": self.seconds,
            "parameters": estimator.parameter_count,
            **self.facts,
            **_found_rate(self.history),
            **({} if self.history is None else {"history": _history(self.history)}),
            **({} if self.importance is None else {"importance": self.importance.to_dict()}),
            **({} if self.watch is None else {"layers_in_training": _layers_in_training(self.watch)}),
            **{f"{name}_objects": len(part or ()) for name, part in parts.items()},
            **{name.lower(): version for name, version in _versions().items()},
        }

    def _judged(self) -> dict[str, Any]:
        """Return all scores with their intervals, those of each class, and the baselines'."""
        evaluation, split = self.evaluation, self.data.split
        if not evaluation.scores:
            return {}
        confusion, threshold = evaluation.confusion, self.trial.threshold
        classes = [] if split.classes is None else split.classes.tolist()
        found = {
            "scores": {name: score.to_dict() for name, score in evaluation.scores.items()},
            "interval_level": LEVEL,
            "tested": f"{len(split.folds)}-fold cross-validation" if split.folds else "test part",
            "baselines": {
                baseline.name: {
                    **({} if baseline.answer is None else {"answer": baseline.answer}),
                    "scores": {name: score.to_dict() for name, score in baseline.scores.items()},
                }
                for baseline in self.trial.baselines
            },
            "compared": self.headline.comparisons(),
            "class_names": classes,
            "per_class": list(evaluation.per_class),
            "confusion": [] if confusion is None else confusion.tolist(),
            "calibration": list(evaluation.calibration),
        }
        if threshold is not None:
            found["threshold"] = {"class": classes[threshold.code], "probability": threshold.value}
        return {name: value for name, value in found.items() if value != []}

    @cached_property
    def importance(self) -> Importance | None:
        """How much each column of a table counts: on the test part, or with folds on what trained."""
        split = self.data.split
        part = self.data.train if split.folds else self.data.test
        if split.preprocessing is None or split.task == "clustering" or part.target.labels is None:
            return None
        blocks = dict(zip(split.preprocessing.columns, split.preprocessing.blocks, strict=True))
        with np.errstate(all="ignore"):  # a run that diverged may answer nothing finite
            seed = int(self.facts.get("seed", 0))
            found = column_importance(self.model.model, part.inputs, part.target.labels, blocks, seed=seed)
        return found if found is None or not split.folds else found._replace(kind="training")

    def _scores_table(self) -> NumberTable | None:
        """Return all scores beside the baselines'."""
        scores = self.evaluation.scores
        if not scores:
            return None
        return scores_table(str(self.facts["model"]), scores, self.trial.baselines, len(self.data.split.folds))

    def _binary(self) -> BinaryAnswers | None:
        """Return what the curves of two classes are drawn from, for the rarer one."""
        split = self.data.split
        return None if split.classes is None else binary_answers(self.evaluation, split.classes, rare_class(split))

    def report(self, metrics: dict[str, Any]) -> Report:
        """Return what the page shows."""
        estimator, split, history, watch = self.model.model, self.data.split, self.history, self.watch
        network = getattr(estimator, "network_", None)
        facts = []
        if "objective" in metrics:
            status = estimator.status_
            facts = [
                ("Objective", f"{metrics['objective']:.6g}", estimator.declaration.minimises),
                ("Status", str(status), status.sentence),
            ]
        if (threshold := self.trial.threshold) is not None:
            name = self.model.classes[threshold.code]
            facts.append(("Threshold", f"{threshold.value:.4g}", f"from this probability on the answer is {name}"))
        return Report(
            title=split.source.name.removeprefix("the "),
            target=split.source.target_name,
            model=self.facts["model"],
            data=split.description,
            command=self.facts["command"],
            metrics=self.evaluation.metrics,
            parameters=metrics["parameters"],
            seconds=self.seconds,
            facts=facts,
            history=self._curves(),
            best_epoch=None if history is None else history.best_epoch,
            last_is_kept=_last_is_kept(history),
            watch=watch,
            search=None if history is None else history.search,
            layers=[(repr(layer), layer.output_shape, layer.size) for layer in network.layers] if network else (),
            confusion=self.evaluation.confusion,
            class_names=self.model.classes,
            truth=self.evaluation.truth,
            prediction=self.evaluation.prediction,
            pictures=model_pictures(self.model, self.data),
            worst=self.evaluation.worst,
            numbers=estimator.table_of_learned(split.features),
            answer=self.headline.lines(),
            scores=self._scores_table(),
            columns=self._columns(),
            importance=self.importance,
            binary=self._binary(),
            statement="" if self.certificate is None else self.certificate.statement,
            in_plain_words="" if self.certificate is None else in_plain_words(self.certificate),
            environment={**_versions(), **_machine()},
            notes=[*self.messages, *(watch.warnings if watch else [])],
        )

    def _columns(self) -> list[ColumnSummary]:
        """Describe the columns of a table."""
        split = self.data.split
        if split.preprocessing is None or not isinstance(split.source, Table):
            return []
        return split.preprocessing.summaries(split.source.columns)

    def _curves(self) -> dict[str, list[float]]:
        """Return what a training recorded, one number an epoch; of a regression also R2 on the validation part."""
        history, validation = self.history, self.data.validation
        if history is None:
            return {}
        curves: dict[str, list[float]] = {
            "loss": history.loss,
            "validation_loss": history.validation_loss,
            "validation_accuracy": history.validation_accuracy,
        }
        if self.model.model.loss == "mean_square" and validation is not None:
            targets = (validation.target.labels - self.model.model.target_mean_) / self.model.model.target_scale_
            if spread := float(targets.var()):
                curves["validation_r2"] = [1 - loss / spread for loss in history.validation_loss]
        return curves


def _last_is_kept(history: History | None) -> bool:
    """Whether the parameters of the last epoch were kept though the validation loss was lowest after another."""
    if history is None or history.best_epoch == history.epochs or history.status == Status.DIVERGED:
        return False
    return WENT_BACK not in history.message


def _history(history: History) -> dict[str, list[float]]:
    """Return what a training recorded, one number an epoch."""
    names = ("loss", "validation_loss", "validation_accuracy")
    return {name: list(getattr(history, name)) for name in names if getattr(history, name)}


def _last_of(history: History | None) -> dict[str, float]:
    """Return what a training recorded of its last epoch."""
    if history is None:
        return {}
    records = {"train_loss": history.loss, "validation_loss": history.validation_loss}
    records["validation_accuracy"] = history.validation_accuracy
    return {name: values[-1] for name, values in records.items() if values}


def _found_rate(history: History | None) -> dict[str, Any]:
    """Return the epochs that were trained, and the learning rate that was found where one was looked for."""
    if history is None:
        return {}
    search = history.search
    # The rate of the last beginning, which may be lower than the one that was found.
    taken = history.learning_rate[0] if history.learning_rate else None
    rate = {} if search is None else {"learning_rate": taken, "learning_rate_search": search.to_dict()}
    best = {} if history.best_epoch is None else {"best_epoch": history.best_epoch}
    return {"epochs": history.epochs, **best, **rate}


def _layers_in_training(watch: Watch) -> dict[str, Any]:
    """Return what was seen of the layers, each number with four figures."""
    records = {"gradient_norm": watch.gradient_norm, "update_ratio": watch.update_ratio}
    records["dead_share"] = watch.dead_share
    rounded = {
        kind: {layer: [float(f"{value:.4g}") for value in values] for layer, values in record.items()}
        for kind, record in records.items()
    }
    return {"epochs": watch.epochs, **plain(rounded)}


def _versions() -> dict[str, str]:
    """Return the versions of what a result depends on."""
    others = {"Python": platform.python_version(), "NumPy": np.__version__, "Numba": numba.__version__}
    return {"mathdl": mathdl.__version__, **others}


def _machine() -> dict[str, str]:
    """Return what the run ran on."""
    return {"system": f"{platform.system()} {platform.machine()}", "cores": str(os.cpu_count())}
