"""A model as a run asks for it: what makes, for any part of the data, an estimator and fits it."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mathdl.models.declaration import DeclaredEstimator
from mathdl.runs.fitting import fit
from mathdl.runs.options import trains_in_epochs
from mathdl.runs.prepared_data import PreparedData, SplitData
from mathdl.runs.progress import RunProgress
from mathdl.runs.semisupervised import with_own_labels
from mathdl.training.callbacks import Callback


@dataclass(frozen=True, eq=False)
class Candidate:
    """A kind of model with its options.

    ``semisupervised`` lets it label the rows without a target before it is fitted.
    """

    kind: type[DeclaredEstimator]
    options: Mapping[str, Any]
    seed: int
    threads: int | None
    semisupervised: bool = False

    @property
    def in_epochs(self) -> bool:
        """Whether it trains epoch by epoch, and reads images as they are."""
        return trains_in_epochs(self.kind)

    def estimator(self, split: SplitData) -> Any:
        """Make an estimator that suits what trains."""
        facts = split.facts(self.seed, self.threads, keep_images=self.in_epochs)
        return self.kind.for_run(facts, self.options)

    def encode(self, split: SplitData) -> PreparedData:
        """Return data as the estimator reads them: its parameter ``dtype`` names the type of number, else float64."""
        estimator = self.estimator(split)
        dtype = estimator.get_params(deep=False).get("dtype") or "float64"
        data = split.encode(dtype, keep_images=self.in_epochs)
        return with_own_labels(data, estimator) if self.semisupervised else data

    def fit(self, data: PreparedData, callbacks: Sequence[Callback] = ()) -> Any:
        """Fit an estimator to what trains, without a word about how that went."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # what there is to say is said of the model that is kept
            of_epochs = {"callbacks": list(callbacks)} if self.in_epochs else {}
            return fit(self.estimator(data.split), data, **of_epochs)

    def folds(self, split: SplitData, shown: Sequence[RunProgress] = ()) -> Iterator[PreparedData]:
        """Give the folds one after the other, and show which one it is where training it takes time."""
        for number, fold in enumerate(split.folds, 1):
            for progress in shown if self.in_epochs else ():
                progress.show_fold(number, len(split.folds))
            yield self.encode(fold)
