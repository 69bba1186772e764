"""Write simulated studies as the files that researchers hold: any unit, identifier and format."""

import gzip
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd
import zstandard
from anndata import AnnData
from scipy import sparse

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.genes import exonic_lengths, load_gene_table
from clrna.io.contract import text_column

UNITS: Final = (
    "counts", "cpm", "tpm", "fpkm", "log2_tpm1", "ln_tpm1", "log10_tpm1", "log2_tpm0.001", "intensity",
    "log2_intensity", "log2_ratio", "zscore",
)  # fmt: skip
IDENTIFIERS: Final = ("symbol", "previous", "ensembl", "ensembl_version", "entrez")
FORMATS: Final = ("tsv", "csv", "tsv.gz", "csv.gz", "tsv.zst", "gct", "parquet", "h5ad")
_READS: Final = 2_000_000


@dataclass(frozen=True)
class RawFile:
    """How one study is written.

    Attributes
    ----------
    unit
        One of ``UNITS``.
    identifier
        One of ``IDENTIFIERS``; ``previous`` gives genes that had another symbol that symbol.
    file_format
        One of ``FORMATS``; also the file's ending.
    samples_in_rows
        How a table lies.
    missing_genes
        Share of the genes that the study did not measure.
    missing_values
        Number of values that are missing.
    """

    unit: str = "log2_tpm1"
    identifier: str = "symbol"
    file_format: str = "tsv"
    samples_in_rows: bool = True
    missing_genes: float = 0.0
    missing_values: int = 0


def write_raw_study(adata: AnnData, study: str, folder: Path, raw: RawFile, seed: int = 0) -> Path:
    """Write one study of a simulated file; its name is ``STUDY.FORMAT``.

    Parameters
    ----------
    adata
        From :func:`clrna.simulate.simulate`, all in ``log2_tpm1``.
    study
        The study to write.
    folder
        Where to.
    raw
        How.
    seed
        Of reads, missing genes and values.

    Returns
    -------
    The file that was written.
    """
    rng = np.random.default_rng(seed)
    mine = adata[(adata.obs[STUDY] == study).to_numpy()]
    values = in_unit(np.asarray(mine.X, dtype=np.float64), mine.var_names, raw.unit, rng)
    kept = np.sort(rng.choice(mine.n_vars, round((1 - raw.missing_genes) * mine.n_vars), replace=False))
    values = values[:, kept]
    holes = rng.choice(values.size, raw.missing_values, replace=False)
    values[np.unravel_index(holes, values.shape)] = np.nan
    ids = identifiers(mine.var_names[kept], raw.identifier)
    frame = pd.DataFrame(values, index=mine.obs_names.astype(str), columns=ids)
    path = folder / f"{study}.{raw.file_format}"
    if raw.file_format == "h5ad":
        _write_h5ad(frame, metadata_of(mine), path)
    else:
        _write_table(frame, path, raw)
    return path


def write_metadata(adata: AnnData, path: Path, studies: tuple[str, ...] = ()) -> Path:
    """Write the sample metadata of some studies (all if none is named) as tab separated text."""
    chosen = adata.obs[STUDY].isin(studies).to_numpy() if studies else np.ones(adata.n_obs, dtype=bool)
    metadata_of(adata[chosen]).to_csv(path, sep="\t", index_label="sample")
    return path


def metadata_of(adata: AnnData) -> pd.DataFrame:
    """Return sample metadata with the column names and spellings of a source, not CLRNA's."""
    obs = adata.obs
    columns = {
        STUDY: text_column(obs[STUDY]),
        "primary_site": [tissue.lower().replace("cns/", "") for tissue in text_column(obs[TISSUE])],
        "cancer_type": text_column(obs[TUMOR_TYPE]),
        "sample_type": [category.replace("_", " ") for category in text_column(obs[SAMPLE_CATEGORY])],
        "patient_id": text_column(obs[DONOR]),
    }
    return pd.DataFrame(columns, index=obs.index)


def in_unit(values: np.ndarray, symbols: pd.Index, unit: str, rng: np.random.Generator) -> np.ndarray:
    """Turn log2(TPM + 1), shape (samples, genes), into one of ``UNITS``; float64 of the same shape."""
    tpm = np.exp2(values) - 1.0
    if unit in ("counts", "cpm", "fpkm"):
        reads = tpm * exonic_lengths(symbols)
        counts = rng.poisson(reads / reads.sum(axis=1, keepdims=True) * _READS).astype(np.float64)
        cpm = counts / counts.sum(axis=1, keepdims=True) * 1e6
        return {"counts": counts, "cpm": cpm, "fpkm": cpm / exonic_lengths(symbols) * 1e3}[unit]
    centered = values - values.mean(axis=0)
    made = {
        "tpm": tpm,
        "log2_tpm1": values,
        "ln_tpm1": np.log(tpm + 1.0),
        "log10_tpm1": np.log10(tpm + 1.0),
        "log2_tpm0.001": np.log2(np.maximum(tpm, 0.0) + 0.001),
        "intensity": np.exp2(3.0 + 0.7 * values),
        "log2_intensity": 3.0 + 0.7 * values,
        "log2_ratio": centered,
        "zscore": centered / np.maximum(centered.std(axis=0, ddof=1), 1e-6),
    }
    if unit not in made:
        raise ValueError(f"unit {unit!r} is none of {', '.join(UNITS)}")
    return made[unit]


def identifiers(symbols: pd.Index, kind: str) -> list[str]:
    """Return the identifiers of current symbols in one of ``IDENTIFIERS``."""
    table = load_gene_table()
    rows = [table.by_symbol[str(symbol)] for symbol in symbols]
    if kind == "symbol":
        return [str(symbol) for symbol in symbols]
    if kind == "previous":
        return [_previous(str(symbol)) for symbol in symbols]
    column = {"ensembl": table.ensembl_id, "ensembl_version": table.ensembl_id, "entrez": table.entrez_id}[kind]
    version = ".7" if kind == "ensembl_version" else ""
    return [f"{column[row]}{version}" for row in rows]


def _previous(symbol: str) -> str:
    """Return a former symbol that no other gene has or had, the symbol itself where there is none."""
    table = load_gene_table()
    row = table.by_symbol[symbol]
    for name, rows in table.by_previous.items():
        if rows == [row] and name not in table.by_symbol and name not in table.by_alias:
            return name
    return symbol


def _write_table(frame: pd.DataFrame, path: Path, raw: RawFile) -> None:
    if raw.file_format == "gct":
        _write_gct(frame, path)
        return
    table = frame if raw.samples_in_rows else frame.T
    if raw.file_format == "parquet":
        table.to_parquet(path)
        return
    text = io.StringIO()
    separator = "\t" if raw.file_format.startswith("tsv") else ","
    table.to_csv(
        text, sep=separator, index_label="sample" if raw.samples_in_rows else "gene", na_rep="NA", float_format="%.9g"
    )
    _write_bytes(text.getvalue().encode(), path)


def _write_gct(frame: pd.DataFrame, path: Path) -> None:
    table = frame.T
    table.insert(0, "Description", "na")
    body = table.to_csv(sep="\t", index_label="Name", na_rep="", float_format="%.9g")
    _write_bytes(f"#1.2\n{frame.shape[1]}\t{frame.shape[0]}\n{body}".encode(), path)


def _write_bytes(content: bytes, path: Path) -> None:
    if path.suffix == ".gz":
        content = gzip.compress(content, mtime=0)
    elif path.suffix == ".zst":
        content = zstandard.compress(content)
    path.write_bytes(content)


def _write_h5ad(frame: pd.DataFrame, obs: pd.DataFrame, path: Path) -> None:
    values = sparse.csr_matrix(frame.to_numpy(dtype=np.float32))
    AnnData(X=values, obs=obs, var=pd.DataFrame(index=frame.columns)).write_h5ad(path)
