"""Our metrics against the committed output of scib-metrics (tests/reference/make_scib_reference.py)."""

import json
from pathlib import Path

import numpy as np
import pytest

from clrna.metrics.bras import bras_of_samples
from clrna.metrics.kbet import kbet_neighborhood, kbet_p_values
from clrna.metrics.lisi import lisi, scaled_clisi, scaled_ilisi
from clrna.metrics.neighbors import nearest_neighbors
from clrna.metrics.pcr import pcr_comparison, variance_between
from clrna.metrics.silhouette import silhouette_widths

# Their arithmetic is float32.
CLOSE = {"rel": 2e-5, "abs": 2e-5}


@pytest.fixture(scope="module")
def reference():
    path = Path(__file__).resolve().parent.parent / "reference" / "scib_metrics.json"
    content = json.loads(path.read_text())
    assert content["scib_metrics"] == "0.5.10"
    return {
        key: np.array(content[key]) if isinstance(content[key], list) else content[key]
        for key in ("values", "expression", "embedding", "labels", "studies", "lisi_of_studies")
    }


def codes_of(names):
    return np.unique(names, return_inverse=True)[1]


def near(embedding, k):
    rows = np.arange(len(embedding))
    return nearest_neighbors(embedding, embedding, k, "euclidean", rows, rows)


def with_itself(embedding, k):
    return np.column_stack([np.arange(len(embedding)), near(embedding, k - 1)[0]])


def test_silhouette(reference):
    widths = silhouette_widths(reference["embedding"], reference["labels"])
    assert widths.mean() == pytest.approx(reference["values"]["silhouette_label"], **CLOSE)


def test_bras(reference):
    labels = reference["labels"]
    values = bras_of_samples(reference["embedding"], labels, reference["studies"])
    assert np.isfinite(values).all()
    mean_of_means = np.mean([values[labels == label].mean() for label in "abcd"])
    assert mean_of_means == pytest.approx(reference["values"]["bras"], **CLOSE)


def test_lisi(reference):
    neighbors, distances = near(reference["embedding"], 45)
    of_studies = lisi(distances, neighbors, codes_of(reference["studies"]), 15)
    np.testing.assert_allclose(of_studies, reference["lisi_of_studies"], atol=5e-4)
    assert scaled_ilisi(np.median(of_studies), 3) == pytest.approx(reference["values"]["ilisi"], abs=2e-4)
    of_labels = lisi(distances, neighbors, codes_of(reference["labels"]), 15)
    assert scaled_clisi(np.median(of_labels), 4) == pytest.approx(reference["values"]["clisi"], abs=2e-4)


def test_kbet(reference):
    accepted = kbet_p_values(with_itself(reference["embedding"], 15), codes_of(reference["studies"])) >= 0.05
    assert accepted.mean() == pytest.approx(reference["values"]["kbet_all_15"])
    first = reference["labels"] == "a"
    codes = codes_of(reference["studies"][first])
    assert kbet_neighborhood(codes) == 10
    p_values = kbet_p_values(with_itself(reference["embedding"][first], 10), codes)
    assert (p_values >= 0.05).mean() == pytest.approx(reference["values"]["kbet_label_a_10"])
    assert p_values.mean() == pytest.approx(reference["values"]["kbet_label_a_10_p"], **CLOSE)


def test_pcr(reference):
    before, after, studies = reference["expression"], reference["embedding"], reference["studies"]
    shares = variance_between(before, studies), variance_between(after, studies)
    assert shares[0] == pytest.approx(reference["values"]["pcr_before"], **CLOSE)
    assert shares[1] == pytest.approx(reference["values"]["pcr_after"], **CLOSE)
    assert pcr_comparison(*shares) == pytest.approx(reference["values"]["pcr_comparison"], abs=2e-4)
