import numpy as np
import pandas as pd
import pytest

from clrna.baselines.covariates import numeric_columns
from clrna.baselines.design import examine
from clrna.errors import InputError

ALL = ["pca", "combat", "harmony", "standardized"]


def look(studies, labels=None, covariates=None, methods=ALL):
    studies = np.array(studies, dtype=object)
    return examine(
        studies,
        np.array(labels if labels is not None else [""] * len(studies), dtype=object),
        pd.DataFrame(covariates or {}, index=range(len(studies))),
        methods,
        study_key="study",
        label_key="tissue",
    )


def test_the_table_counts_and_names_what_one_study_alone_has():
    design = look(list("AABB"), ["lung", "skin", "lung", ""])
    assert design.faults == []
    assert design.table.set_index("level")["n_A"].to_dict() == {"(none)": 0, "lung": 1, "skin": 1}
    assert design.table.set_index("level")["note"].to_dict() == {"(none)": "", "lung": "", "skin": "only in A"}
    assert design.warnings == ["1 of 2 values of tissue are found in one study only: skin (only in A)"]


def test_labels_confounded_altogether_are_a_warning_not_a_fault():
    design = look(list("AABB"), ["lung", "lung", "skin", "skin"])
    assert design.faults == []
    assert "tissue is confounded with the study" in design.warnings[0]


def test_every_fault_comes_at_once():
    design = look(
        ["A", "A", "A", "B", "B", "C", ""],
        covariates={"sex": ["f", "m", "", "f", "m", "f", "m"]},
    )
    text = "; ".join(design.faults)
    assert "obs['study'] is missing for 1 sample" in text
    assert "studies of one sample (C)" in text
    assert "covariate 'sex' is missing for 1 sample" in text
    with pytest.raises(InputError, match=r"missing for 1 sample.*one sample.*sex"):
        design.refuse("x.h5ad")


@pytest.mark.parametrize(("methods", "fine"), [(["pca"], True), (["pca", "harmony"], False), (["combat"], False)])
def test_one_study(methods, fine):
    assert (look(list("AAA"), methods=methods).faults == []) is fine


@pytest.mark.parametrize(("methods", "fine"), [(["pca", "harmony"], True), (["standardized"], False)])
def test_a_study_of_one_sample(methods, fine):
    assert (look(list("AAB"), methods=methods).faults == []) is fine


def test_a_confounded_covariate_is_named_with_the_studies_that_share_nothing():
    design = look(list("AABBCC"), covariates={"platform": ["x", "y", "y", "x", "z", "z"], "sex": list("fmfmfm")})
    assert len(design.faults) == 1
    assert "'platform' is confounded with study" in design.faults[0]
    assert "A+B has x, y; C has z" in design.faults[0]


def test_a_number_that_is_constant_within_studies():
    design = look(list("AABB"), covariates={"depth": [1.0, 1.0, 2.0, 2.0]})
    assert "'depth' is confounded with study: within every study it is constant" in design.faults[0]


def test_covariates_confounded_only_together():
    design = look(list("AABB") * 2, covariates={"a": list("xyxy") * 2, "b": list("uvuv") * 2})
    assert "covariates 'a', 'b' together" in design.faults[0]


def test_more_parameters_than_samples():
    design = look(list("AABB"), covariates={"age": [1.0, 5.0, 2.0, 3.0], "size": [3.0, 1.0, 1.0, 9.0]})
    assert "4 samples cannot tell 2 studies and 2 levels" in design.faults[0]


def test_a_covariate_of_one_level_does_no_harm():
    assert look(list("AABB"), covariates={"kind": ["x"] * 4}).faults == []


def test_numeric_columns_leave_out_one_level():
    frame = numeric_columns(pd.DataFrame({"kind": ["b", "a", "c"], "age": [1, 2, 3]}))
    assert frame.columns.tolist() == ["kind_b", "kind_c", "age"]
    assert frame["kind_b"].tolist() == [1.0, 0.0, 0.0]
