"""The compiled loops that run a program: many steps of descent in one call, and evaluation.

Every thread calls the same function. A step has two phases. First each chunk of samples goes forward, through
the loss and back, leaving activations and their gradients in the workspace; then each tile of parameters gets its
gradient over the whole batch, and its update. Chunks and tiles have fixed sizes and are summed in a fixed order,
so a result does not depend on which thread took which.
"""

from __future__ import annotations

import numpy as np

from mathdl.kernels import barrier, table
from mathdl.kernels.jit import Bytes, Integers, Reals, call, kernel

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
PLAN = 10


@kernel
def gather(
    gathers: Integers,
    inputs: Bytes,
    targets: Bytes,
    weights: Bytes,
    objects: Integers,
    w: Reals,
    scale: float,
) -> None:
    """Bring objects into the workspace: inputs and, where there is a loss, targets and scaled weights."""
    call(gathers[0, 0], inputs, objects, w, gathers[0, 1:])
    if gathers.shape[0] == 3:
        call(gathers[1, 0], targets, objects, w, gathers[1, 1:])
        call(gathers[2, 0], weights, objects, w, gathers[2, 1:])
        start = gathers[2, 1 + table.PLACE] * len(objects)
        for s in range(len(objects)):
            w[start + s] *= w.dtype.type(scale)


@kernel
def loss_of_chunk(rows: Integers, loss: Integers, a: Reals, w: Reals, n: int) -> float:
    """Go forward through every operation and the loss; return the sum of the objects' losses."""
    for r in range(rows.shape[0]):
        call(rows[r, table.FORWARD], rows[r], a, w, n)
    if loss[table.FORWARD] == 0:
        return 0.0
    call(loss[table.FORWARD], loss, a, w, n)
    start, total = loss[table.OUTPUT] * n, 0.0
    for s in range(n):
        total += w[start + s]
    return total


@kernel
def backward(rows: Integers, a: Reals, w: Reals, n: int) -> None:
    """Go back through every operation whose input needs a gradient."""
    for r in range(rows.shape[0] - 1, -1, -1):
        if rows[r, table.BACKWARD] != 0:
            call(rows[r, table.BACKWARD], rows[r], a, w, n)


@kernel
def descend(
    rows: Integers,
    loss: Integers,
    tiles: Integers,
    gathers: Integers,
    inputs: Bytes,
    targets: Bytes,
    weights: Bytes,
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
            c = barrier.take(control) - tickets
            while c < chunks:
                objects = order[first + c * chunk : first + min((c + 1) * chunk, samples)]
                w = workspace[c * stride :]
                gather(gathers, inputs, targets, weights, objects, w, scale)
                sums[c] = loss_of_chunk(rows, loss, a, w, len(objects))
                backward(rows, a, w, len(objects))
                c = barrier.take(control) - tickets
            tickets += chunks + threads
            if not barrier.meet(control, threads, meeting) or control[barrier.DECISION] != 0:
                return
            for c in range(chunks):
                loss_of_step += sums[c]
            if not np.isfinite(loss_of_step):
                control[barrier.FAILED] = 1
                return
            block[table.SAMPLES], block[table.ACCUMULATE] = samples, 0 if first == start else 1
            t = barrier.take(control) - tickets
            while t < tiles.shape[0]:
                block[table.FIRST], block[table.LAST] = tiles[t, table.TILE_FIRST], tiles[t, table.TILE_LAST]
                call(tiles[t, table.TILE_GRADIENT], rows[tiles[t, table.TILE_ROW]], workspace, memory, block)
                if plan[RULE] != 0 and first + samples == stop:
                    span[table.START], span[table.STOP] = (
                        tiles[t, table.TILE_START],
                        tiles[t, table.TILE_STOP],
                    )
                    span[table.STEP] = plan[UPDATES] + step - plan[FIRST_STEP]
                    call(plan[RULE], constants, memory, a, span)
                t = barrier.take(control) - tickets
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
    inputs: Bytes,
    targets: Bytes,
    weights: Bytes,
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
    w = workspace[me * plan[STRIDE] :]
    chunks = (len(order) + chunk - 1) // chunk
    c = barrier.take(control)
    while c < chunks and barrier.atomic_load(control, barrier.STOP) == 0:
        objects = order[c * chunk : (c + 1) * chunk]
        n = len(objects)
        gather(gathers, inputs, targets, weights, objects, w, scale)
        sums[c] = loss_of_chunk(rows, loss, a, w, n)
        for s in range(n):
            for i in range(width):
                outputs[(c * chunk + s) * width + i] = w[(plan[OUTPUTS] + i) * n + s]
        c = barrier.take(control)
