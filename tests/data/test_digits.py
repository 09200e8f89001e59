"""The digits of scikit-learn."""

from __future__ import annotations

import gzip
from importlib.machinery import ModuleSpec
from pathlib import Path

import numpy as np
import pytest

from mathdl.data import digits
from mathdl.errors import FileError


def test_agrees_with_scikit_learn() -> None:
    from sklearn.datasets import load_digits

    ours, theirs = digits.read_digits(), load_digits()
    np.testing.assert_array_equal(ours.images[:, 0], np.rint(theirs.images * 255 / 16))
    np.testing.assert_array_equal(ours.labels, theirs.target)
    assert ours.images.max() == 255
    assert ours.images.flags.writeable
    assert ours.images.flags.c_contiguous


def test_without_scikit_learn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(digits, "find_spec", lambda name: None)
    with pytest.raises(FileError, match="install scikit-learn"):
        digits.read_digits()


def test_damaged_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = ModuleSpec("sklearn", None, origin=str(tmp_path / "__init__.py"))
    monkeypatch.setattr(digits, "find_spec", lambda name: spec)
    path = tmp_path / "datasets" / "data" / "digits.csv.gz"
    path.parent.mkdir(parents=True)
    for content in (b"no gzip", gzip.compress(b"1,2,3\n"), gzip.compress(b"x" * 999)[:-9]):
        path.write_bytes(content)
        with pytest.raises(FileError, match=r"digits.csv.gz cannot be read"):
            digits.read_digits()
