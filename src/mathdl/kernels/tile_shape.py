"""The shape of a tile of sums: as many as the processor's registers hold beside what the sums are made of.

A vector has 64 bytes, which are one register of AVX-512, two of AVX2 and four of others. MATHDL_TILE names another
shape, for tests: one that the processor has the registers for.
"""

from __future__ import annotations

import os
from typing import NamedTuple

from llvmlite import binding
from numba import config

from mathdl.errors import InputError


class TileShape(NamedTuple):
    """Rows and vectors of numbers times vectors; how many runs meet how many others in inner products."""

    rows: int
    vectors: int
    left: int
    right: int


# By the name that a compiler's assembly gives to the registers of the processor, the widest first. There are 32 of
# AVX-512: 16 sums, two vectors and a number, or 20 sums and nine vectors; 16 of AVX2: 12, two and one; else fewer.
SHAPES = {"zmm": TileShape(8, 2, 4, 5), "ymm": TileShape(6, 1, 2, 3), "": TileShape(2, 1, 1, 2)}
VARIABLE = "MATHDL_TILE"
SUM_OF_VECTORS = """
define void @add(ptr %x) {
  %v = load <16 x float>, ptr %x
  %sum = fadd <16 x float> %v, %v
  store <16 x float> %sum, ptr %x
  ret void
}
"""


def _assembly() -> str:
    """The assembly of a sum of two vectors, for the processor that Numba compiles for."""
    cpu = config.CPU_NAME if config.CPU_NAME not in (None, "host") else binding.get_host_cpu_name()
    features = config.CPU_FEATURES
    if features is None:
        features = binding.get_host_cpu_features().flatten()
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    machine = binding.Target.from_default_triple().create_target_machine(cpu=cpu, features=features)
    return str(machine.emit_assembly(binding.parse_assembly(SUM_OF_VECTORS)))


def tile_shape(wanted: str | None, assembly: str) -> TileShape:
    """Return the shape for the widest registers in an assembly, or the one that is wanted, if they suffice for it."""
    widest = next(name for name in SHAPES if name in assembly)
    possible = list(SHAPES.values())[list(SHAPES).index(widest) :]
    if wanted is None:
        return possible[0]
    named = {f"{shape.rows}x{shape.vectors}": shape for shape in possible}
    if wanted not in named:
        raise InputError(
            f"{VARIABLE} is {wanted!r}, but this processor has registers for tiles of {' or '.join(named)}; "
            "unset it, or name one of them."
        )
    return named[wanted]


SHAPE = tile_shape(os.environ.get(VARIABLE), _assembly())
