"""What a step of descent consists of, and how a thread takes part in each: compiled into the loops that call it."""

from __future__ import annotations

from typing import NamedTuple

from mathdl.kernels import barrier, table
from mathdl.kernels.boxes import add_gradient_of_box, keep_sizes
from mathdl.kernels.gather import fetch_ahead, image_bytes, same
from mathdl.kernels.jit import Bytes, Integers, Reals, call, part
from mathdl.kernels.simd import get, put
from mathdl.kernels.table import Record, Records
from mathdl.kernels.views import part_of


class Tables(NamedTuple):
    """A program; the rows and gathers of every thread. See ``kernels.table``."""

    rows: Records
    loss: Records  # one
    gathers: Records


class Shares(NamedTuple):
    """How the threads share out a step; see ``engine.schedule``."""

    stages: Records
    parts: Records
    tiles: Records
    homes: Integers


class Sources(NamedTuple):
    """The objects, as numbers or as bytes, with their targets and weights."""

    inputs: Reals
    pictures: Bytes
    targets: Reals
    weights: Reals
    mean_weight: float


class Plan(NamedTuple):
    """What a call is to do; steps are counted within the order of objects."""

    chunk: int  # samples per chunk
    stride: int  # workspace numbers per chunk
    block: int  # samples per block
    batch: int = 0
    first_step: int = 0
    last_step: int = 0
    rule: int = 0  # address of the update kernel; 0 leaves the summed gradient in memory and the parameters alone
    updates: int = 0  # made before the first step
    scratch: int = 0  # numbers that a thread keeps its tiles' gradients in, one after the other; 0 keeps the whole one
    outputs: int = 0  # offset of the network's outputs
    output_width: int = 0
    draws: int = 0  # operations that depend on the number of the step
    parameters: int = 0  # in all; behind them may lie what is made of them
    boxes: bool = False  # whether each object's box of inputs goes through beside it


class Memory(NamedTuple):
    """What a call of descent reads and writes; ``rule`` holds the gradient first, then what the rule remembers."""

    order: Integers
    a: Reals
    rule: Reals
    constants: Reals
    workspace: Reals
    sums: Reals
    losses: Reals


class Room(NamedTuple):
    """What a call of an evaluation reads and writes beside the objects and their outputs."""

    order: Integers
    workspace: Reals
    sums: Reals
    control: Integers


class Crew(NamedTuple):
    """The threads of a call: what they share, what each has for itself, and which of them this is."""

    control: Integers
    blocks: Records
    spans: Records
    taken: Integers
    me: int
    threads: int


class Own(NamedTuple):
    """What a thread has for itself: its tables, its block and span, and the tickets of each run that are gone."""

    rows: Records
    gathers: Records
    block: Record
    span: Record
    taken: Integers


class Samples(NamedTuple):
    """The samples of a block: where they begin in the order, how many they are, and what scales their weights."""

    first: int
    length: int
    scale: float


PREFETCH_OBJECTS = 8  # objects between the one that is computed and the one that memory is asked for, at least


@part
def gather_inputs(gathers: Records, sources: Sources, objects: Integers, w: Reals) -> None:
    """Bring the inputs of some objects into the workspace."""
    if gathers[0].kind == table.OF_BYTES:
        image_bytes(sources.pictures, objects, w, gathers[0])
    else:
        same(sources.inputs, objects, w, gathers[0])


@part
def gather_targets(gathers: Records, sources: Sources, objects: Integers, w: Reals, scale: float) -> None:
    """Bring targets and scaled weights of some objects into the workspace."""
    n = len(objects)
    same(sources.targets, objects, w, gathers[1])
    weighted = gathers[2].kind == table.OF_NUMBERS
    if weighted:
        same(sources.weights, objects, w, gathers[2])
    start, factor = gathers[2].place * n, w.dtype.type(scale)
    for s in range(start, start + n):
        put(w, s, factor * get(w, s) if weighted else factor)


@part
def fetch_inputs(gathers: Records, sources: Sources, order: Integers, first: int, last: int) -> None:
    """Ask memory for the inputs of objects that come later."""
    fetch_ahead(sources.inputs, order, first, last, gathers[0].width)
    fetch_ahead(sources.pictures, order, first, last, gathers[0].width)


@part
def fetch_targets(gathers: Records, sources: Sources, order: Integers, first: int, last: int) -> None:
    """Ask memory for the targets of objects that come later."""
    fetch_ahead(sources.targets, order, first, last, gathers[1].width)


@part
def number_draws(own: Own, place: int) -> None:
    """Tell the operations which step this is, and which place in its batch a chunk begins at."""
    for r in range(own.rows.shape[0]):
        own.rows[r].draw_step, own.rows[r].draw_place = own.span.step, place


@part
def forward(rows: Records, first: int, last: int, a: Reals, w: Reals, n: int) -> None:
    """Go forward through some operations."""
    for r in range(first, last):
        call(rows[r].forward, rows[r], a, w, n)


@part
def loss_of_chunk(loss: Record, a: Reals, w: Reals, n: int) -> float:
    """Return the sum of the objects' losses."""
    call(loss.forward, loss, a, w, n)
    start, total = loss.output * n, 0.0
    for s in range(start, start + n):
        total += get(w, s)
    return total


@part
def backward(rows: Records, a: Reals, w: Reals, n: int) -> None:
    """Go back through every operation whose input needs a gradient."""
    for r in range(rows.shape[0] - 1, -1, -1):
        if rows[r].backward != 0:
            call(rows[r].backward, rows[r], a, w, n)


@part
def compute_own_parts(
    shares: Shares, own: Own, sources: Sources, plan: Plan, samples: Samples, memory: Memory, crew: Crew
) -> None:
    """Compute this thread's parts of the first operation from inputs that it gathers for itself.

    Of whole chunks only the panels are kept: the inputs take the first chunk's place one after the other, and so stay
    in cache, while the outputs go to their chunk's place.
    """
    stage = shares.stages[0]
    row, place = own.rows[stage.first], own.gathers[0]
    output, panels, chunk = row.output, row.panels, plan.chunk
    first_part, count = stage.first_part, stage.last_part - stage.first_part
    for start in range(0, samples.length, chunk):
        n, c = min(chunk, samples.length - start), start // chunk
        shift, base = (c * (plan.stride // chunk), 0) if n == chunk else (0, c * plan.stride)
        w = part_of(memory.workspace, base, len(memory.workspace) - base)
        row.output, row.panels = output + shift, panels + shift
        place.panels = panels + shift
        gather_inputs(own.gathers, sources, part_of(memory.order, samples.first + start, n), w)
        later = samples.first + start + max(n, PREFETCH_OBJECTS)  # the chunk that comes next
        fetch_inputs(own.gathers, sources, memory.order, later, later + n)
        for p in range(
            barrier.start_of(crew.me, count, crew.threads), barrier.start_of(crew.me + 1, count, crew.threads)
        ):
            units = shares.parts[first_part + p]
            row.first_unit, row.last_unit = units.first, units.last
            call(row.forward, row, memory.a, w, n)
    row.output, row.panels, place.panels = output, panels, panels


@part
def compute_parts(
    stage: Record, shares: Shares, own: Own, plan: Plan, samples: Samples, memory: Memory, crew: Crew
) -> None:
    """Take part in an operation that is shared out by units: each part goes forward for all chunks of the block."""
    control, taken, me, threads = crew.control, own.taken, crew.me, crew.threads
    first, count = stage.first_part, stage.last_part - stage.first_part
    helpers = barrier.helpers(samples.length, plan.chunk, threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = barrier.start_of(run, count, threads), barrier.start_of(run + 1, count, threads)
        p = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while p < stop:
            units = shares.parts[first + p]
            row = own.rows[units.row]
            row.first_unit, row.last_unit = units.first, units.last
            for s in range(0, samples.length, plan.chunk):
                place = s // plan.chunk * plan.stride
                w = part_of(memory.workspace, place, len(memory.workspace) - place)
                call(row.forward, row, memory.a, w, min(plan.chunk, samples.length - s))
            p = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers


@part
def compute_chunks(
    s: int,
    loss: Record,
    shares: Shares,
    own: Own,
    sources: Sources,
    plan: Plan,
    samples: Samples,
    memory: Memory,
    crew: Crew,
) -> None:
    """Take part in a stage that goes chunk by chunk: the first one gathers inputs, the last one goes back, too."""
    control, taken, me, threads = crew.control, own.taken, crew.me, crew.threads
    stage, begins, ends = shares.stages[s], s == 0, s == shares.stages.shape[0] - 1
    chunks, a, workspace = chunks_of(samples.length, plan), memory.a, memory.workspace
    helpers = barrier.helpers(samples.length, plan.chunk, threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = barrier.start_of(run, chunks, threads), barrier.start_of(run + 1, chunks, threads)
        c = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while c < stop:
            n = min(plan.chunk, samples.length - c * plan.chunk)
            objects = part_of(memory.order, samples.first + c * plan.chunk, n)
            w = part_of(workspace, c * plan.stride, len(workspace) - c * plan.stride)
            later = samples.first + c * plan.chunk + max(n, PREFETCH_OBJECTS)  # the chunk that comes next
            if plan.draws > 0:
                number_draws(own, samples.first % plan.batch + c * plan.chunk)
            if begins:
                gather_inputs(own.gathers, sources, objects, w)
                fetch_inputs(own.gathers, sources, memory.order, later, later + n)
            forward(own.rows, stage.first, stage.last, a, w, n)
            if ends:
                gather_targets(own.gathers, sources, objects, w, samples.scale)
                fetch_targets(own.gathers, sources, memory.order, later, later + n)
                memory.sums[c] = loss_of_chunk(loss, a, w, n)
                backward(own.rows, a, w, n)
            c = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers


@part
def chunks_of(samples: int, plan: Plan) -> int:
    """Return the number of chunks of so many samples."""
    return (samples + plan.chunk - 1) // plan.chunk if plan.batch > 1 else 1


@part
def update_tile(tile: Record, own: Own, plan: Plan, update: bool, place: int, memory: Memory) -> None:
    """Sum a tile's gradient (to ``place`` where there is scratch memory) and update its parameters."""
    rows, block, span = own.rows, own.block, own.span
    span.start, span.stop = tile.start, tile.stop
    if tile.update != 0:
        span.left = rows[tile.row].output_gradient + tile.first
        span.right = rows[tile.row].input
        span.right_width = tile.width
        call(tile.update, memory.constants, memory.workspace, memory.a, span)
        return
    block.first, block.last = tile.first, tile.last
    block.shift = place - span.start if plan.scratch > 0 else 0
    span.gradient = span.start + block.shift
    row = rows[tile.row]
    call(tile.gradient, row, memory.workspace, memory.rule, block)
    if plan.boxes:
        add_gradient_of_box(tile, row, memory.a, memory.workspace, memory.rule, block)
    if update:
        call(plan.rule, memory.constants, memory.rule, memory.a, span)
        if plan.boxes:
            keep_sizes(tile, row, memory.a)


@part
def compute_tiles(shares: Shares, own: Own, plan: Plan, update: bool, memory: Memory, crew: Crew) -> None:
    """Take part in summing the tiles' gradients and in updating their parameters."""
    control, taken, me, threads = crew.control, own.taken, crew.me, crew.threads
    helpers = barrier.helpers(own.block.samples, plan.chunk, threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = shares.homes[run], shares.homes[run + 1]
        t = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while t < stop:
            update_tile(shares.tiles[t], own, plan, update, me * plan.scratch, memory)
            t = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers
