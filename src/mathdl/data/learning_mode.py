"""Which kind of learning a training set calls for (definition 5.1.1)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from mathdl.checks import shortened
from mathdl.errors import InputError

LearningMode = Literal["supervised", "semisupervised", "unsupervised"]


def learning_mode(labels: Iterable[Any], unlabelled: object = None) -> LearningMode:
    """Tell from the labels which kind of learning this is.

    An object without a label has None, NaN, NaT or pandas' NA in its place. Any other value is a label, and so is -1:
    scikit-learn's semisupervised estimators, which take -1 for a missing label, are met with ``unlabelled=-1``.

    Parameters
    ----------
    labels : iterable
        A label for each object of the training set, or what stands for a missing one.
    unlabelled : optional
        One more value that stands for a missing label.

    Returns
    -------
    str
        ``"supervised"`` if all objects have labels, ``"unsupervised"`` if none has, ``"semisupervised"`` otherwise.

    Raises
    ------
    InputError
        If there is no object, or ``labels`` is no sequence of single labels.

    Examples
    --------
    >>> learning_mode([1, 2, 1]), learning_mode([None, None]), learning_mode([1, None, 2])
    ('supervised', 'unsupervised', 'semisupervised')
    >>> learning_mode([0, -1, 1]), learning_mode([0, -1, 1], unlabelled=-1)
    ('supervised', 'semisupervised')
    """
    if isinstance(labels, str) or not isinstance(labels, Iterable) or getattr(labels, "ndim", 1) != 1:
        given = f"of shape {getattr(labels, 'shape', None)}" if hasattr(labels, "ndim") else repr(labels)[:40]
        raise InputError(f"labels is {given}; give one label, or None, for each object.")
    if getattr(unlabelled, "ndim", 0) != 0:
        raise InputError(f"unlabelled is {shortened(unlabelled)}; give one value.")
    known = [not _is_missing(label) and (unlabelled is None or label != unlabelled) for label in labels]
    if not known:
        raise InputError("The training set is empty; give at least one object.")
    if all(known):
        return "supervised"
    return "semisupervised" if any(known) else "unsupervised"


def _is_missing(label: Any) -> bool:
    """Whether a value stands for a missing label: None, and what does not equal itself."""
    if label is None or type(label).__name__ == "NAType":  # pandas' NA: asking whether it equals itself is an error
        return True
    return bool(label != label)
