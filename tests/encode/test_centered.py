"""Studies whose genes were centered by those who had them: how sure labels are, and what is said."""

import dataclasses
import logging

import numpy as np
import pytest
from anndata import AnnData

import clrna
from clrna.constants import STUDY
from clrna.encode.arrays import encode_array
from clrna.encode.files import encode_file
from clrna.encode.options import EncodeOptions
from clrna.errors import InputError
from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad
from clrna.model.model_file import save_model


def encoded(model, values, adapt="auto", **options):
    return encode_array(model, values, np.full(len(values), "NEW", dtype=object), adapt=adapt, **options)


def centered(values, how):
    rest = values - (np.median(values, axis=0) if how == "median" else values.mean(axis=0))
    return rest / rest.std(axis=0) if how == "zscore" else rest


@pytest.mark.parametrize("how", ["mean", "median", "zscore"])
def test_labels_of_real_tumors_of_one_tissue_are_not_sure_once_it_was_subtracted(test_data, how):
    cohort = read_h5ad(test_data / "demo" / "gse11237.h5ad")
    plain = clrna.tl.encode(cohort, "pan-cancer-small", copy=True).obs
    cohort.X = centered(np.asarray(cohort.X), how).astype(np.float32)
    found = clrna.tl.encode(cohort, "pan-cancer-small", copy=True).obs
    assert plain["clrna_confidence"].mean() > 0.8 and plain["clrna_uncertain"].mean() < 0.1
    assert found["clrna_confidence"].mean() < 0.5
    assert found["clrna_uncertain"].mean() > 0.9


def test_of_samples_that_are_placed_alone_confidence_does_not_depend_on_the_others(placed, values, tissues):
    own = centered(values[tissues == tissues[0]], "mean")
    whole = encoded(placed, own, adapt="none")
    half = encoded(placed, own[: len(own) // 2], adapt="none")
    np.testing.assert_allclose(half.confidence, whole.confidence[: len(half.confidence)], atol=1e-3)
    assert (encoded(placed, own).confidence < whole.confidence).all()


@pytest.mark.parametrize("how", ["mean", "zscore"])
def test_a_centered_study_of_many_tissues_stays_sure(placed, values, tissues, how):
    found = encoded(placed, centered(values, how))
    assert (found.label == tissues).mean() > 0.97
    assert found.confidence.mean() > 0.85
    assert found.uncertain.mean() < 0.1


@pytest.mark.parametrize("size", [1, 7])
def test_neither_blocks_nor_what_else_is_asked_for_changes_confidence(placed, values, tissues, size):
    own = centered(values[tissues == tissues[0]], "mean")
    whole = encoded(placed, own)
    for other in (encoded(placed, own, chunk_size=size), encoded(placed, own, reconstruct=True, chunk_size=size)):
        np.testing.assert_allclose(other.confidence, whole.confidence, atol=1e-4)


def test_codes_and_labels_are_what_they_were(placed, values, tissues, monkeypatch):
    own = centered(values[tissues == tissues[0]], "mean")
    found = encoded(placed, own)
    monkeypatch.setattr("clrna.encode.sample_placer.SamplePlacer.kept", 1.0)
    before = encoded(placed, own)
    np.testing.assert_array_equal(found.codes, before.codes)
    assert (found.label == before.label).all() and (found.margin == before.margin).all()
    assert (found.confidence < before.confidence).all()


def test_a_study_of_one_tissue_that_is_moved_by_its_own_mean_is_not_sure(test_data, monkeypatch):
    """The mean takes away what centering does; what is not confidence stays as it was."""
    cohort = read_h5ad(test_data / "demo" / "gse11237.h5ad")
    found = clrna.tl.encode(cohort, "pan-cancer-small", adapt="study", copy=True)
    assert found.obs["clrna_confidence"].mean() < 0.5 and found.obs["clrna_uncertain"].mean() > 0.9
    monkeypatch.setattr("clrna.encode.sample_placer.SamplePlacer.kept_of_labels", 1.0)
    before = clrna.tl.encode(cohort, "pan-cancer-small", adapt="study", copy=True)
    assert before.obs["clrna_confidence"].mean() > found.obs["clrna_confidence"].mean() + 0.2
    assert (found.obs["clrna_label"] == before.obs["clrna_label"]).all()
    np.testing.assert_array_equal(found.obsm["X_clrna"], before.obsm["X_clrna"])


def test_a_study_of_many_tissues_that_is_moved_by_its_own_mean_stays_sure(placed, values, tissues):
    found = encoded(placed, values, adapt="study")
    assert (found.label == tissues).mean() > 0.97
    assert found.confidence.mean() > 0.85


def test_it_is_said_that_the_mean_may_have_taken_the_tissue_away(placed, many, tissues, tmp_path, caplog):
    query = many[many.obs[STUDY] == "SIM4"].copy()
    one = query[tissues == tissues[0]].copy()
    save_model(placed, tmp_path / "m.safetensors")
    for name, adata in (("one", one), ("all", query)):
        write_h5ad(adata, tmp_path / f"{name}.h5ad")
        for how in ("study", "auto"):
            caplog.clear()
            with caplog.at_level(logging.INFO, "clrna"):
                options = EncodeOptions(adapt=how, adapt_min_samples=5)
                files = (tmp_path / f"{name}.h5ad", tmp_path / "out.h5ad", placed, tmp_path / "m.safetensors")
                encode_file(*files, options)
            told = [record.message for record in caplog.records if "--adapt study takes away" in record.message]
            assert len(told) == (name == "one" and how == "study")


def test_it_is_said_which_studies_were_centered_and_what_that_means(placed, many, tissues, tmp_path, caplog):
    query = many[many.obs[STUDY] == "SIM4"].copy()
    values, lung = np.asarray(query.X), tissues == "Lung"
    parts = {"ONE": centered(values[lung], "mean"), "MANY": centered(values, "mean"), "PLAIN": values}
    obs = {STUDY: np.concatenate([np.full(len(part), name) for name, part in parts.items()])}
    rows = np.concatenate([np.flatnonzero(lung), np.arange(len(values)), np.arange(len(values))])
    file = AnnData(np.concatenate(list(parts.values())), obs=query.obs.iloc[rows].assign(**obs), var=query.var)
    file.obs_names_make_unique()
    del file.obs["scale"]
    save_model(placed, tmp_path / "model.safetensors")
    write_h5ad(file, tmp_path / "in.h5ad")
    with caplog.at_level(logging.INFO, logger="clrna"):
        encode_file(
            tmp_path / "in.h5ad", tmp_path / "out.h5ad", placed, tmp_path / "model.safetensors", EncodeOptions()
        )
    said = {
        record.getMessage().split(":")[0]: record for record in caplog.records if "genes centered" in record.message
    }
    assert set(said) == {"study ONE", "study MANY"}
    assert said["study ONE"].levelno == logging.WARNING and "may have been subtracted" in said["study ONE"].message
    assert said["study MANY"].levelno == logging.INFO and "several labels" in said["study MANY"].message


def test_statistics_that_cannot_be_computed_with_are_told(placed, values):
    classes = placed.transfer.classes
    # Each correlation is one by itself, all of them together are none.
    size = len(classes.placed_within)
    pattern = np.where(np.eye(size, dtype=bool), 1.0, -0.99)
    broken = dataclasses.replace(classes, placed_within=pattern, within=pattern)
    model = dataclasses.replace(placed, transfer=dataclasses.replace(placed.transfer, classes=broken))
    with pytest.raises(InputError, match=r"statistics of classes cannot be computed with \(.*train or fetch it anew"):
        encoded(model, centered(values, "mean"))
