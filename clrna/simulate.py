"""A seeded simulator of expression data of several studies, for tests, fixtures and small demonstrations.

The model is additive in log2: a gene's level, a program of each tissue, the donor, the sample category, and a
shift and a scale of each gene in each study (the batch effect), plus noise. Genes are real ones, so that
identifiers can be mapped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from anndata import AnnData

from clrna.constants import (
    CONTRACT_VERSION,
    DONOR,
    ENSEMBL_ID,
    ENTREZ_ID,
    ORIGINAL_ID,
    SAMPLE_CATEGORIES,
    SAMPLE_CATEGORY,
    SCALE,
    SPLIT,
    STUDY,
    TISSUE,
    TUMOR_TYPE,
    UNLABELLED,
    UNS,
    UNS_CONTRACT,
)
from clrna.genes import load_gene_table
from clrna.normalize.split import assign_split

# OncoTree's tissues, two of its tumour types each.
TUMOR_TYPES = {
    "Breast": ("IDC", "ILC"),
    "Lung": ("LUAD", "LUSC"),
    "Bowel": ("COAD", "READ"),
    "Skin": ("MEL", "CSCC"),
    "Kidney": ("CCRCC", "PRCC"),
    "Liver": ("HCC", "FLC"),
    "Pancreas": ("PAAD", "PANET"),
    "Prostate": ("PRAD", "PRSCC"),
    "Thyroid": ("THPA", "THFO"),
    "Bone": ("ES", "OS"),
    "CNS/Brain": ("GBM", "ODG"),
    "Cervix": ("CESC", "CEAD"),
    "Lymphoid/Myeloid": ("AML", "DLBCLNOS"),
    "Uterus": ("UEC", "USC"),
    "Ovary/Fallopian Tube": ("HGSOC", "CCOV"),
}
TISSUES = tuple(TUMOR_TYPES)
# Genes in a whole transcriptome: that many would share the million of TPM.
_TRANSCRIPTOME = 19_000
_MOST_DONORS = 9_999


@dataclass(frozen=True)
class Effects:
    """Standard deviations, in log2 units, of what makes up a simulated value.

    Attributes
    ----------
    tissue
        Of a gene's level over tissues, in the third of the genes that belong to a tissue's program.
    donor
        Of a gene over the donors of a tissue.
    category
        Of a gene over sample categories (cell line, tumor ...).
    study_shift
        Of a gene over studies.
    study_scale
        Of the logarithm of the factor that a study stretches a gene's deviations by.
    noise
        Of a measurement.
    """

    tissue: float = 1.0
    donor: float = 0.5
    category: float = 0.5
    study_shift: float = 1.0
    study_scale: float = 0.2
    noise: float = 0.3


def simulate(
    n_tissues: int = 4,
    n_studies: int = 3,
    n_genes: int = 300,
    samples_per: int = 12,
    shared_donors: float = 0.25,
    seed: int = 0,
    *,
    effects: Effects = Effects(),
    categories: Sequence[str] = ("cell_line", "tumor"),
    scales: Sequence[str] = ("log2_tpm1",),
    unlabelled: float = 0.0,
) -> AnnData:
    """Simulate studies that obey the AnnData contract.

    Parameters
    ----------
    n_tissues
        1 to 15.
    n_studies
        Named ``SIM1``, ``SIM2`` and so on.
    n_genes
        Drawn from the coding genes of the gene table.
    samples_per
        Samples of each tissue in each study.
    shared_donors
        Share of a study's donors that every other study has measured too.
    seed
        The same seed and arguments give the same values.
    effects
        How strong signal, batch effect and noise are.
    categories
        Sample category of each study in turn.
    scales
        Scale of each study in turn: ``log2_tpm1``, ``log2_expression``, ``log2_intensity``, ``log2_ratio``
        or ``zscore``.
    unlabelled
        Share of samples without tissue and tumour type.

    Returns
    -------
    ``n_studies * n_tissues * samples_per`` samples x ``n_genes`` genes.
    """
    rng = np.random.default_rng(seed)
    var = _draw_genes(n_genes, rng)
    obs = _design(n_tissues, n_studies, samples_per, shared_donors, categories, scales)
    values = _values(obs, n_genes, effects, rng)
    for study, rows in obs.groupby(STUDY, sort=False).indices.items():
        values[rows] = _on_scale(values[rows], str(obs.loc[obs[STUDY] == study, SCALE].iloc[0]))
    hidden = rng.random(len(obs)) < unlabelled
    obs.loc[hidden, [TISSUE, TUMOR_TYPE]] = UNLABELLED
    obs[SPLIT] = assign_split(obs[TISSUE].tolist(), obs[DONOR].tolist(), obs[STUDY].tolist(), seed=seed)
    uns = {UNS: {UNS_CONTRACT: CONTRACT_VERSION}}
    return AnnData(X=values.astype(np.float32), obs=_as_categories(obs), var=var, uns=uns)


def _draw_genes(n_genes: int, rng: np.random.Generator) -> pd.DataFrame:
    table = load_gene_table()
    known = np.flatnonzero((table.ensembl_id != "") & (table.entrez_id != "") & np.isfinite(table.exonic_length))
    if n_genes > len(known):
        raise ValueError(f"n_genes is {n_genes}, and the gene table has {len(known)} to draw from")
    rows = np.sort(rng.choice(known, size=n_genes, replace=False))
    columns = {ENSEMBL_ID: table.ensembl_id, ENTREZ_ID: table.entrez_id, ORIGINAL_ID: table.symbol}
    return pd.DataFrame({name: column[rows] for name, column in columns.items()}, index=table.symbol[rows])


def _design(
    n_tissues: int,
    n_studies: int,
    samples_per: int,
    shared_donors: float,
    categories: Sequence[str],
    scales: Sequence[str],
) -> pd.DataFrame:
    """Return the samples: study, tissue, tumour type, category, donor and scale."""
    if not 1 <= n_tissues <= len(TISSUES):
        raise ValueError(f"n_tissues is {n_tissues}, not 1 to {len(TISSUES)}")
    unknown = set(categories) - set(SAMPLE_CATEGORIES)
    if unknown:
        raise ValueError(f"categories {sorted(unknown)} are none of {SAMPLE_CATEGORIES}")
    if (n_studies + 1) * n_tissues * samples_per > _MOST_DONORS:
        raise ValueError(f"more than {_MOST_DONORS} donors; take fewer samples, tissues or studies")
    n_shared = round(shared_donors * samples_per)
    samples = []
    for study in range(n_studies):
        for tissue in range(n_tissues):
            for number in range(samples_per):
                owner = 0 if number < n_shared else study + 1
                # Written as in HCMI, where a tumour, a cell line and an organoid can be of one patient.
                donor = f"HCM-SIMU-{(tissue * (n_studies + 1) + owner) * samples_per + number + 1:04d}"
                samples.append(
                    {
                        "name": f"SIM{study + 1}.{donor}",
                        STUDY: f"SIM{study + 1}",
                        TISSUE: TISSUES[tissue],
                        TUMOR_TYPE: TUMOR_TYPES[TISSUES[tissue]][number % 2],
                        SAMPLE_CATEGORY: categories[study % len(categories)],
                        DONOR: donor,
                        SCALE: scales[study % len(scales)],
                    }
                )
    return pd.DataFrame(samples).set_index("name").rename_axis(None)


def _values(obs: pd.DataFrame, n_genes: int, effects: Effects, rng: np.random.Generator) -> np.ndarray:
    """Return log2(TPM + 1), shape (samples, genes)."""
    level = rng.gamma(shape=4.0, scale=1.1, size=n_genes)
    program = rng.normal(0.0, effects.tissue, (len(TISSUES), n_genes))
    program *= rng.random(program.shape) < 1 / 3
    tissue = obs[TISSUE].map({name: row for row, name in enumerate(TISSUES)}).to_numpy()
    state = program[tissue] + _per_name(obs[DONOR], effects.donor, n_genes, rng)
    state += _per_name(obs[SAMPLE_CATEGORY], effects.category, n_genes, rng)
    stretch = np.exp(_per_name(obs[STUDY], effects.study_scale, n_genes, rng))
    shift = _per_name(obs[STUDY], effects.study_shift, n_genes, rng)
    measured = level + stretch * state + shift + rng.normal(0.0, effects.noise, state.shape)
    linear = np.exp2(np.maximum(measured, 0.0)) - 1.0
    total = 1e6 * min(1.0, n_genes / _TRANSCRIPTOME)
    return np.log2(linear * (total / linear.sum(axis=1, keepdims=True)) + 1.0)


def _per_name(names: pd.Series, deviation: float, n_genes: int, rng: np.random.Generator) -> np.ndarray:
    """Return one vector of gene effects for each distinct name, repeated for its samples."""
    codes, distinct = pd.factorize(names)
    return rng.normal(0.0, deviation, (len(distinct), n_genes))[codes]


def _on_scale(values: np.ndarray, scale: str) -> np.ndarray:
    if scale in ("log2_tpm1", "log2_expression"):
        return values
    if scale == "log2_intensity":
        return 3.0 + 0.7 * values
    centered = values - values.mean(axis=0)
    if scale == "log2_ratio":
        return centered
    if scale == "zscore":
        return centered / np.maximum(centered.std(axis=0, ddof=1), 1e-6)
    raise ValueError(f"scale {scale!r} is not one that is simulated")


def _as_categories(obs: pd.DataFrame) -> pd.DataFrame:
    """Return the columns as anndata keeps them, with '' as missing."""
    return obs.replace({UNLABELLED: None}).astype("category")
