"""The machinery of the benchmarks, with contestants of the test's own and a clock that they turn; nothing is timed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

sys.path.append(str(Path(__file__).parents[2]))  # the benchmarks are no part of the package

from benchmarks import __main__ as command
from benchmarks import (
    environment,
    floor,
    machine,
    multipliers,
    pictures,
    problems,
    products,
    scaling,
    scaling_out,
    side_by_side,
)
from benchmarks.page import page
from benchmarks.results import FLOOR, SHARE, Bar, Entry, Result, bars_table, duration, result_of, text, times_table
from benchmarks.settings import Settings
from benchmarks.side_by_side import Comparison, Contestant, Disagreement, compare, gathered

from mathdl.kernels.jit import JIT_OFF


class Clock:
    """A clock that only work turns."""

    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        pass

    def contestant(self, name: str, seconds: list[float], value: Any = 1.0, peer: str = "") -> Contestant:
        """Somebody who takes these seconds turn by turn after one for the warm-up, the last ones again and again."""
        left = iter([100.0, *seconds])
        last = seconds[-1]

        def work() -> None:
            self.now += next(left, last)

        return Contestant(name, work, None if value is None else lambda: value, peer)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(side_by_side, "time", clock)
    monkeypatch.setattr(side_by_side, "MEGABYTES", 0)
    return clock


def test_medians_and_both_ratios_leave_the_warm_up_out(clock: Clock) -> None:
    found = compare([clock.contestant("ours", [4, 2, 1]), clock.contestant("theirs", [4, 3, 8], peer="P")], 3)
    assert found.seconds == {"ours": [4, 2, 1], "theirs": [4, 3, 8]}
    assert (found.median("ours"), found.median("theirs")) == (2, 4)
    assert found.ratio("theirs") == 2.0
    assert found.paired_ratio("theirs") == 1.5  # of 1, 3/2 and 8
    assert found.best("P") == "theirs"
    assert found.best("Q") is None


@pytest.mark.parametrize("value", [1.0002, float("nan"), [1.0, 2.0]])
def test_who_computes_something_else_is_not_compared(clock: Clock, value: Any) -> None:
    with pytest.raises(Disagreement, match=r"theirs is .* away from ours"):
        compare([clock.contestant("ours", [1], [1.0, 1.0]), clock.contestant("theirs", [1], value)], 1)


@pytest.mark.parametrize(("ours", "theirs"), [(1000.0, 1000.05), (0.001, 0.00105)])
def test_agreement_is_relative_to_large_values_only(clock: Clock, ours: float, theirs: float) -> None:
    found = compare([clock.contestant("ours", [1], ours), clock.contestant("theirs", [1], theirs)], 1)
    assert found.disagreement == pytest.approx(5e-5)


def test_a_peer_that_cannot_work_is_left_out_and_named(clock: Clock) -> None:
    def fail() -> None:
        raise RuntimeError("no compiler\nand more")

    broken = Contestant("compiled", fail, lambda: 1.0, "P")
    found = compare([clock.contestant("ours", [1]), broken], 2)
    assert list(found.seconds) == ["ours"]
    assert found.notes == ["compiled takes no part: RuntimeError: no compiler"]
    with pytest.raises(RuntimeError, match="no compiler"):
        compare([broken, clock.contestant("ours", [1])], 2)


def test_a_slow_variant_stops_after_the_trial_and_a_slow_peer_does_not(clock: Clock) -> None:
    contestants = [
        clock.contestant("ours", [1]),
        clock.contestant("best", [2], peer="P"),
        clock.contestant("close", [2.5], peer="P"),
        clock.contestant("slow", [4], peer="P"),
        clock.contestant("other", [4], peer="Q"),
        clock.contestant("multipliers", [3], None, FLOOR),
    ]
    found = compare(contestants, 4)
    turns = {name: len(times) for name, times in found.seconds.items()}
    assert turns == {"ours": 4, "best": 4, "close": 4, "slow": 2, "other": 4, "multipliers": 4}
    assert found.paired_ratio("slow") == 4


def test_patience_ends_after_three_turns(clock: Clock) -> None:
    found = compare([clock.contestant("ours", [30]), clock.contestant("endless", [30], peer="P")], 6)
    assert {name: len(times) for name, times in found.seconds.items()} == {"ours": 6, "endless": 3}


def test_a_library_that_is_not_installed_is_left_out_and_named() -> None:
    def absent() -> list[Contestant]:
        raise ImportError("No module named 'p'")

    here = Contestant("here", lambda: None)
    assert gathered({"P": absent, "Q": lambda: [here]}) == ([here], ["P takes no part: No module named 'p'."])


@pytest.mark.parametrize(
    ("bar", "met", "verdict"),
    [
        (Bar("b", 2.0, 2), True, "met (at least 2x)"),
        (Bar("b", 1.99, 2), False, "MISSED (at least 2x)"),
        (Bar("b", 0.84, 1.5, at_most=True, unit="s"), True, "met (at most 1.5 s)"),
        (Bar("b", 10.4, 10, at_most=True, unit="s"), False, "MISSED (at most 10 s)"),
        (Bar("b", 0.45, 0.5, unit="%"), False, "MISSED (at least 50 %)"),
        (Bar("b", 3.0), None, "no bar"),
    ],
)
def test_a_bar_is_met_or_missed(bar: Bar, met: bool | None, verdict: str) -> None:
    assert bar.met is met
    assert bar.verdict == verdict


def summed_up() -> Result:
    """A result whose numbers are easily found: ours 2 s a turn of 4 steps, the peer's best 6 s."""
    contestants = [
        Contestant("mathdl", lambda: None),
        *(Contestant(name, lambda: None, peer="P") for name in ("P eager", "P compiled")),
        Contestant("multipliers", lambda: None, peer=FLOOR),
    ]
    seconds = {"mathdl": [2.0, 2.0], "P eager": [8.0, 8.0], "P compiled": [6.0, 6.0], "multipliers": [3.0, 3.0]}
    comparison = Comparison(contestants, seconds, {"mathdl": 1.0, "P eager": 1.0}, 2e-6, ["a note"])
    return result_of("dense, batch 64", "a step", comparison, 4, {"P": 5, "Q": 1}, floor=(2.0, 0.6))


def test_a_result_judges_a_peer_by_its_best_variant_and_counts_the_floor() -> None:
    result = summed_up()
    medians = [(entry.name, entry.median, entry.ratio) for entry in result.entries]
    assert medians == [("mathdl", 0.5, None), ("P eager", 2.0, 4.0), ("P compiled", 1.5, 3.0)]
    peer, fraction = result.bars  # Q took no part
    assert (peer.what, peer.value, peer.met) == ("against P compiled", 3.0, False)
    # The multipliers do twice the work in 3 s, so they would take 1.5 s of our 2 s for it.
    assert (fraction.value, fraction.met) == (0.75, True)


def test_a_result_can_be_read_in_a_terminal_in_a_table_and_as_json() -> None:
    result = summed_up()
    shown = text(result).splitlines()
    assert shown[0] == "dense, batch 64"
    assert shown[1].split() == ["mathdl", "500", "ms", "a", "step", "2", "turns"]
    assert shown[3].split()[:8] == ["P", "compiled", "1.5", "s", "a", "step", "3.00", "x"]
    assert "  -> 3x against P compiled: MISSED (at least 5x)" in shown
    assert "  -> 75 % of the multipliers' rate: met (at least 60 %)" in shown
    assert shown[-2:] == ["  All agree to 2e-06 after the timed work.", "  a note"]
    assert bars_table([result])[2:] == [
        "| dense, batch 64 | against P compiled | 3x | at least 5x | **no** |",
        "| dense, batch 64 | of the multipliers' rate | 75 % | at least 60 % | yes |",
    ]
    assert times_table([result])[3] == "| dense, batch 64 | P eager | 2 s a step | 4.00 | 4.00 |"
    record = json.loads(json.dumps(result.record()))
    assert [bar["met"] for bar in record["bars"]] == [False, True]
    assert record["entries"][0] == {
        "name": "mathdl",
        "median": 0.5,
        "ratio": None,
        "paired_ratio": None,
        "turns": 2,
    }


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [(12.34, "12.3 s"), (0.5, "500 ms"), (0.0099, "9.9 ms"), (2.5e-4, "250 us"), (3e-7, "0.3 us"), (1234.0, "1,234 s")],
)
def test_seconds_are_written_in_the_unit_that_suits_them(seconds: float, shown: str) -> None:
    assert duration(seconds) == shown


def test_the_operations_of_known_networks_are_counted() -> None:
    first, second = 784 * 128, 128 * 10
    assert floor.step_operations(problems.network(problems.DENSE), 64) == 64 * (4 * first + 6 * second)
    first, second, third = 24 * 24 * 8 * 25, 8 * 8 * 16 * 8 * 25, 256 * 10
    assert floor.step_operations(problems.network(problems.CONV), 3) == 3 * (4 * first + 6 * (second + third))
    first, second = 28 * 28 * 32 * 9, 14 * 14 * 64 * 32 * 9
    last = 64 * 7 * 7 * 128 + 128 * 10
    assert floor.step_operations(problems.network(problems.WIDE_CONV), 1) == 4 * first + 6 * (second + last)


@pytest.mark.skipif(JIT_OFF, reason="there is no loop without the JIT")
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_the_multipliers_multiply_and_add_as_often_as_they_say(dtype: str) -> None:
    """Each sum is s = a s + b, which after n turns from s = 1 is a^n + b (1 - a^n) / (1 - a)."""
    bits, sums = 256, 3
    lanes = bits // 8 // np.dtype(dtype).itemsize
    assert multipliers.operations_a_turn(bits, sums, dtype) == 2 * lanes * sums
    memory = np.repeat([1.0, 2.0, 3.0, 0.5, 0.25], lanes).astype(dtype)
    multipliers.loop(bits, sums, dtype)(memory, 4)
    np.testing.assert_array_equal(memory[: sums * lanes], np.repeat([17 / 32, 19 / 32, 21 / 32], lanes))


def test_the_multipliers_share_the_work_among_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[float] = []
    monkeypatch.setattr(multipliers, "best_shape", lambda dtype: (256, 12))
    monkeypatch.setattr(multipliers, "worker", lambda bits, sums, dtype, operations: lambda: asked.append(operations))
    contestant, share = floor.contestant(1e9, threads=2)
    contestant.work()
    assert (contestant.peer, share, asked) == (FLOOR, 1.0, [5e8, 5e8])
    assert floor.contestant(4 * floor.MOST)[1] == 0.25


def test_nothing_that_holds_a_library_back_is_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[dict[str, str]] = []
    monkeypatch.setattr(os, "execve", lambda path, words, variables: started.append(variables))
    for name in environment.HOLD_BACK:
        monkeypatch.delenv(name, raising=False)
    environment.restart_free(None)
    assert started == []
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    environment.restart_free(None)
    (variables,) = started
    assert "OPENBLAS_CORETYPE" not in variables
    monkeypatch.setenv(environment.REMEMBERED, variables[environment.REMEMBERED])
    assert environment.unset() == {"OPENBLAS_CORETYPE": "Haswell"}


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system does not bind processes to cores")
def test_fewer_threads_are_fewer_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    bound: list[Any] = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {3, 5, 8})
    monkeypatch.setattr(os, "sched_setaffinity", lambda process, cores: bound.append(cores))
    assert environment.limit_cores(2)
    assert not environment.limit_cores(3)
    assert bound == [[3, 5], [3, 5, 8]]


def test_a_library_tells_its_rate_and_one_that_is_absent_does_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def run(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        if command[0] == "perf":
            return subprocess.CompletedProcess(command, 1, "", "no permission")
        *_, library, side, threads = command
        if library != "NumPy":
            return subprocess.CompletedProcess(command, 1, "", "ModuleNotFoundError")
        products.main(library, int(side) // 64, int(threads))
        return subprocess.CompletedProcess(command, 0, capsys.readouterr().out, "")

    monkeypatch.setattr(environment, "limit_cores", lambda threads: False)
    monkeypatch.setattr(products, "SECONDS", 0.0)
    monkeypatch.setattr(subprocess, "run", run)
    found = products.rates(2, quick=True)
    assert [(each.library, each.threads, each.function) for each in found] == [("NumPy", 1, ""), ("NumPy", 2, "")]
    assert min(each.rate for each in found) > 1e5


def test_the_function_that_multiplies_is_the_first_in_the_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    printed = "# Overhead  Symbol\n#\n    45.84%  [.] sgemm_kernel_avx512       -      -\n     1.00%  [k] page_fault\n"
    monkeypatch.setattr(subprocess, "run", lambda *given, **options: subprocess.CompletedProcess(given, 0, printed, ""))
    assert products._function(tmp_path / "absent") == ""
    (tmp_path / "perf.data").touch()
    assert products._function(tmp_path / "perf.data") == "sgemm_kernel_avx512"


def test_only_rows_that_are_asked_for_are_wanted() -> None:
    assert Settings().wants("dense 784")
    assert Settings(rows=("dense", "chain")).wants("chain of neurons")
    assert not Settings(rows=("dense",)).wants("conv 8, dense 10")


def test_alone_nobody_is_gathered() -> None:
    assert gathered({"P": lambda: [Contestant("here", lambda: None)]}, alone=True) == ([], [])


def test_a_line_is_fitted_and_its_errors_are_told() -> None:
    line = scaling.fitted([1, 2, 4, 8], [5, 7, 11, 19])
    np.testing.assert_allclose([line.a, line.b, line.r2, line.worst], [3, 2, 1, 0], atol=1e-12)
    bent = scaling.fitted([1, 2, 4, 8], [1, 4, 16, 64])
    assert bent.worst > 0.2
    assert bent.r2 < line.r2


def test_the_model_of_more_processes_gives_back_what_it_is_fitted_to_and_says_when_they_pay() -> None:
    link, compute = scaling_out.Link(1e-4, 1e9), scaling_out.Compute(1e-3, 2e-5)
    assert link.seconds(1, 10**6) == 0
    assert link.seconds(4, 10**6) == pytest.approx(6 * 1e-4 + 1.5 * 1e-3)
    pairs = [(network, batch) for network in scaling_out.NETWORKS for batch in scaling_out.BATCHES]
    one = {pair: compute.fixed + compute.each * pair[1] for pair in pairs}
    two = {(n, b): scaling_out.predicted(compute, link, scaling_out.size_of(n), b, 2) for n, b in pairs}
    found = scaling_out.Found(one, two, {size: link.seconds(2, size) for size in scaling_out.BYTES})
    np.testing.assert_allclose([*found.compute(problems.CONV), *found.link()], [*compute, *link], rtol=1e-6)
    for processes, gain in ((2, 1.0), (16, 1.0), (16, 8.0)):
        batch = scaling_out.least_batch(compute, link, 10**6, processes, gain)
        alone, together = (scaling_out.predicted(compute, link, 10**6, batch, count) for count in (1, processes))
        assert alone / together == pytest.approx(gain)
    assert [bar.value < 1e-6 for each in scaling_out.results(found, Settings()) for bar in each.bars[-1:]][-1]
    written = scaling_out.page(found, place(), quick=True)
    assert "A quick run" in written
    assert written.count(problems.CONV) == 4 + 3


def test_everyone_starts_alike_and_meets_the_same_batches() -> None:
    problem = problems.of_images(problems.DENSE, 8, 3)
    assert problem.steps == 3
    (order,) = problem.orders
    assert sorted(order) == list(range(24))
    np.testing.assert_array_equal(order, problem.orders[0])
    np.testing.assert_array_equal(problem.net.parameters, problems.network(problems.DENSE).parameters)
    np.testing.assert_array_equal(problem.reals, problem.X.astype("float32") / np.float32(255))


def place() -> dict[str, Any]:
    product = {"library": "NumPy", "threads": 2, "rate": 150e9, "function": "sgemm_kernel"}
    rates = {"multipliers": {"float32": {1: 80e9, 2: 160e9}}, "unset": {"OPENBLAS_CORETYPE": "Haswell"}}
    return {**machine.description(), **rates, "quick": True, "products": [product]}


def test_a_page_names_the_machine_and_shows_every_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(multipliers, "rates", lambda dtype: {})
    written = page(place(), ["![shown](bars.svg)"], [("Steps", "What is done.\n", [summed_up()])])
    for part in (
        machine.processor(),
        "multipliers, float32: 80 GFLOP/s with 1 thread, 160 GFLOP/s with 2 threads",
        "matrix product of NumPy: 150 GFLOP/s with 2 threads by `sgemm_kernel`",
        "BLAS of ",
        "unset before anybody started: OPENBLAS_CORETYPE=Haswell",
        f"numpy {np.__version__}",
        f"{floor.available()} threads",
        "A quick run",
        "![shown](bars.svg)",
        "- Steps of training run at 75 to 75 % of the rate",
        "- 1 of 2 bars are met.",
        "| dense, batch 64 | against P compiled | 3x | at least 5x | **no** |",
        "## Steps\n\nWhat is done.\n\n| work | who |",
        "- dense, batch 64: a note",
    ):
        assert part in written


def test_pictures_show_each_ratio_and_each_share(tmp_path: Path) -> None:
    bars = [
        Bar("against PyTorch eager, 2 threads", 4.25, 2),
        Bar("against JAX scan", 0.75, 1),
        Bar("against PyTorch bf16 compiled", 9.5),
        Bar(SHARE, 0.55, 0.5, unit="%"),
    ]
    steps = Result("dense 784-128-10, batch 64", "a step", [Entry("mathdl", 1.0)], bars)
    sizes = [
        Result(f"dense 784-128-10, batch {size}", "a step", [Entry("mathdl", 1e-3), Entry("JAX scan", 2e-3)], [])
        for size in (1, 1024)
    ]
    product = {"library": "NumPy", "threads": 2, "rate": 150e9, "function": ""}
    drawn = pictures.pictures({"steps": [steps], "batch_sizes": sizes}, [product], 200e9)
    assert [picture.name for picture in drawn] == ["ratios", "batches", "shares"]
    ratios, batches, shares = (picture.svg for picture in drawn)
    assert all(text in ratios for text in (">4.25<", ">0.75<", ">PyTorch<", "dense 784-128-10, batch 64"))
    assert ">9.5<" not in ratios
    assert all(text in batches for text in (">1024<", ">mathdl<", ">JAX<"))
    assert all(text in shares for text in (">55 %<", "NumPy: product of matrices"))
    assert pictures.pictures({}, [], 1.0) == []


@pytest.fixture
def families(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two families in place of the real ones: one with a result, one that comes to no end after its first."""

    def well(settings: Settings) -> Iterator[Result]:
        yield Result("well", "", [Entry("mathdl", float(settings.repeated()))], [])

    def badly(settings: Settings) -> Iterator[Result]:
        yield from well(settings)
        raise Disagreement("theirs is far away.")

    for name, run in {"good": well, "bad": badly}.items():
        module = ModuleType(f"benchmarks.{name}", f"The {name} family.")
        module.TITLE, module.run = name.title(), run  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.setattr(command, "FAMILIES", ["good", "bad"])
    monkeypatch.setattr(products, "rates", lambda threads, quick: [])
    monkeypatch.setattr(multipliers, "rates", lambda dtype: {1: 1e11})


@pytest.mark.usefixtures("families")
def test_the_command_runs_what_is_named_and_keeps_the_numbers(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = ["--json", str(tmp_path / "numbers.json"), "--page", str(tmp_path / "page.md")]
    assert command.main(["good", "--turns", "5", *files]) == 0
    assert "== Good" in capsys.readouterr().out
    record = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))
    assert record["results"]["good"][0]["entries"][0]["median"] == 5
    assert record["machine"]["multipliers"]["float32"] == {"1": 1e11}
    written = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "## Good\n\nThe good family." in written
    (tmp_path / "page.md").unlink()
    assert command.main(["--numbers", files[1], "--page", files[3]]) == 0
    assert (tmp_path / "page.md").read_text(encoding="utf-8") == written


@pytest.mark.usefixtures("families")
def test_a_comparison_that_failed_does_not_stop_the_others_and_shows_in_the_exit_code(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert command.main(["--quick", "--json", str(tmp_path / "numbers.json")]) == 1
    assert "No comparison: theirs is far away." in capsys.readouterr().err
    results = json.loads((tmp_path / "numbers.json").read_text(encoding="utf-8"))["results"]
    assert [len(results[name]) for name in ("good", "bad")] == [1, 1]


@pytest.mark.usefixtures("families")
def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        command.main(["better"])
    assert "no benchmark is called better; choose from good, bad" in capsys.readouterr().err


def test_every_family_is_a_file() -> None:
    folder = Path(command.__file__).parent
    assert [name for name in command.FAMILIES if not (folder / f"{name}.py").is_file()] == []
