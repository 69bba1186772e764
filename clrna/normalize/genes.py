"""Bring a study's genes to current symbols: map, merge what is one gene, report."""

import logging
from dataclasses import replace

import numpy as np
import pandas as pd

from clrna.constants import ENSEMBL_ID, ENTREZ_ID, ORIGINAL_ID
from clrna.errors import InputError
from clrna.genes import GeneMapping, map_genes, require_known_genes
from clrna.io.matrix.gene_names import column_of_genes, names_in
from clrna.normalize.part import StudyPart
from clrna.plural import plural
from clrna.quoted import listed, quoted

logger = logging.getLogger("clrna")

REPORT_COLUMNS = ("study", "file", "original_id", "symbol", "found_as", "outcome", "note")
_OWN = (ENSEMBL_ID, ENTREZ_ID, ORIGINAL_ID)
SEPARATOR = ";"
_SHOWN = 5


def identifiers_of(part: StudyPart, gene_key: str | None) -> list[str]:
    """Return the identifiers to map: the names of the genes, or a ``var`` column.

    Where the names are no genes (row numbers, probes), the column is taken in which most values are.

    Raises
    ------
    InputError
        There is no such column.
    """
    if gene_key is None and not part.normalized:
        gene_key = _column_of_genes(part)
    if gene_key is None or part.normalized:
        return [str(name) for name in part.genes.index]
    if gene_key not in part.genes:
        known = listed(part.genes.columns, 20) or "none"
        raise InputError(f"{part.path}: --gene-key {gene_key}: var has no such column; it has {known}")
    return names_in(part.genes[gene_key])


def map_part(part: StudyPart, kind: str, gene_key: str | None, rule: str, without_value: np.ndarray) -> None:
    """Map a study's genes to current symbols and merge columns of one gene, in place.

    An alias of a gene that stands there by its symbol or number too is lost: HER2 beside ERBB2 may be anything.
    Afterwards the genes are in the order of their symbols. Layers are kept where no columns were merged.

    Parameters
    ----------
    part
        The study.
    kind
        ``auto``, ``symbol``, ``ensembl`` or ``entrez``.
    gene_key
        ``var`` column with identifiers.
    rule
        ``sum``, ``mean``, or ``max``: the column with the highest mean stands for the gene.
    without_value
        Genes that have no finite value, shape (genes,); they are lost.

    Raises
    ------
    InputError
        Not one identifier is a known gene.
    """
    ids = identifiers_of(part, gene_key)
    mapping = _without_aliases_of_others(part, ids, map_genes(ids, "symbol" if part.normalized else kind))
    require_known_genes(mapping, ids, part.path)
    symbols = np.where(without_value, "", mapping.symbol).astype(object)
    if not (symbols != "").any():
        raise InputError(f"{part.name}: not one known gene has a finite value")
    part.report = _report(part, ids, mapping, without_value)
    part.identifiers = mapping.kind
    part.genes = _described(part, ids, mapping)
    _log(part, mapping)
    order = _order(symbols)
    merged = len(order) > len(set(symbols[order]))
    if merged and part.layers:
        logger.info("%s: layers %s are left out: columns of one gene were merged", part.name, listed(part.layers))
        part.layers = {}
    part.keep_genes(order)
    part.genes.index = pd.Index(symbols[order], dtype=object)
    if merged:
        _merge(part, rule)


def _column_of_genes(part: StudyPart) -> str | None:
    """Return the column that names the genes where their own names do not, None where it takes no column."""
    best = column_of_genes(part.genes)
    if best is not None:
        logger.info("%s: genes are named by column %r of var, as --gene-key does", part.name, best)
    return best


def _without_aliases_of_others(part: StudyPart, ids: list[str], mapping: GeneMapping) -> GeneMapping:
    """Return a mapping in which aliases are lost whose gene another identifier names exactly."""
    exact = set(mapping.symbol[np.isin(mapping.status, ("current", "ensembl", "entrez")) & (mapping.note == "")])
    # Not np.isin: of objects it compares each with each, which took most of the time of a whole genome.
    others = (mapping.status == "alias") & np.array([symbol in exact for symbol in mapping.symbol], dtype=bool)
    if not others.any():
        return mapping
    shown = ", ".join(f"{quoted(ids[at])} ({mapping.symbol[at]})" for at in np.flatnonzero(others)[:_SHOWN])
    logger.warning(
        "%s: %s left out, as the gene stands there by its symbol: %s",
        part.name, plural(int(others.sum()), "alias is", "aliases are"), shown,
    )  # fmt: skip
    note = np.where(others, "alias of " + mapping.symbol + ", which stands there itself", mapping.note)
    return replace(
        mapping,
        symbol=np.where(others, "", mapping.symbol),
        status=np.where(others, "lost", mapping.status),
        ensembl_id=np.where(others, "", mapping.ensembl_id),
        entrez_id=np.where(others, "", mapping.entrez_id),
        note=note,
    )


def _order(symbols: np.ndarray) -> np.ndarray:
    """Return the positions of the mapped identifiers, by symbol, those of one symbol as in the file."""
    known = np.flatnonzero(symbols != "")
    return known[np.argsort(symbols[known].astype(str), kind="stable")]


def _described(part: StudyPart, ids: list[str], mapping: GeneMapping) -> pd.DataFrame:
    """Return the columns of var: identifiers first, then what the file has besides."""
    original = part.genes[ORIGINAL_ID].astype(str).tolist() if ORIGINAL_ID in part.genes else ids
    frame = pd.DataFrame(
        {ENSEMBL_ID: mapping.ensembl_id, ENTREZ_ID: mapping.entrez_id, ORIGINAL_ID: np.array(original, dtype=object)},
        index=part.genes.index,
    )
    others = [name for name in part.genes.columns if name not in _OWN]
    return pd.concat([frame, part.genes[others]], axis=1)


def _report(part: StudyPart, ids: list[str], mapping: GeneMapping, without_value: np.ndarray) -> pd.DataFrame:
    symbols = pd.Series(mapping.symbol)
    double = (symbols != "") & symbols.duplicated(keep=False)
    outcome = np.where(np.isin(mapping.status, ("previous", "alias")), "renamed", "kept").astype(object)
    outcome[double.to_numpy()] = "merged"
    for status in ("ambiguous", "lost"):
        outcome[mapping.status == status] = status
    outcome[without_value & (mapping.symbol != "")] = "no value"
    note = np.where(mapping.candidates != "", "may be " + mapping.candidates, mapping.note)
    columns = (part.study, part.path.name, ids, mapping.symbol, mapping.status, outcome, note)
    return pd.DataFrame(dict(zip(REPORT_COLUMNS, columns, strict=True)))


def _log(part: StudyPart, mapping: GeneMapping) -> None:
    counts = part.report["outcome"].value_counts()
    parts = ", ".join(f"{counts[name]:,} {name}" for name in counts.index)
    logger.info("%s: %d gene identifiers (%s): %s", part.name, len(part.report), mapping.kind, parts)
    lost = part.report.loc[part.report["outcome"].isin(("lost", "ambiguous")), "original_id"]
    if len(lost) > len(part.report) / 2:
        logger.warning("%s: more than half of the genes are lost, e.g. %s", part.name, listed(lost, 5))


def _merge(part: StudyPart, rule: str) -> None:
    """Merge neighbouring columns of one symbol."""
    symbols = part.genes.index.to_numpy(dtype=object)
    first = np.flatnonzero(np.append(True, symbols[1:] != symbols[:-1]))
    ends = np.append(first[1:], len(symbols))
    values = part.values[:, first]
    genes = part.genes.iloc[first].copy()
    originals = part.genes[ORIGINAL_ID].to_numpy(dtype=object)
    joined = genes[ORIGINAL_ID].to_numpy(dtype=object).copy()
    for column in np.flatnonzero(ends - first > 1):
        block = slice(first[column], ends[column])
        values[:, column] = _merged(part.values[:, block].astype(np.float64), rule)
        joined[column] = SEPARATOR.join(dict.fromkeys(originals[block]))
    genes[ORIGINAL_ID] = joined
    part.values, part.genes = values, genes


def _merged(columns: np.ndarray, rule: str) -> np.ndarray:
    if rule == "sum":
        return columns.sum(axis=1)
    if rule == "mean":
        return columns.mean(axis=1)
    return columns[:, int(np.argmax(columns.mean(axis=0)))]
