"""Reference samples that a model holds: codes, labels and studies, and their names where it was asked to keep them."""

import logging
from pathlib import Path

import numpy as np

from clrna.constants import UNLABELLED
from clrna.errors import InputError
from clrna.match.samples import MatchSamples
from clrna.model.model import Model
from clrna.model.reference_features import reference_features
from clrna.model.reference_samples import names_of_labels
from clrna.quoted import in_quotes

logger = logging.getLogger("clrna")


def reference_in(model: Model, path: Path, label_name: str) -> MatchSamples:
    """Return the samples whose codes a model holds.

    Parameters
    ----------
    model
        A trained model.
    path
        Its file, for errors.
    label_name
        Label that was asked for.

    Raises
    ------
    InputError
        It holds no such samples, does not say of which studies they are, or knows another label of them.
    """
    if model.transfer is None or len(model.transfer.codes) == 0:
        raise InputError(f"{path}: holds no reference samples; give a model of the default preset, or encoded samples")
    references = model.transfer.references
    if references is None:
        raise InputError(
            f"{path}: does not say which studies its reference samples are of; train it anew, with --keep-names to "
            "have them named, or give encoded samples"
        )
    if model.label_key != label_name:
        raise InputError(
            f"{path}: labels its reference samples by {in_quotes(model.label_key)}, not by {in_quotes(label_name)}; "
            f"write --label-key {model.label_key}, or give encoded samples"
        )
    n = len(model.transfer.codes)
    nothing = np.full(n, UNLABELLED, dtype=object)
    names = references.names
    if names is None:
        logger.info(
            "%s: does not name its reference samples: they are numbered here, donors and categories are not known; "
            "train with --keep-names to have them", path,
        )  # fmt: skip
        names = np.array([f"#{number}" for number in range(1, n + 1)], dtype=object)
    return MatchSamples(
        codes=reference_features(model),
        names=names,
        studies=references.studies,
        donors=nothing if references.donors is None else references.donors,
        labels=names_of_labels(model.transfer.labels, model.classes),
        categories=nothing if references.categories is None else references.categories,
        label_is_predicted=np.zeros(n, dtype=bool),
        learned=np.ones(n, dtype=bool),
    )
