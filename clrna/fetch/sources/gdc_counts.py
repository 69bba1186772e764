"""One file of the GDC's STAR pipeline: a sample's counts and TPM by gene."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow
import pyarrow.compute
from pyarrow import csv

from clrna.errors import InputError
from clrna.io.regular import refuse_no_file
from clrna.quoted import reason_of

_ID, _NAME, _KIND = "gene_id", "gene_name", "gene_type"
_COUNTS, _TPM = "unstranded", "tpm_unstranded"
# Above the genes stand totals: N_unmapped, N_multimapping, N_noFeature, N_ambiguous.
_TOTALS = "N_"


def read_genes(path: Path) -> pd.DataFrame:
    """Return the genes of a file: Ensembl identifiers with version, symbols and kinds.

    Raises
    ------
    InputError
        It is no such file.
    """
    table = _read(path)
    ids = table[_ID].to_numpy(zero_copy_only=False).astype(object)
    columns = {"symbol": table[_NAME], "gene_type": table[_KIND]}
    genes = pd.DataFrame({name: column.to_pandas() for name, column in columns.items()})
    genes.index = pd.Index(ids)
    genes["ensembl_id"] = [text.split(".")[0] for text in ids]
    if not genes.index.is_unique:
        raise InputError(f"{path}: names genes twice; it is damaged, load it anew")
    return genes


def read_counts(path: Path, genes: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return counts and TPM of a sample, float32 of shape (genes,), in the order of ``genes``.

    Raises
    ------
    InputError
        It is no such file, or of other genes.
    """
    table = _read(path)
    ids = table[_ID].to_numpy(zero_copy_only=False).astype(object)
    if len(ids) != len(genes) or not (ids == genes.index.to_numpy()).all():
        raise InputError(
            f"{path}: has other genes than the first file ({len(ids)}, not {len(genes)}); the GDC has changed its gene "
            "model meanwhile, or the file is truncated: load all anew"
        )
    counts, tpm = (np.asarray(table[name].to_numpy(), dtype=np.float32) for name in (_COUNTS, _TPM))
    if not (np.isfinite(counts).all() and np.isfinite(tpm).all()):
        raise InputError(f"{path}: lacks values; it is damaged, load it anew")
    return counts, tpm


def _read(path: Path) -> pyarrow.Table:
    wanted = {_ID: pyarrow.string(), _NAME: pyarrow.string(), _KIND: pyarrow.string()}
    wanted |= {_COUNTS: pyarrow.float64(), _TPM: pyarrow.float64()}
    try:
        refuse_no_file(path)
        with path.open("rb") as file:
            comments = 0
            while file.readline().startswith(b"#"):
                comments += 1
        table = csv.read_csv(
            path,
            read_options=csv.ReadOptions(skip_rows=comments, use_threads=False),
            parse_options=csv.ParseOptions(delimiter="\t", quote_char=False),
            convert_options=csv.ConvertOptions(column_types=wanted, include_columns=list(wanted)),
        )
    except (pyarrow.ArrowException, KeyError, OSError, UnicodeDecodeError) as error:
        reason = reason_of(error)
        raise InputError(f"{path}: is not a table of STAR counts as the GDC writes it ({reason})") from error
    genes = table.filter(pyarrow.compute.invert(pyarrow.compute.starts_with(table[_ID], _TOTALS)))
    if genes.num_rows == 0:
        raise InputError(f"{path}: has no genes; it is truncated, load it anew")
    return genes
