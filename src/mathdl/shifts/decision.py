"""Decisions whether a network is equivariant or invariant under a shift (Definitions 10.6.2 and 10.6.3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

import numpy as np

from mathdl.certificates.checker import verify, write
from mathdl.certificates.record import Certificate
from mathdl.layers.layer import Layer
from mathdl.networks.network import Network
from mathdl.shifts.counterexample import Counterexample, search
from mathdl.shifts.facts import as_asked, facts
from mathdl.shifts.question import Question, question, steps_of_pictures, without_height

Mode = Literal["cyclic", "zeros"]


@dataclass(frozen=True, repr=False)
class ShiftDecision:
    """What was decided about a network and a shift.

    Attributes
    ----------
    verdict : {"proved", "refuted", "undecided"}
        Whether the answer moves, or stays, as was asked, for every picture.
    reason : str
        The certificate's statement; or what the counterexample is; or which layer could not be followed, and why.
    certificate : Certificate or None
        Of the kind ``shift``, where it is proved; ``verify(certificate, data)`` checks it.
    data : Data
        What the certificate speaks about: one row with channels, height (of signals 1) and width, and the network's
        parameters.
    picture : ndarray or None
        A counterexample of whole numbers, of as few pixels as were found; of a network of signals a signal.
    outputs : tuple of two ndarrays of Fraction, or None
        What the answer to the picture moved should be, and what it is, without rounding. A final sigmoid, tanh or
        softmax is left out, as it tells different arguments apart (of softmax, the differences to the first one).
    within : Fraction
        How far the outputs may be off: 0 unless sigmoid or tanh stand inside of the network.

    Examples
    --------
    >>> from mathdl import MaxPool2D, Network, decide_equivariance
    >>> decision = decide_equivariance(Network([MaxPool2D((1, 2))], (1, 1, 8)), (0, 1))
    >>> decision.verdict, decision.picture.ravel().tolist()
    ('refuted', [1, 0, 0, 0, 0, 0, 0, 0])
    """

    verdict: Literal["proved", "refuted", "undecided"]
    reason: str
    certificate: Certificate | None = None
    data: Any = field(default=None)
    picture: Any = None
    outputs: tuple[Any, Any] | None = None
    within: Fraction = Fraction(0)

    @property
    def proved(self) -> bool:
        """Whether it is proved."""
        return self.verdict == "proved"

    @property
    def refuted(self) -> bool:
        """Whether it is refuted."""
        return self.verdict == "refuted"

    def __repr__(self) -> str:
        return f"ShiftDecision ({self.verdict}): {self.reason}"


def decide_equivariance(
    network: Network | Layer,
    shift: int | Sequence[int],
    mode: Mode = "cyclic",
    border: int | Sequence[int] = 0,
    output_shift: int | Sequence[int] | None = None,
) -> ShiftDecision:
    """Decide whether a network's answer moves with its picture: f(T X) = T f(X) for every picture X (10.44).

    *Proved* and *refuted* speak of the network's real parameters and of arithmetic without rounding; what floating
    point adds to the answers is another matter. Dropout is left out, as in predictions.

    Parameters
    ----------
    network : Network or layer
        A network of pictures or of signals, or one of its layers, as ``network.layers[0]``.
    shift : two ints, or one
        Pixels down and to the right, negative ones up and to the left; of signals one number, to the right.
    mode : {"cyclic", "zeros"}, default "cyclic"
        What enters on the one side: what has left on the other (10.42), or zeros.
    border : int, or four ints, or two, default 0
        Rows and columns of zeros that all pictures have: above, below, left, right; of signals left and right. By
        default all pictures count.
    output_shift : two ints, or one, optional
        By how much the answer should move, where that is not ``shift``: half as much behind a stride of 2.

    Returns
    -------
    ShiftDecision

    Raises
    ------
    InputError
        If the network has no pictures or signals, its answer is none, the shift is larger than they are, or there is
        an activation function of your own whose value at 0 is not declared.

    Examples
    --------
    >>> from mathdl import Conv2D, Network, ZeroPad2D, decide_equivariance
    >>> net = Network([ZeroPad2D(2), Conv2D(4, 3, activation="relu", bias=None)], (1, 8, 8))
    >>> decide_equivariance(net, (0, 1), border=(0, 0, 0, 1)).verdict
    'proved'
    >>> decide_equivariance(net, (0, 1)).verdict
    'refuted'
    """
    return _decide(question(steps_of_pictures(network), shift, mode, border, output_shift, moves=True))


def decide_invariance(
    network: Network | Layer, shift: int | Sequence[int], mode: Mode = "cyclic", border: int | Sequence[int] = 0
) -> ShiftDecision:
    """Decide whether a network's answer stays as it is when its picture moves: f(T X) = f(X) for every X (10.54).

    As for :func:`decide_equivariance`. The answer is all outputs; where they are the same, so are class and
    probabilities.

    Parameters
    ----------
    network : Network or layer
    shift : two ints, or one
        Pixels down and to the right, negative ones up and to the left; of signals one number, to the right.
    mode : {"cyclic", "zeros"}, default "cyclic"
    border : int, or four ints, or two, default 0

    Returns
    -------
    ShiftDecision

    Raises
    ------
    InputError
        As :func:`decide_equivariance` does.

    Examples
    --------
    >>> from mathdl import Conv2D, GlobalMaxPool2D, Network, ZeroPad2D, decide_invariance
    >>> net = Network([ZeroPad2D(2), Conv2D(4, 3, bias=None), GlobalMaxPool2D()], (1, 8, 8))
    >>> decision = decide_invariance(net, (2, -3), border=(0, 2, 3, 0))
    >>> decision.verdict
    'proved'
    >>> from mathdl import Conv1D, GlobalMaxPool1D, ZeroPad1D
    >>> net = Network([ZeroPad1D(2), Conv1D(4, 3, bias=None), GlobalMaxPool1D()], (2, 50))
    >>> decide_invariance(net, 7, border=(0, 7)).verdict
    'proved'
    >>> from mathdl import verify
    >>> bool(verify(decision.certificate, decision.data))
    True
    """
    return _decide(question(steps_of_pictures(network), shift, mode, border))


def _decide(asked: Question) -> ShiftDecision:
    """Look for a proof where drawn pictures do not refute; for a counterexample, at last among many pictures."""
    stated, proof = facts(asked), None
    if as_asked(asked, stated):
        proof = _proof(asked, stated)
        if proof.proved:
            return proof
    if found := search(asked, thorough=False):
        return _refuted(asked, found)
    if proof is None:
        proof = _proof(asked, stated)
    if not proof.proved and (found := search(asked, thorough=True)):
        return _refuted(asked, found)
    return proof


def _proof(asked: Question, stated: list[dict[str, Any]]) -> ShiftDecision:
    """Return what the checker finds, with all facts or without those about shifts: proved or undecided."""
    data = asked.network.data
    for chain in (stated, [{**fact, "shift": None} for fact in stated]):
        certificate = write("shift", _numbers(asked, chain), data)
        verdict = verify(certificate, data)
        if verdict:
            return ShiftDecision("proved", certificate.statement, certificate, data)
    return ShiftDecision("undecided", _reason(asked, stated, verdict.reason), data=data)


def _numbers(asked: Question, chain: list[dict[str, Any]]) -> dict[str, Any]:
    """Return what a certificate states."""
    numbers = {
        "steps": asked.network.steps,
        "shift": list(asked.shift),
        "cyclic": asked.cyclic,
        "border": list(asked.border),
        "facts": chain,
    }
    return numbers if asked.output_shift is None else {**numbers, "output_shift": list(asked.output_shift)}


def _refuted(asked: Question, found: Counterexample) -> ShiftDecision:
    """Put a counterexample into words."""
    steps = asked.network
    expected, is_now = (without_height(steps, part) for part in (found.expected, found.found))
    place = tuple(int(i) for i in np.argwhere(expected != is_now)[0])
    noun, unit = ("picture", "pixel") if steps.axes == 2 else ("signal", "number")
    pixels = np.count_nonzero(found.picture)
    what = ("zeros alone", f"one {unit}")[pixels] if pixels < 2 else f"{pixels} {unit}s"
    about = "" if not found.within else "about "
    should, is_said = (f"{about}{float(part[place]):.6g}" for part in (expected, is_now))
    reason = (
        f"For the {noun} shown, of {what}, the answer at {place} should be {should} and is {is_said} after the shift."
    )
    picture = without_height(steps, found.picture)
    return ShiftDecision("refuted", reason, None, steps.data, picture, (expected, is_now), found.within)


def _reason(asked: Question, stated: list[dict[str, Any]], refusal: str) -> str:
    """Name the layer from which on nothing was shown, and why."""
    network = asked.network
    lost = [place for place, fact in zip(network.places, stated, strict=True) if fact["shift"] is None]
    place = [*lost, len(network.names) - 1][0]
    return (
        f"Behind layer {place}, {network.names[place]}, it is not shown that the response moves with the "
        f"{'picture' if network.axes == 2 else 'signal'} ({refusal.rstrip('.')}), and no counterexample was found; "
        "ask about a larger border, or about fewer layers."
    )
