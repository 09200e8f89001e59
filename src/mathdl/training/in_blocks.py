"""Steps on objects in a file, which are read block by block: see :class:`mathdl.descent.batches.BlockOrder`."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mathdl.data.mapped_arrays import MappedFile
from mathdl.descent.batches import BlockOrder, Window
from mathdl.engine.executable import Data, Update
from mathdl.objectives.objective import Stepper

Array = NDArray[Any]


class MovableStepper(Stepper, Protocol):
    """Steps that can go on with other objects."""

    def use(self, data: Data) -> None:
        """Take the next steps on these objects."""


class StepsInBlocks:
    """Takes steps in a :class:`BlockOrder` with one window of objects in memory at a time.

    ``take`` takes no more steps in a call than the window has, and takes any other order from all objects.
    """

    def __init__(self, steps: MovableStepper, data: Data, batch: int) -> None:
        self._steps, self._whole, self._batch = steps, data, batch
        self.operations = steps.operations
        self.memory: Array = steps.memory
        self._file = MappedFile(data.inputs)
        self._window: tuple[object, Window, Data] | None = None  # whose order it is of, and its objects

    def stop(self) -> None:
        """Make ``take`` return before its next update."""
        self._steps.stop()

    def take(
        self,
        parameters: Array,
        order: NDArray[np.int64] | BlockOrder,
        first: int,
        last: int,
        update: Update | None,
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps from ``first`` on, to ``last`` or to the end of the window before."""
        if isinstance(order, np.ndarray):
            self._steps.use(self._whole)
            return self._steps.take(parameters, order, first, last, update)
        start, stop = first * self._batch, min((first + 1) * self._batch, order.length)
        window, data = self._read(order, start)
        places = window.places[start - window.start :]
        if stop > window.stop:  # one batch of several windows
            parts = [data.part(places)]
            while stop > window.stop:
                window, data = self._read(order, window.stop)
                parts.append(data.part(window.places[: stop - window.start]))
            data = _together(parts, self._whole)
            places = np.arange(data.objects)
        places = places[: order.length - start]
        rounded_up = start + len(places) == order.length
        steps = -(-len(places) // self._batch) if rounded_up else len(places) // self._batch
        self._steps.use(data)
        return self._steps.take(parameters, places, 0, min(steps, last - first), update)

    def _read(self, order: BlockOrder, place: int) -> tuple[Window, Data]:
        """Return the window of a place, and its objects."""
        if self._window is None or self._window[0] is not order or not self._holds(place):
            window = order.window(place)
            self._steps.use(self._whole)
            self._window = None  # nothing holds the memory of the window before
            self._window = order, window, self._objects(window.objects)
        return self._window[1:]

    def _holds(self, place: int) -> bool:
        """Tell whether the window in memory is the one of a place."""
        assert self._window is not None
        return self._window[1].start <= place < self._window[1].stop

    def _objects(self, rows: NDArray[np.int64]) -> Data:
        """Read objects, which follow one another in pieces."""
        whole, begin = self._whole, 0
        inputs = np.empty((len(rows), *whole.inputs.shape[1:]), whole.inputs.dtype)
        for piece in np.split(rows, np.flatnonzero(np.diff(rows) != 1) + 1):
            inputs[begin : begin + len(piece)] = self._file.rows(piece[0], piece[-1] + 1)
            begin += len(piece)
        targets, weights = (None if each is None else each[rows] for each in (whole.targets, whole.weights))
        return Data(inputs, targets, weights, whole)


def _together(parts: list[Data], whole: Data) -> Data:
    """Return the objects of all parts."""
    targets = None if whole.targets is None else np.concatenate([part.targets for part in parts])
    weights = None if whole.weights is None else np.concatenate([part.weights for part in parts])
    return Data(np.concatenate([part.inputs for part in parts]), targets, weights, whole)
