"""The compiled loops that run a program: many steps of descent in one call, and evaluation.

Every thread calls the same function. A step has two phases. First each chunk of samples goes forward, through
the loss and back, leaving activations and their gradients in the workspace; then each tile of parameters gets its
gradient over the whole batch, and its update. Chunks and tiles have fixed sizes and are summed in a fixed order,
so a result does not depend on which thread took which.
"""

from __future__ import annotations

import numpy as np

from mathdl.kernels import barrier, table
from mathdl.kernels.gather import fetch_ahead, image_bytes, same
from mathdl.kernels.jit import Bytes, Integers, Reals, call, kernel, part
from mathdl.kernels.panels import from_panels
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
OUTER = 11  # address of the update kernel for one object whose gradient is a product; 0 where there is none
PLAN = 12


@part
def gather(
    gathers: Integers,
    inputs: Reals,
    pictures: Bytes,
    targets: Reals,
    weights: Reals,
    objects: Integers,
    w: Reals,
    scale: float,
) -> None:
    """Bring objects into the workspace: inputs (or pictures) and, where there is a loss, targets and scaled weights."""
    n = len(objects)
    if gathers[0, table.KIND] == table.BYTES:
        image_bytes(pictures, objects, w, row_of(gathers, 0, 0))
    else:
        same(inputs, objects, w, row_of(gathers, 0, 0))
    if len(gathers) == 3:
        same(targets, objects, w, row_of(gathers, 1, 0))
        if gathers[2, table.KIND] == table.NUMBERS:
            same(weights, objects, w, row_of(gathers, 2, 0))
    if n > 1:
        for g in range(len(gathers)):
            copy, place = gathers[g, table.COPY] * n, gathers[g, table.PLACE] * n
            from_panels(w, copy, place, gathers[g, table.WIDTH], n)
    if len(gathers) == 3:
        start, factor = gathers[2, table.PLACE] * n, w.dtype.type(scale)
        weighted = gathers[2, table.KIND] == table.NUMBERS
        for s in range(start, start + n):
            put(w, s, factor * get(w, s) if weighted else factor)


@part
def loss_of_chunk(rows: Integers, loss: Integers, a: Reals, w: Reals, n: int) -> float:
    """Go forward through every operation and the loss; return the sum of the objects' losses."""
    for r in range(rows.shape[0]):
        call(rows[r, table.FORWARD], row_of(rows, r, 0), a, w, n)
    if loss[table.FORWARD] == 0:
        return 0.0
    call(loss[table.FORWARD], loss, a, w, n)
    start, total = loss[table.OUTPUT] * n, 0.0
    for s in range(n):
        total += w[start + s]
    return total


@part
def backward(rows: Integers, a: Reals, w: Reals, n: int) -> None:
    """Go back through every operation whose input needs a gradient."""
    for r in range(rows.shape[0] - 1, -1, -1):
        if rows[r, table.BACKWARD] != 0:
            call(rows[r, table.BACKWARD], row_of(rows, r, 0), a, w, n)


@kernel
def descend(
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
    workspace: Reals,
    sums: Reals,
    losses: Reals,
    scratch: Integers,
    control: Integers,
    me: int,
    threads: int,
) -> None:
    """Take the steps FIRST_STEP to LAST_STEP; stop before an update whose loss is not finite."""
    chunk, stride, batch = plan[CHUNK], plan[STRIDE], plan[BATCH]
    block, span = scratch[me, : table.BLOCK_COLUMNS], scratch[me, table.BLOCK_COLUMNS :]
    block[table.CHUNK], block[table.STRIDE], span[table.SIZE] = chunk, stride, len(a)
    meeting = tickets = 0
    for step in range(plan[FIRST_STEP], plan[LAST_STEP]):
        start, stop, loss_of_step = step * batch, min((step + 1) * batch, len(order)), 0.0
        scale = 1 / ((stop - start) * mean_weight)
        for first in range(start, stop, plan[BLOCK]):
            samples = min(plan[BLOCK], stop - first)
            chunks = (samples + chunk - 1) // chunk
            if me == 0:
                control[barrier.DECISION] = barrier.atomic_load(control, barrier.STOP)
            c = barrier.take(control, threads) - tickets
            while c < chunks:
                n = min(chunk, samples - c * chunk)
                objects = part_of(order, first + c * chunk, n)
                w = part_of(workspace, c * stride, len(workspace) - c * stride)
                gather(gathers, inputs, pictures, targets, weights, objects, w, scale)
                later = first + c * chunk + batch  # the chunk that takes this one's place in the next step
                fetch_ahead(inputs, order, later, later + n, gathers[0, table.WIDTH])
                fetch_ahead(pictures, order, later, later + n, gathers[0, table.WIDTH])
                fetch_ahead(targets, order, later, later + n, gathers[1, table.WIDTH])
                sums[c] = loss_of_chunk(rows, loss, a, w, n)
                backward(rows, a, w, n)
                c = barrier.take(control, threads) - tickets
            tickets += chunks + threads
            if not barrier.meet(control, threads, meeting) or control[barrier.DECISION] != 0:
                return
            for c in range(chunks):
                loss_of_step += sums[c]
            if not np.isfinite(loss_of_step):
                control[barrier.FAILED] = 1
                return
            block[table.SAMPLES], block[table.ACCUMULATE] = samples, 0 if first == start else 1
            span[table.STEP] = plan[UPDATES] + step - plan[FIRST_STEP]
            t = barrier.take(control, threads) - tickets
            while t < tiles.shape[0]:
                tile = row_of(tiles, t, 0)
                block[table.FIRST], block[table.LAST] = tile[table.TILE_FIRST], tile[table.TILE_LAST]
                span[table.START], span[table.STOP] = tile[table.TILE_START], tile[table.TILE_STOP]
                block[table.SHIFT] = me * plan[SCRATCH] - span[table.START] if plan[SCRATCH] > 0 else 0
                span[table.GRADIENT] = span[table.START] + block[table.SHIFT]
                if plan[OUTER] != 0 and tile[table.TILE_WIDTH] >= 0:
                    span[table.LEFT], span[table.RIGHT] = tile[table.TILE_LEFT], tile[table.TILE_RIGHT]
                    span[table.WIDTH_OF_RIGHT] = tile[table.TILE_WIDTH]
                    call(plan[OUTER], constants, workspace, a, span)
                    t = barrier.take(control, threads) - tickets
                    continue
                call(tile[table.TILE_GRADIENT], row_of(rows, tile[table.TILE_ROW], 0), workspace, memory, block)
                if plan[RULE] != 0 and first + samples == stop:
                    call(plan[RULE], constants, memory, a, span)
                t = barrier.take(control, threads) - tickets
            tickets += tiles.shape[0] + threads
            if not barrier.meet(control, threads, meeting + 1):
                return
            meeting += 2
        if me == 0:
            losses[step - plan[FIRST_STEP]] = loss_of_step
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
    c = barrier.take(control, threads)
    while c < chunks and barrier.atomic_load(control, barrier.STOP) == 0:
        n = min(chunk, len(order) - c * chunk)
        objects = part_of(order, c * chunk, n)
        gather(gathers, inputs, pictures, targets, weights, objects, w, scale)
        sums[c] = loss_of_chunk(rows, loss, a, w, n)
        for s in range(n):
            for i in range(width):
                outputs[(c * chunk + s) * width + i] = w[(plan[OUTPUTS] + i) * n + s]
        c = barrier.take(control, threads)
