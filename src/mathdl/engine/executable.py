"""A finished program with its loss, ready to run on data: evaluation, gradients, and many steps of descent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mathdl.engine import threads, warmup
from mathdl.engine.memory import aligned, writable
from mathdl.engine.program import CACHE_BYTES, CHUNK_SAMPLES, MAX_BLOCK_SAMPLES, MIN_BLOCK_SAMPLES, Buffer, Program
from mathdl.engine.schedule import Schedule, divisible, schedule
from mathdl.engine.steps import Crew, Memory, Plan, Room, Shares, Sources, Tables
from mathdl.kernels import barrier, losses, table
from mathdl.kernels.jit import LAYER, RULE, Kernel, address
from mathdl.kernels.simd import VECTOR_BYTES
from mathdl.kernels.table import Records

Array = NDArray[Any]
CALL_OPERATIONS = 1e4  # operations in the time that calling the kernels of a chunk or of the tiles takes
MAX_DRAW_SEED = 2**62  # larger seeds begin again at 0
NO_BYTES = np.zeros(0, np.uint8)
# Chunks of two vectors are for batches with at least so many of them, so that threads have something to share, and for
# so many bytes of activations. Both chosen.
MIN_WIDE_CHUNKS = 4
MIN_WIDE_CHUNKS_BY_UNITS = 2  # where threads share most of the work by units
WIDE_CHUNK_BYTES = 2**23
PADDING_NUMBERS = 64  # numbers after the workspace that a vector's load may touch


@dataclass(frozen=True)
class Data:
    """Objects as the engine reads them: samples first, contiguous.

    ``inputs`` are of the network's dtype, or bytes that stand for numbers from 0 to 1; ``targets`` and
    ``weights`` are of the network's dtype and may be missing where no loss is asked for.
    """

    inputs: Array
    targets: Array | None = None
    weights: Array | None = None
    whole: Data | None = None  # what these are a piece of, whose mean weight counts

    @property
    def objects(self) -> int:
        """Number of objects."""
        return len(self.inputs)

    def part(self, rows: NDArray[np.int64]) -> Data:
        """Return a copy of some objects."""
        targets, weights = (None if each is None else each[rows] for each in (self.targets, self.weights))
        return Data(self.inputs[rows], targets, weights)

    @cached_property
    def mean_weight(self) -> float:
        """Mean of the objects' weights, or of all those of which they are a piece."""
        if self.whole is not None:
            return self.whole.mean_weight
        return float(np.mean(self.weights, dtype=np.float64)) if self.weights is not None else 1.0


@dataclass(frozen=True)
class Update:
    """An update rule as the engine calls it: its kernels, its constants, and how many updates came before.

    What a step draws at random depends on ``seed``, on the number of the update and on the place in the batch.

    ``outer`` gives the kernel for batches of one object, where the rule has one: it is given the factors d and x of
    the gradient d x^T, and is asked for by x's length (0 where the gradient is d itself).
    """

    kernel: Kernel
    outer: Callable[[int], Kernel | None]
    constants: NDArray[np.float64]
    updates: int
    seed: int = 0

    def apply(self, memory: Array, parameters: Array) -> None:
        """Update all parameters at once; ``memory`` holds their gradient first, then what the rule remembers."""
        span = np.zeros(1, table.SPAN)[0]
        span.stop = span.parameters = len(parameters)
        span.step = self.updates
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
        row = np.zeros(1, losses.ROW if loss is None else cast(Any, loss).row)[0]
        if loss is not None and scored is not None:
            weight, target, value = program.allocate(1), program.allocate(targets), program.allocate(1)
            places += [[targets, target, program.allocate(program.panel_size(targets))]]
            places += [[1, weight, program.allocate(program.panel_size(1))]]
            gradient = scored.gradient if scored.gradient >= 0 else program.allocate(scored.size)
            row.forward = address(loss, LAYER, program.dtype)
            row.input, row.input_gradient, row.output = scored.values, gradient, value
            row.object_weights, row.targets, row.width = weight, target, scored.size
            program.complete(row)
        self.loss_row = row.reshape(1).view(table.OPERATION)
        self._places = places
        self.rows = program.rows
        self._stride = stride_of(program.numbers)
        fitting = CACHE_BYTES // (self._stride * np.dtype(program.dtype).itemsize) * CHUNK_SAMPLES
        # Objects whose activations are kept at a time.
        self.block = min(max(fitting, MIN_BLOCK_SAMPLES), MAX_BLOCK_SAMPLES)
        self.plan = Plan(
            CHUNK_SAMPLES, self._stride, self.block, outputs=self.output.values, output_width=self.output.size
        )
        by_units = sum(2 * each.count * each.size for each in divisible(program))  # operations
        self.divisible = by_units > 0  # whether threads may share out units
        self._mostly_by_units = 2 * by_units > program.operations
        self._schedules: dict[int, Schedule] = {}
        self._tables: dict[tuple[bool, bool], Tables] = {}
        self._rooms: dict[tuple[int, int], Room] = {}  # kept for the next call of as many objects
        self._nothing = np.zeros(0, program.dtype)

    def evaluate(self, parameters: Array, data: Data, thread_count: int | None) -> tuple[Array, float]:
        """Return all outputs, samples first, and the mean loss (0 without a loss)."""
        program, objects = self.program, data.objects
        operations = float(program.operations) * objects
        chunks = max(1, -(-objects // CHUNK_SAMPLES))
        count = int(min(threads.choose(thread_count, operations, chunks), chunks))  # the workspace has room for no more
        room = self._rooms.pop((objects, count), None) or self._room(objects, count, chunks)
        outputs = np.empty(objects * self.output.size, program.dtype)
        tables, sources = self.tables(data), self.sources(data)
        scale = 1 / (max(1, objects) * sources.mean_weight)
        shared = (tables, sources, self.plan, scale, program.arguments(parameters), room, outputs)
        evaluate = warmup.prepare("evaluate", program.dtype)
        room.control.fill(0)
        threads.run(lambda me: evaluate(*shared, me, count), room.control, count, operations)
        value = float(room.sums.sum()) if len(tables.gathers[0]) == 3 else 0.0
        if objects <= CHUNK_SAMPLES:
            self._rooms[objects, count] = room
        return outputs.reshape(objects, self.output.size), value

    def _room(self, objects: int, count: int, chunks: int) -> Room:
        """Make what ``count`` threads need to evaluate so many objects."""
        workspace = self.workspace(count, objects, self.program.numbers)
        return Room(np.arange(objects), workspace, np.zeros(chunks), threads.new_control(count))

    def gradient(self, parameters: Array, data: Data, thread_count: int | None) -> tuple[float, Array, Array]:
        """Return the mean loss, its gradient (NaN where it is not finite), and the workspace of the last block."""
        memory = aligned(len(parameters), self.program.dtype)
        once = Steps(self, data, memory, data.objects, thread_count)
        losses, finite = once.take(parameters, np.arange(data.objects), 0, 1, None)
        if not finite:
            memory.fill(np.nan)
        return float(losses[0]) if finite else np.nan, memory, once.workspace

    def step_operations(self, batch: int, memory: int) -> float:
        """Return the operations of one step of a batch, with so many numbers of gradient and memory."""
        program = self.program
        chunks = -(-batch // self.chunk_of(batch))
        return 3.0 * program.operations * batch + 4.0 * memory + CALL_OPERATIONS * (chunks + 1)

    def workspace(self, chunks: int, objects: int, size: int, chunk: int = CHUNK_SAMPLES) -> Array:
        """Room for this many chunks of so many objects in all, with so many numbers for each."""
        numbers = chunks * stride_of(size, chunk) if objects > chunk else size * objects
        return aligned(numbers + PADDING_NUMBERS, self.program.dtype)

    def chunk_of(self, batch: int) -> int:
        """Samples of a batch that go through together: two vectors, both multiplied by a number of a weight at a time.

        One vector where there would be too few chunks for threads to share, or very many numbers per sample.
        """
        program, itemsize = self.program, np.dtype(self.program.dtype).itemsize
        two = 2 * VECTOR_BYTES // itemsize
        fewest = MIN_WIDE_CHUNKS_BY_UNITS if self._mostly_by_units else MIN_WIDE_CHUNKS
        if 3 * program.operations * batch <= threads.WORTH_SHARING:
            fewest = 1  # there is one thread, unless more are asked for
        return two if batch >= fewest * two and program.numbers * two * itemsize <= WIDE_CHUNK_BYTES else CHUNK_SAMPLES

    def schedule(self, count: int) -> Schedule:
        """How so many threads share out a step."""
        if count not in self._schedules:
            self._schedules[count] = schedule(self.program, self.rows, count)
        return self._schedules[count]

    def sources(self, data: Data) -> Sources:
        """Return the numbers and bytes to gather from; without weights every object has weight 1."""
        inputs, targets = _flat(data.inputs), self._nothing if data.targets is None else _flat(data.targets)
        weights = self._nothing if data.weights is None else _flat(data.weights)
        numbers, pictures = (self._nothing, inputs) if inputs.dtype == np.uint8 else (inputs, NO_BYTES)
        return Sources(numbers, pictures, targets, weights, data.mean_weight)

    def tables(self, data: Data) -> Tables:
        """Return the tables of one thread, which say where each part of data like these goes."""
        key = as_bytes, weighted = data.inputs.dtype == np.uint8, data.weights is not None
        if key not in self._tables:
            kinds = [table.OF_BYTES if as_bytes else table.OF_NUMBERS, table.OF_NUMBERS]
            kinds += [table.OF_NUMBERS if weighted else table.OF_ONES]
            gathers = [(*place, kind) for place, kind in zip(self._places, kinds, strict=False)]
            self._tables[key] = Tables(self.rows[None], self.loss_row, np.array([gathers], table.GATHER))
        return self._tables[key]


def stride_of(size: int, chunk: int = CHUNK_SAMPLES) -> int:
    """Workspace numbers of a chunk, for so many numbers per sample: whole lines of the cache."""
    return -(-size * chunk // 16) * 16


def _flat(part: Array) -> Array:
    """View an array as one run."""
    return writable(np.ascontiguousarray(part)).reshape(-1)


class Steps:
    """Descent of one executable on one data set: what stays the same from call to call.

    ``memory`` holds the gradient first, then what the rule remembers; it is changed in place.
    """

    def __init__(self, executable: Executable, data: Data, memory: Array, batch: int, thread_count: int | None) -> None:
        program = executable.program
        batch = min(int(batch), data.objects)
        chunk = executable.chunk_of(batch)
        chunks = -(-batch // chunk)
        self.operations = executable.step_operations(batch, len(memory))
        self.threads = int(threads.choose(thread_count, self.operations, chunks, executable.divisible))
        self.memory = memory
        self._program, self._executable = program, executable
        self._schedule = executable.schedule(self.threads)
        self._sums = np.zeros(MAX_BLOCK_SAMPLES // CHUNK_SAMPLES)
        shared = self._schedule
        self._shares = Shares(shared.stages, shared.parts, shared.tiles, shared.homes)
        self._sources = executable.sources(data)
        self._tables, size = self._of_each_thread(executable.tables(data), program)
        stride = stride_of(size, chunk)
        boxes = program.images > 1
        self._plan = executable.plan._replace(batch=batch, chunk=chunk, stride=stride, boxes=boxes)
        self.workspace = executable.workspace(-(-min(batch, executable.block) // chunk), batch, size, chunk)
        self._control = threads.new_control(self.threads)
        # A thread may sum the gradients of its tiles one after the other in one place, which then stays in cache.
        largest = self._schedule.largest_tile
        fits = batch <= executable.block and largest * self.threads <= self._schedule.parameters
        self._scratch = largest if fits else 0

    def use(self, data: Data) -> None:
        """Take the next steps on other objects, which are given in the same way."""
        self._sources = self._executable.sources(data)

    def _of_each_thread(self, tables: Tables, program: Program) -> tuple[Tables, int]:
        """Return every thread's tables, with inputs of its own where it has them; numbers per sample."""
        size, width = program.numbers, program.input.size
        if self.threads == 1:
            return tables, size
        rows, gathers = (np.repeat(one, self.threads, axis=0) for one in (tables.rows, tables.gathers))
        for me in range(1, self.threads if self._schedule.own_inputs else 1):
            own, gather = rows[me], gathers[me, 0]
            own["input"][rows["input"][0] == program.input.values] = gather.place = size
            own["panels"][rows["panels"][0] == gathers["panels"][0, 0]] = gather.panels = size + width
            size += width + program.panel_size(width)
        return Tables(rows, tables.loss, gathers), size

    def take(
        self, parameters: Array, order: NDArray[np.int64], first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take the steps ``first`` to ``last`` of an order of objects; without ``update``, leave the gradient.

        Return the loss at each whole step done, before its update, and whether every loss met was finite. There are
        fewer losses than asked for after ``stop``, or where one was not finite: its update was not made.
        """
        shares, constants, losses = self._shares, np.zeros(1), np.zeros(last - first)
        size, dtype = len(parameters), self._program.dtype
        self._tables.rows["draw_seed"] = -1 if update is None else update.seed % MAX_DRAW_SEED
        if update is None:
            plan = self._plan._replace(first_step=first, last_step=last, parameters=size)
        else:
            rule, constants = address(update.kernel, RULE, dtype), update.constants
            plan = self._plan._replace(
                first_step=first,
                last_step=last,
                parameters=size,
                rule=rule,
                updates=update.updates,
                scratch=self._scratch,
                draws=self._program.draws,
            )
            if plan.batch == 1:
                shares = shares._replace(tiles=self._updated_from_factors(update))
        control = self._control = threads.new_control(self.threads)
        blocks, spans = np.zeros(self.threads, table.BLOCK), np.zeros(self.threads, table.SPAN)
        taken = np.zeros((self.threads, self.threads), np.int64)
        a = self._program.arguments(parameters)
        memory = Memory(order, a, self.memory, constants, self.workspace, self._sums, losses)
        single = self.threads == 1 and plan.batch == 1
        descend = warmup.prepare("descend_singly" if single else "descend", dtype)
        shared = (self._tables, shares, self._sources, plan, memory)
        try:
            threads.run(
                lambda me: descend(*shared, Crew(control, blocks, spans, taken, me, self.threads)),
                control,
                self.threads,
                self.operations * (last - first),
            )
        finally:
            if a is not parameters:
                parameters[:] = a[:size]
        return losses[: int(control[barrier.DONE])], not control[barrier.FAILED]

    def _updated_from_factors(self, update: Update) -> Records:
        """Return the tiles with the kernels that update them from the factors of one object's gradient."""
        tiles = self._schedule.tiles.copy()
        for place, width in enumerate(tiles["width"].tolist()):
            kernel = update.outer(width) if width >= 0 else None
            if kernel is not None:
                tiles["update"][place] = address(kernel, RULE, self._program.dtype)
        return tiles

    def left_at(self, place: int, size: int) -> Iterator[Array]:
        """Yield an activation as the last step, of one block, left it: (chunks, size, samples), whole chunks first."""
        chunk, stride = self._plan.chunk, self._plan.stride
        whole, rest = divmod(self._plan.batch, chunk)
        if whole:
            chunks = self.workspace[: whole * stride].reshape(whole, stride)
            yield chunks[:, place * chunk : (place + size) * chunk].reshape(whole, size, chunk)
        if rest:
            start = whole * stride + place * rest
            yield self.workspace[start : start + size * rest].reshape(1, size, rest)

    def stop(self) -> None:
        """Make ``take``, in whatever thread it runs, return before its next update."""
        self._control[barrier.STOP] = max(1, int(self._control[barrier.STOP]))  # a thread's failure stays one
