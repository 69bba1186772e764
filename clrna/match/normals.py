"""What is said of normal tissue among the samples: whether the reference holds any of it."""

import logging
from collections import Counter
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import NORMAL, UNLABELLED
from clrna.match.samples import MatchSamples
from clrna.plural import enumerated, plural

logger = logging.getLogger("clrna")


def tell_of_normals(asked: MatchSamples, candidates: MatchSamples, matches: pd.DataFrame, path: Path) -> None:
    """Log how many normal samples are nearest to a normal one, and warn of those that cannot be.

    Parameters
    ----------
    asked, candidates
        The samples and the reference samples, as they were searched.
    matches
        The table of both.
    path
        Where the reference comes from.
    """
    normal = asked.categories == NORMAL
    if not normal.any():
        return
    what = plural(int(normal.sum()), "sample is normal tissue", "samples are normal tissue")
    if (candidates.categories == UNLABELLED).all():
        logger.warning(
            "%s; %s does not say which of its samples are, so that what is nearest to them may be a tumor", what, path
        )
        return
    held = Counter(candidates.labels[candidates.categories == NORMAL].tolist())
    without = normal & ~np.isin(asked.labels.astype(str), [str(label) for label in held if label])
    if without.any():
        has = enumerated([f"{label or 'without a label'} {held[label]:,}" for label in sorted(held)])
        logger.warning(
            "%s, of %s of them the reference holds none of the label (it has %s): nearest to these are tumors, or "
            "models of tumors, or normal samples of something else", what, f"{without.sum():,}", has,
        )  # fmt: skip
    nearest = matches[(matches["rank"] == 1) & (matches["sample_category"] == NORMAL)]
    to_normal = int((nearest["match_sample_category"] == NORMAL).sum())
    logger.info("of %s %d are nearest to a normal one", plural(len(nearest), "normal sample"), to_normal)
