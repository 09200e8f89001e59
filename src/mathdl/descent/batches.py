"""The order in which descent meets the objects (sections 8.3 to 8.5)."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.checks import checked_weights

SAMPLINGS = ("without_replacement", "with_replacement")
IN_BLOCKS = "in_blocks"  # of training alone: see BlockOrder, which larger data than a window take


WINDOW_BLOCKS = 256  # chosen: so many blocks are mixed with one another


class Window(NamedTuple):
    """Blocks whose objects are mixed: where they begin and end in the order, and the objects from first to last.

    ``objects`` follow one another block by block, and ``places`` say which of them comes when.
    """

    start: int
    stop: int
    objects: NDArray[np.int64]
    places: NDArray[np.int64]


class BlockOrder:
    """An order that goes through neighbouring objects together, as they lie in a file.

    In each epoch blocks of ``block`` objects come in random order, and the objects of ``WINDOW_BLOCKS`` of them at a
    time are mixed. It is made window by window, since all of it may not fit into memory. It begins with ``epoch`` and
    has ``length`` places, as many as there are objects by default. ``rows`` are the objects where these are not all of
    0, 1, 2, ...
    """

    def __init__(
        self,
        objects: int,
        block: int,
        seeds: tuple[int, int],
        rows: NDArray[np.int64] | None = None,
        length: int | None = None,
    ) -> None:
        self._objects, self._block, self._rows = objects, block, rows
        self._seed, self._epoch = seeds
        self.length = objects if length is None else length

    def window(self, place: int) -> Window:
        """Return the window of a place in the order."""
        later, within = divmod(place, self._objects)
        seeds, block = [self._seed, self._epoch + later], self._block
        blocks = np.random.default_rng(seeds).permutation(-(-self._objects // block))
        # The last block of all may be shorter, and comes anywhere.
        ends = np.cumsum(np.minimum(block, self._objects - blocks * block))
        starts = np.append(np.append(0, ends[:-1])[::WINDOW_BLOCKS], self._objects)
        number = int(np.searchsorted(starts, within, "right")) - 1
        firsts = blocks[number * WINDOW_BLOCKS : (number + 1) * WINDOW_BLOCKS] * block
        objects = (firsts[:, None] + np.arange(block)).reshape(-1)
        objects = objects[objects < self._objects]
        places = np.random.default_rng([*seeds, number]).permutation(len(objects))
        start, stop = (starts[number : number + 2] + later * self._objects).tolist()
        return Window(start, stop, objects if self._rows is None else self._rows[objects], places)


def chances_of(sampling_weight: Any, objects: int) -> NDArray[np.float64] | None:
    """Return the chances of the objects in a draw by their weights; None without any."""
    if sampling_weight is None:
        return None
    weights = checked_weights(sampling_weight, objects, "float64", "sampling_weight")
    return weights / weights.sum()  # type: ignore[no-any-return]


def order_of_epoch(
    objects: int, sampling: str | None, seed: int, epoch: int, chances: NDArray[Any] | None = None
) -> NDArray[np.int64]:
    """Return the objects of one epoch in order; it depends on nothing but the arguments.

    Without replacement every object comes exactly once; with replacement each place is drawn independently, by the
    objects' ``chances`` where these are given.
    """
    generator = np.random.default_rng([seed, epoch])
    if sampling == "with_replacement":
        if chances is not None:
            return generator.choice(objects, size=objects, p=chances)
        return generator.integers(objects, size=objects)
    return generator.permutation(objects)
