"""The calculation against a plain one, whatever the size of the blocks."""

import logging

import numpy as np
import pytest

from clrna.constants import SCALE, STUDY
from clrna.encode.arrays import encode_array
from clrna.encode.encoder import Encoder
from clrna.encode.inspection import Inspection
from clrna.encode.plan import plan_studies
from clrna.encode.source import ArraySource
from clrna.errors import InputError

TOLERANCE = {"rtol": 1e-4, "atol": 1e-5}


def encoded(model, values, studies, adapter, *, adapt="study", min_samples=20, size=1024, reconstruct=False):
    plan = plan_studies(np.asarray(studies, dtype=object), model.settings.standardize, adapt, min_samples)
    return list(Encoder(model, ArraySource(values, size), plan, adapter).blocks(reconstruct=reconstruct))


def codes_of(blocks):
    return np.concatenate([block.codes for block in blocks])


def plain_standardized(values, mean, sd):
    return ((values - mean) / sd).astype(np.float32)


@pytest.fixture
def values(query):
    return np.asarray(query.X)


@pytest.fixture
def names(query):
    return query.obs[STUDY].astype(str).to_numpy()


def test_each_study_is_standardized_by_its_own_statistics(model, values, names, plain_adapter):
    expected = np.empty((len(values), model.latent_dim), dtype=np.float32)
    for name in set(names):
        own = values[names == name].astype(np.float64)
        expected[names == name] = model.encode(plain_standardized(own, own.mean(axis=0), own.std(axis=0)))
    np.testing.assert_allclose(codes_of(encoded(model, values, names, plain_adapter)), expected, **TOLERANCE)


@pytest.mark.parametrize(("adapt", "min_samples"), [("none", 2), ("study", 1000)])
def test_otherwise_by_the_training_statistics(model, values, names, plain_adapter, adapt, min_samples):
    blocks = encoded(model, values, names, plain_adapter, adapt=adapt, min_samples=min_samples)
    expected = model.encode(plain_standardized(values, model.mean, model.sd))
    np.testing.assert_allclose(codes_of(blocks), expected, **TOLERANCE)


def test_a_model_that_takes_expression_as_it_is(make_model, training, values, names, plain_adapter):
    model = make_model(training, standardize="none")
    np.testing.assert_allclose(
        codes_of(encoded(model, values, names, plain_adapter)), model.encode(values), **TOLERANCE
    )


@pytest.mark.parametrize("size", [1, 5, 36, 71, 72, 1000])
@pytest.mark.parametrize("adapt", ["study", "none"])
def test_the_size_of_the_blocks_does_not_change_the_codes(model, values, names, adapt, size):
    whole = encode_array(model, values, names, adapt=adapt, reconstruct=True)
    parts = encode_array(model, values, names, adapt=adapt, reconstruct=True, chunk_size=size)
    np.testing.assert_allclose(parts.codes, whole.codes, **TOLERANCE)
    np.testing.assert_allclose(parts.confidence, whole.confidence, **TOLERANCE)
    np.testing.assert_allclose(parts.distance, whole.distance, **TOLERANCE)
    np.testing.assert_allclose(parts.reconstruction, whole.reconstruction, rtol=1e-3, atol=1e-4)
    assert (parts.label == whole.label).all()


def test_without_adapting_a_sample_does_not_depend_on_its_neighbours(model, values, names):
    together = encode_array(model, values, names, adapt="none").codes
    for row in (0, 17, 71):
        alone = encode_array(model, values[[row]], names[[row]], adapt="none").codes
        np.testing.assert_allclose(alone[0], together[row], **TOLERANCE)


def test_with_adapting_it_does_on_those_of_its_study_alone(model, values, names):
    together = encode_array(model, values, names).codes
    own = names == "SIM3"
    np.testing.assert_allclose(encode_array(model, values[own], names[own]).codes, together[own], **TOLERANCE)
    assert np.abs(encode_array(model, values, names, adapt="none").codes - together).max() > 0.01


def test_a_shift_and_a_scale_of_each_gene_in_a_study_leave_its_codes(model, values, names):
    generator = np.random.default_rng(6)
    moved = values.copy()
    genes = values.shape[1]
    moved[names == "SIM4"] = moved[names == "SIM4"] * generator.uniform(0.5, 2, genes) + generator.normal(0, 3, genes)
    before, after = (encode_array(model, x, names).codes for x in (values, moved.astype(np.float32)))
    np.testing.assert_allclose(after, before, rtol=1e-2, atol=1e-2)


def test_one_sample_works_and_falls_to_the_training_statistics(model, values, names):
    result = encode_array(model, values[:1], names[:1])
    assert result.codes.shape == (1, model.latent_dim)
    assert result.plan.standardized_by == ("training statistics",)


def test_label_and_confidence_are_those_of_the_most_probable_class(model, values, names):
    result = encode_array(model, values, names)
    probabilities = model.probabilities(result.codes)
    assert result.label.tolist() == [model.classes[at] for at in probabilities.argmax(axis=1)]
    np.testing.assert_array_equal(result.confidence, probabilities.max(axis=1))
    np.testing.assert_array_equal(result.unlike_training, result.distance > model.distance_threshold)
    assert 0 < result.unlike_training.sum() < len(values)


def test_a_value_that_is_not_there_is_the_mean(model, values, names):
    """In a study of its own statistics the study's mean of the gene, else the training mean."""
    holes = values.copy()
    holes[3, 5] = np.inf
    holes[3, 9] = np.nan
    filled = {}
    for adapt in ("study", "none"):
        mean = model.mean
        if adapt == "study":
            own = np.flatnonzero(names == names[3])
            mean = values[own[own != 3]].mean(axis=0, dtype=np.float64)
        complete = values.copy()
        complete[3, [5, 9]] = mean[[5, 9]]
        filled[adapt] = encode_array(model, complete, names, adapt=adapt).codes
        np.testing.assert_allclose(encode_array(model, holes, names, adapt=adapt).codes, filled[adapt], **TOLERANCE)


def test_the_caller_s_array_is_not_changed(model, values, names):
    holes = values.copy()
    holes[0, 0] = np.inf
    before = holes.copy()
    encode_array(model, holes, names)
    np.testing.assert_array_equal(holes, before)


def test_values_that_are_filled_are_counted_and_named(model, values, names, caplog):
    holes = values.copy()
    holes[3, 5] = np.inf
    holes[:4, 9] = np.nan
    plan = plan_studies(names, "study", "study", 20)
    inspection = Inspection(ArraySource(holes, 10), plan)
    with caplog.at_level(logging.WARNING, logger="clrna"):
        inspection.log(model.genes.index.to_numpy(), len(holes))
    assert inspection.not_finite.sum() == 5
    for word in ("values 5 are not finite", "in 2 genes", str(model.genes.index[5]), str(model.genes.index[9])):
        assert word in caplog.text


def test_a_sample_without_any_value_is_named(model, values, names):
    holes = values.copy()
    holes[[3, 40]] = np.nan
    with pytest.raises(InputError, match=r"2 samples have no finite value.*: 3, 40; remove them"):
        encode_array(model, holes, names)


def test_the_reconstruction_is_in_the_units_of_the_study(model, values, names):
    result = encode_array(model, values, names, reconstruct=True)
    own = names == "SIM3"
    study = values[own].astype(np.float64)
    expected = model.reconstruct(result.codes[own]) * study.std(axis=0) + study.mean(axis=0)
    np.testing.assert_allclose(result.reconstruction[own], expected, rtol=1e-3, atol=1e-4)
    single = encode_array(model, values, names, adapt="none", reconstruct=True)
    expected = model.reconstruct(single.codes) * model.sd + model.mean
    np.testing.assert_allclose(single.reconstruction, expected, rtol=1e-3, atol=1e-4)


def test_an_array_of_another_width_is_refused(model, values, names):
    with pytest.raises(ValueError, match="240"):
        encode_array(model, values[:, :-1], names)


def test_many_studies_with_different_scales_do_not_mix(make_model, studies, training):
    """A study's order among the samples does not matter."""
    model = make_model(training)
    values, names = np.asarray(studies.X), studies.obs[STUDY].astype(str).to_numpy()
    order = np.random.default_rng(0).permutation(len(values))
    straight, shuffled = (
        encode_array(model, values, names).codes,
        encode_array(model, values[order], names[order]).codes,
    )
    np.testing.assert_allclose(shuffled, straight[order], **TOLERANCE)
    assert studies.obs[SCALE].nunique() == 1
