"""``mathdl book`` lists, runs, checks, prints and draws."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from mathdl.book.finding import Findings, Table, differs, equals, erratum, shows
from mathdl.book.item import ITEMS, Item, Progress
from mathdl.book.registry import all_items
from mathdl.cli.main import main


def of_numbers() -> Findings:
    """Numbers x have squares."""
    yield Table({"n": [1, 2], "x": [0.1234567, None], "what": ["one", "two"]})
    yield equals("square of 2", 4, 4, "Two times two.")
    yield erratum("The square of 3 is 8.", "It is 9.", differs("3^2", 9, 8), equals("3^2", 9, 9))


def of_nothing() -> Findings:
    """What is stated here fails."""
    yield shows("It is so.", False)


def of_progress(seed: int, progress: Progress) -> Findings:
    """A long one says how far it is."""
    progress(0, 4)
    progress(3, 4)  # drawn at once, not only at the end
    progress(4, 4)
    yield equals("seed", seed, seed)


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("warnings.showwarning", lambda *given: None)


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A few items in place of the book's."""
    all_items()
    before = dict(ITEMS)
    ITEMS.clear()
    drawn = Item("exercise-4.1a", "Squares", of_numbers, "mathdl.SGD(0.1)")
    drawn.figure("a line")(lambda ax: ax.plot([0, 1], [0, 1]))
    known = [drawn, Item("thm-8.1.1", "Fails", of_nothing), Item("sec-8.6", "Long", of_progress)]
    ITEMS.update({item.id: item for item in known})
    yield
    ITEMS.clear()
    ITEMS.update(before)


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as end:
        main(["book", *words])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_without_an_id_it_lists_the_chapters(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    assert "chapter 8  Gradient descent\n  thm-8.1.1" in out
    assert run(capsys, "8")[1].startswith("chapter 8")
    assert "chapter 4" not in run(capsys, "8")[1]
    found = json.loads(run(capsys, "--json")[1])
    assert found["exercise-4.1a"] == {"title": "Squares"}
    assert list(Path().iterdir()) == []


def test_an_item_is_printed_and_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "exercise", "4.1", "a", "--solution")
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "Exercise 4.1a (exercise-4.1a): Squares",
        "",
        "Numbers x have squares.",
        "",
        "n         x  what",
        "1  0.123457  one",
        "2         -  two",
        "",
        "holds  square of 2 = 4",
        "       Two times two.",
        "",
        "printed   The square of 3 is 8.",
        "computed  3^2 = 9, not 8 as printed",
        "computed  3^2 = 9",
        "right     It is 9.",
        "",
        "in Python  mathdl.SGD(0.1)",
        f"picture    {Path('book') / 'exercise-4.1a.svg'}",
    ]
    ElementTree.parse(Path("book/exercise-4.1a.svg"))


def test_a_solution_is_shown_when_it_is_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    out = run(capsys, "exercise-4.1a")[1]
    assert "solution   mathdl book exercise-4.1a --solution" in out
    assert "square of 2" not in out
    assert "8 as printed" not in out


def test_json_is_strict_and_whole(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "4.1a", "--json", "--seed", "7", "--out", "there/and here")
    found = json.loads(out, parse_constant=lambda name: pytest.fail(name))
    assert code == 0
    assert found["data"] == [{"n": [1, 2], "x": [0.1234567, None], "what": ["one", "two"]}]
    assert found["findings"][0]["why"] == "Two times two."
    assert found["errata"][0]["right"] == "It is 9."
    assert (found["seed"], found["picture"]) == (7, str(Path("there/and here/exercise-4.1a.svg")))
    assert Path(found["picture"]).exists()


def test_a_finding_that_fails_ends_with_1(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "theorem 8.1.1")
    assert code == 1
    assert "FAILS  It is so." in out.splitlines()
    assert run(capsys, "thm-8.1.1", "--json")[0] == 1


def test_check_counts(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--check")
    assert code == 1
    assert out.splitlines() == ["thm-8.1.1  FAILS  It is so.", "passed 2, failed 1, errata 1"]
    code, out, _ = run(capsys, "4", "--check", "--json")
    assert (code, json.loads(out)) == (0, {"passed": ["exercise-4.1a"], "failed": [], "errata": 1})
    assert list(Path().iterdir()) == []


def test_errata_figures_and_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert "printed   The square of 3 is 8." in run(capsys, "--errata")[1]
    assert run(capsys, "--errata", "--chapter", "8")[1] == "No erratum is known here.\n"
    assert json.loads(run(capsys, "--errata", "--json")[1])["exercise-4.1a"][0]["right"] == "It is 9."
    assert run(capsys, "--figures", "drawn")[:2] == (0, "1 figure in drawn\n")
    assert [path.name for path in Path("drawn").iterdir()] == ["exercise-4.1a.svg"]
    assert run(capsys, "--page", "book.html")[:2] == (0, "page  book.html\n")
    page = Path("book.html").read_text(encoding="utf-8")
    for text in (
        "Numbers x have squares.",
        "Two times two.",
        "It is 9.",
        "<svg",
        "mathdl.SGD(0.1)",
        "not 8 as printed",
    ):
        assert text in page


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("thm-8.1.3",), "error: The book has no item 'thm-8.1.3' here; did you mean thm-8.1."),
        (("a\x1bb",), "error: The book has no item 'a\\x1bb' here; `mathdl book` lists what there is."),
        (("4.1a", "--seed", "-1"), "error: seed is -1; give a whole number of at least 0."),
        (("4.1a", "--out", "file"), "error: file is a file, but the output goes into a folder; choose another."),
        (("--figures", "file"), "error: file is a file, but the output goes into a folder; choose another."),
        (
            ("--page", "folder"),
            "error: folder is a folder, but the page goes into a file; name one, such as book.html.",
        ),
        (("--page", "none/book.html"), "error: cannot write none/book.html: no such file or directory;"),
        (("--errata", "--chapter", "11"), "error: The book has no chapter '11' here; give one of 3, 4,"),
    ],
)
def test_bad_input_is_one_line(capsys: pytest.CaptureFixture[str], words: tuple[str, ...], message: str) -> None:
    Path("file").touch()
    Path("folder").mkdir()
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert err.startswith(message)
    assert err.count("\n") == 1
    assert sorted(path.name for path in Path().iterdir()) == ["file", "folder"]


def test_ctrl_c_ends_with_130_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*given: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(ITEMS["sec-8.6"], "function", interrupted)
    assert run(capsys, "sec-8.6") == (130, "", "interrupted\n")
    assert list(Path().iterdir()) == []


def test_a_terminal_sees_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(capsys, "sec-8.6")[2] == ""
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    code, _, err = run(capsys, "sec-8.6")
    assert code == 0
    assert "75%" in err
