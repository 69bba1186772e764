"""CTRP: a screen of cancer cell lines that measured no expression of its own; its profiles are CCLE's, by cell line."""

import dataclasses
from collections.abc import Sequence

import numpy as np

from clrna.constants import STUDY
from clrna.donors import cell_line_donor
from clrna.errors import InputError
from clrna.fetch.archive import extract
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.fetch.sources import ccle
from clrna.io.text_table import read_table

ARCHIVE = "CTRPv2.0_2015_ctd2_ExpandedDataset.zip"
_CELL_LINES = "v20.meta.per_cell_line.txt"
_NAME = "ccl_name"


def files(request: Request) -> Sequence[RemoteFile]:
    """Return the archive of the screen, of which its list of cell lines is read, and CCLE's files."""
    folder = "https://ctd2-data.nci.nih.gov/Public/Broad/CTRPv2.0_2015_ctd2_ExpandedDataset"
    return [RemoteFile(ARCHIVE, (f"{folder}/{ARCHIVE}",)), *ccle.files(request)]


def read(paths: Paths, request: Request) -> Expression:
    """Return CCLE's profiles of the cell lines that the screen used, as copies of CCLE's."""
    table = extract(paths[ARCHIVE], lambda name: name.endswith(_CELL_LINES), request.scratch)
    lines = read_table(table, required=(_NAME,))
    wanted = {cell_line_donor(name) for name in lines[_NAME] if name} - {""}
    study = ccle.read(paths, request)
    names = study.samples["CellLineName"].fillna("").astype(str)
    chosen = np.array([cell_line_donor(name) in wanted for name in names])
    if not chosen.any():
        raise InputError(f"{table.name}: none of its cell lines is one of CCLE's; it is damaged, load it anew")
    samples = study.samples[chosen].copy()
    samples[STUDY] = "CTRP"
    samples.index = "CTRP." + samples.index.astype(str)
    return dataclasses.replace(study, values=study.values[chosen], samples=samples, copies="CCLE")


SOURCE = Source(
    name="ctrp",
    title="CTRP v2: no expression of its own; CCLE's profiles of its cell lines, marked as copies",
    version="2.0 (2015) with CCLE 24Q4",
    licence="CTD2 data are open; CCLE: CC BY 4.0",
    citation="Rees et al., Nat Chem Biol 2016, doi:10.1038/nchembio.1986; expression as ccle",
    documentation=(
        "https://portals.broadinstitute.org/ctrp.v2.1",
        "https://github.com/BHKLAB/AnnotationGx (CTRP sample metadata: address, master_ccl_id, ccl_name)",
    ),
    files=files,
    read=read,
    samples=860,
    genes=19_193,
    units="log2(TPM + 1)",
    about_size=507_646_000,
    unverified="the archive's address is said to lead to a web page since 2026; if so, load it by hand and use --from",
)
