"""For which shifts, from which border on, and for which pictures an answer follows its picture."""

from __future__ import annotations

from itertools import product
from typing import Any

import numpy as np
import pytest

import mathdl as m
from mathdl.errors import InputError
from shifts.naive_networks import moved, outputs


def invariant() -> m.Network:
    return m.Network([m.ZeroPad2D(2), m.Conv2D(2, 3, bias=None), m.GlobalMaxPool2D()], (1, 6, 6))


def test_the_shifts_are_those_of_the_border() -> None:
    found = m.decide_shifts(invariant(), 2, border=(1, 0, 2, 1))
    assert found.largest == (1, 0, 2, 1)
    assert (-1, -2) in found.proved
    assert found.proved == set(product((-1, 0), (-2, -1, 0, 1)))
    assert not found.undecided
    assert len(found.refuted) == 25 - 8


@pytest.mark.parametrize(("shift", "border"), [((0, 2), (0, 0, 0, 2)), ((-3, 1), (3, 0, 0, 1)), ((0, 0), (0, 0, 0, 0))])
def test_the_smallest_border(shift: tuple[int, int], border: tuple[int, ...]) -> None:
    assert m.smallest_border(invariant(), shift) == border
    assert m.smallest_border(invariant(), shift, mode="zeros") == border


def test_no_border_may_be_enough() -> None:
    net = m.Network([m.Flatten(), m.Dense(2)], (1, 3, 3))
    assert m.smallest_border(net, (0, 1)) is None
    assert m.decide_shifts(net, (0, 1)).largest == (0, 0, 0, 0)


def test_a_convolution_without_padding_needs_a_border_on_both_sides() -> None:
    net = m.Network([m.Conv2D(1, 3, activation="relu")], (1, 3, 9))
    assert m.smallest_border(net, (0, 1), "equivariance") == (0, 0, 2, 3)
    assert m.smallest_border(net, (0, -2), "equivariance") == (0, 0, 4, 2)


def whole(seed: int) -> m.Network:
    net = m.Network([m.Conv2D(2, 2, activation="relu"), m.MaxPool2D(2), m.Flatten(), m.Dense(3)], (1, 5, 5), "float64")
    net.parameters[:] = np.random.default_rng(seed).integers(-3, 4, net.size)
    return net


@pytest.mark.parametrize("mode", ["cyclic", "zeros"])
@pytest.mark.parametrize("seed", range(5))
def test_pictures_that_keep_their_class(mode: Any, seed: int) -> None:
    net, X = whole(seed), np.random.default_rng(seed).integers(-3, 4, (40, 1, 5, 5))
    found = m.shift_stability(net, X, (1, 2), mode)
    shifts = list(product((-1, 0, 1), range(-2, 3)))
    scores = np.stack([outputs(net.layers, moved(X, shift, mode == "cyclic"))[0] for shift in shifts])
    top = np.sort(scores, axis=2)
    clear = (top[..., -1] > top[..., -2]).all(axis=0)
    same = (scores.argmax(axis=2) == scores[shifts.index((0, 0))].argmax(axis=1)).all(axis=0)
    assert (found.same == (clear & same)).all()
    assert not (found.changes & same).any()
    assert (found.same | found.changes | found.undecided).all()
    assert found.share == found.same.mean()
    for place in np.flatnonzero(found.changes):
        shift = tuple(map(int, found.shifts[place]))
        assert scores[shifts.index(shift), place].argmax() != scores[shifts.index((0, 0)), place].argmax()


def test_near_ties_are_told_by_whole_numbers() -> None:
    net = m.Network([m.Flatten(), m.Dense(2, bias=False)], (1, 1, 2), dtype="float64")
    net.parameters[:] = 1, 1, 1 + 2.0**-52, 1 + 2.0**-52
    found = m.shift_stability(net, [[[[1.0, 1e-9]]], [[[0.0, 0.0]]]], (0, 1))
    assert found.same.tolist() == [True, False]
    assert found.undecided.tolist() == [False, True]


def test_bytes_and_single_outputs() -> None:
    net = m.Network([m.GlobalMaxPool2D(), m.Dense(1)], (1, 3, 3))
    net.parameters[:] = 1, -0.5
    X = np.zeros((2, 1, 3, 3), np.uint8)
    X[0, 0, 1, 1] = 200
    assert m.shift_stability(net, X, 1).same.tolist() == [True, True]
    assert m.shift_stability(net, X, 2).same.tolist() == [False, True]


def test_bad_reaches() -> None:
    with pytest.raises(InputError, match="reach is 7"):
        m.decide_shifts(invariant(), 7)
    with pytest.raises(InputError, match="reach is -1"):
        m.shift_stability(invariant(), np.zeros((1, 1, 6, 6)), -1)
    with pytest.raises(InputError, match="no class"):
        m.shift_stability(m.Network([m.Conv2D(1, 3)], (1, 6, 6)), np.zeros((1, 1, 6, 6)), 1)
    with pytest.raises(InputError, match="property is 'x'"):
        m.smallest_border(invariant(), (0, 1), "x")  # type: ignore[arg-type]
