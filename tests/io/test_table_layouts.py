"""Lines above and below the header that programs write, and columns that mix numbers and text."""

import pytest

from clrna.errors import InputError
from clrna.genes import load_gene_table
from clrna.io.matrix.unit_columns import UNIT_OF_NAMES
from clrna.io.metadata.sample_metadata import read_sample_metadata
from clrna.io.tables import read_expression

BODY = "gene;s1;s2\nTP53;1.5;2.5\nEGFR;3.5;4.5\nMYC;5.5;6.5\n"


@pytest.mark.parametrize(
    "above",
    ["sep=;\n", '"sep=;"\n', "Counts of study X\n\n", "Counts, of study X\n", "\nA title\nA second line, longer\n"],
)
def test_lines_above_the_header(tmp_path, above):
    path = tmp_path / "m.csv"
    path.write_text(above + BODY)
    adata = read_expression(path)
    assert adata.var_names.tolist() == ["TP53", "EGFR", "MYC"] and adata.X.tolist() == [
        [1.5, 3.5, 5.5],
        [2.5, 4.5, 6.5],
    ]
    path.write_text(above + BODY.replace(";", "\t") if "sep=" not in above else above + BODY)
    assert read_expression(path).shape == (2, 3)


@pytest.mark.parametrize(
    "title",
    [
        "Expression, TPM\n", "Expression, of all\n", "Table S1, TPM, of all, and more, genes\n", '"Counts, all",,,,\n',
        "Counts, of 2019,,,\n", "Counts,2019,,,\n\n",
    ],
)  # fmt: skip
def test_titles_with_commas_that_fit_the_table(tmp_path, title):
    path = tmp_path / "m.csv"
    rows = [f"{gene},{at}.5,{at + 1}.5,{at + 2}.5,7" for at, gene in enumerate(("TP53", "EGFR", "MYC", "KRAS"))]
    for width in (5,) if ",," in title else (3, 5):
        lines = [",".join(line.split(",")[:width]) for line in ["gene,S1,S2,S3,S4", *rows]]
        path.write_text(title + "\n".join(lines) + "\n")
        adata = read_expression(path)
        assert adata.obs_names.tolist() == ["S1", "S2", "S3", "S4"][: width - 1]
        assert adata.X[0].tolist() == [0.5, 1.5, 2.5, 3.5]


def test_a_header_with_spaces_is_no_title(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("gene, S1, S2\nTP53,1.5,2.5\nEGFR,3.5,4.5\n")
    assert read_expression(path).to_df().loc["S2"].to_dict() == {"TP53": 2.5, "EGFR": 4.5}
    path.write_text("sample, tissue, patient\ns1,Lung,P1\ns2,Skin,P2\ns3,Skin,P3\n")
    assert read_sample_metadata(path)["tissue"].to_dict() == {"s1": "Lung", "s2": "Skin", "s3": "Skin"}


def test_a_broken_line_does_not_make_the_header_a_title(tmp_path):
    path = tmp_path / "m.csv"
    good = [f"TP53;{number};1;2;3" for number in range(20)]
    path.write_text("\n".join(["gene;a;b;c;d", "EGFR;1;2;3;4", "MYC;1", *good]) + "\n")
    with pytest.raises(InputError, match="2 fields where the header has 5"):
        read_expression(path)


def test_firehose_has_a_second_header_line(tmp_path):
    path = tmp_path / "m.txt"
    path.write_text(
        "Hybridization REF\ta\tb\ngene_id\tnormalized_count\tnormalized_count\n"
        "TP53|7157\t1.5\t2.5\nEGFR|1956\t3.5\t4.5\n"
    )
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["a", "b"] and adata.X.tolist() == [[1.5, 3.5], [2.5, 4.5]]
    assert adata.obs["gene_id"].tolist() == ["normalized_count"] * 2
    assert UNIT_OF_NAMES not in adata.uns


def test_a_second_header_line_tells_the_unit(tmp_path):
    path = tmp_path / "m.txt"
    body = "TP53|7157\t1.5\t2.5\nEGFR|1956\t3.5\t4.5\n"
    for words, unit in (("RPKM\tRPKM", "fpkm"), ("raw_count\traw_count", "counts"), ("TPM\tFPKM", "")):
        path.write_text(f"Hybridization REF\ta\tb\ngene_id\t{words}\n{body}")
        adata = read_expression(path)
        assert adata.obs_names.tolist() == ["a", "b"] and adata.uns.get(UNIT_OF_NAMES, "") == unit


@pytest.mark.parametrize("chromosome", ["chr1;chr1;chr1", "1;1;1"])
@pytest.mark.parametrize("first", [0, 80], ids=["at-once", "far-down"])
def test_featurecounts_of_genes_with_several_exons(tmp_path, chromosome, first):
    header = "Geneid\tChr\tStart\tEnd\tStrand\tLength\taln/a.bam\taln/b.bam"
    one = [f"TP53\t{chromosome.split(';')[0]}\t17\t117\t+\t100\t5\t6"] * (first + 1)
    many = f"EGFR\t{chromosome}\t27;37;47\t28;38;48\t+;+;+\t3\t7\t8"
    path = tmp_path / "m.txt"
    path.write_text("\n".join(['# Program:featureCounts v2.0.3; Command:"x" "y"', header, *one, many]) + "\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["aln/a.bam", "aln/b.bam"]
    assert adata.X[:, -1].tolist() == [7, 8] and adata.X[:, 0].tolist() == [5, 6]
    assert adata.var["Start"].tolist()[-1] == "27;37;47"


def test_a_column_among_text_may_mix_it_with_numbers(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("gene,exons,kind,s1,s2\nTP53,11,coding,1,2\nEGFR,about 28,coding,3,4\nMYC,3,coding,5,6\n")
    adata = read_expression(path)
    assert adata.X.tolist() == [[1, 3, 5], [2, 4, 6]] and adata.var["exons"].tolist() == ["11", "about 28", "3"]


@pytest.mark.parametrize("column", ["s1", "s2"])
def test_a_word_in_a_sample_is_still_refused(tmp_path, column):
    path = tmp_path / "m.csv"
    words = {"s1": "low", "s2": "1"} if column == "s1" else {"s1": "1", "s2": "low"}
    path.write_text(f"gene,kind,s1,s2\nTP53,coding,1,2\nEGFR,coding,{words['s1']},{words['s2']}\n" + "MYC,x,5,6\n" * 9)
    with pytest.raises(InputError, match=f"column '{column}': 'low' is no number"):
        read_expression(path)


def test_metadata_with_empty_columns_and_lines_at_the_end(tmp_path):
    path = tmp_path / "meta.csv"
    path.write_text("sample;tissue;;\na;lung;;\nb;skin;;\n;;;\n")
    frame = read_sample_metadata(path)
    assert frame["tissue"].to_dict() == {"a": "lung", "b": "skin"} and frame.columns.tolist() == ["tissue"]


def test_cbioportals_clinical_table(tmp_path):
    path = tmp_path / "data_clinical_sample.txt"
    path.write_text(
        "#Patient Identifier\tSample Identifier\tCancer Type\n#Identifier of a patient\tOf a sample\tType of cancer\n"
        "#STRING\tSTRING\tSTRING\n#1\t1\t1\nPATIENT_ID\tSAMPLE_ID\tCANCER_TYPE\nP1\tP1-01\tBreast Cancer\n"
    )
    frame = read_sample_metadata(path, "SAMPLE_ID")
    assert frame.index.tolist() == ["P1-01"] and frame["CANCER_TYPE"].tolist() == ["Breast Cancer"]


def test_summaries_of_genes_are_no_samples(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("gene\ta\tb\tMean\tMax\tMinimum\nTP53\t1\t2\t1.5\t2\t1\nEGFR\t3\t5\t4\t5\t3\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["a", "b"] and adata.var["Max"].tolist() == [2, 5]


@pytest.mark.parametrize("title", ["Table S1. Samples, of all;;\n", '"Table S1";;\n\n', "Table S1;;\nmade in May;;\n"])
def test_spreadsheets_fill_titles_up_with_delimiters(tmp_path, title):
    path = tmp_path / "m.csv"
    path.write_text(title + BODY)
    assert read_expression(path).X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]
    path.write_text(title + "sample;tissue;age\ns1;Lung;50\ns2;Skin;60\n")
    assert read_sample_metadata(path)["tissue"].to_dict() == {"s1": "Lung", "s2": "Skin"}


@pytest.mark.parametrize("far", [0, 100])
def test_empty_lines_and_comments_below_the_header(tmp_path, far):
    path = tmp_path / "m.csv"
    body = BODY + "TP53;7;8\n" * far
    path.write_text(body.replace("EGFR", "\n   \n;;\nEGFR") + "\n;;\n# end\n;;;;;\n")
    adata = read_expression(path)
    assert adata.var_names.tolist() == ["TP53", "EGFR", "MYC"] + ["TP53"] * far
    assert adata.X[:, :3].tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]


def test_empty_columns_at_the_end(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text(BODY.replace("\n", ";;;\n"))
    assert read_expression(path).X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["1,234", "12", "1,234,567"], "'1,234'.*thousands"),
        (["1,234.5", "12.5", "3"], "'1,234.5'.*thousands"),
        (["0", "12,5", "3"], "'12,5'.*decimal point"),
    ],
)
def test_commas_in_some_numbers_of_a_sample_make_it_no_description(tmp_path, values, words):
    """Among many lines with whole numbers, a sample would have gone to var and been lost."""
    path = tmp_path / "m.tsv"
    genes = ["TP53", "EGFR", "MYC"]
    path.write_text("gene\ta\tb\n" + "".join(f"{g}\t{v}\t5\n" for g, v in zip(genes * 3, values * 3, strict=True)))
    with pytest.raises(InputError, match=words):
        read_expression(path)
    path.write_text("sample\ttissue\tage\n" + "".join(f"s{n}\tLung\t{v}\n" for n, v in enumerate(values)))
    assert read_sample_metadata(path)["age"].tolist() == values


def test_lines_that_end_with_a_carriage_return_alone(tmp_path):
    path = tmp_path / "m.csv"
    path.write_bytes(BODY.replace("\n", "\r").encode())
    with pytest.raises(InputError, match="carriage return"):
        read_expression(path)


@pytest.mark.parametrize("title", ["", "Table S2, all samples;;\n", "Table S2;;\n\n;;\n"])
def test_titles_below_the_line_for_excel(tmp_path, title):
    path = tmp_path / "m.csv"
    path.write_text("sep=;\n" + title + BODY)
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["s1", "s2"] and adata.X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]


@pytest.mark.parametrize("last", ["", "gene_id,symbol,,\n"])
def test_several_lines_about_the_samples(tmp_path, last):
    """As the Cell Model Passports write them: identifiers, names, sources."""
    path = tmp_path / "m.csv"
    top = "model_id,,SIDM00001,SIDM00002\nmodel_name,,A549,HT-29\ndataset_name,,Broad,Sanger\ndataset_name,,b,s\n"
    path.write_text(top + last + "SIDG1,TP53,1.5,2.5\nSIDG2,EGFR,3.5,4.5\nSIDG3,MYC,5.5,6.5\n")
    adata = read_expression(path)[:, ["TP53", "EGFR", "MYC"]]
    assert adata.obs_names.tolist() == ["SIDM00001", "SIDM00002"]
    assert adata.X.tolist() == [[1.5, 3.5, 5.5], [2.5, 4.5, 6.5]]
    assert adata.obs["model_name"].tolist() == ["A549", "HT-29"] and adata.obs["dataset_name_2"].tolist() == ["b", "s"]


def test_the_line_whose_names_are_distinct_names_the_samples(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("tissue,Lung,Lung,Skin\nsample,a,b,c\ngene,,,\nTP53,1.5,2.5,3\nEGFR,3.5,4.5,5\n")
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["a", "b", "c"] and adata.obs["tissue"].tolist() == ["Lung", "Lung", "Skin"]
    assert adata.to_df()["EGFR"].tolist() == [3.5, 4.5, 5]


def test_lines_of_text_and_of_numbers_about_the_samples(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("gene,a,b\ntissue,Lung,Skin\nage,50,61\nsex,F,M\nTP53,1.5,2.5\nEGFR,3.5,4.5\n")
    adata = read_expression(path)
    assert adata.to_df().loc["a"].to_dict() == {"TP53": 1.5, "EGFR": 3.5}
    assert adata.obs.astype(str).loc["b"].to_dict() == {"tissue": "Skin", "age": "61", "sex": "M"}


def test_a_gene_above_a_line_of_text_stays_a_gene(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("gene,a,b\ntissue,Lung,Skin\nKRAS,5,6\nsex,F,M\nTP53,1.5,2.5\nEGFR,3.5,4.5\n")
    with pytest.raises(InputError, match=r"line \d, row '(tissue|sex)', column 'a': '\w+' is no number; .* --metadata"):
        read_expression(path)


def test_a_line_of_text_far_down_is_told_with_its_name(tmp_path):
    path = tmp_path / "m.csv"
    path.write_text("gene,a,b\n" + "TP53,1.5,2.5\n" * 70 + "stage,II,III\n" + "EGFR,3.5,4.5\n")
    with pytest.raises(InputError, match=r"line 72, row 'stage', column 'a': 'II' is no number; .* --metadata"):
        read_expression(path)
    path.write_text("gene,a,b\n" + "TP53,1.5,2.5\n" * 70 + "EGFR,3.5,low\n")
    with pytest.raises(InputError, match=r"line 72, row 'EGFR', column 'b': 'low' is no number; remove it or write NA"):
        read_expression(path)


def test_a_damaged_number_near_the_top_is_no_second_header(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("gene\ta\tb\tc\nTP53\t1\tx\t3\nEGFR\t3\t4\t5\nMYC\t5\t6\t7\n")
    with pytest.raises(InputError, match="column 'b': 'x' is no number"):
        read_expression(path)


def test_several_numbers_in_a_field_are_no_value(tmp_path):
    """The Expression Atlas gives the quartiles of the replicates."""
    path = tmp_path / "m.tsv"
    path.write_text("Gene ID\tGene Name\tg1\tg2\n" + "ENSG00000141510\tTP53\t1,2.5,3,4,5\t2,3,4,5,6.5\n" * 3)
    with pytest.raises(InputError, match="five numbers a cell, quartiles of a group"):
        read_expression(path)


def test_a_series_matrix_whose_table_ends_at_once(tmp_path):
    path = tmp_path / "m.tsv"
    path.write_text("gene\ta\tb\nTP53\t1\t2\nEGFR\t3\t4\n!series_matrix_table_end\n\nmore\n")
    assert read_expression(path).X.tolist() == [[1, 3], [2, 4]]


def test_a_column_of_annotations_that_is_empty(tmp_path):
    """nSolver leaves ``Annotation`` empty between the probe's name and its accession."""
    path = tmp_path / "m.csv"
    head = "Probe Name,Annotation,Accession,Class Name,a1,b2\n"
    rows = [f"{gene},,NM_{at}.1,Endogenous,{at}.5,{at}\n" for at, gene in enumerate(("TP53", "EGFR"))]
    path.write_text(head + "".join(rows))
    assert read_expression(path).obs_names.tolist() == ["a1", "b2"]


NOTES = [
    "\n\nFootnotes:\n(a) RMA, see methods\n",
    "* probes averaged\n** not detected\n",
    "Generated on 2024-05-01 by pipeline v3\n",
    "Source: GEO, accession GSE1, normalized by RMA, and quantiles\n",
]


@pytest.mark.parametrize("notes", NOTES)
@pytest.mark.parametrize("far", [False, True])
def test_notes_below_the_table(tmp_path, notes, far):
    genes = load_gene_table().symbol[: 90 if far else 5].tolist()
    body = "gene,a,b\n" + "".join(f"{gene},{at},{at + 1}\n" for at, gene in enumerate(genes))
    (tmp_path / "m.csv").write_text(body + notes)
    adata = read_expression(tmp_path / "m.csv")
    assert adata.var_names.tolist() == genes and adata.X[1].tolist() == [at + 1 for at in range(len(genes))]


@pytest.mark.parametrize("last", ["EGFR", "EGFR,5", "EGF", "tumor pro,5", "Footnotes:\nEGFR,1,2"])
def test_a_line_that_was_cut_short_is_no_note(tmp_path, last):
    (tmp_path / "m.csv").write_text(f"gene,a,b\nTP53,1,2\nMYC,3,4\n{last}\n")
    with pytest.raises(InputError, match="fields where the header has 3; it is cut short"):
        read_expression(tmp_path / "m.csv")


def test_lines_above_that_name_the_columns_once_more(tmp_path):
    """NanoString's collector: numbers of the lanes, of which no word says so, above the line with the names."""
    (tmp_path / "m.csv").write_text(
        "File Name,,,a.RCC,b.RCC\nSample Name,,,P1,P2\nBindingDensity,,,0.4,0.5\nCode Class,Name,Accession,a,b\n"
        "Endogenous,TP53,NM_1,5,6\nEndogenous,EGFR,NM_2,7,8\nHousekeeping,GAPDH,NM_3,9,10\n"
    )
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == ["a.RCC", "b.RCC"] and adata.var_names.tolist() == ["TP53", "EGFR", "GAPDH"]
    assert adata.obs["BindingDensity"].tolist() == ["0.4", "0.5"] and adata.X.tolist() == [[5, 7, 9], [6, 8, 10]]


def test_a_line_that_names_but_the_columns_of_text(tmp_path):
    """Cell Model Passports: the last line above the genes has names for two columns and no value."""
    (tmp_path / "m.csv").write_text(
        "model_id,,SIDM1,SIDM2\nmodel_name,,A549,697\nsource,,Sanger,Broad\ngene_id,symbol,,\nSIDG1,TP53,1.5,2.5\nSIDG2,EGFR,3.5,4.5\n"
    )
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == ["SIDM1", "SIDM2"] and adata.var_names.tolist() == ["TP53", "EGFR"]
    assert adata.obs["model_name"].tolist() == ["A549", "697"]


@pytest.mark.parametrize(
    "above", [",control,,tumor,", "Table S3. Raw counts, all samples,,,\n,,,,", ",control,control,tumor,tumor"]
)
def test_lines_of_spreadsheets_above_the_names(tmp_path, above):
    (tmp_path / "m.csv").write_text(f"{above}\ngene,a,b,c,d\nTP53,1,2,3,4\nEGFR,5,6,7,8\n")
    adata = read_expression(tmp_path / "m.csv")
    assert adata.obs_names.tolist() == ["a", "b", "c", "d"] and adata.X.tolist() == [[1, 5], [2, 6], [3, 7], [4, 8]]


def test_chromosomes_behind_the_samples(tmp_path):
    """Novogene: positions of genes behind the samples, most of them numbers, and X."""
    genes = load_gene_table().symbol[:90].tolist()
    rows = [f"{gene}\t{at}\t{at + 1}\t{'X' if at == 80 else 1}\t5" for at, gene in enumerate(genes)]
    (tmp_path / "m.xls").write_text("\n".join(["gene_name\ta\tb\tgene_chr\tgene_start", *rows]) + "\n")
    assert read_expression(tmp_path / "m.xls").obs_names.tolist() == ["a", "b"]
