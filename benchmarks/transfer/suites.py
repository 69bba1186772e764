"""The suites: which trials each consists of."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from anndata import AnnData
from catalogue import Catalogue, Study
from disturb import (
    DRAWN,
    FEW,
    MISSING,
    PANELS_OF_DRAWN,
    WRONG,
    drawn_studies,
    one_study_a_tissue,
    some_genes,
    some_samples,
    with_few_labels,
    with_wrong_labels,
)
from executables import Refused, run_normalize
from trials import Expression, Query, Reference, Trial, truth_of

from clrna.io.hdf5.h5ad import read_h5ad, write_h5ad

ONE_STUDY = "one study a tissue"
# Of references that are drawn, by how many of the studies are panels.
DRAWS = {f"{DRAWN} studies, panels among them {n}": n for n in PANELS_OF_DRAWN}


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
    "confounded": Suite(
        "training studies with each tissue in one study only, and drawn ones that are mostly of one tissue each",
        queries="tuned,reference",
        conditions=(ONE_STUDY, *DRAWS),
    ),
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
        How often samples, genes, labels and studies are drawn.
    threads
        Of the executables.
    say
        Told what is left out and why.
    drawn
        What references of the suite ``confounded`` are drawn from; none are where there is nothing.
    """

    def __init__(
        self, suite: str, reference: list[Study], queries: list[Study], folder: Path, *, seeds: int = 1,
        threads: int = 1, say: Callable[[str], None] = print, drawn: Sequence[Study] = (),
    ) -> None:  # fmt: skip
        self.suite, self.reference, self.queries, self.folder = suite, reference, queries, folder
        self.seeds, self.threads, self.say, self.drawn = seeds, threads, say, list(drawn)
        self._references: dict[str, Reference] = {}
        self._queries: dict[str, Query] = {}

    def __iter__(self) -> Iterator[Trial]:
        """Yield the trials, those of one study after another."""
        for study in self.queries:
            if study.kind == "normals":
                continue
            for condition in SUITES[self.suite].conditions:
                is_drawn = self.suite in ("few", "genes", "labels") or condition in DRAWS
                for seed in range(self.seeds if is_drawn else 1):
                    try:
                        trial = self._trial(study, condition, seed)
                    except Refused as error:
                        self.say(f"{study.name}: left out: {error}")
                        continue
                    if trial is not None:
                        yield trial

    def _trial(self, study: Study, condition: str, seed: int) -> Trial | None:
        inputs, name = self._inputs(study, condition, seed), study.name
        if not inputs:
            return None
        if condition in DRAWS:
            name = f"{study.name} by draw {seed}"
        reference, query = self._reference_for(study, condition, seed, inputs), self._query(study)
        whole = Trial(condition, name, study.kind, reference, query)
        counted = np.flatnonzero(truth_of(whole)["counted"])
        if not len(counted):
            self.say(f"{name}: no tumour or line whose tissue, but not donor, the reference has")
            return None
        if self.suite == "few":
            n = int(condition.split()[0])
            if len(counted) < n:
                return None
            query = self._disturbed(study, f"few{n}-{seed}", lambda adata: some_samples(adata, counted, n, seed))
        if self.suite == "genes":
            share = int(condition.split()[0]) / 100
            query = self._disturbed(study, f"genes{share}-{seed}", lambda adata: some_genes(adata, share, seed))
        return Trial(condition, name, study.kind, reference, query)

    def _inputs(self, study: Study, condition: str, seed: int) -> list[Study]:
        """Return the studies that train; none where the suite does not ask this one."""
        others = [other for other in self.reference if other.name != study.name]
        if self.suite != "confounded":
            return others
        if condition in DRAWS:
            others = drawn_studies(self.drawn, DRAWS[condition], seed) if self.drawn else []
            return [] if study in others else others
        return others if study not in self.reference else []

    def _reference_for(self, study: Study, condition: str, seed: int, inputs: list[Study]) -> Reference:
        name, change = "all" if len(inputs) == len(self.reference) else f"without-{study.name}", None
        if self.suite == "labels":
            name, change = f"{name}-{condition}-{seed}", _change_of_labels(condition, seed)
        if condition == ONE_STUDY:
            change = one_study_a_tissue
        if condition in DRAWS:
            name = f"{condition}-{seed}"
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
    return trains, catalogue.asked(queries or SUITES[suite].queries)
