"""The Galaxy forms say what the parsers say: options, defaults, choices, limits and help."""

import argparse
import xml.etree.ElementTree as ET

import pytest
from omitted import BRANCHES, FIXED, FORM_ONLY, OMITTED, ON_IN_THE_FORM, OWN_CONTROL, SEVERAL_IN_THE_FORM
from tool_form import FORMS, PARSERS, STEPS, TOOLS, ToolForm, read_form

from clrna.cli.baseline import METHODS
from clrna.cli.normalize import gene_rule
from clrna.cli.options import comma_list
from clrna.cli.plot import FIGURE_TYPES
from clrna.constants import SAMPLE_CATEGORIES, TISSUE, TUMOR_TYPE
from clrna.explain.options import ALL_OTHERS, NEXT_ONE
from clrna.fetch.registry import SOURCES
from clrna.results.match_table import COLUMNS
from clrna.scale import parse_scale

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


def offered(parameter: ET.Element) -> list[str]:
    return [item.get("value", "") for item in parameter.iterfind("option")]


@pytest.mark.parametrize("step", STEPS)
def test_every_option_is_in_the_form_or_omitted_for_a_reason(step: str) -> None:
    form, parser = FORMS[step], PARSERS[step]
    own = OWN_CONTROL.get(step, {})
    known = [*form.parameters(), *OMITTED[step], *own, *(option for option in FIXED if option in parser), "--output"]
    assert sorted(known) == sorted(set(known)), "an option is listed twice"
    assert set(known) == set(parser)


@pytest.mark.parametrize("step", STEPS)
def test_every_parameter_stands_for_an_option_or_is_listed_with_a_reason(step: str) -> None:
    without = {name for name, parameter in FORMS[step].placed() if not parameter.get("argument")}
    assert without == set(FORM_ONLY[step])


@pytest.mark.parametrize("step", STEPS)
def test_each_branch_offers_its_options(step: str) -> None:
    assert FORMS[step].branches() == BRANCHES.get(step, {})


@pytest.mark.parametrize(("step", "option", "place"), PARAMETERS)
def test_default(step: str, option: str, place: int) -> None:
    parameter, action = pair(step, option, place)
    kind, default = parameter.get("type"), default_of(action)
    optional = parameter.get("optional") == "true"
    if kind == "boolean":
        assert not action.default
        assert (parameter.get("checked") == "true") == (option in ON_IN_THE_FORM.get(step, ()))
        value = parameter.get("truevalue", "").split()
        assert parameter.get("falsevalue") == "" and value[0] == option
        assert len(value) == (1 if action.nargs == 0 else 2)
    elif kind == "data":
        assert action.default is None and optional != action.required
    elif kind == "select" and parameter.find("options") is not None:
        assert selected(parameter) == ""
        if not action.required:
            assert optional
            assert not default or parameter.get("help", "").endswith(f" Empty: {default}")
    elif kind == "select":
        assert selected(parameter) == default
        assert optional == (action.default is None or option in SEVERAL_IN_THE_FORM.get(step, ()))
    else:
        assert (parameter.get("value") or "") == default
        assert optional == (action.default is None)


@pytest.mark.parametrize(("step", "option", "place"), PARAMETERS)
def test_choices(step: str, option: str, place: int) -> None:
    parameter, action = pair(step, option, place)
    values = offered(parameter)
    if action.choices is not None:
        assert parameter.get("type") == "select" and values == list(action.choices)
        assert (parameter.get("multiple") == "true") == (option in SEVERAL_IN_THE_FORM.get(step, ()))
    elif option == "--input-scale":
        assert values[0] == "auto" == default_of(action)
        for value in values[1:]:
            assert parse_scale(value).name == value
    elif (step, option) == ("normalize", "--label-key"):
        assert values == [TISSUE, TUMOR_TYPE]  # the executable refuses all others
    elif (step, option) == ("normalize", "--genes"):
        assert values[0] == action.default and all(gene_rule(value) == value for value in values)
    elif step == "match" and option in ("--from", "--to"):
        assert set(values) == set(SAMPLE_CATEGORIES)
    elif (step, option) == ("explain", "--against"):
        assert values == [ALL_OTHERS, NEXT_ONE] and values[0] == default_of(action)
    elif values:
        # a list of words, checked by the executable itself: the form offers all that are its default, or that it knows
        assert action.type is comma_list and values == list(METHODS if option == "--methods" else action.default)
        assert parameter.get("type") == "select" and parameter.get("multiple") == "true"


def test_the_formats_of_figures_are_the_executables() -> None:
    parameter = dict(FORMS["plot"].placed())["format"]
    assert [f".{value}" for value in offered(parameter)] == list(FIGURE_TYPES)
    for output in FORMS["plot"].root.iterfind("outputs/data"):
        formats = {output.get("format"), *(when.get("format") for when in output.iterfind("change_format/when"))}
        assert formats == ({"html"} if output.get("name") == "page" else set(offered(parameter)))


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
    if action.type is comma_list and parameter.get("type") == "text":
        assert "commas" in shown, "the help does not say how several are parted"


def test_fetch_offers_every_source_under_its_title() -> None:
    lists = [parameter for name, parameter in FORMS["fetch"].placed() if name == "task.name"]
    assert len(lists) == 2
    for parameter in lists:
        titles = {option.get("value"): option.text for option in parameter}
        assert titles == {name: f"{name}: {source.title}" for name, source in SOURCES.items()}


def changed(step: str, **attributes: str) -> ToolForm:
    """Return a form whose --min-coverage differs."""
    form = read_form(step)
    for parameter in form.parameters()["--min-coverage"]:
        parameter.attrib.update(attributes)
    return form


@pytest.mark.parametrize(
    ("attributes", "check"),
    [
        ({"value": "0.9"}, test_default),
        ({"optional": "false"}, test_default),
        ({"help": "Something else"}, test_help_begins_with_the_parsers),
        ({"min": "0.1"}, test_limits_and_type),
        ({"max": "2"}, test_limits_and_type),
    ],
)
def test_a_drift_is_noticed(monkeypatch: pytest.MonkeyPatch, attributes: dict[str, str], check) -> None:
    """The checks above can fail: a form with one attribute changed does not pass them."""
    check("encode", "--min-coverage", 0)
    monkeypatch.setitem(FORMS, "encode", changed("encode", **attributes))
    with pytest.raises(AssertionError):
        check("encode", "--min-coverage", 0)


def test_an_option_that_one_branch_lacks_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    form = read_form("fetch")
    for branch in form.root.iterfind("inputs//when[@value='files']"):
        branch.remove(branch.find("param[@argument='--limit']"))  # type: ignore[arg-type]
    monkeypatch.setitem(FORMS, "fetch", form)
    with pytest.raises(AssertionError):
        test_each_branch_offers_its_options("fetch")


def test_the_table_of_matches_is_expected_as_it_is_written():
    root = ET.parse(TOOLS / "clrna_match.xml").getroot()
    line, columns = root.find(".//has_line"), root.find(".//has_n_columns")
    assert line.get("line").split("\t") == list(COLUMNS)
    assert columns.get("n") == str(len(COLUMNS))
    given = (TOOLS / "test-data" / "matches.tsv").read_text(encoding="utf-8").split("\n", 1)[0]
    assert given.split("\t") == list(COLUMNS)
