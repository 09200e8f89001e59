"""What a step of descent consists of, and how a thread takes part in each: compiled into the loops that call it."""

from __future__ import annotations

from mathdl.kernels import barrier, table
from mathdl.kernels.gather import fetch_ahead, image_bytes, same
from mathdl.kernels.jit import Bytes, Integers, Reals, call, part
from mathdl.kernels.simd import get, put
from mathdl.kernels.views import part_of, row_of

# What a call is to do.
CHUNK = 0  # samples per chunk
STRIDE = 1  # workspace numbers per chunk
BLOCK = 2  # samples per block
BATCH = 3
FIRST_STEP = 4  # steps are counted within the order of objects
LAST_STEP = 5
RULE = 6  # address of the update kernel; 0 leaves the summed gradient in memory and the parameters alone
UPDATES = 7  # updates made before FIRST_STEP
OUTPUTS = 8  # offset of the network's outputs
OUTPUT_WIDTH = 9
SCRATCH = 10  # numbers that a thread keeps its tiles' gradients in, one after the other; 0 keeps the whole gradient
PLAN = 11

AHEAD = 8  # objects between the one that is computed and the one that memory is asked for, at least
TICKETS = table.BLOCK_COLUMNS + table.SPAN_COLUMNS  # where a thread's own counts of the runs' tickets begin


@part
def gather_inputs(gathers: Integers, inputs: Reals, pictures: Bytes, objects: Integers, w: Reals) -> None:
    """Bring the inputs of some objects into the workspace."""
    if gathers[0, table.GATHER_KIND] == table.OF_BYTES:
        image_bytes(pictures, objects, w, row_of(gathers, 0, 0))
    else:
        same(inputs, objects, w, row_of(gathers, 0, 0))


@part
def gather_targets(
    gathers: Integers, targets: Reals, weights: Reals, objects: Integers, w: Reals, scale: float
) -> None:
    """Bring targets and scaled weights of some objects into the workspace."""
    n = len(objects)
    same(targets, objects, w, row_of(gathers, 1, 0))
    weighted = gathers[2, table.GATHER_KIND] == table.OF_NUMBERS
    if weighted:
        same(weights, objects, w, row_of(gathers, 2, 0))
    start, factor = gathers[2, table.GATHER_PLACE] * n, w.dtype.type(scale)
    for s in range(start, start + n):
        put(w, s, factor * get(w, s) if weighted else factor)


@part
def forward(rows: Integers, first: int, last: int, a: Reals, w: Reals, n: int) -> None:
    """Go forward through some operations."""
    for r in range(first, last):
        call(rows[r, table.FORWARD], row_of(rows, r, 0), a, w, n)


@part
def loss_of_chunk(loss: Integers, a: Reals, w: Reals, n: int) -> float:
    """Return the sum of the objects' losses."""
    call(loss[table.FORWARD], loss, a, w, n)
    start, total = loss[table.OUTPUT] * n, 0.0
    for s in range(start, start + n):
        total += get(w, s)
    return total


@part
def backward(rows: Integers, a: Reals, w: Reals, n: int) -> None:
    """Go back through every operation whose input needs a gradient."""
    for r in range(rows.shape[0] - 1, -1, -1):
        if rows[r, table.BACKWARD] != 0:
            call(rows[r, table.BACKWARD], row_of(rows, r, 0), a, w, n)


@part
def compute_own_parts(
    stage: Integers,
    parts: Integers,
    rows: Integers,
    gathers: Integers,
    inputs: Reals,
    pictures: Bytes,
    order: Integers,
    plan: Integers,
    first: int,
    samples: int,
    a: Reals,
    workspace: Reals,
    me: int,
    threads: int,
) -> None:
    """Compute this thread's parts of the first operation from inputs that it gathers for itself.

    Of whole chunks only the panels are kept: the inputs take the first chunk's place one after the other, and so stay
    in cache, while the outputs go to their chunk's place.
    """
    row, place = row_of(rows, stage[table.STAGE_FIRST], 0), row_of(gathers, 0, 0)
    output, panels, chunk = row[table.OUTPUT], row[table.PANELS], plan[CHUNK]
    first_part, count = stage[table.STAGE_FIRST_PART], stage[table.STAGE_LAST_PART] - stage[table.STAGE_FIRST_PART]
    for start in range(0, samples, chunk):
        n, c = min(chunk, samples - start), start // chunk
        shift, base = (c * (plan[STRIDE] // chunk), 0) if n == chunk else (0, c * plan[STRIDE])
        w = part_of(workspace, base, len(workspace) - base)
        row[table.OUTPUT], row[table.PANELS], place[table.GATHER_PANELS] = (
            output + shift,
            panels + shift,
            panels + shift,
        )
        gather_inputs(gathers, inputs, pictures, part_of(order, first + start, n), w)
        later = first + start + max(n, AHEAD)  # the chunk that comes next
        fetch_ahead(inputs, order, later, later + n, place[table.GATHER_WIDTH])
        fetch_ahead(pictures, order, later, later + n, place[table.GATHER_WIDTH])
        for p in range(barrier.start_of(me, count, threads), barrier.start_of(me + 1, count, threads)):
            units = row_of(parts, first_part + p, 0)
            row[table.FIRST_UNIT], row[table.LAST_UNIT] = units[table.PART_FIRST], units[table.PART_LAST]
            call(row[table.FORWARD], row, a, w, n)
    row[table.OUTPUT], row[table.PANELS], place[table.GATHER_PANELS] = output, panels, panels


@part
def compute_parts(
    stage: Integers,
    parts: Integers,
    rows: Integers,
    plan: Integers,
    samples: int,
    a: Reals,
    workspace: Reals,
    control: Integers,
    taken: Integers,
    me: int,
    threads: int,
) -> None:
    """Take part in an operation that is shared out by units: each part goes forward for all chunks of the block."""
    first, count = stage[table.STAGE_FIRST_PART], stage[table.STAGE_LAST_PART] - stage[table.STAGE_FIRST_PART]
    helpers = barrier.helpers(samples, plan[CHUNK], threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = barrier.start_of(run, count, threads), barrier.start_of(run + 1, count, threads)
        p = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while p < stop:
            unit_range = row_of(parts, first + p, 0)
            row = row_of(rows, unit_range[table.PART_ROW], 0)
            row[table.FIRST_UNIT], row[table.LAST_UNIT] = unit_range[table.PART_FIRST], unit_range[table.PART_LAST]
            for s in range(0, samples, plan[CHUNK]):
                place = s // plan[CHUNK] * plan[STRIDE]
                w = part_of(workspace, place, len(workspace) - place)
                call(row[table.FORWARD], row, a, w, min(plan[CHUNK], samples - s))
            p = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers


@part
def compute_chunks(
    stage: Integers,
    begins: bool,
    ends: bool,
    rows: Integers,
    loss: Integers,
    gathers: Integers,
    inputs: Reals,
    pictures: Bytes,
    targets: Reals,
    weights: Reals,
    scale: float,
    order: Integers,
    plan: Integers,
    first: int,
    samples: int,
    chunks: int,
    a: Reals,
    workspace: Reals,
    sums: Reals,
    control: Integers,
    taken: Integers,
    me: int,
    threads: int,
) -> None:
    """Take part in a stage that goes chunk by chunk: the first one gathers inputs, the last one goes back, too."""
    chunk, stride = plan[CHUNK], plan[STRIDE]
    helpers = barrier.helpers(samples, plan[CHUNK], threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = barrier.start_of(run, chunks, threads), barrier.start_of(run + 1, chunks, threads)
        c = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while c < stop:
            n = min(chunk, samples - c * chunk)
            objects = part_of(order, first + c * chunk, n)
            w = part_of(workspace, c * stride, len(workspace) - c * stride)
            later = first + c * chunk + max(n, AHEAD)  # the chunk that comes next
            if begins:
                gather_inputs(gathers, inputs, pictures, objects, w)
                fetch_ahead(inputs, order, later, later + n, gathers[0, table.GATHER_WIDTH])
                fetch_ahead(pictures, order, later, later + n, gathers[0, table.GATHER_WIDTH])
            forward(rows, stage[table.STAGE_FIRST], stage[table.STAGE_LAST], a, w, n)
            if ends:
                gather_targets(gathers, targets, weights, objects, w, scale)
                fetch_ahead(targets, order, later, later + n, gathers[1, table.GATHER_WIDTH])
                sums[c] = loss_of_chunk(loss, a, w, n)
                backward(rows, a, w, n)
            c = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers


@part
def update_tile(
    tile: Integers,
    rows: Integers,
    plan: Integers,
    update: bool,
    place: int,
    block: Integers,
    span: Integers,
    a: Reals,
    memory: Reals,
    constants: Reals,
    workspace: Reals,
) -> None:
    """Sum a tile's gradient (to ``place`` where there is scratch memory) and update its parameters."""
    span[table.SPAN_START], span[table.SPAN_STOP] = tile[table.TILE_START], tile[table.TILE_STOP]
    if tile[table.TILE_UPDATE] != 0:
        span[table.SPAN_LEFT] = rows[tile[table.TILE_ROW], table.OUTPUT_GRADIENT] + tile[table.TILE_FIRST]
        span[table.SPAN_RIGHT] = rows[tile[table.TILE_ROW], table.INPUT]
        span[table.SPAN_RIGHT_WIDTH] = tile[table.TILE_WIDTH]
        call(tile[table.TILE_UPDATE], constants, workspace, a, span)
        return
    block[table.BLOCK_FIRST], block[table.BLOCK_LAST] = tile[table.TILE_FIRST], tile[table.TILE_LAST]
    block[table.BLOCK_SHIFT] = place - span[table.SPAN_START] if plan[SCRATCH] > 0 else 0
    span[table.SPAN_GRADIENT] = span[table.SPAN_START] + block[table.BLOCK_SHIFT]
    call(tile[table.TILE_GRADIENT], row_of(rows, tile[table.TILE_ROW], 0), workspace, memory, block)
    if update:
        call(plan[RULE], constants, memory, a, span)


@part
def compute_tiles(
    tiles: Integers,
    homes: Integers,
    rows: Integers,
    plan: Integers,
    update: bool,
    block: Integers,
    span: Integers,
    a: Reals,
    memory: Reals,
    constants: Reals,
    workspace: Reals,
    control: Integers,
    taken: Integers,
    me: int,
    threads: int,
) -> None:
    """Take part in summing the tiles' gradients and in updating their parameters."""
    helpers = barrier.helpers(block[table.BLOCK_SAMPLES], plan[CHUNK], threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = homes[run], homes[run + 1]
        t = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while t < stop:
            place = me * plan[SCRATCH]
            update_tile(row_of(tiles, t, 0), rows, plan, update, place, block, span, a, memory, constants, workspace)
            t = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers
