"""Models of the default kind, which place samples, trained on simulated studies in a moment."""

import numpy as np
from anndata import AnnData

from clrna.constants import DONOR, ENSEMBL_ID, ENTREZ_ID, SAMPLE_CATEGORY, SCALE, SPLIT, STUDY, TISSUE
from clrna.io.contract import text_column
from clrna.model.settings import ModelSettings
from clrna.train.fit import Fit, fit_model
from clrna.train.samples import TrainingSamples

LATENT = 12
N_GENES = 240


def training_samples(adata: AnnData) -> TrainingSamples:
    """What is known of the samples of a file."""
    columns = {"labels": TISSUE, "studies": STUDY, "donors": DONOR, "scales": SCALE, "split": SPLIT}
    known = {name: text_column(adata.obs[key]) for name, key in columns.items()}
    categories = text_column(adata.obs[SAMPLE_CATEGORY]) if SAMPLE_CATEGORY in adata.obs else None
    return TrainingSamples(**known, names=adata.obs_names.to_numpy(dtype=object), categories=categories)


def fit_default(
    adata: AnnData,
    *,
    values: np.ndarray | None = None,
    reserve_test: bool = False,
    keep_names: bool = False,
    **settings,
) -> Fit:
    """Train a default model on a file, or on other values of its samples."""
    chosen = ModelSettings.preset("default").override(**{"latent_dim": LATENT, **settings})
    given = np.asarray(adata.X) if values is None else values
    genes = adata.var[[ENSEMBL_ID, ENTREZ_ID]].astype(object)
    return fit_model(given, genes, training_samples(adata), chosen, reserve_test=reserve_test, keep_names=keep_names)
