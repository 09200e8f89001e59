"""The cross-entropy of logistic regression without regularisation has no minimum (equation (6.7)).

Numbers: the labels ``classes`` and a direction: ``coef`` v and ``intercept`` c, one row a class, or for two classes one
row, which is the second class's, the first one's being zero. Stated: for no object v.x + c of its own class is less
than that of another class, and for at least one object it is larger than for another class. So every loss
log(sum_k exp(z_k - z_own)) falls or stays when the direction is added to any parameters, and at least one falls.
"""

from __future__ import annotations

import json

from mathdl.certificates.data import Data
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    return (
        f"The mean cross-entropy of logistic regression, with nothing regularised, has no minimum for the {data.count} "
        f"objects in the {len(_classes(numbers))} classes: adding the direction lowers it, whatever it is added to."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compare what the direction adds to the logits of every object."""
    names = _classes(numbers)
    rows = 1 if len(names) == 2 else len(names)
    coef, intercept = numbers.matrix("coef", rows, data.features), numbers.vector("intercept", rows)
    added = [data.affine(v, c) for v, c in zip(coef, intercept, strict=True)]
    if rows == 1:
        added = [([0] * data.count, 1), *added]
    grows = False
    for i, label in enumerate(data.labels or []):
        if json.dumps(label) not in names:
            raise Refused(f"the label of object {i} is none of the classes")
        own, below = added[names.index(json.dumps(label))][0][i], added[names.index(json.dumps(label))][1]
        for values, other_below in added:
            if own * other_below < values[i] * below:
                raise Refused(f"the direction lowers the probability of the class of object {i}")
            grows = grows or own * other_below > values[i] * below
    if not grows:
        raise Refused("the direction changes no probability")


def _classes(numbers: Numbers) -> list[str]:
    """Return the labels of the classes as texts, to compare."""
    classes = numbers.plain("classes")
    names = [json.dumps(label) for label in classes] if isinstance(classes, list) else []
    if len(names) < 2 or len(set(names)) < len(names):
        raise Refused("'classes' are not two or more different labels")
    return names
