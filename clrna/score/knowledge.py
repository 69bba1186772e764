"""What an embedding was made from: which samples its model has seen, as far as the file tells."""

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

import numpy as np
from anndata import AnnData
from numpy.typing import NDArray

from clrna.constants import SEEN, SEEN_VALUES, X_CLRNA, X_COMBAT, X_LIMMA
from clrna.io.contract import text_column
from clrna.io.provenance import read_records
from clrna.results.predictions import models_of

logger = logging.getLogger("clrna")
UNSEEN = "unseen"
OF_DONOR = "donor"
OF_STUDY = "study"
OF_SAMPLE = "sample"
NOT_KNOWN = ""

# What codes use of the study that is asked about, by what the model standardizes, and the --adapt that it is used with.
_USES_THE_STUDY = {
    "study": "; studies standardized by their own values, without labels, where large enough",
    "sample": "; studies placed by their own samples, without labels",
}
_ADAPTED = ("auto", "study")


@dataclass(frozen=True)
class Knowledge:
    """What the model behind an embedding was trained on."""

    seen: NDArray  # of each sample, one of constants.SEEN_VALUES; '' where the file does not say
    note: str  # in words
    told_labels: bool = False  # whether it was computed with the labels of the very samples that are scored

    def of_rows(self, rows: NDArray[np.intp]) -> "Knowledge":
        """Return the same for some of the samples."""
        return replace(self, seen=self.seen[rows])

    @property
    def label_unseen(self) -> NDArray[np.bool_]:
        """Samples of whom the model knows neither study nor donor: fit to be asked for their label."""
        return (self.seen == UNSEEN) & (not self.told_labels)

    @property
    def study_unseen(self) -> NDArray[np.bool_]:
        """Samples of a study the model does not know, its donors perhaps: fit to be found by a replicate."""
        return ~np.isin(self.seen.astype(str), (OF_STUDY, OF_SAMPLE)) & (not self.told_labels)

    @property
    def maybe_trained_on(self) -> NDArray[np.bool_]:
        """Samples that the model was trained on, or whose study it was where the file names no single samples."""
        of_sample = self.seen == OF_SAMPLE
        return of_sample if of_sample.any() else self.seen == OF_STUDY


def knowledge_of(adata: AnnData, key: str, studies: NDArray, label_columns: Collection[str]) -> Knowledge:
    """Read from a file what one of its embeddings was made from.

    Parameters
    ----------
    adata
        The file; ``uns['clrna']['models']`` names the training studies of each model's codes, a column
        of ``obs`` what of each sample the model had seen, and the provenance chain the baselines.
    key
        ``obsm`` key.
    studies
        Study of each sample.
    label_columns
        Columns of ``obs`` that tell the label, to notice a correction that was given them.
    """
    for name, entry in models_of(adata).items():
        if key == name or key == f"X_{entry.get('corrected_layer', '')}":
            return _of_model(adata, key, entry, studies)
    if key == X_CLRNA and SEEN in adata.obs:
        return Knowledge(_seen_column(adata, SEEN), f"training studies not recorded, taken from obs[{SEEN!r}]")
    seen = np.full(adata.n_obs, UNSEEN, dtype=object)
    for record in reversed(read_records(adata)):
        described = record.get("facts", {}).get("embeddings", {}) if record.get("step") == "baseline" else {}
        if key in described:
            return _of_baseline(key, record.get("parameters", {}), seen, label_columns)
    logger.warning(
        "%s: the file does not tell what it was trained on; it is taken as never trained on these studies", key
    )
    return Knowledge(seen, "no record of what it was trained on; taken as nothing here")


def _of_baseline(key: str, parameters: Mapping, seen: NDArray, label_columns: Collection[str]) -> Knowledge:
    given = parameters.get("covariates") if key in (X_COMBAT, X_LIMMA) else None
    covariates = [str(name) for name in np.atleast_1d(given or [])]
    told = [name for name in covariates if name in label_columns]
    if told:
        logger.warning(
            "%s was computed with %s of these samples as covariate: its scores are in-sample and no headline",
            key, ", ".join(told),
        )  # fmt: skip
        return Knowledge(seen, f"was given {', '.join(told)} of all samples in its file", told_labels=True)
    kept = f", with covariates {', '.join(covariates)}" if covariates else ""
    return Knowledge(seen, f"uses no label; computed from the values of all samples in its file{kept}")


def _of_model(adata: AnnData, key: str, entry: Mapping, studies: NDArray) -> Knowledge:
    trained_on = sorted(str(name) for name in np.atleast_1d(entry.get("training_studies", [])).tolist())
    columns = entry.get("columns")
    column = str(columns.get("seen", "")) if isinstance(columns, Mapping) else SEEN if key == X_CLRNA else ""
    recorded = column in adata.obs
    seen = _seen_column(adata, column) if recorded else np.full(adata.n_obs, NOT_KNOWN, dtype=object)
    seen[np.isin(studies.astype(str), trained_on) & (seen != OF_SAMPLE)] = OF_STUDY
    note = f"trained on {', '.join(trained_on) or 'studies that are not recorded'}"
    if not recorded:
        note += "; which donors it was trained on is not recorded"
        text = "%s: the file does not tell which donors its model was trained on, so no sample counts as unseen"
        logger.warning(text, key)
    if str(entry.get("adapt")) in _ADAPTED:
        note += _USES_THE_STUDY.get(str(entry.get("standardize")), "")
    return Knowledge(seen, note)


def _seen_column(adata: AnnData, name: str) -> NDArray:
    """Return the column, '' for what is none of its words: a sample of which nothing is said is not called unseen."""
    text = text_column(adata.obs[name])
    return np.where(np.isin(text.astype(str), SEEN_VALUES), text, NOT_KNOWN).astype(object)
