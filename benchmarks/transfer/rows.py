"""The rows of the benchmark: each a way to codes of all samples, with one study left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from clrna.baselines.combat import combat
from clrna.baselines.harmony import harmony
from clrna.baselines.principal_components import pca
from clrna.baselines.standardized import standardize_by_study
from clrna.constants import UNLABELLED
from clrna.encode.arrays import encode_array
from clrna.model.settings import ModelSettings
from clrna.train.fit import Fit, fit_model
from clrna.train.samples import TrainingSamples

N_COMPS = 50
VALID_SHARE = 0.1
NEVER_SEEN = "never seen"
OWN_STATISTICS = "own statistics"


@dataclass(frozen=True)
class Data:
    """Expression of shape (samples, genes) and what is known of each sample, '' where it is not."""

    values: np.ndarray
    genes: np.ndarray
    studies: np.ndarray
    labels: np.ndarray
    donors: np.ndarray


@dataclass(frozen=True)
class Row:
    """How a row gets its codes, what it uses of the left-out study, and whether it draws random numbers."""

    codes: Callable[[Data, str, int], np.ndarray]
    mode: str
    is_random: bool = False


def principal_components(data: Data, study: str, seed: int) -> np.ndarray:
    """Return components found without the left-out study."""
    known = data.studies != study
    mean = data.values[known].mean(axis=0)
    axes = np.linalg.svd(data.values[known] - mean, full_matrices=False)[2][:N_COMPS]
    return (data.values - mean) @ axes.T


def of_corrected(correct: Callable[[np.ndarray, np.ndarray], np.ndarray]) -> Callable[[Data, str, int], np.ndarray]:
    """Return a row's codes: components of all samples, corrected without labels."""
    return lambda data, study, seed: pca(correct(data.values, data.studies), N_COMPS, seed)


def harmonized(data: Data, study: str, seed: int) -> np.ndarray:
    """Return Harmony's components of all samples."""
    return harmony(pca(data.values, N_COMPS, seed), data.studies, seed)


def discriminants(by_study: bool) -> Callable[[Data, str, int], np.ndarray]:
    """Return shrinkage LDA (scikit-learn, eigen, auto) learned from the other studies."""

    def codes(data: Data, study: str, seed: int) -> np.ndarray:
        known = (data.studies != study) & (data.labels != UNLABELLED)
        if by_study:
            values = standardize_by_study(data.values, data.studies)
        else:
            deviation = data.values[known].std(axis=0)
            values = (data.values - data.values[known].mean(axis=0)) / np.where(deviation > 0, deviation, 1)
        lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto")
        return lda.fit(values[known], data.labels[known].astype(str)).transform(values)

    return codes


def of_model(
    preset: str = "default", adapt: str = "study", mix: bool = True, **settings: Any
) -> Callable[[Data, str, int], np.ndarray]:
    """Return the codes of a model trained without the left-out study.

    Parameters
    ----------
    preset, settings
        What is trained.
    adapt
        As ``clrna-encode --adapt``.
    mix
        Whether the study's mix of classes is allowed for, or each gene standardized by its plain mean.
    """

    def codes(data: Data, study: str, seed: int) -> np.ndarray:
        fit = train(data, study, seed, ModelSettings.preset(preset).override(**settings))
        if not mix:
            fit.model.extras.clear()
        return encode_array(fit.model, data.values, data.studies, adapt=adapt).features

    return codes


def train(data: Data, study: str, seed: int, settings: ModelSettings) -> Fit:
    """Train a model without ``study``, a tenth of the other donors as its valid split."""
    donors = np.unique(data.donors)
    held_back = donors[np.random.default_rng(seed).random(len(donors)) < VALID_SHARE]
    split = np.where(np.isin(data.donors, held_back), "valid", "train").astype(object)
    scales = np.full(len(split), "zscore", dtype=object)
    samples = TrainingSamples(data.labels, data.studies, data.donors, scales, split)
    genes = pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=pd.Index(data.genes, dtype=object))
    return fit_model(data.values, genes, samples, settings, exclude_studies=[study], seed=seed)


def default_without(**settings: Any) -> Row:
    """Return the row of the default model with something taken away."""
    return Row(of_model(**settings), OWN_STATISTICS, is_random=True)


ROWS: dict[str, Row] = {
    "pca": Row(principal_components, NEVER_SEEN),
    "lda-never-seen": Row(discriminants(by_study=False), NEVER_SEEN),
    "original-20-objective": Row(of_model("original-20", standardize="genes"), NEVER_SEEN, is_random=True),
    "default-never-seen": Row(of_model(adapt="none"), NEVER_SEEN, is_random=True),
    "standardized-pca": Row(of_corrected(standardize_by_study), OWN_STATISTICS),
    "combat-pca": Row(of_corrected(combat), OWN_STATISTICS),
    "harmony": Row(harmonized, OWN_STATISTICS),
    "lda": Row(discriminants(by_study=True), OWN_STATISTICS),
    "default": Row(of_model(), OWN_STATISTICS, is_random=True),
    "linear-path-alone": default_without(epochs=0),
    "linear-path-plain-statistics": default_without(epochs=0, mix=False),
    "default-plain-statistics": default_without(mix=False),
    "default-no-linear-path": default_without(linear_path=False),
    "default-no-reconstruction": default_without(reconstruction_weight=0.0),
    "default-no-classification": default_without(classification_weight=0.0),
    "default-no-center": default_without(center_weight=0.0),
    "default-no-contrast": default_without(contrast_weight=0.0),
    "default-no-shift": default_without(gene_shift=0.0),
}
