"""Reference samples that stand pale behind those of a file."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clrna.constants import X_CLRNA
from clrna.match.samples import MatchSamples
from clrna.plural import plural
from clrna.results.predictions import predictions_in
from clrna.results.samples import DrawnSamples
from clrna.results.subsample import by_study_and_label, stratified_sample

logger = logging.getLogger("clrna")


@dataclass(frozen=True)
class DrawnReference:
    """What is drawn of a reference.

    Attributes
    ----------
    key
        ``obsm`` key of the codes that theirs are comparable with.
    samples
        Those that are drawn.
    n
        How many there are, drawn or not.
    """

    key: str
    samples: MatchSamples
    n: int

    @property
    def codes(self) -> Mapping[str, NDArray]:
        """Codes of the samples that are drawn, as :func:`clrna.plot.projections.project_all` takes them."""
        return {self.key: self.samples.codes} if self.samples.n else {}


def key_of_model(samples: DrawnSamples) -> str:
    """Return the ``obsm`` key of the codes that the figures are about."""
    found = predictions_in(samples.adata)
    return found[0].key if found else X_CLRNA


def drawn_reference(
    samples: DrawnSamples, found: MatchSamples, key: str, *, max_points: int, seed: int
) -> DrawnReference:
    """Return reference samples to draw: none of a study that the file holds itself.

    Parameters
    ----------
    samples
        What they stand behind.
    found
        All samples of the reference.
    key
        ``obsm`` key of the codes that theirs are comparable with.
    max_points
        Drawn at most, a stratified sample beyond.
    seed
        Of that sample.
    """
    here = np.isin(found.studies.astype(str), samples.studies.astype(str))
    if here.any():
        logger.info(
            "--reference: %s of studies that the file holds itself",
            plural(int(here.sum()), "sample is left out, being", "samples are left out, being"),
        )
    others = found.of_rows(~here)
    shown = stratified_sample(by_study_and_label(others.studies, others.labels), max_points, seed=seed)
    return DrawnReference(key, others.of_rows(shown), others.n)
