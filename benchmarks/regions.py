"""The affine pieces of networks with two inputs: how long finding all of them in a square takes.

The weights are drawn, which makes more pieces than training does. Where relucent is installed, it searches the same
network from piece to piece over the whole plane, so it finds a few more than lie in the square.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from statistics import median
from typing import Any

import numpy as np

import mathdl
from benchmarks.results import Bar, Entry, Result, duration
from benchmarks.settings import Settings

TITLE = "Affine pieces"
PEER = "relucent"
NETWORKS = (((2, 32, 32, 2), 1.0), ((2, 50, 50, 1), 3.0))  # widths, and the seconds that are allowed
SEARCHED = 16  # neurons in each of two layers of the network that relucent is given
SIDE = 10.0


def run(settings: Settings) -> Iterator[Result]:
    """Yield a result for each network."""
    for widths, seconds in NETWORKS:
        yield found_in(network(widths), widths, seconds, settings)
    widths = (2, SEARCHED, SEARCHED, 1)
    yield found_in(network(widths), widths, None, settings, beside=True)


def network(widths: tuple[int, ...]) -> mathdl.Network:
    """Return a network of ReLU with drawn parameters."""
    *hidden, last = widths[1:]
    layers = [*(mathdl.Dense(units, activation="relu") for units in hidden), mathdl.Dense(last)]
    net = mathdl.Network(layers, widths[:1], dtype="float64")
    net.parameters[:] = np.random.default_rng(0).normal(size=net.size)
    return net


def found_in(
    net: mathdl.Network, widths: tuple[int, ...], limit: float | None, settings: Settings, beside: bool = False
) -> Result:
    """Time the pieces in a square."""
    square, seconds = ((-SIDE, SIDE), (-SIDE, SIDE)), []
    mathdl.regions(net, square)  # compiles
    for _ in range(settings.repeated()):
        start = time.perf_counter()
        found = mathdl.regions(net, square)
        seconds.append(time.perf_counter() - start)
    notes = [f"{len(found):,} pieces; {found.settled_exactly:,} signs in exact arithmetic."]
    entries = [Entry("regions", median(seconds), turns=len(seconds))]
    if beside:
        taken, note = searched(net, widths)
        notes.append(note)
        entries += [] if taken is None else [Entry(PEER, taken, turns=1)]
    bars = [] if limit is None else [Bar("in a square", median(seconds), limit, at_most=True, unit="s")]
    return Result(f"all affine pieces of {'-'.join(map(str, widths))}", "", entries, bars, notes)


def searched(net: mathdl.Network, widths: tuple[int, ...]) -> tuple[float | None, str]:
    """Time relucent's search, where it can be made; and say what it found, or why there is none."""
    try:
        import relucent
    except ImportError:
        return None, f"{PEER} is not installed."
    peer: Any = relucent.mlp(widths)
    place = 0
    for layer in (layer for layer in peer.layers.values() if hasattr(layer, "weight")):
        for name in ("weight", "bias"):
            array = np.asarray(getattr(layer, name))
            getattr(layer, name)[...] = net.parameters[place : place + array.size].reshape(array.shape)
            place += array.size
    start = time.perf_counter()
    cells = relucent.Complex(peer)
    cells.bfs()
    taken = time.perf_counter() - start
    return taken, f"{PEER} found {len(cells):,} pieces of the whole plane in {duration(taken)}."
