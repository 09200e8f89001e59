"""ONNX files as others write them: parsed by onnx alone, checked, all of their numbers from their own folder."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mathdl.checks import path_name, shortened
from mathdl.errors import FileError, InputError, NotExpressibleError
from mathdl.exchange.onnx_graph import onnx_library

OLDEST_OPSET = 7  # of 2017: since then arrays of different shapes combine as NumPy's do
DOMAINS = ("", "ai.onnx")


def read_onnx(given: Any) -> tuple[Any, str]:
    """Return a model and what it is called, checked, with the functions that it defines put in their places."""
    onnx = onnx_library()
    if isinstance(given, onnx.ModelProto):
        model, name = onnx.ModelProto(), "the model"
        model.CopyFrom(given)
        if any(tensor.data_location == onnx.TensorProto.EXTERNAL for tensor in _tensors(onnx, model)):
            raise InputError("The model keeps numbers in other files; give the name of its file.")
    elif isinstance(given, str | os.PathLike):
        name = path_name(given)
        model = _parsed(onnx, name)
        _load_external(onnx, model, Path(name))
    else:
        raise InputError(f"from_onnx was given {shortened(given)}; give the name of a file, or an onnx.ModelProto.")
    _require_opset(onnx, model, name)
    if model.functions:
        try:
            model = onnx.inliner.inline_local_functions(model)
        except Exception as error:  # whatever onnx says of a function that is not sound
            raise FileError(f"{name} is damaged ({_first_line(error)}); export it again.") from error
    _check(onnx, model, name)
    return model, name


def _parsed(onnx: Any, name: str) -> Any:
    """Parse a file."""
    if not os.path.isfile(name):
        raise FileError(f"There is no file {name}; give an ONNX file.")
    try:
        model = onnx.load_model(name, format="protobuf", load_external_data=False)
    except OSError as error:
        raise FileError(f"{name} cannot be read ({error.strerror or error}); check the file.") from error
    except Exception as error:  # the parser's own errors are of several kinds
        raise FileError(f"{name} is no ONNX file, or damaged ({_first_line(error)}); export it again.") from error
    if not model.ir_version or not model.HasField("graph"):
        raise FileError(f"{name} is no ONNX file: it holds no graph; give one that was exported.")
    return model


def _tensors(onnx: Any, model: Any) -> Iterator[Any]:
    """Yield every array that a model keeps, those in attributes of nodes and in inner graphs too."""
    graphs, nodes = [model.graph], [node for function in model.functions for node in function.node]
    while graphs or nodes:
        if graphs:
            graph = graphs.pop()
            yield from graph.initializer
            nodes += graph.node
            continue
        for attribute in nodes.pop().attribute:
            if attribute.HasField("t"):
                yield attribute.t
            yield from attribute.tensors
            graphs += [attribute.g] if attribute.HasField("g") else []
            graphs += attribute.graphs


def _load_external(onnx: Any, model: Any, path: Path) -> None:
    """Read the arrays that lie in files beside the model's; refuse files outside of its folder."""
    folder = Path(os.path.realpath(path)).parent
    for tensor in _tensors(onnx, model):
        if tensor.data_location != onnx.TensorProto.EXTERNAL:
            continue
        entries = {entry.key: entry.value for entry in tensor.external_data}
        location = entries.get("location", "")
        file = Path(os.path.realpath(folder / location))
        if not location or os.path.isabs(location) or not file.is_relative_to(folder):
            raise FileError(
                f"{path} keeps {tensor.name!r} in {location!r}, outside of its folder; put all of its files into one."
            )
        if not file.is_file():
            raise FileError(f"{path} keeps {tensor.name!r} in {location!r}, which is not there; put it beside it.")
        try:
            onnx.external_data_helper.load_external_data_for_tensor(tensor, str(folder))
        except Exception as error:  # offsets and lengths may be anything
            raise FileError(
                f"{path} is damaged: {tensor.name!r} cannot be read from {location!r} ({_first_line(error)})."
            ) from error
        tensor.data_location = onnx.TensorProto.DEFAULT
        del tensor.external_data[:]


def _require_opset(onnx: Any, model: Any, name: str) -> None:
    """Refuse versions of the operators that are not known."""
    newest = onnx.defs.onnx_opset_version()
    versions = [each.version for each in model.opset_import if each.domain in DOMAINS]
    if len(versions) != 1:
        raise FileError(f"{name} does not say which opset of ONNX it uses; export it again.")
    if not OLDEST_OPSET <= versions[0] <= newest:
        advice = f"install a newer onnx than {onnx.__version__}, or " if versions[0] > newest else ""
        raise FileError(
            f"{name} uses opset {versions[0]} of ONNX, and opsets {OLDEST_OPSET} to {newest} are known; {advice}"
            f"export it with opset {min(newest, 20)}."
        )


def _check(onnx: Any, model: Any, name: str) -> None:
    """Have onnx check the model; operators that it does not know are named with where they stand."""
    try:
        unknown = [
            f"{operator_place(node, number)}: there is no such operator in the domain {node.domain or 'ai.onnx'!r}"
            for number, node in enumerate(model.graph.node, 1)
            if not onnx.defs.has(node.op_type, "" if node.domain in DOMAINS else node.domain)
        ]
        if unknown:
            raise NotExpressibleError(f"{name} has operators that are not known", unknown)
        onnx.checker.check_model(model)
    except InputError:
        raise
    except Exception as error:  # of several kinds, and of texts that are no UTF-8
        raise FileError(f"{name} is damaged, or no sound ONNX ({_first_line(error)}); export it again.") from error


def operator_place(node: Any, number: int) -> str:
    """Say which node of a graph it is, counted from 1."""
    return f"{node.op_type} (node {number}{f', {node.name!r}' if node.name else ''})"


def _first_line(error: Exception) -> str:
    """Return the beginning of what onnx says."""
    lines = str(error).strip().splitlines()
    return lines[0].rstrip(".") if lines else type(error).__name__
