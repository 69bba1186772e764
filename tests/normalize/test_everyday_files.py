"""Files that people have every day: read rightly, or refused for the right reason."""

import anndata
import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.errors import InputError
from clrna.genes import load_gene_table
from clrna.io.matrix.gene_names import share_of_genes
from clrna.io.tables import read_expression
from clrna.scale.gene_effects import ESSENTIAL
from tests.normalize.conftest import GENES, counts_of

ALL = ("--min-class-size", 1)
IDS = [f"CDS-00000{row}" for row in range(4)]
MODELS = ["ACH-000001", "ACH-000001", "ACH-000002", "ACH-000003"]


@pytest.mark.parametrize("start", [0, 1])
def test_a_column_that_counts_rows_names_no_samples(normalize, tmp_path, start):
    frame = np.log2(counts_of(IDS).T + 1).round(4)
    frame.insert(0, "IsDefault", ["Yes", "No", "Yes", "Yes"])
    frame.insert(0, "ModelID", MODELS)
    frame.insert(0, "SequencingID", IDS)
    path = tmp_path / "expression.csv"
    frame.set_axis(range(start, start + 4), axis=0).to_csv(path)
    model = tmp_path / "Model.csv"
    model.write_text(
        "ModelID,PatientID,CellLineName,OncotreeLineage,ModelType\nACH-000001,PT-a0KxQ1,A549,Lung,Cell Line\n"
        "ACH-000002,PT-b1KxQ2,MCF7,Breast,Cell Line\nACH-000003,PT-c1KxQ3,HT-29,Bowel,Cell Line\n"
    )
    obs = normalize(path, "--metadata", model, *ALL).adata.obs
    assert obs.index.tolist() == IDS and obs["donor"].tolist() == ["A549", "A549", "MCF7", "HT29"]
    assert obs["tissue"].tolist() == ["Lung", "Lung", "Breast", "Bowel"]
    alone = normalize(path, output="alone.h5ad").adata.obs
    assert alone.index.tolist() == IDS and alone["donor"].nunique() == 3
    assert alone["donor"].iloc[0] == alone["donor"].iloc[1]


def test_row_numbers_stay_where_nothing_else_names_samples(tmp_path):
    counts_of(range(4)).T.to_csv(tmp_path / "m.csv")
    assert read_expression(tmp_path / "m.csv").obs_names.tolist() == ["0", "1", "2", "3"]


@pytest.mark.parametrize("scale", ["log2_tpm1", "tpm", "counts", "log2_expression"])
def test_a_sample_without_expression_is_refused(normalize, tmp_path, scale):
    frame = counts_of(["a1", "b2", "c3"]).astype(float)
    frame["b2"] = 0
    if "tpm" in scale:
        frame = frame / frame.sum().clip(lower=1) * 1e6
    if scale.startswith("log2"):
        frame = np.log2(frame + 1)
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    error = normalize(tmp_path / "m.tsv", "--input-scale", scale).error
    assert "1 sample has no expression at all ('b2'; every value is 0)" in error


def test_the_column_of_the_study_is_no_tumour_type(normalize, write_counts, tmp_path):
    table = tmp_path / "meta.csv"
    table.write_text("sample,cohort,tissue\na1,LUAD,Skin\nb2,BRCA,Skin\n")
    file = write_counts("A.tsv", ["a1", "b2"])
    obs = normalize(file, "--metadata", table, "--study-key", "cohort", *ALL).adata.obs
    assert obs["study"].tolist() == ["LUAD", "BRCA"] and obs["tumor_type"].isna().all()
    assert obs["tissue"].tolist() == ["Skin", "Skin"]


@pytest.mark.parametrize(
    ("name", "words"),
    [("m.tsv", ("--input-scale", "counts")), ("salmon.merged.gene_counts_length_scaled.tsv", ())],
    ids=["stated", "by-name"],
)
def test_counts_scaled_by_length_are_counts(normalize, tmp_path, name, words):
    frame = counts_of(["a1", "b2", "c3"]) * 1.2345 + 0.123
    frame.to_csv(tmp_path / name, sep="\t")
    counts_of(["a1", "b2", "c3"]).to_csv(tmp_path / "whole.tsv", sep="\t")
    scaled = normalize(tmp_path / name, *words).adata
    assert set(scaled.obs["scale"]) == {"log2_tpm1"}
    sums = (np.exp2(scaled.X.astype(float)) - 1).sum(axis=1)
    np.testing.assert_allclose(sums, 1e6, rtol=1e-4)
    np.testing.assert_allclose(scaled.X, normalize(tmp_path / "whole.tsv", output="w.h5ad").adata.X, atol=0.5)


def test_an_h5ad_with_layers_alone(normalize, tmp_path):
    counts = counts_of(["a1", "b2", "c3"]).T
    adata = AnnData(obs=pd.DataFrame(index=counts.index), var=pd.DataFrame(index=counts.columns), shape=counts.shape)
    adata.layers["counts"] = counts.to_numpy(dtype=np.float32)
    adata.write_h5ad(tmp_path / "a.h5ad")
    found = normalize(tmp_path / "a.h5ad", "--layer", "counts").adata
    AnnData(counts.astype(np.float32)).write_h5ad(tmp_path / "x.h5ad")
    np.testing.assert_array_equal(found.X, normalize(tmp_path / "x.h5ad", output="x_out.h5ad").adata.X)
    assert (
        "has no X; name one of its layers with --layer (counts)"
        in normalize(tmp_path / "a.h5ad", output="n.h5ad").error
    )
    assert anndata.read_h5ad(tmp_path / "a.h5ad").X is None


def test_symbol_and_entrez_number_as_r_writes_them(normalize, tmp_path):
    frame = np.log2(counts_of(["a1", "b2"]).iloc[:5].T + 1)
    frame.columns = ["TP53..7157.", "EGFR..1956.", "MYC..4609.", "BRCA1..672.", "HLA.A..3105."]
    frame.to_csv(tmp_path / "m.csv")
    assert normalize(tmp_path / "m.csv").adata.var_names.tolist() == ["BRCA1", "EGFR", "HLA-A", "MYC", "TP53"]
    assert len(GENES) == 40


def h5ad_of(path, names, **columns):
    counts = counts_of(["a", "b", "c"]).T
    var = pd.DataFrame(columns, index=pd.Index(names, dtype=object))
    AnnData(counts.to_numpy(dtype=np.float32), obs=pd.DataFrame(index=counts.index), var=var).write_h5ad(path)
    return counts


@pytest.mark.parametrize("names", ["rows", "probes"])
@pytest.mark.parametrize("column", ["gene_name", "Gene Symbol", "feature_name"])
def test_an_h5ad_whose_genes_stand_in_a_column_of_var(normalize, tmp_path, names, column):
    ids = [str(row) if names == "rows" else f"{200_000 + row}_at" for row in range(len(GENES))]
    others = {"length": np.linspace(900.0, 9000.0, len(GENES)), "kind": ["protein_coding"] * len(GENES)}
    counts = h5ad_of(tmp_path / "A.h5ad", ids, **others, **{column: GENES})
    done = normalize(tmp_path / "A.h5ad", "--counts-to", "cpm", *ALL)
    cpm = np.log2(counts.div(counts.sum(axis=1), axis=0) * 1e6 + 1)
    assert np.allclose(done.adata.to_df()[list(GENES)], cpm[list(GENES)], atol=1e-3)
    assert f"named by column {column!r} of var" in done.log


def test_a_mouse_with_a_human_gene_is_a_mouse(normalize, tmp_path):
    """A few names are written alike in both species, or are aliases (Alk of a human gene)."""
    mouse = ["TP53", *(gene.capitalize() for gene in GENES[1:])]
    h5ad_of(tmp_path / "A.h5ad", mouse)
    error = normalize(tmp_path / "A.h5ad").error
    assert "only 1 of its gene identifiers is known" in error and "mouse or rat genes" in error


def test_transcripts_without_a_table_say_what_is_missing(normalize, tmp_path):
    header = "Name\tLength\tEffectiveLength\tTPM\tNumReads\n"
    rows = "".join(f"ENST{row:011d}.1\t1000\t800.5\t{row + 0.5}\t7\n" for row in range(40))
    (tmp_path / "quant.sf").write_text(header + rows)
    error = normalize(tmp_path / "quant.sf").error
    assert "Ensembl transcripts" in error and "--gene-map" in error


@pytest.mark.parametrize("alias", ["HER2", "HER-2", "CD340"])
def test_a_symbol_wins_over_an_alias_of_its_gene(normalize, tmp_path, alias):
    counts = counts_of([f"case-{letter}" for letter in "abcd"])
    values = np.log2(counts / counts.sum() * 1e6 + 1)
    alone, both = tmp_path / "alone.tsv", tmp_path / "both.tsv"
    values.to_csv(alone, sep="\t")
    wide = values.copy()
    wide.loc[alias] = 3.25
    wide.to_csv(both, sep="\t")
    right = normalize(alone, "--min-class-size", 1, output="alone.h5ad").adata
    run = normalize(both, "--min-class-size", 1, "--gene-report", tmp_path / "genes.tsv")
    np.testing.assert_array_equal(run.adata.X, right.X)
    report = pd.read_csv(tmp_path / "genes.tsv", sep="\t", keep_default_na=False).set_index("original_id")
    if alias in report.index:  # else it was held to be a finding of the clinic
        assert f"1 alias is left out, as the gene stands there by its symbol: {alias} (ERBB2)" in run.log
        assert report.loc[alias, "outcome"] == "lost"
        assert report.loc[alias, "note"] == "alias of ERBB2, which stands there itself"
    else:
        assert f"{alias} are no genes; they are kept in obs" in run.log
    wide.drop(index="ERBB2").to_csv(both, sep="\t")
    assert "ERBB2" in normalize(both, "--min-class-size", 1).adata.var_names


def test_numbers_of_many_rows_are_no_entrez_numbers():
    """Looked at in steps, the numbers of 19,000 rows are as far apart as Entrez numbers."""
    assert share_of_genes([str(row) for row in range(19_000)]) == 0.0


@pytest.mark.parametrize("kind", ["few genes", "standardized"])
def test_what_raw_holds_besides_is_told(normalize, tmp_path, kind):
    counts = counts_of(["a", "b", "c", "d"]).T.astype(np.float32)
    adata = AnnData(counts)
    adata.raw = adata.copy()
    adata = adata[:, :30].copy() if kind == "few genes" else adata
    if kind == "standardized":
        adata.X = (adata.X - adata.X.mean(axis=0)) / adata.X.std(axis=0)
    adata.write_h5ad(tmp_path / "A.h5ad")
    assert "raw is not (40 genes); to have that, write adata.raw.to_adata()" in normalize(tmp_path / "A.h5ad").log


def test_no_name_of_a_genome_is_compared_with_each_other(normalize, tmp_path, monkeypatch):
    """numpy.isin does so with objects, which takes most of the time of a whole genome."""
    sizes = []
    isin = np.isin
    monkeypatch.setattr(np, "isin", lambda of, among, **more: sizes.append(len(among)) or isin(of, among, **more))
    names = list(load_gene_table().symbol[:2_000])
    counts_of(["a", "b", "c"], genes=[*names, "HER2"]).to_csv(tmp_path / "A.tsv", sep="\t")
    normalize(tmp_path / "A.tsv")
    assert sizes and max(sizes) < 100


def test_effects_of_crispr_are_refused(normalize, tmp_path):
    """DepMap has them in the layout of its expression."""
    genes = [*sorted(ESSENTIAL), *[symbol for symbol in load_gene_table().symbol[:500] if symbol not in ESSENTIAL]]
    random = np.random.default_rng(4)
    means = np.where(np.arange(len(genes)) < len(ESSENTIAL), -1.0, 0.0)
    frame = pd.DataFrame(
        means + random.normal(0, 0.12, (6, len(genes))),
        index=[f"ACH-00000{row}" for row in range(6)],
        columns=[f"{gene} ({number})" for number, gene in enumerate(genes)],
    )
    frame.to_csv(tmp_path / "CRISPRGeneEffect.csv")
    error = normalize(tmp_path / "CRISPRGeneEffect.csv").error
    assert "effects of knocked out genes" in error and "no expression" in error and "--input-scale" in error
    stated = normalize(tmp_path / "CRISPRGeneEffect.csv", "--input-scale", "log2_ratio")
    assert stated.adata.obs["scale"].unique().tolist() == ["log2_ratio"]


@pytest.mark.parametrize("kind", ["cg00000029", "ch.1.131529R", "cg00000029_TC21"])
def test_sites_of_methylation_are_told(normalize, tmp_path, kind):
    frame = pd.DataFrame(np.random.default_rng(0).normal(0, 3, (300, 4)), columns=["a1", "b2", "c3", "d4"])
    digits = kind.index("0000") if "0000" in kind else 5
    frame.index = [kind[:digits] + f"{row:08d}" + kind[digits + 8 :] for row in range(300)]
    if kind.startswith("ch."):
        frame.index = [f"ch.1.{row + 1000}R" for row in range(300)]
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    assert "sites of methylation (no expression)" in normalize(tmp_path / "m.tsv").error


def test_percentiles_are_no_expression(normalize, tmp_path):
    frame = counts_of([f"a{sample}" for sample in range(4)], genes=load_gene_table().symbol[:400])
    ranks = frame.rank(pct=True) * 100
    ranks.round(2).to_csv(tmp_path / "m.tsv", sep="\t")
    assert "values are percentiles" in normalize(tmp_path / "m.tsv").error


@pytest.mark.parametrize("name", ["Fold change", "T-test", "ttest p-value", "ANOVA p", "Wilcoxon p-value", "logFC"])
def test_results_of_tests_beside_samples_are_no_samples(tmp_path, name):
    frame = counts_of(["a1", "b2", "c3"])
    frame[name] = np.random.default_rng(0).random(len(frame))
    frame["Rank"] = range(1, len(frame) + 1)
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    adata = read_expression(tmp_path / "m.tsv")
    assert adata.obs_names.tolist() == ["a1", "b2", "c3"] and name in adata.var


@pytest.mark.parametrize("word", ["#DIV/0!", "#NUM!", "#VALUE!", "#REF!", "<NA>", "N.A.", "missing"])
def test_what_programs_write_where_there_is_no_number(tmp_path, word):
    frame = counts_of(["a1", "b2", "c3"]).astype(object)
    frame.iloc[30, 1] = word
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    assert np.isnan(read_expression(tmp_path / "m.tsv").X[1, 30])


@pytest.mark.parametrize("entrez", [True, False])
def test_names_that_are_numbers_beside_symbols(normalize, tmp_path, entrez):
    """Numbers of probes are Entrez numbers of other genes by chance."""
    table = load_gene_table()
    of_genes = [table.entrez_id[table.by_symbol[gene]] for gene in GENES]
    adata = AnnData(counts_of(["a1", "b2", "c3"]).T.to_numpy(np.float32))
    adata.obs_names, adata.var["feature_name"] = ["a1", "b2", "c3"], GENES
    adata.var_names = of_genes if entrez else of_genes[::-1]
    adata.write_h5ad(tmp_path / "m.h5ad")
    merged = normalize(tmp_path / "m.h5ad").adata
    assert sorted(merged.var_names) == sorted(GENES)
    right = normalize(_written(tmp_path / "right.tsv"), output="right.h5ad").adata
    np.testing.assert_allclose(merged[:, right.var_names].X, right.X, rtol=1e-5)


def _written(path):
    counts_of(["a1", "b2", "c3"]).to_csv(path, sep="\t")
    return path


@pytest.mark.parametrize("value", [0.0, np.nan])
@pytest.mark.parametrize("place", [0, 4])
def test_a_column_of_one_number_that_is_called_unlike_the_samples_is_told(normalize, tmp_path, value, place):
    frame = counts_of(["S1", "S2", "S3", "S4"]).astype(float)
    frame.insert(place, "PoolControl", value)
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    done = normalize(tmp_path / "m.tsv", *ALL)
    assert done.adata.obs_names.tolist() == ["S1", "S2", "S3", "S4"]
    assert "warning" in next(line for line in done.log.splitlines() if "columns PoolControl hold one number" in line)
    frame.insert(2, "ControlType", frame.pop("PoolControl"))
    frame.set_axis(["S1", "S2", "S9", "S3", "S4"], axis=1).to_csv(tmp_path / "m.tsv", sep="\t")
    assert "'S9'" in normalize(tmp_path / "m.tsv", output="n.h5ad").error


@pytest.mark.parametrize("words", [(), ("--input-scale", "tpm"), ("--input-scale", "cpm")])
def test_shares_are_multiplied_by_a_million(normalize, tmp_path, words):
    genes = load_gene_table().symbol[:200]
    tpm = counts_of(["P1x", "P2x", "P3x"], genes=genes) / np.random.default_rng(0).lognormal(0, 1, (200, 1))
    tpm = tpm / tpm.sum() * 1e6
    (tpm / 1e6).to_csv(tmp_path / "m.tsv", sep="\t")
    done = normalize(tmp_path / "m.tsv", *words, *ALL)
    unit = words[-1] if words else "tpm"
    assert set(done.adata.obs["scale"]) == {f"log2_{unit}1"}
    assert f"samples sum to 1, and times a million they are {unit.upper()}" in done.log
    assert ("shares of transcripts, times a million, are assumed" in done.log) == (not words)
    np.testing.assert_allclose(done.adata.X, np.log2(tpm.T + 1)[done.adata.var["original_id"]], atol=1e-4)
    assert "the values are not fpkm" in normalize(tmp_path / "m.tsv", "--input-scale", "fpkm", output="n.h5ad").error


def test_shares_of_reads_are_cpm(normalize, tmp_path):
    counts = counts_of(["P1x", "P2x", "P3x"], genes=load_gene_table().symbol[:200])
    counts.iloc[:60] = counts.iloc[:60] // 400
    (counts / counts.sum()).to_csv(tmp_path / "m.tsv", sep="\t")
    assert set(normalize(tmp_path / "m.tsv", *ALL).adata.obs["scale"]) == {"log2_cpm1"}


@pytest.mark.parametrize(
    "columns", [["scaled_estimate"], ["scaled_estimate", "transcript_id"], ["raw_count", "scaled_estimate"]]
)
def test_scaled_estimates_of_tcga(normalize, tmp_path, columns):
    genes = load_gene_table()
    rows = np.flatnonzero(genes.entrez_id != "")[:200]
    tpm = counts_of(["x"], genes=genes.symbol[rows])["x"] / np.random.default_rng(0).lognormal(0, 1, 200)
    tpm = tpm / tpm.sum() * 1e6
    ids = [f"{symbol}|{number}" for symbol, number in zip(genes.symbol[rows], genes.entrez_id[rows], strict=True)]
    frame = pd.DataFrame({"raw_count": 5.0, "scaled_estimate": tpm.to_numpy() / 1e6, "transcript_id": "uc002qsd.3"})
    frame[columns].set_axis(pd.Index(ids, name="gene_id")).to_csv(tmp_path / "TCGA-A3.txt", sep="\t")
    words = ("--input-scale", "tpm") if "raw_count" in columns else ()
    adata = normalize(tmp_path / "TCGA-A3.txt", *words, *ALL).adata
    assert adata.obs_names.tolist() == ["TCGA-A3"] and set(adata.obs["scale"]) == {"log2_tpm1"}
    np.testing.assert_allclose(adata.to_df().iloc[0], np.log2(tpm + 1)[adata.var_names], atol=1e-4)


def test_a_table_that_begins_with_a_gene_has_no_header(tmp_path):
    rows = enumerate(GENES)
    bed = "".join(f"chr1\t{at * 100}\t{at * 100 + 50}\t{gene}\t{7 * at % 50 + 3}\t+\n" for at, gene in rows)
    (tmp_path / "m.bed").write_text(bed)
    with pytest.raises(InputError, match=f"its first line is of gene '{GENES[0]}': it has no header"):
        read_expression(tmp_path / "m.bed")


@pytest.mark.parametrize("first", ["ENSG00000999999.3", "AC012345.1", "RP11-34P13.7"])
def test_counts_without_a_header_whose_first_gene_is_not_known(tmp_path, first):
    (tmp_path / "S1.txt").write_text(f"{first}\t5\n" + "".join(f"{gene}\t{at}\n" for at, gene in enumerate(GENES)))
    adata = read_expression(tmp_path / "S1.txt")
    assert adata.obs_names.tolist() == ["S1"] and adata.var_names.tolist() == [first, *GENES]


def test_estimated_counts_of_a_merged_file_are_counts(normalize, tmp_path):
    frame = counts_of(["a1", "b2", "c3"]) * np.where(np.arange(len(GENES)) % 5 < 2, 1.0, 1.003)[:, None]
    frame.to_csv(tmp_path / "salmon.merged.gene_counts.tsv", sep="\t")
    done = normalize(tmp_path / "salmon.merged.gene_counts.tsv", *ALL)
    assert set(done.adata.obs["scale"]) == {"log2_tpm1"} and "estimated counts, as the file's name says" in done.log


def test_what_rounding_left_below_0_is_0(normalize, tmp_path):
    tpm = (counts_of(["P1x", "P2x", "P3x"]) / 7.3).astype(float)
    tpm.iloc[3, 1] = 0.0
    tpm.to_csv(tmp_path / "a.tsv", sep="\t")
    tpm.iloc[3, 1] = -1e-12
    tpm.to_csv(tmp_path / "b.tsv", sep="\t")
    right, found = (normalize(tmp_path / name, *ALL, output=f"{name}.h5ad").adata for name in ("a.tsv", "b.tsv"))
    np.testing.assert_array_equal(found.X, right.X)
    assert found.obs["scale"].tolist() == right.obs["scale"].tolist()


def test_samples_of_two_units_in_one_file(normalize, tmp_path):
    counts = counts_of(["P1x", "P2x", "P3x"], genes=load_gene_table().symbol[:300]).astype(float)
    counts["P1x"] = np.log2(counts["P1x"] / 3.3 + 1)
    counts.to_csv(tmp_path / "m.tsv", sep="\t")
    assert "samples P1x end at" in normalize(tmp_path / "m.tsv", *ALL).error


@pytest.mark.parametrize("column", ["type", "group", "tissue_status", "tumor_normal"])
def test_columns_that_tell_tumor_and_normal_by_their_values(normalize, write_counts, tmp_path, column):
    file = write_counts("m.tsv", ["a1", "b2", "c3"])
    for values, right in ((("Tumor", "Normal", "tumor"), ["tumor", "normal", "tumor"]), (("x", "y", "Normal"), None)):
        (tmp_path / "t.csv").write_text(
            f"sample,{column}\n" + "".join(map("{},{}\n".format, ["a1", "b2", "c3"], values))
        )
        found = normalize(file, "--metadata", tmp_path / "t.csv", *ALL).adata.obs["sample_category"]
        assert right is None or found.tolist() == right
        assert right is not None or column in ("tissue_status", "tumor_normal") or found.isna().all()


@pytest.mark.parametrize("largest", [4, 400])
def test_single_cells_are_told(normalize, tmp_path, largest):
    random = np.random.default_rng(7)
    means = np.minimum(random.gamma(0.05, 8.0, (1, 400)) * random.gamma(3, 0.3, (120, 1)), largest / 2)
    genes = load_gene_table().symbol[8_000:8_400]
    cells = pd.DataFrame(random.poisson(means).clip(0, largest), columns=genes)
    cells.set_axis([f"AAAC{at:04d}-1" for at in range(120)]).rename_axis("cell").to_csv(tmp_path / "m.csv")
    result = normalize(tmp_path / "m.csv")
    if largest == 4:
        assert "or counts of single cells, of which the sum is a sample" in result.error
    else:
        assert result.adata.n_obs > 100 and "samples look like single cells" in result.log
