"""Running an item: what it found, and its figure."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from mathdl.book.finding import Erratum, Finding, Table, plain, written
from mathdl.book.item import Item, Progress
from mathdl.book.registry import all_items, find
from mathdl.checks import require_at_least

WIDE = 4.0  # inches of a panel: two that are wider do not stand side by side


@dataclass(frozen=True)
class Outcome:
    """What running an item gave.

    Attributes
    ----------
    item : Item
        With ``id``, ``title`` and ``statement``.
    findings : tuple of Finding
        What was computed, in order.
    errata : tuple of Erratum
        What is printed wrong, with what shows it.
    data : tuple of Table
        Numbers in columns.
    seed : int
        Of what was drawn.
    """

    item: Item
    findings: tuple[Finding, ...]
    errata: tuple[Erratum, ...]
    data: tuple[Table, ...]
    seed: int = 0

    @property
    def holds(self) -> bool:
        """Whether all of it is as stated."""
        return all(each.holds for each in self.findings) and all(each.holds for each in self.errata)

    @property
    def figure(self) -> str | None:
        """The figure as an SVG that stands by itself; None where the item has none."""
        if not self.item.panels:
            return None
        from mathdl.plots.style import svg_file

        draws = [_given(panel.draw, seed=self.seed) for panel in self.item.panels]
        description = "; ".join(panel.description for panel in self.item.panels)
        size = self.item.panels[0].size
        columns = 2 if size[0] <= WIDE else 1
        return svg_file(f"{self.item.kind} {self.item.number}: {description}", *draws, size=size, columns=columns)

    @property
    def panels(self) -> list[str]:
        """The panels of the figure as SVGs for a page that has the style sheet of pictures."""
        from mathdl.plots.style import svg

        name = f"{self.item.kind} {self.item.number}"
        return [
            svg(f"{name}, {k + 1}: {panel.description}", _given(panel.draw, seed=self.seed), size=panel.size)
            for k, panel in enumerate(self.item.panels)
        ]

    def to_dict(self) -> dict[str, Any]:
        """Return all but the figure as a dictionary that JSON can hold."""
        return {
            "id": self.item.id,
            "title": self.item.title,
            "statement": self.item.statement,
            "findings": [_of_finding(finding) for finding in self.findings],
            "errata": [
                {"printed": each.printed, "right": each.right, "findings": [_of_finding(one) for one in each.findings]}
                for each in self.errata
            ],
            "data": [{head: _json(column) for head, column in table.columns.items()} for table in self.data],
            "seed": self.seed,
        }


def run(id: str, *, seed: int = 0, progress: Progress | None = None) -> Outcome:
    """Run an item of the book.

    Parameters
    ----------
    id : str
        Such as "thm-8.1.2", "4.2.1" or "exercise 8.2 b"; where it means several items, the first.
    seed : int, default 0
        Of what is drawn, where anything is.
    progress : callable, optional
        Of an item that takes seconds: is told how many parts are done and how many there are.

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        If there is no such item.

    Examples
    --------
    >>> import mathdl
    >>> found = mathdl.book.run("tab-8.1")
    >>> found.holds, found.item.title
    (True, 'Gradient descent on x^2: steps by learning rate')
    """
    return run_item(find(id)[0], seed, progress)


def run_item(item: Item, seed: int = 0, progress: Progress | None = None) -> Outcome:
    """Run an item."""
    require_at_least("seed", seed, 0)
    found = list(_given(item.function, seed=seed, progress=progress or _silent)())
    return Outcome(
        item,
        tuple(each for each in found if isinstance(each, Finding)),
        tuple(each for each in found if isinstance(each, Erratum)),
        tuple(each for each in found if isinstance(each, Table)),
        seed,
    )


def items() -> list[Item]:
    """Return the items that run, in the order of the book.

    Returns
    -------
    list of Item

    Examples
    --------
    >>> import mathdl
    >>> "thm-8.1.2" in [item.id for item in mathdl.book.items()]
    True
    """
    return list(all_items().values())


def _given(function: Callable[..., Any], **arguments: Any) -> Callable[..., Any]:
    """Return a function with those of the arguments that it takes."""
    taken = inspect.signature(function).parameters
    return partial(function, **{name: value for name, value in arguments.items() if name in taken})


def _of_finding(finding: Finding) -> dict[str, Any]:
    """Return a finding as a dictionary."""
    value = None if finding.value is None else _json(finding.value)
    return {
        "what": finding.what,
        "value": value,
        "relation": finding.relation,
        "holds": finding.holds,
        "why": finding.why,
        "refutes": finding.refutes,
    }


def _json(value: Any) -> Any:
    """Return a value as JSON can hold it: arrays as lists, fractions as texts."""
    value = plain(value)
    if isinstance(value, tuple):
        return [_json(each) for each in value]
    return value if value is None or isinstance(value, bool | int | float | str) else written(value)


def _silent(done: int, total: int) -> None:
    """Say nothing about the progress."""
