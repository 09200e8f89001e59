"""ONNX files that are damaged, of other versions, or reach for files that are none of theirs: one sentence each."""

from __future__ import annotations

import os
import warnings
from contextlib import suppress
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import helper, numpy_helper

from mathdl import Dense, Network, from_onnx, load, save, to_onnx
from mathdl.cli.main import main
from mathdl.errors import FileError, InputError, NotExpressibleError


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warnings, "showwarning", warnings.showwarning)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")


def ends(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Run the command; return its exit code, its output and its messages."""
    with pytest.raises(SystemExit) as end:
        main(words)
    printed = capsys.readouterr()
    return int(end.value.code or 0), printed.out, printed.err


def external(location: str, **entries: int) -> None:
    """Write net.onnx, whose matrix lies in another file."""
    model = to_onnx(Network([Dense(2, bias=False)], (3,)))
    (tensor,) = model.graph.initializer
    data = tensor.raw_data
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    for key, value in {"location": location, "length": len(data), **entries}.items():
        tensor.external_data.add(key=key, value=str(value))
    Path("net.onnx").write_bytes(model.SerializeToString())
    Path("weights.bin").write_bytes(data)
    Path("../outside.bin").write_bytes(data)


def test_arrays_in_the_folder_are_read() -> None:
    external("weights.bin")
    assert from_onnx("net.onnx").size == 6
    os.makedirs("elsewhere")
    os.chdir("elsewhere")
    assert from_onnx("../net.onnx").size == 6


@pytest.mark.parametrize("location", ["../outside.bin", "link.bin", "below/../../outside.bin", ""])
def test_arrays_outside_of_the_folder_are_not(location: str, capsys: pytest.CaptureFixture[str]) -> None:
    external(location)
    os.symlink("../outside.bin", "link.bin")
    os.makedirs("below")
    with pytest.raises(FileError, match="outside of its folder; put all of its files into one"):
        from_onnx("net.onnx")
    for words in (("import", "net.onnx"), ("inspect", "net.onnx")):
        code, out, err = ends(capsys, *words)
        assert (code, out) == (2, "")
        assert err.startswith("error: net.onnx keeps 'mathdl/layers/0/constant_0' in")
        assert err.count("\n") == 1
    assert not Path("net.safetensors").exists()


def test_an_absolute_place_is_outside() -> None:
    external(str(Path("weights.bin").absolute()))
    with pytest.raises(FileError, match="outside of its folder"):
        from_onnx("net.onnx")


@pytest.mark.parametrize(("entry", "value"), [("length", 10**12), ("offset", 10**9), ("length", -4), ("offset", -1)])
def test_arrays_that_are_not_where_they_should_be(entry: str, value: int) -> None:
    external("weights.bin", **{entry: value})
    with pytest.raises(FileError, match="is damaged"):
        from_onnx("net.onnx")
    external("missing.bin")
    with pytest.raises(FileError, match="which is not there"):
        from_onnx("net.onnx")


def test_a_model_in_memory_has_no_folder() -> None:
    external("weights.bin")
    with pytest.raises(InputError, match="keeps numbers in other files; give the name of its file"):
        from_onnx(onnx.load("net.onnx", load_external_data=False))


def test_every_part_of_a_file_is_no_file() -> None:
    whole = to_onnx(Network([Dense(2)], (3,))).SerializeToString()
    for end in range(0, len(whole), 7):
        Path("net.onnx").write_bytes(whole[:end])
        if end > whole.index(b"mathdl.version") - 10:  # the graph is whole, and metadata may lack
            break
        with pytest.raises(InputError):
            from_onnx("net.onnx")


def test_damaged_bytes_are_refused_or_read() -> None:
    whole = bytearray(to_onnx(Network([Dense(3, "relu"), Dense(2)], (3,))).SerializeToString())
    generator = np.random.default_rng(0)
    for _ in range(400):
        damaged = bytearray(whole)
        for place in generator.integers(0, len(whole), size=generator.integers(1, 6)):
            damaged[place] = generator.integers(256)
        Path("net.onnx").write_bytes(damaged)
        with suppress(InputError):
            from_onnx("net.onnx")


@pytest.mark.parametrize("content", [b"", b"garbage", b"\x08\x07", os.urandom(1000), b"PK\x03\x04" * 50])
def test_no_onnx_at_all(content: bytes, capsys: pytest.CaptureFixture[str]) -> None:
    Path("net.onnx").write_bytes(content)
    for words in (("import", "net.onnx"), ("inspect", "net.onnx")):
        code, out, err = ends(capsys, *words)
        assert (code, out, err.count("\n")) == (2, "", 1)
        assert "net.onnx" in err


def test_versions_and_operators_are_named() -> None:
    model = to_onnx(Network([Dense(2)], (3,)))
    for opset, advice in ((6, "opsets 7 to"), (999, "install a newer onnx than")):
        model.opset_import[0].version = opset
        with pytest.raises(FileError, match=f"uses opset {opset} of ONNX.*{advice}"):
            from_onnx(model)
    del model.opset_import[:]
    with pytest.raises(FileError, match="does not say which opset"):
        from_onnx(model)
    for domain in ("", "com.example"):
        nodes = [helper.make_node("Foo", ["X"], ["y"], name="here", domain=domain)]
        value = helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["N", 2])
        output = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 2])
        imports = [helper.make_opsetid("", 19), helper.make_opsetid("com.example", 1)]
        made = helper.make_model(helper.make_graph(nodes, "g", [value], [output]), opset_imports=imports)
        with pytest.raises(NotExpressibleError, match=r"Foo \(node 1, 'here'\): there is no such operator"):
            from_onnx(made)


def test_constants_that_would_fill_the_memory_are_not_computed() -> None:
    column = numpy_helper.from_array(np.ones((2**15, 1), np.float32), "a")
    row = numpy_helper.from_array(np.ones((1, 2**15), np.float32), "b")
    nodes = [helper.make_node("Mul", ["a", "b"], ["c"]), helper.make_node("MatMul", ["X", "c"], ["y"])]
    value = helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["N", 2**15])
    output = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, None)
    model = helper.make_model(
        helper.make_graph(nodes, "g", [value], [output], [column, row]), opset_imports=[helper.make_opsetid("", 19)]
    )
    with pytest.raises(InputError):
        from_onnx(model)


def test_branches_that_nest_deeply_are_refused() -> None:
    nodes, last = [], "X"
    for number in range(460):
        nodes.append(helper.make_node("Relu", [last], [f"r{number}"]))
        last = f"r{number}"
    for number in reversed(range(460)):
        nodes.append(helper.make_node("Add", [last, f"r{number}"], [f"s{number}"]))
        last = f"s{number}"
    value = helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["N", 2])
    output = helper.make_tensor_value_info(last, onnx.TensorProto.FLOAT, ["N", 2])
    graph = helper.make_graph(nodes, "g", [value], [output])
    with pytest.raises(InputError):
        from_onnx(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)]))


def test_the_commands_write_and_read(capsys: pytest.CaptureFixture[str]) -> None:
    net = Network([Dense(4, "relu"), Dense(2)], (3,))
    save(net, "net.safetensors")
    code, out, _ = ends(capsys, "export", "net.safetensors", "--to", "onnx")
    assert (code, out.split()) == (0, ["file", "net.onnx", "inputs", "X", "outputs", "prediction"])
    code, out, _ = ends(capsys, "inspect", "net.onnx")
    assert code == 0
    assert "Dense(units=4, activation='relu')" in out
    code, out, _ = ends(capsys, "inspect", "net.onnx", "--operations")
    assert code == 0
    code, out, _ = ends(capsys, "import", "net.onnx", "--out", "same.safetensors")
    assert (code, out.splitlines()[-1]) == (0, "float32 in same.safetensors")
    np.testing.assert_array_equal(load("same.safetensors").parameters, net.parameters)
    for words, said in (
        (("export", "net.safetensors", "--to", "pickle"), "to is 'pickle'"),
        (("export", "nowhere.safetensors", "--to", "onnx"), "There is no file nowhere.safetensors"),
        (("import", "net.safetensors"), "does not end in .onnx"),
        (("import", "nowhere.onnx"), "There is no file nowhere.onnx"),
    ):
        code, _, err = ends(capsys, *words)
        assert (code, err.count("\n")) == (2, 1)
        assert said in err


def test_what_cannot_be_expressed_is_listed_line_by_line(capsys: pytest.CaptureFixture[str]) -> None:
    nodes = [helper.make_node("Elu", ["X"], ["a"], name="one"), helper.make_node("Celu", ["a"], ["y"], name="two")]
    value = helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["N", 2])
    output = helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, ["N", 2])
    graph = helper.make_graph(nodes, "g", [value], [output])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)]), "net.onnx")
    code, out, err = ends(capsys, "import", "net.onnx")
    assert (code, out) == (2, "")
    assert [line.split(":")[0] for line in err.splitlines()] == ["Elu (node 1, 'one')", "Celu (node 2, 'two')", "error"]
    assert not Path("net.safetensors").exists()
