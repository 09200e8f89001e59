"""A start that goes nowhere is begun again at a lower rate."""

import numpy as np

from mathdl import SGD, NetworkClassifier


def two_classes() -> tuple[np.ndarray, np.ndarray]:
    """Objects of two classes that the first feature tells apart."""
    X = np.random.default_rng(0).normal(size=(120, 4))
    return X, (X[:, 0] > 0).astype(int)


def test_a_dead_layer_is_begun_again_at_a_lower_rate() -> None:
    """SGD at a rate that kills every rectifier learns all the same, with the same bits for 1 and 2 threads."""
    X, y = two_classes()
    found = [
        NetworkClassifier(hidden_layers=(8, 8), rule=SGD(8.0, momentum=0.9), epochs=60, threads=n).fit(X, y)
        for n in (1, 2)
    ]
    assert "begun again" in found[0].history_.message
    assert found[0].history_.learning_rate[0] < 8.0
    assert found[0].score(X, y) > 0.9
    assert np.array_equal(found[0].network_.parameters, found[1].network_.parameters)


def test_a_start_that_learns_stays_as_it_is() -> None:
    """A run that learns is told nothing and keeps its rate."""
    X, y = two_classes()
    model = NetworkClassifier(hidden_layers=(8,), rule=SGD(0.1), epochs=12).fit(X, y)
    assert model.history_.message == ""
    assert model.history_.learning_rate == [0.1] * 12
