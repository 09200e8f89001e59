"""A certificate is checked against the table that its model was trained on: split and encoded again as then."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

from mathdl.certificates import Verdict, verify
from mathdl.checks import path_name
from mathdl.data import read
from mathdl.errors import FileError, InputError
from mathdl.files.model import load
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.outputs import MODEL
from mathdl.runs.prepared_data import Part, Splitting, prepare
from mathdl.runs.reading import reading_options
from mathdl.runs.semisupervised import with_own_labels


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
        part = _training_part(model, table)
    except FileError:
        raise
    except (LookupError, TypeError) as error:
        raise FileError(f"{MODEL} is damaged: it lacks how its table was prepared; train it anew.") from error
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


def _training_part(model: TrainedModel, table: str | os.PathLike[str]) -> Part:
    """Return the rows that trained, encoded as the model does it."""
    record = model.training
    chosen: dict[str, Any] = record["preparation"]
    splitting = Splitting(**chosen["splitting"])
    read_as: dict[str, Any] = {"columns": None, "drop": (), "kinds": None, "na": (), "header": True}
    learns = str(record["task"])
    source = read(
        table,
        target=record.get("target"),
        needs_target=learns != "clustering",
        reading=reading_options(**read_as | record.get("reading", {}), shown=()),
    )
    tasks = ["clustering"] if learns == "clustering" else ["classification", "regression"]
    tasks = [learns] if chosen["task"] is None else tasks
    split = prepare(source, tasks, task=chosen["task"], splitting=splitting)
    estimator = model.model
    data = replace(split, preprocessing=model.preprocessing).encode(estimator.input_dtype, keep_images=False)
    if chosen["semisupervised"]:
        from sklearn.base import clone

        data = with_own_labels(data, clone(estimator))
    return data.train


def _other_data(name: str, reason: str) -> Verdict:
    """Say that a table is not the one that the certificate speaks about."""
    return Verdict(False, f"{name} holds other data than the certificate speaks about: {reason}.", False)
