"""A study is placed by its mix of classes, told without labels."""

import types

import numpy as np
import pytest
import torch

from clrna.model.class_means import ClassMeansFit
from clrna.model.linear_path import fit_linear_path
from clrna.model.memberships import StudyAdapter, adaptation_arrays
from clrna.model.standardize import standardize
from clrna.model.study_mix import estimate_mix
from clrna.model.training_studies import fit_training_studies

N_GENES, N_CLASSES = 120, 5
MEANS = np.random.default_rng(7).normal(0, 1.0, (N_CLASSES, N_GENES))


def study(shares, n, shift=0.0, seed=0):
    """Expression of a study with that mix of classes and a gene-wise shift, and its labels."""
    random = np.random.default_rng(seed)
    labels = np.repeat(np.arange(N_CLASSES), np.round(np.array(shares) * n).astype(int))
    labels = random.permutation(labels)
    values = 8 + MEANS[labels] + random.normal(size=(len(labels), N_GENES)) + shift * random.normal(size=N_GENES)
    return values.astype(np.float32), labels


@pytest.fixture(scope="module")
def model():
    """A linear model of two studies of all classes in different shares."""
    first, second = study([0.4, 0.3, 0.1, 0.1, 0.1], 200), study([0.1, 0.1, 0.2, 0.3, 0.3], 200, shift=1.0, seed=1)
    values, labels = np.vstack([first[0], second[0]]), np.concatenate([first[1], second[1]])
    names = np.repeat(["A", "B"], 200).astype(object)
    known = fit_training_studies(values, names, labels, np.ones(400, dtype=bool), N_CLASSES, 20)
    parts = [standardize(values[names == name], *known.statistics_of(name)) for name in ("A", "B")]
    path = fit_linear_path(np.vstack(parts), labels, 12, known.gene_scale)
    return types.SimpleNamespace(
        n_genes=N_GENES,
        classes=list("abcde"),
        network=types.SimpleNamespace(linear_weight=torch.from_numpy(path.weight)),
        extras=adaptation_arrays(known, path),
        encode=lambda rows: rows @ path.weight + path.bias,
    )


def adapted(model, values, size=1000):
    adapter = StudyAdapter(model)
    for number in range(adapter.n_passes):
        for start in range(0, len(values), size):
            adapter.update(number, values[start : start + size])
        adapter.finish(number)
    return adapter


def nearest_class(model, codes):
    centers = model.encode(model.extras["studies.class_means"])
    return ((codes[:, None] - centers[None]) ** 2).sum(axis=2).argmin(axis=1)


def test_means_of_confounded_classes_are_told_from_offsets():
    random = np.random.default_rng(0)
    fit = ClassMeansFit(2, 3, 4)
    means, offsets = random.normal(size=(3, 4)) * 3, np.array([[1.0] * 4, [-1.0] * 4])
    for number, counts in enumerate(([400, 100, 0], [100, 0, 400])):
        labels = np.repeat(np.arange(3), counts)
        fit.update(number, means[labels] + offsets[number] + random.normal(size=(500, 4)), labels)
    found = fit.solve()
    np.testing.assert_allclose(found.offsets[0] - found.offsets[1], 2, atol=0.4)
    np.testing.assert_allclose(found.class_means[0] - found.class_means[1], means[0] - means[1], atol=0.4)
    np.testing.assert_allclose(found.within, 1, atol=0.1)


def test_samples_without_label_are_left_out_of_the_means():
    fit = ClassMeansFit(1, 2, 3)
    fit.update(0, np.full((10, 3), 100.0), np.full(10, -1))
    found = fit.solve()
    assert (found.class_means == 0).all() and (found.offsets == 0).all()


@pytest.mark.parametrize("shares", [[0.2] * 5, [0.7, 0.1, 0.1, 0.1, 0.0], [0.5, 0.0, 0.5, 0.0, 0.0]])
@pytest.mark.parametrize("shift", [0.0, 0.3])
def test_the_mix_of_a_new_study_is_found(model, shares, shift):
    values, labels = study(shares, 150, shift, seed=3)
    adapter = adapted(model, values)
    np.testing.assert_allclose(adapter.mix.shares, shares, atol=0.1)
    assert (nearest_class(model, adapter.encode(values)) == labels).mean() > 0.9


@pytest.mark.parametrize("number", range(N_CLASSES))
def test_a_study_of_one_class_stays_of_that_class(model, number):
    """Standardized by its plain mean it would lie in the middle of all classes."""
    values, labels = study(np.eye(N_CLASSES)[number], 40, 0.2, seed=4)
    assert (nearest_class(model, adapted(model, values).encode(values)) == labels).mean() > 0.9
    plain = model.encode(standardize(values, values.mean(axis=0), values.std(axis=0)))
    assert (nearest_class(model, plain) == labels).mean() < 0.6


@pytest.mark.parametrize("size", [1, 7])
def test_blocks_do_not_change_the_result(model, size):
    values, _ = study([0.3, 0.3, 0.2, 0.1, 0.1], 60, 0.5, seed=5)
    np.testing.assert_allclose(adapted(model, values, size).mean, adapted(model, values).mean, atol=1e-5)


def test_more_samples_than_are_kept_are_chosen_alike_whatever_the_blocks(model, monkeypatch):
    monkeypatch.setattr("clrna.model.chosen_rows._MOST_SAMPLES", 50)
    values, _ = study([0.3, 0.3, 0.2, 0.1, 0.1], 400, seed=6)
    np.testing.assert_allclose(adapted(model, values, 7).sd, adapted(model, values).sd, atol=1e-5)


def test_missing_genes_are_0(model):
    values, _ = study([0.2] * 5, 100, seed=8)
    values[:, :10] = 3.0
    adapter = adapted(model, values)
    assert (standardize(values, adapter.mean, adapter.sd)[:, :10] == 0).all()
    assert np.isfinite(adapter.encode(values)).all()


def test_samples_far_from_every_known_class_are_counted_to_none():
    """The promise holds along the discriminants only: what projects onto a known class cannot be told from it."""
    random = np.random.default_rng(9)
    means = np.array([[10.0, 0.0], [-10.0, 0.0], [0.0, 10.0]])
    known = means[np.repeat(np.arange(3), 30)] + random.normal(size=(90, 2))
    strange = np.array([12.0, 14.0]) + 3 * random.normal(size=(60, 2))
    assert estimate_mix(known, means).shares.sum() > 0.95
    np.testing.assert_allclose(estimate_mix(np.vstack([known, strange]), means).shares, 0.2, atol=0.05)


def test_without_classes_the_study_has_its_plain_statistics(model):
    bare = types.SimpleNamespace(**{**vars(model), "extras": {}})
    values, _ = study([0.2] * 5, 50)
    adapter = adapted(bare, values)
    assert adapter.n_passes == 1 and adapter.mix is None
    np.testing.assert_allclose(adapter.mean, values.mean(axis=0), rtol=1e-5)


@pytest.mark.parametrize("rows", [np.zeros((1, 2)), np.zeros((30, 2))])
def test_identical_samples_give_a_finite_mix(rows):
    mix = estimate_mix(rows, np.array([[3.0, 0.0], [-3.0, 0.0], [0.0, 3.0]]))
    assert np.isfinite(mix.shares).all() and 0 <= mix.shares.sum() <= 1 + 1e-9
