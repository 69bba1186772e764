"""GDSC's microarrays: basal expression of a thousand cell lines, RMA-normalised."""

import re
from collections.abc import Sequence

import numpy as np
import pandas as pd

from clrna.constants import STUDY
from clrna.errors import InputError
from clrna.fetch.archive import extract
from clrna.fetch.assemble import unique_names
from clrna.fetch.remote_file import RemoteFile
from clrna.fetch.source import Expression, Paths, Request, Source
from clrna.fetch.sources.gdsc import MODELS, read_passport_models
from clrna.io.matrix.modac_text import Layout, read_blocks, read_header

ARCHIVE = "Cell_line_RMA_proc_basalExp.txt.zip"
_COSMIC = re.compile(r"DATA\.(\d+)(?:\.\d+)?")
_LAYOUT = Layout(text_columns=2)


def files(_request: Request) -> Sequence[RemoteFile]:
    """Return the archive of the matrix and the list of models."""
    models = RemoteFile(MODELS, (f"https://cog.sanger.ac.uk/cmp/download/{MODELS}",), about_size=900_000)
    addresses = (
        f"https://cog.sanger.ac.uk/cancerrxgene/GDSC_release8.5/{ARCHIVE}",
        f"https://www.cancerrxgene.org/gdsc1000/GDSC1000_WebResources/Data/preprocessed/{ARCHIVE}",
    )
    return [RemoteFile(ARCHIVE, addresses), models]


def read(paths: Paths, request: Request) -> Expression:
    """Return the profiles, named by the cell lines' COSMIC numbers; probes without a gene are left out."""
    table = extract(paths[ARCHIVE], lambda name: name.endswith("basalExp.txt"), request.scratch)
    found = [_COSMIC.fullmatch(name) for name in read_header(table, _LAYOUT).columns]
    if not all(found):
        raise InputError(f"{table.name}: its columns are not 'DATA.' and COSMIC numbers; its form is new")
    cosmic = [match[1] for match in found if match]
    blocks = list(read_blocks(table, request.threads, _LAYOUT))
    symbols = np.array([name.split("\t", 1)[0] for block in blocks for name in block.names], dtype=object)
    named = symbols != ""
    values = np.concatenate([block.values for block in blocks])[named].T
    models = read_passport_models(paths[MODELS])
    by_cosmic = models[models["COSMIC_ID"] != ""].drop_duplicates("COSMIC_ID").set_index("COSMIC_ID")
    samples = by_cosmic.reindex(cosmic)
    # Model lists keep the number as a column, which became the index.
    samples.insert(0, "COSMIC_ID", cosmic)
    samples.index = pd.Index(unique_names(cosmic))
    samples[STUDY] = "GDSC-array"
    genes = pd.DataFrame({"symbol": symbols[named]}, index=unique_names(list(symbols[named])))
    genes["original_id"] = symbols[named]
    return Expression(np.ascontiguousarray(values), genes, samples, scale="log2_intensity")


SOURCE = Source(
    name="gdsc-array",
    title="GDSC: Affymetrix arrays of cancer cell lines, RMA (cancerrxgene)",
    version="release 8.5",
    licence="Sanger data usage policy: research and education; commercial use by consent",
    citation="Iorio et al., Cell 2016, doi:10.1016/j.cell.2016.06.017",
    documentation=(
        "https://www.cancerrxgene.org/gdsc1000/GDSC1000_WebResources/Home.html (form; closed since GDSC moved to the "
        "Cell Model Passports)",
        "https://github.com/paulgeeleher/pRRophetic (columns are COSMIC numbers)",
    ),
    files=files,
    read=read,
    samples=1_018,
    genes=17_737,
    units="log2 intensity (RMA)",
    unverified="the archive's address in the new bucket is from third-party code, not from a page of GDSC's",
)
