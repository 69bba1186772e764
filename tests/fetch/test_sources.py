"""Every source's format, from --from to AnnData, by the executable."""

import json

import anndata
import numpy as np
import pytest
from layouts import ARCHIVES

from clrna.cli.fetch import main
from clrna.fetch.registry import SOURCES
from clrna.io.provenance import read_records


@pytest.fixture
def fetched(published, tmp_path):
    """Return a function that fetches a source from its files."""

    def fetch(name, *words):
        published(name)
        return again(name, *words)

    def again(name, *words):
        output, folder = tmp_path / f"{name}.h5ad", tmp_path / f"{name}-files"
        assert main([name, "-o", str(output), "--from", str(folder), "--threads", "1", *words]) == 0
        return anndata.read_h5ad(output)

    fetch.again = again
    return fetch


def text_of(column):
    return column.astype(object).where(column.notna(), "").tolist()


def test_modac_combined(fetched):
    adata = fetched("modac-combined")
    assert adata.shape == (7, 5) and adata.X.dtype == np.float32
    assert adata.obs_names[0] == "CCLE.22RV1" and adata.var_names.tolist()[4] == "C1orf112"
    np.testing.assert_allclose(adata["GDSC.MCF7"].X.ravel(), [5.0, 0.02, 6.85, 2.3, 3.1], rtol=1e-6)
    assert text_of(adata.obs["study"]) == ["CCLE", "CTRP", "gCSI", "GDSC", "NCI60", "GDC", "NCIPDM"]
    assert text_of(adata.obs["tissue"])[:4] == ["Prostate", "Prostate", "Breast", "Breast"]
    assert text_of(adata.obs["sample_category"])[-3:] == ["cell_line", "tumor", "xenograft"]
    # One cell line in two studies is one donor, whatever the studies call it.
    donors = text_of(adata.obs["donor"])
    assert donors[0] == donors[1] and donors[2] == donors[3]
    assert donors[5] == "TCGA-A3-3306" and donors[6] == "PDMR-114348"
    assert set(adata.obs["scale"]) == {"log2_expression"}
    assert text_of(adata.obs["tumor_type_from_data_src"])[5] == "Kidney Renal Clear Cell Carcinoma"


def test_ccle(fetched):
    adata = fetched("ccle")
    assert adata.shape == (4, 5)
    assert adata.var.loc["TP53", "entrez_id"] == "7157" and adata.var.loc["TP53", "original_id"] == "TP53 (7157)"
    assert adata["ACH-000019", "TSPAN6"].X.item() == pytest.approx(4.566815)
    assert text_of(adata.obs["tissue"]) == ["Prostate", "Breast", "Breast", "Pancreas"]
    assert text_of(adata.obs["tumor_type"])[:2] == ["PRAD", "BRCA"]
    assert text_of(adata.obs["sample_category"]) == ["cell_line"] * 3 + ["organoid"]
    assert text_of(adata.obs["donor"])[:2] == ["22RV1", "MCF7"]
    assert set(adata.obs["scale"]) == {"log2_tpm1"} and set(adata.obs["study"]) == {"CCLE"}


def test_ccle_of_a_later_release(fetched):
    adata = fetched("ccle-later")
    assert adata.obs_names.tolist() == ["ACH-000956", "ACH-000019"]
    assert adata["ACH-000019", "TSPAN6"].X.item() == pytest.approx(4.566815)


def test_ctrp_is_ccle_by_cell_line(fetched):
    adata = fetched("ctrp")
    assert adata.obs_names.tolist() == ["CTRP.ACH-000956", "CTRP.ACH-000248"]
    assert set(adata.obs["study"]) == {"CTRP"} and set(adata.obs["copy_of"]) == {"CCLE"}
    assert adata["CTRP.ACH-000956", "TSPAN6"].X.item() == pytest.approx(4.331992)


def test_gdsc_keeps_what_sanger_measured(fetched):
    adata = fetched("gdsc")
    assert adata.obs_names.tolist() == ["SIDM00148", "SIDM00499", "SIDM01313"]
    assert adata.var_names.tolist() == ["A1BG", "A1BG-AS1", "A1CF", "TP53"]
    np.testing.assert_allclose(adata.X[:, 3], [22.5, 31, 8.25])
    assert np.isnan(adata["SIDM01313", "A1BG-AS1"].X.item())
    assert text_of(adata.obs["tissue"]) == ["Breast", "Prostate", "Bowel"]
    assert text_of(adata.obs["sample_category"]) == ["cell_line", "cell_line", "organoid"]
    assert text_of(adata.obs["donor"])[:2] == ["MCF7", "22RV1"]
    assert set(adata.obs["scale"]) == {"tpm"}


def test_gdsc_array(fetched):
    adata = fetched("gdsc-array")
    assert adata.obs_names.tolist() == ["905946", "924100", "1503362"]
    assert adata.var_names.tolist() == ["TSPAN6", "TNMD", "DPM1"]
    assert adata.X[0, 2] == pytest.approx(10.37955274)
    assert text_of(adata.obs["tissue"]) == ["Breast", "Prostate", ""]
    assert text_of(adata.obs["donor"])[0] == "MCF7" and set(adata.obs["scale"]) == {"log2_intensity"}


def test_gcsi(fetched):
    adata = fetched("gcsi")
    assert adata.obs_names.tolist() == ["HeLa", "MCF7", "NCI-H1299"]
    np.testing.assert_allclose(adata.X, [[31, 0, 70], [18.5, 0, 120], [9, 0.6, 88]], rtol=1e-6)
    assert text_of(adata.obs["tissue"]) == ["Cervix", "Breast", "Lung"]
    assert text_of(adata.obs["tumor_type"])[2] == "NSCLC"
    assert text_of(adata.obs["donor"]) == ["HELA", "MCF7", "NCIH1299"]
    assert adata.var.loc["ENSG00000000003", "symbol"] == "TSPAN6"


def check_nci60(adata):
    assert adata.shape == (6, 3)
    assert text_of(adata.obs["tissue"])[:2] == ["Breast", "Breast"] and "" not in text_of(adata.obs["tissue"])
    assert text_of(adata.obs["donor"])[:2] == ["MCF7", "MDAMB231"]
    np.testing.assert_allclose(adata.X[0], [4.1, 0, 5.1], rtol=1e-6)
    assert np.isnan(adata.X[1, 1]) and np.isnan(adata.X[2, 1])
    assert adata.var["entrez_id"].tolist() == ["7105", "64102", "7157"]
    assert set(adata.obs["scale"]) == {"log2_fpkm1"}


def test_nci60(fetched):
    check_nci60(fetched("nci60"))


def test_nci60_as_a_spreadsheet(fetched, monkeypatch):
    pytest.importorskip("xlrd", reason="xlrd is not installed: CellMiner's spreadsheet was not read")
    monkeypatch.setitem(ARCHIVES, "nci60", (*ARCHIVES["nci60"][:2], ["RNA__RNA_seq_composite_expression.xls"]))
    check_nci60(fetched("nci60"))


def test_gdc(fetched):
    adata = fetched("gdc", "--projects", "TCGA-KIRC")
    assert adata.obs_names.tolist() == [
        "TCGA-A3-3306-01A-01R-0864-07",
        "TCGA-A3-3306-11A-01R-0864-07",
        "TCGA-B0-5690-01A-11R-1541-07",
    ]
    assert adata.var_names.tolist()[0] == "ENSG00000000003.15" and adata.n_vars == 4
    np.testing.assert_allclose(adata.X[:, 0], [1373, 1374, 1375])
    np.testing.assert_allclose(adata.layers["tpm"][:, 2], [25.25, 26.25, 27.25])
    assert text_of(adata.obs["sample_category"]) == ["tumor", "normal", "tumor"]
    assert text_of(adata.obs["donor"]) == ["TCGA-A3-3306", "TCGA-A3-3306", "TCGA-B0-5690"]
    assert text_of(adata.obs["tissue"]) == ["Kidney"] * 3
    assert text_of(adata.obs["tumor_type"]) == ["CCRCC", "", "CCRCC"]
    assert set(adata.obs["scale"]) == {"counts"} and set(adata.obs["study"]) == {"TCGA"}


def test_gdc_limit_and_files_in_folders_of_their_own(published, tmp_path):
    folder = published("gdc")
    for path in folder.glob("*.tsv"):
        (folder / path.name[:8]).mkdir()
        path.rename(folder / path.name[:8] / path.name)
    words = ["--from", str(folder), "--projects", "TCGA-KIRC,TCGA-KIRC", "--limit", "2"]
    assert main(["gdc", "-o", str(tmp_path / "x.h5ad"), *words]) == 0
    assert anndata.read_h5ad(tmp_path / "x.h5ad").n_obs == 2


def test_gtex(fetched):
    adata = fetched("gtex", "--projects", "liver,cells_cultured_fibroblasts")
    # Samples by name within each tissue, whatever the file's order.
    assert adata.obs_names.tolist() == [
        "GTEX-1117F-0726-SM-5GIEN",
        "GTEX-11DXY-0526-SM-5EGGQ",
        "GTEX-1117F-0008-SM-5Q5BH",
    ]
    assert adata.var_names.tolist()[1] == "ENSG00000141510.16" and adata.var["symbol"].tolist()[2] == "ALB"
    np.testing.assert_allclose(adata.X[:, 1], [4.25, 3.75, 31.5])
    np.testing.assert_allclose(adata.X[:, 3], [0, 5.1e-3, 0.25])
    assert text_of(adata.obs["sample_category"]) == ["normal", "normal", "cell_line"]
    assert text_of(adata.obs["donor"]) == ["GTEX-1117F", "GTEX-11DXY", "GTEX-1117F"]
    assert text_of(adata.obs["tissue"]) == ["Liver", "Liver", ""] and set(text_of(adata.obs["tumor_type"])) == {""}
    assert set(adata.obs["scale"]) == {"tpm"} and set(adata.obs["study"]) == {"GTEx"}
    some = fetched.again("gtex", "--projects", "liver", "--limit", "1")
    assert some.obs_names.tolist() == ["GTEX-1117F-0726-SM-5GIEN"]


def test_recount3_counts_reads_and_takes_the_length_of_genes_out(fetched):
    adata = fetched("recount3", "--projects", "LIVER,LIHC,SRP009615")
    # One of TCGA's samples has no mapped read.
    assert adata.obs_names.tolist() == [
        "GTEX-1117F-0726-SM-5GIEN.1",
        "GTEX-11DXY-0526-SM-5EGGQ.1",
        "TCGA-DD-A1EG-01A-11R-A213-07",
        "TCGA-DD-A1EG-11A-11R-A213-07",
        "SRR387777",
        "SRR387778",
    ]
    # 19,620 bases covered by reads of 149.5 are 131 reads; of 150 bases, 39,240 are 262 (both rounded).
    np.testing.assert_array_equal(adata.X[:, 1], [131, 262, 100, 50, 100, 200])
    np.testing.assert_allclose(adata.layers["tpm"].sum(axis=1), 1e6, rtol=1e-6)
    # GTEX-11DXY: depth 10 over TP53's 3,924 bases, 1,000 over ALB's 2,307.
    np.testing.assert_allclose(adata.layers["tpm"][1], [0, 1e6 * 10 / 1010, 1e6 * 1000 / 1010, 0, 0], rtol=1e-6)
    assert text_of(adata.obs["sample_category"]) == ["normal", "normal", "tumor", "normal", "cell_line", ""]
    assert text_of(adata.obs["study"]) == ["GTEx", "GTEx", "TCGA", "TCGA", "SRP009615", "SRP009615"]
    assert text_of(adata.obs["donor"])[:5] == ["GTEX-1117F", "GTEX-11DXY", "TCGA-DD-A1EG", "TCGA-DD-A1EG", "K562"]
    assert text_of(adata.obs["tissue"]) == ["Liver"] * 4 + ["Lymphoid/Myeloid", "Liver"]
    assert text_of(adata.obs["tumor_type"])[:4] == ["", "", "HCC", ""]
    assert set(adata.obs["scale"]) == {"counts"}


def test_pdmr(fetched):
    adata = fetched("pdmr")
    assert adata.obs_names.tolist() == ["114348~004-R~AAR~v2.0.1.4.0", "114348~004-R~ORIGINATOR~v2.0.1.4.0"]
    np.testing.assert_allclose(adata.X, [[11.25, 0, 40.75], [12.25, 0, 41.75]])
    np.testing.assert_allclose(adata.layers["counts"][0], [310, 0, 900.5])
    assert text_of(adata.obs["sample_category"]) == ["xenograft", "tumor"]
    assert set(adata.obs["donor"]) == {"PDMR-114348"} and set(adata.obs["tissue"].dropna()) == {"Bowel"}


def test_coderdata(fetched):
    adata = fetched("coderdata", "--projects", "ccle,hcmi")
    assert adata.obs_names.tolist() == ["1|DepMap|Broad", "1|Sanger|Sanger", "2|DepMap|Broad", "90|HCMI|GDC"]
    assert adata.var_names.tolist() == ["7105", "7157", "64102"]
    np.testing.assert_allclose(adata["1|DepMap|Broad"].X.ravel(), [4.56, 4.9, 0.08], rtol=1e-6)
    assert adata["2|DepMap|Broad", "7157"].X.item() == pytest.approx(5.2)
    assert np.isnan(adata["90|HCMI|GDC", "7105"].X.item())
    assert text_of(adata.obs["study"]) == ["DepMap Broad", "Sanger", "DepMap Broad", "HCMI GDC"]
    assert text_of(adata.obs["sample_category"]) == ["cell_line"] * 3 + ["organoid"]
    assert text_of(adata.obs["donor"])[0] == "MCF7" and "scale" not in adata.obs


def test_every_source_is_read_from_a_fixture(data_folder):
    for name in set(SOURCES) - {"clrna-published", "pan-cancer-small"}:
        text = (data_folder / name / "README.md").read_text()
        assert "Rebuilt, not recorded" in text and "Form from:\n\n- " in text, name


def test_provenance_says_what_it_was_and_where_it_came_from(fetched):
    (record,) = read_records(fetched("gcsi"))
    assert record["step"] == "fetch" and record["facts"]["version"] == "E-MTAB-2706"
    assert record["inputs"][0]["name"].startswith("E-MTAB-2706") and len(record["inputs"][0]["sha256"]) == 64
    assert record["facts"]["files"][0]["from"] == "--from"
    assert "-files" not in json.dumps(record)


def test_two_runs_give_the_same_bytes(published, tmp_path):
    folder = published("modac-combined")
    for name in ("a", "b"):
        assert main(["modac-combined", "-o", str(tmp_path / f"{name}.h5ad"), "--from", str(folder)]) == 0
    assert (tmp_path / "a.h5ad").read_bytes() == (tmp_path / "b.h5ad").read_bytes()


# What a source may send that is not what it should be ------------------------------------------------


@pytest.mark.parametrize(
    ("name", "file", "change", "told"),
    [
        ("modac-combined", "combined_rnaseq_data", lambda text: text[:-12], "line 8"),
        (
            "modac-combined",
            "combined_rnaseq_data",
            lambda text: text.replace("5.1\t", "five\t"),
            "'five' is not a number",
        ),
        ("modac-combined", "combined_rnaseq_data", lambda text: text.replace("TNMD", "TSPAN6"), "genes twice (TSPAN6)"),
        ("modac-combined", "combined_rnaseq_data", lambda text: text.split("\n")[0], "nothing else"),
        (
            "modac-combined",
            "combined_rnaseq_data",
            lambda text: text.replace("CTRP.22", "CCLE.22"),
            "samples stand there",
        ),
        (
            "modac-combined",
            "combined_cl_metadata",
            lambda text: text.replace("GDSC.MCF7", "x"),
            "not in combined_cl_meta",
        ),
        (
            "modac-combined",
            "combined_cl_metadata",
            lambda text: text.replace("sample_name", "name"),
            "no column 'sample_name",
        ),
        ("ccle", "Model.csv", lambda text: text.replace("OncotreeLineage", "Lineage"), "no column 'OncotreeLineage'"),
        (
            "ccle",
            "OmicsExpressionProteinCodingGenesTPMLogp1.csv",
            lambda text: text.replace(" (", "-("),
            "names no genes",
        ),
        ("gcsi", "E-MTAB-2706-query-results.tpms.tsv", lambda text: text.replace("Gene ID", "Id"), "does not begin"),
        ("gdc", "TCGA-KIRC.files.json", lambda text: text.replace('"total": 3', '"total": 4'), "listed 3 of 4"),
        ("gdc", "TCGA-KIRC.files.json", lambda text: text[:-30], "is not JSON"),
        ("gdc", "TCGA-KIRC.files.json", lambda text: '{"data": 1}', "not in the form"),
        (
            "gdc",
            "11111110-dddd-eeee-ffff-111111111110.rna_seq.augmented_star_gene_counts.tsv",
            lambda t: t[:-9],
            "published",
        ),
        ("pdmr", "pdmr_samples.csv", lambda text: text.replace("RSEM(genes)", "files"), "no column 'RSEM(genes)'"),
        ("coderdata", "ccle_samples.csv", lambda text: "", "is empty (0 bytes)"),
    ],
)
def test_a_damaged_file_is_one_line_that_names_it(published, tmp_path, capsys, name, file, change, told):
    folder = published(name)
    (folder / file).write_text(change((folder / file).read_text()))
    words = {"gdc": ["--projects", "TCGA-KIRC"], "coderdata": ["--projects", "ccle"]}.get(name, [])
    assert main([name, "-o", str(tmp_path / "x.h5ad"), "--from", str(folder), *words]) in (3, 5)
    error = capsys.readouterr().err.strip().splitlines()[-1]
    assert told in error and error.startswith("clrna-fetch: error: ")
    assert not (tmp_path / "x.h5ad").exists() and not list(tmp_path.glob(".*"))


def test_star_counts_of_another_gene_model_are_not_mixed(published, tmp_path, capsys):
    folder = published("gdc")
    listing = json.loads((folder / "TCGA-KIRC.files.json").read_text())
    hit = listing["data"]["hits"][0]
    path = folder / hit["file_name"]
    path.write_text(path.read_text().replace("ENSG00000000003.15", "ENSG00000000003.16"))
    hit["md5sum"] = __import__("hashlib").md5(path.read_bytes(), usedforsecurity=False).hexdigest()
    (folder / "TCGA-KIRC.files.json").write_text(json.dumps(listing))
    words = ["--from", str(folder), "--projects", "TCGA-KIRC"]
    assert main(["gdc", "-o", str(tmp_path / "x.h5ad"), *words]) == 3
    assert "other genes" in capsys.readouterr().err
