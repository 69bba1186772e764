"""A Galaxy tool's form and command, with its macros put in, beside the parser that it stands for."""

import argparse
import copy
import importlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
TOOLS = REPOSITORY / "tools" / "clrna"
MANAGER = REPOSITORY / "tools" / "data_managers" / "data_manager_clrna_models" / "data_manager"
STEPS = ("fetch", "normalize", "train", "encode", "baseline", "score", "match", "explain", "plot")


@dataclass
class ToolForm:
    """One tool: its XML with macros and tokens put in."""

    root: ET.Element
    command: str

    def placed(self) -> list[tuple[str, ET.Element]]:
        """Return every parameter with the name that the command knows it by, as ``section.name``."""
        return list(_placed(self.root.find("inputs"), ""))

    def parameters(self) -> dict[str, list[ET.Element]]:
        """Return the parameters of the form by the option that they stand for; an option may have several."""
        found: dict[str, list[ET.Element]] = {}
        for _, parameter in self.placed():
            if option := parameter.get("argument"):
                found.setdefault(option, []).append(parameter)
        return found

    def branches(self) -> dict[tuple[str, str], set[str]]:
        """Return the options that each branch of each choice offers."""
        return {
            (choice.get("name", ""), branch.get("value", "")): {
                parameter.get("argument", "") for parameter in branch.iter("param") if parameter.get("argument")
            }
            for choice in self.root.iterfind("inputs//conditional")
            for branch in choice.iterfind("when")
        }


def name_of(parameter: ET.Element) -> str:
    """Return the name of a parameter: its own, or the one that Galaxy makes of its option."""
    return parameter.get("name") or parameter.get("argument", "").lstrip("-").replace("-", "_")


def _placed(element: ET.Element | None, place: str) -> Iterator[tuple[str, ET.Element]]:
    for child in [] if element is None else element:
        if child.tag == "param":
            yield place + name_of(child), child
        elif child.tag in ("section", "conditional"):
            yield from _placed(child, f"{place}{child.get('name')}.")
        elif child.tag == "when":
            yield from _placed(child, place)


def read_form(step: str) -> ToolForm:
    """Read ``clrna_STEP.xml``."""
    return read_tool(TOOLS / f"clrna_{step}.xml")


def read_tool(path: Path) -> ToolForm:
    """Read a tool's XML, with the macros of its own and of ``macros.xml`` beside it."""
    root = ET.parse(path).getroot()
    macros = ET.parse(path.parent / "macros.xml").getroot()
    named = {macro.get("name", ""): macro for element in (macros, root) for macro in element.iter("xml")}
    expand(root, named)
    return ToolForm(root, with_tokens(root.findtext("command") or "", macros))


def with_tokens(text: str, macros: ET.Element) -> str:
    """Put in the tokens, which may hold others."""
    tokens = {token.get("name", ""): token.text or "" for token in macros.iter("token")}
    while found := [name for name in tokens if name in text]:
        for name in found:
            text = text.replace(name, tokens[name])
    return text


def expand(element: ET.Element, macros: dict[str, ET.Element]) -> None:
    """Put the macros in the place of their ``expand`` elements; a macro may hold others."""
    while expanded := [(place, child) for place, child in enumerate(element) if child.tag == "expand"]:
        place, child = expanded[-1]
        element.remove(child)
        for part in reversed(list(macros[child.get("macro", "")])):
            element.insert(place, copy.deepcopy(part))
    for child in element:
        expand(child, macros)


def actions_of(step: str) -> dict[str, argparse.Action]:
    """Return the options of an executable by their long names."""
    parser = importlib.import_module(f"clrna.cli.{step}").get_parser()
    return {max(action.option_strings, key=len): action for action in parser._actions if action.option_strings}


def options_in(command: str) -> list[str]:
    """Return every option that a command names, in its order, also those whose value follows after ``=``."""
    return re.findall(r"(?<![\w'-])(--[a-z][\w-]*)", command)


FORMS = {step: read_form(step) for step in STEPS}
PARSERS = {step: actions_of(step) for step in STEPS}
