"""Place a study next to the training studies by what its samples, one at a time, say of their classes.

A study that is moved by its own mean loses what its samples have in common, be it the laboratory's doing or that
all of them are brain tumors. Here each sample is first classified alone. The study's offset is then what its samples
deviate from the classes that they are thought to be of; and where they agree on a few classes, the study is taken to
be of these, which a single sample that is undecided follows.
"""

import dataclasses
from collections.abc import Callable
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from clrna.model.class_statistics import ClassEvidence, ClassStatistics, Offsets, shrunk
from clrna.model.latent_space import LatentSpace
from clrna.model.softmax import log_softmax, softmax

Adaptation = Literal["auto", "study", "none"]
# From coordinates, shape (samples, axes), to the share of each class among the nearest reference samples.
VotesOf = Callable[[NDArray[np.float64]], NDArray[np.float64]]

# Samples of one study err together, so their evidence is divided by this before it is added up.
_SHARED_ERROR = 3.0
_ROUNDS = 30
# Log odds that all of the nearest reference samples being of one class are worth.
_VOTE_LOG_ODDS = 5.0
# The same while nothing is known of the study, each sample placed by itself.
_FIRST_VOTE_LOG_ODDS = 2.0
# Part of a sample's membership that its nearest reference samples decide in the second look.
_VOTE = 0.5
# Effective numbers of classes from which on a study is one of many tissues, and up to which one of few.
_MANY, _FEW = 4.5, 2.0
# Shrinkage of the covariance that missing genes are filled by.
_FILLING_SHRINKAGE = 0.1


class GenesThere:
    """What a choice of genes makes of a model's statistics.

    Parameters
    ----------
    space, statistics
        The model's.
    present
        Which of its genes samples have, shape (genes,).

    Attributes
    ----------
    axes
        Of the space over these genes, shape (genes that are present, axes).
    """

    def __init__(self, space: LatentSpace, statistics: ClassStatistics, present: NDArray[np.bool_]) -> None:
        self.space, self.statistics, self.present = space, statistics, present
        self.axes = space.axes if present.all() else space.axes[present]
        gram = space.gram(present)
        self.evidence = ClassEvidence(statistics, gram)
        self.offsets = Offsets(statistics)
        self.inverse = np.linalg.inv(gram)
        within = shrunk(statistics.placed_within, _FILLING_SHRINKAGE)
        lost = space.noise * (self.inverse - np.eye(space.n_axes))
        self.gain = within @ np.linalg.inv(within + lost)

    def products(self, scaled: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the products of samples in units of the space with each axis, shape (samples, axes)."""
        return scaled @ self.axes


@dataclasses.dataclass(frozen=True)
class Placement:
    """How a study was placed.

    Attributes
    ----------
    offset
        Of the study, shape (axes,); None where each sample has its own.
    shares
        Share of each class among its samples, shape (classes,).
    weight
        From 0, a study of many classes whose shares say nothing of a sample, to 1, a study of few; less where the
        model cannot tell classes from studies.
    n_classes
        Effective number of classes, the exponential of the shares' entropy.
    """

    offset: NDArray[np.float64] | None
    shares: NDArray[np.float64]
    weight: float
    n_classes: float

    @classmethod
    def each_alone(cls, n_classes: int) -> "Placement":
        """Return that of samples each of which has an offset of its own."""
        return cls(None, np.full(n_classes, 1 / n_classes), 0.0, float(n_classes))

    def memberships(self, log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the share of each sample in each class, shape (samples, classes) as ``log_odds``."""
        alone = softmax(log_odds, axis=1)
        if self.weight == 0:
            return alone
        together = softmax(log_odds / _SHARED_ERROR + np.log(self.shares), axis=1)
        return (1 - self.weight) * alone + self.weight * together

    def moved(self, offset: NDArray[np.float64]) -> "Placement":
        """Return the same placement with another offset."""
        return dataclasses.replace(self, offset=offset)

    def label_log_odds(
        self, alone: NDArray[np.float64], placed: NDArray[np.float64], votes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return log odds of the classes, all that is known taken together.

        Parameters
        ----------
        alone, placed
            Log odds before and after the study was placed, shape (samples, classes); ``placed`` may have no columns.
            Those before count in a study of few classes, whose offset is the less certain.
        votes
            Share of each class among the nearest reference samples, as ``alone``.
        """
        evidence = alone
        if placed.shape[1]:
            share = self.weight / 2
            evidence = share * alone + (1 - share) * placed
        return log_softmax(
            evidence / _SHARED_ERROR + self.weight * np.log(self.shares) + _VOTE_LOG_ODDS * votes, axis=1
        )


def estimate_shares(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the share of each class in a study, without labels.

    Parameters
    ----------
    log_odds
        Of its samples, shape (samples, classes).

    References
    ----------
    Saerens, Latinne & Decaestecker 2002, Adjusting the outputs of a classifier to new a priori probabilities,
    doi:10.1162/089976602753284446.
    """
    n_samples, n_classes = log_odds.shape
    shares = np.full(n_classes, 1 / n_classes)
    for _ in range(_ROUNDS):
        members = softmax(log_odds / _SHARED_ERROR + np.log(shares), axis=1)
        # One sample more, spread over all classes, keeps every share above 0.
        shares = (members.sum(axis=0) + 1 / n_classes) / (n_samples + 1)
    return shares


def effective_number(shares: NDArray[np.float64]) -> float:
    """Return the number of equally frequent classes of the same entropy."""
    return float(np.exp(-(shares * np.log(shares)).sum()))


def place_study(
    there: GenesThere, products: NDArray[np.float64], n_samples: int, adapt: Adaptation, votes_of: VotesOf
) -> Placement:
    """Place a study.

    Parameters
    ----------
    there
        What its genes make of the model.
    products
        Of some of its samples with the axes, shape (samples, axes).
    n_samples
        How many samples it has.
    adapt
        ``auto``: by its samples' classes; ``study``: its mean becomes that of all classes; ``none``: each sample
        is placed as if it were alone.
    votes_of
        Asks the reference samples that are nearest to coordinates.
    """
    n_classes = there.statistics.n_classes
    each_alone = Placement.each_alone(n_classes)
    if adapt == "none" or n_samples == 0:
        return each_alone
    if adapt == "study":
        mean = (products @ there.inverse).mean(axis=0)
        return each_alone.moved(mean - there.statistics.placed_means.mean(axis=0))
    coordinates, _, log_odds = placed_coordinates(there, products, each_alone)
    log_odds = log_odds + _SHARED_ERROR * _FIRST_VOTE_LOG_ODDS * votes_of(coordinates)
    shares = estimate_shares(log_odds)
    number = effective_number(shares)
    weight = float(np.clip((_MANY - number) / (_MANY - _FEW), 0.0, 1.0))
    if there.statistics.shares_count is not None:
        weight *= float(there.statistics.shares_count[0])
    placement = Placement(None, shares, weight, number)
    memberships = placement.memberships(log_odds)
    first = placement.moved(offset_of(there, products, memberships, n_samples))
    # A second look, with the votes that the samples get next to where the study was placed.
    votes = votes_of(placed_coordinates(there, products, first)[0])
    votes = np.eye(n_classes)[votes.argmax(axis=1)]
    return placement.moved(offset_of(there, products, _VOTE * votes + (1 - _VOTE) * memberships, n_samples))


def offset_of(
    there: GenesThere, products: NDArray[np.float64], memberships: NDArray[np.float64], n_samples: int
) -> NDArray[np.float64]:
    """Return the offset of a study whose samples are of these classes, shape (axes,)."""
    deviations = products @ there.inverse - memberships @ there.statistics.placed_means
    return there.offsets.predict(deviations.mean(axis=0), n_samples)


def placed_coordinates(
    there: GenesThere, products: NDArray[np.float64], placement: Placement
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return coordinates of samples with the study's offset taken out, that offset, and their log odds before.

    Genes that are missing are expected from those that are there and from the sample's classes, so that
    coordinates mean the same whichever genes there are.

    Parameters
    ----------
    there
        What their genes make of the model.
    products
        Shape (samples, axes).
    placement
        Of their study.

    Returns
    -------
    Shapes (samples, axes), (samples or 1, axes) and (samples, classes).
    """
    log_odds = there.evidence.log_odds(products)
    expected = placement.memberships(log_odds) @ there.statistics.placed_means
    coordinates = products @ there.inverse
    offset = placement.offset
    own = there.offsets.predict(coordinates - expected, 1) if offset is None else offset[None, :]
    return expected + (coordinates - own - expected) @ there.gain.T, own, log_odds
