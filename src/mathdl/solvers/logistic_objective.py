"""The objective of logistic regression, lambda |w|^2 + mean cross-entropy (equation (6.7)), in good coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_solve, lapack
from scipy.sparse.linalg import LinearOperator, cg

from mathdl.engine.memory import writable
from mathdl.engine.threads import choose, new_control, run
from mathdl.kernels.logistic import (
    CHANGE,
    LOSS,
    MARGIN,
    MIN_FLOAT32_FEATURES,
    Objects,
    Sums,
    column_sums,
    logistic_pass,
    products_of,
    width_of,
    work_of,
)
from mathdl.solvers.softmax import softmax

Array = NDArray[Any]

MAX_EXPLICIT_PARAMETERS = 3000  # parameters up to which the Hessian is formed
MIN_COSTLY_SIZE = 240  # rows + 1 times the width of a row from which on the Hessian costs as much as several gradients
MAX_GROUPS = 16  # of objects: their sums are added in order, whatever the number of threads
MIN_GROUP_OBJECTS = 1024
MAX_GROUP_NUMBERS = 2**25  # numbers that all groups' sums may take
MIN_RECIPROCAL_CONDITION = 1e-9  # of the Hessian; below, the columns are orthogonalised
MIN_FLOAT32_CONDITION = 1e-4  # the same; below, the Hessian is not summed in float32
COLUMN_ROUNDING = 1e-14  # relative deviation of a column that may be rounding alone
CG_TOLERANCE = 1e-4  # of a step that is computed by conjugate gradients
MAX_CG_STEPS = 1000  # of conjugate gradients


@dataclass(frozen=True)
class LogisticPoint:
    """The objective at one point.

    ``x`` holds rows of weights and a bias, in the objective's coordinates. ``change`` is the largest change of a
    difference of two logits of one object since the point before, ``margin`` the least lead of a right class.
    """

    x: Array
    value: float
    gradient: Array
    hessian: Array | None
    logits: Array
    change: float
    margin: float


class LogisticObjective:
    """lambda |w|^2 + sum of share times cross-entropy.

    Coordinates: columns have mean 0 and deviation 1, but for constant ones, which are 0. With lambda = 0, columns that
    depend on each other, or nearly do, are replaced by an orthogonal basis first, and with any lambda so are more
    columns than objects where they are too many to form the Hessian.
    """

    def __init__(
        self,
        X: Array,
        codes: Array,
        shares: Array,
        rows: int,
        regularization: float,
        start: tuple[Array, Array] | None = None,
    ) -> None:
        self.codes, self.shares, self.rows = np.ascontiguousarray(codes, np.int64), shares, rows
        self.regularization = regularization
        self._origin, self._to_given, self._to_used = np.zeros(0), None, None
        self._use(writable(np.ascontiguousarray(X, np.float64)))
        self.first = self._at(start)
        wide = X.shape[1] >= len(X)
        if (wide and not self._explicit) or (regularization == 0 and (wide or self._is_ill_conditioned())):
            self._orthogonalise()
            self.first = self._at(start)

    def _use(self, X: Array) -> None:
        """Take these columns, and find their means and deviations."""
        self.X, self.width = X, width_of(X.shape[1])
        self._explicit = self.rows * (X.shape[1] + 1) <= MAX_EXPLICIT_PARAMETERS
        self.costly = self._explicit and (self.rows + 1) * self.width > MIN_COSTLY_SIZE
        self._single = X.shape[1] >= MIN_FLOAT32_FEATURES
        mean, square = self._mean_and_square()
        deviation = np.sqrt(np.maximum(square - mean**2, 0.0))
        varies = deviation > COLUMN_ROUNDING * np.sqrt(square)
        self.shift = X[0] + mean
        self.factor = np.divide(1.0, deviation, out=np.zeros_like(deviation), where=varies)
        # The weight of a constant column stays 0.
        self._penalty: Array = np.where(varies, self.regularization * self.factor**2, 1.0)

    def _mean_and_square(self) -> tuple[Array, Array]:
        """Return the means of what the columns' numbers exceed their first one by, and of its square."""
        features = self.X.shape[1]
        groups = self._groups(2 * features)
        sums = np.zeros((groups, 2 * features))

        def part(group: int, first: int, last: int) -> None:
            column_sums(self.X, self.shares, first, last, sums[group])

        self._each(part, groups, 4.0 * self.X.size)
        gradient = sums.sum(axis=0)
        return gradient[:features], gradient[features:]

    def _is_ill_conditioned(self) -> bool:
        """Tell whether columns depend on each other, or nearly do."""
        if self.first.hessian is None:
            return False
        return _factorised(self.first.hessian)[2] < MIN_RECIPROCAL_CONDITION

    def _orthogonalise(self) -> None:
        """Replace the columns by an orthogonal basis of them."""
        count, shift, factor = len(self.X), self.shift, self.factor
        centred = (self.X - shift) * factor
        rest = self.shares @ centred  # what rounding has left
        left, values, right = np.linalg.svd(centred - rest, full_matrices=False)
        values = values[: count - 1]
        values = values[values > values.max(initial=0.0) * max(self.X.shape) * np.finfo(float).eps]
        rank, scale, deviation = len(values), values / np.sqrt(count), np.zeros_like(factor)
        np.divide(1.0, factor, out=deviation, where=factor > 0)
        right = right[:rank].T
        to_given, to_used = factor[:, None] * right / scale, deviation[:, None] * right * scale
        if self.regularization > 0 and rank > 0:
            # Of all weights that give the same logits, the shortest ones lie in the span of the rows. Columns of very
            # different scales make the projection inaccurate; the inverse after it restores the logits.
            basis = np.linalg.qr(deviation[:, None] * right)[0]
            to_given = basis @ (basis.T @ to_given)
            to_given = to_given @ np.linalg.inv(to_used.T @ to_given)
        self._use(np.ascontiguousarray(left[:, :rank] * np.sqrt(count)))
        self._origin, self._to_given, self._to_used = shift + rest * deviation, to_given, to_used
        scaled = to_given * self.factor
        self._penalty = self.regularization * (scaled.T @ scaled)

    def _at(self, start: tuple[Array, Array] | None) -> LogisticPoint:
        """Return the first point, with its Hessian."""
        if start is None:
            logs = np.log(np.bincount(self.codes, weights=self.shares))
            bias = logs[1:] - logs[0] if self.rows == 1 else logs - logs.mean()
            x = np.hstack([np.zeros((self.rows, self.X.shape[1])), bias[:, None]]).ravel()
        else:
            x = self.coordinates(*start)
        return self.evaluate(x, None, True)

    def weights(self, x: Array) -> tuple[Array, Array]:
        """Return the weights of the given columns, and the bias, of a point."""
        rows = x.reshape(self.rows, -1)
        coef = rows[:, :-1] * self.factor
        bias = rows[:, -1] - coef @ self.shift
        if self._to_given is not None:
            coef = coef @ self._to_given.T
            bias = bias - coef @ self._origin
        return coef, bias

    def coordinates(self, coef: Array, bias: Array) -> Array:
        """Return the point with these weights of the given columns and this bias."""
        if self._to_used is not None:
            bias, coef = bias + coef @ self._origin, coef @ self._to_used
        bias = bias + coef @ self.shift
        weights = np.divide(coef, self.factor, out=np.zeros_like(coef), where=self.factor > 0)
        return np.hstack([weights, bias[:, None]]).ravel()

    def evaluate(self, x: Array, before: LogisticPoint | None, hessian: bool) -> LogisticPoint:
        """Go through the objects once."""
        rows, width, features = self.rows, self.width, self.X.shape[1]
        hessian = hessian and self._explicit
        parameters, logits = np.zeros((rows, width)), np.empty((rows, len(self.X)))
        parameters[:, : features + 1] = x.reshape(rows, -1)
        known = np.zeros(logits.shape) if before is None else before.logits  # zeros that take no memory
        pairs = rows * (rows + 1) // 2 if hessian else 0
        groups = self._groups(pairs * width * width)
        gradients, noted = np.zeros((groups, rows * width)), np.tile([0.0, 0.0, np.inf], (groups, 1))
        blocks = np.zeros((groups, pairs * width * width), np.float32 if self._single else np.float64)
        objects = Objects(self.X.ravel(), self.codes, self.shares, self.shift, self.factor)

        def part(group: int, first: int, last: int) -> None:
            work, factors = np.zeros(work_of(width, rows)), np.empty(products_of(width), blocks.dtype)
            sums = Sums(logits.ravel(), gradients[group], blocks[group], noted[group])
            logistic_pass(objects, parameters.ravel(), rows, known.ravel(), sums, work, factors, first, last)

        self._each(part, groups, len(self.X) * width * (4.0 * rows + pairs * width / 2))
        weights, gradient = parameters[:, :features], gradients.sum(axis=0).reshape(rows, width)[:, : features + 1]
        pull = self._pull(weights)
        gradient[:, :features] += 2 * pull
        value = float(noted[:, LOSS].sum() + np.sum(weights * pull))
        matrix = self._hessian(blocks.sum(axis=0, dtype=np.float64)) if hessian else None
        if matrix is not None and self._single and _factorised(matrix)[2] < MIN_FLOAT32_CONDITION:
            self._single = False
            return self.evaluate(x, before, True)
        change, margin = float(noted[:, CHANGE].max()), float(noted[:, MARGIN].min())
        return LogisticPoint(x, value, gradient.ravel(), matrix, logits, change, margin)

    def _pull(self, weights: Array) -> Array:
        """Return half the gradient of the penalty."""
        return weights * self._penalty if self._penalty.ndim == 1 else weights @ self._penalty

    def _groups(self, numbers: int) -> int:
        """Return into how many groups objects are put; sums of so many numbers are kept for each."""
        return max(1, min(MAX_GROUPS, len(self.X) // MIN_GROUP_OBJECTS, MAX_GROUP_NUMBERS // max(numbers, 1)))

    def _each(self, part: Callable[[int, int, int], None], groups: int, operations: float) -> None:
        """Go through the groups; their sums are added later, in the same order for any number of threads."""
        count, threads = len(self.X), choose(None, operations, groups)

        def share(me: int) -> None:
            for group in range(me, groups, threads):
                part(group, count * group // groups, count * (group + 1) // groups)

        run(share, new_control(threads), threads, operations)

    def _hessian(self, blocks: Array) -> Array:
        """Put the Hessian together; equal shifts of all classes, which change no loss, are held in place."""
        rows, used, features = self.rows, self.X.shape[1] + 1, self.X.shape[1]
        given, pairs = iter(blocks.reshape(-1, self.width, self.width)), np.zeros((rows, rows, used, used))
        for k in range(rows):
            for m in range(k, rows):
                upper = np.triu(next(given)[:used, :used])
                pairs[k, m] = pairs[m, k] = upper + np.triu(upper, 1).T
            penalty = np.diag(self._penalty) if self._penalty.ndim == 1 else self._penalty
            pairs[k, k, :features, :features] += 2 * penalty
        if rows > 1:
            pairs += np.diag(np.mean([np.diag(pairs[k, k]) for k in range(rows)], axis=0))
        matrix: Array = pairs.transpose(0, 2, 1, 3).reshape(rows * used, rows * used)
        return matrix

    def solver(self, point: LogisticPoint) -> Callable[[Array], Array]:
        """Return the function that solves linear equations with the Hessian at a point."""
        if point.hessian is None:
            return self._by_conjugate_gradients(point)
        scale, factor, _ = _factorised(point.hessian)
        return lambda right: scale * cho_solve((factor, False), scale * right, check_finite=False)

    def _by_conjugate_gradients(self, point: LogisticPoint) -> Callable[[Array], Array]:
        """Solve without forming the Hessian."""
        rows, features = self.rows, self.X.shape[1]
        chances = probabilities(point.logits)
        shape = (rows, features + 1)

        def product(x: Array) -> Array:
            weights, bias = x.reshape(shape)[:, :-1] * self.factor, x.reshape(shape)[:, -1]
            logits = weights @ self.X.T + (bias - weights @ self.shift)[:, None]
            if rows == 1:
                pulls = self.shares * chances[1] * chances[0] * logits
            else:
                pulls = self.shares * chances * (logits - np.sum(chances * logits, axis=0))
            image, total = np.empty(shape), pulls.sum(axis=1)
            image[:, :-1] = (pulls @ self.X - total[:, None] * self.shift) * self.factor
            image[:, :-1] += 2 * self._pull(x.reshape(shape)[:, :-1])
            image[:, -1] = total
            return image.ravel()

        size = rows * (features + 1)
        curvature = np.full(shape, np.mean(np.sum(self.shares * chances * (1 - chances), axis=1)))
        curvature[:, :-1] += 2 * (self._penalty if self._penalty.ndim == 1 else np.diag(self._penalty))
        scale = 1.0 / curvature.ravel()
        matrix = LinearOperator((size, size), matvec=product, dtype=np.float64)
        inverse = LinearOperator((size, size), matvec=lambda x: scale * x, dtype=np.float64)
        return lambda right: np.asarray(cg(matrix, right, rtol=CG_TOLERANCE, maxiter=MAX_CG_STEPS, M=inverse)[0])


def _factorised(hessian: Array) -> tuple[Array, Array, float]:
    """Return scales for rows and columns, the Cholesky factor of what they make of the Hessian, and 1 / condition.

    Where rounding has made it indefinite, a little is added to its diagonal, and 1 / condition is 0.
    """
    diagonal, ridge = np.diag(hessian), 0.0
    scale = 1.0 / np.sqrt(np.where(diagonal > 0, diagonal, 1.0))
    scaled = hessian * scale * scale[:, None]
    while True:
        factor, failed = lapack.dpotrf(scaled + ridge * np.eye(len(scale)))
        if not failed:
            length = float(np.abs(scaled).sum(axis=0).max())
            return scale, factor, 0.0 if ridge else float(lapack.dpocon(factor, length)[0])
        ridge = max(100 * ridge, 1e-15)


def probabilities(logits: Array) -> Array:
    """Return the classes' probabilities, one row a class; a single row of logits is the second class's."""
    if len(logits) == 1:
        logits = np.vstack([np.zeros_like(logits), logits])
    return softmax(logits, axis=0)
