"""Shifts of signals: what is asked and answered in numbers of one direction."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mathdl as m
from mathdl.errors import InputError


def network(padding: int, *, pooled: bool = True) -> m.Network:
    """A kernel of two 1s behind a padding."""
    layers: list[Any] = [m.ZeroPad1D(padding), m.Conv1D(1, 2, bias=None)]
    net = m.Network([*layers, m.GlobalMaxPool1D()] if pooled else layers, (1, 8), dtype="float64")
    net.parameters[:] = 1
    return net


def test_a_proof_speaks_of_signals() -> None:
    decision = m.decide_invariance(network(1), 3, "zeros", border=(0, 3))
    assert decision.proved
    assert m.verify(decision.certificate, decision.data)
    assert decision.certificate.statement == (
        "For every signal that is 0 in 0 places on the left and 3 on the right, moved by 3 to the right, zeros "
        "entering, the exact answer of the network of 4 steps and 2 parameters is the same."
    )
    moves = m.decide_equivariance(network(1, pooled=False), -2, border=(2, 0))
    assert moves.certificate.statement.endswith("2 parameters moves by -2 to the right.")


def test_a_counterexample_is_a_signal() -> None:
    decision = m.decide_equivariance(network(0, pooled=False), [1])
    assert decision.refuted
    assert decision.picture.shape == (1, 8)
    assert np.count_nonzero(decision.picture) == 1
    right, found = decision.outputs
    net = network(0, pooled=False)
    assert np.array_equal(right.astype(float), np.roll(net(decision.picture[None])[0], 1, axis=1))
    assert np.array_equal(found.astype(float), net(np.roll(decision.picture, 1, axis=1)[None])[0])
    assert "For the signal shown, of one number, the answer at (0, " in decision.reason


def test_pooling_halves_the_shift() -> None:
    net = m.Network([m.AveragePool1D(2)], (2, 8))
    assert m.decide_equivariance(net, 2, output_shift=1).proved
    assert m.decide_equivariance(net, 1).refuted


def test_shifts_and_borders_are_numbers_of_one_direction() -> None:
    found = m.decide_shifts(network(1), 2, border=(0, 1))
    assert (found.proved, found.refuted, found.undecided) == ({0, 1}, {-2, -1, 2}, set())
    assert found.largest == (0, 1)
    assert m.smallest_border(network(1), 2) == (0, 2)
    assert m.smallest_border(network(1), -1) == (1, 0)
    assert m.smallest_border(network(0), 1, mode="zeros") == (1, 2)


def test_the_share_of_signals_that_keep_their_class() -> None:
    net = m.Network([m.Flatten(), m.Dense(2, bias=False)], (1, 4))
    net.parameters[:] = 1, 1, 0, 0, 0, 0, 1, 1
    found = m.shift_stability(net, [[[5, 1, 0, 0]], [[0, 3, 0, 0]]], 1)
    assert found.same.tolist() == [True, False]
    assert found.shifts.tolist() == [0, 1]
    assert m.shift_stability(net, np.zeros((0, 1, 4)), 1).share == 0


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"shift": 9}, "shift is 9, but the signals have 8 places"),
        ({"shift": (0, 1)}, r"shift is \(0, 1\); give one whole number, places to the right"),
        ({"border": (0, 0, 0, 1)}, "or two: on the left, on the right"),
        ({"border": (4, 5)}, "more than signals of length 8 have"),
    ],
)
def test_bad_input_is_one_sentence(change: dict[str, Any], message: str) -> None:
    given: dict[str, Any] = {"network": network(1), "shift": 1, **change}
    with pytest.raises(InputError, match=message):
        m.decide_invariance(**given)


def test_an_answer_that_is_a_signal_has_no_class() -> None:
    with pytest.raises(InputError, match=r"outputs have shape \(1, 9\), so there is no class"):
        m.shift_stability(network(1, pooled=False), np.zeros((1, 1, 8)), 1)


def test_a_reach_beyond_the_signals() -> None:
    with pytest.raises(InputError, match="not more than the signals' 8 places"):
        m.decide_shifts(network(1), 9)
