"""Training studies that lack genes: what is missing is estimated, and what fills it is never looked at."""

import numpy as np
import pandas as pd
import pytest

from clrna.encode.arrays import encode_array
from clrna.errors import InputError
from clrna.model.settings import ModelSettings
from clrna.model.standardize import standardize_samples
from clrna.train.cell_levels import CellLevels
from clrna.train.fit import fit_model
from clrna.train.missing_genes import genes_of_studies, standardize_training
from clrna.train.samples import TrainingSamples

N_CLASSES, N_GENES, N_STUDIES, PER_CELL = 4, 120, 4, 12
STUDIES = np.repeat(np.arange(N_STUDIES), PER_CELL * N_CLASSES)
LABELS = np.tile(np.arange(N_CLASSES), PER_CELL * N_STUDIES)
NAMES = np.array(["A", "B", "C", "D"])
LACKING = 3
MISSING = np.arange(N_GENES) % 3 == 0


@pytest.fixture(scope="module")
def whole() -> np.ndarray:
    """Expression of all genes; those of a class vary together, and each study moves all by something."""
    random = np.random.default_rng(3)
    programs, shifts = random.normal(0, 1.5, (N_CLASSES, N_GENES)), random.normal(0, 0.4, (N_STUDIES, N_GENES))
    noise = random.normal(0, 0.7, (len(STUDIES), N_GENES))
    level = random.normal(8, 2, N_GENES)
    level[MISSING] += 2  # what is missing is not like the rest
    return (level + programs[LABELS] + shifts[STUDIES] + noise).astype(np.float32)


@pytest.fixture(scope="module")
def present() -> np.ndarray:
    there = np.ones((N_STUDIES, N_GENES), dtype=bool)
    there[LACKING, MISSING] = False
    return there


def filled(whole: np.ndarray, present: np.ndarray, filling: float) -> np.ndarray:
    values = whole.copy()
    values[~present[STUDIES]] = filling
    return values


def test_complete_studies_are_standardized_sample_by_sample(whole: np.ndarray) -> None:
    scores = standardize_training(whole, STUDIES, LABELS, np.ones((N_STUDIES, N_GENES), dtype=bool), 0)
    np.testing.assert_array_equal(scores, standardize_samples(whole))


def test_samples_lie_where_they_would_with_all_genes(whole: np.ndarray, present: np.ndarray) -> None:
    truth = standardize_samples(whole)
    scores = standardize_training(filled(whole, present, 0.0), STUDIES, LABELS, present, 0)
    lacking = np.ix_(STUDIES == LACKING, ~MISSING)
    assert np.abs(scores[lacking] - truth[lacking]).mean() < 0.06
    # by what they have alone, which is less expressed, they would lie elsewhere
    alone = standardize_samples(whole[lacking])
    assert np.abs(alone - truth[lacking]).mean() > 0.2
    others = STUDIES != LACKING
    np.testing.assert_allclose(scores[others], truth[others], atol=0.05)


def test_what_is_missing_is_nearer_than_the_mean_of_the_class(whole: np.ndarray, present: np.ndarray) -> None:
    truth = standardize_samples(whole)
    scores = standardize_training(filled(whole, present, 0.0), STUDIES, LABELS, present, 0)
    missing = np.ix_(STUDIES == LACKING, MISSING)
    overall = truth[STUDIES != LACKING].mean(axis=0)
    error, of_mean = scores[missing] - truth[missing], overall[MISSING] - truth[missing]
    assert (error**2).mean() < 0.4 * (of_mean**2).mean()


@pytest.mark.parametrize("filling", [-50.0, 8.0, 1e6])
def test_the_filling_does_not_matter(whole: np.ndarray, present: np.ndarray, filling: float) -> None:
    one, other = (
        standardize_training(filled(whole, present, value), STUDIES, LABELS, present, 0) for value in (0.0, filling)
    )
    np.testing.assert_allclose(one, other, atol=1e-5)


def test_genes_of_a_study_are_told_by_the_file_and_by_its_values(whole: np.ndarray) -> None:
    values = whole.copy()
    rows = STUDIES == 1
    values[rows, 5] = 9.0  # a filling that the file says nothing of
    values[rows, 6] = values[rows].min()  # measured, and nowhere expressed
    stated = {"C": np.arange(N_GENES) > 10, "elsewhere": np.zeros(N_GENES, dtype=bool)}
    there = genes_of_studies(values, STUDIES, NAMES, stated)
    assert np.flatnonzero(~there[1]).tolist() == [5]
    assert np.flatnonzero(~there[2]).tolist() == list(range(11))
    assert there[[0, 3]].all()


def test_a_study_without_genes_is_refused(whole: np.ndarray) -> None:
    with pytest.raises(InputError, match="study B measured 0 of the genes"):
        genes_of_studies(whole, STUDIES, NAMES, {"B": np.zeros(N_GENES, dtype=bool)})


def trained(values: np.ndarray, measured: dict[str, np.ndarray] | None):
    genes = pd.DataFrame({"ensembl_id": "", "entrez_id": ""}, index=[f"G{number}" for number in range(N_GENES)])
    text = [f"d{number}" for number in range(len(values))]
    samples = TrainingSamples(
        labels=np.array(["W", "X", "Y", "Z"], dtype=object)[LABELS], studies=NAMES[STUDIES].astype(object),
        donors=np.array(text, dtype=object), scales=np.full(len(values), "log2_tpm1", dtype=object),
        split=np.full(len(values), "train", dtype=object),
    )  # fmt: skip
    settings = ModelSettings.preset("default").override(latent_dim=6)
    return fit_model(values, genes, samples, settings, measured=measured).model


def test_a_model_is_the_same_whatever_fills_the_genes_and_knows_a_study_that_has_them_all(whole, present) -> None:
    measured = {"D": present[LACKING]}
    noise = np.random.default_rng(1).normal(0, 30, whole.shape).astype(np.float32)
    one = trained(filled(whole, present, 3.0), measured)
    other = trained(np.where(present[STUDIES], whole, noise), measured)
    random = np.random.default_rng(8)
    mine = (whole[STUDIES == 0] + random.normal(0, 0.4, N_GENES)).astype(np.float32)
    name = np.full(len(mine), "mine", dtype=object)
    codes, labels = [], []
    for model in (one, other):
        encoded = encode_array(model, mine, name, adapt="auto", adapt_min_samples=20)
        codes.append(encoded.codes)
        labels.append((encoded.label == np.array(["W", "X", "Y", "Z"])[LABELS[STUDIES == 0]]).mean())
    np.testing.assert_allclose(codes[0], codes[1], atol=1e-3)
    assert labels == [1.0, 1.0]


def test_a_gene_that_no_study_measured_is_the_same_everywhere(whole: np.ndarray, present: np.ndarray) -> None:
    nowhere = present.copy()
    nowhere[:, 1] = False
    scores = standardize_training(whole, STUDIES, LABELS, nowhere, 0)
    assert np.isfinite(scores).all() and np.ptp(scores[:, 1]) < 0.05
    of_all = np.ones_like(present)
    of_all[:, [1, 7]] = False
    rest = np.delete(np.arange(N_GENES), [1, 7])
    scores = standardize_training(whole, STUDIES, LABELS, of_all, 0)
    np.testing.assert_array_equal(scores[:, rest], standardize_samples(whole[:, rest]))
    assert (scores[:, [1, 7]] == 0).all()


@pytest.mark.parametrize("n_samples", [3, 6, 18])
def test_few_samples_of_one_or_two_studies(whole: np.ndarray, n_samples: int) -> None:
    """They have fewer directions than axes are sought."""
    values = whole[:n_samples].copy()
    values[:, 4] = 7.7
    labels = LABELS[:n_samples]
    one = np.zeros(n_samples, dtype=np.intp)
    there = genes_of_studies(values, one, NAMES[:1], {})
    assert np.flatnonzero(~there[0]).tolist() == [4]
    assert np.isfinite(standardize_training(values, one, labels, there, 0)).all()
    two = np.arange(n_samples) % 2
    lacking = np.ones((2, N_GENES), dtype=bool)
    lacking[1, MISSING] = False
    assert np.isfinite(standardize_training(values, two, labels, lacking, 0)).all()


@pytest.mark.parametrize("n_genes", [3, 40])
def test_what_is_expected_is_what_all_samples_of_a_study_say_together(n_genes: int) -> None:
    """Against the posterior means by the covariance of the genes, of which there are fewer than axes, or more."""
    random = np.random.default_rng(5)
    n_axes, n_samples, noise = 8, 4, 0.3
    coordinates = random.normal(size=(60, n_axes)) * np.linspace(3, 0.2, n_axes)
    levels = CellLevels(coordinates, np.arange(60) % 3, np.arange(60) // 30)
    axes, values = random.normal(size=(n_genes, n_axes)) / 3, random.normal(size=(n_samples, n_genes))
    found = levels.estimate(values @ axes, axes.T @ axes, noise, 1)

    of_one = axes @ np.diag(levels.within) @ axes.T + noise * np.eye(n_genes)
    of_mean = axes @ np.diag(levels.between) @ axes.T + of_one / n_samples
    middle = values.mean(axis=0)
    cell = levels.means[1] + levels.between * (axes.T @ np.linalg.solve(of_mean, middle - axes @ levels.means[1]))
    own = levels.within * (axes.T @ np.linalg.solve(of_one, (values - middle).T)).T
    np.testing.assert_allclose(found, cell + own, atol=1e-8)
