"""What a similarity is said to mean: right on distributions that are known, and never more than the reference tells."""

import numpy as np
import pytest

from clrna.match.across_studies import AcrossStudies
from clrna.match.levels import CHANCE, REPLICATE, SAME_LABEL, learn_levels


def searches(n: int = 4000, replicates: bool = True) -> AcrossStudies:
    """Similarities whose odds are known: same label uniform on 0 to 1, other label with the density 2 (1 - s)."""
    rng = np.random.default_rng(5)
    other = 1.0 - np.sqrt(rng.uniform(size=n))
    none = np.full(n, -np.inf)
    lead, behind = rng.normal(0.3, 0.1, n), rng.normal(0.1, 0.1, n)
    close = rng.uniform(0.6, 0.9, n)
    return AcrossStudies(
        close if replicates else none, lead if replicates else none, close, behind, rng.uniform(size=n), other
    )


@pytest.mark.parametrize("similarity", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_probability_of_the_label_is_that_of_the_densities(similarity: float) -> None:
    found = learn_levels(searches()).same_label(np.array([similarity]))[0]
    assert found == pytest.approx(1 / (1 + 2 * (1 - similarity)), abs=0.06)


def test_the_probability_of_a_replicate_is_that_of_two_normals() -> None:
    levels = learn_levels(searches())
    # log odds of two normals 0.2 apart with deviation 0.1: 20 (lead - 0.2)
    lead = np.array([0.1, 0.2, 0.3])
    found = levels.replicate(np.full(3, 0.75), lead)
    np.testing.assert_allclose(found, 1 / (1 + np.exp(-20 * (lead - 0.2))), atol=0.03)


def test_closer_is_never_less_and_nothing_is_certain() -> None:
    levels = learn_levels(searches())
    steps = levels.same_label(np.linspace(-1, 1, 400))
    assert (np.diff(steps) >= 0).all() and 0 < steps[0] and steps[-1] < 1
    assert (levels.replicate_weights[1:] >= 0).all()


def test_a_level_without_its_samples_is_left_out() -> None:
    levels = learn_levels(searches(replicates=False))
    assert levels.replicate_weights is None and "0 reference samples found its donor" in levels.why_no_replicate
    p_same, p_replicate = levels.same_label(np.array([0.99, 0.1])), levels.replicate(np.zeros(2), np.ones(2))
    assert np.isnan(p_replicate).all()
    assert levels.statement(p_same, p_replicate).tolist() == [SAME_LABEL, CHANCE]
    nothing = learn_levels(searches(19))
    assert nothing.statement(np.array([np.nan]), np.array([np.nan])).tolist() == [""]


def test_the_closest_level_is_stated_from_four_in_five_on() -> None:
    levels = learn_levels(searches())
    stated = levels.statement(np.array([0.9, 0.9, 0.79]), np.array([0.8, 0.79, np.nan]))
    assert stated.tolist() == [REPLICATE, SAME_LABEL, CHANCE]
