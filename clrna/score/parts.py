"""The parts of the samples that are scored: all, each split, and what no model has seen."""

import logging
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.constants import SPLITS
from clrna.results.score_table import ALL, UNSEEN, UNSEEN_STUDY
from clrna.score.samples import ScoredSamples

logger = logging.getLogger("clrna")
_TEST = "test"


@dataclass(frozen=True)
class ScoredPart:
    """Some of the samples, the same for every embedding."""

    name: str
    inside: NDArray[np.bool_]  # what cluster and mixing metrics are computed on, and who is asked for its label
    retrieved: NDArray[np.bool_]  # who is asked to be found by its replicate
    why_empty: str = ""
    retrieved_name: str = ""  # of the part in rows of retrieval, where that is another

    def name_for(self, of_retrieval: bool) -> str:
        """Return what the split column says in rows of a metric."""
        return self.retrieved_name if of_retrieval and self.retrieved_name else self.name


def scored_parts(samples: ScoredSamples) -> list[ScoredPart]:
    """Return the parts, what no model has seen first.

    A sample is unseen when no scored embedding's model was trained on its study or on its donor, so that
    all embeddings stand side by side on the same samples. For replicate retrieval the donor may be known:
    its sample in a training study is what is to be found; such rows are called ``unseen_study``. What is
    unseen is never told by the split of a file, and a sample that a model may have been trained on is left
    out of ``test``, whatever the file calls it.
    """
    everyone = np.ones(samples.n, dtype=bool)
    # What was told the labels is no competitor, and must not take the headline from the others.
    known = [item for item in samples.knowledge.values() if not item.told_labels]
    parts = [
        ScoredPart(
            UNSEEN,
            np.logical_and.reduce([everyone, *(item.label_unseen for item in known)]),
            np.logical_and.reduce([everyone, *(item.study_unseen for item in known)]),
            _why_all_seen(samples),
            UNSEEN_STUDY,
        ),
        ScoredPart(ALL, everyone, everyone),
    ]
    for name in SPLITS:
        inside = samples.splits == name
        if name == _TEST:
            inside = _without_training_samples(samples, inside)
        if inside.any():
            parts.append(ScoredPart(name, inside, inside))
    return parts


def _without_training_samples(samples: ScoredSamples, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the test samples that no model can have been trained on, and say how many others there are."""
    left = inside.copy()
    for key, item in samples.knowledge.items():
        trained = inside & item.maybe_trained_on
        if trained.any():
            text = "%d of %d samples of the test split may be among those that %s was trained on: not scored as test"
            logger.info(text, int(trained.sum()), int(inside.sum()), key)
        left &= ~trained
    return left


def _why_all_seen(samples: ScoredSamples) -> str:
    """Say which models have seen every sample, for the case that nothing is left."""
    models = {key: item for key, item in samples.knowledge.items() if not item.told_labels}
    whole = [key for key, item in models.items() if not item.study_unseen.any()]
    if whole:
        return "; ".join(f"{key} was {models[key].note.split(';')[0]}: every study here" for key in whole)
    some = [key for key, item in models.items() if not item.label_unseen.all()]
    were = "were" if len(some) > 1 else "was"
    return f"no sample is of a study and a donor that {' and '.join(some)} {were} never trained on"
