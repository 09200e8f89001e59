"""What the gradient of dense layers costs, as polynomials in the layers' sizes, by several methods (section 9.5)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from typing import Any, NamedTuple

from mathdl.chain.evaluation import evaluate
from mathdl.chain.expression import Expression, expression, variables
from mathdl.errors import InputError
from mathdl.layers.dense import Dense
from mathdl.layers.layer import Layer

STEPS = ("step 0", "step 1", "step 2", "step 3")


@dataclass(frozen=True)
class OperationFormulas:
    """The elementary operations (Definition 9.1.2) of the gradient of |h(x) - y|^2, for one object x.

    Attributes
    ----------
    formulas : dict of str to Expression
        In n_0, n_1, ..., the numbers of inputs and of each layer's units: "step 0" forward; "step 1" dl/dh_k with the
        Jacobians dh_(k+1)/dh_k (9.87); "step 2" the Jacobians dh_k/da_k; "step 3" dl/da_k; "step 4" the mean, in N
        objects too (9.90); their sum "steps 0 to 3"; and other ways to the same: "without Jacobians", as the library
        does it; "without recursion", with the product of all Jacobians for each layer (9.91); and "differences",
        with one more loss for each parameter.
    sizes : dict of str to int
        The values of n_0, n_1, ... of the network, and N = 1.
    """

    formulas: dict[str, Expression]
    sizes: dict[str, int]

    @property
    def numbers(self) -> dict[str, int]:
        """The values of the formulas for the network."""
        exact = {name: Fraction(size) for name, size in self.sizes.items()}
        return {name: int(evaluate(formula, exact)) for name, formula in self.formulas.items()}

    def __str__(self) -> str:
        numbers = {name: f"{number:,}" for name, number in self.numbers.items()}
        wide, right = max(map(len, self.formulas)), max(map(len, numbers.values()))
        return "\n".join(f"{name:<{wide}}  {numbers[name]:>{right}}  {f}" for name, f in self.formulas.items())


class _Layer(NamedTuple):
    """What a dense layer's step counts hang on: its place, its bias, and for each unit its activation."""

    k: int
    bias: int
    value: int  # operations of lambda(z)
    slope: int  # of lambda'(z)
    curved: int  # 1, or 0 where lambda is the identity: then its derivatives are no factors


_Polynomial = Counter[tuple[int, ...]]  # coefficients of n_j, and of n_j n_k for (j, k)


def formulas_of(layers: Sequence[Layer]) -> OperationFormulas:
    """Return the formulas of dense layers that have their shapes; raise InputError at other ones."""
    given = [_layer(k, layer) for k, layer in enumerate(layers, 1)]
    n = [variables(f"n_{k}") for k in range(len(layers) + 1)]
    forward = _sum(given, lambda s: _units(s, 2, s.bias + s.value - 1))
    outputs: _Polynomial = Counter({(len(layers),): 1})
    jacobians, products = _sum(given[1:], _jacobian), _sum(given[1:], _product)
    steps = [
        forward,
        _joined(outputs, outputs, jacobians, products),
        _sum(given, _jacobian),
        _sum(given, lambda s: _units(s, 1, s.bias * s.curved)),
    ]
    delta = _sum(given, lambda s: _units(s, 1, s.curved * (s.slope + 1)))
    again = _sum([s for k in range(1, len(given)) for s in given[k:]], _product)
    mu = _expression(_sum(given, lambda s: _units(s, 1, s.bias)), n)
    loss = _expression(_joined(forward, outputs, outputs, outputs), n) - 1
    others = {
        "steps 0 to 3": _joined(*steps),
        "without Jacobians": _joined(forward, outputs, outputs, products, delta),
        "without recursion": _joined(forward, outputs, outputs, jacobians, again, *steps[2:]),
    }
    formulas = {
        **{name: _expression(each, n) for name, each in zip(STEPS, steps, strict=True)},
        "step 4": variables("N") * mu,
        **{name: _expression(each, n) for name, each in others.items()},
        "differences": (mu + 1) * loss + 3 * mu,
    }
    sizes = [layers[0].input_shape[0], *(layer.output_shape[0] for layer in layers)]
    return OperationFormulas(formulas, {"N": 1, **{f"n_{k}": size for k, size in enumerate(sizes)}})


def _layer(k: int, layer: Layer) -> _Layer:
    """Return what a dense layer's counts hang on."""
    if not isinstance(layer, Dense) or (layer.activation.name == "softmax" and not layer.activation.is_own):
        raise InputError(
            f"{layer!r} has no formula in layer sizes: all layers have to be Dense, with an activation of each number; "
            "count_operations counts any layer."
        )
    curved = int(layer.activation.is_own or layer.activation.name != "identity")
    value, slope = (sum(kinds.values()) for kinds in layer.activation.count(1))
    return _Layer(k, int(layer.has_bias), value, slope - curved, curved)


def _units(s: _Layer, inputs: int, more: int) -> _Polynomial:
    """Return n (inputs m + more) for n units and m inputs."""
    return Counter({(s.k - 1, s.k): inputs, (s.k,): more})


def _jacobian(s: _Layer) -> _Polynomial:
    """Return what diag(lambda'(z)) times A, or times as many rows of inputs, costs: of the identity nothing."""
    return _units(s, 1, s.slope) if s.curved else Counter()


def _product(s: _Layer) -> _Polynomial:
    """Return what a row of n numbers times an n x m matrix costs, m (2n - 1)."""
    return Counter({(s.k - 1, s.k): 2, (s.k - 1,): -1})


def _sum(layers: Sequence[_Layer], each: Callable[[_Layer], _Polynomial]) -> _Polynomial:
    """Return a sum over layers."""
    return _joined(*map(each, layers))


def _joined(*parts: _Polynomial) -> _Polynomial:
    """Return a sum of polynomials."""
    total: _Polynomial = Counter()
    for part in parts:
        total.update(part)
    return total


def _expression(polynomial: _Polynomial, n: Sequence[Expression]) -> Expression:
    """Return a polynomial as an expression."""
    made = expression(0)
    for places, coefficient in sorted(polynomial.items()):
        if coefficient:
            factors: list[Any] = [*([] if abs(coefficient) == 1 else [abs(coefficient)]), *(n[k] for k in places)]
            term = prod(factors[1:], start=factors[0])
            signed = -term if coefficient < 0 else term
            made = signed if made.constant == 0 else made - term if coefficient < 0 else made + term
    return made
