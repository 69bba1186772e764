"""Numbers that are no expression stay out of the matrix, and names of samples do not turn it round."""

import re

import numpy as np
import pandas as pd
import pytest
from anndata import AnnData

from clrna.errors import InputError
from clrna.genes.table import load_gene_table
from clrna.io.matrix.gene_names import names_in, share_of_genes
from clrna.io.tables import read_expression
from clrna.scale.scale_detection import detect_scale

GENES = (
    "TP53 EGFR MYC BRCA1 KRAS PTEN RB1 GAPDH ACTB CDK4 CDK6 MDM2 NRAS HRAS BRAF ALK ROS1 MET ERBB2 ERBB3 KIT FLT3 JAK2"
).split()
ENTREZ = [load_gene_table().entrez_id[load_gene_table().by_symbol[gene]] for gene in GENES]
N = 8


@pytest.fixture
def logs() -> pd.DataFrame:
    """log2 of samples x genes."""
    values = np.random.default_rng(3).uniform(0, 15, size=(N, len(GENES))).round(3)
    return pd.DataFrame(values, index=[f"patient-{chr(97 + row)}" for row in range(N)], columns=GENES)


CLINICAL = {
    "age": [50 + row for row in range(N)],
    "OS_days": [100 * (row + 1) for row in range(N)],
    "tumorPurity": [0.1 * row for row in range(N)],
    "Stage": [1, 2, 3, 4] * 2,
    "XKQ11": [5000 + row for row in range(N)],
    "balance": [-row - 1 for row in range(N)],
}


@pytest.mark.parametrize("place", [0, 5, len(GENES)])
@pytest.mark.parametrize("columns", [["age"], ["OS_days", "age"], ["XKQ11"], ["balance"], list(CLINICAL)], ids=str)
def test_clinical_columns_are_no_genes(tmp_path, logs, place, columns):
    wide = logs.copy()
    for name in columns:
        wide.insert(place, name, CLINICAL[name])
    path = tmp_path / "m.csv"
    wide.to_csv(path)
    adata = read_expression(path)
    assert adata.var_names.tolist() == GENES
    np.testing.assert_array_equal(adata.X, logs.to_numpy(np.float32))
    for name in columns:
        np.testing.assert_allclose(adata.obs[name], CLINICAL[name], rtol=1e-6)
    assert detect_scale(adata.X).scale.name == "log2_expression"


def test_clinical_rows_are_no_genes(tmp_path, logs):
    wide = logs.copy()
    for name in ("age", "OS_days"):
        wide.insert(0, name, CLINICAL[name])
    path = tmp_path / "m.tsv"
    wide.T.to_csv(path, sep="\t")
    adata = read_expression(path)
    assert adata.var_names.tolist() == GENES and adata.obs["OS_days"].tolist() == CLINICAL["OS_days"]
    np.testing.assert_array_equal(adata.X, logs.to_numpy(np.float32))


def test_fractions_among_counts_are_no_gene(tmp_path, logs):
    counts = (logs * 100).round().astype(int)
    counts["XKQ11"] = np.linspace(0.1, 0.9, N)
    path = tmp_path / "m.csv"
    counts.to_csv(path)
    assert detect_scale(read_expression(path).X).scale.name == "counts"


def test_unknown_genes_stay(tmp_path, logs):
    """What is no known gene may still hold reads of the library."""
    logs["AC012345.9"], logs["ERCC-00002"], logs["FOO-OS1"], logs["NOTAGENE"] = 1.5, 2.5, 3.5, 4.5
    path = tmp_path / "m.csv"
    logs.to_csv(path)
    assert read_expression(path).var_names.tolist()[-4:] == ["AC012345.9", "ERCC-00002", "FOO-OS1", "NOTAGENE"]


ABOUT = {
    "ENTREZID": ENTREZ,
    "whatever": ENTREZ,
    "GeneLength": [1000 + row for row in range(len(GENES))],
    "genes.Length": [900 + 7 * row for row in range(len(GENES))],
    "start_position": [5 * row for row in range(len(GENES))],
    "Percentage.GC": [50.5] * len(GENES),
    "kb": [77.5] * len(GENES),
    "baseMean": [12.5] * len(GENES),
    "adj.P.Val": [0.5] * len(GENES),
}


@pytest.mark.parametrize("name", list(ABOUT))
def test_columns_about_genes_are_no_samples(tmp_path, logs, name):
    table = logs.T
    table.insert(0, name, ABOUT[name])
    path = tmp_path / "m.csv"
    table.to_csv(path, index_label="SYMBOL")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == logs.index.tolist()
    np.testing.assert_array_equal(adata.X, logs.to_numpy(np.float32))
    np.testing.assert_allclose(adata.var[name].astype(float), np.array(ABOUT[name], dtype=float), rtol=1e-6)


def test_a_table_of_test_results_has_no_samples(tmp_path):
    path = tmp_path / "deseq2.csv"
    rows = [f"{gene},10,1.5,0.5,3,0.01,0.05" for gene in GENES]
    path.write_text("gene,baseMean,log2FoldChange,lfcSE,stat,pvalue,padj\n" + "\n".join(rows) + "\n")
    with pytest.raises(InputError, match=r"no column is a sample .it holds results of a test: baseMean"):
        read_expression(path)
    path.write_text(
        "gene,logFC,AveExpr,t,P.Value,adj.P.Val,B,s1,t2\n" + "".join(f"{g},1,1,1,1,1,1,5,6\n" for g in GENES)
    )
    assert read_expression(path).obs_names.tolist() == ["s1", "t2"]


def test_letters_alone_are_samples(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("gene,T,B,F\n" + "".join(f"{gene},1,2,3\n" for gene in GENES))
    assert read_expression(path).obs_names.tolist() == ["T", "B", "F"]


ROWS = {
    "mouse": [f"{gene[0]}{gene[1:].lower()}" for gene in GENES],
    "illumina": [f"ILMN_{1700000 + number}" for number in range(len(GENES))],
    "affymetrix": [f"20{1000 + number}_s_at" for number in range(len(GENES))],
    "prefixed": [f"panel7_{gene}" for gene in GENES],
}


@pytest.mark.parametrize("letter", ["S", "P", "T", "A", "C", "F"])
@pytest.mark.parametrize("rows", list(ROWS))
@pytest.mark.parametrize("in_rows", [True, False])
def test_names_of_samples_never_decide(tmp_path, letter, rows, in_rows):
    samples = [f"{letter}{number}" for number in range(1, 25)]
    values = np.random.default_rng(1).integers(1, 999, size=(len(GENES), len(samples)))
    table = pd.DataFrame(values, index=ROWS[rows], columns=samples)
    path = tmp_path / "m.csv"
    (table if in_rows else table.T).to_csv(path, index_label="x")
    with pytest.raises(InputError, match="--orientation"):
        read_expression(path)


# Aliases, former and present symbols that are names of samples: normal adjacent tissue, metastases, knocked-out genes.
SAMPLES = {
    "letters": ["S1", "P1", "T1", "A1", "C1", "H1"],
    "complement": ["C3", "F2", "A1", "B2", "T7", "N9", "sample7"],
    "two letters": ["CA1", "CB1", "CC1", "CD4", "CT1", "IL6"],
    "words": ["NAT1", "NAT2", "MET1", "MET", "CT1"],
    "knocked out": ["TP53", "KRAS", "MYC", "NTC", "EGFR"],
}
OTHER = ROWS | {
    "rat": [f"ENSRNOG{number:011d}" for number in range(len(GENES))],
    "transcripts": [f"ENST{number:011d}.1" for number in range(len(GENES))],
    "agilent": [f"A_23_P{100000 + number}" for number in range(len(GENES))],
    "colon": [f"locus:{gene}" for gene in GENES],
}


@pytest.mark.parametrize("names", list(SAMPLES))
@pytest.mark.parametrize("rows", list(OTHER))
@pytest.mark.parametrize("in_rows", [True, False])
def test_names_of_samples_that_are_genes_never_decide_beside_other_genes(tmp_path, names, rows, in_rows):
    values = np.random.default_rng(1).integers(1, 999, size=(len(GENES), len(SAMPLES[names])))
    table = pd.DataFrame(values, index=OTHER[rows], columns=SAMPLES[names])
    path = tmp_path / "m.csv"
    (table if in_rows else table.T).to_csv(path, index_label="x")
    with pytest.raises(InputError, match="--orientation"):
        read_expression(path)


@pytest.mark.parametrize("names", ["letters", "complement", "two letters", "words"])
@pytest.mark.parametrize("in_rows", [True, False])
def test_names_of_samples_that_are_genes_beside_those_of_brainarray(tmp_path, names, in_rows):
    values = np.random.default_rng(1).integers(1, 999, size=(len(GENES), len(SAMPLES[names])))
    table = pd.DataFrame(values, index=[f"{number}_at" for number in ENTREZ], columns=SAMPLES[names])
    path = tmp_path / "m.csv"
    (table if in_rows else table.T).to_csv(path, index_label="x")
    assert read_expression(path).obs_names.tolist() == SAMPLES[names]


@pytest.mark.parametrize("names", ["letters", "complement", "two letters"])
def test_short_names_alone_never_decide(tmp_path, names):
    table = pd.DataFrame(1.5, index=[f"row {letter}" for letter in "abcdefgh"], columns=SAMPLES[names])
    path = tmp_path / "m.csv"
    table.to_csv(path, index_label="x")
    with pytest.raises(InputError, match=r"no human gene identifiers found.*--orientation"):
        read_expression(path)


@pytest.mark.parametrize("samples", [["Anna", "Berta", "Met"], ["p.1", "p.2", "p.3"]])
def test_names_in_title_case_and_alike_are_samples(tmp_path, samples):
    path = tmp_path / "m.csv"
    pd.DataFrame(1.5, index=samples, columns=GENES).to_csv(path, index_label="x")
    assert read_expression(path).obs_names.tolist() == samples


@pytest.mark.parametrize("letter", ["S", "P", "T", "A", "C", "F", ""])
def test_known_genes_decide_beside_such_names(tmp_path, letter):
    samples = [f"{letter}{number}" for number in range(1, 25)]
    table = pd.DataFrame(1.5, index=GENES, columns=samples)
    path = tmp_path / "m.csv"
    table.to_csv(path, index_label="x")
    assert read_expression(path).obs_names.tolist() == samples
    table.T.to_csv(path, index_label="x")
    assert read_expression(path).obs_names.tolist() == samples


def test_genes_are_no_series():
    assert share_of_genes([*(f"CD{number}" for number in (4, 19, 34)), "TP53", "EGFR", "MYC"]) > 0.8
    assert share_of_genes(["7157", "1956", "4609", "672", "3845"]) == 0.5
    assert share_of_genes([str(number) for number in range(100, 130)]) == 0.0


def test_a_transposed_h5ad_is_noticed_and_turned_where_asked(tmp_path, logs):
    path = tmp_path / "a.h5ad"
    AnnData(logs, layers={"twice": 2 * logs}).write_h5ad(path)
    assert read_expression(path).obs_names.tolist() == logs.index.tolist()
    # The option is for all inputs of a run, so that what lies as it should stays as it is.
    pd.testing.assert_frame_equal(read_expression(path, orientation="samples-in-columns").to_df(), logs.astype("f4"))
    AnnData(logs.T, layers={"twice": 2 * logs.T}).write_h5ad(path)
    with pytest.raises(InputError, match=r"a\.h5ad.*clrna-normalize --orientation samples-in-columns, .* adata\.T"):
        read_expression(path)
    turned = read_expression(path, orientation="samples-in-columns", layer="twice")
    pd.testing.assert_frame_equal(turned.to_df(), 2 * logs.astype("f4"))
    assert read_expression(path, orientation="samples-in-rows").shape == logs.T.shape


@pytest.mark.parametrize("in_rows", [True, False])
def test_the_genome_before_a_gene_decides(tmp_path, in_rows):
    table = pd.DataFrame(1.5, index=[f"hg38_{gene}" for gene in GENES], columns=SAMPLES["letters"])
    path = tmp_path / "m.csv"
    (table if in_rows else table.T).to_csv(path, index_label="x")
    assert read_expression(path).obs_names.tolist() == SAMPLES["letters"]


@pytest.mark.parametrize(
    "names",
    [
        ("g1_g2.p-value", "g1_g2.log2foldchange"),
        ("p-value(T vs. N)", "Fold-Change(T vs. N)"),
        ("KO_vs_WT.padj", "KO_vs_WT_log2FoldChange"),
        ("p (T vs N)", "T/N"),
    ],
)
def test_results_of_a_comparison_are_no_samples(tmp_path, logs, names):
    """Expression Atlas, Partek, and tables that people join: what was compared stands before or behind."""
    table = logs.T.assign(**{name: np.random.default_rng(1).random(len(GENES)) for name in names})
    table.to_csv(tmp_path / "m.csv", index_label="gene")
    assert read_expression(tmp_path / "m.csv").obs_names.tolist() == logs.index.tolist()
    table[list(names)].to_csv(tmp_path / "tests.csv", index_label="gene")
    with pytest.raises(InputError, match=r"no column is a sample .it holds results of a test"):
        read_expression(tmp_path / "tests.csv")


@pytest.mark.parametrize(
    "name", ["GWEIGHT", "% Samples above Threshold", "Avg Count", "gene_chr", "level", "Start f", "Entrez gene id e"]
)
def test_what_programs_add_about_genes_is_no_sample(tmp_path, logs, name):
    """Stanford's PCL, NanoString's nSolver, CellMiner with the mark of a note behind the name."""
    table = logs.T
    table.insert(0, name, [2.0 + row % 3 for row in range(len(GENES))])
    table.to_csv(tmp_path / "m.csv", index_label="gene")
    assert read_expression(tmp_path / "m.csv").obs_names.tolist() == logs.index.tolist()


@pytest.mark.parametrize(("place", "name"), [(0, "MIM_MORBID_DESC"), (4, ""), (4, "Unnamed: 5")])
def test_columns_that_hold_nothing_are_no_samples(tmp_path, logs, place, name):
    table = logs.T
    table.insert(place, name, np.nan)
    table.to_csv(tmp_path / "m.csv", index_label="gene")
    assert read_expression(tmp_path / "m.csv").obs_names.tolist() == logs.index.tolist()


@pytest.mark.parametrize("place", [0, N])
@pytest.mark.parametrize("name", ["ID", "Index", "OMIM", "Probe", "Priority", "phastCons"])
@pytest.mark.parametrize("values", ["counts", "logs"])
def test_numbers_that_are_none_of_the_genes_are_no_samples(tmp_path, name, place, values):
    """What somebody's table has beside the symbols: its own numbers, a catalogue's, a share."""
    symbols = [gene for gene in load_gene_table().by_symbol if gene.isalpha()][:150]
    random = np.random.default_rng(4)
    counts = pd.DataFrame(random.poisson(6, (150, N)), index=symbols, columns=[f"P{at}_T" for at in range(N)])
    table = np.log2(counts + 1).round(4) if values == "logs" else counts.copy()
    about = random.permutation(np.arange(7, 157)).astype(float)
    if name == "OMIM":
        about[[3, 50, 60]] = np.nan, about[4], np.nan
    if name == "phastCons":
        about = random.random(150).round(3)
    if name == "phastCons" and values == "logs":
        return  # among fractions nothing tells a share
    table.insert(place, name, about)
    table.to_csv(tmp_path / "m.csv", index_label="Symbol")
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == counts.columns.tolist() and adata.var_names.tolist() == symbols
    np.testing.assert_allclose(adata.var[name], about, rtol=1e-6)


@pytest.mark.parametrize("place", [0, N])
def test_one_number_for_all_genes_is_no_sample_where_annotations_stand(tmp_path, logs, place):
    """Agilent's ControlType is 0 of every gene; a sample without expression is called as the others, and refused."""
    for name, is_sample in (("ControlType", False), ("patient-z", True), ("HT-29", True)):
        table = logs.T
        table.insert(place, name, 0)
        table.to_csv(tmp_path / "m.csv", index_label="gene")
        adata = read_expression(tmp_path / "m.csv")
        assert (name in adata.obs_names) == is_sample and (name in adata.var) == (not is_sample)


def test_whole_numbers_that_all_differ_are_samples_where_others_are_so_or_are_called_so(tmp_path):
    symbols = [gene for gene in load_gene_table().by_symbol if gene.isalpha()][:120]
    random = np.random.default_rng(5)
    panel = pd.DataFrame(random.permutation(np.arange(480)).reshape(120, 4), index=symbols, columns=list("wxyz"))
    alike = pd.DataFrame({"S1": panel["w"], "S2": 5, "S3": random.poisson(3, 120)})
    for table in (panel, alike):
        table.to_csv(tmp_path / "m.csv", index_label="gene")
        assert read_expression(tmp_path / "m.csv").obs_names.tolist() == table.columns.tolist()


@pytest.mark.parametrize("filled", [[], [len(GENES) * 3 - 1]], ids=["empty", "with text below the first lines"])
@pytest.mark.parametrize("about", [{}, {"gene_length": 2000.0}], ids=["alone", "behind a length"])
def test_columns_behind_the_samples_that_hold_nothing_are_none(tmp_path, logs, about, filled):
    """Novogene's tf_family, and notes that nobody took."""
    table = pd.concat([logs.T] * 3).assign(**about, tf_family="-")
    table.iloc[filled, -1] = "bHLH"
    table.to_csv(tmp_path / "m.csv", index_label="gene")
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == logs.index.tolist() and "tf_family" in adata.var
    # Called as annotations are, it is none among the samples; behind an annotation it is, whatever its name.
    table.rename(columns={"tf_family": "patient-z"}).to_csv(tmp_path / "m.csv", index_label="gene")
    if not filled:
        assert ("patient-z" in read_expression(tmp_path / "m.csv").obs_names) == (not about)


@pytest.mark.parametrize("place", [4, N])
def test_a_sample_that_holds_nothing_stays_one(tmp_path, logs, place):
    table = logs.T
    table.insert(place, "patient-z", np.nan)
    table.to_csv(tmp_path / "m.csv", index_label="gene")
    assert "patient-z" in read_expression(tmp_path / "m.csv").obs_names


@pytest.mark.parametrize("kind", [object, "category", "string"])
def test_names_in_a_column_are_text_and_na_is_one(kind):
    """What is said of samples may be NA for nothing; in a column of genes it is what somebody wrote there."""
    assert names_in(pd.Series(["TP53", None, "NA", "none", ""], dtype=kind)) == ["TP53", "", "NA", "none", ""]
    assert names_in(pd.Series([7157, 1956])) == ["7157", "1956"]


@pytest.mark.parametrize("number", [len(GENES), 12])
def test_entrez_numbers_beside_numbers_of_rows_name_the_genes(tmp_path, logs, number):
    """Small numbers of rows are Entrez numbers, too, and large ones of genes no float32 holds."""
    table = logs.T.iloc[:number].reset_index(drop=True)
    table.insert(0, "ENTREZID", ["100133331", *ENTREZ[1:number]])
    table.set_axis(range(1, number + 1)).to_csv(tmp_path / "m.csv")
    adata = read_expression(tmp_path / "m.csv")
    assert adata.var_names.tolist() == ["100133331", *ENTREZ[1:number]]
    assert adata.obs_names.tolist() == logs.index.tolist()


@pytest.mark.parametrize("names", [("gene1", "gene2"), ("ligand", "receptor")])
def test_two_genes_a_row_are_no_expression(tmp_path, logs, names):
    table = logs.T.reset_index(drop=True)
    table.insert(0, names[1], GENES[::-1])
    table.insert(0, names[0], GENES)
    table.to_csv(tmp_path / "fusions.tsv", sep="\t", index=False)
    with pytest.raises(InputError, match=f"two genes a row, '{names[0]}' and '{names[1]}'.*leave one"):
        read_expression(tmp_path / "fusions.tsv")


def test_two_names_of_one_gene_a_row_are_one(tmp_path, logs):
    table = logs.T
    table.insert(0, "Ensembl", [load_gene_table().ensembl_id[load_gene_table().by_symbol[gene]] for gene in GENES])
    table.to_csv(tmp_path / "m.csv", index_label="gene")
    assert read_expression(tmp_path / "m.csv").n_vars == len(GENES)


@pytest.mark.parametrize("sites", [["AKT_pS473", "EGFR_pY1068", "SRC-pY416-R-V"], [f"{gene}_S{473}" for gene in GENES]])
def test_phosphorylated_proteins_are_no_expression(tmp_path, logs, sites):
    table = logs.rename(columns=dict(zip(GENES, sites, strict=False)))
    table.to_csv(tmp_path / "rppa.csv")
    with pytest.raises(InputError, match=r"rppa.csv.*sites of phosphorylation|rppa.csv.*no human gene"):
        read_expression(tmp_path / "rppa.csv")
    logs.rename(columns={"TP53": "FOO_pS473"}).to_csv(tmp_path / "m.csv")
    assert read_expression(tmp_path / "m.csv").n_vars == len(GENES)


ANTIBODIES = (
    "14-3-3_beta 4E-BP1 53BP1 ACC1 AMPK-alpha AR Akt Annexin-1 Bak Bcl-2 Bcl-xL Caspase-7 CD31 Claudin-7 Collagen_VI "
    "Cyclin_B1 E-Cadherin EGFR ER-alpha FASN Fibronectin GATA3 HER2 PTEN Rb Src beta-Catenin c-Kit p53".split()
)


@pytest.mark.parametrize("form", ["{}", "{}-R-V", "X|{}", "R", "upper"])
@pytest.mark.parametrize("turned", [False, True])
def test_antibodies_of_a_protein_array_are_no_genes(tmp_path, form, turned):
    names = [
        re.sub("[^a-z0-9]", "", name, flags=re.IGNORECASE).upper() if form == "upper"
        else re.sub(r"[- ]", ".", ("X" if name[0].isdigit() else "") + name) if form == "R" else form.format(name)
        for name in ANTIBODIES
    ]  # fmt: skip
    values = np.random.default_rng(1).normal(0, 1, (4, len(names)))
    frame = pd.DataFrame(values, index=["P1x", "P2x", "P3x", "P4x"], columns=names)
    (frame.T if turned else frame).to_csv(tmp_path / "p.csv")
    with pytest.raises(InputError, match=r"p\.csv: has antibodies .*reverse phase protein arrays"):
        read_expression(tmp_path / "p.csv")
