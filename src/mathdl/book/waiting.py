"""Items that wait for a part of the library which is not there yet."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


class Waiting(NamedTuple):
    """An item that does not run yet: what it is about, and what it waits for."""

    title: str
    part: str


_TITLES = {
    "the approximation of functions with a certified error": {
        "thm-4.3.1": "Universal approximation, non-negative targets, two ReLU layers",
        "thm-4.3.2": "Universal approximation, non-polynomial activation",
        "eq-4.29": "Cubics cannot approximate cosine on [0,4pi]",
        "eq-4.30": "Split the interval at the cubic roots",
        "exercise-4.4c.ii": "ReLU networks on R are piecewise affine",
        "exercise-4.4d": "Which piecewise linear functions are networks",
        "claim-4.3-depth": "Deep networks need far fewer neurons than wide ones",
    },
}

WAITING: Mapping[str, Waiting] = MappingProxyType(
    {id: Waiting(title, part) for part, titles in _TITLES.items() for id, title in titles.items()}
)
