"""The columns of a network's table of kernels, and of the small integer arrays that its kernels are given.

Every offset into the workspace counts numbers per sample; a kernel that works on ``n`` samples multiplies by
``n``. An activation is stored (features..., n): one feature of all samples is contiguous.
"""

from __future__ import annotations

# A row of the table: one operation.
FORWARD = 0  # address of the forward kernel
BACKWARD = 1  # address of the kernel from output gradient to input gradient, 0 where nobody needs it
INPUT = 2  # offset of the input's values
INPUT_GRADIENT = 3  # offset of the loss's gradient with respect to them, -1 where nobody needs it
OUTPUT = 4
OUTPUT_GRADIENT = 5
WEIGHTS = 6  # offset into the parameter vector
BIAS = 7  # the same, -1 without bias
FIRST_UNIT = 8  # of an operation whose units several threads share out: the units to compute
LAST_UNIT = 9
PANELS = 10  # offset of a copy of the input in panels
SIZES = 11  # what follows is the operation's own
# The last columns are for operations that draw at random: the engine writes them before each chunk of a step.
DRAW_SEED = 22  # -1: nothing is drawn
DRAW_STEP = 23  # updates that came before
DRAW_PLACE = 24  # of the chunk's first sample in its batch
COLUMNS = 25

# A stage of a step: operations that go forward without a meeting of the threads, chunk by chunk, or one operation
# that is shared out by units.
STAGE_FIRST = 0  # rows of the table
STAGE_LAST = 1
STAGE_FIRST_PART = 2  # rows of the table of parts; none where the stage goes by chunks
STAGE_LAST_PART = 3
STAGE_COLUMNS = 4

# A part of an operation: some of its units.
PART_ROW = 0
PART_FIRST = 1
PART_LAST = 2
PART_COLUMNS = 3

# A tile: a contiguous range of parameters whose gradient is summed, and which is updated, at one go.
TILE_GRADIENT = 0  # address of the gradient kernel
TILE_ROW = 1
TILE_FIRST = 2  # the kernel's own range: units, channels
TILE_LAST = 3
TILE_START = 4  # the range of parameters
TILE_STOP = 5
TILE_WIDTH = 6  # for one object the gradient may be d x^T, d with respect to the row's output and x its input: the
# length of x; 0 where the gradient is d itself, -1 where it is no such product
TILE_UPDATE = 7  # address of the kernel that updates the tile from d and x; 0: its gradient is summed first
TILE_COLUMNS = 8

# The block of samples that a gradient is summed over: chunks of BLOCK_CHUNK samples (the last may be smaller), each
# chunk's activations BLOCK_STRIDE numbers apart in the workspace.
BLOCK_FIRST = 0
BLOCK_LAST = 1
BLOCK_SAMPLES = 2
BLOCK_CHUNK = 3
BLOCK_STRIDE = 4
BLOCK_ACCUMULATES = 5  # 1: add to the gradient of the blocks before
BLOCK_SHIFT = 6  # where the gradient of parameter number 0 would lie; a tile's gradient may lie anywhere
BLOCK_COLUMNS = 7

# The span of parameters that a rule updates.
SPAN_START = 0
SPAN_STOP = 1
SPAN_GRADIENT = 2  # where in the rule's memory the span's gradient begins
SPAN_SIZE = 3  # parameters in all; after so many numbers, memory holds the rule's vectors, each of this length
SPAN_STEP = 4  # how many updates came before
SPAN_LEFT = 5  # where d and x lie, and x's length, for a rule that need not be given the gradient
SPAN_RIGHT = 6
SPAN_RIGHT_WIDTH = 7
SPAN_COLUMNS = 8

# Where a gathered sample comes from and goes to.
GATHER_WIDTH = 0  # numbers per sample
GATHER_PLACE = 1  # offset in the workspace, features first
GATHER_PANELS = 2  # offset of a copy in panels
GATHER_KIND = 3  # one of the following
OF_NUMBERS = 0  # of the network's dtype
OF_BYTES = 1  # that stand for numbers from 0 to 1
OF_ONES = 2  # every number is 1
