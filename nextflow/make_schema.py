"""Write what the pipeline takes from the executables' parsers: their options as parameters.

Makes ``nextflow_schema.json``, ``assets/schema_input.json`` and ``conf/options.config``. An option's name, choices,
limits and help live in its parser alone; the parameters that belong to the pipeline itself stand below. A parameter
of an executable is null unless the user sets it, so that its default is the executable's own.

usage: make_schema.py [FOLDER]
"""

import argparse
import importlib
import json
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
PAGE = "https://raw.githubusercontent.com/clrna/clrna/main/nextflow"
STEPS = ("fetch", "normalize", "train", "encode", "baseline", "score", "plot")

# One parameter for all steps that have the option.
SHARED = ("--label-key", "--label-by", "--seed", "--precision")

# Options that are no parameter, each with the reason.
_EVERY = {
    "--help": "prints and exits",
    "--version": "the modules run it for the table of versions",
    "--print-completion": "prints and exits",
    "--output": "the module names it",
    "--threads": "task.cpus",
    "--config": "-params-file keeps the settings of a run",
    "--verbose": "the log of a task is kept in its work folder",
    "--quiet": "as --verbose",
}
_COLUMNS = {
    "--study-key": "clrna-normalize has named the column",
    "--donor-key": "clrna-normalize has named the column",
    "--split-key": "clrna-normalize has named the column",
    "--layer": "clrna-normalize has read the layer",
}
OMITTED = {
    "fetch": {
        "--list": "prints and exits",
        "--print-files": "prints and exits",
        "--from": "the module gives the files of --fetch_from",
        "--cache": "a folder of the machine: CLRNA_CACHE",
        "--token-file": "a secret",
        "--netrc": "a secret",
        "--checksums": "a file of one source, for a run of the executable by itself",
        "--checksum": "of one plain address, for a run of the executable by itself",
        "--write-checksums": "for a run of the executable by itself",
        "--label-map": "clrna-normalize applies it",
        "--seed": "nothing is random",
    },
    "normalize": {
        "--study": "the samplesheet names it",
        "--metadata": "the samplesheet names it",
        "--label-map": "the module gives the file of --label_map",
        "--gene-report": "the module names it",
        "--label-report": "the module names it",
        "--study-report": "the module names it",
    },
    "train": {
        **_COLUMNS,
        "--output-h5ad": "the codes come from clrna-encode",
        "--history": "the module names it",
        "--card": "the module names it",
        "--checkpoint": "a task that starts again begins in an empty folder",
        "--checkpoint-every": "as --checkpoint",
        "--resume": "as --checkpoint",
        "--print-config": "prints and exits",
        "--exclude-study": "--hold_out, or the study that is left out",
        "--device": "the module takes task.accelerator",
    },
    "encode": {
        **_COLUMNS,
        "--model": "the module gives the file",
        "--input-scale": "clrna-normalize has found it",
        "--gene-id": "clrna-normalize has named the genes",
        "--key-added": "the codes are X_clrna in every file of a run",
        "--seed": "nothing is random",
        "--device": "the module takes task.accelerator",
    },
    "baseline": {**_COLUMNS, "--design-report": "the module names it"},
    "score": {
        **_COLUMNS,
        "--json": "the module names it",
        "--mqc": "the module names it",
        "--output-h5ad": "the module does not keep it",
    },
    "plot": {
        **_COLUMNS,
        "--scores": "the module gives the file",
        "--history": "the module gives the file",
        "--figure": "the pipeline makes the report",
        "--dpi": "the pipeline makes the report",
    },
}

# Options of clrna-normalize that are decided when the studies are merged; the rest may differ between studies, and is
# then a column of the samplesheet.
MERGING = (
    "--genes", "--min-class-size", "--split-fractions", "--split-by-study", "--copy-correlation", "--label-key",
    "--seed",
)  # fmt: skip


def _file(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "format": "file-path", "exists": True, "description": description, **more}


def _switch(description: str, default: bool) -> dict[str, Any]:
    return {"type": "boolean", "default": default, "description": description}


# Of a study: part of file names and of command lines, where a dash in front, or true, would be something else.
_NAME = r"(?!(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?![A-Za-z0-9_.-]))[A-Za-z0-9_][A-Za-z0-9_.-]*"
_NAME_MESSAGE = (
    "a name of letters, digits, '_', '.' and '-' that begins with one of the first three and is not true or false"
)

PIPELINE: dict[str, dict[str, Any]] = {
    "input": _file(
        "Samplesheet: a CSV file with a row a study.",
        mimetype="text/csv",
        pattern=r"^.+\.csv$",
        errorMessage="a file that ends in .csv",
        schema="assets/schema_input.json",
    ),
    "outdir": {"type": "string", "format": "directory-path", "description": "Folder of the results."},
    "mode": {
        "type": "string",
        "enum": ["full", "encode", "leave-one-out", "sweep"],
        "default": "full",
        "description": "What to run: full trains, encodes and scores; encode takes --model; leave-one-out trains once "
        "without each study; sweep trains once for each row of --sweep.",
    },
    "model": _file(
        "Trained model for --mode encode.",
        pattern=r"^.+\.safetensors$",
        errorMessage="a file that ends in .safetensors",
    ),
    "hold_out": {
        "type": "string",
        "pattern": rf"^{_NAME}( *, *{_NAME})*$",
        "errorMessage": "a list of studies with commas between, as in --hold_out A,B",
        "description": "Studies, with commas between, that no training sees and that are scored as unseen.",
    },
    "sweep": _file(
        "Table for --mode sweep: CSV, columns named as options of clrna-train without the dashes in front, a row a "
        "training; a column id names the trainings.",
        mimetype="text/csv",
        pattern=r"^.+\.csv$",
        errorMessage="a file that ends in .csv",
    ),
    "select_by": {
        "type": "string",
        "enum": ["transfer_f1", "replicate_recall", "replicate_mrr"],
        "default": "transfer_f1",
        "description": "Headline score on the held-out studies by which --mode sweep chooses the best training.",
    },
    "label_map": _file("Your own table of raw to harmonised labels (columns raw, tissue, tumor_type)."),
    "fetch_from": {
        "type": "string",
        "format": "directory-path",
        "exists": True,
        "description": "Folder with files that clrna-fetch takes in place of the network.",
    },
    "modac_secret": _switch("Give clrna-fetch the token that Nextflow keeps as the secret MODAC_TOKEN.", False),
    "baselines": _switch("Compute PCA, ComBat, Harmony and per-study standardization to score beside the model.", True),
    "multiqc": _switch("Put the scores into a MultiQC report at the end.", True),
    "gpus": {
        "type": "integer",
        "minimum": 1,
        "default": 1,
        "description": "GPUs that a task of the profile gpu asks of the scheduler; an executable computes on one "
        "of them.",
    },
    "publish_dir_mode": {
        "type": "string",
        "enum": ["copy", "copyNoFollow", "link", "rellink", "symlink"],
        "default": "copy",
        "description": "How results come into the output folder.",
    },
    "help": _switch("Print the parameters and end.", False),
    "version": _switch("Print the version and end.", False),
}

TITLES = {
    "pipeline": ("Pipeline", "Input, output and what to run."),
    "shared": ("Options of several steps", "Handed to every step that has them."),
    **{
        step: (f"clrna-{step}", f"Options of clrna-{step}; its own default holds where none is given.")
        for step in STEPS
    },
}


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
            if option in _EVERY or option in OMITTED[step]:
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
        if option not in _EVERY and option not in OMITTED["normalize"] and option not in (*MERGING, "--input-scale")
    }


def samplesheet_schema() -> dict[str, Any]:
    """Return the content of ``assets/schema_input.json``."""
    scale = property_of(actions_of("normalize")["--input-scale"], ["normalize"])["description"]
    columns = {
        "study": {
            "type": "string",
            "pattern": rf"^{_NAME}$",
            "errorMessage": _NAME_MESSAGE,
            "meta": ["id"],
            "description": "Name of the study, or of a file that holds several.",
        },
        "path": _file("Expression file; relative to the samplesheet.", pattern=r"^[^'$\\{}]+$"),
        "fetch": {
            "type": "string",
            "pattern": r"^[^\s']+$",
            "description": "Name of a source from clrna-fetch --list, or an address, in place of path.",
        },
        "scale": {"type": "string", "pattern": r"^[^\s']+$", "description": scale},
        "metadata": _file("Table of sample metadata; relative to the samplesheet.", pattern=r"^[^'$\\{}]+$"),
        "studies": {
            "type": "string",
            "pattern": rf"^{_NAME}(;{_NAME})*$",
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
