"""A finished program with its loss, ready to run on data: evaluation, gradients, and many steps of descent."""

from __future__ import annotations

import ctypes
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.engine import loops, steps, threads, warmup
from mathdl.engine.memory import aligned
from mathdl.engine.program import CACHE_BYTES, CHUNK_SAMPLES, MAX_BLOCK_SAMPLES, MIN_BLOCK_SAMPLES, Buffer, Program
from mathdl.engine.schedule import Schedule, divisible, schedule
from mathdl.kernels import barrier, table
from mathdl.kernels.jit import LAYER, RULE, Kernel, address

Array = NDArray[Any]
CALLS = 1e4  # operations in the time that calling the kernels of a chunk or of the tiles takes
NO_BYTES = np.zeros(0, np.uint8)
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

    def part(self, rows: NDArray[np.int64]) -> Data:
        """Return a copy of some objects."""
        targets, weights = (None if each is None else each[rows] for each in (self.targets, self.weights))
        return Data(self.inputs[rows], targets, weights)

    @property
    def mean_weight(self) -> float:
        """Mean of the objects' weights."""
        return float(np.mean(self.weights, dtype=np.float64)) if self.weights is not None else 1.0


@dataclass(frozen=True)
class Update:
    """An update rule as the engine calls it: its kernels, its constants, and how many updates came before.

    ``outer`` gives the kernel for batches of one object, where the rule has one: it is given the factors d and x of
    the gradient d x^T, and is asked for by x's length (0 where the gradient is d itself).
    """

    kernel: Kernel
    outer: Callable[[int], Kernel | None]
    constants: NDArray[np.float64]
    updates: int

    def apply(self, memory: Array, parameters: Array) -> None:
        """Update all parameters at once; ``memory`` holds their gradient first, then what the rule remembers."""
        span = np.zeros(table.SPAN_COLUMNS, np.int64)
        span[table.SPAN_STOP] = span[table.SPAN_SIZE] = len(parameters)
        span[table.SPAN_STEP] = self.updates
        address(self.kernel, RULE, parameters.dtype.name)  # compiles it, if nothing has yet
        self.kernel(self.constants, memory, parameters, span)


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
        kernels = program.kernels if loss is None else [*program.kernels, (loss, LAYER)]
        warmup.compile_together("descend" if program.training else "evaluate", program.dtype, kernels)
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
        self._rows = program.rows
        self._stride = stride_of(program.size)
        fitting = CACHE_BYTES // (self._stride * np.dtype(program.dtype).itemsize) * CHUNK_SAMPLES
        self.block = min(
            max(fitting, MIN_BLOCK_SAMPLES), MAX_BLOCK_SAMPLES
        )  # objects whose activations are kept at a time
        self.divisible = bool(divisible(program))  # whether threads may share out units
        self._schedules: dict[int, Schedule] = {}
        self._gathers: dict[tuple[bool, bool], NDArray[np.int64]] = {}
        self._rooms: dict[tuple[int, int], _Room] = {}

    def evaluate(self, parameters: Array, data: Data, thread_count: int | None) -> tuple[Array, float]:
        """Return all outputs, samples first, and the mean loss (0 without a loss)."""
        program, objects = self.program, data.objects
        operations = float(program.operations) * objects
        chunks = max(1, -(-objects // CHUNK_SAMPLES))
        count = min(threads.choose(thread_count, operations, chunks), chunks)  # as many as the workspace has room for
        room = self._rooms.pop((objects, count), None) or self._room(objects, count, chunks)
        outputs = np.empty(objects * self.output.size, program.dtype)
        sources, gathers = self._sources(data)
        scale = 1 / (max(1, objects) * data.mean_weight)
        tables = (self._rows, self._loss, gathers, *sources, scale, room.order, room.plan, parameters)
        shared = (*tables, room.workspace, room.sums, outputs, room.control)
        warmup.prepare("evaluate", program.dtype)
        room.control.fill(0)
        threads.run(lambda me: loops.evaluate(*shared, me, count), room.control, count, operations)
        value = float(room.sums.sum())
        if objects <= CHUNK_SAMPLES:
            self._rooms[objects, count] = room
        return outputs.reshape(objects, self.output.size), value

    def _room(self, objects: int, count: int, chunks: int) -> _Room:
        """Make what ``count`` threads need to evaluate so many objects."""
        workspace = self._workspace(count, objects, self.program.size)
        return _Room(workspace, np.zeros(chunks), np.arange(objects), self._plan(), threads.new_control(count))

    def gradient(self, parameters: Array, data: Data, thread_count: int | None) -> tuple[float, Array, Array]:
        """Return the mean loss, its gradient (NaN where it is not finite), and the workspace of the last block."""
        memory = aligned(len(parameters), self.program.dtype)
        once = Steps(self, data, memory, data.objects, thread_count)
        losses, finite = once.take(parameters, np.arange(data.objects), 0, 1, None)
        if not finite:
            memory.fill(np.nan)
        return float(losses[0]) if finite else np.nan, memory, once.workspace

    def _plan(self) -> NDArray[np.int64]:
        """What all calls have in common."""
        plan = np.zeros(steps.PLAN, np.int64)
        plan[steps.CHUNK], plan[steps.STRIDE], plan[steps.BLOCK] = CHUNK_SAMPLES, self._stride, self.block
        plan[steps.OUTPUTS], plan[steps.OUTPUT_WIDTH] = self.output.values, self.output.size
        return plan

    def _workspace(self, chunks: int, objects: int, size: int) -> Array:
        """Room for this many chunks of so many objects in all, with so many numbers for each."""
        return aligned(
            (chunks * stride_of(size) if objects > CHUNK_SAMPLES else size * objects) + SLACK, self.program.dtype
        )

    def _schedule(self, count: int) -> Schedule:
        """How so many threads share out a step."""
        if count not in self._schedules:
            self._schedules[count] = schedule(self.program, self._rows, count)
        return self._schedules[count]

    def _sources(self, data: Data) -> tuple[tuple[Array, Array, Array, Array], NDArray[np.int64]]:
        """The numbers and bytes to gather from, and where each part goes; without weights every object has weight 1."""
        as_bytes, weighted = data.inputs.dtype == np.uint8, data.weights is not None
        nothing = np.zeros(0, self.program.dtype)
        inputs, targets = _flat(data.inputs), nothing if data.targets is None else _flat(data.targets)
        weights = nothing if data.weights is None else _flat(data.weights)
        if (as_bytes, weighted) not in self._gathers:
            kinds = [table.OF_BYTES if as_bytes else table.OF_NUMBERS, table.OF_NUMBERS]
            kinds += [table.OF_NUMBERS if weighted else table.OF_ONES]
            rows = [[*place, kind] for place, kind in zip(self._places, kinds, strict=False)]
            self._gathers[as_bytes, weighted] = np.array(rows, np.int64)
        pair = (nothing, inputs) if as_bytes else (inputs, NO_BYTES)
        return (*pair, targets, weights), self._gathers[as_bytes, weighted]


@dataclass(frozen=True)
class _Room:
    """What one call of an evaluation writes to, kept for the next one of as many objects."""

    workspace: Array
    sums: Array
    order: NDArray[np.int64]
    plan: NDArray[np.int64]
    control: NDArray[np.int64]


def stride_of(size: int) -> int:
    """Workspace numbers of a chunk, for so many numbers per sample: whole lines of the cache."""
    return -(-size * CHUNK_SAMPLES // 16) * 16


def _flat(part: Array) -> Array:
    """View an array as one run; memory that may only be read too, which compiled code would take for another type."""
    flat = np.ascontiguousarray(part).reshape(-1)
    if not flat.flags.writeable:
        memory = (ctypes.c_uint8 * flat.nbytes).from_address(flat.ctypes.data)
        memory.owner = flat  # type: ignore[attr-defined]
        return np.ctypeslib.as_array(memory).view(flat.dtype)
    return flat


class Steps:
    """Descent of one executable on one data set: what stays the same from call to call.

    ``memory`` holds the gradient first, then what the rule remembers; it is changed in place.
    """

    def __init__(self, executable: Executable, data: Data, memory: Array, batch: int, thread_count: int | None) -> None:
        program = executable.program
        batch = min(batch, data.objects)
        chunks = -(-batch // CHUNK_SAMPLES)
        self.operations = 3.0 * program.operations * batch + 4.0 * len(memory) + CALLS * (chunks + 1)  # of one step
        self.threads = threads.choose(thread_count, self.operations, chunks, executable.divisible)
        self.memory = memory
        self._executable = executable
        self._schedule = executable._schedule(self.threads)
        self._sums = np.zeros(MAX_BLOCK_SAMPLES // CHUNK_SAMPLES)
        self._sources, gathers = executable._sources(data)
        self._rows, self._gathers, size = self._of_each_thread(gathers)
        self._plan = executable._plan()
        self._plan[steps.BATCH], self._plan[steps.STRIDE] = batch, stride_of(size)
        self.workspace = executable._workspace(-(-min(batch, executable.block) // CHUNK_SAMPLES), batch, size)
        self._mean_weight = data.mean_weight
        self._control = threads.new_control(self.threads)
        # A thread may sum the gradients of its tiles one after the other in one place, which then stays in cache.
        largest = self._schedule.largest_tile
        fits = batch <= executable.block and largest * self.threads <= self._schedule.parameters
        self._scratch = largest if fits else 0

    def _of_each_thread(self, gathers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64], int]:
        """Return every thread's table and gathers, with inputs of its own where it has them; numbers per sample."""
        program, rows = self._executable.program, self._executable._rows
        if self.threads == 1:
            return rows[None], gathers[None], program.size
        every_rows, every_gathers = (np.repeat(each[None], self.threads, axis=0) for each in (rows, gathers))
        size, width = program.size, program.input.size
        for me in range(1, self.threads if self._schedule.own_inputs else 1):
            mine = rows[:, table.INPUT] == program.input.values
            every_rows[me, mine, table.INPUT] = every_gathers[me, 0, table.GATHER_PLACE] = size
            copied = rows[:, table.PANELS] == gathers[0, table.GATHER_PANELS]
            every_rows[me, copied, table.PANELS] = every_gathers[me, 0, table.GATHER_PANELS] = size + width
            size += width + program.panel_size(width)
        return every_rows, every_gathers, size

    def take(
        self, parameters: Array, order: NDArray[np.int64], first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps ``first`` to ``last`` of an order of objects; without ``update``, leave the gradient.

        Return the loss at each whole step done, before its update, and whether every loss met was finite. There are
        fewer losses than asked for after ``stop``, or where one was not finite: its update was not made.
        """
        executable, plan, shared_out = self._executable, self._plan.copy(), self._schedule
        tiles = shared_out.tiles
        losses = np.zeros(last - first)
        plan[steps.FIRST_STEP], plan[steps.LAST_STEP] = first, last
        constants = np.zeros(1)
        if update is not None:
            plan[steps.RULE] = address(update.kernel, RULE, executable.program.dtype)
            plan[steps.UPDATES], constants = update.updates, update.constants
            plan[steps.SCRATCH] = self._scratch
            if plan[steps.BATCH] == 1:
                tiles = self._updated_from_factors(update)
        control = self._control = threads.new_control(self.threads)
        data = (*self._sources, self._mean_weight, order, plan, parameters, self.memory, constants, self.workspace)
        scratch = np.zeros((self.threads, steps.TICKETS + self.threads), np.int64)
        operations, dtype = self.operations * (last - first), executable.program.dtype
        if self.threads == 1 and plan[steps.BATCH] == 1:
            warmup.prepare("descend_singly", dtype)
            singly = (self._rows[0], executable._loss, tiles, self._gathers[0], *data, losses, scratch[0], control)
            threads.run(lambda me: loops.descend_singly(*singly), control, 1, operations)
        else:
            warmup.prepare("descend", dtype)
            tables = (self._rows, executable._loss, shared_out.stages, shared_out.parts, tiles, shared_out.homes)
            shared = (*tables, self._gathers, *data, self._sums, losses, scratch, control)
            threads.run(lambda me: loops.descend(*shared, me, self.threads), control, self.threads, operations)
        return losses[: int(control[barrier.DONE])], not control[barrier.FAILED]

    def _updated_from_factors(self, update: Update) -> NDArray[np.int64]:
        """Return the tiles with the kernels that update them from the factors of one object's gradient."""
        tiles = self._schedule.tiles.copy()
        for tile in tiles:
            kernel = update.outer(int(tile[table.TILE_WIDTH])) if tile[table.TILE_WIDTH] >= 0 else None
            if kernel is not None:
                tile[table.TILE_UPDATE] = address(kernel, RULE, self._executable.program.dtype)
        return tiles

    def left_at(self, place: int, size: int) -> Iterator[Array]:
        """Yield an activation as the last step, of one block, left it: (chunks, size, samples), whole chunks first."""
        batch, stride = int(self._plan[steps.BATCH]), int(self._plan[steps.STRIDE])
        whole, rest = divmod(batch, CHUNK_SAMPLES)
        if whole:
            chunks = self.workspace[: whole * stride].reshape(whole, stride)
            yield chunks[:, place * CHUNK_SAMPLES : (place + size) * CHUNK_SAMPLES].reshape(whole, size, CHUNK_SAMPLES)
        if rest:
            start = whole * stride + place * rest
            yield self.workspace[start : start + size * rest].reshape(1, size, rest)

    def stop(self) -> None:
        """Make ``take``, in whatever thread it runs, return before its next update."""
        self._control[barrier.STOP] = max(1, int(self._control[barrier.STOP]))  # a thread's failure stays one
