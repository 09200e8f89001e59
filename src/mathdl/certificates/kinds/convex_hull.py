"""Some of the points are the vertices of the convex hull of all (definition 7.1.2).

Numbers: the indices ``vertices``; ``directions``, one for each vertex; and ``inside``, one entry for each other point
in their order, with the indices ``vertices`` and the ``weights``. Stated: a vertex is further than every other one in
its direction, so it is not in the hull of the others; and every other point is a convex combination of vertices.
"""

from __future__ import annotations

from mathdl.certificates.data import Data
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused, combination, dot, scaled

IN_PLAIN_WORDS = "These points, and no others, are the corners of the smallest convex shape around all of them."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    vertices = sorted(numbers.indices("vertices", data.count))
    return (
        f"The convex hull of the {data.count} points has exactly {len(vertices)} "
        f"{'vertex' if len(vertices) == 1 else 'vertices'}: {', '.join(map(str, vertices))}."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compare the vertices in their directions, and compute the convex combinations."""
    data.refuse_weights()
    vertices, rows = numbers.indices("vertices", data.count), data.integers[0]
    afford(len(vertices) ** 2 * (data.features // 8 + 1))
    for v, direction in zip(vertices, numbers.matrix("directions", len(vertices), data.features), strict=True):
        along, _ = scaled(direction)
        furthest = dot(along, rows[v])
        if any(dot(along, rows[u]) >= furthest for u in vertices if u != v):
            raise Refused(f"in its direction, vertex {v} is not further than every other one")
    others, entries = sorted(set(range(data.count)) - set(vertices)), numbers.plain("inside")
    if not isinstance(entries, list) or len(entries) != len(others):
        raise Refused(f"'inside' is no list of {len(others)}")
    for i, entry in zip(others, entries, strict=True):
        _check_inside(i, Numbers(entry), vertices, data)


def _check_inside(i: int, entry: Numbers, vertices: list[int], data: Data) -> None:
    """Refuse unless an object is the convex combination of vertices that an entry names."""
    rows, used = data.integers[0], entry.indices("vertices", data.count)
    weights, total = scaled(entry.vector("weights", len(used)))
    if not set(used) <= set(vertices) or min(weights, default=-1) < 0 or sum(weights) != total:
        raise Refused(f"the weights of object {i} are negative, do not sum to 1, or are not on vertices")
    if combination(weights, [rows[k] for k in used], data.features) != [total * value for value in rows[i]]:
        raise Refused(f"object {i} is not the convex combination that is stated")
    entry.refuse_unread()
