"""Write what the pipeline takes from the executables' parsers: their options as parameters.

Makes ``nextflow_schema.json``, ``assets/schema_input.json`` and ``conf/options.config``. An option's name, choices,
limits and help live in its parser alone; the parameters that belong to the pipeline itself stand in
``pipeline_parameters.py``. A parameter of an executable is null unless the user sets it, so that its default is the
executable's own.

usage: make_schema.py [FOLDER]
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

from pipeline_parameters import (
    MERGING,
    OMITTED,
    OMITTED_EVERYWHERE,
    PIPELINE,
    SHARED,
    STEPS,
    STUDY_NAME,
    STUDY_NAME_MESSAGE,
    TITLES,
    of_file,
)

HERE = Path(__file__).resolve().parent
PAGE = "https://raw.githubusercontent.com/clrna/clrna/main/nextflow"


def actions_of(step: str) -> dict[str, argparse.Action]:
    """Return the options of an executable's parser under their long names."""
    parser = importlib.import_module(f"clrna.cli.{step}").get_parser()
    return {max(action.option_strings, key=len): action for action in parser._actions if action.option_strings}


def parameter_of(step: str, option: str) -> str:
    """Return the name of the parameter that stands for an option."""
    name = option.lstrip("-").replace("-", "_")
    return name if option in SHARED else f"{step}_{name}"


def property_of(action: argparse.Action, steps: list[str]) -> dict[str, Any]:
    """Return the JSON schema of an option; ``steps`` are the executables whose default it names."""
    kind = getattr(action.type, "__name__", "")
    flag = isinstance(action, argparse._StoreTrueAction)
    text = " ".join((action.help or "").replace("%%", "%").split())
    made: dict[str, Any] = {
        "type": "boolean" if flag else {"integer": "integer", "float": "number"}.get(kind, "string")
    }
    if action.choices:
        made["enum"] = [str(choice) for choice in action.choices]
    if made["type"] in ("integer", "number"):
        made["minimum"] = action.type.minimum  # type: ignore[union-attr]
        if getattr(action.type, "maximum", float("inf")) < float("inf"):
            made["maximum"] = action.type.maximum  # type: ignore[union-attr]
    default = ",".join(map(str, action.default)) if isinstance(action.default, list) else action.default
    if default not in (None, False) and "default" not in text:
        text += f" (default of clrna-{steps[0]}: {default})"
    made["description"] = f"{text[0].upper()}{text[1:]}."
    return made


def options() -> dict[str, dict[str, dict[str, Any]]]:
    """Return the parameters of each group: ``shared`` and one a step."""
    groups: dict[str, dict[str, dict[str, Any]]] = {"shared": {}, **{step: {} for step in STEPS}}
    for step in STEPS:
        for option, action in actions_of(step).items():
            if option in OMITTED_EVERYWHERE or option in OMITTED[step]:
                continue
            group = groups["shared" if option in SHARED else step]
            group.setdefault(parameter_of(step, option), property_of(action, [step]))
    return {name: group for name, group in groups.items() if group}


def pipeline_schema() -> dict[str, Any]:
    """Return the content of ``nextflow_schema.json``."""
    groups = {"pipeline": PIPELINE, **options()}
    definitions = {
        name: {"title": TITLES[name][0], "type": "object", "description": TITLES[name][1], "properties": group}
        for name, group in groups.items()
    }
    definitions["pipeline"]["required"] = ["input", "outdir"]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{PAGE}/nextflow_schema.json",
        "title": "clrna pipeline parameters",
        "description": "Batch-resistant features of bulk RNA-Seq across studies",
        "type": "object",
        "$defs": definitions,
        "allOf": [{"$ref": f"#/$defs/{name}"} for name in groups],
    }


def study_options() -> dict[str, dict[str, Any]]:
    """Return the options of clrna-normalize that a study may have of its own, as columns of the samplesheet."""
    return {
        option.lstrip("-").replace("-", "_"): property_of(action, ["normalize"])
        for option, action in actions_of("normalize").items()
        if option not in OMITTED_EVERYWHERE
        and option not in OMITTED["normalize"]
        and option not in (*MERGING, "--input-scale")
    }


def samplesheet_schema() -> dict[str, Any]:
    """Return the content of ``assets/schema_input.json``."""
    scale = property_of(actions_of("normalize")["--input-scale"], ["normalize"])["description"]
    columns = {
        "study": {
            "type": "string",
            "pattern": rf"^{STUDY_NAME}$",
            "errorMessage": STUDY_NAME_MESSAGE,
            "meta": ["id"],
            "description": "Name of the study, or of a file that holds several.",
        },
        "path": of_file("Expression file; relative to the samplesheet.", pattern=r"^[^'$\\{}]+$"),
        "fetch": {
            "type": "string",
            "pattern": r"^[^\s']+$",
            "description": "Name of a source from clrna-fetch --list, or an address, in place of path.",
        },
        "scale": {"type": "string", "pattern": r"^[^\s']+$", "description": scale},
        "metadata": of_file("Table of sample metadata; relative to the samplesheet.", pattern=r"^[^'$\\{}]+$"),
        "gene_map": of_file(
            "Table with the genes of the matrix's probes or transcripts; relative to the samplesheet.",
            pattern=r"^[^'$\\{}]+$",
        ),
        "studies": {
            "type": "string",
            "pattern": rf"^{STUDY_NAME}(;{STUDY_NAME})*$",
            "errorMessage": "a list of studies with semicolons between",
            "description": "Where the file itself names several studies: their names, with semicolons between.",
        },
        **study_options(),
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{PAGE}/assets/schema_input.json",
        "title": "clrna samplesheet",
        "description": "A row a study. Empty fields take the pipeline's parameter, or the executable's default.",
        "type": "array",
        "items": {
            "type": "object",
            "properties": columns,
            "required": ["study"],
            "oneOf": [{"required": ["path"]}, {"required": ["fetch"]}],
        },
    }


def options_config() -> str:
    """Return the content of ``conf/options.config``: each option of an executable as a parameter without a value."""
    lines = [
        "// Made by make_schema.py from the parsers of the executables; null leaves the executable its own default.",
        "params {",
    ]
    for name, group in options().items():
        lines += ["", f"    // {TITLES[name][0]}", *(f"    {parameter} = null" for parameter in group)]
    return "\n".join([*lines, "}", ""])


def contents() -> dict[str, str]:
    """Return each file that is made here, under its path in this folder."""

    def text(schema: dict[str, Any]) -> str:
        return json.dumps(schema, indent=4, ensure_ascii=False) + "\n"

    return {
        "nextflow_schema.json": text(pipeline_schema()),
        "assets/schema_input.json": text(samplesheet_schema()),
        "conf/options.config": options_config(),
    }


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for path, content in contents().items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(content)
