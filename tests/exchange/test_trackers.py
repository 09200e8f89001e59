"""Training written to MLflow and for TensorBoard, read back by these libraries."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Callback, Checkpoint, MLflowTracker, NetworkClassifier, TensorBoardTracker, load_checkpoint
from mathdl.errors import DivergenceWarning, FileError, InputError, TrainingInterrupted
from mathdl.exchange import mlflow_tracker
from mathdl.training.training import Training
from training.examples import network, objects, press_ctrl_c

EPOCHS = 4
NAMES = ("loss", "validation_loss", "validation_accuracy", "learning_rate", "seconds")


class AfterEpoch(Callback):
    """Do something after an epoch."""

    def __init__(self, epoch: int, action: Any) -> None:
        self.epoch, self.action = epoch, action

    def on_epoch(self, training: Training) -> None:
        if training.epoch == self.epoch:
            self.action(training)


class Failure(Exception):
    pass


def interrupt(training: Training) -> None:
    press_ctrl_c()


def begin_again(training: Training) -> None:
    training.arrays.setdefault("start", training.parameters.copy())
    if training.restarts == 0:
        training.wants_restart = True
        training.history.message = ""


def spoil(training: Training) -> None:
    training.parameters.fill(np.inf)


def fail(training: Training) -> None:
    raise Failure


def fitted(tracker: Callback, *others: Callback, **options: Any) -> Any:
    X, y = objects(20)
    settings = {"rule": SGD(0.2, momentum=0.9), "epochs": EPOCHS, "batch_size": 5, "seed": 3, **options}
    return network().fit(
        X, y, loss="cross_entropy", validation=objects(9, seed=1), callbacks=[tracker, *others], **settings
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Where MLflow keeps its runs: a file, which takes it seconds to make."""
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture
def mlflow(store: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """MLflow with an experiment of its own."""
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    library = pytest.importorskip("mlflow", reason="MLflow is not installed")
    pytest.importorskip("sqlalchemy", reason="mlflow-skinny keeps runs in a file only with SQLAlchemy")
    library.set_tracking_uri(store)
    library.set_experiment(experiment_id=library.create_experiment(tmp_path.name, artifact_location=str(tmp_path)))
    yield library
    while library.active_run() is not None:
        library.end_run()
    library.set_tracking_uri(None)


def curve(mlflow: Any, run_id: str | None, name: str) -> list[tuple[int, float]]:
    return [(one.step, one.value) for one in mlflow.MlflowClient().get_metric_history(run_id, name)]


def recorded(history: Any, name: str) -> list[tuple[int, float]]:
    return list(enumerate(getattr(history, name), 1))


def test_mlflow_has_settings_and_numbers_of_each_epoch(mlflow: Any) -> None:
    history = fitted(tracker := MLflowTracker("a name"))
    run = mlflow.get_run(tracker.run_id)
    assert (run.info.run_name, run.info.status, run.data.tags["mathdl.status"]) == ("a name", "FINISHED", "completed")
    assert run.data.params == {
        **{"rule": "SGD", "learning_rate": "0.2", "momentum": "0.9", "nesterov": "False", "weight_decay": "0.0"},
        **{"batch_size": "5", "epochs": "4", "seed": "3", "threads": "None", "schedule": "None"},
        **{"sampling": "without_replacement", "robustness": "None"},
        **{"objects": "20", "parameters": "33", "dtype": "float64"},
    }
    for name in NAMES:
        assert curve(mlflow, tracker.run_id, name) == recorded(history, name)
    assert mlflow.active_run() is None


def test_many_short_epochs_are_many_numbers_in_few_messages(mlflow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[int] = []
    log_batch = mlflow.MlflowClient.log_batch

    def counted(client: Any, run_id: str, metrics: Any = (), **others: Any) -> None:
        sent.append(len(metrics))
        log_batch(client, run_id, metrics=metrics, **others)

    monkeypatch.setattr(mlflow.MlflowClient, "log_batch", counted)
    monkeypatch.setattr(mlflow_tracker, "PAUSE", 1e9)
    history = fitted(tracker := MLflowTracker(), epochs=250)
    assert sent == [0, 1000, 250]
    assert curve(mlflow, tracker.run_id, "loss") == recorded(history, "loss")


def test_mlflow_is_told_at_once_where_epochs_are_long(mlflow: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mlflow_tracker, "PAUSE", -1.0)
    seen: list[int] = []
    look = AfterEpoch(2, lambda training: seen.append(len(curve(mlflow, tracker.run_id, "loss"))))
    fitted(tracker := MLflowTracker(), look)
    assert seen == [2]


def test_an_active_run_goes_on_and_stays_open(mlflow: Any) -> None:
    with mlflow.start_run() as run:
        fitted(tracker := MLflowTracker())
        assert tracker.run_id == run.info.run_id
        assert mlflow.active_run().info.run_id == run.info.run_id
    assert len(curve(mlflow, run.info.run_id, "loss")) == EPOCHS


def test_a_run_is_killed_by_ctrl_c_and_resumed(mlflow: Any, tmp_path: Path) -> None:
    whole = fitted(Callback())
    path = tmp_path / "run.safetensors"
    with pytest.raises(TrainingInterrupted):
        fitted(tracker := MLflowTracker(), Checkpoint(path), AfterEpoch(2, interrupt))
    killed = mlflow.get_run(tracker.run_id)
    assert (killed.info.status, killed.data.tags["mathdl.status"]) == ("KILLED", "interrupted")
    assert mlflow.active_run() is None

    fitted(resumed := MLflowTracker(), resume=load_checkpoint(path), epochs=EPOCHS)
    assert resumed.run_id == tracker.run_id
    assert mlflow.get_run(tracker.run_id).info.status == "FINISHED"
    assert curve(mlflow, tracker.run_id, "loss") == recorded(whole, "loss")

    mlflow.delete_run(tracker.run_id)  # as if the store were another one
    fitted(elsewhere := MLflowTracker(), resume=load_checkpoint(path))
    assert elsewhere.run_id != tracker.run_id
    assert [step for step, _ in curve(mlflow, elsewhere.run_id, "loss")] == [3, 4]
    assert mlflow.get_run(elsewhere.run_id).data.params["batch_size"] == "5"


def test_a_run_fails_where_training_diverges(mlflow: Any) -> None:
    with pytest.warns(DivergenceWarning):
        fitted(tracker := MLflowTracker(), AfterEpoch(1, spoil))
    run = mlflow.get_run(tracker.run_id)
    assert run.info.status == "FAILED"
    assert run.data.tags["mathdl.message"].startswith("Training diverged in epoch 2")


@pytest.mark.parametrize("same", [True, False], ids=["the same tracker", "another tracker"])
def test_a_run_that_an_error_left_open_fails_when_the_next_begins(mlflow: Any, same: bool) -> None:
    with pytest.raises(Failure):
        fitted(tracker := MLflowTracker(), AfterEpoch(2, fail))
    left = tracker.run_id
    fitted(following := tracker if same else MLflowTracker())
    assert following.run_id != left
    assert mlflow.get_run(left).info.status == "FAILED"
    assert len(curve(mlflow, following.run_id, "loss")) == EPOCHS


def test_training_that_begins_again_is_a_new_run(mlflow: Any) -> None:
    fitted(tracker := MLflowTracker(), AfterEpoch(2, begin_again))
    runs = mlflow.search_runs(output_format="list")
    assert {run.info.run_id: run.info.status for run in runs}[tracker.run_id] == "FINISHED"
    assert sorted(run.info.status for run in runs) == ["FAILED", "FINISHED"]
    assert [step for step, _ in curve(mlflow, tracker.run_id, "loss")] == [1, 2, 3, 4]


def test_estimators_take_trackers_and_fits_are_the_same(mlflow: Any) -> None:
    X, y = objects(60)
    alone = NetworkClassifier((4,), epochs=2, random_state=0).fit(X, y)
    tracker = pickle.loads(pickle.dumps(MLflowTracker()))
    model = NetworkClassifier((4,), epochs=2, random_state=0).fit(X, y, callbacks=[tracker])
    assert np.array_equal(model.network_.parameters, alone.network_.parameters)
    assert len(curve(mlflow, tracker.run_id, "loss")) == 2


def read_folder(folder: Path) -> Any:
    """What TensorBoard reads in a folder."""
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")
    accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator", reason="TensorBoard is not installed"
    )
    return accumulator.EventAccumulator(str(folder)).Reload()


def shown(events: Any, name: str) -> list[tuple[int, float]]:
    return [(one.step, one.value) for one in events.Scalars(name)]


def rounded(history: Any, name: str) -> list[tuple[int, float]]:
    return [(step, float(np.float32(value))) for step, value in recorded(history, name)]


def texts(events: Any, name: str) -> list[str]:
    return [one.tensor_proto.string_val[0].decode() for one in events.Tensors(f"{name}/text_summary")]


@pytest.fixture
def tensorboard() -> None:
    pytest.importorskip("tensorboardX", reason="tensorboardX is not installed")


@pytest.mark.usefixtures("tensorboard")
def test_tensorboard_has_settings_and_numbers_of_each_epoch(tmp_path: Path) -> None:
    history = fitted(TensorBoardTracker(tmp_path / "new" / "folder"))
    events = read_folder(tmp_path / "new" / "folder")
    for name in NAMES:
        assert shown(events, name) == rounded(history, name)
    (settings,) = texts(events, "settings")
    assert settings.startswith("| name | value |\n| --- | --- |\n| rule | SGD |\n| learning_rate | 0.2 |\n")
    assert texts(events, "status") == ["completed."]


@pytest.mark.usefixtures("tensorboard")
def test_tensorboard_shows_a_resumed_run_as_one(tmp_path: Path) -> None:
    path, folder = tmp_path / "run.safetensors", tmp_path / "run"
    with pytest.raises(TrainingInterrupted):
        fitted(TensorBoardTracker(folder), Checkpoint(path, every=2), AfterEpoch(3, interrupt))
    assert texts(read_folder(folder), "status") == ["interrupted. Interrupted in epoch 4 of 4."]
    history = fitted(TensorBoardTracker(folder), resume=load_checkpoint(path))
    assert shown(read_folder(folder), "loss") == rounded(history, "loss")


@pytest.mark.usefixtures("tensorboard")
@pytest.mark.parametrize("how", ["another fit", "begun again", "after an error"])
def test_training_that_begins_anew_takes_the_place_of_the_one_before(tmp_path: Path, how: str) -> None:
    tracker = TensorBoardTracker(tmp_path)
    if how == "another fit":
        fitted(tracker, epochs=9, seed=8)
    if how == "after an error":
        with pytest.raises(Failure):
            fitted(tracker, AfterEpoch(2, fail))
    others = [AfterEpoch(2, begin_again)] if how == "begun again" else []
    history = fitted(tracker, *others)
    assert shown(read_folder(tmp_path), "loss") == rounded(history, "loss")


@pytest.mark.usefixtures("tensorboard")
def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(FileError, match=r"file.run cannot be written to \(Not a directory\); name another folder\.$"):
        fitted(TensorBoardTracker(tmp_path / "file" / "run"))


def test_bad_arguments_are_refused() -> None:
    """Before a library is looked for."""
    with pytest.raises(InputError, match="MLflowTracker: run_name is 3; give a text"):
        MLflowTracker(3)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="path"):
        TensorBoardTracker(3)  # type: ignore[arg-type]


def test_reprs(mlflow: Any, tensorboard: None) -> None:
    assert repr(MLflowTracker("a name")) == "MLflowTracker(run_name='a name')"
    assert repr(TensorBoardTracker("curves")) == "TensorBoardTracker('curves')"


@pytest.mark.parametrize(
    ("make", "module", "sentence"),
    [
        (MLflowTracker, "mlflow", r"MLflowTracker needs MLflow \(.*\); install it: pip install 'mathdl\[mlflow\]'\.$"),
        (
            lambda: TensorBoardTracker("runs"),
            "tensorboardX",
            r"TensorBoardTracker needs tensorboardX \(.*\); install it: pip install 'mathdl\[tensorboard\]'\.$",
        ),
    ],
)
def test_a_missing_library_is_named(monkeypatch: pytest.MonkeyPatch, make: Any, module: str, sentence: str) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(InputError, match=sentence):
        make()
