"""``mathdl predict`` on a user's own table, from the words to what is printed."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import numpy as np
import pytest

from mathdl.cli.main import main
from mathdl.runs.train import train

MODEL = "run/model.safetensors"


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Work beside a model of orders and a file of new ones, one with a gap and one of a new kind."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    monkeypatch.chdir(tmp_path)
    sizes = np.arange(-20, 21).tolist()
    rows = "".join(f"k{n:03},{size},{'ab'[n % 2]},{3 * size}\n" for n, size in enumerate(sizes))
    Path("orders.csv").write_text(f"id,size,kind,cost\n{rows}", encoding="utf-8")
    train("orders.csv", target="cost", model="linear", out="run")
    Path("new.csv").write_text("id,name,size,kind\nA7,ann,4,a\nA8,,,b\nA9,cid,-2,q\n", encoding="utf-8")


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, its output and its messages."""
    with pytest.raises(SystemExit) as end:
        main(["predict", MODEL, "new.csv", *words])
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def test_rows_with_gaps_and_new_kinds_are_answered_and_counted(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["name", "A7", "A8", "A9"]
    assert out.splitlines()[1].split()[1] == "12"
    assert err.splitlines() == [
        "1 gap in 'size' filled with the median.",
        "1 value of 'kind' not seen in training, taken as none.",
    ]
    assert json.loads(run(capsys, "--json")[1])["notes"] == [line.removesuffix(".") for line in err.splitlines()]


def test_strict_refuses_them(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "--strict", "--out", "answers.csv")
    assert (code, out) == (2, "")
    assert err == "error: Column 'size' has no value in row 2; fill it in: training had a value in every row.\n"
    assert not Path("answers.csv").exists()


def test_kept_columns_are_printed_beside_the_names(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = run(capsys, "--keep", "name,kind", "--keep", "size")
    assert code == 0
    assert [line.split()[:-1] for line in out.splitlines()] == [
        ["name", "name", "kind", "size"],
        ["A7", "ann", "a", "4.0"],
        ["A8", "b"],
        ["A9", "cid", "q", "-2.0"],
    ]
    assert run(capsys, "--keep", "nothing") == (
        2,
        "",
        "error: There is no column 'nothing' in new.csv to keep; leave it out.\n",
    )
