"""The experiments of the catalogue: what is common to all."""

from __future__ import annotations

import json
from typing import Any
from xml.etree import ElementTree

import pytest

from mathdl.book.catalogue import CATALOGUE, Entry, run_experiment
from mathdl.book.chapter08.batch_size_study import Run
from mathdl.book.experiment import Experiment, Finding
from mathdl.errors import InputError

QUICK = [name for name, entry in CATALOGUE.items() if not entry.long]


def check(name: str, experiment: Experiment) -> None:
    """Whatever an experiment is about: it is named, holds, can be kept as JSON, and has a picture."""
    assert (experiment.id, experiment.title) == (name, CATALOGUE[name].title)
    assert experiment.findings
    assert [finding.statement for finding in experiment.findings if not finding.holds] == []
    assert all(isinstance(finding.holds, bool) for finding in experiment.findings)
    assert len({len(column) for column in experiment.table.values()}) == 1
    record = json.loads(json.dumps(experiment.to_dict(), allow_nan=False))
    assert record["table"] == {head: list(column) for head, column in experiment.table.items()}
    svg = ElementTree.fromstring(experiment.picture)
    assert svg.get("aria-label")
    assert len(experiment.picture) < 400_000
    assert "nan" not in experiment.picture


@pytest.mark.parametrize("name", QUICK)
def test_an_experiment_holds_and_comes_again(name: str) -> None:
    experiment = run_experiment(name)
    check(name, experiment)
    assert run_experiment(name) == experiment


@pytest.mark.parametrize("name", sorted(set(CATALOGUE) - set(QUICK)))
@pytest.mark.usefixtures("runs")
def test_what_the_study_shows_holds(name: str) -> None:
    check(name, run_experiment(name))


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(1, 5))
def test_the_study_shows_the_same_for_other_data(seed: int) -> None:
    check("sec-8.6", run_experiment("sec-8.6", seed))


def test_oscillation_holds_for_other_starts() -> None:
    for seed in range(1, 4):
        assert run_experiment("exercise-8.3", seed).holds


def test_long_experiments_tell_how_far_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    from mathdl.book.chapter08 import batch_size_study

    monkeypatch.setattr(batch_size_study, "run", lambda *given: given[1])
    told: list[tuple[int, int]] = []
    found: list[Any] = batch_size_study.study(0, lambda done, total: told.append((done, total)))
    assert found == [*batch_size_study.BATCH_SIZES, batch_size_study.OBJECTS]
    assert told == [(k, 13) for k in range(14)]


@pytest.mark.parametrize(
    ("name", "message"),
    [("tab-8", r"did you mean tab-8\.1\?"), ("fig-8.6", r"did you mean fig-8\.\d or"), ("?", r"`mathdl book` lists")],
)
def test_an_unknown_experiment_is_refused_with_near_matches(name: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        run_experiment(name)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InputError, match="seed is -1"):
        run_experiment("tab-8.1", -1)


def test_chapters() -> None:
    assert {entry.chapter for entry in CATALOGUE.values()} == {"8"}
    assert Entry("A title", "chapter10.module", "function").chapter == "10"


def test_an_experiment_fails_where_one_finding_does() -> None:
    findings = (Finding("It does.", True), Finding("It does not.", False))
    assert not Experiment("x", "X", {}, findings, "").holds


def test_a_study_that_went_wrong_fails(runs: list[Run], monkeypatch: pytest.MonkeyPatch) -> None:
    from dataclasses import replace

    from mathdl.book.chapter08 import batch_sizes

    losses = [*(run.losses.copy() for run in reversed(runs[:12])), 0 * runs[12].losses]
    for each in losses:
        each[10] = each[0]  # late
    worse = [replace(run, losses=each, gradients_a_step=1.0) for run, each in zip(runs, losses, strict=True)]
    worse = [replace(run, predicted=2 * run.level) for run in worse]
    worse = [replace(run, samples=1000 if run.batch_size < 32 else 10**6) for run in worse]
    monkeypatch.setattr(batch_sizes, "study", lambda seed, progress: worse)
    holding = [found.statement for found in run_experiment("sec-8.6").findings if found.holds]
    assert holding == ["(8.17) agrees with least squares.", "The gradient is zero there."]
