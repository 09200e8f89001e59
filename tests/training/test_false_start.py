"""A start that goes nowhere is begun again at a lower rate."""

import numpy as np
import pytest

from mathdl import SGD, Callback, NetworkClassifier
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
