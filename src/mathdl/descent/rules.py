"""The update rules by name."""

from __future__ import annotations

from mathdl.descent.adam import Adam
from mathdl.descent.rule import Rule
from mathdl.descent.sgd import SGD
from mathdl.errors import InputError

RULES: dict[object, type[Rule]] = {"sgd": SGD, "adam": Adam}


def rule_of(given: object) -> Rule:
    """Return a rule, or the one of this name with its defaults; raise InputError at anything else."""
    if isinstance(given, Rule):
        return given
    name = given.lower() if isinstance(given, str) else None
    if name not in RULES:
        raise InputError(f"rule is {given!r}; give SGD(...) or Adam(...).")
    return RULES[name]()
