"""The compiled loops that run a program: many steps of descent in one call, and evaluation.

Every thread calls the same function. First a batch goes forward, through the loss and back, leaving activations and
their gradients in the workspace: chunk by chunk of samples, and where an operation's units are shared out, by units.
Then each tile of parameters gets its gradient over the whole batch, and its update. Chunks and tiles have fixed sizes
and are summed in a fixed order, so a result does not depend on which thread took which.
"""

from __future__ import annotations

import numpy as np

from mathdl.engine.steps import (
    PREFETCH_OBJECTS,
    Crew,
    Memory,
    Own,
    Plan,
    Room,
    Samples,
    Shares,
    Sources,
    Tables,
    backward,
    chunks_of,
    compute_chunks,
    compute_own_parts,
    compute_parts,
    compute_tiles,
    fetch_inputs,
    fetch_targets,
    forward,
    gather_inputs,
    gather_targets,
    loss_of_chunk,
    number_draws,
    update_tile,
)
from mathdl.kernels import barrier
from mathdl.kernels.jit import Reals, kernel
from mathdl.kernels.views import part_of


@kernel
def descend(tables: Tables, shares: Shares, sources: Sources, plan: Plan, memory: Memory, crew: Crew) -> None:
    """Take the steps of a plan; stop before an update whose loss is not finite."""
    control, me, threads, batch, meeting = crew.control, crew.me, crew.threads, plan.batch, 0
    block, span, loss, last_stage = crew.blocks[me], crew.spans[me], tables.loss[0], shares.stages.shape[0] - 1
    own = Own(tables.rows[me], tables.gathers[me], block, span, crew.taken[me])
    for step in range(plan.first_step, plan.last_step):
        start, stop, loss_of_step = step * batch, min((step + 1) * batch, len(memory.order)), 0.0
        scale = 1 / ((stop - start) * sources.mean_weight)
        span.step = plan.updates + step - plan.first_step
        for first in range(start, stop, plan.block):
            samples = Samples(first, min(plan.block, stop - first), scale)
            for s in range(last_stage + 1):
                stage = shares.stages[s]
                if s == last_stage and me == 0:
                    control[barrier.DECISION] = barrier.atomic_load(control, barrier.STOP)
                if stage.last_part > 0 and s == 0:
                    compute_own_parts(shares, own, sources, plan, samples, memory, crew)
                elif stage.last_part > 0:
                    compute_parts(stage, shares, own, plan, samples, memory, crew)
                else:
                    compute_chunks(s, loss, shares, own, sources, plan, samples, memory, crew)
                if not barrier.meet(control, threads, meeting):
                    return
                meeting += 1
            if control[barrier.DECISION] != 0:
                return
            for c in range(chunks_of(samples.length, plan)):
                loss_of_step += memory.sums[c]
            if not np.isfinite(loss_of_step):
                control[barrier.FAILED] = 1
                return
            block.chunk, block.stride = plan.chunk, plan.stride
            block.samples, block.accumulates = samples.length, 0 if first == start else 1
            span.parameters = plan.parameters
            update = plan.rule != 0 and first + samples.length == stop
            compute_tiles(shares, own, plan, update, memory, crew)
            if not barrier.meet(control, threads, meeting):
                return
            meeting += 1
        if me == 0:
            memory.losses[step - plan.first_step] = loss_of_step
            control[barrier.DONE] += 1


@kernel
def descend_singly(tables: Tables, shares: Shares, sources: Sources, plan: Plan, memory: Memory, crew: Crew) -> None:
    """Take the same steps for batches of one object, by one thread: without chunks, runs and meetings."""
    control, loss, tiles, first_step = crew.control, tables.loss[0], shares.tiles, plan.first_step
    rows, gathers, a, w = tables.rows[0], tables.gathers[0], memory.a, memory.workspace
    block, span, scale = crew.blocks[0], crew.spans[0], 1 / sources.mean_weight
    own = Own(rows, gathers, block, span, crew.taken[0])
    block.chunk, block.samples, span.parameters = 1, 1, plan.parameters
    for step in range(first_step, plan.last_step):
        if barrier.atomic_load(control, barrier.STOP) != 0:
            return
        span.step = plan.updates + step - first_step
        objects = part_of(memory.order, step, 1)
        gather_inputs(gathers, sources, objects, w)
        gather_targets(gathers, sources, objects, w, scale)
        fetch_inputs(gathers, sources, memory.order, step + PREFETCH_OBJECTS, step + PREFETCH_OBJECTS + 1)
        fetch_targets(gathers, sources, memory.order, step + PREFETCH_OBJECTS, step + PREFETCH_OBJECTS + 1)
        if plan.draws > 0:
            number_draws(own, 0)
        forward(rows, 0, rows.shape[0], a, w, 1)
        value = loss_of_chunk(loss, a, w, 1)
        backward(rows, a, w, 1)
        if not np.isfinite(value):
            control[barrier.FAILED] = 1
            return
        for t in range(tiles.shape[0]):
            update_tile(tiles[t], own, plan, plan.rule != 0, 0, memory)
        memory.losses[step - first_step] = value
        control[barrier.DONE] += 1


@kernel
def evaluate(
    tables: Tables,
    sources: Sources,
    plan: Plan,
    scale: float,
    a: Reals,
    room: Room,
    outputs: Reals,
    me: int,
    threads: int,
) -> None:
    """Compute every object's outputs, samples first, and each chunk's sum of losses."""
    rows, gathers, order, control = tables.rows[0], tables.gathers[0], room.order, room.control
    chunk, width = plan.chunk, plan.output_width
    w = part_of(room.workspace, me * plan.stride, len(room.workspace) - me * plan.stride)
    chunks = (len(order) + chunk - 1) // chunk
    c = barrier.take(control, threads, 0)
    while c < chunks and barrier.atomic_load(control, barrier.STOP) == 0:
        n = min(chunk, len(order) - c * chunk)
        objects = part_of(order, c * chunk, n)
        gather_inputs(gathers, sources, objects, w)
        forward(rows, 0, rows.shape[0], a, w, n)
        if len(gathers) == 3:
            gather_targets(gathers, sources, objects, w, scale)
            room.sums[c] = loss_of_chunk(tables.loss[0], a, w, n)
        for s in range(n):
            for i in range(width):
                outputs[(c * chunk + s) * width + i] = w[(plan.outputs + i) * n + s]
        c = barrier.take(control, threads, 0)
