"""The habits of the house, read off the source: who imports whom, what nobody does."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path

import pytest

import mathdl

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "mathdl"
SOURCES = sorted(PACKAGE.rglob("*.py"))

# A room imports only from lower floors. Errors are the ground that every room stands on.
FLOORS = {
    "__main__": 14,
    "cli": 13,
    "runs": 12,
    "book": 12,
    "files": 11,
    "models": 10,
    "plots": 2,
    "networks": 8,
    "training": 7,
    "descent": 6,
    "objectives": 5,
    "layers": 4,
    "solvers": 4,
    "geometry": 4,
    "engine": 3,
    "kernels": 2,
    "exact": 2,
    "data": 2,
    "certificates": 2,
    "blas": 1,
    "checks": 1,
    "interrupts": 1,
    "status": 1,
    "errors": 0,
}
KERNELS_MAY_IMPORT = {"__future__", "collections", "functools", "llvmlite", "math", "numba", "numpy", "sys", "typing"}
COMPILER_MAY_IMPORT = {  # it keeps machine code on disk, and lets Ctrl-C wait
    *("contextlib", "fcntl", "gc", "hashlib", "logging", "os", "pathlib", "time", "warnings", "zlib"),
    "mathdl.interrupts.interrupts_held",
}
UNPICKLERS = {"cloudpickle", "dill", "marshal", "pickle", "shelve"}
TEXT = {".cfg", ".css", ".html", ".md", ".py", ".toml", ".txt", ".yaml", ".yml"}
# The top folders are put together here so that this file does not match itself.
MACHINE_PATH = re.compile(r"(?<![\w.}\])>*-])/(?:" + "|".join(("home", "root", "work", "tmp", "Users")) + r")\b/?")


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module_of(path: Path) -> str:
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(syntax: ast.Module, path: Path) -> list[tuple[int, str]]:
    """Every imported name in full with its line, relative imports and the package's lazy names resolved."""
    found = []
    for node in ast.walk(syntax):
        if isinstance(node, ast.Import):
            found += [(node.lineno, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            package = module_of(path).split(".")
            if path.name != "__init__.py":
                package = package[:-1]
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *([node.module] if node.module else [])])
            found += [(node.lineno, f"{origin}.{alias.name}") for alias in node.names]
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "mathdl":
            found.append((node.lineno, f"mathdl.{node.attr}"))
    return [(line, resolve(name)) for line, name in found]


def resolve(name: str) -> str:
    """The full name behind a name that ``mathdl`` loads lazily, any other name as it is."""
    parts = name.split(".")
    home = mathdl._HOME.get(parts[1]) if parts[0] == "mathdl" and len(parts) > 1 else None
    return f"mathdl.{home}" if home else name


def climbs(syntax: ast.Module, path: Path) -> list[str]:
    """Say which imports of a module reach for a room that is not below its own."""
    room = module_of(path).split(".")[1]
    complaints = []
    for line, name in imports(syntax, path):
        parts = name.split(".")
        if parts[0] != "mathdl" or len(parts) == 1 or parts[1] in {room, "__version__"}:
            continue
        if parts[1] not in FLOORS:
            complaints.append(f"line {line}: {name} is in no room of the house")
        elif FLOORS[parts[1]] >= FLOORS[room]:
            complaints.append(f"line {line}: {room} may not import {name}")
    return complaints


def kernel_imports(syntax: ast.Module, path: Path) -> list[str]:
    """Say what a kernel module imports beside NumPy, Numba and other kernels."""
    allowed = KERNELS_MAY_IMPORT | (COMPILER_MAY_IMPORT if path.name in {"jit.py", "disk_cache.py"} else set())
    return [
        f"line {line}: {name}"
        for line, name in imports(syntax, path)
        if not {name, name.split(".")[0]} & allowed and not name.startswith("mathdl.kernels")
    ]


def dangers(syntax: ast.Module, path: Path) -> list[str]:
    """Say where a module unpickles or runs text as code."""
    found = [f"line {n}: {name}" for n, name in imports(syntax, path) if name.split(".")[0] in UNPICKLERS]
    for node in ast.walk(syntax):
        match node:
            case ast.Call(func=ast.Name(id="eval" | "exec" | "__import__" as name)):
                found.append(f"line {node.lineno}: {name}")
            case ast.keyword(arg="allow_pickle", value=value) if not is_false(value):
                found.append(f"line {node.lineno}: allow_pickle")
            case ast.Attribute(value=ast.Name(id="joblib"), attr="load"):
                found.append(f"line {node.lineno}: joblib.load")
    return found


def is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def project_texts() -> list[Path]:
    """The project's own text files, found without git so that a plain copy can be tested too."""
    top = [p for p in ROOT.iterdir() if p.is_file() and (p.suffix in TEXT or p.name in {"Makefile", "LICENSE"})]
    folders = [ROOT / name for name in ("src", "tests", "docs", "benchmarks", ".ci")]
    deep = [p for f in folders for p in f.rglob("*") if p.is_file() and (p.suffix in TEXT or p.parent.name == ".ci")]
    return sorted(top + deep)


def label(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", [p for p in SOURCES if p != PACKAGE / "__init__.py"], ids=label)
def test_a_room_imports_only_rooms_below_it(path: Path) -> None:
    assert module_of(path).split(".")[1] in FLOORS, f"give {label(path)} a floor"
    assert climbs(tree(path), path) == []


@pytest.mark.parametrize("path", sorted((PACKAGE / "kernels").rglob("*.py")), ids=label)
def test_kernels_are_functions_of_arrays_and_numbers(path: Path) -> None:
    assert kernel_imports(tree(path), path) == []


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_nothing_is_unpickled_and_no_text_is_run(path: Path) -> None:
    assert dangers(tree(path), path) == []


@pytest.mark.parametrize("path", project_texts(), ids=label)
def test_no_file_knows_a_machine(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    assert [f"line {n}: {line.strip()}" for n, line in enumerate(lines, 1) if MACHINE_PATH.search(line)] == []


def test_every_lazy_name_has_a_home() -> None:
    homes = {PACKAGE / f"{home.replace('.', '/')}.py" for home in mathdl._HOME.values()}
    assert [label(home) for home in sorted(homes) if not home.exists()] == []


@pytest.mark.parametrize(
    ("check", "file", "code"),
    [
        (climbs, "layers/dense.py", "from mathdl.networks.network import Network"),
        (climbs, "layers/dense.py", "from mathdl import Network"),
        (climbs, "layers/dense.py", "import mathdl\nmathdl.Network"),
        (climbs, "layers/dense.py", "from ..descent import rule"),
        (climbs, "layers/dense.py", "from .. import networks"),
        (climbs, "layers/__init__.py", "from ..files import model"),
        (climbs, "networks/losses.py", "def f():\n    import mathdl.runs.train"),
        (climbs, "kernels/dense.py", "import mathdl.cellar"),
        (kernel_imports, "kernels/dense.py", "from mathdl.errors import InputError"),
        (kernel_imports, "kernels/dense.py", "import scipy"),
        (dangers, "files/model.py", "import pickle"),
        (dangers, "files/model.py", "from pickle import loads"),
        (dangers, "files/model.py", "eval('1')"),
        (dangers, "files/model.py", "import numpy as np\nnp.load('a.npz', allow_pickle=True)"),
        (dangers, "files/model.py", "import joblib\njoblib.load('a')"),
    ],
)
def test_the_checks_see_what_they_look_for(check, file: str, code: str) -> None:
    assert len(check(ast.parse(code), PACKAGE / file)) == 1


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("layers/dense.py", "from mathdl.errors import InputError\nfrom mathdl.kernels.dense import forward"),
        ("layers/dense.py", "from mathdl.layers import layer\nfrom . import activation"),
        ("files/model.py", "from mathdl import Network, __version__"),
    ],
)
def test_the_checks_let_the_house_be_built(file: str, code: str) -> None:
    assert climbs(ast.parse(code), PACKAGE / file) == []


@pytest.mark.parametrize("folder", ["home", "work", "tmp"])
def test_a_machine_path_is_seen(folder: str) -> None:
    assert MACHINE_PATH.search(f'open("/{folder}/someone/a.csv")')
    assert not MACHINE_PATH.search(f"https://example.org/{folder}/a and runs/{folder}/b")
