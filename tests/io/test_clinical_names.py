"""Findings of the clinic that are named as genes are kept in obs, and change neither scale nor expression."""

import numpy as np
import pandas as pd
import pytest

from clrna.io.tables import read_expression
from clrna.scale.scale_detection import detect_scale

GENES = (
    "TP53 MYC BRCA1 PTEN RB1 GAPDH ACTB CDK4 CDK6 MDM2 HRAS BRAF ALK ROS1 MET ERBB2 ERBB3 KIT FLT3 JAK2 ESR1 PGR "
    "KLK3 MUC16 CEACAM5 MKI67 CD274"
).split()
N = 12
FINDINGS = {
    "PSA": np.round(np.linspace(0.5, 300, N), 1),
    "CA125": np.round(np.linspace(5, 30, N), 1),
    "CA15-3": np.arange(10, 10 + N),
    "HER2": np.array([0, 1] * (N // 2)),
    "ER": np.array([0, 1] * (N // 2)),
    "PR": np.array([0, 0, 1] * (N // 3)),
    "CEA": np.round(np.linspace(1, 9, N), 2),
    "AFP": np.round(np.geomspace(2.5, 20_000, N), 1),
    "p53": np.array([3, 2, 1, 0] * (N // 4)),
    "PD-L1": np.array([0, 1, 50, 90] * (N // 4)),
    "KRAS": np.array([1, 0] * (N // 2)),
    "EGFR": np.array([0, 1, 1] * (N // 3)),
}


@pytest.fixture
def tpm() -> pd.DataFrame:
    """TPM of samples x genes."""
    values = np.random.default_rng(3).lognormal(4, 2, size=(N, len(GENES)))
    values[::3, 5] = 0
    frame = pd.DataFrame(values, index=[f"patient-{chr(97 + row)}" for row in range(N)], columns=GENES)
    return frame.div(frame.sum(axis=1), axis=0) * 1e6


def with_findings(expression: pd.DataFrame, names: list[str], place: int) -> pd.DataFrame:
    wide = expression.copy()
    for name in names:
        wide.insert(place, name, FINDINGS[name], allow_duplicates=True)
    return wide


@pytest.mark.parametrize("in_rows", [True, False])
@pytest.mark.parametrize("place", [0, len(GENES)])
@pytest.mark.parametrize("names", [*([name] for name in FINDINGS), list(FINDINGS)], ids="+".join)
def test_beside_logarithms(tmp_path, tpm, names, place, in_rows):
    logs = np.log2(tpm + 1).round(5)
    wide = with_findings(logs, names, place)
    path = tmp_path / "m.csv"
    (wide if in_rows else wide.T).to_csv(path, index_label="id")
    adata = read_expression(path)
    assert adata.var_names.tolist() == GENES
    np.testing.assert_allclose(adata.X, logs, atol=1e-6)
    for name in names:
        np.testing.assert_allclose(adata.obs[name].astype(float), FINDINGS[name], rtol=1e-6)
    assert detect_scale(adata.X).scale.name == "log2_tpm1"


def test_beside_counts(tmp_path, tpm):
    counts = (tpm / 100).round().astype(int) + 500
    wide = with_findings(counts, ["ER", "PR", "HER2", "PSA", "p53"], 0)
    path = tmp_path / "m.csv"
    wide.to_csv(path, index_label="id")
    adata = read_expression(path)
    assert adata.var_names.tolist() == GENES and detect_scale(adata.X).scale.name == "counts"
    np.testing.assert_array_equal(adata.X, counts)


def test_a_share_named_as_a_gene_among_other_findings(tmp_path, tpm):
    wide = np.log2(tpm + 1)
    for name, values in (("purity", 0.5), ("FGA", np.linspace(0, 0.9, N)), ("age", 60)):
        wide[name] = values
    path = tmp_path / "m.csv"
    wide.to_csv(path, index_label="id")
    adata = read_expression(path)
    assert adata.var_names.tolist() == GENES and {"purity", "FGA", "age"} <= set(adata.obs)


def test_such_names_that_hold_expression_are_genes(tmp_path, tpm):
    logs = np.log2(tpm + 1).rename(columns={"ERBB2": "HER2", "MYC": "AFP", "PTEN": "EGFR", "KIT": "FGA"})
    path = tmp_path / "m.csv"
    logs.to_csv(path, index_label="id")
    assert read_expression(path).var_names.tolist() == logs.columns.tolist()


def test_a_gene_that_hardly_any_sample_has_is_a_gene(tmp_path, tpm):
    """Logarithms of counts are whole where these are 0 and 1, in any gene."""
    counts = (tpm / 1000).round()
    counts["AFP"], counts["GAPDH"], counts["KIT"] = [0, 1] * (N // 2), [1, 0] * (N // 2), [0, 0, 1] * (N // 3)
    path = tmp_path / "m.csv"
    np.log2(counts + 1).to_csv(path, index_label="id")
    assert set(read_expression(path).var_names) == {*GENES, "AFP"}


def test_a_gene_that_is_hardly_counted_is_a_gene_where_others_are_so(tmp_path, tpm):
    """AFP, CRP and FGA are the liver's: other tissues have none of them in deep libraries, too."""
    counts = (tpm / 100).round().astype(int) + 500
    counts["AFP"], counts["CRP"] = [0, 3] * (N // 2), [1, 0] * (N // 2)
    counts.to_csv(tmp_path / "m.csv", index_label="id")
    assert not {"AFP", "CRP"} & set(read_expression(tmp_path / "m.csv").var_names)
    counts["GAGE1"] = [2, 0] * (N // 2)
    counts.to_csv(tmp_path / "m.csv", index_label="id")
    assert read_expression(tmp_path / "m.csv").var_names.tolist() == [*GENES, "AFP", "CRP", "GAGE1"]
