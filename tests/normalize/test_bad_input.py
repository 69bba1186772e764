"""What goes wrong ends in one line that names the file and the mend, with the right exit status and no output."""

import anndata
import numpy as np
import pytest

from clrna.simulate_files import RawFile

TABLE = "sample\tTP53\tEGFR\tMYC\na\t1.5\t2.5\t0\nb\t3.5\t4.5\t1.25\nc\t2.5\t0\t3.5\n"


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "A.tsv"
    path.write_text(TABLE)
    return path


def refused(outcome, status: int, *words: str) -> None:
    error = outcome.error
    assert outcome.status == status, error
    for word in words:
        assert word in error


def test_a_missing_file(normalize, tmp_path):
    refused(normalize(tmp_path / "nothing.tsv"), 3, "nothing.tsv", "no such file")


def test_a_file_of_another_kind(normalize, tmp_path):
    (tmp_path / "paper.tsv").write_bytes(b"%PDF-1.5\n")
    refused(normalize(tmp_path / "paper.tsv"), 3, "PDF")


@pytest.mark.parametrize("share", [0.3, 0.9])
def test_an_h5ad_that_was_cut(normalize, tmp_path, test_data, share):
    content = (test_data / "simulated" / "merged.h5ad").read_bytes()
    (tmp_path / "cut.h5ad").write_bytes(content[: int(share * len(content))])
    refused(normalize(tmp_path / "cut.h5ad"), 3, "cut.h5ad", "damaged or truncated")


def test_a_sample_without_a_name(normalize, tmp_path, simulated):
    adata = simulated[simulated.obs["study"] == "SIM1"].copy()
    adata.obs_names = [*adata.obs_names[:2], "", *adata.obs_names[3:]]
    adata.write_h5ad(tmp_path / "A.h5ad")
    refused(normalize(tmp_path / "A.h5ad"), 3, "A.h5ad", "sample number 3 has no name", "index of obs")


def test_counts_where_logarithms_were_stated(normalize, raw_files):
    *files, _ = raw_files(RawFile("counts"))
    refused(normalize(*files, "--input-scale", "log2_tpm1"), 3, "study SIM1", "not log2_tpm1", "too large")


def test_logarithms_where_counts_were_stated(normalize, table):
    refused(normalize(table, "--input-scale", "counts"), 3, "not counts", "no whole numbers")


def test_negative_values_where_there_can_be_none(normalize, raw_files):
    *files, _ = raw_files(RawFile("log2_ratio"))
    refused(normalize(*files, "--input-scale", "log2_tpm1"), 3, "smallest is -")


def test_a_scale_stated_in_the_file_that_its_values_contradict(normalize, tmp_path, simulated):
    adata = simulated[simulated.obs["study"] == "SIM1"].copy()
    del adata.uns["clrna"]
    adata.X = np.exp2(adata.X)
    adata.write_h5ad(tmp_path / "A.h5ad")
    refused(normalize(tmp_path / "A.h5ad"), 3, "not log2_tpm1")
    adata.obs["scale"] = "log7"
    adata.write_h5ad(tmp_path / "A.h5ad")
    refused(normalize(tmp_path / "A.h5ad"), 3, "obs['scale'] holds 'log7'")


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (("--input-scale", "log3_tpm"), "'log3_tpm' is not known"),
        (("--input-scale", "B=tpm"), "no study 'B'; studies are A"),
        (("--split-by-study", "B"), "no such study; studies are A"),
        (("--label-key", "color"), "not a harmonised label"),
        (("--split-fractions", "0.5,0.1,0.1"), "sum to 1"),
        (("--study", "X,Y"), "names 2 studies for 1 expression files"),
        (("--min-class-size", "0"), "at least 1"),
        (("--copy-correlation", "1.5"), "from 0 to 1"),
        (("--layer", "counts"), "no layers"),
        (("--genes", "all"), "share such as 50%"),
    ],
)
def test_options_that_make_no_sense(normalize, table, words, text):
    refused(normalize(table, *words), 2, text)


def test_an_output_that_is_an_input(normalize, table, capsys):
    from clrna.cli.normalize import main

    assert main([str(table), "-o", str(table)]) == 2
    assert "never overwritten" in capsys.readouterr().err and table.read_text() == TABLE


@pytest.mark.parametrize("name", ["na.tsv", "None.csv", "unknown.tsv"])
def test_a_study_is_not_called_as_a_missing_value(normalize, table, name):
    path = table.rename(table.with_name(name))
    refused(normalize(path), 2, f"its study would be '{path.stem}'")
    refused(normalize(path, "--study", "N/A"), 2, "name it with --study NAME")
    assert normalize(path, "--study", "nano").status == 0


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ("--tissue-key", "--tissue-key color: there is no such column"),
        ("--study-key", "--study-key color: there is no such column"),
        ("--donor-key", "--donor-key color: there is no such column"),
        ("--category-key", "--category-key color: there is no such column"),
        ("--gene-key", "--gene-key color: var has no such column"),
    ],
)
def test_columns_that_are_not_there(normalize, table, option, words):
    refused(normalize(table, option, "color"), 3, words)


def test_a_layer_that_is_not_there(normalize, test_data):
    refused(normalize(test_data / "demo" / "nci60.h5ad", "--layer", "counts"), 3, "--layer counts: no such layer")


def test_metadata_of_other_samples(normalize, table, tmp_path):
    (tmp_path / "meta.tsv").write_text("sample\ttissue\nx\tLung\ny\tSkin\n")
    refused(normalize(table, "--metadata", tmp_path / "meta.tsv"), 3, "names 'x', 'y', the data 'a', 'b', 'c'")


def test_metadata_alone(normalize, test_data):
    refused(normalize(test_data / "simulated" / "combined_cl_metadata"), 2, "give the expression file too")


def test_a_metadata_table_as_input(normalize, tmp_path):
    (tmp_path / "meta.tsv").write_text("sample\ttissue\na\tLung\nb\tSkin\n")
    refused(normalize(tmp_path / "meta.tsv"), 3, "--metadata")


def test_studies_without_a_common_gene(normalize, table, tmp_path):
    (tmp_path / "B.tsv").write_text("sample\tKRAS\tBRCA1\nx\t1.5\t2.5\ny\t0\t4.5\n")
    refused(normalize(table, tmp_path / "B.tsv"), 3, "shares no gene", "'BRCA1', 'KRAS'", "'EGFR', 'MYC', 'TP53'")


def test_identifiers_of_another_species(normalize, tmp_path):
    (tmp_path / "mouse.tsv").write_text("gene\tx1y\tx2y\nENSMUSG00000059552\t1\t2\nENSMUSG00000020122\t3\t4\n")
    refused(normalize(tmp_path / "mouse.tsv"), 3, "Ensembl genes of the mouse")


def test_wrong_kind_of_identifier(normalize, table):
    refused(normalize(table, "--gene-id", "ensembl"), 3, "none of its gene identifiers is known")


def test_probe_sets_in_an_h5ad(normalize, tmp_path, simulated):
    adata = simulated[simulated.obs["study"] == "SIM1"].copy()
    del adata.uns["clrna"]
    adata.var = adata.var[[]]
    adata.var_names = [f"{number}_at" for number in range(1_000_000, 1_000_200)]
    adata.write_h5ad(tmp_path / "A.h5ad")
    refused(normalize(tmp_path / "A.h5ad"), 3, "Affymetrix")


def test_missing_values_that_are_refused(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text(TABLE.replace("3.5\t4.5", "NA\t4.5"))
    refused(normalize(tmp_path / "A.tsv", "--missing", "refuse"), 3, "1 value of 1 gene is", "TP53 1", "--missing fill")


def test_a_sample_without_any_value(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text(TABLE.replace("3.5\t4.5\t1.25", "NA\tNA\tNA"))
    refused(normalize(tmp_path / "A.tsv"), 3, "1 sample has no value at all ('b')")


def test_no_value_anywhere(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("sample\tTP53\tEGFR\na\tNA\tNA\nb\tNA\tNA\n")
    refused(normalize(tmp_path / "A.tsv"), 3, "not one finite value")


def test_ratios_of_zero(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text(TABLE)
    refused(normalize(tmp_path / "A.tsv", "--input-scale", "ratio"), 3, "2 ratios are 0")


def test_a_sum_of_values_that_have_none(normalize, table):
    refused(normalize(table, "--input-scale", "log2_intensity", "--duplicates", "sum"), 3, "have no sum")


def test_a_study_in_two_scales(normalize, table, tmp_path):
    (tmp_path / "B.tsv").write_text("sample\tTP53\tEGFR\tMYC\nx\t15\t25\t0\ny\t35\t45\t125\n")
    refused(normalize(table, tmp_path / "B.tsv", "--study", "S,S"), 3, "study S is in log2_expression", "log2_tpm1")


def test_a_sample_in_two_files_of_a_study(normalize, table, tmp_path):
    (tmp_path / "B.tsv").write_text(TABLE)
    refused(normalize(table, tmp_path / "B.tsv", "--study", "S,S"), 3, "3 samples stand in two of the inputs", "'a'")


def test_a_merged_file_under_another_scale_or_study(normalize, test_data):
    merged = test_data / "simulated" / "merged.h5ad"
    refused(normalize(merged, "--input-scale", "log2_ratio"), 3, "was normalized before and is in log2_tpm1")
    refused(normalize(merged, "--study", "ALL"), 3, "already holds 3 studies")


def test_a_label_map_without_its_columns(normalize, table, tmp_path):
    (tmp_path / "map.tsv").write_text("name\torgan\nx\ty\n")
    refused(normalize(table, "--label-map", tmp_path / "map.tsv"), 3, "map.tsv")


def test_one_sample_one_study_one_class_are_fine(normalize, tmp_path):
    (tmp_path / "A.tsv").write_text("gene\tHELA\nTP53\t1.5\nEGFR\t0\nMYC\t3.25\n")
    adata = normalize(tmp_path / "A.tsv", "--category", "cell_line").adata
    assert adata.shape == (1, 3) and adata.obs["split"].tolist() == ["train"]
    assert adata.obs["tissue"].isna().all() and adata.obs["study"].tolist() == ["A"]


def test_a_killed_run_leaves_the_old_file(normalize, table, tmp_path, monkeypatch):
    old = normalize(table).path.read_bytes()

    def die(self, *_words, **_options):
        raise OSError("no space left on device")

    monkeypatch.setattr(anndata.AnnData, "write_h5ad", die)
    outcome = normalize(table)
    assert outcome.status == 1 and outcome.path.read_bytes() == old
    assert sorted(path.name for path in tmp_path.iterdir()) == ["A.tsv", "merged.h5ad"]
