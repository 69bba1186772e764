import numpy as np
import pytest

from clrna.donors import own_donor_where_unknown
from clrna.score.transfer import cross_study_f1, transfer_among


def arrays(*columns):
    return [np.array(list(column), dtype=object) for column in columns]


LINE = np.array([[1.0, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]])


def test_labels_come_from_the_other_study():
    labels, studies, donors = arrays("xyxy", "AABB", "1234")
    found = cross_study_f1(LINE[[0, 2, 1, 3]], labels, studies, donors, n_neighbors=1)
    assert found["A"].f1 == found["B"].f1 == 1.0
    assert found["A"].predicted.tolist() == ["x", "y"]


def test_a_replicate_gives_nothing_away():
    # Donor 1 is in both studies at the same place; without him the nearest is of the wrong class.
    labels, studies, donors = arrays("xxyx", "ABBB", "1123")
    values = np.array([[1.0, 0.0], [1.0, 0.0], [0.9, 0.1], [0.0, 1.0]])
    assert cross_study_f1(values, labels, studies, donors, n_neighbors=1)["A"].predicted.tolist() == ["y"]
    donors[0] = "9"
    assert cross_study_f1(values, labels, studies, donors, n_neighbors=1)["A"].predicted.tolist() == ["x"]


def test_a_class_that_others_have_of_the_same_donor_alone_is_not_asked_for():
    labels, studies, donors = arrays("xyxy", "AABB", "1213")
    found = cross_study_f1(LINE, labels, studies, donors, n_neighbors=1)
    assert found["A"].queries.tolist() == [1]
    assert found["B"].queries.tolist() == [3]


def test_unknown_donors_are_all_different():
    assert own_donor_where_unknown(arrays(["a", "", "a", "", "b"])[0]).tolist() == [1, 5, 1, 6, 2]


def test_classes_and_labels_that_the_other_studies_lack():
    labels, studies, donors = arrays(["x", "z", "", "x", "q"], "AAABB", "12345")
    values = np.random.default_rng(0).normal(size=(5, 3))
    found = cross_study_f1(values, labels, studies, donors, n_neighbors=3)
    assert found["A"].queries.tolist() == [0]
    assert found["A"].n == 1


@pytest.mark.parametrize(
    ("labels", "studies", "reason"),
    [
        ("xxyy", "AAAA", "there is only one study"),
        ("xxyy", "AABB", "no class of A is found in another donor of another study"),
        (["x", "x", "x", ""], "AABB", "the other studies have one class only, x, so A could be told nothing else"),
        (["", "", "x", "y"], "AABB", "no labelled sample of A to ask about"),
    ],
)
def test_reasons(labels, studies, reason):
    labels, studies, donors = arrays(labels, studies, "1234")
    result = cross_study_f1(LINE, labels, studies, donors)["A"]
    assert result.reason == reason
    assert np.isnan(result.f1)
    assert result.n == 0


def test_queries_are_narrowed_but_never_the_reference(adata):
    labels, studies, donors = (adata.obs[name].to_numpy().astype(object) for name in ("tissue", "study", "donor"))
    asked = (studies == "B") & (np.arange(len(studies)) % 2 == 0)
    values = adata.obsm["X_pca"]
    narrowed = cross_study_f1(values, labels, studies, donors, queries=asked)
    whole = cross_study_f1(values, labels, studies, donors)
    among = transfer_among(whole, studies, asked)
    assert list(narrowed) == list(among) == ["B"]
    np.testing.assert_array_equal(narrowed["B"].predicted, among["B"].predicted)
    assert narrowed["B"].f1 == among["B"].f1
    assert narrowed["B"].n == asked.sum()


def test_five_neighbours_vote_as_scikit_learn_does(adata):
    from sklearn.metrics import f1_score
    from sklearn.neighbors import KNeighborsClassifier

    labels, studies = (adata.obs[name].to_numpy().astype(object) for name in ("tissue", "study"))
    donors = np.array([""] * len(labels), dtype=object)
    values = adata.obsm["X_pca"]
    inside = studies == "C"
    model = KNeighborsClassifier(5, metric="cosine", algorithm="brute").fit(
        values[~inside], labels[~inside].astype(str)
    )
    expected = model.predict(values[inside])
    found = cross_study_f1(values, labels, studies, donors)["C"]
    counts = [sorted(np.unique(labels[~inside][row], return_counts=True)[1])[::-1] for row in
              model.kneighbors(values[inside])[1]]  # fmt: skip
    clear = np.array([len(count) == 1 or count[0] > count[1] for count in counts])
    assert clear.sum() > 20
    np.testing.assert_array_equal(found.predicted[clear], expected[clear])
    assert found.f1 == pytest.approx(f1_score(found.truth.astype(str), found.predicted.astype(str), average="macro"))
