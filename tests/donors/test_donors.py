"""Which donor a sample comes from, on names as the sources write them."""

import anndata
import numpy as np
import pytest

from clrna.donors import CELL_LINES, cell_line_donor, donors_of
from clrna.labels import harmonize_category
from clrna.packaged import packaged_table

# name, study, category, what the donor column says -> donor, resolved
SAMPLES = [
    ("CCLE.HEP3B217", "CCLE", "cell_line", "", "HEP3B217", True),
    ("HEP3B217_LIVER", "CCLE", "cell_line", "", "HEP3B217", True),
    ("Hep 3B2.1-7", "GDSC", "cell_line", "", "HEP3B217", True),
    ("NCI60.MDA_MB_231", "NCI60", "cell_line", "", "MDAMB231", True),
    ("nci60.MDA-MB-231/ATCC", "NCI60", "cell_line", "", "MDAMB231", True),
    ("MCF-7 (ATCC)", "lab", "cell_line", "", "MCF7", True),
    ("NCI-H929 [DSMZ: ACC 163]", "lab", "cell_line", "", "NCIH929", True),
    ("x1", "lab", "cell_line", "HepG2 (ATCC HB-8065)", "HEPG2", True),
    ("MCF-7 (clone 5)", "lab", "cell_line", "", "MCF7CLONE5", True),
    ("BR:MDA-MB-231", "CellMiner", "cell_line", "", "MDAMB231", True),
    ("GDSC.NCI-H1299", "GDSC", "cell_line", "", "NCIH1299", True),
    ("H1299", "lab", "cell_line", "", "NCIH1299", True),
    ("H460", "lab", "cell_line", "", "NCIH460", True),
    ("H929", "lab", "cell_line", "", "NCIH929", True),
    ("NCI-H929", "GDSC", "cell_line", "", "NCIH929", True),
    ("H295R", "lab", "cell_line", "", "NCIH295R", True),
    ("NCI-H295R", "CCLE", "cell_line", "", "NCIH295R", True),
    ("H357", "lab", "cell_line", "", "H357", True),
    ("HEL 92.1.7", "lab", "cell_line", "", "HEL", True),
    ("A549", "DepMap", "cell_line", "PT-a0KxQ1", "A549", True),
    ("ACH-000001", "DepMap", "cell_line", "PT-a0KxQ1", "PT-A0KXQ1", True),
    ("MCF7", "Sanger", "cell_line", "SIDP00123", "MCF7", True),
    ("H4", "lab", "cell_line", "", "H4", True),
    ("NIHOVCAR3_OVARY", "CCLE", "cell_line", "", "OVCAR3", True),
    ("NCI60.786_0", "NCI60", "cell_line", "", "786O", True),
    ("786O_KIDNEY", "CCLE", "cell_line", "", "786O", True),
    ("CCLE.697", "CCLE", "cell_line", "", "697", True),
    ("5637_URINARY_TRACT", "CCLE", "cell_line", "", "5637", True),
    ("X22RV1_PROSTATE", "CCLE", "cell_line", "", "22RV1", True),
    ("MCF7_rep2", "lab", "cell_line", "", "MCF7", True),
    ("NCI_ADR_RES", "NCI60", "cell_line", "", "OVCAR8", True),
    # lines that only punctuation or tissue tell apart
    ("TT_OESOPHAGUS", "CCLE", "cell_line", "", "T.T", True),
    ("TT_THYROID", "CCLE", "cell_line", "", "TT", True),
    ("T-T", "GDSC", "cell_line", "", "T.T", True),
    ("T.T", "RIKEN", "cell_line", "", "T.T", True),
    ("TT", "GDSC", "cell_line", "", "TT", True),
    ("KM-H2", "GDSC", "cell_line", "", "KM-H2", True),
    ("KMH-2", "GDSC", "cell_line", "", "KMH-2", True),
    ("KMH2_THYROID", "CCLE", "cell_line", "", "KMH-2", True),
    ("KMH2", "lab", "cell_line", "", "lab:KMH2", False),
    # patients
    ("TCGA-A3-3306-01A-01R-0864-07", "TCGA_agilent6", "tumor", "", "TCGA-A3-3306", True),
    ("TCGA.A3.3306.11A", "other", "normal", "", "TCGA-A3-3306", True),
    ("GDC.TCGA-A3-3306-01A", "GDC", "tumor", "", "TCGA-A3-3306", True),
    ("x", "TCGA", "tumor", "tcga-a3-3306", "TCGA-A3-3306", True),
    ("GTEX-1117F-0226-SM-5GZZ7", "GTEx", "normal", "", "GTEX-1117F", True),
    ("TARGET-30-PAISNS-01A-01R", "TARGET", "tumor", "", "TARGET-30-PAISNS", True),
    ("C3L-00001-01", "CPTAC", "tumor", "", "C3L-00001", True),
    ("NCIPDM.114348~004-R~AF2V13", "NCIPDM", "xenograft", "", "PDMR-114348", True),
    ("114348~004R~V1-organoid", "MoDaC", "organoid", "", "PDMR-114348", True),
    # a patient of one study is not the patient of another
    ("s1", "A", "tumor", "patient 1", "A:patient 1", True),
    ("s1", "B", "tumor", "patient 1", "B:patient 1", True),
    ("s2", "B", "normal", 1, "B:1", True),
    ("s1", "A", "", "patient 1", "A:patient 1", True),
    # a column says which line, in two spellings
    ("GSM1", "A", "cell_line", "MDA-MB-231", "MDAMB231", True),
    ("GSM2", "B", "cell_line", "MDAMB231", "MDAMB231", True),
    ("GSM3", "B", "cell_line", "7", "B:7", True),
    # names that tell nothing
    ("GSM1234567", "GSE1", "cell_line", "", "GSE1:GSM1234567", False),
    ("SRR1234567", "GSE1", "tumor", None, "GSE1:SRR1234567", False),
    ("CCL_61038", "MoDaC", "cell_line", np.nan, "MoDaC:CCL_61038", False),
    ("0f1d2e3c-aaaa-bbbb-cccc-0123456789ab", "GDC", "cell_line", "", "GDC:0f1d2e3c-aaaa-bbbb-cccc-0123456789ab", False),
    ("Sample_12", "lab", "cell_line", "", "lab:Sample_12", False),
    ("12", "lab", "cell_line", "unknown", "lab:12", False),
    ("tumor 7", "lab", "tumor", "", "lab:tumor 7", False),
]  # fmt: skip


def _columns(rows):
    return [list(column) for column in zip(*rows, strict=True)]


@pytest.mark.parametrize("row", SAMPLES, ids=lambda row: f"{row[1]}-{row[0]}")
def test_donor_of_one_sample(row):
    name, study, category, told, donor, resolved = row
    found = donors_of([name], [study], [category], [told])
    assert (found.donor[0], bool(found.resolved[0])) == (donor, resolved)


def test_normalizing_again_changes_nothing():
    names, studies, categories, told, donors, resolved = _columns(SAMPLES)
    once = donors_of(names, studies, categories, told)
    again = donors_of(names, studies, categories, once.donor)
    assert list(once.donor) == list(again.donor) == donors
    assert list(once.resolved) == list(again.resolved) == resolved


def test_one_by_one_and_all_at_once_agree():
    names, studies, categories, told, donors, _ = _columns(SAMPLES)
    parts = [
        donors_of([name], [study], [category], [said]).donor[0]
        for name, study, category, said in zip(names, studies, categories, told, strict=True)
    ]
    assert parts == donors


def test_without_a_column_and_without_samples():
    assert list(donors_of(["A549"], ["x"], ["cell_line"]).donor) == ["A549"]
    assert donors_of([], [], []).donor.shape == (0,)


def test_a_donor_column_of_another_length_is_refused():
    with pytest.raises(ValueError, match="zip"):
        donors_of(["a", "b"], ["x", "x"], ["", ""], ["d"])


def test_table_of_cell_lines_has_no_name_twice_and_donors_that_stay():
    table = packaged_table(CELL_LINES)
    assert not table["name"].duplicated().any()
    assert (table["name"] == table["name"].str.upper()).all()
    assert (table["why"] != "").all()
    for name, donor in zip(table["name"], table["donor"], strict=True):
        assert cell_line_donor(name) == donor
        assert cell_line_donor(donor) == donor


@pytest.mark.real
@pytest.mark.parametrize("study", ["ccle_rnaseq_391", "nci60_agilent", "tcga_agilent6"])
def test_real_names_tell_the_donor_that_the_column_says(real_data, study):
    obs = anndata.read_h5ad(real_data / "native" / f"{study}.h5ad", backed="r").obs
    category = harmonize_category(obs["source"])
    by_name = donors_of(obs.index, obs["study"], category)
    by_column = donors_of(obs.index, obs["study"], category, obs["donor"])
    assert by_name.resolved.all()
    assert list(by_name.donor) == list(by_column.donor)
    assert list(donors_of(obs.index, obs["study"], category, by_column.donor).donor) == list(by_column.donor)


@pytest.mark.real
def test_real_cell_lines_of_two_studies_meet(real_data):
    told, donors = [], []
    for study in ("ccle_rnaseq_391", "nci60_agilent"):
        obs = anndata.read_h5ad(real_data / "native" / f"{study}.h5ad", backed="r").obs
        told.append(set(obs["donor"]))
        donors.append(set(donors_of(obs.index, obs["study"], ["cell_line"] * len(obs)).donor))
    assert len(told[0] & told[1]) == 23
    assert len(donors[0] & donors[1]) == 26, "OVCAR-3, MDA-MB-435 and NCI-H322 have two names"


def test_numbers_that_pandas_wrote_with_a_point():
    told = ["7.0", "12.0", None, "P3"]
    assert list(donors_of(list("abcd"), ["S"] * 4, ["tumor"] * 4, told).donor) == ["S:7", "S:12", "S:c", "S:P3"]
    told = ["7.0", "7.1", "7", "P3"]
    assert list(donors_of(list("abcd"), ["S"] * 4, ["tumor"] * 4, told).donor) == [f"S:{one}" for one in told]
