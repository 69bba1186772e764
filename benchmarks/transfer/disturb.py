"""What the suites take away or spoil: samples, genes, labels, studies."""

import numpy as np
import pandas as pd
from anndata import AnnData
from catalogue import Study
from numpy.typing import NDArray

FEW = (3, 5, 10, 20)
MISSING = (20, 50, 80)
WRONG = (10, 30)
LABEL = "tissue"
# Studies of a reference that is drawn, and how many of them are of many tissues.
DRAWN, PANELS_OF_DRAWN = 10, (1, 2, 3)


def some_samples(adata: AnnData, counted: NDArray[np.intp], n: int, seed: int) -> AnnData:
    """Return ``n`` of the ``counted`` samples, in their order."""
    kept = np.random.default_rng(seed).choice(counted, n, replace=False)
    return adata[np.sort(kept)].copy()


def some_genes(adata: AnnData, missing: float, seed: int) -> AnnData:
    """Return all samples without a share of the genes."""
    n = round(adata.n_vars * (1 - missing))
    kept = np.random.default_rng(seed).choice(adata.n_vars, n, replace=False)
    return adata[:, np.sort(kept)].copy()


def with_wrong_labels(adata: AnnData, share: float, seed: int) -> AnnData:
    """Give a share of the labelled samples another class, each other class as likely."""
    generator = np.random.default_rng(seed)
    labels = adata.obs[LABEL].astype(object)
    labelled = np.flatnonzero(labels.notna())
    classes = np.array(sorted(set(labels.iloc[labelled])), dtype=object)
    chosen = generator.choice(labelled, round(share * len(labelled)), replace=False)
    now = np.searchsorted(classes, labels.iloc[chosen].to_numpy(dtype=object))
    labels.iloc[chosen] = classes[(now + generator.integers(1, len(classes), len(chosen))) % len(classes)]
    adata.obs[LABEL] = pd.Categorical(labels)
    return adata


def with_few_labels(adata: AnnData, share: float, seed: int) -> AnnData:
    """Keep the label of a share of the labelled samples."""
    labels = adata.obs[LABEL].astype(object)
    labelled = np.flatnonzero(labels.notna())
    n = round((1 - share) * len(labelled))
    labels.iloc[np.random.default_rng(seed).choice(labelled, n, replace=False)] = None
    adata.obs[LABEL] = pd.Categorical(labels)
    return adata


def one_study_a_tissue(adata: AnnData) -> AnnData:
    """Keep of each tissue the samples of the study that has most of them; unlabelled samples stay."""
    tissues, studies = adata.obs["tissue_all"].astype(object), adata.obs["study"].astype(str)
    counts = pd.crosstab(tissues, studies)
    home = counts.idxmax(axis=1)
    return adata[(tissues.isna() | (tissues.map(home) == studies)).to_numpy()].copy()


def drawn_studies(studies: list[Study], n_panels: int, seed: int) -> list[Study]:
    """Draw studies for a reference, ``n_panels`` of many tissues and cohorts for the rest, in the order given."""
    generator = np.random.default_rng([n_panels, seed])
    panels = [study for study in studies if study.kind == "panel"]
    cohorts = [study for study in studies if study.kind != "panel"]
    chosen = {
        id(part[number])
        for part, n in ((panels, n_panels), (cohorts, DRAWN - n_panels))
        for number in generator.choice(len(part), n, replace=False)
    }
    return [study for study in studies if id(study) in chosen]
