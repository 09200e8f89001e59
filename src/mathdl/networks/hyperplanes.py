"""A network that tells the classes apart which hyperplanes separate (exercise 4.5)."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any

import numpy as np

from mathdl.checks import shortened
from mathdl.errors import InputError
from mathdl.geometry.hyperplane import Hyperplane
from mathdl.layers.dense import Dense
from mathdl.networks.network import Network

MAX_HYPERPLANES = 10  # chosen: of a thousand classes


def network_from_hyperplanes(hyperplanes: Any) -> Network:
    """Make a network whose largest output says on which sides of hyperplanes an object lies.

    With u_i = w_i.x - b_i of k hyperplanes, the network is one layer of 2^k neurons ReLU(s_1 u_1 + ... + s_k u_k), one
    for each choice of signs s. The largest is the one with the signs of the u_i. It leads the others by the smallest
    |u_i|, and by twice that for two and more hyperplanes; all outputs are 0 on all hyperplanes at once.

    Parameters
    ----------
    hyperplanes : Hyperplane, or what holds one, or a sequence of these
        What holds one is what ``separate`` returns, and a fitted HardMarginSVM, SoftMarginSVM or LogisticRegression of
        two classes.

    Returns
    -------
    Network
        Of double precision. Class number j is that of the binary digits of j, the first hyperplane's the lowest: digit
        1 stands for its positive side. For one hyperplane class 0 is its negative side and class 1 the positive one.

    Raises
    ------
    InputError
        If there is no hyperplane, more than 10, one of points of another dimension, or a separation that has none.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import Hyperplane, network_from_hyperplanes, separate
    >>> net = network_from_hyperplanes(separate([[0.0, 0.0]], [[2.0, 0.0]]))
    >>> net([[0.0, 5.0], [3.0, 5.0]]).argmax(axis=1)
    array([0, 1])
    >>> axes = [Hyperplane(np.array([1.0, 0.0]), 0.0), Hyperplane(np.array([0.0, 1.0]), 0.0)]
    >>> network_from_hyperplanes(axes)([[-2.0, -3.0], [2.0, -3.0], [-2.0, 3.0], [2.0, 3.0]]).argmax(axis=1)
    array([0, 1, 2, 3])
    """
    given = hyperplanes if isinstance(hyperplanes, list | tuple) else [hyperplanes]
    planes = [_hyperplane(each) for each in given]
    if not 1 <= len(planes) <= MAX_HYPERPLANES:
        raise InputError(f"There are {len(planes)} hyperplanes; give 1 to {MAX_HYPERPLANES}.")
    sizes = sorted({len(plane.normal) for plane in planes})
    if len(sizes) > 1:
        raise InputError(f"The hyperplanes are of dimensions {sizes}; give all of one dimension.")
    rows = _floats([[*plane.normal.tolist(), -plane.offset] for plane in planes])
    signs = np.array([row[::-1] for row in product((-1.0, 1.0), repeat=len(planes))])
    combined = signs @ rows
    network = Network([Dense(len(signs), activation="relu")], input_shape=(sizes[0],), dtype="float64")
    network.parameters[:] = np.concatenate([combined[:, :-1].ravel(), combined[:, -1]])
    return network


def _hyperplane(given: Any) -> Hyperplane:
    """Return the hyperplane that is given, or that something holds."""
    if isinstance(given, Hyperplane):
        return given
    found = getattr(given, "hyperplane", None)
    if found is None and hasattr(given, "classes_"):  # fitted
        found = getattr(given, "decision_boundary_", None)
    if isinstance(found, Hyperplane):
        return found
    raise InputError(
        f"{shortened(given)} is and holds no hyperplane; give a Hyperplane, a separation of separable sets, or a "
        "fitted linear classifier of two classes."
    )


def _floats(rows: Iterable[list[Any]]) -> Any:
    """Return coefficients as floats."""
    with np.errstate(over="ignore"):
        found = np.array([[float(value) for value in row] for row in rows])
    if not np.isfinite(found).all():
        raise InputError("A hyperplane has a coefficient beyond float64; scale it.")
    return found
