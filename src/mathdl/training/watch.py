"""Watching training: gradients, dead rectifiers and steps, layer by layer, and what they warn of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mathdl.errors import InputError
from mathdl.training.callbacks import Callback
from mathdl.training.training import Probe, Training
from mathdl.training.warning_signs import warning_signs

Array = NDArray[Any]
# Half of the five per cent that are promised, since small operations take longer than they count.
MAX_WATCHING_SHARE = 0.025  # of the operations of training that watching may take
# Measured: operations in the time that an epoch takes beside its steps, and in that of making a probe.
OPERATIONS_PER_EPOCH, OPERATIONS_TO_MAKE = 2e6, 6e6
WANTED_PROBES = 12  # that a short run can afford: its sample is made as small as that takes
MIN_SAMPLE, MAX_SAMPLE = 64, 256  # objects
MAX_INTERVALS = 50  # between probes, however long the run: a curve needs no more
NORM, DEAD, RATIO = range(3)  # columns of a probe


class Watch(Callback):
    """Keep an eye on every layer during training, and say in plain words when something is wrong.

    At the start, at the end and after some of the epochs between, the layers are measured on a fixed sample of 64 to
    256 training objects. So many epochs are skipped that this takes less than 5 % of the time of training (counted in
    operations, not by the clock); where a run is so short that this leaves no room, the end alone is measured. The
    trained parameters are the same to the last bit as without.

    Attributes
    ----------
    epochs : list of int
        The epochs after which the layers were measured; 0 is the start.
    gradient_norm : dict of str to list of float
        By layer, the norm of the gradient of the loss with respect to its parameters.
    gradient_rms : dict of str to list of float
        The same over the root of the number of parameters, so that layers compare.
    dead_share : dict of str to list of float
        By layer with ReLU, the share of its units (of a convolution, channels) that are 0 for every object looked at.
    update_ratio : dict of str to list of float
        By layer, |a_new - a_old| / |a_old| of the step that the rule would take next; NaN where a_old is 0.
    warnings : list of str
        What the record warns of: vanishing or exploding gradients (6.3.3), dead ReLUs, steps too small or too large.

    Examples
    --------
    >>> import numpy as np
    >>> from mathdl import SGD, Dense, Network, Watch
    >>> X = np.linspace(-1, 1, 100)[:, None]
    >>> net = Network([Dense(8, activation="relu"), Dense(1)], input_shape=(1,))
    >>> history = net.fit(X, X**2, loss="mean_square", rule=SGD(0.1), epochs=40, callbacks=[watch := Watch()])
    >>> list(watch.gradient_norm), list(watch.dead_share), watch.warnings
    (['1 Dense', '2 Dense'], ['1 Dense'], [])
    """

    order = -1  # early stopping goes back to other parameters at the end: those of the last epoch are seen before

    def __init__(self) -> None:
        self.epochs: list[int] = []
        self._layers: list[tuple[str, int]] = []
        self._measured: list[NDArray[np.float64]] = []
        self._losses: Sequence[float] = ()
        self._every = 1
        self._probe: Probe | None = None

    def __repr__(self) -> str:
        if not self.epochs:
            return "Watch: nothing measured yet"
        seen = f"{len(self._layers)} layers, measured {len(self.epochs)} times up to epoch {self.epochs[-1]}"
        return f"Watch: {seen}; warnings: {' '.join(self.warnings) or 'none'}"

    @property
    def gradient_norm(self) -> dict[str, list[float]]:
        """The norm of each layer's gradient."""
        return self._column(NORM)

    @property
    def gradient_rms(self) -> dict[str, list[float]]:
        """The root mean square of each layer's gradient."""
        sizes = dict(self._layers)
        return {name: [norm / sizes[name] ** 0.5 for norm in norms] for name, norms in self.gradient_norm.items()}

    @property
    def dead_share(self) -> dict[str, list[float]]:
        """The share of each layer's ReLUs that are dead."""
        return {name: shares for name, shares in self._column(DEAD).items() if not np.isnan(shares).all()}

    @property
    def update_ratio(self) -> dict[str, list[float]]:
        """How far one step moves each layer's parameters."""
        return self._column(RATIO)

    @property
    def warnings(self) -> list[str]:
        """What the record warns of, each in a sentence."""
        return warning_signs(self.gradient_rms, self.dead_share, self.update_ratio, self._losses)

    def on_start(self, training: Training) -> None:
        """Choose the sample and the epochs; take up the record of a run that is resumed."""
        if training.probe is None:
            raise InputError("Watch needs layers to watch; give it to the fit of a Network.")
        wanted = MAX_WATCHING_SHARE * training.total_samples / WANTED_PROBES
        probe = training.probe(int(min(max(wanted, MIN_SAMPLE), MAX_SAMPLE)), training.settings.seed)
        work = training.steps * training.stepper.operations + training.epochs * OPERATIONS_PER_EPOCH
        affordable = int((MAX_WATCHING_SHARE * work - OPERATIONS_TO_MAKE) / probe.operations)
        self._every = -(-training.epochs // min(max(affordable - 1, 1), MAX_INTERVALS))
        self._probe, self._losses = probe, training.history.loss
        self._layers = list(zip(probe.names, probe.sizes, strict=True))
        self.epochs = training.arrays.get("watch.epochs", np.zeros(0)).astype(int).tolist()
        self._measured = list(training.arrays.get("watch.layers", ()))
        if any(one.shape != (len(self._layers), 3) for one in self._measured):
            raise InputError("The checkpoint's record tells of other layers than this network has; start anew.")
        if training.samples == 0 and affordable > 1:
            self._measure(training)

    def on_epoch(self, training: Training) -> None:
        """Measure where it is time."""
        if training.epoch % self._every == 0 or training.epoch == training.epochs:
            self._measure(training)

    def on_end(self, training: Training) -> None:
        """Measure the end of a run that stopped early; let go of the data."""
        if training.history.status == "stopped early" and self.epochs[-1:] != [training.epoch]:
            self._measure(training)
        self._probe = None

    def _measure(self, training: Training) -> None:
        """Measure the layers as they are now."""
        assert self._probe is not None
        self.epochs.append(training.epoch)
        self._measured.append(self._probe.measure(training.parameters, training.stepper.memory, training.next_update()))
        training.arrays["watch.epochs"] = np.array(self.epochs, np.int64)
        training.arrays["watch.layers"] = np.array(self._measured)

    def _column(self, column: int) -> dict[str, list[float]]:
        """Return one of the measured numbers, by layer."""
        return {
            name: [float(measured[k, column]) for measured in self._measured]
            for k, (name, _) in enumerate(self._layers)
        }
