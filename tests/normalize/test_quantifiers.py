"""Files that quantifiers write are one sample each, in the unit of one of their columns."""

import gzip

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.io.matrix.quantification import sample_of_file
from clrna.io.tables import read_expression
from tests.normalize.conftest import GENES

IDS = ["ENSG00000141510", "ENSG00000146648", "ENSG00000136997"]

LAYOUTS = {
    "quant.genes.sf": ("Name\tLength\tEffectiveLength\tTPM\tNumReads", "{}\t2000\t1800.5\t{tpm}\t{n}", "NumReads"),
    "abundance.tsv": ("target_id\tlength\teff_length\test_counts\ttpm", "{}\t2000\t1800.5\t{n}\t{tpm}", "est_counts"),
    "genes.results": (
        "gene_id\ttranscript_id(s)\tlength\teffective_length\texpected_count\tTPM\tFPKM",
        "{}\tENST1,ENST2\t2000\t1800\t{n}\t{tpm}\t1.5",
        "expected_count",
    ),
    "gene_abund.tab": (
        "Gene ID\tGene Name\tReference\tStrand\tStart\tEnd\tCoverage\tFPKM\tTPM",
        "{}\tX\tchr1\t+\t10\t20\t3.5\t1.5\t{tpm}",
        None,
    ),
}


def write(path, header, line, first=0):
    rows = [line.format(name, n=10 * (first + at), tpm=100.5 * (first + at)) for at, name in enumerate(IDS, 1)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_one_sample_in_tpm_named_after_the_folder(tmp_path, name):
    header, line, counts = LAYOUTS[name]
    path = write(tmp_path / "PATIENT-7" / name, header, line)
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["PATIENT-7"] and adata.obs["scale"].tolist() == ["tpm"]
    assert adata.var_names.tolist() == IDS and adata.X.tolist() == [[100.5, 201.0, 301.5]]
    if counts:
        assert read_expression(path, quantity="counts").X.tolist() == [[10, 20, 30]]
    else:
        with pytest.raises(InputError, match="no column of counts; they have tpm, fpkm"):
            read_expression(path, quantity="counts")


@pytest.mark.parametrize("name", list(LAYOUTS))
def test_named_after_the_file_where_that_says_more(tmp_path, name):
    header, line, _ = LAYOUTS[name]
    path = write(tmp_path / f"S00.{name}", header, line)
    assert read_expression(path).obs_names.tolist() == ["S00"]


def test_a_link_that_a_workflow_made_leads_to_the_folder(tmp_path):
    real = write(tmp_path / "P9" / "quant.genes.sf", *LAYOUTS["quant.genes.sf"][:2])
    (tmp_path / "input1").mkdir()
    link = tmp_path / "input1" / "quant.genes.sf"
    link.symlink_to(real)
    assert read_expression(link).obs_names.tolist() == ["P9"]


@pytest.mark.parametrize(
    ("file", "sample"),
    [
        ("S1ReadsPerGene.out.tab", "S1"), ("a_gene_abund.tab", "a"), ("x.genes.results", "x"), ("s.quant.sf", "s"),
        ("b.htseq.counts.gz", "b"), ("aln/R0x.bam", "R0x"), ("0a.rna_seq.augmented_star_gene_counts.tsv", "0a"),
    ],
)  # fmt: skip
def test_names_of_samples_in_names_of_files(file, sample):
    assert sample_of_file(file) == sample


def test_columns_of_units_whoever_wrote_them(tmp_path):
    path = tmp_path / "S5.txt"
    path.write_text("gene\tlength\tcounts\tTPM\tRPKM\nTP53\t2000\t5\t1.5\t3\nEGFR\t5000\t7\t2.5\t4\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["S5"] and adata.X.tolist() == [[1.5, 2.5]]


@pytest.mark.parametrize("counter", ["__no_feature", "N_unmapped"])
def test_files_without_a_header_keep_their_first_gene(tmp_path, counter):
    genes = [f"{name}\t{10 + at}" for at, name in enumerate(IDS)]
    path = tmp_path / "S1.counts"
    path.write_text("\n".join([*genes, f"{counter}\t99"]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["S1"] and adata.obs["scale"].tolist() == ["counts"]
    assert adata.var_names.tolist() == IDS and adata.X.tolist() == [[10, 11, 12]]


def test_star_reads_per_gene(tmp_path):
    path = tmp_path / "S1ReadsPerGene.out.tab"
    body = [f"{name}\t{10 + at}\t1\t2" for at, name in enumerate(IDS)]
    path.write_text("\n".join(["N_unmapped\t9\t9\t9", "N_noFeature\t1\t2\t3", *body]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["S1"] and adata.X.tolist() == [[10, 11, 12]]


def test_star_reads_per_gene_without_its_first_lines_and_three_samples_that_are_none(tmp_path):
    path = tmp_path / "S1.tab"
    numbers = [(28, 14, 15), (0, 0, 0), (310, 2, 309), (12, 13, 5), (7, 7, 0), (40, 21, 20)]
    for order, right in (((0, 1, 2), True), ((1, 0, 2), False)):
        lines = zip(GENES[: len(numbers)], numbers, strict=True)
        rows = [[name, *(str(row[at]) for at in order)] for name, row in lines]
        path.write_text("".join("\t".join(row) + "\n" for row in rows))
        if right:
            assert read_expression(path).X.tolist() == [[row[0] for row in numbers]]
            continue
        with pytest.raises(InputError, match="it has no header"):
            read_expression(path)


def test_other_files_without_a_header_are_refused(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("TP53\t1.5\t2.5\nEGFR\t3\t4\nMYC\t3\t4\n")
    with pytest.raises(InputError, match="has no header"):
        read_expression(path)


def test_entrez_numbers_without_a_header(tmp_path):
    path = tmp_path / "S1.counts"
    path.write_text("7157\t28\n1956\t0\n4609\t12\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["S1"] and adata.var_names.tolist() == ["7157", "1956", "4609"]
    assert adata.X.tolist() == [[28, 0, 12]]
    path.write_text("7157\t28\t3\n1956\t0\t9\n4609\t12\t4\n")
    with pytest.raises(InputError, match="its first line is of gene '7157': it has no header"):
        read_expression(path)


@pytest.mark.parametrize("header", ["905933\t906826", "\t905933\t906826", "gene\t905933\t906826", "0\t1\t2", "1\t2\t3"])
def test_numbers_above_entrez_numbers_are_a_header(tmp_path, header):
    path = tmp_path / "m.tsv"
    path.write_text(f"{header}\n7157\t28\t3\n1956\t0\t9\n4609\t12\t4\n")
    adata = read_expression(path, orientation="samples-in-columns")
    assert adata.obs_names.tolist() == header.split("\t")[-2:] and adata.n_vars == 3


def test_numbers_as_names_of_samples_are_a_header(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("gene\t1\t2\nTP53\t1.5\t2.5\nEGFR\t3\t4\n")
    assert read_expression(path).obs_names.tolist() == ["1", "2"]


def test_transcripts_are_summed_where_the_file_names_their_genes(normalize, tmp_path):
    header, line, _ = LAYOUTS["abundance.tsv"]
    names = [
        "ENST00000269305.9|ENSG00000141510.18|-|TP53-201|TP53|2512|",
        "ENST00000445888.6|ENSG00000141510.18|x|TP53|",
    ]
    path = tmp_path / "S1.abundance.tsv"
    body = [line.format(name, n=5, tpm=tpm) for name, tpm in zip([*names, IDS[1]], (100, 28, 3), strict=True)]
    path.write_text("\n".join([header, *body]) + "\n")
    adata = normalize(path).adata
    assert adata.var_names.tolist() == ["EGFR", "TP53"]
    assert adata.X[0].tolist() == pytest.approx([2.0, 7.0108], abs=1e-3)


def test_transcripts_alone_are_refused(normalize, tmp_path):
    header, line, _ = LAYOUTS["abundance.tsv"]
    path = tmp_path / "S1.abundance.tsv"
    path.write_text("\n".join([header, line.format("ENST00000269305.9", n=5, tpm=1)]) + "\n")
    assert "Ensembl transcripts" in normalize(path).error


def test_a_folder_is_one_study(normalize, tmp_path):
    folder = tmp_path / "COHORT"
    for number, sample in enumerate("abc"):
        write(folder / sample / "quant.genes.sf", *LAYOUTS["quant.genes.sf"][:2], first=number)
        write(folder / sample / "quant.sf", "Name\tLength\tEffectiveLength\tTPM\tNumReads", "x{}\t1\t1\t1\t1")
        (folder / sample / "log.txt").write_text("done\n")
    adata = normalize(folder).adata
    assert adata.obs_names.tolist() == ["a", "b", "c"] and set(adata.obs["study"]) == {"COHORT"}
    assert set(normalize(folder, "--study", "X", output="x.h5ad").adata.obs["study"]) == {"X"}


def test_a_folder_without_such_files(normalize, tmp_path):
    (tmp_path / "empty").mkdir()
    assert "without files of a quantifier" in normalize(tmp_path / "empty").error


def test_one_study_for_all_inputs(normalize, tmp_path):
    files = [
        write(tmp_path / f"{sample}.genes.results", *LAYOUTS["genes.results"][:2], first=ord(sample)) for sample in "ab"
    ]
    error = normalize(*files).error
    assert "2 inputs hold one sample each" in error and "--study NAME" in error
    adata = normalize(*files, "--study", "MINE").adata
    assert set(adata.obs["study"]) == {"MINE"} and adata.obs_names.tolist() == ["a", "b"]


def test_files_named_alike_are_no_study_by_that(normalize, write_counts):
    files = [write_counts(f"GSE{number}/counts.tsv", [f"s{number}a", f"s{number}b"], number) for number in (1, 2)]
    result = normalize(*files)
    assert result.status == 2 and "would both be study 'counts'" in result.error and "--study NAME,NAME" in result.error
    assert normalize(*files, "--study", "A,B").adata.obs["study"].tolist() == ["A", "A", "B", "B"]


def test_htseq_with_the_genes_names(tmp_path):
    path = tmp_path / "S1.counts"
    body = [f"{name}\t{symbol}\t{10 + at}" for at, (name, symbol) in enumerate(zip(IDS, "xyz", strict=True))]
    path.write_text("\n".join([*body, "__no_feature\t\t99", "__ambiguous\t\t9"]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["S1"] and adata.X.tolist() == [[10, 11, 12]]
    assert adata.var_names.tolist() == IDS


FEATURE_COUNTS = "# Program:featureCounts\nGeneid\tChr\tStart\tEnd\tStrand\tLength\t{s}.bam\n{rows}"


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("{s}.txt", "{two}"),
        ("{s}.counts", "{two}__no_feature\t7\n"),
        ("{s}.counts.txt.gz", "{two}"),
        ("{s}.featureCounts.txt", FEATURE_COUNTS),
        ("{s}.quant.genes.sf.gz", "{quant}"),
        ("{s}/gene_abundances.tsv", "{string}"),
        ("{s}.gene.abundance.txt", "{string}"),
    ],
)
def test_a_folder_whose_files_are_known_by_their_content(normalize, tmp_path, pattern, text):
    folder = tmp_path / "COHORT"
    for number, sample in enumerate(("a7", "b7", "c7"), 1):
        values = [(name, number * (100 + 10 * at)) for at, name in enumerate(IDS)]
        filled = text.format(
            s=sample,
            two="".join(f"{name}\t{value}\n" for name, value in values),
            rows="".join(f"{name}\tchr1\t1\t9\t+\t900\t{value}\n" for name, value in values),
            quant=_table(*LAYOUTS["quant.genes.sf"][:2], values),
            string=_table(*LAYOUTS["gene_abund.tab"][:2], values),
        )
        path = folder / pattern.format(s=sample)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(gzip.compress(filled.encode()) if path.suffix == ".gz" else filled.encode())
        (folder / f"{sample}.featureCounts.txt.summary").write_text("Status\ta.bam\nAssigned\t5\n")
        (folder / f"{sample}.log").write_text("Started\nmapped 97 %\n")
    adata = normalize(folder, "--input-scale", "auto", "--counts-to", "cpm").adata
    assert [name.removesuffix(".bam") for name in adata.obs_names] == ["a7", "b7", "c7"]
    assert set(adata.obs["study"]) == {"COHORT"} and adata.shape == (3, 3)
    order = adata.var["ensembl_id"].tolist()
    first = dict(zip(order, adata.X[0].tolist(), strict=True))
    assert first[IDS[0]] < first[IDS[1]] < first[IDS[2]]


def _table(header, line, values):
    return "\n".join([header, *(line.format(name, n=value, tpm=value) for name, value in values)]) + "\n"


def test_cuffdiffs_counts_are_one_column_a_condition(tmp_path):
    head = "tracking_id\tA_count\tA_count_variance\tA_status\tB_count\tB_count_variance\tB_status"
    rows = [f"{name}\t{at}.5\t9\tOK\t{at}\t8\tOK" for at, name in enumerate(IDS, 1)]
    (tmp_path / "genes.count_tracking").write_text("\n".join([head, *rows]) + "\n")
    adata = read_expression(tmp_path / "genes.count_tracking")
    assert adata.obs["scale"].to_dict() == {"A": "counts", "B": "counts"}
    assert adata.X.tolist() == [[1.5, 2.5, 3.5], [1, 2, 3]]
    with pytest.raises(InputError, match="no column of tpm; it has counts"):
        read_expression(tmp_path / "genes.count_tracking", quantity="tpm")


@pytest.mark.parametrize(
    ("head", "row", "what"),
    [
        (
            "test_id\tgene\tsample_1\tsample_2\tstatus\tvalue_1\tvalue_2\tlog2(fold_change)\tp_value",
            "{0}\t{0}\tA\tB\tOK\t3\t6\t1\t0.5",
            "Cuffdiff's tests",
        ),
        (
            "tracking_id\tcondition\treplicate\traw_frags\tFPKM\teffective_length\tstatus",
            "{0}\tA\t0\t10\t2.5\t-\tOK\n{0}\tA\t1\t11\t2.5\t-\tOK",
            "a line for each gene and replicate",
        ),
    ],
)
def test_other_tables_of_cuffdiff_are_refused(tmp_path, head, row, what):
    (tmp_path / "t.txt").write_text("\n".join([head, *map(row.format, IDS)]) + "\n")
    with pytest.raises(InputError, match=rf"t\.txt: .*{what}.*give genes\.fpkm_tracking"):
        read_expression(tmp_path / "t.txt")


def test_tcgas_files_of_rsem(normalize, tmp_path):
    genes = ["TP53|7157", "EGFR|1956", "MYC|4609"]
    for at, sample in enumerate(("a1", "b2"), 1):
        rows = "".join(f"{gene}\t{10 * at * n}.00\t{n}e-06\tuc1,uc2\n" for n, gene in enumerate(genes, 1))
        (tmp_path / f"{sample}.rsem.genes.results").write_text(
            "gene_id\traw_count\tscaled_estimate\ttranscript_id\n" + rows
        )
        rows = "".join(f"{gene}\t{at * n}.25\n" for n, gene in enumerate(genes, 1))
        (tmp_path / f"{sample}.normalized_results").write_text("gene_id\tnormalized_count\n" + rows)
    counts = read_expression(tmp_path / "b2.rsem.genes.results")
    assert counts.obs["scale"].tolist() == ["counts"] and counts.X.tolist() == [[20, 40, 60]]
    scaled = read_expression(tmp_path / "b2.normalized_results")
    assert scaled.obs["scale"].tolist() == ["expression"] and scaled.X.tolist() == [[2.25, 4.25, 6.25]]
    (tmp_path / "folder").mkdir()
    for sample in ("a1", "b2"):
        (tmp_path / f"{sample}.normalized_results").rename(tmp_path / "folder" / f"{sample}.normalized_results")
    assert normalize(tmp_path / "folder").adata.obs["study"].tolist() == ["folder"] * 2


CLC = (
    "Name\tChromosome\tRegion\tExpression value\tGene length\tUnique gene reads\tTotal gene reads\tRPKM\tTPM\n"
    "TP53\t17\t1..9\t1.5\t2512\t7\t9\t0.5\t1.5\nEGFR\t7\t1..9\t2.5\t5616\t17\t19\t1.5\t2.5\n"
)


def test_several_units_of_one_sample_are_one_sample(tmp_path):
    (tmp_path / "S7x.txt").write_text(CLC)
    adata = read_expression(tmp_path / "S7x.txt")
    assert adata.obs_names.tolist() == ["S7x"] and adata.X.tolist() == [[1.5, 2.5]]
    assert read_expression(tmp_path / "S7x.txt", quantity="counts").X.tolist() == [[9, 19]]


def test_units_beside_what_is_not_known_are_no_samples(tmp_path):
    (tmp_path / "m.txt").write_text(CLC.replace("Unique gene reads", "Something else"))
    with pytest.raises(InputError, match=r"Total gene reads, RPKM, TPM are units of a sample.*Something else"):
        read_expression(tmp_path / "m.txt")


def test_a_table_of_samples_in_the_folder_is_told(normalize, tmp_path):
    for sample in ("a1", "b2"):
        write(tmp_path / "run" / sample / "quant.genes.sf", *LAYOUTS["quant.genes.sf"][:2], first=len(sample))
    (tmp_path / "run" / "samples.tsv").write_text("sample\ttissue\na1\tlung\nb2\tlung\n")
    (tmp_path / "run" / "tx2gene.tsv").write_text("ENST1\tENSG00000141510\tTP53\n")
    log = normalize(tmp_path / "run").log
    assert log.count("is a table of sample metadata and is not read; give it with --metadata") == 1


@pytest.mark.parametrize(
    ("name", "unit"), [("P1.FPKM.txt", "fpkm"), ("P1.FPKM-UQ.txt", "expression"), ("P1.tpm.tsv", "tpm")]
)
def test_values_without_a_header_that_are_no_counts(normalize, tmp_path, name, unit):
    """The GDC's files until 2022: each gene with its FPKM, and nothing else."""
    values = np.random.default_rng(1).lognormal(5, 2, len(GENES))
    values[::7] = 0
    (tmp_path / name).write_text("".join(f"{gene}\t{value:.4f}\n" for gene, value in zip(GENES, values, strict=True)))
    adata = normalize(tmp_path / name).adata
    assert adata.obs_names.tolist() == [name.rpartition(".")[0].removesuffix(".tpm").split(".FPKM")[0]]
    assert adata.obs["scale"].tolist() == [f"log2_{unit}" + ("" if unit == "expression" else "1")]
