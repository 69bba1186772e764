"""Harmonised labels, categories and donors of all samples."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from clrna.ccle_names import are_ccle_names
from clrna.constants import (
    DONOR,
    SAMPLE_CATEGORY,
    TISSUE,
    TISSUE_ALL,
    TISSUE_RAW,
    TUMOR_TYPE,
    TUMOR_TYPE_ALL,
    TUMOR_TYPE_RAW,
    UNLABELLED,
)
from clrna.donors import donors_of
from clrna.io.contract import text_column
from clrna.labels import (
    CONFLICT,
    category_of_barcode,
    category_of_gtex,
    category_of_labels,
    harmonize,
    harmonize_category,
)
from clrna.normalize.input_file import CELL_LINE, InputFile
from clrna.normalize.line_donors import donors_of_lines
from clrna.normalize.settings import NormalizeSettings
from clrna.plural import plural
from clrna.quoted import in_quotes, listed

logger = logging.getLogger("clrna")

_SHOWN = 10
_NOT_MAPPED = ("unlabelled", "needs tissue")


@dataclass(frozen=True)
class SampleLabels:
    """Labels of all samples.

    Attributes
    ----------
    obs
        Raw and harmonised labels, category and donor; text, '' where there is none. One row a sample, in the
        order of the sources.
    resolved
        Whether the donor of each sample is known; shape (samples,).
    report
        What became of each raw label.
    """

    obs: pd.DataFrame
    resolved: np.ndarray
    report: pd.DataFrame


def label_samples(sources: Sequence[InputFile], settings: NormalizeSettings) -> SampleLabels:
    """Harmonise tissue, tumour type, category and donor of the samples of every file.

    Raises
    ------
    InputError
        The label map cannot be used.
    """
    frames, resolved, reports = [], [], []
    for source in sources:
        again = source.normalized and settings.label_map is None
        frame, report = _kept(source) if again else _harmonized(source, settings)
        category = _category(source, settings)
        frame[SAMPLE_CATEGORY] = category
        frame[DONOR], known = _donors(source, category)
        frames.append(frame)
        resolved.append(known)
        reports += [report, _category_report(source, category)]
    labels = SampleLabels(pd.concat(frames), np.concatenate(resolved), _joined(reports))
    _log(labels)
    return labels


def _harmonized(source: InputFile, settings: NormalizeSettings) -> tuple[pd.DataFrame, pd.DataFrame]:
    index = source.adata.obs_names
    raw = {name: source.raw.get(name, pd.Series(UNLABELLED, index=index)) for name in (TISSUE, TUMOR_TYPE)}
    found = harmonize(raw[TISSUE].tolist(), raw[TUMOR_TYPE].tolist(), settings.label_map)
    columns = {
        TISSUE_RAW: raw[TISSUE].to_numpy(dtype=object),
        TUMOR_TYPE_RAW: raw[TUMOR_TYPE].to_numpy(dtype=object),
        TISSUE_ALL: found.tissue,
        TUMOR_TYPE_ALL: found.tumor_type,
    }
    return pd.DataFrame(columns, index=index), found.report


def _kept(source: InputFile) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the labels of a file that was normalized before, small classes included."""
    obs = source.adata.obs
    frame = pd.DataFrame(
        {
            TISSUE_RAW: source.raw[TISSUE],
            TUMOR_TYPE_RAW: source.raw[TUMOR_TYPE],
            TISSUE_ALL: text_column(obs.get(TISSUE_ALL, obs[TISSUE])),
            TUMOR_TYPE_ALL: text_column(obs.get(TUMOR_TYPE_ALL, obs[TUMOR_TYPE])),
        },
        index=obs.index,
    )
    reports = []
    for kind, column in ((TISSUE, TISSUE_RAW), (TUMOR_TYPE, TUMOR_TYPE_RAW)):
        counts = frame.groupby([column, TISSUE_ALL, TUMOR_TYPE_ALL], sort=True).size().reset_index(name="n")
        counts = counts[counts[column] != UNLABELLED]
        counts = counts.rename(columns={column: "raw", TISSUE_ALL: "tissue", TUMOR_TYPE_ALL: "tumor_type"})
        reports.append(counts.assign(kind=kind, status="normalized before"))
    return frame, pd.concat(reports)


def _category(source: InputFile, settings: NormalizeSettings) -> np.ndarray:
    """Return the harmonised category: from a TCGA barcode, from the column, from a name of GTEx, or as the user says.

    The barcode comes first, since a table of patients says of their normal tissue, too, that it is a tumour.
    """
    names = source.adata.obs_names
    raw = source.raw.get(SAMPLE_CATEGORY)
    category = np.full(len(names), UNLABELLED, dtype=object) if raw is None else harmonize_category(raw)
    if not source.normalized:
        of_barcode = category_of_barcode(names)
        other = (of_barcode != UNLABELLED) & (category != UNLABELLED) & (category != of_barcode)
        if other.any():
            logger.warning(
                "%s: the barcodes of %s tell another sample category than the metadata, and count (%s)",
                source.path, plural(int(other.sum()), "sample"), listed(names[other], 3, marks=True),
            )  # fmt: skip
        category = np.where(of_barcode == UNLABELLED, category, of_barcode)
        category = np.where(category == UNLABELLED, category_of_gtex(names), category)
        category = _with_labels_category(source, category)
    if settings.category is not None:
        category = np.where(category == UNLABELLED, settings.category, category)
    elif not source.normalized:
        category = _with_ccle_lines(source, category)
    missing = int((category == UNLABELLED).sum())
    if missing:
        logger.warning(
            "%s: %s no sample category; give --category-key or --category",
            source.path,
            plural(missing, "sample has", "samples have"),
        )
    return category.astype(object)


def _with_labels_category(source: InputFile, category: np.ndarray) -> np.ndarray:
    """Return the categories with what tissue and tumour type say where nothing else does: ``normal`` beside tumours."""
    if CELL_LINE in source.raw:
        return category  # a line of a normal tissue is a line, as its neighbors are
    for kind in (TUMOR_TYPE, TISSUE):
        if kind in source.raw:
            told = np.where(category == UNLABELLED, category_of_labels(source.raw[kind].tolist()), UNLABELLED)
            is_told = told != UNLABELLED
            if is_told.any():
                logger.info(
                    "%s: sample category of %s told by the %s, as some are normal",
                    source.path, plural(int(is_told.sum()), "sample"), kind,
                )  # fmt: skip
                category = np.where(is_told, told, category)
    return category


def _with_ccle_lines(source: InputFile, category: np.ndarray) -> np.ndarray:
    """Return the categories with ``cell_line`` where nothing else tells one and a study's names are CCLE's."""
    names = source.adata.obs_names.to_numpy(dtype=object)
    found = np.zeros(len(names), dtype=bool)
    for study in np.unique(source.study.astype(str)):
        of_study = source.study.astype(str) == study
        found[of_study] = are_ccle_names(names[of_study].tolist())
    found &= category == UNLABELLED
    if found.any():
        logger.info(
            "%s: %s of cell lines, by names as CCLE's (%s)",
            source.path, plural(int(found.sum()), "sample is", "samples are"), in_quotes(names[found][0]),
        )  # fmt: skip
    return np.where(found, "cell_line", category)


def _donors(source: InputFile, category: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the donors and whether they are known; those of a file that was normalized before stay as they are."""
    names = source.adata.obs_names.tolist()
    told = source.raw[DONOR].tolist() if DONOR in source.raw else None
    if CELL_LINE in source.raw:
        lines = source.raw[CELL_LINE].tolist()
        donors = donors_of_lines(names, list(source.study), list(category), lines, told, source.path)
    else:
        donors = donors_of(names, list(source.study), list(category), told)
    if source.normalized:
        kept = source.raw[DONOR].to_numpy(dtype=object)
        return np.where(kept == UNLABELLED, donors.donor, kept).astype(object), donors.resolved
    return donors.donor, donors.resolved


def _category_report(source: InputFile, category: np.ndarray) -> pd.DataFrame:
    if SAMPLE_CATEGORY not in source.raw:
        return pd.DataFrame()
    counts = pd.DataFrame({"raw": source.raw[SAMPLE_CATEGORY].to_numpy(), "status": category})
    counts = counts[counts["raw"] != UNLABELLED].value_counts(sort=False).reset_index(name="n")
    counts["status"] = counts["status"].where(counts["status"] != UNLABELLED, "unlabelled")
    return counts.assign(kind=SAMPLE_CATEGORY)


def _joined(reports: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return one report with one row for each raw label, kind, meaning and status."""
    keys = ["kind", "raw", "tissue", "tumor_type", "status"]
    kept = [report for report in reports if len(report)]
    if not kept:
        return pd.DataFrame(columns=[*keys, "n"])
    every = pd.concat(kept).reindex(columns=[*keys, "n"]).fillna(dict.fromkeys(keys, ""))
    return every.groupby(keys, sort=True)["n"].sum().reset_index()


def _log(labels: SampleLabels) -> None:
    report = labels.report
    for kind in (TISSUE, TUMOR_TYPE, SAMPLE_CATEGORY):
        lost = report[(report["kind"] == kind) & report["status"].isin(_NOT_MAPPED)].sort_values("n", ascending=False)
        if len(lost):
            some = ", ".join(
                f"{in_quotes(raw)} {n}" for raw, n in zip(lost["raw"][:_SHOWN], lost["n"][:_SHOWN], strict=True)
            )
            logger.warning(
                "%s of %s not known, counted as unlabelled, with the samples: %s%s (--label-map)",
                plural(len(lost), "raw name"), kind, some, " ..." if len(lost) > _SHOWN else "",
            )  # fmt: skip
    against = report[report["status"].str.startswith(CONFLICT)].sort_values("n", ascending=False)
    if len(against):
        some = ", ".join(
            f"{raw} {n} ({tissue})"
            for raw, n, tissue in against[["raw", "n", "tissue"]].head(_SHOWN).itertuples(index=False)
        )
        logger.warning(
            "tissue and tumor type of %s contradict each other: %s%s (in brackets what counts; --label-map)",
            plural(int(against["n"].sum()), "sample"), some, " ..." if len(against) > _SHOWN else "",
        )  # fmt: skip
    unknown = np.flatnonzero(~labels.resolved)
    if len(unknown):
        logger.warning(
            "the donors of %s are not known; each counts as its own donor (%s)",
            plural(len(unknown), "sample"), listed(labels.obs.index[unknown]),
        )  # fmt: skip
