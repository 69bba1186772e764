"""Each score on views that are easy, hard and degenerate."""

import numpy as np
import pytest

from clrna.donors import own_donor_where_unknown
from clrna.errors import UsageError
from clrna.score.measures import MEASURES, NAMES, chosen_names
from clrna.score.view import View


def view_of(adata, key="X_clrna", **changes):
    columns = {name: adata.obs[name].to_numpy().astype(object) for name in ("tissue", "study", "donor")}
    settings = {
        "embedding": adata.obsm[key],
        "labels": columns["tissue"],
        "studies": columns["study"],
        "owners": own_donor_where_unknown(columns["donor"]),
        "label_key": "tissue",
        "n_neighbors": 5,
        "distance": "cosine",
        "expression": np.asarray(adata.X),
    }
    return View(**{**settings, **changes})


def by_name(view):
    return {(measure.name, measure.target): measure.compute(view, measure.target) for measure in MEASURES}


@pytest.fixture(scope="module")
def wide(make_studies):
    """Enough samples of each study in each tissue for kBET."""
    return make_studies(n_per_study=75)


def test_every_score_has_a_value_and_counts_its_samples(wide):
    for (name, target), found in by_name(view_of(wide)).items():
        assert np.isfinite(found.value), (name, target, found.reason)
        assert found.reason == ""
        assert 0 < found.n <= wide.n_obs
        if found.statistic is not None:
            assert found.statistic(np.ones(found.n)) == pytest.approx(found.value)
            assert np.isfinite(found.statistic(np.random.default_rng(0).poisson(1, found.n).astype(float)))


def test_mixed_studies_score_better_than_separate_ones(wide):
    mixed, apart = by_name(view_of(wide, "X_clrna")), by_name(view_of(wide, "X_pca"))
    for measure in MEASURES:
        if measure.name in ("study_chance", "study_from_label", "knn_accuracy", "knn_f1", "clisi"):
            continue
        sign = 1 if measure.direction == "higher" else -1
        key = (measure.name, measure.target)
        assert sign * mixed[key].value > sign * apart[key].value, key


def test_study_predictability_stands_beside_its_chance(wide):
    found = by_name(view_of(wide))
    assert found["study_chance", "study"].value == pytest.approx(1 / 3)
    assert found["study_from_label", "study"].value == pytest.approx(1 / 3)
    assert found["study_predictability", "study"].note == "chance 0.333; the label alone tells 0.333"
    # An embedding without any study in it is told about as often as chance says.
    pure = view_of(wide, embedding=np.random.default_rng(0).normal(size=(wide.n_obs, 5)))
    assert abs(by_name(pure)["study_predictability", "study"].value - 1 / 3) < 0.1


def test_the_label_alone_tells_the_study_where_they_are_confounded(adata):
    labels = adata.obs["study"].to_numpy().astype(object)
    assert by_name(view_of(adata, labels=labels))["study_from_label", "study"].value == 1.0


def test_replicates_do_not_tell_a_label(adata):
    # Noise in which the samples of a donor coincide: only the donor could tell the tissue.
    donors = adata.obs["donor"].to_numpy().astype(str)
    _, positions = np.unique(donors, return_inverse=True)
    noise = np.random.default_rng(0).normal(size=(positions.max() + 1, 8))[positions]
    shared = np.flatnonzero(np.char.startswith(donors, "shared"))
    found = by_name(view_of(adata, embedding=noise, n_neighbors=1))["knn_accuracy", "label"]
    assert found.statistic(np.isin(found.rows, shared).astype(float)) < 0.8


def reasons(view):
    return {key: found.reason for key, found in by_name(view).items() if not np.isfinite(found.value)}


def test_no_labels(adata):
    found = reasons(view_of(adata, labels=np.array([""] * adata.n_obs, dtype=object)))
    assert set(found) == {(m.name, m.target) for m in MEASURES if m.target == "label"}
    assert found["silhouette", "label"] == "no sample has a tissue"
    assert all(found.values())


def test_one_label(adata):
    found = reasons(view_of(adata, labels=np.array(["lung"] * adata.n_obs, dtype=object)))
    assert found["calinski_harabasz", "label"] == "all samples have the same tissue, lung"
    assert found["clisi", "label"] == "fewer than two values of tissue"


def test_one_study(adata):
    found = reasons(view_of(adata, studies=np.array(["A"] * adata.n_obs, dtype=object)))
    expected = {(m.name, m.target) for m in MEASURES if m.target == "study"} | {("bras", "label"), ("kbet", "label")}
    assert set(found) == expected
    assert found["pcr", "study"] == "there is only one study"


def test_small_studies_have_no_kbet(adata):
    assert reasons(view_of(adata)) == {("kbet", "label"): "no tissue has 20 samples in each of two studies"}


@pytest.mark.parametrize("n", [1, 2, 3])
def test_very_few_samples_have_reasons_not_errors(adata, n):
    rows = [0, 35, 70][:n]
    view = view_of(adata[rows].copy())
    for key, found in by_name(view).items():
        assert np.isfinite(found.value) or found.reason, key


def test_an_embedding_in_one_point(adata):
    view = view_of(adata, embedding=np.ones((adata.n_obs, 3), dtype=np.float32))
    for key, found in by_name(view).items():
        assert np.isfinite(found.value) or found.reason, key
    assert by_name(view)["calinski_harabasz", "label"].reason.startswith("the samples of each class coincide")


def test_no_expression(adata):
    view = view_of(adata, expression=None, expression_reason="the file has no X to compare with")
    assert reasons(view)["pcr", "study"] == "the file has no X to compare with"


def test_wide_embeddings_are_reduced_for_pcr(wide):
    embedding = np.hstack([wide.obsm["X_pca"], np.random.default_rng(0).normal(size=(wide.n_obs, 60))])
    assert np.isfinite(by_name(view_of(wide, embedding=embedding))["pcr", "study"].value)


def test_names_of_metrics():
    assert chosen_names(None) == NAMES
    assert chosen_names(["silhouette", "transfer_f1"]) == ("transfer_f1", "silhouette")
    with pytest.raises(UsageError, match="asw: known are transfer_f1, replicate_recall"):
        chosen_names(["asw"])
    with pytest.raises(UsageError, match="is empty"):
        chosen_names([])
