"""ReLU networks that are near to a function everywhere on a box, certified (Theorems 4.3.1 and 4.3.2)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.approximation.following import BEND, Follower
from mathdl.approximation.function_steps import steps_of
from mathdl.approximation.sampling import sampled
from mathdl.approximation.tunnel import missed_triples
from mathdl.certificates.checker import verify, write
from mathdl.certificates.data import Data
from mathdl.certificates.rationals import text_of
from mathdl.certificates.record import Certificate
from mathdl.chain.evaluation import evaluate
from mathdl.chain.expression import Expression, require_expression, variables_of
from mathdl.checks import is_number, require_positive
from mathdl.errors import InputError
from mathdl.networks.network import Network

SAMPLED = {2: 0.85, 3: 0.6}  # of the error, at sampled points, by variables: a checker divides boxes less; chosen
MAX_VARIABLES = 12  # chosen: the box has 2^n corners
FACTORS = [2 ** (k / 2) for k in range(5, -9, -1)]  # errors of the nodes need not add up as far as they may; chosen
LEAST_SAMPLED = 0.4
ALLOWED = (1.0, 0.98, 0.9, 0.75, 0.5)  # of the error, of which the first that is certified is taken
Box = list[tuple[float, float]]


@dataclass(frozen=True, repr=False)
class Approximation:
    """A ReLU network near to a function on a box.

    Attributes
    ----------
    network : Network
        In float64; it takes one object of as many numbers as the function has variables.
    error : float
        What the network's exact output differs by from the function at most, anywhere on the box.
    neurons : int
        Hidden neurons.
    least_neurons : int
        A network with one hidden layer needs at least so many: each is one break along a line, and the certificate
        shows so many breaks of all functions that are as near.
    certificate : Certificate
        Of the kind ``approximation``; ``verify(certificate, data)`` checks it.
    data : Data
        What it speaks about: the network's parameters.

    Examples
    --------
    >>> import mathdl
    >>> x = mathdl.variables("x")
    >>> near = mathdl.approximate(abs(x - 0.25), (-1, 1), error=0.001)
    >>> near.neurons, near.least_neurons
    (2, 1)
    """

    network: Network
    error: float
    neurons: int
    least_neurons: int
    certificate: Certificate
    data: Any = field(default=None)

    def __repr__(self) -> str:
        return f"Approximation of {self.neurons} hidden neurons: {self.certificate.statement}"


def approximate(f: Expression, box: Sequence[Any], error: float) -> Approximation:
    """Find a ReLU network that is near to a function everywhere on a box, and certify it.

    In one variable it has one hidden layer, and hardly more segments than any such function needs. In several variables
    it follows the expression node by node: products are differences of squares, and only functions of one number are
    curved, so that the size grows like the inverse square root of the error, whatever the number of variables.

    Parameters
    ----------
    f : Expression
        Of :func:`mathdl.variables`; continuous on the box.
    box : sequence of pairs of float
        For each variable, in the order in which they were made, from where to where it goes; of one variable the pair
        itself will do.
    error : float
        How far the network may be off. It speaks of the exact output at the network's float64 parameters; rounding in
        ``network(X)`` comes on top, usually below 1e-12.

    Returns
    -------
    Approximation

    Raises
    ------
    InputError
        If f is no expression, or not continuous; the box does not fit it, or has an empty or infinite side; the error
        is not positive; or no network was certified, as where the error is near to rounding.

    Examples
    --------
    >>> import mathdl
    >>> x, y = mathdl.variables("x y")
    >>> near = mathdl.approximate(x * y, [(0, 1), (0, 1)], error=0.01)
    >>> bool(mathdl.verify(near.certificate, near.data))
    True
    >>> abs(float(near.network([[0.3, 0.4]])[0, 0]) - 0.12) < 0.01
    True
    """
    require_expression("approximate: f", f)
    require_positive("approximate: error", error)
    variables = variables_of([f])
    sides = _sides(box, len(variables))
    allowed = float(error)
    found = _lines(f, variables, sides, allowed)
    stated = _numbers(f, variables, sides, allowed) | (found or {})
    follower = Follower(f, sides)
    for share in ALLOWED:
        network = _within(follower, share * allowed)
        data = Data([network.parameters.tolist()])
        certificate = write("approximation", {**stated, "widths": list(network.widths)}, data)
        verdict = verify(certificate, data)
        if verdict:
            least = len(found["triples"]) if found else 0
            return Approximation(network, allowed, sum(network.widths[:-1]), least, certificate, data)
    raise InputError(f"approximate: no network was certified ({verdict.reason.rstrip('.')}); give a larger error.")


def _within(follower: Follower, error: float) -> Network:
    """Return a network of few segments that is within an error at many points; in one variable it is so anyway."""
    if len(follower.variables) == 1:
        return follower.network(error)
    exact, X = follower.values[follower.f], follower.points.T
    for factor in FACTORS:
        network = follower.network(factor * error)
        if np.max(np.abs(network(X)[:, 0] - exact)) <= SAMPLED.get(len(follower.variables), LEAST_SAMPLED) * error:
            break
    return network


def _sides(box: Any, variables: int) -> Box:
    """Return the sides of a box, one for each variable."""
    given = box.tolist() if isinstance(box, np.ndarray) else box
    given = [given] if variables == 1 and _is_pair(given) else given
    if not isinstance(given, list | tuple) or not all(map(_is_pair, given)):
        raise InputError(
            "approximate: box is no list of pairs of numbers; give from where to where each variable goes."
        )
    if len(given) != variables or not 0 < variables <= MAX_VARIABLES:
        raise InputError(
            f"approximate: box has {len(given)} sides and f {variables} variables; give one side for each variable, of "
            f"at least 1 and at most {MAX_VARIABLES}."
        )
    sides = [(float(low), float(high)) for low, high in given]
    for low, high in sides:
        if not (low < high and np.isfinite([low, high, high - low]).all()):
            raise InputError(
                f"approximate: box has a side from {low:g} to {high:g}; give finite numbers, the smaller one first."
            )
    return sides


def _is_pair(value: Any) -> bool:
    return isinstance(value, list | tuple) and len(value) == 2 and all(map(is_number, value))


def _numbers(f: Expression, variables: list[Expression], sides: Box, error: float) -> dict[str, Any]:
    """Return what a certificate states of the function, the box and the error."""
    return {
        "function": steps_of(f, variables),
        "box": [[text_of(end) for end in side] for side in sides],
        "error": text_of(error),
    }


def _lines(f: Expression, variables: list[Expression], sides: Box, error: float) -> dict[str, Any] | None:
    """Return the line through the box on which the most breaks are needed, and the points that show them."""
    low, high = np.array(sides).T
    best: dict[str, Any] | None = None
    for signs in list(product((False, True), repeat=len(sides) - 1))[:4]:
        turned = np.array([False, *signs])
        start, end = np.where(turned, high, low), np.where(turned, low, high)

        def along(t: NDArray[np.float64], start: Any = start, end: Any = end) -> Any:
            points = start[:, None] + (end - start)[:, None] * t
            with np.errstate(all="ignore"):
                return evaluate(f, dict(zip(variables, points, strict=True)))

        def place(t: float, start: Any = start, end: Any = end) -> str:
            return ", ".join(f"{each} = {v:.6g}" for each, v in zip(variables, start + (end - start) * t, strict=True))

        t, y = sampled(along, 0.0, 1.0, error * BEND, f"approximate: {f}", place)
        triples = missed_triples(t, y, error) if error < np.ptp(y) else []
        if triples and (best is None or len(triples) > len(best["triples"])):
            texts = [[text_of(float(t[k])) for k in triple] for triple in triples]
            best = {"line": [list(map(text_of, start.tolist())), list(map(text_of, end.tolist()))], "triples": texts}
    return None if best is None else {**best, "missed": text_of(error)}
