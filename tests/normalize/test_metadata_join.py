"""Each sample gets the labels of its own study's table, also where studies name their samples alike."""

import pandas as pd
import pytest
from anndata import AnnData

from clrna.normalize.match_names import match_names

SAMPLES = ["S1", "S2", "S3"]
ALL = ("--min-class-size", 1)


@pytest.fixture
def two(write_counts):
    return [write_counts(f"{name}.tsv", SAMPLES, seed) for seed, name in enumerate(("HOSPA", "HOSPB"))]


@pytest.fixture
def tables(tmp_path):
    a, b = tmp_path / "a_meta.tsv", tmp_path / "b_meta.tsv"
    a.write_text("sample\ttissue\tpatient\nS1\tlung\tA0\nS2\tbreast\tA1\nS3\tlung\tA2\n")
    b.write_text("sample\ttissue\tpatient\nS1\tkidney\tB0\nS2\tcolon\tB1\nS3\tkidney\tB2\n")
    return [a, b]


def labels(result) -> dict[str, tuple[str, str]]:
    obs = result.adata.obs
    return dict(zip(obs.index, zip(obs["tissue"], obs["donor"], strict=True), strict=True))


RIGHT = {
    "HOSPA.S1": ("Lung", "HOSPA:A0"),
    "HOSPA.S2": ("Breast", "HOSPA:A1"),
    "HOSPA.S3": ("Lung", "HOSPA:A2"),
    "HOSPB.S1": ("Kidney", "HOSPB:B0"),
    "HOSPB.S2": ("Bowel", "HOSPB:B1"),
    "HOSPB.S3": ("Kidney", "HOSPB:B2"),
}


def test_as_many_tables_as_inputs_go_by_position(normalize, two, tables):
    result = normalize(*two, "--metadata", tables[0], "--metadata", tables[1], *ALL)
    assert labels(result) == RIGHT


def test_a_table_names_its_study(normalize, two, tables):
    words = ("--metadata", f"HOSPB={tables[1]}", "--metadata", f"HOSPA={tables[0]}")
    assert labels(normalize(*two, *words, *ALL)) == RIGHT
    named = ("--study", "x,y", "--metadata", f"y={tables[1]}", "--metadata", f"x={tables[0]}")
    assert next(iter(labels(normalize(*two, *named, *ALL)).values())) == ("Lung", "x:A0")


def test_one_table_for_one_of_two_studies(normalize, two, tables):
    obs = normalize(*two, "--metadata", f"HOSPB={tables[1]}", *ALL).adata.obs
    assert obs["tissue"].isna().tolist() == [True] * 3 + [False] * 3


def test_a_study_column_decides(normalize, two, tables, tmp_path):
    frames = [
        pd.read_csv(path, sep="\t").assign(study=name) for path, name in zip(tables, ("HOSPA", "HOSPB"), strict=True)
    ]
    both = tmp_path / "both.csv"
    pd.concat(frames[::-1]).to_csv(both, index=False)
    assert labels(normalize(*two, "--metadata", both, *ALL)) == RIGHT
    one = normalize(two[0], "--metadata", both, *ALL, output="one.h5ad")
    assert labels(one) == {name[6:]: value for name, value in RIGHT.items() if name.startswith("HOSPA")}


def test_the_column_of_the_study_may_be_the_first(normalize, two, tables, tmp_path):
    frames = [
        pd.read_csv(path, sep="\t").assign(study=name) for path, name in zip(tables, ("HOSPA", "HOSPB"), strict=True)
    ]
    both = tmp_path / "both.csv"
    pd.concat(frames)[["study", "sample", "tissue", "patient"]].to_csv(both, index=False)
    assert labels(normalize(*two, "--metadata", both, *ALL)) == RIGHT
    one = normalize(two[1], "--metadata", both, *ALL, output="one.h5ad")
    assert labels(one) == {name[6:]: value for name, value in RIGHT.items() if name.startswith("HOSPB")}


@pytest.mark.parametrize("kept", [0, 1])
def test_where_nothing_decides_it_is_refused(normalize, two, tables, kept):
    error = normalize(*two, "--metadata", tables[kept]).error
    assert "3 of its samples stand in several studies" in error and "STUDY=FILE" in error and "'S1'" in error


def test_two_tables_for_three_inputs(normalize, write_counts, two, tables):
    third = write_counts("HOSPC.tsv", ["T1", "T2"], 2)
    words = [word for table in tables for word in ("--metadata", table)]
    assert "several studies" in normalize(*two, third, *words).error


def test_one_table_serves_all_inputs_where_names_differ(normalize, write_counts, tmp_path):
    files = [write_counts("A.tsv", ["a1", "a2"]), write_counts("B.tsv", ["b1", "b2"], 1)]
    table = tmp_path / "meta.csv"
    table.write_text("sample,tissue\nb1,skin\nb2,skin\na1,lung\na2,lung\n")
    assert normalize(*files, "--metadata", table, *ALL).adata.obs["tissue"].tolist() == ["Lung"] * 2 + ["Skin"] * 2


def test_an_accession_is_one_sample_in_any_study(normalize, write_counts, tmp_path):
    files = [write_counts("A.tsv", ["GSM100", "GSM101"]), write_counts("B.tsv", ["GSM100", "GSM101"], 1)]
    table = tmp_path / "meta.csv"
    table.write_text("sample,tissue\nGSM100,skin\nGSM101,lung\n")
    assert normalize(*files, "--metadata", table, *ALL).adata.obs["tissue"].tolist() == ["Skin", "Lung"] * 2


def test_a_table_of_another_study_does_not_touch_the_labels_of_an_h5ad(normalize, two, tables):
    first = normalize(two[0], "--metadata", tables[0], *ALL, output="HOSPA.h5ad").path
    assert "several studies" in normalize(first, two[1], "--metadata", tables[1], *ALL).error
    assert labels(normalize(first, two[1], "--metadata", f"HOSPB={tables[1]}", *ALL)) == RIGHT


def test_by_position_a_table_has_to_fit(normalize, write_counts, tables, two):
    other = write_counts("HOSPC.tsv", ["T1", "T2"], 2)
    error = normalize(other, two[0], "--metadata", tables[0], "--metadata", tables[1]).error
    assert "a_meta.tsv: no sample of it is in" in error and "HOSPC.tsv" in error and "STUDY=FILE" in error


def test_a_study_that_is_not_there(normalize, two, tables):
    result = normalize(*two, "--metadata", f"HOSPX={tables[0]}")
    assert result.status == 2 and "there is no study 'HOSPX'; studies are HOSPA, HOSPB" in result.error


def test_a_missing_table_of_a_study(normalize, two, tmp_path):
    assert "no such file" in normalize(*two, "--metadata", f"HOSPA={tmp_path / 'none.tsv'}").error


def test_names_that_r_has_changed_beside_names_that_it_has_not(normalize, write_counts, tmp_path):
    file = write_counts("A.tsv", ["X1.sample", "b.2", "plain", "X7"])
    table = tmp_path / "meta.csv"
    table.write_text("sample,tissue\n1-sample,lung\nb-2,skin\nplain,breast\nX7,colon\n")
    result = normalize(file, "--metadata", table, *ALL)
    assert result.adata.obs["tissue"].tolist() == ["Lung", "Skin", "Breast", "Bowel"]


def test_what_a_table_replaces_is_said(normalize, write_counts, tmp_path):
    file = write_counts("A.tsv", ["a1", "a2"])
    for name, tissue in (("one", "lung"), ("two", "skin")):
        (tmp_path / f"{name}.csv").write_text(f"sample,tissue\na1,{tissue}\n")
    result = normalize(file, "--metadata", tmp_path / "one.csv", "--metadata", tmp_path / "two.csv", *ALL)
    assert (
        "column 'tissue' replaces what was known of 1 sample" in result.log and "a1 was 'lung', is 'skin'" in result.log
    )
    assert result.adata.obs["tissue"].tolist()[0] == "Skin"


def test_samples_named_by_another_column_or_by_their_file(normalize, write_counts, tmp_path):
    file = write_counts("A.tsv", ["0a1b", "2c3d"])
    sheet = tmp_path / "sheet.tsv"
    end = "rna_seq.augmented_star_gene_counts.tsv"
    sheet.write_text(f"File ID\tFile Name\ttissue\nu1\t0a1b.{end}\tlung\nu2\t2c3d.{end}\tskin\n")
    assert normalize(file, "--metadata", sheet, *ALL).adata.obs["tissue"].tolist() == ["Lung", "Skin"]


def test_an_organ_and_a_tumour_type_of_another_one(normalize, write_counts, tmp_path):
    table = tmp_path / "meta.csv"
    table.write_text("sample,tissue,disease\na1,Skin,MM\na2,Skin,MM\na3,Bone,GCT\na4,Lung,LUAD\n")
    result = normalize(write_counts("A.tsv", ["a1", "a2", "a3", "a4"]), "--metadata", table, *ALL)
    assert result.adata.obs["tissue"].tolist() == ["Skin", "Skin", "Bone", "Lung"]
    assert result.adata.obs["tumor_type"].isna().tolist() == [True, True, True, False]
    assert (
        "tissue and tumor type of 3 samples contradict each other: Skin + MM 2 (Skin), Bone + GCT 1 (Bone)"
        in result.log
    )


def test_a_table_of_samples_among_the_inputs_is_known_as_one(normalize, write_counts, tmp_path):
    table = tmp_path / "samples.csv"
    table.write_text("sample,age,tissue,patient\na1,50,lung,P1\nb2,60,skin,P2\n")
    obs = normalize(write_counts("A.tsv", ["a1", "b2"]), table, *ALL).adata.obs
    assert obs["tissue"].tolist() == ["Lung", "Skin"] and obs["donor"].tolist() == ["A:P1", "A:P2"]
    assert "to be given with --metadata" in normalize(table, output="x.h5ad").error


def test_a_matrix_with_columns_of_labels_is_none(normalize, write_counts, tmp_path):
    from tests.normalize.conftest import counts_of

    frame = counts_of(["a1", "b2"]).T
    frame.insert(0, "tissue", ["lung", "skin"])
    frame.to_csv(tmp_path / "A.csv")
    assert normalize(tmp_path / "A.csv", *ALL).adata.obs["tissue"].tolist() == ["Lung", "Skin"]


def test_a_matrix_with_lines_about_the_models_is_none(normalize, tmp_path):
    from tests.normalize.conftest import counts_of

    frame = counts_of(["SIDM1", "SIDM2"])
    lines = [",model_id,SIDM1,SIDM2", ",model_name,A-1,B-2", ",dataset_name,x,x", "gene_id,symbol,,"]
    lines += [f"SIDG{at},{gene},{a},{b}" for at, (gene, a, b) in enumerate(frame.itertuples())]
    (tmp_path / "m.csv").write_text("\n".join(lines) + "\n")
    adata = normalize(tmp_path / "m.csv").adata
    assert adata.obs_names.tolist() == ["SIDM1", "SIDM2"] and adata.n_vars == len(frame)


@pytest.mark.parametrize("column", ["Characteristics[organism part]", "Factor Value [Organism Part]", "organism_part"])
def test_arrayexpress_names_its_columns_in_brackets(normalize, tmp_path, write_counts, column):
    path = write_counts("A.tsv", ["a", "b"], 1)
    table = tmp_path / "A.sdrf.txt"
    table.write_text(f"Source Name\t{column}\tCharacteristics[individual]\na\tlung\tP1\nb\tskin\tP1\n")
    obs = normalize(path, "--metadata", table, "--min-class-size", 1).adata.obs
    assert obs["tissue"].tolist() == ["Lung", "Skin"] and obs["donor"].nunique() == 1


def test_names_that_began_with_a_sign(normalize, tmp_path, write_counts):
    path = write_counts("A.tsv", ["X.9", "X1.b", "c"], 1)
    table = tmp_path / "m.tsv"
    table.write_text("sample\ttissue\n-9\tLung\n1-b\tSkin\nc\tBreast\n")
    obs = normalize(path, "--metadata", table, "--min-class-size", 1).adata.obs
    assert obs["tissue"].tolist() == ["Lung", "Skin", "Breast"]


BARCODES = ["TCGA-AA-3514-01A-02R-0821-07", "TCGA-AA-3514-11A-01R-A32Z-07", "TCGA-F4-6704-01A-11R-1839-07"]
BY_LENGTH = {
    12: ["TCGA-AA-3514", "TCGA-F4-6704"],
    15: [name[:15] for name in BARCODES],
    16: [name[:16] for name in BARCODES],
    20: [name[:20] for name in BARCODES],
}


@pytest.mark.parametrize("length", BY_LENGTH)
def test_a_table_names_barcodes_by_their_beginning(normalize, write_counts, tmp_path, length):
    counts, table = write_counts("m.tsv", BARCODES), tmp_path / "t.tsv"
    organ = {"TCGA-AA": "colon", "TCGA-F4": "lung"}
    rows = [f"{name}\t{organ[name[:7]]}\tPrimary Tumor\n" for name in BY_LENGTH[length]]
    table.write_text("sampleID\tprimary_site\tsample_type\n" + "".join(rows))
    result = normalize(counts, "--metadata", table, *ALL)
    assert labels(result) == {
        BARCODES[0]: ("Bowel", "TCGA-AA-3514"),
        BARCODES[1]: ("Bowel", "TCGA-AA-3514"),
        BARCODES[2]: ("Lung", "TCGA-F4-6704"),
    }
    assert result.adata.obs["sample_category"].tolist() == ["tumor", "normal", "tumor"]


def test_a_table_of_aliquots_for_shorter_barcodes(normalize, write_counts, tmp_path):
    counts, table = write_counts("m.tsv", ["TCGA.AA.3514.01", "TCGA.AA.3514.11", "TCGA.F4.6704.01"]), tmp_path / "t.tsv"
    table.write_text("sample\ttissue\n" + "".join(f"{name}\tlung\n" for name in BARCODES))
    assert [tissue for tissue, _ in labels(normalize(counts, "--metadata", table, *ALL)).values()] == ["Lung"] * 3


def test_of_two_aliquots_of_a_sample_none_is_taken():
    known = ["TCGA-AA-3514-01A-02R-0821-07", "TCGA-AA-3514-01A-03R-0821-07", "TCGA-F4-6704-01A-11R-1839-07"]
    assert match_names(["TCGA-AA-3514-01A", "TCGA-F4-6704-01A"], known) == {"TCGA-F4-6704-01A": known[2]}
    assert match_names(["TCGA-AA-35144", "S1"], ["TCGA-AA-3514"]) == {}


def test_a_line_for_each_treatment_or_run(normalize, write_counts, tmp_path):
    """GDC's clinical table has a line for each treatment, the SRA's one for each run: the labels are the same."""
    matrix = write_counts("A.tsv", SAMPLES)
    lines = ["sample\ttissue\tpatient\ttreatment\tage"]
    lines += [f"S{at}\tlung\tP{at}\t{what}\t5{at}" for at in (1, 2) for what in ("radiation", "'--")]
    (tmp_path / "m.tsv").write_text("\n".join([*lines, "S3\tbreast\tP3\tnone at all\t53"]) + "\n")
    done = normalize(matrix, "--metadata", tmp_path / "m.tsv", *ALL)
    obs = done.adata.obs
    assert obs["tissue"].tolist() == ["Lung", "Lung", "Breast"] and obs["age"].tolist() == ["51", "52", "53"]
    assert obs["treatment"].isna().tolist() == [True, True, False]
    assert "2 samples have several rows that differ in 'treatment'" in done.log


@pytest.mark.parametrize("column", ["tissue", "patient", "Primary Site", "organ_of_theirs"])
def test_two_labels_of_one_sample_are_refused(normalize, write_counts, tmp_path, column):
    matrix = write_counts("A.tsv", SAMPLES)
    (tmp_path / "m.tsv").write_text(f"sample\t{column}\tage\nS1\tlung\t1\nS1\tbreast\t1\nS2\tlung\t2\nS3\tlung\t3\n")
    key = ("--tissue-key", column) if column.startswith("organ_") else ()
    error = normalize(matrix, "--metadata", tmp_path / "m.tsv", *key, *ALL).error
    assert f"1 sample has two rows that differ ('S1') in '{column}'" in error and "--sample-column" in error


@pytest.mark.parametrize("key", ["tissue:ch1", "characteristics_ch1"])
def test_columns_that_geoquery_makes(normalize, write_counts, tmp_path, key):
    matrix = write_counts("A.tsv", ["GSM1", "GSM2", "GSM3"])
    tissues = ["kidney", "lung", "lung"]
    frame = pd.DataFrame({"title": ["a", "b", "c"], "geo_accession": ["GSM1", "GSM2", "GSM3"]})
    frame[key] = tissues if key.endswith(":ch1") else [f"tissue: {tissue}" for tissue in tissues]
    frame["characteristics_ch1.1"] = ["patient: P1", "patient: P2", "age: 60"]
    frame.to_csv(tmp_path / "pheno.csv")
    obs = normalize(matrix, "--metadata", tmp_path / "pheno.csv", *ALL).adata.obs
    assert obs["tissue"].tolist() == ["Kidney", "Lung", "Lung"]
    assert obs["donor"].tolist() == ["A:P1", "A:P2", "A:GSM3"] and obs["age"].tolist()[2] == "60"


def test_tissues_of_cellxgene_may_be_codes_alone(normalize, write_counts, tmp_path):
    (tmp_path / "m.csv").write_text(
        "sample,tissue_ontology_term_id\nS1,UBERON:0002048\nS2,UBERON:0000948\nS3,UBERON:0001155 (organoid)\n"
    )
    done = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.csv", *ALL)
    tissues = done.adata.obs["tissue"]
    assert tissues.tolist()[::2] == ["Lung", "Bowel"] and tissues.isna().tolist() == [False, True, False]
    assert "1 raw name of tissue not known, counted as unlabelled, with the samples: 'UBERON:0000948' 1" in done.log


@pytest.mark.parametrize("between", [";; ", ";\t", "; ", ";"])
@pytest.mark.parametrize("separator", ["\t", ","])
def test_characteristics_of_geometadb_stand_in_one_column(normalize, write_counts, tmp_path, between, separator):
    """A list goes on behind a semicolon, and a value that holds a colon stays whole."""
    said = [
        ["tissue: kidney", "patient: P1", "drugs: a; b", "at: 10:30"],
        ["patient: P2", "tissue: lung"],
        ["tissue: lung", "patient: P1"],
    ]
    frame = pd.DataFrame({"gsm": ["GSM1", "GSM2", "GSM3"], "characteristics_ch1": [between.join(one) for one in said]})
    frame.to_csv(tmp_path / "gsm.txt", sep=separator, index=False)
    matrix = write_counts("A.tsv", ["GSM1", "GSM2", "GSM3"])
    obs = normalize(matrix, "--metadata", tmp_path / "gsm.txt", *ALL).adata.obs
    assert obs["tissue"].tolist() == ["Kidney", "Lung", "Lung"]
    assert obs["donor"].tolist() == ["A:P1", "A:P2", "A:P1"]
    assert obs["drugs"].tolist()[0] == "a; b" and obs["at"].tolist()[0] == "10:30"


@pytest.mark.parametrize(
    ("sample", "known"),
    [
        ("P7_S3_L001", "P7"), ("/data/P7_S3_L002_R1_001.fastq.gz", "P7"), ("P7", "P7_R1.fastq.gz"), ("P7_count", "P7"),
        ("P7.TPM", "P7"), ("905933", "905933.0"), ("DATA.905933", "905933"),
    ],
)  # fmt: skip
def test_what_else_is_added_to_names(sample, known):
    assert match_names([sample, "other"], [known, "third"]) == {sample: known}


def test_files_of_one_name_are_called_as_their_folders():
    paths = [f"star/{name}/Aligned.sortedByCoord.out.bam" for name in ("P7", "P8")]
    assert match_names(paths, ["P8", "P7"]) == dict(zip(paths, ["P7", "P8"], strict=True))
    assert match_names(["P7", "P8"], paths) == dict(zip(["P7", "P8"], paths, strict=True))
    assert match_names(["a/P7/x.bam", "b/P7/x.bam"], ["P7"]) == {}


@pytest.mark.parametrize("column", ["Patient No.", "donor number", "Subject #", "Characteristics[patient code]"])
def test_numbers_of_patients_are_donors(normalize, write_counts, tmp_path, column):
    (tmp_path / "m.tsv").write_text(f"sample\t{column}\nS1\t7\nS2\t7\nS3\t8\n")
    obs = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.tsv", *ALL).adata.obs
    assert obs["donor"].tolist() == ["A:7", "A:7", "A:8"]


@pytest.mark.parametrize("sample", ["GSM7001_tumor-1.CEL.gz", "GSM7001_P7", "gsm7001", "GSM7001.txt"])
def test_names_that_begin_with_an_accession_are_of_its_sample(sample):
    """So GEO calls the files of its samples; where two begin so, nothing tells which of them is meant."""
    assert match_names([sample, "GSM7002_x"], ["GSM7001", "GSM7002"]) == {sample: "GSM7001", "GSM7002_x": "GSM7002"}
    assert match_names([sample, "GSM70012_x"], ["GSM7001"]) == {sample: "GSM7001"}
    assert match_names(["GSM7001_a", "GSM7001_b"], ["GSM7001"]) == {}


@pytest.mark.parametrize("pair", [("P7_1", "P7_2"), ("P7_R1", "P7_R2"), ("P7_S1", "P7_S2"), ("1.5", "1.0")])
def test_numbers_of_replicates_stay(pair):
    assert match_names(pair[:1], pair[1:]) == {}


@pytest.mark.parametrize("word", ["'--", "--", "[Not Available]", "Not Reported", "not collected", "#N/A", "."])
def test_what_portals_write_for_missing_is_no_donor(normalize, write_counts, tmp_path, word):
    matrix = write_counts("A.tsv", SAMPLES)
    (tmp_path / "m.tsv").write_text(f"sample\ttissue\tpatient\nS1\tlung\t{word}\nS2\tlung\t{word}\nS3\t{word}\tP3\n")
    done = normalize(matrix, "--metadata", tmp_path / "m.tsv", *ALL)
    assert done.adata.obs["donor"].tolist() == ["A:S1", "A:S2", "A:P3"]
    assert done.adata.obs["tissue"].isna().tolist() == [False, False, True] and "raw name" not in done.log


@pytest.mark.parametrize(
    "names", ["case_id case_submitter_id project_id", "cases.case_id cases.submitter_id project.project_id"]
)
def test_gdc_names_of_patients_are_those_of_the_barcodes(normalize, write_counts, tmp_path, names):
    """A number of the GDC's own would make two donors of a patient whom other files have by the barcode."""
    samples = ["TCGA-A7-A0CE-01A-11R-A00Z-07", "TCGA-A7-A0CE-11A-21R-A089-07", "TCGA-05-4244-01A-01R-1107-07"]
    rows = [("3c6a-11", "TCGA-A7-A0CE", "TCGA-BRCA"), ("9f1b-22", "TCGA-05-4244", "TCGA-LUAD")]
    pd.DataFrame(rows, columns=names.split()).to_csv(tmp_path / "clinical.tsv", sep="\t", index=False)
    obs = normalize(write_counts("m.tsv", samples), "--metadata", tmp_path / "clinical.tsv", *ALL).adata.obs
    assert obs["donor"].tolist() == ["TCGA-A7-A0CE", "TCGA-A7-A0CE", "TCGA-05-4244"]
    assert obs["tissue"].tolist() == ["Breast", "Breast", "Lung"]


def test_the_gdcs_names_of_diagnoses(normalize, write_counts, tmp_path):
    (tmp_path / "clinical.tsv").write_text(
        "cases.submitter_id\tdiagnoses.tissue_or_organ_of_origin\tdiagnoses.primary_diagnosis\tsamples.tissue_type\n"
        "S1\tBreast, NOS\tInfiltrating duct carcinoma, NOS\tTumor\nS2\tKidney, NOS\tnot reported\tNormal\n"
    )
    obs = normalize(write_counts("m.tsv", ["S1", "S2"]), "--metadata", tmp_path / "clinical.tsv", *ALL).adata.obs
    assert obs["tissue"].tolist() == ["Breast", "Kidney"] and obs["sample_category"].tolist() == ["tumor", "normal"]


@pytest.mark.parametrize("column", ["tissue", "Tissue type"])
def test_a_tissue_of_tumor_or_normal_is_the_category(normalize, write_counts, tmp_path, column):
    (tmp_path / "m.csv").write_text(f"sample,{column},organ\nS1,Tumor,lung\nS2,normal,lung\nS3,,colon\n")
    matrix = write_counts("m.tsv", SAMPLES)
    obs = normalize(matrix, "--metadata", tmp_path / "m.csv", *ALL).adata.obs
    assert obs["tissue"].tolist() == ["Lung", "Lung", "Bowel"]
    assert obs["sample_category"].tolist()[:2] == ["tumor", "normal"] and obs["sample_category"].isna().sum() == 1
    (tmp_path / "o.csv").write_text(f"sample,{column},sample type\nS1,lung,Tumor\nS2,lung,normal\nS3,colon,Tumor\n")
    organs = normalize(matrix, "--metadata", tmp_path / "o.csv", *ALL, output="o.h5ad").adata.obs
    assert organs["tissue"].tolist() == ["Lung", "Lung", "Bowel"]
    assert organs["sample_category"].tolist() == ["tumor", "normal", "tumor"]


def test_of_two_columns_the_one_that_tells_the_samples_of_a_patient_apart(normalize, write_counts, tmp_path):
    """cBioPortal's table of samples begins with the patient; a barcode of an aliquot begins with both names."""
    samples = ["TCGA-A7-A0CE-01A-11R-A00Z-07", "TCGA-A7-A0CE-11A-21R-A089-07", "TCGA-BH-A0B3-06A-11R-A056-07"]
    (tmp_path / "data_clinical_sample.txt").write_text(
        "#Patient\tSample\tCode\n#STRING\tSTRING\tSTRING\nPATIENT_ID\tSAMPLE_ID\tCANCER_TYPE\tSITE\n"
        "TCGA-A7-A0CE\tTCGA-A7-A0CE-01\tBreast Cancer\tbreast\nTCGA-A7-A0CE\tTCGA-A7-A0CE-11\t\tskin\n"
        "TCGA-BH-A0B3\tTCGA-BH-A0B3-06\tBreast Cancer\tliver\n"
    )
    obs = normalize(write_counts("m.tsv", samples), "--metadata", tmp_path / "data_clinical_sample.txt", *ALL).adata.obs
    assert obs["SITE"].tolist() == ["breast", "skin", "liver"] and obs["tumor_type_raw"].isna().tolist()[1]
    assert obs["donor"].tolist() == ["TCGA-A7-A0CE", "TCGA-A7-A0CE", "TCGA-BH-A0B3"]
    assert obs["sample_category"].tolist() == ["tumor", "normal", "tumor"]


def test_a_row_that_says_nothing_contradicts_none(normalize, write_counts, tmp_path):
    """A line for each run, of which the first alone has the labels."""
    (tmp_path / "runs.csv").write_text(
        "sample,run,tissue,site\nS1,r1,lung,a\nS1,r2,,\nS2,r3,,b\nS2,r4,colon,b\nS3,r5,skin,\n"
    )
    result = normalize(write_counts("m.tsv", SAMPLES), "--metadata", tmp_path / "runs.csv", *ALL)
    obs = result.adata.obs
    assert obs["tissue"].tolist() == ["Lung", "Bowel", "Skin"] and obs["site"].tolist()[:2] == ["a", "b"]
    assert obs["run"].isna().tolist() == [True, True, False] and "differ in 'run'" in result.log


def test_names_of_cell_lines_are_compared_without_punctuation():
    lines = {"786-O": "786O", "HCT-116": "HCT 116", "A498_KIDNEY": "A-498", "H1299": "NCI-H1299", "P-1-T": "P1T"}
    assert match_names([*lines, "KM-H2", "1-12", "S-1"], [*lines.values(), "KMH-2", "11-2", "S1"]) == lines


def test_a_code_tells_more_than_a_broad_type_and_a_title_is_no_header(normalize, write_counts, tmp_path):
    table = tmp_path / "t.tsv"
    table.write_text(
        "Table S1\t\n\nsample\tCancer Type\tOncoTree Code\n"
        + "".join(f"{sample}\tHepatobiliary Cancer\tHCC\n" for sample in SAMPLES)
    )
    obs = normalize(write_counts("a.tsv", SAMPLES), "--metadata", table, *ALL).adata.obs
    assert set(obs["tissue"]) == {"Liver"} and set(obs["tumor_type"]) == {"HCC"}
    table.write_text("Table S1. Patients\t\n\nsample\ttissue\n" + "".join(f"{one}\tlung\n" for one in SAMPLES))
    obs = normalize(write_counts("a.tsv", SAMPLES), "--metadata", table, *ALL, output="b.h5ad").adata.obs
    assert set(obs["tissue"]) == {"Lung"}


def test_a_tissue_column_of_tumor_and_normal_is_the_category(normalize, write_counts, tmp_path):
    table = tmp_path / "t.tsv"
    table.write_text("sample\ttissue\torgan\nS1\tT\tlung\nS2\tN\tlung\nS3\tadj. N.\tlung\n")
    obs = normalize(write_counts("a.tsv", SAMPLES), "--metadata", table, *ALL).adata.obs
    assert set(obs["tissue"]) == {"Lung"} and obs["sample_category"].tolist()[:2] == ["tumor", "normal"]


NAMES = ["3", "2", "1"]


@pytest.mark.parametrize("header", ["", "Unnamed: 0", "no", "X"])
@pytest.mark.parametrize("start", [0, 1])
def test_numbers_of_rows_are_no_names_of_samples(normalize, write_counts, tmp_path, header, start):
    """Samples are called by numbers, too: a wrong column gives each the label of another one."""
    matrix = write_counts("A.tsv", NAMES)
    rows = [f"{at},{name},{tissue}" for at, (name, tissue) in enumerate(zip(NAMES, TISSUES, strict=True), start)]
    (tmp_path / "m.csv").write_text("\n".join([f"{header},sample,tissue", *rows]) + "\n")
    obs = normalize(matrix, "--metadata", tmp_path / "m.csv", *ALL).adata.obs
    assert dict(zip(obs.index, obs["tissue"], strict=True)) == dict(zip(NAMES, ORGANS, strict=True))


def test_numbers_in_a_column_of_samples_are_their_names(normalize, write_counts, tmp_path):
    matrix = write_counts("A.tsv", ["1", "2", "3"])
    (tmp_path / "m.csv").write_text("sample,rank,tissue\n1,3,lung\n2,2,breast\n3,1,colon\n")
    obs = normalize(matrix, "--metadata", tmp_path / "m.csv", *ALL).adata.obs
    assert obs["tissue"].tolist() == ORGANS


TISSUES, ORGANS = ["lung", "breast", "colon"], ["Lung", "Breast", "Bowel"]


@pytest.mark.parametrize("array", ["", "A-AFFY-33"])
def test_a_condensed_sdrf(normalize, write_counts, tmp_path, array):
    """The Expression Atlas: no header, a line for each thing that is said of a sample."""
    lines = []
    for name, tissue in zip(SAMPLES, TISSUES, strict=True):
        for kind, what, value in (
            ("characteristic", "organism", "Homo sapiens"), ("characteristic", "organism part", tissue),
            ("characteristic", "individual", f"ind-{name}"), ("factor", "organism part", tissue),
        ):  # fmt: skip
            lines.append(f"E-MTAB-7\t{array}\t{name}\t{kind}\t{what}\t{value}\thttp://x")
    (tmp_path / "E-MTAB-7.condensed-sdrf.tsv").write_text("\n".join(lines) + "\n")
    done = normalize(
        write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "E-MTAB-7.condensed-sdrf.tsv", *ALL
    ).adata.obs
    assert done["tissue"].tolist() == ORGANS and done["organism"].tolist() == ["Homo sapiens"] * 3
    assert done["donor"].nunique() == 3 and "ind-S1" in done["donor"].iloc[0]


def test_a_table_that_lies_on_its_side(normalize, write_counts, tmp_path):
    """LinkedOmics and others have a column for each sample."""
    (tmp_path / "m.tsi").write_text("attrib_name\tS1\tS2\tS3\nage\t5\t6\t7\nprimary_site\tlung\tbreast\tcolon\n")
    obs = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.tsi", *ALL).adata.obs
    assert obs["tissue"].tolist() == ORGANS and obs["age"].tolist() == ["5", "6", "7"]


@pytest.mark.parametrize(
    ("samples", "known"),
    [
        (["1", "2"], ["001", "002"]),
        (["S01", "S02"], ["S1", "S2"]),
        (["Sample_A1", "Sample_B2"], ["A1", "B2"]),
        (["A1", "B2"], ["GSE7_A1", "GSE7_B2"]),
        (["X.data.bam.A1.bam", "X.data.bam.B2.bam"], ["A1", "B2"]),
        (["A1", "B2"], ["A1 [RNA-seq]", "B2 [RNA-seq]"]),
        (["A1.hg38.sorted", "B2.hg38.sorted"], ["A1", "B2"]),
    ],
)
def test_zeros_and_a_beginning_or_an_end_that_one_side_has(samples, known):
    assert match_names(samples, known) == dict(zip(samples, known, strict=True))


@pytest.mark.parametrize(
    ("samples", "known"),
    [
        (["001", "2"], ["1", "01"]),
        (["PT_1", "PT_2"], ["CTRL_1", "CTRL_2"]),
        (["CTRL_1", "CTRL_2"], ["1", "2"]),
        (["PT_A1", "PT_B2"], ["A1", "C3"]),
        (["P10", "P20"], ["P1", "P2"]),
        (["1_PT", "2_PT"], ["1_CTRL", "2_CTRL"]),
        (["1_CTRL", "2_CTRL"], ["1", "2"]),
        (["A1_PT", "B2_PT"], ["A1", "C3"]),
        (["A1_PT", "A1_CTRL"], ["A1", "B2"]),
    ],
)
def test_what_may_be_of_others_fits_nothing(samples, known):
    assert match_names(samples, known) == {}


@pytest.mark.parametrize(
    ("column", "values", "read"),
    [
        ("SMTSD", ["Lung", "Breast - Mammary Tissue", "Colon - Sigmoid"], "tissue"),
        ("source_name", TISSUES, "tissue"),
        ("Primary tumor site", TISSUES, "tissue"),
        ("Anatomic Site", TISSUES, "tissue"),
        ("Tumor location", TISSUES, "tissue"),
        ("GDSC Tissue descriptor 1", ["lung_NSCLC", "breast", "large_intestine"], "tissue"),
        ("site_of_resection_or_biopsy.diagnoses", ["Upper lobe, lung", "Breast, NOS", "Sigmoid colon"], "tissue"),
        ("icd_10_code.diagnoses", ["C34.1", "C50.9", "C18.7"], "tissue"),
        ("primary_site.samples", TISSUES, "tissue"),
        ("tcga.gdc_cases.project.primary_site", TISSUES, "tissue"),
        ("gtex.smts", TISSUES, "tissue"),
        ("sra.sample_attributes", ["age;;5|tissue;;lung", "tissue;;breast", "source_name;;x|tissue;;colon"], "tissue"),
        ("sample_attribute", ["age: 5 || tissue: lung", "tissue: breast", "cell: a;b || tissue: colon"], "tissue"),
        ("Histological type", ["Lung adenocarcinoma", "TNBC", "colon adenocarcinoma"], "tissue"),
        ("Entity", ["NSCLC", "Breast cancer", "CRC"], "tissue"),
        ("Diagnosis", ["Lung adenocarcinoma", "Breast cancer", "adenocarcinoma of the colon"], "tissue"),
        ("disease state", ["tumor", "normal", "tumor"], "sample_category"),
        ("condition", ["tumor", "normal", "tumor"], "sample_category"),
    ],
)
def test_other_names_of_columns(normalize, write_counts, tmp_path, column, values, read):
    pd.DataFrame({"sample": SAMPLES, column: values}).to_csv(tmp_path / "m.csv", index=False)
    obs = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.csv", *ALL).adata.obs
    assert obs[read].tolist() == (ORGANS if read == "tissue" else values)


def test_sites_of_several_diagnoses_of_a_patient_decide_nothing(normalize, write_counts, tmp_path):
    """The GDC has a row for each diagnosis; where the sites that they tell differ, the tissue is what they agree in."""
    (tmp_path / "m.tsv").write_text(
        "sample\tprimary_site\tsite_of_resection_or_biopsy\ticd_10_code\nS1\tlung\tLower lobe, lung\tC34.3\n"
        "S1\tlung\tLiver\tC22.0\nS2\tbreast\tBreast, NOS\tC50.9\nS3\tcolon\tColon, NOS\tC18.9\n"
    )
    obs = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.tsv", *ALL).adata.obs
    assert obs["tissue"].tolist() == ORGANS and obs["icd_10_code"].isna().tolist() == [True, False, False]


def test_characteristics_in_the_samples_of_an_h5ad(normalize, write_counts, tmp_path):
    done = normalize(write_counts("A.tsv", SAMPLES), *ALL).adata
    said = [f"age: {at};; tissue: {tissue}" for at, tissue in enumerate(TISSUES)]
    obs = pd.DataFrame({"characteristics_ch1": said}, index=SAMPLES)
    AnnData(X=done.X, obs=obs, var=pd.DataFrame(index=done.var_names)).write_h5ad(tmp_path / "B.h5ad")
    told = normalize(tmp_path / "B.h5ad", *ALL, output="o.h5ad").adata.obs
    assert told["tissue"].tolist() == ORGANS and told["age"].tolist() == ["0", "1", "2"]


def test_a_condition_that_is_no_category_is_none(normalize, write_counts, tmp_path):
    (tmp_path / "m.csv").write_text("sample,condition\nS1,treated\nS2,control\nS3,treated\n")
    obs = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.csv", *ALL).adata.obs
    assert obs["sample_category"].isna().all() and obs["condition"].tolist() == ["treated", "control", "treated"]


def test_text_that_r_has_written_with_spaces(normalize, write_counts, tmp_path):
    rows = [f'"{name}" "a" "{tissue}"' for name, tissue in zip(SAMPLES, TISSUES, strict=True)]
    (tmp_path / "m.txt").write_text("\n".join(['"condition" "tissue"', *rows]) + "\n")
    obs = normalize(write_counts("A.tsv", SAMPLES), "--metadata", tmp_path / "m.txt", *ALL).adata.obs
    assert obs["tissue"].tolist() == ORGANS


@pytest.mark.parametrize(
    ("samples", "donors"),
    [
        (
            ["GTEX-1117F-0226-SM-5GZZ7", "GTEX-111CU-1826-SM-5GZYN", "GTEX-1117F-0426-SM-5EGHI"],
            ["GTEX-1117F", "GTEX-111CU"],
        ),
        (
            ["TARGET-30-PAAPFA-01A-01R", "TARGET-30-PACLJN-01A-01R", "TARGET-30-PAAPFA-10A-01R"],
            ["TARGET-30-PAAPFA", "TARGET-30-PACLJN"],
        ),
    ],
)
def test_tables_of_donors_of_gtex_and_target(normalize, write_counts, tmp_path, samples, donors):
    (tmp_path / "t.tsv").write_text(f"SUBJID\tSEX\ttissue\n{donors[0]}\t2\tlung\n{donors[1]}\t1\tliver\n")
    done = normalize(write_counts("m.tsv", samples), "--metadata", tmp_path / "t.tsv", "--min-class-size", 1)
    assert done.adata.obs["tissue"].tolist() == ["Lung", "Liver", "Lung"]


def test_a_disease_that_is_normal_is_a_category(normalize, write_counts, tmp_path):
    text = "Source Name\tCharacteristics[organism part]\tCharacteristics[disease]\n"
    (tmp_path / "a.sdrf.txt").write_text(f"{text}a1\tlung\tnormal\nb2\tlung\tnormal\nc3\tlung\tadenocarcinoma\n")
    done = normalize(
        write_counts("m.tsv", ["a1", "b2", "c3"]), "--metadata", tmp_path / "a.sdrf.txt", "--min-class-size", 1
    )
    assert done.adata.obs["sample_category"].tolist() == ["normal", "normal", "tumor"]


@pytest.mark.parametrize("column", ["disease", "tissue", "source_name"])
@pytest.mark.parametrize("lines", [False, True])
def test_tumors_beside_normal_tissue_in_the_column_of_labels(normalize, write_counts, tmp_path, column, lines):
    frame = pd.DataFrame({"sample": SAMPLES, column: ["colon tumor", "normal colon", "colorectal cancer"]})
    frame.assign(**({"cell_line": ["X1A", "X2B", "X3C"]} if lines else {})).to_csv(tmp_path / "t.csv", index=False)
    done = normalize(write_counts("m.tsv", SAMPLES), "--metadata", tmp_path / "t.csv", "--min-class-size", 1)
    found = done.adata.obs.get("sample_category", pd.Series(index=SAMPLES, dtype=object)).astype(object)
    assert found.fillna("").tolist() == (["", "", ""] if lines else ["tumor", "normal", "tumor"])
    assert done.adata.obs["tissue"].tolist() == ["Bowel"] * 3


@pytest.mark.parametrize("note", ["NA, not available", "Source: registry", "a; b, c"])
def test_notes_below_a_short_table_of_samples(normalize, write_counts, tmp_path, note):
    table = tmp_path / "t.tsv"
    table.write_text(f"Sample\tPrimary Site\tAge\na1\tlung\t50\nb2\tliver\t51\nc3\tlung\t52\n\n{note}\n")
    done = normalize(write_counts("m.tsv", ["a1", "b2", "c3"]), "--metadata", table, "--min-class-size", 1)
    assert done.adata.obs["tissue"].tolist() == ["Lung", "Liver", "Lung"]


@pytest.mark.parametrize("turned", [False, True])
def test_a_matrix_of_expression_is_no_table_of_samples(normalize, write_counts, tmp_path, turned):
    matrix = write_counts("a.tsv", SAMPLES, 1)
    frame = pd.read_csv(matrix, sep="\t", index_col=0)
    (frame.T if turned else frame).rename_axis("sample").to_csv(tmp_path / "m.tsv", sep="\t")
    error = normalize(matrix, "--metadata", tmp_path / "m.tsv").error
    assert "m.tsv: holds numbers of genes (" in error and "give it as an input" in error


@pytest.mark.parametrize("column", ["tissue", "note"])
def test_a_table_of_mutations_is_a_table_of_samples(normalize, write_counts, tmp_path, column):
    matrix = write_counts("a.tsv", SAMPLES, 1)
    genes = pd.read_csv(matrix, sep="\t", index_col=0).index[:30]
    frame = pd.DataFrame(1, index=pd.Index(SAMPLES, name="sample"), columns=genes).assign(**{column: "lung"})
    frame.to_csv(tmp_path / "m.tsv", sep="\t")
    assert set(normalize(matrix, "--metadata", tmp_path / "m.tsv", *ALL).adata.obs[column].astype(str).str.lower()) == {
        "lung"
    }
