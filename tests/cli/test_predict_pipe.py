"""``mathdl predict MODEL - --out -``: rows answered as they come through a pipe, without holding all of them."""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest

from mathdl.cli.main import main
from mathdl.errors import InputError
from mathdl.files.model import save
from mathdl.layers.dense import Dense
from mathdl.networks.network import Network
from mathdl.runs.predict import predict, predict_batches
from mathdl.runs.train import train

MODEL = "run/model.safetensors"
COMMAND = [sys.executable, "-c", "from mathdl.cli.main import main; main()", "predict", MODEL, "-", "--out", "-"]


@pytest.fixture(scope="module")
def _trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train a model of orders, which have ids."""
    folder = tmp_path_factory.mktemp("orders")
    rows = "".join(f"k{n:03},{n - 20},{'ab'[n % 2]},{'left' if n < 20 else 'right'}\n" for n in range(41))
    (folder / "orders.csv").write_text(f"id,size,kind,side\n{rows}", encoding="utf-8")
    train(folder / "orders.csv", target="side", model="logistic", out=folder / "run")
    return folder


@pytest.fixture(autouse=True)
def _folder(_trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(_trained)


class Pieces(io.RawIOBase):
    """A pipe through which bytes come in pieces of a size."""

    def __init__(self, content: bytes, size: int) -> None:
        self._parts = [content[k : k + size] for k in range(0, len(content), size)]

    def read1(self, _: int = -1) -> bytes:
        return self._parts.pop(0) if self._parts else b""

    read = read1


def table(rows: int) -> str:
    generator = np.random.default_rng(0)
    lines = [f'K{k},{generator.normal():.6f},{"abq"[k % 3]},"{k}, ""said""\r\n{"x" * (k % 7)}"' for k in range(rows)]
    return "id,size,kind,note\r\n" + "\r\n".join(lines) + "\r\n"


def answers(content: bytes, size: int, **options: object) -> list[list[str]]:
    """Return the CSV that comes out, read again."""
    batches = predict_batches(MODEL, Pieces(content, size), **options)  # type: ignore[arg-type]
    text = b"".join(batch.to_csv(header=k == 0) for k, batch in enumerate(batches)).decode()
    return list(csv.reader(io.StringIO(text, newline="")))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("size", [37, 1000, 10**6])
def test_pieces_of_any_size_give_what_the_whole_gives(size: int, encoding: str) -> None:
    Path("new.csv").write_bytes(table(60).encode(encoding))
    whole = predict(MODEL, ["new.csv"], keep=["note", "kind"])
    wanted = list(csv.reader(io.StringIO(whole.to_csv().decode(), newline="")))
    found = answers(Path("new.csv").read_bytes(), size, keep=["note", "kind"])
    assert [row[:4] for row in found] == [row[:4] for row in wanted]
    chances = [[list(map(float, row[4:])) for row in rows[1:]] for rows in (found, wanted)]
    np.testing.assert_allclose(*chances, rtol=1e-12)  # an exponential's last bit depends on how many go together
    assert len(found) == 61


def test_other_separators_and_last_rows_without_an_end() -> None:
    found = answers(b"kind;size;id\na;1.5;k1\nb;-2.5;k2", 9)
    assert [row[:2] for row in found[1:]] == [["k1", "right"], ["k2", "left"]]


def test_rows_without_ids_are_numbered_through_and_notes_say_of_which_they_speak() -> None:
    content = b"size,kind\n" + b"1,a\n" * 10 + b",a\n"
    batches = list(predict_batches(MODEL, Pieces(content, 20)))
    assert [name for batch in batches for name in batch.names] == [str(k) for k in range(1, 12)]
    assert len(batches) > 1
    first = 11 - len(batches[-1].names) + 1
    assert batches[-1].notes == (f"rows {first} to 11: 1 gap in 'size' filled with the median",)


def test_what_cannot_be_read_is_named_with_its_line() -> None:
    header = b"size,kind\n1,a\n2,b\n"
    for behind, said in (
        (b"1,a,7\n", "Line 4 of standard input has 3 cells and the header 2"),
        (b"large,a\n", "line 4 of the file"),
        (b'1,"a\n', "the row that begins in line 4 of standard input is never closed"),
        (b"1,\xff\n", "text of another encoding behind its beginning"),
    ):
        with pytest.raises(InputError, match=said):
            answers(header + behind, len(header))
    with pytest.raises(InputError, match="Counted from row 3: Column 'size' has no value in row 1"):
        answers(header + b",a\n", len(header), strict=True)
    for empty, said in ((b"", "is empty"), (b"size,kind\n", "a header and no rows"), (b"PAR1x\n\n", "Parquet")):
        with pytest.raises(InputError, match=said):
            answers(empty, 100)
    with pytest.raises(InputError, match="Column 'kind' is missing"):
        answers(b"size\n1\n", 100)
    save(Network([Dense(1)], (1,)), "net.safetensors")
    with pytest.raises(InputError, match="does not know how to read files"):
        list(predict_batches("net.safetensors", io.BytesIO(b"x\n1\n")))


def test_rows_are_answered_before_the_next_ones_come_and_a_reader_may_have_seen_enough() -> None:
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(COMMAND, **pipes) as process:  # type: ignore[call-overload]
        process.stdin.write(b"id,size,kind\nk1,5,a\n")
        process.stdin.flush()
        assert process.stdout.readline().startswith(b"name,prediction,probability_left")
        assert process.stdout.readline().startswith(b"k1,right,")
        for k in range(3):
            process.stdin.write(b"z%d,-5,b\n" % k)
            process.stdin.flush()
            assert process.stdout.readline().startswith(b"z%d,left," % k)
        process.stdout.close()
        with suppress(BrokenPipeError):
            process.stdin.write(b"k1,5,a\n" * 30_000)
            process.stdin.flush()
        with suppress(BrokenPipeError):
            process.stdin.close()
        assert b"Traceback" not in process.stderr.read()


def test_csv_and_json_are_not_printed_at_once(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    with pytest.raises(SystemExit) as end:
        main(["predict", MODEL, "-", "--out", "-", "--json"])
    printed = capsys.readouterr()
    assert (end.value.code, printed.out, printed.err.count("\n")) == (2, "", 1)
    assert "choose one of them" in printed.err


def test_files_are_printed_as_csv_too(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    Path("two.csv").write_text("id,size,kind\nk1,5,a\nk2,-5,b\n", encoding="utf-8")
    with pytest.raises(SystemExit) as end:
        main(["predict", MODEL, "two.csv", "--out", "-"])
    assert not end.value.code
    assert [line.split(",")[:2] for line in capsys.readouterr().out.splitlines()[1:]] == [
        ["k1", "right"],
        ["k2", "left"],
    ]
