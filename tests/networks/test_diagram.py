"""The diagram of a network: a picture for notebooks, and text."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from mathdl import Conv2D, Dense, Flatten, Network
from mathdl.errors import InputError


def test_it_is_a_picture_and_text() -> None:
    net = Network([Dense(2, activation="relu"), Dense(1)], input_shape=(3,), seed=0)
    diagram = net.diagram([1.0, 2.0, 3.0])
    assert ElementTree.fromstring(diagram.svg).get("aria-label")
    assert diagram._repr_svg_() == diagram.svg != net.diagram().svg
    assert repr(net.diagram()) == repr(net)
    assert "Conv2D" in Network([Conv2D(2, 3), Flatten(), Dense(2)], input_shape=(1, 6, 6)).diagram().svg


def test_an_object_that_does_not_fit_is_refused() -> None:
    with pytest.raises(InputError, match="shape"):
        Network([Dense(2)], input_shape=(3,)).diagram([1.0])
