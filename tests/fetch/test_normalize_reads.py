"""What clrna-fetch writes is what clrna-normalize takes, source by source."""

import anndata
import numpy as np
import pytest

from clrna.cli.fetch import main as fetch
from clrna.cli.normalize import main as normalize

# Sources with samples enough in their fixture to show something; words for clrna-normalize.
CASES = {
    "modac-combined": ("log2_expression", []),
    "ccle": ("log2_tpm1", []),
    "ccle-later": ("log2_tpm1", []),
    "ctrp": ("log2_tpm1", []),
    "gcsi": ("log2_tpm1", []),
    "gdsc": ("log2_tpm1", []),
    "gdsc-array": ("log2_intensity", []),
    "nci60": ("log2_fpkm1", []),
    "gdc": ("log2_tpm1", ["--layer", "tpm", "--input-scale", "tpm"]),
    "pdmr": ("log2_tpm1", []),
}


@pytest.mark.parametrize("name", CASES)
def test_normalize_takes_it(name, published, tmp_path):
    raw, output = tmp_path / "raw.h5ad", tmp_path / "normalized.h5ad"
    projects = ["--projects", "TCGA-KIRC"] if name == "gdc" else []
    assert fetch([name, "-o", str(raw), "--from", str(published(name)), "-q", *projects]) == 0
    scale, words = CASES[name]
    assert normalize([str(raw), "-o", str(output), "-q", "--min-class-size", "1", *words]) == 0
    before, after = anndata.read_h5ad(raw), anndata.read_h5ad(output)
    assert set(after.obs_names) == set(before.obs_names) and set(after.obs["scale"]) == {scale}
    assert np.isfinite(after.X).all()
    for column in ("study", "tissue", "sample_category", "donor"):
        told = before.obs[column].astype(object)
        told = told[told.notna()]
        assert after.obs.loc[told.index, column].tolist() == told.tolist(), column
