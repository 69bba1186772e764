"""The Galaxy forms say what the parsers say: options, defaults, choices, limits and help."""

import argparse
import importlib
import xml.etree.ElementTree as ET

import pytest
from omitted import FIXED, OMITTED, OWN_CONTROL
from tool_form import STEPS, ToolForm, read_form

from clrna import __version__
from clrna.cli.options import comma_list
from clrna.fetch.registry import SOURCES

FORMS = {step: read_form(step) for step in STEPS}


def actions_of(step: str) -> dict[str, argparse.Action]:
    parser = importlib.import_module(f"clrna.cli.{step}").get_parser()
    return {max(action.option_strings, key=len): action for action in parser._actions if action.option_strings}


PARSERS = {step: actions_of(step) for step in STEPS}
PARAMETERS = [
    pytest.param(step, option, place, id=f"{step}{option}{place or ''}")
    for step in STEPS
    for option, parameters in FORMS[step].parameters().items()
    for place in range(len(parameters))
]


def pair(step: str, option: str, place: int) -> tuple[ET.Element, argparse.Action]:
    return FORMS[step].parameters()[option][place], PARSERS[step][option]


def default_of(action: argparse.Action) -> str:
    if action.default is None:
        return ""
    if isinstance(action.default, list):
        return ",".join(map(str, action.default))
    return f"{action.default:g}" if isinstance(action.default, (int, float)) else str(action.default)


def help_of(action: argparse.Action) -> str:
    text = " ".join((action.help or "").replace("%%", "%").split())
    return text[:1].upper() + text[1:]


def selected(parameter: ET.Element) -> str:
    return ",".join(o.get("value", "") for o in parameter.iterfind("option") if o.get("selected") == "true")


@pytest.mark.parametrize("step", STEPS)
def test_every_option_is_in_the_form_or_omitted_for_a_reason(step: str) -> None:
    form, parser = FORMS[step], PARSERS[step]
    own = OWN_CONTROL.get(step, {})
    known = [*form.parameters(), *OMITTED[step], *own, *(option for option in FIXED if option in parser), "--output"]
    assert sorted(known) == sorted(set(known)), "an option is listed twice"
    assert set(known) == set(parser)


@pytest.mark.parametrize("step", STEPS)
def test_the_command_hands_on_every_option_of_the_form(step: str) -> None:
    form = FORMS[step]
    words = form.command.replace("'", " ").split()
    reports = {"--${report}-report"} if step == "normalize" else set()
    for option, parameters in form.parameters().items():
        flags = {parameter.get("truevalue") for parameter in parameters}
        name = "$" + option.lstrip("-").replace("-", "_")
        if flags == {None}:
            assert option in words, f"the command does not hand on {option}"
        else:
            assert any(flag is not None and flag.split()[0] == option for flag in flags)
            assert any(word == name or word.endswith(f".{name[1:]}") for word in words), f"{option} is not handed on"
    for option in OWN_CONTROL.get(step, {}):
        in_form = [element.get("truevalue", "").split()[:1] for element in form.root.iterfind("inputs//param")]
        assert option in words or [option] in in_form or reports & set(words)


@pytest.mark.parametrize("step", STEPS)
def test_the_command_names_no_option_that_the_parser_lacks(step: str) -> None:
    command = FORMS[step].command.replace("--${report}-report", "--study-report")
    used = {word for word in command.replace("'", " ").split() if word.startswith("--")}
    assert used <= set(PARSERS[step])


@pytest.mark.parametrize("step", STEPS)
def test_threads_and_device_come_from_the_server(step: str) -> None:
    for option, value in FIXED.items():
        assert (f"{option} {value}" in FORMS[step].command) == (option in PARSERS[step])


@pytest.mark.parametrize(("step", "option", "place"), PARAMETERS)
def test_default(step: str, option: str, place: int) -> None:
    parameter, action = pair(step, option, place)
    kind, default = parameter.get("type"), default_of(action)
    if kind == "boolean":
        assert parameter.get("checked") == "false" and not action.default
        assert (parameter.get("falsevalue"), parameter.get("truevalue", "").split()[0]) == ("", option) or (
            action.nargs is None and parameter.get("truevalue", "").startswith(f"{option} ")
        )
    elif kind == "data":
        assert action.default is None and (parameter.get("optional") == "true") != action.required
    elif kind == "select" and parameter.find("options") is not None:
        assert selected(parameter) == ""
        if not action.required:
            assert parameter.get("optional") == "true"
            assert not default or parameter.get("help", "").endswith(f" Empty: {default}")
    elif kind == "select":
        assert selected(parameter) == default
        assert (parameter.get("optional") == "true") == (action.default is None)
    else:
        assert (parameter.get("value") or "") == default
        assert (parameter.get("optional") == "true") == (action.default is None)


@pytest.mark.parametrize(("step", "option", "place"), PARAMETERS)
def test_choices(step: str, option: str, place: int) -> None:
    parameter, action = pair(step, option, place)
    offered = [item.get("value") for item in parameter.iterfind("option")]
    if action.choices is not None:
        assert parameter.get("type") == "select" and offered == list(action.choices)
    elif parameter.get("type") == "select" and offered:
        # a list of words, checked by the executable itself: the form offers all that are its default
        assert action.type is comma_list and offered == list(action.default)
        assert parameter.get("multiple") == "true"


@pytest.mark.parametrize(("step", "option", "place"), PARAMETERS)
def test_limits_and_type(step: str, option: str, place: int) -> None:
    parameter, action = pair(step, option, place)
    kind = getattr(action.type, "__name__", "")
    assert (parameter.get("type") in ("integer", "float")) == (kind in ("integer", "float"))
    if kind in ("integer", "float"):
        assert parameter.get("type") == kind
        assert parameter.get("min") == f"{action.type.minimum:g}"  # type: ignore[union-attr]
        high = getattr(action.type, "maximum", float("inf"))
        assert parameter.get("max") == (None if high == float("inf") else f"{high:g}")


@pytest.mark.parametrize(("step", "option", "place"), PARAMETERS)
def test_help_begins_with_the_parsers(step: str, option: str, place: int) -> None:
    parameter, action = pair(step, option, place)
    shown, said = parameter.get("help", ""), help_of(action)
    assert shown == said or shown.startswith(f"{said}. "), f"{shown!r}\nis not\n{said!r}"
    assert parameter.get("label"), "a parameter without a label"


@pytest.mark.parametrize("step", STEPS)
def test_every_text_that_people_write_is_sanitized(step: str) -> None:
    for parameter in FORMS[step].root.iterfind("inputs//param[@type='text']"):
        assert parameter.find('sanitizer/valid/remove[@value="\'"]') is not None, parameter.get("argument")


def test_version_is_the_packages() -> None:
    token = read_token("@TOOL_VERSION@")
    assert token == __version__


def read_token(name: str) -> str:
    from tool_form import TOOLS

    found = [token.text or "" for token in ET.parse(TOOLS / "macros.xml").iter("token") if token.get("name") == name]
    assert len(found) == 1
    return found[0]


def test_fetch_offers_every_source_under_its_title() -> None:
    lists = FORMS["fetch"].root.findall("inputs//param[@name='name']")
    assert len(lists) == 2
    for parameter in lists:
        offered = {option.get("value"): option.text for option in parameter}
        assert offered == {name: f"{name}: {source.title}" for name, source in SOURCES.items()}


def test_no_secret_is_a_parameter() -> None:
    root = FORMS["fetch"].root
    names = {parameter.get("name") or parameter.get("argument") for parameter in root.iterfind("inputs//param")}
    assert not any(word in str(name) for name in names for word in ("token", "password", "netrc", "user"))
    injected = {element.get("inject_as_env") for element in root.iterfind("requirements/credentials/*")}
    assert injected == {"MODAC_TOKEN", "MODAC_USER", "MODAC_PASSWORD"}


def test_only_training_asks_for_a_gpu_and_its_container_is_named() -> None:
    for step, form in FORMS.items():
        resources = [element.get("type") for element in form.root.iterfind("requirements/resource")]
        assert resources == (["cuda_device_count_min"] if step == "train" else [])
    container = FORMS["train"].root.find("requirements/container[@type='docker']")
    assert container is not None and (container.text or "").endswith("@TOOL_VERSION@-cuda")


@pytest.mark.parametrize("step", STEPS)
def test_each_tool_has_tests_and_one_that_must_fail(step: str) -> None:
    tests = FORMS[step].root.findall("tests/test")
    assert len(tests) >= 3
    failing = [test for test in tests if test.get("expect_failure") == "true"]
    assert failing and all(test.find("assert_stderr/has_text") is not None for test in failing)


def test_a_drift_is_noticed() -> None:
    """The checks above can fail: a form with one help text and one default changed does not pass them."""
    form = read_form("encode")
    for parameter in form.parameters()["--min-coverage"]:
        parameter.set("value", "0.9")
        parameter.set("help", "Something else")
    changed: dict[str, ToolForm] = {"encode": form}
    original, FORMS["encode"] = FORMS["encode"], changed["encode"]
    try:
        with pytest.raises(AssertionError):
            test_default("encode", "--min-coverage", 0)
        with pytest.raises(AssertionError):
            test_help_begins_with_the_parsers("encode", "--min-coverage", 0)
    finally:
        FORMS["encode"] = original


@pytest.mark.parametrize("step", STEPS)
def test_no_section_is_named_like_a_method_of_the_mapping_that_galaxy_keeps_it_in(step: str) -> None:
    groups = [*FORMS[step].root.iterfind("inputs//section"), *FORMS[step].root.iterfind("inputs//conditional")]
    assert not {group.get("name") for group in groups} & set(dir(dict))
