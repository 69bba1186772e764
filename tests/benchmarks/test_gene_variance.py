"""What tissue and study explain of each gene, by hand and by least squares."""

import numpy as np
import pytest
from gene_variance import explained


def test_eta_squared_by_hand():
    """Means 1 and 4 about 2.5: 4 x 2.25 = 9 of 13 lie between."""
    values = np.array([[0.0, 5], [2, 5], [3, 5], [5, 5]])
    found = explained(values, np.array(["a", "a", "b", "b"]))
    assert found[0] == pytest.approx(9 / 13) and np.isnan(found[1])


def test_two_groupings_are_one_additive_model():
    random = np.random.default_rng(0)
    tissue, study = random.choice(["x", "y", "z"], 60), random.choice(["1", "2"], 60)
    values = random.normal(0, 1, (60, 5)) + (tissue == "x")[:, None] + 2 * (study == "1")[:, None]
    design = np.column_stack([np.ones(60), *(tissue == name for name in "xy"), study == "1"]).astype(float)
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0]
    expected = 1 - (rest**2).sum(axis=0) / ((values - values.mean(axis=0)) ** 2).sum(axis=0)
    np.testing.assert_allclose(explained(values, tissue, study), expected, rtol=1e-9)


def test_one_group_explains_nothing():
    assert explained(np.random.default_rng(0).normal(0, 1, (9, 3)), np.full(9, "a")).tolist() == [0, 0, 0]
