"""The update rules by name."""

from __future__ import annotations

from mathdl.descent.adam import Adam
from mathdl.descent.rule import Rule
from mathdl.descent.sgd import SGD
from mathdl.errors import InputError

RULES: dict[str, type[Rule]] = {"sgd": SGD, "adam": Adam}


def is_rule_name(given: object) -> bool:
    """Tell whether this is a rule's name, in letters of either case."""
    return isinstance(given, str) and given.lower() in RULES


def rule_of(given: object) -> Rule:
    """Return a rule, or the one of this name with its defaults; raise InputError at anything else."""
    if isinstance(given, Rule):
        return given
    if isinstance(given, str) and is_rule_name(given):
        return RULES[given.lower()]()
    raise InputError(f"rule is {given!r}; give SGD(...) or Adam(...).")
