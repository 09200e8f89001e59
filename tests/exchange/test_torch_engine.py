"""PyTorch as the engine of training: the same steps as the library's own, in one process."""

from __future__ import annotations

import math
import os
import signal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mathdl
import peers
from mathdl import SGD, Adam, Checkpoint, EarlyStopping, Network, NetworkClassifier, StepSchedule, load_checkpoint
from mathdl.descent.rules import RULES
from mathdl.errors import DivergenceWarning, InputError, TrainingInterrupted
from mathdl.networks.losses import LOSSES

torch = pytest.importorskip("torch")

from mathdl import TorchEngine  # noqa: E402
from mathdl.exchange import torch_steps  # noqa: E402

GIVEN = [SGD(0.05, weight_decay=0.02), SGD(0.03, 0.9), SGD(0.03, 0.8, nesterov=True, weight_decay=0.1), Adam(0.01)]
TOLERANCE = {"float64": 1e-9, "float32": 1e-5}


@pytest.fixture(autouse=True)
def _one_thread() -> Any:
    """Threads that wait for one another take many times as long where others work on this machine too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def trained(name: str, loss: str, dtype: str, torch_engine: bool, **settings: Any) -> tuple[Network, Any]:
    architecture, shape = peers.ARCHITECTURES[name]
    parameters, x, y, weights = peers.problem(architecture, shape, loss, 13)
    net = Network.from_architecture(architecture, shape, dtype=dtype)
    net.parameters[:] = parameters
    given: dict[str, Any] = {"batch_size": 5, "epochs": 2, "seed": 3, "threads": 1, **settings}
    if given.pop("weighted", True):
        given["sample_weight"] = weights
    if not torch_engine:
        return net, net.fit(x, y, loss=loss, **given)
    with TorchEngine():
        return net, net.fit(x, y, loss=loss, **given)


def distance(found: np.ndarray, wanted: np.ndarray) -> float:
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def test_there_is_a_loss_and_a_rule_for_each() -> None:
    assert set(torch_steps.LOSSES) == set(LOSSES)
    assert {type(rule) for rule in GIVEN} == set(RULES.values())
    assert {rule.kernel for rule in GIVEN} | {SGD().kernel} == set(torch_steps.RULES)


@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("rule", GIVEN, ids=str)
@pytest.mark.parametrize("loss", LOSSES)
def test_epochs_are_those_of_the_native_engine_for_every_loss_and_rule(loss: str, rule: Any, dtype: str) -> None:
    """With dropout, whose draws are the same, weights of objects, a schedule and a last batch of fewer objects."""
    native, known = trained("residual", loss, dtype, False, rule=rule, schedule=StepSchedule(1, 0.5))
    by_torch, found = trained("residual", loss, dtype, True, rule=rule, schedule=StepSchedule(1, 0.5))
    assert distance(by_torch.parameters, native.parameters) < TOLERANCE[dtype]
    np.testing.assert_allclose(found.loss, known.loss, rtol=TOLERANCE[dtype])
    assert found.learning_rate == known.learning_rate


@pytest.mark.parametrize(
    "name", ["residual of images", "signals", "parallel nested", "sigmoid last", "dense softmax inside"]
)
def test_epochs_are_those_of_the_native_engine_for_other_layers(name: str) -> None:
    loss = {"sigmoid last": "binary_cross_entropy", "dense softmax inside": "cross_entropy"}.get(name, "huber")
    (native, _), (by_torch, _) = (trained(name, loss, "float64", engine, weighted=False) for engine in (False, True))
    assert distance(by_torch.parameters, native.parameters) < 1e-9


def digits(**settings: Any) -> NetworkClassifier:
    X, y = mathdl_digits()
    layers = [mathdl.Conv2D(4, 3, activation="relu"), mathdl.MaxPool2D(2), mathdl.Flatten(), mathdl.Dropout(0.2)]
    given = {"epochs": 3, "batch_size": 64, "random_state": 0, "threads": 1, **settings}
    return NetworkClassifier(layers=layers, **given).fit(X, y)


def mathdl_digits() -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits

    found = load_digits()
    return (found.images[:400, None] * 15).astype(np.uint8), found.target[:400]


def test_a_classifier_finds_the_same_rate_and_decay_and_stops_at_the_same_epoch() -> None:
    """Bytes of pictures, changed anew in each epoch; every training in the block is PyTorch's, the trials too."""
    settings: dict[str, Any] = {
        "rule": SGD("auto", momentum=0.9),
        "early_stopping": 2,
        "augment": ("shift",),
        "epochs": 5,
    }
    native = digits(**settings)
    with TorchEngine():
        by_torch = digits(**settings)
    assert by_torch.history_.search.learning_rate == native.history_.search.learning_rate
    assert by_torch.history_.status == native.history_.status
    assert distance(by_torch.network_.parameters, native.network_.parameters) < 1e-3
    np.testing.assert_allclose(by_torch.history_.validation_loss, native.history_.validation_loss, rtol=1e-3)


def test_training_that_diverges_goes_back_to_the_last_finite_parameters() -> None:
    with pytest.warns(DivergenceWarning):
        native, known = trained("dense deep", "mean_square", "float64", False, rule=SGD(1e9), epochs=9)
    with pytest.warns(DivergenceWarning):
        by_torch, found = trained("dense deep", "mean_square", "float64", True, rule=SGD(1e9), epochs=9)
    assert found.status == known.status == "diverged"
    assert found.message == known.message
    assert np.isfinite(by_torch.parameters).all()
    assert distance(by_torch.parameters, native.parameters) < 1e-9


def test_ctrl_c_ends_after_a_whole_step_and_either_engine_goes_on(tmp_path: Path) -> None:
    class Press(mathdl.Callback):
        def on_epoch_start(self, training: Any) -> None:
            if training.epoch == 1:
                os.kill(os.getpid(), signal.SIGINT)

    path = tmp_path / "run.safetensors"
    whole, _ = trained("residual", "huber", "float64", True, rule=Adam(), epochs=3)
    with pytest.raises(TrainingInterrupted, match="epoch 2 of 3"):
        trained("residual", "huber", "float64", True, rule=Adam(), epochs=3, callbacks=[Press(), Checkpoint(path)])
    for engine in (True, False):
        state = load_checkpoint(path)
        net, _ = trained("residual", "huber", "float64", engine, rule=Adam(), epochs=3, resume=state)
        assert distance(net.parameters, whole.parameters) < 1e-12


def test_stop_ends_the_steps_of_a_call() -> None:
    class Stop(mathdl.Callback):
        def on_start(self, training: Any) -> None:
            steps = training.stepper
            rule = torch_steps.RULES[training.rule.kernel]

            def stopping(*given: Any) -> Any:
                made = rule(*given)
                step, made.step = made.step, lambda: (steps.stop(), step())
                return made

            patch.setitem(torch_steps.RULES, training.rule.kernel, stopping)
            losses, finite = steps.take(training.parameters.copy(), np.arange(13), 0, 3, training.next_update())
            assert (len(losses), finite) == (1, True)

    with pytest.MonkeyPatch.context() as patch:
        trained("dense relu", "huber", "float64", True, rule=SGD(), callbacks=[Stop()], epochs=1)


def test_the_block_ends_and_the_engine_says_what_it_is() -> None:
    from mathdl.networks.training_engine import current_engine

    with TorchEngine() as engine:
        assert current_engine() is engine
        assert engine.description == f"PyTorch {torch.__version__} on {engine.device}"
    assert current_engine() is None
    assert engine.anyone(True)
    assert not engine.anyone(False)
    assert engine.shared(None) is None


def test_early_stopping_takes_the_best_epoch_of_validation() -> None:
    architecture, shape = peers.ARCHITECTURES["dense relu"]
    _, x, y, _ = peers.problem(architecture, shape, "mean_square", 20)
    kept = []
    for engine in (False, True):
        net = Network.from_architecture(architecture, shape, dtype="float64", seed=1)
        given: dict[str, Any] = {"rule": SGD(0.3), "epochs": 30, "callbacks": [EarlyStopping(3)]}
        given |= {"validation": (x[12:], y[12:]), "loss": "mean_square"}
        if engine:
            with TorchEngine():
                history = net.fit(x[:12], y[:12], **given)
        else:
            history = net.fit(x[:12], y[:12], **given)
        kept.append((history.epochs, net.parameters.copy()))
    assert kept[0][0] == kept[1][0]
    assert distance(kept[1][1], kept[0][1]) < 1e-9


def test_models_that_are_solved_at_once_and_processes_without_an_engine_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with TorchEngine(), pytest.raises(InputError, match=r"linear is solved at once.*leave the engine out"):
        mathdl.train({"x": [0.0, 1.0], "y": [0.0, 1.0]}, target="y", model="linear")
    for rank, size in (("2", "2"), ("one", "2")):
        monkeypatch.setenv("RANK", rank)
        monkeypatch.setenv("WORLD_SIZE", size)
        with pytest.raises(InputError, match=r"RANK is .*torchrun"):
            TorchEngine()


def test_gpus_are_not_shared(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 1)
    for name, value in {"RANK": 0, "WORLD_SIZE": 2, "LOCAL_WORLD_SIZE": 2}.items():
        monkeypatch.setenv(name, str(value))
    with pytest.raises(InputError, match=r"2 processes .* 1 GPUs.*--nproc-per-node 1"):
        TorchEngine()


def test_the_report_names_the_engine(tmp_path: Path) -> None:
    X, y = mathdl_digits()
    with TorchEngine():
        run = mathdl.train((X[:120], y[:120]), epochs=1, cv=0, out=tmp_path / "run", threads=1)
    assert run.metrics["engine"].startswith("PyTorch ")
    assert math.isfinite(run.metrics["test_accuracy"])
    model = mathdl.load(tmp_path / "run" / "model.safetensors")
    np.testing.assert_array_equal(model.predict(X[:9]), run.model.predict(X[:9]))
