"""Deep learning whose mathematics you can check.

The public names load on first use, so that ``import mathdl`` is immediate.
"""

from __future__ import annotations

from importlib import import_module

TYPE_CHECKING = False  # without importing typing, which takes longer than all that is here
if TYPE_CHECKING:  # what __getattr__ loads, for type checkers and editors
    from mathdl.approximation.approximate import approximate as approximate
    from mathdl.approximation.best_polynomial import best_polynomial as best_polynomial
    from mathdl.approximation.min_max import min_max_form as min_max_form
    from mathdl.approximation.without_biases import without_biases as without_biases
    from mathdl.certificates.checker import verify as verify
    from mathdl.certificates.record import Certificate as Certificate
    from mathdl.chain.check_gradient import check_gradient as check_gradient
    from mathdl.chain.counting import count_operations as count_operations
    from mathdl.chain.derivatives import gradient as gradient
    from mathdl.chain.derivatives import hessian as hessian
    from mathdl.chain.derivatives import jacobian as jacobian
    from mathdl.chain.expression import variables as variables
    from mathdl.chain.growth import is_big_o as is_big_o
    from mathdl.classification.exact_classifier import ExactClassifier as ExactClassifier
    from mathdl.classification.harden import harden as harden
    from mathdl.classification.partition import check_partition as check_partition
    from mathdl.classification.probabilities import check_probabilities as check_probabilities
    from mathdl.classification.softmax import softmax as softmax
    from mathdl.convolution.compact_function import CompactFunction as CompactFunction
    from mathdl.convolution.convolve import convolve as convolve
    from mathdl.convolution.cosine_scores import cosine_scores as cosine_scores
    from mathdl.convolution.frobenius_product import frobenius_product as frobenius_product
    from mathdl.convolution.piecewise_polynomial import PiecewisePolynomial as PiecewisePolynomial
    from mathdl.convolution.submatrix import submatrix as submatrix
    from mathdl.data.learning_mode import learning_mode as learning_mode
    from mathdl.data.memory_map import memory_map as memory_map
    from mathdl.data.parquet_batches import parquet_batches as parquet_batches
    from mathdl.descent.adam import Adam as Adam
    from mathdl.descent.descent import Descent as Descent
    from mathdl.descent.gradient_descent import gradient_descent as gradient_descent
    from mathdl.descent.schedules import CosineSchedule as CosineSchedule
    from mathdl.descent.schedules import StepSchedule as StepSchedule
    from mathdl.descent.sgd import SGD as SGD
    from mathdl.exact.best_divisions import best_divisions as best_divisions
    from mathdl.exact.cluster_cost import cluster_cost as cluster_cost
    from mathdl.exchange.from_onnx import from_onnx as from_onnx
    from mathdl.exchange.mlflow_tracker import MLflowTracker as MLflowTracker
    from mathdl.exchange.tensorboard_tracker import TensorBoardTracker as TensorBoardTracker
    from mathdl.exchange.to_onnx import to_onnx as to_onnx
    from mathdl.exchange.torch_engine import TorchEngine as TorchEngine
    from mathdl.exchange.torch_module import from_torch as from_torch
    from mathdl.exchange.torch_module import to_torch as to_torch
    from mathdl.files.checkpoint import Checkpoint as Checkpoint
    from mathdl.files.checkpoint import load_checkpoint as load_checkpoint
    from mathdl.files.model import load as load
    from mathdl.files.model import save as save
    from mathdl.geometry.convex_hull import convex_hull as convex_hull
    from mathdl.geometry.convex_sets import Ball as Ball
    from mathdl.geometry.convex_sets import HalfSpace as HalfSpace
    from mathdl.geometry.hyperplane import Hyperplane as Hyperplane
    from mathdl.geometry.polygon import Polygon as Polygon
    from mathdl.geometry.separation import separate as separate
    from mathdl.geometry.set_separation import separate_sets as separate_sets
    from mathdl.layers.activation import Activation as Activation
    from mathdl.layers.averagepool1d import AveragePool1D as AveragePool1D
    from mathdl.layers.averagepool2d import AveragePool2D as AveragePool2D
    from mathdl.layers.conv1d import Conv1D as Conv1D
    from mathdl.layers.conv2d import Conv2D as Conv2D
    from mathdl.layers.dense import Dense as Dense
    from mathdl.layers.dropout import Dropout as Dropout
    from mathdl.layers.flatten import Flatten as Flatten
    from mathdl.layers.globalaveragepool1d import GlobalAveragePool1D as GlobalAveragePool1D
    from mathdl.layers.globalaveragepool2d import GlobalAveragePool2D as GlobalAveragePool2D
    from mathdl.layers.globalmaxpool1d import GlobalMaxPool1D as GlobalMaxPool1D
    from mathdl.layers.globalmaxpool2d import GlobalMaxPool2D as GlobalMaxPool2D
    from mathdl.layers.maxpool1d import MaxPool1D as MaxPool1D
    from mathdl.layers.maxpool2d import MaxPool2D as MaxPool2D
    from mathdl.layers.parallel import Parallel as Parallel
    from mathdl.layers.receptive_field import pixel_uses as pixel_uses
    from mathdl.layers.receptive_field import receptive_field as receptive_field
    from mathdl.layers.residual import Residual as Residual
    from mathdl.layers.zeropad1d import ZeroPad1D as ZeroPad1D
    from mathdl.layers.zeropad2d import ZeroPad2D as ZeroPad2D
    from mathdl.models.cluster_counts import cluster_counts as cluster_counts
    from mathdl.models.cluster_outlier_detector import ClusterOutlierDetector as ClusterOutlierDetector
    from mathdl.models.hard_margin_svm import HardMarginSVM as HardMarginSVM
    from mathdl.models.kmeans import KMeans as KMeans
    from mathdl.models.linear_regression import LinearRegression as LinearRegression
    from mathdl.models.logistic_regression import LogisticRegression as LogisticRegression
    from mathdl.models.network_classifier import NetworkClassifier as NetworkClassifier
    from mathdl.models.network_regressor import NetworkRegressor as NetworkRegressor
    from mathdl.models.polynomial_regression import PolynomialRegression as PolynomialRegression
    from mathdl.models.sensitivity import sensitivity as sensitivity
    from mathdl.models.soft_margin_svm import SoftMarginSVM as SoftMarginSVM
    from mathdl.models.word_clusters import cluster_words as cluster_words
    from mathdl.networks.collapse import collapse as collapse
    from mathdl.networks.hyperplanes import network_from_hyperplanes as network_from_hyperplanes
    from mathdl.networks.network import Network as Network
    from mathdl.networks.network import find_learning_rate as find_learning_rate
    from mathdl.networks.pixel_influence import PixelInfluence as PixelInfluence
    from mathdl.networks.pixel_influence import pixel_influence as pixel_influence
    from mathdl.networks.strongest_patches import StrongestPatches as StrongestPatches
    from mathdl.networks.strongest_patches import strongest_patches as strongest_patches
    from mathdl.objectives.convexity import Chord as Chord
    from mathdl.objectives.convexity import chord as chord
    from mathdl.objectives.convexity import find_chord_below as find_chord_below
    from mathdl.objectives.critical_point import CriticalPoint as CriticalPoint
    from mathdl.objectives.critical_point import second_derivative_test as second_derivative_test
    from mathdl.objectives.cross_entropy import cross_entropy as cross_entropy
    from mathdl.objectives.function import Function as Function
    from mathdl.objectives.hinge_cells import hinge_cells as hinge_cells
    from mathdl.objectives.huber import Huber as Huber
    from mathdl.objectives.least_squares import LeastSquares as LeastSquares
    from mathdl.objectives.logistic_loss import LogisticLoss as LogisticLoss
    from mathdl.objectives.neuron_loss import NeuronLoss as NeuronLoss
    from mathdl.objectives.polynomial import Polynomial as Polynomial
    from mathdl.objectives.quadratic import Quadratic as Quadratic
    from mathdl.piecewise.exact_evaluation import evaluate_exactly as evaluate_exactly
    from mathdl.piecewise.piecewise_affine import PiecewiseAffine as PiecewiseAffine
    from mathdl.piecewise.regions import regions as regions
    from mathdl.robustness.bounds import output_bounds as output_bounds
    from mathdl.robustness.certified_radii import certified_radii as certified_radii
    from mathdl.robustness.irrelevance import decide_irrelevant as decide_irrelevant
    from mathdl.robustness.lipschitz import lipschitz_bounds as lipschitz_bounds
    from mathdl.robustness.monotonicity import decide_monotonic as decide_monotonic
    from mathdl.robustness.robustness import certify_robustness as certify_robustness
    from mathdl.robustness.robustness import robust_by_intervals as robust_by_intervals
    from mathdl.runs.compare import compare as compare
    from mathdl.runs.new_data import evaluate as evaluate
    from mathdl.runs.train import train as train
    from mathdl.shifts.decision import ShiftDecision as ShiftDecision
    from mathdl.shifts.decision import decide_equivariance as decide_equivariance
    from mathdl.shifts.decision import decide_invariance as decide_invariance
    from mathdl.shifts.extent import ShiftExtent as ShiftExtent
    from mathdl.shifts.extent import decide_shifts as decide_shifts
    from mathdl.shifts.extent import smallest_border as smallest_border
    from mathdl.shifts.invariant_network import invariant_network as invariant_network
    from mathdl.shifts.stability import ShiftStability as ShiftStability
    from mathdl.shifts.stability import shift_stability as shift_stability
    from mathdl.solvers.half_crossings import half_crossings as half_crossings
    from mathdl.training.callbacks import Callback as Callback
    from mathdl.training.callbacks import EarlyStopping as EarlyStopping
    from mathdl.training.history import History as History
    from mathdl.training.watch import Watch as Watch

__version__ = "0.1.0"

_HOME = {
    "Activation": "layers.activation",
    "Adam": "descent.adam",
    "AveragePool1D": "layers.averagepool1d",
    "AveragePool2D": "layers.averagepool2d",
    "Ball": "geometry.convex_sets",
    "Callback": "training.callbacks",
    "Certificate": "certificates.record",
    "Checkpoint": "files.checkpoint",
    "Chord": "objectives.convexity",
    "ClusterOutlierDetector": "models.cluster_outlier_detector",
    "CompactFunction": "convolution.compact_function",
    "Conv1D": "layers.conv1d",
    "Conv2D": "layers.conv2d",
    "CosineSchedule": "descent.schedules",
    "CriticalPoint": "objectives.critical_point",
    "Dense": "layers.dense",
    "Descent": "descent.descent",
    "Dropout": "layers.dropout",
    "EarlyStopping": "training.callbacks",
    "ExactClassifier": "classification.exact_classifier",
    "Flatten": "layers.flatten",
    "Function": "objectives.function",
    "GlobalAveragePool1D": "layers.globalaveragepool1d",
    "GlobalAveragePool2D": "layers.globalaveragepool2d",
    "GlobalMaxPool1D": "layers.globalmaxpool1d",
    "GlobalMaxPool2D": "layers.globalmaxpool2d",
    "HalfSpace": "geometry.convex_sets",
    "HardMarginSVM": "models.hard_margin_svm",
    "History": "training.history",
    "Huber": "objectives.huber",
    "Hyperplane": "geometry.hyperplane",
    "KMeans": "models.kmeans",
    "LeastSquares": "objectives.least_squares",
    "LinearRegression": "models.linear_regression",
    "LogisticLoss": "objectives.logistic_loss",
    "LogisticRegression": "models.logistic_regression",
    "MLflowTracker": "exchange.mlflow_tracker",
    "MaxPool1D": "layers.maxpool1d",
    "MaxPool2D": "layers.maxpool2d",
    "Network": "networks.network",
    "NetworkClassifier": "models.network_classifier",
    "NetworkRegressor": "models.network_regressor",
    "NeuronLoss": "objectives.neuron_loss",
    "Parallel": "layers.parallel",
    "PiecewiseAffine": "piecewise.piecewise_affine",
    "PiecewisePolynomial": "convolution.piecewise_polynomial",
    "PixelInfluence": "networks.pixel_influence",
    "Polygon": "geometry.polygon",
    "Polynomial": "objectives.polynomial",
    "PolynomialRegression": "models.polynomial_regression",
    "Quadratic": "objectives.quadratic",
    "Residual": "layers.residual",
    "SGD": "descent.sgd",
    "ShiftDecision": "shifts.decision",
    "ShiftExtent": "shifts.extent",
    "ShiftStability": "shifts.stability",
    "SoftMarginSVM": "models.soft_margin_svm",
    "StepSchedule": "descent.schedules",
    "StrongestPatches": "networks.strongest_patches",
    "TensorBoardTracker": "exchange.tensorboard_tracker",
    "TorchEngine": "exchange.torch_engine",
    "Watch": "training.watch",
    "ZeroPad1D": "layers.zeropad1d",
    "ZeroPad2D": "layers.zeropad2d",
    "approximate": "approximation.approximate",
    "best_divisions": "exact.best_divisions",
    "best_polynomial": "approximation.best_polynomial",
    "certified_radii": "robustness.certified_radii",
    "certify_robustness": "robustness.robustness",
    "check_gradient": "chain.check_gradient",
    "check_partition": "classification.partition",
    "check_probabilities": "classification.probabilities",
    "chord": "objectives.convexity",
    "cluster_cost": "exact.cluster_cost",
    "cluster_counts": "models.cluster_counts",
    "cluster_words": "models.word_clusters",
    "collapse": "networks.collapse",
    "compare": "runs.compare",
    "convex_hull": "geometry.convex_hull",
    "convolve": "convolution.convolve",
    "cosine_scores": "convolution.cosine_scores",
    "count_operations": "chain.counting",
    "cross_entropy": "objectives.cross_entropy",
    "decide_equivariance": "shifts.decision",
    "decide_invariance": "shifts.decision",
    "decide_irrelevant": "robustness.irrelevance",
    "decide_monotonic": "robustness.monotonicity",
    "decide_shifts": "shifts.extent",
    "evaluate": "runs.new_data",
    "evaluate_exactly": "piecewise.exact_evaluation",
    "find_chord_below": "objectives.convexity",
    "find_learning_rate": "networks.network",
    "frobenius_product": "convolution.frobenius_product",
    "from_onnx": "exchange.from_onnx",
    "from_torch": "exchange.torch_module",
    "gradient": "chain.derivatives",
    "gradient_descent": "descent.gradient_descent",
    "half_crossings": "solvers.half_crossings",
    "harden": "classification.harden",
    "hessian": "chain.derivatives",
    "hinge_cells": "objectives.hinge_cells",
    "invariant_network": "shifts.invariant_network",
    "is_big_o": "chain.growth",
    "jacobian": "chain.derivatives",
    "learning_mode": "data.learning_mode",
    "lipschitz_bounds": "robustness.lipschitz",
    "load": "files.model",
    "load_checkpoint": "files.checkpoint",
    "memory_map": "data.memory_map",
    "min_max_form": "approximation.min_max",
    "network_from_hyperplanes": "networks.hyperplanes",
    "output_bounds": "robustness.bounds",
    "parquet_batches": "data.parquet_batches",
    "pixel_influence": "networks.pixel_influence",
    "pixel_uses": "layers.receptive_field",
    "receptive_field": "layers.receptive_field",
    "regions": "piecewise.regions",
    "robust_by_intervals": "robustness.robustness",
    "save": "files.model",
    "second_derivative_test": "objectives.critical_point",
    "sensitivity": "models.sensitivity",
    "separate": "geometry.separation",
    "separate_sets": "geometry.set_separation",
    "shift_stability": "shifts.stability",
    "smallest_border": "shifts.extent",
    "softmax": "classification.softmax",
    "strongest_patches": "networks.strongest_patches",
    "submatrix": "convolution.submatrix",
    "to_onnx": "exchange.to_onnx",
    "to_torch": "exchange.torch_module",
    "train": "runs.train",
    "variables": "chain.expression",
    "verify": "certificates.checker",
    "without_biases": "approximation.without_biases",
}

_ROOMS = ("book", "chain", "errors", "plots")  # modules that are public as they are

__all__ = ["__version__", *_ROOMS, *sorted(_HOME)]


def __getattr__(name: str) -> object:
    """Load a public name from its module."""
    if name in _ROOMS:
        return import_module(f"mathdl.{name}")
    if name not in _HOME:
        raise AttributeError(f"module 'mathdl' has no attribute {name!r}")
    value = getattr(import_module(f"mathdl.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
