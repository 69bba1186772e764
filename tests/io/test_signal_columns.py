"""What scanners write beside each sample's signal is no sample."""

import numpy as np
import pytest

from clrna.io.tables import read_expression

GENES = ["TP53", "EGFR", "MYC", "BRCA1", "KRAS", "PTEN"]
SIGNALS = [[110.5, 220.25, 3300.0, 90.0, 1200.0, 510.0], [95.0, 240.5, 2800.0, 101.0, 900.0, 640.0]]
SURE = [[0.0, 0.01, 0.0, 0.31, 0.0, 0.0], [0.02, 0.0, 0.0, 0.0, 0.0, 1.0]]
BEADS = [[20, 21, 19, 30, 25, 22], [18, 24, 23, 29, 20, 21]]


def written(path, names, columns, beside="gene"):
    rows = [[gene, *(str(column[at]) for column in columns)] for at, gene in enumerate(GENES)]
    path.write_text("\n".join("\t".join(row) for row in [[beside, *names], *rows]) + "\n")
    return path


@pytest.mark.parametrize(
    "names",
    [
        ["A.AVG_Signal", "A.Detection Pval", "B.AVG_Signal", "B.Detection Pval"],
        ["A-AVG_Signal", "A-Detection", "B-AVG_Signal", "B-Detection"],
        ["AVG_Signal-A", "Detection-A", "AVG_Signal-B", "Detection-B"],
        ["A", "Detection Pval", "B", "Detection Pval"],
        ["A", "Detection.Pval", "B", "Detection.Pval.1"],
        ["A", "A_DetectionPval", "B", "B_DetectionPval"],
        ["A", "P-value", "B", "P-value"],
    ],
)
def test_p_values_of_detection_are_no_samples(tmp_path, names):
    columns = [SIGNALS[0], SURE[0], SIGNALS[1], SURE[1]]
    adata = read_expression(written(tmp_path / "GSE1_non-normalized.txt", names, columns))
    assert adata.obs_names.tolist() == ["A", "B"]
    np.testing.assert_array_equal(adata.X, np.array(SIGNALS, dtype=np.float32))


def test_nor_are_numbers_of_beads_and_of_probes(tmp_path):
    words = ("AVG_Signal", "BEAD_STDERR", "Avg_NBEADS", "Detection Pval")
    names = ["ProbeID", *(f"{sample}.{word}" for sample in "AB" for word in words)]
    probes = [6450255, 2570615, 6370619, 2600039, 2650615, 5340672]
    columns = [probes, SIGNALS[0], BEADS[0], BEADS[1], SURE[0], SIGNALS[1], BEADS[1], BEADS[0], SURE[1]]
    path = written(tmp_path / "m.txt", names, columns, beside="TargetID")
    top = "Illumina Inc. GenomeStudio version 1.9.0\nNormalization = none\nArray Content = HumanHT-12_V4\n\n"
    path.write_text(top + path.read_text())
    adata = read_expression(path)
    assert adata.obs_names.tolist() == ["A", "B"] and "ProbeID" in adata.var
    np.testing.assert_array_equal(adata.X, np.array(SIGNALS, dtype=np.float32))


def test_samples_that_are_called_so_stay(tmp_path):
    names = ["early detection", "late detection", "A_pvalue", "B"]
    adata = read_expression(written(tmp_path / "m.txt", names, [*SIGNALS, *SIGNALS]))
    assert adata.obs_names.tolist() == names


def test_a_share_called_as_its_sample_is_none_whatever_its_word(tmp_path):
    columns = [SIGNALS[0], SURE[0], SIGNALS[1], SURE[1]]
    path = written(tmp_path / "m.txt", ["A", "A_ABS_CALL_P", "B", "B_ABS_CALL_P"], columns)
    assert read_expression(path).obs_names.tolist() == ["A", "B"]
    path = written(tmp_path / "m.txt", ["A", "A_rep", "B", "B_rep"], [SIGNALS[0], SIGNALS[1], SIGNALS[1], SIGNALS[0]])
    assert read_expression(path).obs_names.tolist() == ["A", "A_rep", "B", "B_rep"]


@pytest.mark.parametrize("word", ["_Signal", ".CEL rma-gene-full-Signal"])
def test_calls_in_letters_and_methods_in_names(tmp_path, word):
    calls = ["P", "A", "M", "P", "P", "A"]
    names = [f"A{word}", "A_Detection", f"B{word}", "B_Detection"]
    adata = read_expression(written(tmp_path / "mas5.txt", names, [SIGNALS[0], calls, SIGNALS[1], calls]))
    assert adata.obs_names.tolist() == (["A", "B"] if word == "_Signal" else ["A.CEL", "B.CEL"])
    np.testing.assert_array_equal(adata.X, np.array(SIGNALS, dtype=np.float32))
