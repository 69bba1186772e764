"""Whether the level of a study's genes was subtracted, and what that leaves of the odds of a label."""

import numpy as np
import pytest

from clrna.model.centering import Centering, CommonProfile, class_spread
from clrna.model.class_statistics import ClassStatistics
from clrna.model.latent_space import LatentSpace
from clrna.model.study_placement import GenesThere

N_GENES, N_AXES = 400, 6


@pytest.fixture
def space():
    random = np.random.default_rng(0)
    axes = np.linalg.qr(random.normal(size=(N_GENES, N_AXES)))[0].astype(np.float32)
    return LatentSpace(random.normal(size=N_GENES), np.full(N_GENES, 0.5), random.uniform(0.5, 2, N_GENES), axes, 0.1)


def classes() -> ClassStatistics:
    """Four classes that lie apart along two axes of six, samples of one scattering by 1 along all."""
    means, one = np.zeros((4, N_AXES)), np.eye(N_AXES)
    means[:, :2] = [[3, 0], [-3, 0], [0, 3], [0, -3]]
    return ClassStatistics(means, one, np.zeros((2, N_AXES)), means, one, 0.1)


@pytest.mark.parametrize("missing", [0.0, 0.3])
def test_the_level_is_the_mean_correlation_with_the_training_mean(space, missing):
    random = np.random.default_rng(1)
    values = 2 * space.mean + random.normal(size=(30, N_GENES))
    expected = np.mean([np.corrcoef(row, space.mean)[0, 1] for row in values])
    values[random.random(values.shape) < missing] = np.nan
    there, common = np.ones(N_GENES, dtype=bool), CommonProfile()
    for rows in (values[:7], values[7:7], values[7:]):
        common.update(space.scaled(rows, there))
    assert common.level(space, there) == pytest.approx(expected, abs=0.02)


def test_missing_values_do_not_hide_that_genes_were_centered(space):
    random = np.random.default_rng(1)
    values = space.mean + random.normal(size=(40, N_GENES))
    values -= values.mean(axis=0)
    values[random.random(values.shape) < 0.5] = np.nan
    there, common = np.ones(N_GENES, dtype=bool), CommonProfile()
    common.update(space.scaled(values, there))
    assert common.level(space, there) == pytest.approx(0, abs=0.08)


def test_only_so_many_samples_are_taken_whatever_the_blocks(space):
    values = np.random.default_rng(1).normal(size=(2300, N_GENES)).astype(np.float32)
    there, whole, parts = np.ones(N_GENES, dtype=bool), CommonProfile(), CommonProfile()
    whole.update(values)
    for start in range(0, len(values), 300):
        parts.update(values[start : start + 300])
    assert whole.n_wanted == parts.n_wanted == 0
    assert parts.level(space, there) == pytest.approx(whole.level(space, there), abs=1e-9)


def test_without_samples_nothing_is_told(space):
    assert np.isnan(CommonProfile().level(space, np.ones(N_GENES, dtype=bool)))
    assert Centering(np.nan, 0.5).kept == Centering(0.0, np.nan).kept == 1.0


def test_samples_of_one_class_spread_as_along_all_axes_and_those_of_several_more(space):
    random = np.random.default_rng(2)
    there = GenesThere(space, classes(), np.ones(N_GENES, dtype=bool))
    means = there.statistics.placed_means
    one, several = np.zeros(600, dtype=int), random.integers(len(means), size=600)
    spreads = [class_spread(there, means[own] + random.normal(size=(600, N_AXES))) for own in (one, several)]
    assert spreads[0] == pytest.approx(1, abs=0.15)
    assert spreads[1] > 2
    # Neither where the study lies nor how far its samples were stretched matters.
    rows = means[several] + random.normal(size=(600, N_AXES))
    assert class_spread(there, 3 * rows + 5) == pytest.approx(class_spread(there, rows))
    assert np.isnan(class_spread(there, rows[:1]))


def test_odds_are_kept_where_the_level_is_there_or_samples_spread():
    assert Centering(0.5, 0.4).kept == Centering(0.2, 0.4).kept == 1.0
    assert not Centering(0.5, 0.4).is_warned_of
    assert Centering(0.0, 0.5).kept < 0.1 and Centering(0.0, 0.5).is_warned_of
    assert Centering(0.0, 4.0).kept > 0.75 and not Centering(0.0, 4.0).is_warned_of
    assert Centering(0.0, 0.5).kept < Centering(0.15, 0.5).kept < 1
    assert Centering(-0.3, 0.5).kept == Centering(0.1, 0.5).kept
