"""What of each sample the model has seen before: its study, its donor, or nothing."""

from collections.abc import Collection

import numpy as np

from clrna.model.model import hash_donor


def seen_by_model(
    studies: np.ndarray, donors: np.ndarray, training_studies: Collection[str], training_donors: Collection[str]
) -> np.ndarray:
    """Return ``study``, ``donor`` or ``unseen`` for each sample.

    Parameters
    ----------
    studies, donors
        Names as text, '' where unknown.
    training_studies
        Names of the studies that the model was trained on.
    training_donors
        Hashes of their donors, see :func:`clrna.model.model.hash_donor`.
    """
    of_study = np.isin(studies.astype(str), list(training_studies)) & (studies != "")
    hashes = {name: hash_donor(str(name)) for name in set(donors.tolist()) if name}
    of_donor = np.array([hashes.get(name, "") in training_donors for name in donors.tolist()], dtype=bool)
    return np.select([of_study, of_donor], ["study", "donor"], "unseen").astype(object)
