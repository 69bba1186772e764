"""MoDaC's pair of tables."""

from clrna.constants import SAMPLE_CATEGORY, STUDY, TISSUE, TUMOR_TYPE
from clrna.io.matrix import modac
from clrna.io.metadata.sample_metadata import read_sample_metadata


def test_the_two_files_are_told_apart(test_data):
    folder = test_data / "simulated"
    assert modac.is_metadata(folder / "combined_cl_metadata")
    assert not modac.is_metadata(folder / "combined_rnaseq_data")
    assert not modac.is_metadata(folder / "metadata.tsv")
    assert not modac.is_metadata(folder / "merged.h5ad")


def test_labels_and_studies(tmp_path):
    path = tmp_path / "combined_cl_metadata"
    path.write_text(
        "sample_name\tdataset\tsample_category\tsample_descr\ttumor_site_from_data_src\ttumor_type_from_data_src\t"
        "simplified_tumor_site\tsimplified_tumor_type\n"
        "CCLE.A.1\tccle\tcell_line\tx\tLUNG\tAdeno\tlung\tluad\n"
        "GDC.B\tgdc\ttumor\tx\tBreast\tIDC\t\t\n"
    )
    frame = modac.label_columns(read_sample_metadata(path, modac.SAMPLE_NAME))
    assert frame[STUDY].tolist() == ["CCLE", "GDC"]
    assert frame[TISSUE].tolist() == ["lung", "Breast"]
    assert frame[TUMOR_TYPE].tolist() == ["luad", "IDC"]
    assert frame[SAMPLE_CATEGORY].tolist() == ["cell_line", "tumor"]
