"""``mathdl book`` lists, runs, prints and draws."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mathdl.book.catalogue import CATALOGUE
from mathdl.book.experiment import Experiment, Finding
from mathdl.cli import book
from mathdl.cli.main import main


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("warnings.showwarning", lambda *given: None)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["book", *words])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def outcome(holds: bool) -> Experiment:
    table = {"n": [1, 2], "x": [0.1234567, None], "what": ["one", "two"]}
    findings = (Finding("It is so.", True), Finding("And so.", holds))
    return Experiment("tab-8.1", "Title", table, findings, "<svg/>", {"y": [float("nan")]})


def test_without_an_id_it_lists_the_chapters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    assert out.startswith("chapter 8\n  tab-8.1       Gradient descent on x^2")
    assert len(out.splitlines()) == 1 + len(CATALOGUE)
    code, out, _ = run(capsys, "--json")
    assert json.loads(out)["fig-8.2"] == CATALOGUE["fig-8.2"].title
    assert list(Path().iterdir()) == []


def test_an_experiment_is_printed_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "tab-8.1")
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0] == "tab-8.1: Gradient descent on x^2: steps by learning rate"
    assert lines[2].split("  ")[-1] == "printed N"
    assert lines[3].split() == ["0.001", "3451", "3451", "3450", "3451"]
    assert lines[7].split() == ["1", "-", "-", "-", "-"]
    assert "holds  The printed N is the first n with |x_n| < 0.001." in lines
    assert lines[-1] == f"picture  {Path('book') / 'tab-8.1.svg'}"
    ElementTree.parse(Path("book/tab-8.1.svg"))


def test_json_is_strict_and_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(book, "run_experiment", lambda *given: outcome(True))
    code, out, _ = run(capsys, "tab-8.1", "--json", "--seed", "7", "--out", "there/and here")
    found = json.loads(out, parse_constant=lambda name: pytest.fail(name))
    assert code == 0
    assert found == {
        "id": "tab-8.1",
        "title": "Title",
        "table": {"n": [1, 2], "x": [0.1234567, None], "what": ["one", "two"]},
        "findings": [{"statement": "It is so.", "holds": True}, {"statement": "And so.", "holds": True}],
        "series": {"y": [None]},
        "seed": 7,
        "picture": str(Path("there/and here/tab-8.1.svg")),
    }
    assert Path("there/and here/tab-8.1.svg").read_text(encoding="utf-8") == "<svg/>"


@pytest.mark.parametrize("words", [(), ("--json",)])
def test_a_finding_that_fails_ends_with_1(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    monkeypatch.setattr(book, "run_experiment", lambda *given: outcome(False))
    code, out, _ = run(capsys, "tab-8.1", *words)
    assert code == 1
    if not words:
        assert "FAILS  And so." in out.splitlines()
        assert "2         -  two" in out
    assert Path("book/tab-8.1.svg").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("tab-8.2",), "error: The book has no experiment 'tab-8.2' here; did you mean tab-8.1"),
        (("a\x1bb",), "error: The book has no experiment 'a\\x1bb' here; `mathdl book` lists them."),
        (("tab-8.1", "--seed", "-1"), "error: seed is -1; give a whole number of at least 0."),
        (("tab-8.1", "--out", "file"), "error: file is a file, but the output goes into a folder; choose another."),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str) -> None:
    Path("file").touch()
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert [path.name for path in Path().iterdir()] == ["file"]


def test_ctrl_c_ends_with_130_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: Any) -> Experiment:
        raise KeyboardInterrupt

    monkeypatch.setattr(book, "run_experiment", interrupted)
    assert run(capsys, "sec-8.6") == (130, "", "interrupted\n")
    assert list(Path().iterdir()) == []


def test_a_terminal_sees_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(id: str, seed: int, progress: Any) -> Experiment:
        progress(0, 4)
        progress(3, 4)  # drawn at once, not only at the end
        progress(4, 4)
        return outcome(True)

    monkeypatch.setattr(book, "run_experiment", slow)
    assert run(capsys, "tab-8.1")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    code, _, err = run(capsys, "tab-8.1")
    assert code == 0
    assert "75%" in err
