"""What may be named as data."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mathdl.data import ImageSet, Table, read, read_columns
from mathdl.errors import FileError, InputError


def test_digits() -> None:
    digits = read("digits")
    assert isinstance(digits, ImageSet)
    assert digits.name == "digits"


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".CSV"])
def test_tables(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"flowers{suffix}"
    frame = pd.DataFrame({"width": [1.5, 2.5], "species": ["rose", "lily"], "count": [3, 4]})
    frame.to_parquet(path) if suffix == ".parquet" else frame.to_csv(path, index=False)
    table = read(path, target="species")
    assert isinstance(table, Table)
    assert list(table.columns) == ["width", "count"]
    assert table.target.tolist() == ["rose", "lily"]
    assert (table.target_name, table.name) == ("species", path.name)
    assert list(read_columns(path, ["count"])) == ["count"]
    with pytest.raises(InputError, match="No target was named for flowers"):
        read(path)
    with pytest.raises(InputError, match="no column 'specie'; perhaps 'species' is meant"):
        read(path, target="specie")


def test_npz_and_folder(tmp_path: Path) -> None:
    path = tmp_path / "set.npz"
    np.savez(path, X=np.ones((2, 3)), y=np.array([0, 1]))
    assert isinstance(read(str(path)), Table)
    assert list(read_columns(path)) == ["x0", "x1", "x2"]
    for name in ("a", "b"):
        (tmp_path / "pictures" / name).mkdir(parents=True)
        Image.new("L", (2, 2)).save(tmp_path / "pictures" / name / "1.png")
    assert isinstance(read(tmp_path / "pictures"), ImageSet)
    for source in (path, tmp_path / "pictures", "digits"):
        with pytest.raises(InputError, match="brings its own labels and has no column 'y'"):
            read(source, target="y")


def test_only_the_target(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("y\n1\n2\n")
    with pytest.raises(InputError, match="no column besides the target 'y'"):
        read(tmp_path / "t.csv", target="y")


def test_unknown_sources(tmp_path: Path) -> None:
    with pytest.raises(FileError, match="no file or folder 'nothing'; give digits, mnist"):
        read("nothing")
    with pytest.raises(FileError, match=r"no file or folder 'absent\.csv'"):
        read_columns("absent.csv")
    for name, shown in (("t.xlsx", "'.xlsx'"), ("t", "'no suffix'")):
        (tmp_path / name).write_text("x")
        with pytest.raises(InputError, match=f"ends in {shown}; give a table as .csv, .parquet or .npz"):
            read(tmp_path / name, target="y")


def test_data_goes_with_mnist_only(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="goes with mnist only, not with digits"):
        read("digits", data=tmp_path)
    with pytest.raises(FileError, match="holds no t10k-images"):
        read("mnist", data=tmp_path)


def test_digits_need_no_heavy_import() -> None:
    code = (
        "import sys, mathdl.data; mathdl.data.read('digits');"
        "print({'pandas', 'pyarrow', 'PIL', 'sklearn', 'scipy', 'numba'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
