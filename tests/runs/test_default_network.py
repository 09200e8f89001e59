"""There is a network for every size of image and of table."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from mathdl import Conv2D
from mathdl.runs.default_network import default_network


@pytest.mark.parametrize(("height", "width"), list(product([1, 2, 3, 4, 5, 7, 8, 9, 16, 28, 33, 100], repeat=2)))
def test_every_size_of_image_has_a_network(height: int, width: int) -> None:
    network = default_network((1, height, width), 3, seed=0)
    assert network.output_shape == (3,)
    assert any(isinstance(layer, Conv2D) for layer in network.layers) == (min(height, width) > 1)
    # What is left to the last layer grows with the longer side alone.
    assert network.layers[-1].input_shape[0] <= 192 * max(height, width)


@pytest.mark.parametrize("shape", [(1, 1, 1), (3, 1, 5), (3, 2, 2), (1, 8, 8), (4, 9, 31), (7,), (1,)])
def test_it_trains(shape: tuple[int, ...]) -> None:
    random = np.random.default_rng(0)
    network = default_network(shape, 2, seed=0)
    X, y = random.normal(size=(12, *shape)), np.arange(12) % 2
    history = network.fit(X, y, loss="cross_entropy", epochs=30, batch_size=4)
    assert history.loss[-1] < history.loss[0]


def test_large_images_do_not_make_huge_networks() -> None:
    assert default_network((3, 224, 224), 10, seed=0).size < 100_000


def test_the_seed_counts() -> None:
    first, same, other = (default_network((5,), 2, seed).parameters for seed in (1, 1, 2))
    assert (first == same).all()
    assert (first != other).any()
