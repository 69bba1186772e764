"""The suites: which trials each consists of."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anndata import AnnData
from catalogue import Catalogue, Study
from disturb import (
    FEW,
    MISSING,
    WRONG,
    one_study_a_tissue,
    some_genes,
    some_samples,
    with_few_labels,
    with_wrong_labels,
)
from executables import Refused, run_normalize
from trials import Expression, Query, Reference, Trial, truth_of

from clrna.io.h5ad import read_h5ad, write_h5ad


@dataclass(frozen=True)
class Suite:
    """What a suite asks, whom by default, and the row that it is about."""

    about: str
    queries: str = "tuned"
    row: str = "default"
    conditions: tuple[str, ...] = ("",)


SUITES: dict[str, Suite] = {
    "panels": Suite("studies of many tissues, each left out of the reference", queries="reference"),
    "cohorts": Suite("cohorts in their own units, by a reference of several panels"),
    "single": Suite("cohorts, and panels left out, each sample alone", queries="tuned,reference", row="alone"),
    "confounded": Suite("training studies with each tissue in one study only", queries="tuned,reference"),
    "few": Suite("some samples of each cohort", conditions=tuple(f"{n} samples" for n in FEW)),
    "genes": Suite("cohorts without some of their genes", conditions=tuple(f"{p} % missing" for p in MISSING)),
    "labels": Suite("references with wrong or few labels", conditions=(*(f"{p} % wrong" for p in WRONG), "10 % known")),
}


class Trials:
    """Makes the trials of a suite.

    Parameters
    ----------
    suite
        Its name.
    reference, queries
        The studies; one that trains and is asked about is left out of its own reference.
    folder
        For what is made on the way.
    seeds
        How often samples, genes and labels are drawn.
    threads
        Of the executables.
    say
        Told what is left out and why.
    """

    def __init__(
        self, suite: str, reference: list[Study], queries: list[Study], folder: Path, *, seeds: int = 1,
        threads: int = 1, say: Callable[[str], None] = print,
    ) -> None:  # fmt: skip
        self.suite, self.reference, self.queries, self.folder = suite, reference, queries, folder
        self.seeds, self.threads, self.say = seeds, threads, say
        self._references: dict[str, Reference] = {}
        self._queries: dict[str, Query] = {}

    def __iter__(self) -> Iterator[Trial]:
        """Yield the trials, those of one study after another."""
        draws = range(self.seeds if self.suite in ("few", "genes", "labels") else 1)
        for study in self.queries:
            if study.kind == "normals":
                continue
            for condition in SUITES[self.suite].conditions:
                for seed in draws:
                    try:
                        trial = self._trial(study, condition, seed)
                    except Refused as error:
                        self.say(f"{study.name}: left out: {error}")
                        continue
                    if trial is not None:
                        yield trial

    def _trial(self, study: Study, condition: str, seed: int) -> Trial | None:
        reference, query = self._reference_for(study, condition, seed), self._query(study)
        whole = Trial(condition, study.name, study.kind, reference, query)
        counted = np.flatnonzero(truth_of(whole)["counted"])
        if not len(counted):
            self.say(f"{study.name}: no tumour or line whose tissue, but not donor, the reference has")
            return None
        if self.suite == "few":
            n = int(condition.split()[0])
            if len(counted) < n:
                return None
            query = self._disturbed(study, f"few{n}-{seed}", lambda adata: some_samples(adata, counted, n, seed))
        if self.suite == "genes":
            share = int(condition.split()[0]) / 100
            query = self._disturbed(study, f"genes{share}-{seed}", lambda adata: some_genes(adata, share, seed))
        return Trial(condition, study.name, study.kind, reference, query)

    def _reference_for(self, study: Study, condition: str, seed: int) -> Reference:
        inputs = [other for other in self.reference if other.name != study.name]
        name, change = "all" if len(inputs) == len(self.reference) else f"without-{study.name}", None
        if self.suite == "labels":
            name, change = f"{name}-{condition}-{seed}", _change_of_labels(condition, seed)
        if self.suite == "confounded":
            change = one_study_a_tissue
        if name not in self._references:
            paths = [other.path for other in inputs]
            place = self.folder / f"reference{len(self._references)}"
            self._references[name] = Reference(name, paths, place, self.threads, change)
        return self._references[name]

    def _query(self, study: Study) -> Query:
        if study.name not in self._queries:
            self._queries[study.name] = self._normalized(study.path, self.folder / study.name)
        return self._queries[study.name]

    def _disturbed(self, study: Study, name: str, change: Callable[[AnnData], AnnData]) -> Query:
        """Change the file that is encoded, and its normalized form in the same way."""
        folder = self.folder / study.name / name
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{study.name}.h5ad"
        changed = change(read_h5ad(study.path))
        write_h5ad(changed, path)
        if not name.startswith("few"):
            return self._normalized(path, folder)
        # The unit of a few samples may not be told from their values, so they are taken from the whole study.
        known = read_h5ad(self.folder / study.name / "normalized.h5ad")
        write_h5ad(known[changed.obs_names].copy(), folder / "normalized.h5ad")
        return Query(path, Expression.of(folder / "normalized.h5ad"), folder)

    def _normalized(self, path: Path, folder: Path) -> Query:
        folder.mkdir(parents=True, exist_ok=True)
        normalized = run_normalize([path], folder / "normalized.h5ad", threads=self.threads)
        if list(read_h5ad(normalized).obs_names) != list(read_h5ad(path).obs_names):
            raise Refused(f"{path.name}: normalized samples have other names or another order")
        return Query(path, Expression.of(normalized), folder)


def _change_of_labels(condition: str, seed: int) -> Callable[[AnnData], AnnData]:
    share = int(condition.split()[0]) / 100
    change = with_few_labels if condition.endswith("known") else with_wrong_labels
    return lambda adata: change(adata, share, seed)


def studies_of(
    suite: str, catalogue: Catalogue, reference: str | None, queries: str | None
) -> tuple[list[Study], list[Study]]:
    """Return the studies that train and those that are asked about."""
    trains = catalogue.asked(reference) if reference else catalogue.reference(confounded=suite == "confounded")
    asked = catalogue.asked(queries or SUITES[suite].queries)
    if suite == "confounded" and not queries:
        names = {study.name for study in trains}
        asked = [study for study in asked if study.name not in names]
    return trains, asked
