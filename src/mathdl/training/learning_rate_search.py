"""What a search for a learning rate found, and why it chose what it chose."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from math import inf, isfinite
from typing import Any, Self

FAILURE_MARGIN = 2.5  # at least so many times the rate that is taken is the least one that failed
MAX_LOSS_GROWTH = 1.1  # a loss of at most so many times that before the first step is no sign of too large a rate
# A loss is about the lowest if it is at most so many times as large, or larger by at most so much of the whole fall.
TIE, TIE_OF_FALL = 1.05, 0.005


@dataclass(frozen=True)
class Trial:
    """One learning rate, tried for some steps.

    Attributes
    ----------
    learning_rate : float
    steps : int
        How many steps it was tried for.
    loss : float or None
        The loss afterwards, on the objects that judge; None where a loss was not finite: the trial diverged.
    """

    learning_rate: float
    steps: int
    loss: float | None

    def learned(self, start: float) -> bool:
        """Tell whether the loss has fallen below that before the first step; a trial without that failed."""
        return self.loss is not None and self.loss < start

    def keeps(self, start: float) -> bool:
        """Tell whether the loss has hardly risen above that before the first step.

        Parameters
        ----------
        start : float
        """
        return self.loss is not None and self.loss <= MAX_LOSS_GROWTH * start


@dataclass(frozen=True, repr=False)
class LearningRateSearch:
    """A learning rate with the trials that led to it.

    Attributes
    ----------
    learning_rate : float
        The rate that was chosen.
    reason : str
        Why, in a few sentences.
    judges : str
        What the losses are of, as ``"200 training objects that the trials did without"``.
    start_loss : float or None
        The loss on these objects before the first step; None where it is not finite.
    trials : tuple of Trial
        All trials in their order. A rate may have been tried several times, each time from the start.

    Examples
    --------
    >>> from mathdl import SGD, Dense, Network, find_learning_rate
    >>> X = [[0.1 * k] for k in range(40)]
    >>> net = Network([Dense(1)], input_shape=(1,))
    >>> search = find_learning_rate(net, X, X, loss="mean_square", rule=SGD("auto"))
    >>> len(search.rates) == len(search.losses), search.learning_rate in search.rates
    (True, True)
    """

    learning_rate: float
    reason: str
    judges: str
    start_loss: float | None
    trials: tuple[Trial, ...]

    def __repr__(self) -> str:
        return f"LearningRateSearch: {self.learning_rate:g}. {self.reason}"

    @property
    def rates(self) -> list[float]:
        """The rates that were tried, in increasing order."""
        return sorted({trial.learning_rate for trial in self.trials})

    @property
    def losses(self) -> list[float]:
        """The loss after each rate's longest trial, in the order of ``rates``; infinite where it diverged."""
        last = {trial.learning_rate: trial.loss for trial in self.trials}
        return [inf if (loss := last[rate]) is None else loss for rate in self.rates]

    def to_dict(self) -> dict[str, Any]:
        """Return the search as a dictionary that JSON can hold."""
        return {**asdict(self), "trials": [asdict(trial) for trial in self.trials]}

    @classmethod
    def from_dict(cls, record: dict[str, Any]) -> Self:
        """Return the search that ``to_dict`` was called on."""
        return cls(**{**record, "trials": tuple(Trial(**trial) for trial in record["trials"])})


def choose(longer: Sequence[Trial], failed: Sequence[float], start: float) -> Trial | None:
    """Return the trial to be taken of those made for long, given the rates that failed; None where there is none."""
    limit = min(failed, default=inf) / FAILURE_MARGIN * (1 + 1e-9)
    fit = [(trial, trial.loss) for trial in longer if trial.loss is not None and trial.learned(start)]
    fit = [(trial, loss) for trial, loss in fit if trial.learning_rate <= limit]
    if not fit:
        return None
    lowest = min(loss for _, loss in fit)
    enough = max(TIE * lowest, lowest + TIE_OF_FALL * (start - lowest) if isfinite(start) else 0.0)
    return min((trial for trial, loss in fit if loss <= enough), key=lambda trial: trial.learning_rate)


def explain(first: Sequence[Trial], longer: Sequence[Trial], chosen: Trial, judges: str, start: float) -> str:
    """Say in words how many short trials and a few longer ones (or none) led to the one that was chosen."""
    rates = sorted(trial.learning_rate for trial in first)
    span = f"{len(rates)} learning rates from {rates[0]:g} to {rates[-1]:g}"
    said = [f"Of {span}, each tried for {first[0].steps} steps from the same start, {_failures(first, start)}."]
    if not chosen.learned(start):
        said.append(f"No rate lowered the loss on {judges}; {chosen.learning_rate:g} was taken.")
        return " ".join([*said, "Look at the data, scale the features, or choose a learning rate yourself."])
    losses = [f"{chosen.learning_rate:g} brought the loss on {judges}"]
    losses[0] += f"{f' from {start:.3g}' if isfinite(start) else ''} to {chosen.loss:.3g}"
    for trial in sorted(longer, key=lambda trial: trial.learning_rate):
        if trial is not chosen:
            loss = "diverged" if trial.loss is None else f"to {trial.loss:.3g}"
            losses.append(f"{trial.learning_rate:g} {loss}")
    how = f"{len(longer)} {'was' if len(longer) == 1 else 'were'} tried again for {chosen.steps} steps: "
    said.append(f"{how if longer else ''}{', '.join(losses)}.")
    return " ".join([*said, _verdict([*first, *longer], longer or first, chosen, start)])


def _failures(first: Sequence[Trial], start: float) -> str:
    """Say which of the rates diverged or did not lower the loss."""
    said = []
    for what, bad in (
        ("did not lower the loss", [t for t in first if t.loss is not None and not t.learned(start)]),
        ("diverged", [t for t in first if t.loss is None]),
    ):
        if bad:
            said.append(f"{', '.join(f'{rate:g}' for rate in sorted(t.learning_rate for t in bad))} {what}")
    return " and ".join(said) or "all lowered the loss"


def _verdict(trials: Sequence[Trial], rivals: Sequence[Trial], chosen: Trial, start: float) -> str:
    """Say why this rate was taken though another may have reached a lower loss."""
    best = min((t for t in rivals if t.learned(start)), key=lambda t: (t.loss, t.learning_rate))
    least = min(failed_rates(trials, start), default=inf)
    if chosen.learning_rate * FAILURE_MARGIN > least * (1 + 1e-9):
        near = f"though {least:g} failed, since no rate well below that lowered the loss; scale the features"
        return f"{chosen.learning_rate:g} was taken {near}, or choose a learning rate yourself."
    if best.learning_rate <= chosen.learning_rate:
        return f"So {chosen.learning_rate:g} was taken."
    if best.learning_rate * FAILURE_MARGIN > least:
        return f"So {chosen.learning_rate:g} was taken: larger ones are too close to {least:g}, which failed."
    return f"So {chosen.learning_rate:g} was taken, which is the smallest and about as good as {best.learning_rate:g}."


def failed_rates(trials: Sequence[Trial], start: float) -> list[float]:
    """Return the rates whose longest trial was too large: it diverged, or did not lower the loss.

    A rate that kept the loss about as it was, where a larger one lowered it most, has stood still, as on a plateau.
    """
    last = {trial.learning_rate: trial for trial in trials}
    learned = [trial for trial in last.values() if trial.learned(start)]
    best = min(learned, key=lambda trial: (trial.loss, trial.learning_rate)).learning_rate if learned else 0.0
    bad = [trial for trial in last.values() if not trial.learned(start)]
    return [trial.learning_rate for trial in bad if not (trial.keeps(start) and trial.learning_rate < best)]
