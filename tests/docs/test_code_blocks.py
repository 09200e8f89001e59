"""What the documents show is run: the code blocks of README and docs, and the examples in docstrings.

``python tests/docs/test_code_blocks.py`` makes the pictures that documents show and draw themselves.

In a document the ``python`` blocks and the ``$ mathdl ...`` lines of the ``console`` blocks run from top to
bottom in one folder that holds ``examples`` alone. A block of any other kind (``bash``, ``toml``) is only shown.
"""

from __future__ import annotations

import doctest
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "mathdl"
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
SHOWN = re.compile(r"^!\[[^\]]+\]\(([^)]+)\)$", re.MULTILINE)
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
MLFLOW = ("mlflow", "sqlalchemy")  # mlflow-skinny alone keeps no runs in a file
NEEDED = {
    **{"torch": ("torch",), "mlflow": MLFLOW, "tensorboard": ("tensorboardX",)},
    **{"tracking.md": (*MLFLOW, "tensorboardX"), "many_models.md": ("distributed",)},
}
COMMAND = [sys.executable, "-c", "from mathdl.cli.main import main; main()"]


def blocks(text: str) -> list[tuple[str, int, str]]:
    """The kind, first line number and code of every fenced block."""
    return [(m[1], text.count("\n", 0, m.start(2)) + 1, m[2]) for m in BLOCK.finditer(text)]


def require_extras(path: Path) -> None:
    """Skip what needs a library that is not installed: the name of the file says which."""
    for name, libraries in NEEDED.items():
        if name in path.name:
            for library in libraries:
                pytest.importorskip(library)


def commands(code: str) -> list[str]:
    """The commands after ``$``, with the lines that a backslash continues."""
    lines = code.replace("\\\n", " ").splitlines()
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ")]


def run_python(code: str, document: str, line: int, names: dict[str, object]) -> None:
    """Run a block with the document's own line numbers, for a traceback that points into the document."""
    exec(compile("\n" * (line - 1) + code, document, "exec"), names)


def run_command(command: str) -> None:
    """Run a ``mathdl`` command and show what it said when it fails."""
    program, *arguments = shlex.split(command, comments=True)
    assert program == "mathdl", f"a console block runs mathdl alone, not {program}; make it a bash block"
    here = os.environ | {"PYTHONPATH": str(PACKAGE.parent)}
    done = subprocess.run([*COMMAND, *arguments], env=here, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def run_document(text: str, name: str) -> int:
    """Run what a document shows in the current folder; count what was run."""
    names: dict[str, object] = {"__name__": "__main__"}
    ran = 0
    for kind, line, code in blocks(text):
        if kind == "python":
            run_python(code, name, line, names)
            ran += 1
        elif kind == "console":
            for command in commands(code):
                run_command(command)
                ran += 1
    return ran


def drawn_pictures(document: Path) -> list[str]:
    """The pictures that a document shows and its own code saves."""
    text = document.read_text(encoding="utf-8")
    return [name for name in SHOWN.findall(text) if f'savefig("{name}"' in text]


def make_pictures(document: Path, folder: Path) -> None:
    """Run a document in a folder of its own, and put the pictures that it draws beside it."""
    os.chdir(folder)
    shutil.copytree(ROOT / "examples", folder / "examples")
    run_document(document.read_text(encoding="utf-8"), document.name)
    for name in drawn_pictures(document):
        shutil.copy(folder / name, document.parent / name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_shows_runs(
    document: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    require_extras(document)
    monkeypatch.chdir(tmp_path)
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    text = document.read_text(encoding="utf-8")
    assert run_document(text, document.name) > 0 or "```" not in text
    assert all((document.parent / name).exists() for name in SHOWN.findall(text))
    assert all((tmp_path / name).stat().st_size > 1000 for name in drawn_pictures(document))


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_the_examples_in_docstrings_run(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if ">>>" not in path.read_text(encoding="utf-8"):
        return
    require_extras(path)
    name = ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    module = importlib.import_module(name)
    monkeypatch.chdir(tmp_path)
    runner = doctest.DocTestRunner(optionflags=doctest.NORMALIZE_WHITESPACE | doctest.ELLIPSIS)
    for test in doctest.DocTestFinder(exclude_empty=True).find(module, name):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0, capsys.readouterr().out


def test_a_block_that_fails_points_into_the_document() -> None:
    with pytest.raises(ZeroDivisionError) as error:
        run_document("Words.\n\n```python\nx = 0\n1 / x\n```\n", "page.md")
    assert (str(error.traceback[-1].path), error.traceback[-1].lineno + 1) == ("page.md", 5)


def test_a_command_that_fails_is_a_failure() -> None:
    with pytest.raises(AssertionError, match="No such command"):
        run_document("```console\n$ mathdl nonsense\n```\n", "page.md")


def test_only_marked_blocks_run() -> None:
    assert run_document("```bash\nmathdl nonsense\n```\n\n```toml\nx = 1\n```\n", "page.md") == 0
    assert commands("$ mathdl train digits \\\n    --out runs\n12 s\n$ mathdl") == [
        "mathdl train digits      --out runs",
        "mathdl",
    ]


if __name__ == "__main__":
    for each in filter(drawn_pictures, DOCUMENTS):
        with tempfile.TemporaryDirectory() as place:
            make_pictures(each, Path(place))
            os.chdir(ROOT)
