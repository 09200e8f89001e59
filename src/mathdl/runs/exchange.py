"""Model files to and from the formats of other programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from mathdl.certificates import Certificate, CertificateError
from mathdl.checks import path_name, require_choice
from mathdl.errors import InputError
from mathdl.exchange.from_onnx import from_onnx
from mathdl.exchange.to_onnx import to_onnx
from mathdl.files.model import load, save
from mathdl.files.whole import write_whole
from mathdl.models.trained_model import TrainedModel
from mathdl.networks.network import Network
from mathdl.runs.outputs import CERTIFICATE

FORMATS = ("onnx",)
ENDING, OWN_ENDING = ".onnx", ".safetensors"


class Exported(NamedTuple):
    """A file that was written, the names of its inputs and outputs, and what is worth a note."""

    path: Path
    inputs: list[str]
    outputs: list[str]
    notes: list[str]


class Imported(NamedTuple):
    """A file that was written, and the network in it."""

    path: Path
    network: Network


def is_onnx(path: str | os.PathLike[str]) -> bool:
    """Tell whether a file is one of ONNX by its name."""
    return Path(path_name(path)).suffix.lower() == ENDING


def export(path: str | os.PathLike[str], to: str = FORMATS[0], out: str | os.PathLike[str] | None = None) -> Exported:
    """Write a model file in another format, beside it unless ``out`` says where.

    A certificate that lies beside the model goes with it, if it states what the model's training stated.
    """
    require_choice("to", to, FORMATS)
    target = Path(path_name(path)).with_suffix(ENDING) if out is None else Path(path_name(out))
    model = load(path)
    certificate, notes = _certificate_beside(Path(path), model)
    written = to_onnx(model, certificate)
    write_whole(target, written.SerializeToString())
    inputs, outputs = ([each.name for each in ends] for ends in (written.graph.input, written.graph.output))
    return Exported(target, inputs, outputs, notes)


def import_network(path: str | os.PathLike[str], out: str | os.PathLike[str] | None = None) -> Imported:
    """Read a network from an ONNX file and save it, beside it unless ``out`` says where."""
    name = path_name(path)
    if not is_onnx(name) and os.path.isfile(name):
        raise InputError(f"{name} does not end in {ENDING}; give a file of ONNX.")
    target = Path(name).with_suffix(OWN_ENDING) if out is None else Path(path_name(out))
    network = from_onnx(name)
    save(network, target)
    return Imported(target, network)


def _certificate_beside(path: Path, model: object) -> tuple[Certificate | None, list[str]]:
    """Return the certificate of the run that the model file comes from, where it is there."""
    file = path.with_name(CERTIFICATE)
    if not isinstance(model, TrainedModel) or not file.is_file():
        return None, []
    try:
        certificate = Certificate.from_json(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, CertificateError) as error:
        return None, [f"{file} is left out, since it cannot be read ({str(error).rstrip('.')})"]
    if model.training.get("statement") != certificate.statement:
        return None, [f"{file} is left out, since it states something else than the training of the model"]
    return certificate, []
