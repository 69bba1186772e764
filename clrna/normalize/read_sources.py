"""Read the inputs of clrna-normalize and find study, labels and donors in their metadata."""

import logging
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from clrna.constants import DONOR, SAMPLE_CATEGORY, STUDY, TISSUE, TISSUE_RAW, TUMOR_TYPE, TUMOR_TYPE_RAW
from clrna.errors import InputError, UsageError
from clrna.io import modac
from clrna.io.contract import text_column
from clrna.io.sample_metadata import read_sample_metadata
from clrna.io.tables import is_h5ad, read_expression
from clrna.normalize import columns
from clrna.normalize.input_file import InputFile, obeys_contract
from clrna.normalize.join_metadata import join_metadata
from clrna.normalize.settings import NormalizeSettings

logger = logging.getLogger("clrna")

_SUFFIXES = (
    ".h5ad", ".gz", ".zst", ".tsv", ".csv", ".txt", ".tab", ".gct", ".parquet", ".pq",
)  # fmt: skip


def read_sources(paths: Sequence[Path], settings: NormalizeSettings) -> list[InputFile]:
    """Read every input, join the metadata, and find out study, raw labels and donors.

    Parameters
    ----------
    paths
        Expression files, and MoDaC's ``combined_cl_metadata`` where it is given as an input.
    settings
        The options of the run.

    Raises
    ------
    InputError
        A file cannot be read, a named column is missing, or metadata and samples have nothing in common.
    UsageError
        ``--study`` names more or fewer studies than there are expression files.
    """
    tables = [path for path in paths if not is_h5ad(path) and modac.is_metadata(path)]
    matrices = [path for path in paths if path not in tables]
    if not matrices:
        raise UsageError(f"{tables[0]}: is a table of sample metadata; give the expression file too")
    if settings.studies and len(settings.studies) != len(matrices):
        raise UsageError(
            f"--study names {len(settings.studies)} studies for {len(matrices)} expression files; name one for each"
        )
    quantity = _quantity(settings.input_scale)
    sources = []
    for path in matrices:
        adata = read_expression(path, orientation=settings.orientation, layer=settings.layer, quantity=quantity)
        sources.append(InputFile(path, adata, normalized=obeys_contract(adata)))
    metadata = {path: read_sample_metadata(path, settings.sample_column) for path in settings.metadata}
    metadata |= {path: read_sample_metadata(path, modac.SAMPLE_NAME) for path in tables}
    if metadata:
        join_metadata(sources, metadata)
    for number, source in enumerate(sources):
        _find_labels(source, settings)
        _find_study(source, settings, settings.studies[number] if settings.studies else None)
    return sources


def _quantity(input_scale: Sequence[str]) -> str | None:
    """Return the unit to read from files that hold several: the stated one where one is stated for all."""
    only = input_scale[0] if len(input_scale) == 1 else "auto"
    return None if only == "auto" or "=" in only else only


def _find_labels(source: InputFile, settings: NormalizeSettings) -> None:
    obs = source.adata.obs
    if source.normalized:
        kept = {TISSUE: TISSUE_RAW, TUMOR_TYPE: TUMOR_TYPE_RAW, DONOR: DONOR, SAMPLE_CATEGORY: SAMPLE_CATEGORY}
        found = {name: obs.get(column, obs[name]) for name, column in kept.items()}
    else:
        wanted = (
            (TISSUE, settings.tissue_key, columns.TISSUE_NAMES, "--tissue-key"),
            (TUMOR_TYPE, settings.tumor_type_key, columns.TUMOR_TYPE_NAMES, "--tumor-type-key"),
            (SAMPLE_CATEGORY, settings.category_key, columns.CATEGORY_NAMES, "--category-key"),
            (DONOR, settings.donor_key, columns.DONOR_NAMES, "--donor-key"),
        )
        of_modac = modac.label_columns(obs) if modac.describes(obs) else pd.DataFrame(index=obs.index)
        found = {}
        for name, named, names, option in wanted:
            automatic = of_modac[name] if named is None and name in of_modac else None
            column = automatic if automatic is not None else columns.find_column(obs, named, names, option, source.path)
            if column is not None:
                found[name] = column
    if not source.normalized:
        used = ", ".join(f"{name} from {str(column.name)!r}" for name, column in found.items())
        logger.info("%s: columns read: %s", source.path, used or "none, so samples are unlabelled")
    source.raw = pd.DataFrame({name: text_column(column) for name, column in found.items()}, index=obs.index)


def _find_study(source: InputFile, settings: NormalizeSettings, named: str | None) -> None:
    """Give each sample a study: as named, else from the column, MoDaC's sample names, or the file's name."""
    obs, path = source.adata.obs, source.path
    key = STUDY if source.normalized else settings.study_key
    if named is None and modac.describes(obs) and key is None:
        source.study = modac.studies_of(obs.index.tolist())
    else:
        column = None
        if named is None or source.normalized:
            column = columns.find_column(obs, key, columns.STUDY_NAMES, "--study-key", path)
        source.study = np.full(len(obs), "", dtype=object) if column is None else text_column(column)
    if named is not None:
        _rename(source, named)
    default = named or study_of_file(path)
    nameless = source.study == ""
    if nameless.any() and not nameless.all():
        logger.warning("%s: %d samples name no study and are put into %r", path, nameless.sum(), default)
    source.study[nameless] = default
    # A slash in a name would be a folder within the HDF5 file.
    source.study = np.array([name.replace("/", "_") for name in source.study], dtype=object)


def _rename(source: InputFile, named: str) -> None:
    names = sorted(set(source.study) - {""})
    if source.normalized and len(names) > 1:
        raise InputError(
            f"{source.path}: --study {named}: the file already holds {len(names)} studies ({', '.join(names)}) whose "
            "names it keeps; give the files behind it instead"
        )
    source.study = np.full(source.adata.n_obs, named, dtype=object)


def study_of_file(path: Path) -> str:
    """Return a file's name without its endings, as the name of a study."""
    name, before = path.name, ""
    while name != before:
        before = name
        for suffix in _SUFFIXES:
            name = name.removesuffix(suffix)
    return name or path.name
