"""Learn from a reference's own samples what a similarity says, and tell what it was learned from."""

import logging

import numpy as np
from numpy.typing import NDArray

from clrna.donors import own_donor_where_unknown
from clrna.match.across_studies import nearest_across_studies
from clrna.match.levels import FEWEST, REPLICATE, SAME_LABEL, Levels, learn_levels
from clrna.match.samples import MatchSamples, numbered
from clrna.plural import plural
from clrna.spread_out import spread_out

logger = logging.getLogger("clrna")

# Reference samples that search, evenly chosen where there are more.
_MOST_ASKED = 5000


def learned_levels(reference: MatchSamples, to: NDArray[np.bool_], from_category: str | None) -> Levels:
    """Learn from the reference what similarities say, and log what could not be learned.

    Searches are those of the samples of ``--from`` among those of ``--to``. Where enough samples are of studies that
    the model was not trained on, theirs alone count: codes of training samples know their labels.

    Parameters
    ----------
    reference
        All reference samples.
    to
        Which of them are searched.
    from_category
        Sample category of those that search; None for all, as where the reference has too few of it.
    """
    studies, labels = numbered(reference.studies)[0], numbered(reference.labels)[0]
    donors = own_donor_where_unknown(reference.donors)
    rows = np.arange(reference.n) if from_category is None else np.flatnonzero(reference.categories == from_category)
    if len(rows) < FEWEST <= reference.n:
        logger.info("the reference has %s of --from: all of its samples stand for them", plural(len(rows), "sample"))
        rows = np.arange(reference.n)
    rows = rows[spread_out(len(rows), _MOST_ASKED)]
    found = nearest_across_studies(reference.codes, studies, donors, labels, rows, np.flatnonzero(to))
    unseen, everything = learn_levels(found.of_rows(~reference.learned[rows])), learn_levels(found)
    _tell_levels(unseen, everything)
    return unseen.filled_from(everything)


def _tell_levels(unseen: Levels, everything: Levels) -> None:
    """Log what each level was learned from, or why it was not."""
    for name, ours, theirs, why in (
        (SAME_LABEL, unseen.n_label, everything.n_label, everything.why_no_label),
        (REPLICATE, unseen.n_replicate, everything.n_replicate, everything.why_no_replicate),
    ):
        if why:
            logger.warning("the level %s is left out: %s", name, why)
        elif ours >= FEWEST:
            logger.info(
                "%s is calibrated on %s of studies that the model was not trained on", name,
                plural(ours, "reference sample"),
            )  # fmt: skip
        else:
            logger.info(
                "%s is calibrated on %s that the model was trained on, so that it may be stated too often", name,
                plural(theirs, "reference sample"),
            )  # fmt: skip
