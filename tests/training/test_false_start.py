"""A start that goes nowhere is begun again at a lower rate."""

import warnings

import numpy as np
import pytest

from mathdl import SGD, Callback, NetworkClassifier, NetworkRegressor
from mathdl.errors import TrivialLossWarning
from mathdl.training.training import Training, TrainingState

RATE = 5.0  # kills every rectifier of the first starts


def two_classes() -> tuple[np.ndarray, np.ndarray]:
    """Objects of two classes that the first feature tells apart."""
    X = np.random.default_rng(0).normal(size=(120, 4))
    return X, (X[:, 0] > 0).astype(int)


def classifier(threads: int = 1) -> NetworkClassifier:
    """A classifier whose first start dies."""
    return NetworkClassifier(
        hidden_layers=(8, 8), rule=SGD(RATE, momentum=0.9), epochs=60, random_state=0, threads=threads
    )


class KeepStates(Callback):
    """Keeps the state after each epoch, as a checkpoint does."""

    order = 1

    def __init__(self) -> None:
        self.states: list[TrainingState] = []

    def on_epoch(self, training: Training) -> None:
        """Keep the state."""
        self.states.append(training.state())


def test_a_dead_layer_is_begun_again_at_a_lower_rate() -> None:
    """A rate that kills every rectifier learns all the same, with the same bits for 1 and 2 threads."""
    X, y = two_classes()
    found = [classifier(threads).fit(X, y) for threads in (1, 2)]
    assert "begun again" in found[0].history_.message
    assert found[0].history_.learning_rate[0] < RATE
    assert len(found[0].history_.loss) == 60
    assert found[0].score(X, y) > 0.9
    assert np.array_equal(found[0].network_.parameters, found[1].network_.parameters)


@pytest.mark.parametrize("place", [0, 1, 2, -1, -30])
def test_a_checkpoint_of_any_attempt_goes_on_to_the_same_end(place: int) -> None:
    """States of the first attempts and of the last one lead to the same parameters and the same record."""
    X, y = two_classes()
    keep = KeepStates()
    whole = classifier().fit(X, y, callbacks=[keep])
    again = classifier().fit(X, y, resume=keep.states[place])
    assert np.array_equal(whole.network_.parameters, again.network_.parameters)
    assert whole.history_.loss == again.history_.loss
    assert whole.history_.message == again.history_.message


def test_a_start_that_learns_stays_as_it_is() -> None:
    """A run that learns is told nothing and keeps its rate."""
    X, y = two_classes()
    model = NetworkClassifier(hidden_layers=(8,), rule=SGD(0.1), epochs=12).fit(X, y)
    assert model.history_.message == ""
    assert model.history_.learning_rate == [0.1] * 12


def regressor(rate: float, seed: int = 0, epochs: int = 30) -> NetworkRegressor:
    """A line, fitted by whole steps; one of more than about 1 makes the error larger."""
    return NetworkRegressor(hidden_layers=(), rule=SGD(rate), batch_size=1000, epochs=epochs, random_state=seed)


def line() -> tuple[np.ndarray, np.ndarray]:
    """Objects of one feature, and a multiple of it."""
    X = np.random.default_rng(0).normal(size=(100, 1))
    X = (X - X.mean()) / X.std()
    return X, 3 * X[:, 0]


def test_a_loss_that_is_driven_up_is_begun_again_at_a_lower_rate() -> None:
    """Each step multiplies the error by -1.4, which is finite for long and leads nowhere."""
    X, y = line()
    model = regressor(1.2).fit(X, y)
    assert "the loss was driven up" in model.history_.message
    assert model.history_.learning_rate == pytest.approx([0.4] * 30)
    assert model.score(X, y) > 0.99


@pytest.mark.parametrize("place", [0, 8, 9, 10, -1])
def test_a_checkpoint_before_and_after_the_loss_is_looked_at(place: int) -> None:
    """Going on from any of them leads to the same end."""
    X, y = line()
    keep = KeepStates()
    whole = regressor(1.2).fit(X, y, callbacks=[keep])
    again = regressor(1.2).fit(X, y, resume=keep.states[place])
    assert np.array_equal(whole.network_.parameters, again.network_.parameters)
    assert whole.history_.loss == again.history_.loss


@pytest.mark.parametrize("seed", range(3))
def test_features_that_say_nothing_and_small_rates_are_no_false_start(seed: int) -> None:
    """The loss stays about the trivial one, or far above it on its way down; a lower rate would not help."""
    random = np.random.default_rng(seed)
    X, y = random.normal(size=(200, 5)), random.normal(size=200)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", TrivialLossWarning)  # of noise it may be given
        noise = NetworkRegressor(hidden_layers=(16,), rule=SGD(0.03), epochs=12, random_state=seed).fit(X, y)
    with pytest.warns(TrivialLossWarning, match="The learning rate 1e-07 is too small"):
        slow = NetworkRegressor(hidden_layers=(16,), rule=SGD(1e-7), epochs=12, random_state=seed).fit(X, y)
    assert noise.history_.learning_rate == [0.03] * 12
    assert slow.history_.learning_rate == [1e-7] * 12
    assert noise.history_.loss[-1] > 0.5
