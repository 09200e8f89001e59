"""Files of certificates and of data: every honest one is read, every other one is refused in one sentence."""

from __future__ import annotations

import io
import json
import random
import time
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mathdl import LinearRegression
from mathdl.certificates import Certificate, CertificateError, Data, text_of, verify, write
from mathdl.certificates.reading import read_data
from mathdl.cli.main import main

X, Y = [[0.0, 0.0], [0.0, 1.0], [2.0, 0.5]], ["a", "a", "b"]
NUMBERS = {"normal": ["1", "0"], "offset": "1", "gap": text_of(1.0), "positive": "b"}


def certificate() -> Certificate:
    return write("hyperplane", NUMBERS, Data(X, Y))


def npy(header: str, content: bytes = b"", version: bytes = b"\x01\x00") -> bytes:
    return b"\x93NUMPY" + version + len(header).to_bytes(2, "little") + header.encode() + content


def archive(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in members.items():
            file.writestr(f"{name}.npy", content)
    return path


def exit_code(*words: str) -> Any:
    with pytest.raises(SystemExit) as caught:
        main(words)
    return caught.value.code


def test_files(tmp_path: Path) -> None:
    path, beside, table = (tmp_path / name for name in ("certificate.json", "certificate-data.npz", "data.csv"))
    path.write_text(certificate().to_json())
    with pytest.raises(CertificateError, match="cannot be read"):
        verify(path)
    np.savez(beside, X=np.array(X), y=np.array(Y), notes=np.array([{}], dtype=object))
    assert verify(path)
    table.write_text("one,two,label\n0,0,a\n0,1,a\n2,0.5,b\n")
    assert verify(path, table)
    table.write_text("\ufeffone,two,label\n -0,0,a\n0,1e0,a\n+2.,.5,b\n", encoding="utf-8")
    assert verify(path, table)
    table.write_text("one,two,label\n0,0,a\n0,1,a\n2,0.25,b\n")
    assert not verify(path, table).same_data
    broken = ("one,two\nx,y\n", "", "one,two,label\n\n", "x,y\n0_0,1\n", "x,y\n\u0661,1\n", "x,y\nnan,1\n", 'x,y\n"0')
    for text in (*broken, "x,y\n" + "1" * 200_000 + ",1\n", "x,y\n1e999,1\n"):
        table.write_text(text, encoding="utf-8")
        with pytest.raises(CertificateError, match="holds no data"):
            verify(path, table)


def test_a_table_of_whole_numbers_is_what_a_regression_was_given(tmp_path: Path) -> None:
    model = LinearRegression().fit([[0], [1], [2]], [0, 1, 3])
    (tmp_path / "d.csv").write_text("x,y\n0,0\n1,1\n2,3\n")
    assert verify(model.certify(), tmp_path / "d.csv")


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["1", "0", "-3"], [1, 0, -3]),
        (["1", "0.5", "2"], [1, 0.5, 2]),
        (["01", "2", "1e1"], [1.0, 2.0, 10.0]),
        (["1", "nan", "inf"], ["1", "nan", "inf"]),
        (["1_0", "2", "3"], ["1_0", "2", "3"]),
        (["True", "False", "True"], [True, False, True]),
        (["True", "no", "1"], ["True", "no", "1"]),
    ],
)
def test_the_labels_of_a_table_are_of_one_kind(tmp_path: Path, cells: list[str], labels: list[Any]) -> None:
    (tmp_path / "d.csv").write_text("x,y\n" + "".join(f"{i},{cell}\n" for i, cell in enumerate(cells)))
    assert read_data(tmp_path / "d.csv").labels == labels


@pytest.mark.parametrize("kind", ["f8", "f4", "f2", ">f8", "i8", "i2", "u1", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_arrays_of_every_kind_of_number_are_read(tmp_path: Path, kind: str, order: Any) -> None:
    values = np.array([[0, 1], [1, 0], [1, 1]]).astype(kind, order=order)
    np.savez(tmp_path / "d.npz", X=values, y=values[:, 0], sample_weight=values[:, 1] + 1)
    data = read_data(tmp_path / "d.npz")
    assert data.fingerprint == Data(values, values[:, 0], values[:, 1] + 1).fingerprint


@pytest.mark.parametrize(
    "y", [np.array(["a", "\u00e9\u00e9", ""]), np.array(["a", "b", "c"], ">U3"), [[1, 2], [3, 4], [5, 6]]]
)
def test_labels_and_several_targets_are_read(tmp_path: Path, y: Any) -> None:
    np.savez(tmp_path / "d.npz", X=np.array(X), y=np.array(y))
    assert read_data(tmp_path / "d.npz").fingerprint == Data(X, y).fingerprint


NUMBER = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 1), }"
BAD_ARRAYS = [
    b"",
    b"no array",
    npy(NUMBER),
    npy(NUMBER.replace("<f8", "|O")),
    npy(NUMBER.replace("<f8", "<c16"), bytes(16)),
    npy(NUMBER.replace("'<f8'", "[('a', '<f8')]"), bytes(8)),
    npy(NUMBER.replace("(1, 1)", "1"), bytes(8)),
    npy(NUMBER.replace("(1, 1)", "(-1, -1)"), bytes(8)),
    npy(NUMBER.replace("(1, 1)", "(1000000000, 0)")),
    npy(NUMBER.replace("(1, 1)", "(1000000000000, 1000000000000)"), bytes(8)),
    npy(NUMBER.replace("(1, 1)", "()"), bytes(8)),
    npy(NUMBER.replace("<f8", "<U0").replace("(1, 1)", "(10000000000,)")),
    npy(NUMBER.replace("<f8", "<U99999999999")),
    npy("-" * 60_000),
    npy("__import__('os').abort()"),
    npy("[" * 9000),
    npy(NUMBER, np.array(np.nan).tobytes()),
]


@pytest.mark.parametrize("content", BAD_ARRAYS, ids=range(len(BAD_ARRAYS)))
def test_bad_arrays_are_refused_at_once(tmp_path: Path, content: bytes) -> None:
    start = time.perf_counter()
    for members in ({"X": content}, {"X": npy(NUMBER, bytes(8)), "y": content}):
        with pytest.raises(CertificateError, match="holds no data for a certificate"):
            verify(certificate(), archive(tmp_path / "d.npz", **members))
    assert time.perf_counter() - start < 5


def test_an_array_that_unpacks_to_more_than_the_limit_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mathdl.certificates.reading.MAX_ARRAY_BYTES", 10_000)
    header = NUMBER.replace("(1, 1)", "(1000, 2)")
    with pytest.raises(CertificateError, match="more than 10000 bytes"):
        read_data(archive(tmp_path / "d.npz", X=npy(header, bytes(16_000))))
    (tmp_path / "d.csv").write_text("x,y\n" + "1,1\n" * 3000)
    with pytest.raises(CertificateError, match="more than the 10000 bytes"):
        read_data(tmp_path / "d.csv")


@pytest.mark.parametrize(
    "changed",
    [
        b"",
        b"no zip",
        b"PK\x03\x04 damaged",
        {"encrypted": 1},
        {"method": 99},
        {"method": zipfile.ZIP_LZMA},
        {"method": zipfile.ZIP_BZIP2},
    ],
    ids=str,
)
def test_damaged_archives(tmp_path: Path, changed: Any) -> None:
    if isinstance(changed, dict):
        content = bytearray(archive(tmp_path / "d.npz", X=npy(NUMBER, bytes(8))).read_bytes())
        for start, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
            place = content.index(start) + offset
            content[place] |= changed.get("encrypted", 0)
            content[place + 2] = changed.get("method", content[place + 2])
        changed = bytes(content)
    (tmp_path / "d.npz").write_bytes(changed)
    with pytest.raises(CertificateError, match="holds no data"):
        verify(certificate(), tmp_path / "d.npz")


PIECES = [b'"', b"{", b"[", b"0", b"9" * 30, b"e99", b"\\ud800", b"null", b"-"]


def damaged(content: bytes, r: random.Random) -> bytes:
    """Some bytes changed, some left out, or some twice."""
    changed = bytearray(content)
    for _ in range(r.choice([1, 1, 2, 5])):
        place, length = r.randrange(len(changed) or 1), r.choice([1, 1, 2, 8, 40])
        kind = r.randrange(4)
        if kind == 0:
            changed[place : place + length] = bytes(r.randrange(256) for _ in range(length))
        elif kind == 1:
            del changed[place : place + length]
        elif kind == 2:
            changed[place:place] = changed[place : place + length]
        else:
            changed[place : place + 1] = r.choice(
                [b'"', b"{", b"[", b"0", b"9" * 30, b"e99", b"\\ud800", b"null", b"-"]
            )
    return bytes(changed)


@pytest.mark.parametrize("count", [400, pytest.param(20_000, marks=pytest.mark.slow)])
def test_any_file_is_answered(count: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, data, table = tmp_path / "certificate.json", tmp_path / "certificate-data.npz", tmp_path / "data.csv"
    loose, packed = io.BytesIO(), io.BytesIO()
    np.savez(loose, X=np.array(X), y=np.array(Y))
    np.savez_compressed(packed, X=np.array(X), y=np.array(Y), sample_weight=np.ones(3))
    good, rows = certificate().to_json().encode(), b"one,two,label\n0,0,a\n0,1,a\n2,0.5,b\n"
    r, codes = random.Random(count), Counter[int]()
    for i in range(count):
        kind = i % 4
        path.write_bytes(damaged(good, r) if kind == 0 else good)
        arrays = (packed if kind == 2 else loose).getvalue()
        data.write_bytes(damaged(arrays, r) if kind in (1, 2) else arrays)
        table.write_bytes(damaged(rows, r))
        try:
            verdict = verify(path, table if kind == 3 else None)
            code, said = (0 if verdict else 1 if verdict.same_data else 3), verdict.reason
        except CertificateError as error:
            code, said = 2, str(error)
        codes[code] += 1
        assert len(said) < 1000
        assert code or kind == 0 or said == certificate().statement
        if i % 53 == 0:  # the command says it in one line
            assert exit_code("verify", str(path), *(["--data", str(table)] if kind == 3 else [])) == code
            out, err = capsys.readouterr()
            assert (
                (err[:7], err.count("\n"), out) == ("error: ", 1, "")
                if code == 2
                else (err, out.count("\n")) == ("", 1)
            )
    assert set(codes) == {0, 1, 2, 3}


def test_the_exit_code_tells_other_data_from_what_is_not_shown(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, data = tmp_path / "certificate.json", tmp_path / "certificate-data.npz"
    found = []
    for numbers, points in ((NUMBERS, X), (NUMBERS | {"offset": "3"}, X), (NUMBERS, [*X[:2], [3.0, 0.5]])):
        path.write_text(write("hyperplane", numbers, Data(X, Y)).to_json())
        np.savez(data, X=np.array(points), y=np.array(Y))
        code = exit_code("verify", str(path), "--json")
        found.append((code, json.loads(capsys.readouterr().out)))
    assert [(code, said["valid"], said["same_data"]) for code, said in found] == [
        (0, True, True),
        (1, False, True),
        (3, False, False),
    ]
