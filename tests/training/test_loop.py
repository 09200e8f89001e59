"""What training records, what it tells callbacks, and early stopping."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl import SGD, Callback, Checkpoint, Dense, EarlyStopping, History, Network, Watch
from mathdl.errors import InputError, InputWarning
from mathdl.status import Status
from mathdl.training import loop
from mathdl.training.training import Training
from training.examples import At, network, nothing, objects


class Diary(Callback):
    """Write down every call."""

    def __init__(self, name: str, entries: list[Any]) -> None:
        self.name, self.entries = name, entries

    def write(self, event: str, run: Training) -> None:
        self.entries.append((self.name, event, run.epoch, run.samples))

    def on_start(self, training: Training) -> None:
        self.write("start", training)

    def on_progress(self, training: Training) -> None:
        self.write("progress", training)

    def on_epoch(self, training: Training) -> None:
        self.write("epoch", training)

    def on_end(self, training: Training) -> None:
        self.write("end", training)


class StopAt(Callback):
    """Ask to stop after so many epochs."""

    def __init__(self, epochs: int) -> None:
        self.epochs = epochs

    def on_epoch(self, training: Training) -> bool:
        return training.epoch >= self.epochs


def test_callbacks_are_called_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    X, y = objects(10)
    entries: list[Any] = []
    network().fit(
        X, y, loss="cross_entropy", batch_size=4, epochs=2, callbacks=[Diary("a", entries), Diary("b", entries)]
    )
    story = [("start", 0, 0), ("progress", 0, 4), ("progress", 0, 8), ("epoch", 1, 10)]
    story += [("progress", 1, 14), ("progress", 1, 18), ("epoch", 2, 20), ("end", 2, 20)]
    assert entries == [(name, *event) for event in story for name in "ab"]


def test_what_a_callback_sees(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    X, y = objects(10)
    seen: list[Any] = []

    class Look(Callback):
        def on_progress(self, training: Training) -> None:
            seen.append((training.loss, training.seconds, training.total_samples, training.epochs, training.size))

    net = network()
    first = net.loss(*(part[np.random.default_rng([0, 0]).permutation(10)[:5]] for part in (X, y)), "cross_entropy")
    history = net.fit(X, y, loss="cross_entropy", batch_size=5, epochs=2, callbacks=[Look()])
    assert seen[0][0] == pytest.approx(first, rel=1e-12)
    assert 0 < seen[0][1] < seen[1][1] < history.seconds[1]
    assert [one[2:] for one in seen] == [(20, 2, net.size)] * 2


@pytest.mark.parametrize("loss", ["mean_square", "huber", "cross_entropy", "binary_cross_entropy", "hinge"])
def test_history_with_validation(loss: str) -> None:
    X, y = objects(50)
    net = Network([Dense(3)], input_shape=(2,), dtype="float64")
    targets = y if loss == "cross_entropy" else np.eye(3)[y] * (2 if loss == "hinge" else 1) - (loss == "hinge")
    held_out = X[:20], targets[:20]
    history = net.fit(X[20:], targets[20:], loss=loss, rule=SGD(0.1), epochs=3, validation=held_out)
    assert isinstance(history, History)
    assert (history.status, history.message, history.epochs) == ("completed", "", 3)
    assert history.learning_rate == [0.1] * 3
    assert len(history.loss) == len(history.seconds) == len(history.validation_loss) == 3
    assert history.seconds == sorted(history.seconds)
    assert history.validation_loss[-1] == pytest.approx(net.loss(*held_out, loss), rel=1e-12)
    outputs = net(X[:20])
    right = outputs.argmax(axis=1) == y[:20]
    if loss in ("binary_cross_entropy", "hinge"):
        right = ((outputs > 0) == np.eye(3, dtype=bool)[y[:20]]).all(axis=1)
    assert history.validation_accuracy[2:] == ([] if loss in ("mean_square", "huber") else [right.mean()])
    assert json.loads(json.dumps(history.to_dict()))["loss"] == history.loss


def test_history_without_validation() -> None:
    X, y = objects(10)
    history = network().fit(X, y, loss="cross_entropy", epochs=2)
    assert history.validation_loss == history.validation_accuracy == []


def test_training_goes_on_from_where_the_parameters_are() -> None:
    X, y = objects(30)
    net = network()
    losses = [net.fit(X, y, loss="cross_entropy", rule=SGD(0.5), epochs=5).loss for _ in range(2)]
    assert losses[1][0] < losses[0][-1] < losses[0][0]


def test_a_callback_can_stop_training() -> None:
    X, y = objects(10)
    nets = [network(), network()]
    entries: list[Any] = []
    history = nets[0].fit(X, y, loss="cross_entropy", epochs=9, callbacks=[StopAt(2), Diary("a", entries)])
    nets[1].fit(X, y, loss="cross_entropy", epochs=2)
    assert (history.status, history.epochs) == ("stopped early", 2)
    assert history.message == "Stopped after epoch 2 of 9."
    assert [event for _, event, *_ in entries] == ["start", "epoch", "epoch", "end"]
    assert np.array_equal(nets[0].parameters, nets[1].parameters)


def test_a_wish_to_stop_at_the_end_is_no_early_stop() -> None:
    X, y = objects(10)
    assert network().fit(X, y, loss="cross_entropy", epochs=2, callbacks=[StopAt(2)]).status == "completed"


class Falls(Callback):
    """Replace the record of the validation loss with given numbers, and keep the parameters of every epoch."""

    def __init__(self, losses: list[float]) -> None:
        self.losses, self.parameters = losses, []  # type: ignore[var-annotated]

    def on_epoch(self, training: Training) -> None:
        training.history.validation_loss[-1] = self.losses[training.epoch - 1]
        self.parameters.append(training.parameters.copy())


@pytest.mark.parametrize(
    ("losses", "patience", "stops", "best"),
    [
        ([5, 4, 3, 2, 1], 1, 5, 5),
        ([5, 4, 4, 3, 3], 1, 3, 2),
        ([5, 3, 4, 4, 1], 2, 4, 2),
        ([5, 3, 4, 2, 3], 2, 5, 4),
        ([5, 3, 4, 5, 6], 9, 5, 2),
        ([5, float("nan"), 4, 6, 7], 1, 2, 1),
        ([5, float("inf"), 4, 6, 7], 2, 5, 3),
    ],
)
def test_early_stopping_goes_back_to_the_best(losses: list[float], patience: int, stops: int, best: int) -> None:
    X, y = objects(20)
    net, falls = network(), Falls(losses)
    history = net.fit(
        X,
        y,
        loss="cross_entropy",
        rule=SGD(0.5),
        epochs=5,
        validation=(X, y),
        callbacks=[falls, EarlyStopping(patience=patience)],
    )
    assert history.epochs == stops
    assert history.status == ("stopped early" if stops < 5 else "completed")
    assert np.array_equal(net.parameters, falls.parameters[best - 1])


def test_early_stopping_on_the_training_loss() -> None:
    X, y = objects(20)
    stopping = EarlyStopping(patience=2, monitor="loss")
    history = network().fit(X, y, loss="cross_entropy", rule=SGD(5.0), batch_size=20, epochs=60, callbacks=[stopping])
    assert history.status == "stopped early"
    assert min(history.loss) == history.loss[-3]


def test_early_stopping_needs_something_to_watch() -> None:
    X, y = objects(4)
    with pytest.raises(InputError, match=r"watches the validation loss; give fit validation=\(X, y\)"):
        network().fit(X, y, loss="cross_entropy", callbacks=[EarlyStopping()])
    with pytest.raises(InputError, match="patience is 0; give a whole number of at least 1"):
        EarlyStopping(patience=0)
    with pytest.raises(InputError, match="monitor is 'accuracy'; give 'validation_loss' or 'loss'"):
        EarlyStopping(monitor="accuracy")


def test_an_error_in_a_callback_reaches_the_user() -> None:
    X, y = objects(10)

    def fail() -> None:
        raise RuntimeError("in a callback")

    with pytest.raises(RuntimeError, match="in a callback"):
        network().fit(X, y, loss="cross_entropy", epochs=3, callbacks=[At(15, fail)])


def test_watching_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = objects(30)
    nets = [network(), network()]
    nets[0].fit(X, y, loss="cross_entropy", batch_size=7, epochs=3, threads=2)
    monkeypatch.setattr(loop, "CALL_SECONDS", 1e-12)
    watchers = [At(15, nothing), Diary("a", [])]
    nets[1].fit(X, y, loss="cross_entropy", batch_size=7, epochs=3, threads=1, validation=(X, y), callbacks=watchers)
    assert np.array_equal(nets[0].parameters, nets[1].parameters)


def test_callbacks_are_called_by_their_order(tmp_path: Path) -> None:
    X, y = objects(10)
    entries: list[Any] = []
    diaries = [Diary(name, entries) for name in "abc"]
    diaries[0].order, diaries[2].order = 5, -5
    checkpoint = Checkpoint(tmp_path / "run.safetensors")
    given = [checkpoint, *diaries]
    network().fit(X, y, loss="cross_entropy", epochs=1, callbacks=given)
    for event in ("start", "epoch", "end"):
        assert [name for name, what, *_ in entries if what == event] == ["c", "b", "a"]
    assert given == [checkpoint, *diaries]
    assert Watch.order < Callback.order == EarlyStopping.order < Checkpoint.order


def test_a_method_that_is_never_called_is_said() -> None:
    class Keras(Callback):
        def on_epoch_end(self, epoch: int, logs: Any) -> None:
            raise AssertionError

    X, y = objects(10)
    with pytest.warns(
        InputWarning, match="Keras has a method on_epoch_end, which training never calls; it calls .*on_epoch,"
    ) as caught:
        network().fit(X, y, loss="cross_entropy", epochs=1, callbacks=[Keras()])
    assert caught[0].filename == __file__


@pytest.mark.parametrize("patience", ["x", float("nan"), 2.5, True, 0, None])
def test_patience_is_a_whole_number(patience: Any) -> None:
    with pytest.raises(InputError, match=r"EarlyStopping: patience is .*; give a whole number of at least 1\."):
        EarlyStopping(patience)
    with pytest.raises(InputError, match="EarlyStopping: monitor is"):
        EarlyStopping(1, np.array(["loss", "loss"]))  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore::mathdl.errors.TrivialLossWarning")
def test_a_history_is_printed_as_a_sentence() -> None:
    X, y = objects(30)
    history = network().fit(X, y, loss="cross_entropy", epochs=50, validation=(X, y))
    assert re.fullmatch(
        r"History: 50 epochs, completed; loss from \S+ to \S+; validation loss \S+; validation accuracy \S+",
        repr(history),
    )
    assert isinstance(history.status, Status)
    assert History.from_dict(json.loads(json.dumps(history.to_dict()))) == history


class Record:
    """What early stopping sees of a training: its losses so far, and parameters that name the epoch."""

    def __init__(self) -> None:
        self.history, self.arrays, self.parameters, self.validates = History(), {}, np.zeros(1), True

    def run(self, losses: list[float], stopping: EarlyStopping) -> int:
        """Tell of one epoch after the other until it stops; return how many there were."""
        for epoch, loss in enumerate(losses, 1):
            self.parameters[:] = epoch
            self.history.validation_loss.append(loss)
            if stopping.on_epoch(self):  # type: ignore[arg-type]
                break
        stopping.on_end(self)  # type: ignore[arg-type]
        return len(self.history.validation_loss)


@pytest.mark.parametrize(
    ("losses", "tolerance", "epochs", "kept"),
    [
        ([3.0, 1.0, 1.05, 1.2, 1.04], 0.0, 4, 2),
        ([3.0, 1.0, 1.05, 1.2, 1.04], 0.1, 5, 5),
        ([3.0, 1.0, 1.05, 1.2, 1.3, 0.5], 0.1, 5, 2),
        ([3.0, 1.0, 1.0, 1.0], 0.0, 4, 2),
        ([np.nan, 2.0, 1.0, np.nan], 0.1, 4, 3),
    ],
)
def test_a_tolerance_of_early_stopping(losses: list[float], tolerance: float, epochs: int, kept: int) -> None:
    record = Record()
    assert record.run(losses, EarlyStopping(patience=2, tolerance=tolerance)) == epochs
    assert record.parameters.tolist() == [kept]
    assert record.history.best_epoch == int(np.nanargmin(losses[:epochs])) + 1
    said = f"The parameters are those after epoch {kept}, where the validation loss was lowest."
    assert record.history.message == ("" if kept == epochs else said)


def test_without_validation_no_epoch_is_the_best() -> None:
    assert History(loss=[1.0]).best_epoch is None
    assert History(validation_loss=[np.nan]).best_epoch is None


def test_weights_of_validation_objects() -> None:
    X, y = objects(50)
    net, weights = Network([Dense(3)], input_shape=(2,), dtype="float64"), np.arange(1.0, 21)
    history = net.fit(X[20:], y[20:], loss="cross_entropy", epochs=1, validation=(X[:20], y[:20], weights))
    assert history.validation_loss == [pytest.approx(net.loss(X[:20], y[:20], "cross_entropy", weights), rel=1e-12)]
