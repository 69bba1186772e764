"""Expression files, read, normalized and merged, with the record of how."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from clrna.io.matrix.quantifier_folder import files_behind
from clrna.io.provenance import add_record, make_record, read_records
from clrna.normalize.input_file import InputFile
from clrna.normalize.pipeline import Normalized, normalize
from clrna.normalize.read_sources import read_sources
from clrna.normalize.settings import NormalizeSettings, StudyFile


def normalized_file(paths: Sequence[Path], settings: NormalizeSettings, asked: argparse.Namespace) -> Normalized:
    """Return what ``clrna-normalize`` writes of some inputs.

    Parameters
    ----------
    paths
        Expression files, and folders of a quantifier's files.
    settings
        The options of the run.
    asked
        The same as they were typed, for the provenance record.

    Raises
    ------
    InputError
        A file cannot be read, or its values, genes or labels cannot be used.
    UsageError
        An option names a study or column that does not exist.
    """
    sources = read_sources(paths, settings)
    tables = [table.path if isinstance(table, StudyFile) else table for table in settings.metadata]
    maps = [path for path in (settings.label_map, settings.gene_map) if path is not None]
    files = [*(file for path in paths for file in files_behind(path)), *tables, *maps]
    return normalize_recorded(sources, settings, asked, files)


def normalize_recorded(
    sources: Sequence[InputFile],
    settings: NormalizeSettings,
    asked: argparse.Namespace | Mapping[str, Any],
    files: Sequence[Path],
) -> Normalized:
    """Return sources normalized and merged, with the record of how.

    Parameters
    ----------
    sources
        What was read; their matrices are used up.
    settings, asked
        As for :func:`normalized_file`.
    files
        What they were read from, for the record.
    """
    earlier = [record for source in sources for record in read_records(source.adata)]
    normalized = normalize(sources, settings)
    record = make_record(
        "normalize",
        asked,
        files,
        scales=normalized.scales,
        genes=normalized.adata.n_vars,
        samples=normalized.adata.n_obs,
        found=normalized.inputs.to_dict("records"),
    )
    add_record(normalized.adata, record, earlier)
    return normalized
