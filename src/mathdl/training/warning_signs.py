"""What the record of a run's layers warns of, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

# Ten sigmoids multiply a gradient by at most 4^-10 = 1e-6 (6.3.3), while layers that learn well lie within a factor
# of about 30 of each other: a thousand is far from both.
FAR_APART = 1e3
# Regressions on small tables that end well leave up to 94 % of a wide layer dead, so half of them is no sign of harm;
# with more than this, next to nothing passes the layer.
MOSTLY_DEAD = 0.95
NO_STEP = 1e-6  # about the precision of float32: such steps are rounded away, and a million of them go once the length
WILD_STEP = 0.1  # a healthy step is about a thousandth; with a tenth, ten steps may undo all that was learned

Record = Mapping[str, Sequence[float]]


def warning_signs(gradient_rms: Record, dead_share: Record, update_ratio: Record, losses: Sequence[float]) -> list[str]:
    """Return a sentence for everything that looks wrong, none for a healthy run.

    ``gradient_rms``, ``dead_share`` and ``update_ratio`` hold by layer, from the first to the last, one number a
    probe, as :class:`~mathdl.training.watch.Watch` records them; ``losses`` is the loss of each epoch.
    """
    if not next(iter(gradient_rms.values()), ()):
        return []
    dead, wild = _dead(dead_share), _too_large(update_ratio)
    # Behind dead ReLUs gradients are 0 and steps small for that reason.
    found = [dead] if dead else [_vanishing(gradient_rms, wild != ""), _too_small(update_ratio)]
    found += [_exploding(gradient_rms), _growing(gradient_rms, losses), wild]
    return [sentence for sentence in found if sentence]


def _array(record: Record) -> NDArray[np.float64]:
    """Return a record as an array (layers, probes)."""
    return np.array(list(record.values()), float)


def _dead(dead_share: Record) -> str:
    """Whether a layer's ReLUs are mostly dead at the end."""
    worst = {
        name: shares[-1] for name, shares in dead_share.items() if shares[-1] > MOSTLY_DEAD and not _in_branch(name)
    }
    if not worst:
        return ""
    layers = ", ".join(f"{100 * share:.0f} % of the units of layer {name}" for name, share in worst.items())
    since_start = all(len(dead_share[name]) > 1 and dead_share[name][0] > MOSTLY_DEAD for name in worst)
    remedy = (
        "they were dead before the first step: see that the features vary and are scaled, and how parameters begin"
        if since_start
        else "train anew with a smaller learning rate, or with activation 'leaky_relu'"
    )
    return f"Dead ReLUs: {layers} give 0 for every object looked at, and such units no longer learn; {remedy}."


def _in_branch(name: str) -> bool:
    """Whether a layer is in one of several branches, so that what it does not learn goes through another."""
    return "." in name.split()[0]


def _times_smaller(gradient_rms: Record) -> tuple[NDArray[np.float64], str, str]:
    """Return by how much the first layer's gradient is smaller than the last one's at each probe, and their names."""
    names, rms = list(gradient_rms), _array(gradient_rms)
    with np.errstate(divide="ignore", invalid="ignore"):
        return rms[-1] / rms[0], names[0], names[-1]


def _mostly(signs: NDArray[np.bool_]) -> bool:
    """Whether more than half of the probes show a sign, and several of them where there are several."""
    return bool(2 * signs.sum() > len(signs) and (signs.sum() > 1 or len(signs) == 1))


def _vanishing(gradient_rms: Record, wild: bool) -> str:
    """Whether the first layer's gradient is far smaller than the last one's, and not only because of wild steps."""
    times, first, last = _times_smaller(gradient_rms)
    saturated = not times[0] > FAR_APART
    if _in_branch(first):
        return ""
    if not _mostly(times > FAR_APART) or (saturated and wild):
        return ""
    factor = _about(times)
    smaller = f"is {factor} times smaller than that of layer {last}" if factor else "is 0 in most of the run"
    remedy = (
        "they did not at the start, so units have saturated: use a smaller learning rate"
        if saturated
        else "use activation 'relu' in the hidden layers, or fewer layers"
    )
    return f"Gradients vanish: that of layer {first} {smaller}, so the first layers hardly learn; {remedy}."


def _exploding(gradient_rms: Record) -> str:
    """Whether the first layer's gradient is far larger than the last one's."""
    times, first, last = _times_smaller(gradient_rms)
    if not _mostly(times < 1 / FAR_APART):
        return ""
    with np.errstate(divide="ignore"):
        factor = _about(1 / times)
    larger = f"is {factor} times larger than that of layer {last}" if factor else f"is not 0, but that of {last} is"
    return (
        f"Gradients explode: that of layer {first} {larger}; scale the inputs to about mean 0 and standard deviation "
        "1, and if they are, use fewer layers or smaller initial weights."
    )


def _growing(gradient_rms: Record, losses: Sequence[float]) -> str:
    """Whether the largest gradient grew far while the loss did not fall."""
    largest = _array(gradient_rms).max(axis=0)
    if not (largest[-1] > FAR_APART * largest[0] and losses and not losses[-1] < losses[0]):
        return ""
    return (
        f"Gradients explode: the largest one grew from {largest[0]:.1g} to {largest[-1]:.1g} (root mean square of a "
        "layer) while the loss did not fall; use a smaller learning rate."
    )


def _too_small(update_ratio: Record) -> str:
    """Whether no step moved any layer; one probe at the end of a schedule is not enough to tell."""
    ratios = _array(update_ratio)
    known = ratios[~np.isnan(ratios)]
    if not (ratios.shape[1] > 1 and known.size and known.max() < NO_STEP):
        return ""
    return (
        f"Steps are tiny: one step moves no layer by more than {known.max():.1g} times the length of its parameters, "
        "so the network hardly learns; use a larger learning rate, unless the loss is as low as it can be."
    )


def _too_large(update_ratio: Record) -> str:
    """Whether steps stayed large; the start, when all is still to be learned, does not count."""
    for name, ratios in update_ratio.items():
        later = np.array(ratios[1:], float)
        if _mostly(later > WILD_STEP):
            return (
                f"Steps are wild: in most of the run one step moves layer {name} by more than {100 * WILD_STEP:.0f} % "
                f"of the length of its parameters (typically {100 * np.median(later):.0f} %); use a smaller learning "
                "rate."
            )
    return ""


def _about(factors: NDArray[np.float64]) -> str:
    """Write the middle factor with one figure; nothing where it is infinite."""
    middle = float(f"{np.nanmedian(factors):.0e}")
    return f"{middle:,.0f}" if middle < 1e9 else f"{middle:.0e}" if np.isfinite(middle) else ""
