"""Diagrams to show in a notebook, to save, to read as text, and to go through step by step."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from mathdl.chain.expression import Expression, require_expression
from mathdl.chain.sweep import sweep
from mathdl.checks import require_at_least
from mathdl.plots.expression_graph import plot_expression, size_of
from mathdl.plots.style import svg_file


class Diagram:
    """A graph drawn from left to right, with the numbers that are known after so many steps forward and backward.

    A notebook shows it by itself; printed it is text.
    """

    def __init__(self, picture: Callable[[int], str], texts: Sequence[str]) -> None:
        self._picture, self._texts = picture, texts

    @property
    def steps(self) -> int:
        """How many steps are done."""
        return len(self._texts) - 1

    @property
    def svg(self) -> str:
        """The picture, a file by itself."""
        return self._picture(self.steps)

    @property
    def text(self) -> str:
        """The same as text."""
        return self._texts[-1]

    def step(self, k: int) -> Diagram:
        """Return the diagram after k steps only.

        Parameters
        ----------
        k : int
            From 0 to ``steps``.

        Raises
        ------
        InputError
            If there is no such step.
        """
        require_at_least("k", k, 0, self.steps)
        return Diagram(self._picture, self._texts[: k + 1])

    def _repr_svg_(self) -> str:
        return self.svg

    def __repr__(self) -> str:
        return self.text


def expression_diagram(f: Expression, values: Any = None) -> Diagram:
    """Draw the graph of an expression, forward and backward step by step (section 9.3).

    With values each step forward computes one node, from the variables on; each step backward one derivative of f with
    respect to a node, from f's own on.

    Parameters
    ----------
    f : Expression
        The expression to draw.
    values : mapping or sequence, optional
        A point, as for :func:`mathdl.chain.evaluate`; without it there are no steps.

    Returns
    -------
    Diagram

    Raises
    ------
    InputError
        If it is no expression, or there is no value or derivative at the point.

    Examples
    --------
    >>> import mathdl
    >>> from mathdl.plots import expression_diagram
    >>> x, y = mathdl.variables("x y")
    >>> diagram = expression_diagram(x * y + x, [2.0, 3.0])
    >>> diagram.steps, diagram.svg.startswith("<svg")
    (8, True)
    >>> diagram.step(6)
    node       value  derivative
    x              2
    y              3
    x * y          6           1
    x * y + x      8           1
    """
    require_expression("expression_diagram: f", f)
    if values is None:
        return Diagram(lambda steps: svg_file(str(f), partial(plot_expression, f), size=size_of(f)), [str(f)])
    table = sweep(f, values)
    texts = [table.after(steps) for steps in range(2 * len(table.rows) + 1)]

    def picture(steps: int) -> str:
        shown, told = (steps, f"{f} after {steps} steps") if steps + 1 < len(texts) else (None, str(f))
        return svg_file(told, partial(plot_expression, f, values, backward=True, steps=shown), size=size_of(f))

    return Diagram(picture, texts)
