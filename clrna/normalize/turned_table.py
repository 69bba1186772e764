"""A table of samples that lies on its side: a column for each sample, a row for what is known of them."""

import logging
from collections.abc import Sequence

from clrna.io.matrix.number_table import distinct_names
from clrna.io.metadata.sample_metadata import SampleTable
from clrna.normalize.match_names import match_names

logger = logging.getLogger("clrna")

_SAMPLE = "sample"
_MOST = 0.5


def with_samples_in_rows(table: SampleTable, samples: Sequence[str]) -> SampleTable:
    """Return a table of metadata with a row for each sample.

    Parameters
    ----------
    table
        As it was read.
    samples
        Names of the samples in all expression files.

    Returns
    -------
    The same table, unless no name in its first column is a sample's and most names in its header are.
    """
    header = [str(name) for name in table.frame.columns if name != table.key]
    if table.chosen or not header or match_names(samples, table.frame[table.key].astype(str)):
        return table
    if len(match_names(header, samples)) < _MOST * len(header):
        return table
    logger.info("%s: has a column for each sample and is turned", table.path)
    frame = table.frame.set_index(table.key).T
    frame.columns = distinct_names([str(name).strip() for name in frame.columns])
    frame = frame.drop(columns=_SAMPLE, errors="ignore").rename_axis(index=_SAMPLE, columns=None)
    return SampleTable(table.path, frame.reset_index().astype(object), _SAMPLE)
