"""Which option belongs to which model."""

from __future__ import annotations

from typing import Any

import pytest

from mathdl.errors import InputError
from mathdl.models.registry import HOMES
from mathdl.runs.command_line import command_line
from mathdl.runs.model_options import MODELS, NETWORK_OPTIONS, check_options
from mathdl.runs.strict_json import strict_json

VALUES: dict[str, Any] = {"regularization": 0.1, "degree": 3, "clusters": 4, "certify": True, "resume": True}
OWNERS = {
    "regularization": {"logistic", "soft-margin"},
    "degree": {"polynomial"},
    "clusters": {"kmeans"},
    "certify": set(MODELS),
    "threads": {"network", "kmeans"},
}


@pytest.mark.parametrize("model", ["network", *MODELS])
def test_every_option_goes_with_its_models_alone(model: str) -> None:
    for option in {*NETWORK_OPTIONS, *VALUES}:
        value = VALUES.get(option, 1)
        if model in OWNERS.get(option, {"network"}):
            check_options(model, {option: value})
        else:
            with pytest.raises(InputError) as error:
                check_options(model, {"target": None, option: value})
            said = str(error.value)
            assert said.startswith(f"--{option.replace('_', '-')} goes with --model ")
            assert said.endswith(f", not with {model}; leave it out.")
        check_options(model, {option: None})
        check_options(model, {"resume": False, "certify": False})


def test_an_unknown_model() -> None:
    with pytest.raises(InputError, match=r"no model 'forest'; choose one of network, linear, .*kmeans\."):
        check_options("forest", {})


def test_every_model_is_made_with_its_options() -> None:
    for kind in MODELS.values():
        assert kind.estimator in HOMES
        given = dict.fromkeys(kind.options, 2)
        made = kind.make(given)
        assert [made.get_params()[name] for name in kind.options.values()] == list(given.values())
        assert kind.make(dict.fromkeys(kind.options)).get_params() == type(made)().get_params()


def test_a_command_can_be_typed() -> None:
    options = {"model": "kmeans", "test_fraction": 0.2, "target": None, "certify": True, "resume": False}
    assert command_line("it's.csv", options) == (
        "mathdl train 'it'\"'\"'s.csv' --model kmeans --test-fraction 0.2 --certify"
    )


def test_json_is_strict() -> None:
    text = strict_json({"a": [float("nan"), {"b": (float("-inf"), 1.5)}], "c": True})
    assert "".join(text.split()) == '{"a":[null,{"b":[null,1.5]}],"c":true}'
