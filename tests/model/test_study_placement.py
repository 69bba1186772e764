"""What a study is taken for, and where its samples are put."""

import numpy as np
import pytest
from scipy.special import softmax

from clrna.model.class_statistics import fit_class_statistics
from clrna.model.latent_space import fit_latent_space
from clrna.model.standardize import standardize_samples
from clrna.model.study_placement import (
    GenesThere,
    Placement,
    VotesOf,
    effective_number,
    estimate_shares,
    place_study,
    placed_coordinates,
)

N_GENES, N_CLASSES, N_STUDIES = 120, 5, 4


def made(labels: np.ndarray, shift: np.ndarray, seed: int) -> np.ndarray:
    """Samples of classes with programs of their own, all genes shifted by their study."""
    fixed, random = np.random.default_rng(77), np.random.default_rng(seed)
    level, programs = fixed.normal(6, 2, N_GENES), fixed.normal(0, 1, (N_CLASSES, N_GENES))
    noise = random.normal(size=(len(labels), N_GENES))
    return (level + programs[labels] + shift + noise).astype(np.float32)


def shift_of(seed: int, size: float = 1.0) -> np.ndarray:
    return np.random.default_rng(1000 + seed).normal(0, size, N_GENES)


@pytest.fixture(scope="module")
def there() -> GenesThere:
    """All genes of a model of four studies of five classes."""
    return genes_there(np.ones(N_GENES, dtype=bool))


def genes_there(present: np.ndarray) -> GenesThere:
    labels = np.tile(np.arange(N_CLASSES), 12)
    values = np.vstack([made(labels, shift_of(study), study) for study in range(N_STUDIES)])
    studies, labels = np.repeat(np.arange(N_STUDIES), len(labels)), np.tile(labels, N_STUDIES)
    space, coordinates = fit_latent_space(standardize_samples(values), studies * N_CLASSES + labels)
    return GenesThere(space, fit_class_statistics(coordinates, studies, labels, N_CLASSES, space.noise), present)


def products_of(there: GenesThere, values: np.ndarray) -> np.ndarray:
    return there.products(there.space.scaled(values, there.present)).astype(np.float64)


def test_shares_of_samples_that_are_sure_are_counted_with_one_sample_more() -> None:
    """Three of the first class, one of the second, and one spread over all three."""
    log_odds = np.full((4, 3), -1e4)
    log_odds[[0, 1, 2, 3], [0, 0, 0, 1]] = 0
    np.testing.assert_allclose(estimate_shares(log_odds), np.array([3 + 1 / 3, 1 + 1 / 3, 1 / 3]) / 5)


def test_shares_are_where_expectation_and_maximisation_rest() -> None:
    log_odds = np.random.default_rng(0).normal(0, 20, (50, 4))
    shares = estimate_shares(log_odds)
    members = softmax(log_odds / 3 + np.log(shares), axis=1)
    np.testing.assert_allclose(shares, (members.sum(axis=0) + 0.25) / 51, atol=1e-3)


def test_the_first_round_by_hand() -> None:
    """One sample and one round: log odds of 3 log 3 are divided by 3, so that the shares are 3 to 1."""
    log_odds = np.array([[3 * np.log(3), 0.0]])
    share = 0.5
    for _ in range(30):
        odds = 3 * share / (1 - share)
        share = (odds / (1 + odds) + 0.5) / 2
    np.testing.assert_allclose(estimate_shares(log_odds), [share, 1 - share], rtol=1e-9)


def test_effective_number_of_classes() -> None:
    assert effective_number(np.full(7, 1 / 7)) == pytest.approx(7)
    assert effective_number(np.array([0.5, 0.5 - 2e-9, 1e-9, 1e-9])) == pytest.approx(2, abs=1e-5)


@pytest.mark.parametrize(("weight", "share"), [(0.0, 0.0), (0.5, 0.25), (1.0, 0.5)])
def test_label_log_odds_weigh_evidence_shares_and_votes(weight, share) -> None:
    alone, placed = np.array([[1.0, 2.0, 0.5]]), np.array([[-1.0, 4.0, 0.0]])
    votes, shares = np.array([[0.2, 0.8, 0.0]]), np.array([0.7, 0.2, 0.1])
    found = Placement(None, shares, weight, 2.0).label_log_odds(alone, placed, votes)
    odds = (share * alone + (1 - share) * placed) / 3 + weight * np.log(shares) + 5 * votes
    np.testing.assert_allclose(found, np.log(softmax(odds, axis=1)))


def test_without_a_classifier_the_evidence_before_is_all() -> None:
    alone = np.array([[1.0, 2.0]])
    found = Placement(None, np.array([0.5, 0.5]), 0.0, 2.0).label_log_odds(alone, np.zeros((1, 0)), np.zeros((1, 2)))
    np.testing.assert_allclose(found, np.log(softmax(alone / 3, axis=1)))


@pytest.mark.parametrize("label", range(N_CLASSES))
def test_a_study_of_one_class_keeps_it_whatever_shifts_its_genes(there, label) -> None:
    labels = np.full(20, label)
    products = products_of(there, made(labels, shift_of(90 + label), 50))
    placement = place_study(there, products, 20, "auto", nearest_of(there))
    assert placement.weight == 1
    assert placement.n_classes < 2
    assert placement.shares.argmax() == label and placement.shares[label] > 0.9
    coordinates, _, _ = placed_coordinates(there, products, placement)
    assert (nearest(there, coordinates) == label).all()


def nearest_of(there: GenesThere) -> VotesOf:
    """Votes as of reference samples that lie at the class means, all of the nearest."""
    return lambda coordinates: np.eye(N_CLASSES)[nearest(there, coordinates)]


def nearest(there: GenesThere, coordinates: np.ndarray) -> np.ndarray:
    rest = coordinates[:, None, :] - there.statistics.placed_means
    return (rest**2).sum(axis=2).argmin(axis=1)


def test_what_the_nearest_samples_are_counts_before_the_study_is_placed(there) -> None:
    """Votes for another class than the samples' evidence, all alike, turn the shares."""
    products = products_of(there, 0.2 * made(np.full(20, 2), shift_of(90), 50) + 0.8 * made(np.full(20, 3), 0, 51))
    own = place_study(there, products, 20, "auto", lambda rows: np.tile(np.eye(N_CLASSES)[3], (len(rows), 1)))
    none = place_study(there, products, 20, "auto", lambda rows: np.full((len(rows), N_CLASSES), 1 / N_CLASSES))
    other = place_study(there, products, 20, "auto", lambda rows: np.tile(np.eye(N_CLASSES)[0], (len(rows), 1)))
    assert own.shares[3] >= none.shares[3] > other.shares[3]
    assert other.shares[0] > none.shares[0]


def test_a_study_of_one_class_moved_by_its_mean_loses_it(there) -> None:
    products = products_of(there, made(np.full(20, 2), shift_of(92), 50))
    coordinates, _, _ = placed_coordinates(
        there, products, place_study(there, products, 20, "study", nearest_of(there))
    )
    assert (nearest(there, coordinates) == 2).mean() < 0.6


def test_a_study_of_all_classes_is_taken_for_one_and_its_offset_found(there) -> None:
    labels = np.tile(np.arange(N_CLASSES), 8)
    shift = shift_of(95, 1.5)
    products = products_of(there, made(labels, shift, 51))
    placement = place_study(there, products, 40, "auto", nearest_of(there))
    assert placement.n_classes == pytest.approx(N_CLASSES, abs=0.2)
    assert placement.weight == 0
    unshifted = products_of(there, made(labels, np.zeros(N_GENES), 51))
    moved = (products - unshifted).mean(axis=0)
    assert np.corrcoef(placement.offset, moved)[0, 1] > 0.9
    coordinates, _, _ = placed_coordinates(there, products, placement)
    assert (nearest(there, coordinates) == labels).mean() > 0.95


def test_by_its_mean_a_study_is_moved_to_the_mean_of_all_classes(there) -> None:
    labels = np.tile(np.arange(N_CLASSES), 8)
    products = products_of(there, made(labels, shift_of(95), 51))
    placement = place_study(there, products, 40, "study", nearest_of(there))
    center = there.statistics.placed_means.mean(axis=0)
    np.testing.assert_allclose(products.mean(axis=0) - placement.offset, center, atol=1e-9)
    coordinates, _, _ = placed_coordinates(there, products, placement)
    np.testing.assert_allclose(coordinates.mean(axis=0), center, atol=1e-4)


@pytest.mark.parametrize("n_samples", [0, 12])
def test_alone_nothing_is_taken_from_the_study(there, n_samples) -> None:
    products = products_of(there, made(np.full(12, 1), shift_of(93), 52))[:n_samples]
    placement = place_study(there, products, n_samples, "none", nearest_of(there))
    assert placement.offset is None and placement.weight == 0
    together = placed_coordinates(there, products, placement)[0]
    for number in range(n_samples):
        one = placed_coordinates(there, products[number : number + 1], placement)[0]
        np.testing.assert_allclose(one[0], together[number], atol=1e-9)


def test_the_same_samples_with_fewer_genes_lie_near_where_they_lay(there) -> None:
    values = made(np.tile(np.arange(N_CLASSES), 8), shift_of(96), 53)
    present = np.random.default_rng(4).random(N_GENES) < 0.7
    part = genes_there(present)
    whole = placed_coordinates(there, *placed_by(there, values))[0]
    found = placed_coordinates(part, *placed_by(part, values))[0]
    center = whole.mean(axis=0)
    assert np.linalg.norm(found - whole) < 0.7 * np.linalg.norm(whole - center)
    assert np.corrcoef(found.ravel(), whole.ravel())[0, 1] > 0.75


def placed_by(there: GenesThere, values: np.ndarray) -> tuple[np.ndarray, Placement]:
    products = products_of(there, values)
    return products, place_study(there, products, len(values), "auto", nearest_of(there))
