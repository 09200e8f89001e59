"""Whether a network's answers stay the same for all inputs near given ones: proofs, counterexamples, or neither."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.data import Data
from mathdl.certificates.record import Certificate
from mathdl.checks import is_number, network_of, require_between, require_not_negative, shortened
from mathdl.errors import InputError
from mathdl.networks.inputs import checked_inputs
from mathdl.networks.intervals import Box
from mathdl.networks.network import Network
from mathdl.networks.pieces import steps_of_vectors, without_final_activation
from mathdl.robustness.interval_classes import of_one_class
from mathdl.robustness.neighbourhood import Judgement, Neighbourhood, Questioned, Verdict
from mathdl.robustness.table_inputs import TableInputs, checked_radii
from mathdl.robustness.table_object import TableObject
from mathdl.robustness.time_shares import Progress, in_turn

Array = NDArray[Any]
FIRST_LOOK = 0.5  # chosen: of the time
AT_ONCE = 500  # objects whose intervals are followed together, so that memory stays small


@dataclass(frozen=True, repr=False)
class Robustness:
    """What was found out about each object.

    Attributes
    ----------
    radius : float or dict
        How far each number of an object was allowed to change; of a table by column, in the column's own unit.
    verdicts : list of {"certified", "refuted", "undecided"}
        For each object.
    certificates : list of Certificate or None
        Where certified, what the checker has verified.
    counterexamples : list of ndarray of shape input_shape, of dict for a table, or None
        Where refuted, an object that near with another class, in exact arithmetic; the object itself where its own
        class is another one already.
    classes : list of int or None
        Where refuted, the number of the class of the counterexample.
    asked : int
        How many objects, from the first one on, were looked at within the time; the others are undecided.
    data : Data
        The network, of which the certificates speak: ``verify(found.certificates[0], found.data)``.

    Examples
    --------
    >>> from mathdl import Dense, Network, certify_robustness
    >>> net = Network([Dense(2)], input_shape=(1,))
    >>> net.parameters[:] = 1, -1, -0.8, 0.8  # of class 1 below 0.8
    >>> found = certify_robustness(net, [[0.25], [0.6]], [1, 1], 0.5)
    >>> found
    Robustness (radius 0.5: 1 of 2 objects certified, 1 refuted, 0 undecided)
    """

    radius: float | dict[str, float]
    verdicts: list[Verdict]
    certificates: list[Certificate | None]
    counterexamples: list[Any]
    classes: list[int | None]
    asked: int
    data: Data

    def __repr__(self) -> str:
        certified, refuted, undecided = (self.verdicts.count(v) for v in ("certified", "refuted", "undecided"))
        radius = shortened(self.radius) if isinstance(self.radius, dict) else f"{self.radius:g}"
        return (
            f"Robustness (radius {radius}: {certified} of {len(self.verdicts)} objects certified, {refuted} "
            f"refuted, {undecided} undecided)"
        )


def certify_robustness(
    model: Any,
    X: Any,
    y: Any,
    radius: float | Mapping[str, float],
    limits: tuple[float, float] | Literal["auto"] | None = "auto",
    seconds: float = 60.0,
    progress: Progress = None,
) -> Robustness:
    r"""Prove or refute, for each object, that its class stays as it is while each number changes by at most a radius.

    A proof is a certificate that the independent checker has verified: of the exact network, whose parameters are its
    own binary numbers and which rounds nothing. A counterexample is verified in exact arithmetic. Kinks that take both
    signs are relaxed, and where this is not enough, the search for a proof splits at them, until the time is over.

    Parameters
    ----------
    model : Network, fitted NetworkClassifier, or trained model with one
        Piecewise affine, but for a final softmax or sigmoid; of a single output positive numbers are class 1. Of a
        trained model with a threshold the more probable class is meant.
    X : array-like of shape (N, \\*input_shape), DataFrame or mapping
        Objects as the network takes them, bytes divided by 255; or as the table that the model was trained on.
    y : array-like of shape (N,)
        The right classes: of a Network numbers from 0 on, of a classifier its labels.
    radius : float or mapping
        How far each number may change, at least 0. Of a table a mapping says it by column, in the column's own unit,
        and other columns do not change; a number means so many standard deviations of every column of numbers.
    limits : pair of float, "auto" or None, default "auto"
        What numbers stay between, whatever the radius: by default 0 and 1, as pixels, and of a table nothing. None for
        no limits.
    seconds : float, default 60
        Time of this process for all objects together. A first look at one after the other takes at most half of it;
        what is left goes in equal shares to those that were looked at and are still open.
    progress : callable, optional
        Called with what is done, and for how many of how many objects.

    Returns
    -------
    Robustness

    Raises
    ------
    InputError
        If a layer is not piecewise affine, the radius is negative or not finite, or names what is no column of numbers,
        or X, y or limits do not fit.

    Examples
    --------
    >>> from mathdl import Dense, Network, certify_robustness, verify
    >>> net = Network([Dense(3, activation="relu"), Dense(2)], input_shape=(2,), seed=1)
    >>> found = certify_robustness(net, [[0.5, 0.25]], [0], radius=0.05)
    >>> found.verdicts, bool(verify(found.certificates[0], found.data))
    (['certified'], True)
    """
    if not isinstance(radius, Mapping):
        require_not_negative("radius", radius)
    require_between("seconds", seconds, 0)
    network = network_of(model)
    reads_table = getattr(model, "preprocessing", None) is not None
    is_auto = isinstance(limits, str) and limits == "auto"
    if not reads_table and isinstance(radius, Mapping):
        raise InputError("radius goes by column, and the model reads no table; give one number.")
    shown: float | dict[str, float]
    if reads_table:
        if limits is not None and not is_auto:
            raise InputError(f"limits is {shortened(limits)}, and columns have their own units; leave limits out.")
        table = TableInputs(model, X)
        shown = checked_radii(table, radius)
        codes, of = _codes(model, network, y, len(table)), Questioned(network)
        near = _near_rows(of, table, codes, shown)
    else:
        inputs, shown = _objects(network, X), float(radius)  # type: ignore[arg-type]
        ends = _limits((0.0, 1.0) if is_auto else limits, inputs)
        codes, of = _codes(model, network, y, len(inputs)), Questioned(network)
        near = _near_arrays(of, inputs, codes, shown, ends)
    until = time.process_time() + seconds
    found = [near[k].judge() for k, _ in in_turn(len(near), FIRST_LOOK * seconds, "at once", progress)]
    count = len(found)
    left = [k for k, judgement in enumerate(found) if judgement.verdict == "undecided"]
    for done, share in in_turn(len(left), until - time.process_time(), "by splitting", progress):
        found[left[done]] = near[left[done]].judge_by_splitting(share)
    found += [Judgement("undecided")] * (len(near) - count)
    seen = [one.shown(judgement) for one, judgement in zip(near, found, strict=True)]
    return Robustness(
        shown,
        [one.verdict for one in seen],
        [one.certificate for one in seen],
        [one.counterexample for one in seen],
        [one.other for one in seen],
        count,
        of.data,
    )


def _near_arrays(of: Questioned, inputs: Array, codes: list[int], radius: float, ends: Any) -> list[Neighbourhood]:
    """Return what is near objects as the network takes them."""
    (low, high), distance, found = ends, Fraction(radius), []
    for x, own in zip(inputs, codes, strict=True):
        exact = [Fraction(value) for value in x.ravel().tolist()]
        sides = [max(value - distance, low) for value in exact], [min(value + distance, high) for value in exact]
        found.append(Neighbourhood(of, x, own, sides))
    return found


def _near_rows(of: Questioned, table: TableInputs, codes: list[int], radii: dict[str, float]) -> list[Neighbourhood]:
    """Return what is near objects of a table."""
    objects = [TableObject(of, table, row, own) for row, own in enumerate(codes)]
    return [one.within(one.around(radii)) for one in objects]


def robust_by_intervals(
    model: Any, X: Any, y: Any, radius: float, limits: tuple[float, float] | None = (0.0, 1.0)
) -> NDArray[np.bool_]:
    r"""Tell which objects keep their class while each number changes by at most a radius, as far as intervals show it.

    It is the cheapest proof there is: ten thousand small pictures take seconds. Networks trained with ``robustness``
    are made for it; for others it shows little. The intervals speak of the exact network, and all rounding goes
    outwards, but no certificate comes of it: :func:`certify_robustness` has one for each object, and finds more proofs.

    Parameters
    ----------
    model, X, y, radius, limits
        As for :func:`certify_robustness`, of arrays; layers may have sigmoid and tanh, too.

    Returns
    -------
    ndarray of bool of shape (N,)
        False says nothing.

    Raises
    ------
    InputError
        As for :func:`certify_robustness`.

    Examples
    --------
    >>> from mathdl import Dense, Network, robust_by_intervals
    >>> net = Network([Dense(2)], input_shape=(1,))
    >>> net.parameters[:] = 1, -1, -0.8, 0.8  # of class 1 below 0.8
    >>> robust_by_intervals(net, [[0.25], [0.6]], [1, 1], 0.5)
    array([ True, False])
    """
    require_not_negative("radius", radius)
    distance = float(radius)
    network = without_final_activation(network_of(model))
    objects = _objects(network, X)
    codes = np.array(_codes(model, network, y, len(objects)), np.int64)
    least, most = (float(end) for end in _limits(limits, objects))
    steps = [step for _, step in steps_of_vectors(network)]
    proved = np.zeros(len(objects), bool)
    for first in range(0, len(objects), AT_ONCE):
        part = slice(first, first + AT_ONCE)
        x = objects[part].reshape(len(codes[part]), -1).T.astype(np.float64)
        low, high = np.nextafter(x - distance, -np.inf), np.nextafter(x + distance, np.inf)
        proved[part] = of_one_class(steps, Box(np.maximum(low, least), np.minimum(high, most)), codes[part])
    return proved


def _objects(network: Network, X: Any) -> Array:
    """Return objects as the network takes them."""
    objects = checked_inputs(X, network.input_shape, network.dtype)
    if objects.dtype == np.uint8:
        objects = objects.astype(network.dtype) / np.dtype(network.dtype).type(255)
    return objects


def _codes(model: Any, network: Network, y: Any, count: int) -> list[int]:
    """Return the numbers of the right classes."""
    estimator = getattr(model, "model", model)
    labels = np.asarray(getattr(estimator, "classes_", range(max(2, int(np.prod(network.output_shape))))))
    given = np.asarray(y, dtype=object) if isinstance(y, list | tuple) else np.asarray(y)
    if given.shape != (count,):
        raise InputError(f"y has shape {given.shape} for {count} objects; give one class for each.")
    places = {label: code for code, label in enumerate(labels.tolist())}
    codes = [places.get(label) for label in given.tolist()]
    if None in codes:
        label = given.tolist()[codes.index(None)]
        raise InputError(f"y holds {shortened(label)}, which is no class of the model; its classes are {labels}.")
    return codes  # type: ignore[return-value]


def _limits(limits: Any, objects: Array) -> tuple[Any, Any]:
    """Return what numbers stay between, as fractions, or infinite."""
    if limits is None:
        return -np.inf, np.inf
    pair = list(limits) if isinstance(limits, tuple | list) else []
    if len(pair) != 2 or not all(is_number(end) and np.isfinite(end) for end in pair) or not pair[0] <= pair[1]:
        raise InputError(f"limits is {shortened(limits)}; give (low, high), finite and low first, or None.")
    if objects.size and not (objects.min() >= pair[0] and objects.max() <= pair[1]):
        raise InputError(
            f"X goes from {objects.min():g} to {objects.max():g}, beyond the limits {pair[0]:g} and {pair[1]:g}; give "
            "limits that hold, or None for no limits."
        )
    return Fraction(pair[0]), Fraction(pair[1])
