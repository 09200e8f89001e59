"""Where threads meet inside compiled code, and how they share out work: atomic counters in an integer array.

A counter only grows. ``meet`` waits until all threads have come; ``take`` hands out tickets. Work is cut into as many
runs as there are threads, each with tickets of its own: a thread takes from its own run first, so that what it works on
stays in its cache from step to step, and then helps the others. A thread that fails sets the stop flag, so that the
others do not wait for ever.
"""

from __future__ import annotations

import sys
from typing import Any

from llvmlite import ir
from numba import int32, int64
from numba.core import cgutils
from numba.extending import intrinsic

from mathdl.kernels.jit import Integers, part, twin_of

# Places in the array; each has a cache line of its own.
MET = 0
STOP = 8  # set to 1 to end at the next step
DECISION = 16  # what the first thread read from STOP, for all to obey
DONE = 24  # whole steps done
FAILED = 32  # set to 1 where a loss was not finite
TAKEN = 40  # tickets of the first run; those of the next are LINE places further on
LINE = 8


def control_size(threads: int) -> int:
    """Return the length of the array for so many threads."""
    return TAKEN + LINE * threads


YIELD = "SwitchToThread" if sys.platform == "win32" else "sched_yield"


def _pointer(context: Any, builder: Any, kind: Any, array: Any, index: Any) -> Any:
    """A pointer to one number of an array."""
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


@intrinsic
def _atomic_add(typing_context: Any, array: Any, index: Any, value: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], values[0], values[1])
        return builder.atomic_rmw("add", pointer, values[2], "seq_cst")

    return int64(array, int64, int64), generate


@intrinsic
def _atomic_load(typing_context: Any, array: Any, index: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        pointer = _pointer(context, builder, signature.args[0], values[0], values[1])
        return builder.load_atomic(pointer, "acquire", 8)

    return int64(array, int64), generate


@intrinsic
def _give_way(typing_context: Any) -> Any:
    def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        function = cgutils.get_or_insert_function(builder.module, ir.FunctionType(ir.IntType(32), []), YIELD)
        return builder.call(function, [])

    return int32(), generate


@twin_of(_atomic_add)
def atomic_add(array: Integers, index: int, value: int) -> int:
    """Add to a number in one indivisible step, and return what it was."""
    old = int(array[index])
    array[index] += value
    return old


@twin_of(_atomic_load)
def atomic_load(array: Integers, index: int) -> int:
    """Read a number that other threads write."""
    return int(array[index])


@twin_of(_give_way)
def give_way() -> int:
    """Let another thread run; with the JIT off there is one."""
    return 0


@part
def take(control: Integers, threads: int, run: int) -> int:
    """Return the next ticket of a run."""
    place = TAKEN + LINE * run
    if threads > 1:
        old: int = atomic_add(control, place, 1)
        return old
    ticket: int = control[place]
    control[place] = ticket + 1
    return ticket


@part
def helpers(samples: int, chunk: int, threads: int) -> int:
    """Return how many threads take from a run: all, but for a step so short that asking who needs help would cost."""
    return threads if samples > chunk else 1


@part
def run_of(me: int, turn: int, threads: int) -> int:
    """Return the run that a thread takes from in its first turn (its own), its second, and so on."""
    return me + turn if me + turn < threads else me + turn - threads


@part
def start_of(run: int, count: int, threads: int) -> int:
    """Return where a run begins when ``count`` pieces of work are cut into equal ones."""
    return count * run // threads if threads > 1 else count * run


@part
def meet(control: Integers, threads: int, meeting: int) -> bool:
    """Wait for the other threads at meeting number ``meeting`` (from 0); False if one of them failed."""
    if threads > 1:
        atomic_add(control, MET, 1)
        spins = 0
        while atomic_load(control, MET) < threads * (meeting + 1):
            spins += 1
            if spins > 2000:
                if atomic_load(control, STOP) == 2:
                    return False
                give_way()
    return bool(atomic_load(control, STOP) != 2)
