"""What is nearest, and where the own label stands, against calculation by hand and by brute force."""

import numpy as np

from clrna.match.across_studies import nearest_across_studies
from clrna.match.samples import numbered, of_own_where_unknown
from clrna.match.search import search
from clrna.metrics import neighbors


def at(*degrees: float) -> np.ndarray:
    """Codes in the plane at these angles: their cosine is that of the difference."""
    turned = np.deg2rad(degrees)
    return np.stack([np.cos(turned), np.sin(turned)], axis=1)


def test_ranks_lead_and_first_of_label_by_hand() -> None:
    found = search(
        at(0), at(50, 10, 20, 90, 5), 3,
        query_groups=np.array([7]), reference_groups=np.array([1, 1, 2, 2, 7]),
        query_labels=np.array([0]), reference_labels=np.array([0, 1, 0, -1, 0]),
        reference_donors=np.array([4, 5, 5, 6, 8]),
    )  # fmt: skip
    # the sample at 5 degrees is of the query's own group; donor 5 holds places 1 and 2, donor 4 comes next
    assert found.rows.tolist() == [[1, 2, 0]]
    cosine = np.cos(np.deg2rad([10, 20, 50]))
    np.testing.assert_allclose(found.similarity[0], cosine)
    np.testing.assert_allclose(found.lead[0], [cosine[0] - cosine[2], cosine[1] - cosine[2], cosine[2] - cosine[0]])
    assert found.first_of_label.tolist() == [2]


def test_fewer_references_than_matches_and_no_own_label() -> None:
    found = search(
        at(0, 30), at(10, 40), (1 << 32) - 1,
        query_groups=np.array([1, 2]), reference_groups=np.array([1, 3]),
        query_labels=np.array([-1, 5]), reference_labels=np.array([-1, 0]),
        reference_donors=np.array([0, 0]),
    )  # fmt: skip
    assert found.rows.tolist() == [[1, -1], [1, 0]]
    assert np.isnan(found.lead).all()  # there is one donor only
    assert found.first_of_label.tolist() == [0, 0]


def test_blocks_give_what_one_block_gives(monkeypatch) -> None:
    rng = np.random.default_rng(3)
    query, reference = rng.normal(size=(23, 5)), rng.normal(size=(40, 5))
    groups, labels, donors = rng.integers(0, 3, 40), rng.integers(-1, 3, 40), rng.integers(0, 15, 40)

    def both():
        found = search(
            query, reference, 6, query_groups=groups[:23], reference_groups=groups, query_labels=labels[:23],
            reference_labels=labels, reference_donors=donors,
        )  # fmt: skip
        rows = np.arange(40)
        return [
            *vars(found).values(),
            *vars(nearest_across_studies(reference, groups, donors, labels, rows, rows)).values(),
        ]

    whole = both()
    monkeypatch.setattr(neighbors, "_VALUES_IN_MEMORY", 90)
    for one, two in zip(whole, both(), strict=True):
        np.testing.assert_allclose(one, two)


def test_across_studies_by_hand() -> None:
    # studies 0 and 1; the sample at 0 has its donor at 15, a stranger of its label at 30, another label at 20
    codes = at(0, 1, 15, 30, 20)
    studies, donors, labels = np.array([0, 0, 1, 1, 1]), np.array([3, 4, 3, 5, 6]), np.array([0, 1, 0, 0, 1])
    found = nearest_across_studies(codes, studies, donors, labels, np.array([0]), np.arange(5))
    cosine = {angle: np.cos(np.deg2rad(angle)) for angle in (15, 20, 30)}
    assert np.isclose(found.replicate[0], cosine[15]) and np.isclose(found.stranger[0], cosine[20])
    assert np.isclose(found.replicate_lead[0], cosine[15] - cosine[20])
    assert np.isclose(found.stranger_lead[0], cosine[20] - cosine[30])
    assert np.isclose(found.same_label[0], cosine[30]) and np.isclose(found.other_label[0], cosine[20])


def test_no_unknown_equals_another() -> None:
    one, two = numbered(np.array(["a", "", "b"], dtype=object), np.array(["b", ""], dtype=object))
    assert one.tolist() == [1, -1, 2] and two.tolist() == [2, -1]
    assert len(set(of_own_where_unknown(np.array([-1, 4, -1])).tolist())) == 3
