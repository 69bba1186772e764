"""Options of the executables that no Galaxy form has, each with the reason."""

_ALL = {
    "--help": "the form is the help",
    "--version": "Galaxy runs it as the tool's version command",
    "--print-completion": "there is no shell",
    "--config": "the form and Galaxy's workflows keep the settings",
    "--verbose": "users see the log of the job; it is the same for all",
    "--quiet": "as --verbose",
}
_COMPRESSION = {"--compression": "about the disks of the server; what the file holds is the same"}
_PRECISION = {"--precision": "auto takes what the hardware has; a choice would be about the server, not about the data"}

OMITTED = {
    "fetch": _ALL
    | {
        "--cache": "a folder of the server: administrators set CLRNA_CACHE",
        "--offline": "whether the server may load is for its administrators to say",
        "--mirror": "administrators set CLRNA_MIRROR",
        "--token-file": "secrets come through Galaxy's credentials",
        "--netrc": "secrets come through Galaxy's credentials",
        "--checksum": "is for plain URLs, which Galaxy's own upload brings",
        "--jobs": "about the network of the server, not about the data",
        "--retries": "as --jobs",
        "--timeout": "as --jobs",
        "--max-wait": "as --jobs",
        "--seed": "nothing is random",
    },
    "normalize": _ALL | _COMPRESSION | {"--check": "prints and writes nothing; the log has the same table"},
    "train": _ALL
    | _PRECISION
    | {
        "--checkpoint": "a job that Galaxy starts again begins in an empty folder",
        "--checkpoint-every": "as --checkpoint",
        "--resume": "as --checkpoint",
        "--print-config": "prints and exits",
    },
    "encode": _ALL
    | _PRECISION
    | {"--chunk-size": "about the memory of the server; the result is the same", "--seed": "nothing is random"},
    "baseline": _ALL | _COMPRESSION,
    "score": _ALL,
    "match": _ALL | {"--seed": "nothing is random"},
    "plot": _ALL
    | {"--output-h5ad": "saves the time of another picture on a command line; the report shows all at once"},
    "explain": _ALL
    | {"--chunk-size": "about the memory of the server; the result is the same", "--seed": "nothing is random"},
}

# Options that the command sets by itself, with what it sets them to.
FIXED = {"--threads": '"\\${GALAXY_SLOTS:-1}"', "--device": "auto"}

# Options that the form has no parameter for, because a choice of another name stands for them.
OWN_CONTROL = {
    "fetch": {"--list": "what to do", "--print-files": "what to do"},
    "train": {"--start": "the choice of a model to add to, if any"},
}

# Parameters of the forms that stand for no option, each with the reason.
FORM_ONLY = {
    "fetch": {
        "task.do": "chooses between --list, --print-files and neither",
        "task.name": "the name of the data set is no option",
    },
    "normalize": {"input": "files are no options"},
    "train": {
        "input": "a file is no option",
        "begin.from": "chooses where the model of --start comes from, if any",
        "begin.start": "a file, or the name of a model, that the choice before is about",
    },
    "encode": {
        "input": "a file is no option",
        "source.from": "chooses where --model comes from",
        "source.model": "the name of a model that comes along is a value of --model, which takes files too",
    },
    "baseline": {"input": "a file is no option"},
    "score": {"input": "files are no options"},
    "match": {
        "input": "a file is no option",
        "source.from_where": "chooses where the reference comes from",
        "source.reference": "a file is no option",
    },
    "plot": {
        "input": "files are no options",
        "behind.from_where": "chooses where --reference comes from",
        "behind.reference": "the name of a model that comes along is a value of --reference, which takes files too",
        "report": "the executable writes one output a call: this one ends in .html",
        "format": "the executable takes it from the output's name",
    },
    "explain": {
        "input": "a file is no option",
        "source.from": "chooses where the model comes from",
        "source.model": "a file is no option",
    },
}

# Outputs that are off on the command line and on in the form, since people cannot run a job again for a small file.
ON_IN_THE_FORM = {"normalize": {"--study-report"}, "train": {"--card", "--history"}}

# Choices of which the form takes several, each a call or none, where the executable takes one.
SEVERAL_IN_THE_FORM = {"plot": {"--figure"}}

# Which options each branch of a form's choices must offer.
BRANCHES = {
    "fetch": {
        ("task", "list"): set(),
        ("task", "files"): {"--projects", "--limit"},
        ("task", "fetch"): {
            "--from", "--projects", "--limit", "--label-map", "--checksums", "--write-checksums",
        },
    },
    "train": {("begin", place): set() for place in ("nothing", "history", "installed", "packaged")},
    "encode": {("source", "history"): {"--model"}, ("source", "installed"): {"--model"}, ("source", "packaged"): set()},
    "explain": {("source", place): set() for place in ("history", "installed", "packaged")},
    "match": {("source", place): set() for place in ("history", "installed", "packaged")},
    "plot": {
        ("behind", "none"): set(),
        ("behind", "history"): {"--reference"},
        ("behind", "installed"): {"--reference"},
        ("behind", "packaged"): set(),
    },
}  # fmt: skip
