"""The experiments by the book's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from types import MappingProxyType

from mathdl.book.experiment import Experiment, Progress, no_progress
from mathdl.errors import InputError


@dataclass(frozen=True)
class Entry:
    """One experiment of the catalogue."""

    title: str
    home: str  # its module below ``mathdl.book``, which is loaded when it is run
    function: str  # in that module
    long: bool = False  # whether it takes seconds, so that it says how far it is

    @property
    def chapter(self) -> str:
        """The chapter's number."""
        return self.home.removeprefix("chapter").split(".")[0].lstrip("0")


CATALOGUE: Mapping[str, Entry] = MappingProxyType(
    {
        "tab-8.1": Entry(
            "Gradient descent on x^2: steps by learning rate", "chapter08.learning_rates", "learning_rates"
        ),
        "fig-8.1": Entry("Level sets and perpendicular steps", "chapter08.level_sets", "level_sets"),
        "fig-8.2": Entry("Convex and not convex: graphs and chords", "chapter08.chords", "chords"),
        "sec-8.6": Entry("Choosing the batch size", "chapter08.batch_sizes", "sec_8_6", long=True),
        "fig-8.3": Entry("Relative loss by epoch", "chapter08.batch_sizes", "fig_8_3", long=True),
        "fig-8.4": Entry("Cost of a relative loss of 0.04", "chapter08.batch_sizes", "fig_8_4", long=True),
        "fig-8.5": Entry("Final relative loss, and work of a step", "chapter08.batch_sizes", "fig_8_5", long=True),
        "exercise-8.2": Entry("The best direction of a step", "chapter08.best_direction", "best_direction"),
        "exercise-8.3": Entry("Oscillation on sin(10 x)^2", "chapter08.oscillation", "oscillation"),
        "exercise-8.4": Entry("The role of weights: three objects", "chapter08.weights", "weights"),
    }
)


def run_experiment(id: str, seed: int = 0, progress: Progress = no_progress) -> Experiment:
    """Run one experiment of the catalogue."""
    entry = CATALOGUE.get(id)
    if entry is None:
        near = get_close_matches(id, CATALOGUE, n=3)
        advice = f"did you mean {' or '.join(near)}?" if near else "`mathdl book` lists them."
        raise InputError(f"The book has no experiment {id!r} here; {advice}")
    if seed < 0:
        raise InputError(f"seed is {seed}; give a whole number of at least 0.")
    function = getattr(import_module(f"mathdl.book.{entry.home}"), entry.function)
    found: Experiment = function(seed, progress) if entry.long else function(seed)
    return found
