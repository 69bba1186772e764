"""Where genes lie in the training studies, learned in training and kept in the model."""

import numpy as np
import pytest

from clrna.constants import STUDY, TISSUE
from clrna.errors import UsageError
from clrna.model.model_file import load_model, save_model
from clrna.model.standardize import standardize_samples
from clrna.model.study_levels import MOST_STUDIES, StudyLevels
from clrna.simulate import simulate
from clrna.train.levels import fit_study_levels, moments_of_samples, units_of_samples
from tests.encode.placed_models import fit_default

N_GENES = 150


@pytest.fixture(scope="module")
def data():
    """Three studies of four tissues, the second without half of its samples."""
    whole = simulate(n_tissues=4, n_studies=3, n_genes=N_GENES, samples_per=16, seed=2)
    rows = np.arange(whole.n_obs)
    return whole[(whole.obs[STUDY] != "SIM2") | (rows % 2 == 0)].copy()


@pytest.fixture(scope="module")
def model(data):
    return fit_default(data).model


def test_levels_bring_back_the_means_of_each_study_s_classes(data, model):
    """Offset of the study and mean of the class are the mean of its standardized samples of the class."""
    levels, space = model.transfer.levels, model.transfer.space
    means = model.transfer.classes.placed_means @ space.axes.T
    standardized = standardize_samples(np.asarray(data.X))
    studies, tissues = (data.obs[key].astype(str).to_numpy() for key in (STUDY, TISSUE))
    for row, number in enumerate(levels.studies):
        for label, name in enumerate(model.classes):
            own = (studies == model.training_studies[number]) & (tissues == name)
            scores = (means[label] + levels.offsets[row]) * space.scale + space.mean
            true = standardized[own]
            error_of_mean = true.std(axis=0).mean() / np.sqrt(own.sum())
            assert np.abs(scores - true.mean(axis=0)).mean() < 1.2 * error_of_mean
            without = means[label] * space.scale + space.mean
            assert np.abs(without - true.mean(axis=0)).mean() > 2 * error_of_mean
        own = studies == model.training_studies[number]
        assert levels.middle[row] == pytest.approx(np.asarray(data.X)[own].mean(axis=1).mean(), rel=1e-5)
        assert levels.spread[row] == pytest.approx(np.asarray(data.X)[own].std(axis=1).mean(), rel=1e-5)


def test_the_largest_study_is_the_default(data, model):
    levels = model.transfer.levels
    assert levels.sizes.tolist() == [64, 32, 64]
    assert levels.row_of(None, model.training_studies) == 0
    assert levels.row_of("SIM2", model.training_studies) == 1
    with pytest.raises(UsageError, match=r"^--corrected-to SIM9: the model holds the levels of SIM1, SIM2, SIM3$"):
        levels.row_of("SIM9", model.training_studies)


def test_they_are_kept_in_the_file_in_half_precision(model, tmp_path):
    save_model(model, tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors").transfer.levels
    for name, array in model.transfer.levels.to_arrays().items():
        np.testing.assert_array_equal(getattr(again, name).astype(array.dtype), array)
    arrays = again.to_arrays()
    assert arrays["offsets"].dtype == arrays["deviations"].dtype == np.float16
    np.testing.assert_allclose(again.offsets, model.transfer.levels.offsets, atol=5e-3)


def test_a_model_without_them_is_read():
    assert StudyLevels.from_arrays({}, 5) is None


def test_deviations_are_those_of_samples_of_one_class(model):
    """Half of the genes of one study scatter twice as much; what its classes differ in does not count."""
    space = model.transfer.space
    random = np.random.default_rng(0)
    studies, labels = np.repeat([0, 1], 400), np.resize([0, 1], 800)
    placed = random.normal(0, 1, (800, N_GENES)) + 10.0 * labels[:, None]
    wide = np.arange(N_GENES) < N_GENES // 2
    within = placed - 10.0 * labels[:, None]
    placed[400:, wide] += within[400:, wide]
    n_axes = space.n_axes
    levels = fit_study_levels(
        space, placed.astype(np.float32), placed @ space.axes, np.zeros((2, n_axes)), studies, labels,
        np.array([3, 7]), (np.full(800, 2.0), np.full(800, 0.5)),
    )  # fmt: skip
    ratio = levels.deviations[1] / levels.deviations[0]
    np.testing.assert_allclose(ratio[wide].mean(), 2.0, atol=0.15)
    np.testing.assert_allclose(ratio[~wide].mean(), 1.0, atol=0.1)
    assert levels.studies.tolist() == [3, 7] and levels.middle.tolist() == [2.0, 2.0]
    assert levels.spread.tolist() == [0.5, 0.5]


def test_of_many_studies_the_largest_are_kept(model):
    space = model.transfer.space
    sizes = np.resize([3, 5], MOST_STUDIES + 4)
    studies = np.repeat(np.arange(len(sizes)), sizes)
    placed = np.random.default_rng(0).normal(0, 1, (len(studies), N_GENES)).astype(np.float32)
    levels = fit_study_levels(
        space, placed, placed @ space.axes, np.zeros((len(sizes), space.n_axes)), studies, np.zeros(len(studies), int),
        np.arange(len(sizes)), (np.zeros(len(studies)), np.ones(len(studies))),
    )  # fmt: skip
    assert len(levels.studies) == MOST_STUDIES and sorted(levels.studies) == levels.studies.tolist()
    assert set(np.flatnonzero(sizes == 5)) <= set(levels.studies.tolist())
    assert levels.to_arrays()["offsets"].nbytes == 2 * MOST_STUDIES * N_GENES


def test_units_give_the_values_again_where_a_study_lacks_genes():
    random = np.random.default_rng(4)
    scores = random.normal(0, 1, (6, 30)).astype(np.float32)
    middle, spread = random.uniform(3, 9, 6), random.uniform(1, 4, 6)
    present = np.ones((2, 30), dtype=bool)
    present[1, :11] = False
    studies = np.repeat([0, 1], 3)
    values = scores * spread[:, None] + middle[:, None]
    values[3:, :11] = -99.0
    found = units_of_samples(*(moments_of_samples(rows, studies, present) for rows in (values, scores)))
    np.testing.assert_allclose(found[0], middle, rtol=1e-4)
    np.testing.assert_allclose(found[1], spread, rtol=1e-4)
