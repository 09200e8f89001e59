"""Whether the answers of a model file's network stay as they are nearby: what ``mathdl inspect --robustness`` does."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mathdl.certificates.data import Data
from mathdl.checks import path_name
from mathdl.data import Table
from mathdl.data.number_encoder import NumberEncoder
from mathdl.errors import InputError
from mathdl.files.model import load
from mathdl.files.whole import write_together
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network
from mathdl.plots.counterexamples import plot_counterexamples
from mathdl.plots.style import svg_file
from mathdl.robustness.certified_radii import certified_radii
from mathdl.robustness.irrelevance import decide_irrelevant
from mathdl.robustness.monotonicity import decide_monotonic
from mathdl.robustness.robustness import Robustness, certify_robustness
from mathdl.runs.inside_pictures import Progress
from mathdl.runs.new_data import labelled_data
from mathdl.runs.outputs import CERTIFICATE_DATA, checked_folder, make_folder
from mathdl.runs.own_data import own_data
from mathdl.runs.prepared_data import Part
from mathdl.runs.strict_json import strict_json

Array = NDArray[Any]
Files = dict[str | os.PathLike[str], str | bytes | None]
FOLDER, PICTURE = "robustness", "counterexamples.svg"
MOST_DRAWN = 10  # chosen: counterexamples in the picture
TILE = 0.9  # inches
OF_ALL = 0.4  # chosen: the share of the time for all columns together; the rest is for the columns one by one


class ClassRow(NamedTuple):
    """How many objects of a class there are of each verdict; ``wrong`` has another class without any change."""

    name: Any
    objects: int
    certified: int
    refuted: int
    wrong: int
    undecided: int


@dataclass(frozen=True)
class Counterexample:
    """An object, counted from 1 in the data, with its class, and one nearby that has another class.

    Of a table ``changed`` has the columns that differ: before and after.
    """

    object: int
    answer: Any
    other: Any
    changed: dict[str, tuple[Any, Any]] | None = None


@dataclass(frozen=True)
class ColumnFacts:
    """What was found out about a column alone, all others being as they are.

    ``radius`` is that of all columns together and ``certified_radius`` the median of the largest ones of this column
    alone, both in its ``unit``; ``asked`` objects were asked whether the column can change the answer at all, and
    ``cannot_change`` and ``can_change`` say of how many it was certified and refuted. ``increasing`` and ``decreasing``
    are about the probability of ``answer``, over the range of all columns.
    """

    column: str
    unit: str
    radius: float | None
    certified_radius: float | None
    asked: int
    cannot_change: int
    can_change: int
    answer: Any = None
    increasing: str | None = None
    decreasing: str | None = None


@dataclass(frozen=True)
class RobustnessReport:
    """What was found out about the objects of a model's test data."""

    radius: float | dict[str, float]
    of: str
    objects: int
    asked: int
    seconds: float
    classes: list[ClassRow]
    counterexamples: list[Counterexample]
    columns: list[ColumnFacts]
    picture: str | None
    certificates: list[str]
    notes: list[str]

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return strict_json({**asdict(self), "classes": [row._asdict() for row in self.classes]})


def inspect_robustness(
    model_path: str | os.PathLike[str],
    radius: float | Mapping[str, float],
    data: str | os.PathLike[str] | None = None,
    seconds: float = 60.0,
    progress: Progress | None = None,
) -> RobustnessReport:
    """Certify or refute that answers of the network in a model file stay as they are nearby.

    The objects are the test part of the data that the model was trained on, or the labelled objects of ``data``.
    Certificates and a picture of counterexamples go into the folder ``robustness`` beside the model.
    """
    model = load(model_path)
    if not isinstance(model, TrainedModel):
        raise InputError(f"{model_path} holds {type(model).__name__} alone; use mathdl.certify_robustness in Python.")
    if not isinstance(getattr(model.model, "network_", None), Network):
        raise InputError(f"{model_path} holds {model.kind}, which is no network; give a file of one.")
    if not model.classes:
        raise InputError("The model predicts numbers, which are no classes that could change; give a classifier.")
    folder = checked_folder(Path(path_name(model_path)).with_name(FOLDER))
    part, of = _objects(model, data)
    table = part.source if isinstance(part.source, Table) else None
    X: Any = part.inputs
    if table is not None:
        assert model.preprocessing is not None
        X = {name: table.columns[name].take(part.rows) for name in model.preprocessing.columns}
    limits = None if model.signal_scale is not None else "auto"
    share = seconds if table is None else OF_ALL * seconds
    found = certify_robustness(model, X, part.target.labels, radius, limits, share, progress)  # type: ignore[arg-type]
    counterexamples = list(_counterexamples(model, part, found, X))
    columns = [] if table is None else list(_columns(model, X, found, seconds - share, progress))
    files: Files = dict(_files(folder, part, found))
    drawn = "" if table is not None else _picture(model, part, found)
    make_folder(folder)
    old: Files = dict.fromkeys(folder.glob("certificate-*.json"))
    write_together({**old, **files, folder / PICTURE: drawn or None})
    return RobustnessReport(
        found.radius,
        of,
        len(part),
        found.asked,
        seconds,
        list(_rows(model, part, found)),
        counterexamples,
        columns,
        str(folder / PICTURE) if drawn else None,
        [str(file) for file in files if str(file).endswith(".json")],
        list(_notes(model, found, len(part))),
    )


def _objects(model: TrainedModel, data: str | os.PathLike[str] | None) -> tuple[Part, str]:
    """Return the objects that are asked about, and what they are."""
    if data is not None and path_name(data) not in ("digits", "mnist"):
        return labelled_data(model, data), f"objects of {Path(path_name(data)).name}"
    prepared = own_data(model, data)
    then, now = model.training.get("test_objects", len(prepared.test)), len(prepared.test)
    source = path_name(data or model.training["source"])
    if prepared.split.folds:
        return prepared.test, f"objects of {Path(source).name}, on which the model was trained, too"
    if then != now:
        raise InputError(f"{source} has {now:,} test objects, and had {then:,} when the model was trained; name data.")
    return prepared.test, f"test objects of {Path(source).name}"


def _notes(model: TrainedModel, found: Robustness, count: int) -> Iterator[str]:
    """Yield what should be known about the answers."""
    if found.asked < count:
        yield f"{count - found.asked:,} of {count:,} objects were not reached within the time; raise --seconds"
    if model.threshold is not None:
        yield f"the class is the more probable one, without the model's threshold of {model.threshold.value:g}"


def _rows(model: TrainedModel, part: Part, found: Robustness) -> Iterator[ClassRow]:
    """Yield the verdicts by class, of what was looked at."""
    assert part.target.codes is not None
    codes, verdicts = part.target.codes[: found.asked], np.array(found.verdicts[: found.asked], dtype=object)
    wrong = np.array([_is_wrong(part, found, k) for k in range(found.asked)], bool)
    for code, name in enumerate(model.classes):
        here = codes == code
        certified, refuted, undecided = (
            int((here & (verdicts == verdict)).sum()) for verdict in ("certified", "refuted", "undecided")
        )
        off = int((here & wrong).sum())
        yield ClassRow(name, int(here.sum()), certified, refuted - off, off, undecided)


def _is_wrong(part: Part, found: Robustness, k: int) -> bool:
    """Whether an object has another class without any change."""
    if found.verdicts[k] != "refuted":
        return False
    point = found.counterexamples[k]
    if isinstance(point, dict):
        return not _changed(part, k, point)
    return bool((point == _as_numbers(part.inputs[k]).astype(np.float64)).all())


def _as_numbers(inputs: Array) -> Array:
    """Return what the network reads: bytes divided by 255."""
    return inputs.astype(np.float32) / np.float32(255) if inputs.dtype == np.uint8 else inputs


def _changed(part: Part, k: int, shown: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return in which columns an object differs from the one of the table."""
    assert isinstance(part.source, Table)
    row, found = part.rows[k], {}
    for name, after in shown.items():
        column = part.source.columns[name]
        before = None if column.missing[row] else column.values[row : row + 1].tolist()[0]
        if before != after:
            found[name] = before, after
    return found


def _counterexamples(model: TrainedModel, part: Part, found: Robustness, X: Any) -> Iterator[Counterexample]:
    """Yield what was refuted, but for the objects that have another class anyway."""
    assert part.target.codes is not None
    for k, verdict in enumerate(found.verdicts):
        if verdict == "refuted" and not _is_wrong(part, found, k):
            point, other = found.counterexamples[k], found.classes[k]
            assert other is not None
            changed = _changed(part, k, point) if isinstance(point, dict) else None
            own = model.classes[int(part.target.codes[k])]
            yield Counterexample(int(part.rows[k]) + 1, own, model.classes[other], changed)


def _files(folder: Path, part: Part, found: Robustness) -> Iterator[tuple[Path, str | bytes]]:
    """Yield the certificates by file, and the network that all of them speak about."""
    certificates = [(k, each) for k, each in enumerate(found.certificates) if each is not None]
    if certificates:
        yield folder / CERTIFICATE_DATA, _npz(found.data)
    for k, certificate in certificates:
        yield folder / f"certificate-{int(part.rows[k]) + 1}.json", certificate.to_json()


def _npz(data: Data) -> bytes:
    """Return the file of a certificate's data."""
    content = io.BytesIO()
    np.savez(content, X=np.array(data.rows))
    return content.getvalue()


def _picture(model: TrainedModel, part: Part, found: Robustness) -> str:
    """Draw some counterexamples, those of different classes first; return "" where there are none."""
    assert part.target.codes is not None
    refuted = [k for k, verdict in enumerate(found.verdicts) if verdict == "refuted" and not _is_wrong(part, found, k)]
    if not refuted:
        return ""
    rank = {k: sum(part.target.codes[j] == part.target.codes[k] for j in refuted[:place])
            for place, k in enumerate(refuted)}  # fmt: skip
    chosen = sorted(sorted(refuted, key=lambda k: rank[k])[:MOST_DRAWN], key=lambda k: part.target.codes[k])  # type: ignore[index]
    before = np.stack([_as_numbers(part.inputs[k]).reshape(model.input_shape) for k in chosen])
    after = np.stack([found.counterexamples[k].reshape(model.input_shape) for k in chosen])
    names = [f"answer {model.classes[int(part.target.codes[k])]}" for k in chosen]
    others = [f"answer {model.classes[found.classes[k]]}" for k in chosen]  # type: ignore[index]
    draw = partial(plot_counterexamples, before, after, names, others)
    shows = f"Objects, changed by at most {found.radius:g}, and the difference, with both answers"
    return svg_file(shows, draw, size=(TILE * 3.3, TILE * 200))


def _columns(
    model: TrainedModel, X: Any, found: Robustness, seconds: float, progress: Progress | None
) -> Iterator[ColumnFacts]:
    """Yield what is found out about the columns of a table one by one."""
    assert model.preprocessing is not None
    assert isinstance(found.radius, dict)
    encoders = [each for each in model.preprocessing.encoders if each.kind != "date"]
    numbers = [each.name for each in encoders if isinstance(each, NumberEncoder) and not X[each.name].missing.all()]
    radii = certified_radii(model, X, seconds / 3, progress)
    answer = model.classes[-1] if len(model.classes) == 2 else None
    for encoder in encoders:
        name, rises = encoder.name, None
        if isinstance(encoder, NumberEncoder) and name not in numbers:
            continue
        matters = decide_irrelevant(model, X, name, seconds / 3 / len(encoders), progress)
        if name in numbers and answer is not None:
            rises = decide_monotonic(model, X, name, answer, seconds / 3 / len(numbers))
        yield ColumnFacts(
            name,
            encoder.format.unit if isinstance(encoder, NumberEncoder) else "",
            found.radius.get(name),
            _median(radii.radii[:, radii.columns.index(name)]) if name in numbers else None,
            matters.asked,
            matters.verdicts.count("certified"),
            matters.verdicts.count("refuted"),
            answer if rises is not None else None,
            None if rises is None else rises.increasing,
            None if rises is None else rises.decreasing,
        )


def _median(radii: Sequence[float] | Array) -> float | None:
    """Return the median of the radii that are known, None where there is none."""
    known = np.asarray(radii)[~np.isnan(radii)]
    return float(np.median(known)) if len(known) else None
