"""The network that does not tell where its picture stands, on digits that move."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mathdl as m
from mathdl.book.chapter10 import shifted_digits
from mathdl.errors import InputError


def test_moved_digits_have_one_class_to_the_bit() -> None:
    found = shifted_digits.trained("invariant")
    assert (found.classes == found.classes[0, 0]).all()
    assert found.accuracy.min() >= 0.95
    for shift in ((0, 2), (-2, -1)):
        decision = m.decide_invariance(found.network, shift, border=2)
        assert decision.proved
        assert m.verify(decision.certificate, decision.data)


def test_an_ordinary_network_fails() -> None:
    found = shifted_digits.trained("ordinary")
    assert found.accuracy[2, 2] > 0.85
    assert found.accuracy.min() < 0.3
    images, _ = shifted_digits.digits()
    stable = m.shift_stability(found.network, shifted_digits.placed(images[-40:], 2, 2), 2)
    assert stable.share < 0.1
    assert stable.changes.mean() > 0.9


@pytest.mark.parametrize("function", ["identity", "relu", "leaky_relu", "tanh", "abs"])
def test_it_is_invariant_with_whatever_weights(function: str) -> None:
    net = m.invariant_network(3, (2, 5, 6), channels=[2, 3], kernel_size=2, activation=function)
    net.parameters[:] = np.random.default_rng(0).integers(-3, 4, net.size)
    assert m.decide_invariance(net, (1, -1), border=1).proved
    assert m.decide_invariance(net, (1, -1), "zeros", border=1).proved


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"classes": 0}, "classes is 0"),
        ({"image_shape": (8, 8)}, "give channels, height and width"),
        ({"channels": ()}, "give a list of the channels"),
        ({"channels": (0,)}, r"channels\[0\] is 0"),
        ({"kernel_size": 0}, "kernel_size is 0"),
        ({"activation": "sigmoid"}, "is not known to be 0 at 0"),
        ({"activation": "softmax"}, "is not known to be 0 at 0"),
    ],
)
def test_bad_input(change: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        m.invariant_network(**{"classes": 2, "image_shape": (1, 8, 8), **change})
