"""Columns beside the samples that put these together are no samples; a first column that is one stays one."""

import numpy as np
import pandas as pd
import pytest

from clrna.genes import load_gene_table
from clrna.io.matrix.aggregate_columns import aggregates
from clrna.io.tables import read_expression

SAMPLES = ["T1", "T2", "T3", "N1", "N2"]


@pytest.fixture
def tpm() -> pd.DataFrame:
    genes = list(load_gene_table().symbol)[:300]
    values = np.random.default_rng(3).lognormal(2, 1.5, (len(genes), len(SAMPLES))).round(3)
    return pd.DataFrame(values, index=pd.Index(genes, name="gene"), columns=SAMPLES)


@pytest.mark.parametrize("log", [False, True])
def test_means_and_deviations_of_groups_are_no_samples(tmp_path, tpm, log):
    frame = np.log2(tpm + 1).round(4) if log else tpm
    tumors = frame[["T1", "T2", "T3"]]
    more = {
        "Mean_Tumor": tumors.mean(axis=1), "avg.normal": frame[["N1", "N2"]].mean(axis=1),
        "TumorSD": tumors.std(axis=1), "Median of all": frame.median(axis=1), "tumor max": tumors.max(axis=1),
        "n_expressed": (frame > 1).sum(axis=1), "sum": frame.sum(axis=1),
    }  # fmt: skip
    frame.assign(**{name: column.round(4) for name, column in more.items()}).to_csv(tmp_path / "m.csv")
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == SAMPLES and set(more) <= set(adata.var)
    assert adata.X[1, 7] == np.float32(frame.iloc[7, 1])


def test_a_sample_that_is_called_as_a_mean_stays_one(tmp_path, tpm):
    names = ["Mean_1", "MAX", "SD_2", "N1", "N2"]
    tpm.set_axis(names, axis=1).drop(columns="MAX").to_csv(tmp_path / "m.csv")
    assert read_expression(tmp_path / "m.csv").obs_names.tolist() == ["Mean_1", "SD_2", "N1", "N2"]


def test_a_sample_among_hundreds_is_no_mean_for_lying_between_them():
    values = np.random.default_rng(5).lognormal(2, 1, (500, 400))
    names = ["Mean_1", "MAX-7", "min 3", *[f"S{number}" for number in range(397)]]
    assert not aggregates(names, values, np.zeros(400, dtype=bool)).any()


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("at", [1, 5])
def test_genes_named_by_a_later_column_leave_the_first_a_sample(tmp_path, tpm, whole, at):
    frame = tpm.round() if whole else tpm
    frame = frame.astype(int) if whole else frame
    table = frame.reset_index(drop=True)
    table.insert(at, "Gene", tpm.index)
    table.to_csv(tmp_path / "m.tsv", sep="\t", index=False)
    adata = read_expression(tmp_path / "m.tsv")
    assert adata.obs_names.tolist() == SAMPLES and adata.var_names.tolist() == tpm.index.tolist()
    assert np.array_equal(adata.X, frame.to_numpy(dtype=np.float32).T)


@pytest.mark.parametrize("name", ["", "ProbeID", "Entrez", "number"])
def test_numbers_of_rows_and_genes_in_the_first_column_are_no_sample(tmp_path, tpm, name):
    table = tpm.reset_index()
    table.insert(0, name, np.arange(7896736, 7896736 + len(table)))
    table.to_csv(tmp_path / "m.csv", index=False)
    assert read_expression(tmp_path / "m.csv").obs_names.tolist() == SAMPLES


def test_rows_that_put_the_samples_together_are_none(tmp_path, tpm):
    table = tpm.T.rename_axis("sample")
    for name, row in {"Mean": tpm.mean(axis=1), "SD": tpm.std(axis=1), "median": tpm.median(axis=1)}.items():
        table.loc[name] = row.round(4)
    table.to_csv(tmp_path / "m.csv")
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == SAMPLES and adata.X[2, 5] == np.float32(tpm.iloc[5, 2])
    table.rename({"Mean": "Mean_1", "N1": "SD", "SD": "N1"}).drop(["Mean_1", "N1", "median"]).to_csv(tmp_path / "s.csv")
    assert read_expression(tmp_path / "s.csv").obs_names.tolist() == ["T1", "T2", "T3", "SD", "N2"]
