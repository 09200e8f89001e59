"""The rules of the house, read off the source: who imports whom, what is not repeated, what nobody does."""

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
MAX_PARAMETERS = 10  # chosen: what is longer belongs into a named tuple
REPEATED_LINES = 12  # chosen: shorter runs are often only alike

# A room imports only from lower floors; errors are the ground that every room stands on. The table in CONTRIBUTING.md
# is made of this one: `python tests/project/test_house.py` prints it.
HOUSE = {
    "__main__": (14, "where the process begins"),
    "cli": (13, "the command: parse, call one public function, print"),
    "runs": (12, "a whole job: read, encode, fit, evaluate, report, save, whatever the model"),
    "book": (12, "the book's items and its generators of data"),
    "files": (11, "model files, checkpoints"),
    "exchange": (11, "other libraries' formats, engines and trackers: ONNX, PyTorch, MLflow, TensorBoard"),
    "models": (10, "scikit-learn estimators, one a file, each declaring itself"),
    "shifts": (9, "whether an answer moves or stays when the picture moves: proofs, counterexamples"),
    "robustness": (10, "what a network's answers can be near an input or over a box: bounds, proofs, counterexamples"),
    "piecewise": (9, "networks as piecewise affine functions: their pieces, their exact values"),
    "approximation": (9, "networks that are, or are near to, given functions"),
    "networks": (8, "layers composed: one parameter vector, its value and its gradient"),
    "training": (7, "the loop, callbacks, watching, learning rates, the record"),
    "descent": (6, "gradient descent, rules, schedules, guarantee, decrease"),
    "plots": (5, "pictures by matplotlib, of arrays, of records and of networks"),
    "classification": (5, "classes and classifiers as sets and functions"),
    "objectives": (5, "what is minimised: value, slope, curvature bound, exact form"),
    "layers": (4, "one layer a file"),
    "solvers": (4, "one problem, one file"),
    "geometry": (4, "hyperplanes, separation, convex hulls"),
    "convolution": (3, "convolution as mathematics: of arrays, of functions, as a matrix"),
    "chain": (1, "expressions and the chain rule: values, derivatives, counts"),
    "engine": (3, "runs a table of kernels in parallel, the same bits for any number of threads"),
    "kernels": (2, "compiled loops over arrays"),
    "exact": (2, "rationals and linear algebra without rounding"),
    "data": (2, "readers, encoders, splits"),
    "certificates": (2, "the record, the checker, one file a kind; the standard library alone"),
    "blas": (1, "NumPy's matrix products on one thread"),
    "checks": (1, "checks of what is given"),
    "interrupts": (1, "Ctrl-C between two steps"),
    "status": (1, "how a computation ended, in words"),
    "errors": (0, "errors and warnings"),
}
FLOORS = {room: floor for room, (floor, _) in HOUSE.items()}
KERNELS_MAY_IMPORT = {"__future__", "collections", "functools", "llvmlite", "math", "numba", "numpy", "sys", "typing"}
COMPILER = {"jit.py", "disk_cache.py", "tile_shape.py"}
COMPILER_MAY_IMPORT = {  # it keeps machine code on disk, and lets Ctrl-C wait
    *("contextlib", "fcntl", "gc", "hashlib", "inspect", "logging", "os", "pathlib", "time", "warnings", "zlib"),
    "mathdl.interrupts.interrupts_held",
    "mathdl.errors.InputError",
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
    allowed = KERNELS_MAY_IMPORT | (COMPILER_MAY_IMPORT if path.name in COMPILER else set())
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


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """The sets of modules that reach one another."""
    found, order, low, stack = [], {}, {}, []

    def visit(node: str) -> None:
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in sorted(graph.get(node, ())):
            if other not in order:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == order[node]:
            circle = [stack.pop()]
            while circle[-1] != node:
                circle.append(stack.pop())
            found.append(sorted(circle))

    for node in sorted(graph):
        if node not in order:
            visit(node)
    return [circle for circle in found if len(circle) > 1]


def import_graph(files: dict[str, ast.Module]) -> dict[str, set[str]]:
    """Which modules each module imports, under TYPE_CHECKING and in functions too."""
    graph: dict[str, set[str]] = {}
    for module, syntax in files.items():
        path = PACKAGE.parent / f"{module.replace('.', '/')}.py"
        path = path if path.exists() else path.with_suffix("") / "__init__.py"
        named = [name for _, name in imports(syntax, path)]
        # A name that is imported is a module, or something in one.
        origins = {name if name in files else name.rpartition(".")[0] for name in named}
        graph[module] = {origin for origin in origins if origin in files and origin != module}
    return graph


def definitions(syntax: ast.Module) -> set[str]:
    """Every name that a module binds: functions, classes, variables, attributes, parameters."""
    names = set()
    for node in ast.walk(syntax):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                names.add(name)
    return names


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.endswith("__")


@cache
def private_names() -> frozenset[str]:
    """The private names that some module of the package defines."""
    return frozenset(name for path in SOURCES for name in definitions(tree(path)) if is_private(name))


def trespasses(syntax: ast.Module, path: Path) -> list[str]:
    """Say where a module uses a private name of another one; what a class inherits is its own."""
    own = definitions(syntax)
    complaints = [
        f"line {line}: {name}"
        for line, name in imports(syntax, path)
        if name.startswith("mathdl.") and any(map(is_private, name.split(".")))
    ]
    for node in ast.walk(syntax):
        if isinstance(node, ast.Attribute) and node.attr in private_names() - own:
            match node.value:
                case ast.Name(id="self" | "cls") | ast.Call(func=ast.Name(id="super")):
                    pass
                case _:
                    complaints.append(f"line {node.lineno}: .{node.attr}")
    return complaints


@cache
def public_classes() -> frozenset[type]:
    """The public classes, and those that they inherit from."""
    values = [getattr(mathdl, name) for name in mathdl._HOME]
    return frozenset(base for value in values if isinstance(value, type) for base in value.__mro__)


def long_signatures(syntax: ast.Module, path: Path) -> list[str]:
    """Say which functions take too many parameters; public ones and commands may."""
    public = {cls.__name__ for cls in public_classes() if cls.__module__ == module_of(path)}
    public |= {name for name, home in mathdl._HOME.items() if f"mathdl.{home}" == module_of(path)}
    complaints = []

    def visit(body: list[ast.stmt], is_public: bool) -> None:
        for node in body:
            if isinstance(node, ast.ClassDef):
                visit(node.body, is_public or node.name in public)
            elif isinstance(node, ast.FunctionDef):
                given = node.args.posonlyargs + node.args.args + node.args.kwonlyargs
                count = len([arg for arg in given if arg.arg not in ("self", "cls")])
                open_to_users = (is_public or node.name in public) and not is_private(node.name)
                if count > MAX_PARAMETERS and not open_to_users:
                    complaints.append(f"line {node.lineno}: {node.name} takes {count}")
                visit(node.body, False)

    visit(syntax.body, module_of(path).startswith("mathdl.cli."))
    return complaints


def repeated_runs(files: dict[str, str]) -> list[str]:
    """Say where so many lines stand twice; blank lines, imports, comments and the documentation do not count."""
    places: dict[tuple[str, ...], str] = {}
    complaints = []
    for name, text in files.items():
        skipped = {
            line
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.Import | ast.ImportFrom)
            or (
                isinstance(node, ast.Expr)
                and isinstance(node.value, ast.Constant)
                and isinstance(node.value.value, str)
            )
            for line in range(node.lineno, (node.end_lineno or node.lineno) + 1)
        }
        lines = [
            (number, line.strip())
            for number, line in enumerate(text.splitlines(), 1)
            if number not in skipped and line.strip() and not line.strip().startswith("#")
        ]
        last = 0
        for start in range(len(lines) - REPEATED_LINES + 1):
            run = tuple(line for _, line in lines[start : start + REPEATED_LINES])
            if run in places and start >= last:
                complaints.append(f"{name}:{lines[start][0]} repeats {places[run]}")
                last = start + REPEATED_LINES
            places.setdefault(run, f"{name}:{lines[start][0]}")
    return complaints


def table_of_floors() -> str:
    """The table of rooms for CONTRIBUTING.md, the top floor first."""
    rows = ["| floor | room | what lives there |", "|---|---|---|"]
    for room, (floor, purpose) in sorted(HOUSE.items(), key=lambda item: -item[1][0]):
        name = f"{room}/" if (PACKAGE / room).is_dir() else f"{room}.py"
        rows.append(f"| {floor} | `{name}` | {purpose} |")
    return "\n".join(rows)


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


def test_no_modules_import_one_another() -> None:
    graph = import_graph({module_of(path): tree(path) for path in SOURCES if path != PACKAGE / "__init__.py"})
    assert circles(graph) == []


def test_every_room_has_a_floor_and_every_floor_a_room() -> None:
    rooms = {module_of(path).split(".")[1] for path in SOURCES if path.parent != PACKAGE}
    rooms |= {path.stem for path in PACKAGE.glob("*.py") if path.stem != "__init__"}
    assert rooms == set(HOUSE)


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_private_names_stay_in_their_module(path: Path) -> None:
    assert trespasses(tree(path), path) == []


@pytest.mark.parametrize("path", SOURCES, ids=label)
def test_functions_take_few_parameters(path: Path) -> None:
    assert long_signatures(tree(path), path) == []


def test_nothing_is_written_twice() -> None:
    assert repeated_runs({label(path): path.read_text(encoding="utf-8") for path in SOURCES}) == []


def test_contributing_shows_the_house() -> None:
    assert table_of_floors() in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


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
        (
            climbs,
            "layers/dense.py",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mathdl.files import model",
        ),
        (trespasses, "layers/dense.py", "from mathdl.checks import _rows"),
        (
            trespasses,
            "layers/dense.py",
            "from mathdl.geometry import points\npoints._is_private()".replace(
                "_is_private", sorted(private_names())[0]
            ),
        ),
        (long_signatures, "layers/dense.py", "def f(a, b, c, d, e, f, g, h, i, j, *, k): pass"),
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


def test_a_circle_is_seen() -> None:
    assert circles({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}) == [["a", "b", "c"]]
    code = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from mathdl.checks import reals"
    late = "def f():\n    from mathdl import errors"
    graph = import_graph({"mathdl.errors": ast.parse(code), "mathdl.checks": ast.parse(late)})
    assert circles(graph) == [["mathdl.checks", "mathdl.errors"]]


def test_a_repetition_is_seen() -> None:
    lines = [f"x{k} = {k}" for k in range(REPEATED_LINES)]
    assert repeated_runs({"a": "\n".join(lines), "b": "y = 0\n" + "\n\n".join(lines)}) == ["b:2 repeats a:1"]
    assert repeated_runs({"a": "\n".join(lines), "b": "\n".join(lines[:-1])}) == []


if __name__ == "__main__":
    print(table_of_floors())  # noqa: T201
