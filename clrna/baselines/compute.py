"""All baselines of one file, each on as little as it needs."""

import logging
from collections.abc import Sequence

import pandas as pd
from numpy.typing import NDArray

from clrna.baselines.combat import fit_combat
from clrna.baselines.covariates import numeric_columns
from clrna.baselines.harmony import harmony
from clrna.baselines.limma import fit_batch_effect
from clrna.baselines.principal_components import pca
from clrna.baselines.standardized import fit_standardized
from clrna.constants import X_COMBAT, X_HARMONY, X_LIMMA, X_PCA, X_STANDARDIZED
from clrna.quoted import quoted
from clrna.stages import stage

logger = logging.getLogger("clrna")

# What each embedding is, for the provenance record and the readers of a report.
DESCRIPTIONS = {
    X_PCA: "principal components of the values as they are",
    X_COMBAT: "principal components after ComBat",
    X_HARMONY: "Harmony on the principal components",
    X_STANDARDIZED: "principal components after standardizing each study's genes",
    X_LIMMA: "principal components after limma's removeBatchEffect",
}


def compute_baselines(
    values: NDArray,
    studies: NDArray,
    covariates: pd.DataFrame,
    methods: Sequence[str],
    n_comps: int,
    seed: int,
    *,
    combat_ref: str | None = None,
    corrected_wanted: bool = False,
) -> tuple[dict[str, NDArray], NDArray | None]:
    """Return the embeddings by obsm key, and ComBat's corrected expression if it is wanted.

    ``values`` is the only matrix of this size that is held: corrections are worked out as blocks are read.

    Parameters
    ----------
    values
        Logarithmic expression, shape (samples, genes), finite.
    studies
        Study of each sample.
    covariates
        Columns whose effect ComBat and limma keep; none if it has no columns.
    methods
        Of ``pca``, ``combat``, ``harmony``, ``standardized`` and ``limma``.
    n_comps
        Principal components of each.
    seed
        Seed of what is random in them.
    combat_ref
        Study that ComBat moves the others onto; None where they meet in the middle.
    corrected_wanted
        Whether the corrected expression is to be returned too.
    """
    found: dict[str, NDArray] = {}
    corrected = None
    if "pca" in methods or "harmony" in methods:
        with stage("PCA"):
            components = pca(values, n_comps, seed)
        if "pca" in methods:
            found[X_PCA] = components
        if "harmony" in methods:
            logger.info("Harmony on %d components", components.shape[1])
            with stage("Harmony"):
                found[X_HARMONY] = harmony(components, studies, seed)
    kept = numeric_columns(covariates) if len(covariates.columns) else None
    if "combat" in methods:
        onto = "" if combat_ref is None else f", onto {quoted(combat_ref)}"
        logger.info("ComBat on %d samples x %d genes%s", *values.shape, onto)
        with stage("ComBat"):
            adjusted = fit_combat(values, studies, kept, combat_ref)
            found[X_COMBAT] = pca(adjusted, n_comps, seed)
        corrected = adjusted.whole() if corrected_wanted else None
    if "standardized" in methods:
        with stage("standardizing each study"):
            found[X_STANDARDIZED] = pca(fit_standardized(values, studies), n_comps, seed)
    if "limma" in methods:
        with stage("limma"):
            found[X_LIMMA] = pca(fit_batch_effect(values, studies, kept), n_comps, seed)
    return found, corrected
