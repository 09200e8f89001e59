"""A number stated in an item and changed is noticed: the findings can fail."""

from __future__ import annotations

import ast
import inspect
import random
import textwrap
from collections.abc import Iterator
from typing import Any

import pytest

from mathdl.book.finding import Erratum, Finding
from mathdl.book.item import Item
from mathdl.book.registry import all_items

STATED = {"equals": 2, "near": 2, "at_most": 2, "at_least": 2}  # where the stated number stands
SEED, MUTATED = 0, 10
QUICK = {id: item for id, item in all_items().items() if not item.long}


def stated(tree: ast.AST) -> Iterator[ast.Constant]:
    """The numbers that a function states, in its calls of what makes findings."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in STATED:
            place = STATED[node.func.id]
            for inner in ast.walk(node.args[place]) if len(node.args) > place else ():
                if isinstance(inner, ast.Constant) and type(inner.value) in (int, float):
                    yield inner


def parsed(item: Item) -> ast.Module:
    """The syntax of an item's function, without its decorators."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(item.function)))
    function = tree.body[0]
    assert isinstance(function, ast.FunctionDef)
    function.decorator_list = []
    return tree


def changed(value: float) -> float:
    """A number that is another by a tenth, whole ones by one."""
    return value + 1 if isinstance(value, int) else value * 1.1 if value else 0.1


def notices(item: Item, number: int) -> bool:
    """Whether an item with one stated number changed fails, or cannot even run."""
    tree = parsed(item)
    constant = list(stated(tree))[number]
    constant.value = changed(constant.value)  # type: ignore[arg-type]
    names: dict[str, Any] = dict(item.function.__globals__)
    exec(compile(tree, item.id, "exec"), names)
    function = names[item.function.__name__]
    try:
        given = {"seed": 0} if "seed" in inspect.signature(function).parameters else {}
        found: list[Any] = list(function(**given))
    except Exception:
        return True
    return not all(each.holds for each in found if isinstance(each, Finding | Erratum))


def sample(count: int, seed: int) -> list[tuple[str, int]]:
    """Some stated numbers of as many items."""
    chance = random.Random(seed)
    with_numbers = {id: numbers for id, item in QUICK.items() if (numbers := len(list(stated(parsed(item)))))}
    chosen = chance.sample(sorted(with_numbers), min(count, len(with_numbers)))
    return [(id, chance.randrange(with_numbers[id])) for id in chosen]


@pytest.mark.parametrize(("id", "number"), sample(MUTATED, SEED))
def test_a_changed_number_is_noticed(id: str, number: int) -> None:
    assert notices(QUICK[id], number)


@pytest.mark.slow
def test_every_changed_number_is_noticed() -> None:
    numbers = [(id, k) for id, item in QUICK.items() for k in range(len(list(stated(parsed(item)))))]
    assert [(id, k) for id, k in numbers if not notices(QUICK[id], k)] == []
