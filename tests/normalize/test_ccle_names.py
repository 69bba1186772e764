"""Names of CCLE tell cell lines, and names that only look so do not."""

import pandas as pd
import pytest

from clrna.ccle_names import are_ccle_names, without_site
from tests.normalize.conftest import counts_of


@pytest.mark.parametrize(
    ("names", "right"),
    [
        (["A549_LUNG", "HL60_HAEMATOPOIETIC_AND_LYMPHOID_TISSUE", "MCF7_BREAST"], True),
        (["NCIH1299_LUNG", "A549_LUNG", "CALU1_LUNG"], True),
        (["CCLE.U87MG_CENTRAL_NERVOUS_SYSTEM", "CCLE.A172_CENTRAL_NERVOUS_SYSTEM"], True),
        (["T24_URINARY_TRACT", "KU1919_URINARY_TRACT"], True),
        (["P1_LUNG", "P2_LUNG", "P3_BREAST"], False),
        (["T01_LUNG", "T02_LIVER"], False),
        (["GTEX-1117F_LUNG", "GTEX-111CU_LUNG"], False),
        (["P1_SOFT_TISSUE", "P2_SOFT_TISSUE"], False),
        (["Patient3_SOFT_TISSUE", "Patient4_SOFT_TISSUE"], False),
        (["A549_LUNG", "HT29_LARGE_INTESTINE", "TCGA-A1-A0SB-01A", "TCGA-A1-A0SD-01A"], False),
    ],
)
def test_all_of_a_study_or_none(names, right):
    assert are_ccle_names(names).tolist() == [right] * len(names)


def test_a_site_is_no_part_of_the_name():
    assert [without_site(name) for name in ("HT29_LARGE_INTESTINE", "HEP3B217_LIVER", "A_B")] == [
        "HT29",
        "HEP3B217",
        "A_B",
    ]


def test_donors_are_those_of_other_studies(normalize, tmp_path):
    ccle = ["NCIH1299_LUNG", "A549_LUNG", "HT29_LARGE_INTESTINE"]
    counts_of(ccle).to_csv(tmp_path / "CCLE.tsv", sep="\t")
    counts_of(["NCI-H1299", "A549", "HT-29"]).to_csv(tmp_path / "mine.tsv", sep="\t")
    (tmp_path / "mine_metadata.tsv").write_text(
        "sample\tsample_category\n" + "".join(f"{name}\tcell line\n" for name in ("NCI-H1299", "A549", "HT-29"))
    )
    words = ("--metadata", f"mine={tmp_path / 'mine_metadata.tsv'}", "--min-class-size", 1)
    run = normalize(tmp_path / "CCLE.tsv", tmp_path / "mine.tsv", *words)
    donors = run.adata.obs.groupby("study", observed=True)["donor"].agg(lambda donor: sorted(map(str, donor)))
    assert donors["CCLE"] == donors["mine"] == ["A549", "HT29", "NCIH1299"]
    assert set(run.adata.obs["sample_category"]) == {"cell_line"} and "names as CCLE's ('NCIH1299_LUNG')" in run.log
    said = normalize(tmp_path / "CCLE.tsv", "--category", "tumor", "--min-class-size", 1)
    assert set(pd.unique(said.adata.obs["sample_category"])) == {"tumor"}
