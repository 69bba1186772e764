"""Settings in Python take what the parser of clrna-train takes, and refuse what it refuses."""

import argparse

import pytest

from clrna.api.settings import settings_of
from clrna.cli.train import get_parser
from clrna.errors import UsageError
from clrna.model.settings import ModelSettings

NAMES = sorted(set(ModelSettings.preset("default").to_options()) - {"preset"})
TRIED = [-1, 0, 0.5, 1, 1.5, 2, 4, (1 << 32) - 1, 1 << 32, float("nan"), "none", "balanced", "sample", "study", "odd"]


def by_parser(action: argparse.Action, text: str) -> bool:
    try:
        value = action.type(text) if callable(action.type) else text
        ModelSettings.preset("default").override(**{action.dest: value})
    except (argparse.ArgumentTypeError, UsageError):
        return False
    return action.choices is None or value in action.choices


def by_api(name: str, value: object) -> bool:
    try:
        return getattr(settings_of("default", {name: value}), name) == value
    except UsageError as error:
        assert str(error).startswith((f"{name}={value!r}: is ", f"--{name.replace('_', '-')} {value}: "))
        return False


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ("hidden", "linear-path")])
def test_python_takes_what_the_parser_takes(name):
    (action,) = [action for action in get_parser()._actions if f"--{name}" in action.option_strings]
    taken = {value: by_parser(action, str(value)) for value in TRIED}
    assert {value: by_api(name.replace("-", "_"), value) for value in TRIED} == taken
    assert set(taken.values()) == {True, False}


def test_layers_and_the_linear_path():
    assert settings_of("default", {"hidden": [8, 4], "linear_path": False, "epochs": None}).hidden == (8, 4)
    for given in ({"hidden": [8, 0]}, {"hidden": 0}, {"hidden": "8,4"}, {"linear_path": "on"}):
        with pytest.raises(UsageError, match=f"^{next(iter(given))}="):
            settings_of("default", given)
