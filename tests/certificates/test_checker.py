"""The record and the checker: what is refused before any kind of certificate does its arithmetic."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import mathdl
from mathdl.certificates import Certificate, CertificateError, Data, text_of, verify, write
from mathdl.certificates.checker import KINDS
from mathdl.certificates.rationals import Refused

X, Y = [[0.0, 0.0], [0.0, 1.0], [2.0, 0.5]], ["a", "a", "b"]
NUMBERS = {"normal": ["1", "0"], "offset": "1", "gap": text_of(1.0), "positive": "b"}
ROOM = Path(mathdl.certificates.__file__).parent


def certificate() -> Certificate:
    return write("hyperplane", NUMBERS, Data(X, Y))


def test_a_true_certificate_is_valid_and_says_what_it_shows() -> None:
    verdict = verify(certificate(), X, Y)
    assert verdict.valid
    assert verdict
    assert verdict.reason == certificate().statement


def test_json_both_ways() -> None:
    assert Certificate.from_json(certificate().to_json()) == certificate()


@pytest.mark.parametrize(
    ("X", "y"),
    [
        (np.array(X), np.array(Y)),
        (np.array(X, np.float32), np.array(Y)),
        (pd.DataFrame(X).to_numpy(), pd.Series(Y)),
        (np.array(X, order="F"), tuple(Y)),
    ],
    ids=["numpy", "float32", "pandas", "by columns"],
)
def test_the_fingerprint_is_of_the_values(X: object, y: object) -> None:
    assert verify(certificate(), X, y)


@pytest.mark.parametrize(
    ("X", "y"),
    [
        ([[0.0, 0.0], [0.0, 1.0], [2.0, np.nextafter(0.5, 1)]], Y),
        (X[::-1], Y[::-1]),
        (X, ["a", "b", "b"]),
        ([[0.0, 0.0, 0.0], [1.0, 2.0, 0.5]], ["a", "b"]),
    ],
)
def test_other_data_are_refused(X: list[list[float]], y: list[str]) -> None:
    verdict = verify(certificate(), X, y)
    assert not verdict
    assert "fingerprints differ" in verdict.reason


def test_without_data_nothing_is_verified() -> None:
    with pytest.raises(CertificateError, match="No data"):
        verify(certificate())


def test_weights_belong_to_the_data() -> None:
    weighted = write("hyperplane", NUMBERS, Data(X, Y, [1.0, 2.0, 1.0]))
    assert verify(weighted, X, Y, [1.0, 2.0, 1.0])
    assert not verify(weighted, X, Y)
    assert not verify(weighted, X, Y, [1.0, 1.0, 1.0])


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"kind": "hyperplanes"}, "no kind"),
        ({"kind": "../rationals"}, "no kind"),
        ({"statement": "All is well."}, "in words"),
        ({"fingerprint": "0" * 64}, "fingerprints"),
        ({"numbers": NUMBERS | {"gap": "0"}}, "in words"),
        ({"numbers": {}}, "missing"),
        ({"numbers": NUMBERS | {"normal": ["1"]}}, "no list of 2"),
        ({"numbers": NUMBERS | {"normal": "1"}}, "no list of 2"),
        ({"numbers": NUMBERS | {"offset": 1}}, "no number"),
        ({"numbers": NUMBERS | {"offset": "1e400"}}, "no number"),
        ({"numbers": NUMBERS | {"offset": "2"}}, "wrong side"),
    ],
)
def test_a_changed_certificate_is_refused(changed: dict[str, object], reason: str) -> None:
    verdict = verify(replace(certificate(), **changed), X, Y)
    assert not verdict
    assert reason in verdict.reason


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "{}",
        "3",
        '{"mathdl certificate": 2}',
        '{"mathdl certificate": 1}',
        '{"mathdl certificate": NaN}',
        "[" * 100_000,
        json.dumps({"mathdl certificate": 1, "kind": "a", "statement": "b", "numbers": {}, "fingerprint": "c"}),
    ],
)
def test_what_is_no_certificate_is_said_to_be_none(text: str) -> None:
    with pytest.raises(CertificateError):
        Certificate.from_json(text)


@pytest.mark.parametrize(
    ("X", "y"),
    [([[1.0], [np.nan]], None), ([[1.0], [np.inf]], None), ([["a"]], None), ([[1.0], [1.0, 2.0]], None), ([[1.0]], [])],
)
def test_data_that_are_none(X: object, y: object) -> None:
    with pytest.raises(Refused):
        Data(X, y)
    assert not verify(certificate(), X, y)


def test_files(tmp_path: Path) -> None:
    path, beside, table = (tmp_path / name for name in ("certificate.json", "certificate-data.npz", "data.csv"))
    path.write_text(certificate().to_json())
    with pytest.raises(CertificateError, match="cannot be read"):
        verify(path)
    np.savez(beside, X=np.array(X), y=np.array(Y))
    assert verify(path)
    table.write_text("one,two,label\n0,0,a\n0,1,a\n2,0.5,b\n")
    assert verify(path, table)
    table.write_text("one,two,label\n0,0,a\n0,1,a\n2,0.25,b\n")
    assert not verify(path, table)
    for broken in ("one,two\nx,y\n", "", "one,two,label\n\n"):
        table.write_text(broken)
        with pytest.raises(CertificateError, match="holds no data"):
            verify(path, table)


@pytest.mark.parametrize("kind", ["f8", "f4", ">f8", "i8", "i2", "u1", "?"])
def test_arrays_of_every_kind_of_number_are_read(tmp_path: Path, kind: str) -> None:
    from mathdl.certificates.reading import read_data

    values = np.array([[0, 1], [1, 0], [1, 1]]).astype(kind)
    np.savez(tmp_path / "d.npz", X=values, y=values[:, 0], sample_weight=values[:, 1] + 1)
    data = read_data(tmp_path / "d.npz")
    assert data.fingerprint == Data(values, values[:, 0], values[:, 1] + 1).fingerprint


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x03\x04 damaged"])
def test_damaged_archives(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(CertificateError):
        verify(certificate(), tmp_path / "d.npz")


def test_an_archive_with_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", X=np.array([[{}]], dtype=object))
    with pytest.raises(CertificateError, match="cannot be read"):
        verify(certificate(), tmp_path / "d.npz")


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.name)
def test_the_room_imports_the_standard_library_alone(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for name in names:
            assert name.split(".")[0] in sys.stdlib_module_names or name.startswith("mathdl.certificates"), name


def test_checking_loads_nothing_else() -> None:
    code = (
        "import sys, mathdl.certificates\nimport mathdl.certificates.checker as c\n"
        "[c.import_kind(k) for k in c.KINDS]\nprint([m for m in ('numpy', 'numba', 'scipy') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_fits_on_a_page(kind: str) -> None:
    assert len((ROOM / "kinds" / f"{kind}.py").read_text(encoding="utf-8").splitlines()) <= 60


def test_the_shared_arithmetic_is_short() -> None:
    shared = [(ROOM / f"{name}.py").read_text(encoding="utf-8") for name in ("rationals", "enclosures")]
    assert sum(len(text.splitlines()) for text in shared) <= 155
