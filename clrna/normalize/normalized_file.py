"""Expression files, read, normalized and merged, with the record of how."""

import argparse
from collections.abc import Sequence
from pathlib import Path

from clrna.io.provenance import add_record, make_record, read_records
from clrna.io.quantifier_folder import files_behind
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
    earlier = [record for source in sources for record in read_records(source.adata)]
    normalized = normalize(sources, settings)
    tables = [table.path if isinstance(table, StudyFile) else table for table in settings.metadata]
    maps = [path for path in (settings.label_map, settings.gene_map) if path is not None]
    record = make_record(
        "normalize",
        asked,
        [*(file for path in paths for file in files_behind(path)), *tables, *maps],
        scales=normalized.scales,
        genes=normalized.adata.n_vars,
        samples=normalized.adata.n_obs,
        found=normalized.inputs.to_dict("records"),
    )
    add_record(normalized.adata, record, earlier)
    return normalized
