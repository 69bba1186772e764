"""Genes that enough of the studies have."""

import numpy as np
import pandas as pd
import pytest

from tests.normalize.conftest import GENES, counts_of

HAVE = {"A": GENES[:40], "B": GENES[:40], "C": GENES[:30], "OLD": GENES[:12]}


@pytest.fixture
def four(tmp_path):
    files = []
    for seed, (name, genes) in enumerate(HAVE.items()):
        files.append(tmp_path / f"{name}.tsv")
        np.log2(counts_of([f"{name}{row}x" for row in range(4)], seed, genes) + 1.5).to_csv(files[-1], sep="\t")
    return files


@pytest.mark.parametrize(
    ("rule", "kept"),
    [("intersection", 12), ("100%", 12), ("75%", 30), ("60%", 30), ("50%", 40), ("1%", 40), ("union", 40)],
)
def test_genes_in_a_share_of_the_studies(normalize, four, rule, kept):
    adata = normalize(*four, "--genes", rule).adata
    assert adata.var_names.tolist() == sorted(GENES[:kept]) and np.isfinite(adata.X).all()
    if kept == 12:
        assert not adata.var.columns.str.startswith("measured_in_").any()
        return
    for name, genes in HAVE.items():
        assert adata.var[f"measured_in_{name}"].tolist() == [gene in genes for gene in adata.var_names]
    lacking = ~adata.var["measured_in_OLD"].to_numpy()
    rows = (adata.obs["study"] == "OLD").to_numpy()
    measured = np.array(
        [
            [adata.var.at[gene, f"measured_in_{study}"] for gene in adata.var_names[lacking]]
            for study in adata.obs["study"]
        ]
    )
    others = np.where(measured, adata.X[:, lacking], np.nan)
    np.testing.assert_allclose(adata.X[np.ix_(rows, lacking)], np.tile(np.nanmean(others, axis=0), (4, 1)), rtol=1e-4)


def test_the_study_that_costs_genes_is_named(normalize, four):
    log = normalize(*four).log
    assert (
        "studies that cost genes: without OLD 18 more would be kept" in log
        and "without OLD 18 more would be kept, C" not in log
    )


def test_one_by_one_gives_the_same(normalize, four):
    together = normalize(*four, "--genes", "60%", output="together.h5ad").adata
    parts = [normalize(path, output=f"{path.stem}.h5ad").path for path in four]
    merged = normalize(*parts, "--genes", "60%", output="merged.h5ad").adata
    np.testing.assert_array_equal(together.X, merged.X)
    assert together.var.equals(merged.var)


@pytest.mark.parametrize("rule", ["50", "0%", "101%", "half", "%"])
def test_other_words_are_refused(normalize, four, rule):
    result = normalize(*four, "--genes", rule)
    assert result.status == 2 and "share such as 50%" in result.log


def test_a_gene_is_filled_from_studies_of_its_own_unit(normalize, tmp_path):
    """Another unit's numbers would lie outside of the study's scale: its median stands for what its unit lacks."""
    rng = np.random.default_rng(5)
    files = []
    for name, genes, level in (("ONE", GENES[:30], 8.0), ("TWO", GENES[5:40], 8.0), ("Z", GENES[:20], 0.0)):
        rows = [f"{name}{row}x" for row in range(12)]
        files.append(tmp_path / f"{name}.tsv")
        pd.DataFrame(rng.normal(level, 1.0, (12, len(genes))), rows, genes).to_csv(files[-1], sep="\t")
    scales = "ONE=log2_intensity,TWO=log2_intensity,Z=zscore"
    adata = normalize(*files, "--genes", "union", "--input-scale", scales).adata
    one, two, z = ((adata.obs["study"] == name).to_numpy() for name in ("ONE", "TWO", "Z"))
    late, early = GENES[35], GENES[0]
    np.testing.assert_allclose(adata[one, late].X, adata[two, late].X.mean(), rtol=1e-5)
    np.testing.assert_allclose(adata[two, early].X, adata[one, early].X.mean(), rtol=1e-5)
    own = np.median(adata[z, GENES[:20]].X)
    np.testing.assert_allclose(adata[z, late].X, own, rtol=1e-5)
    assert abs(own) < 0.2
