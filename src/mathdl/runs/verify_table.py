"""A certificate is checked against the table that its model was trained on: split and encoded again as then."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from mathdl.certificates import Verdict, verify
from mathdl.checks import path_name
from mathdl.errors import FileError, InputError
from mathdl.files.model import load
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.outputs import MODEL
from mathdl.runs.own_data import own_data


class TableVerdict(NamedTuple):
    """What the checker found, and a sentence about the rows that it was given; empty where the data are other ones."""

    verdict: Verdict
    rows: str


def verify_table(certificate: str | os.PathLike[str], table: str | os.PathLike[str]) -> TableVerdict:
    """Verify a certificate for the rows of a table that trained the model beside it.

    The model file says how the table was read, which rows trained and how they were encoded. All of this is done again,
    and the checker compares the outcome with the data that the certificate speaks about.
    """
    model, name = _model_beside(Path(certificate)), Path(path_name(table)).name
    try:
        part = own_data(model, table).train
    except FileError:
        raise
    except InputError as error:
        return TableVerdict(_other_data(name, str(error).rstrip(".")), "")
    verdict = verify(certificate, part.inputs, part.target.labels)
    if not verdict.same_data:
        then, now = model.training.get("train_objects"), len(part)
        counts = f"{now:,} of its rows would train, and {then:,} did"
        return TableVerdict(_other_data(name, "a value, or the order of rows, differs" if then == now else counts), "")
    rows = f"The data are {len(part):,} of the {len(part.source):,} rows of {name}, encoded as in {MODEL}."
    return TableVerdict(verdict, rows)


def _model_beside(certificate: Path) -> TrainedModel:
    """Read the model that a certificate came with; it must know how its data were prepared."""
    path = certificate.with_name(MODEL)
    if not path.is_file():
        raise FileError(
            f"There is no {MODEL} beside {certificate} to say how the table was split and encoded; put that of the run "
            "there, or verify with --data."
        )
    model = load(path)
    if not isinstance(model, TrainedModel) or model.preprocessing is None:
        raise InputError(f"{path} was not trained on a table; verify the certificate with --data.")
    if not isinstance(model.training.get("preparation"), dict):
        raise InputError(f"{path} does not say how its table was split; train it anew, or verify with --data.")
    return model


def _other_data(name: str, reason: str) -> Verdict:
    """Say that a table is not the one that the certificate speaks about."""
    return Verdict(False, f"{name} holds other data than the certificate speaks about: {reason}.", False)
