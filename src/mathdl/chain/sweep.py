"""The two sweeps through an expression, as a table to read: values forward, derivatives backward (section 9.3)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mathdl.chain.derivatives import adjoints_of
from mathdl.chain.evaluation import one_point, values_of
from mathdl.chain.expression import Expression, nodes_of, require_expression
from mathdl.errors import InputError


@dataclass(frozen=True)
class Sweep:
    """The nodes of an expression with their values and the derivatives of the expression with respect to them.

    Attributes
    ----------
    rows : tuple of (str, number, number)
        Forward: each node as text, its value, and the derivative, which the backward sweep finds from the last row up.
    """

    rows: tuple[tuple[str, Any, Any], ...]

    def after(self, steps: int) -> str:
        """Return the table with what is known after so many steps.

        Parameters
        ----------
        steps : int
            A value each forward, then a derivative each backward.
        """
        n = len(self.rows)
        lines = [("node", "value", "derivative")]
        for k, (name, x, d) in enumerate(self.rows):
            lines.append((name, _number(x) if k < steps else "", _number(d) if 2 * n - k <= steps else ""))
        widths = [max(len(line[k]) for line in lines) for k in range(3)]
        return "\n".join(f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}".rstrip() for a, b, c in lines)

    def __str__(self) -> str:
        return self.after(2 * len(self.rows))


def sweep(f: Expression, values: Any) -> Sweep:
    """Go forward and backward through an expression, step by step.

    Parameters
    ----------
    f : Expression
    values : mapping or sequence
        The point, as for :func:`mathdl.chain.evaluate`.

    Returns
    -------
    Sweep
        Print it for a table.

    Raises
    ------
    InputError
        If it is no expression, or there is no value or no derivative of a node.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> print(mathdl.chain.sweep(x * y + x, [2.0, 3.0]))
    node       value  derivative
    x              2           4
    y              3           2
    x * y          6           1
    x * y + x      8           1
    """
    require_expression("f", f)
    found = values_of([f], one_point([f], values))
    adjoints, kinks = adjoints_of(f, found, found[f] ** 0)
    if kinks:
        raise InputError(f"The node {kinks[0]} has no derivative there; directional_derivative gives one-sided ones.")
    nodes = [node for node in nodes_of([f]) if node.constant is None and node in found]
    return Sweep(tuple((str(node), found[node], adjoints.get(node, 0)) for node in nodes))


def _number(value: Any) -> str:
    """Write a number: fractions as they are, others with six digits."""
    return str(value) if type(value).__name__ == "Fraction" else f"{float(value):.6g}"
