"""The rate of the multipliers: independent multiply-adds in registers, on all threads, without any memory.

No program computes faster. A few shapes (bits of a vector, how many sums go on side by side) are tried, since one that
fills the multiply-add units of one processor leaves those of another waiting or does not fit into its registers.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.extending import intrinsic

from mathdl.engine.threads import available

SHAPES = ((512, 12), (512, 24), (256, 12), (128, 12), (128, 24))  # bits of a vector, sums side by side
TRIAL, TURNS = 4e8, 5  # operations of a trial and trials of a shape
Loop = Callable[[Any, int], None]


def operations_a_turn(bits: int, sums: int, dtype: str) -> int:
    """Operations of one turn of the loop: a multiplication and an addition in each lane of each sum."""
    return 2 * sums * bits // (8 * np.dtype(dtype).itemsize)


@cache
def loop(bits: int, sums: int, dtype: str) -> Loop:
    """Compile a loop that computes s = s * a + b for some vectors s, so many times, with a and b from an array."""
    number = ir.FloatType() if dtype == "float32" else ir.DoubleType()
    vector = ir.VectorType(number, operations_a_turn(bits, 1, dtype) // 2)
    name = f"llvm.fmuladd.v{vector.count}f{np.dtype(dtype).itemsize * 8}"

    @intrinsic  # type: ignore[untyped-decorator]
    def multiply_and_add(typing_context: Any, memory: Any, turns: Any) -> Any:
        def generate(context: Any, builder: Any, signature: Any, values: Any) -> Any:
            data = context.make_array(signature.args[0])(context, builder, values[0]).data
            array = builder.bitcast(data, vector.as_pointer())
            places = [builder.gep(array, [ir.Constant(ir.IntType(64), place)]) for place in range(sums + 2)]
            first = [builder.load(place, align=8) for place in places]
            *starts, a, b = first
            fused = builder.module.declare_intrinsic(name, (), ir.FunctionType(vector, [vector] * 3))
            entry, body = builder.block, builder.append_basic_block("body")
            done = builder.append_basic_block("done")
            builder.branch(body)
            builder.position_at_end(body)
            turn = builder.phi(values[1].type)
            turn.add_incoming(ir.Constant(values[1].type, 0), entry)
            before = [builder.phi(vector) for _ in starts]
            after = [builder.call(fused, [value, a, b]) for value in before]
            for phi, start, value in zip(before, starts, after, strict=True):
                phi.add_incoming(start, entry)
                phi.add_incoming(value, body)
            following = builder.add(turn, ir.Constant(turn.type, 1))
            turn.add_incoming(following, body)
            builder.cbranch(builder.icmp_signed("<", following, values[1]), body, done)
            builder.position_at_end(done)
            for place, value in zip(places, after, strict=False):
                builder.store(value, place, align=8)
            return context.get_dummy_value()

        return types.void(memory, types.int64), generate

    @njit(nogil=True)  # type: ignore[untyped-decorator]
    def run(memory: Any, turns: int) -> None:
        multiply_and_add(memory, turns)

    return run


def worker(bits: int, sums: int, dtype: str, operations: float) -> Callable[[], None]:
    """A function that does so many operations, in one thread."""
    lanes, run = operations_a_turn(bits, 1, dtype) // 2, loop(bits, sums, dtype)
    memory = np.concatenate([np.ones(sums * lanes), np.full(lanes, 0.5), np.full(lanes, 0.25)]).astype(dtype)
    turns = max(1, round(operations / operations_a_turn(bits, sums, dtype)))
    return lambda: run(memory, turns)


def on_threads(work: Callable[[], Any], threads: int) -> None:
    """Let so many threads do the work, each all of it."""
    workers = [threading.Thread(target=work) for _ in range(threads)]
    for each in workers:
        each.start()
    for each in workers:
        each.join()


@cache
def best_shape(dtype: str) -> tuple[int, int]:
    """Bits and sums of the fastest loop."""
    seconds = {shape: _fastest(worker(*shape, dtype, TRIAL)) for shape in SHAPES}
    return min(seconds, key=lambda shape: seconds[shape])


def rate(threads: int, dtype: str = "float32") -> float:
    """Operations a second of so many threads."""
    work = worker(*best_shape(dtype), dtype, 10 * TRIAL)
    return threads * 10 * TRIAL / _fastest(lambda: on_threads(work, threads))


def rates(dtype: str = "float32") -> dict[int, float]:
    """Operations a second, by threads."""
    return {threads: rate(threads, dtype) for threads in sorted({1, available()})}


def _fastest(work: Callable[[], Any]) -> float:
    """Seconds of the fastest of some turns."""
    seconds = []
    work()
    for _ in range(TURNS):
        start = time.perf_counter()
        work()
        seconds.append(time.perf_counter() - start)
    return min(seconds)
