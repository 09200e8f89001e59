"""Reading a module of PyTorch's: its trace by torch.fx as a chain of layers with sums and joins."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from torch import fx, nn

from mathdl.errors import InputError
from mathdl.exchange.chain import Branches, Chain, Made, Unexpressed
from mathdl.exchange.torch_calls import JOINS, SUMS, is_known, module_of
from mathdl.exchange.torch_layers import add_numbers, can_read, read_into
from mathdl.layers.flatten import Flatten
from mathdl.layers.layer import Shape


def read(module: nn.Module, shape: Shape, dtype: str) -> Chain:
    """Return the chain of layers that a module is, for objects of this shape; InputError where it is none."""
    try:
        traced = fx.symbolic_trace(nn.Sequential(module))
    except Exception as error:  # whatever the module's own code raises when it is given a stand-in of numbers
        raise InputError(
            f"The module cannot be traced by torch.fx ({type(error).__name__}: {error}); give one whose forward takes "
            "the same steps for all numbers."
        ) from error
    return _Graph(traced).chain(Chain(shape, np.dtype(dtype)))


class _Graph:
    """The trace of a module: nodes that each compute something of those before."""

    def __init__(self, traced: fx.GraphModule) -> None:
        self.modules = dict(traced.named_modules())
        nodes = list(traced.graph.nodes)
        self.input, self.output = nodes[0], nodes[-1].args[0]
        if not isinstance(self.output, fx.Node):
            raise InputError("The module returns several values; give one that returns a single array.")
        self._spines: dict[fx.Node, list[fx.Node]] = {}
        self._refuse_unknown(nodes)

    def _refuse_unknown(self, nodes: Sequence[fx.Node]) -> None:
        """Raise InputError with all that no layer is for, and where the same weights are used twice."""
        unknown, used = [], set()
        for node in nodes:
            if node.op == "call_module":
                module = self.modules[node.target]
                if not can_read(module):
                    unknown.append(f"{type(module).__name__} ({_place(node)})")
                elif node.target in used and any(True for _ in module.parameters()):
                    raise InputError(
                        f"{_place(node)} is used twice, and from_torch would make two layers of it that no longer "
                        "share their weights; give a module without."
                    )
                used.add(node.target)
            elif node.op in ("call_function", "call_method") and _computes(node) and not is_known(node.target):
                unknown.append(_called(node))
        if unknown:
            raise InputError(
                f"The module has what no layer here does: {', '.join(dict.fromkeys(unknown))}; replace or leave it out"
                f"{' (the loss cross_entropy has a softmax of its own)' if 'LogSoftmax' in str(unknown) else ''}."
            )

    def chain(self, empty: Chain) -> Chain:
        """Return the whole chain."""
        return self._between(self.input, self.output, empty)

    def _sources(self, node: fx.Node) -> list[fx.Node]:
        """Return the nodes whose arrays a node computes from; parameters and sizes are none."""
        return [each for each in node.all_input_nodes if each.op != "get_attr" and _computes(each)]

    def _spine(self, node: fx.Node) -> list[fx.Node]:
        """Return the nodes that everything a node computes goes through, itself first, the input last."""
        if node not in self._spines:
            sources = self._sources(node)
            if node is self.input or not sources:
                self._spines[node] = [node]
            else:
                first, *others = (self._spine(source) for source in sources)
                common = next((each for each in first if all(each in other for other in others)), None)
                if common is None:
                    raise InputError(f"{_called(node)} joins what does not come from the same input; give one input.")
                self._spines[node] = [node, *self._spine(common)]
        return self._spines[node]

    def _between(self, start: fx.Node, end: fx.Node, before: Chain) -> Chain:
        """Return the layers from one node to another, which lies behind it, given the chain up to the first."""
        chain, passed = Chain(before.shape, before.dtype), self._spine(end)
        if start not in passed:
            raise InputError(f"{_called(end)} does not come from the module's input alone; give one input.")
        steps = passed[: passed.index(start)][::-1]
        for last, node in zip([start, *steps], steps, strict=False):
            self._append(chain, node, last)
        return chain

    def _append(self, chain: Chain, node: fx.Node, before: fx.Node) -> None:
        """Append what a node computes of the one before it on the spine."""
        here = _place(node) if node.op == "call_module" else _called(node)
        attributes = [each for each in node.all_input_nodes if each.op == "get_attr"]
        if node.target in JOINS:
            self._join(chain, node, before)
        elif node.target in SUMS and len(attributes) != 1:
            self._add(chain, node, before)
        else:
            with _refusing(here):
                if node.op == "call_module":
                    read_into(chain, self.modules[node.target])
                elif node.target in SUMS:
                    add_numbers(chain, self._attribute(attributes[0]))
                else:
                    _read_call(chain, node, with_parameters=bool(attributes))

    def _attribute(self, node: fx.Node) -> Any:
        """Return the parameter that a node names."""
        *owner, name = str(node.target).split(".")
        return getattr(self.modules[".".join(owner)], name)

    def _add(self, chain: Chain, node: fx.Node, before: fx.Node) -> None:
        """Append a residual block: the sum of an array and what a chain makes of it."""
        terms = [term for term in node.args if isinstance(term, fx.Node)]
        inner = [term for term in terms if term is not before]
        if len(terms) != 2 or len(inner) != 1 or "alpha" in node.kwargs:
            raise InputError(
                f"{_called(node)} adds something else than a chain of layers and its own input; from_torch reads only "
                "such residual blocks."
            )
        branch = self._between(before, inner[0], chain)
        if branch.shape != chain.shape:
            raise InputError(f"{_called(node)} adds arrays of shape {branch.shape} and {chain.shape}; give them one.")
        chain.drafts.append(Branches([branch], adds=True))

    def _join(self, chain: Chain, node: fx.Node, before: fx.Node) -> None:
        """Append branches side by side, whose outputs are vectors."""
        parts, *rest = node.args
        branches = [self._between(before, part, chain) for part in parts]
        axis = rest[0] if rest else node.kwargs.get("dim", 0)
        if axis not in (1, -1) or any(len(branch.shape) != 1 for branch in branches):
            raise InputError(f"{_called(node)} joins other arrays than vectors; flatten each and join them with dim 1.")
        for branch in branches:
            last = branch.drafts[-1] if branch.drafts else None
            if len(branch.drafts) > 1 and isinstance(last, Made) and isinstance(last.made, Flatten):
                branch.drafts.pop()  # Parallel flattens
            elif last is None:
                branch.append(Flatten())
        chain.shape = (sum(branch.shape[0] for branch in branches),)
        chain.drafts.append(Branches(branches, adds=False))


@contextmanager
def _refusing(here: str) -> Iterator[None]:
    """Let what refuses a part say which part it is."""
    try:
        yield
    except Unexpressed as reason:
        raise InputError(f"{here}: {reason}; from_torch cannot read it.") from None
    except InputError as reason:  # of a layer that does not fit what comes
        raise InputError(f"{here}: {reason}") from None


def _read_call(chain: Chain, node: fx.Node, *, with_parameters: bool) -> None:
    """Append what the call of a function or a method does, as a module does it."""
    module = module_of(node.target, node.args[1:], node.kwargs, chain.shape)
    if module is None or with_parameters:
        given = ", ".join([*map(str, node.args[1:]), *(f"{n}={v}" for n, v in node.kwargs.items())])
        raise Unexpressed(f"with ({given}) it is no layer here")
    for inner in module if isinstance(module, nn.Sequential) else [module]:
        read_into(chain, inner)


def _computes(node: fx.Node) -> bool:
    """Tell whether a node computes an array, and is no size of one."""
    if node.op in ("call_method", "call_function") and node.target in ("size", getattr):
        return False
    named = getattr(node.target, "__name__", "")
    return not (named == "getitem" and not _computes(node.args[0]))


def _place(node: fx.Node) -> str:
    """Return where in the module a part stands."""
    _, _, inner = str(node.target).partition(".")
    return f"the part {inner!r}" if inner else "the module"


def _called(node: fx.Node) -> str:
    """Return what a node calls."""
    if node.op == "placeholder":
        return "the input"
    return str(node.target if isinstance(node.target, str) else getattr(node.target, "__name__", node.target))
