"""Bad input to expressions: one sentence that names the node and the way to it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import mathdl
from mathdl import chain
from mathdl.errors import InputError

x, y = mathdl.variables("x y")
SHAPED = mathdl.variables("v", 3)


def doubled(times: int) -> Any:
    f = x
    for _ in range(times):
        f = chain.sin(f) + f
    return f


@pytest.mark.parametrize(
    ("function", "says"),
    [
        (
            lambda: chain.evaluate(1 + y / (x - x), [1.0, 2.0]),
            r"divide has no value at 2.0, 0.0.*y / \(x - x\), on the way",
        ),
        (
            lambda: chain.evaluate(chain.exp(2 * chain.log(x - 3)), [1.0]),
            r"log has no value at -2.0.*exp -> multiply -> log",
        ),
        (lambda: mathdl.gradient(chain.sqrt(x), [-1.0]), r"sqrt has no value at -1.0.*sqrt\(x\), the whole"),
        (lambda: chain.evaluate(x + y, {"x": 1.0}), "variable y has no value; give one for each of x, y"),
        (lambda: chain.evaluate(x + y, [1.0]), "1 values for 2 variables"),
        (lambda: chain.evaluate(x, {"x": "one"}), "value of x is 'one'; give a number"),
        (lambda: chain.evaluate(x, {"x": float("nan")}), "value of x is nan"),
        (lambda: 1 if x > 0 else 2, r"x > 0 has no truth value.*use where"),
        (lambda: bool(x == y), "has no truth value"),
        (lambda: float(x), "is no number"),
        (lambda: chain.evaluate(x + mathdl.variables("x"), [1.0, 2.0]), "Two different variables are called 'x'"),
        (lambda: mathdl.variables("x x"), "different names"),
        (lambda: mathdl.variables(""), "different names"),
        (lambda: mathdl.gradient(x * y, {"x": 1.0}), "variable y has no value"),
        (lambda: chain.hessian_product(x * y, [1.0, 2.0], [1.0]), "1 numbers for 2 variables"),
        (lambda: chain.directional_derivative(x * y, [1.0, 2.0], [1.0, 2.0, 3.0]), "3 numbers for 2 variables"),
        (lambda: mathdl.gradient(chain.norm(SHAPED), [1.0, 2.0]), "2 values for 3 variables"),
        (lambda: chain.sin("text"), "not of str"),
        (lambda: chain.maximum(SHAPED, [1, 2]), r"shapes \(3,\) and \(2,\) do not fit together"),
        (
            lambda: chain.evaluate(chain.exp(x * y), [np.ones(2), np.ones(3)]),
            r"multiply has no value at an array of shape \(2,\), an array of shape \(3,\).*on the way exp -> multiply",
        ),
        (lambda: mathdl.gradient(SHAPED.sum(), {"v": [1.0, 2.0]}), r"variable v\[2\] has no value"),
        (lambda: chain.sin(1j), "not of complex"),
        (
            lambda: chain.directional_derivative(chain.log(x - 3), [3.0], [-1.0]),
            r"log has no value at -1.0 t\^1 \(A log",
        ),
        (lambda: chain.gradient_by_paths(1 + abs(x), [0.0]), r"node abs\(x\), on the way add -> abs"),
        (lambda: chain.gradient_by_paths(doubled(30), [1.0]), "more than 1,000,000 paths"),
        (lambda: mathdl.count_operations(3), "give an expression or a function"),
        (lambda: mathdl.check_gradient(3, [1.0], [1.0]), "give a function or an expression"),
        (lambda: mathdl.check_gradient(lambda v: v[0], [1.0, 2.0], [1.0]), r"shape \(2,\) but x has \(1,\)"),
        (lambda: mathdl.check_gradient(lambda v: v, [1.0, 1.0], [1.0, 2.0]), "one finite number"),
        (lambda: mathdl.check_gradient(lambda v: np.nan, [1.0], [1.0]), "one finite number"),
        (lambda: mathdl.check_gradient(lambda v: v[0], [1.0], ["a"]), "give real numbers"),
        (lambda: mathdl.check_gradient(x * y, None, [1.0]), "1 numbers for 2 variables"),
        (lambda: mathdl.is_big_o(x, y), "give formulas in one"),
        (lambda: mathdl.is_big_o(x**2, x**2, C=0.5), "give a larger C"),
        (lambda: mathdl.is_big_o(chain.tan(x), x), "is no formula of n"),
    ],
)
def test_bad_input(function: Any, says: str) -> None:
    with pytest.raises(InputError, match=says) as caught:
        function()
    text = str(caught.value)
    assert text[-1] in ".?"
    assert "\n" not in text


def test_an_array_of_another_shape_does_not_combine() -> None:
    with pytest.raises(ValueError, match="broadcast"):
        SHAPED + mathdl.variables("w", 2)
