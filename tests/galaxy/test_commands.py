"""The commands hand each parameter of the form on, as the option that it stands for."""

import itertools
import re
import xml.etree.ElementTree as ET

import pytest
from omitted import BRANCHES, FIXED, OWN_CONTROL
from tool_form import FORMS, PARSERS, STEPS, name_of, options_in, read_form

# an option and its value, in quotes or as one word
_PAIR = r"(?<![\w'-]){option}[= ](?:'([^']*)'|(\S+))"


def values_of(command: str, option: str) -> list[str]:
    """Return what follows an option, at each place of the command."""
    return [quoted or word for quoted, word in re.findall(_PAIR.format(option=option), command)]


def allowed(name: str, parameter: ET.Element) -> str:
    """Return a pattern of the values that hand this parameter on and no other."""
    place = re.escape(name)
    if name == "task.files":
        return "files"
    if parameter.get("type") == "data":
        # linked under its name in the history, in a folder of its own; a loop over several has a variable of its own
        variable, folder = (r"table", r"/\$number") if parameter.get("multiple") == "true" else (place, "")
        return rf"{name_of(parameter)}{folder}/\$name_of\(\${variable}\)"
    if parameter.get("argument") in ("--model", "--reference"):
        return rf"\${place}(\.fields\.path)?"  # of a table of models, or the name of one that comes along
    return r"\$kind" if name == "figure" else rf"\${place}"


@pytest.mark.parametrize("step", STEPS)
def test_each_option_gets_the_value_of_its_own_parameter(step: str) -> None:
    form = FORMS[step]
    for option in form.parameters():
        mine = [(name, element) for name, element in form.placed() if element.get("argument") == option]
        if mine[0][1].get("type") == "boolean":
            for name, _ in mine:
                assert re.search(rf"^\s*\${re.escape(name)}\s*$", form.command, re.M), f"{option} is not handed on"
            continue
        values = values_of(form.command, option)
        assert len(values) >= len({name_of(element) + str(element.get("type")) for _, element in mine}), option
        for value in values:
            assert any(re.fullmatch(allowed(name, element), value) for name, element in mine), f"{option} {value}"


@pytest.mark.parametrize("step", STEPS)
def test_each_condition_is_about_the_option_that_it_guards(step: str) -> None:
    lines = [line.strip() for line in FORMS[step].command.splitlines() if line.strip()]
    known = {name: element.get("argument") for name, element in FORMS[step].placed()}
    for before, line in itertools.pairwise(lines):
        if loop := re.fullmatch(r"#for \$number, \$table in enumerate\(\$([\w.]+) or \[\]\)", before):
            known["table"] = known[loop[1]]  # the variable of the loop over its datasets
        condition = re.fullmatch(r"#if (?:str\()?\$([\w.]+)\)?(?: != '')?", before)
        option = options_in(line)
        if condition and option:
            assert known[condition[1]] == option[0], f"{before} guards {line}"


@pytest.mark.parametrize("step", STEPS)
def test_the_command_names_no_option_that_the_parser_lacks(step: str) -> None:
    assert set(options_in(FORMS[step].command)) <= set(PARSERS[step])


@pytest.mark.parametrize("step", [step for step in STEPS if step in OWN_CONTROL])
def test_options_behind_a_choice_are_in_the_command(step: str) -> None:
    assert set(OWN_CONTROL[step]) <= set(options_in(FORMS[step].command))


def test_each_branch_of_fetch_hands_on_what_it_offers() -> None:
    parts = re.split(r"^#(?:else if|if|else).*$", FORMS["fetch"].command, flags=re.M)[1:]
    own = {"list": {"--list", "--output"}, "files": {"--print-files", "--output"}, "fetch": {"--output", "--threads"}}
    for branch, part in zip(("list", "files", "fetch"), parts, strict=True):
        offered = BRANCHES["fetch"]["task", branch] - {"--write-checksums"}  # a check box, with its own option in it
        assert set(options_in(part)) == offered | own[branch], branch
        assert ("$task.write_checksums" in part) == ("--write-checksums" in BRANCHES["fetch"]["task", branch])


@pytest.mark.parametrize("step", STEPS)
def test_threads_and_device_come_from_the_server(step: str) -> None:
    for option, value in FIXED.items():
        assert (f"{option} {value}" in FORMS[step].command) == (option in PARSERS[step])


@pytest.mark.parametrize("step", STEPS)
def test_what_people_write_is_in_quotes_and_may_begin_with_a_dash(step: str) -> None:
    for name, parameter in FORMS[step].placed():
        free = parameter.get("type") == "text" or parameter.find("options/filter[@type='data_meta']") is not None
        if free:
            assert f"{parameter.get('argument')}='${name}'" in FORMS[step].command, name


@pytest.mark.parametrize("step", STEPS)
def test_no_file_is_named_by_a_pattern_of_the_shell(step: str) -> None:
    """``inputs/*/*`` left out what begins with a dot, and put the tenth input before the second."""
    shell = re.sub(r"^\s*#.*$", "", FORMS[step].command, flags=re.M)
    assert "*" not in shell


@pytest.mark.parametrize(
    ("step", "old", "new", "check"),
    [
        ("train", "'$names.study_key'", "'$names.donor_key'", test_each_option_gets_the_value_of_its_own_parameter),
        ("train", "$further.card", "", test_each_option_gets_the_value_of_its_own_parameter),
        ("plot", "'scores/$name_of($scores)'", "'$scores'", test_each_option_gets_the_value_of_its_own_parameter),
        (
            "train",
            "#if $names.study_key",
            "#if $names.donor_key",
            test_each_condition_is_about_the_option_that_it_guards,
        ),
        ("plot", "--title='$title'", "--title '$title'", test_what_people_write_is_in_quotes_and_may_begin_with_a_dash),
        ("score", "--seed", "--sed", test_the_command_names_no_option_that_the_parser_lacks),
    ],
)
def test_a_wrong_command_is_noticed(monkeypatch: pytest.MonkeyPatch, step: str, old: str, new: str, check) -> None:
    """The checks above can fail."""
    check(step)
    form = read_form(step)
    assert old in form.command
    form.command = form.command.replace(old, new)
    monkeypatch.setitem(FORMS, step, form)
    with pytest.raises(AssertionError):
        check(step)
