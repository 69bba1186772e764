"""A cell line is one donor in all studies, whatever numbers their sources give its patient."""

import pytest

ALL = ("--min-class-size", 1)


def donors(result) -> dict[str, str]:
    return dict(zip(result.adata.obs.index, result.adata.obs["donor"], strict=True))


@pytest.mark.parametrize(
    ("patient", "name", "number"),
    [
        ("PatientID", "CellLineName", "PT-{}0KxQ"),
        ("patient_id", "model_name", "SIDP0000{}"),
        ("donor_id", "cell_line", "{}"),
    ],
)
def test_the_name_comes_before_the_patients_number(normalize, write_counts, tmp_path, patient, name, number):
    depmap = write_counts("DepMap.tsv", ["ACH-000001", "ACH-000002", "ACH-000003"])
    lab = write_counts("LAB.tsv", ["A549", "PC-3", "H929"], 1)
    of_depmap, of_lab = tmp_path / "Model.csv", tmp_path / "lab.csv"
    rows = [("ACH-000001", "A549"), ("ACH-000002", "PC-3"), ("ACH-000003", "NCI-H929")]
    of_depmap.write_text(
        f"ModelID,{patient},{name},tissue,sample_type\n"
        + "".join(f"{row},{number.format(at)},{line},Lung,Cell Line\n" for at, (row, line) in enumerate(rows))
    )
    of_lab.write_text(
        "sample,tissue,category\n" + "".join(f"{line},Lung,cell line\n" for line in ("A549", "PC-3", "H929"))
    )
    found = donors(normalize(depmap, lab, "--metadata", of_depmap, "--metadata", of_lab, *ALL))
    assert list(found.values()) == ["A549", "PC3", "NCIH929"] * 2


def test_without_a_category_the_name_of_a_line_says_it(normalize, write_counts, tmp_path):
    table = tmp_path / "m.csv"
    table.write_text("id,patient,cell_line\nx1,PT-aaaaaa,MCF-7\nx2,PT-bbbbbb,\n")
    found = donors(normalize(write_counts("A.tsv", ["x1", "x2"]), "--metadata", table))
    assert found == {"x1": "MCF7", "x2": "A:PT-bbbbbb"}


def test_a_tumour_is_its_patients(normalize, write_counts, tmp_path):
    table = tmp_path / "m.csv"
    table.write_text("id,patient,cell_line,category\nx1,P1,MCF-7,tumor\nx2,P1,,tumor\n")
    found = donors(normalize(write_counts("A.tsv", ["x1", "x2"]), "--metadata", table))
    assert found == {"x1": "A:P1", "x2": "A:P1"}


def test_lines_of_one_patient_and_patients_of_one_line(normalize, write_counts, tmp_path):
    table = tmp_path / "m.csv"
    table.write_text(
        "id,patient,cell_line,category\nx1,PT-1,KELLYX,cell line\nx2,PT-1,KELLYX sub 9,cell line\n"
        "x3,PT-2,MCF7,cell line\nx4,PT-3,MCF-7,cell line\n"
    )
    result = normalize(write_counts("A.tsv", ["x1", "x2", "x3", "x4"]), "--metadata", table)
    assert donors(result) == {"x1": "KELLYX", "x2": "KELLYX", "x3": "MCF7", "x4": "MCF7"}
    assert "lines of one patient are one donor: KELLYX = KELLYXSUB9 (PT-1)" in result.log
    assert "1 cell line has several patients; the name counts: MCF7 (PT-2, PT-3)" in result.log


def test_a_named_column_is_taken(normalize, write_counts, tmp_path):
    table = tmp_path / "m.csv"
    table.write_text("id,patient,cell_line,category\nx1,P1,MCF-7,cell line\nx2,P2,MCF-7,cell line\n")
    result = normalize(write_counts("A.tsv", ["x1", "x2"]), "--metadata", table, "--donor-key", "patient")
    assert len(set(donors(result).values())) == 2
