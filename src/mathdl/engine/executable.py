"""A finished program with its loss, ready to run on data: evaluation, gradients, and many steps of descent."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine import loops, threads
from mathdl.engine.program import BLOCK, CHUNK, Buffer, Program
from mathdl.kernels import barrier, gather, table
from mathdl.kernels.jit import GATHER, LAYER, RULE, Kernel, address, prepare

Array = NDArray[Any]
CALLS = 1e4  # operations in the time that calling the kernels of a chunk or of the tiles takes
SLACK = 64  # numbers after the workspace that a vector's load may touch


@dataclass(frozen=True)
class Data:
    """Objects as the engine reads them: samples first, contiguous.

    ``inputs`` are of the network's dtype, or bytes that stand for numbers from 0 to 1; ``targets`` and
    ``weights`` are of the network's dtype and may be missing where no loss is asked for.
    """

    inputs: Array
    targets: Array | None = None
    weights: Array | None = None

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self.inputs)

    @property
    def mean_weight(self) -> float:
        """Mean of the objects' weights."""
        return float(np.mean(self.weights, dtype=np.float64)) if self.weights is not None else 1.0


@dataclass(frozen=True)
class Update:
    """An update rule as the engine calls it: its kernel, its constants, and how many updates came before."""

    kernel: Kernel
    constants: NDArray[np.float64]
    updates: int


class Executable:
    """A program, the buffer of its outputs and, where there is one, its loss on a buffer of pre-activations."""

    def __init__(
        self,
        program: Program,
        output: Buffer,
        loss: Kernel | None = None,
        scored: Buffer | None = None,
        targets: int = 0,
    ) -> None:
        self.program = program
        self.output = output
        places = [[program.input.size, program.input.values, program.panels(program.input)[0]]]
        row = [0] * table.COLUMNS
        if loss is not None and scored is not None:
            weight, target, value = program.allocate(1), program.allocate(targets), program.allocate(1)
            places += [[targets, target, program.allocate(program.panel_size(targets))]]
            places += [[1, weight, program.allocate(program.panel_size(1))]]
            gradient = scored.gradient if scored.gradient >= 0 else program.allocate(scored.size)
            row[table.FORWARD] = address(loss, LAYER, program.dtype)
            row[table.INPUT], row[table.INPUT_GRADIENT], row[table.OUTPUT] = scored.values, gradient, value
            row[table.WEIGHTS], row[table.BIAS], row[table.SIZES] = weight, target, scored.size
        self._loss = np.array(row, np.int64)
        self._places = places
        self._rows, self._tiles = program.rows, program.tiles
        self._stride = (program.size * CHUNK + 15) // 16 * 16

    def evaluate(self, parameters: Array, data: Data, thread_count: int | None) -> tuple[Array, float]:
        """Return all outputs, samples first, and the mean loss (0 without a loss)."""
        program, order = self.program, np.arange(data.objects)
        operations = float(program.operations) * data.objects
        chunks = max(1, -(-data.objects // CHUNK))
        count = min(threads.choose(thread_count, operations, chunks), chunks)  # as many as the workspace has room for
        workspace = self._workspace(count, data.objects)
        sums = np.zeros(chunks)
        outputs = np.empty(data.objects * self.output.size, program.dtype)
        sources, gathers = self._sources(data)
        plan, control = self._plan(), threads.new_control()
        scale = 1 / (max(1, data.objects) * data.mean_weight)
        shared = (self._rows, self._loss, gathers, *sources, scale, order, plan, parameters, workspace, sums, outputs)
        prepare(loops.evaluate, program.dtype, (*shared, control, 0, 1))

        def work(me: int) -> None:
            loops.evaluate(*shared, control, me, count)

        threads.run(work, control, count, operations)
        return outputs.reshape(data.objects, self.output.size), float(np.sum(sums))

    def gradient(self, parameters: Array, data: Data, thread_count: int | None) -> tuple[float, Array, Array]:
        """Return the mean loss, its gradient (NaN where it is not finite), and the workspace of the last block."""
        memory = np.zeros(len(parameters), self.program.dtype)
        steps = Steps(self, data, memory, data.objects, thread_count)
        losses, finite = steps.take(parameters, np.arange(data.objects), 0, 1, None)
        if not finite:
            memory.fill(np.nan)
        return float(losses[0]) if finite else np.nan, memory, steps.workspace

    def _plan(self) -> NDArray[np.int64]:
        """What all calls have in common."""
        plan = np.zeros(loops.PLAN, np.int64)
        plan[loops.CHUNK], plan[loops.STRIDE], plan[loops.BLOCK] = CHUNK, self._stride, BLOCK
        plan[loops.OUTPUTS], plan[loops.OUTPUT_WIDTH] = self.output.values, self.output.size
        return plan

    def _workspace(self, chunks: int, objects: int) -> Array:
        """Room for this many chunks of so many objects in all, from a multiple of a cache line's length on."""
        numbers = (chunks * self._stride if objects > CHUNK else self.program.size * objects) + SLACK
        size = numbers * np.dtype(self.program.dtype).itemsize
        raw = np.zeros(size + 64, np.uint8)
        start = -raw.ctypes.data % 64
        return raw[start : start + size].view(self.program.dtype)

    def _sources(self, data: Data) -> tuple[tuple[Array, Array, Array], NDArray[np.int64]]:
        """The data as bytes, and where each part goes."""
        weights, targets = data.weights, data.targets
        if weights is None:
            weights = np.ones(data.objects if self._loss[0] else 0, self.program.dtype)
        if targets is None:
            targets = np.zeros((0, 1), self.program.dtype)
        parts = (np.ascontiguousarray(data.inputs), np.ascontiguousarray(targets), np.ascontiguousarray(weights))
        kinds = [gather.image_bytes if part.dtype == np.uint8 else gather.same for part in parts]
        gathers = [
            [address(kind, GATHER, self.program.dtype), *place]
            for kind, place in zip(kinds, self._places, strict=False)
        ]
        inputs, targets, weights = (_as_bytes(part) for part in parts)
        return (inputs, targets, weights), np.array(gathers, np.int64)


def _as_bytes(part: Array) -> Array:
    """View an array as bytes; memory that may only be read too, which compiled code would take for another type."""
    data = part.reshape(-1).view(np.uint8)
    if not data.flags.writeable:
        memory = (ctypes.c_uint8 * data.size).from_address(data.ctypes.data)
        memory.owner = data  # type: ignore[attr-defined]
        return np.ctypeslib.as_array(memory)
    return data


class Steps:
    """Descent of one executable on one data set: what stays the same from call to call.

    ``memory`` holds the gradient first, then what the rule remembers; it is changed in place.
    """

    def __init__(self, executable: Executable, data: Data, memory: Array, batch: int, thread_count: int | None) -> None:
        program = executable.program
        batch = min(batch, data.objects)
        chunks = -(-batch // CHUNK)
        self.operations = 3.0 * program.operations * batch + 4.0 * len(memory) + CALLS * (chunks + 1)  # of one step
        self.threads = threads.choose(thread_count, self.operations, chunks)
        self.workspace = executable._workspace(-(-min(batch, BLOCK) // CHUNK), batch)
        self.memory = memory
        self._executable = executable
        self._sums = np.zeros(BLOCK // CHUNK)
        self._plan = executable._plan()
        self._plan[loops.BATCH] = batch
        self._sources, self._gathers = executable._sources(data)
        self._mean_weight = data.mean_weight
        self._control = threads.new_control()

    def take(
        self, parameters: Array, order: NDArray[np.int64], first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps ``first`` to ``last`` of an order of objects; without ``update``, leave the gradient.

        Returns
        -------
        losses : ndarray
            The loss at each whole step done, before its update. There are fewer than asked for after ``stop``, or
            where a loss was not finite: its update was not made.
        finite : bool
            Whether every loss met was finite.
        """
        executable, plan = self._executable, self._plan.copy()
        losses = np.zeros(last - first)
        plan[loops.FIRST_STEP], plan[loops.LAST_STEP] = first, last
        constants = np.zeros(1)
        if update is not None:
            plan[loops.RULE] = address(update.kernel, RULE, executable.program.dtype)
            plan[loops.UPDATES], constants = update.updates, update.constants
        control = self._control = threads.new_control()
        tables = (executable._rows, executable._loss, executable._tiles, self._gathers)
        data = (*self._sources, self._mean_weight, order, plan)
        scratch = np.zeros((self.threads, table.BLOCK_COLUMNS + table.SPAN_COLUMNS), np.int64)
        arrays = (parameters, self.memory, constants, self.workspace, self._sums, losses, scratch, control)
        shared = (*tables, *data, *arrays)
        prepare(loops.descend, executable.program.dtype, (*shared, 0, 1))

        def work(me: int) -> None:
            loops.descend(*shared, me, self.threads)

        threads.run(work, control, self.threads, self.operations * (last - first))
        return losses[: int(control[barrier.DONE])], not control[barrier.FAILED]

    def stop(self) -> None:
        """Make ``take``, in whatever thread it runs, return before its next update."""
        self._control[barrier.STOP] = max(1, int(self._control[barrier.STOP]))  # a thread's failure stays one
