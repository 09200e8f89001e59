"""A learning rate for a network and the data at hand, without training the network."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mathdl.descent.rule import AUTO, Rule
from mathdl.descent.schedules import Schedule
from mathdl.descent.sgd import SGD
from mathdl.errors import InputError
from mathdl.networks.network import Network
from mathdl.training.callbacks import Callback
from mathdl.training.learning_rate_search import LearningRateSearch
from mathdl.training.loop import Training, check_choices


def find_learning_rate(
    network: Network,
    X: Any,
    y: Any,
    *,
    loss: str,
    rule: Rule | None = None,
    batch_size: int = 32,
    epochs: int = 10,
    seed: int = 0,
    threads: int | None = None,
    validation: tuple[Any, Any] | None = None,
    schedule: Schedule | None = None,
    callbacks: Sequence[Callback] = (),
    sample_weight: Any = None,
    sampling: str = "without_replacement",
) -> LearningRateSearch:
    """Find the learning rate that ``network.fit`` would train with if its rule's were "auto".

    About ten to fifteen rates are tried from the network's present parameters for a thirtieth of the training's steps,
    and the best few for a fifth. The smallest is chosen whose loss is about the lowest, on the validation data or on
    training objects that the trials do without, and that lies well below rates at which training fails. It takes
    about as many steps as the training itself, where that takes more than 10,000 about so many; no trial has fewer than
    20, so in very short training it takes more.

    Parameters
    ----------
    network : Network
        It is not changed.
    X, y, loss, batch_size, epochs, seed, threads, validation, schedule, sample_weight, sampling
        As for :meth:`Network.fit`: what the network is to be trained with.
    rule : SGD or Adam, default SGD()
        The update rule; its learning rate is not used.
    callbacks : sequence of Callback, optional
        Those that watch the search: only their ``on_search`` is called.

    Returns
    -------
    LearningRateSearch
        The rate, the reason, and every trial.

    Raises
    ------
    InputError
        If an argument, a shape or a value does not fit.
    TrainingInterrupted
        After Ctrl-C.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import SGD, Dense, Network, find_learning_rate
    >>> X = np.linspace(-1, 1, 200)[:, None]
    >>> net = Network([Dense(8, activation="tanh"), Dense(1)], input_shape=(1,))
    >>> search = find_learning_rate(net, X, np.sin(3 * X), loss="mean_square", rule=SGD(momentum=0.9))
    >>> 0.0001 < search.learning_rate < 1
    True
    """
    if not isinstance(network, Network):
        raise InputError(f"network is {network!r}; give a Network.")
    chosen = SGD() if rule is None else rule
    check_choices(chosen, schedule, callbacks, batch_size=batch_size, epochs=epochs, seed=seed, threads=threads)
    twin = Network(network.layers, network.input_shape, network.dtype, network.seed)
    twin.parameters[:] = network.parameters
    history = twin.fit(
        X,
        y,
        loss=loss,
        rule=chosen.with_rate(AUTO),
        batch_size=batch_size,
        epochs=epochs,
        seed=seed,
        threads=threads,
        validation=validation,
        schedule=schedule,
        callbacks=[_OnlySearch(callbacks)],
        sample_weight=sample_weight,
        sampling=sampling,
    )
    assert history.search is not None
    return history.search


class _OnlySearch(Callback):
    """Passes the search on to others, and ends the run before its first step."""

    def __init__(self, others: Sequence[Callback]) -> None:
        self.others = others

    def on_search(self, trials: Any) -> None:
        """Pass it on."""
        for other in self.others:
            other.on_search(trials)

    def on_start(self, training: Training) -> None:
        """Leave nothing to do."""
        training.epochs = 0
