"""What all Galaxy forms of the suite must have, whatever the parsers say."""

import re
import xml.etree.ElementTree as ET

import pytest
from tool_form import FORMS, MANAGER, REPOSITORY, STEPS, TOOLS, ToolForm, options_in, read_tool

from clrna import __version__
from clrna.fetch.remote_file import safe_name

BUILDER = read_tool(MANAGER / "clrna_models_builder.xml")
ALL = FORMS | {"models_builder": BUILDER}


def token(name: str) -> str:
    found = [token.text or "" for token in ET.parse(TOOLS / "macros.xml").iter("token") if token.get("name") == name]
    assert len(found) == 1
    return found[0]


def linked_as(name: str) -> str:
    """Return the file name that the macro makes of a name in the history."""
    found = re.findall(r"re\.sub\('(.+?)', '_', str\(", token("@NAME_OF@"))
    assert len(found) == 1
    return re.sub(found[0], "_", name)


def free_texts(form: ToolForm) -> list[tuple[str, ET.Element]]:
    """Return what people write, and names of columns that a dataset brings: all that is no choice of ours."""
    return [
        (name, parameter)
        for name, parameter in form.placed()
        if parameter.get("type") == "text" or parameter.find("options/filter[@type='data_meta']") is not None
    ]


@pytest.mark.parametrize("tool", ALL)
def test_no_text_can_leave_its_quotes(tool: str) -> None:
    for name, parameter in free_texts(ALL[tool]):
        expressions = [item.text or "" for item in parameter.iterfind("validator[@type='regex']")]
        assert expressions, f"{name} takes any text"
        assert any(re.match(expression, "it's") is None for expression in expressions), name


@pytest.mark.parametrize("tool", ALL)
@pytest.mark.parametrize("text", ["Köln", "乳腺", "purity %", "site [raw]", '-a <b> & $HOME `x` \\ "y"'])
def test_every_other_text_passes_as_it_is(tool: str, text: str) -> None:
    for name, parameter in free_texts(ALL[tool]):
        if (tool, name) == ("models_builder", "value"):
            continue  # an identifier, which workflows keep
        sanitizer = parameter.find("sanitizer")
        assert sanitizer is not None and sanitizer.get("sanitize") == "false", f"{name} loses letters"
        assert all(re.match(item.text or "", text) for item in parameter.iterfind("validator[@type='regex']")), name


@pytest.mark.parametrize(
    "name", ["114348~004-R~AAR~v2.0.1.4.0~RSEM.genes.txt", "a@b=c+(d).tsv", "x;y|z.txt", "é, ü.csv", "'q' \"r\" $s `t`"]
)
def test_names_keep_what_fetch_keeps(name: str) -> None:
    linked = linked_as(name)
    assert linked.replace(" ", "_") == safe_name(name)


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "../../etc/passwd", "a\nb", "-x"])
def test_every_name_can_be_that_of_a_file_in_a_folder(name: str) -> None:
    linked = linked_as(name)
    assert linked and not linked.startswith(".") and not set(linked) & set("/\n'")


def test_version_is_the_packages() -> None:
    assert token("@TOOL_VERSION@") == __version__


@pytest.mark.parametrize("tool", ("fetch", "models_builder"))
def test_no_secret_is_a_parameter(tool: str) -> None:
    names = {name for name, _ in ALL[tool].placed()}
    assert names and not any(word in name for name in names for word in ("token", "password", "netrc", "user"))
    injected = {element.get("inject_as_env") for element in ALL[tool].root.iterfind("requirements/credentials/*")}
    assert injected == {"MODAC_TOKEN", "MODAC_USER", "MODAC_PASSWORD"}


def test_only_training_asks_for_a_gpu_and_its_container_is_named() -> None:
    for tool, form in ALL.items():
        resources = [element.get("type") for element in form.root.iterfind("requirements/resource")]
        assert resources == (["cuda_device_count_min"] if tool == "train" else [])
    container = FORMS["train"].root.find("requirements/container[@type='docker']")
    assert container is not None and (container.text or "").endswith("@TOOL_VERSION@-cuda")


@pytest.mark.parametrize("tool", ALL)
def test_each_tool_has_tests_and_one_that_must_fail(tool: str) -> None:
    tests = ALL[tool].root.findall("tests/test")
    failing = [test for test in tests if test.get("expect_failure") == "true"]
    assert len(tests) > len(failing) > 0
    assert all(test.find("assert_stderr/has_text") is not None for test in failing)


@pytest.mark.parametrize("tool", ALL)
def test_each_tool_has_citations_of_its_own(tool: str) -> None:
    cited = [citation.text or "" for citation in ALL[tool].root.iterfind("citations/citation[@type='doi']")]
    assert cited and len(cited) == len(set(cited))
    assert all(re.fullmatch(r"10\.\d{4,}/\S+", doi) for doi in cited)


def test_scores_cite_what_the_metrics_cite() -> None:
    written = "".join(path.read_text() for path in (REPOSITORY / "clrna" / "metrics").glob("*.py"))
    cited = {citation.text for citation in FORMS["score"].root.iterfind("citations/citation")}
    named = {doi.rstrip(".") for doi in re.findall(r"doi:(10\.\d{4,}/[\w.()/-]*[\w/-])", written)}
    assert cited == named


@pytest.mark.parametrize("step", STEPS)
def test_no_section_is_named_like_a_method_of_the_mapping_that_galaxy_keeps_it_in(step: str) -> None:
    groups = [*FORMS[step].root.iterfind("inputs//section"), *FORMS[step].root.iterfind("inputs//conditional")]
    assert not {group.get("name") for group in groups} & set(dir(dict))


@pytest.mark.parametrize("step", STEPS)
def test_no_output_hides_a_parameter(step: str) -> None:
    """Galaxy keeps both under one name in the command, and the output wins."""
    outputs = {output.get("name") for output in FORMS[step].root.iterfind("outputs/data")}
    assert not outputs & {name for name, _ in FORMS[step].placed()}


def test_the_data_manager_gives_its_script_the_options_that_it_has(add_model) -> None:
    own = BUILDER.command[BUILDER.command.index("add_model.py") :]
    parser = add_model.get_parser()
    known = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    assert set(options_in(own)) == known - {"--help"}
    fetched = set(options_in(BUILDER.command)) - set(options_in(own))
    assert fetched == {"--output", "--threads"}


def test_an_identifier_that_is_taken_is_refused_on_the_form() -> None:
    value = dict(BUILDER.placed())["value"]
    taken = value.find("validator[@type='value_not_in_data_table']")
    assert taken is not None and taken.get("table_name") == "clrna_models" and taken.get("metadata_column") == "value"
