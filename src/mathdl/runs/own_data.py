"""The data that a model was trained on, read, split and encoded again as its file says."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any

from mathdl.data import PictureOptions, read
from mathdl.errors import FileError, InputError
from mathdl.models.trained_model import TrainedModel
from mathdl.runs.prepared_data import PreparedData, Splitting, prepare
from mathdl.runs.reading import reading_options
from mathdl.runs.semisupervised import with_own_labels

BUILT_IN = ("digits", "mnist")


def own_data(model: TrainedModel, data: str | os.PathLike[str] | None = None) -> PreparedData:
    """Return the parts of a model's own data as it reads them; they are where its file says, or elsewhere by now."""
    record = model.training
    where = record.get("source") if data is None else data
    if not isinstance(record.get("preparation"), dict) or where is None:
        raise InputError("The file does not say how its data were split; name data with --data.")
    if data is None and where not in BUILT_IN and not os.path.exists(where):
        raise InputError(f"The model was trained on {where!r}, which is not there; name data with --data.")
    try:
        return _prepared(model, where)
    except FileError:
        raise
    except (LookupError, TypeError) as error:
        raise FileError("The model's file is damaged: it lacks how its data were prepared; train it anew.") from error


def _prepared(model: TrainedModel, where: str | os.PathLike[str]) -> PreparedData:
    """Read, split and encode, as the record of the training says."""
    record, estimator = model.training, model.model
    chosen: dict[str, Any] = record["preparation"]
    read_as: dict[str, Any] = {"columns": None, "drop": (), "kinds": None, "na": (), "header": True}
    learns = str(record["task"])
    options: dict[str, Any] = {}
    if model.preprocessing is not None:
        options["reading"] = reading_options(**read_as | record.get("reading", {}), shown=())
    elif os.path.isdir(where):
        _, height, width = model.input_shape
        options["pictures"] = PictureOptions((height, width), model.pad, model.resize)
    source = read(
        where,
        target=record.get("target"),
        data=record.get("data_folder") if where == record["source"] else None,
        needs_target=learns != "clustering",
        **options,
    )
    tasks = ["clustering"] if learns == "clustering" else ["classification", "regression"]
    tasks = [learns] if chosen["task"] is None else tasks
    split = prepare(source, tasks, task=chosen["task"], splitting=Splitting(**chosen["splitting"]))
    if model.preprocessing is not None:
        split = replace(split, preprocessing=model.preprocessing)
    found = split.encode(estimator.input_dtype, keep_images=model.image_shape is None)
    if chosen["semisupervised"]:
        from sklearn.base import clone

        found = with_own_labels(found, clone(estimator))
    return found
