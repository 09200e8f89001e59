"""Time of this process, shared out among what waits for it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

Progress = Callable[[str, int, int], None] | None


def in_turn(count: int, seconds: float, doing: str = "", progress: Progress = None) -> Iterator[tuple[int, float]]:
    """Yield numbers up to a count, each with an equal share of what is left of the time, until that is over."""
    until = time.process_time() + seconds
    for k in range(count):
        left = until - time.process_time()
        if left <= 0:
            return
        yield k, left / (count - k)
        if progress is not None:
            progress(doing, k + 1, count)
