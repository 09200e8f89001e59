"""Which option belongs to which model."""

from __future__ import annotations

from typing import Any

import pytest

from mathdl.errors import InputError
from mathdl.models.registry import models
from mathdl.runs.command_line import command_line
from mathdl.runs.options import declared_options, model_named, trains_in_epochs
from mathdl.runs.strict_json import strict_json

OWNERS = {
    "regularization": {"logistic", "soft-margin"},
    "degree": {"polynomial"},
    "clusters": {"kmeans", "outliers"},
    "contamination": {"outliers"},
    "threads": {"network", "kmeans"},
    "certify": set(models()) - {"network", "outliers"},
    "task": set(models()) - {"kmeans", "outliers"},
    **{
        name: {"network"}
        for name in (
            *("network", "epochs", "batch_size", "learning_rate", "momentum", "weight_decay", "early_stopping"),
            *("patience", "class_weight", "loss", "augment", "resume", "robustness"),
        )
    },
}


@pytest.mark.parametrize("model", models())
def test_every_option_goes_with_its_models_alone(model: str) -> None:
    for option, owners in OWNERS.items():
        if model in owners:
            assert model_named(model, {option: 1}) == models()[model]
        else:
            with pytest.raises(InputError) as error:
                model_named(model, {"target": None, option: 1})
            said = str(error.value)
            assert said.startswith(f"--{option.replace('_', '-')} goes with --model ")
            assert all(owner in said for owner in owners)
            assert said.endswith(f", not with {model}; leave it out.")
        model_named(model, {option: None, "certify": False})


def test_every_declared_option_is_known_here() -> None:
    assert set(declared_options()) == set(OWNERS) - {"certify", "task", "resume"}


@pytest.mark.parametrize("model", ["forest", "", 3, None, ["linear"]])
def test_an_unknown_model(model: Any) -> None:
    with pytest.raises(InputError, match=r"no model .*; choose one of hard-margin, kmeans, linear, .*soft-margin\."):
        model_named(model, {})


def test_an_unknown_option() -> None:
    with pytest.raises(InputError, match=r"no option 'epoch'; the options of network are .*epochs"):
        model_named("network", {"epoch": 3})
    with pytest.raises(InputError, match="no option 'depth'; the options of linear are certify"):
        model_named("linear", {"depth": 3})


def test_networks_alone_train_in_epochs() -> None:
    in_epochs = {model for model, kinds in models().items() for kind in kinds.values() if trains_in_epochs(kind)}
    assert in_epochs == {"network"}


def test_a_command_can_be_typed() -> None:
    options = {"model": "kmeans", "test_fraction": 0.2, "target": None, "certify": True, "resume": False}
    assert command_line("it's.csv", options) == (
        "mathdl train 'it'\"'\"'s.csv' --model kmeans --test-fraction 0.2 --certify"
    )


def test_json_is_strict() -> None:
    text = strict_json({"a": [float("nan"), {"b": (float("-inf"), 1.5)}], "c": True})
    assert "".join(text.split()) == '{"a":[null,{"b":[null,1.5]}],"c":true}'
