"""Docstrings: every public name is documented in full, and everything else in a sentence or two."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

import mathdl

PACKAGE = Path(mathdl.__file__).parent
SECTION = re.compile(r"^(Parameters|Returns|Yields|Attributes|Raises|See Also|Notes|References|Examples)\n-{3,}$", re.M)
PARAMETERS = re.compile(r"^(?:Parameters|Attributes)\n-+\n(.*?)(?=^\w[\w ]*\n-+\n|\Z)", re.M | re.S)
LIKE_ANOTHER = re.compile(r"As for :(?:meth|class|func):`")

# What public functions and methods return, or hand to a user's callback.
RETURNED = (
    "book.finding.Erratum",
    "book.finding.Finding",
    "book.finding.Table",
    "book.item.Item",
    "book.outcome.Outcome",
    "certificates.checker.Verdict",
    "chain.check_gradient.Component",
    "chain.check_gradient.GradientCheck",
    "chain.derivatives.Counts",
    "chain.expression.Expression",
    "chain.growth.BigO",
    "classification.partition.PartitionCheck",
    "chain.sweep.Sweep",
    "classification.probabilities.ProbabilityCheck",
    "convolution.compact_function.Bounded",
    "descent.decrease.Decrease",
    "descent.guarantee.Guarantee",
    "exact.best_divisions.BestDivisions",
    "exact.cluster_cost.ClusterCost",
    "geometry.convex_hull.ConvexHull",
    "geometry.polygon.Chord",
    "geometry.separation.Separation",
    "geometry.set_separation.SetSeparation",
    "layers.convolutional.Connections",
    "layers.receptive_field.ReceptiveField",
    "robustness.bounds.OutputBounds",
    "robustness.certified_radii.CertifiedRadii",
    "piecewise.exact_evaluation.ExactEvaluation",
    "piecewise.regions.Boundary",
    "piecewise.regions.Regions",
    "robustness.irrelevance.Irrelevance",
    "robustness.lipschitz.LipschitzBounds",
    "robustness.monotonicity.Monotonicity",
    "robustness.robustness.Robustness",
    "models.soft_margin_path.SoftMarginPath",
    "models.soft_margin_path.SoftMarginPoint",
    "models.cluster_counts.ClusterCounts",
    "models.sensitivity.Sensitivity",
    "models.trained_model.TrainedModel",
    "networks.backpropagation.Backpropagation",
    "networks.collapse.AffineMap",
    "networks.network_loss.NetworkLoss",
    "networks.operation_formulas.OperationFormulas",
    "networks.operations.NetworkOperations",
    "networks.trace.LayerTrace",
    "objectives.hinge_cells.HingeCell",
    "objectives.cross_entropy.CrossEntropy",
    "approximation.approximate.Approximation",
    "approximation.best_polynomial.BestPolynomial",
    "approximation.min_max.AffinePiece",
    "approximation.min_max.MinMax",
    "approximation.without_biases.WithoutBiases",
    "plots.diagram.Diagram",
    "runs.compare.Comparison",
    "runs.new_data_scores.NewDataScores",
    "runs.report_record.Report",
    "runs.run.Run",
    "solvers.soft_margin_path.Piece",
    "status.Status",
    "training.learning_rate_search.LearningRateSearch",
    "training.learning_rate_search.Trial",
    "training.training.Training",
)

# Methods of those classes through which the rooms work together; no user calls them.
INTERNAL = {
    "apply_operation",  # of expressions
    *("attach", "bind", "count", "emit", "initial_parameters", "known_zeros", "operations", "shape"),  # of layers
    "pieces",  # of layers, too
    *("block", "image_of", "images", "padded", "shape_of", "windows"),  # of layers of images and signals
    *("constants", "outer_kernel", "update", "with_rate"),  # of rules
    *("checked_options", "for_run", "objective_value", "table_of_learned"),  # of estimators, for runs
    *("exact_gap", "exact_minimiser", "find_minimiser", "gap_errors", "minimum_below", "nearest_minimiser"),
    *("check_at", "phi_bounds", "rounding_errors", "stepper"),  # of objectives, with the line above
    *("from_architecture", "from_dict", "learned", "resume", "take_rate"),  # of records
    "figure",  # of items of the book, where they are declared
}

# Functions of expressions whose names say it all.
ELEMENTARY = {
    *("cos", "exp", "log", "log2", "logsumexp", "maximum", "minimum", "norm"),
    *("relu", "sigmoid", "sin", "sqrt", "tan", "tanh", "total", "where"),
}


def public_objects() -> list[Any]:
    """Every public function and class, and the classes that users get from them."""
    named = [getattr(mathdl, name) for name in mathdl._HOME]
    pictures = [getattr(mathdl.plots, name) for name in mathdl.plots.__all__]
    book = [mathdl.book.run, mathdl.book.items]
    chain = [getattr(mathdl.chain, name) for name in mathdl.chain.__all__ if name not in ELEMENTARY]
    errors = [value for value in vars(mathdl.errors).values() if inspect.isclass(value)]
    returned = [
        getattr(import_module(f"mathdl.{home}"), name) for home, name in (path.rsplit(".", 1) for path in RETURNED)
    ]
    return [*named, *pictures, *book, *chain, *errors, *returned]


def ours(value: Any) -> bool:
    return str(getattr(value, "__module__", "")).startswith("mathdl.")


def members(kind: type) -> Iterator[tuple[str, Any]]:
    """The public methods and properties of a class that are ours, inherited ones too, with the class that has them."""
    for ancestor in kind.__mro__:
        if not ours(ancestor):
            continue
        for name, value in vars(ancestor).items():
            function = getattr(value, "fget", None) or getattr(value, "func", None) or getattr(value, "__func__", value)
            if inspect.isfunction(function) and (not name.startswith("_") or name == "__call__"):
                yield f"{function.__module__}.{function.__qualname__}", value


def documented_in_full() -> dict[str, Any]:
    """What may have sections in its docstring, by its full name."""
    found = {}
    for value in public_objects():
        found[f"{value.__module__}.{value.__qualname__}"] = value
        if inspect.isclass(value):
            found |= {f"{base.__module__}.{base.__qualname__}": base for base in value.__mro__ if ours(base)}
            found |= dict(members(value))
    return found


PUBLIC = documented_in_full()


def docstrings(path: Path) -> Iterator[tuple[str, str]]:
    """The docstrings of a file's functions and classes, with their full names."""
    parts = path.relative_to(PACKAGE.parent).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def below(node: ast.AST, prefix: str) -> Iterator[tuple[str, str]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.FunctionDef | ast.ClassDef):
                yield f"{prefix}.{child.name}", ast.get_docstring(child) or ""
                yield from below(child, f"{prefix}.{child.name}")

    yield from below(ast.parse(path.read_text(encoding="utf-8")), module)


def test_only_public_names_have_sections() -> None:
    ritual = [
        name
        for path in sorted(PACKAGE.rglob("*.py"))
        for name, text in docstrings(path)
        if SECTION.search(text) and name not in PUBLIC
    ]
    assert ritual == []


def calls(value: Any) -> Iterator[tuple[str, list[Any]]]:
    """What a user calls there, each with what it overrides: a function, a public class, or the methods of a class."""
    if inspect.isfunction(value) or value.__name__ in mathdl._HOME:
        yield value.__qualname__, [value]
    if inspect.isclass(value):
        for name in dir(value):
            if (not name.startswith("_") or name == "__call__") and name not in INTERNAL:
                overridden = [vars(base)[name] for base in value.__mro__ if name in vars(base) and ours(base)]
                functions = [getattr(method, "__func__", method) for method in overridden]
                if functions and inspect.isfunction(functions[0]):
                    yield f"{value.__qualname__}.{name}", functions


CALLS = {name: functions for value in public_objects() for name, functions in calls(value)}


@pytest.mark.parametrize("name", sorted(CALLS))
def test_public_names_document_their_parameters(name: str) -> None:
    texts = [inspect.cleandoc(function.__doc__ or "") for function in CALLS[name]]
    assert texts[0], f"{name} has no docstring"
    described = "\n".join(section for text in texts for section in PARAMETERS.findall(text))
    undescribed = [
        parameter.name
        for parameter in inspect.signature(CALLS[name][0]).parameters.values()
        if parameter.name not in ("self", "cls") and parameter.kind is not parameter.VAR_KEYWORD
        if not re.search(rf"^(?:\w+, )*\*?{parameter.name}\b", described, re.M)
    ]
    assert any(LIKE_ANOTHER.search(text) for text in texts) or undescribed == []
