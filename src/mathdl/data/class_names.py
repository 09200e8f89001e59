"""Class names and the codes 0..K-1 that stand for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mathdl.data.cleaning import clean_values, row_name
from mathdl.errors import FileError, InputError

Name = str | int | float | bool

_SHOWN_NAMES = 10


@dataclass(frozen=True)
class ClassNames:
    """The names of the classes, in sorted order and of their own type; a class's code is its place.

    Parameters
    ----------
    names
        The names.

    Examples
    --------
    >>> classes = ClassNames.of(["rose", "tulip", "rose"])
    >>> classes.encode(["tulip", "rose"])
    array([1, 0])
    >>> classes.decode([1, 1])
    array(['tulip', 'tulip'], dtype='<U5')
    """

    names: tuple[Name, ...]

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def of(cls, labels: ArrayLike) -> ClassNames:
        """Collect the classes that occur.

        Parameters
        ----------
        labels
            One label per object: texts, integers or booleans.

        Returns
        -------
        ClassNames
            The distinct labels, sorted.

        Raises
        ------
        InputError
            If there are fewer than two classes, or a label is missing.
        """
        names, _ = _distinct(labels)
        if len(names) < 2:
            found = f"all labels are {names[0]!r}" if names else "there are no labels"
            raise InputError(f"A classification needs at least two classes, but {found}; add another class.")
        return cls(tuple(names))

    @classmethod
    def from_list(cls, names: object) -> ClassNames:
        """Rebuild the classes from what `to_list` gave.

        Parameters
        ----------
        names
            The list, as it came back from JSON.

        Returns
        -------
        ClassNames
            The same classes.

        Raises
        ------
        FileError
            If this is no list of at least two distinct names.
        """
        if (
            not isinstance(names, list)
            or not all(isinstance(name, str | int | float) for name in names)
            or len({_key(name) for name in names}) < max(2, len(names))
        ):
            raise FileError(f"The class names {names!r} are not two or more distinct names; save the model again.")
        return cls(tuple(names))

    def to_list(self) -> list[Name]:
        """Return the names as a list that JSON keeps, types included.

        Returns
        -------
        list
            The names.
        """
        return list(self.names)

    def encode(self, labels: ArrayLike) -> NDArray[np.int64]:
        """Turn labels into codes.

        Parameters
        ----------
        labels
            One label per object.

        Returns
        -------
        numpy.ndarray
            The codes, int64.

        Raises
        ------
        InputError
            If a label is none of the classes.
        """
        found, positions = _distinct(labels)
        codes = {_key(name): code for code, name in enumerate(self.names)}
        unseen = [name for name in found if _key(name) not in codes]
        if unseen:
            first = int(np.argmax(np.isin(positions, [found.index(name) for name in unseen])))
            known = ", ".join(map(repr, self.names[:_SHOWN_NAMES])) + ("..." if len(self) > _SHOWN_NAMES else "")
            raise InputError(
                f"The label {found[positions[first]]!r} in {row_name(first)} was not seen in training; "
                f"the classes are {known}."
            )
        table = np.array([codes[_key(name)] for name in found], dtype=np.int64)
        return table[positions]

    def decode(self, codes: ArrayLike) -> NDArray[Any]:
        """Turn codes into names.

        Parameters
        ----------
        codes
            Integers from 0 to K-1.

        Returns
        -------
        numpy.ndarray
            The names.
        """
        names: NDArray[Any] = np.array(self.names)[np.asarray(codes)]
        return names


def _distinct(labels: ArrayLike) -> tuple[list[Any], NDArray[np.intp]]:
    """Return the distinct labels, sorted, and for each label its position among them."""
    values = clean_values("The list of labels", labels)
    if values.dtype.kind == "O":
        texts: Sequence[str] = sorted(set(values))
        place = {text: position for position, text in enumerate(texts)}
        return list(texts), np.array([place[text] for text in values], dtype=np.intp)
    if values.dtype.kind == "f" and np.all(values == np.rint(values)) and np.all(np.abs(values) < 2.0**53):
        values = values.astype(np.int64)
    names, positions = np.unique(values, return_inverse=True)
    return names.tolist(), positions.reshape(-1)


def _key(name: Name) -> tuple[bool, Name]:
    """Tell True from 1, which are equal in Python."""
    return isinstance(name, bool), name
