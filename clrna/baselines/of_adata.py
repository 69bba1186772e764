"""The baselines of an AnnData, read from a file or in memory: its design looked at, and the embeddings added."""

import logging
from collections.abc import Sequence
from pathlib import Path

from anndata import AnnData

from clrna.baselines.compute import DESCRIPTIONS, compute_baselines
from clrna.baselines.design import Design, examine
from clrna.baselines.inputs import among_all_genes, covariates_of, labels_if_any, refuse_linear_values
from clrna.errors import UsageError
from clrna.io import contract
from clrna.io.hdf5.h5ad import matrix_of
from clrna.io.hdf5.measured import measured_by_all
from clrna.quoted import listed, quoted

logger = logging.getLogger("clrna")


def examine_adata(
    adata: AnnData,
    path: Path,
    methods: Sequence[str],
    covariates: Sequence[str],
    *,
    study_key: str,
    label_key: str,
    label_by: list[str] | None,
) -> Design:
    """Look at the design of a batch correction.

    Parameters
    ----------
    adata, path
        The samples, and how errors call them.
    methods
        What is to be computed.
    covariates
        Columns of ``obs`` whose effect ComBat and limma shall keep.
    study_key, label_key, label_by
        Columns of ``obs``.

    Raises
    ------
    InputError
        A column is missing. What is wrong with the design stands in what is returned.
    """
    return examine(
        contract.study_column(adata.obs, study_key, path),
        labels_if_any(adata, label_key, label_by, path),
        covariates_of(adata, covariates, study_key, path),
        methods,
        study_key=study_key,
        label_key=",".join(label_by or [label_key]),
    )


def add_baselines(
    adata: AnnData,
    path: Path,
    methods: Sequence[str],
    covariates: Sequence[str],
    *,
    study_key: str,
    layer: str | None,
    n_comps: int,
    seed: int,
    corrected_layer: str | None,
    combat_ref: str | None = None,
) -> dict[str, str]:
    """Add the embeddings to ``obsm``, once the design was found to be good.

    Parameters
    ----------
    adata, path, methods, covariates, study_key
        As for :func:`examine_adata`.
    layer
        To read in place of ``X``.
    n_comps, seed
        As for :func:`clrna.baselines.compute.compute_baselines`.
    corrected_layer
        Layer in which ComBat's corrected expression is kept, None for none.
    combat_ref
        Study that ComBat moves the others onto; None where they meet in the middle.

    Returns
    -------
    What each embedding is, by its key.

    Raises
    ------
    InputError
        Values are not finite, or are no logarithms.
    UsageError
        There is no study ``combat_ref``.
    """
    studies = contract.study_column(adata.obs, study_key, path)
    known = sorted(set(studies.tolist()))
    if combat_ref is not None and combat_ref not in known:
        raise UsageError(f"--combat-ref {quoted(combat_ref)}: no such study; there are {listed(known, 20)}")
    values = matrix_of(adata, layer, path)
    contract.check(adata, path, values=values)
    refuse_linear_values(values, studies, path)
    kept = covariates_of(adata, covariates, study_key, path)
    shared = measured_by_all(adata.var, studies, path)
    if not shared.all():
        text = "%d of %d genes are left out, which not every study measured: what fills them would count as data"
        logger.info(text, int((~shared).sum()), len(shared))
    embeddings, corrected = compute_baselines(
        values if shared.all() else values[:, shared], studies, kept, methods, n_comps, seed,
        combat_ref=combat_ref, corrected_wanted=corrected_layer is not None,
    )  # fmt: skip
    adata.obsm.update(embeddings)
    if corrected is not None:
        adata.layers[corrected_layer] = among_all_genes(corrected, values, shared)
    return {key: DESCRIPTIONS[key] for key in embeddings}
