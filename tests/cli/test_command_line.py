"""The commands parse, call one function each and print."""

from __future__ import annotations

import errno
import importlib
import io
import json
import keyword
import os
import shlex
import shutil
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mathdl
from mathdl.cli.main import COMMANDS, main
from mathdl.errors import DivergenceWarning, FileError, InputError, TrainingInterrupted
from mathdl.runs.options import declared_options
from mathdl.runs.run import Run

ROOT = Path(__file__).parents[2]


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run a command; return its exit code, its output and its messages."""
    with pytest.raises(SystemExit) as end:
        main(words)
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


class Recorder:
    """Stands in for a run: keeps what it was called with, then answers or raises."""

    def __init__(self, answer: object) -> None:
        self.answer, self.args, self.kwargs = answer, (), {}

    def __call__(self, *args: Any, **kwargs: Any) -> object:
        self.args, self.kwargs = args, kwargs
        if isinstance(self.answer, BaseException):
            raise self.answer
        return self.answer


@pytest.fixture
def replace(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that puts a recorder in the place of a run."""

    def put(name: str, answer: object) -> Recorder:
        module, recorder = types.ModuleType(f"mathdl.runs.{name}"), Recorder(answer)
        setattr(module, name, recorder)
        monkeypatch.setitem(sys.modules, module.__name__, module)
        return recorder

    return put


@pytest.fixture(autouse=True)
def _keep_showwarning(monkeypatch: pytest.MonkeyPatch) -> None:
    """Undo what the command does to warnings."""
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)


def training_run(status: str = "completed", *messages: str, **metrics: Any) -> Run:
    """A run without a model."""
    shown = metrics or {"test_adjusted_rand_index": 0.98611, "train_seconds": 1.26, "parameters": 12345, "epochs": 3}
    nothing: Any = None
    return Run(nothing, shown | {"status": status}, None, None, list(messages), Path("runs/digits"), nothing)


@pytest.mark.parametrize("words", [(), ("--help",), ("train", "-h"), ("book", "--help")])
def test_help(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: mathdl")
    if len(words) == 2:
        assert f"Examples:\n    mathdl {words[0]}" in out


@pytest.mark.parametrize("word", ["train", "predict", "inspect", "verify"])
def test_a_command_without_its_arguments_shows_its_help_and_ends_with_2(
    capsys: pytest.CaptureFixture[str], word: str
) -> None:
    code, out, err = run(capsys, word)
    assert (code, out) == (2, "")
    assert err.startswith(f"Usage: mathdl {word}")
    assert f"Examples:\n    mathdl {word} " in err


def test_the_list_of_commands_says_what_each_one_says_of_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """In whole sentences: the first ones of their help."""
    listed = " ".join(run(capsys, "--help")[1].split())
    for name, command in COMMANDS.items():
        assert f"{name} {command.summary}" in listed
        words = " ".join(run(capsys, name, "--help")[1].split())
        assert f"[OPTIONS]{words.split('[OPTIONS]')[1].split(command.summary)[0]}{command.summary}" in words
        module = f"{name}_" if keyword.iskeyword(name) else name
        assert getattr(importlib.import_module(f"mathdl.cli.{module}"), module).__doc__.startswith(command.summary)


@pytest.mark.parametrize(
    ("option", "text", "message"),
    [
        ("--epochs", "many", "Invalid value for '--epochs': 'many' is no whole number."),
        ("--test-fraction", "half", "Invalid value for '--test-fraction': 'half' is no number."),
        (
            "--task",
            "clustering",
            "Invalid value for '--task': 'clustering' is not one of 'classification', 'regression'.",
        ),
        ("--learning-rate", "fast", "'fast' is no learning rate; give a positive number, or auto."),
    ],
)
def test_an_option_of_another_kind(capsys: pytest.CaptureFixture[str], option: str, text: str, message: str) -> None:
    """The sentence names what was given, in no other library's words."""
    code, out, err = run(capsys, "train", "digits", option, text)
    assert (code, out) == (2, "")
    assert message in err


def test_a_misspelt_command_is_corrected(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "tran")
    assert (code, out) == (2, "")
    assert "Did you mean 'train'?" in err


def test_help_shows_every_option_with_its_default(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = run(capsys, "train", "--help")
    words = "model network target task epochs batch-size learning-rate momentum test-fraction seed threads"
    words += " regularization degree clusters columns drop column na no-header missing cv threshold semisupervised"
    words += " size pad resize augment weight-decay early-stopping no-early-stopping patience class-weight loss"
    words += " robustness engine"
    for option in [*words.split(), "certify", "resume", "out", "data", "json"]:
        assert f"--{option}" in out
    assert out.count("[default:") == 34
    assert "(none)" not in out
    assert "[default: (0.2)]" in " ".join(out.split())


def test_the_examples_of_the_help_run_as_they_are_typed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)
    for name in ("train", "predict", "inspect", "verify"):
        for example in COMMANDS[name].examples:
            typed, _, read = example.partition(" < ")
            if read:
                monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(Path(read).read_bytes())))
            code, out, err = run(capsys, *shlex.split(typed)[1:])
            assert (code, out != "") == (0, True), f"{example}\n{err}"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, "--version") == (0, f"mathdl {mathdl.__version__}\n", "")


@pytest.mark.parametrize(
    "words",
    [("fly",), ("train", "digits", "--epochs", "many"), ("predict", "m"), ("train", "x", "--task", "y")],
)
def test_a_wrong_call_ends_with_2(capsys: pytest.CaptureFixture[str], words: tuple[str, ...]) -> None:
    code, out, err = run(capsys, *words)
    assert (code, out) == (2, "")
    assert "Error: " in err


def test_train_passes_on_its_defaults(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    recorder = replace("train", training_run())
    code, out, err = run(capsys, "train", "digits")
    assert (code, err) == (0, "")
    assert recorder.args == ("digits",)
    assert len(recorder.kwargs.pop("callbacks")) == 2
    assert recorder.kwargs == {
        "model": "network",
        "data_folder": None,
        "target": None,
        "task": None,
        **dict.fromkeys(declared_options()),
        "certify": False,
        "size": None,
        "pad": "black",
        "resize": "all",
        "columns": None,
        "drop": [],
        "kinds": {},
        "na": (),
        "header": True,
        "missing": "impute",
        "cv": None,
        "test_fraction": None,
        "threshold": None,
        "semisupervised": False,
        "seed": 0,
        "resume": False,
        "out": Path("runs/digits"),
        "command": "mathdl train digits",
    }
    assert out.splitlines() == [
        "test adjusted rand index  0.9861",
        "parameters                12,345",
        "training time             1.3 s",
        "model                     runs/digits/model.safetensors",
        "report                    runs/digits/report.html",
    ]


def test_train_passes_on_every_option(capsys: pytest.CaptureFixture[str], replace: Any, tmp_path: Path) -> None:
    recorder = replace("train", training_run("completed", "stopped early after epoch 3"))
    words = (
        "train", "my data.csv", "--target", "y", "--task", "regression", "--network", "n.toml", "--epochs",
        "7", "--batch-size", "32", "--learning-rate", "0.05", "--momentum", "0.8", "--test-fraction", "0.3",
        "--seed", "4", "--threads", "2", "--resume", "--out", str(tmp_path), "--data", "d", "--json",
    )  # fmt: skip
    code, out, err = run(capsys, *words)
    assert (code, err) == (0, "stopped early after epoch 3\n")
    assert json.loads(out) == training_run().metrics
    recorder.kwargs.pop("callbacks")
    assert recorder.kwargs == {
        **dict.fromkeys(declared_options()),
        "model": "network",
        "data_folder": Path("d"),
        "certify": False,
        "target": "y",
        "task": "regression",
        "network": "n.toml",
        "epochs": 7,
        "batch_size": 32,
        "learning_rate": 0.05,
        "momentum": 0.8,
        "size": None,
        "pad": "black",
        "resize": "all",
        "columns": None,
        "drop": [],
        "kinds": {},
        "na": (),
        "header": True,
        "missing": "impute",
        "cv": None,
        "test_fraction": 0.3,
        "threshold": None,
        "semisupervised": False,
        "seed": 4,
        "threads": 2,
        "resume": True,
        "out": str(tmp_path),
        "command": f"mathdl train 'my data.csv' {' '.join(words[2:])}",
    }


def test_two_targets_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = run(capsys, "train", "t.csv", "--target", "a", "--target", "b")
    assert (code, out, err) == (2, "", "error: 2 targets are named, 'a', 'b'; name one column.\n")


@pytest.mark.parametrize(("source", "folder"), [("-", "data"), ("a/t.csv.gz", "t"), ("t.tsv", "t")])
def test_a_run_of_a_file_is_named_after_it(
    capsys: pytest.CaptureFixture[str], replace: Any, source: str, folder: str
) -> None:
    recorder = replace("train", training_run())
    assert run(capsys, "train", source, "--target", "y")[0] == 0
    assert recorder.kwargs["out"] == Path("runs") / folder


def test_options_about_reading(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    recorder = replace("train", training_run())
    words = "train t.csv --target y --columns a,b --columns c --drop d --column e=f=number --na -999 --na none"
    assert run(capsys, *words.split(), "--no-header")[0] == 0
    passed = {name: recorder.kwargs[name] for name in ("columns", "drop", "kinds", "na", "header")}
    assert passed == {
        "columns": ["a", "b", "c"], "drop": ["d"], "kinds": {"e=f": "number"}, "na": ["-999", "none"], "header": False,
    }  # fmt: skip


def test_a_learning_rate_may_be_looked_for(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    answer = training_run()
    found = {"learning_rate": 0.05, "learning_rate_search": {"reason": "Of 9 rates, 0.05 was best."}}
    answer.metrics.update(found)
    recorder = replace("train", answer)
    code, out, err = run(capsys, "train", "digits", "--learning-rate", "auto")
    assert (code, err) == (0, "")
    assert recorder.kwargs["learning_rate"] == "auto"
    assert out.splitlines()[1:3] == [
        "learning rate             0.05",
        "how it was found          Of 9 rates, 0.05 was best.",
    ]


@pytest.mark.parametrize("rate", ["fast", "", "0,1", "Auto"])
def test_another_word_is_no_learning_rate(capsys: pytest.CaptureFixture[str], replace: Any, rate: str) -> None:
    replace("train", training_run())
    code, out, err = run(capsys, "train", "digits", "--learning-rate", rate)
    assert (code, out) == (2, "")
    assert f"{rate!r} is no learning rate; give a positive number, or auto." in " ".join(err.split())


def test_a_run_is_named_after_its_data(
    capsys: pytest.CaptureFixture[str], replace: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "photos.v2").mkdir()
    monkeypatch.chdir(tmp_path)
    recorder = replace("train", training_run())
    for source, name in (
        ("a/flowers.csv", "flowers"),
        ("photos.v2", "photos.v2"),
        (".", tmp_path.name),
        ("/", "data"),
    ):
        run(capsys, "train", source)
        assert recorder.kwargs["out"] == Path("runs") / name


def test_training_that_diverged_ends_with_1_and_says_so_once(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    answer = training_run("diverged", "the loss was not finite in epoch 2; try --learning-rate 0.01")

    class Diverging(Recorder):
        def __call__(self, *args: Any, **kwargs: Any) -> object:
            warnings.warn(answer.messages[0], DivergenceWarning, stacklevel=1)
            return super().__call__(*args, **kwargs)

    replace("train", answer)
    sys.modules["mathdl.runs.train"].train = Diverging(answer)  # type: ignore[attr-defined]
    code, out, err = run(capsys, "train", "digits")
    assert code == 1
    assert err == "the loss was not finite in epoch 2; try --learning-rate 0.01\n"
    assert "model " in out


def test_warnings_of_the_layers_are_printed_apart(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    said = "Gradients vanish: use fewer layers.", "Dead ReLUs\x1b[31m: train anew."
    answer = training_run("completed", "stopped early", *said)
    replace("train", answer)
    code, out, err = run(capsys, "train", "digits", "--json")
    assert code == 0
    assert err.splitlines() == ["stopped early", "Gradients vanish: use fewer layers.", "Dead ReLUs?[31m: train anew."]
    assert json.loads(out) == answer.metrics


@pytest.mark.parametrize(
    ("name", "words"),
    [("train", ("train", "digits")), ("predict", ("predict", "m", "a.png")), ("inspect", ("inspect", "m"))],
)
@pytest.mark.parametrize(
    ("error", "code", "line"),
    [
        (InputError("epochs is 0; give at least 1"), 2, "error: epochs is 0; give at least 1\n"),
        (FileError("no file m\x1b[2J"), 2, "error: no file m?[2J\n"),
        (
            TrainingInterrupted("stopped in epoch 3; go on with --resume"),
            130,
            "stopped in epoch 3; go on with --resume\n",
        ),
        (KeyboardInterrupt(), 130, "interrupted\n"),
        (
            MemoryError("Unable to allocate 3 GiB"),
            1,
            "error: there is not enough memory (Unable to allocate 3 GiB)\n",
        ),
        (
            OSError(errno.EIO, "Input/output error", "m"),
            1,
            f"error: [Errno {errno.EIO}] Input/output error: 'm'\n",
        ),
    ],
)
def test_errors_are_one_line(
    capsys: pytest.CaptureFixture[str],
    replace: Any,
    name: str,
    words: tuple[str, ...],
    error: BaseException,
    code: int,
    line: str,
) -> None:
    replace(name, error)
    assert run(capsys, *words) == (code, "", line)


def test_a_mistake_of_ours_keeps_its_traceback(replace: Any) -> None:
    replace("inspect", ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError, match="ours"):
        main(["inspect", "m"])


def test_warnings_are_one_line(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    class Warns(Recorder):
        def __call__(self, *args: Any, **kwargs: Any) -> object:
            with warnings.catch_warnings():
                warnings.simplefilter("always")
                warnings.warn("the column x is constant", UserWarning, stacklevel=1)
            return super().__call__(*args, **kwargs)

    replace("train", None)
    sys.modules["mathdl.runs.train"].train = Warns(training_run())  # type: ignore[attr-defined]
    assert run(capsys, "train", "digits")[2] == "warning: the column x is constant\n"


def predictions(**fields: object) -> types.SimpleNamespace:
    asked = {"kept": {}, "notes": (), "intervals": None, "sets": None, "class_names": [], **fields}
    asked["kind"] = "label" if asked["class_names"] else "cluster"
    return types.SimpleNamespace(to_json=lambda: '{"answers": []}', to_table=Recorder(None), **asked)


CLASSES = {
    "names": ["one.png", "another.png"],
    "labels": ["7", "1"],
    "probabilities": np.array([[0.25, 0.75], [1, 0]]),
    "class_names": ["1", "7"],
}


def test_predict_prints_one_line_an_object(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    recorder = replace("predict", predictions(**CLASSES))
    code, out, err = run(capsys, "predict", "m.safetensors", "one.png", "another.png")
    assert (code, err) == (0, "")
    assert recorder.args == (Path("m.safetensors"), [Path("one.png"), Path("another.png")])
    assert out.splitlines() == [
        "name         class  probability",
        "one.png      7           0.7500",
        "another.png  1           1.0000",
    ]


def test_predict_prints_values(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    replace("predict", predictions(names=["1", "2"], labels=[], probabilities=None, values=np.array([1.5, -1234567.0])))
    out = run(capsys, "predict", "m", "t.csv")[1]
    assert out.splitlines() == ["name         value", "1              1.5", "2     -1.23457e+06"]


def test_predict_writes_a_table(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    recorder = replace("predict", predictions(**CLASSES))
    assert run(capsys, "predict", "m", "t.csv", "--out", "a.csv") == (0, "2 answers in a.csv\n", "")
    assert recorder.answer.to_table.args == (Path("a.csv"),)
    assert run(capsys, "predict", "m", "t.csv", "--out", "a.csv", "--json")[1] == '{"answers": []}\n'


def test_inspect_prints_the_layers(capsys: pytest.CaptureFixture[str], replace: Any) -> None:
    inspection = types.SimpleNamespace(
        input_shape=(1, 8, 8),
        layers=[("Flatten", (64,), 0), ("Dense(10)", (10,), 650)],
        parameters=650,
        preprocessing="pixels divided by 255",
        training={
            "epochs": 3,
            "test_accuracy": 0.98,
            "layers_in_training": {"epochs": [0, 3]},
            "compared": ["better than this", "no better than that"],
            "confusion": [[3, 0], [1, 4]],
            "per_class": [{"class": "a", "recall": 1.0}],
            "patience": None,
        },
        operations=None,
        pictures=None,
        notes=(),
        to_json=lambda: "{}",
    )
    recorder = replace("inspect", inspection)
    code, out, err = run(capsys, "inspect", "m.safetensors")
    assert (code, err) == (0, "")
    assert recorder.args == (Path("m.safetensors"), False)
    assert (recorder.kwargs["pictures"], recorder.kwargs["data"]) == (None, None)
    assert out.splitlines() == [
        "layer      output shape  parameters",
        "input      1 x 8 x 8",
        "Flatten    64                     0",
        "Dense(10)  10                   650",
        "total                           650",
        "",
        "preprocessing",
        "  pixels divided by 255",
        "",
        "training",
        "  epochs         3",
        "  test_accuracy  0.98",
        "  compared       better than this; no better than that",
    ]
    assert run(capsys, "inspect", "m.safetensors", "--json")[1] == "{}\n"


def test_inspect_draws_the_pieces(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    facts = {"pieces": 1234, "functions": 7, "settled_exactly": 0, "where": "around the data", "picture": "regions.svg"}
    drawn, module = types.SimpleNamespace(**facts, to_json=lambda: "{}"), types.ModuleType("mathdl.runs.regions")
    recorder = module.draw_regions = Recorder(drawn)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    code, out, _ = run(capsys, "inspect", "m", "--regions", "--data", "t.csv")
    assert (code, recorder.args) == (0, (Path("m"), Path("t.csv")))
    assert out.splitlines() == [
        "affine pieces        1,234",
        "affine functions     7 (neighbours with the same one joined)",
        "in exact arithmetic  0 signs",
        "where                around the data",
        "picture              regions.svg",
    ]
    assert run(capsys, "inspect", "m", "--regions", "--json")[1] == "{}\n"


def command(*words: str, before: str = "", **options: Any) -> subprocess.CompletedProcess[str]:
    """Run the command as a process."""
    code = f"{before}\nimport runpy, sys\nsys.argv[1:] = {words!r}\nrunpy.run_module('mathdl', run_name='__main__')"
    streams: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.run([sys.executable, "-c", code], text=True, check=False, **streams | options)


HEAVY = {"numpy", "numba", "pandas", "sklearn", "scipy", "matplotlib", "PIL"}


@pytest.mark.parametrize("words", [("--help",), ("book",), ("verify", "--help"), ("verify", "missing.json")])
def test_what_needs_nothing_heavy_loads_nothing_heavy(words: tuple[str, ...]) -> None:
    """A machine's speed is no test; these modules take half a second and more."""
    heavy = HEAVY - {"numpy"} if words == ("book",) else HEAVY  # the items that it lists hold arrays
    before = f"import atexit, sys\natexit.register(lambda: print('loaded', *sorted({heavy} & set(sys.modules))))"
    done = command(*words, before=before)
    assert done.returncode == (2 if "missing.json" in words else 0)
    assert done.stdout.splitlines()[-1] == "loaded"


def test_the_module_is_the_command() -> None:
    done = subprocess.run([sys.executable, "-m", "mathdl", "--version"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mathdl {mathdl.__version__}\n", "")


def test_a_shell_completes_commands_and_options() -> None:
    for words, expected in (("mathdl ins", "inspect"), ("mathdl verify --da", "--data")):
        asked = {"_MATHDL_COMPLETE": "complete_zsh", "_TYPER_COMPLETE_ARGS": words}
        assert expected in command(env=os.environ | asked).stdout


PRESSED = """
import builtins, os, signal, sys
load = builtins.__import__
def press(name, *rest, **options):
    if name == {name!r}:
        builtins.__import__ = load
        os.kill(os.getpid(), signal.SIGINT)
    return load(name, *rest, **options)
builtins.__import__ = press
"""


@pytest.mark.parametrize("name", ["mathdl.cli.main", "typer", "mathdl.certificates", "fractions"])
def test_ctrl_c_while_modules_are_loaded(name: str) -> None:
    done = command("verify", "missing.json", before=PRESSED.format(name=name))
    assert (done.returncode, done.stdout, done.stderr) == (130, "", "interrupted\n")


def test_ctrl_c_that_a_callback_would_lose() -> None:
    """Python drops what is raised while an object is finalised, and goes on."""
    lose = "class Last:\n    def __del__(self): signal.raise_signal(signal.SIGINT)\nimport signal\n"
    hook = "import mathdl.cli.main as m\nrun = m.main\ndef main():\n    Last()\n    run()\nm.main = main\n"
    done = command("verify", "missing.json", before=lose + hook)
    assert (done.returncode, done.stderr) == (130, "interrupted\n")


def test_ctrl_c_when_all_is_done_changes_nothing() -> None:
    """Python takes a while to end, and then answers with a signal's default."""
    late = "import atexit, os, signal\natexit.register(lambda: os.kill(os.getpid(), signal.SIGINT))\n"
    done = command("--version", before=late)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mathdl {mathdl.__version__}\n", "")


def test_an_ignored_ctrl_c_stays_ignored() -> None:
    ignore = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    done = command("--version", before=ignore + PRESSED.format(name="typer"))
    assert (done.returncode, done.stdout) == (0, f"mathdl {mathdl.__version__}\n")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_a_full_output() -> None:
    with open("/dev/full", "w") as full:
        for words in (("--help",), ("book",)):
            done = command(*words, stdout=full)
            assert (done.returncode, done.stderr) == (
                1,
                "error: the output cannot be written (No space left on device)\n",
            )


SAYS = """
import logging, os, sys, types, warnings
module = types.ModuleType("mathdl.runs.inspect")
def inspect(path, operations, **pictures):
    warnings.warn("a warning", stacklevel=1)
    print("a message", file=sys.stderr, flush=True)
    logging.getLogger("mathdl.kernels.disk_cache").info("compiling kernels, once")
    return types.SimpleNamespace(to_json=lambda: "done", notes=())
module.inspect = inspect
sys.modules[module.__name__] = module
"""


def test_messages_are_lines_on_standard_error() -> None:
    done = command("inspect", "m", "--json", before=SAYS)
    assert (done.returncode, done.stdout) == (0, "done\n")
    assert done.stderr.splitlines() == ["warning: a warning", "a message", "compiling kernels, once"]


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="this system has no full device")
def test_messages_that_cannot_be_written_end_no_run() -> None:
    with open("/dev/full", "w") as full:
        done = command("inspect", "m", "--json", before=SAYS, stderr=full)
    assert (done.returncode, done.stdout) == (0, "done\n")


@pytest.mark.skipif(os.name == "nt", reason="closed streams of this kind are POSIX's")
@pytest.mark.parametrize("closed", [(2,), (1, 2), (0, 1, 2)])
def test_closed_streams_end_no_run(closed: tuple[int, ...]) -> None:
    """What Python finds closed is None to it."""
    close = "".join(f"import sys; sys.{('stdin', 'stdout', 'stderr')[n]} = None\n" for n in closed)
    done = command("inspect", "m", "--json", before=SAYS + close)
    assert (done.returncode, done.stdout) == (0, "" if 1 in closed else "done\n")


@pytest.mark.skipif(os.name == "nt", reason="this system keeps the folder of a process")
def test_a_removed_folder_is_named(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    leave = f"import os\nos.chdir({str(gone)!r})\nos.rmdir({str(gone)!r})\n"
    done = command("train", "digits", before=leave, env=os.environ | {"PYTHONPATH": str(ROOT / "src")})
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "error: the folder that you are in was removed; change to another\n"


@pytest.mark.parametrize("lines", [1, 100_000])
def test_a_reader_that_leaves_is_no_error(lines: int) -> None:
    code = (
        "import sys, types\nfrom mathdl.cli.main import main\n"
        "sys.stdin.read()\n"
        f"answer = types.SimpleNamespace(to_json=lambda: 'x\\n' * {lines}, notes=())\n"
        "module = types.ModuleType('mathdl.runs.inspect')\nmodule.inspect = lambda *_, **__: answer\n"
        "sys.modules['mathdl.runs.inspect'] = module\n"
        "main(['inspect', 'm', '--json'])"
    )
    command = [sys.executable, "-c", code]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.close()
        assert process.stderr.read() == b""
