"""Section 8.6 with Figures 8.3 to 8.5: how to choose the batch size."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from mathdl.book.chapter08.batch_size_study import BATCH_SIZES, FINAL_EPOCHS, TARGET_LOSS, Problem, Run, study
from mathdl.book.experiment import Experiment, Finding, Progress, no_progress
from mathdl.plots.style import COLOURS, Draw, legend, log_axes, svg_file

PANELS = ((1, 2, 4, 8), (16, 32, 64, 128), (256, 512, 1024, 2048, 8192))
SIZE = "batch size b"


def sec_8_6(seed: int = 0, progress: Progress = no_progress) -> Experiment:
    """Run the whole study.

    The table has by batch size the level of the last 50 epochs, the level that theory predicts, when a run settled
    there, and the epochs and samples that it took to a relative loss of 0.04.
    """
    runs, problem = study(seed, progress), Problem(seed)
    table: dict[str, Any] = {"b": [run.batch_size for run in runs], **_levels(runs), **_speeds(runs)}
    table["settled at epoch"] = [run.settled_epoch for run in runs]
    findings = (*_of_minimiser(problem), *_of_prediction(runs), *_of_curves(runs), *_of_cost(runs), *_of_counts(runs))
    picture = svg_file(
        "The batch-size study", *_curves(runs), *(partial(draw, runs) for draw in (_cost, _level, _counts))
    )
    return Experiment("sec-8.6", "Choosing the batch size", table, findings, picture, _series(runs))


def fig_8_3(seed: int = 0, progress: Progress = no_progress) -> Experiment:
    """Draw the relative loss by epoch."""
    runs = study(seed, progress)
    table: dict[str, Any] = {"b": [run.batch_size for run in runs]}
    table |= {"start": [float(run.losses[0]) for run in runs], "epoch 1": [float(run.losses[1]) for run in runs]}
    table |= {f"last {FINAL_EPOCHS} epochs": [run.level for run in runs]}
    table |= {"settled at epoch": [run.settled_epoch for run in runs]}
    picture = svg_file("Relative loss by epoch, for every batch size", *_curves(runs))
    return Experiment("fig-8.3", "Relative loss by epoch", table, _of_curves(runs), picture, _series(runs))


def fig_8_4(seed: int = 0, progress: Progress = no_progress) -> Experiment:
    """Draw how many samples it takes to a relative loss of 0.04."""
    runs = study(seed, progress)
    table = {"b": [run.batch_size for run in runs], **_speeds(runs)}
    picture = svg_file("Samples until the relative loss is 0.04, by batch size", partial(_cost, runs))
    return Experiment("fig-8.4", "Cost of a relative loss of 0.04", table, _of_cost(runs), picture)


def fig_8_5(seed: int = 0, progress: Progress = no_progress) -> Experiment:
    """Draw the final relative loss and the work of a step."""
    runs = study(seed, progress)
    table = {"b": [run.batch_size for run in runs], **_levels(runs)}
    table |= {"gradients a step": [run.gradients_a_step for run in runs]}
    picture = svg_file(
        "Final relative loss and work of a step, by batch size", partial(_level, runs), partial(_counts, runs)
    )
    findings = (_falling(runs), *_of_prediction(runs), *_of_counts(runs))
    return Experiment("fig-8.5", "Final relative loss, and work of a step", table, findings, picture)


def _levels(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """Return the columns about final losses."""
    return {f"last {FINAL_EPOCHS} epochs": [run.level for run in runs], "predicted": [run.predicted for run in runs]}


def _speeds(runs: Sequence[Run]) -> dict[str, list[Any]]:
    """Return the columns about the cost of a relative loss."""
    near = {f"first epoch at {TARGET_LOSS}": [run.near_epoch for run in runs]}
    return {**near, f"samples to {TARGET_LOSS}": [run.samples for run in runs]}


def _series(runs: Sequence[Run]) -> dict[str, list[float]]:
    """Return the relative losses by batch size."""
    return {f"relative loss, b = {run.batch_size}": run.losses.tolist() for run in runs}


def _of_minimiser(problem: Problem) -> tuple[Finding, ...]:
    """Compare (8.17) with least squares, and look at the gradient there."""
    X, y = problem.loss.X, problem.loss.y
    closed = np.linalg.inv(X.T @ X) @ (X.T @ y)
    _, gradient = problem.loss.value_and_gradient(closed.reshape(-1))
    return (
        Finding("(8.17) agrees with least squares.", bool(np.abs(closed - problem.minimiser).max() < 1e-10)),
        Finding("The gradient is zero there.", bool(np.abs(gradient).max() < 1e-10)),
    )


def _falling(runs: Sequence[Run]) -> Finding:
    """Compare the final losses of the twelve batch sizes."""
    levels = [run.level for run in _batches(runs)]
    return Finding(
        "Of the batches, the larger one ends at the smaller relative loss.", levels == sorted(set(levels))[::-1]
    )


def _of_prediction(runs: Sequence[Run]) -> tuple[Finding, ...]:
    """Compare final losses with those that theory predicts for independent batches."""
    off = [abs(run.level / run.predicted - 1) for run in runs if run.predicted and 2 <= run.batch_size <= 128]
    return (
        Finding("For b = 2 to 128 the final relative loss is within a tenth of the predicted one.", max(off) < 0.1),
    )


def _of_curves(runs: Sequence[Run]) -> tuple[Finding, ...]:
    """Look at the losses by epoch."""
    batches, whole = _batches(runs), runs[-1]
    early = all(run.losses[10] < run.losses[0] / 10 for run in batches)
    halves = [
        (run.losses[-FINAL_EPOCHS : -FINAL_EPOCHS // 2].mean(), run.losses[-FINAL_EPOCHS // 2 :].mean())
        for run in batches
    ]
    level = all(1 / 2 < one / other < 2 for one, other in halves)
    settled = [run.settled_epoch for run in batches]
    slow = bool((np.diff(np.array(settled, float)) >= 0).all())
    return (
        Finding("Every run with batches falls fast and then stays about a level.", early and level),
        _falling(runs),
        Finding("The larger the batch, the more epochs it takes to settle, or as many.", slow),
        Finding(
            f"The whole set at once takes more epochs to {TARGET_LOSS} than any batch size that comes there.",
            whole.near_epoch is not None and all(whole.near_epoch > (run.near_epoch or 0) for run in batches),
        ),
    )


def _of_cost(runs: Sequence[Run]) -> tuple[Finding, ...]:
    """Compare what it costs to come near, in samples."""
    samples = {run.batch_size: run.samples for run in _batches(runs)}
    known = {size: count for size, count in samples.items() if count is not None}
    large = [known.get(size, 0) for size in BATCH_SIZES if size >= 32]
    return (
        Finding(
            f"Batches of 1, 2, 4 and 8 never come to {TARGET_LOSS}.",
            all(samples[size] is None for size in (1, 2, 4, 8)),
        ),
        Finding("Batches of 32 come there with the fewest samples.", min(known, key=lambda size: known[size]) == 32),
        Finding("From 32 on, larger batches take more samples.", large == sorted(set(large)) and large[0] > 0),
    )


def _of_counts(runs: Sequence[Run]) -> tuple[Finding, ...]:
    """Count the work of a step."""
    exact = all(run.gradients_a_step == run.batch_size for run in runs)
    return (Finding("A step takes b gradients of single objects.", exact),)


def _batches(runs: Sequence[Run]) -> list[Run]:
    """Leave the run with the whole set out."""
    return [run for run in runs if run.batch_size in BATCH_SIZES]


def _curves(runs: Sequence[Run]) -> list[Draw]:
    """Draw Figure 8.3 in its three panels."""
    by_size = {run.batch_size: run for run in runs}
    return [
        partial(_curve, [by_size[size] for size in sizes], letter) for letter, sizes in zip("abc", PANELS, strict=True)
    ]


def _curve(runs: Sequence[Run], letter: str, ax: Any) -> None:
    """Draw the relative losses of some runs."""
    for run, colour in zip(runs, COLOURS, strict=False):
        name = f"b = {run.batch_size}" if run.batch_size in BATCH_SIZES else f"all {run.batch_size:,}"
        ax.plot(run.losses, color=colour, linewidth=1, label=name)
    ax.set(xlabel="epoch", ylabel=f"({letter}) relative loss")
    log_axes(ax, y=True)
    legend(ax)


def _cost(runs: Sequence[Run], ax: Any) -> None:
    """Draw Figure 8.4, in samples."""
    near = [run for run in _batches(runs) if run.samples is not None]
    ax.plot([run.batch_size for run in near], [run.samples for run in near], "o-", color=COLOURS[0], markersize=4)
    ax.set(xlabel=SIZE, ylabel=f"samples to relative loss {TARGET_LOSS}")
    log_axes(ax, x=True, y=True)


def _level(runs: Sequence[Run], ax: Any) -> None:
    """Draw Figure 8.5a."""
    batches = _batches(runs)
    sizes = [run.batch_size for run in batches]
    ax.plot(sizes, [run.predicted for run in batches], "--", color=COLOURS[1], label="predicted")
    ax.plot(sizes, [run.level for run in batches], "o", color=COLOURS[0], markersize=4, label="found")
    ax.set(xlabel=SIZE, ylabel=f"relative loss, last {FINAL_EPOCHS} epochs")
    log_axes(ax, x=True, y=True)
    legend(ax)


def _counts(runs: Sequence[Run], ax: Any) -> None:
    """Draw Figure 8.5b, in gradients."""
    batches = _batches(runs)
    sizes = [run.batch_size for run in batches]
    ax.plot(sizes, [run.gradients_a_step for run in batches], "o-", color=COLOURS[0], markersize=4)
    ax.set(xlabel=SIZE, ylabel="gradients of objects a step")
