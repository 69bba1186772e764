"""``clrna-fetch``: bring a named data set or model, verified and converted."""

import argparse
import re
import sys
from collections.abc import Sequence

from clrna.cli import options, runtime
from clrna.cli.completion import FOLDERS, completed_as
from clrna.constants import MOST_CONNECTIONS
from clrna.errors import UsageError

SUMMARY = "bring a named data set or model into AnnData"

DESCRIPTION = """\
Bring a data set or a model by its name, from whichever portal holds it: download it (resuming what was cut),
verify it, convert it and write down where it came from. A data set becomes an AnnData file for clrna-normalize,
in the source's own units; the published model becomes a safetensors file for clrna-encode. A plain URL in place
of the name is downloaded as it is."""

EPILOG = """\
Accounts are read from the environment (MODAC_TOKEN, or MODAC_USER and MODAC_PASSWORD), from --token-file or
from a netrc file, and asked for on a terminal only. Proxies are taken from HTTPS_PROXY, HTTP_PROXY and NO_PROXY,
a cache folder from CLRNA_CACHE, a mirror from CLRNA_MIRROR."""

EXAMPLES = (
    (
        "What there is",
        "clrna-fetch --list",
    ),
    (
        "The expression of the Cancer Cell Line Encyclopedia",
        "clrna-fetch ccle -o ccle.h5ad",
    ),
    (
        "Two projects of TCGA, ten samples of each",
        "clrna-fetch gdc -o tcga.h5ad --projects TCGA-BRCA,TCGA-LUAD --limit 10",
    ),
    (
        "Normal livers and lungs",
        "clrna-fetch gtex -o normals.h5ad --projects liver,lung",
    ),
    (
        "Files that were downloaded by other means",
        "clrna-fetch ccle -o ccle.h5ad --from downloads/",
    ),
)

_A_DAY = 86_400.0


def get_parser() -> argparse.ArgumentParser:
    """Return the parser of ``clrna-fetch``."""
    parser = options.new_parser("fetch", DESCRIPTION, EPILOG, examples=EXAMPLES)
    parser.add_argument("name", nargs="?", metavar="NAME", help="data set or model from --list, or a URL")
    options.output_file(
        parser, "-o", "--output", default=None, metavar="FILE",
        help="the .h5ad of a data set or the .safetensors of a model (written whole or not at all); with --list or "
        "--print-files, a table in place of the one on standard output",
    )  # fmt: skip
    _add_what(parser)
    _add_where(parser)
    _add_verification(parser)
    _add_download(parser)
    options.add_general_options(parser)
    return parser


def _add_what(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("what")
    parser.add_argument(
        "--list", action="store_true",
        help="list every source with samples, genes, units, size, licence, account and what is unverified, and exit",
    )  # fmt: skip
    parser.add_argument(
        "--print-files", action="store_true",
        help="print address, size and checksum of each file of NAME and the name to keep it under for --from, and exit",
    )  # fmt: skip
    parser.add_argument(
        "--projects", type=options.comma_list, default=None, metavar="PROJECT,...",
        help="projects of a source that has several, e.g. TCGA-BRCA,TCGA-LUAD of gdc or liver,lung of gtex (default: "
        "all of them)",
    )  # fmt: skip
    parser.add_argument(
        "--limit", type=options.whole_number(1), default=None, metavar="N",
        help="at most N samples of each project of a source that has several, the first by name, to try things out",
    )  # fmt: skip
    options.list_file(
        group, "--label-map", default=None, metavar="FILE.tsv",
        help="own mapping of raw tissue and tumor-type strings, in place of the packaged one where both have a string",
    )  # fmt: skip


def _add_where(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("from where")
    _folder(
        parser, "--from", dest="from", default=None, metavar="DIR",
        help="take the files from this folder in place of the network, with the same checks",
    )  # fmt: skip
    _folder(
        group, "--cache", default=None, metavar="DIR",
        help="keep downloads here, whole and partial ones, and use what is already here; without it they go to the "
        "temporary folder and are removed",
    )  # fmt: skip
    group.add_argument("--offline", action="store_true", help="use the cache and local files only")
    group.add_argument(
        "--mirror", default=None, metavar="URL",
        help="take each file from URL/HOST/PATH in place of https://HOST/PATH; http, https or file",
    )  # fmt: skip
    options.list_file(
        group, "--token-file", default=None, metavar="FILE",
        help="file with the portal's token on its only line, readable by its owner alone (mode 0600)",
    )  # fmt: skip
    options.list_file(
        group, "--netrc", default=None, metavar="FILE",
        help="file with user names and passwords by host, mode 0600 (default: NETRC or ~/.netrc where there is one)",
    )  # fmt: skip


def _add_verification(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("verification")
    options.list_file(
        group, "--checksums", default=None, metavar="FILE",
        help="checksums that must hold, as sha256sum or md5sum write them, beside those that the source publishes",
    )  # fmt: skip
    group.add_argument(
        "--checksum", type=checksum, default=None, metavar="ALGORITHM:HEX",
        help="checksum of the one file that a URL names, e.g. sha256:9f86d0...",
    )  # fmt: skip
    options.output_file(
        group, "--write-checksums", text=True, default=None, metavar="FILE",
        help="SHA-256 of each file that was used, in sha256sum's format, to hold a later run to with --checksums",
    )  # fmt: skip


def _add_download(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("download")
    group.add_argument(
        "--jobs", type=options.whole_number(1, MOST_CONNECTIONS), default=4, metavar="N", help="files loaded at a time"
    )
    group.add_argument(
        "--retries", type=options.whole_number(0), default=6, metavar="N",
        help="attempts after the first before a file is given up; one that brought data does not count",
    )  # fmt: skip
    group.add_argument(
        "--timeout",
        type=options.number(0.1, _A_DAY),
        default=60.0,
        metavar="SECONDS",
        help="longest silence of a server",
    )
    group.add_argument(
        "--max-wait", type=options.number(0, _A_DAY), default=300.0, metavar="SECONDS",
        help="longest pause between two attempts, also where the server asks for more",
    )  # fmt: skip


def checksum(text: str) -> tuple[str, str]:
    """Split ``sha256:HEX``; an argparse type."""
    algorithm, _, digest = text.lower().partition(":")
    lengths = {"md5": 32, "sha1": 40, "sha256": 64, "sha512": 128}
    if algorithm not in lengths or not re.fullmatch(rf"[0-9a-f]{{{lengths[algorithm]}}}", digest):
        known = ", ".join(lengths)
        raise argparse.ArgumentTypeError(f"{text!r} is not ALGORITHM:HEX with one of {known} and all of its digits")
    return algorithm, digest


def _folder(group: argparse._ActionsContainer, *names: str, **settings: object) -> None:
    action = group.add_argument(*names, type=str, **settings)  # type: ignore[arg-type]
    completed_as(action, FOLDERS)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``clrna-fetch`` and return its exit status."""
    return runtime.run(get_parser(), body, argv)


def body(args: argparse.Namespace) -> None:
    """Fetch, convert, write; or list."""
    from clrna.fetch.run import fetch, list_files, list_sources
    from clrna.io.output.together import together

    if args.list:
        list_sources(args.output)
        return
    if args.name is None:
        raise UsageError("name a data set or model; --list shows what there is")
    if args.print_files:
        list_files(args)
        return
    with together():
        fetch(args)


if __name__ == "__main__":
    sys.exit(main())
