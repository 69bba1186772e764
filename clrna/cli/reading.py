"""Options of the executables that read expression files of any kind."""

import argparse
from pathlib import Path

from clrna.cli import options
from clrna.errors import UsageError
from clrna.normalize.settings import StudyFile

# Options of clrna-encode that say how a matrix is to be read.
_FOR_MATRICES = ("study", "metadata", "sample_column", "orientation", "gene_map")


def add_reading_options(usual: argparse._ActionsContainer, group: argparse._ActionsContainer) -> None:
    """Add the options that say whose samples a file holds, which are often needed, and how it lies."""
    usual.add_argument(
        "--study", type=options.comma_list, default=None, metavar="NAME,NAME",
        help="name of each input's study, in the order of the inputs, or one for all (default: the study column, else "
        "the file's name)",
    )  # fmt: skip
    options.existing_file(
        usual, "--metadata", action="append", default=None, metavar="FILE|STUDY=FILE", type=study_file,
        help="table of sample metadata to join on the sample name (tsv, csv, parquet); may be given several times: "
        "once for all inputs, once for each in the order of the inputs, or as STUDY=FILE; a study column in it decides",
    )  # fmt: skip
    group.add_argument(
        "--sample-column", default=None, metavar="COLUMN",
        help="column of the metadata that holds the sample name (default: its first column)",
    )  # fmt: skip
    group.add_argument(
        "--orientation", choices=("auto", "samples-in-rows", "samples-in-columns"), default="auto",
        help="how a text or parquet matrix lies; auto looks where gene identifiers stand",
    )  # fmt: skip


def add_gene_map_option(group: argparse._ActionsContainer) -> None:
    """Add the table with the genes of probes or transcripts."""
    options.existing_file(
        group, "--gene-map", default=None, metavar="FILE",
        help="table with the genes of a text matrix's probes or transcripts: two columns, or a platform's table of "
        "GEO",
    )  # fmt: skip


def study_file(text: str) -> Path | StudyFile:
    """Read ``FILE`` or ``STUDY=FILE``; a file that is there is one whatever its name. An argparse type."""
    study, equals, path = text.partition("=")
    return StudyFile(study, Path(path)) if equals and study and path and not Path(text).exists() else Path(text)


def refuse_reading_options(args: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse options about the reading of a matrix beside an AnnData file, which is encoded as it is.

    Raises
    ------
    UsageError
        There is one.
    """
    for name in _FOR_MATRICES:
        if getattr(args, name) != parser.get_default(name):
            raise UsageError(
                f"--{name.replace('_', '-')}: is for matrices; {args.input} is AnnData, which is encoded as it is; "
                "leave the option out, or run clrna-normalize first"
            )
