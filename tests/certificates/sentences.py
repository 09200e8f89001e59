"""What the sentences of certificates say, read back by a parser that shares nothing with what wrote them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from geometry.naive_hulls import number
from mathdl.certificates import Certificate, Data

NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]\d\d+)?"
GROUPS = {
    "most": NUMBER,
    "least": NUMBER,
    "is": rf"(?:about )?{NUMBER}(?: \(float64\))?",
    "count": r"\d+",
    "text": ".+?",
}

NEAR = [
    "{is_regularization}, is at most {most_objective} for the w and b shown; for no others is it below {least_lower} "
    "or smaller by more than {most_gap}.",
    "{is_regularization}, is at most {most_objective} for the w and b shown; for no others is it smaller.",
]
STRIP = (
    "For w of the hyperplane w.x = b, w.x - b is at least 1 for those of the {count_objects} objects[ of positive "
    "weight] labelled {text_positive} and at most -1 for the others, and half of |w|^2, {is_half}, "
)
SQUARES = (
    "The [weighted ]mean square error of the polynomial shown on the {count_objects} objects is at most "
    "{most_objective}; no polynomial of degree at most {count_degree} has less"
)
LOSSES = [
    "({text_objective}, {count_objects} [weighted ]rows of data" + parameters + ")"
    for parameters in (
        "",
        ", threshold = {is_threshold}, lambda = {is_regularization}",
        ", threshold = {is_threshold}",
        ", lambda = {is_regularization}",
    )
]
DESCENT = (
    " is convex, its gradient has the Lipschitz constant d = {is_lipschitz}; of the {count_steps} points a_k listed, "
    "a_(k+1) is a_k - tau grad L(a_k) to within {most_rounding} where both are listed (how others were reached is not "
    "shown), with tau = {is_learning_rate} <= 1/d; at each L exceeds {text_point} by at most |a_0 - z|^2 / (2 tau k)"
)
LAST = ", and at the last, k = {count_last}, by at most {most_gap}"
TIGHT = " and |a_0 - z|^2 / (4 tau k + 2/d)"

# With a rate for every step.
OWN_RATE = ("with tau = {is_learning_rate} <= 1/d", "with tau the rate shown for that step, none above 1/d")
SUMS = (OWN_RATE[0] + ";", OWN_RATE[1] + ", S_k the sum of the rates of the first k steps;")


def with_rates(sentence: str) -> str:
    """Return a sentence about one rate as that about a rate for every step."""
    sentence = sentence.replace(*SUMS).replace(*OWN_RATE).replace("tau k", "S_k")
    return sentence.replace("tau times the sum of these", "the sum of tau")


# Words in brackets are there where the data have weights; of several sentences the first that fits is taken.
SENTENCES = {
    "hyperplane": [
        "The hyperplane w.x = b separates the {count_objects} objects strictly: w.x - b is at least {least_gap} for "
        "those labelled {text_positive} and at most minus that for the others."
    ],
    "common_point": [
        "No hyperplane separates the {count_objects} objects strictly: a convex combination of those labelled "
        "{text_positive} is also one of the others."
    ],
    "convex_hull": [
        "The convex hull of the {count_objects} points has exactly {count_vertices} vertices: {text_list}.",
        "The convex hull of the {count_objects} points has exactly {count_vertices} vertex: {text_list}.",
    ],
    "hard_margin": [
        STRIP + "exceeds the least possible value by at most {most_gap}.",
        STRIP + "is the least possible value.",
    ],
    "soft_margin": [
        "lambda |w|^2 + the [weighted ]mean over {count_objects} objects of max(0, 1 - y (w.x - b)), with lambda = "
        + near.replace(",", " and y = 1 for those labelled {text_positive} and -1 for the others,", 1)
        for near in NEAR
    ],
    "logistic": [
        f"lambda |w|^2 + [weighted ]mean cross-entropy over {{count_objects}} objects, with lambda = {near}"
        for near in NEAR
    ],
    "least_squares": [
        squares + less + shortest + "."
        for squares in (SQUARES, SQUARES.replace(" objects", " objects, summed over {count_targets} targets,"))
        for less in (" than {least_minimum} or is better by more than {most_excess}", "")
        for shortest in ("; no other minimiser has coefficients as short as the one shown", "")
    ],
    "no_minimiser": [
        "The [weighted ]mean cross-entropy of logistic regression, with nothing regularised, has no minimum for the "
        "{count_objects} objects in the {count_classes} classes: adding the direction lowers it, whatever it is "
        "added to."
    ],
    "interval_clusters": [
        "The cuts divide {count_objects} numbers into clusters whose [weighted ]squared distances to their means add "
        "up to {is_cost}; no division into at most {count_clusters} clusters has a smaller sum."
    ],
    "shift": [
        "For every picture that is 0 in {text_above} rows above, {text_below} below, {text_left} columns on the left "
        "and {text_beside} on the right, moved by {text_down} down and {text_right} to the right, {text_how}, the "
        "exact answer of the network of {count_steps} steps and {count_parameters} parameters " + answer
        for answer in ("moves by {text_out_down} down and {text_out_right} to the right.", "is the same.")
    ]
    + [
        "For every signal that is 0 in {text_left} places on the left and {text_beside} on the right, moved by "
        "{text_right} to the right, {text_how}, the exact answer of the network of {count_steps} steps and "
        "{count_parameters} parameters " + answer
        for answer in ("moves by {text_out_right} to the right.", "is the same.")
    ],
    "affine_pieces": [
        "On each of the {count_pieces} polygons, which cover the given part of the plane and share only edges, the "
        "exact network of {count_steps} steps and {count_parameters} parameters is affine."
    ],
    "robustness": [
        "Wherever the {count_low} inputs lie between the limits shown, the class of the exact network of {count_steps} "
        "steps and {count_parameters} parameters is number {count_number}, counted from 0."
    ],
    "rounding_error": [
        "At the input shown, the {count_computed} computed outputs differ from those of the exact network of "
        "{count_steps} steps and {count_parameters} parameters by at most {most_error}."
    ],
    "approximation": [
        "For {text_box}, the exact output of the network of {count_parameters} parameters with ReLU, in layers of "
        "{text_widths} neurons, differs from {text_function} by at most {most_error}" + line
        for line in (
            "; from ({text_start}) to ({text_end}) a function that is affine on {count_triples} intervals is somewhere "
            "off by {least_missed} or more.",
            ".",
        )
    ],
    "alternation": [
        "Every polynomial in x1 of degree at most {count_degree} differs from {text_function} by at least "
        "{least_error} at one of the {count_points} points."
    ],
    "descent_bound": [
        f"The objective L {loss}{DESCENT}{tight}{LAST}{below}."
        for loss in LOSSES
        for tight in (TIGHT + " + {most_excess}", TIGHT, "")
        for below in ("; its minimum is at most {most_below} less", "")
    ],
    "descent_decrease": [
        f"The gradient of L {loss} has the Lipschitz constant d = {{is_lipschitz}}, each of the first {{count_made}} "
        "steps is a_(k+1) = a_k - tau grad L(a_k) to within {most_rounding}, with tau = {is_learning_rate} <= 1/d, L "
        "falls at each by at least tau (1 - tau d / 2) |grad L(a_k)|^2 - {most_excess}, and tau times the sum of these "
        "|grad L(a_k)|^2 is at most {most_limit}."
        for loss in LOSSES
    ],
}
for name in ("descent_bound", "descent_decrease"):
    SENTENCES[name] = [form for one in SENTENCES[name] for form in (one, with_rates(one))]
ZERO_IF_UNSAID = {"gap", "excess", "regularization", "above", "below", "down", "out_down"}


def read(kind: str, sentence: str, weighted: bool) -> dict[str, str]:
    """Take a sentence of a kind apart: what it says, by the group's name."""
    for template in SENTENCES[kind]:
        words = re.sub(r"\[(.+?)\]", r"\1" if weighted else "", template)
        parts = re.split(r"\{(\w+)\}", words)
        pattern = "".join(
            f"(?P<{part}>{GROUPS[part.split('_')[0]]})" if i % 2 else re.escape(part) for i, part in enumerate(parts)
        )
        if found := re.fullmatch(pattern, sentence):
            return found.groupdict()
    raise AssertionError(f"{kind} does not speak like this: {sentence}")


def facts(certificate: Certificate, data: Data) -> dict[str, Any]:
    """Return what a certificate's sentence is about, exactly, from its numbers and the data."""
    numbers = certificate.numbers
    found: dict[str, Any] = {"objects": len(data.rows)}
    for name, value in numbers.items():
        if isinstance(value, list | dict):
            found[name] = len(value)
        elif isinstance(value, int) or (name in ("positive", "objective") and certificate.kind != "logistic"):
            found[name] = repr(value) if name == "positive" else value
        elif name != "positive":
            found[name] = number(value)
    if certificate.kind in ("soft_margin", "logistic"):
        found["objective"] = number(numbers["objective"])
        found["lower"] = found["objective"] - found["gap"]
    if certificate.kind == "least_squares":
        found["objective"] = found["minimum"] + found["excess"]
        found["targets"] = found["intercepts"]
    if certificate.kind == "hard_margin":
        found["half"] = sum(number(value) ** 2 for value in numbers["normal"]) / 2
    if "steps" in numbers:
        found |= {"made": len(numbers["steps"]) - 1, "last": numbers["steps"][-1]}
    if certificate.kind == "descent_bound":
        logistic = numbers["objective"] == "logistic"
        found["point"] = "its value at the point z shown" if logistic else "its minimum, at the z shown,"
    if certificate.kind == "shift":
        found |= dict(zip(("above", "below", "left", "beside"), numbers["border"], strict=True))
        found |= dict(zip(("down", "right"), numbers["shift"], strict=True))
        found |= dict(zip(("out_down", "out_right"), numbers.get("output_shift", ()), strict=False))
        found["how"] = "cyclically" if numbers["cyclic"] else "zeros entering"
        found["parameters"] = data.features - 3
    if certificate.kind in ("affine_pieces", "robustness", "rounding_error"):
        found["parameters"] = data.features - 3
        found["number"] = numbers.get("class", [None])[0]
    if certificate.kind in ("approximation", "alternation"):
        found |= {"function": written_function(numbers["function"]), "points": len(data.rows)}
        found |= {"parameters": data.features, "degree": len(data.rows) - 2}
    if certificate.kind == "approximation":
        sides = [f"x{k} from {figures(low)} to {figures(high)}" for k, (low, high) in enumerate(numbers["box"], 1)]
        found |= {"box": ", ".join(sides), "widths": ", ".join(map(str, numbers["widths"]))}
        ends = [", ".join(map(figures, end)) for end in numbers.get("line", ())]
        found |= dict(zip(("start", "end"), ends, strict=False))
    if certificate.kind == "convex_hull":
        found["list"] = ", ".join(map(str, sorted(numbers["vertices"])))
    return found


def figures(text: str) -> str:
    """Write a number of moderate size in six figures, by Python's own formatting."""
    exact = number(text)
    said = f"{float(exact):.6g}"
    if Fraction(said) == exact:
        return said
    return f"{said} (float64)" if Fraction(float(said)) == exact else f"about {said}"


def written_function(steps: list[Any]) -> str:
    """Write a function of steps from the last one down."""
    signs = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**", "gt": ">"}

    def text(place: int) -> str:
        name, *operands = steps[place]
        if name in ("variable", "constant"):
            return f"x{operands[0] + 1}" if name == "variable" else figures(operands[0])
        parts = [text(operand) for operand in operands]
        return f"({parts[0]} {signs[name]} {parts[1]})" if name in signs else f"{name}({', '.join(parts)})"

    return text(len(steps) - 1)


def is_written(form: str, text: str, exact: Any) -> bool:
    """Say whether a text is what a sentence may say of a number: a limit on its safe side, six figures of a value."""
    if form in ("count", "text"):
        return text == str(exact)
    about, bare = text.startswith("about "), text.removeprefix("about ").removesuffix(" (float64)")
    said, slack = Fraction(bare), abs(exact) / 10**5
    if (said == 0) != (exact == 0):
        return False
    if form == "most":
        return exact <= said <= exact + slack
    if form == "least":
        return exact - slack <= said <= exact
    if about:
        return said != exact and abs(said - exact) <= slack / 2
    return (Fraction(float(bare)) == exact != said) if text != bare else said == exact


def weaker(certificate: Certificate, data: Data) -> Mapping[str, Any]:
    """Return the numbers with what the sentence says in place of what it was made from; assert that it is that.

    Whoever believes the sentence believes the numbers returned, so an oracle has to find them true.
    """
    found, exact = read(certificate.kind, certificate.statement, data.weights is not None), facts(certificate, data)
    for group, text in found.items():
        form, name = group.split("_", 1)
        assert is_written(form, text, exact[name]), (group, text, exact[name], certificate.statement)
    names = {group.split("_", 1)[1] for group in found}
    assert not any(exact.get(name) for name in ZERO_IF_UNSAID - names)
    said = {group.split("_", 1)[1]: Fraction(text) for group, text in found.items() if group[:4] in ("most", "leas")}
    if "lower" in said:
        said["gap"] = said["objective"] - said["lower"]
    kept = {name: str(value) for name, value in said.items() if name in certificate.numbers and name != "minimum"}
    return {**certificate.numbers, **kept}
