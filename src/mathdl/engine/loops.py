"""The compiled loops that run a program: many steps of descent in one call, and evaluation.

Every thread calls the same function. First a batch goes forward, through the loss and back, leaving activations and
their gradients in the workspace: chunk by chunk of samples, and where an operation's units are shared out, by units.
Then each tile of parameters gets its gradient over the whole batch, and its update. Chunks and tiles have fixed sizes
and are summed in a fixed order, so a result does not depend on which thread took which.
"""

from __future__ import annotations

import numpy as np

from mathdl.engine.steps import (
    AHEAD,
    BATCH,
    BLOCK,
    CHUNK,
    FIRST_STEP,
    LAST_STEP,
    OUTPUT_WIDTH,
    OUTPUTS,
    RULE,
    STRIDE,
    TICKETS,
    UPDATES,
    backward,
    compute_chunks,
    compute_own_parts,
    compute_parts,
    compute_tiles,
    forward,
    gather_inputs,
    gather_targets,
    loss_of_chunk,
    update_tile,
)
from mathdl.kernels import barrier, table
from mathdl.kernels.gather import fetch_ahead
from mathdl.kernels.jit import Bytes, Integers, Reals, kernel
from mathdl.kernels.views import part_of, row_of


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
        span[table.SPAN_STEP] = plan[UPDATES] + step - plan[FIRST_STEP]
        for first in range(start, stop, plan[BLOCK]):
            samples = min(plan[BLOCK], stop - first)
            chunks = (samples + plan[CHUNK] - 1) // plan[CHUNK] if batch > 1 else 1
            for s in range(last_stage + 1):
                stage = row_of(stages, s, 0)
                if s == last_stage and me == 0:
                    control[barrier.DECISION] = barrier.atomic_load(control, barrier.STOP)
                if stage[table.STAGE_LAST_PART] > 0 and s == 0:
                    compute_own_parts(
                        stage,
                        parts,
                        my_rows,
                        my_gathers,
                        inputs,
                        pictures,
                        order,
                        plan,
                        first,
                        samples,
                        a,
                        workspace,
                        me,
                        threads,
                    )
                elif stage[table.STAGE_LAST_PART] > 0:
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
            block[table.BLOCK_CHUNK], block[table.BLOCK_STRIDE], span[table.SPAN_SIZE] = (
                plan[CHUNK],
                plan[STRIDE],
                len(a),
            )
            block[table.BLOCK_SAMPLES], block[table.BLOCK_ACCUMULATES] = samples, 0 if first == start else 1
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
    block[table.BLOCK_CHUNK], block[table.BLOCK_SAMPLES], span[table.SPAN_SIZE], scale = 1, 1, len(a), 1 / mean_weight
    for step in range(first_step, plan[LAST_STEP]):
        if barrier.atomic_load(control, barrier.STOP) != 0:
            return
        span[table.SPAN_STEP] = plan[UPDATES] + step - first_step
        objects = part_of(order, step, 1)
        gather_inputs(gathers, inputs, pictures, objects, w)
        gather_targets(gathers, targets, weights, objects, w, scale)
        fetch_ahead(inputs, order, step + AHEAD, step + AHEAD + 1, gathers[0, table.GATHER_WIDTH])
        fetch_ahead(pictures, order, step + AHEAD, step + AHEAD + 1, gathers[0, table.GATHER_WIDTH])
        fetch_ahead(targets, order, step + AHEAD, step + AHEAD + 1, gathers[1, table.GATHER_WIDTH])
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
