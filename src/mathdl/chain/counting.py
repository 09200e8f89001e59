"""Numbers that count what is done with them, and counts of operations by kind (Definition 9.1.2)."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np

from mathdl.chain.expression import Expression, nodes_of
from mathdl.chain.operations import KINDS, OPERATIONS, Arithmetic, method, objects
from mathdl.errors import InputError


def count_operations(f: Any, *arguments: Any) -> dict[str, int]:
    """Count elementary operations by kind: those of an expression, or those that a function does with its arguments.

    Parameters
    ----------
    f : Expression or callable
        Of an expression every node counts once, however often it is used.
    *arguments : array-like
        Of a function: numbers or arrays of them, which it gets as numbers that count.

    Returns
    -------
    dict of str to int
        By kind: additions, subtractions, multiplications, divisions, exponentials (all elementary functions and
        powers) and comparisons; with their "total".

    Raises
    ------
    InputError
        If f is neither an expression nor a function.

    Examples
    --------
    >>> import mathdl
    >>> exp = mathdl.chain.exp
    >>> x = mathdl.variables("x")
    >>> mathdl.count_operations(exp(x) + 6 * exp(3 * x) - 5)["total"]
    6
    >>> mathdl.count_operations(lambda u, v: u @ v, [1.0, 2.0, 3.0], [4.0, 5.0, 6.0])["total"]
    5
    """
    counter: Counter[str] = Counter()
    if isinstance(f, Expression):
        for node in nodes_of([f]):
            if node.operation is not None:
                counter.update(node.operation.count(len(node.arguments)))
    elif callable(f):
        try:
            f(*(counting(each, counter) for each in arguments))
        except TypeError as error:
            raise InputError(
                f"count_operations: f does not take numbers that count ({error}); give arithmetic."
            ) from None
    else:
        raise InputError(f"count_operations: f is {type(f).__name__}; give an expression or a function.")
    return {**{kind: counter[kind] for kind in KINDS}, "total": sum(counter[kind] for kind in KINDS)}


def counting(values: Any, counter: Counter[str]) -> Any:
    """Return numbers that count in ``counter``: one, or an array of them."""
    array = np.asarray(values)
    if array.ndim == 0:
        return CountingNumber(array.item(), counter)
    return objects(array.shape, (CountingNumber(each, counter) for each in array.reshape(-1).tolist()))


class CountingNumber(Arithmetic):
    """A number that adds every operation it takes part in to a counter."""

    __slots__ = ("counter", "value")

    def __init__(self, value: Any, counter: Counter[str]) -> None:
        self.value, self.counter = value, counter

    def apply_operation(self, name: str, arguments: tuple[Any, ...]) -> Any:
        """Count an operation and do it."""
        operation = OPERATIONS[name]
        self.counter.update(operation.count(len(arguments)))
        values = (each.value if isinstance(each, CountingNumber) else each for each in arguments)
        result = operation.value(*values)
        return result if isinstance(result, bool) else CountingNumber(result, self.counter)

    def __float__(self) -> float:
        return float(self.value)

    __eq__, __ne__ = method("eq"), method("ne")
    __hash__ = None  # type: ignore[assignment]


for _name in ("exp", "log", "log2", "sqrt", "sin", "cos", "tan", "tanh"):  # as NumPy calls them
    setattr(CountingNumber, _name, method(_name))
