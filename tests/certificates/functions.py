"""Values of functions that certificates state by steps, in floats and by NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np

from geometry.naive_hulls import number

OPERATIONS = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "negative": lambda x: -x,
    "power": lambda x, y: x**y,
    "sum": lambda *x: sum(x),
    "exp": np.exp,
    "log": np.log,
    "log2": np.log2,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tan": np.tan,
    "tanh": np.tanh,
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "relu": lambda x: np.maximum(x, 0),
    "abs": np.abs,
    "maximum": np.maximum,
    "minimum": np.minimum,
    "where": np.where,
    "norm": lambda *x: np.sqrt(sum(v * v for v in x)),
    "logsumexp": lambda *x: np.log(sum(np.exp(v) for v in x)),
    "gt": np.greater,
    "ge": np.greater_equal,
    "lt": np.less,
    "le": np.less_equal,
}


def value(steps: Any, variables: Any) -> Any:
    """Return the value of a function at points, given each variable as an array."""
    values: list[Any] = []
    with np.errstate(all="ignore"):
        for name, *operands in steps:
            if name == "variable":
                assert operands[0] >= 0
                values.append(variables[operands[0]])
            elif name == "constant":
                values.append(float(number(operands[0])) + 0 * variables[0])
            else:
                assert min(operands) >= 0
                values.append(OPERATIONS[name](*(values[place] for place in operands)))
    assert np.isfinite(values[-1]).all()
    return values[-1]
