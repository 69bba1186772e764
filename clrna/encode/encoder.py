"""The calculation itself: standardize each study, encode, classify, measure the distance, reconstruct."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from clrna.encode.inspection import Inspection
from clrna.encode.plan import AS_IT_IS, StudyPlan
from clrna.encode.source import ExpressionSource
from clrna.errors import InputError
from clrna.io.quoted import quoted
from clrna.model.memberships import StudyAdapter
from clrna.model.model import Model
from clrna.model.standardize import standardize

logger = logging.getLogger("clrna")


class Adapter(Protocol):
    """What encodes a study by its own statistics, learned in passes over its samples.

    Attributes
    ----------
    n_passes
        Passes that it takes.
    mean, sd
        What the study is standardized by afterwards, shape (genes,).
    """

    n_passes: int
    mean: np.ndarray
    sd: np.ndarray

    def update(self, number: int, values: np.ndarray) -> None:
        """Take in samples of the study in pass ``number``."""

    def finish(self, number: int) -> None:
        """End pass ``number``."""

    def encode(self, values: np.ndarray) -> np.ndarray:
        """Return the codes of samples of the study."""


@dataclass(frozen=True)
class EncodedBlock:
    """Results for some samples.

    Attributes
    ----------
    rows
        Which samples.
    codes
        float32 of shape (samples, latent).
    label
        Index of the most probable class, -1 where the model has no classes.
    confidence
        Its calibrated probability, NaN where the model has no classes.
    distance
        Distance to the training codes.
    unlike_training
        Whether that is beyond the model's threshold.
    reconstruction
        float32 of shape (samples, model genes) in the units of the input after conversion; None if not
        asked for.
    """

    rows: slice
    codes: np.ndarray
    label: np.ndarray
    confidence: np.ndarray
    distance: np.ndarray
    unlike_training: np.ndarray
    reconstruction: np.ndarray | None


class Encoder:
    """Encodes the samples of a source.

    On construction the source is read as often as the studies' own statistics take; :meth:`blocks` reads
    it once more.

    Parameters
    ----------
    model
        The trained model.
    source
        Samples in the model's genes and units.
    plan
        How each study is standardized.
    make_adapter
        Makes what learns a study's own statistics.

    Attributes
    ----------
    model
        The trained model.
    inspection
        What the first pass found.

    Raises
    ------
    InputError
        A sample has no finite value at all, or one that no expression data hold.
    """

    def __init__(
        self,
        model: Model,
        source: ExpressionSource,
        plan: StudyPlan,
        make_adapter: Callable[[Model], Adapter] = StudyAdapter,
    ) -> None:
        self.model = model
        self._source = source
        self._plan = plan
        self.inspection = Inspection(source, plan)
        self._adapters = {int(study): make_adapter(model) for study in np.flatnonzero(plan.adapted)}
        for number in range(max((adapter.n_passes for adapter in self._adapters.values()), default=0)):
            self._learn(number)

    def blocks(self, *, reconstruct: bool = False) -> Iterator[EncodedBlock]:
        """Yield the results, first sample to last."""
        for rows, values in self._source.blocks("encoding"):
            studies = self._plan.of_sample[rows]
            codes = np.empty((len(values), self.model.latent_dim), dtype=np.float32)
            rebuilt = np.empty_like(values) if reconstruct else None
            for study in np.unique(studies):
                own = studies == study
                codes[own] = self._codes(int(study), self._filled(int(study), values[own]))
                if rebuilt is not None:
                    rebuilt[own] = self._rebuilt(int(study), codes[own])
            yield self._block(rows, codes, rebuilt)

    def _learn(self, number: int) -> None:
        for rows, values in self._source.blocks(f"learning the studies, pass {number + 1}"):
            studies = self._plan.of_sample[rows]
            for study in np.intersect1d(studies, list(self._adapters)):
                filled = self._filled(int(study), values[studies == study])
                self._adapters[int(study)].update(number, filled)
        for adapter in self._adapters.values():
            adapter.finish(number)

    def _filled(self, study: int, values: np.ndarray) -> np.ndarray:
        own = self.inspection.means[study]
        # A gene that the study lacks altogether is the same everywhere, so it is standardized to 0.
        mean = self.model.mean if own is None else np.where(own.count > 0, own.mean, self.model.mean)
        return np.where(np.isnan(values), mean.astype(np.float32), values)

    def _codes(self, study: int, values: np.ndarray) -> np.ndarray:
        if study in self._adapters:
            return self._adapters[study].encode(values)
        if self._plan.standardized_by[study] == AS_IT_IS:
            return self.model.encode(values)
        return self.model.encode(standardize(values, self.model.mean, self.model.sd))

    def _rebuilt(self, study: int, codes: np.ndarray) -> np.ndarray:
        rebuilt = self.model.reconstruct(codes)
        if self._plan.standardized_by[study] == AS_IT_IS:
            return rebuilt
        by = self._adapters.get(study, self.model)
        return (rebuilt * by.sd + by.mean).astype(np.float32)

    def _refuse_broken(self, rows: slice, whole: np.ndarray) -> None:
        if not whole.all():
            name = quoted(self._source.sample_names[rows][~whole][0])
            raise InputError(
                f"{int((~whole).sum())} samples have no finite code (first {name}): their values, or the model's, are "
                "too large to compute with; mend them"
            )

    def _block(self, rows: slice, codes: np.ndarray, rebuilt: np.ndarray | None) -> EncodedBlock:
        probabilities = self.model.probabilities(codes)
        known = probabilities.shape[1] > 0
        distance = self.model.distance(codes)
        self._refuse_broken(rows, np.isfinite(codes).all(axis=1) & np.isfinite(probabilities).all(axis=1))
        return EncodedBlock(
            rows=rows,
            codes=codes,
            label=probabilities.argmax(axis=1) if known else np.full(len(codes), -1),
            confidence=probabilities.max(axis=1) if known else np.full(len(codes), np.nan, dtype=np.float32),
            distance=distance,
            unlike_training=distance > self.model.distance_threshold,
            reconstruction=rebuilt,
        )
