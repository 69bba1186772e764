"""Options of the executables that no Galaxy form has, each with the reason."""

_ALL = {
    "--help": "the form is the help",
    "--version": "Galaxy runs it as the tool's version command",
    "--print-completion": "there is no shell",
    "--config": "the form and Galaxy's workflows keep the settings",
    "--verbose": "users see the log of the job; it is the same for all",
    "--quiet": "as --verbose",
}
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
    "normalize": _ALL,
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
    "baseline": _ALL,
    "score": _ALL,
    "plot": _ALL,
}

# Options that the command sets by itself, with what it sets them to.
FIXED = {"--threads": '"\\${GALAXY_SLOTS:-1}"', "--device": "auto"}

# Options of the command for which the form has its own control without an option's name.
OWN_CONTROL = {
    "fetch": {"--list": "what to do", "--print-files": "what to do"},
    "baseline": {"--design-report": "a check box that adds an output"},
    "normalize": dict.fromkeys(("--study-report", "--label-report", "--gene-report"), "a choice of reports"),
    "train": dict.fromkeys(("--card", "--history", "--output-h5ad"), "a choice of outputs"),
    "score": dict.fromkeys(("--json", "--mqc", "--output-h5ad"), "a choice of outputs"),
}
