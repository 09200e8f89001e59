"""Progress is a bar on a terminal and lines elsewhere."""

from __future__ import annotations

import io
import re
import sys
import types

import pytest

from mathdl.cli.progress import Pace, ProgressBar, ProgressLines, progress
from mathdl.data.reading_options import ReadingProgress
from mathdl.engine import warmup


class Screen(io.StringIO):
    """A terminal that keeps what is written to it."""

    def isatty(self) -> bool:
        return True


def training(
    epoch: int, samples: int, accuracy: list[float], loss: float = 0.25, seconds: float = 0.0
) -> types.SimpleNamespace:
    history = types.SimpleNamespace(validation_accuracy=accuracy, validation_loss=[0.5] * len(accuracy), search=None)
    return types.SimpleNamespace(
        epoch=epoch, epochs=4, samples=samples, total_samples=4000, loss=loss, history=history, seconds=seconds
    )


def test_one_line_an_epoch_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    shown = progress()
    assert isinstance(shown, ProgressLines)
    shown.on_start(training(0, 0, []))
    assert not shown.on_epoch(training(1, 1000, [0.9876], seconds=2.0))
    shown.on_epoch(training(2, 2000, [float("nan")], loss=float("inf"), seconds=4.0))
    shown.on_epoch(training(3, 3000, [0.9], seconds=4.5))  # too soon for another line
    shown.on_epoch(training(4, 4000, [0.99], seconds=4.6))
    shown.close()
    assert capsys.readouterr() == (
        "",
        "epoch 1/4  loss 0.25  validation accuracy 0.9876  500 samples/s  0:06 left\n"
        "epoch 2/4  loss inf  validation loss 0.5  500 samples/s  0:04 left\n"
        "epoch 4/4  loss 0.25  validation accuracy 0.9900  870 samples/s  0:00 left\n",
    )


def test_many_short_folds_are_not_a_line_each(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("time.monotonic", iter([0.0, 0.4, 0.8, 1.1, 2.2]).__next__)
    shown = ProgressLines()
    for fold in (1, 2, 3, 4, 5):
        shown.show_fold(fold, 5)
    assert capsys.readouterr().err == "fold 1 of 5\nfold 4 of 5\nfold 5 of 5\n"


def test_the_bar_counts_kernels_until_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("COLUMNS", "100")
    bar = progress()
    bar.show_data([])
    (watcher,) = warmup.watchers
    watcher(3, 16)
    assert "compiling, once" in screen.getvalue()
    assert "3 of 16 kernels" in screen.getvalue()
    bar.close()
    assert warmup.watchers == []


def test_a_bar_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    shown = progress()
    assert isinstance(shown, ProgressBar)
    shown.on_start(training(0, 0, [], loss=float("nan")))
    shown.on_progress(training(0, 500, [], seconds=1.0))
    assert not shown.on_epoch(training(1, 1000, [0.9], seconds=1.0))
    shown.on_epoch(training(4, 4000, [0.95], seconds=1.0))
    shown.close()
    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    assert "epoch 1/4" in drawn
    assert "500 samples/s  0:07 left" in drawn
    assert "epoch 2/4" in drawn
    assert "val. acc. 0.9500  4,000 samples/s  0:00 left" in drawn
    assert "epoch 5" not in drawn
    assert "nan" not in drawn
    assert screen.getvalue().count("\x1b[?25l") == screen.getvalue().count("\x1b[?25h") == 1  # the cursor comes back


def trials(learning_rate: float, steps: int) -> types.SimpleNamespace:
    return types.SimpleNamespace(learning_rate=learning_rate, steps=steps, total_steps=2000)


def test_the_reading_of_a_large_file(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    shown = progress()
    shown.show_reading(ReadingProgress("small.csv", 1_000_000, 2_000_000))
    assert screen.getvalue() == ""
    shown.show_reading(ReadingProgress("large.csv", 200_000_000, 500_000_000))
    shown.show_reading(ReadingProgress("large.csv", 500_000_000, 500_000_000))
    sys.stdout.write("what the data are\n")
    shown.on_start(training(0, 0, []))
    shown.on_progress(training(0, 500, [], seconds=1.0))
    shown.close()
    assert capsys.readouterr().out == "what the data are\n"
    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    assert re.search(
        r"reading large\.csv .* 200 of 500 MB.*reading large\.csv .* 500 of 500 MB.*epoch 1/4", drawn, re.S
    )


def test_lines_tell_of_the_reading_once_a_second(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    seconds = iter([0.0, 0.5, 1.1])
    monkeypatch.setattr("mathdl.cli.progress.time.monotonic", lambda: next(seconds))
    shown = ProgressLines()
    for done in (10_000_000, 20_000_000, 30_000_000):
        shown.show_reading(ReadingProgress("large.csv", done, 40_000_000))
    lines = capsys.readouterr().err.splitlines()
    assert lines == ["reading large.csv  10 of 40 MB", "reading large.csv  30 of 40 MB"]


def test_lines_tell_of_a_search(capsys: pytest.CaptureFixture[str]) -> None:
    shown, run = ProgressLines(), training(0, 0, [])
    for search in (trials(0.1, 10), trials(0.1, 60), trials(0.2, 70)):
        shown.on_search(search)
    run.history.search = types.SimpleNamespace(learning_rate=0.2)
    shown.on_start(run)
    assert capsys.readouterr().err == (
        "trying learning rate 0.1  10 of about 2,000 steps\n"
        "trying learning rate 0.2  70 of about 2,000 steps\n"
        "learning rate 0.2\n"
    )


def test_the_bar_shows_a_search_and_then_the_training(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    shown = progress()
    shown.on_search(trials(0.02, 500))
    shown.on_start(training(0, 0, [], loss=float("nan")))
    shown.on_epoch(training(1, 1000, [0.9], seconds=1.0))
    shown.close()
    drawn = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", screen.getvalue())
    assert "trying learning rate 0.02" in drawn
    assert drawn.index("trying learning rate 0.02") < drawn.index("epoch 2/4")
    assert screen.getvalue().count("\x1b[?25l") == screen.getvalue().count("\x1b[?25h") == 1


def test_a_bar_that_never_started_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    monkeypatch.setenv("TERM", "xterm")
    progress().close()
    assert screen.getvalue().replace("\x1b[?25h", "").strip() == ""


def test_a_dumb_terminal_gets_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Screen())
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(progress(), ProgressLines)


def test_pace_counts_from_where_a_resumed_run_began() -> None:
    pace = Pace(3000, 5.0)
    assert pace.describe(training(3, 3000, [], seconds=5.0)) == ("", "")
    assert pace.describe(training(3, 3500, [], seconds=15.0)) == ("50 samples/s", "0:10 left")
    late = training(0, 3001, [], seconds=15.0)
    late.total_samples = 1000 + 3000
    assert pace.describe(late) == ("0 samples/s", "2:46:30 left")
