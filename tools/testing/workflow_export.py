"""Make the ``.ga`` of each workflow from its gxformat2, by import into and export from a running Galaxy.

A conversion without a server leaves out what a tool's form adds, and Galaxy then warns before each run.
"""

import hashlib
import json
import subprocess
import uuid
from pathlib import Path
from typing import Any

from results import Results
from server import GalaxyServer

_OF_THE_SERVER = ("url", "url_hash", "license_details")


def export_workflows(server: GalaxyServer, planemo: Path, folder: Path) -> None:
    """Write ``NAME.ga`` beside each ``NAME.gxwf.yml``."""
    for source in sorted(folder.glob("*/*.gxwf.yml")):
        ga_of(source).write_text(as_exported(server, planemo, source))
        print(f"wrote {ga_of(source)}")


def check_exported(server: GalaxyServer, results: Results, planemo: Path, folder: Path) -> None:
    """Check that each ``.ga`` is what Galaxy makes of the gxformat2 beside it."""
    for source in sorted(folder.glob("*/*.gxwf.yml")):
        same = ga_of(source).read_text() == as_exported(server, planemo, source)
        results.add(f"{ga_of(source).name} says what {source.name} says", "" if same else "run with --parts export")


def ga_of(source: Path) -> Path:
    """Return the path of a workflow's ``.ga``."""
    return source.with_name(source.name.replace(".gxwf.yml", ".ga"))


def as_exported(server: GalaxyServer, planemo: Path, source: Path) -> str:
    """Return the text of the ``.ga``; the same for the same workflow and tools."""
    converted = subprocess.run([planemo / "bin" / "gxwf-to-native", source], capture_output=True, text=True, check=True)
    given = json.loads(converted.stdout)
    new = server.api("/api/workflows", "POST", {"workflow": given})
    # as a person does who saves it in the editor: every control of a form gets its value
    actions = [{"action_type": "upgrade_all_steps"}, {"action_type": "fill_defaults"}]
    server.api(f"/api/workflows/{new['id']}/refactor", "PUT", {"actions": actions})
    native = server.api(f"/api/workflows/{new['id']}/download")
    native["release"] = given["release"]  # Galaxy does not hand this on
    native["readme"] = source.with_name("README.md").read_text()  # kept once, and shown by Galaxy beside the form
    return json.dumps(without_chance(native, source.stem), indent=4, sort_keys=True) + "\n"


def without_chance(native: dict[str, Any], name: str) -> dict[str, Any]:
    """Give steps and outputs identifiers that follow from their place, and drop what only this server knows."""
    native = {key: value for key, value in native.items() if key not in _OF_THE_SERVER}
    for number, step in native["steps"].items():
        state = json.loads(step["tool_state"])
        step["tool_state"] = json.dumps(with_connections(state, set(step["input_connections"])), sort_keys=True)
        if step["type"] == "tool":
            step["inputs"] = []  # a list of what may be set when the workflow is run; nothing is
        step["uuid"] = identifier(f"{name}/{number}")
        for output in step.get("workflow_outputs", []):
            output["uuid"] = identifier(f"{name}/{number}/{output['output_name']}")
        step["workflow_outputs"] = sorted(step.get("workflow_outputs", []), key=lambda output: output["output_name"])
    native["uuid"] = identifier(name)
    native["version"] = 1
    return native


def with_connections(state: Any, connected: set[str], place: str = "") -> Any:
    """Say of each input whether a step is connected to it, or nothing is: the export leaves that open."""
    if isinstance(state, dict) and state.get("__class__") == "RuntimeValue":
        return {"__class__": "ConnectedValue"} if place in connected else None
    if isinstance(state, dict):
        inside = f"{place}|" if place else ""
        return {name: with_connections(value, connected, f"{inside}{name}") for name, value in state.items()}
    return state


def identifier(text: str) -> str:
    """Return an identifier that follows from a text, in the form that Galaxy takes (UUID version 4)."""
    return str(uuid.UUID(bytes=hashlib.sha256(text.encode()).digest()[:16], version=4))
