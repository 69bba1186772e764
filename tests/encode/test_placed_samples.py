"""Encoding with a model that standardizes each sample by itself and places its study by its samples."""

import dataclasses
import logging

import anndata
import numpy as np
import pytest

from clrna.constants import SCALE, STUDY, TISSUE
from clrna.encode.arrays import encode_array
from clrna.encode.files import encode_file
from clrna.encode.options import EncodeOptions
from clrna.errors import InputError
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.model_file import load_model, save_model
from clrna.model.reference_samples import names_of_labels
from clrna.simulate import Effects, simulate
from tests.encode.placed_models import N_GENES, fit_default

ADAPT = ["auto", "none", "study"]


def encoded(model, values, adapt="auto", **options):
    return encode_array(model, values, np.full(len(values), "NEW", dtype=object), adapt=adapt, **options)


def test_the_model_is_of_the_kind_that_these_tests_are_of(placed):
    assert placed.settings.places_samples and not placed.settings.has_layers
    assert placed.transfer is not None
    assert placed.training_studies == ["SIM1", "SIM2", "SIM3"]


@pytest.mark.parametrize("adapt", ADAPT)
@pytest.mark.parametrize("unit", ["affine", "zscore", "float64"])
def test_the_unit_of_a_sample_does_not_matter(placed, values, adapt, unit):
    """Neither what a sample is multiplied by nor what is added to it, each sample's own."""
    random = np.random.default_rng(0)
    other = {
        "affine": values * random.uniform(0.1, 8, (len(values), 1)) + random.normal(0, 30, (len(values), 1)),
        "zscore": (values - values.mean(axis=1, keepdims=True)) / values.std(axis=1, keepdims=True),
        "float64": values.astype(np.float64),
    }[unit]
    found, expected = encoded(placed, other, adapt), encoded(placed, values, adapt)
    np.testing.assert_allclose(found.codes, expected.codes, atol=1e-3)
    assert (found.label == expected.label).all() and (found.second == expected.second).all()
    np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-3)
    assert (found.unlike_training == expected.unlike_training).all()


def test_a_file_of_intensities_and_one_of_z_scores_of_them_get_the_same_codes(placed, many, tmp_path):
    query = many[many.obs[STUDY] == "SIM4"].copy()
    save_model(placed, tmp_path / "model.safetensors")
    standard = (query.X - query.X.mean(axis=1, keepdims=True)) / query.X.std(axis=1, keepdims=True)
    out = {}
    for name, values, scale in (("log2_intensity", query.X + 2, "log2_intensity"), ("zscore", standard, "zscore")):
        query.X, query.obs[SCALE] = values.astype(np.float32), scale
        write_h5ad(query.copy(), tmp_path / f"{name}.h5ad")
        target = tmp_path / f"{name}.out.h5ad"
        encode_file(tmp_path / f"{name}.h5ad", target, placed, tmp_path / "model.safetensors", EncodeOptions())
        out[name] = anndata.read_h5ad(target)
    first, second = out.values()
    np.testing.assert_allclose(first.obsm["X_clrna"], second.obsm["X_clrna"], atol=1e-3)
    for column in ("label", "second"):
        assert (first.obs[f"clrna_{column}"].astype(str) == second.obs[f"clrna_{column}"].astype(str)).all()
    np.testing.assert_allclose(first.obs["clrna_margin"], second.obs["clrna_margin"], atol=1e-2)
    assert first.obs["clrna_uncertain"].dtype == bool


def test_a_sample_alone_is_what_it_is_among_others_placed_alone(placed, values):
    together = encoded(placed, values, "none")
    for number in (0, 17, 44):
        for adapt in ("none", "auto"):
            one = encoded(placed, values[number : number + 1], adapt)
            assert one.label[0] == together.label[number]
            assert np.isfinite(one.codes).all()
        one = encoded(placed, values[number : number + 1], "none")
        np.testing.assert_allclose(one.codes[0], together.codes[number], atol=1e-4)
        np.testing.assert_allclose(one.confidence[0], together.confidence[number], atol=1e-5)


@pytest.mark.parametrize("adapt", ADAPT)
@pytest.mark.parametrize("size", [1, 7, 44])
def test_the_size_of_the_blocks_does_not_change_the_codes(placed, values, adapt, size):
    whole = encoded(placed, values, adapt, reconstruct=True)
    parts = encoded(placed, values, adapt, reconstruct=True, chunk_size=size)
    np.testing.assert_allclose(parts.codes, whole.codes, atol=1e-4)
    np.testing.assert_allclose(parts.reconstruction, whole.reconstruction, atol=1e-3)
    assert (parts.label == whole.label).all()
    np.testing.assert_allclose(parts.margin, whole.margin, atol=1e-3)


def test_a_study_does_not_depend_on_the_others(placed, many):
    values, names = np.asarray(many.X), many.obs[STUDY].astype(str).to_numpy()
    together, own = encode_array(placed, values, names).codes, names == "SIM4"
    np.testing.assert_allclose(encode_array(placed, values[own], names[own]).codes, together[own], atol=1e-4)


@pytest.mark.parametrize("adapt", ["auto", "none"])
@pytest.mark.parametrize("how", ["nan", "constant"])
def test_samples_without_a_third_of_the_genes_lie_near_where_they_would_with_all(placed, values, tissues, adapt, how):
    """Whether the genes are not there or were filled with one value, as a merged file is."""
    gone = np.random.default_rng(5).random(N_GENES) < 0.3
    part = values.copy()
    part[:, gone] = np.nan if how == "nan" else 4.0
    whole, found = encoded(placed, values, adapt), encoded(placed, part, adapt)
    each = [np.corrcoef(a, b)[0, 1] for a, b in zip(whole.codes, found.codes, strict=True)]
    # Alone a sample has an offset of its own, which is known the less the fewer genes there are.
    assert np.median(each) > (0.95 if adapt == "auto" else 0.85)
    least = 0.97 if adapt == "auto" else 0.85
    assert (found.label == tissues).mean() > least
    nearest = np.linalg.norm(found.codes[:, None] - whole.codes, axis=2).argmin(axis=1)
    assert (tissues[nearest] == tissues).mean() > least


@pytest.mark.parametrize("adapt", ["auto", "none", "study"])
def test_a_study_of_one_tissue_keeps_it_though_all_genes_are_shifted(placed, values, tissues, adapt):
    shift = np.random.default_rng(8).normal(0, 1, N_GENES)
    right = []
    for tissue in sorted(set(tissues)):
        own = np.repeat(values[tissues == tissue] + shift, 3, axis=0)
        own = own + np.random.default_rng(9).normal(0, 0.3, own.shape)
        right.append((encoded(placed, own, adapt).label == tissue).mean())
    if adapt == "study":
        assert min(right) < 0.5  # what moves a study by its mean cannot know
    else:
        assert min(right) > (0.97 if adapt == "auto" else 0.8)


@pytest.mark.parametrize("number", [2, 3, 5])
def test_few_samples_of_one_tissue_keep_it(placed, values, tissues, number):
    shift = np.random.default_rng(8).normal(0, 1, N_GENES)
    for tissue in sorted(set(tissues)):
        own = (values[tissues == tissue] + shift)[:number]
        assert (encoded(placed, own).label == tissue).all()


def test_a_study_of_many_tissues_is_found_out_and_its_shift_taken_out(placed, values, tissues):
    shift = np.random.default_rng(8).normal(0, 1.5, N_GENES)
    moved, plain = encoded(placed, values + shift), encoded(placed, values)
    assert (moved.label == tissues).mean() > 0.97
    auto = np.linalg.norm(moved.codes - plain.codes, axis=1).mean()
    alone = np.linalg.norm(
        encoded(placed, values + shift, "none").codes - encoded(placed, values, "none").codes, axis=1
    )
    assert auto < 0.8 * alone.mean()


def test_what_each_study_was_taken_for_is_said(placed, values, tissues, many, tmp_path, caplog):
    query = many[many.obs[STUDY] == "SIM4"].copy()
    query.obs[STUDY] = np.where(tissues == "Lung", "LUNGS", "OTHERS")
    write_h5ad(query, tmp_path / "in.h5ad")
    save_model(placed, tmp_path / "m.safetensors")
    with caplog.at_level(logging.INFO, logger="clrna"):
        encode_file(tmp_path / "in.h5ad", tmp_path / "out.h5ad", placed, tmp_path / "m.safetensors", EncodeOptions())
    assert "study LUNGS (9 samples): placed by its samples' classes, because --adapt auto" in caplog.text
    assert "% Lung; these shares count for 100 % in its samples' labels" in caplog.text
    assert "study OTHERS: as of 4." in caplog.text


def test_codes_and_labels_are_those_of_the_model_that_was_saved(placed, values, tmp_path):
    save_model(placed, tmp_path / "model.safetensors")
    again = load_model(tmp_path / "model.safetensors")
    for adapt in ADAPT:
        found, expected = encoded(again, values, adapt), encoded(placed, values, adapt)
        np.testing.assert_allclose(found.codes, expected.codes, atol=2e-4)
        assert (found.label == expected.label).all()
        np.testing.assert_allclose(found.confidence, expected.confidence, atol=1e-4)
    save_model(again, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == (tmp_path / "model.safetensors").read_bytes()


def test_margin_second_and_uncertain_go_with_the_label():
    """Of tissues that are hardly told apart."""
    faint = simulate(5, 4, N_GENES, 9, seed=3, effects=dataclasses.replace(Effects(), tissue=0.3))
    known = faint.obs[STUDY] != "SIM4"
    model = fit_default(faint[known].copy()).model
    found = encoded(model, np.asarray(faint[~known].X))
    right = found.label == faint.obs[TISSUE][~known].astype(str).to_numpy()
    assert (found.second != found.label).all()
    assert (found.margin >= 0).all()
    order = np.argsort(found.margin)
    assert (np.diff(found.confidence[order]) >= -1e-6).all()
    assert (found.uncertain == (found.confidence < model.transfer.confidence.threshold)).all()
    assert found.uncertain.any() and not found.uncertain.all()
    assert right[~found.uncertain].mean() > right[found.uncertain].mean()


def test_few_genes_are_encoded_and_flagged(placed, values):
    few, enough = values.copy(), values.copy()
    few[:, 90:] = np.nan
    enough[:, 100:] = np.nan
    assert encoded(placed, few).unlike_training.all()
    assert not encoded(placed, enough).unlike_training.all()


def test_expression_is_rebuilt_in_the_unit_that_the_study_came_in(placed, values):
    """Nearer than the training's mean in that unit, and each sample about its own mean."""
    own = 3 * values - 7
    rebuilt = encoded(placed, own, reconstruct=True).reconstruction
    assert np.median(np.abs(rebuilt - own)) < 0.8 * np.median(np.abs(3 * placed.mean - 7 - own))
    assert np.corrcoef(rebuilt.ravel(), own.ravel())[0, 1] > 0.9
    plain = encoded(placed, values, reconstruct=True).reconstruction
    np.testing.assert_allclose(rebuilt, 3 * plain - 7, atol=1e-2)


@pytest.mark.parametrize("adapt", ADAPT)
def test_samples_whose_genes_do_not_differ_are_refused_by_name(placed, values, adapt):
    spoiled = values.copy()
    spoiled[[2, 5]] = 7.0
    with pytest.raises(InputError, match=r"^2 samples have one value in all of the model's genes: 2, 5; remove them$"):
        encoded(placed, spoiled, adapt)


def test_one_gene_tells_nothing(placed, values):
    one = np.full_like(values, np.nan)
    one[:, 3] = values[:, 3]
    with pytest.raises(
        InputError, match=r"^45 samples have one value in all of the model's genes: 0, 1, .*and 35 more"
    ):
        encoded(placed, one)


def test_without_classes_there_are_codes_and_no_labels(many, values, tissues):
    training = many[many.obs[STUDY] != "SIM4"].copy()
    training.obs[TISSUE] = ""
    model = fit_default(training, classification_weight=0.0, center_weight=0.0).model
    found = encoded(model, values)
    assert model.classes == [] and np.isfinite(found.codes).all()
    assert set(found.label) == set(found.second) == {""}
    assert np.isnan(found.confidence).all() and np.isnan(found.margin).all() and not found.uncertain.any()
    unit = found.codes / np.linalg.norm(found.codes, axis=1, keepdims=True)
    near = unit @ unit.T - 2 * np.eye(len(unit))
    assert (tissues[near.argmax(axis=1)] == tissues).mean() > 0.8


def test_studies_are_placed_by_classes_whose_names_are_not_learned(many, values):
    training = many[many.obs[STUDY] != "SIM4"].copy()
    model = fit_default(training, classification_weight=0.0).model
    assert model.classes == [] and model.transfer.classes.n_classes == training.obs[TISSUE].nunique()
    assert set(encoded(model, values).label) == {""}
    assert set(names_of_labels(model.transfer.labels, model.classes)) == {""}


def test_features_go_towards_the_label_where_a_sample_is_like_the_training(placed, values):
    """Only along what tells labels apart; codes, which labels come of, are what they would be without."""
    odd = np.vstack([values, np.random.default_rng(0).normal(0, 9, (4, values.shape[1]))])
    found = encoded(placed, odd, "none")
    pull = placed.transfer.pull
    width = pull.means.shape[1]
    assert found.unlike_training[-4:].all() and not found.unlike_training[:-4].all()
    moved = (found.features != found.codes).any(axis=1)
    np.testing.assert_array_equal(moved, ~found.unlike_training)
    np.testing.assert_array_equal(found.features[:, width:], found.codes[:, width:])
    target = pull.means[[placed.classes.index(name) for name in found.label[moved]]]
    before, after = (
        np.linalg.norm(rows[moved, :width] - target, axis=1).mean() for rows in (found.codes, found.features)
    )
    assert after < 0.9 * before
    alone = encoded(dataclasses.replace(placed, transfer=dataclasses.replace(placed.transfer, pull=None)), odd, "none")
    np.testing.assert_array_equal(alone.codes, found.codes)
    np.testing.assert_array_equal(alone.features, found.codes)


def test_a_network_with_layers_gives_out_its_codes():
    data = simulate(n_tissues=3, n_studies=3, n_genes=60, samples_per=8, seed=1)
    model = fit_default(data, epochs=1).model
    assert model.settings.has_layers and model.transfer.pull is None
    found = encoded(model, np.asarray(data.X[:24]))
    np.testing.assert_array_equal(found.features, found.codes)
