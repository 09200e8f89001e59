"""An ONNX graph followed from its input to its output, and taken for layers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from math import prod
from typing import Any

import numpy as np

from mathdl.errors import FileError, InputError, NotExpressibleError
from mathdl.exchange import onnx_elementwise
from mathdl.exchange.chain import Chain, Unexpressed
from mathdl.exchange.onnx_activations import ACTIVATIONS, read_scaled
from mathdl.exchange.onnx_constants import array_of, folded
from mathdl.exchange.onnx_file import DOMAINS, operator_place
from mathdl.exchange.onnx_graph import MOST_BYTES, onnx_library
from mathdl.exchange.onnx_layers import LAYERS
from mathdl.exchange.onnx_node import Array, Node
from mathdl.layers.layer import MAX_NUMBERS

Read = Callable[[Node, Chain], None]
OPERATORS: dict[str, Read] = {
    **onnx_elementwise.OPERATORS,
    **{name: read for row in ACTIVATIONS.values() for name, read in row.read.items()},
    **{name: read for row in LAYERS.values() for name, read in row.read.items()},
}
JOINS = {name: join for row in LAYERS.values() for name, join in row.join.items()}
SCALES = ("Max", "Min")  # of x and slope x: leaky ReLU
OBJECTS = 1_000_003  # stands for their number where a graph computes with it: a prime that no shape holds
FLOATS = {1: "float32", 11: "float64"}
BYTES = 2  # ONNX's number of the type uint8


NOT_THERE = {
    "LogSoftmax": "no layer computes logarithms of probabilities; export the network with Softmax, or without either",
    "Transpose": "layers have channels before rows and columns, and keep axes in their order",
}


class Lost(Exception):
    """What comes behind a node is not known."""


class Trace:
    """A graph that is followed; ``problems`` collects what cannot be expressed."""

    def __init__(self, model: Any, name: str) -> None:
        self._onnx, self.name = onnx_library(), name
        self.problems: list[str] = []
        self._seen: set[str] = set()
        self._opset = next(each.version for each in model.opset_import if each.domain in DOMAINS)
        graph = model.graph
        if graph.sparse_initializer:
            raise FileError(f"{name} keeps sparse arrays, which are not read; export it with dense ones.")
        self._constants: dict[str, Array] = {}
        for tensor in graph.initializer:
            try:
                self._constants[tensor.name] = array_of(tensor)
            except Unexpressed as reason:
                raise FileError(f"{name} is damaged: {reason}.") from None
        self.input = self._only_input(graph)
        self.output = self._only_output(graph)
        self._objects = self.input.type.tensor_type.shape.dim[0].dim_value or OBJECTS
        self._shapes = self._inferred(model)
        self._nodes = self._read_nodes(graph)
        self._consumers: dict[str, list[Node]] = {}
        self._producers = {output: node for node in self._nodes for output in node.outputs}
        for node in self._nodes:
            for source in dict.fromkeys(node.data):
                self._consumers.setdefault(source, []).append(node)

    def chain(self) -> Chain:
        """Return the layers from the input to the output; raise NotExpressibleError where a node is no layer."""
        kind = self.input.type.tensor_type.elem_type
        if kind not in (*FLOATS, BYTES):
            raise InputError(f"{self.name} reads no numbers that networks compute with, which are float32 and float64.")
        shape = tuple(dim.dim_value for dim in self.input.type.tensor_type.shape.dim)[1:]
        if not shape or 0 in shape:
            raise InputError(
                f"{self.name} has an input of shape {('objects', *(size or '?' for size in shape))}; all sizes behind "
                "the objects have to be fixed: export it with an example of the size that you need."
            )
        if prod(shape) > MAX_NUMBERS:
            raise InputError(f"{self.name} takes objects of {shape}, more than {MAX_NUMBERS:,} numbers each.")
        chain = Chain(shape, np.dtype(FLOATS.get(kind, "float32")), begins=True, bytes=kind == BYTES)
        try:
            within = self._between(self.input.name, self.output.name)
            self._follow(self.input.name, self.output.name, chain, within)
            chain.require_ready()
        except Lost:
            pass
        except Unexpressed as reason:
            self.problems.append(f"the output {self.output.name!r}: {reason}")
        if self.problems:
            raise NotExpressibleError(f"{self.name} cannot be expressed by layers", self.problems)
        if not chain.drafts:
            raise InputError(f"{self.name} computes nothing between its input and its output; give a network.")
        return chain

    def _only_input(self, graph: Any) -> Any:
        """Return the input; initializers may be listed beside it."""
        inputs = [each for each in graph.input if each.name not in self._constants]
        if len(inputs) != 1:
            listed = ", ".join(repr(each.name) for each in inputs) or "none"
            raise InputError(f"{self.name} has {len(inputs)} inputs ({listed}), and a network has one.")
        if not inputs[0].type.tensor_type.shape.dim:
            raise InputError(f"{self.name} does not say which shape its input has; export it with an example.")
        return inputs[0]

    def _only_output(self, graph: Any) -> Any:
        """Return the output, of several the one that holds numbers: others may be classes."""
        outputs = [each for each in graph.output if each.type.tensor_type.elem_type in FLOATS]
        if len(graph.output) == 1:
            outputs = list(graph.output)
        if len(outputs) != 1:
            listed = ", ".join(repr(each.name) for each in graph.output)
            raise InputError(
                f"{self.name} has the outputs {listed}, {len(outputs)} of them numbers, and a network has one; export "
                "the one that you need."
            )
        return outputs[0]

    def _inferred(self, model: Any) -> dict[str, tuple[int, ...]]:
        """Return the shapes of values that can be told, with the number of objects in front."""
        fixed = self._onnx.ModelProto()
        fixed.CopyFrom(model)
        for each in fixed.graph.input:
            if each.name == self.input.name:
                each.type.tensor_type.shape.dim[0].dim_value = self._objects
        try:
            graph = self._onnx.shape_inference.infer_shapes(fixed, data_prop=True).graph
        except Exception:  # of whatever kind: shapes are then followed layer by layer alone
            return {}
        found = {}
        for each in (*graph.input, *graph.value_info, *graph.output):
            shape = tuple(dim.dim_value for dim in each.type.tensor_type.shape.dim)
            if shape and 0 not in shape:
                found[each.name] = shape
        return found

    def _read_nodes(self, graph: Any) -> list[Node]:
        """Return the nodes that depend on the input; the others are computed."""
        nodes, computed = [], 0
        for number, node in enumerate(graph.node, 1):
            shape = self._shapes.get(node.input[0]) if node.op_type == "Shape" and node.input else None
            value = folded(node, self._constants, self._opset)
            if shape is not None and not node.attribute:
                value = np.array(shape, np.int64)
            if value is not None:
                computed += value.nbytes
                if computed > MOST_BYTES:
                    raise FileError(f"{self.name} computes more than 2 GB of constants; export it with them computed.")
                self._constants[node.output[0]] = value
                continue
            attributes = {each.name: self._onnx.helper.get_attribute_value(each) for each in node.attribute}
            operator = node.op_type if node.domain in DOMAINS else f"{node.domain}.{node.op_type}"
            place = operator_place(node, number)
            ends = tuple(node.input), tuple(node.output)
            nodes.append(Node(operator, place, *ends, attributes, self._constants, self._opset, self._objects))
        return nodes

    def _between(self, start: str, end: str, inside: Iterable[Node] | None = None) -> set[Node]:
        """Return the nodes on the ways from one value to another."""
        allowed = None if inside is None else set(inside)
        found: set[Node] = set()
        open_values = [end]
        while open_values:
            value = open_values.pop()
            node = self._producers.get(value)
            if value == start or node is None or node in found or (allowed is not None and node not in allowed):
                continue
            found.add(node)
            open_values += node.data
        return found

    def _follow(self, value: str, end: str, chain: Chain, within: set[Node]) -> None:
        """Read the nodes from a value to another one."""
        while value != end:
            nodes = [node for node in self._consumers.get(value, ()) if node in within]
            if not nodes:
                raise Unexpressed("it does not depend on the input")
            node = nodes[0]
            if len(nodes) == 1 and node.data == [value]:
                value = self._step(node, chain, within)
            else:
                value = self._branch(value, chain, within)

    def _step(self, node: Node, chain: Chain, within: set[Node]) -> str:
        """Read one node, or a Transpose with the Gemm that takes it back; return what it computes."""
        behind = [each for each in self._consumers.get(node.outputs[0], ()) if each in within]
        if node.operator == "Transpose" and len(behind) == 1 and behind[0].attribute("transA", 0):
            gemm = behind[0]
            if gemm.operator == "Gemm" and gemm.inputs[0] == node.outputs[0] and len(chain.shape) == 1:
                attributes = {**gemm.attributes, "transA": 0}
                self._read(gemm.with_attributes(attributes), OPERATORS["Gemm"], chain)
                return gemm.outputs[0]
        self._read(node, OPERATORS.get(node.operator), chain)
        if any(each in within for output in node.outputs[1:] for each in self._consumers.get(output, ())):
            self.problems.append(f"{node.place}: more than its first output is used")
        return node.outputs[0]

    def _read(self, node: Node, read: Read | None, chain: Chain) -> None:
        """Read a node; where it cannot be expressed, note that and go on behind it."""
        self._take(node)
        try:
            if read is None:
                raise Unexpressed(NOT_THERE.get(node.operator, "no layer computes this"))
            read(node, chain)
        except (Unexpressed, InputError) as reason:
            self._note(node, reason, chain)
        except (LookupError, TypeError, ValueError, ArithmeticError, AttributeError) as error:
            self._note(node, Unexpressed(f"its attributes and inputs do not fit each other ({error})"), chain)

    def _take(self, node: Node) -> None:
        """Refuse a node that is read a second time: branches that share layers could only have copies of them."""
        if node.place in self._seen:
            self.problems.append(f"{node.place}: several branches share it, and each layer has one place in a network")
            raise Lost
        self._seen.add(node.place)

    def _note(self, node: Node, reason: Exception, chain: Chain) -> None:
        """Note that a node cannot be expressed; go on behind it where the shape is known."""
        self.problems.append(f"{node.place}: {str(reason).rstrip('.')}")
        shape = self._shapes.get(node.outputs[0], ())
        if len(shape) < 2:
            self._note_rest(node)
            raise Lost
        chain.append_unknown(shape[1:])

    def _note_rest(self, node: Node) -> None:
        """Note which nodes behind one have operators that no layer has, where shapes are lost."""
        reached = self._between(node.outputs[0], self.output.name)
        for other in self._nodes:
            if other in reached and other.operator not in {*OPERATORS, *JOINS, *SCALES}:
                self.problems.append(f"{other.place}: no layer computes this")

    def _branch(self, value: str, chain: Chain, within: set[Node]) -> str:
        """Read branches and the node that joins them; return what it computes."""
        node = self._join(value, within)
        self._take(node)
        branches = []
        try:
            if node.operator in SCALES and (slope := self._slope(node, value)) is not None:
                read_scaled(node, chain, slope)
                return node.outputs[0]
            chain.require_ready()
            if node.operator not in JOINS:
                raise Unexpressed("it joins several branches, and only a Residual, which adds, and a Parallel do")
            for end in (name for name in node.inputs if name):
                if end in node.constants:
                    raise Unexpressed("it joins branches and constants")
                branch = Chain(chain.shape, chain.dtype)
                self._follow(value, end, branch, self._between(value, end, within))
                branch.require_ready()
                branches.append(branch)
            JOINS[node.operator](node, chain, branches)
        except (Unexpressed, InputError) as reason:
            self._note(node, reason, chain)
        return node.outputs[0]

    def _slope(self, node: Node, value: str) -> float | None:
        """Return the number s where a node takes x and s x."""
        for one, other in (node.inputs, node.inputs[::-1]) if len(node.inputs) == 2 else ():
            product = self._producers.get(other)
            if one != value or product is None or product.operator != "Mul" or product.data != [value]:
                continue
            factors = [product.constants[name] for name in product.inputs if name in product.constants]
            if len(factors) == 1 and factors[0].size == 1:
                return float(factors[0].reshape(-1)[0])
        return None

    def _join(self, value: str, within: set[Node]) -> Node:
        """Return the first node behind a value through which all ways from it go."""
        waiting = {value: sum(node in within for node in self._consumers[value])}
        for node in self._nodes:
            taken = [name for name in dict.fromkeys(node.data) if name in waiting]
            if node not in within or not taken:
                continue
            for name in taken:
                waiting[name] -= 1
                if not waiting[name]:
                    del waiting[name]
            output = node.outputs[0]
            if not waiting:
                return node
            waiting[output] = sum(each in within for each in self._consumers.get(output, ()))
        raise Unexpressed("its branches do not meet")
