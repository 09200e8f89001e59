"""What a tracker of experiments is told of a run of training."""

from __future__ import annotations

from typing import Any

from mathdl.training.training import Training

OF_EPOCHS = ("loss", "validation_loss", "validation_accuracy", "learning_rate", "seconds")


def numbers_of_epoch(training: Training) -> dict[str, float]:
    """Return what the record holds of the last epoch, by name; what was not measured is left out."""
    records = {name: getattr(training.history, name) for name in OF_EPOCHS}
    return {name: float(record[-1]) for name, record in records.items() if record}


def parameters_of_run(training: Training) -> dict[str, Any]:
    """Return the settings of the run and the sizes of its problem, by name."""
    settings = training.settings
    names = ("batch_size", "epochs", "seed", "threads", "schedule", "sampling", "robustness")
    return {
        **settings.rule.describe(),
        **{name: getattr(settings, name) for name in names},
        "objects": training.objects,
        "parameters": training.size,
        "dtype": training.parameters.dtype.name,
    }
