"""The cross-entropy of logistic regression without regularisation has no minimum (equation (6.7)).

Numbers: the labels ``classes`` and a direction: ``coef`` v and ``intercept`` c, one row a class, or for two classes one
row, which is the second class's, the first one's being zero. Stated: for no object v.x + c of its own class is less
than that of another class, and for at least one object it is larger than for another class. So every loss
log(sum_k exp(z_k - z_own)) falls or stays when the direction is added to any parameters, and at least one falls; so
does their mean, whatever the weights, which are positive.
"""

from __future__ import annotations

from mathdl.certificates.data import Data
from mathdl.certificates.limits import afford
from mathdl.certificates.numbers import Numbers
from mathdl.certificates.rationals import Refused

IN_PLAIN_WORDS = (
    "There are no best weights for these objects: moving any weights further in one direction gives a better value."
)


def statement(numbers: Numbers, data: Data) -> str:
    """Say it in words."""
    return (
        f"The {data.weighted}mean cross-entropy of logistic regression, with nothing regularised, has no minimum for "
        f"the {data.count} objects in the {len(numbers.labels('classes'))} classes: adding the direction lowers it, "
        "whatever it is added to."
    )


def check(numbers: Numbers, data: Data) -> None:
    """Compare what the direction adds to the logits of every object."""
    codes, K = data.codes(numbers.labels("classes")), len(numbers.labels("classes"))
    rows = 1 if K == 2 else K
    afford(data.count * K * (data.features // 8 + 1))
    coef, intercept = numbers.matrix("coef", rows, data.features), numbers.vector("intercept", rows)
    added = [data.affine(v, c) for v, c in zip(coef, intercept, strict=True)]
    if rows == 1:
        added = [([0] * data.count, 1), *added]
    grows = False
    for i, code in enumerate(codes):
        own, below = added[code][0][i], added[code][1]
        for values, other_below in added:
            if own * other_below < values[i] * below:
                raise Refused(f"the direction lowers the probability of the class of object {i}")
            grows = grows or own * other_below > values[i] * below
    if not grows:
        raise Refused("the direction changes no probability")
