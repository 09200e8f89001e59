"""The search for a learning rate: what is tried, what is chosen and why, and that training goes on with it."""

from __future__ import annotations

import json
import warnings
from typing import Any

import numpy as np
import pytest

from mathdl import (
    SGD,
    Adam,
    Callback,
    CosineSchedule,
    Dense,
    History,
    Network,
    NetworkClassifier,
    StepSchedule,
    find_learning_rate,
    load,
    save,
)
from mathdl.data import noisy_waves, two_moons
from mathdl.descent.batches import order_of_epoch
from mathdl.descent.rule import Rule
from mathdl.errors import DivergenceWarning, InputError, TrainingInterrupted
from mathdl.training import learning_rate as trials_module
from mathdl.training.learning_rate_search import FAILURE_MARGIN
from training.examples import At, network, objects, press_ctrl_c

OPTIONS: dict[str, Any] = {"loss": "cross_entropy", "batch_size": 8, "epochs": 40, "seed": 3}


def rated(rule: Rule) -> float:
    return rule.rate


@pytest.mark.parametrize("kind", [SGD, Adam])
def test_a_rule_takes_auto_and_no_other_text(kind: Any) -> None:
    rule = kind("auto", weight_decay=0.25)
    assert rule.is_auto
    assert rule.with_rate(0.5) == kind(0.5, weight_decay=0.25)
    assert rated(rule.with_rate(0.5)) == 0.5
    assert not kind().is_auto
    with pytest.raises(InputError, match="still 'auto'"):
        rated(rule)
    for wrong in ("AUTO", "0.1", "", None, 0.0, -1.0, float("nan"), True):
        with pytest.raises(InputError, match=r"learning_rate is .*; give a positive number, or 'auto'\."):
            kind(wrong)
    with pytest.raises(InputError, match="momentum is 'auto'"):
        SGD(0.1, "auto")  # type: ignore[arg-type]


def by_hand(
    net: Network, X: Any, y: Any, kept: Any, rule: SGD, rate: float, steps: int, factors: list[float]
) -> Network:
    """Descend step by step as the book says it, with gradients of single batches."""
    batch, epochs = OPTIONS["batch_size"], range(99)
    order = np.concatenate([order_of_epoch(len(kept), "without_replacement", OPTIONS["seed"], k) for k in epochs])
    other = Network(net.layers, net.input_shape, net.dtype)
    other.parameters[:] = net.parameters
    velocity = np.zeros(net.size)
    for step in range(steps):
        rows = kept[order[step * batch : (step + 1) * batch]]
        epoch = next(e for e in range(len(factors)) if step < steps * (e + 1) // len(factors))
        velocity = rule.momentum * velocity + other.gradient(X[rows], y[rows], "cross_entropy")
        other.parameters -= rate * factors[epoch] * velocity
    return other


@pytest.mark.parametrize("schedule", [None, CosineSchedule(), StepSchedule(7, 0.5)])
@pytest.mark.parametrize("validating", [True, False])
def test_a_trial_is_the_training_in_small(schedule: Any, validating: bool) -> None:
    X, y = objects(200)
    mixed, kept = np.random.default_rng([OPTIONS["seed"], 1]).permutation(200), np.arange(200)
    validation = judges = objects(350, seed=1)
    if not validating:
        validation, judges, kept = None, (X[mixed[:40]], y[mixed[:40]]), np.sort(mixed[40:])  # type: ignore[assignment]
    net, rule = network(), SGD("auto", 0.5)
    search = find_learning_rate(net, X, y, rule=rule, validation=validation, schedule=schedule, **OPTIONS)
    assert search.judges.startswith("350 validation" if validating else "40 training")
    assert search.start_loss == pytest.approx(net.loss(*judges, "cross_entropy"))
    steps = {trial.steps for trial in search.trials}
    assert steps == {1000 // 30, 1000 // 5}
    factors = [schedule(epoch, 40) if schedule else 1.0 for epoch in range(40)]
    steady = [trial for trial in search.trials if trial.learning_rate <= 1]  # rounding grows where rates are larger
    for trial in steady[:3] + steady[-1:]:
        other = by_hand(net, X, y, kept, rule, trial.learning_rate, trial.steps, factors)
        assert trial.loss == pytest.approx(other.loss(*judges, "cross_entropy"), rel=1e-9)


@pytest.mark.parametrize("rule", [Adam("auto"), SGD("auto", 0.9)])
def test_how_often_others_are_told_changes_nothing(monkeypatch: pytest.MonkeyPatch, rule: Rule) -> None:
    X, y = objects(200)
    found = find_learning_rate(network(), X, y, rule=rule, **OPTIONS)
    monkeypatch.setattr(trials_module, "CALL_SECONDS", 0.0)  # every step is a call of its own
    assert find_learning_rate(network(), X, y, rule=rule, **OPTIONS) == found


def test_who_judges() -> None:
    X, y = objects(100)
    few = objects(30, seed=1)
    for validation, said in (
        (None, "20 training objects that the trials did without"),
        (few, "30 validation objects and 20 training objects that the trials did without"),
        (objects(2000, seed=1), "1000 validation objects"),
    ):
        search = find_learning_rate(network(), X, y, validation=validation, **{**OPTIONS, "epochs": 2})
        assert search.judges == said
    assert find_learning_rate(network(), X[:40], y[:40], **OPTIONS).judges == "the 40 training objects"
    weights = np.arange(100) % 2
    search = find_learning_rate(network(), X, y, sample_weight=weights, **{**OPTIONS, "epochs": 2})
    assert search.judges == "the 50 training objects"  # the others weigh nothing


def test_objects_of_no_weight_play_no_part() -> None:
    X, y = objects(240)
    weights = np.repeat([1.0, 0.0], 120)
    spoilt = X.copy()
    spoilt[120:] = 1e3
    found = [find_learning_rate(network(), each, y, sample_weight=weights, **OPTIONS) for each in (X, spoilt)]
    assert found[0] == found[1]


@pytest.mark.parametrize("rule", [SGD("auto"), SGD("auto", 0.9), SGD("auto", 0.9, nesterov=True), Adam("auto")])
def test_auto_trains_as_the_rate_that_it_finds(rule: Rule) -> None:
    X, y = objects(200)
    first, second, third = network(), network(), network()
    search = find_learning_rate(first, X, y, rule=rule.with_rate(7.0), **OPTIONS)
    assert first.parameters.tobytes() == third.parameters.tobytes()
    assert first.trained_loss is None
    assert first.find_learning_rate(X, y, rule=rule, **OPTIONS) == search
    history = second.fit(X, y, rule=rule, **OPTIONS)
    assert history.search == search
    assert history.learning_rate == [search.learning_rate] * 40
    third.fit(X, y, rule=rule.with_rate(search.learning_rate), **OPTIONS)
    assert second.parameters.tobytes() == third.parameters.tobytes()
    assert history.loss[-1] < 0.5 * history.loss[0]


def test_the_choice_does_not_depend_on_threads() -> None:
    X, y = objects(600)
    make = lambda: Network([Dense(64, activation="relu"), Dense(64, activation="relu"), Dense(3)], (2,))  # noqa: E731
    options = {**OPTIONS, "batch_size": 128, "rule": SGD("auto", 0.9)}
    found = [find_learning_rate(make(), X, y, threads=threads, **options) for threads in (1, 2, 3)]
    assert found[0] == found[1] == found[2]
    assert find_learning_rate(make(), X, y, **{**options, "seed": 4}).trials != found[0].trials


@pytest.mark.parametrize(("scale", "low", "high"), [(300.0, 0.0, 1e-4), (1.0, 1e-3, 0.5)])
def test_features_of_any_scale_are_served(scale: float, low: float, high: float) -> None:
    X = np.random.default_rng(0).normal(size=(300, 3)) * scale
    y = X @ [1.0, -2.0, 0.5] / scale
    net = Network([Dense(1)], (3,), dtype="float64")
    options: dict[str, Any] = {"loss": "mean_square", "batch_size": 10, "epochs": 20}
    history = net.fit(X, y, rule=SGD("auto"), **options)
    assert history.search is not None
    assert low < history.search.learning_rate < high
    assert history.status == "completed"
    assert history.loss[-1] < 1e-3 * y.var()
    failed = [trial.learning_rate for trial in history.search.trials if trial.loss is None]
    assert len(failed) <= 2 or scale > 1
    assert all(rate >= FAILURE_MARGIN * history.search.learning_rate * (1 - 1e-9) for rate in failed)


def test_a_flat_loss_is_given_rates_beyond_the_usual_ones() -> None:
    X, y = two_moons(400, 0.1, seed=0)
    net = Network([Dense(8, activation="sigmoid"), Dense(1, activation="sigmoid")], (2,))
    options: dict[str, Any] = {"loss": "mean_square", "batch_size": 20, "epochs": 50}
    search = find_learning_rate(net, X, y, rule=SGD("auto"), **options)
    assert search.rates[-1] > SGD().usual_rates[1]
    assert search.learning_rate >= 2


@pytest.mark.parametrize("epochs", [1, 50])
def test_adam_needs_no_larger_rates_than_the_usual_ones(epochs: int) -> None:
    X, y = two_moons(400, 0.1, seed=0)
    net = Network([Dense(8, activation="sigmoid"), Dense(1, activation="sigmoid")], (2,))
    options: dict[str, Any] = {"loss": "mean_square", "batch_size": 20, "epochs": epochs}
    search = find_learning_rate(net, X, y, rule=Adam("auto"), **options)
    shortest = min(trial.steps for trial in search.trials)
    first = [trial for trial in search.trials if trial.steps == shortest]
    assert max(trial.learning_rate for trial in first) == Adam().usual_rates[1] == 0.1
    assert min(first, key=lambda trial: trial.loss or 0.0).learning_rate == 0.1  # larger ones would be tried for SGD
    if epochs > 1:
        assert search.rates[-1] == 0.2  # but for long, to see that the best is not too close to failure


def test_a_plateau_is_no_reason_for_ever_smaller_rates() -> None:
    X, y = two_moons(400, 0.1, seed=0)
    net = Network([*(Dense(8, activation="sigmoid") for _ in range(3)), Dense(1, activation="sigmoid")], (2,))
    search = find_learning_rate(net, X, y, loss="mean_square", rule=SGD(), batch_size=20, epochs=50)
    assert "No rate lowered the loss" in search.reason
    assert len(search.rates) == 10
    assert 0.01 < search.learning_rate < 1


def test_the_largest_rate_away_from_failure_is_tried_where_a_better_one_is_too_close() -> None:
    X, y = noisy_waves(500, 0.2, seed=1)
    net = Network([Dense(64, activation="relu"), Dense(64, activation="relu"), Dense(1)], (1,))
    rule = SGD("auto", 0.9, weight_decay=0.01)
    options: dict[str, Any] = {"loss": "mean_square", "epochs": 100, "schedule": CosineSchedule()}
    search = find_learning_rate(net, (X - X.mean(0)) / X.std(0), y, rule=rule, **options)
    last = {trial.learning_rate: trial.loss for trial in search.trials}
    assert search.learning_rate == 0.04
    assert last[0.1] is None
    assert last[0.05] < last[0.04] < last[0.02]  # type: ignore[operator]
    assert search.reason.endswith("So 0.04 was taken: larger ones are too close to 0.1, which failed.")


@pytest.mark.parametrize("rule", [SGD("auto", 0.9, weight_decay=0.01), Adam("auto")])
@pytest.mark.parametrize("waves", [False, True])
def test_auto_is_within_a_point_of_the_best_of_a_sweep(waves: bool, rule: Rule) -> None:
    draw: Any = noisy_waves if waves else two_moons
    (X, y), (X_test, y_test) = draw(500, 0.2, seed=1), draw(3000, 0.2, seed=2)
    X, X_test = (X - X.mean(0)) / X.std(0), (X_test - X.mean(0)) / X.std(0)
    options: dict[str, Any] = {"epochs": 100, "schedule": CosineSchedule()}
    options["loss"] = "mean_square" if waves else "cross_entropy"

    def score(learning_rate: float | str) -> float:
        net = Network([*(Dense(64, activation="relu") for _ in range(2)), Dense(1 if waves else 2)], (X.shape[1],))
        history = net.fit(X, y, rule=rule.with_rate(learning_rate), **options)
        if history.status != "completed":
            return 0.0
        outputs = net(X_test)
        if waves:
            return float(100 - 100 * ((outputs[:, 0] - y_test) ** 2).mean() / y_test.var())
        return float(100 * (outputs.argmax(axis=1) == y_test).mean())

    scale = 1 if isinstance(rule, SGD) else 1 / 30
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DivergenceWarning)
        best = max(score(scale * 1e-3 * 3000 ** (k / 9)) for k in range(10))
    assert score("auto") >= best - 1


def test_nothing_to_learn_is_said() -> None:
    X = np.random.default_rng(0).normal(size=(60, 2))
    net = Network([Dense(1)], (2,))
    net.parameters[:] = 0
    search = find_learning_rate(net, X, np.zeros(60), loss="mean_square", rule=SGD(), epochs=3)
    assert "No rate lowered the loss" in search.reason
    assert set(search.losses) == {0.0}
    low, high = SGD().usual_rates
    assert search.rates[0] == low
    assert low < search.learning_rate < high


def test_training_of_few_steps() -> None:
    X, y = objects(7)
    history = network().fit(X, y, rule=SGD("auto", 0.9), loss="cross_entropy", batch_size=100, epochs=2)
    assert history.search is not None
    assert {trial.steps for trial in history.search.trials} == {2}
    assert "tried again" not in history.search.reason
    assert history.epochs == 2


class Watcher(Callback):
    """Keeps what it is told of a search; presses Ctrl-C at one moment."""

    def __init__(self, interrupt_at: int = -1) -> None:
        self.calls: list[tuple[float, int, int]] = []
        self.interrupt_at, self.started = interrupt_at, False

    def on_search(self, trials: Any) -> None:
        self.calls.append((trials.learning_rate, trials.steps, trials.total_steps))
        if len(self.calls) == self.interrupt_at:
            press_ctrl_c()

    def on_start(self, training: Any) -> None:
        self.started = True


def test_callbacks_see_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials_module, "CALL_SECONDS", 0.0)
    X, y = objects(200)
    watcher = Watcher()
    search = find_learning_rate(network(), X, y, rule=SGD(momentum=0.9), callbacks=[watcher], **OPTIONS)
    assert not watcher.started
    assert [call[1] for call in watcher.calls] == list(range(1, len(watcher.calls) + 1))
    assert watcher.calls[-1][1] <= sum(trial.steps for trial in search.trials)
    assert {call[0] for call in watcher.calls} <= set(search.rates)
    assert all(done <= total + 400 for _, done, total in watcher.calls)


@pytest.mark.parametrize("moment", [1, 40, 600])
def test_interrupted_in_the_search(monkeypatch: pytest.MonkeyPatch, moment: int) -> None:
    monkeypatch.setattr(trials_module, "CALL_SECONDS", 0.0)
    X, y = objects(200)
    net = network()
    watcher = Watcher(moment)
    with pytest.raises(
        TrainingInterrupted, match=r"^Interrupted in the search for a learning rate, at 0\.\d+\.$"
    ) as stop:
        net.fit(X, y, rule=SGD("auto", 0.9), callbacks=[watcher], **OPTIONS)
    assert stop.value.history is None
    assert not watcher.started
    assert len(watcher.calls) == moment
    assert net.parameters.tobytes() == network().parameters.tobytes()
    assert net.trained_loss is None


def test_a_resumed_run_keeps_the_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    X, y = objects(200)
    rule = Adam("auto")
    once, twice = network(), network()
    whole = once.fit(X, y, rule=rule, **OPTIONS)
    at = At(1000, press_ctrl_c)
    with pytest.raises(TrainingInterrupted) as stop:
        twice.fit(X, y, rule=rule, callbacks=[at], **OPTIONS)
    assert stop.value.history.search == whole.search
    assert at.state is not None
    record = json.loads(json.dumps(at.state.record))
    assert record["rule"]["learning_rate"] == whole.search.learning_rate  # type: ignore[union-attr]
    monkeypatch.setattr("mathdl.networks.network.search_learning_rate", None)  # it is not searched again
    state = type(at.state)(at.state.arrays, record)
    other = network(seed=9)
    history = other.fit(X, y, rule=rule, resume=state, **OPTIONS)
    assert history.search == whole.search
    assert other.parameters.tobytes() == once.parameters.tobytes()
    with pytest.raises(InputError, match="rule"):
        network().fit(X, y, rule=SGD("auto"), resume=state, **OPTIONS)


def test_a_run_with_a_given_rate_is_not_resumed_with_auto() -> None:
    X, y = objects(200)
    at = At(400, press_ctrl_c)
    with pytest.raises(TrainingInterrupted):
        network().fit(X, y, rule=SGD(0.1), callbacks=[at], **OPTIONS)
    with pytest.raises(InputError, match=r"made with rule .*0\.1.*, but this run has .*'auto'"):
        network().fit(X, y, rule=SGD("auto"), resume=at.state, **OPTIONS)


def test_the_record_survives_json() -> None:
    X, y = objects(200)
    history = network().fit(X, y, rule=SGD("auto"), **OPTIONS)
    assert History.from_dict(json.loads(json.dumps(history.to_dict()))) == history
    assert History.from_dict(History().to_dict()) == History()
    old = History().to_dict()
    del old["search"]  # as files of before have none
    assert History.from_dict(old) == History()


def test_an_estimator_takes_auto(tmp_path: Any, capsys: pytest.CaptureFixture[str]) -> None:
    X, y = objects(300)
    model = NetworkClassifier((8,), rule=SGD("auto", 0.9), epochs=20, random_state=0, verbose=True).fit(X, y)
    assert model.history_.search is not None
    assert capsys.readouterr().out.startswith(model.history_.search.reason)
    assert model.score(X, y) > 0.9
    assert model.rule == SGD("auto", 0.9)
    save(model, tmp_path / "model.safetensors")
    again = load(tmp_path / "model.safetensors")
    assert again.history_ == model.history_
    assert again.rule == model.rule


def test_what_cannot_be_searched_is_refused() -> None:
    X, y = objects(50)
    with pytest.raises(InputError, match="give a Network"):
        find_learning_rate(None, X, y, loss="cross_entropy")  # type: ignore[arg-type]
    with pytest.raises(InputError, match=r"rule is 'auto'; give SGD"):
        find_learning_rate(network(), X, y, loss="cross_entropy", rule="auto")  # type: ignore[arg-type]
    with pytest.raises(InputError, match="callbacks is"):
        find_learning_rate(network(), X, y, loss="cross_entropy", callbacks=[1])  # type: ignore[list-item]
    with pytest.raises(InputError, match="The schedule gives -1"):
        find_learning_rate(network(), X, y, loss="cross_entropy", schedule=lambda epoch, epochs: -1)


def test_the_search_for_long_training_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trials_module, "MAX_TRAINING_STEPS", 750)
    X, y = objects(200)
    search = find_learning_rate(network(), X, y, rule=SGD(), **{**OPTIONS, "epochs": 400})
    assert {trial.steps for trial in search.trials} == {750 // 30, 750 // 5}


def test_features_that_are_not_scaled_get_a_rate_well_below_those_that_fail() -> None:
    """A rate between two that fail has learned by luck; smaller ones are tried until one is safe."""
    X = 100 * np.random.default_rng(0).normal(size=(500, 5))
    y = X @ [1, 2, -1, 0, 0.5] / 100
    net = Network([Dense(32, activation="relu"), Dense(32, activation="relu"), Dense(1)], (5,))
    history = net.fit(X, y, loss="mean_square", rule=SGD("auto", momentum=0.9), epochs=100)
    search = history.search
    assert search is not None
    last = {trial.learning_rate: trial for trial in search.trials}
    failed = [rate for rate, trial in last.items() if not trial.learned(float(search.start_loss or 0))]
    assert search.learning_rate <= min(failed) / 2.5 * (1 + 1e-9)
    assert history.status == "completed"
    assert history.loss[-1] < 0.01 * history.loss[0]
