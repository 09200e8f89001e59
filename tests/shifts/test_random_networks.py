"""Verdicts about random networks, against all pictures of one and two pixels and many others."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import pytest

import mathdl
from shifts import naive_networks
from shifts.random_networks import Asked, drawn

EXACT = 1e-9  # what sigmoid, tanh and softmax may round; whole numbers differ by nothing


def differs(asked: Asked, pictures: Any) -> Any:
    """Return how much each answer differs from what it should be."""
    right, unit = naive_networks.outputs(asked.network.layers, pictures)
    found, _ = naive_networks.outputs(asked.network.layers, naive_networks.moved(pictures, asked.shift, asked.cyclic))
    right = right if asked.to is None else naive_networks.moved(right, asked.to, asked.cyclic)
    return np.abs(right - found).reshape(len(pictures), -1).max(axis=1) / unit


def verdict_of(seed: int, axes: int) -> str:
    """Decide, and hold the verdict against the oracle."""
    asked = drawn(seed, axes)
    decision = asked.decided()
    pictures = naive_networks.pictures(asked.image_shape, asked.border, 300, seed)
    differences = differs(asked, pictures)
    rounded = differences.dtype.kind == "f" and any(
        "tanh" in repr(x) or "sigmoid" in repr(x) or "softmax" in repr(x) for x in asked.network.layers
    )
    if decision.proved:
        assert mathdl.verify(decision.certificate, decision.data), seed
        assert differences.max() <= (EXACT if rounded else 0), (seed, asked)
    if decision.refuted:
        assert decision.picture.shape == asked.network.input_shape
        picture = decision.picture.reshape(asked.image_shape)
        assert outside_is_blank(picture, asked.border)
        if not rounded:
            assert differs(asked, picture[None])[0] > 0, (seed, asked)
        assert (decision.outputs[0] != decision.outputs[1]).any()
        if differences[1:].max() > EXACT and not rounded:  # a picture of few pixels where there is one
            fewest = min(np.count_nonzero(p) for p, d in zip(pictures, differences, strict=True) if d > EXACT)
            assert np.count_nonzero(decision.picture) <= max(fewest, 2), (seed, asked)
    return str(decision.verdict)


def outside_is_blank(picture: Any, border: tuple[int, ...]) -> bool:
    above, below, left, right = border
    inside = np.zeros(picture.shape, bool)
    inside[:, above : picture.shape[1] - below, left : picture.shape[2] - right] = True
    return not picture[~inside].any()


@pytest.mark.parametrize("axes", [2, 1])
@pytest.mark.parametrize("seeds", [range(40), pytest.param(range(500), marks=pytest.mark.slow)], ids=len)
def test_no_verdict_contradicts_the_pictures(seeds: range, axes: int) -> None:
    counts = Counter(verdict_of(seed, axes) for seed in seeds)
    assert counts["undecided"] <= 0.05 * len(seeds), counts
    assert counts["proved"] > 0.2 * len(seeds), counts
    assert counts["refuted"] > 0.2 * len(seeds), counts
