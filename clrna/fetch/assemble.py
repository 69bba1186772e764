"""Make AnnData of a study: labels in our vocabulary beside the source's own, donors, and where it all came from."""

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd
from anndata import AnnData

from clrna.constants import (
    COPY_OF,
    DONOR,
    ORIGINAL_ID,
    SAMPLE_CATEGORY,
    SCALE,
    STUDY,
    TISSUE,
    TISSUE_RAW,
    TUMOR_TYPE,
    TUMOR_TYPE_RAW,
)
from clrna.donors import donors_of
from clrna.errors import InputError
from clrna.fetch.source import Expression
from clrna.io.contract import text_column
from clrna.io.provenance import add_record
from clrna.labels import harmonize, harmonize_category

logger = logging.getLogger("clrna")

_NAMED_IN_LOG = 8
_KNOWN = (STUDY, TISSUE, TUMOR_TYPE, SAMPLE_CATEGORY, DONOR)


def to_anndata(study: Expression, label_map: Path | None, record: Mapping[str, Any]) -> AnnData:
    """Return a study as AnnData, in the source's own units and gene identifiers.

    Parameters
    ----------
    study
        As read.
    label_map
        The user's own label map.
    record
        Provenance record of this run.

    Raises
    ------
    InputError
        There are no samples or genes, or a name stands twice.
    """
    if min(study.values.shape) == 0:
        samples, genes = study.values.shape
        raise InputError(f"the source's files hold {samples} samples x {genes} genes that can be used")
    for what, index in (("samples", study.samples.index), ("genes", study.genes.index)):
        if not index.is_unique:
            twice = ", ".join(map(str, index[index.duplicated()][:3]))
            raise InputError(f"the source's files name {what} twice ({twice}); they are damaged, load them anew")
    adata = AnnData(
        X=study.values,
        obs=describe_samples(study.samples, label_map, study.scale),
        var=describe_genes(study.genes),
        layers=dict(study.layers),
    )
    if study.copies:
        adata.obs[COPY_OF] = study.copies
    add_record(adata, record)
    return adata


def described(
    samples: pd.DataFrame, genes: pd.DataFrame, label_map: Path | None, scale: str, record: Mapping[str, Any]
) -> AnnData:
    """Return AnnData without a matrix, for sources whose matrices are written block by block.

    Parameters
    ----------
    samples, genes
        As :class:`clrna.fetch.source.Expression` has them.
    label_map, record
        As for :func:`to_anndata`.
    scale
        Of ``X``.
    """
    adata = AnnData(obs=describe_samples(samples, label_map, scale), var=describe_genes(genes))
    add_record(adata, record)
    return adata


def describe_samples(samples: pd.DataFrame, label_map: Path | None, scale: str) -> pd.DataFrame:
    """Return ``obs``: study, harmonised labels beside the raw ones, category, donor, scale, and the source's columns.

    Parameters
    ----------
    samples
        As :attr:`clrna.fetch.source.Expression.samples`.
    label_map
        The user's own label map.
    scale
        Of all samples; '' leaves the column out.
    """
    raw = {name: text_column(samples[name]).tolist() for name in _KNOWN if name in samples}
    empty = [""] * len(samples)
    labels = harmonize(raw.get(TISSUE, empty), raw.get(TUMOR_TYPE, empty), label_map)
    categories = harmonize_category(raw.get(SAMPLE_CATEGORY, empty))
    names = [str(name) for name in samples.index]
    donors = donors_of(names, raw[STUDY], list(categories), raw.get(DONOR))
    columns: dict[str, Any] = {
        STUDY: raw[STUDY],
        TISSUE: labels.tissue,
        TUMOR_TYPE: labels.tumor_type,
        SAMPLE_CATEGORY: categories,
        DONOR: donors.donor,
        TISSUE_RAW: raw.get(TISSUE, empty),
        TUMOR_TYPE_RAW: raw.get(TUMOR_TYPE, empty),
    }
    if scale:
        columns[SCALE] = scale
    for name in samples.columns:
        if name not in columns and name != SCALE:
            columns[str(name)] = text_column(samples[name])
    _log_labels(labels.report, int((labels.tissue == "").sum()), len(samples))
    frame = pd.DataFrame(columns, index=pd.Index(names, dtype=object))
    # What is not known is missing in the file, not the text ''.
    return frame.replace({"": None})


def describe_genes(genes: pd.DataFrame) -> pd.DataFrame:
    """Return ``var``: what the source calls its genes."""
    frame = genes.astype(object)
    frame.index = pd.Index([str(name) for name in genes.index], dtype=object)
    if ORIGINAL_ID not in frame:
        frame[ORIGINAL_ID] = frame.index.to_numpy()
    return frame.replace({"": None})


def first_by_name(names: Sequence[str], limit: int | None) -> list[int]:
    """Return the places of the first samples by name, in the order of names; of all where ``limit`` is None."""
    return sorted(range(len(names)), key=lambda at: names[at])[:limit]


def unique_names(names: pd.Series | pd.Index | list[str]) -> list[str]:
    """Return names of which each stands once: later ones get ``.2``, ``.3`` and so on."""
    seen: dict[str, int] = {}
    result = []
    for name in map(str, names):
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name}.{seen[name]}")
    return result


def _log_labels(report: pd.DataFrame, unlabelled: int, samples: int) -> None:
    unknown = report[report["status"].isin(("unlabelled", "needs tissue"))].sort_values("n", ascending=False)
    if len(unknown):
        some = ", ".join(repr(raw) for raw in unknown["raw"].head(_NAMED_IN_LOG))
        more = " and more" if len(unknown) > _NAMED_IN_LOG else ""
        logger.info("labels without a harmonised name (give them one with --label-map): %s%s", some, more)
    logger.info("%d of %d samples have a tissue", samples - unlabelled, samples)
