"""The search for a picture that refutes: few pixels first; floats propose, whole numbers decide."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, islice, product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from mathdl.layers.pieces import UnknownValueError
from mathdl.shifts.evaluation import Evaluation
from mathdl.shifts.question import Question

CHUNK_NUMBERS = 2**22  # chosen: of the largest response to a chunk of pictures, 32 megabytes
SUSPICIOUS = 1e-9  # relative difference of floats that is worth an exact look
EXACT_LOOKS = 4  # at the pictures of fewest pixels in a chunk, and at the largest differences
MAX_PAIRS, DRAWN = 1500, 400  # chosen: pictures of two pixels, and drawn ones


class Counterexample(NamedTuple):
    """A picture, the answers to it (as they should be moved) and to the picture moved, and how exact they are."""

    picture: Any
    expected: Any
    found: Any
    within: Fraction


def search(asked: Question, of: Evaluation, thorough: bool) -> Counterexample | None:
    """Return a small picture that refutes, if one is found."""
    for pictures in _chunks(asked, thorough):
        for picture in _suspects(asked, of, pictures):
            found = check(asked, of, _smaller(asked, of, picture)) or check(asked, of, picture)
            if found is not None:
                return found
    return None


def check(asked: Question, of: Evaluation, picture: Any) -> Counterexample | None:
    """Return what refutes in whole numbers, if the picture does."""
    both = np.stack([picture, asked.moved(picture)])
    try:
        values = of.exact(both, asked.injective)
    except UnknownValueError:
        return None
    low, high = asked.expected(values.low[:1])[0], asked.expected(values.high[:1])[0]
    apart = (high < values.low[1]) | (values.high[1] < low)
    if not apart.any():
        return None
    width = max((values.high - values.low).ravel().tolist())
    right, found = (_fractions(sums, 2 * values.unit) for sums in (low + high, values.low[1] + values.high[1]))
    return Counterexample(picture, right, found, Fraction(width, 2 * values.unit))


def _fractions(numbers: Any, unit: int) -> Any:
    return np.vectorize(lambda n: Fraction(int(n), unit), otypes=[object])(numbers)


def _differences(asked: Question, of: Evaluation, pictures: Any) -> Any:
    """Return how far the answers to the moved pictures are from what they should be, relatively, in floats."""
    with np.errstate(all="ignore"):
        right = asked.expected(of.floats(pictures, asked.injective))
        found = of.floats(asked.moved(pictures), asked.injective)
        size = 1 + np.maximum(np.abs(right), np.abs(found)).reshape(len(pictures), -1).max(axis=1)
        return np.nan_to_num(np.abs(right - found).reshape(len(pictures), -1).max(axis=1) / size)


def _suspects(asked: Question, of: Evaluation, pictures: Any) -> Iterator[Any]:
    """Yield the pictures whose answers differ most, those of one chunk."""
    try:
        differences = _differences(asked, of, pictures)
    except UnknownValueError:  # floats know no function of the user's own: only its value at 0 may help
        yield from pictures[:EXACT_LOOKS]
        return
    pixels = np.count_nonzero(pictures.reshape(len(pictures), -1), axis=1)
    clear = np.flatnonzero(differences > SUSPICIOUS)
    small = clear[np.lexsort((-differences[clear], pixels[clear]))]
    large = clear[np.argsort(-differences[clear], kind="stable")]
    for place in dict.fromkeys([*small[:EXACT_LOOKS], *large[:EXACT_LOOKS]]):
        yield pictures[place]


def _chunks(asked: Question, thorough: bool) -> Iterator[Any]:
    """Yield arrays of pictures, those with few pixels first."""
    widest = max(prod(asked.network.input_shape) * 25, 1)
    count = max(1, min(512, CHUNK_NUMBERS // widest))
    stream = _pictures(asked, thorough)
    while chunk := list(islice(stream, count)):
        pictures = np.zeros((len(chunk), *asked.network.input_shape), np.int64)
        for picture, marks in zip(pictures, chunk, strict=True):
            for pixel, value in marks.items():
                picture[pixel] = value
        yield pictures


def _pictures(asked: Question, thorough: bool) -> Iterator[dict[tuple[int, int, int], int]]:
    """Yield pictures as what their pixels are, if not 0."""
    generator, pixels = np.random.default_rng(0), asked.pixels()
    yield {}
    if not pixels:
        return
    few = pixels if thorough or len(pixels) <= 200 else [pixels[i] for i in generator.permutation(len(pixels))[:200]]
    for value in (1, -1, 10, -100) if thorough else (1, -1):
        yield from ({pixel: value} for pixel in few)
    if thorough:
        pairs = len(pixels) * (len(pixels) - 1) // 2
        if pairs <= MAX_PAIRS:
            yield from ({p: u, q: v} for p, q in combinations(pixels, 2) for u, v in product((1, -1), repeat=2))
        else:
            for _ in range(MAX_PAIRS):
                p, q = generator.choice(len(pixels), 2, replace=False)
                yield {pixels[p]: int(generator.integers(1, 4)), pixels[q]: int(generator.choice([-2, -1, 1, 2]))}
    for number in range(DRAWN if thorough else 40):
        values = generator.integers(-9, 10, len(pixels)) * 10 ** (number % 3)
        kept = generator.random(len(pixels)) < (1.0, 0.5, 0.2)[number // 3 % 3]
        signs = (values, np.abs(values), -np.abs(values))[number // 9 % 3]
        yield {p: int(v) for p, v, k in zip(pixels, signs, kept, strict=True) if k and v}


def _smaller(asked: Question, of: Evaluation, picture: Any) -> Any:
    """Return a picture of fewer pixels, and of smaller numbers, as long as floats say that it refutes as well."""
    size = np.count_nonzero(picture) // 2
    while size:
        marks = np.argwhere(picture != 0)
        pictures = np.repeat(picture[None], -(-len(marks) // size), axis=0)
        for number, part in enumerate(pictures):
            part[tuple(marks[number * size : (number + 1) * size].T)] = 0
        better = next(_suspects(asked, of, pictures), None)
        picture = picture if better is None else better
        size = min(size // 2 if better is None else size, np.count_nonzero(picture))
    for value in (1, -1, 2, -2, 3, -3):
        for place in map(tuple, np.argwhere(np.abs(picture) > abs(value))):
            other = picture.copy()
            other[place] = value
            picture = next(_suspects(asked, of, other[None]), picture)
    return picture
