"""How long a function takes."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import Any

RUNS = 5  # the shortest of so many counts: what else the machine does only makes them longer


def shortest_time(function: Callable[..., Any], *arguments: Any) -> float:
    """Return the shortest time in seconds of a few calls."""
    times = []
    for _ in range(RUNS):
        start = perf_counter()
        function(*arguments)
        times.append(perf_counter() - start)
    return min(times)
