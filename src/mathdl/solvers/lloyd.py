"""k-means by Lloyd's iteration (section 5.3).

Problem: divide N objects x_i with weights w_i into k clusters such that the sum of w_i times the squared distance of
x_i to its cluster's mean is small.
Given: the objects, their positive weights, k and a source of random numbers, or the first centres. Result: centres,
labels, and the sum; a local minimum, which need not be the global one.
Stopping rule: no label changes, or the squared distances that the centres move add up to at most a tolerance.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.data.mapped_arrays import room_like
from mathdl.engine import threads
from mathdl.engine.memory import writable
from mathdl.engine.warmup import compile_once
from mathdl.kernels import kmeans, kmeans_plus_plus, nearest_centre
from mathdl.kernels.simd import VECTOR_BYTES as LANE_BYTES

Array = NDArray[Any]
MIN_CHUNK_OBJECTS, MAX_CHUNKS = 512, 128  # objects in a chunk, chunks: what chunks add up to has to fit into memory
MAX_UNSCALED_BITS = 40  # binary places: larger and smaller numbers are scaled, so that no square overflows


@dataclass(frozen=True, eq=False)
class Clusters:
    """Objects divided into clusters, labelled by the nearest centre (int32; the first one of several)."""

    centres: Array
    labels: Array
    inertia: float
    iterations: int
    shift: float
    converged: bool


class Lloyd:
    """At least k objects, of float32 or float64, to be divided into clusters, and the memory that this takes.

    Weights are positive. ``peak`` is the largest size of other numbers that objects will be compared with.
    """

    def __init__(
        self, x: Array, weights: Array | None, clusters: int, thread_count: int | None = None, peak: float = 0.0
    ) -> None:
        self.objects, self.features = x.shape
        self.clusters, self.dtype = clusters, x.dtype
        peak = max(float(x.max()), -float(x.min()), peak)
        power = int(np.frexp(peak)[1])
        self._power = power if abs(power) > MAX_UNSCALED_BITS else 0
        self._peak = float(np.ldexp(peak, -self._power))
        self._x = writable(np.ascontiguousarray(x))
        if self._power:
            scaled = room_like(x, x.shape, x.dtype)
            self._x = np.ldexp(self._x, -self._power, out=scaled)
        weights = np.ones(1) if weights is None else weights
        power = int(np.frexp(weights.max())[1])
        self._weight_power = power if abs(power) > MAX_UNSCALED_BITS else 0
        self._w = np.full(self.objects, np.ldexp(weights, -self._weight_power), x.dtype)
        lanes = LANE_BYTES // x.dtype.itemsize
        self._chunk = -(-max(MIN_CHUNK_OBJECTS, 4 * clusters, -(-self.objects // MAX_CHUNKS)) // lanes) * lanes
        self._chunks = -(-self.objects // self._chunk)
        self._operations = float(self.objects) * clusters * self.features
        self._threads = threads.choose(thread_count, self._operations, self._chunks)
        self._lanes = lanes
        self._panels = room_like(x, (-(-self.objects // lanes) * lanes * self.features,), x.dtype)
        arranged = (self._x.reshape(-1), self.features, self.objects, self._chunk, self._panels)
        self._run(nearest_centre.arrange, arranged, 1 / clusters)

    def seed(self, random: np.random.RandomState) -> Array:
        """Draw first centres by k-means++; the numbers drawn are the ones that scikit-learn draws."""
        k, trials = self.clusters, 2 + int(log(self.clusters))
        uniforms = random.uniform(size=1 + (k - 1) * trials)
        chosen, tried = np.zeros(k, np.int64), np.zeros(trials + 1, np.int64)
        shares = np.cumsum(self._w, dtype=np.float64)
        chosen[0] = min(np.searchsorted(shares / shares[-1], uniforms[0], side="right"), self.objects - 1)
        gaps = room_like(self._panels, ((1 + trials) * self.objects,), self.dtype)
        gaps.fill(nearest_centre.BEYOND_DISTANCES)
        sums = np.zeros((1 + trials) * self._chunks)
        candidates = self._rows(trials).reshape(-1)
        state = kmeans_plus_plus.Trials(chosen, tried, candidates, gaps, sums, self._scratch(trials))
        self._run(kmeans_plus_plus.seed, (self._flat(), k, uniforms[1:], state), trials)
        return np.asarray(np.ldexp(self._x[chosen], self._power))

    def descend(self, centres: Array, iterations: int, tolerance: float) -> Clusters:
        """Move centres until they stay, at most ``iterations`` times.

        They stay where no label changes or the squared moves add up to at most ``tolerance`` times the features' mean
        variance.
        """
        n, d, k = self.objects, self.features, self.clusters
        near = self._rows(k)
        near[:k] = np.ldexp(centres, -self._power)
        labels, upper, lower = np.full(n, -1, np.int32), np.empty(n, self.dtype), np.empty(n, self.dtype)
        sums, masses = np.empty(self._chunks * k * d), np.empty(self._chunks * k)
        changed, moves, summary = np.zeros(self._chunks, np.int64), np.zeros(3 * k, self.dtype), np.zeros(3)
        eps = float(np.finfo(self.dtype).eps)
        room, least = (2 * (d + 8) + iterations) * eps, 8 * eps * self._peak
        rows = np.zeros(self._threads * self._chunk, np.int64)
        limits = kmeans.Limits(iterations, tolerance * self._variance() if tolerance > 0 else 0.0, room, least)
        scratch = self._scratch(d + 3)
        state = kmeans.State(labels, upper, lower, sums, masses, changed, moves, summary, rows, scratch)
        self._run(kmeans.lloyd, (self._flat(), near.reshape(-1), k, limits, state), min(iterations, 100))
        inertia = self._assign(near, k, labels)
        return Clusters(
            np.ldexp(near[:k], self._power),
            labels,
            self._unscaled_square(inertia, self._weight_power),
            int(summary[kmeans.ITERATIONS]),
            self._unscaled_square(summary[kmeans.SHIFT]),
            bool(summary[kmeans.CONVERGED]),
        )

    def assign(self, centres: Array) -> tuple[Array, float]:
        """Return the labels of the nearest centres and the weighted sum of squared distances to them."""
        rows, labels = self._rows(len(centres)), np.empty(self.objects, np.int32)
        rows[: len(centres)] = np.ldexp(centres, -self._power)
        return labels, self._unscaled_square(self._assign(rows, len(centres), labels), self._weight_power)

    def _unscaled_square(self, number: float, weight_power: int = 0) -> float:
        """Return a squared distance in the objects' own unit; infinity where it is too large."""
        with np.errstate(over="ignore"):
            return float(np.ldexp(number, 2 * self._power + weight_power))

    def _variance(self) -> float:
        """Return the features' mean variance."""
        mean, total = self._rows(1), float(self._w.sum(dtype=np.float64))
        mean[0] = np.einsum("i,ij->j", self._w, self._x) / total  # BLAS would round by the number of its threads
        about_mean = self._assign(mean, 1, np.empty(self.objects, np.int32))
        return float(about_mean / (total * self.features))

    def _assign(self, rows: Array, k: int, labels: Array) -> float:
        """Assign objects to centres; return the weighted sum of squared distances."""
        inertia, scratch = np.zeros(self._chunks), self._scratch(3)
        shared = (self._flat(), rows.reshape(-1), k, labels, inertia, scratch)
        self._run(nearest_centre.assign, shared, k / self.clusters)
        return float(inertia.sum())

    def _flat(self) -> nearest_centre.Objects:
        """The objects as the kernels read them."""
        return nearest_centre.Objects(self._x.reshape(-1), self._panels, self._w, self.features, self._chunk)

    def _rows(self, count: int) -> Array:
        """Room for so many centres; the kernels take several at a time."""
        together = nearest_centre.CENTRES_TOGETHER
        return np.zeros((-(-count // together) * together, self.features), self.dtype)

    def _scratch(self, width: int) -> Array:
        """Room for each thread to hold a vector's worth of objects."""
        return np.zeros(self._threads * width * self._lanes, self.dtype)

    def _run(self, kernel: Any, shared: tuple[Any, ...], rounds: float) -> None:
        """Run a kernel in all threads; ``rounds`` is how many times it compares all objects with all centres."""
        control = threads.new_control(self._threads)
        compiled = compile_once(kernel, self.dtype.char, (*shared, control, 0, self._threads))
        operations = 3 * self._operations * rounds
        threads.run(lambda me: compiled(*shared, control, me, self._threads), control, self._threads, operations)
