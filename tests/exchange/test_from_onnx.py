"""Operators of ONNX read as layers: compared with ONNX Runtime, or refused by name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from numpy.typing import NDArray
from onnx import helper, numpy_helper

import naive
from exchange.runtime import run
from mathdl import Network, from_onnx, load, save
from mathdl.errors import InputError, NotExpressibleError

Array = NDArray[Any]
TORCH = Path(__file__).with_name("torch_models")
GENERATOR = np.random.default_rng(3)
W = GENERATOR.normal(size=(3, 4)).astype(np.float32)  # of a dense layer
B = GENERATOR.normal(size=3).astype(np.float32)
K = GENERATOR.normal(size=(3, 2, 3, 3)).astype(np.float32)  # of a convolution
IMAGE, VECTOR = (2, 7, 6), (4,)
Node = tuple[str, list[str], dict[str, Any]]


def model(nodes: list[Node], shape: tuple[int, ...], constants: dict[str, Any], opset: int = 19) -> Any:
    """Make a model of nodes in a row: each is an operator, its inputs and attributes; "" is what came before."""
    made, last = [], "X"
    for number, (operator, inputs, options) in enumerate(nodes, 1):
        attributes = dict(options)
        names = [last if name == "" else name for name in inputs]
        last = attributes.pop("output", f"v{number}")
        made.append(helper.make_node(operator, names, [last], **attributes))
    declared = helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["N", *shape])
    output = helper.make_empty_tensor_value_info(last)
    kept = [numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items()]
    graph = helper.make_graph(made, "test", [declared], [output], kept)
    made_model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    return onnx.shape_inference.infer_shapes(made_model)


def agrees(nodes: list[Node], shape: tuple[int, ...], opset: int = 19, **constants: Any) -> Network:
    """Read a model and compare the oracle's answer for the network with ONNX Runtime's; return the network."""
    made = model(nodes, shape, constants, opset)
    net = from_onnx(made)
    X = np.random.default_rng(1).normal(size=(3, *net.input_shape)).astype(np.float32)
    (wanted,) = run(made, {"X": X.reshape(3, *shape)}).values()
    found = naive.outputs(net.architecture, net.input_shape, net.parameters, X)
    np.testing.assert_allclose(found.reshape(wanted.shape), wanted, rtol=0, atol=1e-5 * max(1, np.abs(wanted).max()))
    return net


def problems(nodes: list[Node], shape: tuple[int, ...], opset: int = 19, **constants: Any) -> list[str]:
    """Return what cannot be expressed."""
    with pytest.raises(NotExpressibleError) as error:
        from_onnx(model(nodes, shape, constants, opset))
    return error.value.problems


@pytest.mark.parametrize("exporter", ["dynamo", "script", "one"])
@pytest.mark.parametrize("name", ["lenet", "two_layers", "blocks"])
def test_what_pytorch_exports(name: str, exporter: str, tmp_path: Path) -> None:
    values = np.load(TORCH / "values.npz")
    net = from_onnx(TORCH / f"{name}_{exporter}.onnx")
    np.testing.assert_allclose(net(values[f"{name}.X"]), values[f"{name}.y"], rtol=0, atol=1e-5)
    save(net, tmp_path / "net.safetensors")
    same = load(tmp_path / "net.safetensors")
    np.testing.assert_array_equal(same(values[f"{name}.X"]), net(values[f"{name}.X"]))


def test_the_lenet_has_the_layers_that_it_was_written_with() -> None:
    layers = repr(from_onnx(TORCH / "lenet_script.onnx").layers)
    assert layers == (
        "[Conv2D(channels=4, kernel_size=5, activation='relu', padding='same'), MaxPool2D(size=2), "
        "Conv2D(channels=8, kernel_size=5, activation='relu'), MaxPool2D(size=2), Flatten(), "
        "Dense(units=24, activation='relu'), Dense(units=16, activation='relu'), Dense(units=10)]"
    )


@pytest.mark.parametrize("transposed", [0, 1])
@pytest.mark.parametrize("terms", [None, B, B[None], B[:1], B[0]])
def test_gemm(transposed: int, terms: Any) -> None:
    weights, given = (W if transposed else W.T), [] if terms is None else ["c"]
    constants = {"w": weights} if terms is None else {"w": weights, "c": terms}
    attributes = {"transB": transposed, "alpha": 0.5, "beta": -2.0}
    net = agrees([("Gemm", ["", "w", *given], attributes), ("Relu", [""], {})], VECTOR, **constants)
    assert (len(net.layers), net.size) == (1, 12 + 3 * (terms is not None))


def test_gemm_of_a_transposed_input() -> None:
    swap: Node = ("Transpose", [""], {"perm": [1, 0]})
    agrees([swap, ("Gemm", ["", "w", "c"], {"transA": 1})], VECTOR, w=W.T, c=B)
    (only,) = problems([("Gemm", ["", "w"], {"transA": 1})], (3,), w=W)
    assert only.startswith("Gemm (node 1): transA=1 takes the objects for features")


def test_a_product_and_a_sum_are_a_dense_layer() -> None:
    product: Node = ("MatMul", ["", "w"], {})
    for behind in (("Add", ["", "b"], {}), ("Add", ["b", ""], {}), ("Sub", ["", "b"], {}), ("Sub", ["b", ""], {})):
        net = agrees([product, behind, ("Tanh", [""], {})], VECTOR, w=W.T, b=B)
        assert repr(net.layers) == "[Dense(units=3, activation='tanh')]"


def test_constants_may_be_nodes_and_be_computed() -> None:
    nodes: list[Node] = [
        ("Constant", [], {"value": numpy_helper.from_array(W), "output": "w"}),
        ("Transpose", ["w"], {"perm": [1, 0], "output": "t"}),
        ("Constant", [], {"value_floats": [1.0, -2.0, 3.0], "output": "b"}),
        ("MatMul", ["X", "t"], {}),
        ("Add", ["", "b"], {}),
    ]
    assert agrees(nodes, VECTOR).size == 15


PADDINGS = [
    {"auto_pad": "SAME_UPPER"},
    {"auto_pad": "SAME_LOWER"},
    {"auto_pad": "VALID"},
    {"pads": [1, 1, 1, 1]},
    {"pads": [0, 2, 1, 0]},
    {"pads": [2, 0, 0, 2], "strides": [2, 1]},
    {"auto_pad": "SAME_UPPER", "strides": [2, 3]},
    {"auto_pad": "SAME_LOWER", "strides": [2, 2]},
    {"strides": [2, 2]},
    {},
]


@pytest.mark.parametrize("attributes", PADDINGS, ids=str)
def test_convolutions_with_every_padding(attributes: dict[str, Any]) -> None:
    for kernel in (K, K[..., :2], K[:, :, :2, :1]):
        agrees([("Conv", ["", "k", "b"], dict(attributes)), ("Relu", [""], {})], IMAGE, k=kernel, b=B)
    assert len(from_onnx(model([("Conv", ["", "k"], {"auto_pad": "SAME_UPPER"})], IMAGE, {"k": K})).layers) == 1


@pytest.mark.parametrize("attributes", [{"pads": [1, 0]}, {"pads": [0, 2], "strides": [2]}, {"auto_pad": "SAME_LOWER"}])
def test_convolutions_of_signals(attributes: dict[str, Any]) -> None:
    agrees([("Conv", ["", "k"], dict(attributes)), ("Tanh", [""], {})], (2, 9), k=K[:, :, 0])


@pytest.mark.parametrize("attributes", PADDINGS, ids=str)
@pytest.mark.parametrize("first", ["Conv", "Relu", "none"])
def test_maxima_with_every_padding(attributes: dict[str, Any], first: str) -> None:
    before: list[Node] = {
        "none": [],
        "Conv": [("Conv", ["", "k"], {})],
        "Relu": [("Conv", ["", "k"], {}), ("Relu", [""], {})],
    }[first]
    pool: Node = ("MaxPool", [""], {"kernel_shape": [3, 3], **attributes})
    agrees([*before, pool, ("Sigmoid", [""], {})] if before else [pool], (2, 9, 8), **({"k": K} if before else {}))


@given(st.integers(1, 9), st.integers(1, 3), st.integers(1, 3), st.integers(0, 2), st.integers(0, 2), st.booleans())
@example(4, 1, 2, 0, 0, True)  # the last block would begin behind the input
@example(5, 2, 2, 0, 0, True)
@example(6, 3, 2, 0, 2, True)
def test_ceil_mode_follows_onnx(length: int, side: int, stride: int, before: int, after: int, largest: bool) -> None:
    before, after = min(before, side - 1), min(after, side - 1)
    if length + before + after < side:
        return
    attributes = {"kernel_shape": [side], "strides": [stride], "pads": [before, after], "ceil_mode": 1}
    nodes: list[Node] = [("MaxPool" if largest else "AveragePool", [""], attributes)]
    beyond = -(length + before + after - side) % stride
    if beyond and after + beyond >= side:
        assert "ceil_mode=1 makes a last block that begins behind its input" in problems(nodes, (2, length))[0]
    elif largest:
        agrees(nodes, (2, length))
    else:
        nodes[0][2]["count_include_pad"] = 1
        if beyond:
            assert "ceil_mode=1 makes blocks at the edge whose means are of fewer" in problems(nodes, (2, length))[0]
        else:
            agrees(nodes, (2, length))


def test_means_with_padding() -> None:
    pads = {"kernel_shape": [3, 2], "pads": [1, 1, 0, 0]}
    agrees([("AveragePool", [""], {**pads, "count_include_pad": 1})], IMAGE)
    (only,) = problems([("AveragePool", [""], dict(pads))], IMAGE)
    assert "(count_include_pad=0)" in only


def test_pooling_of_everything() -> None:
    for operator in ("GlobalAveragePool", "GlobalMaxPool"):
        for behind in (("Flatten", [""], {}), ("Reshape", ["", "s"], {}), ("Squeeze", ["", "a"], {})):
            net = agrees([(operator, [""], {}), behind], IMAGE, s=np.array([0, -1]), a=np.array([2, 3]))
            assert repr(net.layers) == f"[{operator}2D()]"
        agrees([(operator, [""], {}), ("Conv", ["", "k"], {}), ("Flatten", [""], {})], IMAGE, k=K[:, :, :1, :1])
    for operator in ("ReduceMean", "ReduceMax"):
        agrees([(operator, ["", "a"], {"keepdims": 0})], (2, 9), a=np.array([-1]))
    agrees([("ReduceMean", [""], {"axes": [2, 3], "keepdims": 0})], IMAGE, opset=13)
    assert "reduces the axes [3]" in problems([("ReduceMean", [""], {"axes": [3]})], IMAGE, opset=13)[0]


def normalisation() -> dict[str, Array]:
    generator = np.random.default_rng(0)
    return {name: (generator.random(3) + 0.5).astype(np.float32) for name in ("s", "t", "m", "v")}


def test_normalisation_goes_into_the_weights() -> None:
    normal: Node = ("BatchNormalization", ["", "s", "t", "m", "v"], {"epsilon": 1e-3})
    conv: Node = ("Conv", ["", "k"], {})
    net = agrees([conv, normal, ("Relu", [""], {})], IMAGE, k=K, **normalisation())
    assert repr(net.layers) == "[Conv2D(channels=3, kernel_size=3, activation='relu')]"
    net = agrees([("Gemm", ["", "w", "c"], {"transB": 1}), normal], VECTOR, w=W, c=B, **normalisation())
    assert len(net.layers) == 1
    net = agrees([conv, ("Relu", [""], {}), normal, ("Relu", [""], {})], IMAGE, k=K, **normalisation())
    assert [layer.options["kernel_size"] for layer in net.layers] == [3, 1]


def test_factors_and_terms_stand_anywhere() -> None:
    mean, scale = np.float32([[[0.5]], [[-1]]]), np.float32([[[2]], [[4]]])
    net = agrees([("Sub", ["", "m"], {}), ("Div", ["", "s"], {}), ("Conv", ["", "k"], {"pads": [1] * 4})], IMAGE,
                 m=mean, s=scale, k=K)  # fmt: skip
    assert [layer.options["kernel_size"] for layer in net.layers] == [1, 3]
    agrees([("Conv", ["", "k"], {}), ("Mul", ["", "f"], {}), ("Neg", [""], {})], IMAGE, k=K, f=np.float32(3))
    places = np.arange(20, dtype=np.float32).reshape(5, 4)
    agrees([("Conv", ["", "k"], {}), ("Add", ["", "p"], {})], IMAGE, k=K, p=places)
    assert "different numbers" in problems([("Conv", ["", "k"], {}), ("Mul", ["", "p"], {})], IMAGE, k=K, p=places)[0]
    assert "divides a constant" in problems([("Div", ["p", ""], {})], VECTOR, p=np.float32(1))[0]
    wide = np.ones((3, 1, 4), np.float32)
    assert "combines arrays" in problems([("Add", ["", "p"], {})], VECTOR, p=wide)[0]


def test_activations() -> None:
    dense: Node = ("Gemm", ["", "w"], {"transB": 1})
    for last in (("Clip", ["", "z"], {}), ("PRelu", ["", "q"], {}), ("LeakyRelu", [""], {}), ("Abs", [""], {})):
        assert len(agrees([dense, last], VECTOR, w=W, z=np.float32(0), q=np.float32([0.25])).layers) == 1
    product: Node = ("MatMul", ["", "w"], {})
    agrees([product, ("Clip", [""], {"min": 0.0})], VECTOR, opset=7, w=W.T)
    agrees([dense, ("Softmax", [""], {})], VECTOR, opset=11, w=W)
    agrees([dense, ("Relu", [""], {}), ("Softmax", [""], {"axis": -1})], VECTOR, w=W)
    agrees([("Relu", [""], {})], IMAGE)
    conv, pool = ("Conv", ["", "k"], {}), ("MaxPool", [""], {"kernel_shape": [2, 2]})
    agrees([conv, ("Abs", [""], {}), pool, ("Tanh", [""], {})], IMAGE, k=K)
    assert "no end" in problems([product, ("Clip", [""], {"min": 0.0, "max": 6.0})], VECTOR, opset=7, w=W.T)[0]
    slopes = np.float32([0.1, 0.2, 0.3])
    assert "slopes differ" in problems([dense, ("PRelu", ["", "q"], {})], VECTOR, w=W, q=slopes)[0]
    assert "slope -1 is negative" in problems([dense, ("LeakyRelu", [""], {"alpha": -1.0})], VECTOR, w=W)[0]
    assert "export the network with Softmax" in problems([dense, ("LogSoftmax", [""], {})], VECTOR, w=W)[0]
    large = ("Softmax", [""], {"axis": 1})
    assert "softmax acts on a vector" in problems([("Conv", ["", "k"], {}), large], IMAGE, k=K)[0]


def test_what_changes_nothing_in_predictions_is_left_out() -> None:
    nodes: list[Node] = [
        ("Identity", [""], {}),
        ("Gemm", ["", "w"], {"transB": 1}),
        ("Dropout", ["", "r"], {}),
        ("Cast", [""], {"to": 1}),
    ]
    assert len(agrees(nodes, VECTOR, w=W, r=np.float32(0.5)).layers) == 1
    training = [("Dropout", ["", "r", "yes"], {})]
    assert "training_mode=True" in problems(training, VECTOR, r=np.float32(0.5), yes=np.array(True))[0]


def test_shapes() -> None:
    w = GENERATOR.normal(size=(3, 84)).astype(np.float32)
    dense: Node = ("Gemm", ["", "w"], {"transB": 1})
    for target in ([-1, 84], [0, 84], [0, -1], [0, 84]):
        agrees([("Reshape", ["", "s"], {}), dense], IMAGE, s=np.array(target), w=w)
    one = np.array([1])
    pictures = agrees([("Unsqueeze", ["", "a"], {}), ("Conv", ["", "k"], {})], (7, 6), a=one, k=K[:, :1])
    assert pictures.input_shape == (1, 7, 6)
    assert agrees([("Unsqueeze", [""], {"axes": [1]}), ("Squeeze", [""], {"axes": [1]}), dense], (84,), opset=11, w=w)
    net = agrees([("Reshape", ["", "s"], {}), ("Conv", ["", "k"], {})], (84,), s=np.array([-1, 2, 7, 6]), k=K)
    assert net.input_shape == IMAGE
    agrees([("Flatten", [""], {}), ("Reshape", ["", "s"], {}), ("Conv", ["", "k"], {})], IMAGE,
           s=np.array([0, 2, 7, 6]), k=K)  # fmt: skip
    assert "only Flatten" in problems([dense, ("Reshape", ["", "s"], {})], (84,), w=w, s=np.array([0, 3, 1]))[0]
    assert "keep objects apart" in problems([("Reshape", ["", "s"], {})], IMAGE, s=np.array([-1, 42]))[0]
    assert "keeps axes" in problems([("Flatten", [""], {"axis": 2})], IMAGE)[0]


def test_branches_are_residuals_and_parallels() -> None:
    keeps = GENERATOR.normal(size=(2, 2, 3, 3)).astype(np.float32)
    padded = {"pads": [1] * 4}
    conv: Node = ("Conv", ["", "k"], {**padded, "output": "inner"})
    for ends in (["", "X"], ["X", ""]):
        net = agrees([conv, ("Add", ends, {})], IMAGE, k=keeps)
        assert repr(net.layers[0]).startswith("Residual([Conv2D(channels=2")
    net = agrees([conv, ("Sum", ["", "X"], {}), ("Relu", [""], {})], IMAGE, k=keeps)
    assert net.layers[1].options["activation"] == "relu"
    joined = [conv, ("Concat", ["X", ""], {"axis": 1}), ("Flatten", [""], {})]
    assert repr(agrees(joined, IMAGE, k=keeps).layers[0]).startswith("Parallel([[Flatten()], [Conv2D(")
    assert "where Flatten follows" in problems(joined[:2], IMAGE, k=keeps)[0]
    agrees([("Add", ["X", "X"], {})], VECTOR)
    both = [conv, ("Relu", ["X"], {"output": "other"}), ("Add", ["inner", "other"], {})]
    assert "adds several branches" in problems(both, IMAGE, k=keeps)[0]
    assert "joins several branches" in problems([conv, ("Mul", ["inner", "X"], {})], IMAGE, k=keeps)[0]


def test_branches_that_share_layers_are_refused_at_once() -> None:
    nodes: list[Node] = [("Gemm", ["X", "w"], {"output": "d0"}), ("Add", ["X", "d0"], {"output": "d1"})]
    nodes += [("Add", [f"d{k}", f"d{k + 1}"], {"output": f"d{k + 2}"}) for k in range(60)]
    (only,) = problems(nodes, VECTOR, w=np.eye(4, dtype=np.float32))
    assert "several branches share it" in only


def test_everything_that_cannot_be_expressed_is_listed() -> None:
    nodes: list[Node] = [
        ("Conv", ["", "k"], {"dilations": [2, 2], "name": "first", "pads": [2] * 4}),
        ("Gelu", [""], {"name": "second"}),
        ("Conv", ["", "g"], {"group": 3, "pads": [1] * 4}),
        ("MaxPool", [""], {"kernel_shape": [2, 2], "dilations": [2, 1]}),
        ("Pad", ["", "p"], {"mode": "reflect"}),
        ("Flatten", [""], {}),
        ("Softmax", [""], {}),
    ]
    constants = {"k": K, "g": K[:, :1], "p": np.array([0, 0, 1, 1, 0, 0, 1, 1])}
    found = problems(nodes, IMAGE, opset=20, **constants)
    starts = ["Conv (node 1, 'first'): dilations=[2, 2]", "Gelu (node 2, 'second')", "Conv (node 3): group=3"]
    starts += ["MaxPool (node 4): dilations=[2, 1]", "Pad (node 5): mode='reflect'"]
    assert [text.startswith(start) for text, start in zip(found, starts, strict=True)] == [True] * 5


def test_what_hides_behind_unknown_shapes_is_listed_too() -> None:
    nodes: list[Node] = [("NonZero", [""], {}), ("Cast", [""], {"to": 1}), ("Gelu", [""], {}), ("Relu", [""], {})]
    assert [text.split(":")[0] for text in problems(nodes, VECTOR, opset=20)] == ["NonZero (node 1)", "Gelu (node 3)"]


def test_a_model_has_one_input_and_one_output_of_numbers() -> None:
    made = model([("Gemm", ["", "w"], {"transB": 1})], VECTOR, {"w": W})
    made.graph.input.append(helper.make_tensor_value_info("Z", onnx.TensorProto.FLOAT, ["N", 2]))
    with pytest.raises(InputError, match=r"has 2 inputs \('X', 'Z'\), and a network has one"):
        from_onnx(made)
    del made.graph.input[1]
    made.graph.output.append(helper.make_tensor_value_info("X", onnx.TensorProto.FLOAT, ["N", 4]))
    with pytest.raises(InputError, match="has the outputs 'v1', 'X', 2 of them numbers"):
        from_onnx(made)
    open_size = model([("Relu", [""], {})], (2,), {})
    open_size.graph.input[0].type.tensor_type.shape.dim[1].dim_param = "width"
    with pytest.raises(InputError, match="all sizes behind the objects have to be fixed"):
        from_onnx(open_size)


def test_parameters_are_numbers_of_networks() -> None:
    half = problems([("Cast", [""], {"to": 10}), ("MatMul", ["", "w"], {})], VECTOR, w=W.T.astype(np.float16))
    assert "float16" in " ".join(half)
    assert "not a finite number" in problems([("MatMul", ["", "w"], {})], VECTOR, w=W.T * np.float32(np.inf))[0]
    huge = W.T * np.float32(1e38)
    with pytest.raises(InputError, match="beyond float32"), np.errstate(over="ignore"):
        from_onnx(model([("MatMul", ["", "w"], {}), ("Mul", ["", "f"], {})], VECTOR, {"w": huge, "f": np.float32(1e9)}))
