"""CCLE in a release after 24Q4: on DepMap's own portal only, which asks whether a person is there."""

from collections.abc import Sequence

from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.fetch.sources import ccle

EXPRESSION = "OmicsExpressionTPMLogp1HumanProteinCodingGenes.csv"


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the expression matrix and the table of models, which a person loads."""
    return [RemoteFile(EXPRESSION), RemoteFile(ccle.MODELS)]


def read(paths: Paths, request: Request) -> Expression:
    """Return the expression of each model."""
    return ccle.read(paths, request, EXPRESSION)


SOURCE = Source(
    name="ccle-later",
    title="CCLE: a release of DepMap after 24Q4, loaded from its portal by a person and given with --from",
    version="as loaded by hand",
    licence="DepMap's terms of use of the release",
    citation="DepMap, Broad, the release that was loaded; Ghandi et al., Nature 2019, doi:10.1038/s41586-019-1186-3",
    documentation=(
        "https://depmap.org/portal/data_page (for people only)",
        "DepMap's README of 25Q3 (files and columns)",
    ),
    files=files,
    read=read,
    units="log2(TPM + 1)",
    unverified="number of samples and genes, size, and the release, which is not in its files",
)
