"""Normal tissue among samples to encode: whether the model has learned from any of it."""

import logging
from pathlib import Path

import pandas as pd

from clrna.constants import NORMAL, SAMPLE_CATEGORY
from clrna.io.contract import text_column
from clrna.model.model import Model
from clrna.model.reference_samples import names_of_labels
from clrna.plural import plural
from clrna.quoted import listed

logger = logging.getLogger("clrna")


def warn_of_normals(obs: pd.DataFrame, model: Model, path: Path) -> None:
    """Log how many samples are normal tissue where the model knows some labels from tumors, or models of them, alone.

    Parameters
    ----------
    obs
        What is known of the samples.
    model
        One that does not tell the categories of its samples is taken to know all.
    path
        How messages call the samples.
    """
    references = None if model.transfer is None else model.transfer.references
    if SAMPLE_CATEGORY not in obs or model.transfer is None or references is None or references.categories is None:
        return
    n = int((text_column(obs[SAMPLE_CATEGORY]) == NORMAL).sum())
    of_normal = set(names_of_labels(model.transfer.labels, model.classes)[references.categories == NORMAL])
    known = [name for name in model.classes if name in of_normal]
    if n and len(known) < len(model.classes):
        logger.warning(
            "%s: %s, and the model has learned normal tissue of %d of its %d labels%s: other normal tissue gets the "
            "label of the tumors or cell lines that it is most like, and its confidence does not hold", path,
            plural(n, "sample is normal tissue", "samples are normal tissue"), len(known), len(model.classes),
            f" ({listed(known)})" if known else "",
        )  # fmt: skip
