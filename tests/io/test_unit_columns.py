"""Tables with each sample in several units hold each sample once."""

import pandas as pd
import pytest

from clrna.errors import InputError
from clrna.io.matrix.unit_columns import UNIT_OF_NAMES
from clrna.io.tables import read_expression

TPM = {"TP53": (1.5, 2.5), "EGFR": (3.5, 4.5), "MYC": (5.5, 6.5)}
COUNTS = {"TP53": (10, 20), "EGFR": (30, 40), "MYC": (50, 60)}


def written(path, names, tables):
    rows = [
        [gene, *(value for pair in zip(*(table[gene] for table in tables), strict=True) for value in pair)]
        for gene in TPM
    ]
    path.write_text("\n".join("\t".join(map(str, row)) for row in [["gene", *names], *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    "names",
    [
        ["A_count", "A_TPM", "B_count", "B_TPM"],
        ["A.counts", "A.tpm", "B.counts", "B.tpm"],
        ["raw_count.A", "TPM.A", "raw_count.B", "TPM.B"],
        ["A (read count)", "A (TPM)", "B (read count)", "B (TPM)"],
    ],
)
def test_one_unit_is_read(tmp_path, names):
    path = written(tmp_path / "m.txt", names, [COUNTS, TPM])
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["A", "B"] and adata.X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]
    assert read_expression(path, quantity="counts").X.tolist() == [[10, 30, 50], [20, 40, 60]]
    with pytest.raises(InputError, match=r"several units .*A.*; fpkm are not there for all"):
        read_expression(path, quantity="fpkm")


def test_samples_that_lack_the_unit_of_others_are_refused(tmp_path):
    path = written(tmp_path / "m.txt", ["A_count", "A_TPM", "B_FPKM", "B_cpm"], [COUNTS, TPM])
    with pytest.raises(InputError, match=r"A_count, A_TPM, B_FPKM, B_cpm.*no unit is there for all"):
        read_expression(path)


def test_a_unit_in_some_names_stays_in_them(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text("gene\tA_TPM\tB_TPM\tC\nTP53\t1.5\t2.5\t3\nEGFR\t3.5\t4.5\t5\n")
    assert read_expression(path).obs_names.tolist() == ["A_TPM", "B_TPM", "C"]


@pytest.mark.parametrize(
    ("names", "unit"),
    [
        (["A_FPKM", "B_FPKM"], "fpkm"),
        (["A.tpm", "B.tpm"], "tpm"),
        (["RPKM_A", "RPKM_B"], "fpkm"),
        (["A (TPM)", "B (TPM)"], "tpm"),
        (["A_raw_counts", "B_raw_counts"], "counts"),
        (["A_log2TPM", "B_log2TPM"], "tpm"),
        (["A_log2(TPM+1)", "B_log2(TPM+1)"], "tpm"),
        (["A (log2FPKM)", "B (log2FPKM)"], "fpkm"),
        (["log10(RPKM+1) A", "log10(RPKM+1) B"], "fpkm"),
        (["A_log2", "B_log2"], ""),
        (["A_log2RMA", "B_log2RMA"], ""),
    ],
)
@pytest.mark.parametrize("turned", [False, True])
def test_a_unit_in_all_names_is_no_part_of_them(tmp_path, names, unit, turned):
    frame = pd.DataFrame(TPM, index=names)
    path = tmp_path / "m.tsv"
    (frame if turned else frame.T).to_csv(path, sep="\t")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["A", "B"] and adata.uns.get(UNIT_OF_NAMES, "") == unit


def test_names_that_are_equal_without_their_unit_keep_it(tmp_path):
    path = written(tmp_path / "m.txt", ["A_TPM", "A (TPM)", "B_TPM", "B (TPM)"], [TPM, TPM])
    assert read_expression(path).obs_names.tolist() == ["A_TPM", "A (TPM)", "B_TPM", "B (TPM)"]


def test_the_three_matrices_of_tximport_are_one_sample_each(tmp_path):
    names = ["abundance.S1", "abundance.S2", "counts.S1", "counts.S2", "length.S1", "length.S2"]
    rows = [[gene, *TPM[gene], *COUNTS[gene], 900.5, 901.5] for gene in TPM]
    path = tmp_path / "txi.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [["", *names], *rows]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["S1", "S2"] and adata.X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]
    assert read_expression(path, quantity="counts").X.tolist() == [[10, 30, 50], [20, 40, 60]]


def test_the_matrices_of_gdc_files_side_by_side_are_one_sample_each(tmp_path):
    """TCGAbiolinks' GDCprepare without SummarizedExperiment: the GDC's columns, each before the barcode."""
    columns = [
        "unstranded",
        "stranded_first",
        "stranded_second",
        "tpm_unstranded",
        "fpkm_unstranded",
        "fpkm_uq_unstranded",
    ]
    samples = ["TCGA-AA-0001-01A", "TCGA-AA-0002-01A"]
    names = ["gene_id", "gene_name", "gene_type", *[f"{column}_{sample}" for column in columns for sample in samples]]
    rows = [[f"ENSG{at}", gene, "protein_coding", *COUNTS[gene], 1, 1, 2, 2, *TPM[gene], 7.5, 7.25, 8.5, 8.25]
            for at, gene in enumerate(TPM)]  # fmt: skip
    path = tmp_path / "gdc.csv"
    path.write_text("\n".join(",".join(map(str, row)) for row in [names, *rows]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == samples and adata.X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]
    assert read_expression(path, quantity="counts").X.tolist() == [[10, 30, 50], [20, 40, 60]]


def test_samples_called_length_and_counts_are_samples(tmp_path):
    path = written(tmp_path / "m.txt", ["length.A", "abundance.A", "length.B", "abundance.B"], [COUNTS, TPM])
    assert read_expression(path).n_obs == 4


def test_firehose_with_three_columns_a_sample(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text(
        "Hybridization REF\tA\tA\tA\tB\tB\tB\ngene_id\t" + "\t".join(["raw_count\tscaled_estimate\ttranscript_id"] * 2)
        + "\nTP53|7157\t10.5\t0.001\tuc1.1,uc1.2\t20.5\t0.002\tuc1.1\nEGFR|1956\t30\t0.003\tuc2.1\t40\t0.004\tuc2.1\n"
    )  # fmt: skip
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["A", "B"] and adata.X.tolist() == [[10.5, 30], [20.5, 40]]


@pytest.mark.parametrize("reads", ["Total counts", "Total gene reads", "Expression value", "Unique gene reads"])
def test_units_of_clc_genomics(tmp_path, reads):
    names = [f"{sample} (GE) - {unit}" for sample in "AB" for unit in (reads, "TPM")]
    adata = read_expression(written(tmp_path / "m.txt", names, [COUNTS, TPM]))
    assert adata.obs_names.tolist() == ["A (GE)", "B (GE)"] and adata.X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]


def test_counts_called_as_the_samples_beside_a_unit(tmp_path):
    path = written(tmp_path / "m.txt", ["A", "A_FPKM", "B", "B_FPKM"], [COUNTS, TPM])
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["A", "B"] and adata.X.tolist() == [[10, 30, 50], [20, 40, 60]]
    assert read_expression(path, quantity="fpkm").X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]
    path = written(tmp_path / "m.txt", ["A", "A_FPKM", "B", "B_FPKM"], [TPM, TPM])
    assert read_expression(path).X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]


def test_the_three_columns_of_star_side_by_side(tmp_path):
    names = [f"{sample}_{strand}" for sample in "AB" for strand in ("unstranded", "stranded_first", "stranded_second")]
    rows = [f"{gene}\t" + "\t".join(f"{2 * value}\t{value}\t{value}" for value in COUNTS[gene]) for gene in COUNTS]
    (tmp_path / "m.tsv").write_text("\n".join(["\t".join(["gene", *names]), *rows]) + "\n")
    adata = read_expression(tmp_path / "m.tsv")
    assert adata.obs_names.tolist() == ["A", "B"] and adata.X.tolist() == [[20, 60, 100], [40, 80, 120]]


@pytest.mark.parametrize("forms", [("{}_raw", "{}_norm"), ("{}.x", "{}.y"), ("raw.{}", "norm.{}"), ("{} a", "{} b")])
def test_samples_that_stand_twice_once_in_whole_numbers(tmp_path, forms):
    names = [form.format(sample) for sample in ("A1", "B2") for form in forms]
    adata = read_expression(written(tmp_path / "m.txt", names, [COUNTS, TPM]))
    assert adata.obs_names.tolist() == ["A1", "B2"] and adata.X.tolist() == [[10, 30, 50], [20, 40, 60]]
    adata = read_expression(written(tmp_path / "m.txt", names, [COUNTS, COUNTS]))
    assert adata.obs_names.tolist() == names
