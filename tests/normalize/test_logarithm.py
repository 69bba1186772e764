"""Logarithms: the base is what the file says or what undoing it shows, and counts below one are counts."""

import math

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.genes import load_gene_table
from clrna.scale.logarithm import undo_logarithm
from clrna.scale.scale_detection import detect_scale

GENES = 300


@pytest.fixture
def counts() -> np.ndarray:
    rng = np.random.default_rng(4)
    depth = rng.uniform(0.3, 3, size=(12, 1))
    return rng.poisson(rng.gamma(0.4, 60, size=GENES) * depth).astype(float)


@pytest.mark.parametrize(("base", "name"), [(2.0, "log2_counts1"), (math.e, "ln_counts1"), (10.0, "log10_counts1")])
@pytest.mark.parametrize("digits", [3, 5, 8])
def test_logarithms_of_counts(counts, base, name, digits):
    values = np.round(np.log(counts + 1) / math.log(base), digits).astype(np.float32)
    found = detect_scale(values)
    assert found.scale.name == name and "whole numbers" in found.why


@pytest.mark.parametrize(
    ("base", "name"), [(2.0, "log2_expression1"), (math.e, "ln_expression1"), (10.0, "log10_expression1")]
)
@pytest.mark.parametrize("total", [1e4, 123456.0])
def test_logarithms_of_values_scaled_to_one_sum(counts, base, name, total):
    scaled = counts / counts.sum(axis=1, keepdims=True) * total
    found = detect_scale((np.log(scaled + 1) / math.log(base)).astype(np.float32))
    assert found.scale.name == name and f"sums to {total:.4g} in each sample" in found.why


def test_other_logarithms_stay_open(counts):
    """Of reads divided by the genes' lengths, those of one gene make steps, and those of a sample none."""
    scaled = counts / counts.sum(axis=1, keepdims=True) * 1e4 * np.random.default_rng(1).uniform(0.5, 2, size=(12, 1))
    values = np.log2(scaled + 1).astype(np.float32)
    assert undo_logarithm(values) is None and detect_scale(values).scale.name == "log2_expression1"
    values = np.log2(scaled / np.random.default_rng(3).lognormal(0, 0.7, GENES) + 1).astype(np.float32)
    assert undo_logarithm(values) is None and detect_scale(values).scale.name == "log2_expression"


@pytest.mark.parametrize(("base", "factor"), [(None, 1 / math.log(2)), (2, 1.0), (10, math.log2(10))])
def test_scanpys_log1p_says_its_base(normalize, tmp_path, counts, base, factor):
    """A selection of genes no longer sums to anything, so only the file can tell."""
    from clrna.genes.table import load_gene_table

    table = load_gene_table()
    genes = list(table.symbol[:GENES])
    scaled = counts / np.random.default_rng(3).lognormal(0, 0.7, GENES)
    scaled = scaled / scaled.sum(axis=1, keepdims=True) * 1e4
    some = np.log1p(scaled)[:, ::3] * (1 if base is None else 1 / math.log(base))
    adata = AnnData(pd.DataFrame(some, index=[f"s{n}x" for n in range(12)], columns=genes[::3]))
    adata.uns["log1p"] = {} if base is None else {"base": base}
    adata.write_h5ad(tmp_path / "a.h5ad")
    result = normalize(tmp_path / "a.h5ad")
    assert set(result.adata.obs["scale"]) == {"log2_expression"}
    wanted = pd.DataFrame(some * factor, columns=genes[::3])[result.adata.var_names]
    np.testing.assert_allclose(result.adata.X, wanted, rtol=1e-5)
    assert "uns['log1p'] says" in result.log


def test_a_layer_of_counts_beside_log1p_is_counts(normalize, tmp_path, counts):
    from clrna.genes.table import load_gene_table

    genes = list(load_gene_table().symbol[:GENES])
    adata = AnnData(pd.DataFrame(np.log1p(counts), index=[f"s{n}x" for n in range(12)], columns=genes))
    adata.layers["counts"] = counts
    adata.uns["log1p"] = {"base": None}
    adata.write_h5ad(tmp_path / "a.h5ad")
    from_layer = normalize(tmp_path / "a.h5ad", "--layer", "counts", output="layer.h5ad")
    assert set(from_layer.adata.obs["scale"]) == {"log2_tpm1"}
    from_x = normalize(tmp_path / "a.h5ad", output="x.h5ad")
    np.testing.assert_allclose(from_x.adata.X, from_layer.adata.X, atol=1e-3)
    assert anndata.read_h5ad(from_x.path).shape == from_layer.adata.shape


@pytest.mark.parametrize("floor", [4.0, 25.0, 32.0])
def test_a_floor_that_is_whole_makes_no_counts(counts, floor):
    """Zeros become one number, as in DESeq2's vst; of the others hardly one is whole."""
    scaled = counts / np.random.default_rng(2).uniform(0.6, 1.6, size=(12, 1))
    assert (counts == 0).mean() > 0.1
    found = detect_scale(np.log2(scaled + floor).astype(np.float32))
    assert found.scale.unit == "expression" and "whole multiples" in found.why


def test_a_slip_in_one_value_is_named(normalize, tmp_path, counts):
    """It would have had all other values logged a second time."""
    logs = pd.DataFrame(np.log2(counts / counts.sum(axis=1, keepdims=True) * 1e6 + 1)).T
    logs.index = pd.Index(load_gene_table().symbol[2000 : 2000 + GENES], name="gene")
    logs.columns = [f"case-{number}" for number in range(logs.shape[1])]
    logs.iloc[7, 2] = 5000
    path = tmp_path / "m.tsv"
    logs.to_csv(path, sep="\t")
    error = normalize(path, "--min-class-size", 1).error
    assert f"gene {logs.index[7]} of sample case-2 is 5000 where all others look like logarithms" in error
    assert "--input-scale" in error
    assert "the largest is 5000" in normalize(path, "--input-scale", "log2_cpm1").error
    logs.iloc[7, 2] = 5
    logs.to_csv(path, sep="\t")
    assert normalize(path, "--min-class-size", 1).adata.obs["scale"].tolist() == ["log2_cpm1"] * 12


@pytest.mark.parametrize(("base", "name"), [(2.0, "log2_counts1"), (math.e, "ln_counts1")])
@pytest.mark.parametrize("digits", [2, 3])
def test_logarithms_of_counts_with_few_decimals(counts, base, name, digits):
    values = np.round(np.log1p(counts) / math.log(base), digits).astype(np.float32)
    found = undo_logarithm(values)
    assert found is not None and found.scale.name == name
    fractions = np.round(np.log1p(counts * 1.37) / math.log(base), digits).astype(np.float32)
    found = undo_logarithm(fractions)
    assert found is None or found.scale.unit != "counts"
