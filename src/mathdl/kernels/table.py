"""The records of a network's table of kernels, and those that its kernels are given: whole numbers with names.

Every offset into the workspace counts numbers per sample; a kernel that works on ``n`` samples multiplies by ``n``. An
activation is stored (features..., n): one feature of all samples is contiguous.

A record is NumPy's ``record``, which compiled functions take by its address.
"""

from __future__ import annotations

from typing import Any, cast

import numpy as np

Record = Any  # one of the records below
Records = Any  # an array of them

LINES = 128  # bytes of two lines of the cache: what one thread writes is then in no other thread's
ROW_BYTES = 256  # of an operation: those of every operation and up to fourteen numbers of its own


def record(*whole: str, size: int = 0, **others: type) -> np.dtype[Any]:
    """Make the type of a record of whole numbers and of others; of ``size`` bytes, if they are fewer."""
    names, formats = [*whole, *others], [np.int64] * len(whole) + [*others.values()]
    if taken := [name for name in names if hasattr(np.record, name)]:
        raise ValueError(f"A record of NumPy has something of its own called {taken[0]!r}; choose another name.")
    offsets = [8 * place for place in range(len(names))]
    fields = {"names": names, "formats": formats, "offsets": offsets, "itemsize": max(size, 8 * len(names))}
    return np.dtype((np.record, np.dtype(cast(Any, fields))))


# A row of the table: one operation.
OF_EVERY_OPERATION = (
    "forward",  # address of the forward kernel
    "backward",  # address of the kernel from output gradient to input gradient, 0 where nobody needs it
    "input",  # offset of the input's values
    "input_gradient",  # offset of the loss's gradient with respect to them, -1 where nobody needs it
    "output",
    "output_gradient",
    "weights",  # offset into the parameter vector
    "bias",  # the same, -1 without bias
    "first_unit",  # of an operation whose units several threads share out: the units to compute
    "last_unit",
    "panels",  # offset of a copy of the input in panels
    "targets",  # offset of the targets, for a loss and for what compares outputs of classes; else -1
    # For operations on boxes, see kernels.boxes.
    "image",  # numbers per sample from an image to the next
    "plain",  # addresses of the kernels for one image, forward and backward
    "plain_backward",
    # For operations that change from step to step: the engine writes these before each chunk of a step.
    "draw_seed",  # -1: nothing is drawn
    "draw_step",  # updates that came before
    "draw_place",  # of the chunk's first sample in its batch
)


def operation(*whole: str, **others: type) -> np.dtype[Any]:
    """Make the type of an operation's row, with numbers of its own after those of every operation."""
    return record(*OF_EVERY_OPERATION, *whole, size=ROW_BYTES, **others)


OPERATION = operation()

# A stage of a step: operations that go forward without a meeting of the threads, chunk by chunk, or one operation
# that is shared out by units: rows of the table, and of the table of parts; none where the stage goes by chunks.
STAGE = record("first", "last", "first_part", "last_part")

# A part of an operation: some of its units.
PART = record("row", "first", "last")

# A tile: a contiguous range of parameters whose gradient is summed, and which is updated, at one go.
TILE = record(
    "gradient",  # address of the gradient kernel
    "row",
    "first",  # the kernel's own range: units, channels
    "last",
    "start",  # the range of parameters
    "stop",
    "width",  # for one object the gradient may be d x^T, d with respect to the row's output and x its input: the length
    # of x; 0 where the gradient is d itself, -1 where it is no such product
    "update",  # address of the kernel that updates the tile from d and x; 0: its gradient is summed first
)

# The block of samples that a gradient is summed over: chunks of ``chunk`` samples (the last may be smaller), each
# chunk's activations ``stride`` numbers apart in the workspace.
BLOCK = record(
    "first",
    "last",
    "samples",
    "chunk",
    "stride",
    "accumulates",  # 1: add to the gradient of the blocks before
    "shift",  # where the gradient of parameter number 0 would lie; a tile's gradient may lie anywhere
    size=LINES,
)

# The span of parameters that a rule updates.
SPAN = record(
    "start",
    "stop",
    "gradient",  # where in the rule's memory the span's gradient begins
    "parameters",  # in all; after so many numbers, memory holds the rule's vectors, each of this length
    "step",  # how many updates came before
    "left",  # where d and x lie, and x's length, for a rule that need not be given the gradient
    "right",
    "right_width",
    size=LINES,
)

# Where a gathered sample comes from and goes to.
GATHER = record(
    "width",  # numbers per sample
    "place",  # offset in the workspace, features first
    "panels",  # offset of a copy in panels
    "kind",  # one of the following
)
OF_NUMBERS = 0  # of the network's dtype
OF_BYTES = 1  # that stand for numbers from 0 to 1
OF_ONES = 2  # every number is 1
