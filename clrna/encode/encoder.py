"""The calculation itself: standardize each study, encode, classify, measure the distance, reconstruct."""

import functools
import logging
from collections.abc import Callable, Iterator

import numpy as np

from clrna.encode.adapter import Adapter
from clrna.encode.centered_studies import log_centered, log_moved
from clrna.encode.encoded_block import EncodedBlock
from clrna.encode.inspection import Inspection
from clrna.encode.kept_samples import KeptSamples
from clrna.encode.plan import ADAPTATIONS, ALONE, AS_IT_IS, BY_CLASSES, StudyPlan
from clrna.encode.sample_placer import SamplePlacer
from clrna.encode.source import ExpressionSource
from clrna.encode.study_correction import TargetLevels
from clrna.errors import InputError
from clrna.model.memberships import StudyAdapter
from clrna.model.model import Model
from clrna.model.standardize import standardize
from clrna.model.study_placement import Placement
from clrna.plural import plural
from clrna.quoted import quoted

logger = logging.getLogger("clrna")

# Confidence below which the label of a model that did not learn it is called uncertain.
_UNCERTAIN = 0.5


class Encoder:
    """Encodes the samples of a source.

    On construction the source is read as often as the studies' own statistics take; :meth:`blocks` reads
    it once more, unless codes alone are wanted and the first pass could keep what they are made of.

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
    target
        Training study whose levels expression is brought to; None where corrected expression is not wanted.
    codes_only
        Whether neither reconstructed expression nor the network's input will be asked for.

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
        target: TargetLevels | None = None,
        codes_only: bool = False,
    ) -> None:
        self.model = model
        self._corrects = target is not None
        self._source = source
        self._plan = plan
        self._adapters = {int(study): make_adapter(model) for study in np.flatnonzero(plan.adapted)}
        self._placers = {
            study: SamplePlacer(model, ADAPTATIONS[how], target)
            for study, how in enumerate(plan.standardized_by)
            if how in ADAPTATIONS
        }
        direct = len(self._placers) == len(plan.names) and all(placer.is_direct for placer in self._placers.values())
        self._kept = KeptSamples() if codes_only and direct and target is None else None
        # What gathers means needs to know first what is missing; what looks for genes takes the first pass along.
        first = 0 if self._adapters or not self._placers else 1
        self.inspection = Inspection(source, plan, functools.partial(self._take_in, 0) if first else None)
        if first:
            self._finish(0)
            if self._n_passes > 1:
                self._kept = None
        number = first
        while number < self._n_passes:
            self._learn(number)
            number += 1

    @property
    def placements(self) -> dict[int, Placement]:
        """How each study was placed, by its number in the plan; none where the model does not place studies."""
        return {study: placer.placement for study, placer in self._placers.items() if placer.placement is not None}

    def log_placements(self) -> None:
        """Say what each study was taken for when it was placed by its samples, and whether its genes were centered."""
        centerings = {study: placer.centering for study, placer in self._placers.items()}
        known = {study: found for study, found in centerings.items() if found is not None}
        log_centered(self._plan.names, known, [study for study in known if self._plan.standardized_by[study] == ALONE])
        moved = {study: placer.moved for study, placer in self._placers.items()}
        log_moved(self._plan.names, {study: found for study, found in moved.items() if found is not None})
        for study, placement in self.placements.items():
            if placement.offset is None or self._plan.standardized_by[study] != BY_CLASSES or not self.model.classes:
                continue
            largest = int(placement.shares.argmax())
            logger.info(
                "study %s: as of %.1f labels, %.0f %% %s; these shares count for %.0f %% in its samples' labels",
                quoted(self._plan.names[study]), placement.n_classes, 100 * placement.shares[largest],
                quoted(self.model.classes[largest]), 100 * placement.weight,
            )  # fmt: skip

    def blocks(self, *, reconstruct: bool = False, inputs: bool = False) -> Iterator[EncodedBlock]:
        """Yield the results, first sample to last, with reconstructed expression and the network's input if asked."""
        if self._kept is not None and not reconstruct and not inputs:
            yield from self._kept_blocks(self._kept)
            return
        for rows, values in self._source.blocks("encoding"):
            studies = self._plan.of_sample[rows]
            block = EncodedBlock.empty(
                rows, len(values), self.model, reconstruct=reconstruct, correct=self._corrects, inputs=inputs
            )
            for study in np.unique(studies):
                own = studies == study
                if study in self._placers:
                    self._place(self._placers[int(study)], block, own, _some(values, own))
                else:
                    self._encode(int(study), block, own, _some(values, own))
            self._refuse_broken(block)
            yield block

    def _kept_blocks(self, kept: KeptSamples) -> Iterator[EncodedBlock]:
        """Yield the results of samples that the first pass kept all of that is needed."""
        for rows, looked in kept.blocks():
            studies = self._plan.of_sample[rows]
            block = EncodedBlock.empty(rows, len(looked), self.model, reconstruct=False)
            for study in np.unique(studies):
                own, placer = studies == study, self._placers[int(study)]
                self._take_placed(placer, block, own, *placer.place(_some(looked, own)))
            self._refuse_broken(block)
            yield block

    @property
    def _n_passes(self) -> int:
        """Passes that some study needs, as far as it is known."""
        of_each = [adapter.n_passes for adapter in self._adapters.values()]
        return max([*of_each, *(placer.n_passes for placer in self._placers.values())], default=0)

    def _learn(self, number: int) -> None:
        for rows, values in self._source.blocks(f"learning the studies, pass {number + 1}"):
            self._take_in(number, rows, values)
        self._finish(number)

    def _take_in(self, number: int, rows: slice, values: np.ndarray) -> None:
        studies = self._plan.of_sample[rows]
        for study in np.intersect1d(studies, list(self._adapters)):
            filled = self._filled(int(study), _some(values, studies == study))
            self._adapters[int(study)].update(number, filled)
        kept = None
        for study in np.intersect1d(studies, list(self._placers)):
            own, placer = studies == study, self._placers[int(study)]
            if number >= placer.n_passes:
                continue
            looked = placer.update(number, _some(values, own), keep=self._kept is not None)
            if looked is None:
                self._kept = None
            elif self._kept is not None:
                kept = np.empty((len(values), looked.shape[1]), dtype=np.float32) if kept is None else kept
                kept[own] = looked
        if self._kept is not None and kept is not None:
            self._kept.append(rows, kept)

    def _finish(self, number: int) -> None:
        for adapter in self._adapters.values():
            adapter.finish(number)
        for placer in self._placers.values():
            if number < placer.n_passes:
                placer.finish(number)

    def _filled(self, study: int, values: np.ndarray) -> np.ndarray:
        own = self.inspection.means[study]
        # A gene that the study lacks altogether is the same everywhere, so it is standardized to 0.
        mean = self.model.mean if own is None else np.where(own.count > 0, own.mean, self.model.mean)
        return np.where(np.isnan(values), mean.astype(np.float32), values)

    def _codes(self, study: int, values: np.ndarray) -> np.ndarray:
        if study in self._adapters:
            return self._adapters[study].encode(values)
        return self.model.encode(self._inputs(study, values))

    def _inputs(self, study: int, values: np.ndarray) -> np.ndarray:
        """Return what the network is given where samples are standardized gene by gene, or not at all."""
        if self._plan.standardized_by[study] == AS_IT_IS:
            return values
        by = self._adapters.get(study, self.model)
        return standardize(values, by.mean, by.sd)

    def _rebuilt(self, study: int, codes: np.ndarray) -> np.ndarray:
        rebuilt = self.model.reconstruct(codes)
        if self._plan.standardized_by[study] == AS_IT_IS:
            return rebuilt
        by = self._adapters.get(study, self.model)
        return (rebuilt * by.sd + by.mean).astype(np.float32)

    def _encode(self, study: int, block: EncodedBlock, own: np.ndarray, values: np.ndarray) -> None:
        """Fill in the results of samples that are standardized gene by gene, or not at all."""
        model = self.model
        filled = self._filled(study, values)
        codes = self._codes(study, filled)
        block.codes[own] = codes
        if block.inputs is not None:
            block.take_inputs(own, self._inputs(study, filled), np.isfinite(values))
        block.distance[own] = model.distance(codes)
        block.unlike_training[own] = block.distance[own] > model.distance_threshold
        if block.reconstruction is not None:
            block.reconstruction[own] = self._rebuilt(study, codes)
        probabilities = model.probabilities(codes)
        if probabilities.shape[1]:
            with np.errstate(divide="ignore"):
                log_odds = np.log(probabilities.astype(np.float64))
            block.take_labels(own, log_odds, probabilities.max(axis=1), _UNCERTAIN)

    def _place(self, placer: SamplePlacer, block: EncodedBlock, own: np.ndarray, values: np.ndarray) -> None:
        """Fill in the results of samples that are standardized one by one."""
        codes, log_odds, given = placer.encode(values, inputs=block.inputs is not None)
        self._take_placed(placer, block, own, codes, log_odds)
        if given is not None and block.inputs is not None:
            block.take_inputs(own, given, np.isfinite(values) & placer.there.present)
        if block.reconstruction is not None:
            block.reconstruction[own] = placer.rebuild(codes, values)
        if block.corrected is not None:
            block.corrected[own] = placer.correct(values)

    def _take_placed(
        self, placer: SamplePlacer, block: EncodedBlock, own: np.ndarray, codes: np.ndarray, log_odds: np.ndarray
    ) -> None:
        """Fill in the codes of samples that are standardized one by one, and what follows from them."""
        model, transfer = self.model, placer.transfer
        block.codes[own] = codes
        block.distance[own] = model.distance(codes)
        block.unlike_training[own] = (block.distance[own] > model.distance_threshold) | placer.lacks_genes
        if model.classes:
            probability = transfer.probability(log_odds, placer.weight, placer.kept_of_labels)
            block.take_labels(own, log_odds, probability, transfer.confidence.threshold)
        if transfer.pull is not None:
            drawn = transfer.pull.features(codes, log_odds, placer.kept)
            # What a sample unlike the training is of is not known.
            block.features[own] = np.where(block.unlike_training[own][:, None], codes, drawn)

    def _refuse_broken(self, block: EncodedBlock) -> None:
        whole = np.isfinite(block.features).all(axis=1)
        if self.model.classes:
            whole &= np.isfinite(block.confidence)
        if not whole.all():
            name = quoted(self._source.sample_names[block.rows][~whole][0])
            what = plural(int((~whole).sum()), "sample has", "samples have")
            raise InputError(
                f"{what} no finite code (first {name}): values, or the model's, are too large to compute with; mend "
                "them"
            )


def _some(values: np.ndarray, own: np.ndarray) -> np.ndarray:
    """Return some rows, not a copy where these are all."""
    return values if own.all() else values[own]
