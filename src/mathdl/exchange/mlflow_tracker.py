"""Training written to MLflow while it goes: one run of MLflow for each run of training."""

from __future__ import annotations

import time
from typing import Any

import numpy as np

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.exchange.optional_library import optional_library
from mathdl.exchange.tracked import numbers_of_epoch, parameters_of_run
from mathdl.status import Status
from mathdl.training.callbacks import Callback
from mathdl.training.training import Training

PAUSE = 1.0  # seconds between two messages, chosen: short epochs must not wait for a server
MAX_METRICS = 1000  # of a message, as MLflow limits it
RUN = "mlflow.run"  # in the arrays of the training, which a checkpoint keeps: the run's id
ENDS = {Status.INTERRUPTED: "KILLED", Status.DIVERGED: "FAILED"}  # all others are FINISHED
_begun: set[str] = set()  # ids of the runs that trackers of this process began and have not ended


class MLflowTracker(Callback):
    """Write each epoch's numbers, and at the start the settings, to MLflow (``pip install "mathdl[mlflow]"``).

    Where a run of MLflow is active, it goes on, and whoever began it ends it. Otherwise each fit is a new run, in the
    experiment and at the place that MLflow is told of (``mlflow.set_experiment``, ``MLFLOW_TRACKING_URI``). It ends as
    finished, as killed after Ctrl-C, or as failed where training diverged or began again at a lower rate. A training
    that is resumed goes on in the run that its checkpoint names. Numbers are sent at most once a second.

    Parameters
    ----------
    run_name : str, optional
        The name of a new run; by default MLflow makes one up.

    Attributes
    ----------
    run_id : str or None
        The id of the last run.

    Raises
    ------
    InputError
        If MLflow is not installed, or the name is no text.

    Examples
    --------
    >>> import mlflow, tempfile
    >>> from mathdl import Dense, MLflowTracker, Network
    >>> net = Network([Dense(1)], input_shape=(1,))
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     mlflow.set_tracking_uri(f"sqlite:///{folder}/mlflow.db")
    ...     experiment = mlflow.set_experiment("lines")
    ...     tracker = MLflowTracker("line")
    ...     history = net.fit([[1.0], [2.0]], [1.0, 2.0], loss="mean_square", epochs=3, callbacks=[tracker])
    ...     mlflow.get_run(tracker.run_id).info.status
    'FINISHED'
    """

    def __init__(self, run_name: str | None = None) -> None:
        if run_name is not None and not isinstance(run_name, str):
            raise InputError(f"MLflowTracker: run_name is {shortened(run_name)}; give a text.")
        _mlflow()
        self.run_name = run_name
        self.run_id: str | None = None
        self._waiting: list[Any] = []
        self._sent = 0.0

    def __repr__(self) -> str:
        return f"MLflowTracker(run_name={self.run_name!r})"

    def on_start(self, training: Training) -> None:
        """Begin a run, or go on with one; write the settings."""
        mlflow = _mlflow()
        goes_on = RUN in training.arrays or training.updates > 0
        active = mlflow.active_run()
        if active is not None and active.info.run_id in _begun:  # its training began again, or an error ended it
            _end(active.info.run_id, "FAILED")
            active = None
        if active is None:
            active = _continued(training) or mlflow.start_run(run_name=self.run_name)
            _begun.add(active.info.run_id)
        self.run_id, self._waiting, self._sent = active.info.run_id, [], time.monotonic()
        training.arrays[RUN] = np.frombuffer(active.info.run_id.encode(), np.uint8)
        client = mlflow.MlflowClient()
        known = client.get_run(self.run_id).data.params if goes_on else ()  # MLflow lets no parameter change
        settings = {name: str(value) for name, value in parameters_of_run(training).items() if name not in known}
        client.log_batch(self.run_id, params=[mlflow.entities.Param(*setting) for setting in settings.items()])

    def on_epoch(self, training: Training) -> None:
        """Keep the epoch's numbers, and send them where it is time."""
        metric, now = _mlflow().entities.Metric, round(1000 * time.time())
        numbers = numbers_of_epoch(training)
        self._waiting += [metric(name, value, now, training.epoch) for name, value in numbers.items()]
        if time.monotonic() > self._sent + PAUSE:
            self._send()

    def on_end(self, training: Training) -> None:
        """Send what is left and how training ended; end the run where a tracker began it."""
        self._send()
        client, history = _mlflow().MlflowClient(), training.history
        for name in ("status", "message"):
            client.set_tag(self.run_id, f"mathdl.{name}", str(getattr(history, name)))
        if self.run_id in _begun:
            _end(self.run_id, ENDS.get(history.status, "FINISHED"))

    def _send(self) -> None:
        """Send the numbers that wait."""
        client = _mlflow().MlflowClient()
        for first in range(0, len(self._waiting), MAX_METRICS):
            client.log_batch(self.run_id, metrics=self._waiting[first : first + MAX_METRICS])
        self._waiting, self._sent = [], time.monotonic()


def _mlflow() -> Any:
    """Import MLflow."""
    return optional_library("mlflow", "MLflow", "mlflow", "MLflowTracker")


def _continued(training: Training) -> Any:
    """Activate the run that a checkpoint names; None without one, or where it is unknown here."""
    mlflow = _mlflow()
    if RUN not in training.arrays:
        return None
    try:
        return mlflow.start_run(run_id=training.arrays[RUN].tobytes().decode())
    except mlflow.MlflowException:
        return None


def _end(run_id: str, status: str) -> None:
    """End the active run."""
    _mlflow().end_run(status)
    _begun.discard(run_id)
