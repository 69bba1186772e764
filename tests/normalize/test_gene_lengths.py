"""A matrix of the lengths of genes is no expression, whatever it looks like."""

import numpy as np
import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.genes import exonic_lengths
from clrna.genes.table import load_gene_table
from clrna.normalize.gene_lengths import refuse_lengths


@pytest.fixture(scope="module")
def genes() -> pd.Series:
    """Exonic lengths of 600 genes by their symbols."""
    symbols = np.random.default_rng(0).permutation(np.asarray(load_gene_table().symbol, dtype=object))[:900]
    lengths = pd.Series(exonic_lengths(symbols), index=symbols)
    return lengths[np.isfinite(lengths)][:600]


def lengths_of(genes: pd.Series, samples: int = 6) -> np.ndarray:
    """Lengths of the transcripts that were found, a fifth to all of the exons, and a little else in each sample."""
    random = np.random.default_rng(1)
    share = random.uniform(0.2, 1.0, len(genes)) * random.lognormal(0, 0.05, (samples, len(genes)))
    return (genes.to_numpy() * share).round(3)


def test_lengths_are_refused(normalize, genes, tmp_path):
    frame = pd.DataFrame(lengths_of(genes).T, index=genes.index, columns=[f"S{at}" for at in range(6)])
    frame.to_csv(tmp_path / "m.tsv", sep="\t", index_label="gene_id")
    result = normalize(tmp_path / "m.tsv")
    assert result.status == 3 and "m.tsv (study m): the values are the lengths of the genes" in result.error


def test_expression_is_not(genes):
    """Also intensities without a 0, replicates that hardly differ, one sample, and reads of long genes."""
    random = np.random.default_rng(2)
    level = random.lognormal(6, 1.5, len(genes))
    for values in (
        level * random.lognormal(0, 0.3, (6, len(genes))),
        level * random.lognormal(0, 0.02, (6, len(genes))),
        level[np.newaxis],
        (level * genes.to_numpy() / 2_000 * random.lognormal(0, 0.2, (3, len(genes)))).round() + 1,
    ):
        refuse_lengths(values, lambda: genes.index.to_numpy())
    with pytest.raises(InputError, match="lengths"):
        refuse_lengths(lengths_of(genes, 1), lambda: genes.index.to_numpy())
