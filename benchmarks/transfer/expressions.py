"""Expression of a trial's samples, the reference's first, as it is and after each correction."""

from collections.abc import Callable

import numpy as np
from executables import run_encode
from numpy.typing import NDArray
from trials import Trial, zscore

from clrna.baselines.combat import combat
from clrna.baselines.limma import remove_batch_effect
from clrna.io.hdf5.h5ad import read_h5ad

_LAYER = "corrected"


def shared(trial: Trial) -> tuple[NDArray, NDArray, NDArray[np.bool_]]:
    """Return all samples, z-scored over the genes that both have, their studies, and which are the reference's."""
    reference, query = trial.reference.expression, trial.query.expression
    genes = reference.genes.intersection(query.genes, sort=False)
    columns = (reference.genes.get_indexer(genes), query.genes.get_indexer(genes))
    values = np.vstack([zscore(reference.values[:, columns[0]]), zscore(query.values[:, columns[1]])])
    known = np.arange(len(values)) < len(reference.values)
    return values, np.concatenate([reference.studies, query.studies]), known


def uncorrected(trial: Trial) -> NDArray:
    """Return all samples as they are, each z-scored."""
    return shared(trial)[0]


def combat_of_all(trial: Trial) -> NDArray:
    """Return all samples after ComBat."""
    values, studies, _ = shared(trial)
    return combat(values, studies)


def combat_onto_largest(trial: Trial) -> NDArray:
    """Return all samples after ComBat onto the largest study of the reference, which stays as it is."""
    values, studies, known = shared(trial)
    names, sizes = np.unique(studies[known].astype(str), return_counts=True)
    return combat(values, studies, reference=str(names[sizes.argmax()]))


def without_batch_effect(trial: Trial) -> NDArray:
    """Return all samples after limma's removeBatchEffect."""
    values, studies, _ = shared(trial)
    return remove_batch_effect(values, studies)


def corrected(*options: str) -> Callable[[Trial], NDArray]:
    """Return the layer that ``clrna-encode --corrected-layer`` adds to reference and query, in the genes of both."""

    def expression(trial: Trial) -> NDArray:
        reference, words = trial.reference, ("--corrected-layer", _LAYER, *options)
        model = reference.model(reference.merged)
        output = trial.query.folder / "corrected.h5ad"
        # Normalized, since the genes of the query's own file may have other names.
        run_encode(trial.query.folder / "normalized.h5ad", model, output, *words, threads=reference.threads)
        known, own = reference.encoded(reference.merged, model, *words), read_h5ad(output)
        genes = known.var_names.intersection(own.var_names, sort=False)
        values = np.vstack([np.asarray(adata[:, genes].layers[_LAYER]) for adata in (known, own)])
        return values[:, np.isfinite(values).all(axis=0)]

    return expression


# Rows that are expression of all samples, of which the components are taken.
EXPRESSION: dict[str, Callable[[Trial], NDArray]] = {
    "uncorrected": uncorrected,
    "combat": combat_of_all,
    "combat-ref": combat_onto_largest,
    "limma": without_batch_effect,
    "corrected": corrected(),
    "corrected-alone": corrected("--adapt", "none"),
}
