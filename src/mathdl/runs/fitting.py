"""Fitting: an estimator is trained epoch by epoch or solved at once, and certified where that is asked for."""

from __future__ import annotations

import shlex
import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from mathdl.certificates import Certificate, Data, verify
from mathdl.errors import ConvergenceWarning, NotCertifiedError, NotSeparableError, TrainingInterrupted
from mathdl.files.checkpoint import Checkpoint, load_checkpoint
from mathdl.runs.options import trains_in_epochs
from mathdl.runs.outputs import CERTIFICATE, CHECKPOINT, certificate_files, make_folder, write_outputs
from mathdl.runs.prepared_data import PreparedData
from mathdl.training.callbacks import Callback
from mathdl.training.training import Training
from mathdl.training.watch import Watch

CHECKPOINTS = 20  # about so many are made in a run of many short epochs; chosen


@dataclass(eq=False)
class Fitting:
    """An estimator and the data that it is fitted to; ``messages`` are what went not as it should.

    ``folder`` is where a checkpoint goes, and the certificate of classes that cannot be separated; None: nowhere.
    ``seconds`` are those of the whole fit, with its searches for a weight decay and a learning rate; of a resumed run
    also those before.
    """

    estimator: Any
    data: PreparedData
    folder: Path | None
    certify: bool
    command: str
    seconds: float = 0.0
    messages: list[str] = field(default_factory=list)

    def solve(self) -> Watch | None:
        """Fit at once; keep what the solver warned of. There are no epochs to watch."""
        start = time.perf_counter()
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always", ConvergenceWarning)
                fit(self.estimator, self.data)
        except NotSeparableError as error:
            self._report_common_point(error)
        self.seconds = time.perf_counter() - start
        for warning in caught:
            if issubclass(warning.category, ConvergenceWarning):
                self.messages.append(str(warning.message))
            else:
                warnings.warn_explicit(warning.message, warning.category, warning.filename, warning.lineno)
        return None

    def train(self, seed: int, resume: bool, callbacks: Sequence[Callback]) -> Watch:
        """Train epoch by epoch; return what saw the layers."""
        watch, state = Watch(), None
        own: list[Callback] = [watch, *callbacks]
        if self.folder is not None:
            shared = self._shared(seed)
            every = max(1, self.estimator.epochs // CHECKPOINTS)
            own.append(RunCheckpoint(self.folder / CHECKPOINT, every, shared))
            state = load_checkpoint(self.folder / CHECKPOINT, shared) if resume else None
        before, start = 0.0 if state is None else float(state.record["seconds"]), time.perf_counter()
        try:
            fit(self.estimator, self.data, callbacks=own, resume=state)
        except TrainingInterrupted as stop:
            raise self.interrupted(stop) from None
        self.seconds = before + time.perf_counter() - start
        message = self.estimator.history_.message
        self.messages += [message] if message else []
        return watch

    def certificate(self) -> Certificate | None:
        """Have the estimator certified where that is asked for; where it cannot be, say why."""
        try:
            certificate: Certificate | None = self.estimator.certify() if self.certify else None
        except NotCertifiedError as error:
            self.messages.append(str(error))
            return None
        return certificate

    def _shared(self, seed: int) -> dict[str, Any]:
        """Return what a run that goes on from a checkpoint must share with the one that made it."""
        classes = self.data.split.classes
        layers = self.estimator.get_params(deep=False).get("layers")
        return {
            **self.estimator.settings(),
            "seed": seed,
            "network": f"{layers!r} for {1 if classes is None else len(classes)} outputs",
            "training data": self.data.fingerprint(),
        }

    def interrupted(self, stop: TrainingInterrupted) -> TrainingInterrupted:
        """Return the interruption, of the training or of a fold after it, with a sentence that says how to go on."""
        if self.folder is None:
            message = f"{stop} Nothing is written."
        elif not (self.folder / CHECKPOINT).exists():  # it was interrupted before the first step
            message = f"{stop} Nothing is trained or written yet; start again with: {self.command}"
        else:
            resumes = "--resume" in shlex.split(self.command)
            message = f"{stop} Go on with: {self.command}{'' if resumes else ' --resume'}"
        interrupted = TrainingInterrupted(message)
        interrupted.history = stop.history
        return interrupted

    def _report_common_point(self, error: NotSeparableError) -> NoReturn:
        """Raise the error in the run's words; where certificates are asked for, write that of the common point."""
        classes = self.data.split.classes
        assert classes is not None
        first, second = classes.tolist()
        reason = f"No hyperplane separates the classes {first!r} and {second!r}"
        separation = error.separation
        if self.certify and self.folder is not None:
            A, B = separation.A, separation.B
            seen = np.vstack([A, B]), np.array(["A"] * len(A) + ["B"] * len(B)), None
            verdict = verify(separation.certificate, Data(*seen))
            if not verdict:
                raise NotCertifiedError(f"The checker refuses the certificate of a common point: {verdict.reason}")
            write_outputs(self.folder, certificate_files(separation.certificate, seen))
            reason += f", as the common point of their convex hulls in {self.folder / CERTIFICATE} shows"
        refusal = NotSeparableError(f"{reason}; choose the model soft-margin.")
        refusal.separation = separation
        raise refusal from None


def fit(estimator: Any, data: PreparedData, **of_epochs: Any) -> Any:
    """Fit an estimator to what trains; one that trains in epochs is also given what watches, and more."""
    train, validation = data.train, data.validation
    if validation is not None and trains_in_epochs(type(estimator)):
        of_epochs["validation"] = (validation.inputs, validation.target.labels)
    return estimator.fit(train.inputs, train.target.labels, **of_epochs)


class RunCheckpoint(Checkpoint):
    """A checkpoint that makes its folder when all that was given has been checked and training begins."""

    def on_start(self, training: Training) -> None:
        """Make the folder."""
        make_folder(self.path.parent)
        super().on_start(training)
