"""How training goes, shown while it goes."""

from __future__ import annotations

import math
import os
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from mathdl.cli.text import facts
from mathdl.data.reading_options import ReadingProgress
from mathdl.runs.progress import RunProgress
from mathdl.training.callbacks import SearchProgress

if TYPE_CHECKING:
    from mathdl.training.training import Training

MIN_BYTES_SHOWN = 20_000_000  # of a file: smaller ones are read before a bar is seen; chosen
MIN_BAR = 10  # columns, chosen: what a bar needs to be seen moving


def progress() -> ProgressBar | ProgressLines:
    """Return a live bar where standard error is a terminal, and one line an epoch where it is not.

    Close it when training is over, however it ended.
    """
    live = sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
    return ProgressBar() if live else ProgressLines()


class ProgressBar(RunProgress):
    """A bar with epoch, loss, validation score, samples a second and the time left."""

    def __init__(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        # Redrawn by training's own calls: a thread of its own would compete with training for the processor.
        self._bar = Progress(
            TextColumn("{task.description}", table_column=Column(no_wrap=True)),
            BarColumn(bar_width=None, table_column=Column(min_width=MIN_BAR, ratio=1)),
            TextColumn("{task.fields[state]}", table_column=Column(no_wrap=True)),
            console=Console(stderr=True),
            auto_refresh=False,
            expand=True,
        )
        self._task = self._bar.add_task("starting (the first run compiles)", state="")
        self._pace = Pace()
        self._fold = ""

    def show_reading(self, progress: ReadingProgress) -> None:
        """Show how much of a large file is read."""
        if progress.total < MIN_BYTES_SHOWN:
            return
        self._bar.start()
        state = f"{progress.done / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB"
        what = f"reading {progress.name}"
        self._bar.update(self._task, description=what, completed=progress.done, total=progress.total, state=state)
        self._bar.refresh()
        if progress.done == progress.total:
            self._bar.stop()  # while it goes, it would take what is printed to the standard output

    def show_data(self, lines: Sequence[tuple[str, str]]) -> None:
        """Watch the compiler from here on; of the data another part of the program speaks."""
        from mathdl.engine.warmup import watchers

        watchers.append(self.show_compiling)

    def show_compiling(self, done: int, total: int) -> None:
        """Show how many kernels are compiled."""
        self._bar.start()
        state = f"{done} of {total} kernels"
        self._bar.update(self._task, description="compiling, once", completed=done, total=total, state=state)
        self._bar.refresh()

    def show_fold(self, fold: int, folds: int) -> None:
        """Show which fold of the cross-validation is trained on."""
        self._fold = f"fold {fold} of {folds}, "

    def on_search(self, progress: SearchProgress) -> None:
        """Show which learning rate is being tried."""
        self._bar.start()
        what = f"{self._fold}trying learning rate {progress.learning_rate:g}"
        self._bar.update(self._task, description=what, completed=progress.steps, total=progress.total_steps)
        self._bar.refresh()

    def on_start(self, training: Training) -> None:
        """Show the bar."""
        self._pace = Pace(training.samples, training.seconds)
        self._bar.start()

    def on_progress(self, training: Training) -> None:
        """Move the bar."""
        self._show(training)

    def on_epoch(self, training: Training) -> None:
        """Move the bar to the end of an epoch."""
        self._show(training)

    def close(self) -> None:
        """Leave the bar as it stands and give the cursor back."""
        compiler = sys.modules.get("mathdl.engine.warmup")
        if compiler is not None and self.show_compiling in compiler.watchers:
            compiler.watchers.remove(self.show_compiling)
        self._bar.stop()

    def _show(self, training: Training) -> None:
        """Draw the present state."""
        # Before the first step there is no loss.
        loss = "" if math.isnan(training.loss) else f"loss {training.loss:.4g}"
        parts = [loss, _score(training, short=True), *self._pace.describe(training)]
        description = f"{self._fold}epoch {min(training.epoch + 1, training.epochs)}/{training.epochs}"
        room = self._bar.console.width - len(description) - MIN_BAR - 2  # a space beside the bar on either side
        self._bar.update(
            self._task,
            description=description,
            completed=training.samples,
            total=training.total_samples,
            state=_fitting([part for part in parts if part], room),
        )
        self._bar.refresh()


class ProgressLines(RunProgress):
    """One plain line an epoch, for files and pipes; where epochs are short, the first, the last and one a second."""

    def __init__(self) -> None:
        self._pace = Pace()
        self._said = self._read_said = self._fold_said = -math.inf
        self._trying = 0.0  # the learning rate
        self._folds = False

    def show_reading(self, progress: ReadingProgress) -> None:
        """Print, at most once a second, how much of a large file is read."""
        now = time.monotonic()
        if progress.total >= MIN_BYTES_SHOWN and now - self._read_said >= 1:
            self._read_said = now
            done = f"{progress.done / 1e6:,.0f} of {progress.total / 1e6:,.0f} MB"
            print(f"reading {progress.name}  {done}", file=sys.stderr, flush=True)

    def show_fold(self, fold: int, folds: int) -> None:
        """Print, at most once a second, which fold is trained on; of its epochs nothing is said."""
        self._folds = True
        now = time.monotonic()
        if fold > 1 and now - self._fold_said < 1:
            return
        self._fold_said = now
        print(f"fold {fold} of {folds}", file=sys.stderr, flush=True)

    def on_search(self, progress: SearchProgress) -> None:
        """Print a line for each learning rate that is tried, unless its trial is very short."""
        if progress.learning_rate != self._trying and not self._folds:
            self._trying = progress.learning_rate
            done = f"{progress.steps:,} of about {progress.total_steps:,} steps"
            print(f"trying learning rate {progress.learning_rate:g}  {done}", file=sys.stderr, flush=True)

    def on_start(self, training: Training) -> None:
        """Start the clock; say which learning rate was found."""
        self._pace = Pace(training.samples, training.seconds)
        if training.history.search is not None and not self._folds:
            print(f"learning rate {training.history.search.learning_rate:g}", file=sys.stderr, flush=True)

    def on_epoch(self, training: Training) -> None:
        """Print the epoch's line."""
        if self._folds or (training.epoch < training.epochs and training.seconds < self._said + 1):
            return
        self._said = training.seconds
        parts = [f"epoch {training.epoch}/{training.epochs}", f"loss {training.loss:.4g}"]
        parts += [_score(training, short=False), *self._pace.describe(training)]
        print("  ".join(part for part in parts if part), file=sys.stderr, flush=True)

    def close(self) -> None:
        """Do nothing: no line is left open."""


class DataLines(RunProgress):
    """Prints what the data are, before the training."""

    def show_data(self, lines: Sequence[tuple[str, str]]) -> None:
        """Print names and texts below one another."""
        print(facts(lines), flush=True)


class Pace:
    """How fast samples go by, and how long the rest will take; a resumed run begins with samples and seconds."""

    def __init__(self, samples: int = 0, seconds: float = 0.0) -> None:
        self._samples = samples
        self._seconds = seconds

    def describe(self, training: Training) -> tuple[str, str]:
        """Return samples a second and time left as text, empty while nothing is known."""
        done, seconds = training.samples - self._samples, training.seconds - self._seconds
        if done <= 0 or seconds <= 0:
            return "", ""
        left = math.ceil((training.total_samples - training.samples) * seconds / done)
        hours, minutes = divmod(left // 60, 60)
        clock = f"{hours}:{minutes:02d}:{left % 60:02d}" if hours else f"{minutes}:{left % 60:02d}"
        return f"{done / seconds:,.0f} samples/s", f"{clock} left"


def _fitting(parts: list[str], room: int) -> str:
    """Join what there is room for; of four parts the pace goes first, then the time left, the score and the loss."""
    while parts and len("  ".join(parts)) > room:
        parts = parts[:2] + parts[3:] if len(parts) > 2 else parts[:-1]
    return "  ".join(parts)


def _score(training: Training, short: bool) -> str:
    """Return the latest validation score as text, empty where there is none."""
    name = "val." if short else "validation"
    for kind, values, form in (
        ("acc." if short else "accuracy", training.history.validation_accuracy, ".4f"),
        ("loss", training.history.validation_loss, ".4g"),
    ):
        if values and values[-1] is not None and not math.isnan(values[-1]):
            return f"{name} {kind} {values[-1]:{form}}"
    return ""
