"""Section 8.6 with figures 8.3 to 8.5: how to choose the batch size."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np

from mathdl.book.finding import Findings, Table, at_most, equals, erratum, refutes, shows
from mathdl.book.item import Progress, item
from mathdl.plots.style import COLOURS, legend, log_axes

PANELS = ((1, 2, 4, 8), (16, 32, 64, 128), (256, 512, 1024, 2048, 8192))
LINES = ("-", "--", "-.", ":", "-")
TARGET, FINAL = 0.04, 50  # the relative loss whose cost is compared, and the epochs whose mean is the final level
TRY = "mathdl.gradient_descent(mathdl.LeastSquares([[1, 0], [1, 1], [1, 2]], [1, 2, 4]), [0, 0], batch_size=1).values"


def runs_of(seed: int, progress: Progress | None = None) -> list[Any]:
    """Return the runs with batches of 1, 2, 4, ..., 2048 and with the whole set, made once."""
    from mathdl.book.chapter08.batch_size_study import study

    return study(seed, progress)


def by_size(seed: int) -> dict[int, Any]:
    """Return the runs by batch size."""
    return {run.batch_size: run for run in runs_of(seed)}


def falling(runs: Sequence[Any]) -> bool:
    """Tell whether of the batches the larger always ends at the smaller relative loss."""
    levels = [run.level for run in runs[:12]]
    return all(later < level for level, later in pairwise(levels))


@item("sec-8.6", "Choosing the batch size: the whole study", try_it=TRY)
def batch_size_study(seed: int, progress: Progress) -> Findings:
    """Stochastic gradient descent with batches of b = 1, 2, 4, ..., 2048 objects on polynomial regression.

    N = 2^13 numbers t come with vectors y of n = 64 noisy values of polynomials of degree d = 3. The loss L is the mean
    of |A x - y|^2 with x = (1, t, t^2, t^3) and the matrix A of all coefficients; its minimiser is (sum of y x^T) times
    the inverse of (sum of x x^T), T for transposed (8.17). The relative loss is L / L_min - 1 (8.18). The book does not
    give data, learning rate and start: here t is uniform on [-1, 1], coefficients are standard normal, the noise has
    standard deviation 0.1, tau is 0.4, the start 0, and each of 200 epochs takes the objects in a new order.
    """
    from mathdl.book.chapter08.batch_size_study import problem_of

    runs, problem = runs_of(seed, progress), problem_of(seed)
    yield Table(
        {
            "b": [run.batch_size for run in runs],
            "relative loss, last 50 epochs": [run.level for run in runs],
            "predicted": [run.predicted for run in runs],
            "first epoch at 0.04": [run.near_epoch for run in runs],
            "samples to 0.04": [run.samples for run in runs],
        }
    )
    X, y = problem.loss.X, problem.loss.y
    closed = np.linalg.inv(X.T @ X) @ (X.T @ y)
    slope = problem.loss.value_and_gradient(np.ascontiguousarray(closed).reshape(-1))[1]
    yield at_most(
        "largest difference of (8.17) from the least-squares solution", _largest(closed - problem.minimiser), 1e-10
    )
    yield at_most("largest part of the gradient (8.16) there", _largest(slope), 1e-10)
    yield shows("Of the twelve batch sizes the larger always ends at the smaller relative loss.", falling(runs))
    off = [abs(run.level / run.predicted - 1) for run in runs[1:8]]
    yield at_most("largest deviation of the final relative loss from the predicted one, b = 2 to 128", max(off), 0.1)
    yield from cost_findings(runs)
    cubes, sums = 4**3, 2**13 * (4 * 4 + 64 * 4)
    yield erratum(
        "The analytic minimiser is costly in particular because of the inverse matrix.",
        "Here the sums of y x^T and x x^T are what costs: the matrix to invert is of size 4 x 4.",
        refutes(
            "The inverse takes about 4^3 multiplications, less than a ten-thousandth of the sums.", cubes < sums / 10**4
        ),
        equals("multiplications of the sums, N ((d + 1)^2 + n (d + 1))", sums, 2228224),
    )
    few = [[sum((Fraction(x) ** (i + j) for x in (-1, 0, 0, 1, 1)), Fraction(0)) for j in range(4)] for i in range(4)]
    enough = [
        [sum((Fraction(x) ** (i + j) for x in (-1, 0, 2, 1, 1)), Fraction(0)) for j in range(4)] for i in range(4)
    ]
    yield erratum(
        "The minimiser is given by (8.17).",
        "That needs at least d + 1 different t_i, or the matrix has no inverse.",
        refutes(
            "For t_i = -1, 0, 0, 1, 1 and d = 3 the matrix (sum of x x^T) has the determinant 0.",
            _determinant(few) == 0,
        ),
        equals("determinant for t_i = -1, 0, 2, 1, 1, four different ones", _determinant(enough), 288),
    )


def _largest(values: Any) -> float:
    """Return the largest size."""
    return float(np.abs(values).max())


def _determinant(matrix: list[list[Fraction]]) -> Fraction:
    """Expand by the first row."""
    if not matrix:
        return Fraction(1)
    minors = ([row[:j] + row[j + 1 :] for row in matrix[1:]] for j in range(len(matrix)))
    return sum(((-1) ** j * matrix[0][j] * _determinant(minor) for j, minor in enumerate(minors)), Fraction(0))


@item("fig-8.3", "Relative loss by epoch, for every batch size", try_it=TRY)
def loss_curves(seed: int, progress: Progress) -> Findings:
    """The relative loss L / L_min - 1 after each of 200 epochs, for batches of 1 to 2048 objects and all 8192 at once.

    The data and settings are those of section 8.6. Every run falls fast and then stays about a level, a smaller one and
    reached later where batches are larger. In which panel the book draws which batch size cannot be told.
    """
    runs = runs_of(seed, progress)
    batches, whole = runs[:12], runs[12]
    early = all(run.losses[10] < run.losses[0] / 10 for run in batches)
    yield shows("After 10 epochs every run with batches is below a tenth of its start.", early)
    half = FINAL // 2
    parts = [run.losses[-FINAL:-half].mean() / run.losses[-half:].mean() for run in batches]
    yield shows(
        "The means of epochs 151-175 and 176-200 are within a factor 2: each has a level.",
        all(0.5 < p < 2 for p in parts),
    )
    yield shows("The larger the batch, the lower the level.", falling(runs))
    settled = [run.settled_epoch for run in batches]
    yield Table(
        {
            "b": [run.batch_size for run in batches],
            "epochs to twice the level": settled,
            "level": [run.level for run in batches],
        }
    )
    yield shows(
        "The larger the batch, the more epochs it takes to twice its level, or as many.", (np.diff(settled) >= 0).all()
    )
    late = all(whole.near_epoch > (run.near_epoch or 0) for run in batches)
    yield shows("With all objects at once it takes more epochs to 0.04 than with any batches that come there.", late)
    yield erratum(
        "The caption speaks of deterministic gradient descent, too.",
        "None of the twelve runs of the text is: it would have b = N = 8192.",
        refutes("8192 is none of the batch sizes 2^0, ..., 2^11.", 2**13 not in [2**k for k in range(12)]),
        shows("Here it is drawn as a thirteenth run, and comes to 0.04 only after 100 epochs.", whole.near_epoch > 100),
    )


def _draw_losses(sizes: Sequence[int], letter: str, seed: int, ax: Any) -> None:
    runs = by_size(seed)
    for size, colour, line in zip(sizes, COLOURS, LINES, strict=False):
        name = f"b = {size}" if size < 8192 else "all 8,192"
        ax.plot(runs[size].losses, line, color=colour, linewidth=1.8 if size == 8192 else 1, label=name)
    ax.set(xlabel="epoch", ylabel=f"({letter}) relative loss")
    log_axes(ax, y=True)
    legend(ax)


@loss_curves.figure("(a) the relative loss by epoch, small batches")
def _draw_small(ax: Any, seed: int) -> None:
    _draw_losses(PANELS[0], "a", seed, ax)


@loss_curves.figure("(b) the same for middling batches")
def _draw_middling(ax: Any, seed: int) -> None:
    _draw_losses(PANELS[1], "b", seed, ax)


@loss_curves.figure("(c) the same for large batches and all objects at once")
def _draw_large(ax: Any, seed: int) -> None:
    _draw_losses(PANELS[2], "c", seed, ax)


def cost_findings(runs: Sequence[Any]) -> Findings:
    """Compare what it costs to come near, in samples."""
    samples = {run.batch_size: run.samples for run in runs[:12]}
    known = {size: count for size, count in samples.items() if count is not None}
    yield equals(
        "samples until 0.04 with batches of 1, 2, 4 and 8: it is never reached",
        [samples[b] for b in (1, 2, 4, 8)],
        [None] * 4,
    )
    yield equals("batch size that comes to 0.04 with the fewest samples", min(known, key=lambda size: known[size]), 32)
    large = [known.get(2**k, 0) for k in range(5, 12)]
    yield shows("From 32 on the larger batch takes more samples.", large[0] > 0 and (np.diff(large) > 0).all())


@item("fig-8.4", "What it costs to come to a relative loss of 0.04", try_it=TRY)
def cost(seed: int, progress: Progress) -> Findings:
    """The cost of a relative loss of 0.04 by batch size b, in samples: b times the number of steps.

    The data and settings are those of section 8.6. The book draws seconds of one computer; samples are proportional to
    the multiplications, on any computer. Small batches never come there, and of the others 32 is cheapest.
    """
    runs = runs_of(seed, progress)
    yield Table({"b": [run.batch_size for run in runs], "samples to 0.04": [run.samples for run in runs]})
    yield from cost_findings(runs)


@cost.figure("samples until the relative loss is 0.04, by batch size")
def _draw_cost(ax: Any, seed: int) -> None:
    near = [run for run in runs_of(seed)[:12] if run.samples is not None]
    ax.plot([run.batch_size for run in near], [run.samples for run in near], "o-", color=COLOURS[0], markersize=4)
    ax.set(xlabel="batch size b", ylabel=f"samples to relative loss {TARGET}")
    log_axes(ax, x=True, y=True)


@item("fig-8.5", "Final relative loss, and the work of a step, by batch size", try_it=TRY)
def final_losses(seed: int, progress: Progress) -> Findings:
    """(a) The mean relative loss of the last 50 of 200 epochs, and (b) the work of a step, by batch size b.

    The data and settings are those of section 8.6. The work is counted in gradients of single objects, b a step; the
    book draws seconds. The predicted loss is that about which independent batches end up: tr(S H) / L_min, H the mean
    of x x^T and S the second moments of the distance from the minimiser, which a linear system gives.
    """
    runs = runs_of(seed, progress)
    levels = {"found": [run.level for run in runs], "predicted": [run.predicted for run in runs]}
    yield Table(
        {"b": [run.batch_size for run in runs], **levels, "gradients a step": [run.gradients_a_step for run in runs]}
    )
    yield shows("Of the twelve batch sizes the larger always ends at the smaller relative loss.", falling(runs))
    off = [abs(run.level / run.predicted - 1) for run in runs[1:8]]
    yield at_most("largest deviation of the final relative loss from the predicted one, b = 2 to 128", max(off), 0.1)
    counted = [run.gradients_a_step for run in runs[:12]]
    yield equals("gradients of objects in a step, b = 1, 2, 4, ..., 2048", counted, [2**k for k in range(12)])


@final_losses.figure("(a) the final relative loss by batch size, found and predicted")
def _draw_levels(ax: Any, seed: int) -> None:
    batches = runs_of(seed)[:12]
    sizes = [run.batch_size for run in batches]
    ax.plot(sizes, [run.predicted for run in batches], "--", color=COLOURS[1], label="predicted")
    ax.plot(sizes, [run.level for run in batches], "o", color=COLOURS[0], markersize=4, label="found")
    ax.set(xlabel="batch size b", ylabel=f"(a) relative loss, last {FINAL} epochs")
    log_axes(ax, x=True, y=True)
    legend(ax)


@final_losses.figure("(b) the gradients of single objects in a step, by batch size")
def _draw_work(ax: Any, seed: int) -> None:
    batches = runs_of(seed)[:12]
    ax.plot([run.batch_size for run in batches], [run.gradients_a_step for run in batches], "o-", markersize=4)
    ax.set(xlabel="batch size b", ylabel="(b) gradients of objects a step")
