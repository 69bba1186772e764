"""A Galaxy tool's form and command, with its macros put in."""

import copy
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from pathlib import Path

TOOLS = Path(__file__).resolve().parents[2] / "tools" / "clrna"
STEPS = ("fetch", "normalize", "train", "encode", "baseline", "score", "plot")


@dataclass
class ToolForm:
    """One tool: its XML with macros and tokens put in."""

    step: str
    root: ET.Element
    command: str

    def parameters(self) -> dict[str, list[ET.Element]]:
        """Return the parameters of the form by the option that they stand for; an option may have several."""
        found: dict[str, list[ET.Element]] = {}
        for parameter in self.root.iterfind("inputs//param[@argument]"):
            found.setdefault(parameter.get("argument", ""), []).append(parameter)
        return found


def read_form(step: str) -> ToolForm:
    """Read ``clrna_STEP.xml``."""
    root = ET.parse(TOOLS / f"clrna_{step}.xml").getroot()
    macros = ET.parse(TOOLS / "macros.xml").getroot()
    named = {macro.get("name", ""): macro for macro in macros.iter("xml")}
    expand(root, named)
    command = root.findtext("command") or ""
    for token in macros.iter("token"):
        command = command.replace(token.get("name", ""), token.text or "")
    return ToolForm(step, root, command)


def expand(element: ET.Element, macros: dict[str, ET.Element]) -> None:
    """Put the macros in the place of their ``expand`` elements."""
    for place, child in reversed(list(enumerate(element))):
        if child.tag == "expand":
            element.remove(child)
            for part in reversed(list(macros[child.get("macro", "")])):
                element.insert(place, copy.deepcopy(part))
    for child in element:
        expand(child, macros)
