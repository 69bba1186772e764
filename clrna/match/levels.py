"""From a similarity to what it says: as close as replicates are, as samples of one label, or no more than chance.

Each level is held against the one below it in the reference's own searches across studies, with as many searches in
which there was something to be found as searches in which there was not. So the probability does not depend on how
many replicates, or samples of a label, the reference happens to hold.
"""

import dataclasses
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from clrna.match.across_studies import AcrossStudies
from clrna.plural import plural

REPLICATE: Final = "replicate"
SAME_LABEL: Final = "same_label"
CHANCE: Final = "chance"
# A level is stated from this probability on.
STATED: Final = 0.8
# Searches that a level needs.
FEWEST: Final = 20
# Inverse strength of the penalty: it keeps the weights finite where the two can be told apart without fault.
_FREEDOM: Final = 1000.0


@dataclasses.dataclass(frozen=True)
class Levels:
    """What was learned of a reference; a level that could not be is None, with the reason.

    Attributes
    ----------
    label_steps
        Similarities, and the probability at each that the two samples share their label rather than not; between
        them it is interpolated. Shape (2, steps).
    replicate_weights
        Intercept, and weights of similarity and lead, of the log odds that two samples are replicates.
    n_label, n_replicate
        Searches behind each.
    why_no_label, why_no_replicate
        Why a level is missing, '' where it is not.
    """

    label_steps: NDArray[np.float64] | None
    replicate_weights: NDArray[np.float64] | None
    n_label: int
    n_replicate: int
    why_no_label: str = ""
    why_no_replicate: str = ""

    def filled_from(self, other: Self) -> Self:
        """Return these levels, and the other's where one is missing."""
        levels = self
        if self.label_steps is None:
            levels = dataclasses.replace(
                levels, label_steps=other.label_steps, n_label=other.n_label, why_no_label=other.why_no_label
            )
        if self.replicate_weights is None:
            levels = dataclasses.replace(
                levels, replicate_weights=other.replicate_weights, n_replicate=other.n_replicate,
                why_no_replicate=other.why_no_replicate,
            )  # fmt: skip
        return levels

    def same_label(self, similarity: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that a match this similar has the same label, NaN where it is not known."""
        if self.label_steps is None:
            return np.full(np.shape(similarity), np.nan)
        return np.where(np.isfinite(similarity), np.interp(similarity, *self.label_steps), np.nan)

    def replicate(self, similarity: NDArray[np.float64], lead: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the probability that a match this similar, and this far ahead, is a replicate."""
        if self.replicate_weights is None:
            return np.full(np.shape(similarity), np.nan)
        intercept, of_similarity, of_lead = self.replicate_weights
        return expit(intercept + of_similarity * similarity + of_lead * lead)

    def statement(self, p_same_label: NDArray[np.float64], p_replicate: NDArray[np.float64]) -> NDArray:
        """Return the closest level that is stated; '' where no level was learned."""
        if self.label_steps is None and self.replicate_weights is None:
            return np.full(np.shape(p_same_label), "", dtype=object)
        below = np.where(p_same_label >= STATED, SAME_LABEL, CHANCE if self.label_steps is not None else "")
        return np.where(p_replicate >= STATED, REPLICATE, below).astype(object)


def learn_levels(found: AcrossStudies) -> Levels:
    """Learn what similarities say from a reference's own searches.

    Parameters
    ----------
    found
        From :func:`clrna.match.across_studies.nearest_across_studies`.
    """
    labelled = np.isfinite(found.same_label) & np.isfinite(found.other_label)
    measured = np.isfinite(found.replicate_lead) & np.isfinite(found.stranger_lead)
    n_label, n_replicate = int(labelled.sum()), int(measured.sum())
    steps = weights = None
    if n_label >= FEWEST:
        steps = _label_steps(found.same_label[labelled], found.other_label[labelled])
    if n_replicate >= FEWEST:
        weights = _replicate_weights(
            np.stack([found.replicate, found.replicate_lead], axis=1)[measured],
            np.stack([found.stranger, found.stranger_lead], axis=1)[measured],
        )
    return Levels(
        steps, weights, n_label, n_replicate,
        "" if steps is not None else _too_few(n_label, "found both its label and another one in other studies"),
        "" if weights is not None else _too_few(n_replicate, "found its donor in another study"),
    )  # fmt: skip


def _too_few(n: int, what: str) -> str:
    return f"{plural(n, 'reference sample')} {what}, {FEWEST} are needed"


def _label_steps(same: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return a probability that never falls with the similarity, by pooling adjacent violators (Barlow et al. 1972).

    One sample of another label that is as similar as can be, and one of the same label that is as unlike, are added,
    so that no similarity is said to be certain.
    """
    similarity = np.concatenate([same, other, [1.0, -1.0]])
    is_same = np.concatenate([np.ones(len(same)), np.zeros(len(other)), [0.0, 1.0]])
    fit = IsotonicRegression(y_min=0.0, y_max=1.0).fit(similarity, is_same)
    return np.stack([fit.X_thresholds_, fit.y_thresholds_])


def _replicate_weights(replicates: NDArray[np.float64], strangers: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return intercept and weights of a logistic regression, without what would have a closer match count less."""
    values = np.concatenate([replicates, strangers])
    is_replicate = np.concatenate([np.ones(len(replicates)), np.zeros(len(strangers))])
    used = np.array([True, True])
    while used.any():
        fit = LogisticRegression(C=_FREEDOM, max_iter=1000).fit(values[:, used], is_replicate)
        if (fit.coef_[0] >= 0).all():
            weights = np.zeros(3)
            weights[0], weights[1:][used] = fit.intercept_[0], fit.coef_[0]
            return weights
        used[np.flatnonzero(used)[fit.coef_[0] < 0]] = False
    return np.zeros(3)
