"""What layers are made of: affine functions, functions with a kink at 0, maxima, and what has only bounds.

A layer declares its steps of these kinds (``Layer.pieces``), on vectors: what reads a network, to follow its pieces or
to bound its outputs, knows these and no layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError

Array = NDArray[Any]


class UnknownValueError(Exception):
    """A function of which no values are known was needed."""


class Affine(NamedTuple):
    """x becomes (M x + b) / d, with M an array or a sparse one of float64, and d a whole number."""

    matrix: Any
    offset: Array
    divisor: int = 1


class Kinks(NamedTuple):
    """Every x_i becomes ``above[i]`` x_i where it is positive, and ``below[i]`` x_i elsewhere."""

    below: Array
    above: Array


class Largest(NamedTuple):
    """x, of so many numbers, becomes the largest entries of blocks, each a row of places."""

    blocks: Array
    inputs: int


class Curved(NamedTuple):
    """x, of so many numbers, with those at ``places`` replaced by values of an activation, which has no affine pieces.

    ``bounds`` takes least and largest arguments, (numbers, boxes), and returns least and largest values; a user's own
    function has none, and perhaps a value at 0.
    """

    layer: str
    activation: str
    bounds: Callable[[Array, Array], tuple[Array, Array]] | None
    places: slice
    inputs: int
    at_zero: float | None = None


Piece = Affine | Kinks | Largest
Step = Piece | Curved


def outputs_of(piece: Step) -> int:
    """Return how many numbers come out."""
    if isinstance(piece, Curved):
        return piece.inputs
    return len(piece.offset if isinstance(piece, Affine) else piece[0])


def depends(step: Step, on: Array) -> Array:
    """Tell which numbers behind a step may depend on something that some of the numbers before it depend on."""
    if isinstance(step, Affine):
        return np.asarray((step.matrix != 0).astype(float) @ on.astype(float) > 0)
    return np.asarray(on[step.blocks].any(axis=1)) if isinstance(step, Largest) else on


def held(what: str, number: float, dtype: Any) -> float:
    """Return a number as a network of a dtype holds it; raise InputError where that is not known."""
    if dtype is None and float(np.float32(number)) != number:
        raise InputError(
            f"{what} is {number:g}, which float32 holds only rounded, and a layer alone does not tell its precision; "
            "give a Network of it, as Network([layer], input_shape, dtype='float32')."
        )
    precision = np.dtype(dtype or np.float64)
    if abs(number) > float(np.finfo(precision).max):
        raise InputError(
            f"{what} is {number:g}, beyond the {precision} of the network; give a smaller one, or dtype='float64'."
        )
    return float(precision.type(number))


def kinks(size: int, below: float, above: float = 1.0) -> list[Step]:
    """Return the same kink for every number."""
    return [Kinks(np.full(size, below), np.full(size, above))]


def side_by_side(chains: Sequence[Sequence[Step]], inputs: int) -> list[Step]:
    """Return the steps of chains that all read the same input, their outputs joined."""
    from scipy.sparse import eye_array, vstack

    copies = vstack([eye_array(inputs)] * len(chains), format="csr")
    found: list[Step] = [Affine(copies, np.zeros(copies.shape[0]))]
    before = 0
    for later, chain in zip(range(len(chains) - 1, -1, -1), chains, strict=True):
        found += [_among(piece, before, later * inputs) for piece in chain]
        before += outputs_of(chain[-1]) if chain else inputs
    return found


def _among(piece: Step, before: int, behind: int) -> Step:
    """Return a step that leaves so many numbers before and behind its own as they are."""
    from scipy.sparse import block_diag, eye_array

    if isinstance(piece, Affine):
        kept = [eye_array(count) * float(piece.divisor) for count in (before, behind)]
        matrix = block_diag([kept[0], piece.matrix, kept[1]], format="csr")
        return Affine(matrix, np.pad(piece.offset, (before, behind)), piece.divisor)
    if isinstance(piece, Curved):
        first, last = piece.places.start + before, piece.places.stop + before
        return piece._replace(places=slice(first, last), inputs=before + piece.inputs + behind)
    if isinstance(piece, Kinks):
        return Kinks(*(np.pad(slopes, (before, behind), constant_values=1.0) for slopes in piece))
    kept = [np.repeat(np.arange(count)[:, None], piece.blocks.shape[1], axis=1) for count in (before, behind)]
    blocks = np.vstack([kept[0], before + piece.blocks, before + piece.inputs + kept[1]])
    return Largest(blocks, before + piece.inputs + behind)
