"""Pictures by matplotlib, one a file: functions that draw into given or new axes and return them.

matplotlib is imported when the first one is drawn.
"""

from mathdl.plots.activation import plot_activation
from mathdl.plots.approximations import plot_approximations
from mathdl.plots.calibration import plot_calibration
from mathdl.plots.cluster_counts import plot_cluster_counts
from mathdl.plots.confusion_matrix import plot_confusion_matrix
from mathdl.plots.connections import plot_connections
from mathdl.plots.counterexamples import plot_counterexamples
from mathdl.plots.curve import plot_curve
from mathdl.plots.decision_boundary import plot_decision_boundary
from mathdl.plots.descent import plot_descent
from mathdl.plots.diagram import expression_diagram
from mathdl.plots.expression_graph import plot_expression
from mathdl.plots.feature_maps import plot_feature_maps
from mathdl.plots.history import plot_history
from mathdl.plots.importance import plot_importance
from mathdl.plots.kernels import plot_kernels
from mathdl.plots.layers import plot_layers
from mathdl.plots.learning_rate_search import plot_learning_rate_search
from mathdl.plots.level_sets import plot_level_sets
from mathdl.plots.network_diagram import plot_network_diagram
from mathdl.plots.outliers import plot_outliers
from mathdl.plots.pictures import plot_pictures
from mathdl.plots.pixel_influence import plot_pixel_influence
from mathdl.plots.pixel_uses import plot_pixel_uses
from mathdl.plots.precision_recall_curve import plot_precision_recall_curve
from mathdl.plots.predictions import plot_predictions
from mathdl.plots.probability_curves import plot_probability_curves
from mathdl.plots.regions import plot_regions
from mathdl.plots.residuals import plot_residuals
from mathdl.plots.roc_curve import plot_roc_curve
from mathdl.plots.separation import plot_separation
from mathdl.plots.strongest_patches import plot_strongest_patches

__all__ = [
    "expression_diagram",
    "plot_activation",
    "plot_approximations",
    "plot_calibration",
    "plot_cluster_counts",
    "plot_confusion_matrix",
    "plot_connections",
    "plot_counterexamples",
    "plot_curve",
    "plot_decision_boundary",
    "plot_descent",
    "plot_expression",
    "plot_feature_maps",
    "plot_history",
    "plot_importance",
    "plot_kernels",
    "plot_layers",
    "plot_learning_rate_search",
    "plot_level_sets",
    "plot_network_diagram",
    "plot_outliers",
    "plot_pictures",
    "plot_pixel_influence",
    "plot_pixel_uses",
    "plot_precision_recall_curve",
    "plot_predictions",
    "plot_probability_curves",
    "plot_regions",
    "plot_residuals",
    "plot_roc_curve",
    "plot_separation",
    "plot_strongest_patches",
]
