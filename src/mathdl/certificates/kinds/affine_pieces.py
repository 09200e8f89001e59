"""A network is affine on each of some convex polygons, which together are a part of a plane, and overlap in edges only.

The data are one row: channels, height and width of the inputs, then all parameters. Numbers: ``steps`` (see
``responses.py``); ``plane``, the rows u, v and o of the inputs o + s u + t v; ``corners``, points (s, t); ``whole`` and
``pieces``, the numbers of the corners of the part of the plane, and of each piece, counter-clockwise.
"""

from __future__ import annotations

from math import prod
from typing import Any

from mathdl.certificates.data import Data
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.polygons import OnPolygon, Triple, corner, refuse_unless_tiled
from mathdl.certificates.rationals import Refused, scaled
from mathdl.certificates.responses import Response, Responses, only_row
from mathdl.certificates.symbols import combination

S, T = (0, (0,), (1,)), (0, (1,), (1,))
IN_PLAIN_WORDS = "On each of the listed parts of its inputs the network computes one formula of the first degree."


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    return (
        f"On each of the {len(numbers.labels('pieces'))} polygons, which cover the given part of the plane and share "
        f"only edges, the exact network of {len(numbers.labels('steps'))} steps and {data.features - 3} parameters is "
        "affine."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compare the edges, and follow the network over every polygon."""
    shape, parameters, below = only_row(data)
    inputs, places = prod(shape), numbers.labels("corners")
    plane, unit = scaled(v for row in numbers.matrix("plane", 3, inputs) for v in row)
    corners = [corner(s, t) for s, t in numbers.matrix("corners", len(places), 2)]
    pieces = [_polygon(piece, corners) for piece in numbers.labels("pieces")]
    refuse_unless_tiled(pieces, _polygon(numbers.plain("whole"), corners))
    steps, known = numbers.labels("steps"), list(zip(*(plane[k * inputs :][:inputs] for k in range(3)), strict=True))
    for piece in pieces:
        network = Responses(parameters, below, OnPolygon(piece))
        network.after_all(steps, Response([combination([a, b], [S, T], c) for a, b, c in known], shape, unit))
        afford(len(pieces) * network.effort)


def _polygon(places: Any, corners: list[Triple]) -> list[Triple]:
    """Return the corners with these numbers."""
    if not isinstance(places, list) or not all(type(k) is int and 0 <= k < len(corners) for k in places):
        raise Refused("a polygon is no list of the numbers of corners")
    return [corners[k] for k in places]
