"""clrna-normalize on files: what comes out obeys the contract and is right."""

import json

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData
from scipy import sparse

from clrna.constants import CONTRACT_VERSION, SAMPLE_CATEGORIES, SCALES, SPLITS
from clrna.io import contract
from clrna.io.provenance import read_records
from clrna.normalize.pipeline import OWNED_OBS
from clrna.simulate_files import RawFile

COUNTS = RawFile("counts", "ensembl_version", "tsv.gz", samples_in_rows=False)
LOGS = RawFile("log2_tpm1", "previous", "csv.zst")
RATIOS = RawFile("log2_ratio", "entrez", "parquet", samples_in_rows=False)


def test_three_studies_in_three_forms(normalize, raw_files, simulated):
    *files, metadata = raw_files(COUNTS, LOGS, RATIOS)
    result = normalize(*files, "--metadata", metadata)
    adata = result.adata
    assert adata.shape == simulated.shape
    assert adata.var_names.tolist() == sorted(simulated.var_names)
    assert adata.obs_names.tolist() == simulated.obs_names.tolist()
    for column in ("study", "tissue", "tumor_type", "sample_category", "donor"):
        assert adata.obs[column].astype(str).tolist() == simulated.obs[column].astype(str).tolist(), column
    assert adata.obs.groupby("study", observed=True)["scale"].first().tolist() == [
        "log2_tpm1", "log2_expression", "log2_ratio",
    ]  # fmt: skip
    logs = (adata.obs["study"] == "SIM2").to_numpy()
    wanted = simulated[adata.obs_names[logs], adata.var_names].X
    np.testing.assert_allclose(adata.X[logs], wanted, rtol=1e-6)
    assert adata.var["original_id"].str.split(";").map(len).max() >= 3


def test_the_file_obeys_the_contract(normalize, raw_files):
    *files, metadata = raw_files(COUNTS, LOGS)
    adata = normalize(*files, "--metadata", metadata).adata
    assert adata.X.dtype == np.float32 and np.isfinite(adata.X).all()
    assert list(adata.obs.columns[: len(OWNED_OBS)]) == list(OWNED_OBS)
    assert set(adata.obs["split"]) == set(SPLITS)
    assert set(adata.obs["scale"]) <= set(SCALES)
    assert set(adata.obs["sample_category"]) <= set(SAMPLE_CATEGORIES)
    assert {"ensembl_id", "entrez_id", "original_id"} <= set(adata.var.columns)
    assert adata.uns["clrna"]["contract_version"] == CONTRACT_VERSION
    contract.check(adata, files[0], columns=OWNED_OBS, values=adata.X, scale=True)
    assert adata.obs.groupby("donor", observed=True)["split"].nunique().max() == 1


def test_provenance_says_what_was_done(normalize, raw_files):
    *files, metadata = raw_files(COUNTS, LOGS)
    (record,) = read_records(normalize(*files, "--metadata", metadata, "--seed", 7).adata)
    assert record["step"] == "normalize" and record["seed"] == 7
    assert [entry["name"] for entry in record["inputs"]] == [*(path.name for path in files), metadata.name]
    assert record["facts"]["scales"]["SIM1"]["scale"] == "log2_tpm1"
    assert "whole numbers" in record["facts"]["scales"]["SIM1"]["why"]


def test_the_same_run_gives_the_same_bytes(normalize, raw_files):
    files = raw_files(COUNTS, LOGS)
    one = normalize(*files[:-1], "--metadata", files[-1], output="one.h5ad")
    two = normalize(*files[:-1], "--metadata", files[-1], output="two.h5ad")
    assert one.path.read_bytes() == two.path.read_bytes()


@pytest.mark.parametrize(("to", "scale"), [("tpm", "log2_tpm1"), ("cpm", "log2_cpm1"), ("tmm", "log2_tmm1")])
def test_counts_become_what_is_asked_for(normalize, raw_files, to, scale):
    *files, metadata = raw_files(COUNTS)
    adata = normalize(*files, "--metadata", metadata, "--counts-to", to).adata
    assert set(adata.obs["scale"]) == {scale}
    sums = (np.exp2(adata.X.astype(float)) - 1).sum(axis=1)
    np.testing.assert_allclose(sums, 1e6, rtol=1e-4 if to != "tmm" else 0.5)


def test_counts_to_tpm_gives_back_what_was_sequenced(normalize, raw_files, simulated):
    *files, metadata = raw_files(COUNTS)
    adata = normalize(*files, "--metadata", metadata).adata
    truth = simulated[adata.obs_names, adata.var_names].X
    truth = np.exp2(truth.astype(float)) - 1
    truth = truth / truth.sum(axis=1, keepdims=True) * 1e6
    high = truth > 2000
    np.testing.assert_allclose((np.exp2(adata.X.astype(float)) - 1)[high], truth[high], rtol=0.3)


def test_cpm_counts_reads_of_genes_that_are_lost(normalize, tmp_path):
    path = tmp_path / "A.tsv"
    path.write_text("gene\ts1\ts2\nTP53\t100\t50\nEGFR\t300\t150\nNOGENE.1\t600\t800\n")
    adata = normalize(path, "--counts-to", "cpm", "--gene-id", "symbol").adata
    expected = np.log2(np.array([[300, 100], [150, 50]]) / 1000 * 1e6 + 1)
    np.testing.assert_allclose(adata.X, expected, rtol=1e-6)


def test_genes_without_length_are_left_out_of_tpm_and_listed(normalize, tmp_path):
    from clrna.genes import load_gene_table

    table = load_gene_table()
    nameless = table.symbol[~np.isfinite(table.exonic_length)][0]
    path = tmp_path / "A.tsv"
    path.write_text(f"gene\ts1\ts2\nTP53\t100\t50\nEGFR\t300\t150\n{nameless}\t600\t800\n")
    result = normalize(path, "--gene-report", tmp_path / "genes.tsv")
    assert result.adata.var_names.tolist() == ["EGFR", "TP53"] and f"({nameless})" in result.log
    report = pd.read_csv(tmp_path / "genes.tsv", sep="\t")
    assert report.set_index("original_id").loc[nameless, "outcome"] == "no length"


def test_reports(normalize, raw_files, tmp_path):
    *files, metadata = raw_files(COUNTS, RawFile("log2_tpm1", "previous", "tsv", missing_genes=0.1, missing_values=9))
    paths = {name: tmp_path / f"{name}.tsv" for name in ("gene", "label", "study")}
    words = [word for name, path in paths.items() for word in (f"--{name}-report", path)]
    adata = normalize(*files, "--metadata", metadata, *words).adata
    gene, label, study = (pd.read_csv(path, sep="\t") for path in paths.values())
    assert set(gene["outcome"]) == {"kept", "renamed", "not in every study"} and len(gene) == 380
    assert (gene["outcome"] == "not in every study").sum() == 20 and adata.n_vars == 180
    assert set(label["kind"]) == {"tissue", "tumor_type", "sample_category"}
    assert label.loc[label["kind"] == "tissue", "n"].sum() == adata.n_obs
    study = study.set_index("study")
    assert study.loc["SIM2", "values_filled"] == 9 and study.loc["SIM1", "genes_known"] == 200
    assert study["samples"].tolist() == [36, 36] and study.filter(like="tissue: ").sum().sum() == 72
    assert study.loc["SIM1", ["train", "valid", "test"]].sum() == 36
    assert study["donors_in_other_studies"].tolist() == [9, 9]


def test_missing_values_become_the_median_of_the_study(normalize, tmp_path):
    values = np.array([[1.5, 2.5], [np.nan, 3.5], [5.5, np.inf], [2.5, 4.5]])
    for study, shift in (("A", 0.0), ("B", 10.0)):
        frame = pd.DataFrame(values + shift, index=[f"{study}{row}" for row in range(4)], columns=["TP53", "EGFR"])
        frame.to_csv(tmp_path / f"{study}.tsv", sep="\t", index_label="sample")
    result = normalize(tmp_path / "A.tsv", tmp_path / "B.tsv", "--input-scale", "log2_intensity")
    adata = result.adata
    assert adata["A1", "TP53"].X.item() == 2.5 and adata["B1", "TP53"].X.item() == 12.5
    assert adata["A2", "EGFR"].X.item() == 3.5 and adata["B2", "EGFR"].X.item() == 13.5
    assert "2 values of 2 genes are not finite (most in TP53 1, EGFR 1)" in result.log


def test_a_gene_without_any_value_is_lost_for_its_study(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("sample\tTP53\tEGFR\tMYC\na\tNA\t3.5\t1.0\nb\tNA\t4.5\t2.5\nc\t\t5.5\t0.0\n")
    result = normalize(tmp_path / "A.tsv", "--gene-report", tmp_path / "g.tsv")
    assert result.adata.var_names.tolist() == ["EGFR", "MYC"] and "1 gene has no value" in result.log
    report = pd.read_csv(tmp_path / "g.tsv", sep="\t").set_index("original_id")
    assert report.loc["TP53", "outcome"] == "no value"


def test_zeros_of_a_logarithm_without_pseudo_count(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("sample\tTP53\tEGFR\na\t-inf\t3\nb\t1.5\t-Inf\nc\t2.5\t5\n")
    adata = normalize(tmp_path / "A.tsv", "--input-scale", "log2_tpm0").adata
    assert adata["a", "TP53"].X.item() == 0.0 and adata["c", "EGFR"].X.item() == pytest.approx(np.log2(33))


DUPLICATES = "gene\ts1\ts2\nTP53\t{}\nENSG00000141510.18\t{}\nEGFR\t0.5\t0.5\n"


@pytest.mark.parametrize(
    ("rule", "scale", "rows", "expected"),
    [
        ("auto", "tpm", ("3\t8", "1\t8"), np.log2([5, 17])),
        ("auto", "log2_tpm1", ("3\t8", "1\t7"), [2, 7.5]),
        ("auto", "intensity", ("3\t7", "1\t1"), [1.5, 2]),
        ("sum", "log2_tpm1", ("1\t0", "2\t3"), np.log2([5, 8])),
        ("mean", "tpm", ("3\t8", "1\t6"), np.log2([3, 8])),
        ("max", "log2_intensity", ("3\t5", "1\t8"), [1, 8]),
    ],
)
def test_columns_of_one_gene_are_merged(normalize, tmp_path, rule, scale, rows, expected):
    (tmp_path / "A.tsv").write_text(DUPLICATES.format(*rows))
    result = normalize(
        tmp_path / "A.tsv", "--duplicates", rule, "--input-scale", scale, "--gene-report", tmp_path / "genes.tsv"
    )
    adata = result.adata if result.status == 0 else pytest.fail(result.log)
    np.testing.assert_allclose(adata[:, "TP53"].X.ravel(), expected, rtol=1e-6)
    assert adata.var.loc["TP53", "original_id"] == "ENSG00000141510.18;TP53"
    report = pd.read_csv(tmp_path / "genes.tsv", sep="\t")
    assert (report["outcome"] == "merged").sum() == 2


def test_everything_else_in_a_single_file_is_kept(normalize, tmp_path, simulated):
    adata = simulated[simulated.obs["study"] == "SIM1"].copy()
    adata = adata[:, adata.var_names[::-1]].copy()
    del adata.uns["clrna"]
    adata.obs = adata.obs.drop(columns=["scale", "split"]).assign(age=np.arange(36), note="a note", flag=True)
    adata.var = adata.var.drop(columns=["ensembl_id", "entrez_id"]).assign(chromosome="1", length=np.arange(200))
    adata.obsm["X_umap"] = np.arange(72, dtype=np.float32).reshape(36, 2)
    adata.layers["half"] = sparse.csr_matrix(adata.X / 2)
    adata.uns["origin"] = {"url": "here", "numbers": np.arange(3)}
    adata.obsp["distances"] = sparse.eye(36, format="csr")
    adata.varm["PCs"] = np.zeros((200, 2))
    adata.raw = adata[:, :7].copy()
    adata.X = sparse.csr_matrix(adata.X)
    adata.write_h5ad(tmp_path / "A.h5ad")
    outcome = normalize(tmp_path / "A.h5ad")
    result = outcome.adata
    assert "A.h5ad: PCs left out" in outcome.log and result.obsp["distances"].shape == (36, 36)
    assert result.obs["age"].tolist() == list(range(36)) and result.obs["flag"].dtype == bool
    np.testing.assert_array_equal(result.obsm["X_umap"], adata.obsm["X_umap"])
    np.testing.assert_array_equal(result.layers["half"].toarray() * 2, result.X)
    assert result.uns["origin"]["url"] == "here" and result.uns["origin"]["numbers"].tolist() == [0, 1, 2]
    assert result.raw.var_names.tolist() == adata.raw.var_names.tolist()
    assert result.var["length"].tolist() == [int(adata.var["length"][name]) for name in result.var_names]
    assert result.var["original_id"].tolist() == result.var_names.tolist()


def test_a_layer_is_read_in_place_of_x(normalize, tmp_path, simulated):
    adata = simulated[simulated.obs["study"] == "SIM1"].copy()
    del adata.uns["clrna"]
    del adata.obs["scale"]
    adata.layers["logs"] = adata.X.copy()
    adata.X = np.round(np.exp2(adata.X))
    adata.write_h5ad(tmp_path / "A.h5ad")
    result = normalize(tmp_path / "A.h5ad", "--layer", "logs").adata
    np.testing.assert_array_equal(result.X, adata[:, result.var_names].layers["logs"])


def test_several_studies_in_one_file_keep_the_order_of_samples(normalize, tmp_path, simulated):
    order = np.random.default_rng(0).permutation(simulated.n_obs)
    mixed = simulated[order].copy()
    del mixed.uns["clrna"]
    del mixed.obs["scale"]
    mixed.obsm["X_umap"] = np.arange(2.0 * mixed.n_obs).reshape(-1, 2)
    mixed.layers["again"] = mixed.X.copy()
    mixed.write_h5ad(tmp_path / "all.h5ad")
    adata = normalize(tmp_path / "all.h5ad").adata
    assert adata.obs_names.tolist() == mixed.obs_names.tolist()
    np.testing.assert_array_equal(adata.X, mixed[:, adata.var_names].X)
    np.testing.assert_array_equal(adata.layers["again"], adata.X)
    assert adata.obs["study"].astype(str).tolist() == mixed.obs["study"].astype(str).tolist()
    np.testing.assert_array_equal(adata.obsm["X_umap"], mixed.obsm["X_umap"])


def test_modac_pair(normalize, test_data):
    folder = test_data / "simulated"
    adata = normalize(folder / "combined_rnaseq_data", folder / "combined_cl_metadata").adata
    assert adata.shape == (96, 100) and set(adata.obs["study"]) == {"SIM1", "SIM2"}
    assert set(adata.obs["scale"]) == {"log2_expression"}
    truth = anndata.read_h5ad(folder / "merged.h5ad")[adata.obs_names]
    for column in ("tissue", "tumor_type", "sample_category"):
        assert adata.obs[column].astype(str).tolist() == truth.obs[column].astype(str).tolist(), column
    other = normalize(folder / "combined_rnaseq_data", "--metadata", folder / "combined_cl_metadata", output="2.h5ad")
    assert np.array_equal(other.adata.X, adata.X) and other.adata.obs.equals(adata.obs)


def test_files_of_one_sample_each_become_one_study(normalize, tmp_path):
    rng = np.random.default_rng(0)
    genes = ["TP53", "EGFR", "MYC", "KRAS"]
    for number in range(5):
        lines = "".join(f"{gene}\t{value}\n" for gene, value in zip(genes, rng.poisson(50, 4), strict=True))
        (tmp_path / f"c{number}.tsv").write_text(f"gene\tc{number}\n{lines}")
    files = sorted(tmp_path.glob("c*.tsv"))
    adata = normalize(*files, "--study", ",".join(["A"] * 5), "--counts-to", "tmm").adata
    assert adata.shape == (5, 4) and set(adata.obs["study"]) == {"A"} and set(adata.obs["scale"]) == {"log2_tmm1"}


def test_metadata_reports_what_found_no_partner(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("sample\tTP53\tEGFR\na-1\t1.5\t2.5\nb-1\t3.5\t4.5\nc-1\t2.5\t0\n")
    (tmp_path / "meta.csv").write_text("name,primary_site\na.1,Lung\nb.1,Breast\nzz,Skin\n")
    result = normalize(tmp_path / "A.tsv", "--metadata", tmp_path / "meta.csv", "--min-class-size", 1)
    assert result.adata.obs["tissue"].astype(object).tolist()[:2] == ["Lung", "Breast"]
    assert "1 row has no sample in the expression data ('zz')" in result.log
    assert "1 sample has no metadata ('c-1')" in result.log


def test_raw_labels_that_are_not_known_are_unlabelled_and_listed(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("sample\tTP53\tEGFR\na\t1.5\t2.5\nb\t3.5\t4.5\nc\t2.5\t0\n")
    (tmp_path / "meta.csv").write_text("name,primary_site\na,Lung\nb,Blorgh\nc,\n")
    words = (tmp_path / "A.tsv", "--metadata", tmp_path / "meta.csv", "--min-class-size", 1)
    result = normalize(*words, "--label-report", tmp_path / "labels.tsv")
    assert result.adata.n_obs == 3 and result.adata.obs["tissue"].isna().tolist() == [False, True, True]
    assert result.adata.obs["tissue_raw"].astype(object).tolist()[:2] == ["Lung", "Blorgh"]
    assert "'Blorgh' 1" in result.log
    report = pd.read_csv(tmp_path / "labels.tsv", sep="\t").set_index("raw")
    assert report.loc["Blorgh", "status"] == "unlabelled" and report.loc["Lung", "status"] == "mapped"
    (tmp_path / "map.tsv").write_text("raw\ttissue\ttumor_type\nBlorgh\tSkin\tMEL\n")
    mapped = normalize(*words, "--label-map", tmp_path / "map.tsv", output="2.h5ad").adata
    assert mapped.obs["tissue"].astype(object).tolist()[:2] == ["Lung", "Skin"]


def test_category_is_said_once_for_all(normalize, raw_files):
    *files, _ = raw_files(LOGS)
    result = normalize(*files, "--category", "organoid")
    assert set(result.adata.obs["sample_category"]) == {"organoid"}
    assert "have no sample category" in normalize(*files, output="2.h5ad").log


def test_small_classes_become_unlabelled_and_can_be_had_back(normalize, tmp_path, simulated):
    adata = simulated[simulated.obs["study"] == "SIM1"].copy()
    adata = adata[(adata.obs["tissue"] != "Lung").to_numpy() | (np.arange(36) % 3 == 0)].copy()
    adata.write_h5ad(tmp_path / "A.h5ad")
    small = normalize(tmp_path / "A.h5ad", output="small.h5ad")
    assert "1 class with fewer than 5 samples becomes unlabelled: Lung 4" in small.log
    assert small.adata.obs["tissue"].isna().sum() == 4 and (small.adata.obs["tissue_all"] == "Lung").sum() == 4
    again = normalize(small.path, "--min-class-size", 2).adata
    assert (again.obs["tissue"] == "Lung").sum() == 4


def test_split_by_study_takes_shared_donors_along(normalize, raw_files):
    *files, metadata = raw_files(LOGS, LOGS, LOGS)
    result = normalize(*files, "--metadata", metadata, "--split-by-study", "SIM3")
    obs = result.adata.obs
    assert set(obs.loc[obs["study"] == "SIM3", "split"]) == {"test"}
    donors = set(obs.loc[obs["study"] == "SIM3", "donor"])
    assert set(obs.loc[obs["donor"].isin(donors), "split"]) == {"test"}
    assert "36 samples of SIM3 are test, and 18 samples of the same donors in other studies" in result.log
    assert (obs["split"] == "train").sum() > 30


def test_confounding_is_named(normalize, tmp_path, simulated):
    tissues = {"SIM1": ["Breast"], "SIM2": ["Lung", "Bowel"], "SIM3": ["Bowel"]}
    for study, names in tissues.items():
        chosen = (simulated.obs["study"] == study) & simulated.obs["tissue"].isin(names)
        simulated[chosen.to_numpy()].copy().write_h5ad(tmp_path / f"{study}.h5ad")
    log = normalize(*sorted(tmp_path.glob("SIM*.h5ad"))).log
    assert "2 of 3 values of tissue stand in one study only" in log and "Breast (SIM1), Lung (SIM2)" in log
    assert "study SIM1 shares no tissue with another study" in log and "study SIM3 shares no" not in log


def test_sample_names_of_several_studies_are_told_apart(normalize, tmp_path):
    for study, shift in (("A", 0), ("B", 1)):
        text = f"sample\tTP53\tEGFR\nx\t{1.5 + shift}\t2.5\nonly{study}\t{3.5 - shift}\t4.5\n"
        (tmp_path / f"{study}.tsv").write_text(text)
    result = normalize(tmp_path / "A.tsv", tmp_path / "B.tsv")
    assert result.adata.obs_names.tolist() == ["A.x", "onlyA", "B.x", "onlyB"]


def test_union_fills_and_remembers_what_was_measured(normalize, raw_files, simulated):
    *files, metadata = raw_files(LOGS, RawFile("log2_tpm1", missing_genes=0.2))
    adata = normalize(*files, "--metadata", metadata, "--genes", "union").adata
    assert adata.n_vars == 200
    assert adata.var["measured_in_SIM1"].all() and (~adata.var["measured_in_SIM2"]).sum() == 40
    filled = adata.var_names[~adata.var["measured_in_SIM2"]]
    here = (adata.obs["study"] == "SIM2").to_numpy()
    means = adata[~here, filled].X.mean(axis=0)
    np.testing.assert_allclose(adata[here, filled].X, np.tile(means, (36, 1)), rtol=1e-5)
    assert normalize(*files, "--metadata", metadata, output="2.h5ad").adata.n_vars == 160


@pytest.mark.slow
def test_scanpy_works_on_the_file(normalize, raw_files):
    import scanpy as sc

    *files, metadata = raw_files(COUNTS, LOGS)
    adata = normalize(*files, "--metadata", metadata).adata
    sc.pp.pca(adata, n_comps=10)
    sc.pp.neighbors(adata)
    assert adata.obsp["connectivities"].shape == (72, 72)


def test_an_output_can_be_an_input_of_other_steps(normalize, raw_files, tmp_path):
    """uns survives a round trip through another program, and the chain grows."""
    *files, metadata = raw_files(COUNTS)
    first = normalize(*files, "--metadata", metadata, output="one.h5ad")
    adata = first.adata
    assert isinstance(adata, AnnData)
    adata.write_h5ad(tmp_path / "copy.h5ad")
    records = read_records(normalize(tmp_path / "copy.h5ad", output="two.h5ad").adata)
    assert [record["step"] for record in records] == ["normalize", "normalize"]
    assert json.dumps(records[0], sort_keys=True) == json.dumps(read_records(first.adata)[0], sort_keys=True)
