"""Training the default: in closed form, on all splits, with whole studies left out to learn how sure labels are."""

import logging

import numpy as np
import pytest
from anndata import AnnData

from clrna.constants import DONOR, SPLIT, STUDY, TISSUE
from clrna.encode.arrays import encode_array
from clrna.errors import InputError
from clrna.model.model import hash_donors
from clrna.model.model_file import load_model, save_model
from clrna.simulate import simulate
from clrna.train.card import model_card
from tests.encode.placed_models import LATENT, fit_default, training_samples

N_STUDIES, N_PER = 3, 8


@pytest.fixture(scope="module")
def data() -> AnnData:
    """Three studies of four tissues."""
    return simulate(n_tissues=4, n_studies=N_STUDIES, n_genes=80, samples_per=N_PER, seed=2)


@pytest.fixture(scope="module")
def fit(data):
    return fit_default(data)


def test_all_splits_are_trained_on(data, fit):
    assert set(data.obs[SPLIT]) == {"train", "valid", "test"}
    assert set(fit.samples.split) == {"train"}
    assert len(fit.model.transfer.labels) == data.n_obs
    assert fit.model.training_donors == hash_donors(data.obs[DONOR].astype(str))
    assert fit.history == [] and fit.best_epoch is None


def test_the_test_split_can_be_kept_aside(data):
    fit = fit_default(data, reserve_test=True)
    split, donors = data.obs[SPLIT].astype(str).to_numpy(), data.obs[DONOR].astype(str).to_numpy()
    assert fit.samples.split.tolist() == split.tolist()
    assert len(fit.model.transfer.labels) == (split == "train").sum()
    assert fit.model.training_donors == hash_donors(donors[split != "test"])
    values = np.asarray(data.X).copy()
    values[split == "test"] = np.random.default_rng(0).normal(5, 2, ((split == "test").sum(), 80))
    other = fit_default(data, values=values, reserve_test=True).model
    for name, array in fit.model.transfer.to_arrays().items():
        np.testing.assert_array_equal(other.transfer.to_arrays()[name], array)


def test_what_is_learned_of_an_excluded_study_is_nothing(data):
    rows = (data.obs[STUDY] == "SIM3").to_numpy()
    values = np.asarray(data.X).copy()
    values[rows] += np.random.default_rng(0).normal(0, 5, 80)
    kept = data.copy()
    kept.obs[SPLIT] = np.where(rows, "test", "train")
    first, second = (fit_default(kept, values=x, reserve_test=True).model for x in (np.asarray(data.X), values))
    np.testing.assert_array_equal(first.transfer.codes, second.transfer.codes)
    assert first.training_studies == ["SIM1", "SIM2"]


def test_same_seed_same_bytes(data, fit, tmp_path):
    for name, model in (("a", fit.model), ("b", fit_default(data).model)):
        save_model(model, tmp_path / name)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_reference_codes_are_what_encoding_the_training_studies_gives(data, fit):
    """But for half precision, and for what labels say more of a study's offset than its samples one at a time."""
    found = encode_array(fit.model, np.asarray(data.X), data.obs[STUDY].astype(str).to_numpy())
    each = [np.corrcoef(a, b)[0, 1] for a, b in zip(found.codes, fit.model.transfer.codes, strict=True)]
    assert found.codes.shape == (data.n_obs, LATENT)
    assert np.median(each) > 0.95
    assert (found.label == data.obs[TISSUE].astype(str)).all()


def test_each_study_is_left_out_and_answers_counted(data, fit):
    """Those of donors that the rest does not hold: the simulation measures some donors in every study."""
    donors = data.obs.groupby(DONOR, observed=True)[STUDY].nunique()
    asked = data.obs[~data.obs[DONOR].isin(donors.index[donors > 1])]
    rows = {row["label"]: row for row in fit.model.metrics["left_out"]}
    assert fit.model.metrics["across_studies"] is True
    assert {name: row["n"] for name, row in rows.items()} == asked[TISSUE].astype(str).value_counts().to_dict()
    assert np.mean([row["accuracy"] for row in rows.values()]) > 0.8


def test_the_card_tells_of_transfer_and_never_calls_a_sample_unseen(fit):
    text = model_card(fit, "m.safetensors")
    assert "## Expected on other studies" in text and "left out in turn" in text
    assert "Linear encoder of 80 genes" in text and "| train split | 96 |" in text
    assert "never seen" not in text and "test split" not in text


def test_one_study_leaves_its_donors_out_and_says_that_studies_are_untested(data, caplog):
    with caplog.at_level(logging.INFO, logger="clrna"):
        fit = fit_default(data[data.obs[STUDY] == "SIM1"].copy())
    assert fit.model.metrics["across_studies"] is False
    assert "donors, there being one study, left out in turn: label right in" in caplog.text
    assert "on another study, and whether its confidence holds there, is untested" in model_card(fit, "m")


def test_two_samples_without_labels_are_enough(data):
    two = data[[0, 40]].copy()
    two.obs[TISSUE], two.obs[SPLIT] = "", "train"
    model = fit_default(two, classification_weight=0.0, center_weight=0.0).model
    assert model.transfer.space.n_axes == 1
    found = encode_array(model, np.asarray(data.X), data.obs[STUDY].astype(str).to_numpy())
    assert np.isfinite(found.codes).all()


def test_two_samples_are_not_enough_for_labels(data):
    with pytest.raises(InputError, match="two are needed; see --label-key"):
        fit_default(data[[0, 40]].copy())


@pytest.mark.parametrize("n_genes", [1, 80])
def test_samples_whose_genes_do_not_differ_are_refused(data, n_genes):
    values = np.asarray(data.X)[:, :n_genes].copy()
    values[[3, 9]] = 5.0
    told = f"{data.n_obs if n_genes == 1 else 2} of {data.n_obs} samples have the same value in every gene"
    with pytest.raises(InputError, match=f"^the input: {told}, .*see --standardize$"):
        fit_default(data[:, :n_genes].copy(), values=values)


def test_samples_that_are_all_alike_are_refused(data):
    values = np.tile(np.linspace(0, 9, 80, dtype=np.float32), (data.n_obs, 1))
    with pytest.raises(InputError, match="the training samples do not differ"):
        fit_default(data, values=values)


def test_epochs_train_layers_on_top(data):
    fit = fit_default(data, epochs=2, hidden=[8], learning_rate=1e-3)
    assert [row["epoch"] for row in fit.history] == [1, 2]
    assert set(fit.samples.split) == {"train", "valid"}  # the valid split chooses the epoch
    assert fit.model.transfer is not None and len(fit.model.network.encoder) == 2
    found = encode_array(fit.model, np.asarray(data.X), data.obs[STUDY].astype(str).to_numpy())
    assert (found.label == data.obs[TISSUE].astype(str)).mean() > 0.95


def test_samples_of_unknown_donors_and_without_labels_are_trained_on(data):
    some = data.copy()
    some.obs[DONOR] = ""
    some.obs[TISSUE] = np.where(np.arange(data.n_obs) % 4 == 0, "", some.obs[TISSUE].astype(str))
    fit = fit_default(some)
    labels = training_samples(some).labels
    assert (fit.model.transfer.labels == -1).sum() == (labels == "").sum() == data.n_obs / 4
    assert sum(row["n"] for row in fit.model.metrics["left_out"]) == data.n_obs * 3 / 4


def test_where_each_tissue_stands_in_one_study_there_is_a_model_none_the_less(data, tmp_path):
    """No study can be left out and asked: what is like the training is what the training is like."""
    confounded = data[data.obs[TISSUE].cat.codes == data.obs[STUDY].cat.codes].copy()
    assert confounded.obs.groupby(TISSUE, observed=True)[STUDY].nunique().max() == 1
    model = fit_default(confounded).model
    save_model(model, tmp_path / "m")
    assert np.isfinite(load_model(tmp_path / "m").distance_threshold)
    found = encode_array(model, np.asarray(confounded.X), confounded.obs[STUDY].astype(str).to_numpy())
    assert found.unlike_training.mean() < 0.1
    assert model.transfer.confidence.threshold == 0.9
