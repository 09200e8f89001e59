"""What Python prints of a result is a sentence, however much the object holds."""

from __future__ import annotations

import numpy as np

from mathdl import (
    SGD,
    Checkpoint,
    Dense,
    EarlyStopping,
    LinearRegression,
    Network,
    Watch,
    convex_hull,
    separate,
)

POINTS = np.random.default_rng(0).normal(size=(300, 2))


def test_geometry() -> None:
    """Points and weights are not printed."""
    assert (
        repr(convex_hull([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.25, 0.25]]))
        == "ConvexHull of 4 points with 3 vertices"
    )
    assert repr(separate([[0.0]], [[1.0]])) == "Separation of 1 and 1 points: a hyperplane with gap 1/2"
    assert repr(separate(POINTS, POINTS)) == "Separation of 300 and 300 points: none, since their convex hulls meet"


def test_a_certificate_is_its_sentence() -> None:
    """The numbers are in its JSON."""
    certificate = LinearRegression().fit(POINTS, POINTS[:, 0]).certify()
    assert repr(certificate) == f"Certificate (least_squares): {certificate.statement}"


def test_training() -> None:
    """A network's steps, what watched them, and the search of a learning rate."""
    assert repr(EarlyStopping(3)) == "EarlyStopping(patience=3, monitor='validation_loss', tolerance=0.0)"
    assert repr(Checkpoint("run.safetensors", every=2)) == "Checkpoint('run.safetensors', every=2)"
    watch = Watch()
    assert repr(watch) == "Watch: nothing measured yet"
    net = Network([Dense(64, activation="relu"), Dense(1)], input_shape=(2,))
    targets = POINTS.sum(axis=1)
    history = net.fit(POINTS, targets, loss="mean_square", rule=SGD("auto"), epochs=2, callbacks=[watch])
    assert repr(watch).startswith(f"Watch: 2 layers, measured {len(watch.epochs)} times up to epoch 2; warnings: ")
    assert repr(history.search) == f"LearningRateSearch: {history.search.learning_rate:g}. {history.search.reason}"
    steps = net.backpropagate(POINTS[0], targets[0], "mean_square")
    assert repr(steps) == f"Backpropagation of one object through 2 layers: loss {steps.loss:.6g}"
