"""GEO's series matrices, and genes of probes and transcripts from a table."""

import gzip

import numpy as np
import pytest

from clrna.errors import InputError
from clrna.io.gene_map import read_gene_map
from clrna.io.metadata.sample_metadata import read_sample_table
from clrna.io.tables import read_expression

GENES = ["TP53", "EGFR", "MYC", "BRCA1", "KRAS", "PTEN"]
PROBES = [f"20{1000 + at}_s_at" for at in range(6)]


def series(ids, lines=0) -> str:
    about = [
        '!Series_title\t"Tumours"',
        '!Series_platform_id\t"GPL570"',
        *[f'!Series_contributor\t"Person {at}"' for at in range(lines)],
        "",
        '!Sample_title\t"one"\t"two, left"',
        '!Sample_geo_accession\t"GSM100"\t"GSM101"',
        '!Sample_characteristics_ch1\t"tissue: kidney"\t"age: 50"',
        '!Sample_characteristics_ch1\t"age: 40"\t"tissue: lung"',
        "!series_matrix_table_begin",
        '"ID_REF"\t"GSM100"\t"GSM101"',
    ]
    rows = [f'"{name}"\t{at + 1}.5\t{at + 2}.25' for at, name in enumerate(ids)]
    return "\n".join([*about, *rows, "!series_matrix_table_end"]) + "\n"


@pytest.mark.parametrize("lines", [0, 300], ids=["short", "long"])
@pytest.mark.parametrize("compress", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_symbols(tmp_path, lines, compress):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_bytes(compress(series(GENES, lines).encode()))
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["GSM100", "GSM101"] and adata.var_names.tolist() == GENES
    np.testing.assert_array_equal(adata.X[0], np.arange(6) + 1.5)
    assert adata.obs["tissue"].tolist() == ["kidney", "lung"] and adata.obs["age"].tolist() == ["40", "50"]


def test_its_samples_have_labels(normalize, tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(series(GENES))
    assert normalize(path, "--min-class-size", 1).adata.obs["tissue"].tolist() == ["Kidney", "Lung"]


def test_a_line_of_characteristics_that_says_several_things(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(series(GENES).replace('"tissue: kidney"', '"sex: f; tissue: kidney"'))
    obs = read_expression(path).obs
    assert obs["tissue"].tolist() == ["kidney", "lung"] and obs["sex"].tolist() == ["f", ""]


def test_probes_need_the_platforms_table(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(series(PROBES))
    with pytest.raises(InputError, match=r"probe sets.*GPL570.*--gene-map"):
        read_expression(path)


TABLES = {
    "two columns": "probe\tgene\n" + "".join(f"{p}\t{g}\n" for p, g in zip(PROBES, GENES, strict=True)),
    "no header": "".join(f"{p}\t{g}\n" for p, g in zip(PROBES, GENES, strict=True)),
    "platform": "#ID = probe\n#Gene Symbol = of NCBI\nID\tGB_ACC\tGene Title\tGene Symbol\n"
    + "".join(f"{p}\tU1\ta gene\t{g}\n" for p, g in zip(PROBES, GENES, strict=True)),
    "assignment": "ID\tgene_assignment\n"
    + "".join(f"{p}\tNM_1 // {g} // a gene // 17p13 // 1\n" for p, g in zip(PROBES, GENES, strict=True)),
}


@pytest.mark.parametrize("table", list(TABLES))
@pytest.mark.parametrize("layout", ["series", "columns", "rows"])
def test_genes_of_probes(tmp_path, table, layout):
    (tmp_path / "map.txt").write_text(TABLES[table])
    path = tmp_path / "m.txt"
    if layout == "series":
        path.write_text(series(PROBES))
    elif layout == "columns":
        path.write_text("id\ta1\tb2\n" + "".join(f"{p}\t{at + 1}.5\t{at + 2}.25\n" for at, p in enumerate(PROBES)))
    else:
        numbers = ["\t".join(f"{at + one}.{more}" for at in range(6)) for one, more in ((1, 5), (2, 25))]
        path.write_text("id\t" + "\t".join(PROBES) + f"\na1\t{numbers[0]}\nb2\t{numbers[1]}\n")
    adata = read_expression(path, gene_map=read_gene_map(tmp_path / "map.txt"))
    assert adata.var_names.tolist() == GENES and adata.var["original_id"].tolist() == PROBES
    np.testing.assert_array_equal(adata.X[1], np.arange(6) + 2.25)


def test_transcripts_are_summed(normalize, tmp_path):
    (tmp_path / "tx2gene.tsv").write_text("ENST00000269305\tTP53\nENST00000445888\tTP53\nENST00000275493\tEGFR\n")
    path = tmp_path / "S1.quant.sf"
    rows = [("ENST00000269305.9", 100), ("ENST00000445888.6", 28), ("ENST00000275493.7", 3)]
    path.write_text("Name\tLength\tEffectiveLength\tTPM\tNumReads\n" + "".join(f"{t}\t9\t9\t{n}\t1\n" for t, n in rows))
    adata = normalize(path, "--gene-map", tmp_path / "tx2gene.tsv").adata
    assert adata.var_names.tolist() == ["EGFR", "TP53"]
    np.testing.assert_allclose(adata.X[0], np.log2([4, 129]), rtol=1e-5)
    assert adata.var.loc["TP53", "original_id"] == "ENST00000269305.9;ENST00000445888.6"


def test_a_table_of_another_platform(normalize, tmp_path):
    (tmp_path / "map.txt").write_text(TABLES["two columns"])
    (tmp_path / "m.tsv").write_text("id\ta1\tb2\nILMN_1\t1.5\t2.5\nILMN_2\t2.5\t3.5\n")
    assert "is it the table of this platform" in normalize(tmp_path / "m.tsv", "--gene-map", tmp_path / "map.txt").error


def test_a_table_without_genes(normalize, tmp_path):
    (tmp_path / "map.txt").write_text("probe\tcolor\nx1\tred\nx2\tblue\n")
    (tmp_path / "m.tsv").write_text("id\ta1\tb2\nx1\t1.5\t2.5\nx2\t2.5\t3.5\n")
    assert "no column holds human genes" in normalize(tmp_path / "m.tsv", "--gene-map", tmp_path / "map.txt").error


def test_a_series_without_values(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(series([]))
    with pytest.raises(InputError, match="without values; take the matrix from the series' supplementary files"):
        read_expression(path)


@pytest.mark.parametrize("values", [True, False], ids=["with values", "without values"])
@pytest.mark.parametrize("names", ["accessions", "titles"])
def test_its_samples_describe_another_matrix(normalize, tmp_path, values, names):
    """The series matrix of an RNA-Seq study has no values, and the supplementary table may name samples by title."""
    (tmp_path / "GSE1_series_matrix.txt").write_text(series(GENES if values else []))
    columns = ["GSM101", "GSM100"] if names == "accessions" else ["two, left", "one"]
    rows = "".join(f"{gene}\t{10 * at + 3}\t{at + 7}\n" for at, gene in enumerate(GENES))
    (tmp_path / "counts.txt").write_text("\t".join(["gene", *columns]) + "\n" + rows)
    options = ("--metadata", tmp_path / "GSE1_series_matrix.txt", "--min-class-size", 1, "--counts-to", "cpm")
    adata = normalize(tmp_path / "counts.txt", *options).adata
    assert adata.obs["tissue"].tolist() == ["Lung", "Kidney"] and adata.obs["age"].tolist() == ["50", "40"]


@pytest.mark.parametrize(
    ("lines", "titles"),
    [
        (['"RNA-Seq of a tumor"\t"RNA-Seq of a tumor"', '"LX7"\t"LX8"'], ("a", "b")),
        (['"Library name: LX7"\t"Library name: LX8"'], ("a", "b")),
        ([], ("LX7 [RNA-seq]", "LX8 [RNA-seq]")),
    ],
)
def test_its_descriptions_may_name_the_samples(normalize, tmp_path, lines, titles):
    """GEO asks for the columns of supplementary tables there; titles may tell the assay, too."""
    said = "".join(f"!Sample_description\t{line}\n" for line in lines)
    text = series([]).replace('"one"\t"two, left"', "\t".join(f'"{title}"' for title in titles))
    (tmp_path / "GSE1_series_matrix.txt").write_text(
        text.replace("!series_matrix_table_begin", f"{said}!series_matrix_table_begin")
    )
    (tmp_path / "tpm.txt").write_text(
        "gene\tLX8\tLX7\n" + "".join(f"{gene}\t{at + 2.5}\t{30 - at}\n" for at, gene in enumerate(GENES))
    )
    obs = normalize(
        tmp_path / "tpm.txt", "--metadata", tmp_path / "GSE1_series_matrix.txt", "--min-class-size", 1
    ).adata.obs
    assert obs["tissue"].to_dict() == {"LX8": "Lung", "LX7": "Kidney"}


def test_the_table_of_a_platform_names_no_samples(tmp_path):
    path = tmp_path / "series.txt"
    path.write_text('!Series_title\t"x"\n!series_matrix_table_begin\n"ID_REF"\n!series_matrix_table_end\n')
    with pytest.raises(InputError, match="names no sample"):
        read_sample_table(path)
