"""A trial: a reference that trains, and a study that is encoded with what came of it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd
from anndata import AnnData
from executables import run_encode, run_normalize, run_train
from numpy.typing import NDArray

from clrna.io.contract import text_column
from clrna.io.hdf5.h5ad import matrix_of, read_h5ad, write_h5ad

COUNTED = ("tumor", "cell_line", "xenograft", "organoid")
PANEL = "panel"
COMMON = 5  # reference samples of a class that every row can learn


@dataclass(frozen=True)
class Expression:
    """A normalized file in memory."""

    values: NDArray
    genes: pd.Index
    studies: NDArray
    labels: NDArray  # what may be learned from, '' where nothing
    tissues: NDArray  # the truth
    donors: NDArray
    categories: NDArray

    @classmethod
    def of(cls, path: Path) -> "Expression":
        """Read a file that ``clrna-normalize`` wrote."""
        adata = read_h5ad(path)
        columns = (text_column(adata.obs[k]) for k in ("study", "tissue", "tissue_all", "donor", "sample_category"))
        studies, labels, tissues, donors, categories = columns
        return cls(matrix_of(adata, None, path), adata.var_names, studies, labels, tissues, donors, categories)


@dataclass
class Reference:
    """Studies that train: merged, trained and encoded at most once each, when first asked for."""

    name: str
    inputs: list[Path]
    folder: Path
    threads: int = 1
    change: Callable[[AnnData], AnnData] | None = None  # done to the merged file before it trains
    _made: dict[str, Path] = field(default_factory=dict)

    @cached_property
    def merged(self) -> Path:
        """The studies as ``clrna-normalize`` merges them."""
        self.folder.mkdir(parents=True, exist_ok=True)
        path = run_normalize(self.inputs, self.folder / "merged.h5ad", threads=self.threads)
        if self.change is not None:
            write_h5ad(self.change(read_h5ad(path)), path)
        return path

    @cached_property
    def expression(self) -> Expression:
        """The merged file in memory."""
        return Expression.of(self.merged)

    @cached_property
    def zscored(self) -> Path:
        """The merged file with every sample z-scored over its genes."""
        adata = read_h5ad(self.merged)
        return write_zscored(adata, adata.X, self.folder / "zscored.h5ad")

    def model(self, merged: Path, *options: str) -> Path:
        """Return the model that ``clrna-train`` makes with ``options``."""
        key = " ".join(("train", merged.stem, *options))
        if key not in self._made:
            path = self.folder / f"model{len(self._made)}.safetensors"
            self._made[key] = run_train(merged, path, *options, threads=self.threads)
        return self._made[key]

    def encoded(self, merged: Path, model: Path, *options: str) -> AnnData:
        """Return the reference as ``clrna-encode`` writes it."""
        key = " ".join(("encode", model.stem, *options))
        if key not in self._made:
            path = self.folder / f"encoded{len(self._made)}.h5ad"
            self._made[key] = run_encode(merged, model, path, *options, threads=self.threads)
        return read_h5ad(self._made[key])


@dataclass
class Query:
    """A study as its owners have it, and the same normalized: for the truth, and for rows that are no executable."""

    path: Path
    expression: Expression
    folder: Path

    def zscored(self) -> Path:
        """Write the normalized samples, each z-scored over its genes."""
        known = self.expression
        obs = pd.DataFrame({"study": known.studies.astype(str), "donor": known.donors.astype(str)})
        obs.index = obs.index.astype(str)
        adata = AnnData(np.zeros(known.values.shape, dtype=np.float32), obs=obs, var=pd.DataFrame(index=known.genes))
        return write_zscored(adata, known.values, self.folder / "zscored.h5ad")


@dataclass(frozen=True)
class Trial:
    """What is encoded with what; ``condition`` tells the trials of one cohort apart."""

    condition: str
    cohort: str
    group: str
    reference: Reference
    query: Query


def truth_of(trial: Trial) -> pd.DataFrame:
    """Return what is known of each sample of the query, and what of it is counted.

    Returns
    -------
    ``donor``, ``truth``, and whether a sample is a ``replicate`` (a tumour, line or xenograft whose donor the reference
    has), ``counted`` (one whose tissue another donor of the reference has; its own is not there, or this is a panel),
    ``common`` (counted, and the reference has at least five of its tissue), ``unseen`` (counted, and its donor trained
    nothing).
    """
    query, reference = trial.query.expression, trial.reference.expression
    of_tissue = Counter(reference.tissues.tolist())
    of_both = Counter(zip(reference.tissues.tolist(), reference.donors.tolist(), strict=True))
    pairs = zip(query.tissues.tolist(), query.donors.tolist(), strict=True)
    n_others = np.array([of_tissue[tissue] - of_both[tissue, donor] for tissue, donor in pairs], dtype=int)
    known = np.isin(query.donors, reference.donors[reference.donors != ""])
    asked = np.isin(query.categories, COUNTED)
    counted = asked & (n_others > 0) & (query.tissues != "") & (~known | (trial.group == PANEL))
    table = {"donor": query.donors, "truth": query.tissues, "replicate": asked & known, "counted": counted}
    return pd.DataFrame(table | {"common": counted & (n_others >= COMMON), "unseen": counted & ~known})


def zscore(values: NDArray) -> NDArray[np.float32]:
    """Return each sample with mean 0 and deviation 1 over its genes."""
    values = np.asarray(values, dtype=np.float64)
    deviation = values.std(axis=1, keepdims=True)
    return ((values - values.mean(axis=1, keepdims=True)) / np.where(deviation > 0, deviation, 1)).astype(np.float32)


def write_zscored(adata: AnnData, values: NDArray, path: Path) -> Path:
    """Write ``adata`` with z-scored ``values``."""
    adata.X = zscore(values)
    adata.obs["scale"] = "zscore"
    write_h5ad(adata, path)
    return path
