import numpy as np
from anndata import AnnData

from clrna.constants import STUDY
from clrna.simulate import simulate
from clrna.simulate_files import identifiers, in_unit, metadata_of

# Unit and gene identifiers of each study, as different as those that researchers hold.
_AS_MEASURED = {"SIM1": ("counts", "ensembl"), "SIM2": ("tpm", "symbol"), "SIM3": ("log2_intensity", "entrez")}


def demo(*, n_genes: int = 300, random_state: int = 0) -> dict[str, AnnData]:
    """Simulate three studies of three tissues, each in its own unit and kind of gene identifier.

    No file and no network is needed. The values are made up: a level of each gene, a program of each tissue, donors,
    and a shift and a scale of each gene in each study, which is the batch effect.

    Parameters
    ----------
    n_genes
        Genes that each study measured.
    random_state
        The same seed gives the same values.

    Returns
    -------
    AnnData by study, 36 samples each: ``SIM1`` in counts, ``SIM2`` in TPM, ``SIM3`` in log2 intensities.
    ``obs`` has columns as sources name them: ``primary_site``, ``cancer_type``, ``sample_type``, ``patient_id``.

    Examples
    --------
    >>> {study: adata.shape for study, adata in clrna.datasets.demo().items()}
    {'SIM1': (36, 300), 'SIM2': (36, 300), 'SIM3': (36, 300)}
    """
    together = simulate(n_tissues=3, n_studies=3, n_genes=n_genes, seed=random_state)
    rng = np.random.default_rng(random_state)
    studies = {}
    for study, (unit, identifier) in _AS_MEASURED.items():
        mine = together[(together.obs[STUDY] == study).to_numpy()]
        values = in_unit(np.asarray(mine.X, dtype=np.float64), mine.var_names, unit, rng).astype(np.float32)
        adata = AnnData(X=values, obs=metadata_of(mine).drop(columns=STUDY))
        adata.var_names = identifiers(mine.var_names, identifier)
        studies[study] = adata
    return studies
