"""gCSI: Genentech's RNA-Seq of 675 cancer cell lines, as EMBL-EBI's Expression Atlas processed it."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.fetch.assemble import unique_names
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.io.matrix.modac_text import Layout, read_blocks, read_header
from clrna.io.regular import refuse_no_file

MATRIX = "E-MTAB-2706-query-results.tpms.tsv"
_TEXT_COLUMNS = 2
_MOST_COMMENTS = 20


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the table of TPM values."""
    folder = "https://www.ebi.ac.uk/gxa/experiments-content/E-MTAB-2706/resources"
    return [RemoteFile(MATRIX, (f"{folder}/ExperimentDownloadSupplier.RnaSeqBaseline/tpms.tsv",))]


def read(paths: Paths, request: Request) -> Expression:
    """Return the profiles; a field that the Atlas leaves empty is a gene that was not expressed."""
    path = paths[MATRIX]
    comments = _comments(path)
    layout = Layout(comments + 1, _TEXT_COLUMNS, columns_line=comments)
    header = read_header(path, layout).lines[-1]
    if header[:_TEXT_COLUMNS] != ["Gene ID", "Gene Name"] or len(header) <= _TEXT_COLUMNS:
        raise InputError(
            f"{path}: does not begin with 'Gene ID' and 'Gene Name'; it is another file, or its form is new"
        )
    samples = _samples(header[_TEXT_COLUMNS:])
    blocks = list(read_blocks(path, request.threads, layout))
    values = np.nan_to_num(np.concatenate([block.values for block in blocks]).T)
    pairs = [name.split("\t") for block in blocks for name in block.names]
    genes = pd.DataFrame({"symbol": [pair[1] for pair in pairs]}, index=[pair[0] for pair in pairs])
    genes["ensembl_id"] = genes["original_id"] = genes.index
    return Expression(np.ascontiguousarray(values), genes, samples, scale="tpm")


def _comments(path: Path) -> int:
    refuse_no_file(path)
    with path.open(encoding="utf-8", errors="replace") as file:
        lines = [file.readline() for _ in range(_MOST_COMMENTS)]
    return next((number for number, line in enumerate(lines) if not line.startswith("#")), 0)


def _samples(names: list[str]) -> pd.DataFrame:
    """Return samples from column names such as 'uterine cervix, cervical adenocarcinoma, HeLa'."""
    parts = [name.split(", ") for name in names]
    lines = [part[-1] for part in parts]
    columns = {
        STUDY: "gCSI",
        TISSUE: [part[0] if len(part) > 1 else "" for part in parts],
        TUMOR_TYPE: [", ".join(part[1:-1]) for part in parts],
        SAMPLE_CATEGORY: "cell_line",
        DONOR: lines,
        "atlas_name": names,
    }
    return pd.DataFrame(columns, index=unique_names(lines))


SOURCE = Source(
    name="gcsi",
    title="gCSI: RNA-Seq of 675 cancer cell lines (Genentech; processed by Expression Atlas)",
    version="E-MTAB-2706",
    licence="EMBL-EBI terms of use: free for all uses",
    citation="Klijn et al., Nat Biotechnol 2015, doi:10.1038/nbt.3080; "
    "Haverty et al., Nature 2016, doi:10.1038/nature17987",
    documentation=(
        "https://www.ebi.ac.uk/gxa/experiments/E-MTAB-2706/Downloads",
        "https://www.ebi.ac.uk/arrayexpress/experiments/E-MTAB-2706",
    ),
    files=files,
    read=read,
    units="TPM",
    unverified="number of samples and genes in the table",
)
