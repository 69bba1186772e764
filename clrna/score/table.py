"""The table of scores: one row a score of one embedding on one part of the samples."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from clrna.donors import own_donor_where_unknown
from clrna.metrics.catalogue import HEADLINE, LABEL, MRR, RECALL, STUDY, TRANSFER, Metric
from clrna.results.score_table import COLUMNS, DIFFERENCE, UNSEEN, WHOLE
from clrna.results.subsample import by_study_and_label, stratified_sample
from clrna.score.differences import Drawn, ScorePlace, minus_combat
from clrna.score.estimate import Estimate, nothing
from clrna.score.measures import MEASURES, NAMES, Measure
from clrna.score.parts import ScoredPart, scored_parts
from clrna.score.protocols import mrr_estimates, recall_estimates, transfer_estimates
from clrna.score.resampling import Resampled, interval_about, on_halves
from clrna.score.retrieval import StudyRetrieval, replicate_retrieval, retrieval_among
from clrna.score.samples import ScoredSamples
from clrna.score.transfer import StudyTransfer, cross_study_f1, transfer_among
from clrna.score.view import View
from clrna.stages import stage

logger = logging.getLogger("clrna")

# Takes rows of the file and returns the expression's principal components, or None and why there are none.
Expression = Callable[[NDArray[np.intp]], tuple[NDArray | None, str]]


@dataclass(frozen=True)
class ScoreSettings:
    """The options of clrna-score that change a score."""

    names: tuple[str, ...]  # of the metrics to compute, as clrna.score.measures has them
    n_neighbors: int = 5
    distance: str = "cosine"
    n_resamples: int = 200
    max_samples: int = 5000
    seed: int = 0


class ScoreTable:
    """Computes the rows of the table; what several parts share is computed once.

    Parameters
    ----------
    samples
        What is scored.
    settings
        How.
    """

    def __init__(self, samples: ScoredSamples, settings: ScoreSettings) -> None:
        self.samples = samples
        self.settings = settings
        self._parts = scored_parts(samples)
        self._measures = [item for item in MEASURES if item.name in settings.names]
        # What the measures look at, in each part that has samples.
        self._looked_at = [(part, self._sampled(part)) for part in self._parts if self._measures and part.inside.any()]
        self.owners = own_donor_where_unknown(samples.donors)
        self._rows: list[dict] = []
        self._components: dict[bytes, tuple[NDArray | None, str]] = {}
        self._finished: dict[tuple, tuple[Estimate, Resampled]] = {}
        self._drawn: dict[ScorePlace, Drawn] = {}

    def measured(self) -> NDArray[np.intp] | None:
        """Which samples all parts together look at where not all need be; None where the parts hold the same."""
        different = {rows.tobytes(): rows for _, rows in self._looked_at}
        return np.unique(np.concatenate(list(different.values()))) if len(different) > 1 else None

    def compute(self, expression: Expression) -> pd.DataFrame:
        """Return the table, embeddings side by side, the headline first.

        ``expression`` gives principal components of the expression of some rows of the file, for PCR.
        """
        for key in self.samples.embeddings:
            logger.info("scoring %s", key)
            with stage(f"scoring {key}"):
                self._score_protocols(key)
                self._score_measures(key, expression)
        differences = minus_combat(self._drawn)
        for row in self._rows:
            place = ScorePlace(*(row[name] for name in ScorePlace._fields))
            row.update(zip(DIFFERENCE, differences.get(place, [float("nan")] * len(DIFFERENCE)), strict=True))
        table = pd.DataFrame(self._rows, columns=list(COLUMNS))
        return _in_reading_order(table, _part_names(self._parts), list(self.samples.embeddings))

    def _score_protocols(self, key: str) -> None:
        wanted = [item for item in HEADLINE if item.key in self.settings.names]
        if not wanted:
            return
        samples, settings = self.samples, self.settings
        embedding = samples.embeddings[key]
        transfers: dict[str, StudyTransfer] = {}
        retrievals: dict[str, StudyRetrieval] = {}
        if TRANSFER in wanted:
            transfers = cross_study_f1(
                embedding, samples.labels, samples.studies, samples.donors,
                n_neighbors=settings.n_neighbors, distance=settings.distance,
            )  # fmt: skip
        if RECALL in wanted or MRR in wanted:
            retrievals = replicate_retrieval(embedding, samples.studies, samples.donors, distance=settings.distance)
        for part in self._parts:
            for protocol in wanted:
                for study, item in self._estimates(protocol, part, transfers, retrievals).items():
                    self._add_protocol(key, protocol, part, study, item)

    def _estimates(
        self,
        protocol: Metric,
        part: ScoredPart,
        transfers: Mapping[str, StudyTransfer],
        retrievals: Mapping[str, StudyRetrieval],
    ) -> dict[str, Estimate]:
        asked = part.inside if protocol is TRANSFER else part.retrieved
        if not asked.any():
            return {WHOLE: nothing(part.why_empty)}
        if protocol is TRANSFER:
            return transfer_estimates(transfer_among(transfers, self.samples.studies, asked))
        of_ranks = recall_estimates if protocol is RECALL else mrr_estimates
        return of_ranks(retrieval_among(retrievals, self.samples.studies, asked))

    def _add_protocol(self, key: str, protocol: Metric, part: ScoredPart, study: str, item: Estimate) -> None:
        known = self.samples.knowledge[key]
        asked = part.inside if protocol is TRANSFER else part.retrieved
        fresh = known.label_unseen if protocol is TRANSFER else known.study_unseen
        behind = item.rows if item.n else np.flatnonzero(asked & ((self.samples.studies == study) | (study == WHOLE)))
        target, split = next(iter(protocol.better)), part.name_for(protocol is not TRANSFER)
        self._add(
            ScorePlace(key, protocol.key, self._column_of(target), split, study), protocol, target, item, item.rows,
            self._on_halves(protocol, item, item.rows),
            in_sample=bool((~fresh[behind]).any()),
            headline=part.name == UNSEEN and not known.told_labels,
            notes=[item.note, known.note] if study == WHOLE else [item.note],
        )  # fmt: skip

    def _score_measures(self, key: str, expression: Expression) -> None:
        for part, rows in self._looked_at:
            view = self._view(key, rows, expression)
            total = int(part.inside.sum())
            sampled = f"stratified sample of {len(rows)} of {total}" if len(rows) < total else ""
            in_sample = bool((~self.samples.knowledge[key].label_unseen[rows]).any())
            for measure in self._measures:
                item, resampled = self._measured(key, measure, rows, view)
                self._add(
                    ScorePlace(key, measure.name, self._column_of(measure.target), part.name, WHOLE),
                    measure.metric, measure.target, item, rows[item.rows], resampled,
                    in_sample=in_sample, headline=False, notes=[item.note, sampled],
                )  # fmt: skip

    def _measured(self, key: str, measure: Measure, rows: NDArray[np.intp], view: View) -> tuple[Estimate, Resampled]:
        identity = (key, measure.name, measure.target, rows.tobytes())
        if identity not in self._finished:
            item = measure.compute(view, measure.target)
            self._finished[identity] = (item, self._on_halves(measure.metric, item, rows[item.rows]))
        return self._finished[identity]

    def _on_halves(self, metric: Metric, item: Estimate, rows: NDArray[np.intp]) -> Resampled:
        if item.statistic is None:
            return Resampled(np.array([]), "a yardstick, not a score" if metric.yardstick_of else "")
        return on_halves(
            item.statistic, item.value, self.owners[rows], self.settings.n_resamples, self.settings.seed,
            ratio=metric.bounds[1] is None,
        )  # fmt: skip

    def _sampled(self, part: ScoredPart) -> NDArray[np.intp]:
        rows = np.flatnonzero(part.inside)
        strata = by_study_and_label(self.samples.studies[rows], self.samples.labels[rows])
        return rows[stratified_sample(strata, self.settings.max_samples, seed=self.settings.seed)]

    def _view(self, key: str, rows: NDArray[np.intp], expression: Expression) -> View:
        components, reason = None, ""
        if any(measure.name == "pcr" for measure in self._measures):
            if rows.tobytes() not in self._components:
                self._components[rows.tobytes()] = expression(self.samples.rows[rows])
            components, reason = self._components[rows.tobytes()]
        samples = self.samples
        return View(
            samples.embeddings[key][rows], samples.labels[rows], samples.studies[rows], self.owners[rows],
            samples.label_key, self.settings.n_neighbors, self.settings.distance, components, reason,
        )  # fmt: skip

    def _add(
        self, place: ScorePlace, metric: Metric, target: str, item: Estimate, rows: NDArray[np.intp],
        resampled: Resampled, *, in_sample: bool, headline: bool, notes: list[str],
    ) -> None:  # fmt: skip
        low, high = interval_about(item.value, resampled, metric.bounds)
        notes = [*notes, f"no interval: {resampled.reason}" if self.settings.n_resamples and resampled.reason else ""]
        if np.isfinite(item.value):
            self._drawn[place] = Drawn(item.value, rows, resampled)
        self._rows.append(
            {
                **place._asdict(), "value": item.value, "ci_low": low, "ci_high": high, "n": item.n,
                "in_sample": in_sample, "headline": headline, "direction": metric.better[target],
                "reason": item.reason, "note": "; ".join(filter(None, notes)),
            }
        )  # fmt: skip

    def _column_of(self, target: str) -> str:
        return {LABEL: self.samples.label_key, STUDY: self.samples.study_key}.get(target, "")


def _part_names(parts: list[ScoredPart]) -> list[str]:
    return list(dict.fromkeys(part.name_for(retrieved) for part in parts for retrieved in (False, True)))


def _in_reading_order(table: pd.DataFrame, parts: list[str], embeddings: list[str]) -> pd.DataFrame:
    """Sort so that the headline comes first, its means before single studies, and embeddings stand side by side."""
    metrics = {name: place for place, name in enumerate(NAMES)}
    ordered = table.assign(
        _headline=~table["headline"].astype(bool),
        _part=table["split"].map(parts.index),
        _metric=table["metric"].map(metrics),
        _embedding=table["embedding"].map(embeddings.index),
    )
    keys = ["_headline", "_part", "_metric", "label_key", "study", "_embedding"]
    return ordered.sort_values(keys, kind="stable")[list(COLUMNS)].reset_index(drop=True)
