import numpy as np

from clrna.score.retrieval import replicate_retrieval, retrieval_among


def test_the_replicate_is_ranked_among_all_samples_of_other_studies():
    values = np.array([[0.0], [5.0], [0.1], [0.2], [5.3], [5.1]])
    studies = np.array(list("AABBBC"), dtype=object)
    donors = np.array(["p", "q", "x", "p", "q", "y"], dtype=object)
    found = replicate_retrieval(values, studies, donors, distance="euclidean")
    assert found["A"].queries.tolist() == [0, 1]
    assert found["A"].ranks.tolist() == [2, 2]
    assert (found["A"].recall, found["A"].mrr) == (0.0, 0.5)
    assert found["B"].queries.tolist() == [3, 4]
    assert found["C"].reason == "no donor of C is found in another study"
    assert np.isnan(found["C"].recall)
    assert np.isnan(found["C"].mrr)


def test_a_replicate_in_the_same_study_is_none():
    values = np.arange(4.0)[:, None]
    found = replicate_retrieval(values, np.array(list("AABB"), dtype=object), np.array(list("ppqr"), dtype=object))
    assert [result.n for result in found.values()] == [0, 0]


def test_unknown_donors_have_no_replicate():
    found = replicate_retrieval(np.ones((2, 1)), np.array(["A", "B"], dtype=object), np.array(["", ""], dtype=object))
    assert found["A"].n == 0


def test_one_study():
    found = replicate_retrieval(np.ones((2, 1)), np.array(["A", "A"], dtype=object), np.array(["p", "p"], dtype=object))
    assert found["A"].reason == "there is only one study"


def test_some_of_the_queries(adata):
    studies, donors = (adata.obs[name].to_numpy().astype(object) for name in ("study", "donor"))
    asked = np.arange(len(studies)) % 3 == 0
    whole = replicate_retrieval(adata.obsm["X_pca"], studies, donors)
    narrowed = replicate_retrieval(adata.obsm["X_pca"], studies, donors, queries=asked)
    among = retrieval_among(whole, studies, asked)
    for study in "AB":
        np.testing.assert_array_equal(among[study].ranks, narrowed[study].ranks)
    assert among["A"].n == 4
    nobody = retrieval_among(whole, studies, np.arange(len(studies)) == 29)
    assert nobody["A"].reason == "no sample of A here has its donor in another study"
