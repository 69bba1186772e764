"""What the suites compute from the answers of a row: calibration, shares, paired intervals."""

import measures
import numpy as np
import paired
import pandas as pd
import pytest
from tables import markdown

from clrna.metrics.macro_f1 import macro_f1


def samples(**columns):
    """Return answers of one row to one cohort, right and sure unless ``columns`` says otherwise."""
    n = len(next(iter(columns.values())))
    table = {
        "condition": "", "group": "cohort", "cohort": "A", "row": "default", "donor": [f"d{i}" for i in range(n)],
        "truth": "x", "counted": True, "common": True, "unseen": True, "replicate": False, "neighbors": "x",
        "label": "x", "second": "", "confidence": 1.0, "unlike": 0.0, "uncertain": np.nan, "found": np.nan,
        "refused": "",
    }  # fmt: skip
    return pd.DataFrame({name: [value] * n if np.isscalar(value) else value for name, value in table.items()} | columns)


def test_calibration_error_is_the_gap_in_each_bin_weighed_by_its_samples():
    confidence = np.array([0.95, 0.95, 0.95, 0.95, 0.55, 0.55])
    right = np.array([True, True, True, False, True, False])
    # |0.95 - 0.75| * 4/6 + |0.55 - 0.5| * 2/6
    assert measures.calibration_error(confidence, right) == pytest.approx(0.2 * 4 / 6 + 0.05 * 2 / 6)


def test_calibration_error_does_not_let_bins_make_up_for_each_other():
    # On the whole as sure as right, yet wrong where sure and right where not.
    assert measures.calibration_error(np.array([1.0, 0.0]), np.array([False, True])) == pytest.approx(1.0)


def test_edges_stand_in_the_bin_below_and_missing_confidence_counts_nowhere():
    # 0.9 shares its bin with 0.85, not with 0.95: (0.9 + 0.85) - 1 = 0.75, then |0.95 - 1| = 0.05.
    confidence = np.array([0.9, 0.85, 0.95, np.nan])
    right = np.array([True, False, True, False])
    assert measures.calibration_error(confidence, right) == pytest.approx((0.75 + 0.05) / 3)
    assert np.isnan(measures.calibration_error(np.array([np.nan]), np.array([True])))
    assert measures.calibration_error(np.array([0.0, 1.0]), np.array([False, True])) == 0


def test_shares_are_of_the_samples_that_they_speak_of():
    table = samples(
        label=["x", "x", "y", "y", "y", "x"],
        confidence=[0.95, 0.95, 0.95, 0.95, 0.90, 0.99],
        unlike=[1, 0, 0, 1, 0, 0],
        unseen=[True, True, True, True, True, False],
    )
    found = measures.measures(table)
    assert found["n"] == 6 and found["n_label"] == 5
    assert found["knn"] == 1 and found["label"] == pytest.approx(2 / 5)
    assert found["unlike"] == pytest.approx(2 / 5)
    assert found["wrong_sure"] == pytest.approx(1 / 5)  # the flagged one and the one at 0.9 do not count
    assert found["right_flagged"] == pytest.approx(1 / 2)
    assert found["overconfidence"] == pytest.approx(0.94 - 0.4)


def test_uncertain_is_a_flag_where_the_model_has_it():
    found = measures.measures(samples(label=["y", "y"], uncertain=[1.0, 0.0]))
    assert found["wrong_sure"] == pytest.approx(1 / 2) and found["unlike"] == 0


def test_the_second_label_counts_where_the_model_has_one():
    found = measures.measures(samples(label=["x", "y", "y"], second=["y", "x", "z"]))
    assert found["top_two"] == pytest.approx(2 / 3) and found["label"] == pytest.approx(1 / 3)
    assert np.isnan(measures.measures(samples(label=["x", "y"]))["top_two"])


def test_rare_classes_count_in_one_f1_only():
    table = samples(truth=["x", "x", "rare"], neighbors=["x", "x", "x"], common=[True, True, False])
    found = measures.measures(table)
    assert found["knn_f1"] == 1 and found["knn_f1_all"] == pytest.approx((0.8 + 0) / 2)


def test_confidence_is_asked_of_tissues_that_the_reference_has_enough_of_as_well():
    table = samples(truth=["x", "x", "rare"], label=["x"] * 3, confidence=[0.8] * 3, common=[True, True, False])
    found = measures.measures(table)
    assert found["ece"] == pytest.approx(0.8 - 2 / 3) and found["overconfidence"] == pytest.approx(0.8 - 2 / 3)
    assert found["ece_common"] == pytest.approx(0.2) and found["overconfidence_common"] == pytest.approx(-0.2)
    assert np.isnan(measures.measures(samples(truth=["rare"], common=False))["overconfidence_common"])


def test_recall_is_of_replicates_counted_or_not():
    table = samples(replicate=[True, True, False], found=[1, 0, np.nan], counted=[False, False, True])
    found = measures.measures(table)
    assert found["recall"] == pytest.approx(0.5) and found["n_replicates"] == 2


def test_a_summary_weighs_cohorts_alike_and_names_the_worst():
    wrong = samples(label=["y"] * 2, neighbors=["y"] * 2, confidence=[0.5] * 2, cohort=["B"] * 2)
    line = measures.summary(pd.concat([samples(label=["x"] * 8), wrong])).iloc[0]
    assert line["label"] == pytest.approx(0.5) and line["n"] == 10 and line["cohorts"] == 2
    assert line["worst"] == "B" and line["worst_label"] == 0
    assert line["gap"] == pytest.approx((0 + 0.5) / 2)
    assert line["overconfidence"] == pytest.approx(0.9 - 0.8)  # pooled
    # Pooled F1: one class, 8 of 10 found.
    assert line["label_f1"] == pytest.approx(2 * 8 / (10 + 8))


def test_a_cohort_may_lose_two_samples_or_a_twentieth():
    def both(n, lost):
        ours = samples(neighbors=["y"] * lost + ["x"] * (n - lost))
        return measures.by_cohort(pd.concat([ours, samples(neighbors=["x"] * n, row=["alone"] * n)]))

    assert measures.below(both(10, 2), "default", "alone") == []
    assert len(measures.below(both(10, 3), "default", "alone")) == 1
    assert measures.below(both(100, 5), "default", "alone") == []
    assert len(measures.below(both(100, 6), "default", "alone")) == 1


def test_an_equal_gain_in_every_cohort_has_no_width():
    assert paired.over_cohorts([0.5, 0.9, 0.3], [0.4, 0.8, 0.2]) == pytest.approx((0.1, 0.1, 0.1))


def test_the_interval_over_cohorts_is_that_of_the_mean():
    generator = np.random.default_rng(0)
    gain = generator.normal(0.1, 0.2, 50)
    value, low, high = paired.over_cohorts(0.5 + gain, np.full(50, 0.5))
    half = 1.96 * gain.std() / np.sqrt(50)
    assert value == pytest.approx(gain.mean())
    assert (low, high) == pytest.approx((value - half, value + half), abs=0.01)


def test_one_cohort_has_no_interval_and_a_missing_one_does_not_count():
    value, low, high = paired.over_cohorts([0.5, np.nan], [0.4, 0.2])
    assert value == pytest.approx(0.1) and np.isnan(low) and np.isnan(high)


def test_weighted_f1_is_macro_f1_of_the_repeated_samples():
    generator = np.random.default_rng(1)
    truth, predicted = generator.choice(["a", "b", "c"], 40), generator.choice(["a", "b", "d"], 40)
    weights = generator.integers(0, 3, (5, 40)).astype(float)
    weights[4] = truth == "a"  # classes that are not drawn are not averaged in
    repeated = [macro_f1(np.repeat(truth, w), np.repeat(predicted, w)) for w in weights.astype(int)]
    assert paired.weighted_f1(truth, predicted, weights) == pytest.approx(repeated)


def test_samples_of_a_donor_are_drawn_together():
    # One donor has all right by one row: with him drawn once or more the difference is 1, else 0, if whole.
    donors = ["a"] * 5 + ["b"] * 5
    one = samples(replicate=[True] * 10, found=[1.0] * 5 + [0.0] * 5, donor=donors)
    none = samples(replicate=[True] * 10, found=[0.0] * 10, donor=donors)
    value, low, high = paired.over_donors(one, none, "recall")
    assert (value, low, high) == (0.5, 0.0, 1.0)


def test_differences_are_of_accuracy_in_cohorts_and_of_f1_in_panels():
    ours = [samples(label=["x"] * 4, cohort=[name] * 4) for name in "AB"]
    theirs = [samples(label=["y"] * 4, cohort=[name] * 4, row=["lda"] * 4) for name in "AB"]
    table = pd.concat([*ours, *theirs])
    found = paired.differences(table, measures.by_cohort(table), "default").set_index("measure")
    assert found.loc["label accuracy", ["difference", "low", "high"]].tolist() == [1, 1, 1]
    assert found.loc["knn accuracy", "difference"] == 0
    table["group"] = "panel"
    found = paired.differences(table, measures.by_cohort(table), "default").set_index("measure")
    assert found.loc["label F1", ["difference", "low", "high"]].tolist() == [1, 1, 1]
    assert np.isnan(found.loc["recall", "difference"])


def test_a_table_is_printed_with_dashes_for_what_is_missing():
    assert markdown(pd.DataFrame({"a": [0.12345], "b": [np.nan], "c": ["x|y"]})) == (
        "| a | b | c |\n|---|---|---|\n| 0.123 | - | x/y |"
    )
