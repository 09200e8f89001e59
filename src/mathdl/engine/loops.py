"""The compiled loops that run a program: many steps of descent in one call, and evaluation.

Every thread calls the same function. First a batch goes forward, through the loss and back, leaving activations and
their gradients in the workspace: chunk by chunk of samples, and where an operation's units are shared out, by units.
Then each tile of parameters gets its gradient over the whole batch, and its update. Chunks and tiles have fixed sizes
and are summed in a fixed order, so a result does not depend on which thread took which.
"""

from __future__ import annotations

import numpy as np

from mathdl.kernels import barrier, table
from mathdl.kernels.gather import fetch_ahead, image_bytes, same
from mathdl.kernels.jit import Bytes, Integers, Reals, call, kernel, part
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
    if gathers[0, table.KIND] == table.BYTES:
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
    weighted = gathers[2, table.KIND] == table.NUMBERS
    if weighted:
        same(weights, objects, w, row_of(gathers, 2, 0))
    start, factor = gathers[2, table.PLACE] * n, w.dtype.type(scale)
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
def gather_own_inputs(
    gathers: Integers,
    inputs: Reals,
    pictures: Bytes,
    order: Integers,
    plan: Integers,
    first: int,
    samples: int,
    workspace: Reals,
) -> None:
    """Bring the inputs of all chunks of a block to this thread's own places."""
    for start in range(0, samples, plan[CHUNK]):
        n, place = min(plan[CHUNK], samples - start), start // plan[CHUNK] * plan[STRIDE]
        w = part_of(workspace, place, len(workspace) - place)
        gather_inputs(gathers, inputs, pictures, part_of(order, first + start, n), w)
        later = first + start + plan[BATCH]  # the chunk that takes this one's place in the next step
        fetch_ahead(inputs, order, later, later + n, gathers[0, table.WIDTH])
        fetch_ahead(pictures, order, later, later + n, gathers[0, table.WIDTH])


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
            later = (
                first + c * chunk + max(plan[BATCH], AHEAD)
            )  # the chunk that takes this one's place in the next step
            if begins:
                gather_inputs(gathers, inputs, pictures, objects, w)
                fetch_ahead(inputs, order, later, later + n, gathers[0, table.WIDTH])
                fetch_ahead(pictures, order, later, later + n, gathers[0, table.WIDTH])
            forward(rows, stage[table.STAGE_FIRST], stage[table.STAGE_LAST], a, w, n)
            if ends:
                gather_targets(gathers, targets, weights, objects, w, scale)
                fetch_ahead(targets, order, later, later + n, gathers[1, table.WIDTH])
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
    span[table.START], span[table.STOP] = tile[table.TILE_START], tile[table.TILE_STOP]
    if tile[table.TILE_UPDATE] != 0:
        span[table.LEFT] = rows[tile[table.TILE_ROW], table.OUTPUT_GRADIENT] + tile[table.TILE_FIRST]
        span[table.RIGHT] = rows[tile[table.TILE_ROW], table.INPUT]
        span[table.WIDTH_OF_RIGHT] = tile[table.TILE_WIDTH]
        call(tile[table.TILE_UPDATE], constants, workspace, a, span)
        return
    block[table.FIRST], block[table.LAST] = tile[table.TILE_FIRST], tile[table.TILE_LAST]
    block[table.SHIFT] = place - span[table.START] if plan[SCRATCH] > 0 else 0
    span[table.GRADIENT] = span[table.START] + block[table.SHIFT]
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
    helpers = barrier.helpers(block[table.SAMPLES], plan[CHUNK], threads)
    for turn in range(threads):
        run = barrier.run_of(me, turn, threads)
        start, stop = homes[run], homes[run + 1]
        t = start + barrier.take(control, threads, run) - taken[run] if turn < helpers else stop
        while t < stop:
            place = me * plan[SCRATCH]
            update_tile(row_of(tiles, t, 0), rows, plan, update, place, block, span, a, memory, constants, workspace)
            t = start + barrier.take(control, threads, run) - taken[run]
        taken[run] += stop - start + helpers


@kernel
def descend(
    rows: Integers,
    loss: Integers,
    stages: Integers,
    parts: Integers,
    tiles: Integers,
    homes: Integers,
    gathers: Integers,
    inputs: Reals,
    pictures: Bytes,
    targets: Reals,
    weights: Reals,
    mean_weight: float,
    order: Integers,
    plan: Integers,
    a: Reals,
    memory: Reals,
    constants: Reals,
    workspace: Reals,
    sums: Reals,
    losses: Reals,
    scratch: Integers,
    control: Integers,
    me: int,
    threads: int,
) -> None:
    """Take the steps FIRST_STEP to LAST_STEP; stop before an update whose loss is not finite."""
    batch, meeting, taken, span = plan[BATCH], 0, scratch[me, TICKETS:], scratch[me, table.BLOCK_COLUMNS : TICKETS]
    my_rows, my_gathers, last_stage = rows[me], gathers[me], stages.shape[0] - 1
    for step in range(plan[FIRST_STEP], plan[LAST_STEP]):
        start, stop, loss_of_step = step * batch, min((step + 1) * batch, len(order)), 0.0
        scale = 1 / ((stop - start) * mean_weight)
        span[table.STEP] = plan[UPDATES] + step - plan[FIRST_STEP]
        for first in range(start, stop, plan[BLOCK]):
            samples = min(plan[BLOCK], stop - first)
            chunks = (samples + plan[CHUNK] - 1) // plan[CHUNK] if batch > 1 else 1
            for s in range(last_stage + 1):
                stage = row_of(stages, s, 0)
                if s == last_stage and me == 0:
                    control[barrier.DECISION] = barrier.atomic_load(control, barrier.STOP)
                if stage[table.STAGE_LAST_PART] > 0:
                    if s == 0:
                        gather_own_inputs(my_gathers, inputs, pictures, order, plan, first, samples, workspace)
                    compute_parts(stage, parts, my_rows, plan, samples, a, workspace, control, taken, me, threads)
                else:
                    compute_chunks(
                        stage,
                        s == 0,
                        s == last_stage,
                        my_rows,
                        loss,
                        my_gathers,
                        inputs,
                        pictures,
                        targets,
                        weights,
                        scale,
                        order,
                        plan,
                        first,
                        samples,
                        chunks,
                        a,
                        workspace,
                        sums,
                        control,
                        taken,
                        me,
                        threads,
                    )
                if not barrier.meet(control, threads, meeting):
                    return
                meeting += 1
            if control[barrier.DECISION] != 0:
                return
            for c in range(chunks):
                loss_of_step += sums[c]
            if not np.isfinite(loss_of_step):
                control[barrier.FAILED] = 1
                return
            block = scratch[me, : table.BLOCK_COLUMNS]
            block[table.CHUNK], block[table.STRIDE], span[table.SIZE] = plan[CHUNK], plan[STRIDE], len(a)
            block[table.SAMPLES], block[table.ACCUMULATE] = samples, 0 if first == start else 1
            update = plan[RULE] != 0 and first + samples == stop
            compute_tiles(
                tiles,
                homes,
                my_rows,
                plan,
                update,
                block,
                span,
                a,
                memory,
                constants,
                workspace,
                control,
                taken,
                me,
                threads,
            )
            if not barrier.meet(control, threads, meeting):
                return
            meeting += 1
        if me == 0:
            losses[step - plan[FIRST_STEP]] = loss_of_step
            control[barrier.DONE] += 1


@kernel
def descend_singly(
    rows: Integers,
    loss: Integers,
    tiles: Integers,
    gathers: Integers,
    inputs: Reals,
    pictures: Bytes,
    targets: Reals,
    weights: Reals,
    mean_weight: float,
    order: Integers,
    plan: Integers,
    a: Reals,
    memory: Reals,
    constants: Reals,
    w: Reals,
    losses: Reals,
    scratch: Integers,
    control: Integers,
) -> None:
    """Take the same steps for batches of one object, by one thread: without chunks, runs and meetings."""
    block, span, first_step = scratch[: table.BLOCK_COLUMNS], scratch[table.BLOCK_COLUMNS : TICKETS], plan[FIRST_STEP]
    block[table.CHUNK], block[table.SAMPLES], span[table.SIZE], scale = 1, 1, len(a), 1 / mean_weight
    for step in range(first_step, plan[LAST_STEP]):
        if barrier.atomic_load(control, barrier.STOP) != 0:
            return
        span[table.STEP] = plan[UPDATES] + step - first_step
        objects = part_of(order, step, 1)
        gather_inputs(gathers, inputs, pictures, objects, w)
        gather_targets(gathers, targets, weights, objects, w, scale)
        fetch_ahead(inputs, order, step + AHEAD, step + AHEAD + 1, gathers[0, table.WIDTH])
        fetch_ahead(pictures, order, step + AHEAD, step + AHEAD + 1, gathers[0, table.WIDTH])
        fetch_ahead(targets, order, step + AHEAD, step + AHEAD + 1, gathers[1, table.WIDTH])
        forward(rows, 0, rows.shape[0], a, w, 1)
        value = loss_of_chunk(loss, a, w, 1)
        backward(rows, a, w, 1)
        if not np.isfinite(value):
            control[barrier.FAILED] = 1
            return
        for t in range(tiles.shape[0]):
            update_tile(row_of(tiles, t, 0), rows, plan, plan[RULE] != 0, 0, block, span, a, memory, constants, w)
        losses[step - first_step] = value
        control[barrier.DONE] += 1


@kernel
def evaluate(
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
    a: Reals,
    workspace: Reals,
    sums: Reals,
    outputs: Reals,
    control: Integers,
    me: int,
    threads: int,
) -> None:
    """Compute every object's outputs, samples first, and each chunk's sum of losses."""
    chunk, width = plan[CHUNK], plan[OUTPUT_WIDTH]
    w = part_of(workspace, me * plan[STRIDE], len(workspace) - me * plan[STRIDE])
    chunks = (len(order) + chunk - 1) // chunk
    c = barrier.take(control, threads, 0)
    while c < chunks and barrier.atomic_load(control, barrier.STOP) == 0:
        n = min(chunk, len(order) - c * chunk)
        objects = part_of(order, c * chunk, n)
        gather_inputs(gathers, inputs, pictures, objects, w)
        forward(rows, 0, rows.shape[0], a, w, n)
        if len(gathers) == 3:
            gather_targets(gathers, targets, weights, objects, w, scale)
            sums[c] = loss_of_chunk(loss, a, w, n)
        for s in range(n):
            for i in range(width):
                outputs[(c * chunk + s) * width + i] = w[(plan[OUTPUTS] + i) * n + s]
        c = barrier.take(control, threads, 0)
