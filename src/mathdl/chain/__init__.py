"""Expressions and the chain rule: elementary functions of expressions, their values and derivatives."""

from mathdl.chain.derivatives import (
    counts_backward,
    counts_by_paths,
    directional_derivative,
    gradient_by_paths,
    hessian_product,
)
from mathdl.chain.evaluation import evaluate
from mathdl.chain.functions import (
    cos,
    exp,
    log,
    log2,
    logsumexp,
    maximum,
    minimum,
    norm,
    relu,
    sigmoid,
    sin,
    sqrt,
    tan,
    tanh,
    total,
    where,
)
from mathdl.chain.interval import Interval
from mathdl.chain.sweep import sweep

__all__ = [
    "Interval",
    "cos",
    "counts_backward",
    "counts_by_paths",
    "directional_derivative",
    "evaluate",
    "exp",
    "gradient_by_paths",
    "hessian_product",
    "log",
    "log2",
    "logsumexp",
    "maximum",
    "minimum",
    "norm",
    "relu",
    "sigmoid",
    "sin",
    "sqrt",
    "sweep",
    "tan",
    "tanh",
    "total",
    "where",
]
