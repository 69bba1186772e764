"""The pair of tables from NCI's MoDaC that CLRNA was published with.

``combined_rnaseq_data`` holds the samples in rows, first column ``Sample``, then genes, in log2-like
values that are not negative; ``combined_cl_metadata`` says of each sample where it came from.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from clrna.constants import SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.errors import InputError
from clrna.io.matrix.text_head import read_head

SAMPLE_NAME: Final = "sample_name"
_METADATA_COLUMNS: Final = frozenset(("sample_name", "sample_category", "simplified_tumor_site"))
# Simplified names first, for they are the same in all of its studies; those of the source where they lack.
_LABEL_COLUMNS: Final = {
    TISSUE: ("simplified_tumor_site", "tumor_site_from_data_src"),
    TUMOR_TYPE: ("simplified_tumor_type", "tumor_type_from_data_src"),
    SAMPLE_CATEGORY: ("sample_category",),
}


def is_metadata(path: Path) -> bool:
    """Whether a file is ``combined_cl_metadata``, by its header; False for everything that is no table."""
    names = _header(path)
    return _METADATA_COLUMNS <= set(names)


def describes(metadata: pd.DataFrame) -> bool:
    """Whether a table of sample metadata, as read, has MoDaC's columns."""
    return _METADATA_COLUMNS - {SAMPLE_NAME} <= set(metadata.columns)


def label_columns(metadata: pd.DataFrame) -> pd.DataFrame:
    """Return study, raw tissue, raw tumour type and category of each sample.

    Parameters
    ----------
    metadata
        ``combined_cl_metadata`` with the sample names as index.

    Returns
    -------
    One column each, NaN where nothing is known. The study is the sample's name before its first dot.
    """
    columns = {STUDY: studies_of(metadata.index.tolist())}
    for name, sources in _LABEL_COLUMNS.items():
        values = pd.Series(np.nan, index=metadata.index, dtype=object)
        for source in sources:
            if source in metadata:
                values = values.where(values.notna(), metadata[source])
        columns[name] = values.to_numpy(dtype=object)
    return pd.DataFrame(columns, index=metadata.index)


def studies_of(sample_names: Sequence[str]) -> np.ndarray:
    """Return the study of each sample: its name before the first dot."""
    return np.array([name.split(".", 1)[0] for name in sample_names], dtype=object)


def _header(path: Path) -> list[str]:
    try:
        return read_head(path).names
    except InputError:
        return []
