"""Section 8.4: epochs."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np

import mathdl
from mathdl.book.finding import Findings, Table, equals, erratum, refutes, shows
from mathdl.book.item import item

N = 12


class Visits:
    """Descent on the mean of a_i^2 / 2 over i, in which object i moves a_i only: what moved was visited."""

    def __init__(self, batch_size: int, sampling: str, seed: int = 0) -> None:
        loss = mathdl.LeastSquares(np.eye(N), np.zeros(N))
        steps = -(-N // batch_size)
        given: dict[str, Any] = {"batch_size": batch_size, "sampling": sampling, "seed": seed, "tolerance": 0.0}
        self.run = mathdl.gradient_descent(loss, np.ones(N), mathdl.SGD(batch_size / 8), steps=steps, **given)

    @property
    def counts(self) -> list[int]:
        """How often each object was visited in an epoch; a visit multiplies a_i by 3/4, in a full batch."""
        return np.rint(np.log(self.run.point) / np.log(0.75)).astype(int).tolist()  # type: ignore[no-any-return]


@item(
    "sec-8.4",
    "Epochs: as many steps as it takes to see every object once",
    try_it="mathdl.gradient_descent(mathdl.LeastSquares([[1]] * 5, [0] * 5), [1.0], "
    "mathdl.SGD(0.1), steps=3, batch_size=2).object_gradients",
)
def epochs() -> Findings:
    """An epoch is as many steps as batches are needed to cover the training set: |T| / |T_n| (8.12).

    |T| is the number of objects and |T_n| that of a batch. Every epoch takes |T| gradients of single objects, whatever
    the batch size, so that epochs compare costs. Distinct batches visit each object once in an epoch; batches that are
    drawn independently do not.
    """
    sizes = (1, 2, 3, 4, 6, 12)
    each = [Visits(size, "without_replacement") for size in sizes]
    yield Table({"batch size": sizes, "steps an epoch": [int(visits.run.steps[-1]) for visits in each]})
    yield equals(
        "steps an epoch of 12 objects for these sizes", [int(v.run.steps[-1]) for v in each], (12, 6, 4, 3, 2, 1)
    )
    yield equals("gradients of objects in each of these epochs", [v.run.object_gradients for v in each], [N] * 6)
    yield equals("visits of the objects in an epoch of distinct batches of 3", each[2].counts, [1] * N)
    drawn = Visits(1, "with_replacement").counts
    yield equals("visits in an epoch of independent draws, in all", sum(drawn), N)
    yield shows(
        "In that epoch some object is never visited, and another more than once.", min(drawn) == 0 < 1 < max(drawn)
    )
    uneven = (5, 8, 11)
    taken = [Visits(size, "without_replacement").run for size in uneven]
    yield erratum(
        "An epoch has |T| / |T_n| steps.",
        "It has the next whole number of steps, the last one with a smaller batch where |T_n| does not divide |T|.",
        refutes(
            "12 / 5, 12 / 8 and 12 / 11 are no whole numbers.",
            all(Fraction(N, size).denominator > 1 for size in uneven),
        ),
        equals("steps of an epoch with batches of 5, 8 and 11", [int(run.steps[-1]) for run in taken], (3, 2, 2)),
        equals("gradients of objects in these epochs", [run.object_gradients for run in taken], [N] * 3),
    )
