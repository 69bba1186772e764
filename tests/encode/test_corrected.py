"""Corrected expression: each gene where it lies in one training study, whatever laboratory measured it."""

import dataclasses

import anndata
import numpy as np
import pytest

from clrna.baselines.combat import combat
from clrna.cli import encode as executable
from clrna.constants import STUDY, TISSUE
from clrna.encode.arrays import encode_array
from clrna.encode.files import encode_file
from clrna.encode.options import EncodeOptions
from clrna.encode.sample_placer import SamplePlacer
from clrna.encode.study_correction import TargetLevels
from clrna.errors import InputError, UsageError
from clrna.io.hdf5.h5ad import write_h5ad
from clrna.model.model_file import save_model
from clrna.model.standardize import standardize_samples
from tests.encode.placed_models import N_GENES, fit_default

ADAPT = ["auto", "none", "study"]


@pytest.fixture(scope="module")
def model(placed):
    return placed


@pytest.fixture
def model_path(model, tmp_path):
    save_model(model, tmp_path / "model.safetensors")
    return tmp_path / "model.safetensors"


def corrected(model, values, adapt="auto", to=None, **options):
    studies = np.full(len(values), "NEW", dtype=object)
    return encode_array(model, values, studies, adapt=adapt, correct=True, corrected_to=to, **options).corrected


def share_of_variance(values, groups):
    """Return the median over genes of the part of the variance that lies between groups."""
    values = np.asarray(values, dtype=np.float64)
    between = np.zeros(values.shape)
    for name in set(groups.tolist()):
        between[groups == name] = values[groups == name].mean(axis=0)
    return np.median(between.var(axis=0) / values.var(axis=0))


def test_the_study_goes_and_the_tissue_stays(model, many):
    studies, tissues = (many.obs[key].astype(str).to_numpy() for key in (STUDY, TISSUE))
    found = encode_array(model, many.X, studies, correct=True).corrected
    assert share_of_variance(many.X, studies) > 0.4
    assert share_of_variance(found, studies) < 0.02
    assert share_of_variance(found, tissues) > 2 * share_of_variance(many.X, tissues)


@pytest.mark.parametrize("to", ["SIM1", "SIM2", "SIM3"])
def test_each_study_comes_to_lie_where_the_named_one_lies_and_that_stays(model, many, to):
    studies, tissues = (many.obs[key].astype(str).to_numpy() for key in (STUDY, TISSUE))
    found = encode_array(model, many.X, studies, correct=True, corrected_to=to).corrected
    target, values = studies == to, np.asarray(many.X)
    deviation = values[target].std(axis=0).mean()
    assert np.abs(found[target] - values[target]).mean() < 0.35 * deviation  # but for the unit of each sample
    for study in sorted(set(studies) - {to}):
        own = studies == study
        for tissue in sorted(set(tissues)):
            true = values[target & (tissues == tissue)].mean(axis=0)
            after, before = (x[own & (tissues == tissue)].mean(axis=0) - true for x in (found, values))
            assert np.abs(after).mean() < 0.5 * np.abs(before).mean()
        assert np.abs(found[own].mean(axis=0) - values[target].mean(axis=0)).mean() < 0.25 * deviation


def test_the_scale_of_a_gene_is_that_of_the_study_it_is_brought_to(model, values):
    """Half of the genes scatter twice as much about their mean in the laboratory that measured these samples."""
    wide = np.arange(N_GENES) % 2 == 0
    stretched = np.repeat(values, 3, axis=0) + np.random.default_rng(0).normal(0, 0.2, (3 * len(values), N_GENES))
    plain = corrected(model, stretched)
    middle = stretched.mean(axis=0)
    stretched = np.where(wide, middle + 1.6 * (stretched - middle), stretched)
    scales = corrected(model, stretched).std(axis=0) / plain.std(axis=0)
    given = standardize_samples(stretched).std(axis=0)[wide].mean() / given_plain(values)[wide].mean()
    assert given > 1.15
    assert np.median(scales[wide]) / np.median(scales[~wide]) < 1.25


def given_plain(values):
    return standardize_samples(values).std(axis=0)


@pytest.mark.parametrize("adapt", ["auto", "study"])
def test_within_a_study_a_gene_is_moved_by_one_line(model, values, adapt):
    """No bottleneck: what the codes do not hold is kept."""
    scores, found = standardize_samples(values), corrected(model, values, adapt)
    for gene in range(N_GENES):
        assert np.corrcoef(scores[:, gene], found[:, gene])[0, 1] > 0.99999


@pytest.mark.parametrize("adapt", ADAPT)
def test_the_unit_of_a_sample_does_not_matter(model, values, adapt):
    random = np.random.default_rng(0)
    other = values * random.uniform(0.1, 8, (len(values), 1)) + random.normal(0, 30, (len(values), 1))
    np.testing.assert_allclose(corrected(model, other, adapt), corrected(model, values, adapt), atol=2e-3)


def test_it_is_in_the_unit_of_the_study_that_it_is_brought_to(many, values):
    training = many[many.obs[STUDY] != "SIM4"].copy()
    training.X[(training.obs[STUDY] == "SIM2").to_numpy()] *= 5
    found = corrected(fit_default(training).model, values, to="SIM2")
    own = np.asarray(training[training.obs[STUDY] == "SIM2"].X)
    assert found.mean() == pytest.approx(own.mean(), rel=0.02)
    assert found.std(axis=1).mean() == pytest.approx(own.std(axis=1).mean(), rel=0.05)


@pytest.mark.parametrize("shift", [0.0, 1.5])
def test_a_laboratory_s_shift_of_each_gene_is_taken_out(model, values, shift):
    """Also what lies outside of the axes, which the codes show."""
    moved = values + np.random.default_rng(8).normal(0, shift, N_GENES)
    difference = corrected(model, moved) - corrected(model, values)
    assert np.abs(difference).mean() <= 0.35 * np.abs(moved - values).mean()


def test_a_study_of_one_tissue_keeps_it_where_combat_loses_it(model, many, values, tissues):
    known = many.obs[STUDY] != "SIM4"
    studies, reference = many.obs[STUDY][known].astype(str).to_numpy(), np.asarray(many[known].X)
    labels = many.obs[TISSUE][known].astype(str).to_numpy()
    ours = encode_array(model, reference, studies, correct=True).corrected
    shift = np.random.default_rng(8).normal(0, 1, N_GENES)
    right, by_combat = [], []
    for tissue in sorted(set(tissues)):
        own = values[tissues == tissue] + shift
        right.append((nearest(corrected(model, own), ours, labels) == tissue).mean())
        both = combat(np.vstack([reference, own]), np.append(studies, np.full(len(own), "NEW")))
        by_combat.append((nearest(both[len(reference) :], both[: len(reference)], labels) == tissue).mean())
    assert min(right) > 0.95
    assert np.mean(by_combat) < 0.7


def nearest(rows, reference, labels):
    unit = [part - reference.mean(axis=0) for part in (rows, reference)]
    unit = [part / np.linalg.norm(part, axis=1, keepdims=True) for part in unit]
    return labels[(unit[0] @ unit[1].T).argmax(axis=1)]


def test_one_sample_keeps_all_that_lies_outside_of_the_axes(many, values):
    """Nobody can tell whether it is the sample's or the laboratory's."""
    few = many[(many.obs[STUDY] != "SIM4")][::6].copy()
    model = fit_default(few).model
    space, levels = model.transfer.space, model.transfer.levels
    assert space.n_axes < N_GENES / 4
    there = np.ones(N_GENES, dtype=bool)
    scaled = space.scaled(values[:1], there)
    found = corrected(model, values[:1])
    row = levels.row_of(None, model.training_studies)
    moved = ((found - levels.middle[row]) / levels.spread[row] - space.mean) / space.scale - levels.offsets[row]
    difference = (moved - scaled)[0]
    outside = difference - space.axes @ (space.axes.T @ difference)
    assert np.abs(difference).mean() > 0.1
    np.testing.assert_allclose(outside, 0, atol=1e-3)


def test_a_sample_alone_is_what_it_is_among_others_placed_alone(model, values):
    together = corrected(model, values, "none")
    for number in (0, 17, 44):
        one = corrected(model, values[number : number + 1], "none")
        np.testing.assert_allclose(one[0], together[number], atol=1e-4)
        assert np.isfinite(corrected(model, values[number : number + 1])).all()


@pytest.mark.parametrize("adapt", ADAPT)
@pytest.mark.parametrize("size", [1, 7, 44])
def test_the_size_of_the_blocks_does_not_change_it(model, values, adapt, size):
    whole = corrected(model, values, adapt)
    np.testing.assert_allclose(corrected(model, values, adapt, chunk_size=size), whole, atol=1e-3)


def test_a_study_does_not_depend_on_the_others(model, many):
    values, names = np.asarray(many.X), many.obs[STUDY].astype(str).to_numpy()
    together, own = encode_array(model, values, names, correct=True).corrected, names == "SIM4"
    alone = encode_array(model, values[own], names[own], correct=True).corrected
    np.testing.assert_allclose(alone, together[own], atol=1e-3)


def test_what_has_no_value_has_none_and_the_rest_lies_near_where_it_would(model, values):
    gone = np.random.default_rng(5).random(N_GENES) < 0.3
    part, filled = values.copy(), values.copy()
    part[:, gone], filled[:, gone] = np.nan, 4.0
    part[3, np.flatnonzero(~gone)[0]] = np.nan
    found, whole = corrected(model, part), corrected(model, values)
    assert (np.isnan(found) == np.isnan(part)).all()
    assert np.isnan(corrected(model, filled)[:, gone]).all()
    shown = np.isfinite(found)
    assert np.corrcoef(found[shown], whole[shown])[0, 1] > 0.97


def test_codes_and_labels_are_those_without_it(model, values):
    studies = np.full(len(values), "NEW", dtype=object)
    one, other = (encode_array(model, values, studies, correct=correct) for correct in (True, False))
    np.testing.assert_array_equal(one.codes, other.codes)
    np.testing.assert_array_equal(one.confidence, other.confidence)
    assert other.corrected is None


def test_it_takes_one_pass_more_and_keeps_no_sample(model, values):
    target = TargetLevels.of(model, None)
    plain, placer = SamplePlacer(model, "auto"), SamplePlacer(model, "auto", target)
    for each in (plain, placer):
        each.update(0, values)
        each.finish(0)
    assert (plain.n_passes, placer.n_passes) == (1, 2)
    placer.update(1, values)
    placer.finish(1)
    np.testing.assert_allclose(placer.correct(values), corrected(model, values), atol=1e-5)


def encode(given, model, model_path, folder, **options):
    write_h5ad(given.copy(), folder / "in.h5ad")
    encode_file(folder / "in.h5ad", folder / "out.h5ad", model, model_path, EncodeOptions(**options))
    return anndata.read_h5ad(folder / "out.h5ad")


def test_the_file_has_the_layer_in_its_own_genes(model, model_path, many, values, tmp_path):
    query = many[many.obs[STUDY] == "SIM4"].copy()
    query.obs[STUDY] = "NEW"
    order = np.random.default_rng(1).permutation(N_GENES)[:200]
    wide = query[:, order].copy()
    wide.var_names = ["NOSUCHGENE1", *wide.var_names[1:]]
    layer = encode(wide, model, model_path, tmp_path, corrected_layer="moved", corrected_to="SIM2").layers["moved"]
    assert layer.shape == (45, 200) and np.isnan(layer[:, 0]).all()
    part = np.full_like(values, np.nan)
    part[:, order[1:]] = values[:, order[1:]]
    np.testing.assert_allclose(layer[:, 1:], corrected(model, part, to="SIM2")[:, order[1:]], atol=1e-4)


def test_the_file_says_what_the_layer_is_and_the_layer_may_be_written_anew(model, model_path, many, tmp_path):
    query = many[many.obs[STUDY] == "SIM4"].copy()
    first = encode(query, model, model_path, tmp_path, corrected_layer="corrected")
    entry = first.uns["clrna"]["models"]["X_clrna"]
    assert (entry["corrected_layer"], entry["corrected_to"]) == ("corrected", "SIM1")
    again = encode(first, model, model_path, tmp_path, corrected_layer="corrected", corrected_to="SIM3")
    assert again.uns["clrna"]["models"]["X_clrna"]["corrected_to"] == "SIM3"
    assert np.abs(again.layers["corrected"] - first.layers["corrected"]).mean() > 0.1
    with pytest.raises(UsageError, match=r"^--corrected-layer corrected: the file already has that layer"):
        encode(first, model, model_path, tmp_path, corrected_layer="corrected", key_added="X_other")
    query.layers["mine"] = query.X.copy()
    with pytest.raises(UsageError, match=r"^--corrected-layer mine: the file already has that layer"):
        encode(query, model, model_path, tmp_path, corrected_layer="mine")


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"corrected_to": "SIM1"}, "--corrected-to is for corrected expression; give --corrected-layer a name"),
        ({"corrected_layer": ""}, "--corrected-layer '': cannot be the name of a layer"),
        ({"corrected_layer": "a/b"}, "--corrected-layer 'a/b': cannot be the name of a layer"),
        ({"corrected_layer": "clrna_reconstruction", "reconstruct": True}, "--reconstruct writes that layer"),
        ({"corrected_layer": "counts", "layer": "counts"}, "--layer reads that layer"),
        ({"corrected_layer": "c", "corrected_to": "SIM4"}, "--corrected-to SIM4: the model holds the levels of SIM1, "),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(model, model_path, many, tmp_path, options, told):
    with pytest.raises(UsageError) as caught:
        encode(many, model, model_path, tmp_path, **options)
    assert told in str(caught.value) and "\n" not in str(caught.value)
    assert not (tmp_path / "out.h5ad").exists()


def test_a_model_of_before_says_that_it_has_to_be_trained_anew(model, values):
    transfer = dataclasses.replace(model.transfer, levels=None)
    older = dataclasses.replace(model, transfer=transfer)
    assert encode_array(older, values, np.full(len(values), "NEW")).codes.shape == (45, 12)
    with pytest.raises(InputError, match=r"^--corrected-layer: the model was trained by a version .*; train it anew$"):
        corrected(older, values)


def test_a_model_that_does_not_place_studies_says_so(many, values):
    other = fit_default(many, standardize="genes", epochs=1, hidden=[8], linear_path=False).model
    with pytest.raises(UsageError, match=r"^--corrected-layer: .* does not place studies.*; take one of preset"):
        corrected(other, values)


def test_the_executable_writes_it(model_path, many, tmp_path, capsys):
    write_h5ad(many[many.obs[STUDY] == "SIM4"].copy(), tmp_path / "in.h5ad")
    words = [str(tmp_path / "in.h5ad"), "-m", str(model_path), "-o", str(tmp_path / "out.h5ad")]
    assert executable.main([*words, "--corrected-layer", "corrected", "--corrected-to", "SIM2"]) == 0
    assert "layer corrected: expression of each study as if SIM2 had measured it" in capsys.readouterr().err
    assert np.isfinite(anndata.read_h5ad(tmp_path / "out.h5ad").layers["corrected"]).all()
