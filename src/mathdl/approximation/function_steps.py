"""Expressions as the checker of certificates takes functions."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from mathdl.certificates.rationals import text_of
from mathdl.chain.expression import Expression, nodes_of


def steps_of(f: Expression, variables: Sequence[Expression]) -> list[list[Any]]:
    """Return an expression as the checker takes functions: steps, each of which uses earlier ones."""
    places: dict[Expression, int] = {}
    order = {node: k for k, node in enumerate(variables)}
    steps: list[list[Any]] = []
    for node in nodes_of([f]):
        places[node] = len(steps)
        if node.name is not None:
            steps.append(["variable", order[node]])
        elif node.operation is None:
            value = node.constant
            steps.append(["constant", text_of(value if isinstance(value, float) else Fraction(value))])
        else:
            steps.append([node.operation.name, *(places[argument] for argument in node.arguments)])
    return steps
