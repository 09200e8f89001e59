"""The rules of descent, and one epoch of training step by step against the oracle."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import naive
from mathdl import SGD, Adam
from mathdl.descent.batches import SAMPLINGS, order_of_epoch
from mathdl.descent.rule import Rule
from mathdl.errors import InputError
from training.examples import network, objects

RULES = [
    SGD(learning_rate=0.3),
    SGD(learning_rate=0.3, weight_decay=0.1),
    SGD(learning_rate=0.1, momentum=0.9),
    SGD(learning_rate=0.1, momentum=0.9, weight_decay=0.1),
    SGD(learning_rate=0.1, momentum=0.8, nesterov=True),
    SGD(learning_rate=0.1, momentum=0.8, nesterov=True, weight_decay=0.1),
    Adam(learning_rate=0.02),
    Adam(learning_rate=0.02, beta1=0.5, beta2=0.9, epsilon=1e-3, weight_decay=0.1),
]


class Oracle:
    """A rule as written, with what it remembers."""

    def __init__(self, rule: Rule, size: int) -> None:
        self.options = rule.describe()
        self.kind = self.options.pop("rule")
        self.first, self.second, self.steps = np.zeros(size), np.zeros(size), 0

    def step(self, a: Any, gradient: Any) -> Any:
        self.steps += 1
        if self.kind == "SGD":
            a, self.first = naive.sgd_step(a, gradient, self.first, **self.options)
            return a
        options = {name: value for name, value in self.options.items() if name != "weight_decay"}
        gradient = gradient + self.options["weight_decay"] * a
        a, self.first, self.second = naive.adam_step(a, gradient, self.first, self.second, self.steps, **options)
        return a


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("sampling", SAMPLINGS)
@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_two_epochs_equal_the_oracle(rule: Rule, sampling: str, weighted: bool) -> None:
    """Batches of 7, 7, 7 and 2 objects; a batch's weights are not divided by their own sum, which may be zero."""
    net = network()
    X, y = objects(23)
    weights = np.random.default_rng(1).uniform(0, 2, size=23) if weighted else np.ones(23)
    weights[:3] = 0 if weighted else 1
    a, oracle, losses = net.parameters.copy(), Oracle(rule, net.size), []
    history = net.fit(
        X,
        y,
        loss="cross_entropy",
        rule=rule,
        batch_size=7,
        epochs=2,
        seed=4,
        sampling=sampling,
        sample_weight=weights if weighted else None,
    )
    for epoch in range(2):
        order, total = order_of_epoch(23, sampling, 4, epoch), 0.0
        for first in range(0, 23, 7):
            batch = order[first : first + 7]
            share = weights[batch].mean() / weights.mean()
            arguments = (X[batch], y[batch], "cross_entropy", weights[batch])
            value, gradient = naive.loss_and_gradient(net.architecture, (2,), a, *arguments)
            total += share * value * len(batch)
            a = oracle.step(a, share * gradient)
        losses.append(total / 23)
    np.testing.assert_allclose(net.parameters, a, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(history.loss, losses, rtol=1e-11)


def test_a_batch_whose_weights_are_all_zero_changes_nothing() -> None:
    X, y = objects(4)
    net = network()
    order = order_of_epoch(4, "without_replacement", 0, 0)
    weights = np.zeros(4)
    weights[order[0]] = 1  # batches of one: only the first has weight
    expected = net.parameters - 0.1 * 4 * net.gradient(X[order[:1]], y[order[:1]], "cross_entropy")
    net.fit(X, y, loss="cross_entropy", rule=SGD(0.1), batch_size=1, epochs=1, sample_weight=weights)
    np.testing.assert_allclose(net.parameters, expected, rtol=1e-12)


def test_a_scale_of_all_weights_changes_nothing() -> None:
    X, y = objects(20)
    weights = np.random.default_rng(1).integers(1, 5, size=20)
    results = []
    for scale in (1, 8):
        net = network()
        net.fit(X, y, loss="cross_entropy", rule=Adam(0.1), batch_size=6, epochs=2, sample_weight=scale * weights)
        results.append(net.parameters)
    np.testing.assert_allclose(*results, rtol=1e-12)


@pytest.mark.parametrize("rule", RULES, ids=repr)
def test_a_description_makes_the_rule_again(rule: Rule) -> None:
    described = json.loads(json.dumps(rule.describe()))
    assert {"SGD": SGD, "Adam": Adam}[described.pop("rule")](**described) == rule


@pytest.mark.parametrize("given", [None, "adam", "Adam", Adam()])
def test_without_a_rule_training_uses_adam(given: Any) -> None:
    X, y = objects(10)
    nets = [network(), network()]
    nets[0].fit(X, y, loss="cross_entropy", epochs=2, rule=given)
    nets[1].fit(X, y, loss="cross_entropy", epochs=2, rule=Adam(0.001), batch_size=32)
    assert np.array_equal(nets[0].parameters, nets[1].parameters)
    nets[0].fit(X, y, loss="cross_entropy", epochs=2, rule="sgd")
    nets[1].fit(X, y, loss="cross_entropy", epochs=2, rule=SGD(0.01))
    assert np.array_equal(nets[0].parameters, nets[1].parameters)


@pytest.mark.parametrize("rate", [0, -0.1, float("nan"), float("inf"), "fast", None, True])
@pytest.mark.parametrize("rule", [SGD, Adam])
def test_the_rate_is_a_positive_number(rule: Any, rate: Any) -> None:
    with pytest.raises(InputError, match=rf"{rule.__name__}: learning_rate is {rate!r}; give a positive number"):
        rule(learning_rate=rate)


@pytest.mark.parametrize(
    ("make", "name"),
    [
        (lambda: SGD(momentum=1.0), "momentum"),
        (lambda: SGD(momentum=-0.1), "momentum"),
        (lambda: SGD(weight_decay=-1), "weight_decay"),
        (lambda: SGD(weight_decay=float("nan")), "weight_decay"),
        (lambda: SGD(nesterov=True), "nesterov"),
        (lambda: Adam(beta1=1.0), "beta1"),
        (lambda: Adam(beta2=-0.5), "beta2"),
        (lambda: Adam(epsilon=0), "epsilon"),
        (lambda: Adam(weight_decay="much"), "weight_decay"),
    ],
)
def test_other_constants_outside_their_ranges_are_refused(make: Any, name: str) -> None:
    with pytest.raises(InputError, match=rf"{name}.*; give a"):
        make()
