"""Losses of linear models: what least squares, Huber's, the logistic loss and that of one neuron share."""

from __future__ import annotations

from abc import abstractmethod
from functools import cached_property
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates import text_of
from mathdl.checks import checked_weights, reals, require_between, require_unmasked
from mathdl.engine import threads
from mathdl.engine.executable import Update
from mathdl.engine.warmup import compile_once
from mathdl.errors import InputError
from mathdl.exact.curvature import largest_curvature, mean_curvature
from mathdl.exact.definite import eigenvalue_bound
from mathdl.exact.linear_model import ExactLinearModel
from mathdl.kernels import barrier, table
from mathdl.kernels import linear_losses as kernels
from mathdl.kernels.jit import RULE, Kernel, address
from mathdl.kernels.sgd import plain
from mathdl.objectives.objective import MAX_EXACT_PARAMETERS, AdditiveObjective, Array, CertifiableObjective, finite

MAX_EXACT_PRODUCTS = 10**6  # of whole numbers, about a second (chosen)


class LinearModelLoss(AdditiveObjective, CertifiableObjective):
    """The loss sum_i s_i phi(x_i W, y_i) + lambda |W|^2 of a linear model, with shares s_i that sum to 1.

    Parameters are W, a matrix of shape (p, n), row by row. A subclass says of its phi what the following names, which
    targets it takes, and how large phi and its slope may be.
    """

    phi: ClassVar[int]  # in the compiled loops
    name: ClassVar[str]  # in certificates
    curvature: ClassVar[float]  # an upper bound on |phi''|
    phi_cost: ClassVar[int]  # operations that the checker needs for phi and its slope (measured)
    threshold = 0.0

    def __init__(self, X: Any, y: Any, sample_weight: Any = None, regularization: float = 0.0) -> None:
        name = type(self).__name__
        self.X = _matrix(name, "X", X)
        self.dtype = self.X.dtype.name
        self.y = _matrix(name, "y", y, self.dtype)
        self.objects: int = len(self.X)
        self.features: int = self.X.shape[1]
        self.outputs: int = self.y.shape[1]
        if len(self.y) != self.objects:
            raise InputError(f"{name}: X has {self.objects} objects but y has {len(self.y)}; give one target for each.")
        self.require_targets()
        self.sample_weight = None if sample_weight is None else checked_weights(sample_weight, self.objects, "float64")
        require_between(f"{name}: regularization", regularization, 0)
        self.regularization = float(regularization)
        self.size: int = self.features * self.outputs

    def require_targets(self) -> None:
        """Raise InputError where phi is not defined for the targets; unless overridden, it takes one number each."""
        if self.outputs > 1:
            raise InputError(f"{type(self).__name__}: y has shape {self.y.shape}; give one number for each object.")

    @abstractmethod
    def phi_bounds(self, distances: Array) -> tuple[Array, Array]:
        """Return bounds on |phi'|, and on the sizes that phi is a sum of, where |z - y| is at most these distances."""

    @property
    def is_small(self) -> bool:
        """Whether exact arithmetic on all objects is cheap."""
        products = self.objects * self.features**2
        return bool(products <= MAX_EXACT_PRODUCTS and self.features <= MAX_EXACT_PARAMETERS)

    @cached_property
    def exact(self) -> ExactLinearModel:
        """The data as whole numbers."""
        return ExactLinearModel(self.X, self.y, self.weights.tolist(), self.regularization)

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """Each object's weight, of shape (N,)."""
        return np.ones(self.objects) if self.sample_weight is None else self.sample_weight

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """Each object's share in the loss, of shape (N,)."""
        if self.sample_weight is None:
            return np.full(self.objects, 1 / self.objects)
        return self.sample_weight / self.sample_weight.sum()  # type: ignore[no-any-return]

    @property
    def training_data(self) -> tuple[Array, Array, Array | None]:
        """X, y and the weights (or None) as certificates speak of them."""
        return self.X, self.y[:, 0] if self.outputs == 1 else self.y, self.sample_weight

    @property
    def certificate_numbers(self) -> dict[str, Any]:
        """The loss's name and lambda."""
        return {"objective": self.name, "regularization": text_of(self.regularization)}

    @property
    def checking_cost(self) -> int:
        """Operations with whole numbers that the checker needs at one point."""
        return self.objects * (self.features + self.phi_cost)

    @cached_property
    def lipschitz(self) -> float | None:
        """An upper bound d on the Lipschitz constant of the gradient."""
        if self.is_small:
            return finite(eigenvalue_bound(*self.exact.hessian(curvature=self.curvature)))
        return finite(mean_curvature(self.X, self.shares, self.curvature, self.regularization))

    @cached_property
    def object_lipschitz(self) -> float | None:
        """An upper bound on the Lipschitz constant of the gradient of every batch."""
        return finite(largest_curvature(self.X, self.weights, self.curvature, self.regularization))

    @np.errstate(over="ignore", invalid="ignore")
    def rounding_errors(self, points: Array) -> tuple[Array, Array]:
        """Return by how much L, and any component of its gradient, may be off in floating point at every point."""
        epsilon, ridge = float(np.finfo(points.dtype).eps), self.regularization
        X, N, p, n = np.abs(self.X.astype(np.float64)), self.objects, self.features, self.outputs
        values, gradients = np.zeros(len(points)), np.zeros(len(points))
        for k, w in enumerate(points.astype(np.float64).reshape(len(points), p, n)):
            # The output less its target is off by at most this.
            off = (p + 4) * epsilon * (X @ np.abs(w) + np.abs(self.y))
            slope, size = self.phi_bounds(np.abs(self.X @ w - self.y) + off)
            values[k] = self.shares @ (slope * off + off**2 + (N + n + 16) * epsilon * size).sum(axis=1)
            values[k] += (p * n + 8) * epsilon * ridge * float((w * w).sum())
            pull = X.T @ (self.shares[:, None] * (self.curvature * off + (N + 16) * epsilon * slope))
            gradients[k] = (pull + 16 * epsilon * ridge * np.abs(w)).max()
        return values, gradients

    def value_and_gradient(self, a: Array) -> tuple[float, Array]:
        """Compute L(a) and its gradient, of shape (p n,)."""
        everything = self._everything
        losses, _ = everything.take(a, self._order, 0, 1, None)
        value = float(losses[0]) if len(losses) else float("nan")
        return value, everything.memory[: self.size].copy()

    def stepper(self, vectors: int, batch_size: int) -> LinearModelSteps:
        """Return what takes the steps."""
        return LinearModelSteps(self, batch_size, vectors)

    @cached_property
    def _everything(self) -> LinearModelSteps:
        return LinearModelSteps(self, self.objects, 0)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.arange(self.objects)


class LinearModelSteps:
    """Descent on one loss of a linear model, one thread for all: see :class:`~mathdl.objectives.objective.Stepper`."""

    def __init__(self, loss: LinearModelLoss, batch_size: int, vectors: int) -> None:
        self.memory = np.zeros((1 + vectors) * loss.size, loss.dtype)
        self.operations = 4.0 * loss.features * loss.outputs * batch_size
        self._loss, self._control = loss, threads.new_control(1)
        self._data = (loss.X.reshape(-1), loss.y.reshape(-1), loss.weights)
        self._outputs, self._spans = np.zeros(loss.outputs, loss.dtype), np.zeros(1, table.SPAN)
        self._plans, self._batch = np.zeros(1, kernels.PLAN), batch_size
        self._plans["features"], self._plans["outputs"] = loss.features, loss.outputs
        self._plans["batch"], self._plans["phi"] = batch_size, loss.phi
        self._plans["scale"], self._plans["threshold"] = 1 / float(np.mean(loss.weights)), loss.threshold
        self._plans["ridge"] = loss.regularization

    def take(
        self, parameters: Array, order: NDArray[np.int64], first: int, last: int, update: Update | None
    ) -> tuple[NDArray[np.float64], bool]:
        """Take steps; see :class:`~mathdl.objectives.objective.Stepper`."""
        plans, control = self._plans.copy(), threads.new_control(1)
        self._control, losses, constants = control, np.zeros(last - first), np.zeros(1)
        plans["first_step"], plans["last_step"] = first, last
        if update is not None:
            plans["rule"] = address(update.kernel, RULE, self._loss.dtype)
            plans["updates"], constants = update.updates, update.constants
            plans["rate"] = constants[0]
        singly = update is not None and self._is_plain(update)
        kernel: Kernel = kernels.descend_singly if singly else kernels.descend
        rule = () if singly else (kernels.RuleMemory(self.memory, constants, self._spans),)
        objects = kernels.Objects(*self._data, order)
        arguments = (objects, plans, parameters, *rule, self._outputs, losses, control)
        descend = compile_once(kernel, self._loss.dtype, arguments)
        threads.run(lambda me: descend(*arguments), control, 1, self.operations * (last - first))
        return losses[: int(control[barrier.DONE])], not control[barrier.FAILED]

    def stop(self) -> None:
        """Make ``take`` return before its next update."""
        self._control[barrier.STOP] = 1

    def _is_plain(self, update: Update) -> bool:
        """Whether a step is a = a - rate times the gradient of one object's loss."""
        return bool(
            update.kernel is plain and self._batch == 1 and not self._loss.regularization and not update.constants[2]
        )


def _matrix(name: str, which: str, values: Any, dtype: str | None = None) -> Array:
    """Return a matrix of finite numbers, a copy of its own; a vector becomes a column."""
    require_unmasked(f"{name}: {which}", values)
    try:
        array = np.asarray(values)
        dtype = dtype or ("float32" if array.dtype == np.float32 else "float64")
        matrix = np.array(reals(array, dtype), order="C")
    except (TypeError, ValueError):
        raise InputError(f"{name}: {which} holds something that is no number; give an array of numbers.") from None
    if matrix.ndim == 1 and which == "y":
        matrix = matrix[:, None]
    if matrix.ndim != 2 or matrix.size == 0:
        raise InputError(f"{name}: {which} has shape {array.shape}; give one row for each object, at least one.")
    if not np.isfinite(matrix).all():
        raise InputError(f"{name}: {which} holds a number that is not finite as {dtype}; give finite numbers.")
    return matrix
