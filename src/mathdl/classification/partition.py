"""Whether classes are pairwise disjoint (equation (3.1)) and make up all objects (equation (3.2))."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from mathdl.checks import shortened
from mathdl.classification.objects import told_apart
from mathdl.errors import InputError


@dataclass(frozen=True, repr=False)
class PartitionCheck:
    """Whether classes are a partition of the objects, and every object that shows that they are not.

    Attributes
    ----------
    disjoint : bool
        Whether no object is in two classes (3.1).
    covering : bool
        Whether the classes together are all objects, and nothing else (3.2).
    shared : tuple of (object, class, class)
        Objects that are in two classes, with the first two.
    uncovered : tuple
        Objects that are in no class.
    foreign : tuple of (element, class)
        What is in a class and is no object.
    """

    disjoint: bool
    covering: bool
    shared: tuple[tuple[Any, Any, Any], ...]
    uncovered: tuple[Any, ...]
    foreign: tuple[tuple[Any, Any], ...]

    @property
    def holds(self) -> bool:
        """Whether they are a partition, so that every object has exactly one class."""
        return self.disjoint and self.covering

    @property
    def message(self) -> str:
        """The finding in a sentence, with the first object that shows it."""
        if self.shared:
            element, first, second = self.shared[0]
            return f"{element!r} is in the classes {first!r} and {second!r}."
        if self.uncovered:
            return f"{self.uncovered[0]!r} is in no class."
        if self.foreign:
            element, place = self.foreign[0]
            return f"{element!r} is in the class {place!r} and is no object."
        return "Every object is in exactly one class."

    def __repr__(self) -> str:
        return f"PartitionCheck(holds={self.holds}): {self.message}"


def check_partition(
    classes: Iterable[Collection[Any]] | Mapping[Any, Collection[Any]], objects: Collection[Any] | None = None
) -> PartitionCheck:
    """Check that classes are disjoint (3.1) and cover a finite set of objects (3.2).

    Parameters
    ----------
    classes : sequence of collections, or dict of them
        The elements of each class; those of a sequence are called 1, 2, ..., m, those of a dict by its keys. Rows of
        arrays and lists count as tuples.
    objects : collection, optional
        The set S of all objects; by default all that is in a class.

    Returns
    -------
    PartitionCheck

    Raises
    ------
    InputError
        If it is no sequence of collections, or holds something that cannot stand in a set.

    Examples
    --------
    >>> check_partition([{1, 2}, {3}], objects={1, 2, 3}).holds
    True
    >>> check_partition([{1, 2}, {2, 3}])
    PartitionCheck(holds=False): 2 is in the classes 1 and 2.
    >>> check_partition([{1, 2}, {3}], objects={1, 2, 3, 4}).uncovered
    (4,)
    """
    if isinstance(classes, str | bytes) or not np.iterable(classes):
        raise InputError(f"classes is {shortened(classes)}; give one collection of objects for each class.")
    named = list(classes.items() if isinstance(classes, Mapping) else enumerate(classes, 1))
    home: dict[Any, Any] = {}
    shared: dict[Any, tuple[Any, Any, Any]] = {}
    for name, elements in named:
        for element in dict.fromkeys(told_apart(f"Class {shortened(name)}", elements)):
            if element in home:
                shared.setdefault(element, (element, home[element], name))
            else:
                home[element] = name
    every = dict.fromkeys(home if objects is None else told_apart("objects", objects))
    uncovered = tuple(element for element in every if element not in home)
    foreign = tuple((element, name) for element, name in home.items() if element not in every)
    return PartitionCheck(not shared, not (uncovered or foreign), tuple(shared.values()), uncovered, foreign)
