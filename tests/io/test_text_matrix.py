"""Tables of text: layouts, delimiters, compression, and what goes wrong with them."""

import gzip
import re

import numpy as np
import pandas as pd
import pytest
import zstandard

from clrna.errors import InputError
from clrna.io.tables import read_expression


def same(adata, expression: pd.DataFrame) -> None:
    assert adata.obs_names.tolist() == expression.index.tolist()
    assert adata.var_names.tolist() == expression.columns.tolist()
    assert adata.X.dtype == np.float32 and adata.X.flags.c_contiguous
    np.testing.assert_array_equal(adata.X, expression.to_numpy(dtype=np.float32))


@pytest.mark.parametrize("separator", ["\t", ",", ";", "|"])
@pytest.mark.parametrize("in_rows", [True, False])
def test_delimiter_and_orientation_are_found(tmp_path, expression, separator, in_rows):
    path = tmp_path / "table"
    (expression if in_rows else expression.T).to_csv(path, sep=separator)
    same(read_expression(path), expression)


@pytest.mark.parametrize("compress", [gzip.compress, zstandard.compress])
def test_compression_is_found_by_content(tmp_path, expression, compress):
    path = tmp_path / "no_ending"
    path.write_bytes(compress(expression.to_csv(sep="\t").encode()))
    same(read_expression(path), expression)


def test_gzip_of_several_members(tmp_path, expression):
    text = expression.to_csv(sep="\t").encode()
    path = tmp_path / "table.gz"
    path.write_bytes(gzip.compress(text[:20]) + gzip.compress(text[20:]))
    same(read_expression(path), expression)


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\ufeff" + text,
        lambda text: text.replace("\n", "\r\n"),
        lambda text: "# written by a tool\n#Program: x; y\n" + text,
        lambda text: "\n\n" + text,
        lambda text: text.rstrip("\n"),
        lambda text: text.replace("s1", '"s1"').replace("TP53", '"TP53"'),
        lambda text: text.replace("sample\t", "#sample\t"),
        lambda text: text.replace("sample\t", ""),
        lambda text: text.replace("\n", "\t\n"),
        lambda text: text.replace("0.25\t", " 0.25\t"),
    ],
    ids=[
        "bom",
        "crlf",
        "comments",
        "empty-lines",
        "no-last-newline",
        "quotes",
        "hash-header",
        "r-header",
        "end",
        "space",
    ],
)
def test_what_programs_add_to_a_table(tmp_path, expression, change):
    path = tmp_path / "table.tsv"
    path.write_text(change(expression.to_csv(sep="\t")), encoding="utf-8", newline="")
    adata = read_expression(path)
    same(adata, expression)


@pytest.mark.parametrize("word", ["", "NA", "NaN", "nan", "NULL", "-", "."])
def test_missing_values(tmp_path, expression, word):
    path = tmp_path / "table.tsv"
    path.write_text(expression.to_csv(sep="\t").replace("0.25\t", f"{word}\t", 1))
    adata = read_expression(path)
    assert np.isnan(adata.X[0, 0]) and np.isfinite(adata.X).sum() == 14


def test_infinite_values_stay_to_be_counted(tmp_path, expression):
    path = tmp_path / "table.tsv"
    path.write_text(expression.to_csv(sep="\t").replace("0.25\t", "-inf\t", 1))
    assert np.isneginf(read_expression(path).X[0, 0])


def test_columns_of_text_beside_the_samples_are_kept(tmp_path, expression):
    path = tmp_path / "table.csv"
    with_text = expression.copy()
    with_text.insert(0, "tissue", ["lung", "breast", "a, b"])
    with_text.to_csv(path)
    adata = read_expression(path)
    assert adata.obs["tissue"].tolist() == ["lung", "breast", "a, b"]
    same(adata, expression)


def test_columns_that_describe_genes_are_no_samples(tmp_path, expression):
    path = tmp_path / "counts.txt"
    table = expression.T
    table.insert(0, "Length", 1000)
    table.insert(0, "Strand", "+")
    table.insert(0, "Start", 17)
    path.write_text("# Program:featureCounts v2.0.1; Command:x\n" + table.to_csv(sep="\t", index_label="Geneid"))
    adata = read_expression(path)
    same(adata, expression)
    assert adata.var["Strand"].tolist() == ["+"] * 5


def test_the_column_with_most_genes_is_taken(tmp_path, expression):
    table = expression.T
    table.insert(0, "gene_name", table.index)
    table.index = [f"probe_{number}" for number in range(5)]
    path = tmp_path / "table.tsv"
    table.to_csv(path, sep="\t")
    same(read_expression(path), expression)


def test_entrez_numbers_as_first_column(tmp_path, expression):
    table = expression.T
    table.index = ["7157", "1956", "4609", "672", "3845"]
    path = tmp_path / "table.tsv"
    table.to_csv(path, sep="\t", index_label="gene")
    adata = read_expression(path)
    assert adata.var_names.tolist() == table.index.tolist() and adata.shape == (3, 5)


def test_a_gene_may_stand_twice(tmp_path, expression):
    table = pd.concat([expression.T, expression.T.iloc[:1]])
    path = tmp_path / "table.tsv"
    table.to_csv(path, sep="\t", index_label="gene")
    assert read_expression(path).var_names.tolist().count("TP53") == 2


def test_latin_1_names(tmp_path, expression):
    path = tmp_path / "table.tsv"
    path.write_bytes(expression.rename(index={"s1": "Müller"}).to_csv(sep="\t").encode("latin-1"))
    assert read_expression(path).obs_names[0] == "Müller"


def test_one_sample(tmp_path, expression):
    path = tmp_path / "table.tsv"
    expression.iloc[:1].T.to_csv(path, sep="\t", index_label="gene")
    same(read_expression(path), expression.iloc[:1])


def test_gdc_star_counts(tmp_path):
    path = tmp_path / "0a1b.rna_seq.augmented_star_gene_counts.tsv"
    header = (
        "gene_id\tgene_name\tgene_type\tunstranded\tstranded_first\tstranded_second\ttpm_unstranded\tfpkm_unstranded"
    )
    path.write_text(
        f"# gene-model: GENCODE v36\n{header}\tfpkm_uq_unstranded\n"
        "N_unmapped\t\t\t10\t10\t10\t\t\t\nN_multimapping\t\t\t1\t1\t1\t\t\t\n"
        "ENSG00000141510.18\tTP53\tprotein_coding\t7\t3\t4\t1.5\t0.5\t0.6\n"
        "ENSG00000146648.18\tEGFR\tprotein_coding\t9\t5\t4\t2.5\t0.75\t0.8\n"
    )
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["0a1b"] and adata.obs["scale"].tolist() == ["tpm"]
    assert adata.var_names.tolist() == ["ENSG00000141510.18", "ENSG00000146648.18"]
    assert adata.X.tolist() == [[1.5, 2.5]]
    assert read_expression(path, quantity="counts").X.tolist() == [[7, 9]]
    with pytest.raises(InputError, match="no column of cpm"):
        read_expression(path, quantity="cpm")


def test_htseq_lines_are_left_out(tmp_path):
    path = tmp_path / "sample.counts"
    path.write_text("gene\ts1\nTP53\t3\nEGFR\t5\n__no_feature\t100\n__ambiguous\t7\n")
    assert read_expression(path).var_names.tolist() == ["TP53", "EGFR"]


def test_gct_1_2(tmp_path, expression):
    path = tmp_path / "table.gct"
    table = expression.T
    table.insert(0, "Description", "a gene")
    path.write_text("#1.2\n5\t3\n" + table.to_csv(sep="\t", index_label="Name"))
    adata = read_expression(path)
    same(adata, expression)
    assert adata.var["Description"].tolist() == ["a gene"] * 5


def test_gct_of_gtex_has_a_column_more(tmp_path):
    path = tmp_path / "table.gct"
    path.write_text(
        "#1.2\n2\t2\nid\tName\tDescription\tGTEX-1117F\tGTEX-111CU\n"
        "0\tENSG00000141510.16\tTP53\t1.5\t2.5\n1\tENSG00000146648.17\tEGFR\t3.5\t4.5\n"
    )
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["GTEX-1117F", "GTEX-111CU"] and adata.X.tolist() == [[1.5, 3.5], [2.5, 4.5]]
    assert adata.var_names.tolist() == ["ENSG00000141510.16", "ENSG00000146648.17"]


def test_cbioportal_has_two_identifiers(tmp_path, expression):
    table = expression.T
    table.insert(0, "Entrez_Gene_Id", [7157, 1956, 4609, 672, 3845])
    path = tmp_path / "data_mrna_seq_v2_rsem.txt"
    table.to_csv(path, sep="\t", index_label="Hugo_Symbol")
    same(read_expression(path), expression)


def test_depmap_writes_symbol_and_entrez(tmp_path, expression):
    path = tmp_path / "OmicsExpression.csv"
    table = expression.set_axis(["TP53 (7157)", "EGFR (1956)", "MYC (4609)", "BRCA1 (672)", "KRAS (3845)"], axis=1)
    table.set_axis([f"ACH-00000{number}" for number in range(3)], axis=0).to_csv(path)
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["ACH-000000", "ACH-000001", "ACH-000002"] and adata.n_vars == 5


def test_gct_1_3_holds_sample_metadata(tmp_path):
    path = tmp_path / "table.gct"
    path.write_text(
        "#1.3\n2\t2\t1\t2\nid\tpr_gene_symbol\ts1\ts2\ntissue\tna\tlung\tbreast\nage\tna\t40\t50\n"
        "1\tTP53\t1.5\t2.5\n2\tEGFR\t3.5\t4.5\n"
    )
    adata = read_expression(path)
    assert adata.obs["tissue"].tolist() == ["lung", "breast"] and adata.X.tolist() == [[1.5, 3.5], [2.5, 4.5]]
    assert adata.var_names.tolist() == ["TP53", "EGFR"]


BROKEN = {
    "empty": (b"", "is empty"),
    "blank": (b"\n\n \n", "empty lines only"),
    "header": (b"sample\tTP53\tEGFR\n", "no lines below"),
    "one-column": (b"TP53\nEGFR\nMYC\n", "no delimiter"),
    "pdf": (b"%PDF-1.7\n1 0 obj\n", "PDF"),
    "rcc": (b"<Header>\nFileVersion,1.7\n</Header>\n", "NanoString RCC file"),
    "agilent": (b"TYPE\ttext\nFEPARAMS\tProtocol_Name\nDATA\tGE1\n", "Agilent Feature Extraction"),
    "lfs": (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 12\n", "pointer of Git LFS"),
    "tar": (b"GSM1.txt".ljust(257, b"\0") + b"ustar\x00", "tar archive"),
    "mtx": (b"%%MatrixMarket matrix coordinate real general\n2 2 1\n1 1 5\n", "MatrixMarket"),
    "soft": (
        b"^SAMPLE = GSM1\n!sample_table_begin\nID_REF\tVALUE\nTP53\t7.5\nEGFR\t8.5\n!sample_table_end\n",
        "SOFT file of GEO",
    ),
    "soft-family": (
        b"^DATABASE = Geo\n^SERIES = GSE1\n^SAMPLE = GSM1\n!Sample_title = a\n!sample_table_begin\nID_REF\tVALUE\n"
        b"TP53\t7.5\n!sample_table_end\n^SAMPLE = GSM2\n!sample_table_begin\nID_REF\tVALUE\n"
        b"TP53\t6.5\n!sample_table_end\n",
        "SOFT file of GEO, in which each sample",
    ),
    "soft-platform": (
        b"^PLATFORM = GPL1\n!platform_table_begin\nID\tGene Symbol\tlength\n1\tTP53\t25\n2\tEGFR\t25\n"
        b"!platform_table_end\n",
        "for --gene-map",
    ),
    "maf": (
        b"Hugo_Symbol\tChromosome\tVariant_Classification\tTumor_Sample_Barcode\tt_depth\n"
        + b"TP53\tchr17\tMissense_Mutation\tTCGA-05-4244-01A\t55\nEGFR\tchr7\tSilent\tTCGA-05-4244-01A\t45\n" * 9,
        "a line for each mutation ('Variant_Classification'), as MAF has, and no expression",
    ),
    "sam": (b"@HD\tVN:1.6\tSO:coordinate\n", "SAM: reads; count them"),
    "cel": (b"[CEL]\nVersion=3\n", "CEL"),
    "html": (b"<!DOCTYPE html>\n<html><body>404</body></html>", "web page"),
    "xlsx": (b"PK\x03\x04\x14\x00\x06\x00", "Excel"),
    "json": (b'{"a": [1, 2]}', "JSON"),
    "utf16": ("sample\tTP53\n".encode("utf-16"), "UTF-16"),
    "utf16-without-mark": ("sample\tTP53\ns1\t1\n".encode("utf-16-le"), "UTF-16"),
    "one-empty-line": (b"\n", "holds empty lines only"),
    "utf16-big": ("sample\tTP53\ns1\t1\n".encode("utf-16-be"), "UTF-16"),
    "pickle": (b"\x80\x04\x95\x10\x00\x00", "pickle"),
    "nothing": (b"\x00" * 600, "binary"),
    "binary": (b"abc\x00\x01\x02def\x00", "binary"),
    "short-line": (
        b"sample\tTP53\tEGFR\ns1\t1\t2\ns2\t1\t2\ns3\t3\n",
        "line 4, which begins with 's3', has 2 fields where",
    ),
    "long-line": (
        b"sample\tTP53\tEGFR\ns1\t1\t2\ns2\t1\t2\ns3\t3\t4\t5\n",
        "line 4, which begins with 's3', has 4 fields where",
    ),
    "short": (b"sample\tTP53\tEGFR\n" + b"s1\t1\t2\n" * 80 + b"s2\t1\n", "line 82, which begins with 's2'"),
    "word": (b"sample\tTP53\tEGFR\ns1\t1\t2\ns2\t1\tlow\n", "column 'EGFR': 'low' is no number"),
    "comma": (b"sample\tTP53\tEGFR\ns1\t1,5\t2,5\ns2\t1,25\t3,5\n", "decimal point"),
    "semicolon-comma": (b"sample;TP53;EGFR\ns1;1,5;2,5\ns2;1,25;3,5\n", "decimal point"),
    "late-comma": (b"sample\tTP53\tEGFR\n" + b"s1\t1\t2\n" * 80 + b"s2\t1,5\t2\n", "decimal point"),
    "twice": (b"sample\tTP53\tEGFR\ns1\t1\t2\ns1\t3\t4\n", "'s1'"),
    "only-text": (b"sample\ttissue\ns1\tlung\ns2\tlung\n", "--metadata"),
    "no-genes": (b"sample\tage\theight\ns1\t40\t180\ns2\t50\t170\n", "no human gene identifiers"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_broken_tables_end_in_one_line(tmp_path, name):
    content, words = BROKEN[name]
    path = tmp_path / "table.tsv"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read_expression(path)
    text = str(caught.value)
    assert words in text and str(path) in text and "\n" not in text


@pytest.mark.parametrize("compress", [lambda data: gzip.compress(data, mtime=0), zstandard.compress])
@pytest.mark.parametrize("kept", [0.5, 0.9])
def test_compressed_files_that_were_cut(tmp_path, compress, kept):
    rng = np.random.default_rng(0)
    genes = ["TP53", "EGFR", "MYC"] * 500
    text = "gene\ts1\n" + "".join(f"{gene}\t{value:.6f}\n" for gene, value in zip(genes, rng.random(1500), strict=True))
    content = compress(text.encode())
    path = tmp_path / "table.tsv.gz"
    path.write_bytes(content[: int(kept * len(content))])
    with pytest.raises(InputError, match="cut short or damaged"):
        read_expression(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_expression(tmp_path / "nothing.tsv")


def test_both_sides_are_described_when_no_gene_is_known(tmp_path):
    path = tmp_path / "mouse.tsv"
    path.write_text("gene\ts1\ts2\nENSMUSG00000059552\t1\t2\nENSMUSG00000020122\t3\t4\n")
    with pytest.raises(InputError, match=r"header has .*'s1'.*first column .*mouse"):
        read_expression(path)


def test_stated_orientation_wins(tmp_path, expression):
    path = tmp_path / "table.tsv"
    expression.to_csv(path, sep="\t")
    assert read_expression(path, orientation="samples-in-columns").obs_names.tolist() == expression.columns.tolist()


def _gct(rows: int, told: str, version: str = "1.2") -> str:
    genes = ["TP53", "EGFR", "MYC", "BRCA1", "KRAS"][:rows]
    if version == "1.2":
        return f"#1.2\n{told}\nName\tDescription\ts1\ts2\n" + "".join(f"{gene}\tx\t1.5\t2.5\n" for gene in genes)
    head = f"#1.3\n{told}\nid\tnote\ts1\ts2\ntissue\tna\tlung\tskin\n"
    return head + "".join(f"{gene}\tx\t1.5\t2.5\n" for gene in genes)


@pytest.mark.parametrize("version", ["1.2", "1.3"])
@pytest.mark.parametrize(
    ("rows", "told", "words"),
    [
        (3, "5\t2", "tells 5 rows and 2 samples, and there are 3 and 2; it is cut short"),
        (5, "1,000\t2", "second line of a GCT file gives its sizes"),
        (5, "5\t7", "tells 5 rows and 7 samples, and there are 5 and 2; it is cut short"),
        (5, "4\t2", "tells 4 rows and 2 samples, and there are 5 and 2; it was put together or cut by hand"),
        (5, "5\t1", "tells 5 rows and 1 samples, and there are 5 and 2; it was put together or cut by hand"),
        (5, "5", "second line of a GCT file gives its sizes"),
    ],
)
def test_a_gct_file_has_what_its_second_line_tells(tmp_path, version, rows, told, words):
    path = tmp_path / "m.gct"
    more = "\t1\t1" if version == "1.3" else ""
    path.write_text(_gct(rows, told + more if "\t" in told else told, version))
    with pytest.raises(InputError, match=re.escape(words)):
        read_expression(path)
    path.write_text(_gct(rows, f"{rows}\t2{more}", version))
    assert read_expression(path).shape == (2, rows)


def test_a_gct_file_with_a_sample_without_values(tmp_path):
    path = tmp_path / "m.gct"
    path.write_text("#1.2\n2\t3\nName\tDescription\ts1\ts2\ts3\nTP53\tx\t1.5\t2.5\tNA\nEGFR\tx\t1\t2\tNA\n")
    assert "s3" not in read_expression(path).obs_names or np.isnan(read_expression(path)["s3"].X).all()


def test_a_series_matrix_that_does_not_end_is_cut_short(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    body = '"TP53"\t1.5\t2.5\n"EGFR"\t1\t2\n'
    top = '!Series_title\t"x"\n!Sample_title\t"a"\t"b"\n!series_matrix_table_begin\n"ID_REF"\t"GSM1"\t"GSM2"\n'
    path.write_text(top + body + "!series_matrix_table_end\n")
    assert read_expression(path).shape == (2, 2)
    path.write_text(top + body)
    with pytest.raises(InputError, match="no line tells the end of its table"):
        read_expression(path)
