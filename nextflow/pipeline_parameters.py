"""What make_schema.py adds to the executables' parsers: the pipeline's own parameters, and which options are none.

The reasons that stand here are those a test asks for: an option of an executable is a parameter, or it is omitted for
one of them.
"""

from typing import Any

STEPS = ("fetch", "normalize", "train", "encode", "baseline", "score", "match", "explain", "plot")

# One parameter for all steps that have the option.
SHARED = ("--label-key", "--label-by", "--seed", "--precision")

# Options that are no parameter, each with the reason.
OMITTED_EVERYWHERE = {
    "--help": "prints and exits",
    "--version": "the modules run it for the table of versions",
    "--print-completion": "prints and exits",
    "--output": "the module names it",
    "--threads": "task.cpus",
    "--config": "-params-file keeps the settings of a run",
    "--verbose": "the log of a task is kept in its work folder",
    "--quiet": "as --verbose",
}
OMITTED_COLUMNS = {
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
        "--check": "prints and writes nothing",
        "--gene-map": "the samplesheet names it",
        "--gene-report": "the module names it",
        "--label-report": "the module names it",
        "--study-report": "the module names it",
    },
    "train": {
        **OMITTED_COLUMNS,
        "--output-h5ad": "the codes come from clrna-encode",
        "--history": "the module names it",
        "--card": "the module names it",
        "--checkpoint": "a task that starts again begins in an empty folder",
        "--checkpoint-every": "as --checkpoint",
        "--resume": "as --checkpoint",
        "--print-config": "prints and exits",
        "--start": "the module gives the file, which --start names for all trainings",
        "--exclude-study": "--hold_out, or the study that is left out",
        "--device": "the module takes task.accelerator",
    },
    "encode": {
        **OMITTED_COLUMNS,
        "--model": "the module gives the file",
        "--study": "clrna-normalize has named it",
        "--metadata": "clrna-normalize has joined it",
        "--sample-column": "as --metadata",
        "--orientation": "clrna-normalize has read the matrix",
        "--gene-map": "as --orientation",
        "--input-scale": "clrna-normalize has found it",
        "--gene-id": "clrna-normalize has named the genes",
        "--key-added": "the codes are X_clrna in every file of a run",
        "--seed": "nothing is random",
        "--device": "the module takes task.accelerator",
    },
    "baseline": {**OMITTED_COLUMNS, "--design-report": "the module names it"},
    "score": {
        **OMITTED_COLUMNS,
        "--json": "the module names it",
        "--mqc": "the module names it",
        "--output-h5ad": "the module does not keep it",
    },
    "match": {
        **OMITTED_COLUMNS,
        "--category-key": "clrna-normalize has named the column",
        "--key": "the codes are X_clrna in every file of a run",
        "--seed": "nothing is random",
    },
    "plot": {
        **OMITTED_COLUMNS,
        "--scores": "the module gives the file",
        "--history": "the module gives the file",
        "--reference": "the module gives the model of the run",
        "--matches": "the module gives the files",
        "--genes": "the module gives the files",
        "--figure": "the pipeline makes the report",
        "--dpi": "the pipeline makes the report",
        "--output-h5ad": "the module does not keep it",
    },
    "explain": {
        "--study-key": "clrna-normalize has named the column",
        "--layer": "clrna-normalize has read the layer",
        "--input-scale": "clrna-normalize has found it",
        "--gene-id": "clrna-normalize has named the genes",
        "--adapt": "samples are encoded as --encode_adapt says",
        "--adapt-min-samples": "as --adapt",
        "--min-coverage": "as --adapt",
        "--chunk-size": "as --adapt",
        "--figure": "the module names it",
        "--seed": "nothing is random",
    },
}

# Options of clrna-normalize that are decided when the studies are merged; the rest may differ between studies, and is
# then a column of the samplesheet.
MERGING = (
    "--genes", "--min-class-size", "--split-fractions", "--split-by-study", "--copy-correlation", "--label-key",
    "--seed",
)  # fmt: skip


def of_file(description: str, **more: Any) -> dict[str, Any]:
    """Return the schema of a parameter that names a file."""
    return {"type": "string", "format": "file-path", "exists": True, "description": description, **more}


def switch(description: str, default: bool) -> dict[str, Any]:
    """Return the schema of a parameter that is true or false."""
    return {"type": "boolean", "default": default, "description": description}


# Of a study: part of file names and of command lines, where a dash in front, or true, would be something else.
STUDY_NAME = r"(?!(?:[Tt][Rr][Uu][Ee]|[Ff][Aa][Ll][Ss][Ee])(?![A-Za-z0-9_.-]))[A-Za-z0-9_][A-Za-z0-9_.-]*"
STUDY_NAME_MESSAGE = (
    "a name of letters, digits, '_', '.' and '-' that begins with one of the first three and is not true or false"
)

PIPELINE: dict[str, dict[str, Any]] = {
    "input": of_file(
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
    # No file where it is a name, so that it is for the pipeline to say whether it is there.
    "model": {
        "type": "string",
        "pattern": r"^(.+\.safetensors|pan-cancer-small)$",
        "errorMessage": "a file that ends in .safetensors, or pan-cancer-small",
        "description": "Trained model for --mode encode: a file, or the name of the one that comes along, "
        "pan-cancer-small.",
    },
    "start": {
        "type": "string",
        "pattern": r"^(.+\.safetensors|pan-cancer-small)$",
        "errorMessage": "a file that ends in .safetensors, or pan-cancer-small",
        "description": "Model of the default preset that trainings add the studies to, without the expression of its "
        "own: a file, or the name of the one that comes along, pan-cancer-small.",
    },
    "hold_out": {
        "type": "string",
        "pattern": rf"^{STUDY_NAME}( *, *{STUDY_NAME})*$",
        "errorMessage": "a list of studies with commas between, as in --hold_out A,B",
        "description": "Studies, with commas between, that no training sees and that are scored as unseen.",
    },
    "sweep": of_file(
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
    "label_map": of_file("Your own table of raw to harmonised labels (columns raw, tissue, tumor_type)."),
    "fetch_from": {
        "type": "string",
        "format": "directory-path",
        "exists": True,
        "description": "Folder with files that clrna-fetch takes in place of the network.",
    },
    "modac_secret": switch("Give clrna-fetch the token that Nextflow keeps as the secret MODAC_TOKEN.", False),
    "baselines": switch("Compute PCA, ComBat, Harmony and per-study standardization to score beside the model.", True),
    "explain": switch("List the genes for and against the label of each sample, for --mode encode.", False),
    "match": switch(
        "With --mode encode, name the samples that each sample is most like among those that the model holds "
        "(clrna-match).",
        False,
    ),
    "multiqc": switch("Put the scores into a MultiQC report at the end.", True),
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
    "help": switch("Print the parameters and end.", False),
    "version": switch("Print the version and end.", False),
}

TITLES = {
    "pipeline": ("Pipeline", "Input, output and what to run."),
    "shared": ("Options of several steps", "Handed to every step that has them."),
    **{
        step: (f"clrna-{step}", f"Options of clrna-{step}; its own default holds where none is given.")
        for step in STEPS
    },
}
